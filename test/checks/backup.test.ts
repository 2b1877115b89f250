import assert from 'node:assert/strict';
import { test } from 'node:test';
import backup from '../../checks/backup/check.ts';
import type { CronJob, Job } from '../../src/model/kubernetes.ts';
import { NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

testContract(backup, new URL('../../checks/backup/', import.meta.url));

const ago = (hours: number): string => new Date(Date.parse(NOW) - hours * 3_600_000).toISOString();
const seen = (lastSuccess?: string) => ({
  backups: [{ namespace: 'skiff-gtxs', name: 'etcd-backup', suspended: false, ...(lastSuccess === undefined ? {} : { lastSuccess }) }],
});

testCheck(backup, {
  'a backup of last night': { observation: seen(ago(9)), expect: ['pass *'] },
  'a backup of the day before': {
    observation: seen(ago(27)),
    expect: ['fail backup/recent: The last success of the backup jobs etcd-backup was 27h ago, more than 26 hours: …', 'pass *'],
  },
  'a backup that never was': {
    observation: seen(),
    expect: ['fail backup/recent: None of the backup jobs etcd-backup is known to have succeeded: …', 'pass *'],
  },
  'two of which one is new': {
    observation: { backups: [...seen(ago(900)).backups, { namespace: 'skiff-gtxs', name: 'etcd-snapshot', suspended: false, lastSuccess: ago(2) }] },
    expect: ['pass *'],
  },
  'none to be seen': {
    observation: { backups: [] },
    expect: ['fail backup/seen: No job of the cluster is seen to back it up: …', 'skip backup/recent: No job of the cluster is seen to back it up: …'],
  },
});

const target = { component: 'skiff-gtxs/etcd-gtxs', namespace: 'skiff-gtxs' };
const cron = (name: string, facts: Partial<CronJob> = {}): CronJob => ({ metadata: { name, namespace: 'skiff-gtxs' }, ...facts });
const options = { names: ['etcd', 'gtxs'] };

test('it is called like a backup and like the store; the last success is told by the cron job or by its jobs', async () => {
  const done = (name: string, owner: string, time: string, succeeded = 1): Job => ({
    metadata: { name, namespace: 'skiff-gtxs', ownerReferences: [{ kind: 'CronJob', name: owner }] },
    status: { succeeded, completionTime: time },
  });
  const cronjobs = [cron('etcd-backup'), cron('etcd-compaction'), cron('mysql-backup')];
  const jobs = [done('a', 'etcd-backup', ago(30)), done('b', 'etcd-backup', ago(6)), done('c', 'etcd-backup', ago(1), 0), done('d', 'mysql-backup', ago(2))];
  const { observation } = await probeWith(backup, { target, options, objects: { cronjobs, jobs } });
  assert.deepEqual((observation as unknown as ReturnType<typeof seen>).backups, [
    { namespace: 'skiff-gtxs', name: 'etcd-backup', suspended: false, lastSuccess: ago(6) },
  ]);
  const told = await probeWith(backup, {
    target,
    options,
    objects: { cronjobs: [cron('gtxs-snapshot', { status: { lastSuccessfulTime: ago(3) } })], jobs: [] },
  });
  assert.ok(verdictLines(backup, told.observation, { options }).includes('pass backup/recent'));
});

test('without a backup no jobs are read; what may not be listed is unknown', async () => {
  const none = await probeWith(backup, { target, options, objects: { cronjobs: [cron('cleanlog')] } });
  assert.deepEqual((none.observation as unknown as ReturnType<typeof seen>).backups, []);
  const { observation } = await probeWith(backup, { target, options, failures: { 'list cronjobs': 'Forbidden' } });
  assert.equal(observation, undefined);
});
