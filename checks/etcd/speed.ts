import { secondsSince, shortDuration } from '../shared/time.ts';
import { type Cluster, metricsOf, nameOf } from './cluster.ts';
import { between, percentile99, secondsText, slowerThan } from './figures.ts';
import type { EtcdObservation, Histogram, MemberFacts, MetricFacts } from './observation.ts';
import type { EtcdOptions } from './options.ts';
import { type Context, type EtcdVerdict, names, podOf, unasked } from './verdict.ts';

/** Whether the members are quick enough, and what may stop them from being so. All of it is in their metrics. */
export function speed(observation: EtcdObservation, cluster: Cluster, context: Context): readonly EtcdVerdict[] {
  const nobody = unasked(['proposals-pass', 'leader-stable', 'fsync-in-time', 'fsync-not-stalled', 'commit-in-time', 'peer-round-trip', 'files-left'], cluster);
  if (nobody !== undefined) return nobody;
  const members = cluster.answering.flatMap((member) => {
    const metrics = metricsOf(member);
    return metrics === undefined ? [] : [{ member, metrics }];
  });
  // Whoever exports nothing is a blind spot, of which the probe has told.
  if (members.length === 0) return [];
  return [
    ...proposals(members, context),
    ...leaderChanges(members, observation, context),
    ...writes(members, observation, context),
    ...roundTrips(members, cluster, context),
    ...files(members, context),
  ];
}

interface Measured {
  readonly member: MemberFacts;
  readonly metrics: MetricFacts;
}

function proposals(members: readonly Measured[], { options }: Context): readonly EtcdVerdict[] {
  const known = members.flatMap(({ member, metrics: { pending } }) => (pending === undefined ? [] : [{ member, pending }]));
  if (known.length === 0) return [{ rule: 'proposals-pass', verdict: 'skip', messageId: 'not-told' }];
  const failed = known.filter(({ pending }) => pending > options.pendingProposals);
  if (failed.length === 0) return [{ rule: 'proposals-pass', verdict: 'pass' }];
  return failed.map(({ member, pending }): EtcdVerdict => {
    const data = { pod: member.pod, pending };
    return {
      rule: 'proposals-pass',
      verdict: 'fail',
      messageId: 'pending',
      data,
      subject: podOf(member),
      observed: pending,
      expected: options.pendingProposals,
    };
  });
}

/** The changes that a member has seen since it started. One look cannot tell when they were, so this only tells. */
function leaderChanges(members: readonly Measured[], { readAt }: EtcdObservation, { options }: Context): readonly EtcdVerdict[] {
  const known = members.flatMap(({ member, metrics: { leaderChanges: changes, startedAt } }) => {
    const seconds = secondsSince(startedAt, new Date(readAt));
    return changes === undefined || seconds === undefined || seconds <= 0 ? [] : [{ member, changes, seconds, rate: (3600 * changes) / seconds }];
  });
  if (known.length === 0) return [{ rule: 'leader-stable', verdict: 'skip', messageId: 'not-told' }];
  const [worst] = known.filter(({ changes }) => changes >= options.leaderChanges).toSorted((a, b) => b.rate - a.rate);
  if (worst === undefined || worst.rate <= options.leaderChangesPerHour) return [{ rule: 'leader-stable', verdict: 'pass' }];
  const data = { pod: worst.member.pod, changes: worst.changes, age: shortDuration(worst.seconds), rate: Number(worst.rate.toFixed(1)) };
  return [{ rule: 'leader-stable', verdict: 'fail', messageId: 'changes', data, observed: { changes: worst.changes, perHour: data.rate } }];
}

type Speed = 'fast' | 'slow' | 'not-sampled' | 'idle' | 'not-told';

interface Writing {
  readonly member: MemberFacts;
  readonly speed: Speed;
  readonly data: {
    readonly pod: string;
    readonly seconds: number;
    readonly time: string;
    readonly slow: number;
    readonly count: number;
    readonly limit: string;
    readonly lifetime: string;
  };
}

/**
 * A histogram counts since the process was started. When nothing in it was slow, nothing is slow now; when something was, only what came between two looks
 * tells whether it still is.
 */
function writing({ member }: Measured, which: 'fsync' | 'commit', limit: number, { secondsBetween }: EtcdObservation, options: EtcdOptions): Writing {
  const before = member.metrics?.[which];
  const after = member.again?.metrics?.[which];
  const sum = after ?? before;
  const recent = before === undefined || after === undefined ? undefined : between(before, after);
  const data = {
    pod: member.pod,
    seconds: secondsBetween ?? 0,
    time: secondsText(recent === undefined ? 0 : percentile99(recent)),
    slow: recent === undefined ? 0 : slowerThan(recent, limit),
    count: recent?.count ?? 0,
    limit: secondsText(limit),
    lifetime: secondsText(sum === undefined ? 0 : percentile99(sum)),
  };
  return { member, speed: speedOf(sum, recent, limit, options), data };
}

function speedOf(sum: Histogram | undefined, recent: Histogram | undefined, limit: number, options: EtcdOptions): Speed {
  if (sum === undefined) return 'not-told';
  if (slowerThan(sum, limit) === 0) return 'fast';
  if (recent === undefined) return 'not-sampled';
  if (recent.count === 0) return 'idle';
  return percentile99(recent) > limit && slowerThan(recent, limit) >= options.slowWrites ? 'slow' : 'fast';
}

/** Whether a member has ever been slow since it started: then only a second look can tell about now. */
export function hasBeenSlow({ metrics }: MemberFacts, options: EtcdOptions): boolean {
  const ever = (times: Histogram | undefined, limit: number): boolean => times !== undefined && slowerThan(times, limit) > 0;
  return ever(metrics?.fsync, options.fsyncSlowSeconds) || ever(metrics?.commit, options.commitSlowSeconds);
}

function writes(members: readonly Measured[], observation: EtcdObservation, { options }: Context): readonly EtcdVerdict[] {
  const judged = (which: 'fsync' | 'commit', limit: number): readonly Writing[] => members.map((each) => writing(each, which, limit, observation, options));
  const { fsyncSlowSeconds, fsyncStalledSeconds, commitSlowSeconds } = options;
  const stalled = judged('fsync', fsyncStalledSeconds);
  const slow = judged('fsync', fsyncSlowSeconds).filter((each) => !stalled.some(({ member, speed: how }) => member === each.member && how === 'slow'));
  const commits = judged('commit', commitSlowSeconds);
  const fail = (each: Writing, limit: number) =>
    ({ verdict: 'fail', data: each.data, subject: podOf(each.member), observed: each.data, expected: limit }) as const;
  const isSlow = (each: Writing): boolean => each.speed === 'slow';
  return [
    ...stalled.filter(isSlow).map((each): EtcdVerdict => ({ rule: 'fsync-not-stalled', messageId: 'stalled', ...fail(each, fsyncStalledSeconds) })),
    ...(stalled.some(isSlow) ? [] : [rest('fsync-not-stalled', stalled)]),
    ...slow.filter(isSlow).map((each): EtcdVerdict => ({ rule: 'fsync-in-time', messageId: 'slow', ...fail(each, fsyncSlowSeconds) })),
    ...(slow.some(isSlow)
      ? []
      : [stalled.some(isSlow) ? ({ rule: 'fsync-in-time', verdict: 'skip', messageId: 'see-stalled' } as const) : rest('fsync-in-time', slow)]),
    ...commits.filter(isSlow).map((each): EtcdVerdict => ({ rule: 'commit-in-time', messageId: 'slow', ...fail(each, commitSlowSeconds) })),
    ...(commits.some(isSlow) ? [] : [rest('commit-in-time', commits)]),
  ];
}

/** What is said of a rule that no member breaks: nothing is green that could not be told. */
function rest(rule: 'fsync-in-time' | 'fsync-not-stalled' | 'commit-in-time', all: readonly Writing[]): EtcdVerdict {
  const having = (speed: Speed): readonly Writing[] => all.filter((each) => each.speed === speed);
  const about = (some: readonly Writing[]) => ({ members: names(some.map(({ member }) => member)), lifetime: some[0]?.data.lifetime ?? '' });
  const unsampled = having('not-sampled');
  if (unsampled.length > 0) return { rule, verdict: 'skip', messageId: 'not-sampled', data: about(unsampled) };
  const idle = having('idle');
  if (idle.length > 0) return { rule, verdict: 'skip', messageId: 'idle', data: { ...about(idle), seconds: idle[0]?.data.seconds ?? 0 } };
  if (having('fast').length === 0) return { rule, verdict: 'skip', messageId: 'not-told' };
  return { rule, verdict: 'pass', observed: Object.fromEntries(all.map(({ member, data: { lifetime } }) => [member.pod, lifetime])) };
}

/** etcd measures a peer twice a minute, so only the sum since the start has enough to judge by: this only tells. */
function roundTrips(members: readonly Measured[], cluster: Cluster, { options }: Context): readonly EtcdVerdict[] {
  const measured = members.flatMap(({ member, metrics }) => metrics.roundTrips.map(({ to, times }) => ({ member, to, times })));
  if (cluster.total === 1) return [{ rule: 'peer-round-trip', verdict: 'skip', messageId: 'single' }];
  const enough = measured.filter(({ times }) => times.count >= options.roundTripSamples);
  if (enough.length === 0) return [{ rule: 'peer-round-trip', verdict: 'skip', messageId: 'young' }];
  const [slowest] = enough
    .filter(({ times }) => percentile99(times) > options.roundTripSeconds)
    .toSorted((a, b) => percentile99(b.times) - percentile99(a.times));
  if (slowest === undefined) return [{ rule: 'peer-round-trip', verdict: 'pass' }];
  const { member, to, times } = slowest;
  const seconds = percentile99(times);
  const data = { pod: member.pod, peer: nameOf(to, cluster), time: secondsText(seconds), count: times.count, limit: secondsText(options.roundTripSeconds) };
  return [{ rule: 'peer-round-trip', verdict: 'fail', messageId: 'slow', data, observed: seconds, expected: options.roundTripSeconds }];
}

function files(members: readonly Measured[], { options }: Context): readonly EtcdVerdict[] {
  const known = members.flatMap(({ member, metrics: { openFiles, mostFiles } }) =>
    openFiles === undefined || mostFiles === undefined || mostFiles <= 0 ? [] : [{ member, open: openFiles, most: mostFiles }],
  );
  if (known.length === 0) return [{ rule: 'files-left', verdict: 'skip', messageId: 'not-told' }];
  const failed = known.filter(({ open, most }) => (100 * open) / most >= options.filesPercent);
  if (failed.length === 0) return [{ rule: 'files-left', verdict: 'pass' }];
  return failed.map(({ member, open, most }): EtcdVerdict => {
    const data = { pod: member.pod, open, most, percent: Math.floor((100 * open) / most) };
    return { rule: 'files-left', verdict: 'fail', messageId: 'few', data, subject: podOf(member), observed: { open, most }, expected: options.filesPercent };
  });
}
