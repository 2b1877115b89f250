import type { Discovery } from '../model/component.ts';
import type { DiagnosedCause, Diagnosis, Explanation, Finding } from '../model/finding.ts';
import type { ComponentState, Grade } from '../model/report.ts';
import { explain, rootOf, since } from './causes.ts';
import { gradeOf, worse, worstStatus } from './grade.ts';
import { isFault, ownState } from './states.ts';

/** Turns findings into component states, root causes with their symptoms, and a grade. Pure; the order of its results depends on its input alone. */
export function diagnose(discovery: Discovery, findings: readonly Finding[]): Diagnosis {
  const { components } = discovery;
  const byComponent = Map.groupBy(findings, (finding) => finding.component);
  const of = (id: string): readonly Finding[] => byComponent.get(id) ?? [];

  const own = new Map<string, ComponentState>();
  // What a selection left out has no findings and no state to speak of.
  for (const component of components) if (byComponent.has(component.component)) own.set(component.component, ownState(component, of(component.component)));

  const faults = new Map<string, readonly Finding[]>();
  for (const component of components) {
    const faulty = of(component.component).filter(isFault);
    if (faulty.length > 0) faults.set(component.component, faulty);
  }

  const { causes, byFinding } = explain(components, faults, own);
  const states = new Map(own);
  for (const id of causes.keys()) if (own.get(id) === 'down') states.set(id, 'unreachable');

  const symptomOf = new Map<string, string>();
  const home = new Map(findings.map((finding) => [finding.id, finding.component]));
  for (const [finding, { cause }] of byFinding) {
    const root = rootOf(cause, causes);
    // Two components that suspect each other, one of them with a fault of its own: that one is the cause, and nothing is a symptom of itself.
    if (root !== home.get(finding)) symptomOf.set(finding, root);
  }

  const unread = unreadCluster(findings);
  for (const id of unread?.explains ?? []) if (id !== unread?.finding) symptomOf.set(id, API_SERVER);
  const found = collectCauses(faults, byFinding, symptomOf, causes);
  const rootCauses = unread === undefined ? rank(found, states, discovery, faults) : [unread];

  let grade: Grade = discovery.blindSpots.length > 0 ? 'B' : 'A';
  for (const component of components) {
    const state = states.get(component.component);
    if (state !== undefined) grade = worse(grade, gradeOf(component, state, of(component.component)));
  }
  const blocker = findBlocker(grade, discovery, states, rootCauses, of);
  return { states, causes, symptomOf, rootCauses, grade, status: worstStatus(findings), ...(blocker === undefined ? {} : { blocker }) };
}

/** The component and the rule that speak of reaching the cluster at all. */
const API_SERVER = 'kube-system/kube-apiserver';
const REACHABLE = 'kube-apiserver/reachable';

/** Ways in which the rule of reaching the API server can stay unknown although the API server was reached: the run or the check ended first. */
const ENDED: ReadonlySet<Finding['reason']> = new Set<Finding['reason']>(['DeadlineExceeded', 'Interrupted', 'NotEvaluated', 'InternalError']);

/** When the API server could not be reached or read, that explains why nothing else could be looked at, whether or not it proves a fault. */
function unreadCluster(findings: readonly Finding[]): DiagnosedCause | undefined {
  const reachable = findings.find((finding) => finding.rule === REACHABLE && (finding.status === 'unknown' || finding.status === 'fail'));
  if (reachable === undefined || ENDED.has(reachable.reason)) return undefined;
  const behind = findings.filter((finding) => finding.status === 'unknown' && finding.reason === 'PrerequisiteFailed' && finding.id !== reachable.id);
  return { component: API_SERVER, finding: reachable.id, explains: [reachable.id, ...behind.map((finding) => finding.id)], affects: [], confidence: 'high' };
}

function collectCauses(
  faults: ReadonlyMap<string, readonly Finding[]>,
  byFinding: ReadonlyMap<string, Explanation>,
  symptomOf: ReadonlyMap<string, string>,
  causes: ReadonlyMap<string, Explanation>,
): readonly DiagnosedCause[] {
  const roots: DiagnosedCause[] = [];
  for (const [component, findings] of faults) {
    const own = findings.filter((finding) => !symptomOf.has(finding.id));
    const [speaker] = own.toSorted(bySeverity);
    if (speaker === undefined) continue;
    const symptoms = [...faults].flatMap(([, theirs]) => theirs.filter((finding) => symptomOf.get(finding.id) === component));
    const affected = new Map<string, Explanation['by']>();
    for (const symptom of symptoms) {
      if (symptom.component !== component && !affected.has(symptom.component)) {
        affected.set(symptom.component, weakestOnTheWay(symptom, component, byFinding, causes));
      }
    }
    const affects = [...affected].map(([id, confidence]) => ({ component: id, confidence }));
    roots.push({
      component,
      finding: speaker.id,
      explains: [...own.toSorted(bySeverity), ...symptoms].map((finding) => finding.id),
      affects,
      confidence: confidenceOf(affects.map((affect) => affect.confidence)),
    });
  }
  return roots;
}

/** Critical before warning; within one severity the order in which the checks spoke, which is that of the inventory. */
function bySeverity(a: Finding, b: Finding): number {
  return Number(b.status === 'fail') - Number(a.status === 'fail') || Number(b.effect === 'down') - Number(a.effect === 'down');
}

/** A chain of explanations is as sure as its weakest link. */
function weakestOnTheWay(
  symptom: Finding,
  root: string,
  byFinding: ReadonlyMap<string, Explanation>,
  causes: ReadonlyMap<string, Explanation>,
): Explanation['by'] {
  const order: readonly Explanation['by'][] = ['evidence', 'observed', 'documented', 'upstream', 'inferred'];
  let link = byFinding.get(symptom.id);
  let weakest: Explanation['by'] = link?.by ?? 'inferred';
  for (let steps = 0; link !== undefined && link.cause !== root && steps < 100; steps += 1) {
    link = causes.get(link.cause);
    if (link !== undefined && order.indexOf(link.by) > order.indexOf(weakest)) weakest = link.by;
  }
  return weakest;
}

/** How sure the whole explanation is: as its least sure part. A cause without symptoms is what was seen itself. */
function confidenceOf(links: readonly Explanation['by'][]): DiagnosedCause['confidence'] {
  if (links.includes('inferred')) return 'low';
  return links.some((link) => link === 'documented' || link === 'upstream') ? 'medium' : 'high';
}

/** Most important first: what is down before what is degraded, core before the rest, then by how much mending it would mend, then what broke first. */
function rank(
  roots: readonly DiagnosedCause[],
  states: ReadonlyMap<string, ComponentState>,
  discovery: Discovery,
  faults: ReadonlyMap<string, readonly Finding[]>,
): readonly DiagnosedCause[] {
  const core = new Set(discovery.components.filter((component) => component.core).map((component) => component.component));
  const weight = (root: DiagnosedCause): number => {
    const down = states.get(root.component) === 'down';
    return (down ? 4 : 0) + (down && core.has(root.component) ? 2 : 0) + (core.has(root.component) ? 1 : 0);
  };
  return roots.toSorted(
    (a, b) =>
      weight(b) - weight(a) ||
      b.explains.length - a.explains.length ||
      since(faults, a.component).localeCompare(since(faults, b.component), 'en') ||
      a.component.localeCompare(b.component, 'en'),
  );
}

function findBlocker(
  grade: Grade,
  discovery: Discovery,
  states: ReadonlyMap<string, ComponentState>,
  rootCauses: readonly DiagnosedCause[],
  of: (id: string) => readonly Finding[],
): Diagnosis['blocker'] {
  if (grade === 'A') return undefined;
  const allows = (id: string): boolean => {
    const component = discovery.components.find((candidate) => candidate.component === id);
    const state = states.get(id);
    return component !== undefined && state !== undefined && gradeOf(component, state, of(id)) === grade;
  };
  // The cause whose mending lifts the grade: its own fault, or that of a component which it explains.
  const root = rootCauses.find((cause) => allows(cause.component) || cause.affects.some((affect) => allows(affect.component)));
  if (root !== undefined) return { component: root.component, finding: root.finding };
  const component = discovery.components.find((candidate) => allows(candidate.component));
  if (component === undefined) return undefined;
  const unknown = of(component.component).find((finding) => finding.status === 'unknown');
  return { component: component.component, ...(unknown === undefined ? {} : { finding: unknown.id }) };
}
