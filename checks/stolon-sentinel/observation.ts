import type { StolonPod, StolonStore } from '../shared/stolon.ts';

export interface SentinelFacts extends StolonPod {
  /** Whether its own metrics say that it leads; absent where it exposes none, or none that could be read. */
  readonly leads?: boolean;
}

export interface StolonSentinelObservation {
  readonly namespace: string;
  /** Absent when it lies where skiffctl does not read, or could not be read: a blind spot then says so. */
  readonly store?: Exclude<StolonStore, { readonly kind: 'elsewhere' | 'unfound' }>;
  /** The cluster's time just after the data was read. */
  readonly readAt: string;
  readonly sentinels: readonly SentinelFacts[];
  /** Components that hold the keepers. */
  readonly keepers: readonly string[];
}
