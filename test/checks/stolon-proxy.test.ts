import assert from 'node:assert/strict';
import { test } from 'node:test';
import proxy from '../../checks/stolon-proxy/check.ts';
import type { MasterFacts, ProxyFacts, Sender, ServerFacts, StolonProxyObservation } from '../../checks/stolon-proxy/observation.ts';
import { options, type StolonProxyOptions } from '../../checks/stolon-proxy/rules.ts';
import { ARCHIVER, IDLE, SERVER, sendersStatement, slotsStatement, TRANSACTION_AGE } from '../../checks/stolon-proxy/statements.ts';
import type { SqlRow } from '../../src/model/conversation.ts';
import { admitStatement } from '../../src/protocol/permitted.ts';
import { type Case, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';
import {
  ago,
  annotation,
  clusterData,
  configMap,
  databaseEntry,
  facts,
  KEEPER_PODS,
  keeperEntry,
  MASTER,
  NAMESPACE,
  PODS,
  pod,
  STANDBY,
  SYSTEM,
  target,
} from './stolon-scene.ts';

testContract(proxy, new URL('../../checks/stolon-proxy/', import.meta.url));

const SECONDS = Date.parse(NOW) / 1000;
const SERVED: ServerFacts = { version: 100_013, inRecovery: false, address: '10.244.1.7', systemId: SYSTEM, maxConnections: 100, connections: 12 };
const SENDER: Sender = { name: `stolon_${STANDBY}`, address: '10.244.2.7', state: 'streaming', sync: 'async', lagBytes: 0, lagSeconds: 0.1 };
const TOLD: Required<MasterFacts> = {
  through: 'stolon-proxy-0',
  senders: [SENDER],
  slots: [{ name: `stolon_${STANDBY}`, active: true, retainedBytes: 16_777_216 }],
  transactionAge: 1_000_000,
  archiver: { on: true, failed: 2, failedAt: SECONDS - 7200, archivedAt: SECONDS - 60, file: '000000010000000000000007' },
  idleInTransaction: { count: 1, longestSeconds: 4 },
};

function led(index: number, differences: Partial<ProxyFacts> = {}): ProxyFacts {
  const base = facts(`stolon-proxy-${index}`, `node${index + 1}`, `10.244.${index + 1}.9`, `p${index}`);
  return { ...base, port: 5432, answer: { kind: 'accepting' }, server: SERVED, dataReadAt: SECONDS - 3, ...differences };
}

/** One that brought no answer back. */
function mute(index: number, kind: ProxyFacts['answer']['kind'], message = ''): ProxyFacts {
  const { server: _, ...rest } = led(index);
  return { ...rest, answer: { kind, message } };
}

function seen(differences: Partial<StolonProxyObservation> = {}, data: Parameters<typeof clusterData>[0] = {}): StolonProxyObservation {
  return {
    namespace: NAMESPACE,
    readAt: NOW,
    proxies: [led(0), led(1)],
    store: 'data',
    data: clusterData(data),
    login: 'done',
    master: TOLD,
    keeperPods: KEEPER_PODS,
    keepers: ['skiff-ncs/stolon-keeper'],
    sentinels: ['skiff-ncs/stolon-sentinel'],
    ...differences,
  };
}

const { master: _master, data: _data, ...NEITHER } = seen();
const unserved = (proxies: readonly ProxyFacts[], differences: Partial<StolonProxyObservation> = {}): StolonProxyObservation => ({
  ...NEITHER,
  data: clusterData(),
  proxies,
  login: 'no-server',
  ...differences,
});
const told = (differences: Partial<MasterFacts>): StolonProxyObservation => seen({ master: { ...TOLD, ...differences } });

const OF_THE_SERVERS = ['writable', 'one-server', 'data-and-server-agree', 'connections-left'];
const OF_THE_MASTER = [
  'data-and-standbys-agree',
  'replay-lag-bytes',
  'replay-lag-seconds',
  'slots-in-use',
  'transaction-ids-plenty',
  'transaction-ids-left',
  'archiving',
  'no-idle-transactions',
];
const skipped = (rules: readonly string[], text: string): readonly string[] => rules.map((rule) => `skip stolon-proxy/${rule}: ${text}`);
const NO_SERVER = skipped(
  [...OF_THE_SERVERS, ...OF_THE_MASTER],
  'There is no PostgreSQL to log in to; see stolon-proxy/answers, takes-logins and has-free-connections.',
);
const SEE_ANSWERS = (rules: readonly string[]): readonly string[] => skipped(rules, 'No proxy leads to a PostgreSQL; see stolon-proxy/answers.');
const ON0 = '#Pod/stolon-proxy-0';
const ON1 = '#Pod/stolon-proxy-1';
const ON_STANDBY = '#Pod/stolon-keeper-1';
const UNMARKED = 'skip stolon-proxy/enabled: The pods have no annotation stolon-status: they cannot be found in the list.';
const NO_METRICS = 'skip stolon-proxy/reads-data: The proxies expose no metrics (--metrics-listen-address).';
const SEVERAL = 'pass stolon-proxy/several-proxies';
const SINGLE = 'fail stolon-proxy/several-proxies: stolon-proxy-0 is the only proxy: while it is away nobody can use the database.';
const NOT_ARCHIVED = 'skip stolon-proxy/archiving: WAL is not archived.';
const NONE = (answers: string): string => `fail stolon-proxy/answers: No PostgreSQL answers behind any of 2 proxies (${answers}): nobody can use the database.`;

const cases: Record<string, Case<StolonProxyObservation, StolonProxyOptions>> = {
  'two proxies that lead to the master': { observation: seen(), expect: ['pass *'] },
  'the lab': { fixture: 'healthy', expect: [NOT_ARCHIVED, 'pass *'] },
  'the lab without marks and metrics': { fixture: 'unmarked-and-unmeasured', expect: [UNMARKED, NO_METRICS, NOT_ARCHIVED, 'pass *'] },
  'the lab without credentials': {
    fixture: 'healthy-without-credentials',
    expect: [
      ...['answers', 'each-answers', 'takes-logins', 'has-free-connections', 'enabled', 'reads-data'].map((rule) => `pass stolon-proxy/${rule}`),
      SEVERAL,
    ],
  },
  'the lab, whose master is down while its standby hangs': {
    fixture: 'no-failover',
    expect: [
      NONE('stolon-proxy-667f4d4df-5jlzt: closed, stolon-proxy-667f4d4df-bd9x4: closed'),
      ...SEE_ANSWERS(['each-answers', 'takes-logins', 'has-free-connections']),
      ...NO_SERVER,
      'pass *',
    ],
  },
  'the lab without cluster data': {
    fixture: 'cluster-data-gone',
    expect: [
      NONE('stolon-proxy-667f4d4df-gxnmb: closed, stolon-proxy-667f4d4df-wpvxh: closed'),
      ...SEE_ANSWERS(['each-answers', 'takes-logins', 'has-free-connections']),
      ...NO_SERVER,
      'pass stolon-proxy/reads-data',
      SEVERAL,
    ],
  },
  'the lab with its standby down': {
    fixture: 'standby-down',
    expect: [
      NOT_ARCHIVED,
      'skip stolon-proxy/data-and-standbys-agree: The cluster data has no healthy standby; see stolon-keeper.',
      ...skipped(['replay-lag-bytes', 'replay-lag-seconds'], 'No standby replicates from the master.'),
      'pass *',
    ],
  },
  'the lab, while nobody keeps the data up to date': {
    fixture: 'sentinels-hang',
    expect: [
      NOT_ARCHIVED,
      ...[
        'answers',
        'each-answers',
        'takes-logins',
        'has-free-connections',
        'enabled',
        'several-proxies',
        'reads-data',
        'writable',
        'one-server',
        'connections-left',
      ].map((rule) => `pass stolon-proxy/${rule}`),
      ...OF_THE_MASTER.filter((rule) => rule !== 'archiving' && rule !== 'data-and-standbys-agree').map((rule) => `pass stolon-proxy/${rule}`),
    ],
  },
  'there is no proxy': {
    observation: unserved([]),
    expect: [
      ...skipped(['answers', 'each-answers', 'takes-logins', 'has-free-connections', 'enabled', 'reads-data'], 'No proxy runs; see workload.'),
      'skip stolon-proxy/several-proxies: There is no pod of a proxy; see workload.',
      ...NO_SERVER,
    ],
  },
  'no proxy runs': {
    observation: unserved([mute(0, 'idle'), mute(1, 'idle')].map((each) => ({ ...each, running: false }))),
    expect: [
      SEVERAL,
      ...skipped(['answers', 'each-answers', 'takes-logins', 'has-free-connections', 'enabled', 'reads-data'], 'No proxy runs; see workload.'),
      ...NO_SERVER,
    ],
  },
  'one proxy has no master behind it': {
    observation: seen({ proxies: [led(0), mute(1, 'closed')] }),
    expect: [
      `fail stolon-proxy/each-answers${ON1}: stolon-proxy-1 takes connections and closes them at once: it has no master to lead to. As long as it is Ready its Service sends clients there.`,
      'skip stolon-proxy/one-server: One proxy alone could be asked: there is nothing to compare.',
      'pass *',
    ],
  },
  'one proxy refuses': {
    observation: seen({ proxies: [led(0), mute(1, 'refused')] }),
    expect: [
      `fail stolon-proxy/each-answers${ON1}: Nobody listens on port 5432 of stolon-proxy-1: a proxy that has not read the cluster data for 15 s stops listening, or it never began.`,
      'skip stolon-proxy/one-server: One proxy alone could be asked…',
      'pass *',
    ],
  },
  'one proxy says nothing': {
    observation: seen({ proxies: [led(0), mute(1, 'silent')] }),
    expect: [
      `fail stolon-proxy/each-answers${ON1}: stolon-proxy-1 takes connections and nothing comes back: the node of the master that it leads to is gone, or PostgreSQL hangs there.`,
      'skip stolon-proxy/one-server: One proxy alone could be asked…',
      'pass *',
    ],
  },
  'something else answers': {
    observation: seen({ proxies: [led(0), mute(1, 'garbled', 'The answer is\nno PostgreSQL.')] }),
    expect: [
      `fail stolon-proxy/each-answers${ON1}: What answers on port 5432 of stolon-proxy-1 is no PostgreSQL: The answer is no PostgreSQL.`,
      'skip stolon-proxy/one-server: One proxy alone could be asked…',
      'pass *',
    ],
  },
  'none answers': {
    observation: unserved([mute(0, 'closed'), mute(1, 'refused')]),
    expect: [
      NONE('stolon-proxy-0: closed, stolon-proxy-1: refused'),
      ...SEE_ANSWERS(['each-answers', 'takes-logins', 'has-free-connections']),
      ...NO_SERVER,
      'pass *',
    ],
  },
  'none that could be asked answers': {
    observation: unserved([mute(0, 'closed'), mute(1, 'dark')], { login: 'failed' }),
    expect: [
      SEVERAL,
      `fail stolon-proxy/each-answers${ON0}: stolon-proxy-0 takes connections and closes them at once…`,
      ...SEE_ANSWERS(['takes-logins', 'has-free-connections']),
      'pass stolon-proxy/enabled',
      'pass stolon-proxy/reads-data',
    ],
  },
  'PostgreSQL is starting': {
    observation: unserved(
      [mute(0, 'error'), mute(1, 'error')].map((each) => ({
        ...each,
        answer: { kind: 'error', sqlState: '57P03', message: 'the database system is starting up' },
      })),
    ),
    expect: [
      ...[0, 1].map(
        (index) =>
          `fail stolon-proxy/takes-logins#Pod/stolon-proxy-${index}: The PostgreSQL behind stolon-proxy-${index} takes no logins at present (57P03): the database system is starting up`,
      ),
      ...NO_SERVER,
      'pass *',
    ],
  },
  'PostgreSQL has no connection left': {
    observation: unserved(
      [mute(0, 'error')].map((each) => ({ ...each, answer: { kind: 'error', sqlState: '53300', message: 'sorry, too many clients already' } })),
    ),
    expect: [
      SINGLE,
      `fail stolon-proxy/has-free-connections${ON0}: The PostgreSQL behind stolon-proxy-0 has no connection left (53300) and turns every new client away: sorry, too many clients already`,
      ...NO_SERVER,
      'pass *',
    ],
  },
  'a user that nobody knows is turned away by a server that serves': {
    observation: seen({
      proxies: [
        led(0, { answer: { kind: 'error', sqlState: '28000', message: 'no pg_hba.conf entry' } }),
        led(1, { answer: { kind: 'error', sqlState: '28P01' } }),
      ],
    }),
    expect: ['pass *'],
  },
  'a proxy that is not enabled': {
    observation: seen({}, { proxy: { enabledProxies: ['p0', 'p7'] } }),
    expect: [
      `fail stolon-proxy/enabled${ON1}: stolon-proxy-1 (p1) has run for 24h and is not among the enabled proxies of the cluster data: it passes nothing on.`,
      'pass *',
    ],
  },
  'a proxy that was just started is enabled within a minute': {
    observation: seen({ proxies: [led(0), led(1, { uid: 'p9', startedAt: ago(60) })] }),
    expect: ['pass *'],
  },
  'a proxy that was started a minute ago': {
    observation: seen({ proxies: [led(0), led(1, { uid: 'p9', startedAt: ago(61) })] }),
    expect: [`fail stolon-proxy/enabled${ON1}: stolon-proxy-1 (p9) has run for 61s and is not…`, 'pass *'],
  },
  'a proxy that does not read the cluster data': {
    observation: seen({ proxies: [led(0), led(1, { dataReadAt: SECONDS - 31 })] }),
    expect: [
      `fail stolon-proxy/reads-data${ON1}: stolon-proxy-1 has read no valid cluster data for 31s: it does not reach its store, and passes nothing on after 15 s.`,
      'pass *',
    ],
  },
  'a proxy that never read it and has just been started': {
    observation: seen({ proxies: [led(0), led(1, { dataReadAt: 0, startedAt: ago(30) })] }),
    expect: ['pass *'],
  },
  'metrics that could not be read are no absence of metrics': {
    observation: seen({
      proxies: [led(0), led(1)].map(({ dataReadAt: _at, ...each }) => ({ ...each, metricsUnread: true })),
    }),
    expect: [
      SEVERAL,
      ...['answers', 'each-answers', 'takes-logins', 'has-free-connections', 'enabled', ...OF_THE_SERVERS, ...OF_THE_MASTER].map(
        (rule) => `pass stolon-proxy/${rule}`,
      ),
    ],
  },
  'the proxies lead to a standby': {
    observation: unserved([led(0, { server: { ...SERVED, inRecovery: true } })], { login: 'done' }),
    expect: [
      SINGLE,
      `fail stolon-proxy/writable${ON0}: stolon-proxy-0 leads to a PostgreSQL (10.244.1.7) that is in recovery: it is a standby and every write fails.`,
      'skip stolon-proxy/one-server: One proxy alone could be asked…',
      ...skipped(OF_THE_MASTER, 'There is no writable master to ask; see stolon-proxy/writable.'),
      'pass *',
    ],
  },
  'the master of a cluster that follows another one is in recovery': {
    observation: unserved([led(0, { server: { ...SERVED, inRecovery: true } }), led(1, { server: { ...SERVED, inRecovery: true } })], {
      login: 'done',
      data: clusterData({ spec: { role: 'standby' } }),
    }),
    expect: [...skipped(['writable', ...OF_THE_MASTER], 'The whole cluster follows another one: its master is in recovery by design.'), 'pass *'],
  },
  'two proxies lead to two servers': {
    observation: seen({ proxies: [led(0), led(1, { server: { ...SERVED, address: '10.244.2.7' } })] }),
    expect: [
      `fail stolon-proxy/one-server: The proxies lead to different PostgreSQL servers: stolon-proxy-0 → 10.244.1.7 (${SYSTEM}), stolon-proxy-1 → 10.244.2.7 (${SYSTEM}). Clients write to both.`,
      `fail stolon-proxy/data-and-server-agree${ON1}: stolon-proxy-1 leads to a PostgreSQL that says its address is 10.244.2.7, but the master of the cluster data is stolon-keeper-0 (10.244.1.7).`,
      'pass *',
    ],
  },
  'a server that does not tell its address contradicts nobody': {
    observation: seen({ proxies: [led(0), led(1, { server: { ...SERVED, address: '' } })] }),
    expect: ['pass *'],
  },
  'a keeper that is known under another address than its own': {
    observation: seen({}, { dbs: [databaseEntry(MASTER, 'keeper0', {}, { listenAddress: '192.0.2.10' }), databaseEntry(STANDBY, 'keeper1')] }),
    expect: ['pass *'],
  },
  'an address that is nobody’s is no contradiction': {
    observation: seen({ proxies: [0, 1].map((index) => led(index, { server: { ...SERVED, address: '192.0.2.10' } })) }),
    expect: ['pass *'],
  },
  'another database than that of the cluster data': {
    observation: seen({ proxies: [led(0, { server: { ...SERVED, systemId: '42' } }), led(1, { server: { ...SERVED, systemId: '42' } })] }),
    expect: [
      ...[0, 1].map(
        (index) =>
          `fail stolon-proxy/data-and-server-agree#Pod/stolon-proxy-${index}: The system identifier of the PostgreSQL behind stolon-proxy-${index} is 42, that of the master stolon-keeper-0 of the cluster data ${SYSTEM}: it is another database.`,
      ),
      'pass *',
    ],
  },
  'the cluster data has no master': {
    observation: seen({}, { status: { master: undefined } }),
    expect: [
      'skip stolon-proxy/data-and-server-agree: The cluster data has no master; see stolon-keeper/master-elected.',
      'skip stolon-proxy/data-and-standbys-agree: The cluster data has no healthy standby; see stolon-keeper.',
      'pass *',
    ],
  },
  'old data is no witness': {
    observation: seen({ store: 'stale', proxies: [led(0, { server: { ...SERVED, systemId: '42' } })] }),
    expect: [
      SINGLE,
      'skip stolon-proxy/one-server: One proxy alone could be asked…',
      ...[
        'answers',
        'each-answers',
        'takes-logins',
        'has-free-connections',
        'enabled',
        'reads-data',
        'writable',
        'connections-left',
        ...OF_THE_MASTER.slice(1),
      ].map((rule) => `pass stolon-proxy/${rule}`),
    ],
  },
  '79 of 100 connections': { observation: seen({ proxies: [led(0, { server: { ...SERVED, connections: 79 } }), led(1)] }), expect: ['pass *'] },
  '80 of 100 connections': {
    observation: seen({ proxies: [led(0), led(1, { server: { ...SERVED, connections: 80 } })] }),
    expect: ['fail stolon-proxy/connections-left: PostgreSQL has 80 of 100 connections in use (80 %).', 'pass *'],
  },
  'a standby that is healthy by the data and does not replicate': {
    observation: told({ senders: [] }),
    expect: [
      `fail stolon-proxy/data-and-standbys-agree${ON_STANDBY}: The cluster data calls the standby stolon-keeper-1 healthy, but pg_stat_replication of the master does not have it: it does not replicate.`,
      ...skipped(['replay-lag-bytes', 'replay-lag-seconds'], 'No standby replicates from the master.'),
      'pass *',
    ],
  },
  'a backup is no standby': {
    observation: told({ senders: [{ name: 'pg_basebackup', address: '10.244.9.9', state: 'backup', sync: 'async' }, SENDER] }),
    expect: ['pass *'],
  },
  'a standby known by its address': { observation: told({ senders: [{ ...SENDER, name: 'walreceiver' }] }), expect: ['pass *'] },
  'a standby behind NAT that nothing names': { observation: told({ senders: [{ ...SENDER, name: 'walreceiver', address: '10.0.0.1' }] }), expect: ['pass *'] },
  'a standby that catches up': {
    observation: told({ senders: [{ ...SENDER, state: 'catchup' }] }),
    expect: [
      `fail stolon-proxy/data-and-standbys-agree${ON_STANDBY}: The cluster data calls the standby stolon-keeper-1 healthy, but to the master it is in state catchup and not streaming.`,
      'pass *',
    ],
  },
  'a synchronous standby that the master treats as asynchronous': {
    observation: seen({}, { dbs: [databaseEntry(MASTER, 'keeper0', { synchronousStandbys: [STANDBY] }), databaseEntry(STANDBY, 'keeper1')] }),
    expect: [
      `fail stolon-proxy/data-and-standbys-agree${ON_STANDBY}: The cluster data lists stolon-keeper-1 as a synchronous standby, but the master treats it as async: commits do not wait for it.`,
      'pass *',
    ],
  },
  'a synchronous standby in a quorum': {
    observation: seen(
      { master: { ...TOLD, senders: [{ ...SENDER, sync: 'quorum' }] } },
      { dbs: [databaseEntry(MASTER, 'keeper0', { synchronousStandbys: [STANDBY] }), databaseEntry(STANDBY, 'keeper1')] },
    ),
    expect: ['pass *'],
  },
  'a standby that the data calls unhealthy need not replicate': {
    observation: seen({ master: { ...TOLD, senders: [] } }, { keepers: [keeperEntry('keeper0'), keeperEntry('keeper1', {})] }),
    expect: [
      'skip stolon-proxy/data-and-standbys-agree: The cluster data has no healthy standby; see stolon-keeper.',
      ...skipped(['replay-lag-bytes', 'replay-lag-seconds'], 'No standby replicates from the master.'),
      'pass *',
    ],
  },
  '64 MiB to replay, in 30 s': { observation: told({ senders: [{ ...SENDER, lagBytes: 67_108_864, lagSeconds: 30 }] }), expect: ['pass *'] },
  'more than 64 MiB to replay, in more than 30 s': {
    observation: told({ senders: [{ ...SENDER, lagBytes: 67_108_865, lagSeconds: 31.4 }] }),
    expect: [
      'fail stolon-proxy/replay-lag-bytes#Standby/stolon-keeper-1: The standby stolon-keeper-1 has 64.0 MiB of WAL left to replay (at most 64.0 MiB).',
      'fail stolon-proxy/replay-lag-seconds#Standby/stolon-keeper-1: The standby stolon-keeper-1 replays 31 s behind the master (at most 30 s).',
      'pass *',
    ],
  },
  'a standby outside of the cluster that lags': {
    observation: told({ senders: [SENDER, { name: 'dr', address: '192.0.2.7', state: 'streaming', sync: 'async', lagBytes: 1e9 }] }),
    expect: ['fail stolon-proxy/replay-lag-bytes#Standby/192.0.2.7: The standby 192.0.2.7 has 953.7 MiB of WAL left…', 'pass *'],
  },
  'PostgreSQL 9.6 measures no time': {
    observation: seen({ proxies: [led(0, { server: { ...SERVED, version: 90_624 } }), led(1)] }),
    expect: ['skip stolon-proxy/replay-lag-seconds: PostgreSQL before 10 does not measure the time.', 'pass *'],
  },
  'an unused slot that holds 1 GiB': { observation: told({ slots: [{ name: 'old', active: false, retainedBytes: 1_073_741_824 }] }), expect: ['pass *'] },
  'an unused slot that holds more': {
    observation: told({ slots: [{ name: 'old', active: false, retainedBytes: 5 * 1024 ** 3 }] }),
    expect: [
      'fail stolon-proxy/slots-in-use#ReplicationSlot/old: Nobody uses the replication slot old, which holds 5.0 GiB of WAL back: it grows until the disk of the master is full.',
      'pass *',
    ],
  },
  'a slot that is in use may hold as much as it has to': {
    observation: told({ slots: [{ name: 'busy', active: true, retainedBytes: 5 * 1024 ** 3 }] }),
    expect: ['pass *'],
  },
  'a billion transactions': { observation: told({ transactionAge: 1_000_000_000 }), expect: ['pass *'] },
  'more than a billion': {
    observation: told({ transactionAge: 1_000_000_001 }),
    expect: [
      'fail stolon-proxy/transaction-ids-plenty: The oldest transaction that is not frozen is 1000000001 transactions old (warning at 1000000000): autovacuum does not keep up, or something open holds it back.',
      'pass *',
    ],
  },
  'more than one and a half billion': {
    observation: told({ transactionAge: 1_500_000_001 }),
    expect: [
      'fail stolon-proxy/transaction-ids-left: The oldest transaction that is not frozen is 1500000001 transactions old (the limit is some 2.14 billion): close to the limit PostgreSQL refuses every write.',
      'skip stolon-proxy/transaction-ids-plenty: See stolon-proxy/transaction-ids-left.',
      'pass *',
    ],
  },
  'archiving fails': {
    observation: told({ archiver: { on: true, failed: 12, failedAt: SECONDS - 30, archivedAt: SECONDS - 7200, file: '000000010000000000000008' } }),
    expect: [
      'fail stolon-proxy/archiving: Archiving WAL fails: the last try (000000010000000000000008) failed 30s ago and none has succeeded since; 12 failures in all.',
      'pass *',
    ],
  },
  'archiving never worked': {
    observation: told({ archiver: { on: true, failed: 1, failedAt: SECONDS - 30, file: '' } }),
    expect: ['fail stolon-proxy/archiving: Archiving WAL fails: the last try (?) failed 30s ago…', 'pass *'],
  },
  'archiving has never failed': { observation: told({ archiver: { on: true, failed: 0, file: '' } }), expect: ['pass *'] },
  'a transaction that is open and idle': {
    observation: told({ idleInTransaction: { count: 3, longestSeconds: 601 } }),
    expect: [
      'fail stolon-proxy/no-idle-transactions: 3 sessions are idle in a transaction, the longest for 10m: they hold cleaning up back and keep their connections.',
      'pass *',
    ],
  },
  'what the master would not tell is not judged': {
    observation: seen({ master: { through: 'stolon-proxy-0' } }),
    expect: ['several-proxies', 'answers', 'each-answers', 'takes-logins', 'has-free-connections', 'enabled', 'reads-data', ...OF_THE_SERVERS].map(
      (rule) => `pass stolon-proxy/${rule}`,
    ),
  },
};

testCheck(proxy, cases, { fixtures: new URL('../fixtures/stolon-proxy/', import.meta.url) });

const DEFAULTS = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default])) as unknown as StolonProxyOptions;

test('what brings no answer back points at who may be to blame', () => {
  const because = (observation: StolonProxyObservation): readonly string[] =>
    proxy
      .evaluate(observation, { options: DEFAULTS, now: new Date(NOW) })
      .flatMap((verdict) => (verdict.verdict === 'fail' && verdict.rule === 'answers' ? (verdict.because ?? []) : []));
  const [keeper, sentinel, server] = ['skiff-ncs/stolon-keeper', 'skiff-ncs/stolon-sentinel', 'kube-system/kube-apiserver'];
  const closed = [mute(0, 'closed')];

  assert.deepEqual(because(unserved(closed)), [keeper, 'node/node1', sentinel]);
  for (const store of ['gone', 'unreadable', 'foreign', 'stale'] as const) assert.deepEqual(because(unserved(closed, { store })), [sentinel, keeper]);
  assert.deepEqual(because(unserved(closed, { data: clusterData({ proxy: { masterDbUid: '' } }) })), [sentinel, keeper]);
  const { data: _unread, ...dark } = unserved(closed, { store: 'dark' });
  assert.deepEqual(because(dark), [keeper, sentinel]);
  assert.deepEqual(because(unserved([mute(0, 'refused')])), [server, 'node/node1', sentinel]);
  assert.deepEqual(because(unserved([mute(0, 'silent')])), ['node/node1', keeper]);
  assert.deepEqual(because(unserved([mute(0, 'garbled')])), []);
});

test('what clients and databases do to themselves is laid at nobody else’s door', () => {
  const own = (observation: StolonProxyObservation): readonly (readonly [string, boolean])[] =>
    proxy
      .evaluate(observation, { options: DEFAULTS, now: new Date(NOW) })
      .flatMap((verdict) => (verdict.verdict === 'fail' ? [[verdict.rule, verdict.own ?? false] as const] : []));

  assert.deepEqual(own(unserved([{ ...mute(0, 'error'), answer: { kind: 'error', sqlState: '53300' } }, mute(1, 'dark')])), [['has-free-connections', true]]);
  assert.deepEqual(own(told({ transactionAge: 2e9 })), [['transaction-ids-left', true]]);
  assert.deepEqual(own(seen({ proxies: [led(0, { server: { ...SERVED, connections: 99 } }), led(1)] })), [['connections-left', true]]);
  assert.deepEqual(own(unserved([{ ...mute(0, 'error'), answer: { kind: 'error', sqlState: '57P03' } }, mute(1, 'dark')])), [['takes-logins', false]]);
});

test('every statement is a look and nothing else, in the words of the version that is asked', () => {
  for (const version of [90_624, 100_013, 160_003]) {
    for (const statement of [SERVER, sendersStatement(version), slotsStatement(version), TRANSACTION_AGE, ARCHIVER, IDLE])
      assert.doesNotThrow(() => admitStatement(statement), statement);
    assert.equal(sendersStatement(version).includes('xlog'), version < 100_000);
    assert.equal(slotsStatement(version).includes('pg_wal_lsn_diff'), version >= 100_000);
  }
});

const SERVER_ROW: SqlRow = { version: '100013', in_recovery: 'f', address: '10.244.1.7', max_connections: '100', connections: '12', system_id: SYSTEM };
const ROWS: Readonly<Record<string, readonly SqlRow[]>> = {
  [SERVER]: [SERVER_ROW],
  [sendersStatement(100_013)]: [
    { application_name: `stolon_${STANDBY}`, address: '10.244.2.7', state: 'streaming', sync_state: 'async', lag_bytes: '120', lag_seconds: '0.004' },
  ],
  [slotsStatement(100_013)]: [{ slot_name: `stolon_${STANDBY}`, active: 't', retained: '120' }],
  [TRANSACTION_AGE]: [{ transaction_age: '1284033' }],
  [ARCHIVER]: [{ archive_mode: 'off', failed_count: '0', last_failed_wal: null, failed_at: null, archived_at: null }],
  [IDLE]: [{ sessions: '0', longest: null, hidden: '0' }],
};
const ACCEPTING = { kind: 'accepting', tls: false } as const;
const at = (index: number): string => `${NAMESPACE}/stolon-proxy-${index}:5432`;
const scene = () => ({ target: target('proxy'), objects: { pods: Object.values(PODS).flat(), configmaps: [configMap(annotation())] } });
const LOGIN_RULES = 12;

test('healthy, with credentials: nothing is open', async () => {
  const { observation, blindSpots } = await probeWith(proxy, {
    ...scene(),
    postgres: { [at(0)]: { greeting: ACCEPTING, rows: ROWS }, [at(1)]: { greeting: ACCEPTING, rows: { [SERVER]: [SERVER_ROW] } } },
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    verdictLines(proxy, observation).filter((line) => !line.startsWith('pass')),
    [NO_METRICS, NOT_ARCHIVED],
  );
});

test('PostgreSQL 9.6 is asked in its own words', async () => {
  const old = { ...SERVER_ROW, version: '90624' };
  const rows = { ...ROWS, [SERVER]: [old], [sendersStatement(90_624)]: [], [slotsStatement(90_624)]: [] };

  const { observation, blindSpots } = await probeWith(proxy, {
    ...scene(),
    postgres: { [at(0)]: { greeting: ACCEPTING, rows }, [at(1)]: { greeting: ACCEPTING, rows: { [SERVER]: [old] } } },
  });
  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(proxy, observation).includes('pass stolon-proxy/slots-in-use'));
});

test('without credentials exactly the rules that need a login are unknown, once each', async () => {
  for (const refused of ['NoCredentials', 'CredentialsRejected'] as const) {
    const { observation, blindSpots } = await probeWith(proxy, {
      ...scene(),
      postgres: { [at(0)]: { greeting: ACCEPTING, refused }, [at(1)]: { greeting: ACCEPTING, refused } },
    });

    assert.deepEqual(
      blindSpots.map(({ rules, problem, subject }) => [rules.length, problem.reason, subject]),
      [[LOGIN_RULES, refused, undefined]],
    );
    assert.deepEqual(
      verdictLines(proxy, observation),
      ['answers', 'each-answers', 'takes-logins', 'has-free-connections', 'enabled', 'several-proxies']
        .map((rule) => `pass stolon-proxy/${rule}`)
        .concat(NO_METRICS),
    );
  }
});

test('a login that fails at one proxy leaves open what is asked of each, for that one', async () => {
  const { observation, blindSpots } = await probeWith(proxy, {
    ...scene(),
    postgres: { [at(0)]: { greeting: ACCEPTING, rows: { [SERVER]: 'Timeout' } }, [at(1)]: { greeting: ACCEPTING, rows: ROWS } },
  });

  assert.deepEqual(
    blindSpots.map(({ rules, problem, subject }) => [rules, problem.reason, subject?.name]),
    [[['writable', 'one-server', 'data-and-server-agree'], 'Timeout', 'stolon-proxy-0']],
  );
  assert.ok(verdictLines(proxy, observation).includes('pass stolon-proxy/slots-in-use'));
});

test('a statement that fails leaves open its own rules alone', async () => {
  const rows = { ...ROWS, [slotsStatement(100_013)]: 'ServerError' as const };
  const { blindSpots } = await probeWith(proxy, {
    ...scene(),
    postgres: { [at(0)]: { greeting: ACCEPTING, rows }, [at(1)]: { greeting: ACCEPTING, rows: { [SERVER]: [SERVER_ROW] } } },
  });

  assert.deepEqual(
    blindSpots.map(({ rules, problem }) => [rules, problem.reason]),
    [[['slots-in-use'], 'ServerError']],
  );
});

test('a user who may not see everything is told apart from a database without standbys and sessions', async () => {
  const rows = {
    ...ROWS,
    [sendersStatement(100_013)]: [{ application_name: 'stolon_x', address: null, state: null, sync_state: null, lag_bytes: null, lag_seconds: null }],
    [IDLE]: [{ sessions: '0', longest: null, hidden: '4' }],
  };
  const { blindSpots } = await probeWith(proxy, {
    ...scene(),
    postgres: { [at(0)]: { greeting: ACCEPTING, rows }, [at(1)]: { greeting: ACCEPTING, rows: { [SERVER]: [SERVER_ROW] } } },
  });

  assert.deepEqual(
    blindSpots.map(({ rules, problem }) => [rules, problem.reason]),
    [
      [['data-and-standbys-agree', 'replay-lag-bytes', 'replay-lag-seconds'], 'Forbidden'],
      [['no-idle-transactions'], 'Forbidden'],
    ],
  );
});

test('answers that make no sense are no answers', async () => {
  for (const row of [undefined, { ...SERVER_ROW, in_recovery: 'maybe' }, { ...SERVER_ROW, max_connections: 'many' }, { ...SERVER_ROW, version: null }]) {
    const rows = { [SERVER]: row === undefined ? [] : [row] };
    const { blindSpots } = await probeWith(proxy, { ...scene(), postgres: { [at(0)]: { greeting: ACCEPTING, rows }, [at(1)]: { greeting: ACCEPTING, rows } } });

    assert.deepEqual(
      blindSpots.map(({ rules, problem }) => [rules.length, problem.reason]),
      [[LOGIN_RULES, 'InvalidResponse']],
    );
  }
});

test('a port-forward that is forbidden at all proxies leaves everything about the servers open', async () => {
  const { observation, blindSpots } = await probeWith(proxy, { ...scene(), postgres: { [at(0)]: 'Forbidden', [at(1)]: 'Forbidden' } });

  assert.deepEqual(
    blindSpots.map(({ rules, problem, subject }) => [rules.length, problem.reason, subject?.name]),
    [
      [1, 'Forbidden', 'stolon-proxy-0'],
      [1, 'Forbidden', 'stolon-proxy-1'],
      [1 + LOGIN_RULES, 'PrerequisiteFailed', undefined],
    ],
  );
  assert.deepEqual(verdictLines(proxy, observation), [
    ...SEE_ANSWERS(['takes-logins', 'has-free-connections']),
    'pass stolon-proxy/enabled',
    SEVERAL,
    NO_METRICS,
  ]);
});

test('a proxy on a node that is gone hides neither the other one nor itself', async () => {
  const { observation, blindSpots } = await probeWith(proxy, { ...scene(), postgres: { [at(0)]: 'Timeout', [at(1)]: { greeting: ACCEPTING, rows: ROWS } } });

  assert.deepEqual(
    blindSpots.map(({ rules, problem, subject }) => [rules, problem.reason, subject?.name]),
    [[['each-answers'], 'Timeout', 'stolon-proxy-0']],
  );
  assert.ok(verdictLines(proxy, observation).includes('pass stolon-proxy/answers'));
});

test('silence, a closed door and garbage are facts of the server', async () => {
  for (const silence of ['silent', 'closed', 'garbled'] as const) {
    const { observation, blindSpots } = await probeWith(proxy, {
      ...scene(),
      postgres: { [at(0)]: { silence }, [at(1)]: { greeting: ACCEPTING, rows: ROWS } },
    });

    assert.deepEqual(blindSpots, []);
    assert.ok(
      verdictLines(proxy, observation).some((line) => line.startsWith(`fail stolon-proxy/each-answers${ON0}`)),
      silence,
    );
  }
});

test('a server that is starting is not logged in to', async () => {
  const greeting = { kind: 'error', tls: false, sqlState: '57P03', message: 'the database system is starting up' } as const;
  const { observation, blindSpots } = await probeWith(proxy, { ...scene(), postgres: { [at(0)]: { greeting }, [at(1)]: { greeting } } });

  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(proxy, observation).includes(NO_SERVER[0] ?? ''));
});

test('a refused port-forward of a Ready proxy is a fault when nobody listens on the pod’s address either', async () => {
  const verdictsOn = async (outcome: { readonly unreachable: 'refused' | 'not-http' }) =>
    probeWith(proxy, {
      ...scene(),
      postgres: { [at(0)]: { silence: 'refused' }, [at(1)]: { greeting: ACCEPTING, rows: ROWS } },
      http: { [`pod ${NAMESPACE}/stolon-proxy-0:5432 /`]: outcome },
    });

  const dead = await verdictsOn({ unreachable: 'refused' });
  assert.deepEqual(dead.blindSpots, []);
  assert.ok(verdictLines(proxy, dead.observation).some((line) => line.startsWith(`fail stolon-proxy/each-answers${ON0}: Nobody listens on port 5432`)));
  const elsewhere = await verdictsOn({ unreachable: 'not-http' });
  assert.deepEqual(
    elsewhere.blindSpots.map(({ rules, problem }) => [rules, problem.reason]),
    [[['each-answers'], 'Refused']],
  );
});

test('a proxy that is told to listen everywhere, or is not Ready, needs no second look to be refused', async () => {
  const everywhere = pod('proxy', 'stolon-proxy-0', '10.244.1.9', { UID: 'p0' }, { LISTEN_ADDRESS: '0.0.0.0', PORT: '5433' });
  const [, second] = PODS.proxy;
  const unready = { ...second, status: { ...second.status, conditions: [{ type: 'Ready', status: 'False', lastTransitionTime: ago(60) }] } };
  const pods = { ...PODS, proxy: [everywhere, unready] };

  const { observation, blindSpots } = await probeWith(proxy, {
    target: target('proxy', pods),
    objects: { pods: Object.values(pods).flat(), configmaps: [configMap(annotation())] },
    postgres: { [`${NAMESPACE}/stolon-proxy-0:5433`]: { silence: 'refused' }, [at(1)]: { silence: 'refused' } },
  });
  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(proxy, observation).includes(NONE('stolon-proxy-0: refused, stolon-proxy-1: refused')));
});

test('pods that do not run are not asked', async () => {
  const pods = { ...PODS, proxy: PODS.proxy.map((each) => ({ ...each, status: { ...each.status, phase: 'Pending', containerStatuses: [] } })) };

  const { observation, blindSpots } = await probeWith(proxy, {
    target: target('proxy', pods),
    objects: { pods: Object.values(pods).flat(), configmaps: [configMap(annotation())] },
  });
  assert.deepEqual(blindSpots, []);
  assert.ok(verdictLines(proxy, observation).includes('skip stolon-proxy/answers: No proxy runs; see workload.'));
});

test('a proxy that is being deleted is none any more', async () => {
  const [first, second] = PODS.proxy;
  const pods = { ...PODS, proxy: [first, { ...second, metadata: { ...second.metadata, deletionTimestamp: ago(1) } }] };

  const { observation } = await probeWith(proxy, {
    target: target('proxy', pods),
    objects: { pods: Object.values(pods).flat(), configmaps: [configMap(annotation())] },
    postgres: { [at(0)]: { greeting: ACCEPTING, rows: ROWS } },
  });
  assert.ok(verdictLines(proxy, observation).includes(SINGLE));
});

test('without the cluster data the conversations go on', async () => {
  const postgres = { [at(0)]: { greeting: ACCEPTING, rows: ROWS }, [at(1)]: { greeting: ACCEPTING, rows: { [SERVER]: [SERVER_ROW] } } };
  const { target: component, objects } = scene();

  const { observation, blindSpots } = await probeWith(proxy, {
    target: component,
    objects: { pods: objects.pods },
    failures: { 'get configmaps': 'Forbidden' },
    postgres,
  });
  assert.deepEqual(
    blindSpots.map(({ rules, problem }) => [rules, problem.reason]),
    [[['enabled', 'data-and-server-agree', 'data-and-standbys-agree'], 'Forbidden']],
  );
  assert.ok(verdictLines(proxy, observation).includes('pass stolon-proxy/writable'));
  const stale = await probeWith(proxy, {
    target: component,
    objects: { ...objects, configmaps: [configMap(annotation({ changeTime: ago(600), keepers: [] }))] },
    postgres,
  });
  assert.deepEqual(
    stale.blindSpots.map(({ rules, problem }) => [rules, problem.reason]),
    [[['data-and-server-agree', 'data-and-standbys-agree'], 'PrerequisiteFailed']],
  );
  assert.ok(verdictLines(proxy, stale.observation).includes('pass stolon-proxy/enabled'));
});

test('metrics of a proxy', async () => {
  const settings = { METRICS_LISTEN_ADDRESS: '0.0.0.0:8080' };
  const pods = {
    ...PODS,
    proxy: [pod('proxy', 'stolon-proxy-0', '10.244.1.9', { UID: 'p0' }, settings), pod('proxy', 'stolon-proxy-1', '10.244.2.9', { UID: 'p1' }, settings)],
  };
  const { observation, blindSpots } = await probeWith(proxy, {
    target: target('proxy', pods),
    objects: { pods: Object.values(pods).flat(), configmaps: [configMap(annotation())] },
    postgres: { [at(0)]: { greeting: ACCEPTING, rows: ROWS }, [at(1)]: { greeting: ACCEPTING, rows: { [SERVER]: [SERVER_ROW] } } },
    http: {
      [`pod ${NAMESPACE}/stolon-proxy-0:8080 /metrics`]: { status: 200, body: `stolon_proxy_clusterdata_last_valid_update_seconds ${SECONDS - 100}` },
      [`pod ${NAMESPACE}/stolon-proxy-1:8080 /metrics`]: 'Forbidden',
    },
  });

  assert.deepEqual(
    blindSpots.map(({ rules, problem, subject }) => [rules, problem.reason, subject?.name]),
    [[['reads-data'], 'Forbidden', 'stolon-proxy-1']],
  );
  assert.ok(
    verdictLines(proxy, observation).some((line) =>
      line.startsWith(`fail stolon-proxy/reads-data${ON0}: stolon-proxy-0 has read no valid cluster data for 100s`),
    ),
  );
});

test('where each leads', () => {
  const drawn = (observation: StolonProxyObservation) => proxy.topology?.(observation, { options: DEFAULTS, now: new Date(NOW) });

  assert.deepEqual(drawn(seen())?.summary, {
    zh: '2/2 个 proxy 连到 PostgreSQL（stolon-keeper-0），连接数 12/100',
    en: '2 of 2 proxies lead to PostgreSQL (stolon-keeper-0), connections 12/100',
  });
  assert.deepEqual(drawn(seen())?.members[0], {
    name: 'stolon-proxy-0',
    role: 'proxy',
    follows: 'stolon-keeper-0',
    facts: { node: 'node1', address: '10.244.1.9:5432', link: 'accepting', version: '10.13', clients: 12 },
  });
  // Without a login it is what the proxies are told.
  const { server: _server, ...unknown } = led(0);
  assert.equal(drawn(seen({ proxies: [unknown] }))?.members[0]?.follows, 'stolon-keeper-0');
  assert.equal(drawn(unserved([mute(0, 'closed')]))?.summary.en, '0 of 1 proxies lead to PostgreSQL');
  assert.equal(drawn(seen({ proxies: [led(0, { server: { ...SERVED, version: 90_624, address: '192.0.2.1' } })] }))?.members[0]?.facts?.['version'], '9.6.24');
  assert.equal(drawn(seen({ proxies: [] })), undefined);
});
