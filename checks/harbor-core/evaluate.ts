import { mergedVerdicts } from '../shared/verdicts.ts';
import { configuration } from './configuration.ts';
import { health } from './health.ts';
import type { HarborCoreObservation } from './observation.ts';
import { presence } from './presence.ts';
import { registry } from './registry.ts';
import { type HarborCoreRule, rules } from './rules.ts';
import { storage } from './storage.ts';
import { type Context, type HarborCoreVerdict, viewOf } from './view.ts';

/** Whether the cores answer, and if so what they tell of Harbor. It says nothing of a rule whose facts nobody could ask for. */
export function evaluate(observation: HarborCoreObservation, context: Context): readonly HarborCoreVerdict[] {
  const view = viewOf(observation, context);
  const { answering, dark } = view;
  const here = presence(view);
  if (answering.length === 0) {
    const rest = (Object.keys(rules) as HarborCoreRule[]).filter((rule) => rule !== 'serves' && rule !== 'answers');
    const messageId = observation.cores.length === 0 ? 'no-pods' : 'none-answers';
    return [...here, ...(dark ? [] : rest.map((rule) => ({ rule, verdict: 'skip', messageId }) as HarborCoreVerdict))];
  }
  return mergedVerdicts([...here, ...configuration(view), ...health(view), ...registry(view), ...storage(view)]);
}
