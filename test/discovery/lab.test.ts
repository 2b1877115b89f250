import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { inventory } from '../../checks/inventory/index.ts';
import { DEFAULT_DISCOVERY_SETTINGS, discover } from '../../src/discovery/index.ts';
import type { FoundComponent } from '../../src/model/component.ts';
import { type FakeObjects, fakeKube } from '../support/fake-kube.ts';

/** What a real cluster of Kubernetes 1.20 answered, trimmed to what discovery looks at. */
const recorded = JSON.parse(readFileSync(new URL('../fixtures/discovery/lab-1.20.json', import.meta.url), 'utf8')) as FakeObjects;
const discovery = await discover(fakeKube(recorded), inventory, DEFAULT_DISCOVERY_SETTINGS);
const found = new Map<string, FoundComponent>(discovery.components.map((each) => [each.component, each]));
const withPresence = (presence: string) => discovery.components.filter((each) => each.presence === presence).map((each) => each.component);
const edge = (from: string, to: string) => found.get(from)?.dependsOn.find((dependency) => dependency.component === to)?.confidence;

test('everything that the documents name is there, but for what a cluster of its own machines does without', () => {
  assert.deepEqual(withPresence('missing'), []);
  assert.deepEqual(withPresence('unseen'), []);
  assert.deepEqual(discovery.blindSpots, []);
  assert.deepEqual(withPresence('absent'), [
    ...[
      'cloud-controller-manager',
      'kubernetes-dashboard',
      'federation',
      'prometheus',
      'heapster',
      'metrics-server',
      'elasticsearch',
      'logstash',
      'kibana',
      'fluentd',
    ].map((id) => `kube-system/${id}`),
    'skiff-apigw/skywalking-oap',
    'skiff-logseer/elasticsearch',
    'skiff-logseer/logagent',
  ]);
  const documented = discovery.components.filter((each) => each.documented && each.presence === 'present');
  const present = documented.map((each) => each.id);
  for (const namespace of inventory) {
    for (const { id, optional } of namespace.components) if (optional !== true) assert.ok(present.includes(id), id);
  }
});

test('what the documents do not name is there, too', () => {
  assert.deepEqual(
    discovery.components.filter((each) => !each.documented).map((each) => each.component),
    ['skiff-platform/alertmanager', 'skiff-cicd/cicd-server'],
  );
});

test('every pod of the inventory’s namespaces belongs to one component', () => {
  const pods = (recorded.pods ?? []).map((pod) => `${pod.metadata.namespace}/${pod.metadata.name}`).sort();
  const owned = discovery.components.flatMap((each) => each.pods.map((pod) => `${pod.namespace}/${pod.name}`)).sort();
  assert.deepEqual(owned, pods);
});

test('every Service of the inventory’s namespaces belongs to one component', () => {
  const services = (recorded.services ?? []).map((each) => `${each.metadata.namespace}/${each.metadata.name}`).sort();
  const owned = discovery.components.flatMap((each) => each.services.map((service) => `${service.namespace}/${service.name}`)).sort();
  assert.deepEqual(owned, services);
});

test('apm lives in skiff-apm, nsf-meta in skiff-nsf', () => {
  for (const id of ['apm-collector', 'apm-otel-collector', 'apm-webserver', 'apm-redis', 'apm-redis-sentinel', 'prometheus-apm', 'skiff-agent']) {
    assert.match(found.get(`skiff-apm/${id}`)?.note?.en ?? '', /documented in skiff-apigw/, id);
  }
  assert.match(found.get('skiff-nsf/nsf-meta')?.note?.en ?? '', /documented in skiff-ncs/);
  assert.equal(found.get('skiff-apigw/apigw-portal')?.note, undefined);
});

test('kinds, replicas and Services are as they are', () => {
  const shape = (id: string) => [
    found.get(id)?.workloads.map((each) => `${each.kind}/${each.name}`),
    found.get(id)?.pods.length,
    found.get(id)?.services.map((each) => each.name),
  ];
  assert.deepEqual(shape('kube-system/kube-apiserver'), [['StaticPod/kube-apiserver'], 3, []]);
  assert.deepEqual(shape('kube-system/ingress-nginx'), [['DaemonSet/nginx-ingress-controller'], 3, []]);
  assert.deepEqual(shape('kube-system/coredns'), [['Deployment/coredns'], 2, ['kube-dns']]);
  assert.deepEqual(shape('skiff-gtxs/etcd-gtxs'), [['StatefulSet/etcd-gtxs'], 3, ['etcd-gtxs', 'etcd-gtxs-client']]);
  assert.deepEqual(shape('skiff-platform/etcd-mysql'), [['StatefulSet/etcd-mysql'], 2, ['etcd-mysql', 'etcd-mysql-master']]);
  assert.deepEqual(shape('skiff-platform/mysqld-exporter'), [
    ['Deployment/mysqld-exporter', 'Deployment/mysqld-exporter-slave'],
    2,
    ['mysqld-exporter', 'mysqld-exporter-slave'],
  ]);
  assert.deepEqual(shape('kube-system/kubelet'), [[], 0, []]);
});

test('edges are those of the configuration where it tells', () => {
  for (const [from, to] of [
    ['skiff-apm/apm-webserver', 'skiff-apm/apm-redis'],
    ['skiff-apm/apm-redis-exporter', 'skiff-apm/apm-redis'],
    ['skiff-apm/apm-redis-sentinel-exporter', 'skiff-apm/apm-redis-sentinel'],
    ['skiff-gtxs/gtxs-server', 'skiff-gtxs/etcd-gtxs'],
    ['skiff-ncs/harbor-core', 'skiff-ncs/stolon-proxy'],
    ['skiff-ncs/harbor-core', 'skiff-ncs/redis-harbor-haproxy'],
    ['skiff-ncs/harbor-proxy', 'skiff-ncs/harbor-core'],
    ['skiff-ncs/redis-harbor-haproxy', 'skiff-ncs/harbor-redis'],
    ['skiff-ncs/stolon-proxy', 'skiff-ncs/stolon-keeper'],
    ['skiff-nsf/nsf-meta', 'skiff-platform/etcd-mysql'],
    ['skiff-platform/platform-user-auth', 'skiff-platform/etcd-mysql'],
    ['skiff-platform/platform-user-auth', 'skiff-platform/platform-redis'],
    ['skiff-platform/audit', 'skiff-platform/etcd-mysql'],
    ['skiff-platform/mysqld-exporter', 'skiff-platform/etcd-mysql'],
    ['skiff-platform/prometheus-platform', 'skiff-platform/alertmanager'],
    ['kube-system/ingress-nginx', 'skiff-platform/front'],
    // nginx resolves through the cluster IP of the DNS.
    ['kube-system/ingress-nginx', 'kube-system/coredns'],
  ] as const) {
    assert.equal(edge(from, to), 'observed', `${from} → ${to}`);
  }
  assert.equal(edge('kube-system/kube-scheduler', 'kube-system/localstorage-scheduler-extender'), 'documented');
  assert.equal(edge('kube-system/kube-apiserver', 'kube-system/etcd'), 'upstream');
  assert.equal(edge('skiff-platform/front', 'skiff-nsf/nsf-meta'), 'inferred', 'declared edges follow a component to where it is');
  assert.equal(edge('skiff-platform/etcd-mysql', 'skiff-platform/mysqld-exporter'), undefined);
  assert.equal(edge('skiff-logseer/logseer', 'kube-system/elasticsearch'), undefined, 'absent');
});

test('the three nodes are masters', () => {
  assert.deepEqual(
    discovery.components.filter((each) => each.namespace === 'node').map((each) => [each.component, each.core]),
    [
      ['node/node1', true],
      ['node/node2', true],
      ['node/node3', true],
    ],
  );
});

test('peers are found where their component lives, whatever namespace the documents name', () => {
  assert.deepEqual(found.get('skiff-apm/apm-redis')?.peers, { sentinel: ['skiff-apm/apm-redis-sentinel'], exporter: ['skiff-apm/apm-redis-exporter'] });
  assert.deepEqual(found.get('skiff-platform/etcd-mysql')?.peers, { exporter: ['skiff-platform/mysqld-exporter'] });
  assert.deepEqual(found.get('skiff-gtxs/etcd-gtxs')?.peers, {});
});
