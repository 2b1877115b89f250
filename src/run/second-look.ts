import type { AnyCheck } from '../model/check.ts';
import type { Discovery } from '../model/component.ts';
import type { Finding } from '../model/finding.ts';
import type { ProbeRecord } from '../model/recording.ts';
import type { Status } from '../model/report.ts';
import { evaluateRecord } from './evaluate.ts';

/**
 * A red result is looked at once more before it is reported: a failover in progress, a request lost in the network and a pod that was just being replaced
 * are red for a moment and no fault. What is red both times is confirmed; what was red once is told as that and counts as what the second look saw.
 */

/** True when a probe saw something that a second look could see otherwise. A check that reads nothing would only repeat itself. */
export function needsSecondLook(record: ProbeRecord, checks: ReadonlyMap<string, AnyCheck>, discovery: Discovery, now: Date): boolean {
  const check = checks.get(record.check);
  const component = discovery.components.find((each) => each.component === record.component);
  if (check === undefined || component === undefined || check.meta.reads.length === 0 || record.observation === undefined) return false;
  return evaluateRecord(check, record, component, now).some(isRed);
}

/** The findings of both looks as one list, in the order of the first. Pure. */
export function confirm(first: readonly Finding[], second: readonly Finding[], lookedAgain: (finding: Finding) => boolean): readonly Finding[] {
  const again = new Map(second.map((finding) => [finding.id, finding]));
  const before = new Set(first.map((finding) => finding.id));
  const ofRule = (finding: Finding): string => `${finding.rule}@${finding.component}`;
  const dark = new Set(second.filter((finding) => finding.status === 'unknown').map(ofRule));
  return [
    ...first.flatMap((finding) => (lookedAgain(finding) ? [both(finding, again.get(finding.id), dark.has(ofRule(finding)))] : [finding])),
    // A subject that only the second look has met, such as the pod that has replaced another.
    ...second.filter((finding) => !before.has(finding.id)),
  ];
}

/** `dark`: the second look could not see all of what the rule speaks of, so that a missing subject proves nothing. */
function both(first: Finding, second: Finding | undefined, dark: boolean): Finding {
  const { status, message } = first;
  if (second === undefined) {
    if (!isRed(first) || dark) return first;
    // Its subject is no more: nothing that could be mended, and nothing that may be called healthy.
    const gone = { zh: `第二次查看时该对象已不存在；第一次查看：${message.zh}`, en: `Its subject was gone at the second look; at the first: ${message.en}` };
    return { ...first, status: 'skip', effect: 'none', because: [], own: false, message: gone, firstLook: { status, message } };
  }
  // What could only be seen once counts as it was seen.
  if (second.status === 'unknown' && status !== 'unknown') return first;
  if (!isRed(first)) return second;
  return isRed(second) ? { ...second, confirmed: true } : { ...second, firstLook: { status, message } };
}

const RED: ReadonlySet<Status> = new Set(['fail', 'warn']);

function isRed(finding: Finding): boolean {
  return RED.has(finding.status);
}
