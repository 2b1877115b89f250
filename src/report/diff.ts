import type { Grade, Report, ReportFinding } from '../model/report.ts';
import { EXIT } from './exit-code.ts';

/** One report of the two, as far as the other is compared with it. */
export interface DiffSide {
  readonly cluster: string;
  readonly startedAt: string;
  readonly grade: Grade;
  readonly exitCode: number;
  readonly partial: boolean;
}

/** What has changed between two reports of one cluster. Findings are the same when their fingerprints are. */
export interface ReportDiff {
  readonly before: DiffSide;
  readonly after: DiffSide;
  /** Wrong now and not before, critical first. */
  readonly appeared: readonly ReportFinding[];
  /** Wrong before, and seen to be right, or gone, now. As the first report had them. */
  readonly fixed: readonly ReportFinding[];
  /** Wrong before and now. */
  readonly unchanged: readonly ReportFinding[];
  /** Wrong now, and accepted by the site: it counts for nothing, and is not fixed. */
  readonly accepted: readonly ReportFinding[];
  /** Could not be looked at now and could before: nobody knows whether they are fixed. */
  readonly unseen: readonly ReportFinding[];
  /** Could not be looked at before, and is right now. */
  readonly seenAgain: readonly ReportFinding[];
  /** 2 when something critical has appeared, else 1 for a warning, else 3 for what is no longer seen, else 0. */
  readonly exitCode: number;
}

/**
 * Compares two reports. What is unknown now is not fixed, and neither is what the second run did not look at. What the site accepted is no fault of that
 * report: when its acceptance is over it is new.
 */
export function diffReports(before: Report, after: Report): ReportDiff {
  const now = new Map(after.findings.map((finding) => [finding.fingerprint, finding]));
  const then = new Map(before.findings.map((finding) => [finding.fingerprint, finding]));
  const lookedAt = lookedAtRules(after);
  const acceptedThen = acceptedOf(before);
  const acceptedNow = acceptedOf(after);
  const wasFault = (finding: ReportFinding | undefined): boolean => isFault(finding) && !acceptedThen.has(finding?.id ?? '');
  const isFaultNow = (finding: ReportFinding): boolean => isFault(finding) && !acceptedNow.has(finding.id);
  const faults = before.findings.filter(wasFault);
  const current = (finding: ReportFinding): ReportFinding | undefined => now.get(finding.fingerprint);
  const isGone = (finding: ReportFinding): boolean => {
    const found = current(finding);
    // A subject that is no more (a pod with another name) has no finding: what counts is whether its rule was looked at.
    return found === undefined ? lookedAt.has(ruleAt(finding)) : found.status !== 'unknown' && !isFault(found);
  };
  const unseen = [
    ...faults.filter((finding) => !isGone(finding) && !isFault(current(finding))),
    ...after.findings.filter(
      (finding) =>
        finding.status === 'unknown' && !acceptedNow.has(finding.id) && isSeen(then.get(finding.fingerprint)) && !wasFault(then.get(finding.fingerprint)),
    ),
  ];
  const appeared = after.findings.filter((finding) => isFaultNow(finding) && !wasFault(then.get(finding.fingerprint))).toSorted(worstFirst);
  return {
    before: side(before),
    after: side(after),
    appeared,
    fixed: before.findings.filter((finding) => isFault(finding) && isGone(finding)),
    unchanged: after.findings.filter((finding) => isFaultNow(finding) && wasFault(then.get(finding.fingerprint))).toSorted(worstFirst),
    accepted: after.findings.filter((finding) => isFault(finding) && acceptedNow.has(finding.id)).toSorted(worstFirst),
    unseen,
    seenAgain: after.findings.filter((finding) => finding.status === 'pass' && then.get(finding.fingerprint)?.status === 'unknown'),
    exitCode: appeared.some(({ status }) => status === 'fail')
      ? EXIT.critical
      : appeared.length > 0
        ? EXIT.warnings
        : unseen.length > 0 || after.connection !== undefined
          ? EXIT.unknown
          : EXIT.healthy,
  };
}

function side({ cluster, startedAt, grade, exitCode, partial }: Report): DiffSide {
  return { cluster: cluster.name, startedAt, grade, exitCode, partial };
}

function acceptedOf({ accepted }: Report): ReadonlySet<string> {
  return new Set(accepted.map(({ finding }) => finding));
}

function isFault(finding: ReportFinding | undefined): boolean {
  return finding?.status === 'fail' || finding?.status === 'warn';
}

function isSeen(finding: ReportFinding | undefined): boolean {
  return finding !== undefined && finding.status !== 'unknown';
}

/** Rules that said something of their component other than that they could not look. */
function lookedAtRules(report: Report): ReadonlySet<string> {
  return new Set(report.findings.filter((finding) => finding.status !== 'unknown').map(ruleAt));
}

function ruleAt({ rule, component }: ReportFinding): string {
  return `${rule}@${component}`;
}

function worstFirst(a: ReportFinding, b: ReportFinding): number {
  return Number(b.status === 'fail') - Number(a.status === 'fail');
}
