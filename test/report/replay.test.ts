import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { CHECKS } from '../../checks/index.ts';
import { assess } from '../../src/assess.ts';
import type { Recording } from '../../src/model/recording.ts';
import { buildReport } from '../../src/report/build.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import { bench } from '../support/cli.ts';

const SCREEN: Screen = { width: 100, color: 0, unicode: true, wide: true, verbose: true };

test('a recording gives the same bytes a hundred times, whatever was evaluated before', async () => {
  await using site = await bench('node-down');
  const file = join(site.directory, 'recording.json');
  await site.doctor('--record', file);
  const checks = new Map(CHECKS.map((check) => [check.meta.id, check]));
  const text = readFileSync(file, 'utf8');
  const seen = new Map<string, Set<string>>();
  for (let at = 0; at < 100; at += 1) {
    const report = buildReport({
      ...assess(JSON.parse(text) as Recording, checks),
      checks,
      runbook: () => undefined,
      language: at % 2 === 0 ? 'zh' : 'en',
      failOn: 'unknown',
    });
    for (const format of at < 10 ? (['json', 'text', 'sarif', 'html'] as const) : (['json', 'text'] as const)) {
      const key = `${format} ${report.language}`;
      seen.set(key, (seen.get(key) ?? new Set()).add(FORMATS[format].render(report, SCREEN)));
    }
  }
  assert.deepEqual(
    [...seen].map(([key, drawn]) => [key, drawn.size]),
    [...seen.keys()].map((key) => [key, 1]),
  );
  assert.ok([...(seen.get('text en') ?? [])][0]?.includes('node/node2'));
});
