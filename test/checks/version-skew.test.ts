import assert from 'node:assert/strict';
import { test } from 'node:test';
import skew from '../../checks/version-skew/check.ts';
import { compareVersions, etcdSeriesFor, leastEtcdFor } from '../../checks/version-skew/etcd-versions.ts';
import type { VersionSkewObservation } from '../../checks/version-skew/observation.ts';
import type { VersionSkewOptions } from '../../checks/version-skew/rules.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { type Case, type HttpRoutes, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(skew, new URL('../../checks/version-skew/', import.meta.url));

const NODES = [
  { node: 'node1', kubelet: 'v1.20.2', kubeProxy: 'v1.20.2' },
  { node: 'node2', kubelet: 'v1.20.2', kubeProxy: 'v1.20.2' },
];

function seen(facts: Partial<VersionSkewObservation> = {}): VersionSkewObservation {
  return {
    current: 'v1.20.2',
    apiServers: ['node1', 'node2'].map((node) => ({ component: 'kube-apiserver', pod: `kube-apiserver-${node}`, version: 'v1.20.2' })),
    apiServersRead: true,
    managed: false,
    controllers: [{ component: 'kube-scheduler', pod: 'kube-scheduler-node1', version: 'v1.20.2' }],
    controllersRead: true,
    nodes: NODES,
    etcd: [{ component: 'etcd', pod: 'etcd-node1', version: '3.4.13' }],
    etcdRead: true,
    ...facts,
  };
}

const to = (targetVersion: string): { readonly targetVersion: string } => ({ targetVersion });
const node = (facts: Partial<(typeof NODES)[number]>) => ({ nodes: [{ node: 'node1', kubelet: 'v1.20.2', kubeProxy: 'v1.20.2', ...facts }] });
const scheduler = (version: string) => ({ controllers: [{ component: 'kube-scheduler', pod: 'kube-scheduler-node1', version }] });
const etcd = (version: string) => ({ etcd: [{ component: 'etcd', pod: 'etcd-node1', version }] });
const UNSEEN = 'The etcd behind the API server cannot be seen: …';

const cases: Record<string, Case<VersionSkewObservation, VersionSkewOptions>> = {
  'staying at the version': { observation: seen(), expect: ['pass *'] },
  'to the next minor': { observation: seen(), options: to('1.21'), expect: ['pass *'] },
  'two minors at once': {
    observation: seen(),
    options: to('1.22'),
    expect: [
      'fail version-skew/target-is-next: From v1.20.2 to 1.22 skips a minor version: a control plane is upgraded through each of them, 1.21 first.',
      'fail version-skew/controllers#Pod/kube-scheduler-node1: kube-scheduler-node1 is v1.20.2; an API server 1.22 takes none older than 1.21: …',
      'fail version-skew/etcd-series: etcd of etcd-node1 is 3.4.13; 1.22 comes with 3.5: plan its upgrade, too.',
      'pass *',
    ],
  },
  back: {
    observation: seen(),
    options: to('1.19'),
    expect: ['fail version-skew/target-is-next: The target 1.19 is older than v1.20.2, and Kubernetes is not downgraded.', 'pass *'],
  },
  'API servers of two versions': {
    observation: seen({
      apiServers: [
        { component: 'kube-apiserver', pod: 'a', version: 'v1.20.2' },
        { component: 'kube-apiserver', pod: 'b', version: 'v1.19.7' },
      ],
    }),
    expect: ['fail version-skew/apiservers-agree: The API servers have different minor versions (a v1.20.2, b v1.19.7): …', 'pass *'],
  },
  'a managed control plane': {
    observation: seen({ managed: true, apiServers: [] }),
    expect: ['skip version-skew/apiservers-agree: No pod of an API server has told its version.', 'pass *'],
  },
  'a kubelet two minors older than the target': { observation: seen(node({ kubelet: 'v1.19.16' })), options: to('1.21'), expect: ['pass *'] },
  'a kubelet three minors older than the target': {
    observation: seen(node({ kubelet: 'v1.18.20' })),
    options: to('1.21'),
    expect: ['fail version-skew/kubelets#Node/node1: The kubelet of node1 is v1.18.20; an API server 1.21 takes none older than 1.19: …', 'pass *'],
  },
  'three minors are allowed from 1.25 on': {
    observation: seen({ current: 'v1.27.3', ...node({ kubelet: 'v1.25.0', kubeProxy: 'v1.25.0' }), ...scheduler('v1.27.3'), apiServers: [], ...etcd('3.5.9') }),
    options: to('1.28'),
    expect: ['skip version-skew/apiservers-agree: …', 'pass *'],
  },
  'and not below': {
    observation: seen({ current: 'v1.27.3', ...node({ kubelet: 'v1.24.9', kubeProxy: '' }), ...scheduler('v1.27.3'), apiServers: [], ...etcd('3.5.9') }),
    options: to('1.27'),
    expect: [
      'skip version-skew/apiservers-agree: …',
      'skip version-skew/kube-proxies: The nodes do not tell the version of kube-proxy (from 1.31 on).',
      'fail version-skew/kubelets#Node/node1: The kubelet of node1 is v1.24.9; an API server 1.27 takes none older than 1.25: …',
      'pass *',
    ],
  },
  'a kubelet newer than the API server': {
    observation: seen(node({ kubelet: 'v1.21.0' })),
    options: to('1.21'),
    expect: ['fail version-skew/kubelets#Node/node1: The kubelet of node1 is v1.21.0, newer than the API server (v1.20.2), which is not supported.', 'pass *'],
  },
  'a kubelet that tells nonsense': {
    observation: seen(node({ kubelet: 'dev' })),
    expect: ['skip version-skew/kubelets#Node/node1: The version dev is none of Kubernetes 1.', 'pass *'],
  },
  'a kube-proxy too old, and one that tells nonsense': {
    observation: seen({
      nodes: [
        { node: 'node1', kubelet: 'v1.20.2', kubeProxy: 'v1.16.1' },
        { node: 'node2', kubelet: 'v1.20.2', kubeProxy: '?' },
      ],
    }),
    expect: [
      'fail version-skew/kube-proxies#Node/node1: kube-proxy on node1 is v1.16.1; an API server 1.20 takes none older than 1.18.',
      'skip version-skew/kube-proxies#Node/node2: The version ? is none of Kubernetes 1.',
      'pass *',
    ],
  },
  'a kube-proxy newer than the API server': {
    observation: seen(node({ kubeProxy: 'v1.22.0' })),
    expect: [
      'fail version-skew/kube-proxies#Node/node1: kube-proxy on node1 is v1.22.0, newer than the API server (v1.20.2), which is not supported.',
      'pass *',
    ],
  },
  'a scheduler newer than the API server': {
    observation: seen(scheduler('v1.21.1')),
    expect: [
      'fail version-skew/controllers#Pod/kube-scheduler-node1: kube-scheduler-node1 is v1.21.1, newer than the API server (v1.20.2), which is not supported.',
      'pass *',
    ],
  },
  'images without versions': {
    observation: seen({ controllers: [] }),
    expect: ['skip version-skew/controllers: Their images are not tagged with a version, so there is nothing to compare.', 'pass *'],
  },
  'an etcd that the target does not take': {
    observation: seen(etcd('3.2.17')),
    expect: [
      'fail version-skew/etcd-accepted: etcd of etcd-node1 is 3.2.17; 1.20 takes none older than 3.2.18.',
      'fail version-skew/etcd-series: etcd of etcd-node1 is 3.2.17; 1.20 comes with 3.4: …',
      'pass *',
    ],
  },
  'an etcd that is not to be seen': {
    observation: seen({ etcd: [] }),
    expect: [`skip version-skew/etcd-accepted: ${UNSEEN}`, `skip version-skew/etcd-series: ${UNSEEN}`, `fail version-skew/etcd-seen: ${UNSEEN}`, 'pass *'],
  },
  'an API server that tells nonsense': {
    observation: seen({ current: 'v2.0' }),
    expect: [
      'fail version-skew/target-is-next: The version v2.0 is none of Kubernetes 1.',
      ...['kubelets', 'kube-proxies', 'controllers'].map((rule) => `skip version-skew/${rule}: The version v2.0 is none of Kubernetes 1.`),
      `skip version-skew/etcd-accepted: ${UNSEEN}`,
      `skip version-skew/etcd-series: ${UNSEEN}`,
      `fail version-skew/etcd-seen: ${UNSEEN}`,
      'pass *',
    ],
  },
};

testCheck(skew, cases);

test('the tables of etcd go by the minor of Kubernetes', () => {
  assert.deepEqual([11, 13, 14, 17, 21, 22, 33, 34, 40].map(etcdSeriesFor), ['3.2', '3.2', '3.3', '3.4', '3.4', '3.5', '3.5', '3.6', '3.6']);
  assert.deepEqual([20, 35, 36].map(leastEtcdFor), ['3.2.18', '3.2.18', '3.5.24']);
  assert.ok(compareVersions('3.10.1', '3.9.9') > 0 && compareVersions('3.5.0', '3.5') === 0 && compareVersions('3.4.13', '3.5') < 0);
});

function pod(name: string, image: string, labels: Readonly<Record<string, string>> = {}, command: readonly string[] = []): Pod {
  return {
    metadata: { name, namespace: 'kube-system', labels },
    spec: { nodeName: 'node1', containers: [{ name: 'main', image, command }] },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

const nodes: readonly Node[] = [{ metadata: { name: 'node1' }, status: { nodeInfo: { kubeletVersion: 'v1.20.2', kubeProxyVersion: 'v1.20.2' } } }];
const target = { component: 'kube-system/kube-apiserver', namespace: 'kube-system', pods: [{ namespace: 'kube-system', name: 'kube-apiserver-node1' }] };
const version = (gitVersion: string) => ({ status: 200, body: JSON.stringify({ major: '1', gitVersion }) });
const PODS = [
  pod('kube-apiserver-node1', 'k8s.gcr.io/kube-apiserver:v1.20.2', { component: 'kube-apiserver' }, ['kube-apiserver', '--secure-port=7443']),
  pod('kube-scheduler-node1', 'k8s.gcr.io/kube-scheduler:v1.19.3', { component: 'kube-scheduler' }),
  pod('etcd-node1', 'registry/etcd:latest', { component: 'etcd' }),
];
const ROUTES: HttpRoutes = {
  'apiserver /version': version('v1.20.2'),
  'pod https:kube-system/kube-apiserver-node1:7443 /version': version('v1.20.2'),
  'forward kube-system/etcd-node1:2381 /metrics': { status: 200, body: 'etcd_server_version{server_version="3.4.13"} 1\n' },
};

test('versions come from the API servers themselves, from image tags, and from the metrics of etcd', async () => {
  const { observation, blindSpots } = await probeWith(skew, { target, objects: { nodes, pods: PODS }, http: ROUTES });
  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    verdictLines(skew, observation, { options: to('1.21') }).filter((line) => !line.startsWith('pass')),
    [
      'fail version-skew/controllers#Pod/kube-scheduler-node1: kube-scheduler-node1 is v1.19.3; an API server 1.21 takes none older than 1.20: finish the earlier upgrade first.',
    ],
  );
  assert.equal((observation as unknown as VersionSkewObservation).etcd[0]?.version, '3.4.13');
});

test('an etcd that may not be asked is unknown; one whose port refuses is not seen', async () => {
  const asked = (reply: 'Forbidden' | { readonly unreachable: 'refused' }) =>
    probeWith(skew, { target, objects: { nodes, pods: PODS }, http: { ...(ROUTES as object), 'forward kube-system/etcd-node1:2381 /metrics': reply } });
  const forbidden = await asked('Forbidden');
  assert.deepEqual(forbidden.blindSpots[0]?.rules, ['etcd-accepted', 'etcd-series', 'etcd-seen']);
  assert.ok(!verdictLines(skew, forbidden.observation).some((line) => line.includes('etcd')));
  const refused = await asked({ unreachable: 'refused' });
  assert.deepEqual(refused.blindSpots, []);
  assert.ok(
    verdictLines(skew, refused.observation).includes(
      'fail version-skew/etcd-seen: The etcd behind the API server cannot be seen: it runs as no pod, or does not tell its version. Look at it by hand.',
    ),
  );
});

test('what an API server answers is anything until it is a version', async () => {
  for (const body of ['<html>', '{}', '{"gitVersion":7}', 'null']) {
    const { observation, blindSpots } = await probeWith(skew, {
      target: { ...target, pods: [] },
      objects: { nodes, pods: [] },
      http: { 'apiserver /version': { status: 200, body } },
    });
    assert.equal(observation, undefined, body);
    assert.equal(blindSpots[0]?.problem.reason, 'InvalidResponse');
  }
});
