import type { Report, ReportFinding, Status } from '../model/report.ts';

/** Worst first. */
const ORDER: readonly Status[] = ['fail', 'warn', 'unknown', 'info'];

/** A finding that an output for machines speaks of. */
export interface Reported {
  readonly finding: ReportFinding;
  /** Set when the site has accepted it: it is shown, and counts for nothing. */
  readonly accepted?: Report['accepted'][number];
}

/** Every finding that says more than that a rule holds or does not apply, worst first, else in the order of the report. The same for every output. */
export function reported(report: Report): readonly Reported[] {
  const accepted = new Map(report.accepted.map((entry) => [entry.finding, entry]));
  return report.findings
    .filter(({ status }) => ORDER.includes(status))
    .toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status))
    .map((finding) => {
      const acceptance = accepted.get(finding.id);
      return { finding, ...(acceptance === undefined ? {} : { accepted: acceptance }) };
    });
}

/** A path for tools that only know findings in files: `cluster/<namespace>/<kind>/<name>.yaml`. The cluster's objects have none. */
export function pathOf({ component, subject }: ReportFinding): string {
  const [home = '', name = ''] = component.split('/');
  const parts = subject === undefined ? [home, 'component', name] : [subject.namespace ?? home, subject.kind.toLowerCase(), subject.name];
  return `cluster/${parts.map((part) => part.replaceAll(/[^\w.-]/g, '_')).join('/')}.yaml`;
}

/** What a finding is about, in one word: `Pod apm-redis-0`, or nothing where it is the component itself. */
export function subjectText({ subject }: ReportFinding): string {
  return subject === undefined ? '' : `${subject.kind} ${subject.name}`;
}
