import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import { validateXML } from 'xmllint-wasm';
import type { Report } from '../../src/model/report.ts';
import { LANGUAGES, type Language } from '../../src/model/text.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import type { FormatId } from '../../src/report/format-ids.ts';
import { bench } from '../support/cli.ts';
import { hostile } from './hostile-report.ts';
import { SCENARIOS } from './scenarios.ts';

/**
 * The published schemas judge what is written for others: reports that are made up, with everything that a cluster can put into a text, and reports of
 * whole simulated clusters. Where the schemas come from stands beside them.
 */

const screen: Screen = { width: 100, color: 0, unicode: true, wide: false, verbose: false };
const schema = (name: string): string => readFileSync(join(import.meta.dirname, '..', 'fixtures', 'schemas', name), 'utf8');

// One pattern of SARIF's schema (of a language) is none by the rules of Unicode mode.
const ajv = new Ajv({ allErrors: true, strict: false, unicodeRegExp: false });
ajv.addFormat('date-time', (text) => !Number.isNaN(Date.parse(text)) && /^\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)$/.test(text));
ajv.addFormat('uri', (text) => URL.canParse(text));
ajv.addFormat('uri-reference', (text) => URL.canParse(text, 'https://base.example/') && /^[\w!#$%&'()*+,./:;=?@[\]~-]*$/.test(text));
// It is written in draft 4, which spells the identifier of a schema differently; nothing else in it has changed its meaning since.
const { id: _id, $schema: _draft, ...sarifSchema } = JSON.parse(schema('sarif-2.1.0-rtm.5.json')) as Readonly<Record<string, unknown>>;
const sarif = ajv.compile(sarifSchema);
const gitlab = ajv.compile({ type: 'array', items: JSON.parse(schema('gitlab-codeclimate.json')) as object });
const junit = schema('junit-10.xsd');

const written = (format: FormatId, report: Report): string => FORMATS[format].render(report, screen);

interface Issue {
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

async function judge(report: Report, about: string): Promise<void> {
  assert.ok(sarif(JSON.parse(written('sarif', report))), `${about} as SARIF: ${ajv.errorsText(sarif.errors)}`);
  const issues: unknown = JSON.parse(written('gitlab', report));
  assert.ok(gitlab(issues), `${about} for GitLab: ${ajv.errorsText(gitlab.errors)}`);
  // What GitLab's documentation says of the report beyond its schema.
  for (const { fingerprint, severity, location } of issues as readonly Issue[]) {
    assert.match(severity, /^(?:info|minor|major|critical|blocker)$/);
    assert.ok(location.lines.begin >= 1 && !location.path.startsWith('./') && !location.path.startsWith('/'), location.path);
    assert.equal((issues as readonly Issue[]).filter((each) => each.fingerprint === fingerprint).length, 1, fingerprint);
  }
  const { valid, rawOutput } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: written('junit', report) }], schema: [junit], ...MEMORY });
  assert.ok(valid, `${about} as JUnit: ${rawOutput.slice(0, 1000)}`);
}
/** Pages of 64 KiB: a report of a whole cluster with every rule is some hundred KiB of XML. */
const MEMORY = { initialMemoryPages: 512, maxMemoryPages: 2048 };

const MADE_UP: Readonly<Record<string, (language: Language) => Report>> = { ...SCENARIOS, 'hostile texts': hostile };
for (const [name, make] of Object.entries(MADE_UP)) {
  test(`${name}: the schemas of SARIF, JUnit and GitLab accept it`, async () => {
    for (const language of LANGUAGES) await judge(make(language), `${name} (${language})`);
  });
}

for (const scenario of ['healthy', 'platform-database-down', 'rbac-denied', 'hostile-texts', 'api-hung']) {
  test(`simulated cluster, ${scenario}: the schemas of SARIF, JUnit and GitLab accept it`, async () => {
    await using site = await bench(scenario);
    const { report } = await site.doctor('--request-timeout', '2s');
    assert.ok(report.findings.length > 0);
    await judge(report, scenario);
  });
}

test('the schemas refuse what is wrong: they are judges and no ornaments', async () => {
  const report = hostile();
  const log = JSON.parse(written('sarif', report)) as { readonly runs: readonly { readonly results: Record<string, unknown>[] }[] };
  const [result] = log.runs[0]?.results ?? [];
  assert.ok(result);
  result['level'] = 'critical';
  assert.equal(sarif(log), false);
  assert.equal(gitlab([{ description: 'no fingerprint', severity: 'major', location: { path: 'a' } }]), false);
  const xml = written('junit', report).replace('<failure ', '<failed ').replace('</failure>', '</failed>');
  const { valid } = await validateXML({ xml: [{ fileName: 'junit.xml', contents: xml }], schema: [junit], ...MEMORY });
  assert.equal(valid, false);
});
