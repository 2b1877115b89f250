import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import redis from '../../checks/redis/check.ts';
import { factsOfScrape } from '../../checks/redis/exporter.ts';
import { factsOfInfo } from '../../checks/redis/facts.ts';
import type { Downstream, Facts, Instance, RedisObservation, Upstream } from '../../checks/redis/observation.ts';
import type { RedisOptions } from '../../checks/redis/options.ts';
import type { Peer, Target } from '../../src/model/check.ts';
import type { RedisReply } from '../../src/model/conversation.ts';
import type { Node, Pod, Service } from '../../src/model/kubernetes.ts';
import { type Case, NOW, type Objects, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const FIXTURES = new URL('../fixtures/redis/', import.meta.url);

function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

// --- observations ---------------------------------------------------------------------------------------------------------------------------

const ADDRESSES = ['10.244.1.18', '10.244.2.19', '10.244.3.31'] as const;
const FACTS: Facts = {
  role: 'master',
  mode: 'standalone',
  version: '7.0.15',
  runId: 'bd7fa2ef',
  uptimeSeconds: 86_400,
  loading: false,
  persistence: { bgsaveOk: true, aofEnabled: false, aofWriteOk: true, aofRewriteOk: true, changesSinceSave: 0, lastSaveAt: ago(3600) },
  memory: { used: 1_000_000, max: 64_000_000, policy: 'noeviction', evicted: 0 },
  clients: { connected: 7, max: 10_000, rejected: 0 },
};
const UPSTREAM: Upstream = { host: ADDRESSES[0], port: 6379, link: 'up', syncing: false, lastIoSeconds: 0, offset: 30_412, priority: 100 };
const FOLLOWERS = [1, 2].map((at) => ({ address: ADDRESSES[at] ?? '', state: 'online', offset: 30_412, lagSeconds: 0 }));
const DOWNSTREAM: Downstream = { connected: 2, followers: FOLLOWERS, offset: 30_412, failover: 'no-failover', fullSyncs: 2 };

function instance(at: number, changes: Partial<Instance> = {}): Instance {
  return {
    namespace: 'skiff-apm',
    name: `apm-redis-${at}`,
    address: ADDRESSES[at] ?? `10.244.9.${at}`,
    node: `node${at + 1}`,
    port: 6379,
    ready: true,
    answer: 'pong',
    login: 'not-needed',
    witness: 'itself',
    ...changes,
  };
}
const master = (at = 0, facts: Partial<Facts> = {}, changes: Partial<Instance> = {}): Instance =>
  instance(at, { facts: { ...FACTS, downstream: DOWNSTREAM, ...facts }, ...changes });
const replica = (at: number, upstream: Partial<Upstream> = {}, facts: Partial<Facts> = {}, changes: Partial<Instance> = {}): Instance =>
  instance(at, {
    facts: { ...FACTS, role: 'replica', downstream: { connected: 0, followers: [] }, upstream: { ...UPSTREAM, ...upstream }, ...facts },
    ...changes,
  });
/** An instance that told nothing. */
const mute = (at: number, changes: Partial<Instance>): Instance => {
  const { login: _, ...rest } = instance(at, { witness: 'nobody' });
  return { ...rest, ...changes };
};
function set(instances: readonly Instance[], changes: Partial<RedisObservation> = {}): RedisObservation {
  return { component: 'skiff-apm/apm-redis', instances, watched: true, services: [], ...changes };
}
/** A sound set but for the master. */
const withMaster = (facts: Partial<Facts>, changes: Partial<Instance> = {}): RedisObservation => set([master(0, facts, changes), replica(1), replica(2)]);
/** A sound set but for its last replica. */
const withReplica = (upstream: Partial<Upstream>, facts: Partial<Facts> = {}, changes: Partial<Instance> = {}): RedisObservation =>
  set([master(), replica(1), replica(2, upstream, facts, changes)]);
/** A sound set but for an instance that serves nobody. */
const withMute = (changes: Partial<Instance>): RedisObservation => set([master(), replica(1), mute(2, changes)]);

const POD = (at: number): string => `#Pod/apm-redis-${at}`;
const AFTER_MASTER = [
  'one-master',
  'accepts-writes',
  'memory-spare',
  'keeps-keys',
  'replicas-linked',
  'replicas-follow-set',
  'replicas-in-step',
  'replicas-counted',
  'syncs-finish',
  'has-replica',
];
/** What is said when nobody leads. */
const NO_MASTER = AFTER_MASTER.map((rule) => `skip redis/${rule}: There is no master; see redis/has-master.`);
const UNSETTLED = 'skip redis/settled: There is no master; see redis/has-master.';
const EACH = ['loaded', 'persisted', 'saved-recently', 'clients-spare', 'clients-not-rejected', 'same-version'];
const OF_REPLICAS = ['replicas-linked', 'replicas-follow-set', 'replicas-in-step', 'syncs-finish'];
const unheard = (at: number, rules: readonly string[] = [...EACH, ...OF_REPLICAS]): readonly string[] =>
  rules.map((rule) => `skip redis/${rule}${POD(at)}: apm-redis-${at} does not serve and cannot be judged; see redis/instances-answer.`);
const ALONE = [
  ...[...OF_REPLICAS, 'replicas-counted'].map((rule) => `skip redis/${rule}: There is no replica.`),
  'skip redis/has-replica: A single instance without sentinels: it has no replica by design.',
];
const RULES = Object.keys(redis.meta.rules);
/** Every rule that could be judged, except for these. */
const passing = (...but: readonly string[]): readonly string[] => RULES.filter((rule) => !but.includes(rule)).map((rule) => `pass redis/${rule}`);

const LOST: Partial<Upstream> = { link: 'down', downSeconds: 61, lastIoSeconds: -1 };
const ARE_LOST = [replica(1, LOST), replica(2, LOST)];
const SILENT = mute(0, { answer: 'silent' });

const cases: Record<string, Case<RedisObservation, RedisOptions>> = {
  // --- recorded ---
  'a whole set': { fixture: 'healthy', expect: ['pass *'] },
  'a whole set with a password, through its exporter': {
    fixture: 'through-exporter',
    // What PING is answered, and so whether writes are refused, an exporter does not say.
    expect: passing('accepts-writes'),
  },
  'the master hangs and a replica has taken over': {
    fixture: 'redis-master-stopped',
    expect: ['fail redis/instances-answer#Pod/apm-redis-0: apm-redis-0 accepts connections and says nothing: …', ...unheard(0), 'pass *'],
  },
  'the master hangs and no replica may take over': {
    fixture: 'redis-no-failover',
    expect: [
      'fail redis/has-master: The master apm-redis-2 does not answer (silent). 2 replicas still follow it, and none has taken over. Nothing can be written.',
      'fail redis/instances-answer#Pod/apm-redis-2: apm-redis-2 accepts connections and says nothing: …',
      ...unheard(2, EACH),
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'two masters': {
    fixture: 'redis-two-masters',
    expect: [
      'fail redis/one-master: 2 instances are masters at once: apm-redis-0, apm-redis-1. What is written to all but one of them will be lost.',
      'pass *',
    ],
  },
  'the master cannot save and no replica may take over': {
    fixture: 'redis-cannot-save',
    expect: [
      'fail redis/accepts-writes#Pod/apm-redis-0: The master apm-redis-0 cannot save its RDB and therefore refuses writes: MISCONF Redis is configured to save RDB snapshots, but…',
      'skip redis/persisted#Pod/apm-redis-0: apm-redis-0 refuses writes for it already; see redis/accepts-writes.',
      'fail redis/has-replica: All replicas have the priority 0: no sentinel will ever promote one.',
      'pass *',
    ],
  },
  'a replica has the wrong password': {
    fixture: 'redis-replica-cut-off',
    expect: [
      'fail redis/replicas-linked#Pod/apm-redis-1: The replica apm-redis-1 has been cut off from its master apm-redis-0 for 30s: its data stands still.',
      'pass *',
    ],
  },
  'a replica follows nobody': {
    fixture: 'redis-replica-of-dead-address',
    expect: [
      'fail redis/replicas-linked#Pod/apm-redis-1: The replica apm-redis-1 follows 10.244.1.250, which belongs to no pod, and has been cut off for 29s.',
      'pass *',
    ],
  },
  'memory is full': {
    fixture: 'redis-at-maxmemory',
    expect: [
      'fail redis/accepts-writes#Pod/apm-redis-0: The memory of the master apm-redis-0 is full (2.0 MiB of 1 MiB) with the policy noeviction: writes are answered with OOM.',
      'skip redis/memory-spare#Pod/apm-redis-0: It is full; see redis/accepts-writes.',
      'pass *',
    ],
  },

  // --- who leads ---
  'a sound set': { observation: set([master(), replica(1), replica(2)]), expect: ['pass *'] },
  'no pod at all': { observation: set([]), expect: RULES.map((rule) => `skip redis/${rule}: No instance runs; see workload.`) },
  'no pod runs': {
    observation: set([mute(0, { answer: 'not-running' }), mute(1, { answer: 'node-lost' })]),
    expect: [
      `skip redis/instances-answer${POD(0)}: apm-redis-0 does not run; see workload.`,
      `skip redis/instances-answer${POD(1)}: apm-redis-1 is on node2, which does not report; see node.`,
      ...RULES.filter((rule) => rule !== 'instances-answer').map((rule) => `skip redis/${rule}: No instance runs; see workload.`),
    ],
  },
  'a Redis Cluster': {
    observation: set([master(0, { mode: 'cluster' }), master(1, { mode: 'cluster' }), instance(2)]),
    expect: RULES.map((rule) => `skip redis/${rule}: The instances form a Redis Cluster, which rules of masters and replicas do not fit.`),
  },
  'a single instance without sentinels is sound': {
    observation: set([master(0, { downstream: { connected: 0, followers: [] } })], { watched: false }),
    expect: [...ALONE, 'pass *'],
  },
  'a single instance that sentinels watch has nobody to take over': {
    observation: set([master(0, { downstream: { connected: 0, followers: [] } })]),
    expect: [
      'fail redis/has-replica: The master apm-redis-0 has no replica online, in a set of 1: when it fails nobody can take over, and data may be lost.',
      ...ALONE.filter((line) => !line.includes('has-replica')),
      'pass *',
    ],
  },
  'replicas of an address that no pod has': {
    observation: set([replica(0, { ...LOST, host: '10.244.1.7' }), replica(1, { ...LOST, host: '10.244.1.7', downSeconds: 7200 })]),
    expect: [
      'fail redis/has-master: There is no master: 2 replicas follow 10.244.1.7, which belongs to no pod any more, and have been cut off for 61s. A pod was recreated…',
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'replicas that follow each other': {
    observation: set([replica(0, { ...LOST, host: ADDRESSES[1] }), replica(1, LOST)]),
    expect: [
      'fail redis/has-master: There is no master: all 2 instances that answer are replicas of apm-redis-0, apm-redis-1, cut off for 61s, and none has taken over. Nothing can be written.',
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'replicas of a Redis elsewhere': {
    observation: set([replica(0, { host: '10.9.9.9' }), replica(1, { host: '10.9.9.9' })]),
    expect: [
      'fail redis/has-master: The set has no master of its own: all 2 instances replicate from 10.9.9.9 outside of it. Who writes here gets READONLY.',
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'the master hangs for longer than a failover may take': {
    observation: set([SILENT, ...ARE_LOST]),
    expect: [
      'fail redis/has-master: The master apm-redis-0 does not answer (silent). 2 replicas still follow it…',
      `fail redis/instances-answer${POD(0)}: apm-redis-0 accepts connections and says nothing: …`,
      ...unheard(0, EACH),
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'the master runs one script for ever': {
    observation: set([mute(0, { answer: 'error', login: 'not-needed', error: { code: 'BUSY', text: 'BUSY Redis is busy running a script.' } }), ...ARE_LOST]),
    expect: [
      'fail redis/has-master: The master apm-redis-0 does not answer (BUSY)…',
      `fail redis/instances-answer${POD(0)}: apm-redis-0 has been running one script for too long and refuses everything else: BUSY Redis is busy running a script.`,
      ...unheard(0, EACH),
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'the master went with its node': {
    observation: set([mute(0, { answer: 'node-lost' }), ...ARE_LOST]),
    expect: [
      'fail redis/has-master: The master apm-redis-0 does not run. 2 replicas have been cut off for 61s, and none has taken over. Nothing can be written.',
      `skip redis/instances-answer${POD(0)}: apm-redis-0 is on node1, which does not report; see node.`,
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'the master was lost 59 s ago: sentinels are at work': {
    observation: set([mute(0, { answer: 'node-lost' }), replica(1, { ...LOST, downSeconds: 59 }), replica(2, LOST)]),
    expect: [
      'skip redis/has-master: There is no master at this moment, for less time than a failover may take; see redis/settled.',
      'fail redis/settled: The master was lost 59s ago; a failover may take 60 s. Nothing can be written meanwhile.',
      `skip redis/instances-answer${POD(0)}: apm-redis-0 is on node1…`,
      ...NO_MASTER,
      'pass *',
    ],
  },
  'nobody watches: there will be no failover': {
    observation: set([mute(0, { answer: 'not-running' }), replica(1, { ...LOST, downSeconds: 5 })], { watched: false }),
    expect: [
      'fail redis/has-master: The master apm-redis-0 does not run. 1 replicas have been cut off for 5s…',
      `skip redis/instances-answer${POD(0)}: apm-redis-0 does not run…`,
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'no instance serves': {
    observation: set([SILENT, mute(1, { answer: 'silent' }), mute(2, { answer: 'node-lost' })]),
    expect: [
      'fail redis/has-master: None of 3 instances serves: apm-redis-0 silent, apm-redis-1 silent, apm-redis-2 node-lost.',
      `fail redis/instances-answer${POD(0)}: apm-redis-0 accepts…`,
      `fail redis/instances-answer${POD(1)}: apm-redis-1 accepts…`,
      `skip redis/instances-answer${POD(2)}: apm-redis-2 is on node3…`,
      ...unheard(0, EACH),
      ...unheard(1, EACH),
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'a replica whose link was never up, on a server before 7.0': {
    observation: set([replica(0, { ...LOST, host: '10.244.1.7', downSeconds: 1_700_000_000 }, { uptimeSeconds: 20 })]),
    expect: ['skip redis/has-master: There is no master at this moment…', 'fail redis/settled: The master was lost 20s ago…', ...NO_MASTER, 'pass *'],
  },
  'the master is loading': {
    observation: set([
      master(
        0,
        { loading: true, loadingEtaSeconds: 130, loadedPercent: 41.7 },
        { answer: 'error', error: { code: 'LOADING', text: 'LOADING Redis is loading the dataset in memory' } },
      ),
      ...ARE_LOST,
    ]),
    expect: [
      'skip redis/has-master: The master apm-redis-0 is loading its data; see redis/loaded.',
      `fail redis/loaded${POD(0)}: apm-redis-0 has restarted and is loading its data (41 % done, 2m to go); until then everybody gets LOADING.`,
      ...NO_MASTER,
      UNSETTLED,
      'pass *',
    ],
  },
  'one master is seen, and one instance could not be asked': {
    observation: set([master(), replica(1), mute(2, { answer: 'unasked' })]),
    // The runner says of the rest that it is unknown. The master is proven, and so are its replicas.
    expect: ['has-master', 'settled', 'accepts-writes', 'memory-spare', 'keeps-keys', 'has-replica'].map((rule) => `pass redis/${rule}`),
  },
  'two masters are seen, and one instance could not be asked': {
    observation: set([master(), master(1), mute(2, { answer: 'unasked' })]),
    expect: [
      'fail redis/one-master: 2 instances are masters at once: apm-redis-0, apm-redis-1…',
      ...['has-master', 'settled', 'accepts-writes', 'memory-spare', 'keeps-keys', 'has-replica'].map((rule) => `pass redis/${rule}`),
    ],
  },
  'all ask for a password that nobody gave': {
    observation: set(
      [0, 1, 2].map((at) => mute(at, { answer: 'error', login: 'missing', error: { code: 'NOAUTH', text: 'NOAUTH Authentication required.' } })),
    ),
    expect: ['pass redis/instances-answer', 'pass redis/admits-clients', 'pass redis/same-password'],
  },
  'only replicas are seen, and the master may be who could not be asked': {
    observation: set([mute(0, { answer: 'unasked' }), ...ARE_LOST]),
    expect: [],
  },
  'several masters of their own': {
    observation: set([master(0, { downstream: { connected: 0, followers: [] } }), master(1, { downstream: { connected: 0, followers: [] } })], {
      watched: false,
    }),
    expect: [
      'fail redis/one-master: 2 instances are masters of their own and nothing replicates between them: apm-redis-0, apm-redis-1. Clients of one Service see different data.',
      'fail redis/has-replica: The master apm-redis-0, apm-redis-1 has no replica online…',
      ...ALONE.filter((line) => !line.includes('has-replica')),
      'pass *',
    ],
  },
  'a master beside one that has just started': {
    observation: set([master(), replica(1), master(2, { uptimeSeconds: 59, downstream: { connected: 0, followers: [] } })]),
    expect: [
      'skip redis/one-master: Several say that they are the master, but some have only just started; see redis/settled.',
      'fail redis/settled: apm-redis-2 started less than 60 s ago and say that they are the master, without replicas: …',
      'pass *',
    ],
  },
  'a master beside one that started a minute ago': {
    observation: set([master(), replica(1), master(2, { uptimeSeconds: 60, downstream: { connected: 0, followers: [] } })]),
    expect: ['fail redis/one-master: 2 instances are masters at once: apm-redis-0, apm-redis-2…', 'pass *'],
  },
  'the whole set has just started and has replicas to make': {
    observation: set([0, 1].map((at) => master(at, { uptimeSeconds: 5, downstream: { connected: 0, followers: [] } }))),
    expect: [
      'skip redis/one-master: Several say…',
      'fail redis/settled: apm-redis-0, apm-redis-1 started less than 60 s ago…',
      'skip redis/has-replica: Replicas are being synchronised, or were cut off only just now.',
      ...ALONE.filter((line) => !line.includes('has-replica')),
      'pass *',
    ],
  },
  'a failover by hand': {
    observation: withMaster({ downstream: { ...DOWNSTREAM, failover: 'waiting-for-sync' } }),
    expect: ['fail redis/settled: A failover by hand runs on the master apm-redis-0 (waiting-for-sync).', 'pass *'],
  },

  // --- each instance ---
  'nobody listens where others do': {
    observation: withMute({ answer: 'refused' }),
    expect: [`fail redis/instances-answer${POD(2)}: Nobody listens on port 6379 of apm-redis-2, while others of the set do.`, ...unheard(2), 'pass *'],
  },
  'closes at once where others answer': {
    observation: withMute({ answer: 'closed' }),
    expect: [`fail redis/instances-answer${POD(2)}: apm-redis-2 accepts connections and closes them at once, while…`, ...unheard(2), 'pass *'],
  },
  'another protocol where others speak Redis': {
    observation: withMute({ answer: 'garbled' }),
    expect: [`fail redis/instances-answer${POD(2)}: What answers on port 6379 of apm-redis-2 does not speak the protocol of Redis.`, ...unheard(2), 'pass *'],
  },
  'none can be reached by a port-forward: they may listen on their own addresses alone': {
    observation: set([0, 1, 2].map((at) => mute(at, { answer: 'refused' }))),
    expect: ['pass redis/same-password'],
  },
  'all close at once: they may want TLS': {
    observation: set([mute(0, { answer: 'closed' }), mute(1, { answer: 'closed' })]),
    expect: ['pass redis/same-password'],
  },
  'a pod that is not ready and does not listen yet': {
    observation: withMute({ answer: 'refused', ready: false }),
    expect: [`skip redis/instances-answer${POD(2)}: apm-redis-2 is not ready and listens to nobody; see workload.`, 'pass *'],
  },
  'protected mode': {
    observation: withMute({ answer: 'error', login: 'not-needed', error: { code: 'DENIED', text: 'DENIED Redis is running in protected mode' } }),
    expect: [
      `fail redis/instances-answer${POD(2)}: apm-redis-2 is in protected mode and refuses whoever is not on its own machine: DENIED Redis is running in protected mode`,
      ...unheard(2),
      'pass *',
    ],
  },
  'another error': {
    observation: withMute({ answer: 'error', login: 'not-needed', error: { code: 'ERR', text: 'ERR unknown command' } }),
    expect: [`fail redis/instances-answer${POD(2)}: apm-redis-2 answers PING with an error: ERR unknown command`, ...unheard(2), 'pass *'],
  },
  'a replica that takes no more clients': {
    observation: withMute({ answer: 'error', login: 'not-needed', error: { code: 'ERR', text: 'ERR max number of clients reached' } }),
    expect: [
      `fail redis/instances-answer${POD(2)}: The replica apm-redis-2 has as many clients as maxclients allows and turns new ones away.`,
      ...['has-master', 'settled', 'accepts-writes', 'memory-spare', 'keeps-keys', 'has-replica', 'admits-clients', 'same-password'].map(
        (rule) => `pass redis/${rule}`,
      ),
    ],
  },
  'the master takes no more clients': {
    observation: set([
      mute(0, { answer: 'error', login: 'not-needed', error: { code: 'ERR', text: 'ERR max number of clients reached' } }),
      replica(1),
      replica(2),
    ]),
    expect: [
      `fail redis/admits-clients${POD(0)}: apm-redis-0 has as many clients as maxclients allows; whoever connects is turned away: ERR max number of clients reached`,
      'pass redis/instances-answer',
      'pass redis/same-password',
    ],
  },
  'a replica is loading, and does not say for how long': {
    observation: withReplica({}, { loading: true }),
    expect: [`fail redis/loaded${POD(2)}: apm-redis-2 has restarted and is loading its data (? done, ? to go)…`, 'pass *'],
  },

  // --- what it writes and holds ---
  'the master cannot save and refuses writes': {
    observation: withMaster(
      { persistence: { ...FACTS.persistence, bgsaveOk: false } },
      {
        answer: 'error',
        error: { code: 'MISCONF', text: 'MISCONF Redis is configured to save RDB snapshots, but it is currently unable to persist to disk.' },
      },
    ),
    expect: [
      `fail redis/accepts-writes${POD(0)}: The master apm-redis-0 cannot save its RDB and therefore refuses writes: MISCONF Redis is configured…`,
      `skip redis/persisted${POD(0)}: apm-redis-0 refuses writes for it already; see redis/accepts-writes.`,
      'pass *',
    ],
  },
  'the master cannot append and refuses writes': {
    observation: withMaster({}, { answer: 'error', error: { code: 'MISCONF', text: 'MISCONF Errors writing to the AOF file: No space left on device' } }),
    expect: [
      `fail redis/accepts-writes${POD(0)}: The master apm-redis-0 cannot write its append-only file and therefore refuses writes: MISCONF Errors…`,
      `skip redis/persisted${POD(0)}: apm-redis-0 refuses…`,
      'pass *',
    ],
  },
  'an old master cannot append and does not say so to PING': {
    observation: withMaster({ persistence: { bgsaveOk: true, aofEnabled: true, aofWriteOk: false, changesSinceSave: 0 } }),
    expect: [
      `fail redis/accepts-writes${POD(0)}: The master apm-redis-0 cannot write its append-only file and therefore refuses writes: aof_last_write_status:err`,
      `fail redis/persisted${POD(0)}: The last write of apm-redis-0 to its append-only file failed.`,
      'pass *',
    ],
  },
  'the last save failed and writes go on': {
    observation: withMaster({ persistence: { ...FACTS.persistence, bgsaveOk: false } }),
    expect: [`fail redis/persisted${POD(0)}: The last background save of apm-redis-0 failed…`, 'pass *'],
  },
  'a replica that cannot save answers PING with MISCONF and refuses nobody': {
    observation: withReplica(
      {},
      { persistence: { ...FACTS.persistence, bgsaveOk: false } },
      { answer: 'error', error: { code: 'MISCONF', text: 'MISCONF Redis is…' } },
    ),
    expect: [`fail redis/persisted${POD(2)}: The last background save of apm-redis-2 failed…`, 'pass *'],
  },
  'the last rewrite failed': {
    observation: withMaster({ persistence: { bgsaveOk: true, aofEnabled: true, aofWriteOk: true, aofRewriteOk: false, changesSinceSave: 0 } }),
    expect: [`fail redis/persisted${POD(0)}: The last rewrite of the append-only file of apm-redis-0 failed…`, 'pass *'],
  },
  'a rewrite that failed before the append-only file was switched off': {
    observation: withMaster({ persistence: { bgsaveOk: true, aofEnabled: false, aofRewriteOk: false, changesSinceSave: 0 } }),
    expect: ['pass *'],
  },
  'nothing was saved for more than 48 hours': {
    observation: withMaster({ persistence: { bgsaveOk: true, aofEnabled: false, changesSinceSave: 12, lastSaveAt: ago(48 * 3600 + 1), savePoints: '900 1' } }),
    expect: [`fail redis/saved-recently${POD(0)}: apm-redis-0 has not saved its RDB for 2d although 12 changes wait and its setting is save 900 1.`, 'pass *'],
  },
  'saved 48 hours ago': {
    observation: withMaster({ persistence: { bgsaveOk: true, aofEnabled: false, changesSinceSave: 12, lastSaveAt: ago(48 * 3600) } }),
    expect: ['pass *'],
  },
  'nothing is to be saved': {
    observation: withMaster({ persistence: { bgsaveOk: true, aofEnabled: false, changesSinceSave: 12, lastSaveAt: ago(90 * 86_400), savePoints: '' } }),
    expect: ['pass *'],
  },
  'an append-only file keeps what no save does': {
    observation: withMaster({
      persistence: { bgsaveOk: true, aofEnabled: true, aofWriteOk: true, aofRewriteOk: true, changesSinceSave: 12, lastSaveAt: ago(90 * 86_400) },
    }),
    expect: ['pass *'],
  },
  'whether anything is to be saved was not said': {
    observation: withMaster({ persistence: { bgsaveOk: true, aofEnabled: false, changesSinceSave: 12, lastSaveAt: ago(90 * 86_400) } }),
    expect: passing('saved-recently'),
  },
  'memory is full and nothing may be evicted': {
    observation: withMaster({ memory: { used: 64_000_000, max: 64_000_000, policy: 'noeviction' } }),
    expect: [
      `fail redis/accepts-writes${POD(0)}: The memory of the master apm-redis-0 is full (61 MiB of 61 MiB) with the policy noeviction: writes are answered with OOM.`,
      `skip redis/memory-spare${POD(0)}: It is full; see redis/accepts-writes.`,
      'pass *',
    ],
  },
  'memory is all but full and commands were refused': {
    observation: withMaster({ memory: { used: 63_400_000, max: 64_000_000, policy: 'noeviction', refused: 3 } }),
    expect: [`fail redis/accepts-writes${POD(0)}: The memory of…`, `skip redis/memory-spare${POD(0)}: It is full…`, 'pass *'],
  },
  'memory is all but full and none was refused': {
    observation: withMaster({ memory: { used: 63_400_000, max: 64_000_000, policy: 'noeviction', refused: 0 } }),
    expect: [
      `fail redis/memory-spare${POD(0)}: apm-redis-0 uses 99 % of its memory (60 MiB of 61 MiB) with the policy noeviction: once it is full, writes fail.`,
      'pass *',
    ],
  },
  'no key with an expiry is left to evict': {
    observation: withMaster({ memory: { used: 64_000_000, max: 64_000_000, policy: 'volatile-lru', refused: 9, evicted: 0 } }),
    expect: [`fail redis/accepts-writes${POD(0)}: The memory of…`, `skip redis/memory-spare${POD(0)}: It is full…`, 'pass *'],
  },
  'memory at 90 %': {
    observation: withMaster({ memory: { used: 57_600_000, max: 64_000_000, policy: 'noeviction' } }),
    expect: [`fail redis/memory-spare${POD(0)}: apm-redis-0 uses 90 % of its memory (55 MiB of 61 MiB)…`, 'pass *'],
  },
  'memory at 89 %': { observation: withMaster({ memory: { used: 57_599_999, max: 64_000_000, policy: 'noeviction' } }), expect: ['pass *'] },
  'memory without a limit': { observation: withMaster({ memory: { used: 57_600_000, max: 0, policy: 'noeviction' } }), expect: ['pass *'] },
  'a full replica keeps nobody from writing': {
    observation: withReplica({}, { memory: { used: 64_000_000, max: 64_000_000, policy: 'noeviction' } }),
    expect: ['pass *'],
  },
  'a cache at its limit': {
    observation: withMaster({ memory: { used: 63_900_000, max: 64_000_000, policy: 'allkeys-lru', evicted: 812 } }),
    expect: [`fail redis/keeps-keys${POD(0)}: apm-redis-0 uses 99 % of its memory and evicts keys by allkeys-lru, 812 since its start…`, 'pass *'],
  },
  'a cache that once was at its limit': {
    observation: withMaster({ memory: { used: 30_000_000, max: 64_000_000, policy: 'allkeys-lru', evicted: 812 } }),
    expect: ['pass *'],
  },
  'too few good replicas to write': {
    observation: withMaster({ downstream: { ...DOWNSTREAM, good: 0, wanted: 1 } }),
    expect: [
      `fail redis/accepts-writes${POD(0)}: The master apm-redis-0 has 0 good replicas, fewer than the 1 of min-replicas-to-write: writes are answered with NOREPLICAS.`,
      'pass *',
    ],
  },
  'as many good replicas as it takes': { observation: withMaster({ downstream: { ...DOWNSTREAM, good: 1, wanted: 1 } }), expect: ['pass *'] },
  'good replicas are counted, and how many it takes was not said': {
    observation: withMaster({ downstream: { ...DOWNSTREAM, good: 1 } }),
    expect: passing('accepts-writes'),
  },
  'clients at 90 %': {
    observation: withMaster({ clients: { connected: 900, max: 1000, rejected: 0 } }),
    expect: [`fail redis/clients-spare${POD(0)}: apm-redis-0 has 900 clients of the 1000 that maxclients allows (90 %).`, 'pass *'],
  },
  'clients at 89 %': { observation: withMaster({ clients: { connected: 899, max: 1000, rejected: 0 } }), expect: ['pass *'] },
  'how many clients are allowed was not said': {
    observation: withMaster({ clients: { connected: 899, rejected: 0 } }),
    expect: passing('clients-spare'),
  },
  'clients were turned away once': {
    observation: withMaster({ clients: { connected: 7, max: 1000, rejected: 3 } }),
    expect: [`fail redis/clients-not-rejected${POD(0)}: apm-redis-0 has turned 3 connections away since its start 24h ago…`, 'pass *'],
  },

  // --- replicas ---
  'a replica is cut off': {
    observation: set([master(0, { downstream: { ...DOWNSTREAM, connected: 1, followers: FOLLOWERS.slice(0, 1) } }), replica(1), replica(2, LOST)]),
    expect: [
      `fail redis/replicas-linked${POD(2)}: The replica apm-redis-2 has been cut off from its master apm-redis-0 for 61s: its data stands still.`,
      'pass *',
    ],
  },
  'a replica that was cut off 16 s ago': {
    observation: withReplica({ ...LOST, downSeconds: 16 }),
    expect: [
      `fail redis/replicas-linked${POD(2)}: The replica apm-redis-2 has been cut off from its master apm-redis-0 for 16s: its data stands still.`,
      'pass *',
    ],
  },
  'a replica is cut off and serves nothing': {
    observation: withReplica(LOST, {}, { answer: 'error', error: { code: 'MASTERDOWN', text: 'MASTERDOWN Link with MASTER is down' } }),
    expect: [
      `fail redis/replicas-linked${POD(2)}: The replica apm-redis-2 has been cut off from its master apm-redis-0 for 61s and serves no stale data…`,
      'pass *',
    ],
  },
  'a replica follows an address that no pod has': {
    observation: withReplica({ ...LOST, host: '10.244.1.250' }),
    expect: [
      `fail redis/replicas-linked${POD(2)}: The replica apm-redis-2 follows 10.244.1.250, which belongs to no pod, and has been cut off for 61s.`,
      'pass *',
    ],
  },
  'a replica that was cut off 15 s ago': {
    observation: withReplica({ ...LOST, downSeconds: 15 }),
    expect: [
      `skip redis/replicas-linked${POD(2)}: The replica apm-redis-2 has been cut off for 15s only, or is being synchronised; 15 s are allowed.`,
      'pass *',
    ],
  },
  'a replica that is being copied to': {
    observation: withReplica({ ...LOST, downSeconds: 299, syncing: true, syncLeftBytes: 1024 }),
    expect: [`skip redis/replicas-linked${POD(2)}: The replica apm-redis-2 has been cut off for 5m only, or is being synchronised…`, 'pass *'],
  },
  'a copy that takes too long': {
    observation: withReplica({ ...LOST, downSeconds: 301, syncing: true, syncLeftBytes: 3 * 1024 ** 3 }),
    expect: [
      `skip redis/replicas-linked${POD(2)}: The replica apm-redis-2 has been cut off for 5m only, or is being…`,
      `fail redis/syncs-finish${POD(2)}: The full copy to the replica apm-redis-2 has taken 5m (3 GiB to go); 300 s are allowed.`,
      'pass *',
    ],
  },
  'copies that begin anew over and over': {
    observation: set([
      master(0, { uptimeSeconds: 3600, downstream: { ...DOWNSTREAM, fullSyncs: 12, followers: FOLLOWERS.map((each) => ({ ...each, state: 'wait_bgsave' })) } }),
      replica(1),
      replica(2),
    ]),
    expect: [
      `fail redis/syncs-finish${POD(0)}: The master apm-redis-0 is handing out a full copy, its 12th since its start 60m ago…`,
      'fail redis/has-replica: The master apm-redis-0 has no replica online…',
      'pass *',
    ],
  },
  'many copies over a long life are none of today': {
    observation: withMaster({
      uptimeSeconds: 86_400 * 30,
      downstream: { ...DOWNSTREAM, fullSyncs: 40, followers: [FOLLOWERS[0] ?? { address: '', state: '' }, { address: ADDRESSES[2], state: 'send_bulk' }] },
    }),
    expect: ['pass *'],
  },
  'a replica by its name in a headless Service': {
    observation: withReplica({ host: 'apm-redis-0.apm-redis.skiff-apm.svc.cluster.local' }),
    expect: ['pass *'],
  },
  'a replica that follows a Service': { observation: { ...withReplica({ host: '10.96.0.77' }), services: ['10.96.0.77'] }, expect: ['pass *'] },
  'a replica of a replica': { observation: withReplica({ host: ADDRESSES[1] }), expect: ['pass *'] },
  'a replica of another set': {
    observation: withReplica({ host: '10.9.9.9' }),
    expect: [
      `fail redis/replicas-follow-set${POD(2)}: The replica apm-redis-2 replicates from 10.9.9.9 outside of the set, whose master is apm-redis-0: …`,
      'pass *',
    ],
  },
  'a replica that is more than 10 MiB behind': {
    observation: withMaster({ downstream: { ...DOWNSTREAM, offset: 30_412 + 10 * 1024 ** 2 + 1 } }),
    expect: [
      `fail redis/replicas-in-step${POD(1)}: The replica apm-redis-1 is 10 MiB behind its master; 10 MiB are allowed.`,
      `fail redis/replicas-in-step${POD(2)}: The replica apm-redis-2 is 10 MiB behind its master; 10 MiB are allowed.`,
      'pass *',
    ],
  },
  'a replica that is 10 MiB behind': { observation: withMaster({ downstream: { ...DOWNSTREAM, offset: 30_412 + 10 * 1024 ** 2 } }), expect: ['pass *'] },
  'a replica that does not acknowledge': {
    observation: withMaster({ downstream: { ...DOWNSTREAM, followers: FOLLOWERS.map((each) => ({ ...each, lagSeconds: 31 })) } }),
    expect: [
      `fail redis/replicas-in-step${POD(1)}: The master has not heard of its replica apm-redis-1 for 31 s; 30 s are allowed.`,
      `fail redis/replicas-in-step${POD(2)}: The master has not heard of its replica apm-redis-2 for 31 s; 30 s are allowed.`,
      'pass *',
    ],
  },
  'a replica that acknowledged 30 s ago': {
    observation: withMaster({ downstream: { ...DOWNSTREAM, followers: FOLLOWERS.map((each) => ({ ...each, lagSeconds: 30 })) } }),
    expect: ['pass *'],
  },
  'behind a translated address the positions of both sides count': {
    observation: set([
      master(0, {
        downstream: { ...DOWNSTREAM, offset: 40_000_000, followers: FOLLOWERS.map((each) => ({ ...each, address: '10.99.0.1', offset: 40_000_000 })) },
      }),
      replica(1, { offset: 40_000_000 }),
      replica(2, { offset: 1_000_000 }),
    ]),
    expect: [`fail redis/replicas-in-step${POD(2)}: The replica apm-redis-2 is 37 MiB behind its master…`, 'pass *'],
  },
  'a replica whose position nobody tells': {
    observation: set([
      master(0, { downstream: { connected: 2, followers: [] } }),
      replica(1),
      instance(2, { facts: { ...FACTS, role: 'replica', upstream: { host: ADDRESSES[0], port: 6379, link: 'up', syncing: false } } }),
    ]),
    expect: passing('replicas-in-step'),
  },
  'the master does not count a replica that is linked': {
    observation: withMaster({ downstream: { ...DOWNSTREAM, connected: 1, followers: FOLLOWERS.slice(0, 1) } }),
    expect: [
      `fail redis/replicas-counted${POD(0)}: 2 instances say that they are linked replicas of apm-redis-0, which counts only 1: apm-redis-1, apm-redis-2.`,
      'pass *',
    ],
  },
  'the master counts a replica that is no pod': { observation: withMaster({ downstream: { ...DOWNSTREAM, connected: 3 } }), expect: ['pass *'] },
  'all replicas are gone with their nodes': {
    observation: set([master(0, { downstream: { connected: 0, followers: [] } }), mute(1, { answer: 'node-lost' }), mute(2, { answer: 'not-running' })]),
    expect: [
      'fail redis/has-replica: The master apm-redis-0 has no replica online, in a set of 3: when it fails nobody can take over, and data may be lost.',
      `skip redis/instances-answer${POD(1)}: apm-redis-1 is on node2…`,
      `skip redis/instances-answer${POD(2)}: apm-redis-2 does not run…`,
      ...ALONE.filter((line) => !line.includes('has-replica')),
      'pass *',
    ],
  },
  'the only replica was cut off just now': {
    observation: set([master(0, { downstream: { connected: 0, followers: [] } }), replica(1, { ...LOST, downSeconds: 3 })]),
    expect: [
      'skip redis/has-replica: Replicas are being synchronised, or were cut off only just now.',
      `skip redis/replicas-linked${POD(1)}: The replica apm-redis-1 has been cut off for 3s only…`,
      'pass *',
    ],
  },
  'no replica may be promoted': {
    observation: set([master(), replica(1, { priority: 0 }), replica(2, { priority: 0 })]),
    expect: ['fail redis/has-replica: All replicas have the priority 0: no sentinel will ever promote one.', 'pass *'],
  },
  'no replica may be promoted, and nobody would': {
    observation: set([master(), replica(1, { priority: 0 }), replica(2, { priority: 0 })], { watched: false }),
    expect: ['pass *'],
  },

  // --- the set ---
  'one instance without a password': {
    observation: set([master(0, {}, { login: 'accepted' }), replica(1, {}, {}, { login: 'accepted' }), replica(2)]),
    expect: [
      'fail redis/same-password: apm-redis-2 ask for no password while apm-redis-0, apm-redis-1 do: after a failover clients or replication fail.',
      'pass *',
    ],
  },
  'one password, accepted here and refused there': {
    observation: set([
      master(0, {}, { login: 'accepted' }),
      replica(1, {}, {}, { login: 'accepted' }),
      replica(2, {}, {}, { login: 'rejected', witness: 'exporter' }),
    ]),
    expect: ['fail redis/same-password: One password is accepted by apm-redis-0, apm-redis-1 and refused by apm-redis-2: …', 'pass *'],
  },
  'two versions': {
    observation: withReplica({}, { version: '6.2.7' }),
    expect: ['fail redis/same-version: The set runs several versions: 6.2.7 (apm-redis-2), 7.0.15 (apm-redis-0, apm-redis-1).', 'pass *'],
  },
};

testCheck(redis, cases, { fixtures: FIXTURES });
testContract(redis, new URL('../../checks/redis/', import.meta.url));

// --- the probe ------------------------------------------------------------------------------------------------------------------------------

function pod(
  name: string,
  at: number,
  changes: { readonly port?: number; readonly image?: string; readonly ready?: string; readonly runs?: boolean } = {},
): Pod {
  const { port = 6379, image = 'redis:7.0.15', ready = 'True', runs = true } = changes;
  return {
    metadata: { name, namespace: 'skiff-apm' },
    spec: { nodeName: `node${at + 1}`, containers: [{ name: 'main', image, ports: [{ containerPort: port }] }] },
    status: {
      phase: 'Running',
      podIP: ADDRESSES[at] ?? '10.244.9.9',
      conditions: [{ type: 'Ready', status: ready }],
      containerStatuses: [{ name: 'main', state: runs ? { running: { startedAt: ago(86_400) } } : { waiting: { reason: 'CrashLoopBackOff' } } }],
    },
  };
}
const node = (at: number, status = 'True'): Node => ({ metadata: { name: `node${at + 1}` }, status: { conditions: [{ type: 'Ready', status }] } });
const NAMES = ['apm-redis-0', 'apm-redis-1', 'apm-redis-2'] as const;
const EXPORTER = 'apm-redis-exporter-54rn5';
const PODS = NAMES.map((name, at) => pod(name, at));
const OBJECTS = {
  pods: [...PODS, pod(EXPORTER, 3, { port: 9121, image: 'oliver006/redis_exporter' })],
  nodes: [0, 1, 2, 3].map((at) => node(at)),
  services: [] as Service[],
} satisfies Objects;
const peer = (component: string, pods: readonly string[] = []): Peer => ({
  component: `skiff-apm/${component}`,
  presence: 'present',
  pods: pods.map((name) => ({ namespace: 'skiff-apm', name })),
  services: [],
});
const TARGET: Partial<Target> = {
  component: 'skiff-apm/apm-redis',
  namespace: 'skiff-apm',
  pods: NAMES.map((name) => ({ namespace: 'skiff-apm', name })),
  peers: { sentinel: [peer('apm-redis-sentinel')] },
};
const WITH_EXPORTER: Partial<Target> = { ...TARGET, peers: { ...TARGET.peers, exporter: [peer('apm-redis-exporter', [EXPORTER])] } };

/** INFO of a Redis 7.0.15, cut to what is read. */
const text = (name: string): string => readFileSync(new URL(`answers/${name}.txt`, FIXTURES), 'utf8');
const MASTER_INFO = text('info-master');
const REPLICA_INFO = text('info-replica');
const at = (name: string): string => `skiff-apm/${name}:6379`;
const says = (info: RedisReply) => ({ replies: { INFO: info } });
const SOUND = { [at(NAMES[0])]: says(MASTER_INFO), [at(NAMES[1])]: says(REPLICA_INFO), [at(NAMES[2])]: says(REPLICA_INFO) };
const reasons = (blindSpots: Awaited<ReturnType<typeof probeWith>>['blindSpots']): readonly string[] =>
  blindSpots.map(({ subject, problem, rules }) => `${subject?.name ?? '*'} ${problem.reason} ${rules.join(' ')}`);

test('each instance is asked with PING and one INFO', async () => {
  const { observation, blindSpots } = await probeWith(redis, { target: TARGET, objects: OBJECTS, redis: SOUND });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual([...verdictLines(redis, observation)].sort(), [...passing()].sort());
});

test('what INFO leaves out is asked as a setting', async () => {
  const old = MASTER_INFO.replace(/^maxclients:.*\r?\n/m, '').replace(/^connected_slaves:2/m, 'min_slaves_good_slaves:1\nconnected_slaves:2');
  const stale = old
    .replace(/^rdb_last_save_time:\d+/m, 'rdb_last_save_time:1700000000')
    .replace(/^rdb_changes_since_last_save:0/m, 'rdb_changes_since_last_save:5');
  const { observation, blindSpots } = await probeWith(redis, {
    target: TARGET,
    objects: OBJECTS,
    redis: {
      ...SOUND,
      [at(NAMES[0])]: {
        replies: {
          INFO: stale,
          'CONFIG GET maxclients': ['maxclients', '7'],
          'CONFIG GET min-replicas-to-write': [],
          'CONFIG GET min-slaves-to-write': ['min-slaves-to-write', '2'],
          'CONFIG GET save': ['save', '900 1'],
        },
      },
    },
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    verdictLines(redis, observation)
      .filter((line) => line.startsWith('fail'))
      .map((line) => line.split(':')[0])
      .sort(),
    ['accepts-writes', 'clients-spare', 'saved-recently'].map((rule) => `fail redis/${rule}#Pod/apm-redis-0`),
  );
  assert.match(verdictLines(redis, observation).join('\n'), /has 1 good replicas, fewer than the 2 of/);
  assert.match(verdictLines(redis, observation).join('\n'), /its setting is save 900 1\./);
});

test('a setting that may not be read leaves its rule unknown and nothing else', async () => {
  const old = MASTER_INFO.replace(/^maxclients:.*\r?\n/m, '');
  const refused = { code: 'ERR', error: "ERR unknown command 'CONFIG'" };
  for (const reply of [refused, { failure: 'CredentialsRejected' }, []] as const) {
    const { observation, blindSpots } = await probeWith(redis, {
      target: TARGET,
      objects: OBJECTS,
      redis: { ...SOUND, [at(NAMES[0])]: { replies: { INFO: old, 'CONFIG GET maxclients': reply } } },
    });

    assert.deepEqual(
      blindSpots.map(({ rules, subject }) => [rules, subject?.name]),
      [[['clients-spare'], 'apm-redis-0']],
    );
    assert.deepEqual([...verdictLines(redis, observation)].sort(), [...passing('clients-spare')].sort());
  }
});

test('an instance that cannot be asked hides none of the others, and is well nowhere', async () => {
  for (const [failure, reason] of [
    ['Forbidden', 'Forbidden'],
    ['Timeout', 'Timeout'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(redis, { target: TARGET, objects: OBJECTS, redis: { ...SOUND, [at(NAMES[2])]: failure } });
    const [spot] = blindSpots;

    assert.equal(blindSpots.length, 1);
    assert.equal(spot?.problem.reason, reason);
    assert.deepEqual(spot?.subject, { kind: 'Pod', namespace: 'skiff-apm', name: 'apm-redis-2' });
    assert.deepEqual([...verdictLines(redis, observation)].sort(), [...passing(...(spot?.rules ?? []))].sort());
    assert.ok(spot?.rules.includes('one-master'), 'it may be a second master');
    assert.ok(!spot?.rules.includes('has-master'), 'the master is seen');
  }
});

test('without a password nothing is well and nothing is ill but that they live', async () => {
  for (const [login, reason] of [
    ['missing', 'NoCredentials'],
    ['rejected', 'CredentialsRejected'],
  ] as const) {
    const locked = { login, greeting: { code: 'NOAUTH', error: 'NOAUTH Authentication required.' } };
    const { observation, blindSpots } = await probeWith(redis, {
      target: TARGET,
      objects: OBJECTS,
      redis: Object.fromEntries(NAMES.map((name) => [at(name), locked])),
    });

    assert.deepEqual([...verdictLines(redis, observation)].sort(), ['pass redis/admits-clients', 'pass redis/instances-answer', 'pass redis/same-password']);
    assert.deepEqual(
      blindSpots.map(({ problem, subject }) => `${subject?.name} ${problem.reason}`),
      NAMES.map((name) => `${name} ${reason}`),
    );
    assert.ok(blindSpots.every(({ rules }) => rules.length === passing().length - 3));
  }
});

test('without a password an exporter tells what it knows, and that is marked', async () => {
  const scrape = (name: string, at: number): Record<string, { readonly status: number; readonly body: string }> => ({
    [`pod skiff-apm/${EXPORTER}:9121 /scrape?target=redis%3A%2F%2F${ADDRESSES[at]}%3A6379`]: { status: 200, body: text(name) },
  });
  const locked = { login: 'missing', greeting: { code: 'NOAUTH', error: 'NOAUTH Authentication required.' } } as const;
  const { observation, blindSpots } = await probeWith(redis, {
    target: WITH_EXPORTER,
    objects: OBJECTS,
    redis: Object.fromEntries(NAMES.map((name) => [at(name), locked])),
    http: { ...scrape('scrape-master', 0), ...scrape('scrape-replica', 1), ...scrape('scrape-replica', 2) },
  });
  const { instances } = observation as unknown as RedisObservation;

  assert.deepEqual(
    instances.map(({ witness, facts }) => [witness, facts?.role]),
    [
      ['exporter', 'master'],
      ['exporter', 'replica'],
      ['exporter', 'replica'],
    ],
  );
  assert.deepEqual(reasons(blindSpots), ['apm-redis-0 NoCredentials accepts-writes']);
  assert.deepEqual([...verdictLines(redis, observation)].sort(), [...passing('accepts-writes')].sort());
});

test('an exporter that knows nothing leaves all as unknown as it was', async () => {
  const locked = { login: 'missing', greeting: { code: 'NOAUTH', error: 'NOAUTH Authentication required.' } } as const;
  const one = { ...TARGET, pods: [{ namespace: 'skiff-apm', name: NAMES[0] }], peers: WITH_EXPORTER.peers ?? {} };
  for (const reply of [
    { status: 404, body: 'not found' },
    { status: 200, body: 'redis_up 0\nredis_exporter_last_scrape_error{err="dial redis"} 1\n' },
    { status: 200, body: '<html>' },
    { unreachable: 'refused' },
    'Forbidden',
  ] as const) {
    const { observation, blindSpots } = await probeWith(redis, {
      target: one,
      objects: OBJECTS,
      redis: { [at(NAMES[0])]: locked },
      http: { [`pod skiff-apm/${EXPORTER}:9121 /scrape?target=redis%3A%2F%2F${ADDRESSES[0]}%3A6379`]: reply },
    });

    assert.equal((observation as unknown as RedisObservation).instances[0]?.witness, 'nobody');
    assert.deepEqual(
      blindSpots.map(({ problem }) => problem.reason),
      ['NoCredentials'],
    );
  }
});

test('an instance that hangs is a fault, and an exporter is not asked about it', async () => {
  const { observation, blindSpots } = await probeWith(redis, {
    target: WITH_EXPORTER,
    objects: OBJECTS,
    redis: { ...SOUND, [at(NAMES[2])]: { silence: 'silent' } },
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    verdictLines(redis, observation).filter((line) => line.startsWith('fail')),
    [
      'fail redis/instances-answer#Pod/apm-redis-2: apm-redis-2 accepts connections and says nothing: its process hangs (blocked, stopped, or stuck on its disk).',
    ],
  );
});

test('one that is not reached where none is gives no verdict, with the reason', async () => {
  for (const [silence, reason] of [
    ['refused', 'Refused'],
    ['closed', 'Reset'],
    ['garbled', 'InvalidResponse'],
  ] as const) {
    const { observation, blindSpots } = await probeWith(redis, {
      target: TARGET,
      objects: OBJECTS,
      redis: Object.fromEntries(NAMES.map((name) => [at(name), { silence }])),
    });

    assert.deepEqual(verdictLines(redis, observation), ['pass redis/same-password']);
    assert.deepEqual(
      blindSpots.map(({ problem }) => problem.reason),
      [reason, reason, reason],
    );
  }
});

test('garbage for INFO is no fact, and does no harm', async () => {
  for (const reply of ['', 'hello', 'role', '\u0000\u0001:', null, 7, [], [['role', 'master']], { code: 'ERR', error: 'ERR unknown command' }] as const) {
    const { observation, blindSpots } = await probeWith(redis, { target: TARGET, objects: OBJECTS, redis: { ...SOUND, [at(NAMES[2])]: says(reply) } });

    assert.equal((observation as unknown as RedisObservation).instances[2]?.facts, undefined);
    if (typeof reply !== 'object' || reply === null || !('code' in reply))
      assert.deepEqual(
        blindSpots.map(({ problem }) => problem.reason),
        ['InvalidResponse'],
      );
  }
});

test('numbers beyond all measure are none', () => {
  const facts = factsOfInfo(
    'redis_version:7.0.15\nrole:slave\nmaster_host:h\nmaster_port:99999999999999999999\nslave_repl_offset:1e9\nuptime_in_seconds:-\nused_memory:x\nmaxmemory:1',
  );

  assert.deepEqual(facts, {
    role: 'replica',
    mode: '',
    version: '7.0.15',
    runId: '',
    upstream: { host: 'h', port: 0, link: 'down', syncing: false },
  });
  assert.equal(factsOfScrape('redis_up 1\n'), undefined);
});

test('a flood of replicas in INFO is cut', () => {
  const slaves = Array.from({ length: 5000 }, (_, at) => `slave${at}:ip=10.0.0.1,port=6379,state=online,offset=1,lag=0`).join('\n');

  assert.equal(factsOfInfo(`role:master\nconnected_slaves:5000\n${slaves}`)?.downstream?.followers.length, 20);
});

test('an instance that answers everything with an error is asked nothing more', async () => {
  for (const error of ['BUSY Redis is busy running a script.', 'ERR max number of clients reached', 'DENIED Redis is running in protected mode']) {
    const { observation } = await probeWith(redis, {
      target: TARGET,
      objects: OBJECTS,
      redis: { ...SOUND, [at(NAMES[1])]: { greeting: { code: error.split(' ')[0] ?? '', error } } },
    });

    assert.equal((observation as unknown as RedisObservation).instances[1]?.facts, undefined);
    assert.match(verdictLines(redis, observation).find((line) => line.startsWith('fail')) ?? '', /#Pod\/apm-redis-1/);
  }
});

test('what does not run, is leaving, or is on a lost node is not asked', async () => {
  const leaving: Pod = { ...pod(NAMES[2], 2), metadata: { name: NAMES[2], namespace: 'skiff-apm', deletionTimestamp: ago(5) } };
  const { observation, blindSpots } = await probeWith(redis, {
    target: TARGET,
    objects: { pods: [pod(NAMES[0], 0, { runs: false }), pod(NAMES[1], 1), leaving], nodes: [node(0), node(1, 'Unknown'), node(2)], services: [] },
  });

  assert.deepEqual(blindSpots, []);
  assert.deepEqual(
    (observation as unknown as RedisObservation).instances.map(({ answer }) => answer),
    ['not-running', 'node-lost', 'not-running'],
  );
});

test('a pod that has failed is no instance', async () => {
  const failed: Pod = { metadata: { name: NAMES[1], namespace: 'skiff-apm' }, status: { phase: 'Failed' } };
  const { observation } = await probeWith(redis, {
    target: { ...TARGET, peers: {} },
    objects: { pods: [pod(NAMES[0], 0), failed], nodes: [], services: [] },
    redis: { [at(NAMES[0])]: says(MASTER_INFO.replace(/^connected_slaves:2/m, 'connected_slaves:0').replace(/^slave\d:.*\r?\n/gm, '')) },
  });

  assert.deepEqual([...verdictLines(redis, observation)].sort(), [...ALONE, ...passing(...OF_REPLICAS, 'replicas-counted', 'has-replica')].sort());
});

test('without the right to list nodes the instances are asked all the same', async () => {
  const { pods, services } = OBJECTS;
  const { blindSpots } = await probeWith(redis, { target: TARGET, objects: { pods, services }, failures: { 'list nodes': 'Forbidden' }, redis: SOUND });

  assert.deepEqual(blindSpots, []);
});

test('pods that cannot be listed leave every rule unknown', async () => {
  const { observation, blindSpots } = await probeWith(redis, { target: TARGET, objects: { nodes: [], services: [] }, failures: { 'list pods': 'Forbidden' } });

  assert.equal(observation, undefined);
  assert.deepEqual(reasons(blindSpots), [`* Forbidden ${RULES.join(' ')}`]);
});

test('another port is asked where the container declares it', async () => {
  const { observation } = await probeWith(redis, {
    target: { ...TARGET, pods: [{ namespace: 'skiff-apm', name: NAMES[0] }] },
    objects: { pods: [pod(NAMES[0], 0, { port: 6380 })], nodes: [], services: [] },
    redis: { 'skiff-apm/apm-redis-0:6380': says(MASTER_INFO) },
  });

  assert.equal((observation as unknown as RedisObservation).instances[0]?.port, 6380);
});

test('a Service that replicas follow is kept, others are not', async () => {
  const services = ['10.96.0.77', '10.96.0.78'].map(
    (clusterIP, index): Service => ({ metadata: { name: `s${index}`, namespace: 'skiff-apm' }, spec: { clusterIP } }),
  );
  const { observation } = await probeWith(redis, {
    target: TARGET,
    objects: { ...OBJECTS, services },
    redis: { ...SOUND, [at(NAMES[2])]: says(REPLICA_INFO.replace(/^master_host:.*$/m, 'master_host:10.96.0.77')) },
  });

  assert.deepEqual((observation as unknown as RedisObservation).services, ['10.96.0.77']);
});

test('the topology shows the master first, whom the others follow, and what is not known', () => {
  const topology = redis.topology?.(withMute({ answer: 'unasked' }), { options: {} as RedisOptions, now: new Date(NOW) });

  assert.deepEqual(topology?.summary, {
    zh: '主节点 apm-redis-0，1/1 个从节点已连接，没有落后，1 个未知',
    en: 'master apm-redis-0, 1 of 1 replicas linked, in step, 1 unknown',
  });
  assert.deepEqual(
    topology?.members.map(({ name, role, follows, facts }) => [name, role, follows, Object.keys(facts ?? {}).join(' ')]),
    [
      ['apm-redis-0', 'master', undefined, 'node address offset version clients memory up'],
      ['apm-redis-1', 'replica', 'apm-redis-0', 'node address link lag offset version clients memory up'],
      ['apm-redis-2', 'unknown', undefined, 'node address answer'],
    ],
  );
});

test('what an exporter told is marked in the topology, and a cluster has none', () => {
  const told = redis.topology?.(set([master(0, {}, { witness: 'exporter' })]), { options: {} as RedisOptions, now: new Date(NOW) });

  assert.equal(told?.members[0]?.facts?.['via'], 'exporter');
  assert.equal(redis.topology?.(set([master(0, { mode: 'cluster' })]), { options: {} as RedisOptions, now: new Date(NOW) }), undefined);
});

test('a loss that a lost node explains points at the node', () => {
  const observation = set([mute(0, { answer: 'node-lost' }), ...ARE_LOST]);
  const options = Object.fromEntries(Object.entries(redis.meta.options).map(([name, option]) => [name, option.default])) as unknown as RedisOptions;
  const verdict = redis.evaluate(observation, { options, now: new Date(NOW) }).find(({ rule }) => rule === 'has-master');

  assert.deepEqual(verdict !== undefined && 'because' in verdict ? verdict.because : undefined, ['node/node1']);
});
