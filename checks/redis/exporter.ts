import { type Sample, samples, valueOf } from '../shared/metrics.ts';
import { roleOf, some, timeOf } from './facts.ts';
import type { Downstream, Facts, Memory, Upstream } from './observation.ts';

/**
 * The facts in what a redis_exporter says of one instance; undefined when it did not reach it, or is too old to say who the instance is. It passes on
 * what INFO says under names of its own. Source: oliver006/redis_exporter, exporter/metrics.go and exporter/info.go.
 */
export function factsOfScrape(text: string): Facts | undefined {
  const all = samples(text, (name) => name.startsWith('redis_'));
  const instance = all.find(({ name }) => name === 'redis_instance_info')?.labels;
  if (valueOf(all, 'redis_up') !== 1 || instance === undefined) return undefined;
  const number = (name: string): number | undefined => wholeOf(valueOf(all, name));
  const truth = (name: string): boolean | undefined => truthOf(number(name));
  const connected = number('redis_connected_clients');
  const bgsaveOk = truth('redis_rdb_last_bgsave_status');
  return {
    role: roleOf(instance['role']),
    mode: instance['redis_mode'] ?? '',
    version: instance['redis_version'] ?? '',
    runId: instance['run_id'] ?? '',
    ...some({
      uptimeSeconds: number('redis_uptime_in_seconds'),
      loading: truth('redis_loading_dump_file'),
      upstream: upstreamOf(all),
      downstream: number('redis_connected_slaves') === undefined ? undefined : downstreamOf(all),
      persistence:
        bgsaveOk === undefined
          ? undefined
          : some({
              bgsaveOk,
              aofEnabled: truth('redis_aof_enabled'),
              aofWriteOk: truth('redis_aof_last_write_status'),
              aofRewriteOk: truth('redis_aof_last_bgrewrite_status'),
              changesSinceSave: number('redis_rdb_changes_since_last_save'),
              lastSaveAt: timeOf(number('redis_rdb_last_save_timestamp_seconds')),
            }),
      memory: memoryOf(all, instance['maxmemory_policy'] ?? ''),
      clients:
        connected === undefined
          ? undefined
          : { connected, ...some({ max: number('redis_config_maxclients'), rejected: number('redis_rejected_connections_total') }) },
    }),
  };
}

/** Of a replica: the address stands in the labels of its link. */
function upstreamOf(all: readonly Sample[]): Upstream | undefined {
  const link = all.find(({ name }) => name === 'redis_master_link_up');
  const host = link?.labels['master_host'];
  if (link === undefined || host === undefined || host === '') return undefined;
  return {
    host,
    port: wholeOf(Number(link.labels['master_port'])) ?? 0,
    link: link.value === 1 ? 'up' : 'down',
    syncing: valueOf(all, 'redis_master_sync_in_progress') === 1,
    ...some({
      lastIoSeconds: wholeOf(valueOf(all, 'redis_master_last_io_seconds_ago')),
      offset: wholeOf(valueOf(all, 'redis_slave_repl_offset')),
      priority: wholeOf(valueOf(all, 'redis_slave_priority')),
    }),
  };
}

function downstreamOf(all: readonly Sample[]): Downstream {
  const offsets = all.filter(({ name }) => name === 'redis_connected_slave_offset_bytes');
  return {
    connected: wholeOf(valueOf(all, 'redis_connected_slaves')) ?? 0,
    followers: offsets.slice(0, 20).map(({ labels, value }) => {
      const address = labels['slave_ip'] ?? '';
      const lag = valueOf(all, 'redis_connected_slave_lag_seconds', { slave_ip: address });
      return { address, state: labels['slave_state'] ?? '', ...some({ offset: wholeOf(value), lagSeconds: wholeOf(lag) }) };
    }),
    ...some({ offset: wholeOf(valueOf(all, 'redis_master_repl_offset')), fullSyncs: wholeOf(valueOf(all, 'redis_replica_resyncs_full')) }),
  };
}

function memoryOf(all: readonly Sample[], policy: string): Memory | undefined {
  const used = wholeOf(valueOf(all, 'redis_memory_used_bytes'));
  const max = wholeOf(valueOf(all, 'redis_memory_max_bytes'));
  if (used === undefined || max === undefined || policy === '') return undefined;
  const uncounted = wholeOf(valueOf(all, 'redis_mem_not_counted_for_eviction_bytes')) ?? 0;
  return { used: used - uncounted, max, policy, ...some({ evicted: wholeOf(valueOf(all, 'redis_evicted_keys_total')) }) };
}

/** Metrics are floating point and may be NaN or infinite; facts are whole numbers. */
function wholeOf(value: number | undefined): number | undefined {
  return value === undefined || !Number.isFinite(value) ? undefined : Math.round(value);
}

function truthOf(value: number | undefined): boolean | undefined {
  return value === 1 ? true : value === 0 ? false : undefined;
}
