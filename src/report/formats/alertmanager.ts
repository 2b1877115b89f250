import type { Report, ReportFinding } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { reported } from '../reported.ts';

/**
 * Alerts as Alertmanager takes them: the body of `POST /api/v2/alerts`, and of `/api/v1/alerts` before 0.27, which has the same form. Labels are the
 * identity of an alert and hold nothing that varies; what does stands in the annotations. Without `endsAt` an alert resolves by Alertmanager's own
 * `resolve_timeout` when it is not sent again.
 */
const alertmanager: Format = { id: 'alertmanager', extension: 'json', mediaType: 'application/json', render };

export interface Alert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  /** RFC 3339. */
  readonly startsAt: string;
  readonly generatorURL?: string;
}

function render(report: Report): string {
  return `${JSON.stringify(alertsOf(report), undefined, 2)}\n`;
}

/** An alert for each finding that is not accepted. */
export function alertsOf(report: Report): readonly Alert[] {
  return reported(report)
    .filter(({ accepted }) => accepted === undefined)
    .map(({ finding }) => ({
      labels: filled({
        alertname: alertName(finding.rule),
        cluster: report.cluster.name,
        component: finding.component,
        rule: finding.rule,
        severity: finding.status === 'unknown' ? 'unknown' : finding.severity,
        owner: finding.owner,
        namespace: finding.subject?.namespace ?? '',
        kind: finding.subject?.kind ?? '',
        name: finding.subject?.name ?? '',
      }),
      annotations: filled({
        summary: `${finding.component}: ${finding.message}`,
        description: finding.title,
        finding: finding.id,
        symptom_of: finding.symptomOf ?? '',
        needs: finding.needs ?? '',
        next_step: nextStep(report, finding),
        runbook: `skiffctl explain ${finding.rule}`,
      }),
      startsAt: finding.since ?? report.startedAt,
    }));
}

/** `redis/one-master` → `SkiffRedisOneMaster`: a name as Prometheus' own alerts have. */
function alertName(rule: string): string {
  return `Skiff${rule
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}`;
}

function nextStep(report: Report, finding: ReportFinding): string {
  const cause = report.rootCauses.find((each) => each.component === (finding.symptomOf ?? finding.component));
  return cause?.nextStep ?? '';
}

/** Alertmanager takes an empty label for one that is not there. */
function filled(entries: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(entries).filter(([, value]) => value !== ''));
}

export default alertmanager;
