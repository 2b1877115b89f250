import { type Sample, samples, valueOf } from '../shared/metrics.ts';
import type { Flow, Queue, Scrape, Signal } from './observation.ts';

/**
 * The counters of each part of a pipeline. From 0.119 on a collector may add `_total`, which its `without_type_suffix` leaves out again; the memory limiter has
 * put its own name into its counters in newer versions, and 0.131 put the unit into all (upstream issue 13539). All forms are the same thing.
 */
const FLOW =
  /^otelcol_(?:(receiver)_(accepted|refused|failed)|(exporter)_(sent|send_failed|enqueue_failed)|(processor)_(?:memory_limiter_)?(accepted|refused|dropped))_(spans|metric_points|log_records)(?:__[a-z]+_)?(?:_total)?$/;
const MEANING: Readonly<Record<string, 'passed' | 'rejected' | 'lost'>> = {
  accepted: 'passed',
  sent: 'passed',
  refused: 'rejected',
  send_failed: 'rejected',
  failed: 'lost',
  enqueue_failed: 'lost',
  dropped: 'lost',
};
const UPTIME = ['otelcol_process_uptime_seconds_total', 'otelcol_process_uptime_seconds', 'otelcol_process_uptime_total', 'otelcol_process_uptime'];
/** More exporters and receivers are in no configuration. */
const MOST_FLOWS = 200;

interface Key {
  readonly stage: Flow['stage'];
  readonly name: string;
  readonly signal: Signal;
}

/** What a scrape says; undefined when nothing in it is a collector's. */
export function scrapeOf(body: string): Scrape | undefined {
  const all = samples(body, (name) => name.startsWith('otelcol_'));
  if (all.length === 0) return undefined;
  const flows = new Map<string, Key & { passed: number; rejected: number; lost: number }>();
  for (const sample of all) {
    const match = FLOW.exec(sample.name);
    if (match === null || !Number.isFinite(sample.value)) continue;
    const stage = (match[1] ?? match[3] ?? match[5]) as Flow['stage'];
    const meaning = MEANING[match[2] ?? match[4] ?? match[6] ?? ''];
    if (meaning === undefined) continue;
    const key: Key = { stage, name: (sample.labels[stage] ?? '').slice(0, 100), signal: match[7] as Signal };
    const id = `${key.stage} ${key.name} ${key.signal}`;
    const flow = flows.get(id) ?? { ...key, passed: 0, rejected: 0, lost: 0 };
    flow[meaning] += sample.value;
    if (flows.size < MOST_FLOWS) flows.set(id, flow);
  }
  const uptime = UPTIME.map((name) => valueOf(all, name)).find((value) => value !== undefined && Number.isFinite(value));
  return { flows: [...flows.values()], queues: queuesOf(all), ...(uptime === undefined ? {} : { uptime }) };
}

/** The fullest queue of each exporter: newer versions have one for each signal. */
function queuesOf(all: readonly Sample[]): readonly Queue[] {
  const found = new Map<string, Queue>();
  for (const { name, labels, value } of all) {
    if (name !== 'otelcol_exporter_queue_size' || !Number.isFinite(value)) continue;
    const exporter = (labels['exporter'] ?? '').slice(0, 100);
    const same =
      labels['data_type'] === undefined ? { exporter: labels['exporter'] ?? '' } : { exporter: labels['exporter'] ?? '', data_type: labels['data_type'] };
    const capacity = valueOf(all, 'otelcol_exporter_queue_capacity', same);
    const queue: Queue = { exporter, size: value, ...(capacity !== undefined && capacity > 0 && Number.isFinite(capacity) ? { capacity } : {}) };
    const known = found.get(exporter);
    if (found.size < MOST_FLOWS && (known === undefined || fullness(queue) > fullness(known))) found.set(exporter, queue);
  }
  return [...found.values()];
}

/** Percent, or the bare size where there is no capacity to measure it by. */
export function fullness({ size, capacity }: Queue): number {
  return capacity === undefined ? size : (size / capacity) * 100;
}
