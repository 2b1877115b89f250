/** The lab is what its README says. When one of these fails, no other test against the lab means anything. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { auditSince, describeEntry, markAudit, onlyLooks } from './audit.ts';
import {
  API_PORT,
  CommandFailed,
  command,
  connection,
  healthy,
  holdersOf,
  INGRESS_VIP,
  kubeconfigs,
  kubectl,
  MASTER_VIP,
  NODES,
  nodeAddress,
  onNode,
  read,
} from './cluster.ts';
import { faultsThatAreIn } from './faults.ts';
import { serviceAccountKubeconfig } from './service-account.ts';

interface List<T> {
  readonly items: readonly T[];
}
interface Condition {
  readonly type: string;
  readonly status: string;
}
interface Node {
  readonly metadata: { readonly name: string };
  readonly status: { readonly conditions: readonly Condition[]; readonly nodeInfo: { readonly kubeletVersion: string } };
}
interface Pod {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: { readonly nodeName?: string; readonly volumes?: readonly { persistentVolumeClaim?: { claimName: string } }[] };
  readonly status: { readonly conditions?: readonly Condition[] };
}
interface Volume {
  readonly spec: {
    readonly claimRef?: { readonly namespace: string; readonly name: string };
    readonly nodeAffinity: {
      readonly required: {
        readonly nodeSelectorTerms: readonly { readonly matchExpressions: readonly { readonly values: readonly string[] }[] }[];
      };
    };
  };
  readonly status: { readonly phase: string };
}

interface StolonData {
  readonly cluster: { readonly status: { readonly master: string } };
  readonly dbs: Readonly<
    Record<
      string,
      {
        readonly spec: { readonly keeperUID: string; readonly synchronousStandbys: readonly string[]; readonly externalSynchronousStandbys: readonly string[] };
        readonly status: { readonly synchronousStandbys: readonly string[] };
      }
    >
  >;
  readonly proxy: { readonly spec: unknown };
}

const livePods = async () => (await read<List<Pod>>('/api/v1/pods')).items.filter((pod) => pod.metadata.deletionTimestamp === undefined);

test('no fault is in', () => assert.deepEqual(faultsThatAreIn(), []));

test('verify.sh finds nothing wrong behind the pods', async () => void (await healthy(120)));

test('there are three nodes of version 1.20.2, all Ready', async () => {
  const { items } = await read<List<Node>>('/api/v1/nodes');
  const ready = items.map(({ metadata, status }) => [
    metadata.name,
    status.conditions.find(({ type }) => type === 'Ready')?.status,
    status.nodeInfo.kubeletVersion,
  ]);
  assert.deepEqual(
    ready,
    NODES.map((node) => [node, 'True', 'v1.20.2']),
  );
});

test('each API server answers for itself', async () => {
  for (const through of NODES) assert.equal(await kubectl(['get', '--raw', '/readyz'], { through }), 'ok');
});

test('each virtual address is held by exactly one node, and the API answers on one of them', async () => {
  for (const address of [MASTER_VIP, INGRESS_VIP]) assert.equal((await holdersOf(address)).length, 1, address);
  assert.equal(await kubectl(['get', '--raw', '/readyz'], { kubeconfig: kubeconfigs.adminThroughVip }), 'ok');
});

test('all pods are ready, in the nine namespaces of a control cluster', async () => {
  const pods = await livePods();
  const unready = pods.filter(({ status }) => status.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True');
  assert.deepEqual(
    unready.map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    [],
  );
  const skiff = ['apigw', 'apm', 'cicd', 'gtxs', 'logseer', 'ncs', 'nsf', 'platform'].map((name) => `skiff-${name}`);
  assert.deepEqual([...new Set(pods.map(({ metadata }) => metadata.namespace))].sort(), ['kube-system', ...skiff]);
  assert.equal(pods.length, 121);
});

test('every local volume is bound, and its pod is on its node', async () => {
  const [{ items: volumes }, pods] = await Promise.all([read<List<Volume>>('/api/v1/persistentvolumes'), livePods()]);
  assert.equal(volumes.length, 8);
  for (const { spec, status } of volumes) {
    assert.equal(status.phase, 'Bound');
    const home = spec.nodeAffinity.required.nodeSelectorTerms[0]?.matchExpressions[0]?.values[0];
    const user = pods.find(
      (pod) =>
        pod.metadata.namespace === spec.claimRef?.namespace &&
        pod.spec.volumes?.some((volume) => volume.persistentVolumeClaim?.claimName === spec.claimRef?.name),
    );
    assert.equal(user?.spec.nodeName, home, `the pod of ${spec.claimRef?.name}`);
  }
});

test("Harbor's databases and what stands before them are real or stand-ins, as said", async () => {
  const kinds = new Map<string, Set<string | undefined>>();
  for (const { metadata } of await livePods()) {
    const app = metadata.labels?.['app'];
    if (metadata.namespace !== 'skiff-ncs' || app === undefined || !/redis|stolon/.test(app)) continue;
    kinds.set(app, (kinds.get(app) ?? new Set()).add(metadata.annotations?.['skiff.lab/real']));
  }
  assert.deepEqual(Object.fromEntries([...kinds].map(([app, said]) => [app, [...said]])), {
    'harbor-redis': ['true'],
    'harbor-redis-sentinel': ['true'],
    'redis-harbor-haproxy': ['true'],
    'stolon-keeper': ['stand-in'],
    'stolon-proxy': ['stand-in'],
    'stolon-sentinel': ['stand-in'],
  });
});

test('HAProxy leads to the master of harbor-redis and to no other, in its page and in its metrics', async () => {
  const ask = (path: string) => kubectl(['get', '--raw', `/api/v1/namespaces/skiff-ncs/services/redis-harbor-haproxy:8404/proxy${path}`]);
  const roles = await Promise.all(
    [0, 1, 2].map(async (i) => {
      const [role] = (await kubectl(['exec', '-n', 'skiff-ncs', `harbor-redis-${i}`, '--', 'redis-cli', 'role'])).split('\n');
      return [`harbor-redis-${i}`, role === 'master' ? 'UP' : 'DOWN'] as const;
    }),
  );
  assert.equal(roles.filter(([, state]) => state === 'UP').length, 1);

  const [header, ...rows] = (await ask('/stats;csv')).split('\n').map((line) => line.replace(/^# /, '').split(','));
  const status = header?.indexOf('status') ?? -1;
  const servers = rows.filter(([proxy, name]) => proxy === 'harbor-redis' && name !== 'BACKEND');
  assert.deepEqual(
    servers.map((row) => [row[1], row[status]]),
    roles,
  );
  for (const [server, state] of roles) {
    assert.match(await ask('/metrics'), new RegExp(`^haproxy_server_status\\{proxy="harbor-redis",server="${server}",state="${state}"\\} 1$`, 'm'));
  }
});

const PROMETHEIS = [
  'skiff-apm/prometheus-apm',
  'skiff-ncs/prometheus-ncs',
  'skiff-platform/prometheus',
  'skiff-platform/prometheus-nms',
  'skiff-platform/prometheus-platform',
] as const;

test('five real Prometheis scrape real targets, keep two kinds of rules and have found the real Alertmanager', async () => {
  const pods = await livePods();
  const real = (namespace: string | undefined, name: string | undefined) =>
    pods
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.['app'] === name)
      .map(({ metadata }) => metadata.annotations?.['skiff.lab/real']);
  for (const id of PROMETHEIS) {
    const [namespace, name] = id.split('/');
    const ask = async <T>(path: string): Promise<T> =>
      (await read<{ data: T }>(`/api/v1/namespaces/${namespace}/services/${name}:9090/proxy/api/v1/${path}`)).data;
    assert.deepEqual(real(namespace, name), ['true'], id);
    assert.match((await ask<{ version: string }>('status/buildinfo')).version, /^2\.42\./, id);
    const { activeTargets } = await ask<{ activeTargets: readonly { health: string; scrapeUrl: string }[] }>('targets?state=active');
    assert.deepEqual(
      activeTargets.filter(({ health }) => health !== 'up'),
      [],
      id,
    );
    assert.ok(activeTargets.length >= 4, id);
    const { groups } = await ask<{ groups: readonly { rules: readonly { type: string; health: string }[] }[] }>('rules');
    const rules = groups.flatMap((group) => group.rules);
    assert.deepEqual([...new Set(rules.map(({ type, health }) => `${type} ${health}`))].sort(), ['alerting ok', 'recording ok'], id);
    const { activeAlertmanagers } = await ask<{ activeAlertmanagers: readonly { url: string }[] }>('alertmanagers');
    assert.deepEqual(
      activeAlertmanagers.map(({ url }) => url),
      ['http://alertmanager.skiff-platform.svc.cluster.local:9093/api/v2/alerts'],
      id,
    );
  }
  assert.deepEqual(real('skiff-platform', 'alertmanager'), ['true']);
  const alertmanager = await read<{ versionInfo: { version: string } }>('/api/v1/namespaces/skiff-platform/services/alertmanager:9093/proxy/api/v2/status');
  assert.equal(alertmanager.versionInfo.version, '0.25.0');
});

test('from a node, Harbor asks for a token, gives one, and the real registry takes it and no other', async () => {
  const host = 'https://harbor.skiff.lab.internal';
  const curl = (...words: readonly string[]) => onNode('node2', ['curl', '-s', '-i', '--max-time', '8', '--cacert', '/etc/kubernetes/pki/ca.crt', ...words]);
  const challenge = await curl(`${host}/v2/`);
  assert.match(challenge, /^HTTP\/1\.1 401 /);
  assert.match(challenge, /^docker-distribution-api-version: registry\/2\.0\r$/im);
  const [, realm, service] = /^www-authenticate: Bearer realm="([^"]+)",service="([^"]+)"\r$/im.exec(challenge) ?? [];
  assert.deepEqual([realm, service], [`${host}/service/token`, 'harbor-registry']);
  const { token } = JSON.parse((await curl(`${realm}?service=${service}`)).split('\r\n\r\n')[1] ?? '{}') as { token: string };
  assert.match(await curl('-H', `Authorization: Bearer ${token}`, `${host}/v2/`), /^HTTP\/1\.1 200 /);
  const [header, claims, signature = ''] = token.split('.');
  const forged = [header, claims, signature.split('').reverse().join('')].join('.');
  assert.match(await curl('-H', `Authorization: Bearer ${forged}`, `${host}/v2/`), /^HTTP\/1\.1 401 /);
});

test('Harbor is a 1.7: it has no health API, its systeminfo comes from adminserver, its workers have just given a sign of life', async () => {
  const path = (service: string, rest: string) => `/api/v1/namespaces/skiff-ncs/services/${service}/proxy${rest}`;
  assert.equal(await kubectl(['get', '--raw', path('harbor-core:8080', '/api/ping')]), '"Pong"');
  await assert.rejects(kubectl(['get', '--raw', path('harbor-core:8080', '/api/health')]), /NotFound/);
  await assert.rejects(kubectl(['get', '--raw', path('harbor-adminserver:8080', '/api/configs')]), /must be logged in|Unauthorized/);
  const info = await read<{ harbor_version: string; registry_url: string }>(path('harbor-core:8080', '/api/systeminfo'));
  assert.deepEqual([info.harbor_version, info.registry_url], ['v1.7.5-lab', 'harbor.skiff.lab.internal']);
  const { worker_pools: pools } = await read<{ worker_pools: readonly { status: string; heartbeat_at: number }[] }>(
    path('harbor-jobservice:8080', '/api/v1/stats'),
  );
  assert.deepEqual(
    pools.map(({ status }) => status),
    ['Healthy'],
  );
});

test('a Spring service has its health from its own stores, and says with which', async () => {
  const path = '/api/v1/namespaces/skiff-platform/services/platform-user-auth:8080/proxy/actuator/health';
  const { status, components } = await read<{
    status: string;
    components: Readonly<Record<string, { status: string; details?: Readonly<Record<string, unknown>> }>>;
  }>(path);
  assert.equal(status, 'UP');
  assert.deepEqual(components['db']?.details, { database: 'MySQL', validationQuery: 'isValid()' });
  assert.match(String(components['redis']?.details?.['version']), /^7\./);
});

test('one sentinel leads, one keeper is the master and waits for the other, and the annotations, the metrics and PostgreSQL agree on which', async () => {
  const pods = (await livePods()).filter(({ metadata }) => metadata.labels?.['stolon-cluster'] === 'kube-stolon');
  const of = (role: string) => pods.filter(({ metadata }) => metadata.labels?.['component'] === `stolon-${role}`);
  const status = ({ metadata }: Pod) => JSON.parse(metadata.annotations?.['stolon-status'] ?? '{}') as { readonly UID?: string; readonly uid?: string };
  const metrics = ({ metadata }: Pod) => kubectl(['get', '--raw', `/api/v1/namespaces/skiff-ncs/pods/${metadata.name}:8080/proxy/metrics`]);
  const saying = async (role: string, line: RegExp) => {
    const pages = await Promise.all(of(role).map(async (pod) => ({ pod, page: await metrics(pod) })));
    return pages.filter(({ page }) => line.test(page)).map(({ pod }) => pod);
  };
  const path = '/api/v1/namespaces/skiff-ncs/configmaps/stolon-cluster-kube-stolon';
  const { annotations } = (await read<{ metadata: { annotations: Readonly<Record<string, string>> } }>(path)).metadata;
  const lock = JSON.parse(annotations['control-plane.alpha.kubernetes.io/leader'] ?? '{}') as { readonly holderIdentity?: string };
  const data = JSON.parse(annotations['stolon-clusterdata'] ?? '{}') as StolonData;

  const leaders = await saying('sentinel', /^stolon_sentinel_is_leader 1$/m);
  assert.deepEqual(leaders.map(status), [{ UID: lock.holderIdentity }]);

  const master = data.dbs[data.cluster.status.master];
  assert.ok(master !== undefined);
  const [masterPod, ...others] = await saying('keeper', /^stolon_keeper_local_role\{role="master"\} 1$/m);
  assert.ok(masterPod !== undefined && others.length === 0);
  assert.equal(status(masterPod).uid, master.spec.keeperUID);

  const standbys = Object.keys(data.dbs).filter((uid) => uid !== data.cluster.status.master);
  assert.deepEqual([master.spec.synchronousStandbys, master.spec.externalSynchronousStandbys, master.status.synchronousStandbys], [standbys, [], standbys]);
  const client = ['exec', '-n', 'skiff-ncs', masterPod.metadata.name, '--', 'env', 'PGPASSWORD=monitor', '/usr/lib/postgresql/15/bin/psql'];
  const login = ['-h', 'stolon-proxy', '-U', 'monitor', '-d', 'postgres', '-XAtc'];
  const senders = await kubectl([...client, ...login, 'select application_name, state, sync_state from pg_stat_replication']);
  assert.equal(senders.trim(), `stolon_${String(standbys)}|streaming|sync`);

  assert.deepEqual(data.proxy.spec, {
    masterDbUid: data.cluster.status.master,
    enabledProxies: of('proxy')
      .map((pod) => status(pod).UID)
      .toSorted(),
  });
});

test('the laptop reaches the API servers, and has no way of its own to pods and Services', async () => {
  for (const node of NODES) assert.equal(await connection(nodeAddress(node), API_PORT), 'accepted');
  // Asking for the way, not trying it: some machines' own networks accept a connection to any address.
  for (const address of ['10.244.1.2', '10.96.0.1']) {
    const way = await command('ip', ['route', 'get', address]).catch(() => 'none');
    assert.doesNotMatch(way, /dev sl-ops/);
  }
});

test('a stranger is unauthorized, a viewer sees one namespace', async () => {
  const pods = (namespace: string, kubeconfig: string) => kubectl(['get', '--raw', `/api/v1/namespaces/${namespace}/pods?limit=1`], { kubeconfig });
  const refusedWith = (text: RegExp) => (error: unknown) => error instanceof CommandFailed && text.test(error.stderr);
  await assert.rejects(pods('skiff-apm', kubeconfigs.stranger), refusedWith(/must be logged in|Unauthorized/));
  await pods('skiff-apm', kubeconfigs.apmViewer);
  await assert.rejects(pods('kube-system', kubeconfigs.apmViewer), refusedWith(/Forbidden|forbidden/));
});

test('a fresh account has the rights of its YAML and no others, and the audit log has all that it asked', async () => {
  const rbac = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: looks }
rules: [{ apiGroups: [''], resources: [pods], verbs: [list] }]
`;
  await using account = await serviceAccountKubeconfig(rbac);
  const { kubeconfig, user } = account;
  const mark = markAudit();
  await kubectl(['get', '--raw', '/api/v1/namespaces/skiff-apm/pods?limit=1'], { kubeconfig });
  await assert.rejects(kubectl(['get', '--raw', '/api/v1/namespaces/skiff-apm/services'], { kubeconfig }), /forbidden/i);
  // Some kubectls ask for /version first.
  const asked = auditSince(mark, user).filter(({ resource }) => resource !== '');
  assert.deepEqual(asked.map(describeEntry), ['list pods 200', 'list services 403']);
  assert.ok(auditSince(mark, user).every(onlyLooks));

  const write = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
  const path = '/api/v1/namespaces/skiff-apm/configmaps';
  await assert.rejects(kubectl(['create', '--raw', path, '-f', '-'], { kubeconfig, input: JSON.stringify(write) }), /forbidden/i);
  assert.deepEqual(
    auditSince(mark, user)
      .filter((entry) => !onlyLooks(entry))
      .map(describeEntry),
    ['create configmaps 403'],
  );
});
