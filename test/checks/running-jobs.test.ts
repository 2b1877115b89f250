import assert from 'node:assert/strict';
import { test } from 'node:test';
import runningJobs from '../../checks/running-jobs/check.ts';
import type { Job } from '../../src/model/kubernetes.ts';
import { NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(runningJobs, new URL('../../checks/running-jobs/', import.meta.url));

const startedAt = new Date(Date.parse(NOW) - 30 * 60_000).toISOString();

testCheck(runningJobs, {
  'nothing runs': { observation: { running: [] }, expect: ['pass *'] },
  'a migration runs': {
    observation: { running: [{ namespace: 'skiff-ncs', name: 'migrate', startedAt }] },
    expect: ['fail running-jobs/none-once#Job/migrate: The one-off job skiff-ncs/migrate has been running for 30m, …', 'pass *'],
  },
  'a backup runs': {
    observation: { running: [{ namespace: 'skiff-gtxs', name: 'backup-1', cronJob: 'backup', startedAt }] },
    expect: ['fail running-jobs/none-scheduled#Job/backup-1: A run of the cron job backup, skiff-gtxs/backup-1, has been going on for 30m …', 'pass *'],
  },
});

function job(name: string, namespace: string, status: NonNullable<Job['status']>, spec: NonNullable<Job['spec']> = {}, cron?: string): Job {
  return { metadata: { name, namespace, ...(cron === undefined ? {} : { ownerReferences: [{ kind: 'CronJob', name: cron }] }) }, spec, status };
}

test('only jobs with running pods in the namespaces of the platform count', async () => {
  const jobs = [
    job('gc', 'skiff-ncs', { active: 1 }),
    job('done', 'skiff-ncs', { succeeded: 1 }),
    job('held', 'skiff-ncs', { active: 1 }, { suspend: true }),
    job('theirs', 'customer', { active: 1 }),
    job('cleanlog-1', 'kube-system', { active: 1, startTime: startedAt }, {}, 'cleanlog'),
  ];
  const { observation } = await probeWith(runningJobs, { objects: { jobs } });
  assert.deepEqual(
    verdictLines(runningJobs, observation).map((line) => line.split(':')[0]),
    ['fail running-jobs/none-once#Job/gc', 'fail running-jobs/none-scheduled#Job/cleanlog-1'],
  );
});

test('jobs that may not be listed are unknown', async () => {
  const { observation, blindSpots } = await probeWith(runningJobs, { failures: { 'list jobs': 'Forbidden' } });
  assert.equal(observation, undefined);
  assert.equal(blindSpots[0]?.problem.reason, 'Forbidden');
});
