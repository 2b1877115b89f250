import assert from 'node:assert/strict';
import { test } from 'node:test';
import redisSentinel from '../../checks/redis-sentinel/check.ts';
import type { InstanceFacts, MasterView, SentinelFacts, SentinelObservation, SentinelWords } from '../../checks/redis-sentinel/observation.ts';
import type { SentinelOptions } from '../../checks/redis-sentinel/rules.ts';
import { knownSentinels, quorumAnswer, type WatchedMaster, type WatchedReplica, watchedMasters } from '../../checks/shared/sentinel.ts';
import type { Target } from '../../src/model/check.ts';
import type { RedisReply } from '../../src/model/conversation.ts';
import type { Node, Pod, Service } from '../../src/model/kubernetes.ts';
import type { RedisScript } from '../../src/testing/in-memory-conversations.ts';
import { type Case, NOW, probeWith, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const NAMESPACE = 'skiff-apm';
const REDIS = 'skiff-apm/apm-redis';
const GROUP = 'StatefulSet/apm-redis-sentinel';
const redisIp = (index: number): string => `10.244.${index + 1}.7`;
const sentinelIp = (index: number): string => `10.244.${index + 1}.8`;
const EVERYBODY = [0, 1, 2];

interface Seen {
  readonly master?: Partial<WatchedMaster>;
  readonly replicas?: readonly Partial<WatchedReplica>[];
  readonly sentinels?: MasterView['sentinels'];
  readonly quorum?: MasterView['quorum'];
}

function replica(index: number, given: Partial<WatchedReplica> = {}): WatchedReplica {
  return { host: redisIp(index), port: '6379', runId: `redis-${index}`, flags: ['slave'], linkStatus: 'ok', linkDownMs: 0, priority: 100, ...given };
}

function known(index: number, given: Partial<MasterView['sentinels'][number]> = {}): MasterView['sentinels'][number] {
  return { host: sentinelIp(index), port: '26379', id: `sentinel-${index}`, flags: ['sentinel'], lastHelloMs: 900, ...given };
}
/** A sentinel whose pod is gone. */
const gone = (address: string) => known(9, { host: address, id: `gone-${address}`, flags: ['s_down', 'sentinel', 'disconnected'], subjectivelyDownMs: 1 });

/** Server 0 is the master, as sentinel `by` sees it. */
function view(by: number, { master = {}, replicas = [replica(1), replica(2)], ...rest }: Seen = {}): MasterView {
  const sentinels = rest.sentinels ?? EVERYBODY.filter((index) => index !== by).map((index) => known(index));
  return {
    master: {
      host: redisIp(0),
      port: '6379',
      runId: 'redis-0',
      flags: ['master'],
      name: 'mymaster',
      lastValidReplyMs: 100,
      lastReplyMs: 100,
      downAfterMs: 30_000,
      failoverTimeoutMs: 180_000,
      infoRefreshMs: 4000,
      roleReported: 'master',
      roleReportedMs: 86_400_000,
      configEpoch: 3,
      quorum: 2,
      replicas: replicas.length,
      otherSentinels: sentinels.length,
      ...master,
    },
    replicas: replicas.map((each, index) => ({ ...replica(index + 1), ...each })),
    sentinels,
    quorum: rest.quorum ?? { usable: 3, quorum: true, majority: true },
  };
}

function sentinel(index: number, given: Partial<SentinelFacts> = {}, words: Partial<SentinelWords> = {}): SentinelFacts {
  return {
    namespace: NAMESPACE,
    name: `apm-redis-sentinel-${index}`,
    node: `node${index + 1}`,
    address: sentinelIp(index),
    state: 'answers',
    detail: '',
    heldDown: 0,
    heldUp: 2,
    words: {
      id: `sentinel-${index}`,
      version: '5.0.9',
      uptimeSeconds: 86_400,
      tilt: false,
      tiltSeconds: -1,
      runningScripts: 0,
      queuedScripts: 0,
      simulatedFailures: 0,
      views: [view(index)],
      ...words,
    },
    ...given,
  };
}

/** One that told nothing. */
function mute(index: number, state: SentinelFacts['state'], given: Partial<SentinelFacts> = {}): SentinelFacts {
  const { words: _, ...facts } = sentinel(index, { state, detail: 'said so', ...given });
  return facts;
}

function instance(index: number, given: Partial<InstanceFacts> = {}): InstanceFacts {
  return {
    component: REDIS,
    namespace: NAMESPACE,
    name: `apm-redis-${index}`,
    address: redisIp(index),
    state: 'answers',
    greeting: 'PONG',
    role: index === 0 ? 'master' : 'slave',
    runId: `redis-${index}`,
    uptimeSeconds: 86_400,
    masterHost: index === 0 ? '' : redisIp(0),
    linkUp: index !== 0,
    announced: true,
    ...given,
  };
}
const hung = (index: number): InstanceFacts => instance(index, { state: 'silent', greeting: '', role: '', runId: '', masterHost: '', linkUp: false });

function observe(given: Partial<SentinelObservation> = {}): SentinelObservation {
  return {
    group: { kind: 'StatefulSet', namespace: NAMESPACE, name: 'apm-redis-sentinel' },
    askedAt: NOW,
    sentinels: EVERYBODY.map((index) => sentinel(index)),
    leaving: 0,
    stores: [REDIS],
    instances: EVERYBODY.map((index) => instance(index)),
    owners: {},
    ...given,
  };
}

/** Every sentinel sees the same. */
const allSee = (seen: Seen): readonly SentinelFacts[] => EVERYBODY.map((index) => sentinel(index, {}, { views: [view(index, seen)] }));
/** Each sees its own. */
const each = (...seen: readonly Seen[]): readonly SentinelFacts[] => seen.map((one, index) => sentinel(index, {}, { views: [view(index, one)] }));

const O_DOWN: Partial<WatchedMaster> = {
  flags: ['s_down', 'o_down', 'master', 'disconnected'],
  subjectivelyDownMs: 61_000,
  objectivelyDownMs: 60_000,
  lastValidReplyMs: 91_000,
  lastReplyMs: 91_000,
};
const LONG_DOWN: Partial<WatchedMaster> = { ...O_DOWN, subjectivelyDownMs: 181_000, objectivelyDownMs: 180_000 };
const S_DOWN: Partial<WatchedMaster> = { flags: ['s_down', 'master'], subjectivelyDownMs: 5000 };

const skips = (message: string, ...rules: readonly string[]): readonly string[] => rules.map((rule) => `skip redis-sentinel/${rule}: ${message}`);
const WHILE_DOWN = [
  `skip redis-sentinel/master-up-for-each: The master is held to be down; see redis-sentinel/master-up.`,
  `skip redis-sentinel/replica-promotable: The master is held to be down; see redis-sentinel/master-up.`,
];
const O_DOWN_FAILS = `fail redis-sentinel/master-up#${GROUP}: mymaster: 3 of 3 sentinels hold the master apm-redis-0 (10.244.1.7:6379) to be objectively down, for 60s.`;
const IN_TIME = 'skip redis-sentinel/failover-completes: mymaster: apm-redis-0 (10.244.1.7:6379) has been down for 60s; the time for its failover is not over.';
const NO_ANSWER = 'skip redis-sentinel/master-says-master: apm-redis-0 (10.244.1.7:6379) does not answer; see redis and redis-sentinel/master-up.';
const LONG_DOWN_FAILS = `fail redis-sentinel/master-up#${GROUP}: mymaster: 3 of 3 sentinels hold the master apm-redis-0 (10.244.1.7:6379) to be objectively down, for 3m.`;
const DEAD = { host: '10.244.9.9', runId: 'dead' };

/** Rules that need a sentinel's words, and those that need a master that is watched. */
const NEED_MASTER = [
  'each-watches',
  'quorum-reachable',
  'majority-usable',
  'each-reaches-quorum',
  'quorum-value',
  'survives-a-loss',
  'same-settings',
  'same-master',
  'master-is-pod',
  'master-says-master',
  'master-up',
  'master-up-for-each',
  'down-master-silent',
  'failover-completes',
  'no-failover-running',
  'replica-promotable',
  'knows-all-replicas',
  'no-stale-replicas',
  'knows-the-others',
  'no-stale-sentinels',
  'only-own-sentinels',
];
const NEED_WORDS = [...NEED_MASTER, 'watches-a-master', 'not-in-tilt', 'scripts-keep-up', 'no-simulated-failures'];
const UNHEARD = skips('No sentinel answers; see redis-sentinel/answers.', ...NEED_WORDS);
const NO_STORE = skips(
  'The pods of the watched Redis are not known, so there is nothing to compare.',
  'master-is-pod',
  'master-says-master',
  'knows-all-replicas',
  'no-stale-replicas',
);

const cases: Record<string, Case<SentinelObservation, SentinelOptions>> = {
  'recorded: a healthy group': { fixture: 'healthy', expect: ['pass *'] },
  'three sentinels agree': { observation: observe(), expect: ['pass *'] },

  // Who answers.
  'one hangs: the others go on': {
    observation: observe({ sentinels: [sentinel(0), sentinel(1), mute(2, 'silent')] }),
    expect: [
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-2: Sentinel apm-redis-sentinel-2 accepts connections and says nothing: its process hangs, which no probe of its port notices.',
      'pass *',
    ],
  },
  'each in its own way': {
    observation: observe({
      sentinels: [...EVERYBODY.map((index) => sentinel(index)), mute(3, 'refused'), mute(4, 'garbled')],
    }),
    expect: [
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-3: Nobody listens on the port of sentinel apm-redis-sentinel-3 (said so).',
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-4: Sentinel apm-redis-sentinel-4 speaks no Redis protocol, or hangs up at once (said so).',
      'pass *',
    ],
  },
  'in other ways': {
    observation: observe({ sentinels: [...EVERYBODY.map((index) => sentinel(index)), mute(3, 'failing'), mute(4, 'not-sentinel')] }),
    expect: [
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-3: Sentinel apm-redis-sentinel-3 answers PING with an error: said so.',
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-4: apm-redis-sentinel-4 answers, but does not run as a sentinel: said so.',
      'pass *',
    ],
  },
  'one is out of our reach and held down by the others; one does not run': {
    observation: observe({
      sentinels: [...EVERYBODY.map((index) => sentinel(index)), mute(3, 'dark', { heldDown: 3, heldUp: 0 }), mute(4, 'not-running')],
    }),
    expect: [
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-3: Sentinel apm-redis-sentinel-3 cannot be asked, and 3 of the others hold it down.',
      'skip redis-sentinel/each-answers#Pod/apm-redis-sentinel-4: apm-redis-sentinel-4 does not run; see workload.',
      'pass *',
    ],
  },
  'recorded: two of three hang': {
    fixture: 'quorum-lost',
    expect: [
      `fail redis-sentinel/majority-answers#${GROUP}: Only 1 of 3 sentinels answer, 2 are needed: no failover is possible. Without an answer: apm-redis-sentinel-1: silent, apm-redis-sentinel-2: silent.`,
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-1: Sentinel apm-redis-sentinel-1 accepts connections and says nothing…',
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-2: Sentinel apm-redis-sentinel-2 accepts connections and says nothing…',
      `fail redis-sentinel/quorum-reachable#${GROUP}: mymaster: the quorum is 2, and no sentinel reaches more than 1 (itself included). A dead master would not be called down, so nothing fails over.`,
      `fail redis-sentinel/majority-usable#${GROUP}: mymaster: of 3 known sentinels at most 1 are usable and 2 are needed: a failover would not be authorised.`,
      'skip redis-sentinel/each-reaches-quorum: None does; see quorum-reachable and majority-usable.',
      'skip redis-sentinel/knows-the-others: There is no other sentinel to compare with.',
      'skip redis-sentinel/same-master: Only one sentinel tells, so there is nothing to compare.',
      'pass *',
    ],
  },
  'none answers': {
    observation: observe({ sentinels: [mute(0, 'silent'), mute(1, 'refused'), mute(2, 'not-running')] }),
    expect: [
      `fail redis-sentinel/answers#${GROUP}: None of 3 sentinels answers (apm-redis-sentinel-0: silent, apm-redis-sentinel-1: refused, apm-redis-sentinel-2: not-running): clients cannot ask where the master is, and nothing fails over.`,
      ...skips('None answers; see redis-sentinel/answers.', 'majority-answers', 'each-answers'),
      ...UNHEARD,
      'pass *',
    ],
  },
  'no pod runs': {
    observation: observe({ sentinels: [mute(0, 'not-running')], instances: [] }),
    expect: [...skips('No sentinel pod is there to ask; see workload.', 'answers', 'majority-answers', 'each-answers', 'odd-number'), ...UNHEARD],
  },
  'four are an even number': {
    observation: observe({ sentinels: [...EVERYBODY.map((index) => sentinel(index)), mute(3, 'not-running')] }),
    expect: [
      `fail redis-sentinel/odd-number#${GROUP}: 4 sentinels are an even number: they survive no more losses than 3, and a network cut in halves leaves no side a majority.`,
      'skip redis-sentinel/each-answers#Pod/apm-redis-sentinel-3: apm-redis-sentinel-3 does not run; see workload.',
      'pass *',
    ],
  },

  // What they watch.
  'none watches anything': {
    observation: observe({ sentinels: EVERYBODY.map((index) => sentinel(index, {}, { views: [] })) }),
    expect: [
      `fail redis-sentinel/watches-a-master#${GROUP}: None of 3 sentinels that answer watches a master: their configuration is lost or was never written. They can neither tell it nor change it.`,
      ...skips('They watch no master; see redis-sentinel/watches-a-master.', ...NEED_MASTER),
      'pass *',
    ],
  },
  'one has lost its configuration': {
    observation: observe({ sentinels: [sentinel(0), sentinel(1), sentinel(2, {}, { views: [] })] }),
    expect: [
      'fail redis-sentinel/each-watches#Pod/apm-redis-sentinel-2: Sentinel apm-redis-sentinel-2 does not watch mymaster, which others do: it has no vote, and clients that ask it get no master.',
      'pass *',
    ],
  },
  'two masters, each by its name': {
    observation: observe({
      sentinels: EVERYBODY.map((index) =>
        sentinel(
          index,
          {},
          {
            views: [
              view(index),
              view(index, {
                master: { name: 'sessions', host: redisIp(1), runId: 'redis-1', ...S_DOWN, quorum: 3, objectivelyDownMs: 1000, flags: ['o_down', 'master'] },
              }),
            ],
          },
        ),
      ),
      instances: [instance(0), instance(1, { state: 'refused', role: '', runId: '', linkUp: false }), instance(2)],
    }),
    expect: [
      'fail redis-sentinel/master-up#Pod/apm-redis-sentinel-0: sessions: 3 of 3 sentinels hold the master apm-redis-1 (10.244.2.7:6379) to be objectively down, for 1s.',
      'fail redis-sentinel/quorum-value#Pod/apm-redis-sentinel-0: sessions: with 3 sentinels the quorum is 3…',
      'skip redis-sentinel/failover-completes: sessions: apm-redis-1 (10.244.2.7:6379) has been down for 1s…',
      'skip redis-sentinel/master-says-master: apm-redis-1 (10.244.2.7:6379) does not answer…',
      ...WHILE_DOWN,
      'pass *',
    ],
  },

  // Quorum and majority.
  'the quorum is more than there are': {
    observation: observe({ sentinels: allSee({ master: { quorum: 5 }, quorum: { usable: 3, quorum: false, majority: true } }) }),
    expect: [
      `fail redis-sentinel/quorum-reachable#${GROUP}: mymaster: the quorum of 5 is more than the 3 sentinels that exist: the master can never be called down, so nothing fails over.`,
      `fail redis-sentinel/quorum-value#${GROUP}: mymaster: with 3 sentinels the quorum is 5, above the majority of 2: losing 0 is enough that the master is never called down. Advised: 2.`,
      'skip redis-sentinel/each-reaches-quorum: None does; see quorum-reachable and majority-usable.',
      'pass *',
    ],
  },
  'stale entries have used up the majority': {
    observation: observe({
      sentinels: EVERYBODY.map((index) =>
        sentinel(
          index,
          {},
          {
            views: [
              view(index, {
                sentinels: [
                  ...EVERYBODY.filter((other) => other !== index).map((other) => known(other)),
                  ...['10.244.1.90', '10.244.2.90', '10.244.3.90'].map(gone),
                ],
                quorum: { usable: 3, quorum: true, majority: false },
              }),
            ],
          },
        ),
      ),
    }),
    expect: [
      `fail redis-sentinel/majority-usable#${GROUP}: mymaster: 6 sentinels are remembered while only 3 pods exist, the rest are stale entries; 3 are usable and 4 are needed to authorise a failover.`,
      `fail redis-sentinel/no-stale-sentinels#${GROUP}: mymaster: 6 sentinels are remembered while 3 pods exist; 3 that are down belong to no pod (10.244.1.90:26379, 10.244.2.90:26379, 10.244.3.90:26379)…`,
      'skip redis-sentinel/each-reaches-quorum: None does…',
      'pass *',
    ],
  },
  'one reaches no quorum, another no majority': {
    observation: observe({
      sentinels: each(
        {},
        { quorum: { usable: 1, quorum: false, majority: false } },
        { quorum: { usable: 2, quorum: true, majority: false }, master: { otherSentinels: 4 } },
      ),
    }),
    expect: [
      'fail redis-sentinel/each-reaches-quorum#Pod/apm-redis-sentinel-1: Sentinel apm-redis-sentinel-1 reaches 1 sentinels for mymaster, the quorum is 2: it is cut off.',
      'fail redis-sentinel/each-reaches-quorum#Pod/apm-redis-sentinel-2: Sentinel apm-redis-sentinel-2 reaches 2 of 5 known sentinels for mymaster, no majority: it could not lead a failover.',
      'pass *',
    ],
  },
  'a quorum of one': {
    observation: observe({ sentinels: allSee({ master: { quorum: 1 } }) }),
    expect: [
      `fail redis-sentinel/quorum-value#${GROUP}: mymaster: with 3 sentinels the quorum is 1, so one of them with a bad network calls the master down and starts a failover. Advised: 2.`,
      'pass *',
    ],
  },
  'a quorum of all': {
    observation: observe({ sentinels: allSee({ master: { quorum: 3 } }) }),
    expect: [
      `fail redis-sentinel/quorum-value#${GROUP}: mymaster: with 3 sentinels the quorum is 3, above the majority of 2: losing 1 is enough that the master is never called down. Advised: 2.`,
      'pass *',
    ],
  },
  'two sentinels for a master with replicas': {
    observation: observe({ sentinels: [0, 1].map((index) => sentinel(index, {}, { views: [view(index, { sentinels: [known(1 - index)] })] })) }),
    expect: [
      `fail redis-sentinel/survives-a-loss#${GROUP}: Only 2 sentinels exist: when any of them is lost the rest is no majority, and the replicas are of no use. There should be 3 or 5 on different nodes.`,
      'skip redis-sentinel/odd-number: Fewer than 3; see survives-a-loss.',
      'pass *',
    ],
  },
  'a small site: one server, one sentinel': {
    observation: observe({
      sentinels: [
        sentinel(0, {}, { views: [view(0, { sentinels: [], replicas: [], master: { quorum: 1 }, quorum: { usable: 1, quorum: true, majority: true } })] }),
      ],
      instances: [instance(0)],
    }),
    expect: [
      'skip redis-sentinel/knows-the-others: There is no other sentinel to compare with.',
      'skip redis-sentinel/odd-number: Fewer than 3; see survives-a-loss.',
      'skip redis-sentinel/replica-promotable: The set has no replica.',
      'skip redis-sentinel/same-master: Only one sentinel tells, so there is nothing to compare.',
      'skip redis-sentinel/survives-a-loss: There is no replica to fail over to.',
      'pass *',
    ],
  },
  'their settings differ': {
    observation: observe({ sentinels: each({}, { master: { downAfterMs: 5000 } }, {}) }),
    expect: [
      `fail redis-sentinel/same-settings#${GROUP}: mymaster: down-after-milliseconds differs between the sentinels (apm-redis-sentinel-0: 30000, apm-redis-sentinel-1: 5000, apm-redis-sentinel-2: 30000). They do not tell each other such settings; each must be changed.`,
      'pass *',
    ],
  },

  // Where the master is.
  'recorded: one names an address that nobody has': {
    fixture: 'disagrees',
    expect: [
      `fail redis-sentinel/same-master#${GROUP}: mymaster: apm-redis-sentinel-2 still names 10.244.1.250:6379 (config-epoch 0), the others apm-redis-0 (10.244.1.18:6379) (config-epoch 3): it missed a failover, and leads its clients to the wrong server.`,
      'fail redis-sentinel/each-reaches-quorum#Pod/apm-redis-sentinel-2: Sentinel apm-redis-sentinel-2 reaches 1 sentinels for mymaster, the quorum is 2: it is cut off.',
      'fail redis-sentinel/knows-the-others#Pod/apm-redis-sentinel-2: Sentinel apm-redis-sentinel-2 knows 1 sentinels for mymaster (itself included) and not apm-redis-sentinel-0, apm-redis-sentinel-1: their announcements, which go through the master, do not arrive, and they have no vote for each other.',
      `fail redis-sentinel/same-settings#${GROUP}: mymaster: failover-timeout differs…`,
      'pass *',
    ],
  },
  'they were configured differently': {
    observation: observe({ sentinels: each({}, {}, { master: { host: redisIp(2), runId: 'redis-2' } }) }),
    expect: [
      `fail redis-sentinel/same-master#${GROUP}: mymaster: the sentinels name different masters with the same config-epoch, so that none is newer: apm-redis-sentinel-0: 10.244.1.7:6379 (epoch 3), apm-redis-sentinel-1: 10.244.1.7:6379 (epoch 3), apm-redis-sentinel-2: 10.244.3.7:6379 (epoch 3).`,
      'pass *',
    ],
  },
  'one has missed a failover': {
    observation: observe({ sentinels: each({}, {}, { master: { host: redisIp(2), runId: 'redis-2', configEpoch: 2 } }) }),
    expect: [
      `fail redis-sentinel/same-master#${GROUP}: mymaster: apm-redis-sentinel-2 still names 10.244.3.7:6379 (config-epoch 2), the others apm-redis-0 (10.244.1.7:6379) (config-epoch 3): it missed a failover, and leads its clients to the wrong server.`,
      'pass *',
    ],
  },
  'one follows a failover of 14.9 s ago with delay': {
    observation: observe({
      sentinels: each(
        { master: { roleReportedMs: 14_900 } },
        { master: { roleReportedMs: 14_900 } },
        { master: { host: redisIp(2), runId: 'redis-2', configEpoch: 2 } },
      ),
    }),
    expect: ['skip redis-sentinel/same-master: mymaster is changing or has only just changed; they will agree in a moment.', 'pass *'],
  },
  'one still does not after 15 s': {
    observation: observe({
      sentinels: each(
        { master: { roleReportedMs: 15_000 } },
        { master: { roleReportedMs: 15_000 } },
        { master: { host: redisIp(2), runId: 'redis-2', configEpoch: 2 } },
      ),
    }),
    expect: [`fail redis-sentinel/same-master#${GROUP}: mymaster: apm-redis-sentinel-2 still names…`, 'pass *'],
  },
  'a name and an address of the same pod agree': {
    observation: observe({ sentinels: each({}, { master: { host: 'apm-redis-0.apm-redis.skiff-apm.svc', runId: '' } }, {}) }),
    expect: ['pass *'],
  },
  'after a full outage all hold on to a dead address': {
    observation: observe({
      sentinels: allSee({
        master: { ...LONG_DOWN, ...DEAD },
        replicas: [{ ...DEAD, host: '10.244.9.8', flags: ['s_down', 'slave'], subjectivelyDownMs: 59_000 }],
      }),
      instances: EVERYBODY.map((index) => instance(index, { role: 'slave', masterHost: DEAD.host, linkUp: false })),
    }),
    expect: [
      `fail redis-sentinel/master-is-pod#${GROUP}: mymaster: the address 10.244.9.9:6379 that the sentinels hold on to belongs to no Redis pod (down for 3m), while Redis pods answer: it is dead, and they cannot recover by themselves.`,
      `fail redis-sentinel/master-up#${GROUP}: mymaster: 3 of 3 sentinels hold the master 10.244.9.9:6379 to be objectively down, for 3m.`,
      `fail redis-sentinel/failover-completes#${GROUP}: mymaster: 10.244.9.9:6379 has been down for 3m, and none of 1 replicas can be promoted (10.244.9.8: s_down): every failover is given up.`,
      ...skips('It is no pod of the set; see redis-sentinel/master-is-pod.', 'master-says-master', 'down-master-silent'),
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'a dead address, and no server answers either': {
    observation: observe({ sentinels: allSee({ master: { ...LONG_DOWN, ...DEAD } }), instances: EVERYBODY.map(hung) }),
    expect: [
      `fail redis-sentinel/master-is-pod#${GROUP}: mymaster: the address 10.244.9.9:6379 that the sentinels hold on to belongs to no Redis pod (down for 3m), and no Redis pod answers.`,
      `fail redis-sentinel/master-up#${GROUP}…`,
      `fail redis-sentinel/failover-completes#${GROUP}: mymaster: 10.244.9.9:6379 has been down for 3m (failover-timeout 3m) and was not replaced although a replica could be promoted: no leader was elected, or the promotion did not end.`,
      ...skips('It is no pod of the set; see redis-sentinel/master-is-pod.', 'master-says-master', 'down-master-silent'),
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'the pod of the master was replaced a minute ago': {
    observation: observe({ sentinels: allSee({ master: { ...O_DOWN, ...DEAD } }) }),
    expect: [
      'skip redis-sentinel/master-is-pod: mymaster: 10.244.9.9:6379 belongs to no pod any more, down for 60s; the time for its failover is not over.',
      `fail redis-sentinel/master-up#${GROUP}…`,
      'skip redis-sentinel/failover-completes: mymaster: 10.244.9.9:6379 has been down for 60s…',
      ...skips('It is no pod of the set; see redis-sentinel/master-is-pod.', 'master-says-master', 'down-master-silent'),
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'the address belongs to a pod of another set by now': {
    observation: observe({ sentinels: allSee({ master: DEAD }), owners: { '10.244.9.9': 'Pod skiff-apm/other-redis-0' } }),
    expect: [
      `fail redis-sentinel/master-is-pod#${GROUP}: mymaster: 10.244.9.9:6379, which the sentinels watch, is now the address of Pod skiff-apm/other-redis-0 and of no pod of this set: they guard a server of somebody else.`,
      'skip redis-sentinel/master-says-master: It is no pod of the set…',
      'pass *',
    ],
  },
  'they watch a server elsewhere, while the set has a master of its own': {
    observation: observe({ sentinels: allSee({ master: DEAD }) }),
    expect: [
      `fail redis-sentinel/master-is-pod#${GROUP}: mymaster: 10.244.9.9:6379, which the sentinels watch, is no pod of this set, while apm-redis-0 calls itself master.`,
      'skip redis-sentinel/master-says-master: It is no pod of the set…',
      'pass *',
    ],
  },
  'an announced address of a Service is traced no further': {
    observation: observe({ sentinels: allSee({ master: DEAD }), owners: { '10.244.9.9': 'Service skiff-apm/apm-redis-announce-0' } }),
    expect: [
      'skip redis-sentinel/master-is-pod: mymaster: 10.244.9.9:6379 is not the address of a pod (it may be an announced one) and cannot be traced to one.',
      'skip redis-sentinel/master-says-master: It is no pod of the set…',
      'pass *',
    ],
  },
  'a second set that the inventory does not know is left in peace': {
    observation: observe({
      sentinels: EVERYBODY.map((index) => sentinel(index, {}, { views: [view(index), view(index, { master: { ...DEAD, name: 'other' }, replicas: [] })] })),
    }),
    expect: [
      'skip redis-sentinel/master-is-pod: other: 10.244.9.9:6379 is not the address of a pod…',
      'skip redis-sentinel/master-says-master: It is no pod of the set…',
      'fail redis-sentinel/replica-promotable#Pod/apm-redis-sentinel-0: other: the set has 3 pods, yet the sentinels know no replica…',
      'pass *',
    ],
  },
  'an announced address is traced by the id of the process': {
    observation: observe({ sentinels: allSee({ master: { host: '192.0.2.1' } }) }),
    expect: ['pass *'],
  },
  'nobody knows the servers': {
    observation: observe({ instances: [], stores: [] }),
    expect: [...NO_STORE, 'pass *'],
  },

  // What the master says itself.
  'the master calls itself a replica, and nobody claims to be master': {
    observation: observe({
      sentinels: allSee({ master: { roleReported: 'slave', roleReportedMs: 60_000 } }),
      instances: [instance(0, { role: 'slave', masterHost: '10.244.9.9' }), instance(1), instance(2)],
    }),
    expect: [
      `fail redis-sentinel/master-says-master#${GROUP}: mymaster: the sentinels name apm-redis-0 (10.244.1.7:6379), which calls itself a replica of 10.244.9.9, and no server of the set calls itself master: writes are refused.`,
      'pass *',
    ],
  },
  'another one claims to be master, and they have not looked for 15 s': {
    observation: observe({
      sentinels: allSee({ master: { infoRefreshMs: 15_000 } }),
      instances: [instance(0, { role: 'slave', masterHost: redisIp(1) }), instance(1, { role: 'master', masterHost: '', linkUp: false }), instance(2)],
    }),
    expect: [
      `fail redis-sentinel/master-says-master#${GROUP}: mymaster: the sentinels name apm-redis-0 (10.244.1.7:6379), which calls itself a replica of 10.244.2.7, while apm-redis-1 calls itself master: clients that ask them end at a replica.`,
      'pass *',
    ],
  },
  'they speak of another process than the one that has the address': {
    observation: observe({ instances: [instance(0, { role: 'slave', masterHost: redisIp(1), runId: 'new' }), instance(1), instance(2)] }),
    expect: [`fail redis-sentinel/master-says-master#${GROUP}: mymaster: the sentinels name apm-redis-0…`, 'pass *'],
  },
  'its role changed since they last looked': {
    observation: observe({ instances: [instance(0, { role: 'slave', masterHost: redisIp(1) }), instance(1, { role: 'master' }), instance(2)] }),
    expect: ['skip redis-sentinel/master-says-master: The role of mymaster has only just changed; the sentinels look every 10 s.', 'pass *'],
  },
  // Up and down.
  'objectively down, for a minute': {
    observation: observe({ sentinels: allSee({ master: O_DOWN }), instances: [hung(0), instance(1), instance(2)] }),
    expect: [O_DOWN_FAILS, IN_TIME, NO_ANSWER, ...WHILE_DOWN, 'pass *'],
  },
  'subjectively down for as many as the quorum': {
    observation: observe({ sentinels: each({ master: S_DOWN }, { master: S_DOWN }, {}), instances: [hung(0), instance(1), instance(2)] }),
    expect: [
      `fail redis-sentinel/master-up#${GROUP}: mymaster: 2 of 3 sentinels hold the master apm-redis-0 (10.244.1.7:6379) to be down, which is the quorum of 2.`,
      'skip redis-sentinel/failover-completes: mymaster: apm-redis-0 (10.244.1.7:6379) has been down for 5s…',
      NO_ANSWER,
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'down for one of three': {
    observation: observe({ sentinels: each({ master: S_DOWN }, {}, {}) }),
    expect: [
      `fail redis-sentinel/master-up-for-each#${GROUP}: mymaster: apm-redis-sentinel-0 holds the master apm-redis-0 (10.244.1.7:6379) to be down, short of the quorum of 2, while 2 others hold it up: their way to it is broken, or it has only just gone.`,
      'pass *',
    ],
  },
  'down for the only one that is left': {
    observation: observe({
      sentinels: [
        sentinel(0, {}, { views: [view(0, { master: S_DOWN, quorum: { usable: 1, quorum: false, majority: false } })] }),
        mute(1, 'silent'),
        mute(2, 'silent'),
      ],
      instances: [hung(0), instance(1), instance(2)],
    }),
    expect: [
      `fail redis-sentinel/master-up-for-each#${GROUP}: mymaster: apm-redis-sentinel-0, all that answer, holds the master apm-redis-0 (10.244.1.7:6379) to be down, short of the quorum of 2: nothing fails over.`,
      `fail redis-sentinel/majority-answers#${GROUP}…`,
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-1…',
      'fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-2…',
      `fail redis-sentinel/quorum-reachable#${GROUP}…`,
      `fail redis-sentinel/majority-usable#${GROUP}…`,
      'skip redis-sentinel/each-reaches-quorum: …',
      'skip redis-sentinel/knows-the-others: …',
      'skip redis-sentinel/same-master: …',
      NO_ANSWER,
      'pass *',
    ],
  },
  'what one says of another server is nothing about this one': {
    observation: observe({ sentinels: each({}, {}, { master: { ...DEAD, ...S_DOWN, configEpoch: 2 } }) }),
    expect: [`fail redis-sentinel/same-master#${GROUP}…`, 'pass *'],
  },
  'down to them, while it answers: they have no password': {
    observation: observe({ sentinels: allSee({ master: { ...O_DOWN, lastReplyMs: 900 }, replicas: [1, 2].map(() => ({ flags: ['s_down', 'slave'] })) }) }),
    expect: [
      O_DOWN_FAILS,
      IN_TIME,
      `fail redis-sentinel/down-master-silent#${GROUP}: mymaster: the sentinels hold apm-redis-0 (10.244.1.7:6379) to be down, yet it answers (as master). It answers their PING with errors: auth-pass is missing or wrong, and a failover would fail for the same reason.`,
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'down to them, while it answers: they do not reach it': {
    observation: observe({ sentinels: allSee({ master: O_DOWN }) }),
    expect: [
      O_DOWN_FAILS,
      IN_TIME,
      `fail redis-sentinel/down-master-silent#${GROUP}: mymaster: the sentinels hold apm-redis-0 (10.244.1.7:6379) to be down, yet it answers (as master): the network between them is broken (NetworkPolicy, CNI), or they hold a wrong address or port.`,
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'down to them, and it started 14 s ago': {
    observation: observe({ sentinels: allSee({ master: O_DOWN }), instances: [instance(0, { uptimeSeconds: 14 }), instance(1), instance(2)] }),
    expect: [
      O_DOWN_FAILS,
      IN_TIME,
      'skip redis-sentinel/down-master-silent: apm-redis-0 (10.244.1.7:6379) has only just started; the sentinels will notice.',
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'down to them for a good reason: it answers PING with MISCONF': {
    observation: observe({ sentinels: allSee({ master: O_DOWN }), instances: [instance(0, { greeting: 'MISCONF' }), instance(1), instance(2)] }),
    expect: [O_DOWN_FAILS, IN_TIME, ...WHILE_DOWN, 'pass *'],
  },
  'down, and nobody knows the servers': {
    observation: observe({ sentinels: allSee({ master: O_DOWN }), instances: [], stores: [] }),
    expect: [
      `fail redis-sentinel/master-up#${GROUP}: mymaster: 3 of 3 sentinels hold the master 10.244.1.7:6379 to be objectively down, for 60s.`,
      'skip redis-sentinel/failover-completes: mymaster: 10.244.1.7:6379 has been down for 60s…',
      'skip redis-sentinel/down-master-silent: The pods of the watched Redis are not known, so there is nothing to compare.',
      ...NO_STORE,
      ...WHILE_DOWN,
      'pass *',
    ],
  },

  // Failover.
  'down for longer than the failover may take: no replica is known': {
    observation: observe({ sentinels: allSee({ master: LONG_DOWN, replicas: [] }), instances: [hung(0), instance(1, { linkUp: false })] }),
    expect: [
      LONG_DOWN_FAILS,
      `fail redis-sentinel/failover-completes#${GROUP}: mymaster: apm-redis-0 (10.244.1.7:6379) has been down for 3m, and the sentinels know no replica to promote.`,
      NO_ANSWER,
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'none of the replicas may or can be promoted': {
    observation: observe({
      sentinels: EVERYBODY.map((index) =>
        sentinel(index, {}, { views: [view(index, { master: LONG_DOWN, replicas: [{ priority: 0 }, { flags: ['slave', 'disconnected'] }] })] }),
      ),
      instances: [hung(0), instance(1), instance(2)],
    }),
    expect: [
      LONG_DOWN_FAILS,
      `fail redis-sentinel/failover-completes#${GROUP}: mymaster: apm-redis-0 (10.244.1.7:6379) has been down for 3m, and none of 2 replicas can be promoted (apm-redis-1: slave-priority 0, apm-redis-2: disconnected): every failover is given up.`,
      NO_ANSWER,
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'recorded: both replicas have priority 0': {
    fixture: 'no-good-replica',
    expect: [
      `fail redis-sentinel/master-up#${GROUP}: mymaster: 3 of 3 sentinels hold the master apm-redis-0 (10.244.1.18:6379) to be objectively down, for 42s.`,
      `fail redis-sentinel/failover-completes#${GROUP}: mymaster: apm-redis-0 (10.244.1.18:6379) has been down for 42s, and none of 2 replicas can be promoted (apm-redis-2: slave-priority 0, apm-redis-1: slave-priority 0): every failover is given up.`,
      'skip redis-sentinel/master-says-master: apm-redis-0 (10.244.1.18:6379) does not answer; see redis and redis-sentinel/master-up.',
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'nobody may authorise it': {
    observation: observe({
      sentinels: allSee({ master: LONG_DOWN, quorum: { usable: 2, quorum: true, majority: false } }),
      instances: [hung(0), instance(1), instance(2)],
    }),
    expect: [
      LONG_DOWN_FAILS,
      `fail redis-sentinel/failover-completes#${GROUP}: mymaster: apm-redis-0 (10.244.1.7:6379) has been down for 3m, and too few sentinels are usable to authorise a failover.`,
      `fail redis-sentinel/majority-usable#${GROUP}: mymaster: of 3 known sentinels at most 2 are usable and 2 are needed…`,
      'skip redis-sentinel/each-reaches-quorum: …',
      NO_ANSWER,
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'it has stopped in the middle': {
    observation: observe({
      sentinels: each(
        { master: { ...LONG_DOWN, flags: [...(LONG_DOWN.flags ?? []), 'failover_in_progress'], failoverState: 'wait_promotion' } },
        { master: LONG_DOWN },
        { master: LONG_DOWN },
      ),
      instances: [hung(0), instance(1), instance(2)],
    }),
    expect: [
      LONG_DOWN_FAILS,
      `fail redis-sentinel/failover-completes#${GROUP}: mymaster: apm-redis-0 (10.244.1.7:6379) has been down for 3m, and its failover has stopped in the stage wait_promotion.`,
      `fail redis-sentinel/no-failover-running#${GROUP}: mymaster: apm-redis-sentinel-0 leads a failover, stage wait_promotion.`,
      NO_ANSWER,
      ...WHILE_DOWN,
      'pass *',
    ],
  },
  'down for just less than the failover may take': {
    observation: observe({ sentinels: allSee({ master: { ...LONG_DOWN, objectivelyDownMs: 179_999 }, replicas: [] }), instances: [hung(0)] }),
    expect: [
      LONG_DOWN_FAILS,
      'skip redis-sentinel/failover-completes: mymaster: apm-redis-0 (10.244.1.7:6379) has been down for 3m; the time…',
      NO_ANSWER,
      ...WHILE_DOWN,
      'skip redis-sentinel/survives-a-loss: There is no replica to fail over to.',
      'pass *',
    ],
  },
  'the site allows two attempts': {
    observation: observe({ sentinels: allSee({ master: LONG_DOWN, replicas: [] }), instances: [hung(0), hung(1)] }),
    options: { failoverTimeouts: 2 },
    expect: [LONG_DOWN_FAILS, 'skip redis-sentinel/failover-completes: …', NO_ANSWER, ...WHILE_DOWN, 'pass *'],
  },
  'no replica could be promoted, should the master fail': {
    observation: observe({
      sentinels: allSee({
        replicas: [
          { flags: ['s_down', 'slave'], subjectivelyDownMs: 90_000 },
          { linkStatus: 'err', linkDownMs: 300_001 },
        ],
      }),
    }),
    expect: [
      `fail redis-sentinel/replica-promotable#${GROUP}: mymaster: none of 2 replicas could be promoted (apm-redis-1: s_down, apm-redis-2: master-link-status err): when the master fails there is nothing to fail over to.`,
      'pass *',
    ],
  },
  'a link that has been down for ten times down-after is still good enough': {
    observation: observe({ sentinels: allSee({ replicas: [{ priority: 0 }, { linkStatus: 'err', linkDownMs: 300_000 }] }) }),
    expect: ['pass *'],
  },
  'the set has pods, and they know no replica': {
    observation: observe({ sentinels: allSee({ replicas: [] }), instances: [instance(0), instance(1, { linkUp: false }), instance(2, { announced: false })] }),
    expect: [
      `fail redis-sentinel/replica-promotable#${GROUP}: mymaster: the set has 3 pods, yet the sentinels know no replica: when the master fails there is nothing to fail over to.`,
      'pass *',
    ],
  },
  'a replica that follows the master is not known': {
    observation: observe({ sentinels: allSee({ replicas: [{}] }) }),
    expect: [
      `fail redis-sentinel/knows-all-replicas#${GROUP}: mymaster: apm-redis-2 replicates from the master, yet the sentinels do not know it and would not consider it in a failover.`,
      'pass *',
    ],
  },
  'a replica that has been down for 60 s is of no pod': {
    observation: observe({ sentinels: allSee({ replicas: [{}, {}, { ...DEAD, flags: ['s_down', 'slave'], subjectivelyDownMs: 60_000 }] }) }),
    expect: [
      `fail redis-sentinel/no-stale-replicas#${GROUP}: mymaster: 1 replicas that are down belong to no Redis pod (10.244.9.9:6379), usually former addresses of pods.`,
      'pass *',
    ],
  },
  'one that has been down for less may come back': {
    observation: observe({ sentinels: allSee({ replicas: [{}, {}, { ...DEAD, flags: ['s_down', 'slave'], subjectivelyDownMs: 59_999 }] }) }),
    expect: ['pass *'],
  },

  // Each other.
  'recorded: one whose pod is gone still counts': {
    fixture: 'stale-peers',
    expect: [
      `fail redis-sentinel/no-stale-sentinels#${GROUP}: mymaster: 4 sentinels are remembered while 3 pods exist; 1 that are down belong to no pod (10.244.1.30:26379) and still count for the majority: with more of them no failover is authorised.`,
      'pass *',
    ],
  },
  'a pod is being replaced: the entry may be its own': {
    observation: observe({
      sentinels: [0, 1].map((index) => sentinel(index, {}, { views: [view(index, { sentinels: [known(1 - index), gone('10.244.3.90')] })] })),
      leaving: 1,
    }),
    expect: [
      'skip redis-sentinel/no-stale-sentinels: A sentinel pod is being replaced or does not run yet, and the entry that is down may be its own.',
      'skip redis-sentinel/odd-number: …',
      'pass *',
    ],
  },
  'one is known to nobody and knows nobody': {
    observation: observe({ sentinels: each({ sentinels: [known(1)] }, { sentinels: [known(0)] }, { sentinels: [] }) }),
    expect: [
      'fail redis-sentinel/knows-the-others#Pod/apm-redis-sentinel-0: Sentinel apm-redis-sentinel-0 knows 2 sentinels for mymaster (itself included) and not apm-redis-sentinel-2: their announcements, which go through the master, do not arrive, and they have no vote for each other.',
      'fail redis-sentinel/knows-the-others#Pod/apm-redis-sentinel-1…',
      'fail redis-sentinel/knows-the-others#Pod/apm-redis-sentinel-2: Sentinel apm-redis-sentinel-2 knows 1 sentinels for mymaster (itself included) and not apm-redis-sentinel-0, apm-redis-sentinel-1…',
      'pass *',
    ],
  },
  'one that started 14 s ago is not known yet': {
    observation: observe({
      sentinels: [
        sentinel(0, {}, { views: [view(0, { sentinels: [known(1)] })] }),
        sentinel(1, {}, { views: [view(1, { sentinels: [known(0)] })] }),
        sentinel(2, {}, { uptimeSeconds: 14, views: [view(2, { sentinels: [] })] }),
      ],
    }),
    expect: ['pass *'],
  },
  'announced addresses without ids: as many as there are pods': {
    observation: observe({
      sentinels: EVERYBODY.map((index) =>
        sentinel(
          index,
          {},
          { id: '', views: [view(index, { sentinels: [1, 2].map((other) => known(other, { host: `192.0.2.${other}`, id: `id-${other}` })) })] },
        ),
      ),
    }),
    expect: ['pass *'],
  },
  'a living sentinel from elsewhere takes part': {
    observation: observe({
      sentinels: EVERYBODY.map((index) =>
        sentinel(
          index,
          {},
          {
            views: [
              view(index, { sentinels: [...EVERYBODY.filter((other) => other !== index).map((other) => known(other)), known(7, { host: '10.244.7.7' })] }),
            ],
          },
        ),
      ),
      owners: { '10.244.7.7': 'Pod skiff-apm/other-sentinel-0' },
    }),
    expect: [
      `fail redis-sentinel/only-own-sentinels#${GROUP}: mymaster: 1 sentinels that are up are no pods of this group (10.244.7.7:26379 Pod skiff-apm/other-sentinel-0). Unless they are meant to be there, two groups were joined by an address that changed hands.`,
      'pass *',
    ],
  },

  // What each says of itself.
  'one is in TILT': {
    observation: observe({
      sentinels: [
        sentinel(0, {}, { tilt: true, tiltSeconds: 30 }),
        sentinel(1, {}, { tilt: true, tiltSeconds: -1 }),
        sentinel(2, {}, { tilt: true, tiltSeconds: 31 }),
      ],
    }),
    expect: [
      'fail redis-sentinel/not-in-tilt#Pod/apm-redis-sentinel-0: Sentinel apm-redis-sentinel-0 is in TILT: its clock jumped or it stood still for more than 2 s. For 30 s it only watches and takes part in no decision.',
      'fail redis-sentinel/not-in-tilt#Pod/apm-redis-sentinel-1: Sentinel apm-redis-sentinel-1 is in TILT…',
      'fail redis-sentinel/not-in-tilt#Pod/apm-redis-sentinel-2: Sentinel apm-redis-sentinel-2 has been in TILT for 31s, longer than 30 s: its clock jumps or it stands still again and again. It takes part in no decision.',
      'pass *',
    ],
  },
  'scripts pile up': {
    observation: observe({ sentinels: [sentinel(0, {}, { queuedScripts: 17, runningScripts: 16 }), sentinel(1, {}, { queuedScripts: 16 }), sentinel(2)] }),
    expect: [
      'fail redis-sentinel/scripts-keep-up#Pod/apm-redis-sentinel-0: Sentinel apm-redis-sentinel-0 has 17 scripts waiting (16 run): they hang or fail again and again. Beyond 256 new notifications are dropped.',
      'pass *',
    ],
  },
  'a drill was not ended': {
    observation: observe({ sentinels: [sentinel(0, {}, { simulatedFailures: 1 }), sentinel(1), sentinel(2)] }),
    expect: [
      'fail redis-sentinel/no-simulated-failures#Pod/apm-redis-sentinel-0: Sentinel apm-redis-sentinel-0 has a simulated failure armed (flags 1): it would crash in the next failover. Left over from a drill; a restart clears it.',
      'pass *',
    ],
  },
};

testContract(redisSentinel, new URL('../../checks/redis-sentinel/', import.meta.url));
testCheck(redisSentinel, cases, { fixtures: new URL('../fixtures/redis-sentinel/', import.meta.url) });

test('redis-sentinel: what only the words of the master could tell is left to the probe', () => {
  const saysNothingOf = (observation: unknown, ...rules: readonly string[]): void => {
    const spoken = new Set(verdictLines(redisSentinel, observation).map((line) => /^\w+ redis-sentinel\/([\w-]+)/.exec(line)?.[1]));
    for (const rule of rules) assert.ok(!spoken.has(rule), rule);
  };
  const instances = [instance(0, { role: '', runId: '' }), instance(1), instance(2)];
  saysNothingOf(observe({ instances }), 'master-says-master');
  saysNothingOf(observe({ sentinels: allSee({ master: O_DOWN }), instances }), 'master-says-master', 'down-master-silent');
  const { owners: _, ...unowned } = observe({ sentinels: allSee({ master: DEAD }) });
  saysNothingOf(unowned, 'master-is-pod', 'no-stale-replicas');
  saysNothingOf(observe({ sentinels: [mute(0, 'dark'), mute(1, 'silent'), mute(2, 'silent')] }), 'answers', 'majority-answers', 'same-master');
});

// The probe.

function pod(name: string, index: number, ip: string, given: { readonly leaving?: boolean; readonly waiting?: boolean; readonly port?: number } = {}): Pod {
  const port = given.port ?? (name.includes('sentinel') ? 26_379 : 6379);
  return {
    metadata: { name, namespace: NAMESPACE, ...(given.leaving ? { deletionTimestamp: NOW } : {}) },
    spec: { nodeName: `node${index + 1}`, containers: [{ name: 'server', ports: [{ containerPort: port }] }] },
    status: {
      phase: 'Running',
      podIP: ip,
      conditions: [{ type: 'Ready', status: given.waiting ? 'False' : 'True' }],
      containerStatuses: [{ name: 'server', state: given.waiting ? { waiting: { reason: 'CrashLoopBackOff' } } : { running: {} } }],
    },
  };
}

const nodes = (...lost: readonly string[]): readonly Node[] =>
  ['node1', 'node2', 'node3'].map((name) => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status: lost.includes(name) ? 'Unknown' : 'True' }] },
  }));

const flat = (fields: Readonly<Record<string, string>>): RedisReply => Object.entries(fields).flat();

const MASTER_FIELDS = {
  name: 'mymaster',
  ip: redisIp(0),
  port: '6379',
  runid: 'redis-0',
  flags: 'master',
  'last-ping-sent': '0',
  'last-ok-ping-reply': '120',
  'last-ping-reply': '120',
  'down-after-milliseconds': '30000',
  'info-refresh': '4210',
  'role-reported': 'master',
  'role-reported-time': '2591000000',
  'config-epoch': '3',
  'num-slaves': '2',
  'num-other-sentinels': '2',
  quorum: '2',
  'failover-timeout': '180000',
  'parallel-syncs': '1',
};
const REPLICAS: RedisReply = [1, 2].map((index) =>
  flat({
    name: `${redisIp(index)}:6379`,
    ip: redisIp(index),
    port: '6379',
    runid: `redis-${index}`,
    flags: 'slave',
    'master-link-status': 'ok',
    'slave-priority': '100',
  }),
);

/** What a sentinel of 7.0 answers. `flags` are those in which it holds the two others. */
function sentinelScript(
  index: number,
  flags: Readonly<Record<number, string>> = {},
  replies: RedisScript['replies'] = {},
  login: RedisScript['login'] = 'not-needed',
): RedisScript {
  const others = EVERYBODY.filter((other) => other !== index).map((other) =>
    flat({
      name: `sentinel-${other}`,
      ip: sentinelIp(other),
      port: '26379',
      runid: `sentinel-${other}`,
      flags: flags[other] ?? 'sentinel',
      'last-hello-message': '900',
    }),
  );
  return {
    login,
    replies: {
      'SENTINEL MASTERS': [flat(MASTER_FIELDS)],
      INFO: '# Server\r\nredis_version:7.0.15\r\nredis_mode:sentinel\r\nuptime_in_seconds:86400\r\n\r\n# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\nsentinel_tilt_since_seconds:-1\r\nsentinel_running_scripts:0\r\nsentinel_scripts_queue_length:0\r\nsentinel_simulate_failure_flags:0\r\n',
      'SENTINEL MYID': `sentinel-${index}`,
      'SENTINEL SLAVES mymaster': REPLICAS,
      'SENTINEL SENTINELS mymaster': others,
      'SENTINEL CKQUORUM mymaster': 'OK 3 usable Sentinels. Quorum and failover authorization can be reached',
      ...replies,
    },
  };
}

function redisScript(index: number): RedisScript {
  const replication =
    index === 0 ? 'role:master\r\nconnected_slaves:2\r\n' : `role:slave\r\nmaster_host:${redisIp(0)}\r\nmaster_port:6379\r\nmaster_link_status:up\r\n`;
  return {
    replies: {
      'INFO replication': `# Replication\r\n${replication}`,
      'INFO server': `# Server\r\nredis_version:5.0.9\r\nrun_id:redis-${index}\r\nuptime_in_seconds:86400\r\n`,
    },
  };
}

const ref = (name: string) => ({ namespace: NAMESPACE, name });
const sentinelPods = EVERYBODY.map((index) => pod(`apm-redis-sentinel-${index}`, index, sentinelIp(index)));
const redisPods = EVERYBODY.map((index) => pod(`apm-redis-${index}`, index, redisIp(index)));

const TARGET: Partial<Target> = {
  component: 'skiff-apm/apm-redis-sentinel',
  namespace: NAMESPACE,
  workloads: [{ kind: 'StatefulSet', namespace: NAMESPACE, name: 'apm-redis-sentinel' }],
  pods: EVERYBODY.map((index) => ref(`apm-redis-sentinel-${index}`)),
  peers: { redis: [{ component: REDIS, presence: 'present', pods: EVERYBODY.map((index) => ref(`apm-redis-${index}`)), services: [] }] },
};

type Servers = Readonly<
  Record<string, RedisScript | { readonly silence: 'refused' | 'silent' | 'closed' | 'garbled' } | 'Forbidden' | 'ServerError' | 'never'>
>;
interface Given {
  readonly sentinels?: Readonly<Record<number, Servers[string] | undefined>>;
  readonly servers?: Readonly<Record<number, Servers[string] | undefined>>;
  readonly target?: Partial<Target>;
  readonly pods?: readonly Pod[];
  readonly nodes?: readonly Node[];
  readonly services?: readonly Service[];
  readonly timeoutMs?: number;
  readonly failures?: Readonly<Record<string, 'Forbidden'>>;
}

/** A scene in which all is well but for what is given; `undefined` is a server that must not be asked. */
function scene(given: Given = {}) {
  const redis: Record<string, Servers[string]> = {};
  for (const index of EVERYBODY) {
    const sentinel = given.sentinels !== undefined && index in given.sentinels ? given.sentinels[index] : sentinelScript(index);
    const server = given.servers !== undefined && index in given.servers ? given.servers[index] : redisScript(index);
    if (sentinel !== undefined) redis[`${NAMESPACE}/apm-redis-sentinel-${index}:26379`] = sentinel;
    if (server !== undefined) redis[`${NAMESPACE}/apm-redis-${index}:6379`] = server;
  }
  return {
    target: given.target ?? TARGET,
    objects: { pods: given.pods ?? [...sentinelPods, ...redisPods], nodes: given.nodes ?? nodes(), services: given.services ?? [] },
    redis,
    ...(given.timeoutMs === undefined ? {} : { timeoutMs: given.timeoutMs }),
    ...(given.failures === undefined ? {} : { failures: given.failures }),
  };
}

async function look(given: Given = {}) {
  const record = await probeWith(redisSentinel, scene(given));
  const said = record.observation === undefined ? [] : verdictLines(redisSentinel, record.observation);
  return {
    observation: record.observation as unknown as SentinelObservation,
    red: said.filter((line) => line.startsWith('fail ')),
    passed: said.flatMap((line) => /^pass redis-sentinel\/(\S+)/.exec(line)?.[1] ?? []),
    skipped: said.filter((line) => line.startsWith('skip ')),
    blind: record.blindSpots.map(({ rules, problem, subject }) => ({ rules, reason: problem.reason, name: subject?.name })),
  };
}
const ALL_RULES = Object.keys(redisSentinel.meta.rules);

test('redis-sentinel: a healthy group of 7.0 passes everything, and everything that is declared is read', async () => {
  const reads = new Set<string>();
  const record = await probeWith(redisSentinel, { ...scene(), observe: (read) => void reads.add(read) });
  assert.deepEqual(record.blindSpots, []);
  assert.deepEqual(verdictLines(redisSentinel, record.observation).toSorted(), ALL_RULES.map((rule) => `pass redis-sentinel/${rule}`).toSorted());
  assert.deepEqual([...reads].toSorted(), ['get pods/portforward', 'list nodes', 'list pods', 'list services']);
});

test('redis-sentinel: sentinels that want a password are alive, and the rest is unknown', async () => {
  const { red, passed, blind } = await look({ sentinels: Object.fromEntries(EVERYBODY.map((index) => [index, sentinelScript(index, {}, {}, 'missing')])) });
  assert.deepEqual(red, []);
  assert.deepEqual(passed.toSorted(), ['answers', 'each-answers', 'majority-answers', 'odd-number']);
  assert.deepEqual(blind.length, 1);
  assert.equal(blind[0]?.reason, 'NoCredentials');
  assert.equal(blind[0]?.rules.length, ALL_RULES.length - 4);
});

test('redis-sentinel: one that does not take our password is unknown by itself, and the others speak for the group', async () => {
  const { red, passed, blind } = await look({ sentinels: { 1: sentinelScript(1, {}, {}, 'rejected') } });
  assert.deepEqual(red, []);
  assert.deepEqual(
    blind.map(({ reason, name }) => [reason, name]),
    [['CredentialsRejected', 'apm-redis-sentinel-1']],
  );
  assert.ok(blind[0]?.rules.includes('same-master') && !blind[0].rules.includes('answers') && !blind[0].rules.includes('master-up'));
  assert.ok(passed.includes('master-up') && passed.includes('majority-answers'));
});

test('redis-sentinel: without the right to port-forward nothing is red and nothing green', async () => {
  const forbidden = Object.fromEntries(EVERYBODY.map((index) => [index, 'Forbidden'] as const));
  const { red, passed, blind } = await look({ sentinels: forbidden, servers: forbidden });
  assert.deepEqual(red, []);
  assert.deepEqual(passed, ['odd-number']);
  const unknown = new Set(blind.flatMap(({ rules }) => rules));
  assert.deepEqual(
    ALL_RULES.filter((rule) => !unknown.has(rule)),
    ['odd-number'],
  );
  assert.ok(blind.every(({ reason }) => reason === 'Forbidden'));
});

test('redis-sentinel: one that hangs is a fault; two that hang are the majority', async () => {
  const one = await look({ sentinels: { 2: { silence: 'silent' } } });
  assert.deepEqual(
    one.red.map((line) => line.split(':')[0]),
    ['fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-2'],
  );
  assert.deepEqual(one.blind, []);
  const two = await look({ sentinels: { 1: { silence: 'silent' }, 2: { silence: 'silent' } } });
  assert.ok(two.red.some((line) => line.startsWith(`fail redis-sentinel/majority-answers#${GROUP}`)));
  const all = await look({ sentinels: { 0: { silence: 'silent' }, 1: { silence: 'silent' }, 2: { silence: 'closed' } }, services: [] });
  assert.ok(!all.red.some((line) => line.startsWith('fail redis-sentinel/answers')), 'one of them may only want TLS');
  assert.ok(all.blind.some(({ rules }) => rules.includes('answers')));
});

test('redis-sentinel: what a port-forward does not reach is judged by what the others say of it', async () => {
  const up = await look({ sentinels: { 2: { silence: 'refused' } } });
  assert.deepEqual(up.red, []);
  assert.deepEqual(
    up.blind.map(({ reason, name }) => [reason, name]),
    [
      ['Refused', 'apm-redis-sentinel-2'],
      ['Refused', 'apm-redis-sentinel-2'],
    ],
  );
  const down = { 2: 's_down,sentinel,disconnected' };
  const held = await look({ sentinels: { 0: sentinelScript(0, down), 1: sentinelScript(1, down), 2: { silence: 'refused' } } });
  assert.deepEqual(held.blind, []);
  assert.match(
    held.red.join('\n'),
    /^fail redis-sentinel\/each-answers#Pod\/apm-redis-sentinel-2: Nobody listens on the port of sentinel apm-redis-sentinel-2 \(.*\)\.$/,
  );
});

test('redis-sentinel: a node that does not report: the others know whether its sentinel is gone', async () => {
  const down = { 2: 's_down,sentinel,disconnected' };
  const lost = { sentinels: { 2: undefined }, servers: { 2: undefined }, nodes: nodes('node3') };
  const gone = await look({ ...lost, sentinels: { 0: sentinelScript(0, down), 1: sentinelScript(1, down), 2: undefined } });
  assert.match(gone.red.join('\n'), /^fail redis-sentinel\/each-answers#Pod\/apm-redis-sentinel-2: .* cannot be asked, and 2 of the others hold it down\.$/);
  assert.deepEqual(gone.blind, []);
  const cut = await look(lost);
  assert.deepEqual(cut.red, []);
  assert.ok(cut.blind.every(({ reason, name }) => reason === 'PrerequisiteFailed' && name === 'apm-redis-sentinel-2'));
  assert.ok(cut.passed.includes('majority-answers'));
});

test('redis-sentinel: when too few are seen to know of a majority, it is unknown', async () => {
  const { red, blind } = await look({ sentinels: { 1: 'ServerError', 2: { silence: 'silent' } } });
  assert.ok(!red.some((line) => line.includes('/majority-answers')));
  assert.ok(blind.some(({ rules, name }) => rules.includes('majority-answers') && name === undefined));
});

test('redis-sentinel: garbage is no fault, a server that is no sentinel is one', async () => {
  const garbage = await look({ sentinels: { 0: sentinelScript(0, {}, { 'SENTINEL MASTERS': 'hello' }), 1: sentinelScript(1, {}, { INFO: ['x'] }) } });
  assert.deepEqual(garbage.red, []);
  assert.deepEqual(
    garbage.blind.map(({ reason, name }) => [reason, name]),
    [
      ['InvalidResponse', 'apm-redis-sentinel-0'],
      ['InvalidResponse', 'apm-redis-sentinel-1'],
    ],
  );
  const odd: RedisScript = { replies: { 'SENTINEL MASTERS': { code: 'ERR', error: 'ERR busy' } } };
  assert.deepEqual((await look({ sentinels: { 0: odd } })).red, []);
  const plain: RedisScript = { replies: { 'SENTINEL MASTERS': { code: 'ERR', error: "ERR unknown command 'SENTINEL'" } } };
  const wrong = await look({ sentinels: { 0: plain } });
  assert.deepEqual(wrong.red, [
    "fail redis-sentinel/each-answers#Pod/apm-redis-sentinel-0: apm-redis-sentinel-0 answers, but does not run as a sentinel: ERR unknown command 'SENTINEL'.",
  ]);
  const full: RedisScript = { greeting: { code: 'ERR', error: 'ERR max number of clients reached' } };
  assert.match((await look({ sentinels: { 0: full } })).red.join('\n'), /answers PING with an error: ERR max number of clients reached\.$/);
});

test('redis-sentinel: a sentinel of 5.0 has no MYID, one of the far future perhaps no SLAVES', async () => {
  const unknown = { code: 'ERR', error: "ERR Unknown sentinel subcommand 'MYID'" };
  const old = Object.fromEntries(EVERYBODY.map((index) => [index, sentinelScript(index, {}, { 'SENTINEL MYID': unknown })]));
  const { red, observation } = await look({ sentinels: old });
  assert.deepEqual(red, []);
  assert.equal(observation.sentinels[0]?.words?.id, '');
  const next = sentinelScript(0, {}, { 'SENTINEL SLAVES mymaster': unknown, 'SENTINEL REPLICAS mymaster': REPLICAS });
  assert.equal((await look({ sentinels: { 0: next } })).observation.sentinels[0]?.words?.views[0]?.replicas.length, 2);
});

test('redis-sentinel: a master that wants a password of its own leaves its role unknown, and nothing else', async () => {
  const { red, blind } = await look({ servers: { 0: { login: 'missing' } } });
  assert.deepEqual(red, []);
  assert.deepEqual(
    blind.map(({ rules, reason }) => [rules, reason]),
    [[['master-says-master'], 'NoCredentials']],
  );
  const down = [flat({ ...MASTER_FIELDS, flags: 's_down,o_down,master', 'o-down-time': '60000' })];
  const held = Object.fromEntries(EVERYBODY.map((index) => [index, sentinelScript(index, {}, { 'SENTINEL MASTERS': down })]));
  const both = await look({ sentinels: held, servers: { 0: { login: 'missing' } } });
  assert.deepEqual(both.blind[0]?.rules, ['master-says-master', 'down-master-silent']);
  assert.ok(both.red.some((line) => line.includes('/master-up')));
});

test('redis-sentinel: pods on their way out are no sentinels, pods that wait are not asked', async () => {
  const leaving = pod('apm-redis-sentinel-old', 0, '10.244.1.99', { leaving: true });
  const target = { ...TARGET, pods: [...(TARGET.pods ?? []), ref('apm-redis-sentinel-old')] };
  const { observation, red } = await look({ target, pods: [leaving, ...sentinelPods, ...redisPods] });
  assert.deepEqual(red, []);
  assert.equal(observation.sentinels.length, 3);
  assert.equal(observation.leaving, 1);
  const waiting = pod('apm-redis-sentinel-2', 2, sentinelIp(2), { waiting: true });
  const two = await look({ pods: [...sentinelPods.slice(0, 2), waiting, ...redisPods], sentinels: { 2: undefined } });
  assert.deepEqual(two.red, []);
  assert.deepEqual(two.skipped, ['skip redis-sentinel/each-answers#Pod/apm-redis-sentinel-2: apm-redis-sentinel-2 does not run; see workload.']);
});

test('redis-sentinel: who has an address that is of no server of the set', async () => {
  const named = (host: string) => [flat({ ...MASTER_FIELDS, ip: host, runid: 'elsewhere' })];
  const at = (host: string): Given => ({
    sentinels: Object.fromEntries(EVERYBODY.map((index) => [index, sentinelScript(index, {}, { 'SENTINEL MASTERS': named(host) })])),
  });
  const services: readonly Service[] = [{ metadata: { name: 'apm-redis-announce-0', namespace: NAMESPACE }, spec: { clusterIP: '10.96.1.1' } }];
  const announced = await look({ ...at('10.96.1.1'), services });
  assert.deepEqual(announced.observation.owners, { '10.96.1.1': 'Service skiff-apm/apm-redis-announce-0' });
  assert.deepEqual(announced.red, []);
  const other = pod('other-redis-0', 0, '10.244.9.9');
  const foreign = await look({ ...at('10.244.9.9'), pods: [other, ...sentinelPods, ...redisPods] });
  assert.match(foreign.red.join('\n'), /is now the address of Pod skiff-apm\/other-redis-0/);
  const unseen = await look({ ...at('10.96.1.1'), failures: { 'list services': 'Forbidden' } });
  assert.ok(unseen.blind.some(({ rules }) => rules.includes('master-is-pod')));
  assert.ok(!unseen.red.some((line) => line.includes('/master-is-pod')));
});

test('redis-sentinel: without the peer it says less', async () => {
  const { red, skipped } = await look({
    target: { ...TARGET, peers: {} },
    pods: sentinelPods,
    servers: { 0: undefined, 1: undefined, 2: undefined },
  });
  assert.deepEqual(red, []);
  assert.equal(skipped.length, 4);
});

test('redis-sentinel: a probe that is not answered at all is unknown', async () => {
  const record = await probeWith(redisSentinel, scene({ sentinels: { 0: 'never' }, timeoutMs: 60 }));
  assert.equal(record.observation, undefined);
  assert.equal(record.blindSpots[0]?.problem.reason, 'DeadlineExceeded');
});

test('redis-sentinel: what the findings lay the blame on', () => {
  const evidence = (observation: SentinelObservation, rule: string) => {
    const found = redisSentinel
      .evaluate(observation, { options: { settleSeconds: 15, staleSeconds: 60, failoverTimeouts: 1, scriptsQueued: 16 }, now: new Date(NOW) })
      .find((verdict) => verdict.rule === rule && verdict.verdict === 'fail');
    return found?.verdict === 'fail' ? { because: found.because ?? [], own: found.own ?? false, since: found.since } : undefined;
  };
  const down = observe({ sentinels: allSee({ master: O_DOWN }), instances: [hung(0), instance(1), instance(2)] });
  const aMinuteAgo = new Date(Date.parse(NOW) - 60_000).toISOString();
  assert.deepEqual(evidence(down, 'master-up'), { because: [REDIS], own: false, since: aMinuteAgo });
  const lost = observe({ sentinels: [sentinel(0), mute(1, 'dark', { heldDown: 1 }), mute(2, 'dark', { heldDown: 1 })] });
  assert.deepEqual(evidence(lost, 'majority-answers'), { because: ['node/node2', 'node/node3'], own: false, since: undefined });
  const hanging = observe({ sentinels: [sentinel(0), mute(1, 'silent'), mute(2, 'silent')] });
  assert.deepEqual(evidence(hanging, 'majority-answers'), { because: [], own: true, since: undefined });
  assert.equal(evidence(observe({ sentinels: each({}, {}, { master: { ...DEAD } }) }), 'same-master')?.own, true);
});

test('redis-sentinel: who is what', () => {
  const context = { options: { settleSeconds: 15, staleSeconds: 60, failoverTimeouts: 1, scriptsQueued: 16 }, now: new Date(NOW) };
  const topology = redisSentinel.topology?.(observe({ sentinels: [sentinel(0), sentinel(1, {}, { tilt: true }), mute(2, 'silent')] }), context);
  assert.deepEqual(topology?.summary, {
    zh: 'mymaster = apm-redis-0 (10.244.1.7:6379)，法定人数 2（共 3 个哨兵），2 个副本',
    en: 'mymaster = apm-redis-0 (10.244.1.7:6379), quorum 2 of 3 sentinels, 2 replicas',
  });
  assert.deepEqual(
    topology?.members.map(({ name, role, follows, facts }) => [
      name,
      role,
      follows,
      Object.entries(facts ?? {})
        .flat()
        .join(' '),
    ]),
    [
      ['apm-redis-sentinel-0', 'sentinel', 'apm-redis-0', 'node node1 address 10.244.1.8 quorum 2 known 3 usable 3 version 5.0.9'],
      ['apm-redis-sentinel-1', 'sentinel', 'apm-redis-0', 'node node2 address 10.244.2.8 quorum 2 known 3 usable 3 tilt true version 5.0.9'],
      ['apm-redis-sentinel-2', 'unknown', undefined, 'node node3 address 10.244.3.8 state silent'],
    ],
  );
  assert.equal(redisSentinel.topology?.(observe({ sentinels: [mute(0, 'silent')] }), context), undefined);
  const idle = redisSentinel.topology?.(observe({ sentinels: [sentinel(0, {}, { views: [] })] }), context);
  assert.equal(idle?.summary.en, 'no master is watched');
});

// The words of Sentinel.

test('CKQUORUM says which part is missing', () => {
  const quorum = 'Not enough available Sentinels to reach the specified quorum for this master';
  const majority = 'Not enough available Sentinels to reach the majority and authorize a failover';
  const refused = (text: string) => quorumAnswer({ code: 'NOQUORUM', error: `NOQUORUM 1 usable Sentinels. ${text}` });
  assert.deepEqual(quorumAnswer('OK 3 usable Sentinels. Quorum and failover authorization can be reached'), { usable: 3, quorum: true, majority: true });
  assert.deepEqual(refused(quorum), { usable: 1, quorum: false, majority: true });
  assert.deepEqual(refused(majority), { usable: 1, quorum: true, majority: false });
  assert.deepEqual(refused(`${quorum}. ${majority}`), { usable: 1, quorum: false, majority: false });
  assert.equal(quorumAnswer({ code: 'ERR', error: 'ERR No such master with that name' }), undefined);
  assert.equal(quorumAnswer(7), undefined);
});

test('lists of Sentinel are bounded, and what is none is none', () => {
  assert.equal(watchedMasters('x'), undefined);
  assert.deepEqual(watchedMasters([]), []);
  assert.deepEqual(watchedMasters([7, null, []]), []);
  assert.equal(watchedMasters(Array.from({ length: 1000 }, () => flat(MASTER_FIELDS)))?.length, 8);
  assert.equal(watchedMasters([flat({ name: 'x'.repeat(100_000) })])?.[0]?.name.length, 128);
  const [odd] = watchedMasters([['name', 'm', 'quorum', 'many', 'flags', 's_down,,master', 'o-down-time', '-', 'config-epoch']]) ?? [];
  assert.deepEqual([odd?.name, odd?.quorum, odd?.flags, odd?.objectivelyDownMs, odd?.configEpoch], ['m', 0, ['s_down', 'master'], undefined, 0]);
  assert.deepEqual(knownSentinels([flat({ ip: '10.0.0.1', port: '26379', runid: 'id', flags: 'sentinel', 's-down-time': '5', 'last-hello-message': '7' })]), [
    { host: '10.0.0.1', port: '26379', id: 'id', flags: ['sentinel'], subjectivelyDownMs: 5, lastHelloMs: 7 },
  ]);
});

test('redis-sentinel: an observation stays small, whatever the sentinels answer', async () => {
  const long = 'x'.repeat(4000);
  const crowd = Array.from({ length: 60 }, (_, index) =>
    flat({ name: long, ip: `${long}${index}`, port: long, runid: `${index}${long}`, flags: Array(99).fill('s_down').join(',') }),
  );
  const names = Array.from({ length: 8 }, (_, index) => `m${index}`);
  const hostile = Object.fromEntries(
    names.flatMap((name) => [
      [`SENTINEL SLAVES ${name}`, crowd],
      [`SENTINEL SENTINELS ${name}`, crowd],
      [`SENTINEL CKQUORUM ${name}`, long],
    ]),
  );
  const sentinels = EVERYBODY.map((index): [number, RedisScript] => {
    const {
      'SENTINEL SLAVES mymaster': _1,
      'SENTINEL SENTINELS mymaster': _2,
      'SENTINEL CKQUORUM mymaster': _3,
      ...rest
    } = sentinelScript(index).replies ?? {};
    return [index, { replies: { ...rest, ...hostile, 'SENTINEL MASTERS': names.map((name) => flat({ ...MASTER_FIELDS, name })) } }];
  });
  const { observation } = await look({ sentinels: Object.fromEntries(sentinels) });
  assert.ok(JSON.stringify(observation).length < 512 * 1024);
});
