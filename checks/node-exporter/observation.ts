import type { Silence } from '../shared/prometheus-reach.ts';

/**
 * How asking an exporter ended. `metrics`: with those of a node. `other`: with something else. `status`: with an HTTP status that is none of success. `locked`: it asks for a login. `loopback`: it
 * answers inside of its pod alone. `not-running`: there is no process to ask. `dark`: nobody can say, which the probe has reported.
 */
export type ExporterState = 'metrics' | 'other' | 'status' | 'locked' | 'loopback' | Silence | 'not-running' | 'dark';

/** One file system of a node, by its device: bytes and files. */
export interface FileSystem {
  readonly device: string;
  readonly mountpoint: string;
  readonly size: number;
  /** What everybody may use. */
  readonly free: number;
  readonly files: number;
  readonly filesFree: number;
  /** True when every mount of the device is. */
  readonly readOnly: boolean;
}

/** A number of things that there is a limit of. */
export interface Usage {
  readonly used: number;
  readonly limit: number;
}

/** What the metrics say of the node. What a version or a kernel does not tell is missing. */
export interface HostFacts {
  readonly version?: string;
  /** Collectors that every node has and that failed. */
  readonly failed: readonly string[];
  readonly fileSystems: readonly FileSystem[];
  /** Bytes. */
  readonly memory?: Usage;
  readonly connections?: Usage;
  readonly openFiles?: Usage;
  readonly synchronised?: boolean;
  /** Seconds. */
  readonly clockMaxError?: number;
  /** Seconds by which the node's clock is ahead of the middle of all nodes, and how far that may be wrong; missing of fewer than three nodes. */
  readonly clock?: { readonly ahead: number; readonly uncertain: number };
}

export interface ExporterFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly port: number;
  readonly state: ExporterState;
  readonly status: number;
  readonly detail: string;
  readonly host?: HostFacts;
}

export interface NodeExporterObservation {
  readonly exporters: readonly ExporterFacts[];
  /** How many nodes its DaemonSets want; missing when it has none. */
  readonly wanted?: number;
  /** Ready nodes without a pod of it. */
  readonly uncovered: readonly { readonly node: string; readonly tainted: boolean }[];
  /** Node → pressure that its kubelet reports. */
  readonly pressure: Readonly<Record<string, readonly string[]>>;
}
