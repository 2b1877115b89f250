import type { KubeReader } from '../../src/model/check.ts';
import { oneLine } from '../shared/text.ts';
import type { Met } from './instances.ts';
import type { LogFacts } from './observation.ts';

/** Lines from the end of the log: a start that fails says why in its last dozens. */
const LINES = 60;

const DISK_FULL = /No space left on device|Disk is full|(?:errno|error(?: number)?|errcode|os_?errno)\W{0,3}28\b|disk full|quota exceeded/i;
const DAMAGED =
  /corrupt|Page (?:checksum|directory) |Unable to (?:read|find) page|Missing (?:MLOG_CHECKPOINT|FILE_CHECKPOINT)|log sequence number .* (?:is in|in) the future|Assertion failure|Table 'mysql\.\w+' doesn't exist|Cannot recover from/i;
const ERROR = /\[ERROR\]|\bFATAL\b|(?:mysqld|mariadbd)(?:_safe)?: .*(?:error|can't)/i;
/** What every start that fails ends with. */
const CONSEQUENCE = /\] Aborting|Unknown\/unsupported storage engine|Plugin 'InnoDB'/i;

/** The end of an instance's log; of the run before when it is between two starts, or has just been started once more. Throws ProbeError. */
export async function readLog(kube: KubeReader, { pod, ref, container, instance }: Met): Promise<LogFacts> {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container?.name) ?? pod.status?.containerStatuses?.[0];
  const previous = (instance.stopped !== undefined || instance.greeting?.kind === 'refused') && (status?.restartCount ?? 0) > 0;
  const text = await kube.logs(ref, { tailLines: LINES, ...(container === undefined ? {} : { container: container.name }), ...(previous ? { previous } : {}) });
  return causeIn(text, previous || instance.stopped !== undefined);
}

/**
 * What a log gives as the reason why MySQL does not work. A full disk comes first: it damages what is written while it lasts. Of a run that has ended the
 * first error is the cause of the others; of one that goes on only the last one is of now.
 */
export function causeIn(text: string, hasEnded: boolean): LogFacts {
  const lines = text.split('\n').map(oneLine);
  const last = (pattern: RegExp): string | undefined => lines.findLast((line) => pattern.test(line));
  const full = last(DISK_FULL);
  if (full !== undefined) return { cause: 'disk-full', line: full };
  const damaged = last(DAMAGED);
  if (damaged !== undefined) return { cause: 'damaged', line: damaged };
  const errors = lines.filter((line) => ERROR.test(line) && !CONSEQUENCE.test(line));
  return { cause: 'other', line: (hasEnded ? errors[0] : errors.at(-1)) ?? '' };
}

/** A container that has never run has no log. */
export function hasLog({ pod, container, instance }: Met): boolean {
  const status = pod.status?.containerStatuses?.find(({ name }) => name === container?.name) ?? pod.status?.containerStatuses?.[0];
  return (
    !instance.lost && status !== undefined && (status.state?.running !== undefined || (status.restartCount ?? 0) > 0 || status.state?.terminated !== undefined)
  );
}
