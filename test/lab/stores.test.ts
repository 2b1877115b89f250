import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import type { Report, ReportComponent } from '../../src/model/report.ts';
import { auditSince, describeEntry, markAudit } from './audit.ts';
import { healthy, kubeconfigs } from './cluster.ts';
import { doctorWithoutCredentials, skiffctl } from './doctor.ts';
import {
  etcdMemberDown,
  etcdOutOfSpace,
  etcdQuorumLost,
  haproxyLeadsToReplica,
  mysqldExporterWrongPassword,
  mysqlPrimaryDown,
  mysqlPrimaryHangs,
  mysqlReadOnly,
  mysqlReplicationBroken,
  mysqlTooManyConnections,
  mysqlTwoWriters,
  passwordsEverywhere,
  redisAtMaxmemory,
  redisCannotSave,
  redisExporterWrongPassword,
  redisMasterStopped,
  redisNoFailover,
  redisReplicaCutOff,
  redisReplicaOfDeadAddress,
  redisTwoMasters,
  repairLeftovers,
  sentinelDisagrees,
  sentinelQuorumLost,
  stolonClusterDataGone,
  stolonMasterDown,
  stolonSentinelsHang,
  stolonStandbyDown,
  stolonSynchronousStandbyMissing,
  withFault,
} from './faults.ts';
import { assertClean, type Expected, expected, testRound } from './rounds.ts';
import { serviceAccountKubeconfig } from './service-account.ts';

before(async () => {
  await repairLeftovers();
  await healthy();
});

const REDIS = 'skiff-apm/apm-redis';
const SENTINEL = 'skiff-apm/apm-redis-sentinel';
const ETCD = 'skiff-gtxs/etcd-gtxs';
const MYSQL = 'skiff-platform/etcd-mysql';
const KEEPER = 'skiff-ncs/stolon-keeper';
const HAPROXY = 'skiff-ncs/redis-harbor-haproxy';

function componentOf(report: Report, id: string): ReportComponent {
  const found = report.components.find((component) => component.id === id);
  assert.ok(found, `${id} is not in the report`);
  return found;
}

describe('the healthy stores', () => {
  test('every store tells who is what, and nothing is wrong with it', async () => {
    const report = await assertClean();
    const roles = (id: string, technology: string): Readonly<Record<string, number>> => {
      const topology = componentOf(report, id).topology?.find((each) => each.technology === technology);
      assert.ok(topology, `${id} has no topology of ${technology}`);
      assert.notEqual(topology.summary, '');
      return Object.fromEntries([...Map.groupBy(topology.members, ({ role }) => role)].map(([role, members]) => [role, members.length]));
    };
    for (const id of [REDIS, 'skiff-platform/platform-redis', 'skiff-ncs/harbor-redis']) assert.deepEqual(roles(id, 'redis'), { master: 1, replica: 2 }, id);
    for (const id of [SENTINEL, 'skiff-platform/platform-redis-sentinel', 'skiff-ncs/harbor-redis-sentinel'])
      assert.equal(
        Object.values(roles(id, 'redis-sentinel')).reduce((sum, count) => sum + count, 0),
        3,
        id,
      );
    assert.deepEqual(roles(ETCD, 'etcd'), { leader: 1, follower: 2 });
    assert.deepEqual(roles(MYSQL, 'mysql'), { primary: 1, replica: 1 });
    assert.equal(roles('skiff-ncs/stolon-keeper', 'stolon-keeper')['master'], 1);
    const { stdout, code } = await skiffctl(['doctor', '--kubeconfig', kubeconfigs.doctor, '-o', 'wide', '--lang', 'zh']);
    assert.equal(code, 0);
    for (const name of ['apm-redis-0', 'etcd-gtxs-0', 'etcd-mysql-0', 'stolon-keeper-0']) assert.match(stdout, new RegExp(`${name} +\\S`), name);
  });

  test('without any password: nothing red, nothing green that was not asked, each unknown with what it needs', async () => {
    const { report } = await doctorWithoutCredentials(kubeconfigs.doctor);
    const red = report.findings.filter(({ status }) => status === 'warn' || status === 'fail');
    assert.deepEqual(
      red.map(({ id }) => id),
      [],
    );
    const unknown = report.findings.filter(({ status }) => status === 'unknown');
    assert.ok(unknown.length > 0);
    for (const { id, reason, needs } of unknown) assert.ok(reason === 'NoCredentials' && needs !== undefined && needs !== '', `${id} ${reason} ${needs}`);
    assert.deepEqual(
      [...new Set(unknown.map(({ component }) => component))].filter((id) => !/platform-redis(-sentinel|-exporter)?$|stolon-proxy$|etcd-mysql$/.test(id)),
      [],
    );
  });

  test('a password in a Secret that skiffctl.yaml names is read, that Secret alone, and with the right that rbac prints for it', async () => {
    const config = `${import.meta.dirname}/credentials.yaml`;
    const { stdout } = await skiffctl(['rbac', '--kubeconfig', kubeconfigs.admin, '--config', config], {});
    await using account = await serviceAccountKubeconfig(stdout);
    const mark = markAudit();
    const { report } = await doctorWithoutCredentials(account.kubeconfig, '--config', config);
    assert.equal(componentOf(report, 'skiff-platform/platform-redis').state, 'healthy');
    const secrets = auditSince(mark, account.user).filter((entry) => entry.resource === 'secrets');
    assert.equal(new Set(secrets.map(describeEntry)).size, 1, secrets.map(describeEntry).join('\n'));
    assert.ok(!JSON.stringify(report).includes('skiff-redis"'));
  });

  test('passwords everywhere and none given: no red, no false green', async () => {
    await withFault(passwordsEverywhere(), async () => {
      const { report } = await doctorWithoutCredentials(kubeconfigs.doctor);
      assert.deepEqual(
        report.findings.filter(({ status }) => status === 'warn' || status === 'fail').map(({ id, message }) => `${id} ${message}`),
        [],
      );
      for (const id of [REDIS, SENTINEL, 'skiff-ncs/harbor-redis']) {
        assert.equal(componentOf(report, id).state, 'unknown', id);
        const reasons = new Set(report.findings.filter((finding) => finding.component === id && finding.status === 'unknown').map(({ reason }) => reason));
        assert.ok(reasons.has('NoCredentials'), `${id}: ${[...reasons].join(', ')}`);
      }
    });
    await assertClean();
  });
});

/** Faults of different stores at once: each has to come out as a root cause of its own, and nothing else as one. */
const ROUNDS: readonly (readonly Expected[])[] = [
  [
    expected(redisMasterStopped(), REDIS, /^redis\/instances-answer$/, 'warn'),
    expected(etcdMemberDown(), ETCD, /^etcd\/members-answer$/, 'warn'),
    expected(mysqlReplicationBroken(), MYSQL, /^mysql\/applies-changes$/, 'warn'),
    expected(haproxyLeadsToReplica(), HAPROXY, /^haproxy\/(leads-to-master|one-server)$/, 'fail'),
  ],
  [
    expected(redisNoFailover(), REDIS, /^redis\/has-master$/, 'fail'),
    expected(etcdQuorumLost(), ETCD, /^etcd\/has-majority$/, 'fail'),
    expected(mysqlTwoWriters(), MYSQL, /^mysql\/(one-primary|replicas-read-only)$/, 'warn'),
    expected(redisExporterWrongPassword(), 'skiff-platform/platform-redis-exporter', /^redis-exporter\/(sees-server|redis-up)$/, 'warn'),
    expected(stolonStandbyDown(), KEEPER, /^stolon-keeper\/standbys-healthy$/, 'warn'),
  ],
  [
    expected(redisTwoMasters(), REDIS, /^redis\/one-master$/, 'fail'),
    expected(etcdOutOfSpace(), ETCD, /^etcd\/no-space-alarm$/, 'fail'),
    expected(mysqlPrimaryDown(), MYSQL, /^mysql\/greets$/, 'fail'),
    expected(stolonMasterDown(), KEEPER, /^stolon-keeper\//, 'warn'),
  ],
  [
    { ...expected(redisReplicaCutOff(), REDIS, /^redis\/replicas-linked$/, 'warn'), ripensMs: 17_000 },
    expected(mysqlReadOnly(), MYSQL, /^mysql\/(has-primary|writes-reach-primary)$/, 'fail'),
    expected(stolonClusterDataGone(), 'skiff-ncs/stolon-sentinel', /^stolon-sentinel\/cluster-data-exists$/, 'fail', ['skiff-ncs/stolon-proxy']),
  ],
  [
    { ...expected(redisReplicaOfDeadAddress(), REDIS, /^redis\/replicas-(linked|follow-set)$/, 'warn'), ripensMs: 17_000 },
    expected(mysqlTooManyConnections(), MYSQL, /^mysql\/accepts-connections$/, 'fail'),
    expected(stolonSynchronousStandbyMissing(), KEEPER, /^stolon-keeper\/writes-confirmed$/, 'fail'),
  ],
  [
    expected(redisCannotSave(), REDIS, /^redis\/accepts-writes$/, 'fail'),
    expected(mysqldExporterWrongPassword(), 'skiff-platform/mysqld-exporter', /^mysqld-exporter\//, 'warn'),
    expected(stolonSentinelsHang(), 'skiff-ncs/stolon-sentinel', /^(stolon-sentinel|leader-election)\//, 'fail'),
  ],
  [expected(redisAtMaxmemory(), REDIS, /^redis\/accepts-writes$/, 'fail'), expected(mysqlPrimaryHangs(), MYSQL, /^mysql\/greets$/, 'fail')],
  [expected(sentinelQuorumLost(), SENTINEL, /^redis-sentinel\/majority-answers$/, 'fail')],
  [expected(sentinelDisagrees(), SENTINEL, /^redis-sentinel\/same-master$/, 'fail')],
];

describe('faults of the stores, several at once, each found where it is', () => {
  for (const round of ROUNDS) testRound(round);
});
