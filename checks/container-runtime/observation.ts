export interface BrokenRuntime {
  readonly node: string;
  readonly cause: 'runtime' | 'pleg';
  readonly message: string;
  readonly since?: string;
}

export interface RuntimeObservation {
  readonly nodes: number;
  /** Nodes whose kubelet reports, so that its words about the runtime count. The others are blind spots of their own. */
  readonly judged: number;
  /** At most 50. */
  readonly broken: readonly BrokenRuntime[];
  readonly brokenCount: number;
  /** Runtime and version, for example `containerd://1.6.20` → its nodes, at most 20 each. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}
