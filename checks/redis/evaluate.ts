import { evaluateHealth } from './health.ts';
import { leadershipOf } from './leadership.ts';
import { evaluateMasters } from './masters.ts';
import type { RedisObservation } from './observation.ts';
import { evaluateReplication } from './replication.ts';
import { type RedisRule, rules } from './rules.ts';
import { isCluster } from './set.ts';
import type { Context, RedisVerdict } from './verdicts.ts';

/**
 * Judges a set of instances that were asked each by itself. What one of them would not say leaves the rules that need it without a verdict for the whole:
 * a fault that is proven by the others stays one, and nothing is called well that was not seen.
 */
export function evaluate(observation: RedisObservation, context: Context): readonly RedisVerdict[] {
  const every = (messageId: 'no-instance' | 'cluster'): readonly RedisVerdict[] =>
    (Object.keys(rules) as RedisRule[]).map((rule) => ({ rule, verdict: 'skip', messageId }) as RedisVerdict);
  if (observation.instances.length === 0) return every('no-instance');
  if (isCluster(observation)) return every('cluster');
  const leadership = leadershipOf(observation, context.options);
  const about = { observation, leadership, ...context };
  const verdicts = [...evaluateMasters(about), ...evaluateHealth(about), ...evaluateReplication(about)];
  if (leadership.kind !== 'unserved') return verdicts;
  // Whoever does not run is told of by name; nothing else can be said.
  const told = verdicts.filter(({ rule }) => rule === 'instances-answer');
  return told.length > 0 ? [...told, ...every('no-instance').filter(({ rule }) => rule !== 'instances-answer')] : every('no-instance');
}
