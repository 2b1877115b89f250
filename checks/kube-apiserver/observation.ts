import type { UnreachableCause } from '../../src/model/check.ts';
import type { ConnectionProblem } from '../../src/model/problem.ts';

export interface InstanceFacts {
  /** Pod name; empty when a control-plane node has no such pod. */
  readonly name: string;
  readonly node: string;
  readonly address: string;
  /** `unseen`: it could not be asked, which is a blind spot of its own. */
  readonly answer: 'ok' | 'failing' | 'unreachable' | 'missing' | 'unseen';
  readonly status: number;
  /** Why it is `unreachable`. */
  readonly cause?: UnreachableCause;
  readonly detail: string;
  readonly inEndpoints: boolean;
}

export interface ApiServerObservation {
  /** Set when the API server could not be reached; everything else is then empty. */
  readonly connection?: ConnectionProblem;
  readonly health?: { readonly path: string; readonly status: number; readonly failed: readonly string[] };
  readonly masters: readonly string[];
  readonly instances: readonly InstanceFacts[];
  /** Undefined when the Endpoints could not be read. */
  readonly endpoints?: readonly string[];
}
