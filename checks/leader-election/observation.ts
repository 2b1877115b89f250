/** One object that holds a leader election's record. */
export interface LockFacts {
  readonly kind: 'Lease' | 'Endpoints' | 'ConfigMap';
  readonly namespace: string;
  readonly name: string;
  /** Empty when it was released. */
  readonly holder: string;
  readonly durationSeconds: number;
  /** Empty when it was never renewed. */
  readonly renewedAt: string;
  readonly transitions: number;
}

export interface LeaderElectionObservation {
  readonly namespace: string;
  /** The names that were looked for. */
  readonly names: readonly string[];
  /** True when one of the names is no pattern, so that a lock that is not there is not merely called otherwise. */
  readonly nameIsKnown: boolean;
  readonly locks: readonly LockFacts[];
  /** The API server's time just after the locks were read; absent when it could not be read, which is a blind spot of its own. */
  readonly readAt?: string;
  /** The component's pods that run. */
  readonly pods: readonly { readonly name: string; readonly node: string }[];
  /** Names of the component's workloads: pods of the past begin with them. */
  readonly workloads: readonly string[];
  /** True when every running pod was started with its election switched off. */
  readonly switchedOff: boolean;
}
