/** Faults get in side by side, out again, and out by themselves. What each of them does is seen where a test uses it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { before, test } from 'node:test';
import { healthy } from './cluster.ts';
import { guard, NOTES } from './faults/fault.ts';
import { faults, faultsThatAreIn, kubeletStopped, mysqlReadOnly, mysqlTwoWriters, redisAtMaxmemory, repairLeftovers, withFault, withFaults } from './faults.ts';

before(async () => {
  await repairLeftovers();
  await healthy();
});

test('every fault has an id of its own', () => assert.equal(new Set(faults.map(({ id }) => id)).size, faults.length));

test('two faults that touch the same are refused together, and neither gets in', async () => {
  const both = withFaults([mysqlReadOnly(), mysqlTwoWriters()], () => assert.fail('the body ran'));
  await assert.rejects(both, /mysql-read-only and mysql-two-writers touch the same/);
  assert.deepEqual(faultsThatAreIn(), []);
  assert.equal(await mysqlTwoWriters().left(), undefined);
});

test('faults of different stores are in at the same time; a third gets in only where it touches neither', async () => {
  await withFaults([mysqlReadOnly(), redisAtMaxmemory()], async () => {
    assert.deepEqual(faultsThatAreIn().sort(), ['mysql-read-only', 'redis-at-maxmemory']);
    await assert.rejects(mysqlTwoWriters().inject(), /mysql-read-only is in already/);
    await assert.rejects(kubeletStopped().inject(), /is in already/);
    assert.deepEqual(faultsThatAreIn().sort(), ['mysql-read-only', 'redis-at-maxmemory']);
    assert.match((await mysqlReadOnly().left()) ?? '', /read_only/);
    assert.match((await redisAtMaxmemory().left()) ?? '', /maxmemory/);
  });
  assert.deepEqual(faultsThatAreIn(), []);
  for (const each of [mysqlReadOnly(), redisAtMaxmemory()]) assert.equal(await each.left(), undefined);
});

test('what the body throws comes out, and the fault is repaired', async () => {
  const failing = withFault(mysqlReadOnly(), () => Promise.reject(new Error('from the body')));
  await assert.rejects(failing, /^Error: from the body$/);
  assert.deepEqual(faultsThatAreIn(), []);
  assert.equal(await mysqlReadOnly().left(), undefined);
});

test('a guard repairs its own fault, and no fault that was put in later', async () => {
  const wanted = mysqlReadOnly();
  await wanted.inject();
  try {
    const { since } = JSON.parse(readFileSync(`${NOTES}/${wanted.id}.json`, 'utf8')) as { since: string };
    await guard(wanted, 0, '2001-01-01T00:00:00.000Z');
    assert.deepEqual(faultsThatAreIn(), [wanted.id]);
    await guard(wanted, 0, since);
    assert.deepEqual(faultsThatAreIn(), []);
    assert.equal(await wanted.left(), undefined);
  } finally {
    await wanted.repair();
  }
  await wanted.settled();
});
