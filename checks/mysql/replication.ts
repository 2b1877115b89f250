import { oneLine } from '../shared/text.ts';
import { NONE_SERVES, seenBy, subjectOf } from './greeting.ts';
import type { Channel, InstanceFacts, MysqlObservation } from './observation.ts';
import type { MysqlOptions } from './options.ts';
import type { MysqlVerdict } from './rules.ts';
import { isServing, liveChannels, standingOf } from './standing.ts';

interface Replica {
  readonly instance: InstanceFacts;
  readonly channel: Channel;
}

/** The source purged the binary logs that the replica asks for (MySQL's error for what a source cannot send; MariaDB says the same of a GTID). */
const SOURCE_CANNOT_SEND = 1236;
/** No route, no listener, no name, no login, a connection that broke: the replica tries again by itself. */
const CANNOT_CONNECT: ReadonlySet<number> = new Set([1040, 1044, 1045, 1129, 1130, 1158, 1159, 1160, 1161, 2002, 2003, 2005, 2006, 2012, 2013, 2026, 2061]);
/** Duplicate key, missing row, missing or existing table or database, GTID out of order (MariaDB): the data is not what it is at the source. */
const DIFFERS: ReadonlySet<number> = new Set([1007, 1008, 1032, 1049, 1050, 1051, 1054, 1062, 1091, 1146, 1451, 1452, 1677, 1950]);

/** Whether the replicas receive, apply and keep up, whom they follow, and how well the instances can be told apart. */
export function replicationVerdicts({ instances }: MysqlObservation, options: MysqlOptions): readonly MysqlVerdict[] {
  const replicas = instances.filter(isServing).flatMap((instance) => liveChannels(instance).map((channel) => ({ instance, channel })));
  return [
    ...worstOf(replicas, 'receives-changes', (replica) => received(replica, instances)),
    ...worstOf(replicas, 'applies-changes', applied),
    ...lag(replicas, options),
    ...followed(replicas),
    ...serverIds(instances),
    ...forcedRecovery(instances),
  ];
}

type ReplicaRule = 'receives-changes' | 'applies-changes' | 'replica-lag' | 'follows-instance';

/** One verdict per instance: of several channels that fail, the first. */
function worstOf(replicas: readonly Replica[], rule: ReplicaRule, judge: (replica: Replica) => MysqlVerdict | undefined): readonly MysqlVerdict[] {
  if (replicas.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-replica' }];
  const failed = new Map<string, MysqlVerdict>();
  for (const replica of replicas) {
    const verdict = judge(replica);
    if (verdict !== undefined && !failed.has(replica.instance.name)) failed.set(replica.instance.name, verdict);
  }
  return failed.size > 0 ? [...failed.values()] : [{ rule, verdict: 'pass', observed: replicas.map(observedOf) }];
}

function observedOf({ instance, channel }: Replica) {
  const { host, io, sql, behind, ioErrno, sqlErrno } = channel;
  return {
    pod: instance.name,
    source: host,
    io,
    sql,
    behind,
    ...(ioErrno === 0 ? {} : { ioErrno }),
    ...(sqlErrno === 0 ? {} : { sqlErrno }),
    ...seenBy(instance),
  };
}

/** An exporter tells numbers and no texts. */
function errorText(error: string): string {
  return error === '' ? '—' : oneLine(error);
}

function received(replica: Replica, instances: readonly InstanceFacts[]): MysqlVerdict | undefined {
  const { instance, channel } = replica;
  const { io, ioErrno: errno } = channel;
  if (io === 'yes') return undefined;
  const base = { rule: 'receives-changes', verdict: 'fail', subject: subjectOf(instance), observed: observedOf(replica) } as const;
  const data = { pod: instance.name, source: channel.host || '?' };
  const error = errorText(channel.ioError);
  if (errno === SOURCE_CANNOT_SEND) return { ...base, messageId: 'purged', data: { ...data, error } };
  const sources = instances.filter(({ name }) => channel.leadsTo.includes(name) && name !== instance.name);
  if (sources.length > 0 && sources.every((source) => standingOf(source) === 'dead')) return { ...base, messageId: 'source-down', data };
  if (io === 'connecting' || CANNOT_CONNECT.has(errno)) return { ...base, messageId: 'connecting', data: { ...data, errno, error } };
  if (errno === 0 && io === 'not-running') return { ...base, messageId: 'idle', data };
  return errno === 0 ? { ...base, messageId: 'stopped', data } : { ...base, messageId: 'failed', data: { ...data, errno, error } };
}

function applied(replica: Replica): MysqlVerdict | undefined {
  const { instance, channel } = replica;
  const { sql, sqlErrno: errno } = channel;
  if (sql) return undefined;
  const base = { rule: 'applies-changes', verdict: 'fail', subject: subjectOf(instance), observed: observedOf(replica) } as const;
  const data = { pod: instance.name, source: channel.host || '?' };
  const error = errorText(channel.sqlError);
  if (errno === 0) return { ...base, messageId: 'stopped', data };
  return DIFFERS.has(errno)
    ? { ...base, messageId: 'conflict', data: { ...data, errno, error } }
    : { ...base, messageId: 'failed', data: { pod: instance.name, errno, error } };
}

function lag(replicas: readonly Replica[], { lagSeconds }: MysqlOptions): readonly MysqlVerdict[] {
  // One whose threads do not run is behind for a reason that has a rule of its own.
  const running = replicas.filter(({ channel }) => channel.io === 'yes' && channel.sql);
  if (replicas.length > 0 && running.length === 0) return [{ rule: 'replica-lag', verdict: 'skip', messageId: 'see-threads' }];
  return worstOf(running, 'replica-lag', (replica) => {
    const { instance, channel } = replica;
    const { behind, delay } = channel;
    const limit = lagSeconds + delay;
    const base = { rule: 'replica-lag', verdict: 'fail', subject: subjectOf(instance), observed: observedOf(replica), expected: { seconds: limit } } as const;
    if (behind === null) return { ...base, messageId: 'unknown', data: { pod: instance.name } };
    return behind > limit ? { ...base, messageId: 'late', data: { pod: instance.name, source: channel.host || '?', behind, limit } } : undefined;
  });
}

function followed(replicas: readonly Replica[]): readonly MysqlVerdict[] {
  const outside = replicas.filter(({ channel }) => channel.leadsTo.length === 0 && channel.io === 'yes');
  const inside = replicas.filter((replica) => !outside.includes(replica));
  const verdicts = outside.map(({ instance, channel }): MysqlVerdict => {
    const data = { pod: instance.name, source: channel.host || '?' };
    return { rule: 'follows-instance', verdict: 'skip', messageId: 'outside', data, subject: subjectOf(instance) };
  });
  if (inside.length === 0 && outside.length > 0) return verdicts;
  return [
    ...verdicts,
    ...worstOf(inside, 'follows-instance', (replica) => {
      const { instance, channel } = replica;
      const data = { pod: instance.name, source: channel.host || '?' };
      const base = { rule: 'follows-instance', verdict: 'fail', data, subject: subjectOf(instance), observed: observedOf(replica), own: true } as const;
      if (channel.leadsTo.length === 0) return { ...base, messageId: 'dead' };
      return channel.leadsTo.every((name) => name === instance.name) ? { ...base, messageId: 'self' } : undefined;
    }),
  ];
}

function serverIds(instances: readonly InstanceFacts[]): readonly MysqlVerdict[] {
  const rule = 'server-ids-differ';
  const serving = instances.filter(isServing);
  if (instances.length === 1) return [{ rule, verdict: 'skip', messageId: 'single' }];
  if (serving.length === 0) return [{ rule, ...NONE_SERVES }];
  const replicate = serving.some((instance) => liveChannels(instance).length > 0 || (instance.facts?.cluster?.kind ?? 'none') !== 'none');
  if (!replicate) return [{ rule, verdict: 'skip', messageId: 'no-replication' }];
  const byId = Map.groupBy(
    serving.filter(({ facts }) => facts?.serverId !== undefined),
    ({ facts }) => facts?.serverId ?? 0,
  );
  const shared = [...byId].filter(([, group]) => group.length > 1);
  if (shared.length === 0) return [{ rule, verdict: 'pass', observed: [...byId.keys()] }];
  return shared.flatMap(([id, group]): readonly MysqlVerdict[] => {
    const [first] = group;
    const data = { pods: group.map(({ name }) => name).join(', '), id };
    return first === undefined ? [] : [{ rule, verdict: 'fail', messageId: 'same', data, subject: subjectOf(first), observed: id, own: true }];
  });
}

function forcedRecovery(instances: readonly InstanceFacts[]): readonly MysqlVerdict[] {
  const rule = 'no-forced-recovery';
  const serving = instances.filter(isServing);
  if (serving.length === 0) return [{ rule, ...NONE_SERVES }];
  const forced = serving.flatMap((instance) => {
    const level = instance.facts?.forceRecovery ?? 0;
    return level === 0
      ? []
      : [{ rule, verdict: 'fail', messageId: 'forced', data: { pod: instance.name, level }, subject: subjectOf(instance), observed: level } as const];
  });
  return forced.length > 0 ? forced : [{ rule, verdict: 'pass' }];
}
