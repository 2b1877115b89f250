import type { ComponentState, NotLookedAt, Report, ReportComponent, ReportFinding, RootCause } from '../model/report.ts';
import type { Mark } from './signs.ts';

/** A root cause with what a reader wants to know of it at once. */
export interface Cause {
  readonly cause: RootCause;
  /** The finding that speaks for it, when the report has it. */
  readonly speaker: ReportFinding | undefined;
  /** Its component's own findings beside that one. */
  readonly also: readonly ReportFinding[];
  /** How many problems mending it would mend, its own among them. */
  readonly mends: number;
}

export interface NamespaceOverview {
  readonly name: string;
  readonly components: readonly ReportComponent[];
  readonly counts: ReadonlyMap<Mark, number>;
}

/** Blind spots with one reason and one need, said once. */
export interface BlindSpotGroup {
  readonly reason: NotLookedAt['reason'];
  readonly entries: readonly NotLookedAt[];
  /** What would make it work, the namespaces of one need folded into one list. */
  readonly needs?: { readonly what: string; readonly namespaces: readonly string[] };
}

/** The report as a person reads it: what leads, what is beside it, what is under which namespace. Derived from the report and from nothing else. */
export interface Overview {
  readonly report: Report;
  /** Findings that say that something is wrong and that the site has not accepted. */
  readonly problems: readonly ReportFinding[];
  /** Root causes that are down, critical, or have symptoms. */
  readonly leading: readonly Cause[];
  /** Problems of their own that none of the leading causes explains. */
  readonly others: readonly ReportFinding[];
  /** Problems that the leading causes explain. */
  readonly explained: number;
  readonly marks: ReadonlyMap<string, Mark>;
  readonly namespaces: readonly NamespaceOverview[];
  readonly blindSpots: readonly BlindSpotGroup[];
  /** Entries in these groups. */
  readonly blind: number;
  /** Components that nothing deeper than their Kubernetes objects looks at. */
  readonly shallow: readonly string[];
  /** Why the run ended early. */
  readonly ended: NotLookedAt | undefined;
  /** Set when the API server could not be reached or read: then there is this one cause and nothing else to say. */
  readonly unreached: Cause | undefined;
  readonly notes: readonly ReportFinding[];
  /** Findings that were red at the first look and not at the second. */
  readonly passing: readonly ReportFinding[];
  /** Short names where they are clear, else full ids. */
  nameOf(component: string): string;
}

/** The rule that speaks of reaching the cluster at all. */
const REACHABLE = 'kube-apiserver/reachable';
/** What is said in places of its own, or is no blind spot but a choice. */
const NOT_BLIND: readonly NotLookedAt['reason'][] = ['NoDeeperCheck', 'NotInstalled', 'NotSelected'];
const ENDED: readonly NotLookedAt['reason'][] = ['DeadlineExceeded', 'Interrupted'];

export function overview(report: Report): Overview {
  const accepted = new Set(report.accepted.map((entry) => entry.finding));
  const problems = report.findings.filter((finding) => (finding.status === 'fail' || finding.status === 'warn') && !accepted.has(finding.id));
  const problemIds = new Set(problems.map((finding) => finding.id));
  const causes = report.rootCauses.map((cause) => described(cause, report.findings, problems, problemIds));
  const unreached = causes.find(
    ({ cause }) => report.connection !== undefined || (cause.rule === REACHABLE && cause.component === 'kube-system/kube-apiserver'),
  );
  const leading = causes.filter(({ cause }) => cause.status === 'fail' || cause.state === 'down' || cause.affects.length > 0);
  const explainedIds = new Set(leading.flatMap(({ cause }) => cause.explains.filter((id) => problemIds.has(id))));
  const marks = markAll(report, problems);
  const blindSpots = [...report.notLookedAt.filter((entry) => !NOT_BLIND.includes(entry.reason) && !isEnd(entry)), ...unspoken(report)];
  const names = Map.groupBy(report.components, (component) => component.name);
  return {
    report,
    problems,
    leading,
    others: problems.filter((finding) => !explainedIds.has(finding.id)),
    explained: explainedIds.size,
    marks,
    namespaces: [...Map.groupBy(report.components, (component) => component.namespace)].map(([name, components]) => ({
      name,
      components,
      counts: countMarks(components, marks),
    })),
    blindSpots: fold(blindSpots),
    blind: blindSpots.length,
    shallow: report.notLookedAt.flatMap((entry) => (entry.reason === 'NoDeeperCheck' && entry.component !== undefined ? [entry.component] : [])),
    ended: report.notLookedAt.find(isEnd),
    unreached,
    notes: report.findings.filter((finding) => finding.status === 'info'),
    passing: report.findings.filter((finding) => finding.firstLook !== undefined),
    nameOf: (id) => {
      const name = id.slice(id.indexOf('/') + 1);
      return names.get(name)?.length === 1 ? name : id;
    },
  };
}

function described(cause: RootCause, findings: readonly ReportFinding[], problems: readonly ReportFinding[], problemIds: ReadonlySet<string>): Cause {
  const explains = new Set(cause.explains);
  const own = problems.filter((finding) => finding.component === cause.component && explains.has(finding.id));
  // What could not be looked at is no problem of its component, and still speaks for the cause.
  const speakers = findings.filter((finding) => finding.component === cause.component && finding.rule === cause.rule);
  const speaker = speakers.find((finding) => finding.message === cause.message) ?? speakers[0];
  return { cause, speaker, also: own.filter((finding) => finding !== speaker), mends: cause.explains.filter((id) => problemIds.has(id)).length };
}

/** Components of which nothing is known and of which no blind spot says why: no check looked at them. */
function unspoken(report: Report): readonly NotLookedAt[] {
  const spoken = new Set(report.notLookedAt.flatMap((entry) => (entry.reason === 'NoDeeperCheck' || entry.component === undefined ? [] : [entry.component])));
  // A blind spot of no single component (a namespace that may not be read) speaks for whom it concerns.
  if (report.notLookedAt.some((entry) => entry.component === undefined && entry.rule === undefined)) return [];
  return report.components
    .filter((component) => component.state === 'unknown' && !spoken.has(component.id))
    .map((component) => ({ component: component.id, reason: 'NotEvaluated', message: '' }));
}

/** The whole run ended: an entry that speaks of no component. */
function isEnd(entry: NotLookedAt): boolean {
  return entry.component === undefined && entry.rule === undefined && ENDED.includes(entry.reason);
}

const MARK_OF: Readonly<Record<ComponentState, Mark>> = {
  healthy: 'pass',
  degraded: 'warn',
  down: 'fail',
  unreachable: 'symptom',
  unknown: 'unknown',
  absent: 'absent',
};

function markAll(report: Report, problems: readonly ReportFinding[]): ReadonlyMap<string, Mark> {
  const byComponent = Map.groupBy(problems, (finding) => finding.component);
  return new Map(
    report.components.map((component): readonly [string, Mark] => {
      const own = byComponent.get(component.id) ?? [];
      if (component.cause !== undefined) return [component.id, 'symptom'];
      if (own.some((finding) => finding.status === 'fail')) return [component.id, 'fail'];
      const mark = MARK_OF[component.state];
      // A warning that costs no redundancy leaves its component healthy, and is still to be seen.
      return [component.id, mark === 'pass' && own.length > 0 ? 'warn' : mark];
    }),
  );
}

function countMarks(components: readonly ReportComponent[], marks: ReadonlyMap<string, Mark>): ReadonlyMap<Mark, number> {
  const counts = new Map<Mark, number>();
  for (const component of components) {
    const mark = marks.get(component.id) ?? 'unknown';
    counts.set(mark, (counts.get(mark) ?? 0) + 1);
  }
  return counts;
}

/** One group for one reason and one need; the same need in several namespaces is one need. Without a need, what was said tells them apart. */
function fold(entries: readonly NotLookedAt[]): readonly BlindSpotGroup[] {
  const groups = Map.groupBy(entries, (entry) => `${entry.reason}\n${entry.needs === undefined ? `\n${entry.message}` : splitNeed(entry.needs).what}`);
  const folded = [...groups.values()].map((same): BlindSpotGroup => {
    const needs = same.flatMap((entry) => (entry.needs === undefined ? [] : [splitNeed(entry.needs)]));
    const [first] = needs;
    const namespaces = [...new Set(needs.flatMap((need) => (need.namespace === undefined ? [] : [need.namespace])))];
    return { reason: same[0]?.reason ?? 'InternalError', entries: same, ...(first === undefined ? {} : { needs: { what: first.what, namespaces } }) };
  });
  return folded.flatMap((group) => joinAlike(group, folded));
}

/** Many different sentences about one reason (a time-out for each address) are one line too: the first of them stands for all. */
const MOST_ALIKE = 3;

function joinAlike(group: BlindSpotGroup, all: readonly BlindSpotGroup[]): readonly BlindSpotGroup[] {
  if (group.needs !== undefined) return [group];
  const alike = all.filter((other) => other.reason === group.reason && other.needs === undefined);
  if (alike.length <= MOST_ALIKE) return [group];
  return alike[0] === group ? [{ reason: group.reason, entries: alike.flatMap((other) => other.entries) }] : [];
}

/** `list pods in skiff-ncs` → `list pods`, `skiff-ncs`. */
function splitNeed(needs: string): { readonly what: string; readonly namespace?: string } {
  const [, what, namespace] = /^((?:get|list|watch|create) .+) in ([a-z0-9][a-z0-9.-]*)$/.exec(needs) ?? [];
  return what === undefined || namespace === undefined ? { what: needs } : { what, namespace };
}
