import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import containerRuntime from '../../checks/container-runtime/check.ts';
import type { RuntimeObservation } from '../../checks/container-runtime/observation.ts';
import type { Node } from '../../src/model/kubernetes.ts';
import { type Case, NOW, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

function observed(facts: Partial<RuntimeObservation> = {}): RuntimeObservation {
  return { nodes: 3, judged: 3, broken: [], versions: { 'containerd://1.6.20': ['node1', 'node2', 'node3'] }, ...facts };
}

const down = (node: string) => ({ node, cause: 'runtime', message: 'container runtime is down', since: ago(60) }) as const;

const starting = (node: string, seconds: number) => ({ node, cause: 'starting', message: 'pleg has yet to be successful', since: ago(seconds) }) as const;

const cases: Record<string, Case<RuntimeObservation, object>> = {
  'all work': { observation: observed(), expect: ['pass *'] },
  'no nodes is no health': {
    observation: { nodes: 0, judged: 0, broken: [], versions: {} },
    expect: [
      'skip container-runtime/any-serves: The cluster has no nodes.',
      'skip container-runtime/serves: The cluster has no nodes.',
      'skip container-runtime/same-version: No node reports the version of its container runtime.',
    ],
  },
  'nothing could be judged: nothing is said': { observation: observed({ judged: 0 }), expect: ['pass container-runtime/same-version'] },
  'one is down, one is slow': {
    observation: observed({ broken: [down('node1'), { node: 'node2', cause: 'pleg', message: 'PLEG is not healthy' }] }),
    expect: [
      'pass container-runtime/any-serves',
      'fail container-runtime/serves#Node/node1: The container runtime of node1 is down; its kubelet says: container runtime is down',
      'fail container-runtime/serves#Node/node2: The container runtime of node2 is too slow or hangs (PLEG is unhealthy); its kubelet says: PLEG is not healthy',
      'pass container-runtime/same-version',
    ],
  },
  'all that can be judged are down': {
    observation: observed({ judged: 2, broken: [down('node1'), down('node2')] }),
    expect: [
      'fail container-runtime/any-serves: The container runtimes of all 2 nodes that can be judged are broken.',
      'fail container-runtime/serves#Node/node1: The container runtime of node1 is down…',
      'fail container-runtime/serves#Node/node2: The container runtime of node2 is down…',
      'pass container-runtime/same-version',
    ],
  },
  'three names fit': {
    observation: observed({ versions: { 'docker://18.9.9': ['node1', 'node2', 'node3'], 'containerd://1.6.20': ['node5'] } }),
    expect: ['fail container-runtime/same-version: The container runtimes of the nodes differ: docker://18.9.9 (node1, node2, node3); containerd…', 'pass *'],
  },
  'a kubelet that has just started has three minutes': {
    observation: observed({ broken: [starting('node1', 180)] }),
    expect: [
      'skip container-runtime/serves#Node/node1: The kubelet of node1 has just started and has not heard from the runtime yet.',
      'pass container-runtime/serves',
      'pass *',
    ],
  },
  'a runtime that does not answer a new kubelet for longer is down': {
    observation: observed({ broken: [starting('node1', 181), down('node2')] }),
    expect: [
      'fail container-runtime/serves#Node/node1: The container runtime of node1 is down; its kubelet says: pleg has yet to be successful',
      'fail container-runtime/serves#Node/node2: The container runtime of node2 is down…',
      'pass *',
    ],
  },
  'all have just started': {
    observation: observed({ nodes: 1, judged: 1, broken: [starting('node1', 10)] }),
    expect: [
      'skip container-runtime/any-serves: All kubelets have just started and have not heard from their runtimes yet.',
      'skip container-runtime/serves#Node/node1: The kubelet of node1 has just started…',
      'pass container-runtime/same-version',
    ],
  },
  'one has just started and the others are down': {
    observation: observed({ broken: [starting('node1', 10), down('node2'), down('node3')] }),
    expect: [
      'fail container-runtime/any-serves: The container runtimes of all 2 nodes that can be judged are broken.',
      'fail container-runtime/serves#Node/node2: The container runtime of node2 is down…',
      'fail container-runtime/serves#Node/node3: The container runtime of node3 is down…',
      'skip container-runtime/serves#Node/node1: The kubelet of node1 has just started…',
      'pass *',
    ],
  },
  'versions differ': {
    observation: observed({ versions: { 'docker://18.9.9': ['node1', 'node2', 'node3', 'node4'], 'containerd://1.6.20': ['node5'] } }),
    expect: [
      'fail container-runtime/same-version: The container runtimes of the nodes differ: docker://18.9.9 (node1, node2, node3 …); containerd://1.6.20 (node5).',
      'pass *',
    ],
  },
};

testCheck(containerRuntime, cases);
testContract(containerRuntime, new URL('../../checks/container-runtime/', import.meta.url));

test('container-runtime: a broken runtime folds under its node', () => {
  const verdicts = containerRuntime.evaluate(observed({ judged: 1, broken: [down('node1')] }), { options: {}, now: new Date(NOW) });
  assert.deepEqual(
    verdicts.flatMap((verdict) => (verdict.verdict === 'fail' ? [verdict.because] : [])),
    [['node/node1'], ['node/node1']],
  );
});

function node(name: string, status: string, message: string, heartbeat = NOW): Node {
  return {
    metadata: { name },
    status: {
      conditions: [{ type: 'Ready', status, message, lastHeartbeatTime: heartbeat, lastTransitionTime: ago(60) }],
      nodeInfo: { kubeletVersion: 'v1.13.5', containerRuntimeVersion: 'docker://18.6.3' },
    },
  };
}

test("container-runtime: by the kubelet's words, and no word of a silent kubelet", async () => {
  const nodes = [
    node('a', 'False', 'Container runtime not ready: RuntimeReady=false reason:DockerDaemonNotReady message:docker: failed to get docker version'),
    node('b', 'False', 'container runtime is down'),
    node('c', 'False', 'PLEG is not healthy: pleg was last seen active 3m10s ago; threshold is 3m0s.'),
    node('i', 'False', '[container runtime status check may not have completed yet, PLEG is not healthy: pleg has yet to be successful]'),
    node('d', 'False', 'container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni config uninitialized'),
    node('e', 'True', 'kubelet is posting ready status'),
    node('f', 'Unknown', 'Kubelet stopped posting node status.'),
    node('g', 'True', 'kubelet is posting ready status', ago(41)),
    node('h', 'True', 'kubelet is posting ready status', ago(40)),
  ];
  const record = await probeWith(containerRuntime, { objects: { nodes }, failures: { 'list leases': 'NotServed' } });
  const observation = record.observation as unknown as RuntimeObservation;
  assert.deepEqual(
    observation.broken.map(({ node: name, cause }) => `${name} ${cause}`),
    ['a runtime', 'b runtime', 'c pleg', 'i starting'],
  );
  assert.equal(observation.judged, 7);
  assert.deepEqual(
    record.blindSpots.map(({ rules, subject, problem }) => [rules, subject?.name, problem.reason]),
    [
      [['serves'], 'f', 'PrerequisiteFailed'],
      [['serves'], 'g', 'PrerequisiteFailed'],
    ],
  );
});

test('container-runtime: when no kubelet speaks, nothing is green', async () => {
  const record = await probeWith(containerRuntime, { objects: { nodes: [node('a', 'Unknown', 'Kubelet stopped posting node status.')], leases: [] } });
  assert.deepEqual(
    record.blindSpots.map(({ rules }) => rules),
    [['serves'], ['any-serves']],
  );
  assert.deepEqual(verdictLines(containerRuntime, record.observation), ['pass container-runtime/same-version']);
});

test('container-runtime: recorded, a node whose kubelet was killed is a blind spot', async () => {
  const { objects, now } = JSON.parse(readFileSync(new URL('../fixtures/node/objects/kubelet-stopped.json', import.meta.url), 'utf8')) as {
    now: string;
    objects: Objects;
  };
  const record = await probeWith(containerRuntime, { objects });
  assert.deepEqual(
    record.blindSpots.map(({ subject }) => subject?.name),
    ['node3'],
  );
  assert.deepEqual(verdictLines(containerRuntime, record.observation, { now }), [
    'pass container-runtime/any-serves',
    'pass container-runtime/serves',
    'pass container-runtime/same-version',
  ]);
});

test('container-runtime: every declared read is made', async () => {
  const reads = new Set<string>();
  await probeWith(containerRuntime, { objects: { nodes: [], leases: [] }, observe: (read) => void reads.add(read) });
  assert.deepEqual([...reads].sort(), ['list leases', 'list nodes']);
  assert.equal(containerRuntime.meta.reads.length, reads.size);
});
