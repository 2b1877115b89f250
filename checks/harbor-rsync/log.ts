import { oneLine } from '../shared/text.ts';
import type { RunEnd } from './observation.ts';

/** The summary that rsync ends a run with, on a terminal and in a log file. */
const SUMMARY = /\bsent [\d,.]+[KMGT]? bytes\s+received [\d,.]+[KMGT]? bytes/;
/** 24: files vanished while they were copied, which is nothing but a registry at work. */
const FAILED = /\brsync error: .*\(code (?!24\))\d+\)|^@ERROR: |\b(?:Host key verification failed|Permission denied \(publickey|ssh: connect to host)/;
const STAMP = /^\W*(\d{4})[/-](\d\d)[/-](\d\d)[ T](\d\d:\d\d:\d\d)(?:[.,]\d+)?(Z|[+-]\d\d:?\d\d)?/;

/** How the runs of rsync ended that a log tells of, oldest first. A run that copied in part says both, the error last. */
export function runEnds(log: string): readonly RunEnd[] {
  const ends: RunEnd[] = [];
  let at = '';
  for (const line of log.slice(-400_000).split('\n')) {
    at = stampOf(line) ?? at;
    const failed = FAILED.test(line);
    if (!failed && !SUMMARY.test(line)) continue;
    ends.push({ succeeded: !failed, at, line: oneLine(line) });
  }
  return ends;
}

function stampOf(line: string): string | undefined {
  const [, year, month, day, time, zone = 'Z'] = STAMP.exec(line) ?? [];
  const date = new Date(`${year}-${month}-${day}T${time}${zone}`);
  return year === undefined || Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}
