/** What one pod said. Facts alone: what they mean is said by `evaluate`. */
export interface PodAnswer {
  readonly namespace: string;
  readonly name: string;
  /** HTTP status; 0 when nothing answered. */
  readonly status: number;
  /** Why nothing answered. */
  readonly detail: string;
}

/** Small, plain JSON: it is recorded, replayed, and kept as a fixture. */
export interface Observation {
  readonly pods: readonly PodAnswer[];
  /** Pods that could not be asked. They are a blind spot already and neither well nor ill. */
  readonly unseen: number;
}
