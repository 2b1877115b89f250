import type { NotLookedAt, Report, ReportFinding, Status } from '../model/report.ts';
import { sentences } from './sentences.ts';

/** Worst first. */
const ORDER: readonly Status[] = ['fail', 'warn', 'unknown', 'info'];

/** A finding that an output for machines speaks of. */
export interface Reported {
  readonly finding: ReportFinding;
  /** Set when the site has accepted it: it is shown, and counts for nothing. */
  readonly accepted?: Report['accepted'][number];
}

/**
 * Every finding that says more than that a rule holds or does not apply: worst first, causes before their symptoms, else in the order of the report. The
 * same for every output; those that cut their lists (GitLab's widget, Nagios' 8 KiB) cut symptoms first.
 */
export function reported(report: Report): readonly Reported[] {
  const accepted = new Map(report.accepted.map((entry) => [entry.finding, entry]));
  return report.findings
    .filter(({ status }) => ORDER.includes(status))
    .toSorted((a, b) => ORDER.indexOf(a.status) - ORDER.indexOf(b.status) || Number(a.symptomOf !== undefined) - Number(b.symptomOf !== undefined))
    .map((finding) => {
      const acceptance = accepted.get(finding.id);
      return { finding, ...(acceptance === undefined ? {} : { accepted: acceptance }) };
    });
}

/** Reasons that are a choice or are said elsewhere, and make nothing unknown. */
const NO_BLIND_SPOT: readonly NotLookedAt['reason'][] = ['NoDeeperCheck', 'NotInstalled', 'NotSelected'];

/**
 * What could not be looked at although no finding says so: a namespace that may not be read, a check of the site that could not be loaded, a run that
 * ended early. The exit code counts it, so an output that has a place for it must not look green.
 */
export function unspokenBlindSpots({ notLookedAt }: Report): readonly NotLookedAt[] {
  return notLookedAt.filter(({ component, reason }) => component === undefined && !NO_BLIND_SPOT.includes(reason));
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

/** The finding in one sentence for tools that show nothing else of it: its component, what is wrong, and whose symptom it is. */
export function sentenceOf({ component, message, symptomOf }: ReportFinding, { language }: Pick<Report, 'language'>): string {
  const cause = symptomOf === undefined ? '' : sentences(language).text.explainedBy(symptomOf);
  if (cause === '') return `${component}: ${message}`;
  return language === 'zh' ? `${component}: ${message}（${cause}）` : `${component}: ${message} (${cause})`;
}
