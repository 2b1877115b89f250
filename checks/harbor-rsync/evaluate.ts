import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { podSubject } from '../shared/harbor-parts.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { SyncFacts, SyncObservation } from './observation.ts';
import type { RsyncOptions } from './options.ts';
import { type RsyncRule, rules } from './rules.ts';

type SyncVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<RsyncOptions>;

export function evaluate({ pods }: SyncObservation, context: Context): readonly SyncVerdict[] {
  if (pods.length === 0) return (Object.keys(rules) as readonly RsyncRule[]).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
  return mergedVerdicts<SyncVerdict>(pods.flatMap((pod) => [...lastRun(pod), ...recency(pod, context), ...daemon(pod, pods, context)]));
}

function lastRun(facts: SyncFacts): readonly SyncVerdict[] {
  const rule = 'last-run-succeeded';
  const { name: pod, last, log } = facts;
  if (last === undefined) return log === 'unread' ? [] : [{ rule, verdict: 'skip', messageId: 'untold', data: { pod } }];
  const observed = { ...last };
  if (last.succeeded) return [{ rule, verdict: 'pass', observed }];
  const since = last.at === '' ? {} : { since: last.at };
  return [{ rule, verdict: 'fail', messageId: 'failed', data: { pod, line: last.line }, subject: podSubject(facts), observed, ...since }];
}

function recency(facts: SyncFacts, { options, now }: Context): readonly SyncVerdict[] {
  const rule = 'ran-recently';
  const { name: pod, lastSuccess, log } = facts;
  if (lastSuccess === undefined) return log === 'unread' ? [] : [{ rule, verdict: 'skip', messageId: 'untold', data: { pod } }];
  const age = secondsSince(lastSuccess.at, now);
  if (age === undefined) return [{ rule, verdict: 'skip', messageId: 'undated', data: { pod } }];
  const observed = { lastSuccess: lastSuccess.at };
  if (age <= options.maxAgeSeconds) return [{ rule, verdict: 'pass', observed }];
  return [{ rule, verdict: 'fail', messageId: 'old', data: { pod, age: shortDuration(age) }, subject: podSubject(facts), observed }];
}

function daemon(facts: SyncFacts, pods: readonly SyncFacts[], { options }: Context): readonly SyncVerdict[] {
  const rule = 'daemon-greets';
  const { name: pod, daemon: state } = facts;
  if (state === 'greets') return [{ rule, verdict: 'pass' }];
  if (state === 'dark') return [];
  if (state === undefined) return pods.every((each) => each.daemon === undefined) ? [{ rule, verdict: 'skip', messageId: 'undeclared' }] : [];
  return [{ rule, verdict: 'fail', messageId: state, data: { pod, port: options.port }, subject: podSubject(facts), observed: state, own: true }];
}
