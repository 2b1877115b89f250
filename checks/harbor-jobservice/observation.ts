import type { PartFacts } from '../shared/harbor-parts.ts';

/** One worker pool, as its heartbeat in Redis tells. */
export interface PoolFacts {
  readonly id: string;
  /** `Healthy` or `Dead`, by the clock of the job service. */
  readonly status: string;
  /** RFC 3339; empty when it tells no time that makes sense. */
  readonly heartbeatAt: string;
  readonly concurrency: number;
}

export interface JobserviceFacts extends PartFacts {
  /** Absent when it did not tell. All replicas tell of all pools: they share them in Redis. */
  readonly pools?: readonly PoolFacts[];
}

export interface JobserviceObservation {
  readonly replicas: readonly JobserviceFacts[];
  /** Components that its Redis is reached through. */
  readonly redis: readonly string[];
}
