import assert from 'node:assert/strict';
import { test } from 'node:test';
import disruption from '../../checks/disruption/check.ts';
import type { BudgetFacts, DisruptionObservation, MovableFacts } from '../../checks/disruption/observation.ts';
import type { Deployment, Pod, PodDisruptionBudget } from '../../src/model/kubernetes.ts';
import { type Case, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(disruption, new URL('../../checks/disruption/', import.meta.url));

const NAMESPACE = 'skiff-ncs';

function workload(facts: Partial<MovableFacts> = {}): MovableFacts {
  return { kind: 'Deployment', namespace: NAMESPACE, name: 'ncs', replicas: 2, pods: 2, nodes: ['node1', 'node2'], ...facts };
}

function budget(facts: Partial<BudgetFacts> = {}): BudgetFacts {
  return { namespace: NAMESPACE, name: 'ncs', limit: 'maxUnavailable 1', allowed: 1, healthy: 2, needed: 1, expected: 2, ...facts };
}

function seen(facts: Partial<DisruptionObservation> = {}): DisruptionObservation {
  return { core: false, budgetsRead: true, workloads: [workload()], budgets: [budget()], coveredTwice: [], bare: [], ...facts };
}

const NOT_CORE = 'skip disruption/core-replicated: It is no core component.';
const CORE = 'skip disruption/replicated: A core component; see disruption/core-replicated.';
const NO_BUDGET = 'skip disruption/budget-allows: No PodDisruptionBudget covers it.';
const ONE_PLACE = 'skip disruption/several-nodes: There is a single replica.';
const RULES = ['budget-allows', 'one-budget', 'controlled', 'several-nodes', 'core-replicated', 'replicated'];

const cases: Record<string, Case<DisruptionObservation, object>> = {
  'two replicas on two nodes, and a budget that leaves room': { observation: seen(), expect: [NOT_CORE, 'pass *'] },
  'a core component': { observation: seen({ core: true }), expect: [CORE, 'pass *'] },
  'no budget': { observation: seen({ budgets: [] }), expect: [NO_BUDGET, NOT_CORE, 'pass *'] },
  'a budget that demands everything': {
    observation: seen({ budgets: [budget({ limit: 'minAvailable 100%', allowed: 0, needed: 2 })] }),
    expect: [
      'fail disruption/budget-allows#PodDisruptionBudget/ncs: PodDisruptionBudget ncs (minAvailable 100%) covers 2 pods and allows none of them …',
      NOT_CORE,
      'pass *',
    ],
  },
  'a budget that an unhealthy pod has used up': {
    observation: seen({ budgets: [budget({ allowed: 0, healthy: 1, needed: 1 })] }),
    expect: [
      'fail disruption/budget-allows#PodDisruptionBudget/ncs: PodDisruptionBudget ncs (maxUnavailable 1) allows no eviction now: 1 of 2 pods are healthy and 1 have to be.',
      NOT_CORE,
      'pass *',
    ],
  },
  'a budget that nobody has looked at': {
    observation: seen({ budgets: [{ namespace: NAMESPACE, name: 'ncs', limit: 'minAvailable 1', healthy: 0, needed: 0, expected: 0 }] }),
    expect: ['fail disruption/budget-allows#PodDisruptionBudget/ncs: No controller has looked at PodDisruptionBudget ncs yet, …', NOT_CORE, 'pass *'],
  },
  'two budgets for one pod': {
    observation: seen({ coveredTwice: [{ namespace: NAMESPACE, pod: 'ncs-1', budgets: ['ncs', 'all'] }] }),
    expect: ['fail disruption/one-budget#Pod/ncs-1: ncs-1 is covered by several PodDisruptionBudgets (ncs, all): …', NOT_CORE, 'pass *'],
  },
  'a pod that somebody made by hand': {
    observation: seen({ bare: [{ namespace: NAMESPACE, pod: 'debug', node: 'node2' }] }),
    expect: ['fail disruption/controlled#Pod/debug: debug on node2 has no controller: …', NOT_CORE, 'pass *'],
  },
  'two replicas on one node': {
    observation: seen({ workloads: [workload({ nodes: ['node2'] })] }),
    expect: ['fail disruption/several-nodes#Deployment/ncs: All 2 replicas of Deployment ncs are on node2, …', NOT_CORE, 'pass *'],
  },
  'a single replica': {
    observation: seen({ workloads: [workload({ replicas: 1, pods: 1, nodes: ['node1'] })] }),
    expect: ['fail disruption/replicated#Deployment/ncs: Deployment ncs has a single replica: …', ONE_PLACE, NOT_CORE, 'pass *'],
  },
  'a single replica of the core': {
    observation: seen({ core: true, workloads: [workload({ replicas: 1, pods: 1, nodes: ['node1'] })] }),
    expect: ['fail disruption/core-replicated#Deployment/ncs: Deployment ncs has a single replica: …', ONE_PLACE, CORE, 'pass *'],
  },
  'nothing that a drain would touch': {
    observation: seen({ workloads: [], budgets: [] }),
    expect: RULES.map((rule) => `skip disruption/${rule}: It has no pods that a drain would touch.`),
  },
};

testCheck(disruption, cases);

test('budgets that could not be read say nothing', () => {
  const rules = disruption.evaluate(seen({ budgetsRead: false, budgets: [] }), { options: {}, now: new Date() }).map(({ rule }) => rule);
  assert.ok(!rules.includes('budget-allows') && !rules.includes('one-budget') && rules.includes('controlled'));
  const nothing = disruption.evaluate(seen({ budgetsRead: false, budgets: [], workloads: [] }), { options: {}, now: new Date() }).map(({ rule }) => rule);
  assert.ok(!nothing.includes('budget-allows') && nothing.includes('several-nodes'));
});

function pod(name: string, node: string, owner: string | undefined, labels: Readonly<Record<string, string>> = { app: 'ncs' }): Pod {
  return {
    metadata: {
      name,
      namespace: NAMESPACE,
      labels: { ...labels, 'pod-template-hash': 'abc' },
      ...(owner === undefined ? {} : { ownerReferences: [{ kind: owner, name: owner === 'ReplicaSet' ? 'ncs-abc' : 'ncs', controller: true }] }),
    },
    spec: { nodeName: node },
    status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
  };
}

const deployment: Deployment = { metadata: { name: 'ncs', namespace: NAMESPACE }, spec: { replicas: 2 } };

function disruptionBudget(name: string, selector: NonNullable<PodDisruptionBudget['spec']>['selector'], allowed: number): PodDisruptionBudget {
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: { maxUnavailable: allowed, ...(selector === undefined ? {} : { selector }) },
    status: { observedGeneration: 1, disruptionsAllowed: allowed, currentHealthy: 2, desiredHealthy: 2 - allowed, expectedPods: 2 },
  };
}

const target = { component: 'skiff-ncs/ncs', namespace: NAMESPACE, workloads: [{ kind: 'Deployment', namespace: NAMESPACE, name: 'ncs' }] } as const;

test('budgets are matched by their selectors, and pods that stay on a drain are none of its matter', async () => {
  const pods = [
    pod('ncs-abc-1', 'node1', 'ReplicaSet'),
    pod('ncs-abc-2', 'node1', 'ReplicaSet'),
    pod('agent', 'node1', 'DaemonSet'),
    pod('loose', 'node3', undefined),
  ];
  const poddisruptionbudgets = [
    disruptionBudget('ncs', { matchLabels: { app: 'ncs' } }, 1),
    disruptionBudget('other', { matchLabels: { app: 'audit' } }, 0),
    disruptionBudget('by-expression', { matchExpressions: [{ key: 'app', operator: 'In', values: ['ncs', 'audit'] }] }, 0),
    disruptionBudget('without-selector', undefined, 0),
  ];
  const { observation } = await probeWith(disruption, { target, objects: { pods, poddisruptionbudgets, deployments: [deployment], statefulsets: [] } });
  const lines = verdictLines(disruption, observation).filter((line) => line.startsWith('fail'));
  assert.equal(lines.filter((line) => line.startsWith('fail disruption/budget-allows#PodDisruptionBudget/by-expression')).length, 1);
  assert.equal(lines.filter((line) => line.includes('disruption/budget-allows')).length, 1);
  assert.deepEqual(
    lines.filter((line) => line.includes('one-budget')).map((line) => line.split(':')[0]),
    ['fail disruption/one-budget#Pod/ncs-abc-1', 'fail disruption/one-budget#Pod/ncs-abc-2', 'fail disruption/one-budget#Pod/loose'],
  );
  assert.ok(lines.some((line) => line.startsWith('fail disruption/controlled#Pod/loose')));
  assert.ok(lines.some((line) => line.startsWith('fail disruption/several-nodes#Deployment/ncs')));
  assert.ok(!lines.some((line) => line.includes('agent')));
});

test('budgets that may not be read are unknown, those that the API server does not know are none', async () => {
  const pods = [pod('ncs-abc-1', 'node1', 'ReplicaSet'), pod('ncs-abc-2', 'node2', 'ReplicaSet')];
  const objects = { pods, deployments: [deployment], statefulsets: [] };
  const forbidden = await probeWith(disruption, { target, objects, failures: { 'list poddisruptionbudgets': 'Forbidden' } });
  assert.deepEqual(forbidden.blindSpots[0]?.rules, ['budget-allows', 'one-budget']);
  assert.ok(!verdictLines(disruption, forbidden.observation).some((line) => line.includes('budget')));
  const old = await probeWith(disruption, { target, objects, failures: { 'list poddisruptionbudgets': 'NotServed' } });
  assert.deepEqual(old.blindSpots, []);
  assert.ok(verdictLines(disruption, old.observation).includes(NO_BUDGET));
});
