import type { Report, ReportFinding } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { subjectText } from '../reported.ts';
import { element } from '../xml.ts';

/**
 * For CI: a suite for each component, a case for each rule and subject. What is wrong is a failure (its type says whether critical or warning), what
 * could not be looked at is an error, what does not apply or is accepted is skipped. Source of the form: the JUnit XML schema of Jenkins' xunit plug-in.
 */
const junit: Format = { id: 'junit', extension: 'xml', mediaType: 'application/xml', render };

function render(report: Report): string {
  const accepted = new Map(report.accepted.map((entry) => [entry.finding, `${entry.owner}: ${entry.reason} (${entry.expires})`]));
  const suites = [...Map.groupBy(report.findings, (finding) => finding.component)].map(([component, findings]) => suite(component, findings));
  const counts = countAll(report.findings);
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'skiffctl', ...counts, time: seconds(report.durationMs) }, suites)}`;

  function suite(component: string, findings: readonly ReportFinding[]): string {
    const properties = element('properties', {}, [
      element('property', { name: 'cluster', value: report.cluster.name }),
      element('property', { name: 'grade', value: report.grade }),
      element('property', { name: 'exitCode', value: report.exitCode }),
    ]);
    const cases = findings.map((finding) => {
      const about = subjectText(finding);
      return element('testcase', { name: about === '' ? finding.rule : `${finding.rule} ${about}`, classname: component, time: 0 }, outcome(finding));
    });
    return element('testsuite', { name: component, ...countAll(findings), time: 0, timestamp: report.startedAt.replace(/(?:\.\d+)?Z$/, '') }, [
      properties,
      ...cases,
    ]);
  }

  function outcome(finding: ReportFinding): readonly string[] {
    const acceptance = accepted.get(finding.id);
    if (acceptance !== undefined) return [element('skipped', { message: `${finding.message} | ${acceptance}` })];
    switch (finding.status) {
      case 'fail':
      case 'warn':
        return [element('failure', { type: finding.severity, message: finding.message }, details(finding))];
      case 'unknown':
        return [element('error', { type: finding.reason ?? 'unknown', message: finding.message }, details(finding))];
      case 'skip':
        return [element('skipped', { message: finding.message })];
      case 'info':
        return [element('system-out', {}, `info: ${finding.message}`)];
      default:
        return [];
    }
  }

  function countAll(findings: readonly ReportFinding[]): Readonly<Record<string, number>> {
    const open = findings.filter((finding) => !accepted.has(finding.id));
    const count = (...statuses: readonly string[]): number => open.filter(({ status }) => statuses.includes(status)).length;
    return { tests: findings.length, failures: count('fail', 'warn'), errors: count('unknown'), skipped: count('skip') + findings.length - open.length };
  }
}

function details(finding: ReportFinding): string {
  const { remediation, symptomOf, needs, runbook } = finding;
  return [
    finding.message,
    symptomOf === undefined ? '' : `symptom of ${symptomOf}`,
    needs === undefined ? '' : `needs ${needs}`,
    ...(remediation?.steps ?? []).map((step, index) => `${index + 1}. ${step}`),
    `skiffctl explain ${runbook.replace('#', '/')}`,
    `id ${finding.id}`,
  ]
    .filter((line) => line !== '')
    .join('\n');
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

export default junit;
