import type { Report, ReportFinding, Status } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { pathOf, type Reported, reported, sentenceOf, unspokenBlindSpots } from '../reported.ts';

/**
 * SARIF 2.1.0, for code scanning. What could not be looked at is an `open` result and a notification, and the run was then not wholly successful; what
 * is accepted is suppressed. Objects of a cluster are in no file: the location is made up from namespace, kind and name, since viewers want one; they
 * show no logical location, so that the message names the component.
 */
const sarif: Format = { id: 'sarif', extension: 'sarif', mediaType: 'application/sarif+json', render };

const BY_SEVERITY = { critical: 'error', warning: 'warning', info: 'note' } as const;
const LEVEL: Partial<Record<Status, 'error' | 'warning' | 'note'>> = { fail: 'error', warn: 'warning', info: 'note' };

function render(report: Report): string {
  const all = reported(report);
  const rules = [...new Set(all.map(({ finding }) => finding.rule))].sort();
  const unknown = all.flatMap(({ finding }) => (finding.status === 'unknown' ? [finding] : []));
  const blind = unspokenBlindSpots(report);
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'skiffctl',
            version: report.tool.version,
            rules: rules.map((id) => {
              const first = all.find(({ finding }) => finding.rule === id)?.finding;
              const help = `skiffctl explain ${id}`;
              return {
                id,
                shortDescription: { text: first?.title ?? id },
                fullDescription: { text: first?.title ?? id },
                help: { text: help, markdown: `\`${help}\`` },
                ...(first === undefined ? {} : { defaultConfiguration: { level: BY_SEVERITY[first.severity] }, properties: { severity: first.severity } }),
              };
            }),
          },
        },
        invocations: [
          {
            executionSuccessful: unknown.length + blind.length === 0 && !report.partial && report.connection === undefined,
            exitCode: report.exitCode,
            startTimeUtc: report.startedAt,
            toolExecutionNotifications: [
              ...unknown.map((finding) => ({ ...notification(finding.reason, sentenceOf(finding, report)), associatedRule: { id: finding.rule } })),
              ...blind.map(({ reason, message }) => notification(reason, message)),
            ],
          },
        ],
        automationDetails: { id: `skiffctl/${report.cluster.name}/` },
        properties: { grade: report.grade, cluster: report.cluster.name },
        results: all.map((each) => result(each, rules, report)),
      },
    ],
  };
  return `${JSON.stringify(log, undefined, 2)}\n`;
}

function notification(reason: string | undefined, text: string): object {
  return { level: 'warning', message: { text }, descriptor: { id: reason ?? 'unknown' } };
}

function result({ finding, accepted }: Reported, rules: readonly string[], report: Report): object {
  const level = LEVEL[finding.status];
  return {
    ruleId: finding.rule,
    ruleIndex: rules.indexOf(finding.rule),
    ...(level === undefined ? { kind: 'open', level: 'none' } : { kind: 'fail', level }),
    message: { text: sentenceOf(finding, report) },
    locations: [location(finding)],
    partialFingerprints: { 'skiffctl/v1': finding.fingerprint },
    properties: {
      id: finding.id,
      component: finding.component,
      owner: finding.owner,
      ...(finding.symptomOf === undefined ? {} : { symptomOf: finding.symptomOf }),
    },
    ...(accepted === undefined ? {} : { suppressions: [{ kind: 'external', status: 'accepted', justification: `${accepted.owner}: ${accepted.reason}` }] }),
  };
}

function location(finding: ReportFinding): object {
  const { subject, component } = finding;
  const name = subject === undefined ? component : `${component}/${subject.kind}/${subject.name}`;
  return {
    physicalLocation: { artifactLocation: { uri: pathOf(finding) }, region: { startLine: 1 } },
    logicalLocations: [{ fullyQualifiedName: name, kind: 'resource' }],
  };
}

export default sarif;
