import type { StolonPod, StolonStore } from '../shared/stolon.ts';
import type { StolonData } from '../shared/stolon-data.ts';

/**
 * What a proxy did with a question to PostgreSQL. `accepting`, `error`: a PostgreSQL answered. `refused`, `silent`, `closed`, `garbled`: none did. `idle`: its
 * container does not run. `dark`: it could not be asked, which is a blind spot of its own.
 */
export interface ProxyAnswer {
  readonly kind: 'accepting' | 'error' | 'refused' | 'silent' | 'closed' | 'garbled' | 'idle' | 'dark';
  /** Of an error. */
  readonly sqlState?: string;
  readonly message?: string;
}

/** The server behind a proxy, in its own words. */
export interface ServerFacts {
  /** `100013` for 10.13, `90624` for 9.6.24. */
  readonly version: number;
  readonly inRecovery: boolean;
  /** Its own address on the connection; empty when it does not tell. */
  readonly address: string;
  readonly systemId: string;
  readonly maxConnections: number;
  readonly connections: number;
}

export interface ProxyFacts extends StolonPod {
  readonly port: number;
  readonly answer: ProxyAnswer;
  /** Absent without credentials, and where nobody answered. */
  readonly server?: ServerFacts;
  /** When it last read valid cluster data, in seconds since 1970; absent where it exposes no metrics. */
  readonly dataReadAt?: number;
  readonly metricsUnread?: boolean;
}

/** One standby, or one backup, as the master sees it. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  readonly state: string;
  readonly sync: string;
  readonly lagBytes?: number;
  /** Absent when it has caught up and nothing is written. */
  readonly lagSeconds?: number;
}

export interface Slot {
  readonly name: string;
  readonly active: boolean;
  readonly retainedBytes: number;
}

/** What the master says of itself; each part is absent when it could not be asked. */
export interface MasterFacts {
  /** The proxy that led to it. */
  readonly through: string;
  readonly senders?: readonly Sender[];
  readonly slots?: readonly Slot[];
  /** Transactions since the oldest one that is not frozen. */
  readonly transactionAge?: number;
  readonly archiver?: { readonly on: boolean; readonly failed: number; readonly failedAt?: number; readonly archivedAt?: number; readonly file: string };
  readonly idleInTransaction?: { readonly count: number; readonly longestSeconds: number };
}

export interface StolonProxyObservation {
  readonly namespace: string;
  readonly readAt: string;
  readonly proxies: readonly ProxyFacts[];
  /** `dark`: it could not be read. */
  readonly store: StolonStore['kind'] | 'stale' | 'dark';
  /** As it stands, kept up to date or not: the proxies follow it either way. */
  readonly data?: StolonData;
  /** `failed`: nobody could be logged in to, and a blind spot says why. `no-server`: no server was there that takes logins. */
  readonly login: 'done' | 'failed' | 'no-server';
  readonly master?: MasterFacts;
  /** Pods of the keepers. */
  readonly keeperPods: readonly StolonPod[];
  /** Components that hold the keepers and the sentinels. */
  readonly keepers: readonly string[];
  readonly sentinels: readonly string[];
}
