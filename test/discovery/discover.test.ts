import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inventory } from '../../checks/inventory/index.ts';
import { DEFAULT_DISCOVERY_SETTINGS, DISCOVERY_READS, type DiscoverySettings, discover } from '../../src/discovery/index.ts';
import type { Discovery, FoundComponent } from '../../src/model/component.ts';
import type { ConfigMap, Container, Deployment, Namespace, Node, Pod, Service, StatefulSet } from '../../src/model/kubernetes.ts';
import { type FakeObjects, type FakeRefusals, fakeKube } from '../support/fake-kube.ts';

// A small cluster is put together from these.

type Shape = { readonly labels?: Record<string, string>; readonly container?: Partial<Container>; readonly configMaps?: readonly string[] };

const named = (name: string): Namespace => ({ metadata: { name } });
const node = (name: string, labels: Record<string, string> = {}): Node => ({ metadata: { name, labels } });

function template(name: string, shape: Shape) {
  return {
    metadata: { labels: shape.labels ?? { app: name } },
    spec: {
      containers: [{ name: 'main', image: 'base:1', ...shape.container }],
      volumes: (shape.configMaps ?? []).map((each) => ({ name: each, configMap: { name: each } })),
    },
  };
}

function deployment(namespace: string, name: string, shape: Shape = {}): Deployment {
  return { metadata: { name, namespace }, spec: { replicas: 1, template: template(name, shape) } };
}

function statefulSet(namespace: string, name: string, shape: Shape = {}): StatefulSet {
  return { metadata: { name, namespace }, spec: { replicas: 1, template: template(name, shape) } };
}

function podOf(namespace: string, deployment: string, labels: Record<string, string> = { app: deployment }): Pod {
  return {
    metadata: {
      name: `${deployment}-5b7f9c-x1`,
      namespace,
      labels: { ...labels, 'pod-template-hash': '5b7f9c' },
      ownerReferences: [{ kind: 'ReplicaSet', name: `${deployment}-5b7f9c`, controller: true }],
    },
  };
}

function staticPod(name: string, on: string): Pod {
  return {
    metadata: {
      name: `${name}-${on}`,
      namespace: 'kube-system',
      labels: { component: name },
      ownerReferences: [{ kind: 'Node', name: on, controller: true }],
    },
    spec: { nodeName: on, containers: [{ name }] },
  };
}

function service(namespace: string, name: string, selector?: Record<string, string>, clusterIP?: string): Service {
  return { metadata: { name, namespace }, spec: { ...(selector && { selector }), ...(clusterIP !== undefined && { clusterIP }) } };
}

function configMap(namespace: string, name: string, data: Record<string, string>): ConfigMap {
  return { metadata: { name, namespace }, data };
}

const env = (values: Record<string, string>): Partial<Container> => ({ env: Object.entries(values).map(([name, value]) => ({ name, value })) });

/** Discovers; the namespaces are those of the objects unless they are given. */
async function run(objects: FakeObjects, settings: Partial<DiscoverySettings> = {}, refusals: FakeRefusals = {}): Promise<Discovery> {
  const used = Object.values(objects).flatMap((list) => list.flatMap((each) => each.metadata.namespace ?? []));
  const namespaces = objects.namespaces ?? [...new Set(used)].map(named);
  return discover(fakeKube({ ...objects, namespaces }, refusals), inventory, { ...DEFAULT_DISCOVERY_SETTINGS, ...settings });
}

function component(discovery: Discovery, id: string): FoundComponent {
  const found = discovery.components.find((each) => each.component === id);
  assert.ok(found, `${id} is not among ${discovery.components.map((each) => each.component).join(' ')}`);
  return found;
}
const presence = (discovery: Discovery, id: string) => component(discovery, id).presence;
const ids = (discovery: Discovery) => discovery.components.map((each) => each.component);
const edges = (discovery: Discovery, id: string) =>
  Object.fromEntries(component(discovery, id).dependsOn.map((dependency) => [dependency.component, dependency.confidence]));

test('misspelt and differently arranged names are recognised', async () => {
  const discovery = await run({
    deployments: [
      deployment('skiff-ncs', 'harbar-core'),
      deployment('skiff-ncs', 'harbor-redis-haproxy'),
      deployment('skiff-apigw', 'apm-redis-sentinel-expoter'),
      deployment('kube-system', 'localstorage-weihook'),
      deployment('skiff-ncs', 'foo-harbor-registry'),
    ],
    statefulsets: [statefulSet('skiff-ncs', 'harbar-redis'), statefulSet('skiff-apigw', 'promethus-apm')],
  });
  for (const id of ['skiff-ncs/harbor-core', 'skiff-ncs/redis-harbor-haproxy', 'skiff-ncs/harbor-redis', 'skiff-ncs/harbor-registry']) {
    assert.equal(presence(discovery, id), 'present', id);
  }
  assert.equal(presence(discovery, 'skiff-apigw/apm-redis-sentinel-exporter'), 'present');
  assert.equal(presence(discovery, 'skiff-apigw/prometheus-apm'), 'present');
  assert.equal(presence(discovery, 'kube-system/localstorage-webhook'), 'present');
  assert.match(component(discovery, 'skiff-ncs/harbor-core').note?.en ?? '', /harbar-core/);
  assert.ok(!discovery.components.some((each) => !each.documented));
});

test('the most specific name wins and a workload belongs to one component only', async () => {
  const discovery = await run({
    deployments: ['mysqld-exporter', 'mysqld-exporter-slave'].map((name) => deployment('skiff-platform', name)),
    statefulsets: [
      ...['prometheus', 'prometheus-platform', 'prometheus-nms', 'platform-redis'].map((name) => statefulSet('skiff-platform', name)),
      ...['harbor-redis', 'harbor-redis-sentinel'].map((name) => statefulSet('skiff-ncs', name)),
    ],
  });
  const owners = discovery.components.flatMap((each) => each.workloads.map((workload) => [workload.name, each.component]));
  assert.equal(new Set(owners.map(([name]) => name)).size, owners.length);
  assert.deepEqual(
    component(discovery, 'skiff-platform/mysqld-exporter').workloads.map((workload) => workload.name),
    ['mysqld-exporter', 'mysqld-exporter-slave'],
  );
  for (const [name, id] of owners) if (!name?.startsWith('mysqld')) assert.equal(id?.split('/')[1], name);
});

test('what stands beside a component is not taken for it', async () => {
  const discovery = await run({
    deployments: ['harbor-redis-exporter', 'prometheus-operator', 'ncs-gateway'].map((name) => deployment('skiff-ncs', name)),
  });
  for (const name of ['harbor-redis-exporter', 'prometheus-operator', 'ncs-gateway']) {
    const found = component(discovery, `skiff-ncs/${name}`);
    assert.equal(found.documented, false);
    assert.equal(found.optional, true);
    assert.deepEqual(Object.keys(found.technologies), ['workload', 'service', 'http-service']);
  }
  assert.equal(presence(discovery, 'skiff-ncs/harbor-redis'), 'missing');
});

test('labels and images decide where the name does not', async () => {
  const discovery = await run({
    deployments: [
      deployment('kube-system', 'cluster-dns', { labels: { 'k8s-app': 'kube-dns' } }),
      deployment('skiff-ncs', 'release-7', { labels: { app: 'harbor-portal' } }),
      deployment('skiff-ncs', 'alertmanager', { labels: { app: 'prometheus-ncs', component: 'alertmanager' } }),
      deployment('skiff-platform', 'rules', { labels: { app: 'prometheus' } }),
      deployment('skiff-ncs', 'registry-main', { container: { image: 'local:5000/goharbor/harbor-core:v1.7.5' } }),
    ],
    statefulsets: [statefulSet('skiff-platform', 'database', { container: { image: 'mysql:5.7', ports: [{ containerPort: 3306 }] } })],
  });
  assert.match(component(discovery, 'kube-system/coredns').note?.en ?? '', /k8s-app=kube-dns/);
  assert.equal(presence(discovery, 'skiff-ncs/harbor-portal'), 'present');
  assert.match(component(discovery, 'skiff-ncs/harbor-core').note?.en ?? '', /image harbor-core/);
  assert.match(component(discovery, 'skiff-platform/etcd-mysql').note?.en ?? '', /image mysql/);
  // The chart's label is on everything that the chart brings.
  assert.equal(component(discovery, 'skiff-platform/rules').documented, false);
  assert.equal(component(discovery, 'skiff-ncs/alertmanager').documented, false);
  assert.equal(presence(discovery, 'skiff-ncs/prometheus-ncs'), 'missing');
});

test('an image that several workloads share decides nothing', async () => {
  const shape = { container: { image: 'mysql:5.7', ports: [{ containerPort: 3306 }] } };
  const discovery = await run({ statefulsets: [statefulSet('skiff-platform', 'db-a', shape), statefulSet('skiff-platform', 'db-b', shape)] });
  assert.equal(presence(discovery, 'skiff-platform/etcd-mysql'), 'missing');
  assert.equal(component(discovery, 'skiff-platform/db-a').documented, false);
});

test('the three skiff agents stay three', async () => {
  const places = [
    ['skiff-apm', 'skiff-agent'],
    ['skiff-ncs', 'skiff-agent'],
    ['skiff-gtxs', 'skiff-gtxs-agent'],
  ] as const;
  const discovery = await run({ deployments: places.map(([namespace, name]) => deployment(namespace, name)) });
  for (const [namespace, name] of places) {
    const found = component(discovery, `${namespace}/${name}`);
    assert.equal(found.documented, true);
    assert.deepEqual(found.workloads, [{ kind: 'Deployment', namespace, name }]);
  }
  assert.match(component(discovery, 'skiff-apm/skiff-agent').title.en, /APM/);
  assert.match(component(discovery, 'skiff-ncs/skiff-agent').title.en, /NSF/);

  const without = await run({ deployments: places.slice(0, 1).map(([namespace, name]) => deployment(namespace, name)), namespaces: [named('skiff-apm')] });
  assert.equal(presence(without, 'skiff-ncs/skiff-agent'), 'absent', 'the agent of one module is not that of another');
});

test('a component in another namespace is checked there and says so', async () => {
  const discovery = await run({ deployments: [deployment('skiff-nsf', 'nsf-meta'), deployment('skiff-ncs', 'ncs')] });
  const found = component(discovery, 'skiff-nsf/nsf-meta');
  assert.equal(found.presence, 'present');
  assert.equal(found.namespace, 'skiff-nsf');
  assert.match(found.note?.en ?? '', /documented in skiff-ncs, found in skiff-nsf/);
  assert.ok(!ids(discovery).includes('skiff-ncs/nsf-meta'));
});

test('a renamed namespace is recognised by what runs in it, and a configured one is taken at its word', async () => {
  const deployments = ['ncs', 'harbor-core', 'ncs-manager'];
  const renamed = await run({ deployments: deployments.map((name) => deployment('skiff-container', name)) });
  assert.equal(presence(renamed, 'skiff-container/harbor-core'), 'present');
  assert.equal(presence(renamed, 'skiff-ncs/harbor-registry'), 'missing', 'the module is installed, under another name');

  const configured = await run({ deployments: deployments.map((name) => deployment('qz-ncs', name)) }, { modules: { 'skiff-ncs': ['qz-ncs'] } });
  assert.equal(presence(configured, 'qz-ncs/harbor-core'), 'present');
  assert.deepEqual(
    configured.namespaces.filter((each) => each.module === 'skiff-ncs'),
    [{ name: 'qz-ncs', module: 'skiff-ncs', present: true }],
  );
});

test('missing is what an installed module lacks; absent is what is not installed or optional', async () => {
  const discovery = await run({
    namespaces: [named('skiff-ncs'), named('skiff-gtxs'), named('kube-system'), named('skiff-apm')],
    deployments: [deployment('skiff-ncs', 'ncs'), deployment('kube-system', 'coredns'), deployment('skiff-apm', 'apm-collector')],
  });
  assert.equal(presence(discovery, 'skiff-ncs/harbor-core'), 'missing');
  assert.equal(presence(discovery, 'skiff-gtxs/etcd-gtxs'), 'absent', 'the namespace holds no workload');
  assert.equal(presence(discovery, 'skiff-platform/front'), 'absent', 'the namespace does not exist');
  assert.equal(presence(discovery, 'kube-system/cloud-controller-manager'), 'absent', 'optional');
  assert.equal(presence(discovery, 'skiff-apigw/apm-webserver'), 'missing', 'its module is installed in skiff-apm');
  assert.equal(presence(discovery, 'skiff-apigw/apigw-portal'), 'absent', 'apm alone does not make the gateway installed');
});

test('a workload that is scaled to zero is there; one that is being deleted is not', async () => {
  const scaled = { ...deployment('skiff-ncs', 'harbor-core'), spec: { replicas: 0, template: template('harbor-core', {}) } };
  const leaving = podOf('skiff-ncs', 'harbor-clair');
  const discovery = await run({
    deployments: [scaled],
    pods: [{ ...leaving, metadata: { ...leaving.metadata, deletionTimestamp: '2026-01-01T00:00:00Z' } }],
  });
  assert.equal(presence(discovery, 'skiff-ncs/harbor-core'), 'present');
  assert.equal(presence(discovery, 'skiff-ncs/harbor-clair'), 'missing');
});

test('what was recorded and is gone is missing, optional or not, under the id it was recorded with', async () => {
  const discovery = await run(
    { deployments: [deployment('skiff-apm', 'apm-collector'), deployment('kube-system', 'coredns')], nodes: [node('node1')] },
    { expected: ['kube-system/metrics-server', 'skiff-apm/apm-redis', 'skiff-cicd/cicd-server', 'node/node1', 'node/node9', 'skiff-apm/apm-collector'] },
  );
  for (const id of ['kube-system/metrics-server', 'skiff-apm/apm-redis', 'skiff-cicd/cicd-server', 'node/node9']) {
    assert.equal(presence(discovery, id), 'missing', id);
  }
  assert.ok(!ids(discovery).includes('skiff-apigw/apm-redis'));
  assert.equal(presence(discovery, 'node/node1'), 'present');
  assert.equal(presence(discovery, 'skiff-apm/apm-collector'), 'present');
});

test('a kind that may not be listed makes what is not found unseen, and nothing else', async () => {
  const discovery = await run(
    {
      deployments: [deployment('skiff-ncs', 'harbor-core'), deployment('skiff-gtxs', 'gtxs-server')],
      pods: [podOf('skiff-ncs', 'harbor-core')],
      statefulsets: [statefulSet('skiff-ncs', 'harbor-redis')],
    },
    {},
    { 'list deployments skiff-ncs': 'Forbidden' },
  );
  assert.equal(presence(discovery, 'skiff-ncs/harbor-redis'), 'present');
  const core = component(discovery, 'skiff-ncs/harbor-core');
  assert.equal(core.presence, 'present', 'its pods tell of it');
  assert.deepEqual(core.workloads, [{ kind: 'Deployment', namespace: 'skiff-ncs', name: 'harbor-core' }]);
  assert.equal(presence(discovery, 'skiff-ncs/ncs'), 'unseen');
  assert.equal(presence(discovery, 'skiff-gtxs/etcd-gtxs'), 'missing', 'another namespace is not affected');
  assert.deepEqual(
    discovery.blindSpots.map((spot) => [spot.namespace, spot.problem.reason, spot.problem.needs]),
    [['skiff-ncs', 'Forbidden', 'list deployments in skiff-ncs']],
  );
});

test('a namespace that may not be read at all is one blind spot', async () => {
  const kinds = ['pods', 'services', 'deployments', 'statefulsets', 'daemonsets', 'cronjobs', 'configmaps'];
  const refusals = Object.fromEntries(kinds.map((kind) => [`list ${kind} skiff-ncs`, 'Forbidden' as const]));
  const discovery = await run({ deployments: [deployment('skiff-ncs', 'ncs'), deployment('skiff-gtxs', 'gtxs-server')] }, {}, refusals);
  assert.ok(discovery.components.filter((each) => each.namespace === 'skiff-ncs').every((each) => each.presence === 'unseen'));
  assert.deepEqual(
    discovery.blindSpots.map((spot) => spot.problem.needs),
    [`list ${kinds.join(', ')} in skiff-ncs`],
  );
});

test('without the list of namespaces the documented ones are tried, and emptiness is not taken for existence', async () => {
  const objects = { deployments: [deployment('skiff-ncs', 'ncs'), deployment('qz-gtxs', 'gtxs-server')] };
  const discovery = await run(objects, { modules: { 'skiff-gtxs': ['qz-gtxs'] } }, { 'list namespaces': 'Forbidden', 'list nodes': 'Forbidden' });
  assert.equal(presence(discovery, 'skiff-ncs/ncs'), 'present');
  assert.equal(presence(discovery, 'qz-gtxs/gtxs-server'), 'present');
  assert.equal(presence(discovery, 'skiff-platform/front'), 'absent');
  assert.deepEqual(
    discovery.namespaces.filter((each) => each.present).map((each) => each.name),
    ['qz-gtxs', 'skiff-ncs'],
  );
  assert.deepEqual(
    discovery.blindSpots.map((spot) => spot.problem.needs),
    ['list namespaces', 'list nodes'],
  );
});

test('when nothing can be read nothing is missing and nothing throws', async () => {
  const refusals = Object.fromEntries(DISCOVERY_READS.map((read) => [`list ${read.resource}`, 'Refused' as const]));
  const discovery = await run({}, { expected: ['skiff-ncs/ncs', 'node/node1'] }, refusals);
  const shown = new Set(discovery.components.filter((each) => Object.keys(each.technologies).includes('workload')).map((each) => each.presence));
  assert.deepEqual([...shown], ['unseen']);
  assert.equal(presence(discovery, 'node/node1'), 'unseen');
});

test('exactly what is declared is read, in namespaces of the inventory that are there', async () => {
  const kube = fakeKube({
    namespaces: ['default', 'kube-system', 'skiff-ncs', 'somebody-else'].map(named),
    deployments: [deployment('somebody-else', 'harbor-core')],
  });
  const discovery = await discover(kube, inventory, DEFAULT_DISCOVERY_SETTINGS);
  const expected = DISCOVERY_READS.flatMap(({ resource, verbs, scope }) =>
    verbs.flatMap((verb) => (scope === 'cluster' ? [`${verb} ${resource}`] : ['kube-system', 'skiff-ncs'].map((each) => `${verb} ${resource} ${each}`))),
  );
  assert.deepEqual([...kube.reads].sort(), expected.sort());
  assert.equal(presence(discovery, 'skiff-ncs/harbor-core'), 'absent');
});

test('reads do not grow with namespaces that are somebody else’s', async () => {
  const many = Array.from({ length: 500 }, (_, index) => named(`skiff-tenant-${index}`));
  const kube = fakeKube({ namespaces: [named('kube-system'), ...many] });
  await discover(kube, inventory, DEFAULT_DISCOVERY_SETTINGS);
  assert.ok(kube.reads.length < 2 + 7 * 20, String(kube.reads.length));
});

test('static pods are one workload, however many nodes run them; kubelet and runtime need none', async () => {
  const discovery = await run({
    pods: ['node1', 'node-b', 'node-c-1'].flatMap((each) => [staticPod('kube-apiserver', each), staticPod('etcd', each)]),
    namespaces: [named('kube-system')],
  });
  const server = component(discovery, 'kube-system/kube-apiserver');
  assert.deepEqual(server.workloads, [{ kind: 'StaticPod', namespace: 'kube-system', name: 'kube-apiserver' }]);
  assert.equal(server.pods.length, 3);
  assert.deepEqual(edges(discovery, 'kube-system/kube-apiserver'), { 'kube-system/etcd': 'upstream' });
  for (const id of ['kube-system/kubelet', 'kube-system/container-runtime']) {
    assert.equal(presence(discovery, id), 'present');
    assert.deepEqual(component(discovery, id).workloads, []);
  }
  assert.equal(presence(discovery, 'kube-system/kube-scheduler'), 'missing');
});

test('an API server that answers is not missing because its pods are not to be seen', async () => {
  const discovery = await run({ deployments: [deployment('kube-system', 'coredns')] });
  const server = component(discovery, 'kube-system/kube-apiserver');
  assert.equal(server.presence, 'present');
  assert.deepEqual(Object.keys(server.technologies), ['kube-apiserver']);
});

test('pods go to the workload that owns them; one-off jobs and finished bare pods go nowhere', async () => {
  const bare = (name: string, phase: string): Pod => ({ metadata: { name, namespace: 'skiff-ncs' }, status: { phase } });
  const ofJob = (name: string): Pod => ({ metadata: { name: `${name}-x`, namespace: 'kube-system', ownerReferences: [{ kind: 'Job', name }] } });
  const discovery = await run({
    cronjobs: [{ metadata: { name: 'cleanlog', namespace: 'kube-system' } }],
    pods: [
      ofJob('cleanlog-28391040'),
      ofJob('migrate-once'),
      bare('debugger', 'Succeeded'),
      bare('handmade', 'Running'),
      {
        metadata: {
          name: 'harbor-core-q',
          namespace: 'skiff-ncs',
          ownerReferences: [{ kind: 'ReplicationController', name: 'harbor-core', controller: true }],
        },
      },
    ],
  });
  const cleaner = component(discovery, 'kube-system/cleanlog');
  assert.deepEqual(cleaner.workloads, [{ kind: 'CronJob', namespace: 'kube-system', name: 'cleanlog' }]);
  assert.deepEqual(cleaner.pods, [{ namespace: 'kube-system', name: 'cleanlog-28391040-x' }]);
  assert.equal(component(discovery, 'skiff-ncs/handmade').documented, false);
  assert.deepEqual(component(discovery, 'skiff-ncs/harbor-core').workloads, [{ kind: 'Pod', namespace: 'skiff-ncs', name: 'harbor-core-q' }]);
  assert.ok(!ids(discovery).some((id) => /debugger|migrate/.test(id)));
});

test('a Service belongs to what it selects, or to what it is named after when it selects nothing', async () => {
  const discovery = await run({
    deployments: [deployment('skiff-ncs', 'harbor-core'), deployment('skiff-ncs', 'harbor-portal'), deployment('skiff-ncs', 'ncs')],
    pods: [podOf('skiff-ncs', 'harbor-core'), podOf('skiff-ncs', 'harbor-portal')],
    services: [
      service('skiff-ncs', 'registry-entry', { app: 'harbor-core' }),
      service('skiff-ncs', 'harbor-portal', { app: 'harbor-core' }),
      service('skiff-ncs', 'harbor-portal-headless', { app: 'harbor-prtal' }),
      service('skiff-ncs', 'ncs', { app: 'ncs' }),
      service('skiff-ncs', 'harbor-clair', { app: 'harbor-clair' }),
      { metadata: { name: 'harbor-redis', namespace: 'skiff-ncs' }, spec: { type: 'ExternalName', externalName: 'redis.example.com' } },
    ],
  });
  const services = (id: string) => component(discovery, id).services.map((each) => each.name);
  assert.deepEqual(services('skiff-ncs/harbor-core'), ['harbor-portal', 'registry-entry']);
  assert.deepEqual(services('skiff-ncs/harbor-portal'), ['harbor-portal-headless'], 'its selector is misspelt');
  assert.deepEqual(services('skiff-ncs/ncs'), ['ncs'], 'scaled to zero: the template has the labels');
  assert.equal(presence(discovery, 'skiff-ncs/harbor-clair'), 'missing');
  assert.deepEqual(services('skiff-ncs/harbor-clair'), ['harbor-clair'], 'the Service outlived its workload');
  assert.deepEqual(services('skiff-ncs/harbor-redis'), []);
});

const CANARY = 'c4n4ry-s3cret';

test('observed edges come from env, arguments and ConfigMaps, win over declared ones, and carry addresses only', async () => {
  const discovery = await run({
    deployments: [
      deployment('skiff-platform', 'platform-user-auth', {
        container: {
          env: [
            { name: 'DB_URL', value: `jdbc:mysql://root:${CANARY}@etcd-mysql-master.skiff-platform.svc.cluster.local:3306/x` },
            { name: 'DB_PASSWORD', value: CANARY },
            { name: 'REDIS', valueFrom: { configMapKeyRef: { name: 'shared', key: 'redis' } } },
          ],
        },
      }),
      deployment('skiff-ncs', 'ncs', {
        container: { args: ['--auth', '10.96.7.7:8080', '--harbor-host', 'harbor-core'], envFrom: [{ configMapRef: { name: 'ncs-env' } }] },
      }),
      deployment('skiff-ncs', 'harbor-core', { container: env({ SELF: 'http://harbor-core:8080', EXPORTER: 'mysqld-exporter.skiff-platform.svc:9104' }) }),
      deployment('skiff-platform', 'mysqld-exporter', {
        container: env({ DATA_SOURCE_NAME: `exporter:${CANARY}@(etcd-mysql-0.etcd-mysql.skiff-platform:3306)/` }),
      }),
      deployment('skiff-platform', 'front', { configMaps: ['front-conf'] }),
      deployment('skiff-platform', 'audit'),
    ],
    statefulsets: [
      statefulSet('skiff-platform', 'etcd-mysql'),
      statefulSet('skiff-platform', 'platform-redis'),
      statefulSet('skiff-platform', 'prometheus-platform', { configMaps: ['prometheus'] }),
    ],
    services: [
      service('skiff-platform', 'etcd-mysql', { app: 'etcd-mysql' }, 'None'),
      service('skiff-platform', 'etcd-mysql-master', { app: 'etcd-mysql' }),
      service('skiff-platform', 'platform-redis', { app: 'platform-redis' }),
      service('skiff-platform', 'platform-user-auth', { app: 'platform-user-auth' }, '10.96.7.7'),
      service('skiff-platform', 'mysqld-exporter', { app: 'mysqld-exporter' }),
      service('skiff-ncs', 'harbor-core', { app: 'harbor-core' }),
    ],
    configmaps: [
      configMap('skiff-platform', 'shared', { redis: `redis://:${CANARY}@platform-redis:6379`, unused: 'http://audit.skiff-platform.svc:8080' }),
      configMap('skiff-platform', 'front-conf', {
        'nginx.conf': 'location /ncs { proxy_pass http://ncs.skiff-ncs.svc.cluster.local:8080; }\n# proxy_pass http://audit:8080;',
      }),
      configMap('skiff-platform', 'prometheus', { 'prometheus.yml': '- targets: ["mysqld-exporter:9104"]' }),
      configMap('skiff-platform', 'unreferenced', { host: 'audit.skiff-platform.svc' }),
      configMap('skiff-ncs', 'ncs-env', { DB_HOST: 'etcd-mysql.skiff-platform', DB_PASSWORD: CANARY }),
    ],
  });
  const auth = edges(discovery, 'skiff-platform/platform-user-auth');
  assert.equal(auth['skiff-platform/etcd-mysql'], 'observed');
  assert.equal(auth['skiff-platform/platform-redis'], 'observed');
  assert.ok(!('skiff-platform/audit' in auth), 'only the key that it refers to');
  const ncs = edges(discovery, 'skiff-ncs/ncs');
  assert.equal(ncs['skiff-platform/platform-user-auth'], 'observed');
  assert.equal(ncs['skiff-platform/etcd-mysql'], 'observed');
  assert.equal(ncs['skiff-ncs/harbor-core'], 'observed');
  assert.equal(ncs['skiff-platform/platform-redis'], 'inferred');
  assert.equal(edges(discovery, 'skiff-platform/mysqld-exporter')['skiff-platform/etcd-mysql'], 'observed');
  assert.equal(edges(discovery, 'skiff-platform/prometheus-platform')['skiff-platform/mysqld-exporter'], 'observed');
  const front = edges(discovery, 'skiff-platform/front');
  assert.equal(front['skiff-ncs/ncs'], 'observed', 'the Service is gone, the component is known by name');
  assert.equal(front['skiff-platform/audit'], 'inferred', 'a comment configures nothing');
  const core = edges(discovery, 'skiff-ncs/harbor-core');
  assert.ok(!('skiff-ncs/harbor-core' in core));
  assert.ok(!('skiff-platform/mysqld-exporter' in core), 'nobody but a Prometheus needs an exporter');
  assert.ok(!JSON.stringify(discovery).includes(CANARY));
});

test('edges lead to components that are there, missing or unseen, each once, never to absent ones or to itself', async () => {
  const discovery = await run({ deployments: [deployment('skiff-logseer', 'logseer'), deployment('skiff-ncs', 'harbor-jobservice')] });
  const known = new Map(discovery.components.map((each) => [each.component, each.presence]));
  for (const each of discovery.components) {
    const targets = each.dependsOn.map((dependency) => dependency.component);
    assert.equal(new Set(targets).size, targets.length);
    for (const target of targets) assert.ok(known.has(target) && known.get(target) !== 'absent' && target !== each.component, `${each.component} → ${target}`);
  }
  assert.deepEqual(edges(discovery, 'skiff-logseer/logseer'), {}, 'there is no Elasticsearch and no kube-system here');
  assert.equal(edges(discovery, 'skiff-ncs/harbor-jobservice')['skiff-ncs/harbor-core'], 'upstream', 'missing: it explains the fault');
});

test('ConfigMaps that may not be read leave the declared edges', async () => {
  const objects = { deployments: [deployment('skiff-ncs', 'harbor-jobservice'), deployment('skiff-ncs', 'harbor-core')] };
  const discovery = await run(objects, {}, { 'list configmaps': 'Forbidden' });
  assert.equal(edges(discovery, 'skiff-ncs/harbor-jobservice')['skiff-ncs/harbor-core'], 'upstream');
  assert.equal(presence(discovery, 'skiff-ncs/ncs'), 'missing', 'no workload was hidden by it');
});

test('what the site says wins', async () => {
  const discovery = await run(
    {
      deployments: [
        deployment('skiff-ncs', 'image-hub'),
        deployment('skiff-ncs', 'ncs'),
        deployment('skiff-ncs', 'playground'),
        deployment('skiff-ncs', 'skiff-agent'),
        deployment('data', 'pg-keeper'),
      ],
    },
    {
      components: {
        'harbor-core': { names: ['image-hub'], core: true, dependsOn: ['skiff-ncs/ncs'] },
        'skiff-ncs/harbor-rsync': { optional: true },
        playground: { ignore: true },
        'skiff-ncs/skiff-agent': { ignore: true },
        'stolon-keeper': { names: ['pg-keeper'], namespace: 'data' },
        'harbor-clair': { optional: false, core: true },
        'skiff-ncs/harbor-clair': { core: false },
      },
    },
  );
  const core = component(discovery, 'skiff-ncs/harbor-core');
  assert.equal(core.presence, 'present');
  assert.equal(core.core, true);
  assert.deepEqual(edges(discovery, 'skiff-ncs/harbor-core'), { 'skiff-ncs/ncs': 'documented' });
  assert.equal(presence(discovery, 'skiff-ncs/harbor-rsync'), 'absent');
  assert.equal(presence(discovery, 'data/stolon-keeper'), 'present');
  assert.equal(component(discovery, 'skiff-ncs/harbor-clair').core, false, 'the full id wins over the short one');
  assert.ok(!ids(discovery).some((id) => id === 'skiff-ncs/playground' || id === 'skiff-ncs/skiff-agent'));
});

test('restricted to namespaces, nothing is said of the others, and nothing is missing that may live in them', async () => {
  const objects = { deployments: [deployment('skiff-apigw', 'apigw-portal'), deployment('skiff-apm', 'apm-collector'), deployment('skiff-ncs', 'ncs')] };
  const kube = fakeKube({ ...objects, namespaces: ['skiff-apigw', 'skiff-apm', 'skiff-ncs'].map(named) });
  const discovery = await discover(kube, inventory, { ...DEFAULT_DISCOVERY_SETTINGS, namespaces: ['skiff-apigw'] });
  assert.deepEqual(ids(discovery), ['skiff-apigw/apigw-portal']);
  assert.ok(kube.reads.every((read) => !/skiff-(apm|ncs)/.test(read)));
  assert.deepEqual(discovery.namespaces, [{ name: 'skiff-apigw', module: 'skiff-apigw', present: true }]);
});

test('the order is that of the documents, then what they do not name, then the nodes; the same every time', async () => {
  const objects: FakeObjects = {
    deployments: ['zz', 'ncs', 'aa', 'harbor-core'].map((name) => deployment('skiff-ncs', name)).concat(deployment('skiff-cicd', 'cicd-server')),
    statefulsets: [statefulSet('skiff-gtxs', 'etcd-gtxs')],
    nodes: [node('node2'), node('node1', { 'node-role.kubernetes.io/control-plane': '' })],
  };
  const discovery = await run(objects);
  const present = discovery.components.filter((each) => each.presence === 'present' && each.namespace !== 'kube-system').map((each) => each.component);
  assert.deepEqual(present, [
    'skiff-gtxs/etcd-gtxs',
    'skiff-ncs/harbor-core',
    'skiff-ncs/ncs',
    'skiff-ncs/aa',
    'skiff-ncs/zz',
    'skiff-cicd/cicd-server',
    'node/node1',
    'node/node2',
  ]);
  const reversed = Object.fromEntries(Object.entries(objects).map(([resource, list]) => [resource, list.toReversed()])) as FakeObjects;
  assert.deepEqual(
    await run({ ...reversed, namespaces: ['skiff-cicd', 'skiff-ncs', 'skiff-gtxs'].map(named) }),
    await run({ ...objects, namespaces: ['skiff-gtxs', 'skiff-ncs', 'skiff-cicd'].map(named) }),
  );
  assert.equal(component(discovery, 'node/node1').core, true);
  assert.equal(component(discovery, 'node/node2').core, false);
  assert.deepEqual(component(discovery, 'node/node1').technologies, { node: {} });
});

test('a discovery is plain JSON', async () => {
  const discovery = await run({ deployments: [deployment('skiff-ncs', 'ncs')], nodes: [node('node1')] }, {}, { 'list configmaps': 'Timeout' });
  assert.deepEqual(JSON.parse(JSON.stringify(discovery)), discovery);
});

test('the registry of the cluster is known by the address that Harbor is configured with, wherever that is written', async () => {
  const harbor = ['harbor-core', 'harbor-proxy', 'harbor-registry'].map((id) => `skiff-ncs/${id}`);
  const parts = [deployment('skiff-ncs', 'harbor-core'), deployment('skiff-ncs', 'harbor-proxy'), statefulSet('skiff-ncs', 'harbor-registry')];
  const others = parts.filter((each) => each.metadata.name !== 'harbor-registry') as Deployment[];
  const sets = parts.filter((each) => each.metadata.name === 'harbor-registry') as StatefulSet[];
  const written: readonly [string, Shape, readonly ConfigMap[]][] = [
    ['its environment', { container: { env: [{ name: 'EXT_ENDPOINT', value: 'https://Hub.Example' }] } }, []],
    [
      'a key of a ConfigMap',
      { container: { env: [{ name: 'EXT_ENDPOINT', valueFrom: { configMapKeyRef: { name: 'settings', key: 'url' } } }] } },
      [configMap('skiff-ncs', 'settings', { url: `https://admin:${CANARY}@hub.example:443/` })],
    ],
    [
      'a whole ConfigMap',
      { container: { envFrom: [{ configMapRef: { name: 'settings' } }] } },
      [configMap('skiff-ncs', 'settings', { EXT_ENDPOINT: 'hub.example' })],
    ],
    ['a mounted file', { configMaps: ['settings'] }, [configMap('skiff-ncs', 'settings', { env: `SECRET=${CANARY}\nEXT_ENDPOINT=https://hub.example\nX=1` })]],
  ];
  for (const [where, shape, configmaps] of written) {
    const discovery = await run({ deployments: [...others, deployment('skiff-ncs', 'harbor-adminserver', shape)], statefulsets: sets, configmaps });
    assert.deepEqual(discovery.imageRegistries, [{ host: 'hub.example', components: harbor }], where);
    assert.ok(!JSON.stringify(discovery).includes(CANARY), where);
  }
});

test('no address, or one that is none, or of somebody else, makes no registry', async () => {
  const address = (value: string): Shape => ({ container: { env: [{ name: 'EXT_ENDPOINT', value }] } });
  for (const deployments of [
    [deployment('skiff-ncs', 'harbor-core')],
    [deployment('skiff-ncs', 'harbor-core', address(''))],
    [deployment('skiff-ncs', 'harbor-core', address('https://'))],
    [deployment('skiff-ncs', 'harbor-core'), deployment('skiff-platform', 'front', address('https://hub.example'))],
    [deployment('skiff-platform', 'front', address('https://hub.example'))],
  ]) {
    const discovery = await run({ deployments });
    assert.equal(discovery.imageRegistries, undefined);
  }
  const withPort = await run({ deployments: [deployment('skiff-ncs', 'harbor-core', address('http://10.0.0.9:8080'))] });
  assert.equal(withPort.imageRegistries?.[0]?.host, '10.0.0.9:8080');
});
