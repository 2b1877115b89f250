import type { EdgeConfidence } from '../model/component.ts';
import type { Report, ReportComponent } from '../model/report.ts';

export interface GraphNode {
  readonly component: ReportComponent;
  /** True when nothing else explains its fault. */
  readonly isRoot: boolean;
}

export interface GraphEdge {
  /** It depends on `to`. */
  readonly from: string;
  readonly to: string;
  readonly confidence: EdgeConfidence;
  readonly partial: boolean;
  /** True when `to` explains what is wrong with `from`. */
  readonly explains: boolean;
}

/** What a picture of the report shows. */
export interface Graph {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

/**
 * The components of interest and the dependencies between them: with `everything` all that are installed; else what is not healthy, the root causes, and
 * what these depend on. A cluster without a fault is drawn whole, since there is nothing to leave the rest out for.
 */
export function graphOf(report: Report, everything: boolean): Graph {
  const installed = report.components.filter(({ state }) => state !== 'absent');
  const roots = new Set(report.rootCauses.map(({ component }) => component));
  const troubled = installed.filter(({ id, state }) => state !== 'healthy' || roots.has(id));
  const wanted = new Set<string>();
  for (const { id, dependsOn } of troubled) {
    wanted.add(id);
    if (roots.has(id)) for (const edge of dependsOn) wanted.add(edge.component);
  }
  const shown = everything || troubled.length === 0 ? installed : installed.filter(({ id }) => wanted.has(id));
  const ids = new Set(shown.map(({ id }) => id));
  const declared = shown.flatMap((component) =>
    component.dependsOn
      .filter((edge) => ids.has(edge.component))
      .map((edge) => ({
        from: component.id,
        to: edge.component,
        confidence: edge.confidence,
        partial: edge.partial === true,
        explains: component.cause === edge.component,
      })),
  );
  // A cause that no dependency leads to was found by its evidence: a node that took a pod with it.
  const byEvidence = shown
    .filter(({ id, cause }) => cause !== undefined && ids.has(cause) && !declared.some((edge) => edge.from === id && edge.to === cause))
    .map(({ id, cause = '' }): GraphEdge => ({ from: id, to: cause, confidence: 'observed', partial: false, explains: true }));
  return { nodes: shown.map((component) => ({ component, isRoot: roots.has(component.id) })), edges: [...declared, ...byEvidence] };
}
