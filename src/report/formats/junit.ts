import type { NotLookedAt, Report, ReportFinding } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { subjectText, unspokenBlindSpots } from '../reported.ts';
import { sentences } from '../sentences.ts';
import { element } from '../xml.ts';

/**
 * For CI: a suite for each component, a case for each rule and subject. What is wrong is a failure (its type says whether critical or warning), what
 * could not be looked at is an error, what does not apply or is accepted is skipped. The class name is `<namespace>.<component>`: Jenkins takes what is
 * before the last dot for the package and groups by it. Source of the form: the JUnit XML schema of Jenkins' xunit plug-in.
 */
const junit: Format = { id: 'junit', extension: 'xml', mediaType: 'application/xml', render };

function render(report: Report): string {
  const accepted = new Map(report.accepted.map((entry) => [entry.finding, `${entry.owner}: ${entry.reason} (${entry.expires})`]));
  const say = sentences(report.language);
  const timestamp = report.startedAt.replace(/(?:\.\d+)?Z$/, '');
  const properties = element('properties', {}, [
    element('property', { name: 'cluster', value: report.cluster.name }),
    element('property', { name: 'grade', value: report.grade }),
    element('property', { name: 'exitCode', value: report.exitCode }),
  ]);
  const blind = unspokenBlindSpots(report);
  const suites = [...Map.groupBy(report.findings, (finding) => finding.component)].map(([component, findings]) => suite(component, findings));
  // The schema has no `skipped` here; readers add up those of the suites.
  const { tests, failures, errors } = countAll(report.findings);
  const counts = { tests: tests + blind.length, failures, errors: errors + blind.length, time: seconds(report.durationMs) };
  return `<?xml version="1.0" encoding="UTF-8"?>\n${element('testsuites', { name: 'skiffctl', ...counts }, [...suites, ...run()])}`;

  /** What the run as a whole could not see: no case of a component stands for it. */
  function run(): readonly string[] {
    if (blind.length === 0) return [];
    const cases = blind.map((entry, index) =>
      element('testcase', { name: `${entry.reason} ${index + 1}`, classname: 'skiffctl.run', time: 0 }, [unseen(entry)]),
    );
    const total = { tests: blind.length, failures: 0, errors: blind.length, skipped: 0 };
    return [element('testsuite', { name: 'skiffctl', ...total, time: 0, timestamp }, [properties, ...cases])];
  }

  function unseen({ reason, message, needs }: NotLookedAt): string {
    return element('error', { type: reason, message }, needs === undefined ? message : `${message}\n${say.text.needs(needs)}`);
  }

  function suite(component: string, findings: readonly ReportFinding[]): string {
    const cases = findings.map((finding) => {
      const about = subjectText(finding);
      return element(
        'testcase',
        { name: about === '' ? finding.rule : `${finding.rule} ${about}`, classname: className(component), time: 0 },
        outcome(finding),
      );
    });
    return element('testsuite', { name: component, ...countAll(findings), time: 0, timestamp }, [properties, ...cases]);
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

  function details({ message, symptomOf, needs, remediation, runbook, id }: ReportFinding): string {
    // What mends the cause mends the symptom: its own steps would only lead away from it.
    const steps = symptomOf === undefined ? (remediation?.steps ?? []) : [];
    return [
      message,
      symptomOf === undefined ? '' : say.text.explainedBy(symptomOf),
      needs === undefined ? '' : say.text.needs(needs),
      ...steps.map((step, index) => `${index + 1}. ${step}`),
      `skiffctl explain ${runbook.replace('#', '/')}`,
      `id ${id}`,
    ]
      .filter((line) => line !== '')
      .join('\n');
  }

  function countAll(findings: readonly ReportFinding[]): {
    readonly tests: number;
    readonly failures: number;
    readonly errors: number;
    readonly skipped: number;
  } {
    const open = findings.filter((finding) => !accepted.has(finding.id));
    const count = (...statuses: readonly string[]): number => open.filter(({ status }) => statuses.includes(status)).length;
    return { tests: findings.length, failures: count('fail', 'warn'), errors: count('unknown'), skipped: count('skip') + findings.length - open.length };
  }
}

/** `skiff-ncs/harbor-core` → `skiff-ncs.harbor-core`; a dot of the name's own would make another package of it. */
function className(component: string): string {
  const [namespace = '', ...name] = component.split('/');
  return `${namespace}.${name.join('/').replaceAll('.', '_')}`;
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3);
}

export default junit;
