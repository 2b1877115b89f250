import type { StolonPod } from '../shared/stolon.ts';
import type { StolonData } from '../shared/stolon-data.ts';

/** What a keeper says of itself. Times in seconds since 1970, 0 for never. */
export interface KeeperMetrics {
  /** When it last read valid cluster data. */
  readonly dataReadAt?: number;
  /** When its PostgreSQL was last as it should be. */
  readonly syncedAt?: number;
  readonly needsRestart?: boolean;
  /** `master`, `standby`, or empty while it has none. */
  readonly targetRole: string;
  readonly localRole: string;
}

export interface KeeperPod extends StolonPod {
  /** True when the kubelet's readiness probe asks its PostgreSQL: only then does Ready say something about it. */
  readonly probed: boolean;
  /** Absent where it exposes none. */
  readonly metrics?: KeeperMetrics;
  /** True when its metrics could not be read, which is a blind spot of its own. */
  readonly metricsUnread?: boolean;
}

export interface StolonKeeperObservation {
  readonly namespace: string;
  /** Absent when it is not there, cannot be read or is not kept up to date: a blind spot then says so. */
  readonly data?: StolonData;
  /** The cluster's time just after the data was read. */
  readonly readAt: string;
  readonly pods: readonly KeeperPod[];
  /** Components that hold the sentinels. */
  readonly sentinels: readonly string[];
}
