import type { Facts, Instance, RedisObservation, Upstream } from './observation.ts';
import type { RedisOptions } from './options.ts';

/** An instance that told what it is. */
export type Known = Instance & { readonly facts: Facts };
/** A replica that told whom it follows. */
export type Replica = Instance & { readonly facts: Facts & { readonly upstream: Upstream } };

/** What a replica's host leads to. `outside`: an address that belongs to nothing that is known here; `elsewhere`: a name or a Service. */
export type Followed = { readonly kind: 'instance'; readonly instance: Instance } | { readonly kind: 'outside' | 'elsewhere' };

/** Errors that only an instance gives which serves nobody, so that nothing else can be asked of it. */
const TURNED_AWAY = /max number of clients/i;

export function isRunning({ answer }: Instance): boolean {
  return answer !== 'not-running' && answer !== 'node-lost';
}

export function isKnown(instance: Instance): instance is Known {
  return instance.facts !== undefined;
}

/** It answered, be it with an error, or an exporter got its answer. */
export function isReached({ answer, witness }: Instance): boolean {
  return answer === 'pong' || answer === 'error' || witness === 'exporter';
}

/** It takes no further clients; the ones that it has are served. */
export function isFull({ error }: Instance): boolean {
  return error !== undefined && TURNED_AWAY.test(error.text);
}

/**
 * Whether the silence of an instance is a fault of it. One that listens on its pod's own address alone refuses a port-forward, and one that wants TLS closes
 * the connection: where the pod is ready and no other instance of the set spoke either, that is as likely, and nothing is known.
 */
export function isMute(instance: Instance, all: readonly Instance[]): boolean {
  switch (instance.answer) {
    case 'silent':
      return true;
    case 'refused':
    case 'closed':
    case 'garbled':
      return instance.witness !== 'exporter' && instance.ready && all.some(({ answer }) => answer === 'pong' || answer === 'error');
    default:
      return false;
  }
}

/** It may be serving, and what it is could not be asked. */
export function isDark(instance: Instance, all: readonly Instance[]): boolean {
  const told = instance.facts !== undefined && instance.facts.role !== '';
  return isRunning(instance) && !told && !isMute(instance, all) && !isUnready(instance) && !isStuck(instance);
}

/** Its container runs and its server does not listen yet, or no longer: the workload says so. */
export function isUnready({ answer, ready, witness }: Instance): boolean {
  return (answer === 'refused' || answer === 'closed') && !ready && witness === 'nobody';
}

/** It answers everybody with an error and does nothing else. */
export function isStuck(instance: Instance): boolean {
  return !isKnown(instance) && instance.error !== undefined && !isFull(instance) && instance.error.code !== 'NOAUTH' && instance.error.code !== 'NOPERM';
}

/** It serves nobody, and `instances-answer` says so. One that says LOADING is told of by its own rule. */
export function isOut(instance: Instance, all: readonly Instance[]): boolean {
  return isRunning(instance) && !isKnown(instance) && (isMute(instance, all) || isStuck(instance));
}

export function isCluster({ instances }: RedisObservation): boolean {
  return instances.some(({ facts }) => facts?.mode === 'cluster');
}

/** Masters that serve. One that still loads its data does not. */
export function mastersOf(instances: readonly Instance[]): readonly Known[] {
  return instances.filter(isKnown).filter(({ facts }) => facts.role === 'master' && facts.loading !== true);
}

export function isReplica(instance: Instance): instance is Replica {
  return instance.facts?.role === 'replica' && instance.facts.upstream !== undefined;
}

export function replicasOf(instances: readonly Instance[]): readonly Replica[] {
  return instances.filter(isReplica);
}

/**
 * Masters that have only just started and that nobody follows: an instance says that it is the master until a sentinel, or its own configuration, has told
 * it otherwise.
 */
export function joining(masters: readonly Known[], { failoverSeconds }: RedisOptions): readonly Known[] {
  const fresh = masters.filter(({ facts }) => (facts.uptimeSeconds ?? Infinity) < failoverSeconds && (facts.downstream?.connected ?? 0) === 0);
  return masters.length > 1 ? fresh : [];
}

export function followed(host: string, { instances, services }: Pick<RedisObservation, 'instances' | 'services'>): Followed {
  const label = host.split('.')[0] ?? host;
  const isAddress = /^[\d.]+$/.test(host) || host.includes(':');
  const instance = instances.find(({ address, name }) => (isAddress ? address === host : name === label));
  if (instance !== undefined) return { kind: 'instance', instance };
  return { kind: isAddress && !services.includes(host) ? 'outside' : 'elsewhere' };
}

/** Instances that a replica with this upstream names, by what they are called: the pod, or else the host. */
export function followedName(host: string, observation: Pick<RedisObservation, 'instances' | 'services'>): string {
  const found = followed(host, observation);
  return found.kind === 'instance' ? found.instance.name : host;
}

/** Instances that told nothing of themselves and that others follow, with how many do: the master, as far as its replicas know. */
export function presumedMaster(observation: RedisObservation): { readonly instance: Instance; readonly followers: number } | undefined {
  const followers = replicasOf(observation.instances);
  const candidates = observation.instances
    .filter((each) => !isKnown(each))
    .map((instance) => ({
      instance,
      followers: followers.filter(({ facts }) => {
        const to = followed(facts.upstream.host, observation);
        return to.kind === 'instance' && to.instance === instance;
      }).length,
    }));
  return candidates.filter((each) => each.followers > 0).toSorted((a, b) => b.followers - a.followers)[0];
}

/** Seconds for which a replica's link has been down; undefined when nobody says. One that was never up has been down since the start. */
export function downSeconds({ facts }: Known): number | undefined {
  const { upstream, uptimeSeconds } = facts;
  const said = upstream?.downSeconds;
  // Before 7.0 a link that never was up has been down since 1970.
  if (said !== undefined && said >= 0) return uptimeSeconds === undefined ? said : Math.min(said, uptimeSeconds);
  return said === undefined && upstream?.link === 'down' && upstream.lastIoSeconds === undefined ? undefined : uptimeSeconds;
}

export function isOnlyOne(observation: RedisObservation): boolean {
  return observation.instances.length === 1 && !observation.watched;
}
