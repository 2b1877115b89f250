import { type Sample, samples, valueOf } from '../shared/metrics.ts';
import type { SelfFacts, StorageWork } from './observation.ts';

const WANTED =
  /^(?:process_start_time_seconds|prometheus_(?:build_info|config_last_reload_success(?:ful|_timestamp_seconds)|notifications_(?:alertmanagers_discovered|dropped_total|errors_total)|sd_kubernetes_http_request_total|tsdb_\w+))$/;

/** Counters of failures of the storage, by what was tried. */
const STORAGE: readonly (readonly [StorageWork, string])[] = [
  ['wal-write', 'prometheus_tsdb_wal_writes_failed_total'],
  ['wal-truncation', 'prometheus_tsdb_wal_truncations_failed_total'],
  ['checkpoint', 'prometheus_tsdb_checkpoint_creations_failed_total'],
  ['compaction', 'prometheus_tsdb_compactions_failed_total'],
  ['head-truncation', 'prometheus_tsdb_head_truncations_failed_total'],
  ['block-reload', 'prometheus_tsdb_reloads_failures_total'],
];

/** The storage's work that a counter of failures belongs to. */
export function storageWork(metric: string): StorageWork | undefined {
  return STORAGE.find(([, name]) => name === metric)?.[0];
}

export const STORAGE_COUNTERS: readonly string[] = STORAGE.map(([, name]) => name);

/** What the metrics of a Prometheus say of itself; undefined when they are not a Prometheus'. */
export function selfOf(body: string): SelfFacts | undefined {
  const all = samples(body, (name) => WANTED.test(name));
  if (!all.some(({ name }) => name.startsWith('prometheus_'))) return undefined;
  const value = (name: string): number | undefined => finite(valueOf(all, name));
  const total = (name: string, wanted: (sample: Sample) => boolean = () => true): number | undefined => {
    const found = all.filter((sample) => sample.name === name && Number.isFinite(sample.value));
    return found.length === 0 ? undefined : found.filter(wanted).reduce((sum, sample) => sum + sample.value, 0);
  };
  const reloaded = value('prometheus_config_last_reload_successful');
  const failures = STORAGE.map(([work, name]) => [work, total(name) ?? 0] as const).filter(([, count]) => count > 0);
  const facts = {
    version: all.find(({ name }) => name === 'prometheus_build_info')?.labels['version'],
    startedSeconds: value('process_start_time_seconds'),
    reloaded: reloaded === undefined ? undefined : reloaded === 1,
    reloadedAt: timeOf(value('prometheus_config_last_reload_success_timestamp_seconds')),
    series: value('prometheus_tsdb_head_series'),
    blockBytes: value('prometheus_tsdb_storage_blocks_bytes'),
    // In milliseconds in all versions of 2.x; the smallest number there is while the head is empty.
    newestSample: timeOf((value('prometheus_tsdb_head_max_time') ?? Number.NaN) / 1000),
    walCorruptions: total('prometheus_tsdb_wal_corruptions_total'),
    alertmanagers: value('prometheus_notifications_alertmanagers_discovered'),
    notificationsDropped: total('prometheus_notifications_dropped_total'),
    notificationErrors: total('prometheus_notifications_errors_total'),
    discoveryRefused: total('prometheus_sd_kubernetes_http_request_total', ({ labels }) => /^40[13]$/.test(labels['status_code'] ?? '')),
  };
  const known = Object.entries(facts).filter(([, fact]) => fact !== undefined);
  return { ...(Object.fromEntries(known) as Omit<SelfFacts, 'storageFailures'>), storageFailures: Object.fromEntries(failures) };
}

function finite(value: number | undefined): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}

/** RFC 3339; undefined for what is no time after 1970 and before the year 3000. */
export function timeOf(seconds: number | undefined): string | undefined {
  return seconds !== undefined && seconds > 0 && seconds < 32_503_680_000 ? new Date(seconds * 1000).toISOString() : undefined;
}
