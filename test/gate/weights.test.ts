import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { CHECK_CLASSES, NO_GO, RULE_CLASSES, WEIGHTS, weightOf, weightOfAlert } from '../../src/gate/weights.ts';
import type { CheckMeta, RuleMeta } from '../../src/model/check.ts';

const METAS = new Map(CHECKS.map((check) => [(check.meta as CheckMeta).id, check.meta as CheckMeta]));

function ruleMeta(rule: string): RuleMeta | undefined {
  const [check = '', name = ''] = rule.split('/');
  return METAS.get(check)?.rules[name];
}

test('every rule and check that has a weight of its own exists', () => {
  assert.deepEqual(
    Object.keys(RULE_CLASSES).filter((rule) => ruleMeta(rule) === undefined),
    [],
  );
  assert.deepEqual(
    Object.keys(CHECK_CLASSES).filter((check) => METAS.get(check)?.purpose !== 'change'),
    [],
  );
});

test('every check that matters only before a change has a class', () => {
  assert.deepEqual(
    [...METAS.values()].filter(({ id, purpose }) => purpose === 'change' && !(id in CHECK_CLASSES)).map(({ id }) => id),
    [],
  );
});

test('every critical rule keeps from a change, and no information does', () => {
  for (const [id, { rules }] of METAS) {
    for (const [name, meta] of Object.entries(rules)) {
      const rule = `${id}/${name}`;
      for (const core of [true, false]) {
        const weight = weightOf(rule, meta, core);
        if (meta.severity === 'critical') assert.ok(weight >= NO_GO, `${rule} ${weight}`);
        if (meta.severity === 'info') assert.ok(weight < NO_GO, `${rule} ${weight}`);
        assert.ok(weight >= 0 && weight <= 100, rule);
      }
    }
  }
});

test('the order is that of what a change would make worst', () => {
  const down = { severity: 'critical' } as const;
  const degraded = { severity: 'warning' } as const;
  const margin = { severity: 'critical', effect: 'degraded' } as const;
  const blocks = { severity: 'critical', effect: 'none' } as const;
  const order = [
    weightOf('workload/available', down, true),
    weightOf('failover/survives-any-node', margin, true),
    weightOf('workload/replicas', degraded, true),
    weightOf('admission-webhooks/backend-answers', blocks, true),
    weightOf('workload/available', down, false),
    weightOf('etcd/failure-tolerance', degraded, false),
    weightOf('disruption/budget-allows', blocks, false),
    weightOf('removed-apis/not-requested', blocks, true),
    weightOf('version-skew/kubelets', blocks, true),
    weightOf('anything/else', blocks, false),
    weightOf('rollout/settled', blocks, false),
    weightOf('backup/recent', blocks, false),
    NO_GO,
    weightOf('workload/replicas', degraded, false),
    weightOf('node/clock', { severity: 'warning', effect: 'none' }, true),
    weightOf('backup/seen', { severity: 'info' }, true),
    weightOf('workload/spread', { severity: 'info' }, true),
  ];
  assert.deepEqual(
    order,
    order.toSorted((a, b) => b - a),
  );
  assert.equal(new Set(order).size, order.length, order.join(' '));
});

test('a rule of the margin that takes its component down weighs as that', () => {
  assert.equal(weightOf('redis-sentinel/failover-completes', { severity: 'critical' }, false), WEIGHTS.down);
  assert.equal(weightOf('redis-sentinel/failover-completes', { severity: 'critical', effect: 'degraded' }, false), WEIGHTS.margin);
});

test('alerts weigh by what their own rules call them', () => {
  assert.ok(weightOfAlert('critical') >= NO_GO && weightOfAlert('Page') >= NO_GO && weightOfAlert('P0') >= NO_GO);
  assert.ok(weightOfAlert('warning') > 0 && weightOfAlert('warning') < NO_GO);
  assert.equal(weightOfAlert('none'), 0);
  assert.equal(weightOfAlert(''), 0);
});
