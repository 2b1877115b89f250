import type { Instance, RedisObservation } from './observation.ts';
import type { RedisOptions } from './options.ts';
import { downSeconds, followed, isDark, isKnown, isRunning, isUnready, type Known, mastersOf, presumedMaster, type Replica, replicasOf } from './set.ts';

/**
 * Who leads the set. `unknown`: no master is seen, and one may be among the instances that could not be asked. `unserved`: no instance runs that could be
 * judged. `failing-over`: the master was lost so recently that a failover may still be on its way.
 */
export type Leadership =
  | { readonly kind: 'led'; readonly masters: readonly Known[] }
  | { readonly kind: 'loading'; readonly master: Known }
  | { readonly kind: 'unknown' | 'unserved' }
  | { readonly kind: 'failing-over'; readonly seconds: number }
  | { readonly kind: 'outside'; readonly address: string; readonly replicas: number }
  | { readonly kind: 'mute' }
  | {
      readonly kind: 'lost';
      readonly replicas: number;
      /** Hosts that the replicas follow. */
      readonly hosts: readonly string[];
      /** True when the one host that they follow is no address of this set any more. */
      readonly dead: boolean;
      /** The instance that they follow and that does not serve. */
      readonly presumed?: { readonly instance: Instance; readonly followers: number };
      /** Since when; undefined when nobody says. */
      readonly seconds?: number;
    };

export function leadershipOf(observation: RedisObservation, options: RedisOptions): Leadership {
  const { instances } = observation;
  const masters = mastersOf(instances);
  if (masters.length > 0) return { kind: 'led', masters };
  const loading = instances.filter(isKnown).find(({ facts }) => facts.role === 'master');
  if (loading !== undefined) return { kind: 'loading', master: loading };
  if (instances.some((each) => isDark(each, instances))) return { kind: 'unknown' };
  const known = instances.filter(isKnown);
  if (known.length === 0) return { kind: instances.some((each) => isRunning(each) && !isUnready(each)) ? 'mute' : 'unserved' };
  const replicas = replicasOf(instances);
  const hosts = [...new Set(replicas.map(({ facts }) => facts.upstream.host))].sort();
  const foreign = replicas.find(({ facts }) => facts.upstream.link === 'up' && followed(facts.upstream.host, observation).kind !== 'instance');
  if (foreign !== undefined) return { kind: 'outside', address: foreign.facts.upstream.host, replicas: known.length };
  const seconds = secondsWithout(replicas);
  if (seconds !== undefined && seconds < options.failoverSeconds && mayBePromoted(observation, replicas)) return { kind: 'failing-over', seconds };
  const [host] = hosts;
  const presumed = presumedMaster(observation);
  return {
    kind: 'lost',
    replicas: known.length,
    hosts,
    dead: hosts.length === 1 && host !== undefined && followed(host, observation).kind === 'outside',
    ...(presumed === undefined ? {} : { presumed }),
    ...(seconds === undefined ? {} : { seconds }),
  };
}

/** Without sentinels nobody takes over by itself, and neither does a replica with the priority 0. */
function mayBePromoted({ watched }: RedisObservation, replicas: readonly Replica[]): boolean {
  return watched && replicas.some(({ facts }) => facts.upstream.priority !== 0);
}

/** The last moment at which any replica heard of a master counts. */
function secondsWithout(replicas: readonly Replica[]): number | undefined {
  const each = replicas.flatMap((replica) => {
    const { upstream } = replica.facts;
    return (upstream.link === 'up' ? upstream.lastIoSeconds : downSeconds(replica)) ?? [];
  });
  return each.length === 0 ? undefined : Math.min(...each);
}
