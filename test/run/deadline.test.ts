import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ProbeError } from '../../src/model/problem.ts';
import { withDeadline } from '../../src/run/deadline.ts';

const NEVER = new AbortController().signal;

test('work that is done in time gives its value', async () => {
  assert.deepEqual(await withDeadline(async () => 7, 1000, NEVER), { ok: true, value: 7 });
});

test('work that ignores its signal is left behind at the deadline', async () => {
  const started = performance.now();

  const settled = await withDeadline(() => new Promise(() => {}), 30, NEVER);

  assert.ok(!settled.ok && settled.problem.reason === 'DeadlineExceeded');
  assert.ok(performance.now() - started < 1000);
});

test('work that heeds its signal sees it aborted, with the deadline as the reason', async () => {
  let seen: unknown;

  await withDeadline(
    (signal) =>
      new Promise((_, reject) => {
        signal.addEventListener('abort', () => {
          seen = signal.reason;
          reject(new Error('stopped'));
        });
      }),
    10,
    NEVER,
  );

  assert.ok(seen instanceof ProbeError && seen.problem.reason === 'DeadlineExceeded');
});

test("what work throws after its deadline is nobody's crash", async () => {
  const unhandled: unknown[] = [];
  const listener = (error: unknown): void => void unhandled.push(error);
  process.on('unhandledRejection', listener);

  await withDeadline(() => sleep(20).then(() => Promise.reject(new Error('late'))), 5, NEVER);
  await sleep(40);

  process.off('unhandledRejection', listener);
  assert.deepEqual(unhandled, []);
});

test('an interrupt ends it at once, before it begins as well as during it', async () => {
  const parent = new AbortController();
  let begun = 0;
  const during = withDeadline(
    () => {
      begun += 1;
      return new Promise(() => {});
    },
    10_000,
    parent.signal,
  );
  parent.abort();
  const settled = await during;
  const after = await withDeadline(
    async () => {
      begun += 1;
    },
    10_000,
    parent.signal,
  );

  assert.ok(!settled.ok && settled.problem.reason === 'Interrupted');
  assert.ok(!after.ok && after.problem.reason === 'Interrupted');
  assert.equal(begun, 1);
});

test('a parent that says why is believed', async () => {
  const parent = new AbortController();
  parent.abort(new ProbeError({ reason: 'DeadlineExceeded', message: 'The run was not done within 60 s.' }));

  const settled = await withDeadline(async () => 1, 10_000, parent.signal);

  assert.deepEqual(settled.ok ? undefined : settled.problem, { reason: 'DeadlineExceeded', message: 'The run was not done within 60 s.' });
});

test('what is thrown is kept: a ProbeError with its problem, anything else as a mistake', async () => {
  const forbidden = new ProbeError({ reason: 'Forbidden', message: '403', needs: 'list pods' });

  const known = await withDeadline(() => Promise.reject(forbidden), 1000, NEVER);
  const mistake = await withDeadline(() => Promise.reject(new TypeError('x is not a function')), 1000, NEVER);
  const synchronous = await withDeadline(
    () => {
      throw new RangeError('out');
    },
    1000,
    NEVER,
  );

  assert.deepEqual(known.ok ? undefined : known.problem, forbidden.problem);
  assert.deepEqual(mistake.ok ? undefined : mistake.problem, { reason: 'InternalError', message: 'TypeError: x is not a function' });
  assert.deepEqual(synchronous.ok ? undefined : synchronous.problem, { reason: 'InternalError', message: 'RangeError: out' });
});
