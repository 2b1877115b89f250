import { secondsSince } from '../shared/time.ts';
import type { AddressSource, PodFacts } from './observation.ts';
import type { Context } from './verdicts.ts';

/** What is wrong with what a pod answers: the messages of `answers`. */
export type Trouble = 'refused' | 'loopback' | 'hung' | 'closed' | 'garbage' | 'tls-wanted' | 'tls-missing' | 'error' | 'rejected';
export type Excuse = 'not-running' | 'node-lost' | 'no-port' | 'other-protocol' | 'starting' | 'unready' | 'follower';

/** `dark`: it runs and could not be asked, which is unknown. */
export type Standing =
  | { readonly kind: 'serving' }
  | { readonly kind: 'trouble'; readonly id: Trouble }
  | { readonly kind: 'excused'; readonly id: Excuse }
  | { readonly kind: 'dark' };

const SERVING: Standing = { kind: 'serving' };
/** Sources that say that the port speaks HTTP. */
const CERTAIN: ReadonlySet<AddressSource> = new Set(['site', 'readiness', 'liveness']);

const trouble = (id: Trouble): Standing => ({ kind: 'trouble', id });
const excused = (id: Excuse): Standing => ({ kind: 'excused', id });

/** How a pod stands by what it answered. */
export function standingOf(pod: PodFacts, context: Context): Standing {
  const { state, address, outcome, ready } = pod;
  if (state !== 'running') return excused(state);
  if (address === undefined) return excused('no-port');
  if (outcome === undefined) return { kind: 'dark' };
  const isFollower = context.options.leaderOnly && !ready;
  if (outcome.kind === 'answer') {
    if (outcome.inside === 'refused') return trouble('loopback');
    if (outcome.status < 400 || isExpected(outcome.status, context)) return SERVING;
    if (isFollower) return excused('follower');
    if (outcome.status >= 500) return reportsItself(pod) ? SERVING : isStarting(pod, context) ? excused('starting') : trouble('error');
    return isRejected(pod, outcome.status) ? (isStarting(pod, context) ? excused('starting') : trouble('rejected')) : SERVING;
  }
  if (isStarting(pod, context)) return excused('starting');
  if (outcome.kind === 'refused' || outcome.kind === 'closed') {
    if (isFollower) return excused('follower');
    if (!ready) return excused('unready');
    return outcome.kind === 'refused' && address.source === 'usual' ? excused('no-port') : trouble(outcome.kind);
  }
  if (outcome.kind !== 'hung' && !CERTAIN.has(address.source)) return excused('other-protocol');
  // A protocol of another kind waits for more than it was sent: only where HTTP is known to be spoken, or to be declared, does silence mean a hang.
  if (outcome.kind === 'hung' && address.source === 'usual') return excused('no-port');
  return trouble(outcome.kind);
}

function isExpected(status: number, { options }: Context): boolean {
  return options.expectedStatus > 0 && status === options.expectedStatus;
}

/** Its health report says what is wrong: it answers, and the report is judged by itself. */
function reportsItself({ health, outcome }: PodFacts): boolean {
  return health !== undefined && outcome?.kind === 'answer' && (health.failing.length > 0 || health.code === outcome.status);
}

/** The kubelet gets the same answer and does not let the pod become ready. */
function isRejected({ address, containerReady, headers }: PodFacts, status: number): boolean {
  return address?.source === 'readiness' && !containerReady && !headers && status !== 401 && status !== 403;
}

/** True for a container that is not ready and has not run for long. */
export function isStarting({ ready, startedAt }: PodFacts, { now, options }: Context): boolean {
  const age = secondsSince(startedAt, now);
  return !ready && age !== undefined && age < options.startSeconds;
}

/** True when its readiness has been what it is for long enough to be taken at its word. */
export function isSettled({ readySince }: PodFacts, { now, options }: Context): boolean {
  return (secondsSince(readySince, now) ?? 0) > options.graceSeconds;
}
