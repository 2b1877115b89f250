import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CostMeter } from '../../src/cluster/meter.ts';

/** A clock that stands still until somebody pauses. */
function clock() {
  const time = { now: 0, pauses: 0 };
  return {
    time,
    meter: (ceiling: number) =>
      new CostMeter(
        ceiling,
        () => time.now,
        async (ms, signal) => {
          if (signal?.aborted) throw signal.reason;
          time.pauses += 1;
          time.now += ms;
        },
      ),
  };
}

test('no second, wherever it begins, has more requests than the ceiling', async () => {
  const { time, meter } = clock();
  const limited = meter(5);
  const starts: number[] = [];

  await Promise.all(
    Array.from({ length: 23 }, async () => {
      await limited.admit(false);
      starts.push(time.now);
    }),
  );

  for (const start of starts) assert.ok(starts.filter((other) => other >= start && other < start + 1000).length <= 5, String(start));
  assert.equal(starts.at(-1), 4000);
  assert.deepEqual([limited.cost(0, 0).peakQps, limited.cost(0, 0).apiRequests], [5, 23]);
});

test('below the ceiling nobody waits, and the peak is what it was', async () => {
  const { time, meter } = clock();
  const limited = meter(10);

  for (let request = 0; request < 9; request += 1) {
    await limited.admit(request % 3 === 0);
    time.now += 300;
  }

  assert.equal(time.pauses, 0);
  assert.deepEqual(limited.cost(4, 2700), { apiRequests: 9, apiBytes: 0, lists: 3, peakQps: 4, probes: 4, wallMs: 2700 });
});

test('requests start in the order in which they asked', async () => {
  const { meter } = clock();
  const limited = meter(2);
  const order: number[] = [];

  await Promise.all([0, 1, 2, 3, 4].map((index) => limited.admit(false).then(() => order.push(index))));

  assert.deepEqual(order, [0, 1, 2, 3, 4]);
});

test('one that gives up while it waits is not counted and holds nobody up', async () => {
  const { meter } = clock();
  const limited = meter(1);
  const stop = new AbortController();
  stop.abort(new Error('gave up'));

  await limited.admit(false);
  await assert.rejects(limited.admit(false, stop.signal), /gave up/);
  await limited.admit(false);

  assert.equal(limited.cost(0, 0).apiRequests, 2);
});

test('bytes are added up', () => {
  const limited = new CostMeter(1);
  limited.received(100);
  limited.received(23);

  assert.equal(limited.cost(0, 0).apiBytes, 123);
});

test('the real clock keeps the ceiling, too', async () => {
  const limited = new CostMeter(3);
  const started = performance.now();

  for (let request = 0; request < 4; request += 1) await limited.admit(false);

  assert.ok(performance.now() - started >= 990);
});
