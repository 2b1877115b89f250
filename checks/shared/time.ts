/** Seconds from a Kubernetes timestamp to `now`; undefined when there is none or it is no time. Negative when it lies ahead. */
export function secondsSince(timestamp: string | null | undefined, now: Date): number | undefined {
  if (timestamp === undefined || timestamp === null) return undefined;
  const time = Date.parse(timestamp);
  return Number.isNaN(time) ? undefined : (now.getTime() - time) / 1000;
}

/** A duration for a person: `45s`, `12m`, `3h`, `5d`. */
export function shortDuration(seconds: number): string {
  const value = Math.max(0, Math.round(seconds));
  if (value < 120) return `${value}s`;
  if (value < 7200) return `${Math.round(value / 60)}m`;
  if (value < 172_800) return `${Math.round(value / 3600)}h`;
  return `${Math.round(value / 86_400)}d`;
}
