import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from '../../src/diagnosis/diagnose.ts';
import type { Dependency, Discovery, FoundComponent } from '../../src/model/component.ts';
import type { Diagnosis, Finding } from '../../src/model/finding.ts';
import type { Grade, Status } from '../../src/model/report.ts';

function component(id: string, dependsOn: readonly (string | Dependency)[] = [], facts: Partial<FoundComponent> = {}): FoundComponent {
  return {
    component: id,
    id,
    namespace: 'site',
    title: { zh: id, en: id },
    owner: 'product',
    core: false,
    optional: false,
    presence: 'present',
    documented: true,
    technologies: {},
    workloads: [],
    pods: [],
    services: [],
    dependsOn: dependsOn.map((edge) => (typeof edge === 'string' ? { component: edge, confidence: 'documented' } : edge)),
    peers: {},
    ...facts,
  };
}

const EFFECTS: Readonly<Partial<Record<Status, Finding['effect']>>> = { fail: 'down', warn: 'degraded' };

/** `finding('redis', 'fail')`: the rule `workload/available` failed for the component `redis`. */
function finding(of: string, status: Status, facts: Partial<Finding> & { readonly name?: string } = {}): Finding {
  const { name = 'workload/available', ...rest } = facts;
  return {
    id: `${name}@${of}`,
    check: name.split('/')[0] ?? '',
    rule: name,
    component: of,
    status,
    severity: status === 'warn' ? 'warning' : status === 'info' ? 'info' : 'critical',
    effect: EFFECTS[status] ?? 'none',
    owner: 'product',
    title: { zh: name, en: name },
    message: { zh: name, en: name },
    because: [],
    own: false,
    ...rest,
  };
}

const found = (...components: readonly FoundComponent[]): Discovery => ({ components, namespaces: [], blindSpots: [] });
const roots = (diagnosis: Diagnosis): readonly string[] => diagnosis.rootCauses.map((cause) => cause.component);
const symptoms = (diagnosis: Diagnosis): Readonly<Record<string, string>> => Object.fromEntries(diagnosis.symptomOf);
const states = (diagnosis: Diagnosis): Readonly<Record<string, string>> => Object.fromEntries(diagnosis.states);

test('a chain folds under its deepest fault, and each link stays listed', () => {
  const diagnosis = diagnose(found(component('front', ['auth']), component('auth', ['mysql']), component('mysql')), [
    finding('front', 'fail'),
    finding('auth', 'fail'),
    finding('mysql', 'fail'),
  ]);

  assert.deepEqual(roots(diagnosis), ['mysql']);
  assert.deepEqual(symptoms(diagnosis), { 'workload/available@front': 'mysql', 'workload/available@auth': 'mysql' });
  assert.deepEqual(states(diagnosis), { front: 'unreachable', auth: 'unreachable', mysql: 'down' });
  assert.deepEqual(diagnosis.rootCauses[0]?.explains, ['workload/available@mysql', 'workload/available@front', 'workload/available@auth']);
  assert.deepEqual(diagnosis.rootCauses[0]?.affects, [
    { component: 'front', confidence: 'documented' },
    { component: 'auth', confidence: 'documented' },
  ]);
});

test('a healthy link breaks the chain: a fault behind a dependency that works is its own', () => {
  const diagnosis = diagnose(found(component('front', ['auth']), component('auth', ['mysql']), component('mysql')), [
    finding('front', 'fail'),
    finding('auth', 'pass'),
    finding('mysql', 'fail'),
  ]);

  assert.deepEqual([...roots(diagnosis)].sort(), ['front', 'mysql']);
  assert.deepEqual(symptoms(diagnosis), {});
});

test('two that suspect each other explain nothing: the one that broke first is the cause', () => {
  const since = (minute: number) => ({ since: `2026-01-15T03:0${minute}:00Z` });
  const pair = found(component('core', ['jobs']), component('jobs', ['core']));

  const jobsFirst = diagnose(pair, [finding('core', 'fail', since(4)), finding('jobs', 'fail', since(1))]);
  const coreFirst = diagnose(pair, [finding('core', 'fail', since(1)), finding('jobs', 'fail', since(4))]);

  assert.deepEqual(roots(jobsFirst), ['jobs']);
  assert.deepEqual(states(jobsFirst), { core: 'unreachable', jobs: 'down' });
  assert.deepEqual(roots(coreFirst), ['core']);
});

test('in a cycle without times the one that more others depend on is the cause; the order of the findings does not matter', () => {
  const components = [component('a', ['b']), component('b', ['c']), component('c', ['a']), component('x', ['c'])];
  const faults = ['a', 'b', 'c'].map((id) => finding(id, 'fail'));

  const diagnosis = diagnose(found(...components), faults);
  const reversed = diagnose(found(...components.toReversed()), faults.toReversed());

  assert.deepEqual(roots(diagnosis), ['c']);
  assert.deepEqual(roots(reversed), ['c']);
  assert.deepEqual(symptoms(diagnosis), { 'workload/available@a': 'c', 'workload/available@b': 'c' });
});

test('a component with a fault of its own that is suspected by what it suspects is no symptom of itself', () => {
  const diagnosis = diagnose(found(component('core', ['jobs']), component('jobs', ['core'])), [
    finding('core', 'fail', { name: 'workload/images-pulled', own: true }),
    finding('core', 'fail'),
    finding('jobs', 'fail'),
  ]);

  assert.deepEqual(roots(diagnosis), ['core']);
  assert.deepEqual(symptoms(diagnosis), { 'workload/available@jobs': 'core' });
});

test('of several suspects the one with a fault of its own explains, not one that was lost with the component itself', () => {
  const node = finding('node/node2', 'fail', { because: ['kube-system/keepalived-master', 'kube-system/kube-apiserver'] });
  const lostWithIt = finding('kube-system/keepalived-master', 'warn', { because: ['node/node2'] });
  const proven = finding('kube-system/kube-apiserver', 'warn', { own: true, name: 'instances' });
  const alsoLost = finding('kube-system/kube-apiserver', 'warn', { because: ['node/node2'], name: 'replicas' });

  const diagnosis = diagnose(found(component('kube-system/keepalived-master'), component('kube-system/kube-apiserver'), component('node/node2')), [
    node,
    lostWithIt,
    alsoLost,
    proven,
  ]);

  assert.deepEqual(roots(diagnosis), ['kube-system/kube-apiserver']);
  assert.equal(diagnosis.symptomOf.get(lostWithIt.id), 'kube-system/kube-apiserver');
});

test('redundancy: one of several that is lost degrades, and what depends on it is not explained by that', () => {
  const diagnosis = diagnose(found(component('front', ['redis']), component('redis')), [
    finding('front', 'fail'),
    finding('redis', 'warn', { name: 'workload/replicas' }),
  ]);

  assert.deepEqual(states(diagnosis), { front: 'down', redis: 'degraded' });
  assert.deepEqual(roots(diagnosis), ['front', 'redis']);
});

test("evidence is stronger than edges: a finding that points at a node is the node's, whatever else is down", () => {
  const diagnosis = diagnose(found(component('redis', ['dns']), component('dns'), component('node/node2')), [
    finding('redis', 'fail', { because: ['node/node2'] }),
    finding('dns', 'fail'),
    finding('node/node2', 'fail', { name: 'node/ready' }),
  ]);

  assert.deepEqual(symptoms(diagnosis), { 'workload/available@redis': 'node/node2' });
  assert.deepEqual(diagnosis.rootCauses.find((cause) => cause.component === 'node/node2')?.affects, [{ component: 'redis', confidence: 'evidence' }]);
});

test('evidence explains by a fault that only warns, too; an edge needs a dependency that is down', () => {
  const diagnosis = diagnose(found(component('redis', ['node/node2']), component('node/node2')), [
    finding('redis', 'warn', { because: ['node/node2'] }),
    finding('node/node2', 'warn', { name: 'node/pressure' }),
  ]);

  assert.deepEqual(symptoms(diagnosis), { 'workload/available@redis': 'node/node2' });
});

test('evidence that points at something healthy, at itself or at nothing explains nothing', () => {
  const diagnosis = diagnose(found(component('redis'), component('node/node2')), [
    finding('redis', 'fail', { because: ['node/node2', 'redis', 'node/gone'] }),
    finding('node/node2', 'pass', { name: 'node/ready' }),
  ]);

  assert.deepEqual(roots(diagnosis), ['redis']);
  assert.deepEqual(symptoms(diagnosis), {});
});

test('what proves its own cause is never folded, and its other findings are', () => {
  const diagnosis = diagnose(found(component('ncs', ['mysql']), component('mysql')), [
    finding('ncs', 'fail', { name: 'workload/images-pulled', own: true }),
    finding('ncs', 'fail'),
    finding('mysql', 'fail'),
  ]);

  assert.deepEqual([...roots(diagnosis)].sort(), ['mysql', 'ncs']);
  assert.deepEqual(symptoms(diagnosis), { 'workload/available@ncs': 'mysql' });
  assert.equal(states(diagnosis)['ncs'], 'down');
});

test('what is down because of a dependency is unreachable; what was merely degraded stays degraded', () => {
  const diagnosis = diagnose(found(component('front', ['auth']), component('portal', ['auth']), component('auth')), [
    finding('front', 'fail'),
    finding('portal', 'warn'),
    finding('auth', 'fail'),
  ]);

  assert.deepEqual(states(diagnosis), { front: 'unreachable', portal: 'degraded', auth: 'down' });
});

test('the surest edge explains, and a chain is as sure as its weakest link', () => {
  const edge = (to: string, confidence: Dependency['confidence']): Dependency => ({ component: to, confidence });
  const diagnosis = diagnose(
    found(
      component('front', [edge('audit', 'inferred'), edge('auth', 'observed')]),
      component('auth', [edge('mysql', 'inferred')]),
      component('audit'),
      component('mysql'),
    ),
    ['front', 'auth', 'audit', 'mysql'].map((id) => finding(id, 'fail')),
  );

  assert.equal(symptoms(diagnosis)['workload/available@front'], 'mysql');
  const mysql = diagnosis.rootCauses.find((cause) => cause.component === 'mysql');
  assert.deepEqual(mysql?.affects, [
    { component: 'front', confidence: 'inferred' },
    { component: 'auth', confidence: 'inferred' },
  ]);
  assert.equal(mysql?.confidence, 'low');
  assert.equal(diagnosis.rootCauses.find((cause) => cause.component === 'audit')?.confidence, 'high');
});

test('causes stand in the order of what mending them is worth', () => {
  const diagnosis = diagnose(
    found(
      component('lonely'),
      component('many'),
      component('a', ['many']),
      component('b', ['many']),
      component('degraded-core', [], { core: true }),
      component('dns', [], { core: true }),
    ),
    [finding('lonely', 'fail'), finding('many', 'fail'), finding('a', 'fail'), finding('b', 'fail'), finding('degraded-core', 'warn'), finding('dns', 'fail')],
  );

  assert.deepEqual(roots(diagnosis), ['dns', 'many', 'lonely', 'degraded-core']);
});

test('the finding that speaks for a cause is its worst', () => {
  const diagnosis = diagnose(found(component('redis')), [
    finding('redis', 'warn', { name: 'workload/restarts' }),
    finding('redis', 'fail', { name: 'service/endpoints', effect: 'degraded' }),
    finding('redis', 'fail', { name: 'workload/available' }),
  ]);

  assert.equal(diagnosis.rootCauses[0]?.finding, 'workload/available@redis');
});

test('nothing found is nothing caused', () => {
  const diagnosis = diagnose(found(component('redis')), [finding('redis', 'pass')]);

  assert.deepEqual([roots(diagnosis), diagnosis.grade, diagnosis.status, diagnosis.blocker], [[], 'A', 'pass', undefined]);
});

// The grade: the worst that any component allows.

interface Graded {
  readonly situation: string;
  readonly core?: boolean;
  readonly findings: readonly Finding[];
  readonly grade: Grade;
  readonly facts?: Partial<FoundComponent>;
}
const GRADES: readonly Graded[] = [
  { situation: 'all well', findings: [finding('x', 'pass')], grade: 'A' },
  { situation: 'a note', findings: [finding('x', 'info'), finding('x', 'pass', { name: 'a/b' })], grade: 'A' },
  { situation: 'what does not apply', findings: [finding('x', 'skip'), finding('x', 'pass', { name: 'a/b' })], grade: 'A' },
  { situation: 'not installed', findings: [finding('x', 'skip', { name: 'presence/installed' })], grade: 'A', facts: { presence: 'absent' } },
  { situation: 'a warning', findings: [finding('x', 'warn')], grade: 'B' },
  { situation: 'a warning at a core component', core: true, findings: [finding('x', 'warn')], grade: 'C' },
  {
    situation: 'a warning without effect at a core component',
    core: true,
    findings: [finding('x', 'warn', { effect: 'none' }), finding('x', 'pass', { name: 'a/b' })],
    grade: 'C',
  },
  { situation: 'an unknown', findings: [finding('x', 'unknown', { reason: 'Forbidden' })], grade: 'B' },
  { situation: 'an unknown at a core component', core: true, findings: [finding('x', 'unknown', { reason: 'Forbidden' })], grade: 'D' },
  {
    situation: 'an unknown note at a core component',
    core: true,
    findings: [finding('x', 'unknown', { severity: 'info' }), finding('x', 'pass', { name: 'a/b' })],
    grade: 'B',
  },
  { situation: 'only its presence was seen', findings: [finding('x', 'pass', { name: 'presence/installed' })], grade: 'B' },
  { situation: 'down', findings: [finding('x', 'fail')], grade: 'D' },
  { situation: 'a core component is down', core: true, findings: [finding('x', 'fail')], grade: 'F' },
  { situation: 'a critical rule that only degrades', core: true, findings: [finding('x', 'fail', { effect: 'degraded' })], grade: 'D' },
];
for (const { situation, core = false, findings, grade, facts } of GRADES) {
  test(`grade ${grade}: ${situation}`, () => {
    const diagnosis = diagnose(found(component('x', [], { core, ...facts }), component('y')), [...findings, finding('y', 'pass')]);

    assert.equal(diagnosis.grade, grade);
  });
}

test('the grade is the worst and never a mean: one core component down among a hundred', () => {
  const many = Array.from({ length: 100 }, (_, index) => `c${index}`);

  const diagnosis = diagnose(found(...many.map((id) => component(id)), component('dns', [], { core: true })), [
    ...many.map((id) => finding(id, 'pass')),
    finding('dns', 'fail'),
  ]);

  assert.deepEqual([diagnosis.grade, diagnosis.blocker], ['F', { component: 'dns', finding: 'workload/available@dns' }]);
});

test('what blocks the grade is the cause, even when the one that it brings down is the core', () => {
  const diagnosis = diagnose(found(component('auth', ['redis'], { core: true }), component('redis')), [finding('auth', 'fail'), finding('redis', 'fail')]);

  assert.deepEqual([diagnosis.grade, diagnosis.blocker?.component], ['F', 'redis']);
});

test('what discovery could not read keeps the grade from the best', () => {
  const blindSpots = [{ message: { zh: '', en: '' }, problem: { reason: 'Forbidden', message: '403' } }] as const;

  assert.equal(diagnose({ ...found(component('x')), blindSpots }, [finding('x', 'pass')]).grade, 'B');
});

test('what was not selected has no state and lowers nothing', () => {
  const diagnosis = diagnose(found(component('x'), component('core', [], { core: true })), [finding('x', 'pass')]);

  assert.deepEqual([diagnosis.grade, diagnosis.states.has('core')], ['A', false]);
});

// An API server that cannot be reached or read.

const API = 'kube-system/kube-apiserver';
const behind = (of: string): Finding => finding(of, 'unknown', { reason: 'PrerequisiteFailed' });
const api = component(API, [], { core: true });

test('an API server that refuses connections is the one cause of all that could not be looked at', () => {
  const diagnosis = diagnose(found(api, component('redis', [API])), [finding(API, 'fail', { name: 'kube-apiserver/reachable' }), behind(API), behind('redis')]);

  assert.deepEqual(roots(diagnosis), [API]);
  assert.deepEqual(diagnosis.rootCauses[0]?.explains, [`kube-apiserver/reachable@${API}`, `workload/available@${API}`, 'workload/available@redis']);
  assert.deepEqual(symptoms(diagnosis), { [`workload/available@${API}`]: API, 'workload/available@redis': API });
  assert.deepEqual([diagnosis.grade, diagnosis.status], ['F', 'fail']);
});

test('credentials that are refused are no fault of the cluster: unknown, and still the one thing to mend', () => {
  const diagnosis = diagnose(found(api, component('redis')), [
    finding(API, 'unknown', { name: 'kube-apiserver/reachable', reason: 'Unauthorized' }),
    behind('redis'),
  ]);

  assert.deepEqual([roots(diagnosis), diagnosis.grade, diagnosis.status], [[API], 'D', 'unknown']);
});

test("a run that ended before the API server's own check does not hide the causes that it found", () => {
  for (const reason of ['DeadlineExceeded', 'Interrupted', 'InternalError'] as const) {
    const diagnosis = diagnose(found(api, component('redis')), [
      finding(API, 'unknown', { name: 'kube-apiserver/reachable', reason }),
      finding('redis', 'fail'),
    ]);

    assert.deepEqual(roots(diagnosis), ['redis'], reason);
  }
});
