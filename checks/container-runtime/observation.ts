export interface BrokenRuntime {
  readonly node: string;
  /** `starting`: the kubelet is new and has not heard from it yet. */
  readonly cause: 'runtime' | 'pleg' | 'starting';
  readonly message: string;
  readonly since?: string;
}

export interface RuntimeObservation {
  readonly nodes: number;
  /** Nodes whose kubelet reports, so that its words about the runtime count. The others are blind spots of their own. */
  readonly judged: number;
  /** Of these, the ones whose kubelet complains about the runtime. */
  readonly broken: readonly BrokenRuntime[];
  /** Runtime and version, for example `containerd://1.6.20` → its nodes, at most 20 each. */
  readonly versions: Readonly<Record<string, readonly string[]>>;
}
