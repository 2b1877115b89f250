import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Report } from '../../src/model/report.ts';
import { FORMATS } from '../../src/report/format.ts';
import { printable } from '../../src/report/printable.ts';
import { columns, wrap } from '../../src/report/wrap.ts';
import { blindSpot, cause, component, finding, report } from './builders.ts';
import { SCENARIOS } from './scenarios.ts';

/** A small generator with a seed: the same texts in every run, and a failure names its seed. */
function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const PIECES = [
  'a',
  'pod-0',
  ' ',
  '  ',
  '，',
  '。',
  '（',
  '）',
  '数据库',
  '主从复制延迟',
  'https://10.0.0.1:6443/healthz?verbose',
  'ｶﾅ',
  '한국어',
  '…',
  '—',
  '→',
  '✅',
  '👩‍👩‍👧',
  '🇨🇳',
  '⚠️',
  'é',
  'n\u0303',
  'ไทย',
  'עברית',
  '\n',
  '\t',
  '\r\n',
  '\u001b[31m',
  '\u001b]8;;http://evil\u0007',
  '\u001b[2J',
  '\u0007',
  '\u009b31m',
  '\u202e',
  '\u200b',
  '\ud800',
  '\u2028',
  '\u0000',
  '{name}',
  '<b>',
  '&amp;',
  '`rm -rf`',
  '"',
  "'",
];

function textOf(next: () => number, most: number): string {
  const count = Math.floor(next() * most);
  return Array.from({ length: count }, () => PIECES[Math.floor(next() * PIECES.length)]).join('');
}

/** A report in which every text that could come from a cluster is hostile. */
function hostile(seed: number): Report {
  const next = random(seed);
  const say = (most = 40): string => textOf(next, most);
  const ids = Array.from({ length: 6 }, (_, at) => `skiff-${say(4)}/c${at}${say(6)}`);
  const [first = '', ...rest] = ids;
  const findings = ids.map((id, at) =>
    finding(`workload/r${at}`, id, {
      status: (['fail', 'warn', 'unknown', 'info', 'fail', 'pass'] as const)[at] ?? 'fail',
      message: say(),
      title: say(),
      subject: { kind: 'Pod', namespace: say(5), name: say(5) },
      observed: { [say(5)]: say(), nested: [say(), { deep: say() }] },
      expected: say(),
      remediation: { summary: say(), steps: [say(), say()], risk: say(), sources: [say()] },
    }),
  );
  return report({
    cluster: { name: say(10), server: say(), kubernetesVersion: say(5) },
    language: seed % 2 === 0 ? 'zh' : 'en',
    grade: 'D',
    status: 'fail',
    partial: seed % 3 === 0,
    blocker: { component: ids[2] ?? '', message: say() },
    components: ids.map((id, at) =>
      component(id, {
        title: say(),
        note: say(),
        technologies: [say(5), say(5)],
        state: (['down', 'degraded', 'unknown', 'healthy', 'unreachable', 'absent'] as const)[at] ?? 'healthy',
        ...(at === 4 ? { cause: first } : {}),
        dependsOn: rest.map((other) => ({ component: other, confidence: 'observed' as const })),
      }),
    ),
    findings,
    rootCauses: [
      cause(first, 'workload/r0', {
        message: say(),
        since: say(3),
        nextStep: 'kubectl get pods',
        explains: findings.map((each) => each.id),
        affects: rest.map((id) => ({ component: id, confidence: 'inferred' as const })),
        core: true,
      }),
    ],
    notLookedAt: [
      ...ids.map((id) => blindSpot({ component: id, rule: say(10), message: say(), needs: `list pods in ${say(4)}` })),
      blindSpot({ reason: 'DeadlineExceeded', message: say() }),
      blindSpot({ reason: 'Timeout', message: say() }),
    ],
    accepted: [{ finding: say(10), owner: say(5), reason: say(), expires: say(5) }],
  });
}

const SEEDS = Array.from({ length: 24 }, (_, at) => at);
const WIDTHS = [60, 73, 80, 99, 120, 200];
/** Lines that may be wider: they hold one command and nothing else. */
const COMMAND = /^ *(?:kubectl|skiffctl|curl) \S.*$/;

test('no line is wider than the screen, whatever the texts are', () => {
  for (const seed of SEEDS) {
    const of = hostile(seed);
    for (const width of WIDTHS) {
      for (const more of [false, true]) {
        const drawn = FORMATS['text']?.render(of, { width, color: seed % 4 === 0 ? 1 : 0, unicode: seed % 5 !== 0, wide: more, verbose: more }) ?? '';
        for (const line of drawn.split('\n')) {
          if (!COMMAND.test(line)) assert.ok(columns(line) <= width, `seed ${seed}, width ${width}: ${columns(line)} columns: ${JSON.stringify(line)}`);
        }
      }
    }
  }
});

test('no line of the scenarios is wider than the screen', () => {
  for (const make of Object.values(SCENARIOS)) {
    for (const language of ['zh', 'en'] as const) {
      for (let width = 60; width <= 200; width += 20) {
        for (const more of [false, true]) {
          const drawn = FORMATS['text']?.render(make(language), { width, color: 0, unicode: true, wide: more, verbose: more }) ?? '';
          for (const line of drawn.split('\n')) if (!COMMAND.test(line)) assert.ok(columns(line) <= width, `${width}: ${line}`);
        }
      }
    }
  }
});

test('no format emits a control character, an escape sequence or a character that hides or reorders text', () => {
  // oxlint-disable-next-line no-control-regex
  const harmful = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|\p{Surrogate}/u;
  for (const seed of SEEDS) {
    for (const format of Object.values(FORMATS)) {
      const drawn = format.render(hostile(seed), { width: 100, color: 0, unicode: true, wide: true, verbose: true });
      assert.doesNotMatch(drawn, harmful, `seed ${seed}, ${format.id}`);
    }
    const json = JSON.parse(FORMATS['json']?.render(hostile(seed), { width: 100, color: 0, unicode: true, wide: false, verbose: false }) ?? '') as unknown;
    visit(json, (text) => assert.doesNotMatch(text, harmful, `seed ${seed}`));
  }
});

function visit(value: unknown, see: (text: string) => void): void {
  if (typeof value === 'string') see(value);
  else if (Array.isArray(value)) for (const item of value) visit(item, see);
  else if (value !== null && typeof value === 'object')
    for (const [key, item] of Object.entries(value)) {
      see(key);
      visit(item, see);
    }
}

test('escape sequences go as a whole, and what is harmless stays', () => {
  assert.equal(printable('a\u001b[31mred\u001b[0m b'), 'a red  b');
  assert.equal(printable('\u001b]8;;http://evil\u0007link\u001b]8;;\u0007'), ' link ');
  assert.equal(printable('one\r\ntwo\tthree'), 'one\ntwo three');
  assert.equal(printable('abc\u202edef\u200b'), 'abcdef');
  assert.deepEqual(printable({ 'k\u0007': ['数据库', 3, null, true] }), { 'k ': ['数据库', 3, null, true] });
});

test('wrapping loses no character and begins no line with a closing mark', () => {
  for (const seed of SEEDS) {
    const next = random(seed + 1000);
    for (let round = 0; round < 20; round += 1) {
      const text = printable(textOf(next, 60)).replaceAll(/\s+/g, ' ').trim();
      const width = 16 + Math.floor(next() * 60);
      const lines = wrap(text, width);
      // wrap-ansi composes accents; that is no loss.
      assert.equal(lines.join('').replaceAll(' ', '').normalize(), text.replaceAll(' ', '').normalize(), `seed ${seed}`);
      for (const line of lines) assert.ok(columns(line) <= width, `seed ${seed}: ${JSON.stringify(line)}`);
    }
  }
  assert.deepEqual(wrap('主库能建立连接，但没有返回握手。', 14), ['主库能建立连', '接，但没有返回', '握手。']);
  assert.deepEqual(wrap('组件（由文档得知）', 6), ['组件', '（由文', '档得', '知）']);
  assert.deepEqual(wrap('one  two', 20), ['one  two']);
  assert.deepEqual(wrap('', 20), ['']);
});
