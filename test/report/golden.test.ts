import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { LANGUAGES } from '../../src/model/text.ts';
import { FORMATS, type Screen } from '../../src/report/format.ts';
import { SCENARIOS } from './scenarios.ts';

/** Whole outputs, to be read by a person. `UPDATE_GOLDEN=1` writes them anew: look at the difference as somebody who was just woken up. */
const FOLDER = join(import.meta.dirname, '..', 'golden', 'report');

const screen: Screen = { width: 80, color: 0, unicode: true, wide: false, verbose: false, timeZone: 'Asia/Shanghai' };

function compare(name: string, actual: string): void {
  const path = join(FOLDER, name);
  if (process.env['UPDATE_GOLDEN'] === '1') {
    mkdirSync(FOLDER, { recursive: true });
    writeFileSync(path, actual);
  }
  assert.ok(existsSync(path), `${name} is missing: run with UPDATE_GOLDEN=1`);
  assert.equal(actual, readFileSync(path, 'utf8'));
}

for (const [name, make] of Object.entries(SCENARIOS)) {
  for (const language of LANGUAGES) {
    for (const width of [80, 120]) {
      test(`${name}, ${language}, ${width} columns`, () => {
        compare(`${name}.${language}.${width}.txt`, FORMATS['text']?.render(make(language), { ...screen, width }) ?? '');
      });
    }
  }
}

for (const language of LANGUAGES) {
  test(`one root cause with every component, ${language}`, () => {
    compare(`one-root-cause.wide.${language}.txt`, FORMATS['wide']?.render(SCENARIOS['one-root-cause']?.(language) as never, { ...screen, width: 140 }) ?? '');
  });
  test(`one root cause with every finding, ${language}`, () => {
    compare(
      `one-root-cause.verbose.${language}.txt`,
      FORMATS['text']?.render(SCENARIOS['one-root-cause']?.(language) as never, { ...screen, width: 100, verbose: true }) ?? '',
    );
  });
}

test('one root cause in ASCII at 60 columns', () => {
  compare('one-root-cause.en.60.ascii.txt', FORMATS.text.render(SCENARIOS['one-root-cause']?.('en') as never, { ...screen, width: 60, unicode: false }));
});

for (const format of ['json', 'yaml'] as const) {
  test(`two causes as ${format}`, () => {
    compare(`two-causes.en.${format}`, FORMATS[format].render(SCENARIOS['two-causes']?.('en') as never, screen));
  });
}
