import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytes, duration, shortTime, timeOfDay } from '../../src/report/quantities.ts';

test('bytes', () => {
  const cases: readonly (readonly [number, string])[] = [
    [0, '0 B'],
    [999, '999 B'],
    [1000, '1.0 kB'],
    [2_101_234, '2.1 MB'],
    [999_999, '1.0 MB'],
    [99_960, '100 kB'],
    [5e12, '5.0 TB'],
    [5e15, '5000 TB'],
  ];
  for (const [count, said] of cases) assert.equal(bytes(count), said);
});

test('durations', () => {
  assert.equal(duration(850), '850 ms');
  assert.equal(duration(1900), '1.9 s');
  assert.equal(duration(60_012), '1 min 0 s');
  assert.equal(duration(125_000), '2 min 5 s');
});

test('times', () => {
  assert.equal(timeOfDay('2026-11-20T19:12:40.123Z', undefined), '19:12:40 UTC');
  assert.equal(timeOfDay('2026-11-20T16:00:00Z', 'Asia/Shanghai'), '00:00:00 UTC+8');
  assert.equal(shortTime('2026-11-20T19:04:11Z', '2026-11-20T19:12:40Z', undefined), '19:04');
  assert.equal(shortTime('2026-11-19T19:04:11Z', '2026-11-20T19:12:40Z', undefined), '2026-11-19 19:04');
  // The same day in one zone may be two in another.
  assert.equal(shortTime('2026-11-20T15:59:00Z', '2026-11-20T19:12:40Z', 'Asia/Shanghai'), '2026-11-20 23:59');
  assert.equal(shortTime('not a time', '2026-11-20T19:12:40Z', undefined), 'not a time');
});
