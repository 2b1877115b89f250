import { oneLine } from './text.ts';

/** A line of a log that says something, with its time where it has one. */
export interface LogLine {
  /** RFC 3339. */
  readonly at: string;
  /** What it says, at most 240 characters. */
  readonly text: string;
}

/** Most characters of a log that are looked at, from its end. */
const MOST = 400_000;

/** The last error of a registry's log of each kind, by how it says it. Lines without a time are passed over: nobody knows how old they are. */
export function lastErrors<Kind extends string>(log: string, kinds: Readonly<Record<Kind, RegExp>>): Readonly<Partial<Record<Kind, LogLine>>> {
  const found: Partial<Record<Kind, LogLine>> = {};
  for (const line of log.slice(-MOST).split('\n')) {
    const [, at = ''] = /\btime"?[=:]\s?"([^"]{10,40})"/.exec(line) ?? [];
    if (!/\blevel"?[=:]\s?"?(?:error|fatal|panic)/.test(line) || Number.isNaN(Date.parse(at))) continue;
    const text = saidIn(line);
    for (const kind in kinds) if (kinds[kind].test(text)) found[kind] = { at, text };
  }
  return found;
}

/** The detail of an error of logrus, else its message, in text or JSON. */
function saidIn(line: string): string {
  const field = (name: string): string | undefined => new RegExp(`\\b${name}"?[=:]\\s?"((?:[^"\\\\]|\\\\.)*)"`).exec(line)?.[1];
  return oneLine((field(String.raw`err\.detail`) ?? field('msg') ?? line).replaceAll(/\\(.)/g, '$1'));
}
