import { oneLine } from '../shared/text.ts';
import type { ServerRow } from './observation.ts';

/** More servers say nothing new. */
const MOST_SERVERS = 50;
const MOST_LINES = 2000;

export interface Statistics {
  /** Names of all backends that have servers and speak TCP, or do not say what they speak. */
  readonly backends: readonly string[];
  readonly servers: readonly Omit<ServerRow, 'host'>[];
}

/**
 * The servers in HAProxy's statistics as CSV; undefined when it is something else. Columns are found by their names, which versions only add to. Source:
 * HAProxy management guide, "CSV format".
 */
export function statisticsOf(text: string): Statistics | undefined {
  const lines = text.split('\n', MOST_LINES).map((line) => line.trim());
  const [header = '', ...rest] = lines;
  if (!/^# ?pxname,svname,/.test(header)) return undefined;
  const columns = cells(header.replace(/^# ?/, ''));
  const rows = rest.filter((line) => line !== '').map((line) => Object.fromEntries(cells(line).map((cell, at) => [columns[at] ?? `#${at}`, cell])));
  const servers = rows.filter((row) => row['svname'] !== 'FRONTEND' && row['svname'] !== 'BACKEND' && row['svname'] !== undefined && row['mode'] !== 'http');
  return {
    backends: [...new Set(servers.map((row) => row['pxname'] ?? ''))],
    servers: servers.slice(0, MOST_SERVERS).map((row) => ({
      backend: row['pxname'] ?? '',
      name: row['svname'] ?? '',
      status: row['status'] ?? '',
      active: row['bck'] !== '1',
      // An asterisk: the next check is running, this was the last one.
      check: (row['check_status'] ?? '').replace(/^\* /, ''),
      detail: oneLine((row['last_chk'] ?? '') || (row['check_desc'] ?? '')),
      ...(/^\d{1,12}$/.test(row['lastchg'] ?? '') ? { changedSeconds: Number(row['lastchg']) } : {}),
    })),
  };
}

/** A field that holds a comma or a quote is quoted, its own quotes doubled. */
function cells(line: string): readonly string[] {
  const found: string[] = [];
  let cell = '';
  let quoted = false;
  for (let at = 0; at < line.length; at += 1) {
    const char = line[at] ?? '';
    if (quoted) {
      if (char !== '"') cell += char;
      else if (line[at + 1] === '"') {
        cell += '"';
        at += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      found.push(cell);
      cell = '';
    } else cell += char;
  }
  return [...found, cell];
}

/** It gets connections: it is up, be it barely, or nobody looks whether it is. */
export function isUp({ status }: Pick<ServerRow, 'status'>): boolean {
  return /^UP\b/.test(status) || status === 'no check';
}
