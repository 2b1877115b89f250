import type { Silence } from '../shared/prometheus-reach.ts';

/**
 * How asking for metrics ended. `metrics`: with samples. `empty`: with none. `other`: with something else than the text format. `status`: with an HTTP status that is none of success. `locked`: it
 * asks for a login. `loopback`: it answers inside of its pod alone. `not-running`: there is no process to ask. `dark`: nobody can say, which the probe has reported.
 */
export type EndpointState = 'metrics' | 'empty' | 'other' | 'status' | 'locked' | 'loopback' | Silence | 'not-running' | 'dark';

export interface EndpointFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly port: number;
  readonly path: string;
  readonly state: EndpointState;
  readonly status: number;
  readonly detail: string;
  readonly samples: number;
  /** Those that are not about itself (Go, process, JVM, its failures …). */
  readonly own: number;
  /** RFC 3339: the newest time among its samples that is one of its own work, where there is any. */
  readonly newest?: string;
}

/** What one Prometheus says of this component. `dark`: it could not be asked, which the probe has reported. `not-ready`: it does not serve at the moment. */
export interface WatcherFacts {
  readonly component: string;
  readonly name: string;
  readonly state: 'asked' | 'not-ready' | 'dark';
  readonly targets: readonly { readonly instance: string; readonly pool: string; readonly health: 'up' | 'down' | 'unknown'; readonly error: string }[];
}

export interface MetricsObservation {
  readonly endpoints: readonly EndpointFacts[];
  readonly watchers: readonly WatcherFacts[];
}
