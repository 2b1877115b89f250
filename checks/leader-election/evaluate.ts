import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { LeaderElectionObservation, LockFacts } from './observation.ts';
import type { LeaderElectionOptions, rules } from './rules.ts';

type LeaderVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<LeaderElectionOptions>;

/** client-go's default LeaseDuration: a lock that was released says 1 s, which is no measure for the others to take over. */
const DEFAULT_DURATION = 15;

/**
 * Judges the freshest lock of all kinds and names: an upgrade moves from one kind to the next and leaves the old object behind. How often the leader
 * changed cannot be judged from one look: a count without the time in which it grew says nothing.
 */
export function evaluate(observation: LeaderElectionObservation, context: Context): readonly LeaderVerdict[] {
  const lock = freshest(observation.locks);
  return [...leader(observation, lock, context), ...clock(observation, lock, context), holder(observation, lock), ...staleLocks(observation, lock, context)];
}

function freshest(locks: readonly LockFacts[]): LockFacts | undefined {
  return locks.toSorted((a, b) => (Date.parse(b.renewedAt) || 0) - (Date.parse(a.renewedAt) || 0))[0];
}

function leader(observation: LeaderElectionObservation, lock: LockFacts | undefined, { options, now }: Context): readonly LeaderVerdict[] {
  const { pods, namespace } = observation;
  const names = observation.names.join(', ');
  if (pods.length === 0) return both({ messageId: 'no-pods' });
  if (observation.switchedOff && pods.length === 1) return both({ messageId: 'switched-off' });
  if (lock === undefined) {
    if (pods.length === 1) return both({ messageId: 'single' });
    const data = { names, namespace };
    if (!observation.nameIsKnown) return both({ messageId: 'not-found', data });
    return [
      { rule: 'has-leader', verdict: 'fail', messageId: 'never-elected', data: { ...data, pods: pods.length }, observed: 0, expected: 1 },
      { rule: 'renewed-in-time', verdict: 'skip', messageId: 'see-leader' },
    ];
  }
  if (secondsAhead(lock, observation) > options.clockSkewSeconds) return both({ messageId: 'ahead' });
  const age = secondsSince(lock.renewedAt, now) ?? Infinity;
  const duration = durationOf(lock);
  const facts = { subject: subjectOf(lock), observed: { renewedAt: lock.renewedAt, holder: lock.holder }, ...sinceOf(lock) };
  const data = { lock: nameOf(lock), age: ageText(age), pods: pods.length };
  if (age > options.lostDurations * duration && age >= options.lostSeconds) {
    const expected = { ageSeconds: Math.max(options.lostDurations * duration, options.lostSeconds) };
    return [
      lock.holder === ''
        ? { rule: 'has-leader', verdict: 'fail', messageId: 'released', data, ...facts, expected }
        : { rule: 'has-leader', verdict: 'fail', messageId: 'expired', data: { ...data, duration, holder: lock.holder }, ...facts, expected },
      { rule: 'renewed-in-time', verdict: 'skip', messageId: 'see-leader' },
    ];
  }
  const held: LeaderVerdict = { rule: 'has-leader', verdict: 'pass', observed: { lock: nameOf(lock), holder: lock.holder, transitions: lock.transitions } };
  if (age <= options.lateDurations * duration)
    return [held, { rule: 'renewed-in-time', verdict: 'pass', observed: { ageSeconds: Math.max(0, Math.round(age)) } }];
  const expected = { ageSeconds: options.lateDurations * duration };
  const { pods: _, ...late } = data;
  return [
    held,
    lock.holder === ''
      ? { rule: 'renewed-in-time', verdict: 'fail', messageId: 'vacant', data: late, ...facts, expected }
      : { rule: 'renewed-in-time', verdict: 'fail', messageId: 'late', data: { ...late, duration, holder: lock.holder }, ...facts, expected },
  ];
}

type NotJudged =
  | { readonly messageId: 'single' | 'switched-off' | 'no-pods' | 'ahead' }
  | { readonly messageId: 'not-found'; readonly data: { readonly names: string; readonly namespace: string } };

function both(why: NotJudged): readonly LeaderVerdict[] {
  return [
    { rule: 'has-leader', verdict: 'skip', ...why },
    { rule: 'renewed-in-time', verdict: 'skip', ...why },
  ];
}

function durationOf(lock: LockFacts): number {
  return lock.holder === '' ? Math.max(lock.durationSeconds, DEFAULT_DURATION) : lock.durationSeconds;
}

/** Seconds by which a renewal is ahead of the moment at which it was read at the latest. */
function secondsAhead(lock: LockFacts, { readAt }: LeaderElectionObservation): number {
  return readAt === undefined ? 0 : -(secondsSince(lock.renewedAt, new Date(readAt)) ?? 0);
}

function clock(observation: LeaderElectionObservation, lock: LockFacts | undefined, { options }: Context): readonly LeaderVerdict[] {
  if (lock === undefined) return [{ rule: 'clock', verdict: 'skip', messageId: 'no-lock' }];
  if (observation.readAt === undefined) return [];
  const seconds = Math.round(secondsAhead(lock, observation));
  if (secondsAhead(lock, observation) <= options.clockSkewSeconds) return [{ rule: 'clock', verdict: 'pass' }];
  const pod = podOf(observation, lock);
  const because = pod === undefined || pod.node === '' ? [] : [`node/${pod.node}`];
  const data = { lock: nameOf(lock), seconds, holder: lock.holder || '?' };
  return [{ rule: 'clock', verdict: 'fail', messageId: 'ahead', data, subject: subjectOf(lock), observed: seconds, because }];
}

function holder(observation: LeaderElectionObservation, lock: LockFacts | undefined): LeaderVerdict {
  if (lock === undefined || lock.holder === '' || observation.pods.length === 0) return { rule: 'holder-known', verdict: 'skip', messageId: 'no-holder' };
  const pod = podOf(observation, lock);
  if (pod !== undefined) return { rule: 'holder-known', verdict: 'pass', observed: { holder: lock.holder, pod: pod.name, node: pod.node } };
  // `host_uuid` is client-go's form; a name that begins like a workload of ours is a pod of the past. Anything else is an identity of its own making.
  const host = hostOf(lock.holder);
  const isHost = lock.holder.includes('_') && !observation.pods.every(({ node }) => /^[\d.:]+$/.test(node));
  if (!isHost && !observation.workloads.some((workload) => host.startsWith(`${workload}-`)))
    return { rule: 'holder-known', verdict: 'skip', messageId: 'opaque', data: { holder: lock.holder } };
  const data = { lock: nameOf(lock), holder: lock.holder, pods: observation.pods.length };
  return { rule: 'holder-known', verdict: 'fail', messageId: 'unmatched', data, subject: subjectOf(lock), observed: lock.holder };
}

/** The running pod that an identity names, by itself or, for pods on the host's network, by its node. */
function podOf({ pods }: LeaderElectionObservation, { holder: identity }: LockFacts): { readonly name: string; readonly node: string } | undefined {
  const host = hostOf(identity);
  const sameHost = (node: string): boolean => node !== '' && (node === host || node.startsWith(`${host}.`) || host.startsWith(`${node}.`));
  return identity === '' ? undefined : (pods.find(({ name }) => name === host || name === identity) ?? pods.find(({ node }) => sameHost(node)));
}

/** `node1` of `node1_5e47abab-…`: names of pods and nodes have no underscore. */
function hostOf(identity: string): string {
  return identity.split('_')[0] ?? identity;
}

function staleLocks(observation: LeaderElectionObservation, lock: LockFacts | undefined, { options, now }: Context): readonly LeaderVerdict[] {
  const isStale = (each: LockFacts): boolean => {
    const age = secondsSince(each.renewedAt, now) ?? Infinity;
    return age > options.lostDurations * durationOf(each) && age >= options.lostSeconds;
  };
  if (lock === undefined || isStale(lock)) return [{ rule: 'no-stale-locks', verdict: 'skip', messageId: 'no-live-lock' }];
  const stale = observation.locks.filter(isStale);
  if (stale.length === 0) return [{ rule: 'no-stale-locks', verdict: 'pass' }];
  return stale.map((each) => {
    const age = ageText(secondsSince(each.renewedAt, now) ?? Infinity);
    return { rule: 'no-stale-locks', verdict: 'fail', messageId: 'stale', data: { live: nameOf(lock), stale: nameOf(each), age }, subject: subjectOf(each) };
  });
}

function ageText(seconds: number): string {
  return Number.isFinite(seconds) ? shortDuration(seconds) : '∞';
}

function nameOf({ kind, namespace, name }: LockFacts): string {
  return `${kind} ${namespace}/${name}`;
}

function subjectOf({ kind, namespace, name }: LockFacts): Subject {
  return { kind, namespace, name };
}

function sinceOf({ renewedAt }: LockFacts): { readonly since?: string } {
  return renewedAt === '' ? {} : { since: renewedAt };
}
