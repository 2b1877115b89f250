import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';

/**
 * testCheck registers tests, so what it refuses is seen from outside: each case here is a test file of an author, run by `node --test` in a process of
 * its own.
 */
const folder = mkdtempSync(join(tmpdir(), 'skiffctl-testing-'));
after(() => rmSync(folder, { recursive: true }));
const ENTRY = pathToFileURL(join(import.meta.dirname, '../../src/testing.ts')).href;

const META = `{
  id: 'lamp', title: { zh: '灯', en: 'Lamp' }, description: { zh: '灯。', en: 'Lamp.' }, reads: [], options: { least: { default: 1 } },
  rules: { lit: { title: { zh: '灯亮着', en: 'The lamp is lit' }, severity: 'warning', messages: {
    dark: { zh: '{lamp} 不亮。', en: '{lamp} is dark.' },
    removed: { zh: '没有灯。', en: 'There is no lamp.' },
  } } },
}`;
const EVALUATE = `evaluate({ name, light }, { options }) {
  if (name === '') return [{ rule: 'lit', verdict: 'skip', messageId: 'removed' }];
  if (light >= options.least) return [{ rule: 'lit', verdict: 'pass' }];
  return [{ rule: 'lit', verdict: 'fail', messageId: 'dark', data: { lamp: name } }];
}`;
const CASES = `
  'it is lit': { observation: { name: 'a', light: 1 }, expect: ['pass lamp/lit'] },
  'it is dark': { observation: { name: 'a', light: 0 }, expect: ['fail lamp/lit: a is dark.'] },
  'it is gone': { observation: { name: '', light: 0 }, expect: ['skip lamp/lit: There is no lamp.'] },
`;

interface Authored {
  readonly meta?: string;
  readonly evaluate?: string;
  readonly cases?: string;
  readonly options?: string;
  readonly fixtures?: Readonly<Record<string, string>>;
}
let count = 0;

interface Result {
  readonly failed: boolean;
  readonly output: string;
}

async function run({ meta = META, evaluate = EVALUATE, cases = CASES, options = '{}', fixtures = {} }: Authored): Promise<Result> {
  count += 1;
  const home = join(folder, String(count));
  mkdirSync(join(home, 'fixtures'), { recursive: true });
  for (const [name, content] of Object.entries(fixtures)) writeFileSync(join(home, 'fixtures', name), content);
  const file = join(home, 'lamp.test.mjs');
  writeFileSync(
    file,
    `import { testCheck } from '${ENTRY}';\nconst check = { meta: ${meta}, async probe() { return {}; }, ${evaluate} };\ntestCheck(check, {${cases}}, ${options});\n`,
  );
  // Not under `node --test`: the file is run as it is, which needs one process instead of two.
  const { NODE_TEST_CONTEXT: _inner, ...env } = process.env;
  const child = spawn(process.execPath, ['--test-reporter=tap', file], { env });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (output += chunk));
  const [status] = (await once(child, 'close')) as [number | null];
  return { failed: status !== 0, output };
}

function refuses(name: string, authored: Authored, because: RegExp): void {
  const result = run(authored);
  test(`testCheck refuses ${name}`, async () => {
    const { failed, output } = await result;
    assert.match(output, because);
    assert.ok(failed);
  });
}
const FIXTURES = '{ fixtures: new URL("./fixtures/", import.meta.url) }';
const FIXTURE = JSON.stringify({ now: '2026-01-15T03:00:00Z', observation: { name: 'a', light: 1 } });

test('testCheck passes a check whose cases say what it says', async () => {
  const { failed, output } = await run({});
  assert.ok(!failed, output);
  assert.match(output, /# pass 4/);
});

test('testCheck takes a fixture with its options and its time, a line cut short, and "pass *"', async () => {
  const { failed, output } = await run({
    cases: `'recorded': { fixture: 'lit', expect: ['pass *'] }, 'with other options': { fixture: 'lit', options: { least: 2 }, expect: ['fail lamp/lit: a is …'] }, 'gone': { observation: { name: '', light: 0 }, expect: ['skip lamp/lit: …'] },`,
    options: FIXTURES,
    fixtures: { 'lit.json': FIXTURE },
  });
  assert.ok(!failed, output);
});

test('testCheck lets a message be shown elsewhere', async () => {
  const cases = CASES.replace(/'it is gone'.*\n/, '');
  assert.ok((await run({ cases })).failed);
  assert.ok(!(await run({ cases, options: `{ coveredElsewhere: { 'lit/removed': 'the whole of it, in report.test.ts' } }` })).failed);
});

refuses('another verdict', { cases: CASES.replace('pass lamp/lit', 'skip lamp/lit: There is no lamp.') }, /it is lit/);
refuses(
  'a verdict too many',
  { evaluate: EVALUATE.replace('return [{ rule: ', "return [{ rule: 'lit', verdict: 'pass', subject: { kind: 'Lamp', name: 'b' } }, { rule: ") },
  /not ok/,
);
refuses('a rule without a failing case', { cases: CASES.replace(/'it is dark'.*\n/, '') }, /rule "lit" has no failing case/);
refuses('a rule without a passing case', { cases: CASES.replace(/'it is lit'.*\n/, '') }, /rule "lit" has no passing case/);
refuses('a message that no case produces', { cases: CASES.replace(/'it is gone'.*\n/, '') }, /no case produces the message "lit\/removed"/);
refuses('a list of what is covered elsewhere that is not true', { options: `{ coveredElsewhere: { 'lit/dark': 'no' } }` }, /which a case here shows/);
refuses('a list of what is covered elsewhere that names nothing', { options: `{ coveredElsewhere: { 'lit/blue': 'no' } }` }, /which this check does not have/);
refuses('a fixture that no case uses', { options: FIXTURES, fixtures: { 'lit.json': FIXTURE } }, /lit\.json/);
refuses(
  'a fixture without a time',
  { cases: `'x': { fixture: 'lit', expect: [] }`, options: FIXTURES, fixtures: { 'lit.json': '{"observation":{}}' } },
  /needs "now"/,
);
refuses(
  'a fixture with a misspelt member',
  { cases: `'x': { fixture: 'lit', expect: [] }`, options: FIXTURES, fixtures: { 'lit.json': '{"now":"2026-01-15T03:00:00Z","observation":{},"option":{}}' } },
  /option/,
);
refuses('an unfilled placeholder', { evaluate: EVALUATE.replace('{ lamp: name }', '{}') }, /unfilled placeholders/);
refuses(
  'an unfilled placeholder of one language',
  { meta: META.replace("zh: '{lamp} 不亮。'", "zh: '{lamp} 在 {room} 不亮。'") },
  /\(zh\) has unfilled placeholders/,
);
refuses(
  'languages that differ in their placeholders',
  { meta: META.replace("zh: '{lamp} 不亮。'", "zh: '灯不亮。'") },
  /has the placeholders \(none\) in zh and lamp in en/,
);
refuses(
  'an evaluate that changes its input',
  { evaluate: EVALUATE.replace('{ name, light }', 'observation').replace('if (', 'const { name, light } = observation; observation.light += 0; if (') },
  /changes what it is given/,
);
refuses(
  'an evaluate that speaks by the wall clock',
  { evaluate: EVALUATE.replace('lamp: name', 'lamp: String(Date.now())') },
  /says something else on a second call/,
);
refuses(
  'an evaluate that keeps count',
  { evaluate: EVALUATE.replace('lamp: name', 'lamp: String((globalThis.calls = (globalThis.calls ?? 0) + 1))') },
  /says something else on a second call/,
);
refuses('an evaluate that is asynchronous', { evaluate: `async ${EVALUATE}` }, /must be synchronous/);
refuses('a verdict that only the runner may give', { evaluate: EVALUATE.replace("verdict: 'pass'", "verdict: 'unknown'") }, /is no verdict of a check/);
refuses(
  'a rule that does not exist',
  { evaluate: EVALUATE.replace("rule: 'lit', verdict: 'pass'", "rule: 'lid', verdict: 'pass'") },
  /"lid" that meta\.rules does not have/,
);
refuses('a message that does not exist', { evaluate: EVALUATE.replace("'dark'", "'dusk'") }, /has no message "dusk"/);
refuses(
  'two verdicts of one rule and subject',
  { evaluate: EVALUATE.replace("[{ rule: 'lit', verdict: 'pass' }]", "[{ rule: 'lit', verdict: 'pass' }, { rule: 'lit', verdict: 'pass' }]") },
  /speaks twice/,
);
refuses(
  'an observation that JSON would change',
  { cases: CASES.replace("{ name: 'a', light: 1 }", "{ name: 'a', light: 1, seen: new Date(0) }") },
  /observation\.seen: Date/,
);
refuses('a case with neither fixture nor observation', { cases: `${CASES} 'empty': { expect: [] },` }, /either a fixture or an observation/);
