import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { judge } from '../../src/gate/judge.ts';
import { targetVersionOf } from '../../src/gate/target-version.ts';
import { WEIGHTS } from '../../src/gate/weights.ts';
import type { AnyCheck, CheckMeta } from '../../src/model/check.ts';
import type { ComponentState, Gate, NotLookedAt, Report, ReportComponent, ReportFinding } from '../../src/model/report.ts';

const checks = new Map<string, AnyCheck>(CHECKS.map((check) => [(check.meta as CheckMeta).id, check]));
const CORE = 'kube-system/coredns';
const OTHER = 'skiff-ncs/ncs';

function component(id: string, core: boolean, state: ComponentState = 'healthy'): ReportComponent {
  const [namespace = '', name = ''] = id.split('/');
  return {
    id,
    namespace,
    name,
    title: '',
    technologies: ['workload'],
    core,
    optional: false,
    documented: true,
    owner: 'cluster',
    state,
    shallow: false,
    dependsOn: [],
  };
}

function finding(rule: string, at: string, status: ReportFinding['status'], facts: Partial<ReportFinding> = {}): ReportFinding {
  const severity = status === 'fail' ? 'critical' : 'warning';
  const id = `${rule}@${at}${facts.subject === undefined ? '' : `#${facts.subject.kind}/${facts.subject.name}`}`;
  return {
    id,
    rule,
    component: at,
    status,
    severity,
    owner: 'cluster',
    title: '',
    message: `${rule} at ${at}`,
    runbook: '',
    fingerprint: '0'.repeat(16),
    ...facts,
  };
}

function report(findings: readonly ReportFinding[], facts: Partial<Report> = {}): Report {
  return {
    schemaVersion: '1',
    tool: { name: 'skiffctl', version: '0' },
    cluster: { name: 'test', server: 'https://test' },
    startedAt: '2026-01-01T00:00:00Z',
    durationMs: 1,
    language: 'en',
    grade: 'A',
    status: 'pass',
    exitCode: 0,
    partial: false,
    rootCauses: [],
    components: [component(CORE, true), component(OTHER, false)],
    findings,
    notLookedAt: [],
    accepted: [],
    cost: { apiRequests: 0, apiBytes: 0, lists: 0, peakQps: 0, probes: 0, wallMs: 0 },
    ...facts,
  };
}

function gateOf(findings: readonly ReportFinding[], facts: Partial<Report> = {}): Gate {
  return judge(report(findings, facts), checks, { targetVersion: '1.21' });
}

const rulesOf = (reasons: Gate['reasons']): readonly (string | undefined)[] => reasons.map(({ rule }) => rule);

test('nothing wrong and nothing unseen is go', () => {
  const gate = gateOf([finding('workload/available', CORE, 'pass'), finding('workload/spread', CORE, 'info'), finding('workload/wanted', OTHER, 'skip')]);
  assert.deepEqual(gate, { verdict: 'go', targetVersion: '1.21', reasons: [], unseen: [], tolerated: [], accepted: [] });
});

test('what weighs too little is told and stops nobody', () => {
  const gate = gateOf([finding('workload/replicas', OTHER, 'warn')]);
  assert.equal(gate.verdict, 'go');
  assert.deepEqual(rulesOf(gate.tolerated), ['workload/replicas']);
});

test('the same at a core component stops the change', () => {
  const gate = gateOf([finding('workload/replicas', CORE, 'warn')]);
  assert.equal(gate.verdict, 'no-go');
  assert.deepEqual(gate.reasons, [
    {
      findingId: `workload/replicas@${CORE}`,
      component: CORE,
      rule: 'workload/replicas',
      weight: WEIGHTS.coreDegraded,
      message: `workload/replicas at ${CORE}`,
    },
  ]);
});

test('the heaviest reason comes first, whatever the order of the report', () => {
  const gate = gateOf([
    finding('rollout/settled', OTHER, 'fail'),
    finding('disruption/budget-allows', OTHER, 'fail'),
    finding('workload/available', OTHER, 'fail'),
    finding('failover/survives-any-node', CORE, 'fail'),
    finding('workload/replicas', OTHER, 'warn'),
  ]);
  assert.deepEqual(rulesOf(gate.reasons), ['failover/survives-any-node', 'workload/available', 'disruption/budget-allows', 'rollout/settled']);
  assert.deepEqual(rulesOf(gate.tolerated), ['workload/replicas']);
});

test('a cause weighs as much as the heaviest of its symptoms, which are no reasons of their own', () => {
  const gate = gateOf([
    finding('workload/available', CORE, 'fail', { symptomOf: OTHER }),
    finding('workload/replicas', OTHER, 'warn'),
    finding('workload/crash-loop', OTHER, 'warn'),
  ]);
  assert.deepEqual(
    gate.reasons.map(({ rule, weight, explains }) => [rule, weight, explains]),
    [['workload/replicas', WEIGHTS.coreDown, [`workload/available@${CORE}`]]],
  );
  assert.deepEqual(rulesOf(gate.tolerated), ['workload/crash-loop']);
});

test('a symptom of something that says nothing for itself stands for itself', () => {
  const gate = gateOf([finding('workload/available', CORE, 'fail', { symptomOf: 'node/node9' })]);
  assert.deepEqual(rulesOf(gate.reasons), ['workload/available']);
});

test('what has to be known and is unknown is never go', () => {
  const unknown = { reason: 'Forbidden', needs: 'list pods in skiff-ncs' } as const;
  const gate = gateOf([finding('workload/available', OTHER, 'unknown', unknown), finding('workload/wanted', OTHER, 'unknown', unknown)]);
  assert.equal(gate.verdict, 'cannot-tell');
  assert.deepEqual(gate.reasons, gate.unseen);
  assert.deepEqual(
    gate.reasons.map(({ rule, needs }) => [rule, needs]),
    [['workload/available', 'list pods in skiff-ncs']],
  );
});

test('what would not have stopped the change does not have to be known', () => {
  const gate = gateOf([
    finding('workload/replicas', OTHER, 'unknown', { reason: 'Forbidden' }),
    finding('workload/spread', CORE, 'unknown', { reason: 'Forbidden' }),
  ]);
  assert.equal(gate.verdict, 'go');
});

test('no-go goes before cannot tell, and what is unseen is still told', () => {
  const gate = gateOf([finding('workload/available', CORE, 'fail'), finding('disruption/budget-allows', OTHER, 'unknown', { reason: 'Forbidden' })]);
  assert.equal(gate.verdict, 'no-go');
  assert.deepEqual(rulesOf(gate.unseen), ['disruption/budget-allows']);
  assert.deepEqual(rulesOf(gate.reasons), ['workload/available']);
});

test('a namespace that could not be read, a check that was not loaded and a run that ended are never go', () => {
  const entries: readonly NotLookedAt[] = [
    { reason: 'Forbidden', message: 'pods in namespace skiff-x could not be listed', needs: 'list pods in skiff-x' },
    { reason: 'InternalError', rule: './my-checks', message: 'could not be loaded' },
    { reason: 'DeadlineExceeded', message: 'the run was not done' },
  ];
  for (const entry of entries) assert.equal(gateOf([], { notLookedAt: [entry] }).verdict, 'cannot-tell', entry.message);
  assert.equal(gateOf([], { partial: true }).verdict, 'cannot-tell');
});

test('a core component that nobody looked at is never go; another one is', () => {
  const entry = (id: string): NotLookedAt => ({ component: id, reason: 'NoDeeperCheck', message: 'no check looks at it' });
  const components = [component(CORE, true, 'unknown'), component(OTHER, false, 'unknown')];
  assert.equal(gateOf([], { components, notLookedAt: [entry(CORE)] }).verdict, 'cannot-tell');
  assert.equal(gateOf([], { components, notLookedAt: [entry(OTHER)] }).verdict, 'go');
});

test('a cluster that cannot be read is one thing unseen, whatever else was found', () => {
  const connection = { kind: 'refused', message: 'connection refused', server: 'https://test', others: [] } as const;
  const gate = gateOf([finding('kube-apiserver/reachable', 'kube-system/kube-apiserver', 'fail'), finding('workload/available', CORE, 'unknown')], {
    connection,
  });
  assert.equal(gate.verdict, 'cannot-tell');
  assert.deepEqual(rulesOf(gate.reasons), ['kube-apiserver/reachable']);
});

test('what the site accepts does not stop the change, and is told', () => {
  const broken = finding('disruption/budget-allows', OTHER, 'fail');
  const dark = finding('workload/available', OTHER, 'unknown', { reason: 'Forbidden' });
  const small = finding('workload/replicas', OTHER, 'warn');
  const accepted = [broken, dark, small].map(({ id }) => ({ finding: id, owner: 'ops', reason: 'known', expires: '2027-01-01' }));
  const gate = gateOf([broken, dark, small], { accepted });
  assert.equal(gate.verdict, 'go');
  assert.deepEqual(rulesOf(gate.accepted), ['workload/available', 'disruption/budget-allows']);
});

test('alerts weigh by their own severities, and unread alerts have to be read', () => {
  const at = 'skiff-platform/prometheus';
  const alerts = (...severities: readonly string[]): ReportFinding =>
    finding('prometheus/alerts-firing', at, 'info', {
      observed: severities.map((severity) => ({ name: 'A', severity, count: 1, since: '2026-01-01T00:00:00Z' })),
    });
  assert.equal(gateOf([alerts('none', 'warning')]).verdict, 'go');
  assert.deepEqual(rulesOf(gateOf([alerts('warning')]).tolerated), ['prometheus/alerts-firing']);
  assert.equal(gateOf([alerts('none', 'critical')]).verdict, 'no-go');
  assert.deepEqual(gateOf([alerts('none')]).tolerated, []);
  assert.equal(gateOf([finding('prometheus/alerts-firing', at, 'unknown', { reason: 'Forbidden' })]).verdict, 'cannot-tell');
});

test('a rule of a site that is not known here is taken seriously', () => {
  assert.equal(gateOf([finding('acme/unheard-of', OTHER, 'warn')]).verdict, 'no-go');
});

test('what only a person can look at is told with its own small weight', () => {
  const gate = gateOf([finding('backup/seen', OTHER, 'info')]);
  assert.deepEqual([gate.verdict, gate.tolerated[0]?.weight], ['go', WEIGHTS.reminder]);
});

test('a version is taken with a v, a patch level and a suffix, and nothing else is', () => {
  for (const text of ['1.21', 'v1.21', '1.21.14', 'v1.21.14', 'v1.21.14-gke.100', '1.21.0+k3s1', ' 1.21 ']) assert.equal(targetVersionOf(text), '1.21', text);
  for (const text of ['', '1', '2.0', '1.x', 'latest', '1.10', '1.21.', '1.21.1.1', '1.21 --all', '１.21'])
    assert.equal(targetVersionOf(text), undefined, text);
});
