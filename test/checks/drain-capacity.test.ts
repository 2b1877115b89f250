import assert from 'node:assert/strict';
import { test } from 'node:test';
import capacity from '../../checks/drain-capacity/check.ts';
import { fitElsewhere } from '../../checks/drain-capacity/fit.ts';
import type { DrainCapacityObservation } from '../../checks/drain-capacity/observation.ts';
import type { DrainCapacityOptions } from '../../checks/drain-capacity/rules.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { type Case, type HttpRoutes, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(capacity, new URL('../../checks/drain-capacity/', import.meta.url));

const GIB = 2 ** 30;

function seen(facts: Partial<DrainCapacityObservation> = {}): DrainCapacityObservation {
  return {
    node: 'node1',
    cordoned: false,
    podsRead: true,
    others: 2,
    moving: 30,
    homeless: [],
    homelessCount: 0,
    missing: [],
    bound: [],
    boundCount: 0,
    fileSystems: [{ name: 'imagefs', availableBytes: 100 * GIB, capacityBytes: 200 * GIB, evictionBytes: 30 * GIB }],
    ...facts,
  };
}

const disk = (available: number, name: 'imagefs' | 'nodefs' = 'imagefs') => ({
  fileSystems: [{ name, availableBytes: available * GIB, capacityBytes: 200 * GIB, evictionBytes: 30 * GIB }],
});

const cases: Record<string, Case<DrainCapacityObservation, DrainCapacityOptions>> = {
  'room for everything': { observation: seen(), expect: ['pass *'] },
  'two pods without room': {
    observation: seen({ homeless: ['skiff-platform/prometheus-0', 'a/b'], homelessCount: 2, missing: ['memory'] }),
    expect: [
      'fail drain-capacity/room-elsewhere: When node1 is drained, 2 of its 30 pods find no room by their requests on the other 2 nodes (short of memory), skiff-platform/prometheus-0 for one.',
      'pass *',
    ],
  },
  'no other node takes pods': {
    observation: seen({ others: 0, homeless: ['a/b'], homelessCount: 30 }),
    expect: ['fail drain-capacity/room-elsewhere: When node1 is drained there is no other node, ready and open, for its 30 pods.', 'pass *'],
  },
  'nothing to move': {
    observation: seen({ moving: 0 }),
    expect: ['room-elsewhere', 'may-go-elsewhere'].map((rule) => `skip drain-capacity/${rule}: It runs nothing that a drain would move.`).concat('pass *'),
  },
  'a pod that only this node takes': {
    observation: seen({ bound: ['skiff-ncs/registry-0'], boundCount: 1 }),
    expect: ['fail drain-capacity/may-go-elsewhere: 1 pods on node1 may run on no other node …', 'pass *'],
  },
  cordoned: { observation: seen({ cordoned: true }), expect: ['fail drain-capacity/not-cordoned: node1 is cordoned: …', 'pass *'] },
  'just enough disk': { observation: seen(disk(35)), expect: ['pass *'] },
  'a little less': {
    observation: seen(disk(34.9)),
    expect: ['fail drain-capacity/image-room: imagefs of node1 has 34.9 GiB of 200.0 GiB left and the kubelet evicts below 30.0 GiB: …', 'pass *'],
  },
  'a runtime that says nothing of its disk': {
    observation: seen(disk(34, 'nodefs')),
    expect: ['fail drain-capacity/image-room: nodefs of node1 has 34.0 GiB …', 'pass *'],
  },
  'no figures at all': {
    observation: seen({ fileSystems: [] }),
    expect: ['skip drain-capacity/image-room: The kubelet reports nothing of its file systems.', 'pass *'],
  },
};

testCheck(capacity, cases);

test('what could not be read is not spoken of', () => {
  const { fileSystems: _, ...blind } = seen({ podsRead: false });
  const verdicts = capacity.evaluate(blind, { options: { imageBytes: 1 }, now: new Date() });
  assert.deepEqual(
    verdicts.map(({ rule }) => rule),
    ['not-cordoned'],
  );
});

function node(name: string, facts: { readonly memory?: string; readonly cpu?: string; readonly pods?: string } = {}, spec: Node['spec'] = {}): Node {
  return {
    metadata: { name, labels: { 'kubernetes.io/hostname': name } },
    spec,
    status: {
      allocatable: { cpu: facts.cpu ?? '4', memory: facts.memory ?? '8Gi', pods: facts.pods ?? '110' },
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  };
}

function pod(name: string, nodeName: string, requests: Readonly<Record<string, string>>, facts: Partial<Pod['metadata']> = {}, spec: Pod['spec'] = {}): Pod {
  return {
    metadata: { name, namespace: 'ns', ownerReferences: [{ kind: 'ReplicaSet', name: 'x', controller: true }], ...facts },
    spec: { nodeName, containers: [{ name: 'main', resources: { requests } }], ...spec },
    status: { phase: 'Running' },
  };
}

const names = (pods: readonly Pod[]): readonly string[] => pods.map(({ metadata }) => metadata.name);

test('pods are placed by what they request, the largest first, on what the others have left', () => {
  const nodes = [node('node1'), node('node2'), node('node3')];
  const pods = [
    pod('small', 'node1', { memory: '1Gi' }),
    pod('large', 'node1', { memory: '5Gi' }),
    pod('on-2', 'node2', { memory: '3Gi' }),
    pod('on-3', 'node3', { memory: '7168Mi' }),
  ];
  const fits = fitElsewhere(nodes[0] as Node, nodes, pods);
  assert.deepEqual([fits.others, names(fits.moving), names(fits.homeless)], [2, ['small', 'large'], []]);
  const tight = fitElsewhere(nodes[0] as Node, nodes, [...pods, pod('more', 'node2', { memory: '1Mi' })]);
  assert.deepEqual([names(tight.homeless), tight.missing], [['large'], ['memory']]);
});

test('nodes that are cordoned, not ready or tainted give no room', () => {
  const notReady: Node = { ...node('node4'), status: { ...node('node4').status, conditions: [{ type: 'Ready', status: 'Unknown' }] } };
  const nodes = [node('node1'), node('node2', {}, { unschedulable: true }), notReady];
  const moved = [pod('a', 'node1', { cpu: '100m' })];
  assert.deepEqual(names(fitElsewhere(nodes[0] as Node, nodes, moved).homeless), ['a']);
  const tainted = [node('node1'), node('node2', {}, { taints: [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }] })];
  assert.deepEqual(names(fitElsewhere(tainted[0] as Node, tainted, moved).bound), ['a']);
  const tolerant = pod('a', 'node1', { cpu: '100m' }, {}, { tolerations: [{ key: 'dedicated', operator: 'Exists' }] });
  assert.deepEqual(names(fitElsewhere(tainted[0] as Node, tainted, [tolerant]).bound), []);
  const other = pod('a', 'node1', { cpu: '100m' }, {}, { tolerations: [{ key: 'dedicated', value: 'web', effect: 'NoSchedule' }] });
  assert.deepEqual(names(fitElsewhere(tainted[0] as Node, tainted, [other]).bound), ['a']);
});

test('daemons, static pods, pods that go and pods that ended are not moved; the last give their room back', () => {
  const nodes = [node('node1'), node('node2', { memory: '2Gi', pods: '2' })];
  const pods = [
    pod('daemon', 'node1', { memory: '4Gi' }, { ownerReferences: [{ kind: 'DaemonSet', name: 'd', controller: true }] }),
    pod('static', 'node1', { memory: '4Gi' }, { ownerReferences: [{ kind: 'Node', name: 'node1' }] }),
    pod('going', 'node1', { memory: '4Gi' }, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    { ...pod('ended', 'node2', { memory: '2Gi' }), status: { phase: 'Succeeded' } },
    pod('moves', 'node1', { memory: '2Gi' }),
  ];
  const fit = fitElsewhere(nodes[0] as Node, nodes, pods);
  assert.deepEqual([names(fit.moving), names(fit.homeless)], [['moves'], []]);
});

test('the number of pods, init containers and overhead count; a resource that no node tells of does not', () => {
  const full = [node('node1'), node('node2', { pods: '1' })];
  assert.deepEqual(fitElsewhere(full[0] as Node, full, [pod('a', 'node1', {}), pod('b', 'node2', {})]).missing, ['pods']);
  const nodes = [node('node1'), node('node2', { cpu: '1' })];
  const starting = pod('a', 'node1', { cpu: '100m' }, {}, { initContainers: [{ name: 'init', resources: { requests: { cpu: '2' } } }], containers: [] });
  assert.deepEqual(fitElsewhere(nodes[0] as Node, nodes, [starting]).missing, ['cpu']);
  const wrapped = pod(
    'a',
    'node1',
    { cpu: '900m' },
    {},
    { overhead: { cpu: '250m' }, containers: [{ name: 'main', resources: { requests: { cpu: '900m' } } }] },
  );
  assert.deepEqual(fitElsewhere(nodes[0] as Node, nodes, [wrapped]).missing, ['cpu']);
  const extended = pod('a', 'node1', { 'skiff.netease.com/localstorage': '1' });
  assert.deepEqual(fitElsewhere(nodes[0] as Node, nodes, [extended]).homeless, []);
});

const target = { component: 'node/node1', namespace: 'node' };
const objects = { nodes: [node('node1'), node('node2')], pods: [pod('a', 'node1', { memory: '1Gi' })] };

function kubelet(summary: string, configz: string): HttpRoutes {
  return { 'node node1 /stats/summary': { status: 200, body: summary }, 'node node1 /configz': { status: 200, body: configz } };
}

const summary = JSON.stringify({
  node: { fs: { availableBytes: 90 * GIB, capacityBytes: 100 * GIB }, runtime: { imageFs: { availableBytes: 12 * GIB, capacityBytes: 100 * GIB } } },
});

test("the kubelet's own thresholds are used, in percent or in bytes, and Kubernetes' defaults without them", async () => {
  for (const [configz, line] of [
    [
      '{"kubeletconfig":{"evictionHard":{"imagefs.available":"10%"}}}',
      'fail drain-capacity/image-room: imagefs of node1 has 12.0 GiB of 100.0 GiB left and the kubelet evicts below 10.0 GiB',
    ],
    ['{"kubeletconfig":{"evictionHard":{"imagefs.available":"2Gi"}}}', 'pass drain-capacity/image-room'],
    ['{}', 'fail drain-capacity/image-room: imagefs of node1 has 12.0 GiB of 100.0 GiB left and the kubelet evicts below 15.0 GiB'],
    ['garbage', 'fail drain-capacity/image-room: imagefs of node1 has 12.0 GiB of 100.0 GiB left and the kubelet evicts below 15.0 GiB'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(capacity, { target, objects, http: kubelet(summary, configz) });
    assert.deepEqual(blindSpots, [], configz);
    assert.ok(
      verdictLines(capacity, observation).some((each) => each.startsWith(line)),
      configz,
    );
  }
});

test('what a kubelet does not answer is unknown, and the rest is judged', async () => {
  for (const [reply, reason] of [
    ['Forbidden', 'Forbidden'],
    [{ unreachable: 'refused' }, 'Refused'],
    [{ unreachable: 'timeout' }, 'Timeout'],
    [{ status: 500, body: '' }, 'InvalidResponse'],
    [{ status: 200, body: '<html>' }, 'InvalidResponse'],
  ] as const) {
    const http: HttpRoutes = { 'node node1 /stats/summary': reply, 'node node1 /configz': reply };
    const { observation, blindSpots } = await probeWith(capacity, { target, objects, http });
    assert.deepEqual([blindSpots.length, blindSpots[0]?.rules, blindSpots[0]?.problem.reason], [1, ['image-room'], reason]);
    assert.deepEqual(
      verdictLines(capacity, observation).filter((line) => line.includes('room-elsewhere')),
      ['pass drain-capacity/room-elsewhere'],
    );
  }
});

test('pods that may not be listed leave the room unknown', async () => {
  const { observation, blindSpots } = await probeWith(capacity, {
    target,
    objects: { nodes: objects.nodes },
    failures: { 'list pods': 'Forbidden' },
    http: kubelet(summary, '{}'),
  });
  assert.deepEqual(blindSpots[0]?.rules, ['room-elsewhere', 'may-go-elsewhere']);
  assert.ok(!verdictLines(capacity, observation).some((line) => line.includes('elsewhere')));
});

test('a node that is gone meanwhile cannot be judged', async () => {
  const { observation } = await probeWith(capacity, { target: { component: 'node/node9', namespace: 'node' }, objects: { nodes: objects.nodes } });
  assert.equal(observation, undefined);
});
