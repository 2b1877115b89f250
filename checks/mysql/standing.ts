import type { Channel, InstanceFacts, MysqlObservation, ServiceFacts } from './observation.ts';
import type { rules } from './rules.ts';

export type Rule = keyof typeof rules;

/**
 * Where an instance stands. `serving`: it lets clients in. `refusing`: it answers every connection with an error, as with too many connections. `dead`:
 * it does not greet. `unseen`: we could not ask it.
 */
export type Standing = 'serving' | 'refusing' | 'dead' | 'unseen';

/** MySQL's errors instead of a handshake. */
export const TOO_MANY_CONNECTIONS = 1040;
export const HOST_BLOCKED = 1129;
const HOST_NOT_ALLOWED = 1130;
const SHUTTING_DOWN = 1053;

export function standingOf({ greeting, stopped, lost, vouched, exporterUp }: InstanceFacts): Standing {
  if (stopped !== undefined || lost) return 'dead';
  switch (greeting?.kind) {
    case 'handshake':
      return 'serving';
    case 'error':
      // Whoever says that our address has no account serves the others.
      return greeting.code === HOST_NOT_ALLOWED ? 'serving' : greeting.code === SHUTTING_DOWN ? 'dead' : 'refusing';
    case 'silent':
    case 'closed':
    case 'garbled':
      return 'dead';
    case 'refused':
      return exporterUp === true ? 'serving' : vouched ? 'unseen' : 'dead';
    case undefined:
      return exporterUp === true ? 'serving' : 'unseen';
  }
}

export function isServing(instance: InstanceFacts): boolean {
  return standingOf(instance) === 'serving';
}

/**
 * The channels by which an instance is a replica. A configuration that was left behind when it was made the primary is none: both threads were stopped by
 * hand, nothing failed, and it takes writes.
 */
export function liveChannels({ facts }: InstanceFacts): readonly Channel[] {
  const channels = facts?.replication ?? [];
  const leftBehind = (channel: Channel): boolean =>
    facts?.readOnly === false && (channel.io === 'no' || channel.io === 'not-running') && !channel.sql && channel.ioErrno === 0 && channel.sqlErrno === 0;
  return channels.filter((channel) => !leftBehind(channel));
}

/** The other instances that it replicates from. */
export function sourcesOf(instance: InstanceFacts): readonly string[] {
  return [...new Set(liveChannels(instance).flatMap(({ leadsTo }) => leadsTo))].filter((name) => name !== instance.name);
}

/** True where every member may take writes, or the members agree among themselves on who does. */
export function isCluster({ instances }: MysqlObservation): boolean {
  return instances.some(({ facts }) => facts?.cluster !== undefined && facts.cluster.kind !== 'none');
}

export function writeServices({ services = [] }: MysqlObservation): readonly ServiceFacts[] {
  return services.filter((service) => service.writes !== undefined);
}

/**
 * The instances that the writes go to: those that a Service for writes leads to, else the ones that others replicate from, else those that take writes and
 * replicate from nobody. None when nothing tells.
 */
export function writersOf(observation: MysqlObservation): readonly string[] {
  const { instances } = observation;
  if (instances.length === 1) return instances.map(({ name }) => name);
  const led = writeServices(observation)
    .filter((service) => service.writes === 'name' || service.ready.length + service.notReady.length === 1)
    .flatMap((service) => (service.ready.length > 0 ? service.ready : service.notReady))
    .filter((name) => instances.some((instance) => instance.name === name));
  if (led.length > 0) return [...new Set(led)];
  const followed = instances.filter(({ name }) => instances.some((other) => sourcesOf(other).includes(name)));
  const heads = followed.filter((instance) => sourcesOf(instance).length === 0);
  if (followed.length > 0) return (heads.length > 0 ? heads : followed).map(({ name }) => name);
  return instances.filter(isHead).map(({ name }) => name);
}

/** Serves, takes writes and replicates from nobody. */
function isHead(instance: InstanceFacts): boolean {
  const { facts } = instance;
  return isServing(instance) && facts?.readOnly === false && facts.replication !== undefined && sourcesOf(instance).length === 0;
}

const OF_ALL = ['greets', 'replicas-greet', 'accepts-connections'] as const satisfies readonly Rule[];

/**
 * The rules that cannot be judged for an instance, because it could not be asked or does not tell. The probe makes blind spots of them; `evaluate` calls
 * none of them healthy.
 */
export function gapsOf(observation: MysqlObservation): readonly { readonly instance: InstanceFacts; readonly rules: readonly Rule[] }[] {
  const { instances } = observation;
  const several = instances.length > 1;
  const hasWritable = instances.some((instance) => isServing(instance) && instance.facts?.readOnly === false);
  return instances.flatMap((instance) => {
    const standing = standingOf(instance);
    if (standing !== 'serving' && standing !== 'unseen') return [];
    const facts = instance.facts ?? {};
    const writes = writeServices(observation).some((service) => service.ready.includes(instance.name));
    const writeRules: readonly Rule[] = writes ? ['writes-reach-primary', 'writes-reach-only-primary'] : [];
    const rules = new Set<Rule>([
      ...(standing === 'unseen' ? OF_ALL : []),
      ...(facts.readOnly === undefined ? [...(hasWritable ? [] : (['has-primary'] as const)), ...writeRules] : []),
      ...(facts.replication === undefined ? (['receives-changes', 'applies-changes', 'replica-lag', 'follows-instance', ...writeRules] as const) : []),
      ...(several && (facts.readOnly === undefined || facts.replication === undefined) ? (['one-primary', 'replicas-read-only'] as const) : []),
      ...(several && facts.serverId === undefined ? (['server-ids-differ'] as const) : []),
      ...(facts.connections === undefined || facts.maxConnections === undefined ? (['spare-connections'] as const) : []),
      ...(facts.forceRecovery === undefined ? (['no-forced-recovery'] as const) : []),
      ...(facts.cluster === undefined ? (['cluster-has-quorum', 'cluster-members-healthy'] as const) : []),
    ]);
    return rules.size === 0 ? [] : [{ instance, rules: [...rules] }];
  });
}
