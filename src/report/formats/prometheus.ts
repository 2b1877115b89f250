import type { ComponentState, Grade, Report, Status } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { reported } from '../reported.ts';

/**
 * The Prometheus text format, for the textfile collector of node-exporter. Only identities are labels: what varies from run to run (a message, a status,
 * a cause) is none, so that a series lives as long as its finding. No timestamps, as the collector demands; `skiffctl_run_timestamp_seconds` tells how
 * old a file is.
 */
const prometheus: Format = { id: 'prometheus', extension: 'prom', mediaType: 'text/plain; version=0.0.4; charset=utf-8', render };

const STATE: Readonly<Record<ComponentState, number>> = { healthy: 0, degraded: 1, down: 2, unknown: 3, unreachable: 4, absent: 5 };
const STATUS: Partial<Record<Status, number>> = { info: 0, warn: 1, fail: 2, unknown: 3 };
const GRADE: Readonly<Record<Grade, number>> = { A: 0, B: 1, C: 2, D: 3, F: 4 };
const COUNTED: readonly Status[] = ['pass', 'info', 'skip', 'unknown', 'warn', 'fail'];

type Labels = Readonly<Record<string, string>>;

function render(report: Report): string {
  const cluster = { cluster: report.cluster.name };
  const accepted = new Set(report.accepted.map((entry) => entry.finding));
  const metrics: readonly string[] = [
    metric('run_timestamp_seconds', 'When the run began, Unix time by the clock of the cluster.', [[cluster, Date.parse(report.startedAt) / 1000]]),
    metric('run_duration_seconds', 'How long the run took.', [[cluster, report.durationMs / 1000]]),
    metric('run_partial', '1 when the run ended before everything was looked at.', [[cluster, Number(report.partial)]]),
    metric('exit_code', 'Exit code of the run: 0 healthy, 1 warnings, 2 critical, 3 unknown.', [[cluster, report.exitCode]]),
    metric('grade', 'Grade of the cluster: 0 is A, 1 B, 2 C, 3 D, 4 F.', [[cluster, GRADE[report.grade]]]),
    metric('api_requests', 'Requests that the run made to the API server.', [[cluster, report.cost.apiRequests]]),
    metric(
      'findings',
      'Findings of the run by status.',
      COUNTED.map((status) => [{ ...cluster, status }, report.findings.filter((finding) => finding.status === status).length]),
    ),
    metric(
      'component_state',
      'State of a component: 0 healthy, 1 degraded, 2 down, 3 unknown, 4 unreachable because of another component, 5 not installed.',
      report.components.map(({ id, owner, core, state }) => [{ ...cluster, component: id, owner, core: String(core) }, STATE[state]]),
    ),
    metric(
      'finding_status',
      'Findings other than pass and skip: 0 information, 1 warning, 2 critical, 3 could not be looked at. Accepted ones are left out.',
      reported(report)
        .filter(({ finding }) => !accepted.has(finding.id))
        .map(({ finding }) => [
          {
            ...cluster,
            component: finding.component,
            rule: finding.rule,
            severity: finding.severity,
            owner: finding.owner,
            kind: finding.subject?.kind ?? '',
            namespace: finding.subject?.namespace ?? '',
            name: finding.subject?.name ?? '',
          },
          STATUS[finding.status] ?? 0,
        ]),
    ),
    metric(
      'root_cause',
      '1 for each component that nothing else explains.',
      report.rootCauses.map(({ component, rule }) => [{ ...cluster, component, rule }, 1]),
    ),
  ];
  return metrics.join('');
}

/** A family of samples; one without samples still tells its name and meaning. */
function metric(name: string, help: string, samples: readonly (readonly [Labels, number])[]): string {
  const lines = samples.map(([labels, value]) => {
    const written = Object.entries(labels).map(([key, text]) => `${key}="${text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"')}"`);
    return `skiffctl_${name}{${written.join(',')}} ${value}\n`;
  });
  return `# HELP skiffctl_${name} ${help}\n# TYPE skiffctl_${name} gauge\n${lines.join('')}`;
}

export default prometheus;
