import assert from 'node:assert/strict';
import { mock } from 'node:test';
import type { Check, RuleMeta, Subject } from '../model/check.ts';
import { fill, LANGUAGES, placeholders, type Text } from '../model/text.ts';
import { deepFreeze, notJson } from './plain-json.ts';

/** A verdict as evaluate returned it, with nothing taken on trust: a check may be written in JavaScript. */
export interface SpokenVerdict {
  readonly rule: string;
  readonly verdict: 'pass' | 'fail' | 'skip';
  readonly messageId?: string;
  readonly data?: Readonly<Record<string, string | number>>;
  readonly subject?: Subject;
}

/** Evaluates an observation the way a test wants it: frozen, twice, and at a clock that must not matter. Throws AssertionError for a broken promise. */
export function evaluateStrictly<Observation, Rules extends Record<string, RuleMeta>, Options extends object>(
  check: Check<Observation, Rules, Options>,
  observation: Observation,
  options: Options,
  now: Date,
): readonly SpokenVerdict[] {
  const { id } = check.meta;
  const lost = notJson(observation);
  assert.deepEqual(lost, [], 'the observation would not survive JSON');
  const frozen = deepFreeze(JSON.parse(JSON.stringify(observation)) as Observation);
  const frozenOptions = deepFreeze(structuredClone(options));
  const first = called(() => check.evaluate(frozen, { options: frozenOptions, now: new Date(now) }), id);
  // Another year on the wall clock, and another copy of the same observation: neither may make a difference.
  mock.timers.enable({ apis: ['Date'], now: Date.UTC(2001, 1, 3) });
  const copy = structuredClone(frozen);
  let second: readonly SpokenVerdict[];
  try {
    second = called(() => check.evaluate(copy, { options: structuredClone(frozenOptions), now: new Date(now) }), id);
  } finally {
    mock.timers.reset();
  }
  // Code that is not strict changes a frozen object in silence, and this copy in the open.
  assert.deepEqual(copy, frozen, `evaluate of "${id}" changes the observation that it is given`);
  assert.deepEqual(second, first, `evaluate of "${id}" says something else on a second call with the same observation, options and now`);
  for (const verdict of first) assertVerdict(check.meta, verdict);
  const names = first.map(nameOf);
  assert.deepEqual(
    names.filter((name, index) => names.indexOf(name) !== index),
    [],
    `evaluate of "${id}" speaks twice of one rule and subject`,
  );
  return first;
}

function called(evaluate: () => unknown, id: string): readonly SpokenVerdict[] {
  let verdicts: unknown;
  try {
    verdicts = evaluate();
  } catch (error) {
    if (error instanceof TypeError && /read only|not extensible|read-only|Cannot delete/.test(error.message)) {
      throw new assert.AssertionError({ message: `evaluate of "${id}" changes what it is given: ${error.message}` });
    }
    throw error;
  }
  assert.ok(Array.isArray(verdicts), `evaluate of "${id}" returns no list of verdicts; it must be synchronous`);
  return verdicts as readonly SpokenVerdict[];
}

function assertVerdict(meta: { readonly id: string; readonly rules: Readonly<Record<string, RuleMeta>> }, verdict: SpokenVerdict): void {
  const rule = meta.rules[verdict.rule];
  assert.ok(rule !== undefined, `evaluate of "${meta.id}" speaks of a rule "${verdict.rule}" that meta.rules does not have`);
  assert.ok(['pass', 'fail', 'skip'].includes(verdict.verdict), `"${verdict.verdict}" is no verdict of a check: there are pass, fail and skip`);
  assert.deepEqual(notJson(verdict, `${meta.id}/${verdict.rule}`), [], 'a verdict is made of JSON');
  if (verdict.verdict === 'pass') return;
  const message = rule.messages[verdict.messageId ?? ''];
  assert.ok(message !== undefined, `rule "${meta.id}/${verdict.rule}" has no message "${verdict.messageId ?? ''}"`);
  for (const language of LANGUAGES) {
    const unfilled: readonly string[] = placeholders(message[language]).filter((name) => verdict.data?.[name] === undefined);
    assert.deepEqual(unfilled, [], `message "${meta.id}/${verdict.rule}/${verdict.messageId ?? ''}" (${language}) has unfilled placeholders`);
  }
}

function nameOf({ rule, subject }: SpokenVerdict): string {
  return `${rule}${subject === undefined ? '' : `#${subject.kind}/${subject.name}`}`;
}

/** A verdict in one line: `fail example/answers#Pod/web-0: web-0 answers 500.` */
export function lineOf(meta: { readonly id: string; readonly rules: Readonly<Record<string, RuleMeta>> }, verdict: SpokenVerdict): string {
  const head = `${verdict.verdict} ${meta.id}/${nameOf(verdict)}`;
  if (verdict.verdict === 'pass') return head;
  const template: Text | undefined = meta.rules[verdict.rule]?.messages[verdict.messageId ?? ''];
  return `${head}: ${fill(template?.en ?? '', verdict.data)}`;
}
