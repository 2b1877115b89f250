import type { EvaluateContext } from '../../src/model/check.ts';
import { dataAge, type StolonStore, staleAfter } from '../shared/stolon.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { SentinelVerdict } from './evaluate.ts';
import type { SentinelFacts, StolonSentinelObservation } from './observation.ts';
import type { StolonSentinelOptions } from './rules.ts';

type Whole = Extract<StolonStore, { readonly kind: 'data' }>;

/**
 * Compares the three witnesses of who leads: the lock, the sentinels' own metrics, and the data that is written. A lock that is not being renewed right now
 * names nobody, as in the seconds between two leaders.
 */
export function leadersAgree(observation: StolonSentinelObservation, store: Whole, { options }: EvaluateContext<StolonSentinelOptions>): SentinelVerdict {
  const rule = 'leaders-agree';
  const { readAt } = observation;
  const running = observation.sentinels.filter((sentinel) => sentinel.running);
  if (running.length === 0) return { rule, verdict: 'skip', messageId: 'no-pods' };
  const leaders = running.filter((sentinel) => sentinel.leads === true);
  if (leaders.length > 1) {
    const pods = leaders.map((sentinel) => sentinel.name);
    return { rule, verdict: 'fail', messageId: 'several', data: { pods: pods.join(', ') }, observed: pods };
  }
  const { lock } = store;
  if (lock === undefined || lock.holder === '') return { rule, verdict: 'skip', messageId: 'no-holder' };
  const lockAge = secondsSince(lock.renewedAt, new Date(readAt)) ?? Infinity;
  if (lockAge > lock.durationSeconds / 2) {
    const age = dataAge(store.data, readAt);
    if (lockAge <= options.staleSeconds || age > staleAfter(store.data, options)) return { rule, verdict: 'skip', messageId: 'no-holder' };
    const data = { lock: shortDuration(lockAge), age: shortDuration(age) };
    return { rule, verdict: 'fail', messageId: 'unlocked', data, observed: { renewedAt: lock.renewedAt, changeTime: store.data.changeTime } };
  }
  return compared(lock.holder, running, leaders[0]);
}

function compared(holder: string, running: readonly SentinelFacts[], leader: SentinelFacts | undefined): SentinelVerdict {
  const rule = 'leaders-agree';
  const marked = running.filter((sentinel) => sentinel.uid !== '');
  const holding = marked.find((sentinel) => sentinel.uid === holder);
  if (leader !== undefined && leader.uid !== '' && leader.uid !== holder) {
    const data = { holder, pod: leader.name, uid: leader.uid };
    return { rule, verdict: 'fail', messageId: 'other', data, observed: { lock: holder, sentinel: leader.uid } };
  }
  // A sentinel without a mark may be the one that holds the lock.
  if (holding === undefined && marked.length === running.length) {
    return { rule, verdict: 'fail', messageId: 'foreign', data: { holder, pods: running.length }, observed: holder, expected: marked.map(({ uid }) => uid) };
  }
  if (leader === undefined && running.every((sentinel) => sentinel.leads === false)) {
    return { rule, verdict: 'fail', messageId: 'none', data: { holder, pods: running.length }, observed: { lock: holder, leaders: 0 } };
  }
  if (holding === undefined && leader === undefined) return { rule, verdict: 'skip', messageId: 'unmarked' };
  return { rule, verdict: 'pass', observed: { holder, pod: (holding ?? leader)?.name ?? '' } };
}
