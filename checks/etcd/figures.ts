import type { Histogram } from './observation.ts';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];

/** A size for a person: `25 KiB`, `15.9 MiB`, `2 GiB`. */
export function sizeText(bytes: number): string {
  const power = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value < 100 && power > 0 ? Number(value.toFixed(1)) : Math.round(value)} ${UNITS[power] ?? ''}`;
}

/** A time of up to some seconds: `640 ms`, `1.3 s`. */
export function secondsText(seconds: number): string {
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : `${Number(seconds.toFixed(1))} s`;
}

/** What came between two looks at a histogram. A process that was restarted in between counts from zero. */
export function between(before: Histogram, after: Histogram): Histogram {
  const same = before.bounds.length === after.bounds.length && before.count <= after.count;
  if (!same) return after;
  return { bounds: after.bounds, counts: after.counts.map((count, index) => count - (before.counts[index] ?? 0)), count: after.count - before.count };
}

/**
 * How many observations may have been longer than a limit: those beyond the last bound that is not above it. None means that certainly nothing was.
 */
export function slowerThan(times: Histogram, limit: number): number {
  const index = times.bounds.findLastIndex((bound) => bound <= limit);
  return times.count - (index === -1 ? 0 : (times.counts[index] ?? 0));
}

/**
 * The time, in seconds, within which 99 % of the observations lie, as Prometheus reckons it: spread evenly within a bucket. The last bound for what is
 * beyond it, 0 without any.
 */
export function percentile99(times: Histogram): number {
  const rank = 0.99 * times.count;
  const index = times.counts.findIndex((count) => count >= rank);
  if (times.count === 0) return 0;
  if (index === -1) return times.bounds.at(-1) ?? 0;
  const lower = index === 0 ? 0 : (times.bounds[index - 1] ?? 0);
  const upper = times.bounds[index] ?? lower;
  const below = index === 0 ? 0 : (times.counts[index - 1] ?? 0);
  const inside = (times.counts[index] ?? 0) - below;
  return inside === 0 ? upper : lower + ((upper - lower) * (rank - below)) / inside;
}
