import type { Subject } from '../../src/model/check.ts';
import type { KnownSentinel, QuorumAnswer, WatchedMaster, WatchedReplica } from '../shared/sentinel.ts';

/** One master as one sentinel sees it. */
export interface MasterView {
  readonly master: WatchedMaster;
  readonly replicas: readonly WatchedReplica[];
  readonly sentinels: readonly KnownSentinel[];
  /** Absent when its answer was none. */
  readonly quorum?: QuorumAnswer;
}

/** What a sentinel said about itself and about what it watches. */
export interface SentinelWords {
  /** Its own id; empty before 6.2, where nobody can ask for it. */
  readonly id: string;
  readonly version: string;
  readonly uptimeSeconds: number;
  readonly tilt: boolean;
  /** Since when it is in TILT, in seconds; -1 where it does not say (before 7.0). */
  readonly tiltSeconds: number;
  readonly runningScripts: number;
  readonly queuedScripts: number;
  readonly simulatedFailures: number;
  readonly views: readonly MasterView[];
}

/**
 * How asking a pod ended. `answers`: it spoke, be it only to ask for a password. `not-running`: there is no process to ask. `dark`: nobody can say, which
 * the probe has reported as a blind spot unless others say that it is down. `failing`: it answers PING with an error. `not-sentinel`: a Redis of another mode. The rest
 * are the silences of a server.
 */
export type Asked = 'answers' | 'not-running' | 'dark' | 'refused' | 'silent' | 'closed' | 'garbled' | 'failing' | 'not-sentinel';

export interface SentinelFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly address: string;
  readonly state: Asked;
  /** What it or the way to it said, where it did not answer. */
  readonly detail: string;
  /** How many other sentinels hold it down, and how many up. */
  readonly heldDown: number;
  readonly heldUp: number;
  /** Absent when it did not answer, or would not tell without a password. */
  readonly words?: SentinelWords;
}

/** One Redis server of the set, asked by itself. */
export interface InstanceFacts {
  readonly component: string;
  readonly namespace: string;
  readonly name: string;
  readonly address: string;
  readonly state: Asked;
  /** What PING was answered: `PONG`, or the code of an error. */
  readonly greeting: string;
  /** `master`, `slave`; empty where it could not be read. */
  readonly role: string;
  readonly runId: string;
  readonly uptimeSeconds: number;
  /** What it replicates from; empty on a master. */
  readonly masterHost: string;
  readonly linkUp: boolean;
  /** False when it was told to hide from the sentinels. */
  readonly announced: boolean;
}

export interface SentinelObservation {
  /** What findings about the whole group speak of: its workload, or its first pod. */
  readonly group: Subject;
  /** When the sentinels were asked, RFC 3339. */
  readonly askedAt: string;
  /** Pods that are not on their way out. */
  readonly sentinels: readonly SentinelFacts[];
  /** How many are. */
  readonly leaving: number;
  /** The Redis components that are watched, as far as the inventory and discovery know them. */
  readonly stores: readonly string[];
  readonly instances: readonly InstanceFacts[];
  /** Address that a sentinel names → `Pod x` or `Service y` that has it and is none of these pods. Absent when it could not be looked up. */
  readonly owners?: Readonly<Record<string, string>>;
}
