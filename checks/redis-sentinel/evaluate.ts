import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import { answering } from './answering.ts';
import { eachSentinel } from './each.ts';
import { failover } from './failover.ts';
import { masters } from './masters.ts';
import type { SentinelObservation } from './observation.ts';
import { otherSentinels } from './others.ts';
import { quorum } from './quorum.ts';
import { rules, type SentinelOptions } from './rules.ts';
import { watches, witnesses } from './views.ts';

export type SentinelVerdict = Verdict<typeof rules>;
export type SentinelContext = EvaluateContext<SentinelOptions>;
type Rule = keyof typeof rules;

export function evaluate(observation: SentinelObservation, context: SentinelContext): readonly SentinelVerdict[] {
  const said = answering(observation);
  if (witnesses(observation).length === 0) {
    // Somebody is alive and could not be heard: the probe has said why.
    if (observation.sentinels.some(({ state, heldDown }) => state === 'answers' || (state === 'dark' && heldDown === 0))) return said;
    return [...said, ...skipped('none-answers')];
  }
  const watched = watches(observation);
  const told = eachSentinel(observation, watched, context);
  if (watched.length === 0) return [...said, ...told, ...skipped('no-master')];
  return [
    ...said,
    ...mergedVerdicts<SentinelVerdict>([
      ...told,
      ...watched.flatMap((watch) => [
        ...quorum(observation, watch),
        ...otherSentinels(observation, watch, context),
        ...masters(observation, watched, watch, context),
        ...failover(observation, watch, context),
      ]),
    ]),
  ];
}

/** A skip for every rule that has this reason among its messages. */
function skipped(messageId: 'none-answers' | 'no-master'): readonly SentinelVerdict[] {
  const names = (Object.keys(rules) as readonly Rule[]).filter((rule) => messageId in rules[rule].messages);
  return names.map((rule) => ({ rule, verdict: 'skip', messageId }) as SentinelVerdict);
}
