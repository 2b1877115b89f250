import type { Report, ReportFinding } from '../model/report.ts';
import type { Changes, Least, Sent } from './receiver.ts';

/** Fingerprint → what the receiver was last told of it. */
export type Told = Readonly<Record<string, Sent>>;

const SENT: Readonly<Record<Least, readonly ReportFinding['status'][]>> = {
  critical: ['fail'],
  warning: ['fail', 'warn'],
  unknown: ['fail', 'warn', 'unknown'],
  info: ['fail', 'warn', 'unknown', 'info'],
};

/**
 * What is new, still firing and resolved. Something is resolved when its rule was looked at and holds, or when its subject or its whole component is
 * gone; what could not be looked at this time is neither. Accepted findings are not sent, and resolve what was sent of them before. A cluster that cannot
 * be reached is told whatever the receiver wants to hear of: silence would look like health.
 */
export function changesSince(report: Report, told: Told, least: Least): Changes {
  const accepted = new Set(report.accepted.map((entry) => entry.finding));
  const wanted = ({ status, component, rule }: ReportFinding): boolean =>
    SENT[least].includes(status) ||
    (report.connection !== undefined && status === 'unknown' && report.rootCauses.some((cause) => cause.component === component && cause.rule === rule));
  const sendable = report.findings.filter((finding) => wanted(finding) && !accepted.has(finding.id));
  const now = new Map(report.findings.map((finding) => [finding.fingerprint, finding]));
  const sendableNow = new Set(sendable.map((finding) => finding.fingerprint));
  const lookedAt = new Set(report.findings.filter(({ status }) => status !== 'unknown').map(({ rule, component }) => `${rule}@${component}`));
  const absent = new Set(report.components.filter(({ state }) => state === 'absent').map(({ id }) => id));
  const gone = Object.entries(told).filter(([fingerprint]) => !sendableNow.has(fingerprint));
  const isUnseen = ([fingerprint, { rule, component }]: readonly [string, Sent]): boolean => {
    const finding = now.get(fingerprint);
    if (finding === undefined) return !lookedAt.has(`${rule}@${component}`) && !absent.has(component);
    return finding.status === 'unknown' && !accepted.has(finding.id);
  };
  return {
    appeared: sendable.filter((finding) => told[finding.fingerprint]?.status !== finding.status),
    firing: sendable.filter((finding) => told[finding.fingerprint]?.status === finding.status),
    resolved: gone.filter((entry) => !isUnseen(entry)).map(([, sent]) => sent),
    unseen: gone.filter(isUnseen).map(([, sent]) => sent),
  };
}

/** What the receiver has been told once these changes are sent. */
export function toldAfter(changes: Changes, told: Told, labels: (finding: ReportFinding) => Readonly<Record<string, string>> | undefined, now: Date): Told {
  const kept = new Map(Object.entries(told));
  const next: Record<string, Sent> = {};
  for (const finding of [...changes.appeared, ...changes.firing]) {
    const { id, status, component, rule, message, fingerprint } = finding;
    const labelled = labels(finding);
    next[fingerprint] = {
      id,
      status,
      component,
      rule,
      message,
      since: kept.get(fingerprint)?.since ?? now.toISOString(),
      ...(labelled === undefined ? {} : { labels: labelled }),
    };
  }
  const unseen = new Set(changes.unseen.map(({ id }) => id));
  for (const [fingerprint, sent] of kept) if (unseen.has(sent.id)) next[fingerprint] = sent;
  return next;
}
