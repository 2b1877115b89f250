import assert from 'node:assert/strict';
import { test } from 'node:test';
import failover from '../../checks/failover/check.ts';
import type { FailoverObservation, InstanceFacts } from '../../checks/failover/observation.ts';
import type { FailoverOptions } from '../../checks/failover/rules.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { type Case, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(failover, new URL('../../checks/failover/', import.meta.url));

/** `node1` is ready there, `node1!` is there and not ready. */
function instances(...nodes: readonly string[]): readonly InstanceFacts[] {
  return nodes.map((node, index) => ({ name: `pod-${index}`, node: node.replace('!', ''), ready: !node.endsWith('!') }));
}

function seen(wanted: number, ...nodes: readonly string[]): FailoverObservation {
  return { wanted, instances: instances(...nodes) };
}

const majority = { needs: 'majority' } as const;

const cases: Record<string, Case<FailoverObservation, FailoverOptions>> = {
  'two instances on two nodes': { observation: seen(2, 'node1', 'node2'), expect: ['pass *'] },
  'one of three is not ready, the others are on two nodes': { observation: seen(3, 'node1', 'node2', 'node3!'), expect: ['pass *'] },
  'a single instance': {
    observation: seen(1, 'node1'),
    expect: ['fail failover/survives-any-node: There is a single instance, pod-0 on node1: …'],
  },
  'one of two is left': {
    observation: seen(2, 'node1!', 'node2'),
    expect: ['fail failover/survives-any-node: Of 2 instances only pod-1 on node2 is ready: …'],
  },
  'the other was never made': {
    observation: seen(2, 'node2'),
    expect: ['fail failover/survives-any-node: Of 2 instances only pod-0 on node2 is ready: …'],
  },
  'two on one node': {
    observation: seen(2, 'node1', 'node1'),
    expect: ['fail failover/survives-any-node: All 2 ready instances are on node1: …'],
  },
  'none is ready: that is told elsewhere': {
    observation: seen(2, 'node1!', 'node2!'),
    expect: ['skip failover/survives-any-node: No instance is ready; see workload/available.'],
  },
  'no pods': { observation: seen(2), expect: ['skip failover/survives-any-node: It has no pods; see workload.'] },
  'three members on three nodes': { observation: seen(3, 'node1', 'node2', 'node3'), options: majority, expect: ['pass *'] },
  'five members on three nodes, at most two on one': {
    observation: seen(5, 'node1', 'node1', 'node2', 'node2', 'node3'),
    options: majority,
    expect: ['pass *'],
  },
  'one of three members is down': {
    observation: seen(3, 'node1', 'node2', 'node3!'),
    options: majority,
    expect: ['fail failover/survives-any-node: 2 of 3 members are ready and 2 are needed: without any one of node1, node2 the majority is lost.'],
  },
  'three members, two of them on one node': {
    observation: seen(3, 'node1', 'node1', 'node2'),
    options: majority,
    expect: ['fail failover/survives-any-node: 3 of 3 members are ready and 2 are needed: without any one of node1 the majority is lost.'],
  },
  'two members have no margin': {
    observation: seen(2, 'node1', 'node2'),
    options: majority,
    expect: ['fail failover/survives-any-node: 2 of 2 members are ready and 2 are needed: without any one of node1, node2 the majority is lost.'],
  },
  'the majority is gone already': {
    observation: seen(3, 'node1', 'node2!', 'node3!'),
    options: majority,
    expect: ['fail failover/survives-any-node: Only 1 of 3 members are ready and 2 are needed: …'],
  },
  'a single member': {
    observation: seen(1, 'node1'),
    options: majority,
    expect: ['fail failover/survives-any-node: There is a single instance, pod-0 on node1: …'],
  },
};

testCheck(failover, cases);

test('what is not ready points at its node', () => {
  const [verdict] = failover.evaluate(seen(3, 'node1', 'node2', 'node3!'), { options: majority, now: new Date() });
  assert.ok(verdict?.verdict === 'fail');
  assert.deepEqual(verdict.because, ['node/node3']);
});

const NAMESPACE = 'skiff-gtxs';

function pod(name: string, node: string, ready: boolean, facts: Partial<Pod['metadata']> = {}): Pod {
  return {
    metadata: { name, namespace: NAMESPACE, ...facts },
    spec: { nodeName: node },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  };
}

const target = {
  component: 'skiff-gtxs/etcd-gtxs',
  namespace: NAMESPACE,
  workloads: [
    { kind: 'StatefulSet', namespace: NAMESPACE, name: 'etcd-gtxs' },
    { kind: 'Deployment', namespace: NAMESPACE, name: 'none' },
  ],
} as const;

test('members that are missing count, pods that go or have ended do not', async () => {
  const pods = [
    pod('etcd-gtxs-0', 'node1', true),
    pod('etcd-gtxs-1', 'node2', true),
    pod('etcd-gtxs-2', 'node3', true, { deletionTimestamp: '2026-01-01T00:00:00Z' }),
    { ...pod('etcd-gtxs-old', 'node3', false), status: { phase: 'Failed' } },
  ];
  const statefulsets = [{ metadata: { name: 'etcd-gtxs', namespace: NAMESPACE }, spec: { replicas: 3 } }];
  const { observation } = await probeWith(failover, { target, objects: { pods, statefulsets, deployments: [] }, options: majority });
  assert.deepEqual(verdictLines(failover, observation, { options: majority }), [
    'fail failover/survives-any-node: 2 of 3 members are ready and 2 are needed: without any one of node1, node2 the majority is lost.',
  ]);
});

test('pods that may not be listed leave it unknown', async () => {
  const { observation, blindSpots } = await probeWith(failover, {
    target: { ...target, pods: [{ namespace: NAMESPACE, name: 'etcd-gtxs-0' }] },
    objects: { statefulsets: [], deployments: [] },
    failures: { 'list pods': 'Forbidden' },
  });
  assert.equal(observation, undefined);
  assert.equal(blindSpots[0]?.problem.reason, 'Forbidden');
});
