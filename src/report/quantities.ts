/** Bytes as people say them: `2.1 MB`. */
export function bytes(count: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let value = count;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 || value >= 99.95 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Milliseconds as people say them: `850 ms`, `1.9 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** The time of day in the reader's zone, with the zone's name since logs are often in another: `03:12:40 UTC+8`. */
export function timeOfDay(rfc3339: string, timeZone: string | undefined): string {
  const parts = partsOf(rfc3339, timeZone);
  return parts === undefined ? rfc3339 : `${parts.hour}:${parts.minute}:${parts.second} ${parts.zone}`;
}

/** A time in few characters: without its day when that is the day of the report. */
export function shortTime(rfc3339: string, reportTime: string, timeZone: string | undefined): string {
  const parts = partsOf(rfc3339, timeZone);
  const now = partsOf(reportTime, timeZone);
  if (parts === undefined) return rfc3339;
  const day = `${parts.year}-${parts.month}-${parts.day}`;
  const time = `${parts.hour}:${parts.minute}`;
  return now !== undefined && day === `${now.year}-${now.month}-${now.day}` ? time : `${day} ${time}`;
}

type Parts = Readonly<Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'zone', string>>;

function partsOf(rfc3339: string, timeZone: string | undefined): Parts | undefined {
  const date = new Date(rfc3339);
  if (Number.isNaN(date.getTime())) return undefined;
  const found = new Map(
    formatterOf(timeZone)
      .formatToParts(date)
      .map((part) => [part.type, part.value]),
  );
  const get = (name: Intl.DateTimeFormatPartTypes): string => found.get(name) ?? '';
  const zone = get('timeZoneName')
    .replace('GMT', 'UTC')
    .replace(/^UTC[+]0$/, 'UTC');
  return { year: get('year'), month: get('month'), day: get('day'), hour: get('hour'), minute: get('minute'), second: get('second'), zone };
}

const formatters = new Map<string, Intl.DateTimeFormat>();

function formatterOf(timeZone = 'UTC'): Intl.DateTimeFormat {
  const known = formatters.get(timeZone);
  if (known !== undefined) return known;
  const made = formatter(timeZone);
  formatters.set(timeZone, made);
  return made;
}

function formatter(timeZone: string): Intl.DateTimeFormat {
  const options: Intl.DateTimeFormatOptions = {
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    hourCycle: 'h23',
    timeZoneName: 'shortOffset',
  };
  try {
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone });
  } catch {
    // A zone that this Node does not know must not cost the report.
    return new Intl.DateTimeFormat('en-US', { ...options, timeZone: 'UTC' });
  }
}
