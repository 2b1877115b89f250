import type { Silence } from '../shared/prometheus-reach.ts';

/**
 * What asking a server whether it is ready came to. `starting`: it answers 503, as it does while it reads its write-ahead log. `loopback`: it answers inside of its pod alone. `foreign`: what
 * answers is no Prometheus. `locked`: it asks for a login. `not-running`: there is no process to ask. `dark`: nobody can say, which the probe has reported.
 */
export type ServerState = 'ready' | 'starting' | 'foreign' | 'loopback' | Silence | 'locked' | 'not-running' | 'dark';

/** What a Prometheus tells of itself on `/metrics`. Counters are since its start; what a version does not tell is missing. */
export interface SelfFacts {
  readonly version?: string;
  /** Seconds since the epoch as it tells them: the same number is in its own store when it scrapes itself. */
  readonly startedSeconds?: number;
  readonly reloaded?: boolean;
  /** RFC 3339, of the last time that it worked. */
  readonly reloadedAt?: string;
  readonly series?: number;
  /** Of its blocks; what is in memory and in its log aside. */
  readonly blockBytes?: number;
  /** RFC 3339, of the newest sample. */
  readonly newestSample?: string;
  readonly walCorruptions?: number;
  /** What went wrong with the storage since the start, by what was tried; only what did. */
  readonly storageFailures: Readonly<Partial<Record<StorageWork, number>>>;
  readonly alertmanagers?: number;
  readonly notificationsDropped?: number;
  readonly notificationErrors?: number;
  /** Answers 401 and 403 of the API server to its service discovery. */
  readonly discoveryRefused?: number;
}

export type StorageWork = 'wal-write' | 'wal-truncation' | 'checkpoint' | 'compaction' | 'head-truncation' | 'block-reload';

export interface PoolFacts {
  readonly pool: string;
  readonly total: number;
  readonly up: number;
  readonly down: number;
}

export interface DownTarget {
  readonly pool: string;
  readonly instance: string;
  readonly url: string;
  readonly error: string;
  /** Components that it is, or is on. */
  readonly components: readonly string[];
}

export interface TargetsFacts {
  /** Targets that are up, itself aside. */
  readonly reached: number;
  readonly pools: readonly PoolFacts[];
  /** The first of each pool. */
  readonly down: readonly DownTarget[];
}

export interface FiringAlert {
  readonly name: string;
  readonly severity: string;
  readonly count: number;
  /** RFC 3339, of the oldest. */
  readonly since: string;
}

export interface RulesFacts {
  readonly alerting: number;
  readonly recording: number;
  /** The first ones whose last evaluation failed, and how many there are. */
  readonly failing: readonly { readonly group: string; readonly rule: string; readonly error: string }[];
  readonly failingCount: number;
  readonly groups: readonly GroupFacts[];
  readonly firing: readonly FiringAlert[];
}

/** Timing of a rule group that is not on time; groups that are, are left out. */
export interface GroupFacts {
  readonly group: string;
  readonly intervalSeconds: number;
  readonly tookSeconds: number;
  /** RFC 3339; missing when it was never evaluated. */
  readonly evaluatedAt?: string;
}

/** An exporter that is scraped and says that it does not see what it watches. */
export interface BlindExporter {
  readonly metric: string;
  readonly job: string;
  readonly instance: string;
  readonly components: readonly string[];
}

/** Notifications to one Alertmanager that failed lately, of those that were sent. */
export interface SendingErrors {
  readonly alertmanager: string;
  readonly count: number;
  readonly sent: number;
  readonly components: readonly string[];
}

/** What the combined query told. */
export interface QueriedFacts {
  /** The server's own clock, RFC 3339. */
  readonly at: string;
  readonly blind: readonly BlindExporter[];
  readonly blindCount: number;
  /** Whether its own metrics are in its store: without them what follows is not known. */
  readonly scrapesItself: boolean;
  /** What rose in its own counters lately. */
  readonly dropped: number;
  readonly errors: readonly SendingErrors[];
  readonly storageFailures: readonly StorageWork[];
  readonly ruleFailures: readonly string[];
  readonly missedGroups: readonly string[];
}

/** Words of its log that the storage could not be written. */
export interface StorageComplaint {
  readonly kind: 'no-space' | 'read-only' | 'io-error';
  readonly line: string;
  /** RFC 3339, when the line tells. */
  readonly at?: string;
}

export interface ServerFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly port: number;
  readonly state: ServerState;
  readonly status: number;
  readonly detail: string;
  readonly agent: boolean;
  readonly retention?: string;
  /** RFC 3339, of its process or else of its container. */
  readonly startedAt?: string;
  /** How far it is with its write-ahead log, in segments. */
  readonly replay?: { readonly current: number; readonly last: number };
  readonly self?: SelfFacts;
  /** Missing: not asked, or not to be had. `not-served`: this version has none. */
  readonly targets?: TargetsFacts | 'not-served';
  readonly rules?: RulesFacts | 'not-served';
  readonly queried?: QueriedFacts | 'not-served';
  readonly complaint?: StorageComplaint;
  /** The metrics with the most series, asked only of a large server. */
  readonly largest?: readonly { readonly metric: string; readonly series: number }[];
}

export interface PrometheusObservation {
  readonly servers: readonly ServerFacts[];
}
