import type { AnyCheck, BlindSpot, Effect, RuleMeta, Severity, Subject, Verdict } from '../model/check.ts';
import type { FoundComponent } from '../model/component.ts';
import type { Finding } from '../model/finding.ts';
import type { Problem } from '../model/problem.ts';
import type { ProbeRecord } from '../model/recording.ts';
import type { Status } from '../model/report.ts';
import { fill, type Text } from '../model/text.ts';
import type { Topology } from '../model/topology.ts';

const EFFECT_OF: Readonly<Record<Severity, Effect>> = { critical: 'down', warning: 'degraded', info: 'none' };
const STATUS_OF: Readonly<Record<Severity, Status>> = { critical: 'fail', warning: 'warn', info: 'info' };

/**
 * The findings of one probe. Every rule of the check gets at least one: what the probe could not look at is `unknown`, and so is a rule that
 * `evaluate` forgot or that it crashed on. Pure: the same record and time give the same findings.
 */
export function evaluateRecord(check: AnyCheck, record: ProbeRecord, component: FoundComponent, now: Date): readonly Finding[] {
  const findings: Finding[] = [];
  const rules: Readonly<Record<string, RuleMeta>> = check.meta.rules;
  const at = (rule: string, meta: RuleMeta, subject: Subject | undefined, rest: Pick<Finding, 'status' | 'message'> & Partial<Finding>): Finding => ({
    id: findingId(check.meta.id, rule, component.component, subject),
    check: check.meta.id,
    rule: `${check.meta.id}/${rule}`,
    component: component.component,
    severity: meta.severity,
    effect: 'none',
    owner: component.owner,
    title: meta.title,
    because: [],
    own: false,
    ...(subject === undefined ? {} : { subject }),
    ...rest,
  });
  const unknown = (rule: string, spot: BlindSpot): void => {
    const meta = rules[rule];
    if (meta === undefined) return;
    const { problem } = spot;
    findings.push(
      at(rule, meta, spot.subject, {
        status: 'unknown',
        message: unknownMessage(problem),
        reason: problem.reason,
        ...(problem.needs === undefined ? {} : { needs: problem.needs }),
      }),
    );
  };

  for (const spot of record.blindSpots) for (const rule of spot.rules) unknown(rule, spot);
  if (record.observation !== undefined) {
    for (const verdict of verdicts(check, record, now, (problem) => unknownAll(rules, findings, unknown, problem))) {
      const meta = rules[verdict.rule];
      if (meta === undefined) continue;
      if (isSpoken(verdict)) findings.push(at(verdict.rule, meta, verdict.subject, outcome(verdict, meta)));
      else
        unknown(verdict.rule, {
          rules: [verdict.rule],
          problem: { reason: 'InternalError', message: `Check "${check.meta.id}" gave no verdict that exists.` },
        });
    }
  }
  unknownAll(rules, findings, unknown, { reason: 'NotEvaluated', message: `Check "${check.meta.id}" said nothing about this rule.` });
  return unique(findings);
}

/** Who is what, from the observation of one probe. A check that fails to say so loses that, and nothing else. */
export function topologyOf(check: AnyCheck, record: ProbeRecord, now: Date): Topology | undefined {
  if (check.topology === undefined || record.observation === undefined) return undefined;
  try {
    return check.topology(record.observation, { options: record.options, now });
  } catch {
    return undefined;
  }
}

function verdicts(check: AnyCheck, record: ProbeRecord, now: Date, failed: (problem: Problem) => void): readonly Verdict[] {
  try {
    const spoken: unknown = check.evaluate(record.observation, { options: record.options, now });
    // A site's check may be plain JavaScript, which nothing has kept from being asynchronous or from forgetting its return.
    if (!Array.isArray(spoken)) throw new TypeError('evaluate returned no list of verdicts');
    return spoken.filter((verdict) => typeof verdict === 'object' && verdict !== null) as readonly Verdict[];
  } catch (error) {
    failed({ reason: 'InternalError', message: `Check "${check.meta.id}" failed while evaluating: ${error instanceof Error ? error.message : String(error)}` });
    return [];
  }
}

/** Whether a verdict is one that a check may give. Anything else is the check's own mistake and must not pass for a fault of the cluster. */
function isSpoken(verdict: Verdict): boolean {
  if (verdict.verdict === 'pass') return true;
  if (verdict.verdict !== 'fail' && verdict.verdict !== 'skip') return false;
  const data: unknown = 'data' in verdict ? verdict.data : undefined;
  return data === undefined || (typeof data === 'object' && data !== null);
}

/** Gives every rule that has no finding yet an `unknown` with this problem. */
function unknownAll(
  rules: Readonly<Record<string, RuleMeta>>,
  findings: readonly Finding[],
  unknown: (rule: string, spot: BlindSpot) => void,
  problem: Problem,
): void {
  const spoken = new Set(findings.map((finding) => finding.rule.slice(finding.rule.indexOf('/') + 1)));
  for (const rule of Object.keys(rules)) if (!spoken.has(rule)) unknown(rule, { rules: [rule], problem });
}

function outcome(verdict: Verdict, meta: RuleMeta): Pick<Finding, 'status' | 'message'> & Partial<Finding> {
  const facts = {
    ...(verdict.observed === undefined ? {} : { observed: verdict.observed }),
    ...(verdict.expected === undefined ? {} : { expected: verdict.expected }),
  };
  if (verdict.verdict === 'pass') return { status: 'pass', message: meta.title, ...facts };
  const template = (meta.messages as Readonly<Record<string, Text>>)[verdict.messageId] ?? { zh: verdict.messageId, en: verdict.messageId };
  const data = ('data' in verdict ? verdict.data : undefined) ?? {};
  const message = { zh: fill(template.zh, data), en: fill(template.en, data) };
  if (verdict.verdict === 'skip') return { status: 'skip', message, ...facts };
  return {
    status: STATUS_OF[meta.severity],
    effect: meta.effect ?? EFFECT_OF[meta.severity],
    message,
    because: verdict.because ?? [],
    own: verdict.own ?? false,
    ...(verdict.since === undefined ? {} : { since: verdict.since }),
    ...facts,
  };
}

export function findingId(check: string, rule: string, component: string, subject: Subject | undefined): string {
  return `${check}/${rule}@${component}${subject === undefined ? '' : `#${subject.kind}/${subject.name}`}`;
}

/** The problem's own sentence. What it needs stands in a field of its own, and that it is unknown is its status. */
function unknownMessage({ message }: Problem): Text {
  return { zh: message, en: message };
}

/** Two findings of one id would hide each other in every output; the worst one stays. */
function unique(findings: readonly Finding[]): readonly Finding[] {
  const order: readonly Status[] = ['pass', 'info', 'skip', 'unknown', 'warn', 'fail'];
  const byId = new Map<string, Finding>();
  for (const finding of findings) {
    const known = byId.get(finding.id);
    if (known === undefined || order.indexOf(finding.status) > order.indexOf(known.status)) byId.set(finding.id, finding);
  }
  return [...byId.values()];
}
