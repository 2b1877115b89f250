/** A workload whose pods a drain moves. */
export interface MovableFacts {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** By its own word; of pods without one, how many there are. */
  readonly replicas: number;
  readonly pods: number;
  /** Where they are, those that are on no node left out. */
  readonly nodes: readonly string[];
}

/** A PodDisruptionBudget that covers pods of the component. */
export interface BudgetFacts {
  readonly namespace: string;
  readonly name: string;
  /** `minAvailable 2`, `maxUnavailable 0`. */
  readonly limit: string;
  /** Absent when no controller has looked at it. */
  readonly allowed?: number;
  readonly healthy: number;
  readonly needed: number;
  readonly expected: number;
}

export interface DisruptionObservation {
  readonly core: boolean;
  /** False where PodDisruptionBudgets could not be read, which is a blind spot of its own. */
  readonly budgetsRead: boolean;
  readonly workloads: readonly MovableFacts[];
  readonly budgets: readonly BudgetFacts[];
  readonly coveredTwice: readonly { readonly namespace: string; readonly pod: string; readonly budgets: readonly string[] }[];
  readonly bare: readonly { readonly namespace: string; readonly pod: string; readonly node: string }[];
}
