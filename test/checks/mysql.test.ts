import assert from 'node:assert/strict';
import { test } from 'node:test';
import mysql from '../../checks/mysql/check.ts';
import { causeIn } from '../../checks/mysql/log.ts';
import type { Channel, InstanceFacts, MysqlObservation, ServiceFacts } from '../../checks/mysql/observation.ts';
import type { MysqlOptions } from '../../checks/mysql/options.ts';
import { GROUP_MEMBERS, STATUS, VARIABLES } from '../../checks/shared/mysql.ts';
import { instancesAt } from '../../checks/shared/mysql-hosts.ts';
import { exporterAddress, METRICS_NEEDED, readScrape } from '../../checks/shared/mysqld-exporter.ts';
import type { Target } from '../../src/model/check.ts';
import type { SqlRow } from '../../src/model/conversation.ts';
import type { Container, Endpoints, Pod, Service } from '../../src/model/kubernetes.ts';
import { type Case, NOW, probeWith, type Scene, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const NAMESPACE = 'skiff-platform';
const PRIMARY_HOST = 'etcd-mysql-0.etcd-mysql.skiff-platform.svc.cluster.local';

type Facts = NonNullable<InstanceFacts['facts']>;
type Servers = NonNullable<Scene<MysqlOptions>['mysql']>;

const WELL: Facts = { readOnly: false, serverId: 1, maxConnections: 100, connections: 10, forceRecovery: 0, replication: [], cluster: { kind: 'none' } };

function channel(given: Partial<Channel> = {}): Channel {
  return {
    channel: '',
    host: PRIMARY_HOST,
    io: 'yes',
    sql: true,
    behind: 0,
    delay: 0,
    ioErrno: 0,
    ioError: '',
    sqlErrno: 0,
    sqlError: '',
    leadsTo: ['etcd-mysql-0'],
    ...given,
  };
}

function instance(ordinal: number, facts: Facts | undefined, given: Partial<InstanceFacts> = {}): InstanceFacts {
  return {
    namespace: NAMESPACE,
    name: `etcd-mysql-${ordinal}`,
    node: `node${ordinal + 1}`,
    ip: `10.244.${ordinal}.7`,
    workload: 'etcd-mysql',
    lost: false,
    unreadySince: '',
    vouched: true,
    greeting: { kind: 'handshake', version: '5.7.22-log' },
    loggedIn: true,
    ...(facts === undefined ? {} : { facts }),
    ...given,
  };
}

const primary = (facts: Partial<Facts> = {}, given: Partial<InstanceFacts> = {}): InstanceFacts => instance(0, { ...WELL, ...facts }, given);
const replica = (facts: Partial<Facts> = {}, given: Partial<InstanceFacts> = {}): InstanceFacts =>
  instance(1, { ...WELL, readOnly: true, serverId: 2, replication: [channel()], ...facts }, given);
const replicating = (given: Partial<Channel>, facts: Partial<Facts> = {}): InstanceFacts => replica({ replication: [channel(given)], ...facts });

const HEADLESS: ServiceFacts = { namespace: NAMESPACE, name: 'etcd-mysql', headless: true, ready: ['etcd-mysql-0', 'etcd-mysql-1'], notReady: [] };
const MASTER: ServiceFacts = { namespace: NAMESPACE, name: 'etcd-mysql-master', headless: false, writes: 'name', ready: ['etcd-mysql-0'], notReady: [] };

function observe(instances: readonly InstanceFacts[], services: readonly ServiceFacts[] = [HEADLESS, MASTER]): MysqlObservation {
  return { port: 3306, instances, others: [], services };
}

const SET = '#Service/etcd-mysql-master';
const NO_LOG = ['disk-has-room', 'data-intact'].map((rule) => `skip mysql/${rule}: No log was read: the instances greet, or their logs are out of reach.`);
const NO_CLUSTER = ['cluster-has-quorum', 'cluster-members-healthy'].map((rule) => `skip mysql/${rule}: Neither Galera nor group replication is in use.`);
const NOT_TRIED = 'skip mysql/login-accepted: No login was tried: no credentials were given, or no instance can be used.';
const JUDGE = 'There is no instance to judge; see mysql/greets and mysql/accepts-connections.';
const NO_REPLICA = ['replicas-read-only', 'receives-changes', 'applies-changes', 'replica-lag', 'follows-instance'].map(
  (rule) => `skip mysql/${rule}: There is no replica to judge.`,
);
const NO_SERVICE = ['writes-reach-primary', 'writes-reach-only-primary'].map((rule) => `skip mysql/${rule}: No Service has to lead to a writable instance…`);
const SERVED = [`pass mysql/writes-reach-primary${SET}`, `pass mysql/writes-reach-only-primary${SET}`];
const SEE_WRITES = 'skip mysql/writes-reach-only-primary: No Service leads to a writable instance; see mysql/writes-reach-primary.';
const ALL_WELL = [...SERVED, ...NO_LOG, ...NO_CLUSTER, 'pass *'];
const SINGLE = ['replicas-greet', 'one-primary', 'server-ids-differ'].map((rule) => `skip mysql/${rule}: There is a single instance.`);
const BEHIND_SERVICE = `skip mysql/writes-reach-primary${SET}: The instance behind Service etcd-mysql-master cannot be used; see mysql/greets.`;

/** What is said when the primary cannot be used and its replica is well. */
const WITHOUT_PRIMARY = [
  'skip mysql/has-primary: etcd-mysql-0, where the writes go, cannot be used; see mysql/greets and mysql/accepts-connections.',
  BEHIND_SERVICE,
  SEE_WRITES,
  ...NO_CLUSTER,
];

const dead = (given: Partial<InstanceFacts>): InstanceFacts => {
  const { loggedIn: _, ...rest } = instance(0, {}, given);
  return rest;
};
const silent = (kind: 'refused' | 'silent' | 'closed' | 'garbled', given: Partial<InstanceFacts> = {}): InstanceFacts =>
  dead({ greeting: { kind, message: `skiff-platform/etcd-mysql-0:3306: greeting: ${kind} indeed.` }, vouched: false, ...given });

const notGreeting: Record<string, readonly [InstanceFacts, string]> = {
  'nobody listens': [silent('refused'), "etcd-mysql-0 on node1: nobody listens on MySQL's port (refused indeed)."],
  'the server hangs': [silent('silent'), 'etcd-mysql-0 on node1 accepts the connection and never greets: it hangs, as with a full disk…'],
  'the server closes': [silent('closed'), 'etcd-mysql-0 on node1 accepts the connection and closes it without a greeting (closed indeed).'],
  'something else listens': [silent('garbled'), "etcd-mysql-0 on node1: what answers on MySQL's port is no MySQL (garbled indeed)."],
  'it shuts down': [
    dead({ greeting: { kind: 'error', code: 1053, message: 'Server shutdown in progress' } }),
    'etcd-mysql-0 on node1 is shutting down (Server shutdown in progress).',
  ],
  'its container does not run': [dead({ stopped: 'CrashLoopBackOff' }), 'The container of etcd-mysql-0 on node1 does not run (CrashLoopBackOff).'],
  'its node is gone': [dead({ lost: true }), 'etcd-mysql-0 was lost with its node node1 (NodeLost).'],
  'its etcd answers': [
    silent('refused', { etcd: true }),
    'etcd-mysql-0 on node1: its etcd answers and its MySQL is dead, so the pod looks well while the database is not there (refused indeed).',
  ],
};

const deathOfPrimary = Object.entries(notGreeting).map(([name, [first, message]]): [string, Case<MysqlObservation, MysqlOptions>] => [
  `the primary is dead: ${name}`,
  {
    observation: observe([first, replica()]),
    expect: [`fail mysql/greets#Pod/etcd-mysql-0: ${message}`, `skip mysql/accepts-connections: ${JUDGE}`, ...WITHOUT_PRIMARY, ...NO_LOG, 'pass *'],
  },
]);

const deathOfReplica = Object.entries(notGreeting).map(([name, [first, message]]): [string, Case<MysqlObservation, MysqlOptions>] => {
  const gone = { ...first, name: 'etcd-mysql-1', node: 'node2', ip: '10.244.1.7' };
  const said = message.replaceAll('etcd-mysql-0', 'etcd-mysql-1').replaceAll('node1', 'node2');
  return [
    `the replica is dead: ${name}`,
    {
      observation: observe([primary(), gone]),
      expect: [
        `fail mysql/replicas-greet#Pod/etcd-mysql-1: ${said}`,
        'skip mysql/server-ids-differ: Nothing is replicated between the instances that answer, so that equal ids do no harm.',
        ...NO_REPLICA,
        ...ALL_WELL,
      ],
    },
  ];
});

const refusing = (code: number, message: string): InstanceFacts => dead({ greeting: { kind: 'error', code, message } });
const receives = (message: string): string => `fail mysql/receives-changes#Pod/etcd-mysql-1: ${message}`;
const NO_LAG = 'skip mysql/replica-lag: No replica replicates; see mysql/receives-changes and mysql/applies-changes.';

const member = (state: string, host = 'etcd-mysql-1', role = 'SECONDARY') => ({ host, state, role });
const inGroup = (...members: readonly ReturnType<typeof member>[]): Partial<Facts> => ({
  cluster: { kind: 'group', members: [member('ONLINE', 'etcd-mysql-0', 'PRIMARY'), ...members] },
});
const group = (...members: readonly ReturnType<typeof member>[]): MysqlObservation =>
  observe([primary(inGroup(...members)), replica({ replication: [], ...inGroup(...members) })]);
const galera = (given: Partial<Extract<Facts['cluster'], { kind: 'galera' }>> = {}): Partial<Facts> => ({
  cluster: { kind: 'galera', primary: true, ready: true, state: 4, size: 2, flowPaused: 0, ...given },
});
const IS_CLUSTER = 'skip mysql/one-primary: The instances are a Galera or group replication cluster, which decides by itself who takes writes.';

const cases: Record<string, Case<MysqlObservation, MysqlOptions>> = {
  'the lab, logged in': { fixture: 'healthy', expect: ALL_WELL },
  'the lab, as its exporters see it': { fixture: 'healthy-by-exporters', expect: [NOT_TRIED, ...ALL_WELL] },
  'the lab with a wrong password: exporters make up for it, and it is told': {
    fixture: 'wrong-credentials',
    expect: [
      'fail mysql/login-accepted#Pod/etcd-mysql-0: etcd-mysql-0 does not take the credentials that skiffctl was given, so that only exporters tell of it: Access denied…',
      'fail mysql/login-accepted#Pod/etcd-mysql-1: etcd-mysql-1 does not take the credentials…',
      ...ALL_WELL,
    ],
  },
  'the lab: the primary hangs': {
    fixture: 'primary-hangs',
    expect: [
      'fail mysql/greets#Pod/etcd-mysql-0: etcd-mysql-0 on node1 accepts the connection and never greets: it hangs, as with a full disk or a lock that is not released (no answer within 4 s).',
      receives(`etcd-mysql-1 receives nothing: ${PRIMARY_HOST}, which it replicates from, cannot be used; see mysql/greets.`),
      `skip mysql/accepts-connections: ${JUDGE}`,
      NO_LAG,
      ...WITHOUT_PRIMARY,
      'pass *',
    ],
  },
  'the lab: the primary hangs, seen through exporters': {
    fixture: 'primary-hangs-by-exporters',
    expect: [
      NOT_TRIED,
      'fail mysql/greets#Pod/etcd-mysql-0: etcd-mysql-0 on node1 accepts the connection and never greets…',
      receives(`etcd-mysql-1 receives nothing: ${PRIMARY_HOST}, which…`),
      `skip mysql/accepts-connections: ${JUDGE}`,
      NO_LAG,
      ...WITHOUT_PRIMARY,
      'pass *',
    ],
  },
  'the lab: the primary cannot start': {
    fixture: 'primary-down',
    expect: [
      'fail mysql/greets#Pod/etcd-mysql-0: The container of etcd-mysql-0 on node1 does not run (2026-11-21 12:01:31 0 [ERROR] mariadbd: File \'./binlog.index\' not found (Errcode: 13 "Permission denied")).',
      receives(`etcd-mysql-1 receives nothing: ${PRIMARY_HOST}, which…`),
      `skip mysql/accepts-connections: ${JUDGE}`,
      'skip mysql/has-primary: etcd-mysql-0, where the writes go, cannot be used; see mysql/greets and mysql/accepts-connections.',
      `skip mysql/writes-reach-primary${SET}: Service etcd-mysql-master has no ready endpoints; see service/has-endpoints.`,
      SEE_WRITES,
      NO_LAG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },
  'the lab: a row is there twice': {
    fixture: 'replication-broken',
    expect: [
      `fail mysql/applies-changes#Pod/etcd-mysql-1: The data of etcd-mysql-1 differs from that of ${PRIMARY_HOST}; applying stopped with error 1062: Error 'Duplicate entry '…' for key 'PRIMARY'' on query.`,
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'the lab: a row is there twice, seen through exporters': {
    fixture: 'replication-broken-by-exporters',
    expect: [
      NOT_TRIED,
      `fail mysql/applies-changes#Pod/etcd-mysql-1: The data of etcd-mysql-1 differs from that of ${PRIMARY_HOST}; applying stopped with error 1062: —`,
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'the lab: the primary is read-only, seen through exporters': {
    fixture: 'read-only-by-exporters',
    expect: [
      NOT_TRIED,
      'fail mysql/has-primary#Pod/etcd-mysql-0: etcd-mysql-0, where the writes go, is read-only, and so are all 2 instances that answer: every write fails with error 1290.',
      `skip mysql/writes-reach-primary${SET}: No instance takes writes; see mysql/has-primary.`,
      SEE_WRITES,
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },
  'the lab: a replica that is merely not read-only is no second primary': {
    fixture: 'replica-writable',
    expect: [
      'fail mysql/replicas-read-only#Pod/etcd-mysql-1: etcd-mysql-1 replicates from etcd-mysql-0 and is not read-only: a write by mistake makes it differ and stops its replication.',
      ...ALL_WELL,
    ],
  },
  'the lab: no connection is left on the primary': {
    fixture: 'too-many-connections',
    expect: [
      NOT_TRIED,
      'fail mysql/accepts-connections#Pod/etcd-mysql-0: etcd-mysql-0 has no connection left (error 1040, too many connections): every new one is refused.',
      ...WITHOUT_PRIMARY,
      ...NO_LOG,
      'pass *',
    ],
  },

  'a single instance is a shape like any other': {
    observation: observe([primary()], [{ ...MASTER, name: 'etcd-mysql', writes: 'only' }]),
    expect: [
      ...SINGLE,
      ...NO_REPLICA,
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass mysql/writes-reach-primary#Service/etcd-mysql',
      'pass mysql/writes-reach-only-primary#Service/etcd-mysql',
      'pass *',
    ],
  },
  'a set that is reached by the names of its pods has no Service for writes': {
    observation: observe([primary(), replica()], [HEADLESS]),
    expect: [...NO_SERVICE, ...NO_LOG, ...NO_CLUSTER, 'pass *'],
  },
  'no pods at all': {
    observation: { port: 3306, instances: [], others: [] },
    expect: Object.keys(mysql.meta.rules).map((rule) => `skip mysql/${rule}: It has no pods; see workload.`),
  },
  'an etcd that MySQL has nothing to do with': {
    observation: { port: 3306, instances: [], others: ['etcd-mysql-0', 'etcd-mysql-1'].map((name) => ({ name, etcd: true })) },
    expect: [
      'fail mysql/is-mysql: Here it is an etcd (2 pods) and serves no MySQL: it is judged as an etcd, and the rules of MySQL do not apply.',
      ...withoutMysql(),
    ],
  },
  'neither the one nor the other': {
    observation: { port: 3306, instances: [], others: [{ name: 'etcd-mysql-0', etcd: false }] },
    expect: ['fail mysql/is-mysql: None of its 1 pods declares the ports of MySQL or etcd or answers there: what it is cannot be told.', ...withoutMysql()],
  },
  'MySQL and an etcd in the same pods': { observation: observe([primary({}, { etcd: true }), replica({}, { etcd: true })]), expect: ALL_WELL },

  ...Object.fromEntries(deathOfPrimary),
  ...Object.fromEntries(deathOfReplica),
  'nothing is left': {
    observation: observe([silent('refused'), { ...silent('silent'), name: 'etcd-mysql-1' }], [HEADLESS]),
    expect: [
      NOT_TRIED,
      "fail mysql/greets#Pod/etcd-mysql-0: etcd-mysql-0 on node1: nobody listens on MySQL's port (refused indeed).",
      'fail mysql/greets#Pod/etcd-mysql-1: etcd-mysql-1 on node1 accepts the connection and never greets…',
      'skip mysql/replicas-greet: No instance greets; see mysql/greets.',
      ...['accepts-connections', 'spare-connections', 'has-primary', 'one-primary', 'server-ids-differ', 'no-forced-recovery'].map(
        (rule) => `skip mysql/${rule}: ${JUDGE}`,
      ),
      ...['cluster-has-quorum', 'cluster-members-healthy'].map((rule) => `skip mysql/${rule}: ${JUDGE}`),
      ...NO_REPLICA,
      ...NO_SERVICE,
      ...NO_LOG,
      'pass *',
    ],
  },
  'without a Service for writes, the primary is the one that its replica follows': {
    observation: observe([silent('silent'), replicating({ io: 'connecting', behind: null })], [HEADLESS]),
    expect: [
      'fail mysql/greets#Pod/etcd-mysql-0: etcd-mysql-0 on node1 accepts the connection and never greets…',
      receives(`etcd-mysql-1 receives nothing: ${PRIMARY_HOST}, which it replicates from, cannot be used; see mysql/greets.`),
      'skip mysql/has-primary: etcd-mysql-0, where the writes go, cannot be used; see mysql/greets and mysql/accepts-connections.',
      `skip mysql/accepts-connections: ${JUDGE}`,
      NO_LAG,
      ...NO_SERVICE,
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },
  'after a failover the dead one is a replica, whatever it was before': {
    observation: observe([silent('refused'), replica({ readOnly: false, replication: [] })], [HEADLESS, { ...MASTER, ready: ['etcd-mysql-1'] }]),
    expect: [
      "fail mysql/replicas-greet#Pod/etcd-mysql-0: etcd-mysql-0 on node1: nobody listens on MySQL's port…",
      'skip mysql/server-ids-differ: Nothing is replicated between the instances that answer…',
      ...NO_REPLICA,
      ...ALL_WELL,
    ],
  },
  'an exporter that is logged in proves that a server lives which refuses us': {
    observation: observe([
      primary({}, { greeting: { kind: 'refused', message: 'x:3306: connection refused' }, exporter: 'exporter', exporterUp: true, vouched: false }),
      replica(),
    ]),
    expect: ALL_WELL,
  },
  'a host of ours that has no account is no fault': {
    observation: observe([primary({}, { greeting: { kind: 'error', code: 1130, message: "Host '127.0.0.1' is not allowed to connect" } }), replica()]),
    expect: ALL_WELL,
  },

  'a host is blocked': {
    observation: observe([refusing(1129, "Host '10.0.0.7' is blocked because of many connection errors"), replica()]),
    expect: [
      "fail mysql/accepts-connections#Pod/etcd-mysql-0: etcd-mysql-0 refuses with error 1129: a host was blocked after max_connect_errors failed connections (Host '10.0.0.7' is blocked because of many connection errors).",
      ...WITHOUT_PRIMARY,
      ...NO_LOG,
      'pass *',
    ],
  },
  'another error instead of a greeting': {
    observation: observe([refusing(1135, "Can't create a new thread (errno 11)"), replica()]),
    expect: [
      "fail mysql/accepts-connections#Pod/etcd-mysql-0: etcd-mysql-0 answers every connection with error 1135: Can't create a new thread (errno 11)",
      ...WITHOUT_PRIMARY,
      ...NO_LOG,
      'pass *',
    ],
  },
  'no connection is left on the replica': {
    observation: observe([primary(), { ...refusing(1040, 'Too many connections'), name: 'etcd-mysql-1' }]),
    expect: [
      'fail mysql/spare-connections#Pod/etcd-mysql-1: etcd-mysql-1, which does not take the writes, refuses new connections with error 1040: Too many connections',
      'skip mysql/server-ids-differ: Nothing is replicated between the instances that answer…',
      ...NO_REPLICA,
      ...ALL_WELL,
    ],
  },
  '79 of 100 connections': { observation: observe([primary({ connections: 79 }), replica()]), expect: ALL_WELL },
  '80 of 100 connections': {
    observation: observe([primary({ connections: 80 }), replica()]),
    expect: ['fail mysql/spare-connections#Pod/etcd-mysql-0: etcd-mysql-0 has 80 of 100 connections in use (80 %).', ...ALL_WELL],
  },

  'everything is read-only, and nothing tells where the writes should go': {
    observation: observe([primary({ readOnly: true }), replica({ replication: [] })], [HEADLESS]),
    expect: [
      'fail mysql/has-primary: There is no primary: all 2 instances that answer (etcd-mysql-0, etcd-mysql-1) are read-only, and every write fails with error 1290.',
      'skip mysql/server-ids-differ: Nothing is replicated between the instances that answer…',
      ...NO_REPLICA,
      ...NO_SERVICE,
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },
  'two writable instances that know nothing of each other': {
    observation: observe([primary(), replica({ readOnly: false, replication: [] })]),
    expect: [
      'fail mysql/one-primary: Split brain: etcd-mysql-0, etcd-mysql-1 all take writes and do not replicate from each other, so their data drifts apart.',
      'skip mysql/server-ids-differ: Nothing is replicated between the instances that answer…',
      ...NO_REPLICA,
      ...ALL_WELL,
    ],
  },
  'a replica that was stopped by hand and made writable is a second primary': {
    observation: observe([primary(), replicating({ io: 'no', sql: false, behind: null }, { readOnly: false })]),
    expect: [
      'fail mysql/one-primary: Split brain: etcd-mysql-0, etcd-mysql-1 all take writes…',
      'skip mysql/server-ids-differ: Nothing is replicated between the instances that answer…',
      ...NO_REPLICA,
      ...ALL_WELL,
    ],
  },
  'a writable replica whose replication failed is still a replica': {
    observation: observe([primary(), replicating({ sql: false, behind: null, sqlErrno: 1032, sqlError: "Can't find record in 'app'" }, { readOnly: false })]),
    expect: [
      'fail mysql/replicas-read-only#Pod/etcd-mysql-1: etcd-mysql-1 replicates from etcd-mysql-0 and is not read-only…',
      `fail mysql/applies-changes#Pod/etcd-mysql-1: The data of etcd-mysql-1 differs from that of ${PRIMARY_HOST}; applying stopped with error 1032: Can't find record in 'app'`,
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'writable instances of different workloads are different databases': {
    observation: observe([primary(), replica({ readOnly: false, replication: [] }, { workload: 'other-mysql' })]),
    expect: ['skip mysql/server-ids-differ: Nothing is replicated between the instances that answer…', ...NO_REPLICA, ...ALL_WELL],
  },
  'two primaries that replicate from each other': {
    observation: observe([primary({ replication: [channel({ leadsTo: ['etcd-mysql-1'], host: 'etcd-mysql-1.etcd-mysql' })] }), replica({ readOnly: false })]),
    expect: [
      'fail mysql/one-primary: Two primaries: etcd-mysql-0, etcd-mysql-1 replicate from each other and all take writes, so that writes of the same row collide.',
      `fail mysql/writes-reach-primary${SET}: Service etcd-mysql-master is there for writes and leads to etcd-mysql-0, which replicates from etcd-mysql-1…`,
      SEE_WRITES,
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },
  'the Service for writes leads to the replica': {
    observation: observe([primary(), replica()], [HEADLESS, { ...MASTER, ready: ['etcd-mysql-1'] }]),
    expect: [
      `fail mysql/writes-reach-primary${SET}: Service etcd-mysql-master is there for writes and leads to etcd-mysql-1, which is read-only: every write fails with error 1290.`,
      SEE_WRITES,
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },
  'the Service for writes leads to a replica that takes them': {
    observation: observe([primary(), replica({ readOnly: false })], [HEADLESS, { ...MASTER, ready: ['etcd-mysql-1'] }]),
    expect: [
      `fail mysql/writes-reach-primary${SET}: Service etcd-mysql-master is there for writes and leads to etcd-mysql-1, which replicates from etcd-mysql-0: what is written there is nowhere else and will be lost.`,
      'fail mysql/replicas-read-only#Pod/etcd-mysql-1: etcd-mysql-1 replicates…',
      SEE_WRITES,
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },
  'the only way in leads to all of them': {
    observation: observe([primary(), replica()], [{ ...HEADLESS, headless: false, writes: 'only' }]),
    expect: [
      'pass mysql/writes-reach-primary#Service/etcd-mysql',
      'fail mysql/writes-reach-only-primary#Service/etcd-mysql: Service etcd-mysql is there for writes and leads to etcd-mysql-1 beside the writable etcd-mysql-0: some of the writes fail or go into a replica.',
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },
  'the Service for writes leads to something else': {
    observation: observe([primary(), replica()], [HEADLESS, { ...MASTER, ready: ['10.244.3.9'] }]),
    expect: [
      `skip mysql/writes-reach-primary${SET}: The endpoints of Service etcd-mysql-master are no instances of this MySQL.`,
      SEE_WRITES,
      ...NO_LOG,
      ...NO_CLUSTER,
      'pass *',
    ],
  },

  'the IO thread was stopped by hand': {
    observation: observe([primary(), replicating({ io: 'no', behind: null })]),
    expect: [receives(`The IO thread of etcd-mysql-1 was stopped by hand: it no longer receives changes from ${PRIMARY_HOST}.`), NO_LAG, ...ALL_WELL],
  },
  'an exporter does not tell why the IO thread does not run': {
    observation: observe([primary(), replicating({ io: 'not-running', behind: null })]),
    expect: [
      receives(
        `Its exporter says that the IO thread of etcd-mysql-1 receives nothing from ${PRIMARY_HOST}, without an error: it was stopped, or is about to connect.`,
      ),
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'the binary logs are purged': {
    observation: observe([
      primary(),
      replicating({ io: 'no', behind: null, ioErrno: 1236, ioError: 'Could not find first log file name in binary log index file' }),
    ]),
    expect: [
      receives(
        `etcd-mysql-1 needs binary logs that ${PRIMARY_HOST} no longer has (error 1236); it cannot go on and must be rebuilt: Could not find first log…`,
      ),
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'the replica may not log in': {
    observation: observe([primary(), replicating({ io: 'connecting', behind: null, ioErrno: 1045, ioError: "Access denied for user 'repl'" })]),
    expect: [receives(`etcd-mysql-1 cannot connect to ${PRIMARY_HOST} and keeps trying (error 1045): Access denied for user 'repl'`), NO_LAG, ...ALL_WELL],
  },
  'the IO thread ended with another error': {
    observation: observe([
      primary(),
      replicating({ io: 'no', behind: null, ioErrno: 1593, ioError: 'The slave I/O thread stops because master and slave have equal UUIDs' }),
    ]),
    expect: [
      receives(`The IO thread of etcd-mysql-1 ended with error 1593 and receives nothing from ${PRIMARY_HOST}: The slave I/O thread stops…`),
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'the SQL thread was stopped by hand': {
    observation: observe([primary(), replicating({ sql: false, behind: null })]),
    expect: [
      'fail mysql/applies-changes#Pod/etcd-mysql-1: The SQL thread of etcd-mysql-1 was stopped by hand: what it receives is not applied.',
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'the SQL thread ended with another error': {
    observation: observe([primary(), replicating({ sql: false, behind: null, sqlErrno: 1021, sqlError: 'Disk full' })]),
    expect: ['fail mysql/applies-changes#Pod/etcd-mysql-1: The SQL thread of etcd-mysql-1 ended with error 1021: Disk full', NO_LAG, ...ALL_WELL],
  },
  '30 s behind': { observation: observe([primary(), replicating({ behind: 30 })]), expect: ALL_WELL },
  '31 s behind': {
    observation: observe([primary(), replicating({ behind: 31 })]),
    expect: [`fail mysql/replica-lag#Pod/etcd-mysql-1: etcd-mysql-1 is 31 s behind ${PRIMARY_HOST}; 30 s are acceptable.`, ...ALL_WELL],
  },
  'late on purpose is not late': { observation: observe([primary(), replicating({ behind: 3620, delay: 3600 })]), expect: ALL_WELL },
  'NULL is not 0': {
    observation: observe([primary(), replicating({ behind: null })]),
    expect: [
      'fail mysql/replica-lag#Pod/etcd-mysql-1: Both replication threads of etcd-mysql-1 run and its delay is NULL: it does not know how far behind it is.',
      ...ALL_WELL,
    ],
  },
  'a source that is gone': {
    observation: observe([
      primary(),
      replicating({ io: 'connecting', behind: null, ioErrno: 2003, ioError: "Can't connect", host: '10.244.9.9', leadsTo: [] }),
    ]),
    expect: [
      receives("etcd-mysql-1 cannot connect to 10.244.9.9 and keeps trying (error 2003): Can't connect"),
      'fail mysql/follows-instance#Pod/etcd-mysql-1: etcd-mysql-1 replicates from 10.244.9.9, which is no instance of this MySQL and cannot be reached: it is gone, or the address is stale.',
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'an instance that follows itself': {
    observation: observe([primary(), replicating({ io: 'no', behind: null, ioErrno: 1593, leadsTo: ['etcd-mysql-1'], host: 'etcd-mysql-1' })]),
    expect: [
      receives('The IO thread of etcd-mysql-1 ended with error 1593 and receives nothing from etcd-mysql-1: —'),
      'fail mysql/follows-instance#Pod/etcd-mysql-1: etcd-mysql-1 replicates from etcd-mysql-1, which is itself.',
      NO_LAG,
      ...ALL_WELL,
    ],
  },
  'a source of another site': {
    observation: observe([primary({ replication: [channel({ host: 'mysql.site-a.example', leadsTo: [] })] }), replica()]),
    expect: [
      'skip mysql/follows-instance#Pod/etcd-mysql-0: etcd-mysql-0 replicates from mysql.site-a.example outside of this component, and that works.',
      'pass mysql/follows-instance',
      ...ALL_WELL,
    ],
  },
  'two with one server_id': {
    observation: observe([primary(), replica({ serverId: 1 })]),
    expect: [
      'fail mysql/server-ids-differ#Pod/etcd-mysql-0: etcd-mysql-0, etcd-mysql-1 all have server_id 1: a source takes them for one replica…',
      ...ALL_WELL,
    ],
  },
  'forced recovery': {
    observation: observe([primary({ forceRecovery: 4 }), replica()]),
    expect: [
      'fail mysql/no-forced-recovery#Pod/etcd-mysql-0: etcd-mysql-0 runs with innodb_force_recovery=4, the mode for rescuing damaged data; from 4 on it may damage it for good.',
      ...ALL_WELL,
    ],
  },

  'a group whose members are all online': { observation: group(member('ONLINE')), expect: [IS_CLUSTER, ...NO_REPLICA, ...SERVED, ...NO_LOG, 'pass *'] },
  'a group with a member that recovers': {
    observation: group(member('ONLINE'), member('RECOVERING', 'etcd-mysql-2')),
    expect: [
      IS_CLUSTER,
      'fail mysql/cluster-members-healthy#Pod/etcd-mysql-2: Member etcd-mysql-2 of the group is RECOVERING.',
      ...NO_REPLICA,
      ...SERVED,
      ...NO_LOG,
      'pass *',
    ],
  },
  'a group without a majority': {
    observation: group(member('UNREACHABLE')),
    expect: [
      IS_CLUSTER,
      'fail mysql/cluster-has-quorum: Group replication has no majority: 1 of 2 members are reachable (etcd-mysql-0 ONLINE, etcd-mysql-1 UNREACHABLE), and writes wait for ever.',
      'skip mysql/cluster-members-healthy: The cluster has no quorum; see mysql/cluster-has-quorum.',
      ...NO_REPLICA,
      ...SERVED,
      ...NO_LOG,
      'pass *',
    ],
  },
  'Galera with two writable nodes': {
    observation: observe([primary(galera()), replica({ readOnly: false, replication: [], ...galera() })]),
    expect: [IS_CLUSTER, ...NO_REPLICA, ...SERVED, ...NO_LOG, 'pass *'],
  },
  'Galera with a node that joins': {
    observation: observe([primary(galera()), replica({ readOnly: false, replication: [], ...galera({ ready: false, state: 1 }) })]),
    expect: [
      IS_CLUSTER,
      'fail mysql/cluster-members-healthy#Pod/etcd-mysql-1: etcd-mysql-1 is no healthy node of Galera: Primary, not ready, Joining.',
      ...NO_REPLICA,
      ...SERVED,
      ...NO_LOG,
      'pass *',
    ],
  },
  'Galera that is held up': {
    observation: observe([primary(galera({ flowPaused: 0.4 })), replica({ readOnly: false, replication: [], ...galera() })]),
    expect: [
      IS_CLUSTER,
      'fail mysql/cluster-members-healthy#Pod/etcd-mysql-0: Flow control stopped the writes of etcd-mysql-0 for 40 % of the time: a node cannot keep up.',
      ...NO_REPLICA,
      ...SERVED,
      ...NO_LOG,
      'pass *',
    ],
  },
  'Galera without a primary component': {
    observation: observe([
      primary(galera({ primary: false, ready: false })),
      replica({ readOnly: false, replication: [], ...galera({ primary: false, ready: false }) }),
    ]),
    expect: [
      IS_CLUSTER,
      'fail mysql/cluster-has-quorum: No node of Galera is ready in a primary component (etcd-mysql-0, etcd-mysql-1): the whole cluster refuses queries.',
      'skip mysql/cluster-members-healthy: The cluster has no quorum; see mysql/cluster-has-quorum.',
      ...NO_REPLICA,
      ...SERVED,
      ...NO_LOG,
      'pass *',
    ],
  },

  'the log says that the disk is full': {
    observation: observe([silent('silent', { log: { cause: 'disk-full', line: 'Disk is full writing ./binlog.000007' } }), replica()]),
    expect: [
      'fail mysql/greets#Pod/etcd-mysql-0: etcd-mysql-0 on node1 accepts the connection and never greets: it hangs, as with a full disk or a lock that is not released (Disk is full writing ./binlog.000007).',
      'fail mysql/disk-has-room#Pod/etcd-mysql-0: The disk of etcd-mysql-0 is full, and that is why MySQL does not work: Disk is full writing ./binlog.000007',
      `skip mysql/accepts-connections: ${JUDGE}`,
      ...WITHOUT_PRIMARY,
      'pass *',
    ],
  },
  'the log says that data is damaged': {
    observation: observe([
      dead({ stopped: 'CrashLoopBackOff', log: { cause: 'damaged', line: '[ERROR] InnoDB: Database page corruption on disk' } }),
      replica(),
    ]),
    expect: [
      'fail mysql/greets#Pod/etcd-mysql-0: The container of etcd-mysql-0 on node1 does not run ([ERROR] InnoDB: Database page corruption on disk).',
      'fail mysql/data-intact#Pod/etcd-mysql-0: The data of etcd-mysql-0 is damaged and MySQL does not start: [ERROR] InnoDB: Database page corruption on disk',
      `skip mysql/accepts-connections: ${JUDGE}`,
      ...WITHOUT_PRIMARY,
      'pass *',
    ],
  },
};

function withoutMysql(): readonly string[] {
  return Object.keys(mysql.meta.rules)
    .filter((rule) => rule !== 'is-mysql')
    .map((rule) => `skip mysql/${rule}: It serves no MySQL: no pod declares port 3306, and none answers there.`);
}

testCheck(mysql, cases, { fixtures: new URL('../fixtures/mysql/', import.meta.url) });
testContract(mysql, new URL('../../checks/mysql/', import.meta.url));

test('what a fault is laid at: the node that is gone, and nothing else by itself', () => {
  const say = (observation: MysqlObservation) =>
    mysql.evaluate(observation, { options: options(), now: new Date(NOW) }).find(({ rule, verdict }) => rule === 'greets' && verdict === 'fail');
  const lost = say(observe([dead({ lost: true }), replica()]));
  const hung = say(observe([silent('silent', { unreadySince: '2026-01-15T02:00:00Z' }), replica()]));

  assert.deepEqual(lost?.verdict === 'fail' && lost.because, ['node/node1']);
  assert.equal(hung?.verdict === 'fail' && hung.because, undefined);
  assert.equal(hung?.verdict === 'fail' && hung.since, '2026-01-15T02:00:00Z');
});

test('the topology says who takes the writes, who follows, and whether an etcd is there', () => {
  const draw = (observation: MysqlObservation) => mysql.topology?.(observation, { options: options(), now: new Date(NOW) });
  const well = draw(observe([primary({}, { etcd: true }), replicating({ behind: 4 }, {})]));
  assert.equal(well?.summary.en, 'MySQL with 2 instances; primary etcd-mysql-0; 1 replica, at most 4 s behind; an etcd answers in 1 pod as well.');
  assert.equal(well?.summary.zh, 'MySQL（2 个实例），主库 etcd-mysql-0，从库 1 个，最大延迟 4 秒，另有 1 个 Pod 应答 etcd。');
  assert.deepEqual(well?.members[1], {
    name: 'etcd-mysql-1',
    role: 'replica',
    follows: 'etcd-mysql-0',
    facts: { node: 'node2', link: 'up', lag: '4 s', 'read-only': true, version: '5.7.22-log', clients: '10/100' },
  });
  const broken = draw(observe([silent('silent'), replicating({ io: 'connecting', behind: null }, {})]));
  assert.deepEqual(
    broken?.members.map(({ role, follows }) => [role, follows]),
    [
      ['down', undefined],
      ['replica', 'etcd-mysql-0'],
    ],
  );
  assert.match(broken?.summary.en ?? '', /at most \? s behind/);
  assert.deepEqual(
    draw(observe([instance(0, {}), primary({ readOnly: true })]))?.members.map(({ role }) => role),
    ['unknown', 'read-only'],
  );
  const etcd = draw({ port: 3306, instances: [], others: [{ name: 'etcd-mysql-0', etcd: true }] });
  assert.equal(etcd?.summary.en, 'Here it is an etcd and serves no MySQL.');
  assert.equal(draw({ port: 3306, instances: [], others: [] }), undefined);
});

function options(): MysqlOptions {
  return { port: 3306, etcdPort: 2379, exporterPort: 9104, connectionsPercent: 80, lagSeconds: 30, flowPausedPercent: 10 };
}

// ---- the probe

const READY = [{ type: 'Ready', status: 'True' }];
const RUNNING = [{ name: 'mysql', ready: true, state: { running: {} } }];

function mysqlPod(
  ordinal: number,
  given: { readonly container?: Partial<Container>; readonly status?: Pod['status']; readonly beside?: readonly Container[] } = {},
): Pod {
  const container = {
    name: 'mysql',
    image: 'mysql:5.7.22',
    ports: [{ containerPort: 3306 }],
    readinessProbe: { tcpSocket: { port: 3306 } },
    ...given.container,
  };
  return {
    metadata: { name: `etcd-mysql-${ordinal}`, namespace: NAMESPACE, ownerReferences: [{ kind: 'StatefulSet', name: 'etcd-mysql', controller: true }] },
    spec: { nodeName: `node${ordinal + 1}`, containers: [container, ...(given.beside ?? [])] },
    status: { phase: 'Running', podIP: `10.244.${ordinal}.7`, conditions: READY, containerStatuses: RUNNING, ...given.status },
  };
}

function exporterPod(name: string, dataSource: string | undefined): Pod {
  const env = dataSource === undefined ? [] : [{ name: 'DATA_SOURCE_NAME', value: dataSource }];
  return {
    metadata: { name, namespace: NAMESPACE },
    spec: { nodeName: 'node3', containers: [{ name: 'exporter', image: 'prom/mysqld-exporter:v0.14.0', ports: [{ containerPort: 9104 }], env }] },
    status: { phase: 'Running', podIP: '10.244.3.3', conditions: READY, containerStatuses: [{ name: 'exporter', ready: true, state: { running: {} } }] },
  };
}

const SERVICES: readonly Service[] = [
  { metadata: { name: 'etcd-mysql', namespace: NAMESPACE }, spec: { clusterIP: 'None', ports: [{ port: 3306 }] } },
  { metadata: { name: 'etcd-mysql-master', namespace: NAMESPACE }, spec: { clusterIP: '10.96.0.9', ports: [{ port: 3306, targetPort: 3306 }] } },
  { metadata: { name: 'etcd-mysql-metrics', namespace: NAMESPACE }, spec: { clusterIP: '10.96.0.10', ports: [{ port: 9104 }] } },
];
const address = (ordinal: number) => ({ ip: `10.244.${ordinal}.7`, targetRef: { kind: 'Pod', name: `etcd-mysql-${ordinal}` } });
const ENDPOINTS: readonly Endpoints[] = [
  { metadata: { name: 'etcd-mysql', namespace: NAMESPACE }, subsets: [{ addresses: [address(0), address(1)], ports: [{ port: 3306 }] }] },
  { metadata: { name: 'etcd-mysql-master', namespace: NAMESPACE }, subsets: [{ addresses: [address(0)], ports: [{ port: 3306 }] }] },
];

const own = (...names: readonly string[]) => names.map((name) => ({ namespace: NAMESPACE, name }));
const EXPORTERS = ['exporter-0', 'exporter-1'];

function target(pods: readonly string[], exporters: readonly string[]): Partial<Target> {
  const base = { presence: 'present', services: [] } as const;
  return {
    component: `${NAMESPACE}/etcd-mysql`,
    namespace: NAMESPACE,
    workloads: [{ kind: 'StatefulSet', namespace: NAMESPACE, name: 'etcd-mysql' }],
    pods: own(...pods),
    services: own(...SERVICES.map(({ metadata }) => metadata.name)),
    peers: exporters.length === 0 ? {} : { exporter: exporters.map((name) => ({ ...base, component: `${NAMESPACE}/${name}`, pods: own(name) })) },
  };
}

/** Two instances, and an exporter for each where they are wanted. */
function scene(given: Partial<Scene<MysqlOptions>> & { readonly pods?: readonly Pod[]; readonly exporters?: readonly Pod[] }): Scene<MysqlOptions> {
  const { pods = [mysqlPod(0), mysqlPod(1)], exporters = [], ...rest } = given;
  return {
    target: target(
      pods.map(({ metadata }) => metadata.name),
      exporters.map(({ metadata }) => metadata.name),
    ),
    objects: { pods: [...pods, ...exporters], services: SERVICES, endpoints: ENDPOINTS },
    ...rest,
  };
}

const at = (ordinal: number): string => `${NAMESPACE}/etcd-mysql-${ordinal}:3306`;
const greets = (version: string) => ({ kind: 'handshake', version }) as const;
const shown = (values: Readonly<Record<string, string>>): readonly SqlRow[] =>
  Object.entries(values).map(([name, value]) => ({ Variable_name: name, Value: value }));
const variables = (readOnly: 'ON' | 'OFF', serverId: number, more: Readonly<Record<string, string>> = {}): readonly SqlRow[] =>
  shown({ read_only: readOnly, server_id: String(serverId), max_connections: '151', innodb_force_recovery: '0', ...more });
const status = (more: Readonly<Record<string, string>> = {}): readonly SqlRow[] => shown({ Threads_connected: '7', ...more });
const SLAVE: SqlRow = {
  Master_Host: PRIMARY_HOST,
  Slave_IO_Running: 'Yes',
  Slave_SQL_Running: 'Yes',
  Seconds_Behind_Master: '0',
  Last_IO_Errno: '0',
  Last_IO_Error: '',
  Last_SQL_Errno: '0',
  Last_SQL_Error: '',
  SQL_Delay: '0',
};
const REPLICA: SqlRow = Object.fromEntries(Object.entries(SLAVE).map(([name, value]) => [name.replace('Master', 'Source').replace('Slave', 'Replica'), value]));

/** A primary and a replica that let us in, asked by this statement for their replication. */
function letsIn(version: string, statement: string, row: SqlRow, extra: Readonly<Record<string, readonly SqlRow[] | 'ServerError'>> = {}): Servers {
  return {
    [at(0)]: { greeting: greets(version), rows: { [VARIABLES]: variables('OFF', 1), [STATUS]: status(), [statement]: [], ...extra } },
    [at(1)]: { greeting: greets(version), rows: { [VARIABLES]: variables('ON', 2), [STATUS]: status(), [statement]: [row], ...extra } },
  };
}

function faults(lines: readonly string[]): readonly string[] {
  return lines.filter((line) => line.startsWith('fail'));
}

test('each version is asked in its own words, and one that does not know them in the other ones', async () => {
  for (const [version, statement, row, extra] of [
    ['5.5.5-10.11.19-MariaDB-log', 'SHOW ALL SLAVES STATUS', { Connection_name: '', ...SLAVE }, {}],
    ['5.6.51', 'SHOW SLAVE STATUS', SLAVE, {}],
    ['5.7.22-log', 'SHOW SLAVE STATUS', SLAVE, {}],
    ['8.0.21', 'SHOW SLAVE STATUS', SLAVE, {}],
    ['8.0.22', 'SHOW REPLICA STATUS', REPLICA, {}],
    ['8.4.3', 'SHOW REPLICA STATUS', REPLICA, {}],
    ['9.1.0', 'SHOW REPLICA STATUS', REPLICA, {}],
    ['8.0.36-proxied', 'SHOW SLAVE STATUS', SLAVE, { 'SHOW REPLICA STATUS': 'ServerError' }],
  ] as const) {
    const { observation, blindSpots } = await probeWith(mysql, scene({ mysql: letsIn(version, statement, row, extra) }));

    assert.deepEqual(blindSpots, [], version);
    assert.deepEqual(faults(verdictLines(mysql, observation)), [], version);
    const { instances } = observation as unknown as MysqlObservation;
    assert.deepEqual(instances[1]?.facts?.replication?.[0]?.leadsTo, ['etcd-mysql-0'], version);
    assert.equal(instances[1]?.facts?.replication?.[0]?.behind, 0, version);
    assert.equal(instances[0]?.greeting?.kind === 'handshake' && instances[0].greeting.version, version.replace('5.5.5-', ''));
  }
});

test('NULL, a broken thread and an error with a statement in it come through as they are, without the statement', async () => {
  const row = {
    ...SLAVE,
    Slave_IO_Running: 'Connecting',
    Slave_SQL_Running: 'No',
    Seconds_Behind_Master: null,
    Last_SQL_Errno: '1062',
    Last_SQL_Error: `Error 'Duplicate entry 'ada@example.com' for key 'PRIMARY'' on query. Default database: 'ncs'. Query: 'INSERT INTO user VALUES ("ada@example.com", "canary")'`,
  };
  const { observation } = await probeWith(mysql, scene({ mysql: letsIn('5.7.22', 'SHOW SLAVE STATUS', row) }));

  const [found] = (observation as unknown as MysqlObservation).instances[1]?.facts?.replication ?? [];
  assert.deepEqual([found?.io, found?.sql, found?.behind, found?.sqlErrno], ['connecting', false, null, 1062]);
  assert.doesNotMatch(JSON.stringify(observation), /canary|ada@/);
});

test('a group and a Galera cluster are asked for their members', async () => {
  const group = 'group_replication_group_name';
  const members = [
    { CHANNEL_NAME: 'group_replication_applier', MEMBER_HOST: 'etcd-mysql-0', MEMBER_STATE: 'ONLINE', MEMBER_ROLE: 'PRIMARY' },
    { CHANNEL_NAME: 'group_replication_applier', MEMBER_HOST: 'etcd-mysql-1', MEMBER_STATE: 'ERROR', MEMBER_ROLE: 'SECONDARY' },
    { CHANNEL_NAME: 'group_replication_applier', MEMBER_HOST: 'etcd-mysql-2', MEMBER_STATE: 'ONLINE', MEMBER_ROLE: 'SECONDARY' },
  ];
  const channels = [{ ...REPLICA, Source_Host: '<NULL>', Channel_Name: 'group_replication_applier', Replica_IO_Running: 'No' }];
  const rows = (readOnly: 'ON' | 'OFF', id: number) => ({
    [VARIABLES]: variables(readOnly, id, { [group]: '6a2e' }),
    [STATUS]: status(),
    'SHOW REPLICA STATUS': channels,
    [GROUP_MEMBERS]: members,
  });
  const inGroup = await probeWith(
    mysql,
    scene({ mysql: { [at(0)]: { greeting: greets('8.0.36'), rows: rows('OFF', 1) }, [at(1)]: { greeting: greets('8.0.36'), rows: rows('ON', 2) } } }),
  );
  assert.deepEqual(faults(verdictLines(mysql, inGroup.observation)), [
    'fail mysql/cluster-members-healthy#Pod/etcd-mysql-1: Member etcd-mysql-1 of the group is ERROR.',
  ]);

  const wsrep = (state: string) => status({ wsrep_cluster_status: 'Primary', wsrep_ready: 'ON', wsrep_local_state: state, wsrep_cluster_size: '2' });
  const node = (id: number, state: string) => ({
    greeting: greets('10.6.12-MariaDB'),
    rows: { [VARIABLES]: variables('OFF', id, { wsrep_on: 'ON' }), [STATUS]: wsrep(state), 'SHOW ALL SLAVES STATUS': [] },
  });
  const inGalera = await probeWith(mysql, scene({ mysql: { [at(0)]: node(1, '4'), [at(1)]: node(1, '3') } }));
  assert.deepEqual(faults(verdictLines(mysql, inGalera.observation)), [
    'fail mysql/server-ids-differ#Pod/etcd-mysql-0: etcd-mysql-0, etcd-mysql-1 all have server_id 1: a source takes them for one replica, and events with the own id are passed over.',
    'fail mysql/cluster-members-healthy#Pod/etcd-mysql-1: etcd-mysql-1 is no healthy node of Galera: Primary, ready, Joined.',
  ]);
});

// ---- without a login

const scrape = (lines: readonly string[]): { readonly status: number; readonly body: string } => ({ status: 200, body: `${lines.join('\n')}\n` });
const told = (readOnly: number, serverId: number): readonly string[] => [
  'mysql_up 1',
  'mysql_exporter_last_scrape_error 0',
  'mysql_exporter_collector_duration_seconds{collector="collect.slave_status"} 0.0002',
  'mysql_global_status_threads_connected 7',
  'mysql_global_variables_max_connections 151',
  'mysql_global_variables_innodb_force_recovery 0',
  `mysql_global_variables_read_only ${readOnly}`,
  `mysql_global_variables_server_id ${serverId}`,
];
const LABELS = `{channel_name="",connection_name="",master_host="${PRIMARY_HOST}",master_uuid=""}`;
const FOLLOWS = ['slave_io_running', 'slave_sql_running'].map((name) => `mysql_slave_status_${name}${LABELS} 1`);
const IN_TIME = `mysql_slave_status_seconds_behind_master${LABELS} 0`;
const OF_PRIMARY = scrape(told(0, 1));
const OF_REPLICA = scrape([...told(1, 2), ...FOLLOWS, IN_TIME]);
const metricsOf = (pod: string): string => `pod ${NAMESPACE}/${pod}:9104 ${METRICS_NEEDED}`;

const TWO_EXPORTERS = [
  exporterPod('exporter-0', 'exporter:can@ry/1@(etcd-mysql-0.etcd-mysql.skiff-platform.svc:3306)/'),
  exporterPod('exporter-1', 'exporter:can@ry/1@tcp(10.244.1.7:3306)/?tls=false'),
];
const LOCKED = { [at(0)]: { greeting: greets('5.7.22') }, [at(1)]: { greeting: greets('5.7.22') } };
const NEED_A_LOGIN = [
  'has-primary',
  'writes-reach-primary',
  'writes-reach-only-primary',
  'receives-changes',
  'applies-changes',
  'replica-lag',
  'follows-instance',
  'one-primary',
  'replicas-read-only',
  'server-ids-differ',
  'spare-connections',
  'no-forced-recovery',
  'cluster-has-quorum',
  'cluster-members-healthy',
];

test('without credentials the exporters tell, and no password of theirs is kept', async () => {
  const { observation, blindSpots } = await probeWith(
    mysql,
    scene({ exporters: TWO_EXPORTERS, mysql: LOCKED, http: { [metricsOf('exporter-0')]: OF_PRIMARY, [metricsOf('exporter-1')]: OF_REPLICA } }),
  );

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(faults(verdictLines(mysql, observation)), []);
  assert.deepEqual(
    (observation as unknown as MysqlObservation).instances.map(({ exporter }) => exporter),
    EXPORTERS,
  );
  assert.doesNotMatch(JSON.stringify(observation), /can@ry|@/);
});

test('without credentials and without exporters exactly the rules that need a login are unknown', async () => {
  const { observation, blindSpots } = await probeWith(mysql, scene({ mysql: LOCKED }));

  assert.deepEqual(
    blindSpots.map(({ subject, problem }) => [subject?.name, problem.reason]),
    [
      ['etcd-mysql-0', 'NoCredentials'],
      ['etcd-mysql-1', 'NoCredentials'],
    ],
  );
  assert.deepEqual([...(blindSpots[0]?.rules ?? [])].sort(), [...NEED_A_LOGIN].sort());
  // Nothing leads writes to the replica.
  assert.ok(!blindSpots[1]?.rules.includes('writes-reach-primary'));
  assert.deepEqual(verdictLines(mysql, observation), [
    'pass mysql/is-mysql',
    NOT_TRIED,
    'pass mysql/greets',
    'pass mysql/replicas-greet',
    'pass mysql/accepts-connections',
    ...NO_LOG,
  ]);
});

test('credentials that are not accepted are told, and are no fault', async () => {
  const rejects = { greeting: greets('5.7.22'), refused: 'CredentialsRejected' } as const;
  const { observation, blindSpots } = await probeWith(mysql, scene({ mysql: { [at(0)]: rejects, [at(1)]: rejects } }));

  assert.deepEqual(
    blindSpots.map(({ problem }) => problem.reason),
    ['CredentialsRejected', 'CredentialsRejected'],
  );
  assert.deepEqual(
    faults(verdictLines(mysql, observation)).map((line) => line.split(':')[0]),
    ['fail mysql/login-accepted#Pod/etcd-mysql-0', 'fail mysql/login-accepted#Pod/etcd-mysql-1'],
  );
});

test('an account that may not see the replication leaves that to the exporter, or unknown', async () => {
  const denied = { 'SHOW SLAVE STATUS': 'ServerError', 'SHOW REPLICA STATUS': 'ServerError' } as const;
  const mysqlOf = (): Servers => letsIn('5.7.22', 'SHOW SLAVE STATUS', SLAVE, denied);
  const alone = await probeWith(mysql, scene({ mysql: mysqlOf() }));
  assert.deepEqual(
    [...(alone.blindSpots[1]?.rules ?? [])].sort(),
    ['applies-changes', 'follows-instance', 'one-primary', 'receives-changes', 'replica-lag', 'replicas-read-only'].sort(),
  );
  assert.equal(alone.blindSpots[1]?.problem.reason, 'ServerError');

  const http = { [metricsOf('exporter-0')]: OF_PRIMARY, [metricsOf('exporter-1')]: OF_REPLICA };
  const helped = await probeWith(mysql, scene({ exporters: TWO_EXPORTERS, mysql: mysqlOf(), http }));
  assert.deepEqual(helped.blindSpots, []);
  const [, second] = (helped.observation as unknown as MysqlObservation).instances;
  assert.deepEqual([second?.exporter, second?.facts?.connections], ['exporter-1', 7]);
});

test('one exporter from 0.15 on tells of every instance; an older one only of its own', async () => {
  const hidden = exporterPod('exporter-0', undefined);
  const own = (version: string) => scrape([...told(0, 1), `mysqld_exporter_build_info{version="${version}"} 1`]);
  const selected = METRICS_NEEDED.slice('/metrics?'.length);
  const asked = (ordinal: number): string => `pod ${NAMESPACE}/exporter-0:9104 /probe?target=10.244.${ordinal}.7:3306&${selected}`;
  const general = await probeWith(
    mysql,
    scene({ exporters: [hidden], mysql: LOCKED, http: { [metricsOf('exporter-0')]: own('0.15.1'), [asked(0)]: OF_PRIMARY, [asked(1)]: OF_REPLICA } }),
  );
  assert.deepEqual(general.blindSpots, []);

  const older = await probeWith(mysql, scene({ exporters: [hidden], mysql: LOCKED, http: { [metricsOf('exporter-0')]: own('0.14.0') } }));
  assert.equal(older.blindSpots.length, 2, 'whose facts these are is not known');

  const single = await probeWith(
    mysql,
    scene({ pods: [mysqlPod(0)], exporters: [hidden], mysql: { [at(0)]: { greeting: greets('5.7.22') } }, http: { [metricsOf('exporter-0')]: own('0.14.0') } }),
  );
  assert.deepEqual(single.blindSpots, [], 'of one instance it speaks all the same');
});

test('an exporter beside the server in its own pod speaks for that one', async () => {
  const beside = [
    {
      name: 'metrics',
      image: 'bitnami/mysqld-exporter:0.13.0',
      ports: [{ containerPort: 9104 }],
      env: [{ name: 'DATA_SOURCE_NAME', value: 'root:canary@(localhost:3306)/' }],
    },
  ];
  const pods = [mysqlPod(0, { beside }), mysqlPod(1, { beside })];
  const { observation, blindSpots } = await probeWith(
    mysql,
    scene({ pods, mysql: LOCKED, http: { [metricsOf('etcd-mysql-0')]: OF_PRIMARY, [metricsOf('etcd-mysql-1')]: OF_REPLICA } }),
  );

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(faults(verdictLines(mysql, observation)), []);
});

test('what is no scrape, and what an exporter does not say, makes nothing green', async () => {
  const withoutReplication = scrape(told(0, 1).filter((line) => !line.includes('collector_duration')));
  for (const reply of [
    { status: 200, body: '<html>404</html>' },
    { status: 500, body: 'x' },
    scrape(['mysql_up 0']),
    { unreachable: 'refused' },
    'Forbidden',
  ] as const) {
    const { blindSpots } = await probeWith(
      mysql,
      scene({ exporters: TWO_EXPORTERS, mysql: LOCKED, http: { [metricsOf('exporter-0')]: reply, [metricsOf('exporter-1')]: OF_REPLICA } }),
    );
    assert.ok(
      blindSpots.some(({ subject, rules }) => subject?.name === 'etcd-mysql-0' && rules.includes('has-primary')),
      JSON.stringify(reply),
    );
  }
  const { blindSpots } = await probeWith(
    mysql,
    scene({ exporters: TWO_EXPORTERS, mysql: LOCKED, http: { [metricsOf('exporter-0')]: withoutReplication, [metricsOf('exporter-1')]: OF_REPLICA } }),
  );
  assert.deepEqual(
    blindSpots.map(({ subject, rules }) => [subject?.name, rules.includes('one-primary'), rules.includes('has-primary')]),
    [['etcd-mysql-0', true, false]],
  );
});

// ---- servers that do not greet, and ways that are not open

test('a pod that may not be asked does not hide the others, and an exporter may speak for it', async () => {
  for (const reason of ['Forbidden', 'ServerError', 'NotFound'] as const) {
    const mysqlOf = { [at(0)]: reason, [at(1)]: letsIn('5.7.22', 'SHOW SLAVE STATUS', SLAVE)?.[at(1)] ?? reason };
    const alone = await probeWith(mysql, scene({ mysql: mysqlOf }));
    assert.deepEqual(
      alone.blindSpots.map(({ subject, problem }) => [subject?.name, problem.reason]),
      [['etcd-mysql-0', reason]],
    );
    assert.ok(alone.blindSpots[0]?.rules.includes('greets'));
    const lines = verdictLines(mysql, alone.observation);
    assert.deepEqual(faults(lines), []);
    assert.ok(!lines.some((line) => line.startsWith('pass mysql/greets') || line.startsWith('pass mysql/has-primary')));

    const http = { [metricsOf('exporter-0')]: OF_PRIMARY };
    const helped = await probeWith(mysql, scene({ exporters: [TWO_EXPORTERS[0] as Pod], mysql: mysqlOf, http }));
    assert.deepEqual(helped.blindSpots, []);
    assert.ok(verdictLines(mysql, helped.observation).includes('pass mysql/greets'));
  }
});

test('a hung server: its log says why, and its exporter is not waited for', async () => {
  const log =
    '2026-01-15 02:00:00 0 [Note] ready\n2026-01-15 02:59:00 7 [ERROR] mariadbd: Disk is full writing \'./binlog.000007\' (Errcode: 28 "No space left on device")\n';
  const mysqlOf = {
    ...letsIn('5.7.22', 'SHOW SLAVE STATUS', { ...SLAVE, Slave_IO_Running: 'Connecting', Seconds_Behind_Master: null }),
    [at(0)]: { silence: 'silent' } as const,
  };
  const { observation, blindSpots } = await probeWith(
    mysql,
    scene({
      exporters: TWO_EXPORTERS,
      mysql: mysqlOf,
      http: { [`forward ${NAMESPACE}/etcd-mysql-0:2379 /health`]: { unreachable: 'refused' } },
      logs: { 'skiff-platform/etcd-mysql-0/mysql': log },
    }),
  );

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    faults(verdictLines(mysql, observation)).map((line) => line.split(':')[0]),
    ['fail mysql/greets#Pod/etcd-mysql-0', 'fail mysql/disk-has-room#Pod/etcd-mysql-0', 'fail mysql/receives-changes#Pod/etcd-mysql-1'],
  );
});

test('a log that may not be read leaves its rules unknown', async () => {
  const { observation, blindSpots } = await probeWith(
    mysql,
    scene({
      pods: [mysqlPod(0)],
      mysql: { [at(0)]: { silence: 'closed' } },
      http: { [`forward ${NAMESPACE}/etcd-mysql-0:2379 /health`]: 'Forbidden' },
      failures: { 'logs skiff-platform/etcd-mysql-0': 'Forbidden' },
    }),
  );

  assert.deepEqual(
    blindSpots.map(({ rules }) => rules),
    [['disk-has-room', 'data-intact']],
  );
  assert.ok(!verdictLines(mysql, observation).some((line) => line.includes('disk-has-room')));
});

test('a refusal to a port-forward is a fault only where nothing vouches for the server', async () => {
  const refused = { [at(0)]: { silence: 'refused' } } as const;
  const noEtcd = { [`forward ${NAMESPACE}/etcd-mysql-0:2379 /health`]: { unreachable: 'refused' } } as const;
  const vouched = await probeWith(mysql, scene({ pods: [mysqlPod(0)], mysql: refused, http: noEtcd }));
  assert.equal(vouched.blindSpots[0]?.problem.reason, 'Refused');
  assert.deepEqual(faults(verdictLines(mysql, vouched.observation)), []);

  const bound = mysqlPod(0, { container: { args: ['mysqld', '--bind-address=$(POD_IP)'], readinessProbe: {} } });
  const unreachable = await probeWith(mysql, scene({ pods: [bound], mysql: refused, http: noEtcd }));
  assert.equal(unreachable.blindSpots[0]?.problem.reason, 'Refused');
  assert.deepEqual(faults(verdictLines(mysql, unreachable.observation)), []);

  const unready = mysqlPod(0, {
    status: { conditions: [{ type: 'Ready', status: 'False' }], containerStatuses: [{ name: 'mysql', ready: false, state: { running: {} } }] },
  });
  const dying = await probeWith(mysql, scene({ pods: [unready], mysql: refused, http: noEtcd, logs: { 'skiff-platform/etcd-mysql-0/mysql': '' } }));
  assert.deepEqual(dying.blindSpots, []);
  assert.match(faults(verdictLines(mysql, dying.observation)).join(), /^fail mysql\/greets#Pod\/etcd-mysql-0/);
});

test('a pod that is well as an etcd and dead as a MySQL is critical', async () => {
  const both = mysqlPod(0, {
    container: { ports: [{ containerPort: 3306 }, { containerPort: 2379 }], readinessProbe: { httpGet: { port: 2379, path: '/health' } } },
  });
  for (const health of [
    { status: 200, body: '{"health":"true"}' },
    { status: 400, body: 'Client sent an HTTP request to an HTTPS server.\n' },
    { unreachable: 'tls' },
  ] as const) {
    const { observation } = await probeWith(
      mysql,
      scene({
        pods: [both],
        mysql: { [at(0)]: { silence: 'refused' } },
        http: { [`forward ${NAMESPACE}/etcd-mysql-0:2379 /health`]: health },
        logs: { 'skiff-platform/etcd-mysql-0/mysql': '' },
      }),
    );
    assert.deepEqual(faults(verdictLines(mysql, observation)), [
      'fail mysql/greets#Pod/etcd-mysql-0: etcd-mysql-0 on node1: its etcd answers and its MySQL is dead, so the pod looks well while the database is not there (refused).',
    ]);
  }
});

test('what it is is told by what the pods declare and what answers', async () => {
  const etcd = (ordinal: number): Pod =>
    mysqlPod(ordinal, { container: { image: 'quay.io/coreos/etcd:v3.4.13', name: 'etcd', ports: [{ containerPort: 2379 }] } });
  const health = (ordinal: number): string => `forward ${NAMESPACE}/etcd-mysql-${ordinal}:2379 /health`;
  const refused = { silence: 'refused' } as const;
  const alive = { status: 200, body: '{"health":"true"}' };
  const only = await probeWith(
    mysql,
    scene({
      pods: [etcd(0), etcd(1)],
      objects: { pods: [etcd(0), etcd(1)] },
      mysql: { [at(0)]: refused, [at(1)]: refused },
      http: { [health(0)]: alive, [health(1)]: alive },
    }),
  );
  assert.match(faults(verdictLines(mysql, only.observation)).join(), /^fail mysql\/is-mysql: Here it is an etcd \(2 pods\)/);

  const mixed = await probeWith(
    mysql,
    scene({ pods: [mysqlPod(0), etcd(1)], mysql: { [at(0)]: { greeting: greets('5.7.22') }, [at(1)]: refused }, http: { [health(1)]: alive } }),
  );
  const { instances, others } = mixed.observation as unknown as MysqlObservation;
  assert.deepEqual([instances.map(({ name }) => name), others], [['etcd-mysql-0'], [{ name: 'etcd-mysql-1', etcd: true }]]);

  const undeclared = mysqlPod(0, { container: { image: 'registry/db:1', ports: [] } });
  const answering = await probeWith(mysql, scene({ pods: [undeclared], mysql: { [at(0)]: { greeting: greets('5.7.22') } } }));
  assert.equal((answering.observation as unknown as MysqlObservation).instances.length, 1);
});

test('pods that cannot answer are not asked: their node is gone, or their container does not run', async () => {
  const lost = mysqlPod(0, { status: { conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: '2026-01-15T02:50:00Z' }] } });
  const crashed = mysqlPod(1, {
    status: {
      conditions: [{ type: 'Ready', status: 'False' }],
      containerStatuses: [{ name: 'mysql', ready: false, restartCount: 5, state: { waiting: { reason: 'CrashLoopBackOff' } } }],
    },
  });
  const log = '[ERROR] InnoDB: Database page corruption on disk or a failed file read\n[ERROR] Aborting\n';
  const { observation, blindSpots } = await probeWith(mysql, scene({ pods: [lost, crashed], logs: { 'skiff-platform/etcd-mysql-1/mysql previous': log } }));

  assert.deepEqual(blindSpots, []);
  const lines = faults(verdictLines(mysql, observation));
  assert.deepEqual(lines, [
    'fail mysql/greets#Pod/etcd-mysql-0: etcd-mysql-0 was lost with its node node1 (NodeLost).',
    'fail mysql/greets#Pod/etcd-mysql-1: The container of etcd-mysql-1 on node2 does not run ([ERROR] InnoDB: Database page corruption on disk or a failed file read).',
    'fail mysql/data-intact#Pod/etcd-mysql-1: The data of etcd-mysql-1 is damaged and MySQL does not start: [ERROR] InnoDB: Database page corruption on disk or a failed file read',
  ]);
});

test('Services that may not be listed leave unknown where writes go, and nothing else', async () => {
  const { observation, blindSpots } = await probeWith(
    mysql,
    scene({
      mysql: letsIn('5.7.22', 'SHOW SLAVE STATUS', SLAVE),
      objects: { pods: [mysqlPod(0), mysqlPod(1)], endpoints: ENDPOINTS },
      failures: { 'list services': 'Forbidden' },
    }),
  );

  assert.deepEqual(
    blindSpots.map(({ rules }) => rules),
    [['writes-reach-primary', 'writes-reach-only-primary']],
  );
  assert.deepEqual(faults(verdictLines(mysql, observation)), []);
});

test('which Service writes go through is told by its name, or by being the only way in', async () => {
  const written = async (...names: readonly string[]): Promise<readonly string[]> => {
    const services = names.map((name) => ({ metadata: { name, namespace: NAMESPACE }, spec: { clusterIP: '10.96.0.1', ports: [{ port: 3306 }] } }));
    const endpoints = names.map((name) => ({ metadata: { name, namespace: NAMESPACE }, subsets: [{ addresses: [address(0)], ports: [{ port: 3306 }] }] }));
    const given = scene({ pods: [mysqlPod(0)], mysql: { [at(0)]: { greeting: greets('5.7.22') } }, objects: { pods: [mysqlPod(0)], services, endpoints } });
    const { observation } = await probeWith(mysql, { ...given, target: { ...given.target, services: own(...names) } });
    return ((observation as unknown as MysqlObservation).services ?? []).filter(({ writes }) => writes !== undefined).map(({ name }) => name);
  };
  assert.deepEqual(await written('etcd-mysql'), ['etcd-mysql']);
  assert.deepEqual(await written('etcd-mysql', 'etcd-mysql-readonly'), []);
  assert.deepEqual(await written('etcd-mysql-slave'), []);
  assert.deepEqual(await written('mysql-master', 'mysql-slave', 'mysql-primary-svc', 'mysql-read-write', 'mysql-rw', 'mysql-ro'), [
    'mysql-master',
    'mysql-primary-svc',
    'mysql-read-write',
    'mysql-rw',
  ]);
});

// ---- the parts that read foreign text

test('the host of a data source is found, whatever the password looks like', () => {
  const of = (env: Readonly<Record<string, string>>, args: readonly string[] = []) =>
    exporterAddress({ name: 'exporter', args, env: Object.entries(env).map(([name, value]) => ({ name, value })) });
  const host = (name: string) => ({ kind: 'host', host: name });
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'user:p@ss/w(rd)@(db-0.db:3306)/' }), host('db-0.db'));
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'user:pass@tcp(10.0.0.7:3306)/mysql?timeout=5s' }), host('10.0.0.7'));
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'user:pass@tcp(db)/' }), host('db'));
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'user:pass@/' }), { kind: 'local' });
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'user:pass@unix(/run/mysqld/mysqld.sock)/' }), { kind: 'local' });
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'user:$(PASSWORD)@($(DB):3306)/', DB: 'etcd-mysql-1' }), host('etcd-mysql-1'));
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'user:pass@($(FROM_A_FIELD):3306)/' }), { kind: 'hidden' });
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'not a data source with a canary' }), { kind: 'local' });
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'canary/' }), { kind: 'local' });
  assert.deepEqual(of({ DATA_SOURCE_NAME: 'user:can ary/' }), { kind: 'hidden' });
  assert.deepEqual(of({}, ['--mysqld.address=db-1:3306']), host('db-1'));
  assert.deepEqual(of({}, ['--mysqld.address', 'db-1:3306']), host('db-1'));
  assert.deepEqual(of({ MYSQL_HOST: 'db-2' }), host('db-2'));
  assert.deepEqual(of({}), { kind: 'hidden' });
});

test('a host leads to one instance, to several, or elsewhere', () => {
  const places = {
    instances: [0, 1].map((ordinal) => ({ namespace: NAMESPACE, name: `etcd-mysql-${ordinal}`, ip: `10.244.${ordinal}.7` })),
    services: [
      { namespace: NAMESPACE, name: 'etcd-mysql', clusterIp: 'None', instances: ['etcd-mysql-0', 'etcd-mysql-1'] },
      { namespace: NAMESPACE, name: 'etcd-mysql-master', clusterIp: '10.96.0.9', instances: ['etcd-mysql-0'] },
    ],
  };
  const from = (host: string, home = NAMESPACE): readonly string[] => instancesAt(host, home, places);
  assert.deepEqual(from('etcd-mysql-1'), ['etcd-mysql-1']);
  assert.deepEqual(from('ETCD-MYSQL-1.etcd-mysql'), ['etcd-mysql-1']);
  assert.deepEqual(from('etcd-mysql-1.etcd-mysql.skiff-platform.svc.cluster.local.', 'skiff-ncs'), ['etcd-mysql-1']);
  assert.deepEqual(from('etcd-mysql-1.etcd-mysql.other.svc'), []);
  assert.deepEqual(from('10.244.0.7'), ['etcd-mysql-0']);
  assert.deepEqual(from('10.96.0.9'), ['etcd-mysql-0']);
  assert.deepEqual(from('etcd-mysql-master'), ['etcd-mysql-0']);
  assert.deepEqual(from('etcd-mysql-master', 'skiff-ncs'), []);
  assert.deepEqual(from('etcd-mysql-master.skiff-platform.svc', 'skiff-ncs'), ['etcd-mysql-0']);
  assert.deepEqual(from('etcd-mysql.skiff-platform'), ['etcd-mysql-0', 'etcd-mysql-1']);
  assert.deepEqual(from('mysql.example.com'), []);
});

test('a scrape is read by the names of every version; what was not collected is not known', () => {
  const labels = '{channel_name="",connection_name="",master_host="db-0",master_uuid="u"}';
  const newer = readScrape(
    [
      'mysql_up 1',
      `mysql_slave_status_replica_io_running${labels} 1`,
      `mysql_slave_status_replica_sql_running${labels} 0`,
      `mysql_slave_status_last_sql_errno${labels} 1062`,
      'mysql_exporter_collector_success{collector="collect.slave_status"} 1',
      'mysql_exporter_collector_success{collector="collect.info_schema.innodb_cmp"} 0',
    ].join('\n'),
  );
  assert.deepEqual(newer.failing, ['info_schema.innodb_cmp']);
  assert.deepEqual(newer.facts.replication?.[0], {
    channel: '',
    host: 'db-0',
    io: 'yes',
    sql: false,
    behind: null,
    delay: 0,
    ioErrno: 0,
    ioError: '',
    sqlErrno: 1062,
    sqlError: '',
  });
  const ran = 'mysql_exporter_collector_duration_seconds{collector="collect.slave_status"} 0.1';
  assert.deepEqual(readScrape(`mysql_up 1\n${ran}\nmysql_exporter_last_scrape_error 0`).facts.replication, []);
  const failed = `mysql_up 1\n${ran}\nmysql_exporter_last_scrape_error 1\nmysql_exporter_scrape_errors_total{collector="collect.slave_status"} 3\nmysql_exporter_scrape_errors_total{collector="connection"} 9`;
  assert.equal(readScrape(failed).facts.replication, undefined);
  assert.deepEqual(readScrape(failed).failing, ['slave_status']);
  assert.deepEqual(readScrape('mysql_up 0\nmysql_global_variables_read_only 0').facts, {}, 'nothing of a server that it does not see');
  assert.equal(readScrape('<html>mysql_up 1</html>').isExporter, false);
  assert.equal(readScrape('').isExporter, false);
  const galeraOff = 'mysql_up 1\nmysql_global_variables_max_connections 50\nmysql_global_variables_wsrep_on 0\nmysql_global_status_wsrep_cluster_status 0';
  assert.deepEqual(readScrape(galeraOff).facts.cluster, { kind: 'none' });
  assert.equal(
    readScrape('mysql_up 1\nmysql_global_variables_max_connections 50\nmysql_global_variables_group_replication_member_weight 50').facts.cluster,
    undefined,
  );
});

test('the log tells a full disk from damaged data, and the cause from what follows it', () => {
  assert.deepEqual(causeIn('[ERROR] InnoDB: Error number 28 means "No space left on device"\n[ERROR] InnoDB: page corruption', true).cause, 'disk-full');
  assert.equal(causeIn("[ERROR] Fatal error: Can't open and lock privilege tables: Table 'mysql.user' doesn't exist", true).cause, 'damaged');
  const start =
    '[ERROR] Could not open mysql.plugin table\n[ERROR] mysqld: File \'./binlog.index\' not found (Errcode: 13 "Permission denied")\n[ERROR] Aborting\n';
  assert.deepEqual(causeIn(start, true), { cause: 'other', line: '[ERROR] Could not open mysql.plugin table' });
  assert.match(causeIn(start, false).line, /Permission denied/);
  assert.deepEqual(causeIn('', true), { cause: 'other', line: '' });
  assert.deepEqual(causeIn('2026-01-15T03:00:28Z 28 [Note] Access denied for user', false), { cause: 'other', line: '' });
});
