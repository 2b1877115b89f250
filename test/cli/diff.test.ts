import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ReportDiff } from '../../src/report/diff.ts';
import { scenarios } from '../../src/sim/index.ts';
import { type Bench, bench, skiffctl } from '../support/cli.ts';

/** The same cluster before a fault, with it, and repaired: what `selector-matches-nothing` does, and its opposite. */
async function broken(site: Bench, body: () => Promise<void>): Promise<void> {
  const { state } = site.simulation;
  const { namespace, objectName } = state.component('platform-user-auth');
  const service = state.objects.must('services', objectName, namespace);
  const selector = service.spec?.selector;
  scenarios.find(({ id }) => id === 'selector-matches-nothing')?.apply(state);
  try {
    await body();
  } finally {
    if (service.spec !== undefined && selector !== undefined) service.spec.selector = selector;
    state.reconcile();
  }
}

async function diffOf(before: string, after: string): Promise<{ readonly diff: ReportDiff; readonly code: number; readonly text: string }> {
  const { stdout, code } = await skiffctl(['diff', before, after, '-o', 'json']);
  const text = (await skiffctl(['diff', before, after, '--lang', 'en'])).stdout;
  return { diff: JSON.parse(stdout) as ReportDiff, code, text };
}

test('a fault that was repaired is fixed, and was new before', async () => {
  await using site = await bench('healthy');
  const before = site.write('before.json', (await site.doctor()).stdout);
  let during = '';
  await broken(site, async () => {
    during = site.write('during.json', (await site.doctor()).stdout);
  });
  const after = site.write('after.json', (await site.doctor()).stdout);
  const worse = await diffOf(before, during);
  assert.deepEqual([worse.code, worse.diff.fixed], [2, []]);
  const about = worse.diff.appeared.filter(({ component }) => component === 'skiff-platform/platform-user-auth');
  assert.ok(about.length > 0);
  const mended = await diffOf(during, after);
  assert.equal(mended.code, 0);
  assert.deepEqual(mended.diff.fixed.map(({ id }) => id).toSorted(), worse.diff.appeared.map(({ id }) => id).toSorted());
  assert.deepEqual([mended.diff.appeared, mended.diff.unchanged, mended.diff.unseen], [[], [], []]);
  assert.match(mended.text, /^✔ {2}nothing new is wrong, \d+ fixed, 0 unchanged/);
  const same = await diffOf(before, after);
  assert.deepEqual([same.code, same.diff.appeared, same.diff.fixed, same.diff.unchanged], [0, [], [], []]);
});

test('an acceptance that expires tomorrow and today takes a fault out of the difference; from the day after it is new again, and so is the acceptance', async () => {
  let now = new Date('2026-11-20T12:00:00Z');
  await using site = await bench('selector-matches-nothing', { now: () => now });
  const plain = await site.doctor();
  const rules = [...new Set(plain.report.findings.filter(({ status }) => status === 'fail' || status === 'warn').map(({ rule }) => rule))];
  const known = site.write('known.json', plain.stdout);
  site.write('skiffctl.yaml', `accept:\n${rules.map((rule) => `  - { rule: ${rule}, owner: ops, reason: known, expires: 2026-11-21 }\n`).join('')}`);
  const on = async (day: string): Promise<string> => {
    now = new Date(`${day}T12:00:00Z`);
    return site.write(`${day}.json`, (await site.doctor()).stdout);
  };
  const [dayBefore, lastDay, dayAfter] = [await on('2026-11-20'), await on('2026-11-21'), await on('2026-11-22')];
  for (const day of [dayBefore, lastDay]) {
    const { diff, code } = await diffOf(known, day);
    assert.deepEqual([code, diff.appeared, diff.unchanged, diff.fixed], [0, [], [], []], day);
    assert.ok(diff.accepted.length > 0);
  }
  assert.deepEqual((await diffOf(dayBefore, lastDay)).diff.appeared, []);
  const over = await diffOf(lastDay, dayAfter);
  assert.equal(over.code, 2);
  const appeared = new Set(over.diff.appeared.map(({ rule }) => rule));
  for (const rule of [...rules, 'acceptance/in-force']) assert.ok(appeared.has(rule), `${rule}: ${[...appeared].join(' ')}`);
  assert.deepEqual([over.diff.accepted, over.diff.fixed], [[], []]);
});
