import type { ClusterHealth } from '../shared/elasticsearch.ts';

/**
 * How a node met the question who it is. `locked`: it is alive and wants a login. `refused`: nobody listens. `silent`: it accepts and says nothing. `closed`: it
 * speaks no HTTP. `foreign`: what answers is no Elasticsearch. `not-running`: its container does not run. `node-lost`: its node does not report. `dark`: nobody
 * can say, of which the probe has told.
 */
export type NodeState = 'answers' | 'locked' | 'refused' | 'silent' | 'closed' | 'foreign' | 'not-running' | 'node-lost' | 'dark';

/** One pod with an Elasticsearch. */
export interface NodeFacts {
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  /** The Kubernetes node it is on. */
  readonly node: string;
  readonly port: number;
  readonly state: NodeState;
  readonly detail: string;
  readonly version: string;
  readonly nodeName: string;
  readonly clusterUuid: string;
  /** What it says of its cluster; absent when it was not asked or did not tell. */
  readonly cluster?: { readonly master: false } | { readonly master: true; readonly health: ClusterHealth };
}

/** Disk and heap of a member, as one of them told of all. */
export interface ResourceFacts {
  readonly name: string;
  readonly data: boolean;
  /** Bytes. */
  readonly diskTotal?: number;
  readonly diskFree?: number;
  /** Of the old generation, where objects that live long are; of the whole heap where a version does not tell. */
  readonly heapPercent?: number;
}

/** A watermark as it is set: a percentage of use, or bytes that must be free. */
export interface Watermark {
  readonly usedPercent?: number;
  readonly freeBytes?: number;
}

export interface DiskSettings {
  readonly enabled: boolean;
  readonly low?: Watermark;
  readonly flood?: Watermark;
}

export interface Blocks {
  /** How many indices the disk has made read-only, and the names of the first. */
  readonly indices: number;
  readonly names: readonly string[];
  /** Blocks of the whole cluster, in its words. */
  readonly global: readonly string[];
}

export interface ElasticsearchObservation {
  readonly nodes: readonly NodeFacts[];
  /** Each absent where it could not be asked. */
  readonly resources?: readonly ResourceFacts[];
  readonly disk?: DiskSettings;
  readonly blocks?: Blocks;
}
