import type { Acceptance } from '../model/acceptance.ts';
import type { AnyCheck } from '../model/check.ts';
import type { FoundComponent } from '../model/component.ts';
import type { DiagnosedCause, Diagnosis, Finding } from '../model/finding.ts';
import type { Recording } from '../model/recording.ts';
import {
  type NotLookedAt,
  REPORT_SCHEMA_VERSION,
  type Remediation,
  type Report,
  type ReportComponent,
  type ReportFinding,
  type RootCause,
  type Status,
} from '../model/report.ts';
import { firstCommand, type RunbookSection } from '../model/runbook.ts';
import { fill, type Language } from '../model/text.ts';
import type { Topology } from '../model/topology.ts';
import { EXIT, exitCodeOf, type FailOn } from './exit-code.ts';
import { fingerprint } from './fingerprint.ts';
import { sentences } from './sentences.ts';

export interface ReportInput {
  readonly recording: Recording;
  readonly findings: readonly Finding[];
  readonly diagnosis: Diagnosis;
  /** Finding id → the acceptance that takes it out of the grade. */
  readonly accepted: ReadonlyMap<string, Acceptance>;
  readonly topologies: ReadonlyMap<string, readonly { readonly technology: string; readonly topology: Topology }[]>;
  readonly checks: ReadonlyMap<string, AnyCheck>;
  /** The runbook section of a rule (`check`, `rule`), in the report's language. */
  readonly runbook: (check: string, rule: string) => RunbookSection | undefined;
  readonly language: Language;
  readonly failOn: FailOn;
}

/** The one report that every output is drawn from. Pure: the same recording gives the same report, byte for byte. */
export function buildReport(input: ReportInput): Report {
  const { recording, findings, diagnosis, accepted, language } = input;
  const say = sentences(language);
  const reportFindings = findings.map((finding) => reportFinding(finding, input));
  const blocker = diagnosis.blocker && {
    component: diagnosis.blocker.component,
    message: findings.find((finding) => finding.id === diagnosis.blocker?.finding)?.message[language] ?? '',
    ...ruleOf(findings, diagnosis.blocker.finding),
  };
  const status = overallStatus(input);
  const { ended, connection } = recording;
  return {
    schemaVersion: REPORT_SCHEMA_VERSION,
    tool: recording.tool,
    cluster: recording.cluster,
    startedAt: recording.startedAt,
    durationMs: recording.durationMs,
    language,
    grade: diagnosis.grade,
    status,
    exitCode: ended?.reason === 'Interrupted' ? EXIT.interrupted : exitCodeOf(status, connection === undefined, input.failOn),
    partial: ended !== undefined,
    ...(ended === undefined ? {} : { ended: { reason: ended.reason, message: ended.message } }),
    ...(connection === undefined ? {} : { connection }),
    rootCauses: diagnosis.rootCauses.map((cause) => rootCause(cause, input)),
    components: recording.discovery.components.flatMap((component) => reportComponent(component, input)),
    findings: reportFindings,
    notLookedAt: [
      ...unlooked(input),
      ...recording.loadProblems.map(({ from, message }) => ({ rule: from, reason: 'InternalError' as const, message: say.notLoaded(from, message) })),
    ],
    accepted: findings.flatMap(({ id }) => {
      const acceptance = accepted.get(id);
      return acceptance === undefined ? [] : [{ finding: id, owner: acceptance.owner, reason: acceptance.reason, expires: acceptance.expires }];
    }),
    cost: recording.cost,
    ...(blocker === undefined ? {} : { blocker }),
  };
}

/** What discovery could not read, and a check of the site that could not be loaded, are unknown although no finding says so. */
function overallStatus({ recording, diagnosis }: ReportInput): Status {
  const unlookedAt = recording.discovery.blindSpots.length + recording.loadProblems.length > 0;
  const fault = diagnosis.status === 'warn' || diagnosis.status === 'fail';
  return unlookedAt && !fault ? 'unknown' : diagnosis.status;
}

function ruleOf(findings: readonly Finding[], id: string | undefined): { readonly rule?: string } {
  const rule = findings.find((finding) => finding.id === id)?.rule;
  return rule === undefined ? {} : { rule };
}

function reportFinding(finding: Finding, { diagnosis, language, runbook }: ReportInput): ReportFinding {
  const [, rule = ''] = finding.rule.split('/');
  const section = finding.status === 'pass' || finding.status === 'skip' ? undefined : runbook(finding.check, rule);
  const symptomOf = diagnosis.symptomOf.get(finding.id);
  // What to do about something that could not be looked at is in `needs`; only an API server out of reach has a page of its own.
  const speaksForACause = diagnosis.rootCauses.some((cause) => cause.finding === finding.id);
  return {
    id: finding.id,
    rule: finding.rule,
    component: finding.component,
    status: finding.status,
    severity: finding.severity,
    owner: finding.owner,
    title: finding.title[language],
    message: finding.message[language],
    runbook: `${finding.check}#${rule}`,
    fingerprint: fingerprint(finding.id),
    ...(finding.subject === undefined ? {} : { subject: finding.subject }),
    ...(finding.observed === undefined ? {} : { observed: finding.observed }),
    ...(finding.expected === undefined ? {} : { expected: finding.expected }),
    ...(finding.reason === undefined ? {} : { reason: finding.reason }),
    ...(finding.needs === undefined ? {} : { needs: finding.needs }),
    ...(finding.since === undefined ? {} : { since: finding.since }),
    ...(finding.confirmed === undefined ? {} : { confirmed: finding.confirmed }),
    ...(finding.firstLook === undefined ? {} : { firstLook: { status: finding.firstLook.status, message: finding.firstLook.message[language] } }),
    ...(symptomOf === undefined ? {} : { symptomOf }),
    ...(section === undefined || (finding.status === 'unknown' && !speaksForACause) ? {} : { remediation: remediation(section, finding) }),
  };
}

function remediation(section: RunbookSection, finding: Finding): Remediation {
  const about = (text: string): string => fill(text, subjectData(finding));
  return { summary: about(section.summary), steps: section.fix.map(about), risk: about(section.risk), sources: section.source };
}

/** What a runbook's commands can name: `{namespace}`, `{kind}`, `{name}` of the subject, `{component}`. */
function subjectData(finding: Finding): Readonly<Record<string, string>> {
  const [home = ''] = finding.component.split('/');
  const { kind = '', namespace = home, name = finding.component.slice(finding.component.indexOf('/') + 1) } = finding.subject ?? {};
  // A static pod is no kind that kubectl knows.
  const kubectlKind = kind === 'StaticPod' || kind === '' ? 'pod' : kind.toLowerCase();
  return { namespace, name, kind: kubectlKind, component: finding.component };
}

function rootCause(cause: DiagnosedCause, input: ReportInput): RootCause {
  const { findings, diagnosis, recording, language, runbook } = input;
  const say = sentences(language);
  const speaker = findings.find((finding) => finding.id === cause.finding);
  const component = recording.discovery.components.find((candidate) => candidate.component === cause.component);
  const [check = '', rule = ''] = (speaker?.rule ?? '').split('/');
  const section = runbook(check, rule);
  const command = section === undefined ? undefined : firstCommand(section.verify);
  const since = speaker?.since;
  return {
    component: cause.component,
    status: speaker?.status === 'fail' || speaker?.status === 'warn' ? speaker.status : 'unknown',
    state: diagnosis.states.get(cause.component) ?? 'unknown',
    core: component?.core ?? false,
    owner: component?.owner ?? 'cluster',
    message: speaker?.message[language] ?? '',
    rule: speaker?.rule ?? '',
    explains: cause.explains,
    affects: cause.affects,
    why: say.why(cause.affects, troubled(component, input)),
    confidence: cause.confidence,
    nextStep: command === undefined || speaker === undefined ? `skiffctl explain ${speaker?.rule ?? cause.component}` : fill(command, subjectData(speaker)),
    ...(since === undefined ? {} : { since }),
  };
}

/** The dependencies of a root cause that are not healthy either, and do not explain it. */
function troubled(component: FoundComponent | undefined, { diagnosis }: ReportInput): readonly string[] {
  return (component?.dependsOn ?? []).map((edge) => edge.component).filter((id) => !['healthy', 'absent', undefined].includes(diagnosis.states.get(id)));
}

function reportComponent(component: FoundComponent, { recording, diagnosis, checks, topologies, language }: ReportInput): readonly ReportComponent[] {
  const state = diagnosis.states.get(component.component);
  if (state === undefined) return [];
  // What only matters before a change has not looked at it, unless there was one.
  const technologies = Object.keys(component.technologies).filter((id) => recording.change !== undefined || checks.get(id)?.meta.purpose !== 'change');
  const cause = diagnosis.causes.get(component.component)?.cause;
  const topology = (topologies.get(component.component) ?? []).map(({ technology, topology: { summary, members } }) => ({
    technology,
    summary: summary[language],
    members,
  }));
  return [
    {
      id: component.component,
      namespace: component.namespace,
      name: component.component.slice(component.component.indexOf('/') + 1),
      title: component.title[language],
      technologies,
      core: component.core,
      optional: component.optional,
      documented: component.documented,
      owner: component.owner,
      state,
      shallow: component.presence === 'present' && technologies.every((id) => isShallow(checks.get(id))),
      dependsOn: component.dependsOn,
      ...(cause === undefined ? {} : { cause }),
      ...(component.note === undefined ? {} : { note: component.note[language] }),
      ...(topology.length === 0 ? {} : { topology }),
    },
  ];
}

/** A technology that no check looks at is not looked at more deeply than its objects either. */
function isShallow(check: AnyCheck | undefined): boolean {
  return check === undefined || check.meta.shallow === true;
}

/** Everything that this report does not speak about, and why: one entry for many rules where one reason stands behind all of them. */
function unlooked(input: ReportInput): readonly NotLookedAt[] {
  const { recording, findings, language } = input;
  const say = sentences(language);
  const entries: NotLookedAt[] = recording.discovery.blindSpots.map(({ message, problem }) => ({
    reason: problem.reason,
    message: `${message[language]}${language === 'zh' ? '：' : ': '}${problem.message}`,
    ...(problem.needs === undefined ? {} : { needs: problem.needs }),
  }));
  if (recording.ended !== undefined) entries.push({ reason: recording.ended.reason, message: say.ended(recording.ended) });
  const unknown = findings.filter((finding) => finding.status === 'unknown');
  if (recording.connection !== undefined) {
    // Seventy blind spots with one reason are one blind spot; the reason stands in `connection`.
    const components = new Set(unknown.map((finding) => finding.component)).size;
    return [{ reason: 'PrerequisiteFailed', message: say.nothingLookedAt(components) }];
  }
  for (const [, same] of Map.groupBy(unknown, (finding) => `${finding.component} ${finding.reason} ${finding.needs ?? finding.message.en}`)) {
    const [first] = same;
    if (first === undefined) continue;
    const rules = [...new Set(same.map((finding) => finding.rule))];
    entries.push({
      component: first.component,
      rule: rules.join(', '),
      reason: first.reason ?? 'InternalError',
      message: first.message[language],
      ...(first.needs === undefined ? {} : { needs: first.needs }),
    });
  }
  const spoken = new Set(unknown.map((finding) => finding.component));
  for (const component of recording.discovery.components.flatMap((found) => reportComponent(found, input))) {
    if (component.state === 'unknown' && !spoken.has(component.id)) entries.push({ component: component.id, reason: 'NoDeeperCheck', message: say.noCheck });
    else if (component.shallow) entries.push({ component: component.id, reason: 'NoDeeperCheck', message: say.shallow });
  }
  return entries;
}
