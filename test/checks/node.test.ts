import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import node from '../../checks/node/check.ts';
import type { NodeObservation } from '../../checks/node/observation.ts';
import type { NodeOptions } from '../../checks/node/rules.ts';
import type { Lease, Node } from '../../src/model/kubernetes.ts';
import { type Case, type HttpRoutes, NOW, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const OBJECTS = new URL('../fixtures/node/objects/', import.meta.url);
interface Recorded {
  readonly now: string;
  readonly objects: Objects;
}

function recorded(name: string): Recorded {
  return JSON.parse(readFileSync(new URL(`${name}.json`, OBJECTS), 'utf8')) as Recorded;
}

function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

const fine = { status: 'False', message: 'kubelet says that it is fine' } as const;

/** One of three healthy nodes. */
function healthy(facts: Partial<NodeObservation> = {}): NodeObservation {
  return {
    name: 'node2',
    ready: 'True',
    reason: 'KubeletReady',
    message: 'kubelet is posting ready status',
    readySince: ago(86_400),
    heartbeatRead: true,
    heartbeat: { at: ago(8), limitSeconds: 40 },
    newestElsewhere: { at: ago(2), limitSeconds: 40 },
    nodes: 3,
    conditions: { MemoryPressure: fine, DiskPressure: fine, PIDPressure: fine, NetworkUnavailable: fine, KernelDeadlock: fine, ReadonlyFilesystem: fine },
    cordoned: false,
    taints: [],
    kubeletVersion: 'v1.20.2',
    newestVersion: 'v1.20.2',
    address: '10.99.0.12',
    sameAddress: [],
    ...facts,
  };
}

/** A node that the node controller has marked Unknown. */
function lost(facts: Partial<NodeObservation> = {}): NodeObservation {
  return healthy({
    ready: 'Unknown',
    reason: 'NodeStatusUnknown',
    message: 'Kubelet stopped posting node status.',
    readySince: ago(80),
    heartbeat: { at: ago(125), limitSeconds: 40 },
    ...facts,
  });
}

const QUIET = ['skip node/noticed: The node is not silent.', 'skip node/cordon-is-recent: The node is not cordoned.'];
const OUTDATED = ['memory-pressure', 'disk-pressure', 'pid-pressure', 'network-available', 'kernel-healthy'].map(
  (rule) => `skip node/${rule}: The kubelet does not report, so this is not known; see node/ready.`,
);
const LOST = [
  'skip node/heartbeat: The node is Unknown already; see node/ready.',
  'pass node/noticed',
  'skip node/cordon-is-recent: The node is not cordoned.',
  ...OUTDATED,
  'pass *',
];
/** What is said beside the heartbeat of a node that is silent and still counts as ready. */
const STALE = ['skip node/cordon-is-recent: The node is not cordoned.', ...OUTDATED, 'pass *'];

const REFUSED = { kubelet: 'refused', status: 0, detail: 'connection refused', hostAnswers: true } as const;
const HANGS = { kubelet: 'silent', status: 0, detail: 'no complete answer within 3.0 s', hostAnswers: true } as const;
const GONE = { kubelet: 'silent', status: 0, detail: 'no route to host', hostAnswers: false } as const;
const ANSWERS = { kubelet: 'ok', status: 200, detail: '', hostAnswers: true } as const;

const cases: Record<string, Case<NodeObservation, NodeOptions>> = {
  'a healthy node passes': { observation: healthy(), expect: [...QUIET, 'pass *'] },
  'conditions that nobody reports are skipped, not passed': {
    observation: healthy({ conditions: {} }),
    expect: [
      ...QUIET,
      ...['memory-pressure', 'disk-pressure', 'pid-pressure', 'network-available'].map((rule) => `skip node/${rule}: This node does not report the condition.`),
      'skip node/kernel-healthy: No node-problem-detector reports about the kernel here.',
      'pass *',
    ],
  },
  'Unknown, and the kubelet port refuses: the process is dead, the host is not': {
    observation: lost({ contact: REFUSED }),
    expect: ['fail node/ready: The kubelet of node2 has not reported for 2m; the host answers and refuses connections on its port…', ...LOST],
  },
  'Unknown, and only the kubelet is mute: it hangs': {
    observation: lost({ contact: HANGS }),
    expect: ['fail node/ready: The kubelet of node2 has not reported for 2m; the host answers, the kubelet does not…', ...LOST],
  },
  'Unknown, and nothing on the host answers': {
    observation: lost({ contact: GONE }),
    expect: ['fail node/ready: Nothing has been heard of node2 for 2m, and neither its kubelet nor another port of the host answers…', ...LOST],
  },
  'Unknown, and the kubelet answers': {
    observation: lost({ contact: ANSWERS }),
    expect: ['fail node/ready: The kubelet of node2 has not reported for 2m although it answers (HTTP 200)…', ...LOST],
  },
  'Unknown, and we may not ask': {
    observation: lost({ contact: { kubelet: 'unasked', detail: '403 forbidden' } }),
    expect: ['fail node/ready: The kubelet of node2 has not reported for 2m; it could not be asked why: 403 forbidden', ...LOST],
  },
  'Unknown, one of many': {
    observation: lost({ contact: { kubelet: 'among-many', silent: 40 } }),
    expect: ['fail node/ready: The kubelet of node2 has not reported for 2m; 40 nodes are silent, too many to ask each.', ...LOST],
  },
  'a node that never reported': {
    observation: lost({ reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' }),
    expect: ['fail node/ready: The kubelet of node2 has never reported: Kubelet never posted node status.', ...LOST],
  },
  'Unknown, but heard again since it was marked': {
    observation: lost({ heartbeat: { at: ago(3), limitSeconds: 40 }, readySince: ago(4), contact: ANSWERS }),
    expect: [
      'fail node/ready: node2 is still marked Unknown, but its kubelet has reported again 3s ago: it is coming back.',
      'pass node/heartbeat',
      ...QUIET,
      ...OUTDATED,
      'pass *',
    ],
  },
  'Unknown since its last heartbeat, although 40 s are not over': {
    observation: lost({ heartbeat: { at: ago(30), limitSeconds: 40 }, readySince: ago(30), contact: REFUSED }),
    expect: [
      'fail node/ready: The kubelet of node2 has not reported for 30s; the host answers and refuses…',
      'pass node/heartbeat',
      ...QUIET,
      ...OUTDATED,
      'pass *',
    ],
  },
  'not ready: the container runtime': {
    observation: healthy({
      ready: 'False',
      reason: 'KubeletNotReady',
      message: '[container runtime is down, PLEG is not healthy: pleg was last seen active 5m0s ago]',
    }),
    expect: ['fail node/ready: node2 is not ready because its container runtime is down: [container runtime is down…', ...QUIET, 'pass *'],
  },
  'not ready: the kubelet has been running for three minutes': {
    observation: healthy({
      ready: 'False',
      readySince: ago(180),
      message: '[container runtime status check may not have completed yet, PLEG is not healthy: pleg has yet to be successful]',
    }),
    expect: [
      'fail node/ready: node2 is not ready because its kubelet has just started and has not heard from its container runtime yet: [container…',
      ...QUIET,
      'pass *',
    ],
  },
  'not ready: the runtime has not answered its kubelet for longer': {
    observation: healthy({ ready: 'False', readySince: ago(181), message: 'PLEG is not healthy: pleg has yet to be successful' }),
    expect: ['fail node/ready: node2 is not ready because its container runtime is down: PLEG is not healthy: pleg has yet…', ...QUIET, 'pass *'],
  },
  'not ready: PLEG': {
    observation: healthy({ ready: 'False', message: 'PLEG is not healthy: pleg was last seen active 3m5s ago; threshold is 3m0s.' }),
    expect: ['fail node/ready: node2 is not ready because its PLEG is unhealthy…', ...QUIET, 'pass *'],
  },
  'not ready: CNI, whose message also names the container runtime': {
    observation: healthy({
      ready: 'False',
      message:
        'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:docker: network plugin is not ready: cni config uninitialized',
    }),
    expect: ['fail node/ready: node2 is not ready because its container network (CNI) is not set up…', ...QUIET, 'pass *'],
  },
  'not ready for another reason': {
    observation: healthy({ ready: 'False', message: 'node is shutting down' }),
    expect: ['fail node/ready: node2 is not ready: node is shutting down', ...QUIET, 'pass *'],
  },
  'a heartbeat of 40 s is in time': { observation: healthy({ heartbeat: { at: ago(40), limitSeconds: 40 } }), expect: [...QUIET, 'pass *'] },
  'a heartbeat of 41 s is late, and Ready=True is no longer believed': {
    observation: healthy({ heartbeat: { at: ago(41), limitSeconds: 40 }, contact: REFUSED }),
    expect: [
      'fail node/heartbeat: The kubelet of node2 has not reported for 41s; the host answers and refuses…',
      'skip node/ready: Ready=True is 41s old and says nothing any more; see node/heartbeat.',
      'skip node/noticed: The node has only just fallen silent; the node controller may take a little longer.',
      ...STALE,
    ],
  },
  'silent for 100 s and still Ready: the node controller may yet notice': {
    observation: healthy({ heartbeat: { at: ago(100), limitSeconds: 40 }, contact: HANGS }),
    expect: [
      'fail node/heartbeat: The kubelet of node2 has not reported for 100s; the host answers, the kubelet does not…',
      'skip node/ready: Ready=True is 100s old…',
      'skip node/noticed: The node has only just fallen silent; the node controller may take a little longer.',
      ...STALE,
    ],
  },
  'silent for 101 s and still Ready: nobody has noticed': {
    observation: healthy({ heartbeat: { at: ago(101), limitSeconds: 40 }, contact: GONE }),
    expect: [
      'fail node/heartbeat: Nothing has been heard of node2 for 101s…',
      'fail node/noticed: node2 has been silent for 101s and still counts as Ready=True: the node controller of kube-controller-manager does not work, and no pod is evicted.',
      'skip node/ready: Ready=True is 101s old…',
      ...STALE,
    ],
  },
  'a silent heartbeat tells what the kubelet answered': {
    observation: healthy({ heartbeat: { at: ago(60), limitSeconds: 40 }, contact: ANSWERS }),
    expect: [
      'fail node/heartbeat: The kubelet of node2 has not reported for 60s although it answers (HTTP 200)…',
      'skip node/ready: Ready=True is 60s…',
      'skip node/noticed: The node has only…',
      ...STALE,
    ],
  },
  'a silent heartbeat whose kubelet could not be asked': {
    observation: healthy({ heartbeat: { at: ago(60), limitSeconds: 40 } }),
    expect: [
      'fail node/heartbeat: The kubelet of node2 has not reported for 60s; it could not be asked why…',
      'skip node/ready: Ready=True is 60s…',
      'skip node/noticed: The node has only…',
      ...STALE,
    ],
  },
  'a silent heartbeat among many': {
    observation: healthy({ heartbeat: { at: ago(60), limitSeconds: 40 }, contact: { kubelet: 'among-many', silent: 12 } }),
    expect: [
      'fail node/heartbeat: The kubelet of node2 has not reported for 60s; 12 nodes are silent…',
      'skip node/ready: Ready=True is 60s…',
      'skip node/noticed: The node has only…',
      ...STALE,
    ],
  },
  'a clock that is 5 s ahead of the newest other heartbeat and its renewal is tolerated': {
    observation: healthy({ heartbeat: { at: ago(-13), limitSeconds: 40 }, newestElsewhere: { at: ago(2), limitSeconds: 40 } }),
    expect: [...QUIET, 'pass *'],
  },
  'a clock that is 6 s ahead is not': {
    observation: healthy({ heartbeat: { at: ago(-14), limitSeconds: 40 }, newestElsewhere: { at: ago(2), limitSeconds: 40 } }),
    expect: ['fail node/clock: node2 writes heartbeats at least 6 s ahead of the time of the cluster: its clock is wrong.', ...QUIET, 'pass *'],
  },
  'a heartbeat that was read long after the run began is not ahead of the others': {
    observation: healthy({ heartbeat: { at: ago(-45), limitSeconds: 40 }, newestElsewhere: { at: ago(-44), limitSeconds: 40 } }),
    expect: [...QUIET, 'pass *'],
  },
  'a single node has no clock to compare with': {
    observation: { ...healthy(), nodes: 1, newestElsewhere: { at: ago(300), limitSeconds: 40 } },
    expect: ['skip node/clock: There is no heartbeat of another node to compare with.', ...QUIET, 'pass *'],
  },
  'pressure, a broken network and a broken kernel': {
    observation: healthy({
      conditions: Object.fromEntries(
        ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable', 'ReadonlyFilesystem'].map((type) => [
          type,
          { status: 'True', message: `${type}!`, since: ago(60) },
        ]),
      ),
    }),
    expect: [
      'fail node/memory-pressure: node2 is short of memory and its kubelet evicts pods: MemoryPressure!',
      'fail node/disk-pressure: node2 is short of disk space or inodes; its kubelet removes images and evicts pods: DiskPressure!',
      'fail node/pid-pressure: node2 is short of process ids: PIDPressure!',
      'fail node/network-available: The pod network of node2 is not available: NetworkUnavailable!',
      'fail node/kernel-healthy: node2 reports ReadonlyFilesystem: ReadonlyFilesystem!',
      ...QUIET,
      'pass *',
    ],
  },
  'cordoned for just a day': {
    observation: healthy({ cordoned: true, cordonedSince: ago(86_400) }),
    expect: [
      'fail node/schedulable: node2 is cordoned: its pods run on, new ones go elsewhere.',
      'pass node/cordon-is-recent',
      'skip node/noticed: The node is not silent.',
      'pass *',
    ],
  },
  'cordoned for more than a day': {
    observation: healthy({ cordoned: true, cordonedSince: ago(86_401) }),
    expect: [
      'fail node/schedulable: node2 is cordoned…',
      'fail node/cordon-is-recent: node2 has been cordoned for 24h: perhaps nobody remembered to uncordon it.',
      'skip node/noticed: The node is not silent.',
      'pass *',
    ],
  },
  'cordoned, and nothing tells since when': {
    observation: healthy({ cordoned: true }),
    expect: [
      'fail node/schedulable: node2 is cordoned…',
      'skip node/cordon-is-recent: The node is cordoned, and nothing tells since when.',
      'skip node/noticed: The node is not silent.',
      'pass *',
    ],
  },
  'put out of service': {
    observation: healthy({ taints: ['node.kubernetes.io/out-of-service=nodeshutdown:NoExecute'] }),
    expect: ['fail node/untainted: node2 has the taints node.kubernetes.io/out-of-service=nodeshutdown:NoExecute.', ...QUIET, 'pass *'],
  },
  'two minor versions behind is within the policy': { observation: healthy({ newestVersion: 'v1.22.17' }), expect: [...QUIET, 'pass *'] },
  'three minor versions behind is not': {
    observation: healthy({ newestVersion: 'v1.23.1' }),
    expect: ['fail node/kubelet-version: The kubelet of node2 is v1.20.2, 3 minor versions behind the newest one here (v1.23.1).', ...QUIET, 'pass *'],
  },
  'no version, no address': {
    observation: healthy({ kubeletVersion: '', address: '' }),
    expect: [
      'skip node/kubelet-version: The node reports no version that could be compared.',
      'skip node/address-unique: The node reports no InternalIP.',
      ...QUIET,
      'pass *',
    ],
  },
  'two nodes with one address': {
    observation: healthy({ address: '10.99.0.100', sameAddress: ['node3'] }),
    expect: ['fail node/address-unique: node2 and node3 report the same InternalIP 10.99.0.100…', ...QUIET, 'pass *'],
  },
};

testCheck(node, cases);
testContract(node, new URL('../../checks/node/', import.meta.url));

function verdictOf(observation: NodeObservation, rule: string) {
  const defaults = Object.fromEntries(Object.entries(node.meta.options).map(([name, option]) => [name, option.default])) as unknown as NodeOptions;
  const found = node.evaluate(observation, { options: defaults, now: new Date(NOW) }).find((verdict) => verdict.rule === rule);
  assert.ok(found?.verdict === 'fail', `${rule} does not fail`);
  return found;
}

test('node: when every node is silent, the way of the kubelets explains each of them', () => {
  const observation = lost({ contact: HANGS, newestElsewhere: { at: ago(100), limitSeconds: 40 } });
  assert.deepEqual(verdictOf(observation, 'ready').because, ['kube-system/kubelet']);
  assert.deepEqual(verdictOf({ ...observation, nodes: 1 }, 'ready').because, []);
  assert.deepEqual(verdictOf(lost({ contact: HANGS }), 'ready').because, []);
});

test('node: a kubelet that answers and does not report points at what it reports through', () => {
  assert.deepEqual(verdictOf(lost({ contact: ANSWERS }), 'ready').because, ['kube-system/keepalived-master', 'kube-system/kube-apiserver']);
});

test('node: what the kubelet itself says is a cause of its own', () => {
  assert.equal(verdictOf(healthy({ ready: 'False', message: 'container runtime is down' }), 'ready').own, true);
});

/** From recorded objects to what is said, without what passes. */
async function said(name: string, component: string, http: HttpRoutes): Promise<readonly string[]> {
  const { now, objects } = recorded(name);
  const record = await probeWith(node, { target: { component, namespace: 'node' }, objects, http });
  assert.deepEqual(record.blindSpots, []);
  return verdictLines(node, record.observation, { now }).filter((line) => line.startsWith('fail '));
}

test('node: recorded, the kubelet was killed', async () => {
  const http: HttpRoutes = {
    'node node3 /healthz': { unreachable: 'refused', message: 'error trying to reach service: dial tcp 10.99.0.13:10250: connect: connection refused' },
    'node node3:10256 /healthz': { status: 200, body: '{"lastUpdated": "…"}' },
  };
  assert.deepEqual(await said('kubelet-stopped', 'node/node3', http), [
    'fail node/ready: The kubelet of node3 has not reported for 42s; the host answers and refuses connections on its port: the process does not run (error trying to reach service: dial tcp 10.99.0.13:10250: connect: connection refused).',
  ]);
});

test('node: recorded, the kubelet hangs', async () => {
  const [line, ...more] = await said('kubelet-hangs', 'node/node2', {
    'node node2 /healthz': 'Timeout',
    'node node2:10256 /healthz': { unreachable: 'refused' },
  });
  assert.deepEqual(more, []);
  assert.match(line ?? '', /^fail node\/ready: The kubelet of node2 has not reported for 43s; the host answers, the kubelet does not: it hangs/);
});

test('node: recorded, the kubelet lives and its API server is down', async () => {
  const http: HttpRoutes = { 'node node2 /healthz': { status: 200, body: 'ok' }, 'node node2:10256 /healthz': { status: 200 } };
  const [line, ...more] = await said('one-apiserver-down', 'node/node2', http);
  assert.deepEqual(more, []);
  assert.match(line ?? '', /^fail node\/ready: The kubelet of node2 has not reported for 64s although it answers \(HTTP 200\)/);
});

test('node: the healthy nodes of the same recordings are asked nothing', async () => {
  for (const name of ['kubelet-stopped', 'kubelet-hangs', 'one-apiserver-down']) assert.deepEqual(await said(name, 'node/node1', {}), []);
});

test('node: a node that lags behind the others is asked before the node controller has noticed', async () => {
  const { objects } = recorded('kubelet-stopped');
  const nodes = (objects.nodes ?? []).map((each) =>
    each.metadata.name === 'node3'
      ? { ...each, status: { ...each.status, conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: '2026-11-21T07:48:35Z' }] } }
      : each,
  );
  const leases = (seconds: number): readonly Lease[] =>
    (objects.leases ?? []).map((lease) => ({
      ...lease,
      spec: {
        ...lease.spec,
        renewTime: new Date(Date.parse('2026-11-21T07:50:11.564Z') - (lease.metadata.name === 'node3' ? seconds * 1000 : 0)).toISOString(),
      },
    }));
  const target = { component: 'node/node3', namespace: 'node' };
  const late = await probeWith(node, {
    target,
    objects: { nodes, leases: leases(41) },
    http: { 'node node3 /healthz': 'Timeout', 'node node3:10256 /healthz': 'Timeout' },
  });
  assert.deepEqual((late.observation as unknown as NodeObservation).contact, {
    kubelet: 'silent',
    status: 0,
    detail: 'Cannot get nodes/proxy: no complete answer within 10.0 s.',
    hostAnswers: false,
  });
  const inTime = await probeWith(node, { target, objects: { nodes, leases: leases(40) } });
  assert.equal((inTime.observation as unknown as NodeObservation).contact, undefined);
});

test('node: without the right to ask the kubelet the node is still reported', async () => {
  const { objects, now } = recorded('kubelet-stopped');
  const http: HttpRoutes = { 'node node3 /healthz': 'Forbidden', 'node node3:10256 /healthz': 'Forbidden' };
  const record = await probeWith(node, { target: { component: 'node/node3', namespace: 'node' }, objects, http });
  const lines = verdictLines(node, record.observation, { now });
  assert.ok(lines.some((line) => line.startsWith('fail node/ready: The kubelet of node3 has not reported for 42s; it could not be asked why')));
});

test('node: without the right to list Leases only what needs them is unknown', async () => {
  const { objects, now } = recorded('kubelet-stopped');
  const record = await probeWith(node, { target: { component: 'node/node1', namespace: 'node' }, objects, failures: { 'list leases': 'Forbidden' } });
  assert.deepEqual(
    record.blindSpots.map((spot) => spot.rules),
    [['heartbeat', 'noticed', 'clock']],
  );
  const lines = verdictLines(node, record.observation, { now });
  assert.ok(lines.includes('pass node/ready'));
  assert.ok(!lines.some((line) => /node\/(heartbeat|noticed|clock)/.test(line)));
});

test('node: before 1.14 the status itself is the heartbeat, and an API server without Leases is no blind spot', async () => {
  const status = (kubeletVersion: string): Node => ({
    metadata: { name: 'node1' },
    status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: ago(100) }], nodeInfo: { kubeletVersion } },
  });
  const heartbeat = async (version: string): Promise<unknown> => {
    const scene = {
      target: { component: 'node/node1', namespace: 'node' },
      objects: { nodes: [status(version)] },
      failures: { 'list leases': 'NotServed' },
    } as const;
    const record = await probeWith(node, scene);
    assert.deepEqual(record.blindSpots, []);
    return (record.observation as unknown as NodeObservation).heartbeat;
  };
  assert.deepEqual(await heartbeat('v1.13.12'), { at: ago(100), limitSeconds: 40 });
  // With Leases the status is written every 5 minutes only.
  assert.deepEqual(await heartbeat('v1.14.0'), { at: ago(100), limitSeconds: 340 });
});

test('node: of many silent nodes ten are asked', async () => {
  const names = Array.from({ length: 12 }, (_, index) => `node${String(index).padStart(2, '0')}`);
  const nodes = names.map(
    (name): Node => ({ metadata: { name }, status: { conditions: [{ type: 'Ready', status: 'Unknown', reason: 'NodeStatusUnknown' }] } }),
  );
  const objects = { nodes, leases: [] };
  const asked = await probeWith(node, { target: { component: 'node/node09', namespace: 'node' }, objects, http: () => 'Timeout' });
  assert.equal((asked.observation as unknown as NodeObservation).contact?.kubelet, 'silent');
  const spared = await probeWith(node, { target: { component: 'node/node10', namespace: 'node' }, objects });
  assert.deepEqual((spared.observation as unknown as NodeObservation).contact, { kubelet: 'among-many', silent: 12 });
});

test('node: taints of roles and conditions are everyday, others are told; addresses and versions are compared with all nodes', async () => {
  const taints = [
    { key: 'node-role.kubernetes.io/master', effect: 'NoSchedule' },
    { key: 'node.kubernetes.io/unreachable', effect: 'NoExecute' },
    { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: ago(60) },
    { key: 'dedicated', value: 'redis', effect: 'NoSchedule' },
    { key: 'repair', effect: 'NoExecute' },
    { key: 'node.cloudprovider.kubernetes.io/shutdown', effect: 'NoSchedule' },
  ];
  const make = (name: string, kubeletVersion: string): Node => ({
    metadata: { name },
    spec: { unschedulable: true, taints },
    status: {
      addresses: [{ type: 'InternalIP', address: '10.0.0.9' }],
      nodeInfo: { kubeletVersion },
      conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: NOW }],
    },
  });
  const objects = { nodes: [make('a', 'v1.19.9'), make('b', 'v1.8.15'), make('c', 'v1.20.0')], leases: [] };
  const record = await probeWith(node, { target: { component: 'node/b', namespace: 'node' }, objects });
  const observation = record.observation as unknown as NodeObservation;
  assert.deepEqual(observation.taints, ['repair:NoExecute', 'node.cloudprovider.kubernetes.io/shutdown:NoSchedule']);
  assert.equal(observation.cordonedSince, ago(60));
  assert.deepEqual(observation.sameAddress, ['a', 'c']);
  assert.equal(observation.newestVersion, 'v1.20.0');
});

test('node: a node that is gone leaves nothing to ask', async () => {
  const record = await probeWith(node, { target: { component: 'node/node9', namespace: 'node' }, objects: { nodes: [] } });
  assert.equal(record.observation, undefined);
  assert.equal(record.blindSpots[0]?.problem.reason, 'NothingToAsk');
});

test('node: every declared read is made', async () => {
  const reads = new Set<string>();
  const { objects } = recorded('kubelet-stopped');
  const target = { component: 'node/node3', namespace: 'node' };
  await probeWith(node, { target, objects, http: () => 'Timeout', observe: (read) => void reads.add(read) });
  assert.deepEqual([...reads].sort(), ['get nodes/proxy', 'list leases', 'list nodes']);
  assert.equal(node.meta.reads.length, reads.size);
});

test('node: since when, as far as the evidence tells', () => {
  assert.equal(verdictOf(lost({ contact: HANGS }), 'ready').since, ago(80));
  assert.equal(verdictOf(healthy({ heartbeat: { at: ago(41), limitSeconds: 40 } }), 'heartbeat').since, ago(41));
  const pressed = healthy({ conditions: { DiskPressure: { status: 'True', message: 'full', since: ago(7) } } });
  assert.equal(verdictOf(pressed, 'disk-pressure').since, ago(7));
});

test('node: the newer of Lease and status is the heartbeat', async () => {
  const heartbeat = async (leaseAge: number, statusAge: number): Promise<unknown> => {
    const nodes = [
      { metadata: { name: 'a' }, status: { conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: ago(statusAge), lastTransitionTime: ago(99) }] } },
    ];
    const leases = [{ metadata: { name: 'a', namespace: 'kube-node-lease' }, spec: { renewTime: ago(leaseAge), leaseDurationSeconds: 60 } }];
    const record = await probeWith(node, { target: { component: 'node/a', namespace: 'node' }, objects: { nodes, leases } });
    const observation = record.observation as unknown as NodeObservation;
    assert.equal(observation.readySince, ago(99));
    return observation.heartbeat;
  };
  assert.deepEqual(await heartbeat(5, 200), { at: ago(5), limitSeconds: 60 });
  assert.deepEqual(await heartbeat(200, 5), { at: ago(5), limitSeconds: 60 });
});

test('a kubelet that does not answer is the cause itself, unless every other is as silent', () => {
  for (const contact of [REFUSED, HANGS, GONE]) {
    assert.equal(verdictOf(lost({ contact }), 'ready').own, true);
    assert.equal(verdictOf(healthy({ heartbeat: { at: ago(1200), limitSeconds: 40 }, contact }), 'heartbeat').own, true);
  }
  assert.notEqual(verdictOf(lost({ contact: ANSWERS }), 'ready').own, true);
  assert.notEqual(verdictOf(lost({ contact: REFUSED, newestElsewhere: { at: ago(125), limitSeconds: 40 } }), 'ready').own, true);
});
