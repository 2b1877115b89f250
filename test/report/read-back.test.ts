import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { load } from 'js-yaml';
import type { Report } from '../../src/model/report.ts';
import { LANGUAGES } from '../../src/model/text.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import { FORMAT_IDS } from '../../src/report/format-ids.ts';
import { overview } from '../../src/report/overview.ts';
import { printable } from '../../src/report/printable.ts';
import { sentences } from '../../src/report/sentences.ts';
import { bench } from '../support/cli.ts';
import { hostile } from './hostile-report.ts';
import { SCENARIOS } from './scenarios.ts';

/**
 * Every output is drawn from the one report: read back, each has the same findings. A finding is written here as `status id`; outputs that have no place
 * for the id give the fingerprint, which stands for it.
 */

const screen: Screen = { width: 100, color: 0, unicode: true, wide: false, verbose: true };
const SPOKEN = ['fail', 'warn', 'unknown', 'info'];

type Facts = readonly string[];
type Reader = (text: string, report: Report) => Facts;

function expected(given: Report, withAccepted: boolean): Facts {
  const accepted = new Set(given.accepted.map((entry) => entry.finding));
  return given.findings
    .filter(({ id, status }) => SPOKEN.includes(status) && (withAccepted || !accepted.has(id)))
    .map(({ id, status }) => `${status} ${id}`)
    .sort();
}

/** Fingerprint → id, for the outputs that only have the fingerprint. */
function idOf(given: Report, fingerprint: string): string {
  return given.findings.find((each) => each.fingerprint === fingerprint)?.id ?? `no finding has the fingerprint ${fingerprint}`;
}

const list = <T>(value: T | readonly T[] | undefined): readonly T[] =>
  value === undefined ? [] : Array.isArray(value) ? (value as readonly T[]) : [value as T];

interface Case {
  readonly '@name': string;
  readonly '@classname': string;
  readonly failure?: { readonly '@type': string; readonly '#text': string };
  readonly error?: { readonly '#text': string };
  readonly skipped?: unknown;
  readonly 'system-out'?: string;
}
interface Suites {
  readonly testsuites: {
    readonly '@tests': string;
    readonly '@failures': string;
    readonly '@errors': string;
    readonly testsuite?: Suite | readonly Suite[];
  };
}
interface Suite {
  readonly '@name': string;
  readonly '@tests': string;
  readonly '@failures': string;
  readonly '@errors': string;
  readonly '@skipped': string;
  readonly testcase?: Case | readonly Case[];
}

function countsOf(cases: readonly Case[]): Readonly<Record<string, string>> {
  const having = (key: keyof Case): string => String(cases.filter((each) => each[key] !== undefined).length);
  return { tests: String(cases.length), failures: having('failure'), errors: having('error'), skipped: having('skipped') };
}

const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', parseTagValue: false, parseAttributeValue: false, htmlEntities: true });

function readJunit(text: string, given: Report): Facts {
  assert.equal(XMLValidator.validate(text), true);
  const { testsuites } = parser.parse(text) as Suites;
  const suites = list(testsuites.testsuite);
  for (const suite of suites) {
    const { '@tests': tests, '@failures': failures, '@errors': errors, '@skipped': skipped } = suite;
    assert.deepEqual({ tests, failures, errors, skipped }, countsOf(list(suite.testcase)), suite['@name']);
  }
  const all = suites.flatMap((suite) => list(suite.testcase));
  const { tests, failures, errors } = countsOf(all);
  assert.deepEqual({ tests: testsuites['@tests'], failures: testsuites['@failures'], errors: testsuites['@errors'] }, { tests, failures, errors });
  // What the run could not see and no finding speaks of is an error of the run itself.
  const cases = all.filter((each) => each['@classname'] !== 'skiffctl.run');
  assert.equal(cases.length, given.findings.length);
  const unspoken = given.notLookedAt.filter(
    ({ component, reason }) => component === undefined && !['NoDeeperCheck', 'NotInstalled', 'NotSelected'].includes(reason),
  );
  assert.equal(all.length - cases.length, unspoken.length);
  return cases.flatMap((each) => {
    const body = each.failure?.['#text'] ?? each.error?.['#text'] ?? '';
    const id = /^id (.*)$/m.exec(body)?.[1] ?? '';
    if (each.failure !== undefined) return [`${each.failure['@type'] === 'critical' ? 'fail' : 'warn'} ${id}`];
    if (each.error !== undefined) return [`unknown ${id}`];
    if (each['system-out'] === undefined) return [];
    const note = given.findings.find(
      (one) =>
        one.status === 'info' &&
        one.component === each['@classname'].replace('.', '/') &&
        each['@name'] === (one.subject === undefined ? one.rule : `${one.rule} ${one.subject.kind} ${one.subject.name}`),
    );
    return [`info ${note?.id ?? each['@name']}`];
  });
}

interface Sarif {
  readonly runs: readonly {
    readonly invocations: readonly { readonly exitCode: number }[];
    readonly tool: { readonly driver: { readonly rules: readonly { readonly id: string }[] } };
    readonly results: readonly {
      readonly ruleId: string;
      readonly ruleIndex: number;
      readonly kind: string;
      readonly level: string;
      readonly partialFingerprints: Readonly<Record<string, string>>;
      readonly locations: readonly { readonly physicalLocation: { readonly artifactLocation: { readonly uri: string } } }[];
    }[];
  }[];
}

function readSarif(text: string, given: Report): Facts {
  const [run] = (JSON.parse(text) as Sarif).runs;
  assert.ok(run);
  assert.equal(run.invocations[0]?.exitCode, given.exitCode);
  return run.results.map((result) => {
    assert.equal(run.tool.driver.rules[result.ruleIndex]?.id, result.ruleId);
    assert.match(result.locations[0]?.physicalLocation.artifactLocation.uri ?? '', /^cluster\/[\w.-]+\/[\w.-]+\/[\w.-]+\.yaml$/);
    const status = { error: 'fail', warning: 'warn', note: 'info', none: 'unknown' }[result.level];
    assert.equal(result.kind, status === 'unknown' ? 'open' : 'fail');
    return `${status} ${idOf(given, result.partialFingerprints['skiffctl/v1'] ?? '')}`;
  });
}

function readGitlab(text: string, given: Report): Facts {
  const issues = JSON.parse(text) as readonly { readonly fingerprint: string; readonly severity: string }[];
  const status: Readonly<Record<string, string>> = { blocker: 'fail', critical: 'fail', major: 'warn', minor: 'unknown', info: 'info' };
  return issues.map((issue) => `${status[issue.severity]} ${idOf(given, issue.fingerprint)}`);
}

/** RFC 4180. */
function readCsv(text: string): Facts {
  const rows: string[][] = [[]];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (quoted) {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (character === '"') quoted = true;
    else if (character === ',' || character === '\n') {
      rows.at(-1)?.push(cell.replace(/\r$/, ''));
      cell = '';
      if (character === '\n') rows.push([]);
    } else cell += character;
  }
  const [header = [], ...lines] = rows.filter((row) => row.length > 0);
  assert.ok(
    lines.every((row) => row.length === header.length),
    'every line has as many cells as the header',
  );
  return lines.map((row) => `${row[header.indexOf('status')]} ${row[header.indexOf('id')]}`);
}

function readPrometheus(text: string, given: Report): Facts {
  const samples = [...text.matchAll(/^skiffctl_finding_status\{(.*)\} (\d)$/gm)];
  assert.match(text, new RegExp(`^skiffctl_exit_code\\{.*\\} ${given.exitCode}$`, 'm'));
  return samples.map(([, written = '', value = '']) => {
    const labels = Object.fromEntries([...written.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key = '', label = '']) => [key, label]));
    const status = ['info', 'warn', 'fail', 'unknown'][Number(value)];
    const found = given.findings.find(
      (each) =>
        each.component === labels['component'] &&
        each.rule === labels['rule'] &&
        (each.subject?.name ?? '') === labels['name'] &&
        (each.subject?.kind ?? '') === labels['kind'],
    );
    return `${status} ${found?.id ?? written}`;
  });
}

function readAlertmanager(text: string): Facts {
  const alerts = JSON.parse(text) as readonly { readonly labels: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>> }[];
  const identities = alerts.map(({ labels }) => JSON.stringify(Object.entries(labels).toSorted()));
  assert.equal(new Set(identities).size, alerts.length, 'no two alerts have the same labels');
  const status: Readonly<Record<string, string>> = { critical: 'fail', warning: 'warn', unknown: 'unknown', info: 'info' };
  return alerts.map(({ labels, annotations }) => `${status[labels['severity'] ?? '']} ${annotations['finding']}`);
}

function readNagios(text: string, given: Report): Facts {
  const [first = '', ...rest] = text.trimEnd().split('\n');
  const state = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'][given.exitCode] ?? 'UNKNOWN';
  assert.match(first, new RegExp(`^SKIFF ${state} - [A-F] [^|]+ \\|(?: [a-z_]+=\\d+(?:\\.\\d+)?s?(?:;\\d*){0,4})+$`));
  const status: Readonly<Record<string, string>> = { CRITICAL: 'fail', WARNING: 'warn', UNKNOWN: 'unknown', INFO: 'info' };
  return rest.map((line) => {
    const [word = '', ...words] = line.split(' ');
    const found = given.findings.find((each) => words.join(' ').startsWith(`${each.id}: `));
    return `${status[word]} ${found?.id ?? line}`;
  });
}

function readMarkdown(text: string, given: Report): Facts {
  const signs: Readonly<Record<string, string>> = { '❌': 'fail', '⚠️': 'warn', '❔': 'unknown', ℹ️: 'info' };
  return text.split('\n').flatMap((line) => {
    const [, sign = '', about = '', rule = ''] = /^\| (\S+) \| (.*?) \| `([^`]+)` \| /.exec(line) ?? [];
    if (signs[sign] === undefined) return [];
    const found = given.findings.find(
      (each) =>
        each.status === signs[sign] &&
        each.rule === rule &&
        about.replaceAll('\\', '') === ['`', each.component, '`', each.subject === undefined ? '' : ` ${each.subject.kind} ${each.subject.name}`].join(''),
    );
    return [`${signs[sign]} ${found?.id ?? line}`];
  });
}

function readNdjson(text: string, given: Report): Facts {
  const lines = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as { readonly type: string; readonly status: string; readonly id: string; readonly exitCode?: number });
  assert.deepEqual([lines.at(-1)?.type, lines.at(-1)?.exitCode], ['verdict', given.exitCode]);
  return lines.filter(({ type }) => type === 'finding').map(({ status, id }) => `${status} ${id}`);
}

/** The list of every finding, as `--verbose` adds it: `✖ critical rule: message` under the name of the component, wrapped. */
function readText(text: string, given: Report): Facts {
  const { findings } = sentences(given.language).text;
  const signs: Readonly<Record<string, string>> = { '✖': 'fail', '!': 'warn', '?': 'unknown', i: 'info' };
  const lines = text
    .slice(text.indexOf(`\n${findings}\n`))
    .split('\n')
    .slice(2);
  const entries: { readonly sign: string; readonly about: string; words: string }[] = [];
  let about = '';
  for (const line of lines.slice(0, lines.indexOf(''))) {
    const [, component] = /^ {2}(\S+)$/.exec(line) ?? [];
    const [, sign, words = ''] = /^ {4}(\S) (.*)$/.exec(line) ?? [];
    if (component !== undefined) about = component;
    else if (sign !== undefined) entries.push({ sign, about, words });
    else {
      const last = entries.at(-1);
      if (last !== undefined) last.words += ` ${line.trim()}`;
    }
  }
  assert.equal(entries.length, given.findings.length);
  const left = new Set(given.findings);
  return entries.flatMap(({ sign, about: component, words }) => {
    const status = signs[sign];
    if (status === undefined) return [];
    const [found] = [...left]
      .filter((each) => each.component === component && each.status === status && new RegExp(`\\s${each.rule}[:：]`).test(words))
      .toSorted((a, b) => Number(words.includes(b.subject?.name ?? '\0')) - Number(words.includes(a.subject?.name ?? '\0')));
    if (found !== undefined) left.delete(found);
    return [`${status} ${found?.id ?? `${component} ${words}`}`];
  });
}

const fromReport = (given: Report): Facts => expected(given, true);

const READERS: readonly { readonly format: keyof typeof FORMATS; readonly read: Reader; readonly accepted: boolean }[] = [
  { format: 'json', read: (text) => fromReport(JSON.parse(text) as Report), accepted: true },
  { format: 'yaml', read: (text) => fromReport(load(text) as Report), accepted: true },
  { format: 'junit', read: readJunit, accepted: false },
  { format: 'sarif', read: readSarif, accepted: true },
  { format: 'gitlab', read: readGitlab, accepted: false },
  { format: 'csv', read: readCsv, accepted: true },
  { format: 'prometheus', read: readPrometheus, accepted: false },
  { format: 'alertmanager', read: readAlertmanager, accepted: false },
  { format: 'nagios', read: readNagios, accepted: false },
  { format: 'ndjson', read: readNdjson, accepted: true },
  { format: 'markdown', read: readMarkdown, accepted: true },
  { format: 'text', read: readText, accepted: true },
  { format: 'wide', read: readText, accepted: true },
];

const REPORTS: Readonly<Record<string, (language: 'zh' | 'en') => Report>> = { ...SCENARIOS, 'hostile texts': hostile };

for (const [name, make] of Object.entries(REPORTS)) {
  for (const { format, read, accepted } of READERS) {
    test(`${name} as ${format}, read back, has the findings of the report`, () => {
      for (const language of LANGUAGES) {
        const given = make(language);
        // For a person a cluster that cannot be reached is one sentence, and not the same one for each of its components.
        if (overview(given).unreached !== undefined && (format === 'text' || format === 'wide')) continue;
        const written = FORMATS[format].render(given, screen);
        assert.deepEqual([...read(written, printable(given))].sort(), expected(given, accepted));
      }
    });
  }
}

test('what is written for a spreadsheet is no formula', () => {
  const cells = FORMATS.csv.render(hostile(), screen).split(/,|\n/);
  assert.deepEqual(
    cells.filter((each) => /^"?[=+@-]/.test(each)),
    [],
  );
});

test('labels of metrics and alerts do not change when a finding gets another message, cause or time', () => {
  const calm = hostile();
  const later: Report = {
    ...calm,
    startedAt: '2026-11-20T20:00:00.000Z',
    findings: calm.findings.map((each) => ({ ...each, message: 'Other words.', since: '2026-11-20T19:00:00Z', symptomOf: 'site/other' })),
  };
  const labels = (given: Report): readonly string[] => FORMATS.prometheus.render(given, screen).match(/^skiffctl_finding_status\{.*\}/gm) ?? [];
  assert.ok(labels(calm).length > 0);
  assert.deepEqual(labels(later), labels(calm));
  const identities = (given: Report): unknown =>
    (JSON.parse(FORMATS.alertmanager.render(given, screen)) as readonly { readonly labels: unknown }[]).map((alert) => alert.labels);
  assert.deepEqual(identities(later), identities(calm));
});

test('several outputs of one run have the same findings and end with the same exit code, also when each is asked for alone', async () => {
  await using site = await bench('platform-database-down');
  const recording = join(site.directory, 'recording.json');
  const { report, code } = await site.doctor('--record', recording);
  assert.ok(report.findings.filter(({ status }) => status === 'fail').length > 5);
  const files = FORMAT_IDS.map((format) => `${format}=${join(site.directory, `all.${format}`)}`);
  const together = await site.run(['doctor', '--replay', recording, '--lang', 'en', '--verbose', ...files.flatMap((file) => ['-o', file])]);
  assert.deepEqual([together.code, together.stdout, together.stderr], [code, '', '']);
  for (const { format, read, accepted } of READERS) {
    const text = readFileSync(join(site.directory, `all.${format}`), 'utf8');
    assert.deepEqual([...read(text, printable(report))].sort(), expected(report, accepted), format);
  }
  for (const format of FORMAT_IDS) {
    const alone = await site.run(['doctor', '--replay', recording, '--lang', 'en', '--verbose', '-o', format]);
    assert.equal(alone.code, code, format);
    // On stdout a person's formats have the width of a terminal, files their own.
    if (format !== 'text' && format !== 'wide') assert.equal(alone.stdout, readFileSync(join(site.directory, `all.${format}`), 'utf8'), format);
  }
});
