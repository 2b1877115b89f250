import type { Report, ReportComponent } from '../../src/model/report.ts';
import type { Language } from '../../src/model/text.ts';
import { blindSpot, cause, component, finding, report, type Say, saying } from './builders.ts';

/** The control cluster of the examples: enough of every namespace to see how a report is laid out. */
function cluster(changed: Readonly<Record<string, Partial<ReportComponent>>> = {}, shallow = true): readonly ReportComponent[] {
  const names: Readonly<Record<string, readonly string[]>> = {
    'kube-system': [
      'kube-apiserver',
      'kube-scheduler',
      'kube-controller-manager',
      'etcd',
      'coredns',
      'ingress-nginx',
      'keepalived-master',
      'heapster',
      'kibana',
    ],
    'skiff-apigw': ['apigw-portal'],
    'skiff-gtxs': ['etcd-gtxs', 'gtxs-server', 'skiff-gtxs-agent'],
    'skiff-logseer': ['logagent-download', 'logseer'],
    'skiff-ncs': ['harbor-core', 'harbor-jobservice', 'harbor-registry', 'ncs', 'ncs-manager', 'ncs-webconsole', 'stolon-keeper', 'stolon-proxy'],
    'skiff-platform': ['etcd-mysql', 'front', 'audit', 'platform-redis', 'platform-user-auth', 'prometheus'],
    'skiff-apm': ['apm-collector', 'apm-redis', 'apm-webserver', 'prometheus'],
    node: ['node1', 'node2', 'node3'],
  };
  const deep = ['kube-apiserver', 'coredns', 'etcd', 'node1', 'node2', 'node3'];
  return Object.entries(names).flatMap(([namespace, ids]) =>
    ids.map((name) => {
      const id = `${namespace}/${name}`;
      const absent = name === 'heapster' || name === 'kibana';
      return component(id, {
        shallow: shallow && !absent && !deep.includes(name),
        ...(absent ? { state: 'absent' as const, optional: true } : {}),
        ...changed[id],
      });
    }),
  );
}

function noDeeperCheck(components: readonly ReportComponent[], say: Say): Report['notLookedAt'] {
  const message = say('仅检查了它的 Kubernetes 对象，没有询问组件自身。', 'Looked at by its Kubernetes objects alone; what it answers itself was not asked.');
  return components.filter((each) => each.shallow).map((each) => blindSpot({ component: each.id, reason: 'NoDeeperCheck', message }));
}

function healthy(language: Language): Report {
  const say = saying(language);
  const components = cluster();
  return report({
    language,
    components,
    notLookedAt: noDeeperCheck(components, say),
    findings: [
      ...components.map((each) => finding('presence/installed', each.id, { status: each.state === 'absent' ? 'skip' : 'pass' })),
      finding('workload/spread', 'skiff-ncs/ncs', {
        status: 'info',
        subject: { kind: 'Deployment', namespace: 'skiff-ncs', name: 'ncs' },
        message: say('Deployment ncs 的 2 个副本都在节点 node3 上。', 'All 2 replicas of Deployment ncs are on node node3.'),
      }),
    ],
  });
}

const MYSQL = 'skiff-platform/etcd-mysql';

/** A database is down: what needs it is down because of it, something else is merely wrong, and some things were not looked at. */
function oneRootCause(language: Language): Report {
  const say = saying(language);
  const down = ['skiff-platform/platform-user-auth', 'skiff-ncs/ncs', 'skiff-ncs/ncs-webconsole', 'skiff-platform/audit', 'skiff-apigw/apigw-portal'];
  const components = cluster({
    [MYSQL]: { state: 'down', core: true, owner: 'middleware', technologies: ['workload', 'service', 'mysql'], shallow: false },
    ...Object.fromEntries(
      down.map((id) => [id, { state: 'unreachable' as const, cause: MYSQL, dependsOn: [{ component: MYSQL, confidence: 'observed' as const }] }]),
    ),
    'skiff-platform/front': {
      state: 'unreachable',
      cause: 'skiff-platform/platform-user-auth',
      dependsOn: [{ component: 'skiff-platform/platform-user-auth', confidence: 'inferred' }],
    },
    'skiff-ncs/harbor-jobservice': { state: 'degraded' },
    'skiff-ncs/ncs-manager': { state: 'unknown' },
  });
  const message = say(
    '主库 etcd-mysql-0（node2）能建立 TCP 连接，但两次都在 3 秒内没有返回 MySQL 握手；从库在 03:04:11 断开复制。',
    'The primary etcd-mysql-0 (node2) accepts TCP but sent no MySQL greeting within 3 s, twice; its replica lost the connection at 03:04:11.',
  );
  const symptoms = [...down, 'skiff-platform/front'].map((id) =>
    finding('workload/available', id, {
      message: say(`Deployment ${id.split('/')[1]}：0/2 个副本可用。`, `Deployment ${id.split('/')[1]}: 0 of 2 replicas are available.`),
      symptomOf: MYSQL,
      observed: { available: 0, desired: 2 },
      expected: { available: 2 },
    }),
  );
  const findings = [
    finding('mysql/greets', MYSQL, {
      message,
      since: '2026-11-20T19:04:11Z',
      owner: 'middleware',
      observed: { greeting: null, waitedMs: [3000, 3000] },
      expected: { greeting: 'MySQL 5.7 or later' },
      remediation: {
        summary: say('MySQL 不返回握手', 'MySQL sends no greeting'),
        steps: [say('看日志', 'Read the log'), say('看磁盘', 'Look at the disk'), say('重启主库', 'Restart the primary')],
        risk: say('重启会断开所有连接。', 'A restart ends every connection.'),
        sources: ['https://dev.mysql.com/doc/'],
      },
    }),
    finding('mysql/replicates', MYSQL, { message: say('从库没有在复制。', 'The replica does not replicate.'), status: 'warn', owner: 'middleware' }),
    ...symptoms,
    finding('harbor/job-pool-alive', 'skiff-ncs/harbor-jobservice', {
      status: 'warn',
      message: say('已有 4 分钟没有任何工作池上报心跳。', 'No worker pool has sent a heartbeat for 4 min.'),
    }),
    finding('ingress-nginx/certificate-horizon', 'kube-system/ingress-nginx', {
      status: 'warn',
      message: say('*.ctl.example 的证书还有 5 天到期。', 'The certificate of *.ctl.example ends in 5 days.'),
    }),
  ];
  return report({
    language,
    grade: 'F',
    status: 'fail',
    exitCode: 2,
    blocker: { component: MYSQL, rule: 'mysql/greets', message },
    components,
    findings,
    rootCauses: [
      cause(MYSQL, 'mysql/greets', {
        core: true,
        owner: 'middleware',
        message,
        since: '2026-11-20T19:04:11Z',
        explains: findings.slice(0, 8).map((each) => each.id),
        affects: [
          ...down.map((id) => ({ component: id, confidence: 'observed' as const })),
          { component: 'skiff-platform/front', confidence: 'inferred' as const },
        ],
        confidence: 'low',
        nextStep: 'kubectl -n skiff-platform logs etcd-mysql-0 -c mysql --tail=50',
      }),
      cause('skiff-ncs/harbor-jobservice', 'harbor/job-pool-alive', { status: 'warn', state: 'degraded', message: findings[8]?.message ?? '' }),
      cause('kube-system/ingress-nginx', 'ingress-nginx/certificate-horizon', { status: 'warn', state: 'healthy', message: findings[9]?.message ?? '' }),
    ],
    notLookedAt: [
      blindSpot({
        component: 'kube-system/etcd',
        rule: 'etcd/majority-healthy, etcd/one-leader',
        reason: 'TlsError',
        message: say('仅由 API Server 得知其健康：客户端端口要求证书。', 'Its health is known by the API server only: the client port asks for a certificate.'),
      }),
      blindSpot({
        component: 'skiff-platform/platform-redis',
        rule: 'redis/replicates',
        reason: 'Unauthorized',
        message: say('Redis 要求密码。', 'Redis asks for a password.'),
        needs: 'credentials.platform-redis in skiffctl.yaml',
      }),
      blindSpot({
        component: 'skiff-ncs/ncs-manager',
        rule: 'http/answers',
        message: 'Cannot create pods/portforward in skiff-ncs: 403',
        needs: 'create pods/portforward in skiff-ncs',
      }),
      ...noDeeperCheck(components, say),
    ],
  });
}

/** Two components are broken and neither has anything to do with the other. */
function twoCauses(language: Language): Report {
  const say = saying(language);
  const redis = say(
    'StatefulSet apm-redis：0/3 个副本可用；apm-redis-0 的容器 redis 反复崩溃（退出码 1：Bad file format reading the append only file）。',
    'StatefulSet apm-redis: 0 of 3 replicas are available; container redis of apm-redis-0 keeps crashing (exit code 1: Bad file format reading the append only file).',
  );
  const node = say('节点 node3 未就绪已 12 分钟：kubelet 停止上报。', 'Node node3 has not been ready for 12 min: its kubelet stopped reporting.');
  const components = cluster({
    'skiff-apm/apm-redis': { state: 'down', owner: 'middleware' },
    'skiff-apm/apm-collector': {
      state: 'unreachable',
      cause: 'skiff-apm/apm-redis',
      dependsOn: [{ component: 'skiff-apm/apm-redis', confidence: 'documented' }],
    },
    'node/node3': { state: 'down', owner: 'infrastructure' },
    'skiff-gtxs/gtxs-server': { state: 'degraded', cause: 'node/node3' },
    'skiff-logseer/logseer': { state: 'unreachable', cause: 'node/node3' },
  });
  const steps = { summary: '', steps: ['1', '2', '3', '4'], risk: '', sources: [] };
  const findings = [
    finding('node/ready', 'node/node3', { message: node, owner: 'infrastructure', since: '2026-11-20T19:00:40Z', remediation: steps }),
    finding('workload/replicas', 'skiff-gtxs/gtxs-server', {
      status: 'warn',
      message: say('1/2 个副本可用', '1 of 2 replicas are available'),
      symptomOf: 'node/node3',
    }),
    finding('workload/available', 'skiff-logseer/logseer', { message: say('0/1 个副本可用', '0 of 1 replicas are available'), symptomOf: 'node/node3' }),
    finding('workload/available', 'skiff-apm/apm-redis', { message: redis, owner: 'middleware', remediation: steps }),
    finding('workload/crash-loop', 'skiff-apm/apm-redis', { status: 'warn', message: say('容器 redis 反复崩溃', 'Container redis is in a crash loop') }),
    finding('workload/available', 'skiff-apm/apm-collector', {
      message: say('0/1 个副本可用', '0 of 1 replicas are available'),
      symptomOf: 'skiff-apm/apm-redis',
    }),
  ];
  const id = (at: number): string => findings[at]?.id ?? '';
  return report({
    language,
    grade: 'D',
    status: 'fail',
    exitCode: 2,
    blocker: { component: 'node/node3', rule: 'node/ready', message: node },
    components,
    findings,
    rootCauses: [
      cause('node/node3', 'node/ready', {
        owner: 'infrastructure',
        message: node,
        since: '2026-11-20T19:00:40Z',
        explains: [id(0), id(1), id(2)],
        affects: [
          { component: 'skiff-gtxs/gtxs-server', confidence: 'evidence' },
          { component: 'skiff-logseer/logseer', confidence: 'evidence' },
        ],
        nextStep: 'kubectl describe node node3',
      }),
      cause('skiff-apm/apm-redis', 'workload/available', {
        owner: 'middleware',
        message: redis,
        explains: [id(3), id(4), id(5)],
        affects: [{ component: 'skiff-apm/apm-collector', confidence: 'documented' }],
        confidence: 'medium',
        nextStep: 'kubectl -n skiff-apm logs apm-redis-0 -c redis --previous --tail=50',
      }),
    ],
    notLookedAt: noDeeperCheck(components, say),
  });
}

/** Nothing is wrong, but the account may not look: one right is missing in two namespaces, another one everywhere. */
function missingRights(language: Language): Report {
  const say = saying(language);
  const hidden = ['skiff-ncs', 'skiff-apm'];
  const components = cluster(
    Object.fromEntries(
      cluster()
        .filter((each) => hidden.includes(each.namespace))
        .map((each) => [each.id, { state: 'unknown' as const, shallow: false }]),
    ),
  );
  const unseen = components.filter((each) => each.state === 'unknown');
  return report({
    language,
    grade: 'B',
    status: 'unknown',
    exitCode: 3,
    blocker: { component: 'skiff-ncs/harbor-core', rule: 'presence/installed', message: say('没有读取 Pod 的权限', 'Pods may not be read') },
    components,
    findings: unseen.map((each) => finding('presence/installed', each.id, { status: 'unknown', reason: 'Forbidden', needs: `list pods in ${each.namespace}` })),
    notLookedAt: [
      ...unseen.map((each) =>
        blindSpot({
          component: each.id,
          rule: 'presence/installed, workload/available',
          message: say(
            `未能检查：Cannot list pods in ${each.namespace}: 403（需要权限：list pods in ${each.namespace}）`,
            `Could not look: Cannot list pods in ${each.namespace}: 403 (needs: list pods in ${each.namespace})`,
          ),
          needs: `list pods in ${each.namespace}`,
        }),
      ),
      blindSpot({ component: 'kube-system/coredns', rule: 'dns/answers', message: '403', needs: 'create pods/portforward in kube-system' }),
      ...['node1', 'node2', 'node3'].map((name) =>
        blindSpot({
          component: `node/${name}`,
          rule: 'kubelet/healthy',
          reason: 'Timeout',
          message: say(`访问 ${name}:10250 超时（5 秒）`, `${name}:10250 did not answer within 5 s`),
        }),
      ),
      ...noDeeperCheck(components, say),
    ],
  });
}

const API_SERVER = 'kube-system/kube-apiserver';

function unreachable(language: Language): Report {
  const say = saying(language);
  const components = cluster({}, false).map((each) => ({ ...each, state: each.id === API_SERVER ? ('down' as const) : ('unknown' as const) }));
  const message = say(
    'https://10.20.0.10:6443 拒绝连接：主机有响应，但该端口上没有进程在监听。https://10.20.0.11:6443: 超时。',
    'https://10.20.0.10:6443 refuses connections: the host answers, but nothing listens on the port. https://10.20.0.11:6443: timed out.',
  );
  const behind = components.filter((each) => each.id !== API_SERVER);
  return report({
    language,
    cluster: { name: 'ctl-prod', server: 'https://10.20.0.10:6443' },
    durationMs: 5120,
    cost: { apiRequests: 2, apiBytes: 0, lists: 0, peakQps: 1, probes: 0, wallMs: 5120 },
    grade: 'F',
    status: 'fail',
    exitCode: 3,
    blocker: { component: API_SERVER, rule: 'kube-apiserver/reachable', message },
    components,
    findings: [
      finding('kube-apiserver/reachable', API_SERVER, {
        message,
        remediation: {
          summary: '',
          steps: [
            say('在控制平面节点上确认 kube-apiserver 的静态 Pod 是否在运行。', 'On a control-plane node, see whether the static pod of kube-apiserver runs.'),
            say('查看它最近一次退出的原因，多半是 etcd 或证书。', 'See why it last ended: mostly etcd or a certificate.'),
          ],
          risk: '',
          sources: [],
        },
      }),
      ...behind.map((each) => finding('presence/installed', each.id, { status: 'unknown', reason: 'PrerequisiteFailed', symptomOf: API_SERVER })),
    ],
    rootCauses: [
      cause(API_SERVER, 'kube-apiserver/reachable', {
        core: true,
        owner: 'cluster',
        message,
        explains: [`kube-apiserver/reachable@${API_SERVER}`, ...behind.map((each) => `presence/installed@${each.id}`)],
        nextStep: 'curl -kv https://10.20.0.10:6443/healthz',
      }),
    ],
    notLookedAt: [
      blindSpot({
        reason: 'PrerequisiteFailed',
        message: say(
          `${components.length} 个组件全部未能检查：无法连接或读取 API Server。`,
          `None of ${components.length} components could be looked at: the API server could not be reached or read.`,
        ),
      }),
    ],
  });
}

/** The deadline came first: what was seen by then is a fault, and half of the cluster was not seen. */
function partial(language: Language): Report {
  const say = saying(language);
  const unseen = ['skiff-ncs', 'skiff-platform', 'skiff-apm', 'node'];
  const coredns = say('Deployment coredns：1/2 个副本可用。', 'Deployment coredns: 1 of 2 replicas are available.');
  const base = cluster();
  const components = cluster({
    ...Object.fromEntries(base.filter((each) => unseen.includes(each.namespace)).map((each) => [each.id, { state: 'unknown' as const, shallow: false }])),
    'kube-system/coredns': { state: 'degraded', core: true, owner: 'cluster', dependsOn: [{ component: 'node/node1', confidence: 'upstream' }] },
  });
  const ended = say('检查提前结束：The run was not done within 60 s.', 'The run ended early: The run was not done within 60 s.');
  const one = finding('workload/replicas', 'kube-system/coredns', { status: 'warn', message: coredns, owner: 'cluster' });
  return report({
    language,
    durationMs: 60_012,
    grade: 'C',
    status: 'warn',
    exitCode: 1,
    partial: true,
    blocker: { component: 'kube-system/coredns', rule: 'workload/replicas', message: coredns },
    components,
    findings: [one],
    rootCauses: [cause('kube-system/coredns', 'workload/replicas', { status: 'warn', state: 'degraded', core: true, owner: 'cluster', message: coredns })],
    notLookedAt: [
      blindSpot({ reason: 'DeadlineExceeded', message: ended }),
      ...components
        .filter((each) => each.state === 'unknown')
        .map((each) =>
          blindSpot({
            component: each.id,
            rule: 'workload/available',
            reason: 'DeadlineExceeded',
            message: say('未能检查：The run was not done within 60 s.', 'Could not look: The run was not done within 60 s.'),
          }),
        ),
      ...noDeeperCheck(components, say),
    ],
  });
}

/** Whole reports by name, in either language. */
export const SCENARIOS: Readonly<Record<string, (language: Language) => Report>> = {
  healthy,
  'one-root-cause': oneRootCause,
  'two-causes': twoCauses,
  'missing-rights': missingRights,
  unreachable,
  partial,
};
