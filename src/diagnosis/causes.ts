import type { EdgeConfidence, FoundComponent } from '../model/component.ts';
import type { Explanation, Finding } from '../model/finding.ts';
import type { ComponentState } from '../model/report.ts';

/** Strongest first: what a finding's own evidence points at, then how sure the edge to the dependency is. */
const STRENGTH: readonly Explanation['by'][] = ['evidence', 'observed', 'documented', 'upstream', 'inferred'];

export interface Explanations {
  /** Component → its nearest faulty cause. A component with a fault of its own is not in it. */
  readonly causes: ReadonlyMap<string, Explanation>;
  /** Finding id → nearest faulty cause. */
  readonly byFinding: ReadonlyMap<string, Explanation>;
}

/**
 * Which faulty component explains which finding. A finding's own evidence comes first; after it, a dependency that is down explains everything at its
 * dependents that does not prove a cause of its own. A dependency that is merely degraded still serves and explains nothing by itself.
 */
export function explain(
  components: readonly FoundComponent[],
  faults: ReadonlyMap<string, readonly Finding[]>,
  states: ReadonlyMap<string, ComponentState>,
): Explanations {
  const causes = new Map<string, Explanation>();
  const byFinding = new Map<string, Explanation>();
  const byId = new Map(components.map((component) => [component.component, component]));
  for (const [id, findings] of faults) {
    const component = byId.get(id);
    const open = findings.filter((finding) => !finding.own);
    const edges = strongest(
      (component?.dependsOn ?? []).filter((edge) => edge.partial !== true && edge.component !== id && states.get(edge.component) === 'down').map(explanation),
    );
    const suspectsOf = (finding: Finding): readonly string[] =>
      likeliestFirst(
        finding.because.filter((suspect) => mayExplain(suspect, id, faults)),
        faults,
      );
    const [likeliest] = likeliestFirst(open.flatMap(suspectsOf), faults);
    const evidence = likeliest === undefined ? undefined : { cause: likeliest, by: 'evidence' as const };
    for (const finding of open) {
      const [own] = suspectsOf(finding);
      const found = own === undefined ? (evidence ?? edges) : { cause: own, by: 'evidence' as const };
      if (found !== undefined) byFinding.set(finding.id, found);
    }
    const cause = evidence ?? edges;
    if (cause !== undefined && open.length === findings.length) causes.set(id, cause);
  }
  breakCycles(causes, byFinding, faults, byId);
  return { causes, byFinding };
}

/**
 * A suspect explains a component only with a fault that is not laid at that very component's door: a pod lost with its node is no reason for the node.
 * A fault with several suspects stands.
 */
function mayExplain(suspect: string, component: string, faults: ReadonlyMap<string, readonly Finding[]>): boolean {
  return (
    suspect !== component && (faults.get(suspect) ?? []).some(({ own, because }) => own || because.length === 0 || because.some((other) => other !== component))
  );
}

/** Who has proof of a fault of its own before who may be a symptom too; else in the order in which the evidence names them. */
function likeliestFirst(suspects: readonly string[], faults: ReadonlyMap<string, readonly Finding[]>): readonly string[] {
  const proven = (suspect: string): number => Number((faults.get(suspect) ?? []).some((finding) => finding.own));
  return suspects.toSorted((a, b) => proven(b) - proven(a));
}

function explanation(edge: { readonly component: string; readonly confidence: EdgeConfidence }): Explanation {
  return { cause: edge.component, by: edge.confidence };
}

function strongest(candidates: readonly Explanation[]): Explanation | undefined {
  return candidates.toSorted((a, b) => STRENGTH.indexOf(a.by) - STRENGTH.indexOf(b.by) || a.cause.localeCompare(b.cause, 'en'))[0];
}

/**
 * Two components that each explain the other explain nothing: the one that broke first is the cause, and without a time the one that more others
 * depend on. Its own explanation is taken away.
 */
function breakCycles(
  causes: Map<string, Explanation>,
  byFinding: Map<string, Explanation>,
  faults: ReadonlyMap<string, readonly Finding[]>,
  byId: ReadonlyMap<string, FoundComponent>,
): void {
  for (const start of [...causes.keys()].sort()) {
    const path: string[] = [];
    for (let at: string | undefined = start; at !== undefined; at = causes.get(at)?.cause) {
      const seen = path.indexOf(at);
      if (seen === -1) {
        path.push(at);
        continue;
      }
      const cycle = path.slice(seen);
      const first = cycle.toSorted(
        (a, b) => since(faults, a).localeCompare(since(faults, b), 'en') || dependents(byId, b) - dependents(byId, a) || a.localeCompare(b, 'en'),
      )[0];
      if (first === undefined) break;
      causes.delete(first);
      for (const finding of faults.get(first) ?? []) byFinding.delete(finding.id);
      break;
    }
  }
}

/** When a component's first fault began; what has no time sorts after everything that has. */
export function since(faults: ReadonlyMap<string, readonly Finding[]>, component: string): string {
  const times = (faults.get(component) ?? []).flatMap((finding) => (finding.since === undefined ? [] : [finding.since])).sort();
  return times[0] ?? '9999';
}

function dependents(byId: ReadonlyMap<string, FoundComponent>, id: string): number {
  return [...byId.values()].filter((component) => component.dependsOn.some((edge) => edge.component === id)).length;
}

/** Follows the causes of a component to the one that nothing explains. */
export function rootOf(component: string, causes: ReadonlyMap<string, Explanation>): string {
  const seen = new Set<string>();
  let at = component;
  for (let next = causes.get(at); next !== undefined && !seen.has(at); next = causes.get(at)) {
    seen.add(at);
    at = next.cause;
  }
  return at;
}
