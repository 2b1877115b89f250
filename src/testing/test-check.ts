import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Check, CheckMeta, RuleMeta } from '../model/check.ts';
import { NOW } from './clock.ts';
import { textViolations } from './contract.ts';
import { defaultOptions } from './probe-with.ts';
import { evaluateStrictly, lineOf, type SpokenVerdict } from './verdict-lines.ts';

/** One situation: what was observed, and what the check has to say of it. */
export interface Case<Observation, Options extends object> {
  /** Name of a file of the fixture folder, without `.json`. */
  readonly fixture?: string;
  /** The observation itself, instead of a fixture. */
  readonly observation?: Observation;
  /** The cluster's time, RFC 3339. Default: that of the fixture, else `NOW`. */
  readonly now?: string;
  /** Options that differ from the check's defaults and from the fixture's. */
  readonly options?: Partial<Options>;
  /**
   * All verdicts, in any order: `pass example/answers`, `fail example/answers#Pod/web-0: web-0 answers 500.`, `skip example/answers: No pod runs.`
   * The message is the English one. A line that ends with `…` need only begin like the verdict. `pass *` stands for every rule that no other line
   * names: each of them passes, once, without a subject.
   */
  readonly expect: readonly string[];
}

/**
 * A recorded observation. Beside what a case needs it may hold the other members of a probe's record, so that one can be cut out of a recording as
 * it is, and `about`: where it comes from.
 */
interface Fixture {
  readonly now: string;
  readonly observation: unknown;
  readonly options?: Readonly<Record<string, unknown>>;
}
const FIXTURE_MEMBERS: ReadonlySet<string> = new Set(['now', 'observation', 'options', 'about', 'check', 'component', 'blindSpots', 'durationMs']);

export interface TestCheckOptions {
  /** The folder of the fixtures: every `.json` in it must belong to a case. Folders in it are not looked at. */
  readonly fixtures?: URL | string;
  /**
   * What no case here shows, and why or where it is: `<rule>/<message id>`, `<rule>/pass` or `<rule>/fail` → a sentence. Something that a case does
   * show must not be listed.
   */
  readonly coveredElsewhere?: Readonly<Record<string, string>>;
}

/**
 * Tests a check's `evaluate` by cases. Each case is a test of its own; one more refuses a rule without a failing or a passing case, a message that
 * no case produces, a fixture that no case uses, and texts whose languages differ in their placeholders. Every case refuses an `evaluate` that changes
 * its input, speaks differently on a second call or by the wall clock, leaves a placeholder unfilled, or speaks of rules and messages that do not
 * exist, and an observation that JSON would change.
 */
export function testCheck<Observation, Rules extends Record<string, RuleMeta>, Options extends object>(
  check: Check<Observation, Rules, Options>,
  cases: Readonly<Record<string, Case<Observation, Options>>>,
  options: TestCheckOptions = {},
): void {
  const folder = options.fixtures === undefined ? undefined : folderPath(options.fixtures);
  const { id } = check.meta;
  for (const [name, { expect }] of Object.entries(cases)) {
    void test(`${id}: ${name}`, () => {
      const lines = run(check, cases[name] ?? { expect }, folder).map((verdict) => lineOf(check.meta, verdict));
      const wanted = expect.flatMap((line) => (line === 'pass *' ? restOf(check.meta, expect) : [line]));
      // The whole of both lists, so that the difference shows what is said too much and what is missing.
      assert.deepEqual(shortened(lines, wanted), [...wanted].sort());
    });
  }
  void test(`${id}: every rule, message and fixture has a case`, () => {
    assert.deepEqual(textViolations(check.meta), []);
    assert.deepEqual(unusedFixtures(folder, Object.values(cases)), [], 'fixtures that no case uses');
    assert.deepEqual(uncovered(check, Object.values(cases), folder, options.coveredElsewhere ?? {}), []);
  });
}

/**
 * The verdicts on an observation as lines, for tests that follow a probe to what is said in the end: `verdictLines(check, record.observation)`. It
 * keeps the promises that `testCheck` keeps.
 */
export function verdictLines<Observation, Rules extends Record<string, RuleMeta>, Options extends object>(
  check: Check<Observation, Rules, Options>,
  observation: unknown,
  about: { readonly now?: string; readonly options?: Partial<Options> } = {},
): readonly string[] {
  const options = { ...(defaultOptions(check) as Options), ...about.options };
  return evaluateStrictly(check, observation as Observation, options, time(about.now ?? NOW)).map((verdict) => lineOf(check.meta, verdict));
}

function run<Observation, Rules extends Record<string, RuleMeta>, Options extends object>(
  check: Check<Observation, Rules, Options>,
  given: Case<Observation, Options>,
  folder: string | undefined,
): readonly SpokenVerdict[] {
  const { fixture, observation, now, options } = given;
  assert.ok((fixture === undefined) !== (observation === undefined), 'a case has either a fixture or an observation');
  const read = fixture === undefined ? undefined : readFixture(folder, fixture);
  return evaluateStrictly(
    check,
    (read === undefined ? observation : read.observation) as Observation,
    { ...(defaultOptions(check) as Options), ...(read?.options as Partial<Options> | undefined), ...options },
    time(now ?? read?.now ?? NOW),
  );
}

function time(text: string): Date {
  const date = new Date(text);
  assert.ok(!Number.isNaN(date.getTime()), `"${text}" is no time`);
  return date;
}

function folderPath(folder: URL | string): string {
  return typeof folder === 'string' ? folder : fileURLToPath(folder);
}

function readFixture(folder: string | undefined, name: string): Fixture {
  assert.ok(folder !== undefined, `the case uses the fixture "${name}", but testCheck was given no folder: { fixtures: new URL('…/', import.meta.url) }`);
  const path = join(folder, `${name}.json`);
  const fixture = JSON.parse(readFileSync(path, 'utf8')) as Partial<Fixture>;
  const unknown = Object.keys(fixture).filter((key) => !FIXTURE_MEMBERS.has(key));
  assert.deepEqual(unknown, [], `the fixture ${path} has members that are none of ${[...FIXTURE_MEMBERS].join(', ')}`);
  assert.ok(fixture.observation !== undefined && typeof fixture.now === 'string', `the fixture ${path} needs "now" and "observation"`);
  return fixture as Fixture;
}

function unusedFixtures(folder: string | undefined, cases: readonly { readonly fixture?: string }[]): readonly string[] {
  if (folder === undefined) return [];
  const used = new Set(cases.map((given) => given.fixture));
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json') && !used.has(name.slice(0, -'.json'.length)))
    .sort();
}

/** The pass lines that `pass *` stands for. */
function restOf(meta: { readonly id: string; readonly rules: Readonly<Record<string, RuleMeta>> }, expect: readonly string[]): readonly string[] {
  const named = new Set(expect.map((line) => /^\w+ [^/]+\/([^#:\s]+)/.exec(line)?.[1]));
  return Object.keys(meta.rules)
    .filter((rule) => !named.has(rule))
    .map((rule) => `pass ${meta.id}/${rule}`);
}

/** The lines, sorted, each replaced by the expectation with `…` that it begins like. */
function shortened(lines: readonly string[], wanted: readonly string[]): readonly string[] {
  const prefixes = wanted.filter((line) => line.endsWith('…'));
  return lines.map((line) => prefixes.find((prefix) => !wanted.includes(line) && line.startsWith(prefix.slice(0, -1))) ?? line).sort();
}

function uncovered<Observation, Rules extends Record<string, RuleMeta>, Options extends object>(
  check: Check<Observation, Rules, Options>,
  cases: readonly Case<Observation, Options>[],
  folder: string | undefined,
  elsewhere: Readonly<Record<string, string>>,
): readonly string[] {
  const meta: CheckMeta = check.meta;
  const shown = new Set<string>();
  for (const given of cases) {
    for (const { rule, verdict, messageId } of run(check, given, folder)) {
      shown.add(`${rule}/${verdict}`);
      if (messageId !== undefined) shown.add(`${rule}/${messageId}`);
    }
  }
  const wanted = Object.entries(meta.rules).flatMap(([rule, { messages }]) => [
    { key: `${rule}/fail`, lack: `rule "${rule}" has no failing case` },
    { key: `${rule}/pass`, lack: `rule "${rule}" has no passing case` },
    ...Object.keys(messages).map((message) => ({ key: `${rule}/${message}`, lack: `no case produces the message "${rule}/${message}"` })),
  ]);
  const stale = Object.keys(elsewhere).flatMap((key) => {
    if (!wanted.some((each) => each.key === key)) return [`coveredElsewhere names "${key}", which this check does not have`];
    return shown.has(key) ? [`coveredElsewhere names "${key}", which a case here shows`] : [];
  });
  return [...wanted.filter(({ key }) => !shown.has(key) && elsewhere[key] === undefined).map(({ lack }) => lack), ...stale];
}
