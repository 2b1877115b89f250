import type { AnyCheck, RuleMeta } from '../model/check.ts';
import type { Change } from '../model/recording.ts';
import type { Gate, GateReason, Report, ReportFinding } from '../model/report.ts';
import { ALERTS, NO_GO, WEIGHTS, weightOf, weightOfAlert } from './weights.ts';

/**
 * Whether a change may be made, from the report of a look before it. Never `go` while something that has to be known was not looked at. Pure: the same report
 * and checks give the same gate.
 */
export function judge(report: Report, checks: ReadonlyMap<string, AnyCheck>, change: Change): Gate {
  const weigh = weigher(report, checks);
  const accepted = new Set(report.accepted.map(({ finding }) => finding));
  const standing = report.findings.filter(({ id }) => !accepted.has(id));
  const weighed = report.connection === undefined ? faults(standing, weigh) : [];
  const unseen = unseenOf(report, standing, weigh);
  const blocking = weighed.filter(({ weight }) => weight >= NO_GO);
  // Of a cluster that cannot be read nothing is known but that.
  const verdict = blocking.length > 0 ? 'no-go' : unseen.length > 0 || report.partial || report.connection !== undefined ? 'cannot-tell' : 'go';
  return {
    verdict,
    ...(change.targetVersion === '' ? {} : { targetVersion: change.targetVersion }),
    reasons: verdict === 'no-go' ? blocking : verdict === 'cannot-tell' ? unseen : [],
    unseen,
    tolerated: weighed.filter(({ weight }) => weight < NO_GO),
    accepted: heaviestFirst(
      report.findings.filter(({ id, status }) => accepted.has(id) && matters(status)).map((finding) => reasonOf(finding, weigh(finding))),
    ).filter(({ weight }) => weight >= NO_GO),
  };
}

type Weigh = (finding: ReportFinding) => number;

function weigher(report: Report, checks: ReadonlyMap<string, AnyCheck>): Weigh {
  const core = new Set(report.components.filter((component) => component.core).map(({ id }) => id));
  return ({ rule, component, status, observed }) => {
    if (rule === ALERTS) return status === 'unknown' ? WEIGHTS.alert : heaviestAlert(observed);
    const [check = '', name = ''] = rule.split('/');
    const found = (checks.get(check)?.meta.rules as Readonly<Record<string, RuleMeta>> | undefined)?.[name];
    // A rule that this skiffctl does not know may be anything: it is taken seriously.
    if (found === undefined) return WEIGHTS.critical;
    return weightOf(rule, found, core.has(component));
  };
}

/** Of a list of alerts, each with its `severity`. */
function heaviestAlert(observed: ReportFinding['observed']): number {
  const alerts: readonly unknown[] = Array.isArray(observed) ? observed : [];
  const severities = alerts.map((alert) => (typeof alert === 'object' && alert !== null && 'severity' in alert ? String(alert.severity) : ''));
  return Math.max(0, ...severities.map(weightOfAlert));
}

function matters(status: ReportFinding['status']): boolean {
  return status === 'fail' || status === 'warn' || status === 'unknown';
}

/** What is wrong: each cause once, as heavy as the heaviest of what it explains. */
function faults(findings: readonly ReportFinding[], weigh: Weigh): readonly GateReason[] {
  const wrong = findings
    .filter((finding) => finding.status === 'fail' || finding.status === 'warn' || (finding.status === 'info' && weigh(finding) > 0))
    .toSorted((a, b) => Number(b.status === 'fail') - Number(a.status === 'fail'));
  const own = wrong.filter(({ symptomOf }) => symptomOf === undefined);
  const symptoms = Map.groupBy(
    wrong.filter(({ symptomOf }) => symptomOf !== undefined),
    ({ symptomOf }) => symptomOf ?? '',
  );
  const reasons: GateReason[] = [];
  for (const [component, findingsOfOne] of Map.groupBy(own, (finding) => finding.component)) {
    const sorted = heaviestFirst(findingsOfOne.map((finding) => reasonOf(finding, weigh(finding))));
    const [speaker] = sorted;
    const explained = symptoms.get(component) ?? [];
    symptoms.delete(component);
    for (const reason of sorted) reasons.push(reason === speaker && explained.length > 0 ? withSymptoms(reason, explained, weigh) : reason);
  }
  // A symptom whose cause has nothing to say for itself stands for itself.
  for (const left of symptoms.values()) reasons.push(...left.map((finding) => reasonOf(finding, weigh(finding))));
  return heaviestFirst(reasons);
}

function withSymptoms(reason: GateReason, symptoms: readonly ReportFinding[], weigh: Weigh): GateReason {
  return { ...reason, weight: Math.max(reason.weight, ...symptoms.map(weigh)), explains: symptoms.map(({ id }) => id) };
}

function reasonOf(finding: ReportFinding, weight: number): GateReason {
  const { id, component, rule, message, needs } = finding;
  return { findingId: id, component, rule, weight, message, ...(needs === undefined ? {} : { needs }) };
}

/** As they came where the weight is the same: critical findings first, then in the order of the report. */
function heaviestFirst(reasons: readonly GateReason[]): readonly GateReason[] {
  return reasons.toSorted((a, b) => b.weight - a.weight);
}

/** What has to be known and was not looked at: rules that would have kept from the change had they failed, and what discovery could not read. */
function unseenOf(report: Report, standing: readonly ReportFinding[], weigh: Weigh): readonly GateReason[] {
  if (report.connection !== undefined) {
    const reachable = report.findings.find(({ rule }) => rule === 'kube-apiserver/reachable');
    return [{ ...(reachable === undefined ? {} : about(reachable)), weight: WEIGHTS.coreDown, message: report.connection.message }];
  }
  const dark = standing.filter((finding) => finding.status === 'unknown' && weigh(finding) >= NO_GO);
  const together = [...Map.groupBy(dark, ({ component, reason, needs, message }) => [component, reason, needs ?? message].join('\n')).values()].flatMap(
    (same) => {
      const [first] = same.toSorted((a, b) => weigh(b) - weigh(a));
      return first === undefined ? [] : [reasonOf(first, weigh(first))];
    },
  );
  const spoken = new Set(standing.filter(({ status }) => status === 'unknown').map(({ component }) => component));
  const unread = report.notLookedAt.flatMap(({ component, message, needs }): readonly GateReason[] => {
    if (component === undefined) return [{ weight: WEIGHTS.coreDegraded, message, ...(needs === undefined ? {} : { needs }) }];
    const found = report.components.find(({ id }) => id === component);
    // Nobody has looked at it at all, and no finding says so.
    if (found?.core !== true || found.state !== 'unknown' || spoken.has(component)) return [];
    return [{ component, weight: WEIGHTS.coreDegraded, message, ...(needs === undefined ? {} : { needs }) }];
  });
  return heaviestFirst([...together, ...unread]);
}

function about({ id, component, rule }: ReportFinding): Pick<GateReason, 'findingId' | 'component' | 'rule'> {
  return { findingId: id, component, rule };
}
