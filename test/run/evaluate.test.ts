import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AnyCheck, RuleMeta } from '../../src/model/check.ts';
import type { FoundComponent } from '../../src/model/component.ts';
import type { ProbeRecord } from '../../src/model/recording.ts';
import { evaluateRecord } from '../../src/run/evaluate.ts';

const rule = (facts: Partial<RuleMeta> = {}): RuleMeta => ({
  title: { zh: '灯亮着', en: 'The lamp is lit' },
  severity: 'critical',
  messages: { dark: { zh: '{lamp} 不亮。', en: '{lamp} is dark.' }, none: { zh: '没有灯。', en: 'There is no lamp.' } },
  ...facts,
});
const RULES = {
  lit: rule(),
  warm: rule({ severity: 'warning' }),
  clean: rule({ severity: 'info' }),
  quiet: rule({ severity: 'critical', effect: 'degraded' }),
};

function check(evaluate: () => unknown): AnyCheck {
  const meta = { id: 'lamp', title: RULES.lit.title, description: RULES.lit.title, reads: [], options: {}, rules: RULES };
  return { meta, probe: async () => ({}), evaluate: evaluate as AnyCheck['evaluate'] };
}
const component = { component: 'site/lamp', owner: 'product' } as FoundComponent;
const record = (facts: Partial<ProbeRecord> = {}): ProbeRecord => ({
  check: 'lamp',
  component: 'site/lamp',
  options: {},
  observation: {},
  blindSpots: [],
  durationMs: 1,
  ...facts,
});
const findings = (evaluate: () => unknown, facts: Partial<ProbeRecord> = {}) => evaluateRecord(check(evaluate), record(facts), component, new Date(0));
const brief = (evaluate: () => unknown, facts: Partial<ProbeRecord> = {}) =>
  findings(evaluate, facts).map(({ id, status, reason }) => [id, status, ...(reason === undefined ? [] : [reason])]);
const pass = (name: string) => ({ rule: name, verdict: 'pass' });
const fail = (name: string, rest: object = {}) => ({ rule: name, verdict: 'fail', messageId: 'dark', data: { lamp: 'a' }, ...rest });
const others = (...names: readonly string[]) =>
  Object.keys(RULES)
    .filter((name) => !names.includes(name))
    .map(pass);

test('the severity of a rule makes a failed verdict a failure, a warning or a note; its effect is its own or that of its severity', () => {
  const made = findings(() => [fail('lit'), fail('warm'), fail('clean'), fail('quiet')]);

  assert.deepEqual(
    made.map(({ rule: name, status, effect }) => [name, status, effect]),
    [
      ['lamp/lit', 'fail', 'down'],
      ['lamp/warm', 'warn', 'degraded'],
      ['lamp/clean', 'info', 'none'],
      ['lamp/quiet', 'fail', 'degraded'],
    ],
  );
});

test('messages are filled in both languages, and a pass says its healthy fact', () => {
  const [dark, lit] = findings(() => [fail('lit'), ...others('lit')]);

  assert.deepEqual(dark?.message, { zh: 'a 不亮。', en: 'a is dark.' });
  assert.deepEqual(lit?.message, RULES.warm.title);
});

test('evidence goes with the finding', () => {
  const [dark] = findings(() => [
    fail('lit', { because: ['node/node1'], own: true, since: '2026-01-01T00:00:00Z', observed: 0, expected: 1, subject: { kind: 'Pod', name: 'a' } }),
  ]);

  assert.deepEqual(
    [dark?.id, dark?.because, dark?.own, dark?.since, dark?.observed, dark?.expected, dark?.owner],
    ['lamp/lit@site/lamp#Pod/a', ['node/node1'], true, '2026-01-01T00:00:00Z', 0, 1, 'product'],
  );
});

test('a rule that the check forgets is unknown, never passed', () => {
  assert.deepEqual(
    brief(() => [pass('lit'), pass('warm'), pass('clean')]),
    [
      ['lamp/lit@site/lamp', 'pass'],
      ['lamp/warm@site/lamp', 'pass'],
      ['lamp/clean@site/lamp', 'pass'],
      ['lamp/quiet@site/lamp', 'unknown', 'NotEvaluated'],
    ],
  );
});

const MISTAKES: Readonly<Record<string, () => unknown>> = {
  'that throws': () => {
    throw new TypeError('x is undefined');
  },
  'that is asynchronous': async () => [pass('lit')],
  'that forgets its return': () => undefined,
  'that returns something else': () => ({ lit: 'pass' }),
};
for (const [name, evaluate] of Object.entries(MISTAKES)) {
  test(`an evaluate ${name} makes every rule unknown by its own mistake`, () => {
    const made = findings(evaluate);

    assert.deepEqual(
      made.map(({ status, reason }) => [status, reason]),
      Array.from({ length: 4 }, () => ['unknown', 'InternalError']),
    );
    assert.match(made[0]?.message.en ?? '', /Check "lamp" failed while evaluating/);
  });
}

test("a verdict that only the runner may give is the check's mistake, and no fault of the cluster", () => {
  for (const verdict of ['unknown', 'error', 'warn', undefined]) {
    assert.deepEqual(brief(() => [{ ...fail('lit'), verdict }, ...others('lit')])[0], ['lamp/lit@site/lamp', 'unknown', 'InternalError'], String(verdict));
  }
  assert.deepEqual(
    brief(() => [fail('lit', { data: 'a' }), null, pass('no-rule'), ...others('lit')]).map(([, status]) => status),
    ['unknown', 'pass', 'pass', 'pass'],
  );
});

test('what the probe could not look at is unknown, with the reason and what it needs', () => {
  const problem = { reason: 'Forbidden', message: 'Cannot list pods: 403.', needs: 'list pods in site' } as const;
  const made = findings(() => others('lit'), { blindSpots: [{ rules: ['lit'], problem, subject: { kind: 'Pod', name: 'a' } }] });

  const unknown = made.find(({ status }) => status === 'unknown');
  assert.deepEqual([unknown?.id, unknown?.reason, unknown?.needs], ['lamp/lit@site/lamp#Pod/a', 'Forbidden', 'list pods in site']);
  assert.deepEqual(unknown?.message, { zh: problem.message, en: problem.message });
  assert.equal(made.length, 4);
});

test('without an observation nothing is evaluated, and every rule has its reason', () => {
  const problem = { reason: 'Timeout', message: 'No answer.' } as const;
  const made = brief(
    () => {
      throw new Error('must not be called');
    },
    (({ observation: _none, ...rest }) => rest)(record({ blindSpots: [{ rules: Object.keys(RULES), problem }] })),
  );

  assert.deepEqual(
    made.map(([, status, reason]) => [status, reason]),
    Array.from({ length: 4 }, () => ['unknown', 'Timeout']),
  );
});

test('of two findings with one id the worst stays: a blind spot is not passed over, and hides no failure', () => {
  const blindSpots = [{ rules: ['lit'], problem: { reason: 'Forbidden', message: '403' } }] as const;

  assert.equal(brief(() => [pass('lit'), ...others('lit')], { blindSpots })[0]?.[1], 'unknown');
  assert.equal(brief(() => [fail('lit'), ...others('lit')], { blindSpots })[0]?.[1], 'fail');
});
