export interface InstanceFacts {
  readonly name: string;
  /** Empty while it is not scheduled. */
  readonly node: string;
  readonly ready: boolean;
}

export interface FailoverObservation {
  /** How many there should be by the workloads' own word; never fewer than there are. */
  readonly wanted: number;
  /** In the order of their names. */
  readonly instances: readonly InstanceFacts[];
}
