import type { Heartbeat } from '../shared/heartbeat.ts';
import type { KubeletAnswer } from '../shared/kubelet.ts';

/** A node whose kubelet does not report, or reports that the node is not ready. */
export interface TroubledNode {
  readonly name: string;
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly message: string;
  readonly since?: string;
  readonly heartbeat?: Heartbeat;
  /** `unasked`: it was not, or could not be asked; the latter is a blind spot of its own. */
  readonly answer: KubeletAnswer['answer'] | 'unasked';
  readonly status: number;
  readonly detail: string;
}

export interface KubeletObservation {
  readonly nodes: number;
  /** False when the Leases could not be read, which is a blind spot of its own. */
  readonly heartbeatRead: boolean;
  /** The newest heartbeat of all nodes. */
  readonly newest?: Heartbeat;
  /** At most 50. */
  readonly troubled: readonly TroubledNode[];
}
