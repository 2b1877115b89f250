/**
 * How asking an exporter ended. `metrics`: it answered as a Redis exporter does. `other`: with something else. `status`: with an HTTP status that is none of
 * success. `locked`: it asks for a login. `waiting`: it lives,
 * and gives no metrics because its server keeps it waiting. `loopback`: it answers inside of its pod alone. `not-running`: there is no process to ask. `dark`: nobody can say,
 * which the probe has reported.
 */
export type ExporterState = 'metrics' | 'other' | 'status' | 'locked' | 'waiting' | 'loopback' | 'refused' | 'silent' | 'broken' | 'not-running' | 'dark';

/** What an exporter was told to watch. `none`: nothing by itself, the scraper names the server. `hidden`: where skiffctl does not look, as in a file. */
export interface WatchFacts {
  readonly mode: 'fixed' | 'none' | 'hidden';
  /** Host and port without login, database and scheme: `apm-redis-0.apm-redis:6379`. */
  readonly addresses: readonly string[];
  /** Whose address it is: a server of the peers, the exporter's own pod, or nobody's that is known. */
  readonly of: 'peer' | 'self' | 'unknown';
  /** The one server that it is, where it is only one. */
  readonly pod?: string;
}

/** What the exporter says of what it watches, from its metrics. */
export interface ScrapeFacts {
  /** `redis_up`; absent when there is no such sample. */
  readonly up?: number;
  /** Whether `redis_exporter_last_scrape_error` is set, and its words. */
  readonly failed: boolean;
  readonly error: string;
  /** From `redis_instance_info`; empty where it does not say. */
  readonly role: string;
  readonly mode: string;
  readonly runId: string;
}

export interface ExporterFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly port: number;
  readonly state: ExporterState;
  readonly status: number;
  readonly detail: string;
  readonly watch: WatchFacts;
  readonly scrape?: ScrapeFacts;
}

/** One server of the peers, asked by itself: the second witness. `answers`: PING got an answer of any kind, be it that it wants a password. */
export interface ServerFacts {
  readonly component: string;
  readonly namespace: string;
  readonly name: string;
  readonly state: 'answers' | 'refused' | 'silent' | 'closed' | 'garbled' | 'not-running' | 'dark';
  readonly wantsPassword: boolean;
  /** Empty where it could not be read. */
  readonly role: string;
  readonly runId: string;
}

export interface ExporterObservation {
  readonly exporters: readonly ExporterFacts[];
  readonly servers: readonly ServerFacts[];
}
