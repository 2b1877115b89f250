import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { schedule } from '../../src/run/schedule.ts';

test('results stand in the order of the tasks, whatever ends first', async () => {
  const slow = async (): Promise<string> => {
    await nextTurn();
    await nextTurn();
    return 'slow';
  };

  assert.deepEqual(await schedule([slow, async () => 'quick', slow, async () => 'last'], 2), ['slow', 'quick', 'slow', 'last']);
});

test('no more than the width run at a time, and all of it is used', async () => {
  let running = 0;
  let most = 0;
  const task = async (): Promise<void> => {
    running += 1;
    most = Math.max(most, running);
    await nextTurn();
    running -= 1;
  };

  await schedule(
    Array.from({ length: 20 }, () => task),
    4,
  );

  assert.equal(most, 4);
});

test('a slow task does not hold up those behind it', async () => {
  const ended: number[] = [];
  let release = (): void => {};
  const gate = new Promise<void>((resolve) => {
    release = resolve;
  });
  const tasks = [0, 1, 2, 3].map((index) => async () => {
    if (index === 0) await gate;
    ended.push(index);
    if (index === 3) release();
  });

  await schedule(tasks, 2);

  assert.deepEqual(ended, [1, 2, 3, 0]);
});

test('nothing to do is done', async () => assert.deepEqual(await schedule([], 4), []));
