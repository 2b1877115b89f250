import type { NotLookedAt, Report, ReportComponent, ReportFinding, RootCause } from '../../src/model/report.ts';
import type { Language } from '../../src/model/text.ts';
import { fingerprint } from '../../src/report/fingerprint.ts';

/** Small reports for tests: only what a test cares about is given, the rest is that of a healthy cluster. */
export function report(given: Partial<Report> = {}): Report {
  return {
    schemaVersion: '1',
    tool: { name: 'skiffctl', version: '0.1.0' },
    cluster: { name: 'ctl-prod', server: 'https://10.20.0.10:6443', kubernetesVersion: 'v1.20.2' },
    startedAt: '2026-11-20T19:12:40.000Z',
    durationMs: 1900,
    language: 'en',
    grade: 'A',
    status: 'pass',
    exitCode: 0,
    partial: false,
    rootCauses: [],
    components: [],
    findings: [],
    notLookedAt: [],
    accepted: [],
    cost: { apiRequests: 143, apiBytes: 2_101_234, lists: 66, peakQps: 20, probes: 150, wallMs: 1900 },
    ...given,
  };
}

export function component(id: string, given: Partial<ReportComponent> = {}): ReportComponent {
  const [namespace = '', name = ''] = id.split('/');
  return {
    id,
    namespace,
    name,
    title: name,
    technologies: ['workload', 'service'],
    core: false,
    optional: false,
    documented: true,
    owner: 'product',
    state: 'healthy',
    shallow: false,
    dependsOn: [],
    ...given,
  };
}

export function finding(rule: string, about: string, given: Partial<ReportFinding> = {}): ReportFinding {
  const { subject } = given;
  const id = `${rule}@${about}${subject === undefined ? '' : `#${subject.kind}/${subject.name}`}`;
  return {
    id,
    rule,
    component: about,
    status: 'fail',
    severity: given.status === 'warn' ? 'warning' : given.status === 'info' ? 'info' : 'critical',
    owner: 'product',
    title: 'The healthy fact',
    message: 'What was found.',
    runbook: rule.replace('/', '#'),
    fingerprint: fingerprint(id),
    ...given,
  };
}

export function cause(about: string, rule: string, given: Partial<RootCause> = {}): RootCause {
  return {
    component: about,
    status: 'fail',
    state: 'down',
    core: false,
    owner: 'product',
    message: 'What was found.',
    rule,
    explains: [`${rule}@${about}`],
    affects: [],
    why: 'Nothing it depends on is faulty.',
    confidence: 'high',
    nextStep: `skiffctl explain ${rule}`,
    ...given,
  };
}

export function blindSpot(given: Partial<NotLookedAt>): NotLookedAt {
  return { reason: 'Forbidden', message: 'Could not look.', ...given };
}

/** The same text in the language of a report. */
export type Say = (zh: string, en: string) => string;

export function saying(language: Language): Say {
  return (zh, en) => (language === 'zh' ? zh : en);
}
