import { infoFields, pairs, wholeNumber } from '../shared/redis.ts';
import type { Clients, Downstream, Facts, Follower, Memory, Persistence, Upstream } from './observation.ts';

type Fields = Readonly<Record<string, string>>;

/** More replicas of one master say nothing new. */
const MOST_FOLLOWERS = 20;

/** The facts in an answer to INFO; undefined when it is none. Versions differ in what they say, so that nothing is taken for granted. */
export function factsOfInfo(text: string): Facts | undefined {
  const fields = infoFields(text);
  if (fields['redis_version'] === undefined && fields['role'] === undefined) return undefined;
  const loading = flag(fields['loading']);
  const memory = memoryOf(fields);
  const clients = clientsOf(fields);
  return {
    role: roleOf(fields['role']),
    mode: fields['redis_mode'] ?? '',
    version: fields['redis_version'] ?? '',
    runId: fields['run_id'] ?? '',
    ...some({
      uptimeSeconds: wholeNumber(fields['uptime_in_seconds']),
      loading,
      loadingEtaSeconds: wholeNumber(fields['loading_eta_seconds']),
      loadedPercent: decimal(fields['loading_loaded_perc']),
      upstream: upstreamOf(fields),
      downstream: fields['connected_slaves'] === undefined ? undefined : downstreamOf(fields),
      persistence: persistenceOf(fields),
      memory,
      clients,
    }),
  };
}

/** `slave` in all versions, for what everybody calls a replica. */
export function roleOf(role: string | undefined): Facts['role'] {
  return role === 'master' ? 'master' : role === 'slave' || role === 'replica' ? 'replica' : '';
}

function upstreamOf(fields: Fields): Upstream | undefined {
  const host = fields['master_host'];
  if (host === undefined || host === '') return undefined;
  return {
    host,
    port: wholeNumber(fields['master_port']) ?? 0,
    link: fields['master_link_status'] === 'up' ? 'up' : 'down',
    syncing: fields['master_sync_in_progress'] === '1',
    ...some({
      downSeconds: wholeNumber(fields['master_link_down_since_seconds']),
      syncLeftBytes: wholeNumber(fields['master_sync_left_bytes']),
      lastIoSeconds: wholeNumber(fields['master_last_io_seconds_ago']),
      offset: wholeNumber(fields['slave_repl_offset']),
      priority: wholeNumber(fields['slave_priority']),
    }),
  };
}

function downstreamOf(fields: Fields): Downstream {
  const followers = Object.entries(fields).flatMap(([name, value]): readonly Follower[] => {
    if (!/^slave\d+$/.test(name)) return [];
    const { ip = '', state = '', offset, lag } = pairs(value);
    return [{ address: ip, state, ...some({ offset: wholeNumber(offset), lagSeconds: wholeNumber(lag) }) }];
  });
  return {
    connected: wholeNumber(fields['connected_slaves']) ?? 0,
    followers: followers.slice(0, MOST_FOLLOWERS),
    ...some({
      offset: wholeNumber(fields['master_repl_offset']),
      good: wholeNumber(fields['min_slaves_good_slaves']),
      failover: fields['master_failover_state'],
      fullSyncs: wholeNumber(fields['sync_full']),
    }),
  };
}

function persistenceOf(fields: Fields): Persistence | undefined {
  if (fields['rdb_last_bgsave_status'] === undefined) return undefined;
  const saved = wholeNumber(fields['rdb_last_save_time']);
  return some({
    bgsaveOk: fine(fields['rdb_last_bgsave_status']),
    aofEnabled: flag(fields['aof_enabled']),
    aofWriteOk: fine(fields['aof_last_write_status']),
    aofRewriteOk: fine(fields['aof_last_bgrewrite_status']),
    changesSinceSave: wholeNumber(fields['rdb_changes_since_last_save']),
    lastSaveAt: timeOf(saved),
  });
}

function memoryOf(fields: Fields): Memory | undefined {
  const used = wholeNumber(fields['used_memory']);
  const max = wholeNumber(fields['maxmemory']);
  if (used === undefined || max === undefined) return undefined;
  return {
    // Buffers of replicas and of the append-only file do not count against the limit; from 4.0 on it is said how much they are.
    used: used - (wholeNumber(fields['mem_not_counted_for_evict']) ?? 0),
    max,
    policy: fields['maxmemory_policy'] ?? '',
    ...some({ evicted: wholeNumber(fields['evicted_keys']), refused: wholeNumber(pairs(fields['errorstat_OOM'] ?? '')['count']) }),
  };
}

function clientsOf(fields: Fields): Clients | undefined {
  const connected = wholeNumber(fields['connected_clients']);
  if (connected === undefined) return undefined;
  return { connected, ...some({ max: wholeNumber(fields['maxclients']), rejected: wholeNumber(fields['rejected_connections']) }) };
}

/** RFC 3339 of a Unix time, unless it is no time that JavaScript knows. */
export function timeOf(seconds: number | undefined): string | undefined {
  return seconds === undefined || seconds <= 0 || seconds > 8e12 ? undefined : new Date(seconds * 1000).toISOString();
}

/** The members that have a value: what was not said is left out, not undefined. */
export function some<T extends object>(members: { readonly [K in keyof T]: T[K] | undefined }): { [K in keyof T]?: T[K] & {} } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as { [K in keyof T]?: T[K] & {} };
}

function flag(text: string | undefined): boolean | undefined {
  return text === '1' ? true : text === '0' ? false : undefined;
}

function fine(text: string | undefined): boolean | undefined {
  return text === 'ok' ? true : text === 'err' ? false : undefined;
}

function decimal(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,4}(?:\.\d{1,6})?$/.test(text) ? Number(text) : undefined;
}
