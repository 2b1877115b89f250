import type { Heartbeat } from '../shared/heartbeat.ts';
import type { KubeletAnswer } from '../shared/kubelet.ts';

/** What a silent node answered when it was asked. `unasked`: it could not be asked; `among-many`: too many nodes are silent to ask each. */
export type Contact =
  | { readonly kubelet: KubeletAnswer['answer']; readonly status: number; readonly detail: string; readonly hostAnswers: boolean }
  | { readonly kubelet: 'unasked'; readonly detail: string }
  | { readonly kubelet: 'among-many'; readonly silent: number };

export interface ConditionFacts {
  readonly status: string;
  readonly message: string;
  readonly since?: string;
}

export interface NodeObservation {
  readonly name: string;
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly readySince?: string;
  /** False when the Leases could not be read, which is a blind spot of its own; the heartbeat is then absent. */
  readonly heartbeatRead: boolean;
  readonly heartbeat?: Heartbeat;
  /** The newest heartbeat of the other nodes. */
  readonly newestElsewhere?: Heartbeat;
  /** How many nodes the cluster has. */
  readonly nodes: number;
  /** Only when the node is silent. */
  readonly contact?: Contact;
  /** Condition type → what it says; only types that a rule speaks of. */
  readonly conditions: Readonly<Record<string, ConditionFacts>>;
  readonly cordoned: boolean;
  readonly cordonedSince?: string;
  /** Taints that somebody other than Kubernetes' own condition taints and roles explains. */
  readonly taints: readonly string[];
  readonly kubeletVersion: string;
  /** The newest kubelet among all nodes. */
  readonly newestVersion: string;
  readonly address: string;
  /** Other nodes with the same InternalIP. */
  readonly sameAddress: readonly string[];
}
