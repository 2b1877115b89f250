import { clusterOf } from './cluster.ts';
import { data } from './data.ts';
import { membership } from './membership.ts';
import type { EtcdObservation } from './observation.ts';
import { quorum } from './quorum.ts';
import { type EtcdRule, rules } from './rules.ts';
import { speed } from './speed.ts';
import type { Context, EtcdVerdict } from './verdict.ts';

/** Judges the members first by themselves and then as one cluster. It says nothing of a rule whose facts nobody could ask for. */
export function evaluate(observation: EtcdObservation, context: Context): readonly EtcdVerdict[] {
  const { kind } = observation;
  if (kind !== 'etcd') return (Object.keys(rules) as EtcdRule[]).map((rule) => ({ rule, verdict: 'skip', messageId: kind }) as EtcdVerdict);
  const cluster = clusterOf(observation);
  return [
    ...quorum(observation, cluster, context),
    ...membership(cluster, context),
    ...data(observation, cluster, context),
    ...speed(observation, cluster, context),
  ];
}
