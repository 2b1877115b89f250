import assert from 'node:assert/strict';
import { test } from 'node:test';
import etcd from '../../checks/etcd/check.ts';
import type { EtcdObservation, Histogram, ListedMember, MemberFacts, MetricFacts, StatusFacts } from '../../checks/etcd/observation.ts';
import type { EtcdOptions } from '../../checks/etcd/options.ts';
import { type EtcdRule, rules } from '../../checks/etcd/rules.ts';
import { type Case, NOW, testCheck, testContract, verdictLines } from '../../src/testing.ts';

const RULES = Object.keys(rules) as EtcdRule[];
const IDS = ['10276657743932975437', '10276657743932975438', '10276657743932975439', '10276657743932975440'];
const id = (index: number): string => IDS[index] ?? '0';

function ago(seconds: number): string {
  return new Date(Date.parse(NOW) - seconds * 1000).toISOString();
}

/** Ten thousand writes of 2 ms, and some that took up to a second. */
function times(slow = 0, count = 10_000): Histogram {
  return { bounds: [0.001, 0.002, 0.256, 0.512, 1.024, 2.048], counts: [0, count - slow, count - slow, count - slow, count, count], count };
}

function status(index: number, facts: Partial<StatusFacts> = {}): StatusFacts {
  return {
    clusterId: '14841639068965178418',
    memberId: id(index),
    leader: id(0),
    term: 7,
    revision: 30_211,
    committed: 41_987,
    applied: 41_987,
    version: '3.4.13',
    dbSize: 25_165_824,
    dbInUse: 19_922_944,
    learner: false,
    errors: [],
    ...facts,
  };
}

function metrics(index: number, facts: Partial<MetricFacts> = {}): MetricFacts {
  const others = [0, 1, 2].filter((other) => other !== index);
  return {
    memberId: id(index),
    hasLeader: true,
    isLeader: index === 0,
    learner: false,
    leaderChanges: 2,
    pending: 0,
    committed: 41_987,
    applied: 41_987,
    dbSize: 25_165_824,
    dbInUse: 19_922_944,
    quota: 2_147_483_648,
    openFiles: 84,
    mostFiles: 20_000,
    startedAt: ago(86_400),
    version: '3.4.13',
    clusterVersion: '3.4',
    peers: others.map((other) => ({ id: id(other), connected: true })),
    fsync: times(),
    commit: times(),
    roundTrips: others.map((other) => ({ to: id(other), times: times() })),
    ...facts,
  };
}

function entry(index: number, facts: Partial<ListedMember> = {}): ListedMember {
  const host = `etcd-${index}.etcd.skiff-gtxs.svc`;
  return { id: id(index), name: `etcd-${index}`, peerUrls: [`http://${host}:2380`], clientUrls: [`http://${host}:2379`], learner: false, ...facts };
}

const LIST = [entry(0), entry(1), entry(2)];

/** A member that answers; an undefined fact is one that was not asked for. */
function member(index: number, facts: { readonly [K in keyof MemberFacts]?: MemberFacts[K] | undefined } = {}): MemberFacts {
  const whole = {
    pod: `etcd-${index}`,
    namespace: 'skiff-gtxs',
    address: `10.244.1.${index + 10}`,
    node: `node${index + 1}`,
    port: 2379,
    answer: 'answers',
    detail: '',
    health: { healthy: true, reason: '', status: 200 },
    version: '3.4.13',
    clusterVersion: '3.4.0',
    status: status(index),
    listed: LIST,
    metrics: metrics(index),
    ...facts,
  };
  return Object.fromEntries(Object.entries(whole).filter(([, value]) => value !== undefined)) as unknown as MemberFacts;
}

/** A member that does not answer. */
function down(index: number, answer: MemberFacts['answer'], facts: Partial<MemberFacts> = {}): MemberFacts {
  const nothing = { health: undefined, version: undefined, clusterVersion: undefined, status: undefined, listed: undefined, metrics: undefined };
  return member(index, { ...nothing, answer, nodeReady: true, detail: 'dial tcp 127.0.0.1:2379: connect: connection refused', ...facts });
}

const ILL = { healthy: false, reason: '', status: 503 };
/** A member that answers and knows no leader. */
const leaderless = (index: number): MemberFacts =>
  member(index, {
    health: ILL,
    status: status(index, { leader: '0', errors: ['etcdserver: no leader'] }),
    metrics: metrics(index, { hasLeader: false, isLeader: false }),
  });

function cluster(members: readonly MemberFacts[], facts: Partial<EtcdObservation> = {}): EtcdObservation {
  return { kind: 'etcd', members, alarms: [], readAt: NOW, ...facts };
}

/** Three members, the third or more of them changed. */
function trio(...changed: readonly MemberFacts[]): readonly MemberFacts[] {
  return [0, 1, 2].map((index) => changed.find(({ pod }) => pod === `etcd-${index}`) ?? member(index));
}

/** The same change to all three. */
function all(change: (index: number) => Parameters<typeof member>[1]): readonly MemberFacts[] {
  return [0, 1, 2].map((index) => member(index, change(index)));
}

const SPEED = ['fsync-in-time', 'fsync-not-stalled', 'commit-in-time'] as const;

/** Five members, of which each knows the others by name. */
const five = (): readonly ListedMember[] => [...LIST, entry(3), entry(4, { id: '44' })];
/** Members that are called otherwise than their pods, at the pods' addresses. */
const byAddress = (): readonly ListedMember[] =>
  [0, 1, 2].map((index) => entry(index, { name: `infra${index}`, peerUrls: [`http://10.244.1.${index + 10}:2380`], clientUrls: [] }));
const withLearner = (): readonly ListedMember[] => [...LIST, entry(3, { learner: true })];

/** A fourth member that copies the data for some seconds. */
function learner(seconds: number): Parameters<typeof member>[1] {
  return { listed: withLearner(), status: status(3, { learner: true }), metrics: metrics(3, { learner: true, startedAt: ago(seconds) }) };
}

/** etcd 3.2: its status tells neither of alarms nor of what was applied or is in use, its metrics not of peers or a quota. */
function old(index: number): Parameters<typeof member>[1] {
  const { applied: _applied, dbInUse: _inUse, errors: _errors, ...stated } = status(index, { version: '3.2.24' });
  const { applied: _a, dbInUse: _d, quota: _q, peers: _p, ...measured } = metrics(index, { version: '3.2.24' });
  return { version: '3.2.24', status: stated, metrics: measured };
}

function withoutQuota(index: number): MetricFacts {
  const { quota: _quota, ...rest } = metrics(index);
  return rest;
}

/** A member of whose writes 500 took up to a second some time ago, and more of which were quick since. */
function wasSlow(index: number, since = 0): MetricFacts {
  return metrics(index, { fsync: times(500, 10_000 + since), commit: times(500, 10_000 + since) });
}

/** The same, with some writes more of which a part took up to half a second and a part up to two. */
function sinceThen(writes: number, half: number, two: number): Histogram {
  const quick = 9500 + writes - half - two;
  return { bounds: times().bounds, counts: [0, quick, quick, quick + half, quick + half + 500, 10_000 + writes], count: 10_000 + writes };
}

/** What nothing but the gateway tells of. */
const GATEWAY_ALONE: readonly EtcdRule[] = [
  'failure-tolerance',
  'member-lists-agree',
  'members-match-pods',
  'members-started',
  'odd-members',
  'one-cluster',
  'revisions-agree',
];

const skip = (rule: EtcdRule, text: string): string => `skip etcd/${rule}: ${text}`;
const everyRule = (text: string, except: readonly EtcdRule[] = []): readonly string[] =>
  RULES.filter((rule) => !except.includes(rule)).map((rule) => skip(rule, text));
const ONE_WITNESS = 'Only one member can be looked at: there is nothing to compare.';
const MAJORITY = 'The majority is lost; see etcd/has-majority.';
const NOT_TOLD = 'An etcd of this version does not tell.';
const SEE_MEMBERS = skip('failure-tolerance', 'A member does not answer; see etcd/members-answer.');
/** What cannot be compared when one member answers. */
const ALONE = (['one-cluster', 'member-lists-agree', 'peers-connected', 'versions-close', 'revisions-agree'] as const).map((rule) => skip(rule, ONE_WITNESS));

const cases: Record<string, Case<EtcdObservation, EtcdOptions>> = {
  'three members of the lab': {
    fixture: 'healthy',
    expect: [
      'skip etcd/commit-in-time: Some have been slow since the start (99 % within …',
      'fail etcd/leader-stable: In the …',
      'fail etcd/peer-round-trip: Since etcd-gtxs-…',
      'pass *',
    ],
  },
  'one member of the lab hangs': {
    fixture: 'member-down',
    expect: [
      'fail etcd/members-answer#Pod/etcd-gtxs-1: etcd-gtxs-1 hangs: port 2379 accepts and says nothing within 3 s. 2 of 3 members answer, 2 are needed.',
      SEE_MEMBERS,
      'skip etcd/fsync-in-time: Some have been slow since the start (99 % within …',
      'skip etcd/commit-in-time: Some have been slow since the start (99 % within …',
      'fail etcd/leader-stable: In the …',
      'fail etcd/peer-round-trip: Since etcd-gtxs-…',
      'pass *',
    ],
  },
  "the etcd of the lab's Kubernetes, without a certificate": {
    fixture: 'with-certificates',
    expect: RULES.filter((rule) => !GATEWAY_ALONE.includes(rule)).map((rule) => `pass etcd/${rule}`),
  },
  'three members': { observation: cluster(trio()), expect: ['pass *'] },
  'no pods': { observation: { kind: 'no-pods', members: [], readAt: NOW }, expect: everyRule('It has no pods; see workload.') },
  'a MySQL that is called etcd-mysql': {
    observation: { kind: 'no-etcd', members: [], readAt: NOW },
    expect: everyRule('This component is no etcd: no image, command line or port of its pods says so, and no etcd answers on 2379.'),
  },

  'nobody listens in one pod': {
    observation: cluster(trio(down(2, 'refused'))),
    expect: [
      'fail etcd/members-answer#Pod/etcd-2: etcd-2 does not answer: nobody listens on port 2379 (dial tcp 127.0.0.1:2379: connect: connection refused). 2 of 3 members answer, 2 are needed.',
      SEE_MEMBERS,
      'pass *',
    ],
  },
  'one hangs': {
    observation: cluster(trio(down(2, 'silent'))),
    expect: ['fail etcd/members-answer#Pod/etcd-2: etcd-2 hangs: port 2379 accepts and says nothing within 3 s. …', SEE_MEMBERS, 'pass *'],
  },
  'one closes': {
    observation: cluster(trio(down(2, 'closed', { detail: 'EOF' }))),
    expect: ['fail etcd/members-answer#Pod/etcd-2: etcd-2 accepts on port 2379 and closes at once (EOF). …', SEE_MEMBERS, 'pass *'],
  },
  'one is something else': {
    observation: cluster(trio(down(2, 'foreign', { detail: 'HTTP 200: <html>' }))),
    expect: ['fail etcd/members-answer#Pod/etcd-2: What answers on port 2379 of etcd-2 is no etcd: HTTP 200: <html>. …', SEE_MEMBERS, 'pass *'],
  },
  'one crashes': {
    observation: cluster(trio(down(2, 'not-running', { detail: 'CrashLoopBackOff, exit 1' }))),
    expect: ['fail etcd/members-answer#Pod/etcd-2: etcd-2 does not run (CrashLoopBackOff, exit 1). …', SEE_MEMBERS, 'pass *'],
  },
  'one is lost with its node': {
    observation: cluster(trio(down(2, 'no-way', { nodeReady: false, detail: 'no route to host' }))),
    expect: ['fail etcd/members-answer#Pod/etcd-2: etcd-2 does not answer, and its node node3 is not ready (no route to host). …', SEE_MEMBERS, 'pass *'],
  },
  'one refuses on a node that is not ready': {
    observation: cluster(trio(down(2, 'refused', { nodeReady: false, detail: 'connection refused' }))),
    expect: ['fail etcd/members-answer#Pod/etcd-2: etcd-2 does not answer, and its node node3 is not ready (connection refused). …', SEE_MEMBERS, 'pass *'],
  },
  'one is out of our reach and its peers have lost it': {
    observation: cluster(
      [0, 1]
        .map((index) =>
          member(index, {
            metrics: metrics(index, {
              peers: [
                { id: id(1 - index), connected: true },
                { id: id(2), connected: false },
              ],
            }),
          }),
        )
        .concat(down(2, 'dark')),
    ),
    expect: [
      'fail etcd/members-answer#Pod/etcd-2: etcd-2 is out of our reach, and the members that answer (etcd-0, etcd-1) have no connection to it either. 2 of 3 members answer, 2 are needed.',
      SEE_MEMBERS,
      'pass *',
    ],
  },
  'one of five is down: there is a margin left': {
    observation: cluster([0, 1, 2, 3].map((index) => member(index, { listed: five() })).concat(down(4, 'refused'))),
    expect: ['fail etcd/members-answer#Pod/etcd-4: …', 'pass *'],
  },

  'two members of the lab hang': {
    fixture: 'quorum-lost',
    expect: [
      'fail etcd/members-answer#Pod/etcd-gtxs-1: etcd-gtxs-1 hangs: …',
      'fail etcd/members-answer#Pod/etcd-gtxs-2: etcd-gtxs-2 hangs: …',
      'fail etcd/has-majority: The quorum is lost: 1 of 3 members answer and 2 are needed. Writes and linearizable reads fail. Missing: etcd-gtxs-1, etcd-gtxs-2. Those that answer say: etcd-gtxs-0: etcdserver: no leader.',
      ...(['members-healthy', 'has-leader', 'one-leader', 'failure-tolerance'] as const).map((rule) => skip(rule, MAJORITY)),
      ...ALONE,
      'fail etcd/leader-stable: In the …',
      'fail etcd/peer-round-trip: Since etcd-gtxs-…',
      'pass *',
    ],
  },
  'a lost majority says why, where etcd gives reasons': {
    observation: cluster([
      member(0, {
        health: { healthy: false, reason: 'RAFT NO LEADER', status: 503 },
        status: status(0, { leader: '0' }),
        metrics: metrics(0, { hasLeader: false, isLeader: false }),
      }),
      down(1, 'refused'),
      down(2, 'no-way', { nodeReady: false }),
    ]),
    expect: [
      'fail etcd/members-answer#Pod/etcd-1: …',
      'fail etcd/members-answer#Pod/etcd-2: …',
      'fail etcd/has-majority: The quorum is lost: 1 of 3 members answer and 2 are needed. Writes and linearizable reads fail. Missing: etcd-1, etcd-2. Those that answer say: etcd-0: RAFT NO LEADER.',
      ...(['members-healthy', 'has-leader', 'one-leader', 'failure-tolerance'] as const).map((rule) => skip(rule, MAJORITY)),
      ...ALONE,
      'pass *',
    ],
  },
  'nobody answers': {
    observation: cluster(
      [0, 1, 2].map((index) => down(index, 'refused')),
      {},
    ),
    expect: [
      ...[0, 1, 2].map((index) => `fail etcd/members-answer#Pod/etcd-${index}: …`),
      'fail etcd/has-majority: The quorum is lost: 0 of 3 members answer and 2 are needed. Writes and linearizable reads fail. Missing: etcd-0, etcd-1, etcd-2. Those that answer say: –.',
      ...everyRule('No member answers; see etcd/members-answer.', ['members-answer', 'has-majority']),
    ],
  },
  'three members and no leader': {
    observation: cluster([0, 1, 2].map(leaderless), { secondsBetween: 5 }),
    expect: [
      'fail etcd/has-leader: Nobody leads: 3 of 3 members answer and none knows a leader, so elections come to nothing. No write succeeds.',
      skip('members-healthy', 'The cluster has no leader; see etcd/has-leader.'),
      skip('one-leader', 'No member knows a leader; see etcd/has-leader.'),
      skip('failure-tolerance', 'The cluster has no leader; see etcd/has-leader.'),
      'pass *',
    ],
  },
  'two of three and no leader': {
    observation: cluster([leaderless(0), leaderless(1), down(2, 'refused')], { secondsBetween: 5 }),
    expect: [
      'fail etcd/members-answer#Pod/etcd-2: …',
      'fail etcd/has-leader: Nobody leads: 2 of 3 members answer and none knows a leader, …',
      skip('members-healthy', 'The cluster has no leader; see etcd/has-leader.'),
      skip('one-leader', 'No member knows a leader; see etcd/has-leader.'),
      SEE_MEMBERS,
      'pass *',
    ],
  },
  'no leader, and one at the second look': {
    observation: cluster(
      [0, 1, 2].map((index) => ({ ...leaderless(index), again: { health: { healthy: true, reason: '', status: 200 }, status: status(index) } })),
      { secondsBetween: 5 },
    ),
    expect: ['pass *'],
  },
  'one is cut off from the others': {
    observation: cluster(trio(leaderless(2)), { secondsBetween: 5 }),
    expect: [
      'fail etcd/members-healthy#Pod/etcd-2: etcd-2 answers but knows no leader, while etcd-0, etcd-1 do: it is cut off from its peers.',
      skip('failure-tolerance', 'A member is cut off; see etcd/members-healthy.'),
      'pass *',
    ],
  },
  'one is unhealthy and does not say why': {
    observation: cluster(trio(member(2, { health: ILL }))),
    expect: ['fail etcd/members-healthy#Pod/etcd-2: etcd-2 calls itself unhealthy: HTTP 503.', 'pass *'],
  },
  'one is unhealthy and says why': {
    observation: cluster(trio(member(2, { health: { ...ILL, reason: 'linearizable_read: context deadline exceeded' } }))),
    expect: ['fail etcd/members-healthy#Pod/etcd-2: etcd-2 calls itself unhealthy: linearizable_read: context deadline exceeded.', 'pass *'],
  },

  'two leaders, at both looks': {
    observation: cluster(trio(member(2, { status: status(2, { leader: id(2) }), again: { status: status(2, { leader: id(2) }) } })), { secondsBetween: 5 }),
    expect: [
      'fail etcd/one-leader: The members do not agree who leads: etcd-0 → etcd-0, etcd-1 → etcd-0, etcd-2 → etcd-2. The network between them may be split.',
      'pass *',
    ],
  },
  'two leaders, and one at the second look': {
    observation: cluster(trio(member(2, { status: status(2, { leader: id(2) }), again: { status: status(2) } })), { secondsBetween: 5 }),
    expect: ['pass *'],
  },
  'two leaders at the only look': {
    observation: cluster(trio(member(2, { status: status(2, { leader: id(2) }) }))),
    expect: ['fail etcd/one-leader: The members do not agree who leads: …', 'pass *'],
  },
  'only one names a leader': {
    observation: cluster([member(0), ...[1, 2].map((index) => member(index, { status: status(index, { leader: '0' }) }))]),
    expect: [skip('one-leader', ONE_WITNESS), 'pass *'],
  },
  'a pod that made a cluster of its own': {
    observation: cluster(
      trio(
        member(2, {
          status: status(2, { clusterId: '7', memberId: '99', leader: '99', applied: 12, committed: 12, revision: 1 }),
          listed: [entry(2, { id: '99' })],
          metrics: metrics(2, { memberId: '99', isLeader: true, peers: [] }),
        }),
      ),
    ),
    expect: [
      'fail etcd/one-cluster: The pods belong to 2 different etcd clusters (14841639068965178418: etcd-0, etcd-1; 7: etcd-2): …',
      'fail etcd/members-match-pods#Pod/etcd-2: The etcd in etcd-2 (member 99) is not in the list of the others: it was removed, or belongs to another cluster.',
      'fail etcd/failure-tolerance: 2 of 3 members are healthy and 2 are needed: one more failure stops all writes.',
      'pass *',
    ],
  },
  'a cluster that was never formed': {
    observation: cluster(all((index) => ({ clusterVersion: index === 1 ? 'not_decided' : '3.4.0' }))),
    expect: ['fail etcd/version-decided: The version of the cluster is not_decided (etcd-1): …', 'pass *'],
  },

  'a member without a pod': {
    observation: cluster(all(() => ({ listed: [...LIST, entry(3)] }))),
    expect: [
      'fail etcd/members-match-pods#EtcdMember/etcd-3: Member etcd-3 (http://etcd-3.etcd.skiff-gtxs.svc:2380) is in the list and runs in no pod of the component: it counts for the quorum of 3 and does not vote.',
      'fail etcd/failure-tolerance: 3 of 4 members are healthy and 3 are needed: one more failure stops all writes.',
      'fail etcd/odd-members: 4 members vote, an even number: no more of them may fail than of 3, and the quorum is higher.',
      'pass *',
    ],
  },
  'a pod that is down is the member of its address': {
    observation: cluster([member(0, { listed: byAddress() }), member(1, { listed: byAddress() }), down(2, 'refused')]),
    expect: ['fail etcd/members-answer#Pod/etcd-2: …', SEE_MEMBERS, 'pass *'],
  },
  'a pod that is down and a member match nothing': {
    observation: cluster(
      [0, 1]
        .map((index) => member(index, { listed: [entry(0), entry(1), entry(2, { name: 'infra2', peerUrls: ['http://10.0.0.9:2380'], clientUrls: [] })] }))
        .concat(down(2, 'refused')),
    ),
    expect: [
      'fail etcd/members-answer#Pod/etcd-2: …',
      SEE_MEMBERS,
      skip('members-match-pods', 'Pods that do not answer match no member by name or address, so nobody can tell which is which.'),
      'pass *',
    ],
  },
  'a member that was added and never started': {
    observation: cluster(all(() => ({ listed: [...LIST, entry(3, { name: '', clientUrls: [] })] }))),
    expect: [
      `fail etcd/members-started#EtcdMember/${id(3)}: Member ${id(3)} (http://etcd-3.etcd.skiff-gtxs.svc:2380) was added and has never started: it counts for the quorum of 3 already.`,
      'fail etcd/failure-tolerance: 3 of 4 members are healthy and 3 are needed: …',
      'fail etcd/odd-members: 4 members vote, …',
      'pass *',
    ],
  },
  'a learner for an hour': {
    observation: cluster([...all(() => ({ listed: withLearner() })), member(3, learner(3600))]),
    expect: ['fail etcd/learners-promoted#Pod/etcd-3: etcd-3 has been a learner for at least 60m and does not vote.', 'pass *'],
  },
  'a learner for 30 minutes': {
    observation: cluster([...all(() => ({ listed: withLearner() })), member(3, learner(1800))]),
    expect: [skip('learners-promoted', 'etcd-3 is a learner that has started of late, or nobody knows when.'), 'pass *'],
  },
  'one member by design': {
    observation: cluster([member(0, { listed: [entry(0)], metrics: metrics(0, { peers: [], roundTrips: [] }) })]),
    expect: [
      'fail etcd/odd-members: There is one member: when it stops, all stops.',
      skip('failure-tolerance', 'There is but one member, which has no redundancy by design.'),
      skip('peer-round-trip', 'There is but one member, without peers.'),
      skip('one-leader', ONE_WITNESS),
      ...ALONE,
      'pass *',
    ],
  },
  'two members': {
    observation: cluster([0, 1].map((index) => member(index, { listed: [entry(0), entry(1)] }))),
    expect: ['fail etcd/failure-tolerance: 2 of 2 members are healthy and 2 are needed: …', 'fail etcd/odd-members: 2 members vote, …', 'pass *'],
  },
  'lists that differ': {
    observation: cluster(trio(member(2, { listed: [entry(0), entry(2)] }))),
    expect: [
      'fail etcd/member-lists-agree: The members list different members: etcd-0: etcd-0 etcd-1 etcd-2; etcd-1: etcd-0 etcd-1 etcd-2; etcd-2: etcd-0 etcd-2.',
      'pass *',
    ],
  },
  'two that have lost each other': {
    observation: cluster(
      trio(
        member(1, {
          metrics: metrics(1, {
            peers: [
              { id: id(0), connected: true },
              { id: id(2), connected: false },
            ],
          }),
        }),
      ),
    ),
    expect: ['fail etcd/peers-connected: Members that are up have no connection to each other: etcd-1 → etcd-2. …', 'pass *'],
  },
  'versions two minors apart': {
    observation: cluster(trio(member(2, { version: '3.6.1' }))),
    expect: ['fail etcd/versions-close: The versions of the members are too far apart: etcd-0 3.4.13, etcd-1 3.4.13, etcd-2 3.6.1. …', 'pass *'],
  },
  'versions one minor apart, in an upgrade': { observation: cluster(trio(member(2, { version: '3.5.9' }))), expect: ['pass *'] },

  'the lab is out of space': {
    fixture: 'out-of-space',
    expect: [
      'fail etcd/no-space-alarm#Pod/etcd-gtxs-1: Alarm NOSPACE (etcd-gtxs-1): the quota was used up and etcd refuses every write, only reading and deleting work. The database has 17 MiB of 16 MiB.',
      skip('members-healthy', 'An alarm makes it so; see etcd/no-space-alarm and etcd/no-corruption-alarm.'),
      skip('space-left', 'The alarm is raised already; see etcd/no-space-alarm.'),
      skip('space-not-exhausted', 'The alarm is raised already; see etcd/no-space-alarm.'),
      'skip etcd/commit-in-time: Some have been slow since the start (99 % within …',
      'fail etcd/leader-stable: In the …',
      'fail etcd/peer-round-trip: Since etcd-gtxs-…',
      'pass *',
    ],
  },
  'out of space, and 3.2 says that it is healthy': {
    observation: cluster(
      all((index) => old(index)),
      { alarms: [{ memberId: id(1), alarm: 'NOSPACE' }] },
    ),
    expect: [
      'fail etcd/no-space-alarm#Pod/etcd-1: Alarm NOSPACE (etcd-1): etcd refuses every write, although /health says true, as it does before 3.3. The database has 24 MiB of 2 GiB.',
      skip('space-left', 'The alarm is raised already; see etcd/no-space-alarm.'),
      skip('space-not-exhausted', 'The alarm is raised already; see etcd/no-space-alarm.'),
      ...(['revisions-agree', 'followers-current', 'not-fragmented', 'peers-connected'] as const).map((rule) => skip(rule, NOT_TOLD)),
      'pass *',
    ],
  },
  'corrupt data': {
    observation: cluster(all((index) => ({ health: ILL, status: status(index, { errors: [`memberID:${id(2)} alarm:CORRUPT `] }) }))),
    expect: [
      'fail etcd/no-corruption-alarm#Pod/etcd-2: Alarm CORRUPT (etcd-2): the data of members differ, and etcd has stopped serving.',
      skip('members-healthy', 'An alarm makes it so; see etcd/no-space-alarm and etcd/no-corruption-alarm.'),
      'pass *',
    ],
  },
  'revisions that differ, at both looks': {
    observation: cluster(
      trio().map((each, index) => ({
        ...each,
        ...(index === 2 ? { status: status(2, { revision: 30_100 }) } : {}),
        again: { status: status(index, { applied: 41_990, revision: index === 2 ? 30_103 : 30_214 }) },
      })),
      { secondsBetween: 5 },
    ),
    expect: [
      'fail etcd/revisions-agree: Members have applied the same entries (up to 41990) and have different revisions: etcd-0 30214, etcd-1 30214, etcd-2 30103. Their data differ, and no request fails for it.',
      'pass *',
    ],
  },
  'revisions that differ for a moment': {
    observation: cluster(
      trio().map((each, index) => ({ ...each, ...(index === 2 ? { status: status(2, { revision: 30_212 }) } : {}), again: { status: status(index) } })),
      { secondsBetween: 5 },
    ),
    expect: ['pass *'],
  },
  'revisions that differ, and at the second look nobody is at the same place': {
    observation: cluster(
      trio().map((each, index) => ({
        ...each,
        ...(index === 2 ? { status: status(2, { revision: 30_212 }) } : {}),
        again: { status: status(index, { applied: 41_987 + index }) },
      })),
      { secondsBetween: 5 },
    ),
    expect: [skip('revisions-agree', 'No two members were seen at the same index, so there is nothing to compare.'), 'pass *'],
  },
  'a busy cluster': {
    observation: cluster(all((index) => ({ status: status(index, { applied: 41_987 - index, revision: 30_211 - index }) }))),
    expect: [skip('revisions-agree', 'No two members were seen at the same index, so there is nothing to compare.'), 'pass *'],
  },
  '5000 entries behind': { observation: cluster(trio(member(2, { status: status(2, { applied: 36_987, revision: 25_211 }) }))), expect: ['pass *'] },
  '5001 entries behind': {
    observation: cluster(trio(member(2, { status: status(2, { applied: 36_986, revision: 25_210 }) }))),
    expect: ['fail etcd/followers-current#Pod/etcd-2: etcd-2 is 5001 entries behind what is committed (applied 36986 of 41987).', 'pass *'],
  },
  '79 % of the quota': { observation: cluster(trio(member(1, { status: status(1, { dbSize: 1_717_000_000, dbInUse: 1_700_000_000 }) }))), expect: ['pass *'] },
  '80 % of the quota': {
    observation: cluster(trio(member(1, { status: status(1, { dbSize: 1_718_000_000, dbInUse: 1_700_000_000 }) }))),
    expect: [
      'fail etcd/space-left: The database of etcd-1 has 1.6 GiB, 80 % of its quota of 2 GiB (1.6 GiB in use). When it is full, etcd refuses every write.',
      'pass *',
    ],
  },
  '95 % of the quota': {
    observation: cluster(trio(member(1, { status: status(1, { dbSize: 2_040_200_000, dbInUse: 2_000_000_000 }) }))),
    expect: [
      'fail etcd/space-not-exhausted: The database of etcd-1 has 1.9 GiB, 95 % of its quota of 2 GiB (1.9 GiB in use): etcd is about to refuse every write.',
      skip('space-left', 'See etcd/space-not-exhausted.'),
      'pass *',
    ],
  },
  'a quota of 0 is that of 2 GiB, and a flag counts where there are no metrics of it': {
    observation: cluster([
      member(0, { metrics: metrics(0, { quota: 0 }) }),
      member(1, { metrics: withoutQuota(1), quotaFlag: 26_843_546 }),
      member(2, { metrics: withoutQuota(2) }),
    ]),
    expect: ['fail etcd/space-left: The database of etcd-1 has 24 MiB, 93 % of its quota of 25.6 MiB (19 MiB in use). …', 'pass *'],
  },
  'no quota': {
    observation: cluster(all((index) => ({ metrics: metrics(index, { quota: -1 }) }))),
    expect: (['space-left', 'space-not-exhausted'] as const).map((rule) => skip(rule, 'It has no quota: --quota-backend-bytes is negative.')).concat('pass *'),
  },
  'half of a large file is in use': {
    observation: cluster(trio(member(1, { status: status(1, { dbSize: 209_715_200, dbInUse: 104_857_600 }) }))),
    expect: ['pass *'],
  },
  'less than half of a large file is in use': {
    observation: cluster(trio(member(1, { status: status(1, { dbSize: 209_715_200, dbInUse: 83_886_080 }) }))),
    expect: ['fail etcd/not-fragmented#Pod/etcd-1: Of the 200 MiB in the database of etcd-1 80 MiB are in use (40 %); the rest is fragments.', 'pass *'],
  },
  'less than half of a small file is in use': {
    observation: cluster(trio(member(1, { status: status(1, { dbSize: 104_857_600, dbInUse: 1_000_000 }) }))),
    expect: ['pass *'],
  },

  '100 proposals wait': { observation: cluster(trio(member(0, { metrics: metrics(0, { pending: 100 }) }))), expect: ['pass *'] },
  '101 proposals wait': {
    observation: cluster(trio(member(0, { metrics: metrics(0, { pending: 101 }) }))),
    expect: [
      'fail etcd/proposals-pass#Pod/etcd-0: etcd-0 has 101 proposals that wait to be committed: too many writes, or commits that are too slow.',
      'pass *',
    ],
  },
  '101 proposals wait, and at the second look none': {
    observation: cluster(trio(member(0, { metrics: metrics(0, { pending: 101 }), again: { metrics: metrics(0) } })), { secondsBetween: 5 }),
    expect: ['pass *'],
  },
  'thirty changes of the leader in a day': {
    observation: cluster(trio(member(1, { metrics: metrics(1, { leaderChanges: 30 }) }))),
    expect: [
      'fail etcd/leader-stable: In the 24h since etcd-1 started the leader has changed 30 times, 1.3 times an hour; that is a sum and says nothing about now.',
      'pass *',
    ],
  },
  'three changes within a minute of the start': {
    observation: cluster(trio(member(1, { metrics: metrics(1, { leaderChanges: 3, startedAt: ago(60) }) }))),
    expect: ['pass *'],
  },

  'slow writes of long ago': {
    observation: cluster(
      all((index) => ({ metrics: wasSlow(index), again: { metrics: wasSlow(index, 400) } })),
      { secondsBetween: 5 },
    ),
    expect: ['pass *'],
  },
  'one slow write between the looks is a hiccup': {
    observation: cluster(trio(member(0, { metrics: wasSlow(0), again: { metrics: metrics(0, { fsync: times(501, 10_001), commit: times(501, 10_001) }) } })), {
      secondsBetween: 5,
    }),
    expect: ['pass *'],
  },
  'slow now': {
    observation: cluster(
      trio(member(0, { metrics: wasSlow(0), again: { metrics: metrics(0, { fsync: sinceThen(10, 8, 0), commit: sinceThen(10, 8, 0) }) } })),
      { secondsBetween: 5 },
    ),
    expect: [
      'fail etcd/fsync-in-time#Pod/etcd-0: etcd-0 wrote 99 % of its WAL within 509 ms in the last 5 s (8 of 10 slow), more than 500 ms; since its start it was 921 ms.',
      'fail etcd/commit-in-time#Pod/etcd-0: etcd-0 made 99 % of its commits within 509 ms in the last 5 s (8 of 10 slow), more than 250 ms; since its start it was 921 ms.',
      'pass *',
    ],
  },
  'stalled now': {
    observation: cluster(trio(member(0, { metrics: wasSlow(0), again: { metrics: metrics(0, { fsync: sinceThen(5, 0, 5), commit: sinceThen(5, 0, 0) }) } })), {
      secondsBetween: 5,
    }),
    expect: [
      'fail etcd/fsync-not-stalled#Pod/etcd-0: etcd-0 wrote 99 % of its WAL within 2 s in the last 5 s (5 of 5 slow), more than 1 s, which makes leaders change; since its start it was 927 ms.',
      skip('fsync-in-time', 'See etcd/fsync-not-stalled.'),
      'pass *',
    ],
  },
  'slow at some time, and no second look': {
    observation: cluster(trio(member(0, { metrics: wasSlow(0) }))),
    expect: SPEED.map((rule) =>
      skip(
        rule,
        'Some have been slow since the start (99 % within 922 ms on etcd-0), and without a second look nobody knows about now; see the option sampleSeconds.',
      ),
    ).concat('pass *'),
  },
  'slow at some time, and nothing written between the looks': {
    observation: cluster(trio(member(0, { metrics: wasSlow(0), again: { metrics: wasSlow(0) } })), { secondsBetween: 5 }),
    expect: SPEED.map((rule) =>
      skip(rule, 'Some have been slow since the start (99 % within 922 ms on etcd-0), and nothing was written in the 5 s between two looks.'),
    ).concat('pass *'),
  },
  'metrics without what is judged': {
    observation: cluster(all(() => ({ metrics: { roundTrips: [] } }))),
    expect: [
      ...(['proposals-pass', 'leader-stable', 'files-left', 'peers-connected', ...SPEED] as const).map((rule) => skip(rule, NOT_TOLD)),
      skip('peer-round-trip', 'Too few round trips have been measured to judge.'),
      'pass *',
    ],
  },
  'a long way to a peer': {
    observation: cluster(trio(member(0, { metrics: metrics(0, { roundTrips: [{ to: id(2), times: times(5, 100) }] }) }))),
    expect: [
      'fail etcd/peer-round-trip: Since etcd-0 started, 99 % of its round trips to etcd-2 took up to 922 ms (100 measured), more than 150 ms; that says nothing about now.',
      'pass *',
    ],
  },
  '80 % of the files are open': {
    observation: cluster(trio(member(0, { metrics: metrics(0, { openFiles: 16_000 }) }))),
    expect: [
      'fail etcd/files-left#Pod/etcd-0: etcd-0 has 16000 files open, 80 % of its limit of 20000. Without any left it takes no connection and writes no WAL.',
      'pass *',
    ],
  },
  '79 % of the files are open': { observation: cluster(trio(member(0, { metrics: metrics(0, { openFiles: 15_999 }) }))), expect: ['pass *'] },
};

testContract(etcd, new URL('../../checks/etcd/', import.meta.url));
testCheck(etcd, cases, { fixtures: new URL('../fixtures/etcd/', import.meta.url) });

const PARTLY: Readonly<Record<string, readonly [readonly MemberFacts[], Readonly<Record<string, 'pass' | 'fail' | 'nothing'>>]>> = {
  'two pods in the dark, and one that has no leader: nobody knows whether there is a majority': [
    [leaderless(0), down(1, 'dark'), down(2, 'dark')],
    { 'has-majority': 'nothing', 'has-leader': 'nothing', 'failure-tolerance': 'nothing' },
  ],
  'two pods in the dark, and one whose health proves a majority': [
    [member(0), down(1, 'dark'), down(2, 'dark')],
    { 'has-majority': 'pass', 'has-leader': 'pass' },
  ],
  'a pod in the dark beside two that are down': [
    [down(0, 'dark'), down(1, 'refused'), down(2, 'refused')],
    { 'has-majority': 'fail', 'members-healthy': 'nothing' },
  ],
  'metrics alone: two say that they lead': [
    all((index) => ({ status: undefined, listed: undefined, metrics: metrics(index, { isLeader: index < 2 }) })),
    { 'one-leader': 'fail', 'has-leader': 'pass', 'one-cluster': 'nothing', 'failure-tolerance': 'nothing' },
  ],
  'metrics alone: one says that it leads': [
    all(() => ({ status: undefined, listed: undefined })),
    { 'one-leader': 'pass', 'space-left': 'pass', 'followers-current': 'pass', 'revisions-agree': 'nothing' },
  ],
  'health alone: an alarm is told, and not whose it is': [
    all(() => ({
      status: undefined,
      listed: undefined,
      metrics: undefined,
      version: '3.5.9',
      health: { healthy: false, reason: 'ALARM NOSPACE', status: 503 },
    })),
    { 'no-space-alarm': 'fail', 'no-corruption-alarm': 'pass', 'has-majority': 'pass', 'space-left': 'nothing' },
  ],
  'health alone: from 3.3 on a good one proves that there is no alarm': [
    all(() => ({ status: undefined, listed: undefined, metrics: undefined })),
    { 'no-space-alarm': 'pass', 'no-corruption-alarm': 'pass', 'fsync-in-time': 'nothing', 'space-left': 'nothing' },
  ],
  'health alone: until 3.2 a good one proves nothing': [
    all(() => ({ status: undefined, listed: undefined, metrics: undefined, version: '3.2.24' })),
    { 'no-space-alarm': 'nothing', 'no-corruption-alarm': 'nothing', 'members-healthy': 'pass' },
  ],
};

for (const [name, [members, expected]] of Object.entries(PARTLY)) {
  test(`etcd: ${name}`, () => {
    const lines = verdictLines(etcd, { kind: 'etcd', members, readAt: NOW });
    for (const [rule, verdict] of Object.entries(expected)) {
      const spoken = lines.filter((line) => new RegExp(`^\\w+ etcd/${rule}(?![\\w-])`).test(line)).map((line) => line.split(' ')[0]);
      assert.deepEqual(spoken, verdict === 'nothing' ? [] : [verdict], `${rule}: ${lines.join('\n')}`);
    }
  });
}

test('etcd: nodes explain a lost majority when their members make the difference', () => {
  const because = (members: readonly MemberFacts[]): readonly string[] => {
    const options = Object.fromEntries(Object.entries(etcd.meta.options).map(([name, option]) => [name, option.default])) as unknown as EtcdOptions;
    const lost = etcd.evaluate(cluster(members), { options, now: new Date(NOW) }).find(({ rule }) => rule === 'has-majority');
    return lost !== undefined && 'because' in lost ? (lost.because ?? []) : [];
  };
  const onLostNode = (index: number): MemberFacts => down(index, 'no-way', { nodeReady: false });

  assert.deepEqual(because([leaderless(0), onLostNode(1), onLostNode(2)]), ['node/node2', 'node/node3']);
  assert.deepEqual(because([leaderless(0), down(1, 'silent'), onLostNode(2)]), [], 'one node alone takes no majority of three');
});

test('etcd: who is what', () => {
  const told = (observation: EtcdObservation): readonly string[] => {
    const options = {} as EtcdOptions;
    const drawn = etcd.topology?.(observation, { options, now: new Date(NOW) });
    return [
      drawn?.summary.en ?? '',
      drawn?.summary.zh ?? '',
      ...(drawn?.members ?? []).map(({ name, role, follows, facts }) =>
        [name, role, follows ?? '-', ...Object.entries(facts ?? {}).map((fact) => fact.join(' '))].join(', '),
      ),
    ];
  };

  assert.deepEqual(told(cluster(trio())), [
    'etcd-0 leads 3 members, 3 healthy (1 more may fail), db 24 MiB of 2 GiB',
    'etcd-0 为主，共 3 个成员，健康 3 个（还可以再坏 1 个），数据库 24 MiB / 2 GiB',
    'etcd-0, leader, -, node node1, term 7, applied 41987, db 24 MiB, version 3.4.13',
    'etcd-1, follower, etcd-0, node node2, term 7, applied 41987, db 24 MiB, version 3.4.13',
    'etcd-2, follower, etcd-0, node node3, term 7, applied 41987, db 24 MiB, version 3.4.13',
  ]);
  assert.deepEqual(told(cluster([leaderless(0), down(1, 'silent'), down(2, 'dark')])), [
    'nobody is known to lead 3 members, 0 healthy, 1 not looked at, db 24 MiB of 2 GiB',
    '没有已知的主，共 3 个成员，健康 0 个，1 个无法查看，数据库 24 MiB / 2 GiB',
    'etcd-0, without leader, -, node node1, term 7, applied 41987, db 24 MiB, version 3.4.13',
    'etcd-1, unknown, -, node node2, answer silent',
    'etcd-2, unknown, -, node node3',
  ]);
  const grown = [...LIST, entry(3, { name: '', clientUrls: [] }), entry(4, { id: '44' })];
  assert.deepEqual(told(cluster(all((index) => ({ listed: grown, status: status(index, { learner: index === 2 }) })))).slice(4), [
    'etcd-2, learner, -, node node3, term 7, applied 41987, db 24 MiB, version 3.4.13',
    `${id(3)}, not started, -, address http://etcd-3.etcd.skiff-gtxs.svc:2380`,
    'etcd-4, unknown, -, address http://etcd-4.etcd.skiff-gtxs.svc:2380',
  ]);
  assert.deepEqual(told({ kind: 'no-etcd', members: [], readAt: NOW }), ['', '']);
});
