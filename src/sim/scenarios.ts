import type { Text } from '../model/text.ts';
import { faultyParts } from './backends/harbor-parts.ts';
import { elasticsearchTroubles } from './backends/observability.ts';
import { blindExporters, blindMysqldExporter, type PrometheusTrouble, prometheusTroubles } from './backends/prometheus.ts';
import { blueprintOf } from './blueprint.ts';
import { changeScenarios } from './change-scenarios.ts';
import { addReplicaSet, putPod } from './content.ts';
import { addEvent, crashLoop, imagePullFailure, loseNode, notReady, unassign, unschedulable, withoutApiServer } from './failures.ts';
import { HOSTILE_TEXT } from './faults.ts';
import { claimsUsed } from './kubelet.ts';
import { expireLock } from './locks.ts';
import { digest, minutesBefore, timestamp } from './objects.ts';
import type { RbacObject } from './rbac.ts';
import { setCondition } from './reconcile.ts';
import type { ClusterState } from './state.ts';

/** A state of the cluster that can be shown, tested against and measured. */
export interface Scenario {
  readonly id: string;
  readonly title: Text;
  readonly description: Text;
  /** The version that belongs to it; the caller's choice goes first. */
  readonly kubernetesVersion?: string;
  /** Rights of the kubeconfig's user `skiff-viewer`. */
  readonly rbac?: readonly RbacObject[];
  readonly tls?: 'foreign-ca' | 'expired' | 'wrong-host';
  /** Optional components that it has beside the usual ones, by `<namespace>/<inventory id>`. */
  readonly also?: readonly string[];
  /** Changes the healthy cluster. Throws when a component is missing that it is about. */
  apply(state: ClusterState): void;
}

const healthy: Scenario = {
  id: 'healthy',
  title: { zh: '健康', en: 'Healthy' },
  description: { zh: '一切正常的管控集群。', en: 'A control cluster with nothing wrong.' },
  apply: () => undefined,
};

const scaledToZero: Scenario = {
  id: 'scaled-to-zero',
  title: { zh: '审计被缩容到 0', en: 'Audit scaled to zero' },
  description: { zh: 'audit 的 Deployment 副本数被改为 0，Service 没有后端。', en: 'Somebody set the replicas of audit to 0; its Service has no backend.' },
  apply: (state) => {
    const { namespace, objectName } = state.component('audit');
    const deployment = state.objects.must('deployments', objectName, namespace);
    const pods = state.podsOf('audit');
    deployment.metadata.generation = 2;
    if (deployment.spec) deployment.spec.replicas = 0;
    const set = pods[0]?.metadata.ownerReferences?.[0]?.name ?? '';
    addEvent(state, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled down replica set ${set} to 0`,
      about: { kind: 'Deployment', name: objectName, namespace },
      component: 'deployment-controller',
      from: 22,
      to: 22,
    });
    for (const pod of pods) {
      const { name } = pod.metadata;
      addEvent(state, {
        type: 'Normal',
        reason: 'Killing',
        message: `Stopping container ${objectName}`,
        about: { kind: 'Pod', name, namespace, fieldPath: `spec.containers{${objectName}}` },
        component: 'kubelet',
        host: pod.spec?.nodeName ?? '',
        from: 22,
        to: 22,
      });
      state.objects.remove('pods', name, namespace);
    }
    state.reconcile();
  },
};

const crashing: Scenario = {
  id: 'crash-loop',
  title: { zh: 'NCS 反复崩溃', en: 'NCS crash loop' },
  description: {
    zh: '新配置缺少一项，ncs 的所有副本启动即退出。',
    en: 'A setting is missing from the new configuration: every replica of ncs ends as soon as it starts.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('ncs')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 12,
        since: 38,
        log: [
          'INFO  Starting NcsApplication v2.3.1',
          'ERROR Application run failed: Could not resolve placeholder \'ncs.region.default\' in value "${ncs.region.default}"',
        ],
      });
    }
    state.reconcile();
  },
};

const imageMissing: Scenario = {
  id: 'image-pull-failure',
  title: { zh: 'Harbor core 镜像拉取失败', en: 'Harbor core image cannot be pulled' },
  description: {
    zh: 'harbor-core 的镜像标签在仓库中不存在，两个副本都起不来。',
    en: 'The image tag of harbor-core does not exist; none of its replicas starts.',
  },
  apply: (state) => {
    const image = 'goharbor/harbor-core:v1.7.6-hotfix';
    const { namespace, objectName } = state.component('harbor-core');
    const deployment = state.objects.must('deployments', objectName, namespace);
    for (const container of deployment.spec?.template?.spec?.containers ?? []) container.image = image;
    for (const pod of state.podsOf('harbor-core')) imagePullFailure(state, pod, image, 26);
    state.reconcile();
  },
};

const noRoom: Scenario = {
  id: 'unschedulable',
  title: { zh: 'OTel 采集器无法调度', en: 'OTel collector cannot be scheduled' },
  description: { zh: 'apm-otel-collector 请求的内存没有节点能满足。', en: 'No node has the memory that apm-otel-collector asks for.' },
  apply: (state) => {
    for (const pod of state.podsOf('apm-otel-collector')) unschedulable(state, pod, 'Insufficient memory', 41);
    state.reconcile();
  },
};

const wrongSelector: Scenario = {
  id: 'selector-matches-nothing',
  title: { zh: '鉴权服务选择器写错', en: 'User auth Service selects nothing' },
  description: {
    zh: 'platform-user-auth 的 Service 选择器与 Pod 标签不符：Pod 就绪而没有后端。',
    en: 'The selector of the Service platform-user-auth matches no pod: its pods are ready and nobody reaches them.',
  },
  apply: (state) => {
    const { namespace, objectName } = state.component('platform-user-auth');
    const service = state.objects.must('services', objectName, namespace);
    if (service.spec) service.spec.selector = { app: `${objectName}-v2` };
    state.reconcile();
  },
};

const nodeDown: Scenario = {
  id: 'node-down',
  title: { zh: '节点 node2 失联', en: 'Node node2 is down' },
  description: {
    zh: 'node2 的 kubelet 停止上报，上面的 Pod 失去就绪，组件只剩其余副本。',
    en: 'The kubelet of node2 stopped reporting; its pods are not ready and what has replicas lives on the others.',
  },
  apply: (state) => {
    loseNode(state, 'node2', 3);
    state.reconcile();
  },
};

const apiServerDown: Scenario = {
  id: 'one-apiserver-down',
  title: { zh: '三个 API Server 挂一个', en: 'One of three API servers down' },
  description: {
    zh: 'node3 上的 kube-apiserver 反复退出，default/kubernetes 只剩两个地址。',
    en: 'kube-apiserver on node3 keeps ending; default/kubernetes has two addresses left.',
  },
  apply: (state) => {
    const pod = state.podsOf('kube-apiserver').find((each) => each.spec?.nodeName === 'node3');
    if (!pod) throw new Error('simulation: there is no API server on node3');
    crashLoop(state, pod, {
      exitCode: 1,
      restarts: 9,
      since: 24,
      log: ['Error: error creating self-signed certificates: open /var/run/kubernetes/apiserver.crt: no space left on device'],
    });
    withoutApiServer(state, 'node3');
    state.reconcile();
  },
};

const noScheduler: Scenario = {
  id: 'scheduler-without-leader',
  title: { zh: '调度器没有主', en: 'Scheduler without a leader' },
  description: {
    zh: 'kube-scheduler 的锁 25 分钟没有续期，新 Pod 一直 Pending 且没有任何事件。',
    en: 'The lock of kube-scheduler has not been renewed for 25 minutes; new pods stay Pending without a single event.',
  },
  apply: (state) => {
    expireLock(state, 'kube-scheduler', 'kube-system', 25);
    for (const id of ['front', 'audit']) growByOne(state, id, 18);
    state.reconcile();
  },
};

/** Scales a Deployment up by a pod that nobody schedules. */
function growByOne(state: ClusterState, id: string, since: number): void {
  const component = state.component(id);
  const { namespace, objectName } = component;
  const deployment = state.objects.must('deployments', objectName, namespace);
  const [pattern] = state.podsOf(id);
  const owner = pattern?.metadata.ownerReferences?.[0]?.name ?? '';
  const hash = owner.slice(objectName.length + 1);
  const replicas = (deployment.spec?.replicas ?? 1) + 1;
  deployment.metadata.generation = (deployment.metadata.generation ?? 1) + 1;
  if (deployment.spec) deployment.spec.replicas = replicas;
  const blueprint = blueprintOf(component.definition);
  const pod = putPod(state, {
    component,
    blueprint,
    spec: deployment.spec?.template?.spec ?? {},
    labels: { ...deployment.spec?.template?.metadata?.labels },
    index: replicas - 1,
    node: 0,
    startedAt: minutesBefore(state.startedAt, since),
    ready: false,
    owner: { kind: 'ReplicaSet', name: owner },
    extraLabels: { 'pod-template-hash': hash },
  });
  unassign(state, pod, since);
  addEvent(state, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Created pod: ${pod.metadata.name}`,
    about: { kind: 'ReplicaSet', name: owner, namespace },
    component: 'replicaset-controller',
    from: since,
    to: since,
  });
}

const databaseDown: Scenario = {
  id: 'platform-database-down',
  title: { zh: '平台数据库宕机', en: 'Platform database down' },
  description: {
    zh: 'etcd-mysql 数据盘写满而反复退出；依赖它的服务（鉴权、NCS、审计等）跟着不就绪。',
    en: 'etcd-mysql ends again and again with its volume full; what depends on it (user auth, NCS, audit and others) is not ready either.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('etcd-mysql')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 8,
        since: 19,
        log: [
          '[ERROR] InnoDB: Write to file ./ibdata1 failed at offset 12582912, 16384 bytes should have been written',
          '[ERROR] InnoDB: Error number 28 means "No space left on device"',
          '[ERROR] Aborting',
        ],
      });
    }
    const database = `${state.component('etcd-mysql').namespace}/etcd-mysql`;
    for (const component of state.components.values()) {
      // Its exporter serves on and says so in its metrics.
      if (!component.dependsOn.includes(database) || component.definition.id === 'mysqld-exporter') continue;
      for (const pod of state.podsOf(`${component.namespace}/${component.definition.id}`)) {
        if (pod.status?.containerStatuses?.[0]?.ready === true) notReady(state, pod, 17);
      }
    }
    state.reconcile();
  },
};

const serviceHangs: Scenario = {
  id: 'service-hangs',
  title: { zh: '审计服务卡死', en: 'Audit service hangs' },
  description: {
    zh: 'audit 的线程耗尽：端口仍接受连接，HTTP 请求一直没有应答，而 TCP 探针看不出来，Pod 显示就绪。',
    en: 'audit has no thread left: its port takes connections and no request is answered; its TCP probe does not see it and the pods stay ready.',
  },
  apply: (state) => {
    const { namespace, objectName, ports, container } = state.component('audit');
    const [port = 8080] = ports;
    const template = state.objects.must('deployments', objectName, namespace).spec?.template?.spec;
    const pods = state.podsOf('audit');
    for (const spec of [template, ...pods.map((pod) => pod.spec)]) for (const each of spec?.containers ?? []) each.readinessProbe = { tcpSocket: { port } };
    for (const pod of pods) {
      state.logs.set(`${namespace}/${pod.metadata.name}/${container}`, {
        current: ['INFO  audit started', 'WARN  http-nio-8080-exec-200 has been busy for 1800000 ms', 'WARN  Thread pool is exhausted: 200 of 200 busy'],
      });
    }
    state.setListener(namespace, 'audit', port, { http: { delayMs: 3_600_000 } });
  },
};

const serviceWrongPort: Scenario = {
  id: 'service-wrong-port',
  title: { zh: 'NCS 的 Service 端口写错', en: 'NCS Service leads to a wrong port' },
  description: {
    zh: 'ncs 的 Service 的 targetPort 被改成 8081：Pod 就绪、端点齐全，而 8081 没有程序监听，调用方全部被拒绝。',
    en: 'The targetPort of the Service ncs was changed to 8081: its pods are ready, its endpoints complete, and nobody listens there.',
  },
  apply: (state) => {
    const { namespace, objectName } = state.component('ncs');
    for (const port of state.objects.must('services', objectName, namespace).spec?.ports ?? []) port.targetPort = 8081;
    state.reconcile();
  },
};

const redisBySpring: Scenario = {
  id: 'apm-redis-down-by-spring',
  title: { zh: 'APM 的 Redis 宕机', en: 'Redis of APM down' },
  description: {
    zh: 'apm-redis 找不到配置文件而反复退出；apm-webserver 与 apm-collector 的健康检查报告 redis 为 DOWN 并返回 503。',
    en: 'apm-redis does not find its configuration and ends again and again; apm-webserver and apm-collector report redis DOWN and answer 503.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('apm-redis')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 7,
        since: 14,
        log: ["Fatal error, can't open config file '/etc/redis/redis.conf': No such file or directory"],
      });
    }
    // The kubelet gets their 503, too.
    for (const id of ['apm-webserver', 'apm-collector']) for (const pod of state.podsOf(id)) notReady(state, pod, 13);
    state.reconcile();
  },
};

const dnsDown: Scenario = {
  id: 'coredns-down',
  title: { zh: '集群 DNS 宕机', en: 'Cluster DNS down' },
  description: {
    zh: 'CoreDNS 检测到转发环路而反复退出，kube-dns 没有后端。',
    en: 'CoreDNS found a forwarding loop and keeps ending; kube-dns has no backend.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('coredns')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 14,
        since: 52,
        log: [
          '[FATAL] plugin/loop: Loop (127.0.0.1:55953 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO 4547991504243258144.3688648895315093531."',
        ],
      });
    }
    state.reconcile();
  },
};

/** Reads one namespace, and not the nodes, not the proxies, not the other namespaces. */
const RESTRICTED: readonly RbacObject[] = [
  {
    kind: 'Role',
    metadata: { name: 'skiff:viewer', namespace: 'skiff-platform' },
    rules: [{ verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods', 'services', 'endpoints', 'events', 'deployments', 'statefulsets'] }],
  },
  {
    kind: 'RoleBinding',
    metadata: { name: 'skiff:viewer', namespace: 'skiff-platform' },
    roleRef: { kind: 'Role', name: 'skiff:viewer' },
    subjects: [{ kind: 'User', name: 'skiff-viewer' }],
  },
];

const rbacDenied: Scenario = {
  id: 'rbac-denied',
  title: { zh: '权限不足', en: 'Rights missing' },
  description: {
    zh: '集群健康，但当前用户只能读 skiff-platform 的一部分资源。',
    en: 'The cluster is healthy, but the user may only read some resources of skiff-platform.',
  },
  rbac: RESTRICTED,
  apply: () => undefined,
};

const rollout: Scenario = {
  id: 'rollout-in-progress',
  title: { zh: '滚动升级中（健康）', en: 'Rollout in progress (healthy)' },
  description: {
    zh: 'apigw-portal 正在升级：新副本启动中，旧副本照常服务。',
    en: 'apigw-portal is being upgraded: a new replica starts while the old ones serve.',
  },
  apply: (state) => {
    const component = state.component('apigw-portal');
    const { namespace, objectName, container } = component;
    const deployment = state.objects.must('deployments', objectName, namespace);
    const hash = digest(`${namespace}/${objectName} template 2`, 10);
    const at = timestamp(minutesBefore(state.startedAt, 0.4));
    const set = `${objectName}-${hash}`;
    deployment.metadata.generation = 2;
    deployment.metadata.annotations = { ...deployment.metadata.annotations, 'deployment.kubernetes.io/revision': '2' };
    addReplicaSet(state, component, hash, 2, 1, deployment.spec?.template, at);
    const pod = putPod(state, {
      component,
      blueprint: blueprintOf(component.definition),
      spec: deployment.spec?.template?.spec ?? {},
      labels: { ...deployment.spec?.template?.metadata?.labels },
      index: 0,
      node: 2,
      startedAt: minutesBefore(state.startedAt, 0.4),
      ready: false,
      owner: { kind: 'ReplicaSet', name: set },
      extraLabels: { 'pod-template-hash': hash },
    });
    // Its container runs and has not answered its first readiness probe.
    const status = pod.status?.containerStatuses?.[0];
    if (status) status.ready = false;
    addEvent(state, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled up replica set ${set} to 1`,
      about: { kind: 'Deployment', name: objectName, namespace },
      component: 'deployment-controller',
      from: 0.4,
      to: 0.4,
    });
    addEvent(state, {
      type: 'Normal',
      reason: 'Started',
      message: `Started container ${container}`,
      about: { kind: 'Pod', name: pod.metadata.name, namespace, fieldPath: `spec.containers{${container}}` },
      component: 'kubelet',
      host: pod.spec?.nodeName ?? '',
      from: 0.3,
      to: 0.3,
    });
    state.reconcile();
    setCondition(
      deployment.status?.conditions ?? [],
      { type: 'Progressing', status: 'True', lastUpdateTime: at, reason: 'ReplicaSetUpdated', message: `ReplicaSet "${set}" is progressing.` },
      at,
    );
  },
};

const oldKubernetes: Scenario = {
  id: 'old-kubernetes',
  title: { zh: '旧版本 Kubernetes（健康）', en: 'Old Kubernetes (healthy)' },
  description: {
    zh: 'Kubernetes 1.16：选主锁在 Endpoints 上，CronJob 为 batch/v1beta1。',
    en: 'Kubernetes 1.16: leader locks on Endpoints, CronJobs in batch/v1beta1.',
  },
  kubernetesVersion: '1.16.15',
  apply: () => undefined,
};

const newKubernetes: Scenario = {
  id: 'new-kubernetes',
  title: { zh: '新版本 Kubernetes（健康）', en: 'New Kubernetes (healthy)' },
  description: {
    zh: 'Kubernetes 1.32：选主锁为 Lease，EndpointSlice 为 discovery.k8s.io/v1。',
    en: 'Kubernetes 1.32: leader locks are Leases, EndpointSlices in discovery.k8s.io/v1.',
  },
  kubernetesVersion: '1.32.3',
  apply: () => undefined,
};

const apiHung: Scenario = {
  id: 'api-hung',
  title: { zh: 'API Server 无响应', en: 'API server hangs' },
  description: { zh: 'API Server 接受连接，但对任何请求都不回答。', en: 'The API server takes connections and answers no request.' },
  apply: (state) => {
    state.faults.push({ path: /^/, action: { kind: 'hang' } });
  },
};

const adminserverDown: Scenario = {
  id: 'harbor-adminserver-down',
  title: { zh: 'Harbor adminserver 宕机', en: 'Harbor adminserver down' },
  description: {
    zh: 'harbor-adminserver 反复退出；core 进程正常（ping 返回 Pong），但读不到配置，systeminfo 和令牌都返回 500。',
    en: 'harbor-adminserver keeps ending; the cores live (ping answers Pong) and cannot read their configuration: systeminfo and tokens give 500.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('harbor-adminserver')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 7,
        since: 16,
        log: ['[ERROR] [main.go:46]: failed to initialize the system: read /etc/adminserver/key: permission denied'],
      });
    }
    state.reconcile();
  },
};

const harborDatabase: Scenario = {
  id: 'harbor-database-unhealthy',
  title: { zh: 'Harbor 数据库不通，健康接口仍返回 200', en: 'Harbor without its database, and a health of 200' },
  description: {
    zh: 'Harbor 1.10：stolon-proxy 反复退出，core 的 Pod 全部就绪，/api/health 返回 200，而内容里 database 不健康。',
    en: 'Harbor 1.10: stolon-proxy keeps ending; all cores are ready and /api/health answers 200, and says in its body that the database is unhealthy.',
  },
  apply: (state) => {
    state.harbor.version = '1.10.4';
    for (const pod of state.podsOf('stolon-proxy')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 9,
        since: 23,
        log: ['FATAL\tcmd/proxy.go:463\tcannot create store\t{"error": "cannot get kube client"}'],
      });
    }
    state.reconcile();
  },
};

const wrongRealm: Scenario = {
  id: 'harbor-wrong-realm',
  title: { zh: 'Harbor 令牌地址写错', en: 'Harbor sends clients to a wrong address' },
  description: {
    zh: 'Harbor 各部件都正常，但 /v2/ 让客户端去一个不存在的域名取令牌：节点上没有的镜像都拉不下来，front 和 audit 新建的 Pod 起不来。',
    en: 'All parts of Harbor are well, and /v2/ sends clients to a host that does not exist for tokens: nothing can be pulled, and new pods of front and audit do not start.',
  },
  apply: (state) => {
    const host = 'core.harbor.domain';
    state.harbor.realm = `https://${host}/service/token`;
    for (const id of ['front', 'audit']) {
      const [pod] = state.podsOf(id);
      if (pod === undefined) continue;
      const { image } = state.component(id);
      const url = `https://${host}/service/token?scope=repository%3Askiff%2F${id}%3Apull&service=harbor-registry`;
      imagePullFailure(state, pod, image, 14, `Get ${url}: dial tcp: lookup ${host}: no such host`);
    }
    state.reconcile();
  },
};

const etcdDown: Scenario = {
  id: 'etcd-down',
  title: { zh: '控制平面 etcd 失去多数', en: 'etcd of the control plane without a majority' },
  description: {
    zh: '三个 etcd 成员只剩一个，/readyz 的 etcd 检查失败，没有缓存的读请求返回 500。',
    en: 'One of three etcd members is left: the etcd check of /readyz fails and reads that are not cached answer 500.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('kube-system/etcd').slice(1)) {
      crashLoop(state, pod, { exitCode: 2, restarts: 6, since: 11, log: ['panic: freepages: failed to get all reachable pages'] });
    }
    state.failingHealthChecks.add('etcd');
    // Events have no watch cache: they are the first to show it.
    state.faults.push({ path: /^\/api\/v1\/(?:namespaces\/[^/]+\/)?events/, action: { kind: 'status', code: 500, message: 'etcdserver: request timed out' } });
    state.reconcile();
  },
};

const hostile: Scenario = {
  id: 'hostile-texts',
  title: { zh: '恶意文本', en: 'Hostile texts' },
  description: {
    zh: 'audit 的状态和事件里有终端控制序列、标记和方向控制字符。',
    en: 'Status and events of audit carry escape sequences, markup and characters that turn the direction of writing.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('audit')) {
      crashLoop(state, pod, { exitCode: 1, restarts: 7, since: 15, log: [`ERROR ${HOSTILE_TEXT}`] });
      const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting;
      if (waiting) waiting.message = `${waiting.message ?? ''} ${HOSTILE_TEXT}`;
      if (pod.status) pod.status.message = HOSTILE_TEXT;
      const { name, namespace = '' } = pod.metadata;
      addEvent(state, {
        type: 'Warning',
        reason: 'BackOff',
        message: HOSTILE_TEXT,
        about: { kind: 'Pod', name, namespace },
        component: 'kubelet',
        host: 'node1',
        from: 9,
        to: 1,
        count: 9,
      });
    }
    state.reconcile();
  },
};

const expiredCertificate: Scenario = {
  id: 'apiserver-certificate-expired',
  title: { zh: 'API Server 证书过期', en: 'API server certificate expired' },
  description: {
    zh: 'API Server 的服务端证书昨天过期，客户端拒绝连接。',
    en: 'The serving certificate of the API server expired yesterday; clients refuse the connection.',
  },
  tls: 'expired',
  apply: () => undefined,
};

const registryBroken: Scenario = {
  id: 'harbor-registry-unavailable',
  title: { zh: 'Harbor registry 拒绝所有请求', en: 'Harbor registry refuses every request' },
  description: {
    zh: 'harbor-registry 的存储出现 I/O 错误：它的健康检查失败，对所有请求返回 503，Pod 不就绪，推送和拉取全部失败。',
    en: 'The storage of harbor-registry has I/O errors: its own health check fails, it answers every request with 503 and is not ready; nothing is pushed or pulled.',
  },
  apply: (state) => {
    const trouble = 'filesystem: stat /storage: input/output error';
    faultyParts(state).registryStorage = trouble;
    const { namespace, container } = state.component('harbor-registry');
    for (const pod of state.podsOf('harbor-registry')) {
      notReady(state, pod, 12);
      const at = minutesBefore(state.startedAt, 3).toISOString();
      const line = `time="${at}" level=error msg="response completed with error" err.code=unknown err.detail="${trouble}" err.message="unknown error" http.request.method=HEAD service=registry`;
      state.logs.set(`${namespace}/${pod.metadata.name}/${container}`, { current: [line] });
    }
    state.reconcile();
  },
};

const registryFull: Scenario = {
  id: 'harbor-storage-full',
  title: { zh: 'Harbor 镜像存储写满', en: 'Harbor storage full' },
  description: {
    zh: 'harbor-registry 的卷只剩 1%：推送报 no space left on device，拉取正常，所有健康检查都通过。',
    en: 'One percent of the volume of harbor-registry is left: pushes fail with "no space left on device" while pulls and every health check go well.',
  },
  apply: (state) => {
    const { namespace, container } = state.component('harbor-registry');
    state.podsOf('harbor-registry').forEach((pod) => {
      for (const { persistentVolumeClaim } of pod.spec?.volumes ?? []) claimsUsed(state).set(`${namespace}/${persistentVolumeClaim?.claimName ?? ''}`, 49.5);
      const at = minutesBefore(state.startedAt, 4).toISOString();
      const file = '/storage/docker/registry/v2/repositories/library/front/_uploads/0d3f2c86-8a04-4d50-9c0e-1b2f0f6f6a11/data';
      const line = `time="${at}" level=error msg="unknown error reading request payload: write ${file}: no space left on device" http.request.method=PATCH service=registry`;
      state.logs.set(`${namespace}/${pod.metadata.name}/${container}`, { current: [line] });
    });
  },
};

const poolDead: Scenario = {
  id: 'harbor-jobservice-dead',
  title: { zh: 'Harbor 任务服务的工作池失效', en: 'Worker pool of Harbor dead' },
  description: {
    zh: 'harbor-jobservice 的进程在应答，但工作池 15 分钟没有心跳：复制、垃圾回收和扫描都不执行。',
    en: 'The process of harbor-jobservice answers, and its worker pool has had no heartbeat for 15 minutes: no replication, garbage collection or scan runs.',
  },
  apply: (state) => {
    faultyParts(state).poolSilentSeconds = 900;
  },
};

const reloadFailed: Scenario = {
  id: 'prometheus-reload-failed',
  title: { zh: 'Prometheus 配置加载失败', en: 'Prometheus could not reload' },
  description: {
    zh: 'prometheus-platform 最近一次加载配置失败，仍按旧配置工作。',
    en: 'prometheus-platform could not load its new configuration and works on with the old one.',
  },
  apply: (state) => troublePrometheus(state, 'prometheus-platform', { reloadFailed: true }),
};

const poolDown: Scenario = {
  id: 'prometheus-pool-down',
  title: { zh: 'Prometheus 一个任务的目标全部失联', en: 'All targets of a Prometheus pool down' },
  description: {
    zh: 'prometheus-platform 抓不到 platform-exporters 任务里的任何目标，而这些互不相干的目标自己都正常：问题在 Prometheus 一侧的网络。',
    en: 'prometheus-platform reaches no target of its pool platform-exporters while these different targets are well: its own network is broken.',
  },
  apply: (state) => troublePrometheus(state, 'prometheus-platform', { deadPools: ['platform-exporters'] }),
};

function troublePrometheus(state: ClusterState, id: string, trouble: PrometheusTrouble): void {
  prometheusTroubles.set(state, new Map([[`${state.component(id).namespace}/${id}`, trouble]]));
}

const exporterBlind: Scenario = {
  id: 'exporter-blind',
  title: { zh: '采集器在线但看不到数据库', en: 'Exporter up and blind' },
  description: {
    zh: 'mysqld-exporter 的密码没有随数据库更改：抓取正常（up 为 1），mysql_up 却是 0，而数据库本身正常。',
    en: 'The password of mysqld-exporter was not changed with that of the database: it is scraped (up 1) and says mysql_up 0 while the database is well.',
  },
  apply: (state) => {
    const { namespace, container, ports } = state.component('mysqld-exporter');
    blindExporters.set(state, new Set(['mysqld-exporter']));
    for (const port of ports) state.setListener(namespace, 'mysqld-exporter', port, { http: blindMysqldExporter });
    for (const pod of state.podsOf('mysqld-exporter')) {
      state.logs.set(`${namespace}/${pod.metadata.name}/${container}`, {
        current: [`level=error msg="Error pinging mysqld" err="Error 1045 (28000): Access denied for user 'exporter'@'10.244.3.7' (using password: YES)"`],
      });
    }
  },
};

const otelExporterFailing: Scenario = {
  id: 'otel-exporter-failing',
  title: { zh: 'OTel 采集器导出失败', en: 'OTel collector cannot export' },
  description: {
    zh: 'apm-collector 内存溢出而反复退出；apm-otel-collector 自己正常，但转换后的链路数据送不出去，队列积压、重试后丢弃。',
    en: 'apm-collector runs out of memory and keeps ending; apm-otel-collector is well and cannot deliver its traces: they queue up and are dropped after retries.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('apm-collector')) {
      crashLoop(state, pod, {
        exitCode: 3,
        restarts: 6,
        since: 21,
        log: ['Terminating due to java.lang.OutOfMemoryError: Java heap space'],
      });
    }
    for (const pod of state.podsOf('apm-otel-collector')) {
      const { container } = state.component('apm-otel-collector');
      const error =
        'max elapsed time expired rpc error: code = Unavailable desc = connection error: desc = \\"transport: Error while dialing dial tcp: connect: connection refused\\"';
      state.logs.set(`${pod.metadata.namespace}/${pod.metadata.name}/${container}`, {
        current: [
          'info\tservice/application.go:269\tEverything is ready. Begin running and processing data.',
          `error\texporterhelper/queued_retry.go:239\tExporting failed. Try enabling retry_on_failure config option.\t{"component_kind": "exporter", "component_type": "otlp", "component_name": "otlp", "error": "${error}"}`,
        ],
      });
    }
    state.reconcile();
  },
};

const elasticsearchRed: Scenario = {
  id: 'elasticsearch-red',
  title: { zh: 'Elasticsearch 主分片丢失', en: 'Elasticsearch is red' },
  description: {
    zh: 'elasticsearch-2 的数据盘变成只读而反复退出，没有副本的索引因此缺少主分片，集群状态为 red。',
    en: 'The volume of elasticsearch-2 became read-only and it keeps ending; indices without replicas lack primary shards, and the cluster is red.',
  },
  apply: (state) => {
    const pod = state.podsOf('elasticsearch')[2];
    if (!pod) throw new Error('simulation: there is no third node of Elasticsearch');
    crashLoop(state, pod, {
      exitCode: 1,
      restarts: 8,
      since: 19,
      log: [
        'ElasticsearchException[failed to bind service]; nested: FileSystemException[/usr/share/elasticsearch/data/nodes/0/_state: Read-only file system];',
      ],
    });
    elasticsearchTroubles.set(state, { lostPrimaries: 6 });
    state.reconcile();
  },
};

const logseerAlone: Scenario = {
  id: 'logseer-without-elasticsearch',
  title: { zh: 'logseer 没有 Elasticsearch 可用', en: 'Logseer without Elasticsearch' },
  description: {
    zh: '节点的 vm.max_map_count 被改小，Elasticsearch 的所有节点启动即退出，Service 没有后端；logseer 的 Pod 都就绪，页面却查不到日志。',
    en: 'vm.max_map_count was lowered: every node of Elasticsearch ends at its start, and its Service has no backend; the pods of logseer are ready, and show no logs.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('elasticsearch')) {
      crashLoop(state, pod, {
        exitCode: 78,
        restarts: 11,
        since: 34,
        log: ['ERROR: [1] bootstrap checks failed', '[1]: max virtual memory areas vm.max_map_count [65530] is too low, increase to at least [262144]'],
      });
    }
    state.reconcile();
  },
};

const optionalObservability: Scenario = {
  id: 'optional-observability',
  title: { zh: '另装了 SkyWalking 与 Fluentd（健康）', en: 'With SkyWalking and Fluentd (healthy)' },
  description: {
    zh: '除常见组件外，还有 SkyWalking OAP 和每个节点上的 Fluentd。',
    en: 'Beside the usual components there are an OAP server of SkyWalking and a Fluentd on every node.',
  },
  also: ['skiff-apigw/skywalking-oap', 'kube-system/fluentd'],
  apply: () => undefined,
};

/** Every scenario: the healthy cluster first, then what may break, then healthy clusters in odd shapes. */
export const scenarios: readonly Scenario[] = [
  healthy,
  scaledToZero,
  crashing,
  imageMissing,
  noRoom,
  wrongSelector,
  nodeDown,
  apiServerDown,
  noScheduler,
  databaseDown,
  redisBySpring,
  serviceHangs,
  serviceWrongPort,
  dnsDown,
  adminserverDown,
  harborDatabase,
  wrongRealm,
  registryBroken,
  registryFull,
  poolDead,
  etcdDown,
  reloadFailed,
  poolDown,
  exporterBlind,
  otelExporterFailing,
  elasticsearchRed,
  logseerAlone,
  rbacDenied,
  apiHung,
  expiredCertificate,
  hostile,
  ...changeScenarios,
  rollout,
  oldKubernetes,
  newKubernetes,
  optionalObservability,
];
