export interface FileSystemFacts {
  /** `nodefs` or `imagefs`, as the kubelet calls them. */
  readonly name: 'nodefs' | 'imagefs';
  readonly availableBytes: number;
  readonly capacityBytes: number;
  /** Below this many free bytes the kubelet evicts pods. */
  readonly evictionBytes: number;
}

export interface DrainCapacityObservation {
  readonly node: string;
  readonly cordoned: boolean;
  /** False where pods could not be listed, which is a blind spot of its own; nothing is said of them then. */
  readonly podsRead: boolean;
  /** Other nodes that are ready and take pods. */
  readonly others: number;
  /** Pods that a drain moves. */
  readonly moving: number;
  /** Of these, pods that other nodes allow and have no room for by their requests; at most twenty. */
  readonly homeless: readonly string[];
  readonly homelessCount: number;
  /** What they are short of together: `cpu`, `memory`, `pods` … */
  readonly missing: readonly string[];
  /** Pods that no other node allows; at most twenty. */
  readonly bound: readonly string[];
  readonly boundCount: number;
  /** Absent when the kubelet could not be asked, which is a blind spot of its own. */
  readonly fileSystems?: readonly FileSystemFacts[];
}
