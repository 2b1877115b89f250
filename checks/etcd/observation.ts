/** A histogram of Prometheus, cumulative: how many observations were at most as long as each bound. Seconds. */
export interface Histogram {
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
  /** All observations. */
  readonly count: number;
}

/** What `maintenance/status` says of a member. Ids are decimal, as the gateway writes them; `0` is nobody. */
export interface StatusFacts {
  readonly clusterId: string;
  readonly memberId: string;
  readonly leader: string;
  readonly term: number;
  readonly revision: number;
  /** The index up to which this member knows that the cluster has committed. */
  readonly committed: number;
  /** Absent before 3.4. */
  readonly applied?: number;
  readonly version: string;
  /** Bytes. */
  readonly dbSize: number;
  /** Bytes; absent before 3.4. */
  readonly dbInUse?: number;
  readonly learner: boolean;
  /** From 3.4 on: alarms and the lack of a leader, in etcd's words. */
  readonly errors?: readonly string[];
}

/** What a scrape of `/metrics` says. What the member does not export is absent. */
export interface MetricFacts {
  readonly memberId?: string;
  readonly hasLeader?: boolean;
  readonly isLeader?: boolean;
  readonly learner?: boolean;
  readonly leaderChanges?: number;
  readonly pending?: number;
  readonly committed?: number;
  readonly applied?: number;
  readonly dbSize?: number;
  readonly dbInUse?: number;
  /** Bytes as the member was told: 0 is the default, a negative one none. */
  readonly quota?: number;
  readonly openFiles?: number;
  readonly mostFiles?: number;
  /** RFC 3339, when the process was started. */
  readonly startedAt?: string;
  readonly version?: string;
  readonly clusterVersion?: string;
  /** Ids of the peers to which there is a connection or none. Absent before 3.3. */
  readonly peers?: readonly { readonly id: string; readonly connected: boolean }[];
  readonly fsync?: Histogram;
  readonly commit?: Histogram;
  readonly roundTrips: readonly { readonly to: string; readonly times: Histogram }[];
}

/** An entry of the member list. */
export interface ListedMember {
  readonly id: string;
  /** Empty until it has started for the first time. */
  readonly name: string;
  readonly peerUrls: readonly string[];
  readonly clientUrls: readonly string[];
  readonly learner: boolean;
}

export interface Health {
  readonly healthy: boolean;
  /** Why not, in etcd's words (from 3.5 on, or from `/readyz`); empty when it does not say. */
  readonly reason: string;
  readonly status: number;
}

/**
 * How a member met the question for its health. `refused`: nobody listens. `silent`: it accepts and says nothing. `closed`: it accepts and closes.
 * `foreign`: what answers is no etcd. `not-running`: its container does not run, so nobody was asked. `no-way`: its node is not ready and nothing on it
 * answers. `dark`: we could not look; a blind spot says why.
 */
export type Answer = 'answers' | 'refused' | 'silent' | 'closed' | 'foreign' | 'not-running' | 'no-way' | 'dark';

/** A pod of the component in which an etcd runs. */
export interface MemberFacts {
  readonly pod: string;
  readonly namespace: string;
  readonly address: string;
  readonly node: string;
  /** Known only where a member does not answer. */
  readonly nodeReady?: boolean;
  readonly startedAt?: string;
  /** The port that was asked. */
  readonly port: number;
  readonly answer: Answer;
  /** What came instead of an answer, or why the container does not run. */
  readonly detail: string;
  /** `--quota-backend-bytes`, where it is given. */
  readonly quotaFlag?: number;
  readonly health?: Health;
  readonly version?: string;
  /** `not_decided` until the members have agreed for the first time. */
  readonly clusterVersion?: string;
  readonly status?: StatusFacts;
  readonly listed?: readonly ListedMember[];
  readonly metrics?: MetricFacts;
  /** What a second look found, where the first one gave reason for it. */
  readonly again?: { readonly health?: Health; readonly status?: StatusFacts; readonly metrics?: MetricFacts };
}

export interface AlarmFacts {
  readonly memberId: string;
  /** `NOSPACE` or `CORRUPT`. */
  readonly alarm: string;
}

export interface EtcdObservation {
  /** `no-pods`: none is there. `no-etcd`: there are pods, and none of them is an etcd. */
  readonly kind: 'etcd' | 'no-pods' | 'no-etcd';
  readonly members: readonly MemberFacts[];
  /** The cluster's alarms, as one member listed them; absent when none could be asked. */
  readonly alarms?: readonly AlarmFacts[];
  /** Seconds from the first to the second look; absent when there was one look only. */
  readonly secondsBetween?: number;
  /** The cluster's time after the first look. */
  readonly readAt: string;
}
