import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { load } from 'js-yaml';
import { CHECKS } from '../../checks/index.ts';
import { inventory } from '../../checks/inventory/index.ts';
import { assess } from '../../src/assess.ts';
import { DEFAULT_DISCOVERY_SETTINGS } from '../../src/discovery/settings.ts';
import { unseenInventory } from '../../src/discovery/unseen.ts';
import type { Recording } from '../../src/model/recording.ts';
import type { Report } from '../../src/model/report.ts';
import { LANGUAGES } from '../../src/model/text.ts';
import { buildReport } from '../../src/report/build.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import { type JsonSchema, ordered, REPORT_SCHEMA } from '../../src/report/schema.ts';
import { SCENARIOS } from './scenarios.ts';

const SCREEN: Screen = { width: 80, color: 0, unicode: true, wide: false, verbose: false };
const PUBLISHED = join(import.meta.dirname, '..', '..', 'docs', 'report.schema.json');

const ajv = new Ajv2020({ strict: true, allErrors: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/);
const validate = ajv.compile(JSON.parse(readFileSync(PUBLISHED, 'utf8')) as object);

function json(report: Report): string {
  return FORMATS['json']?.render(report, SCREEN) ?? '';
}

function assertValid(report: unknown): void {
  assert.ok(validate(report), JSON.stringify(validate.errors, undefined, 1));
}

test('the published schema is that of the source: else run scripts/generate-report-schema.ts', () => {
  assert.deepEqual(JSON.parse(readFileSync(PUBLISHED, 'utf8')), JSON.parse(JSON.stringify(REPORT_SCHEMA)));
});

test('every report is valid', () => {
  for (const make of Object.values(SCENARIOS)) for (const language of LANGUAGES) assertValid(JSON.parse(json(make(language))));
});

test('a report of the real inventory through the real checks is valid', () => {
  const problem = { reason: 'PrerequisiteFailed', message: 'The API server could not be reached: refused.' } as const;
  const discovery = unseenInventory(inventory, DEFAULT_DISCOVERY_SETTINGS, problem);
  const recording: Recording = {
    recordingVersion: 1,
    tool: { name: 'skiffctl', version: '0.1.0' },
    cluster: { name: 'lab', server: 'https://10.0.0.1:6443' },
    startedAt: '2026-11-20T19:12:40.000Z',
    durationMs: 12,
    cost: { apiRequests: 1, apiBytes: 0, lists: 0, peakQps: 1, probes: 0, wallMs: 12 },
    connection: { kind: 'refused', message: 'refused', server: 'https://10.0.0.1:6443', others: [] },
    discovery,
    probes: [
      ...discovery.components.map((each) => ({
        check: 'presence',
        component: each.component,
        options: {},
        durationMs: 0,
        blindSpots: [{ rules: ['installed'], problem }],
      })),
      {
        check: 'kube-apiserver',
        component: 'kube-system/kube-apiserver',
        options: {},
        durationMs: 0,
        observation: { connection: { kind: 'refused', message: 'refused', server: 'https://10.0.0.1:6443', others: [] }, masters: [], instances: [] },
        blindSpots: [],
      },
    ],
    loadProblems: [{ from: 'site-checks/broken.js', message: 'SyntaxError' }],
  };
  const checks = new Map(CHECKS.map((check) => [check.meta.id, check]));
  for (const language of LANGUAGES) {
    const report = buildReport({ ...assess(recording, checks), checks, runbook: () => undefined, language, failOn: 'unknown' });
    assertValid(JSON.parse(json(report)));
    const drawn = FORMATS['text']?.render(report, SCREEN) ?? '';
    assert.ok(drawn.split('\n').length < 25, drawn);
  }
});

test('the outline of the report is what it was: fields may be added, never renamed or moved', () => {
  assert.deepEqual(Object.keys(JSON.parse(json(SCENARIOS['one-root-cause']?.('en') as Report)) as object), [
    'schemaVersion',
    'tool',
    'cluster',
    'startedAt',
    'durationMs',
    'language',
    'grade',
    'status',
    'exitCode',
    'blocker',
    'partial',
    'rootCauses',
    'components',
    'findings',
    'notLookedAt',
    'accepted',
    'cost',
  ]);
  const names = (schema: JsonSchema | undefined): readonly string[] => Object.keys(schema?.properties ?? {});
  const { properties } = REPORT_SCHEMA;
  assert.deepEqual(names(properties?.['rootCauses']?.items), [
    'component',
    'status',
    'state',
    'core',
    'owner',
    'message',
    'rule',
    'explains',
    'affects',
    'why',
    'confidence',
    'nextStep',
    'since',
  ]);
  assert.deepEqual(names(properties?.['components']?.items), [
    'id',
    'namespace',
    'name',
    'title',
    'technologies',
    'core',
    'optional',
    'documented',
    'owner',
    'state',
    'cause',
    'note',
    'shallow',
    'dependsOn',
    'topology',
  ]);
  assert.deepEqual(names(properties?.['findings']?.items), [
    'id',
    'rule',
    'component',
    'status',
    'severity',
    'owner',
    'subject',
    'title',
    'message',
    'observed',
    'expected',
    'reason',
    'needs',
    'since',
    'confirmed',
    'firstLook',
    'symptomOf',
    'remediation',
    'runbook',
    'fingerprint',
  ]);
  assert.deepEqual(names(properties?.['notLookedAt']?.items), ['component', 'rule', 'reason', 'message', 'needs']);
  assert.deepEqual(names(properties?.['accepted']?.items), ['finding', 'owner', 'reason', 'expires']);
  assert.deepEqual(names(properties?.['cost']), ['apiRequests', 'apiBytes', 'lists', 'peakQps', 'probes', 'wallMs']);
});

test('every field is described, and objects may grow', () => {
  const walk = (schema: JsonSchema, path: string): void => {
    assert.ok((schema.description ?? '') !== '', `${path} has no description`);
    if (schema.type === 'object') assert.equal(schema.additionalProperties, true, path);
    for (const [name, property] of Object.entries(schema.properties ?? {})) walk(property, `${path}.${name}`);
    if (schema.items) walk(schema.items, `${path}[]`);
  };
  walk(REPORT_SCHEMA, 'report');
});

test('the order of the fields is that of the schema whatever order they come in; new fields stay, at the end', () => {
  const given = { cost: 1, extra: { b: 1 }, schemaVersion: '1', tool: { version: '1', name: 'skiffctl' } };
  assert.equal(JSON.stringify(ordered(given)), '{"schemaVersion":"1","tool":{"name":"skiffctl","version":"1"},"cost":1,"extra":{"b":1}}');
  assertValid({ ...(JSON.parse(json(SCENARIOS['healthy']?.('en') as Report)) as object), added: true });
});

test('YAML is the same report', () => {
  for (const make of Object.values(SCENARIOS)) {
    const report = make('zh');
    assert.deepEqual(load(FORMATS['yaml']?.render(report, SCREEN) ?? ''), JSON.parse(json(report)));
  }
});

test('every format is registered under its own name and ends with a line feed', () => {
  for (const [id, format] of Object.entries(FORMATS)) {
    assert.equal(format.id, id);
    assert.match(format.extension, /^[a-z]+$/);
    assert.match(format.mediaType, /^(text|application)\//);
    assert.match(format.render(SCENARIOS['healthy']?.('en') as Report, SCREEN), /[^\n]\n$/);
  }
});
