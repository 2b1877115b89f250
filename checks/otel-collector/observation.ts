/** What a collector handles. */
export type Signal = 'spans' | 'metric_points' | 'log_records';

/** What one part of a pipeline did with one signal since the process began, in items. */
export interface Flow {
  readonly stage: 'receiver' | 'processor' | 'exporter';
  /** The component's id in the configuration, for example `otlp/backend`. */
  readonly name: string;
  readonly signal: Signal;
  /** Accepted by a receiver or processor, sent by an exporter. */
  readonly passed: number;
  /** Refused by a receiver or processor, failed for good by an exporter. */
  readonly rejected: number;
  /** Failed by the receiver itself, dropped by a processor, not taken into an exporter's queue. */
  readonly lost: number;
}

/** The sending queue of an exporter, in batches or in whatever the exporter counts. */
export interface Queue {
  readonly exporter: string;
  readonly size: number;
  /** Absent in old versions. */
  readonly capacity?: number;
}

/** One scrape of the collector's own metrics. */
export interface Scrape {
  readonly flows: readonly Flow[];
  readonly queues: readonly Queue[];
  /** Seconds since the process began; absent when it does not say. */
  readonly uptime?: number;
}

/**
 * What the health port said. `absent`: there is none, which is as the configuration has it. `refused` and `silent`: it is the pod's own probe that names the
 * port. `other`: what answers is no health check. `unasked`: the pod does not run, or a blind spot says why.
 */
export type Health =
  | { readonly kind: 'available' | 'absent' | 'refused' | 'silent' | 'unasked' }
  | { readonly kind: 'unavailable' | 'other'; readonly status: number; readonly detail: string };

/** What the port of its own metrics said. `other`: what answers are not the metrics of a collector. */
export type Metrics =
  | { readonly kind: 'absent' | 'silent' | 'unasked' }
  | { readonly kind: 'other'; readonly detail: string }
  | { readonly kind: 'read'; readonly first: Scrape; readonly second?: Scrape; readonly secondsBetween?: number };

/** The last end of a container that does not stay up. */
export interface Crash {
  readonly exitCode: number;
  /** The line of its log that blames the configuration; empty when none does. */
  readonly configuration: string;
  /** False when its log could not be read, which the probe has reported. */
  readonly logRead: boolean;
}

export interface CollectorFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly state: 'running' | 'not-running' | 'node-lost';
  readonly healthPort: number;
  readonly metricsPort: number;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly crash?: Crash;
  /** Why an exporter failed last, in the words of the log. */
  readonly exportError?: string;
}

export interface CollectorObservation {
  readonly collectors: readonly CollectorFacts[];
  /** Where its data goes, as far as that is known: the components behind it, nearest first. */
  readonly backends: readonly string[];
}
