import type { Login, ServerSilence } from '../../src/model/conversation.ts';

/**
 * What became of asking one instance. `pong` and `error`: it spoke. `refused`, `silent`, `closed`, `garbled`: facts about the server. `unasked`: the way
 * to it was not open, which is no fact about it. `not-running` and `node-lost`: its container or its node does not run, so it was not tried.
 */
export type Answer = 'pong' | 'error' | ServerSilence | 'unasked' | 'not-running' | 'node-lost';

/** Whom a replica follows, as it says itself. */
export interface Upstream {
  /** As it was configured: an address or a name. */
  readonly host: string;
  readonly port: number;
  readonly link: 'up' | 'down';
  /** Since when the link is down; -1 when it was never up. */
  readonly downSeconds?: number;
  readonly syncing: boolean;
  /** Bytes of the copy that are still to come. */
  readonly syncLeftBytes?: number;
  readonly lastIoSeconds?: number;
  readonly offset?: number;
  readonly priority?: number;
}

/** A replica as its master sees it. */
export interface Follower {
  readonly address: string;
  /** `online`, `wait_bgsave`, `send_bulk`. */
  readonly state: string;
  readonly offset?: number;
  /** Seconds since the master heard of it; -1 when it never did. */
  readonly lagSeconds?: number;
}

export interface Downstream {
  readonly connected: number;
  /** At most 20. */
  readonly followers: readonly Follower[];
  /** The master's own position. */
  readonly offset?: number;
  /** Replicas that min-replicas-max-lag counts as good, where a minimum is configured. */
  readonly good?: number;
  /** min-replicas-to-write, where one is configured. */
  readonly wanted?: number;
  /** `no-failover` unless FAILOVER runs; from 6.2 on. */
  readonly failover?: string;
  /** Whole copies that were handed out since its start. */
  readonly fullSyncs?: number;
}

export interface Persistence {
  readonly bgsaveOk?: boolean;
  readonly aofEnabled?: boolean;
  readonly aofWriteOk?: boolean;
  readonly aofRewriteOk?: boolean;
  readonly changesSinceSave?: number;
  /** RFC 3339. */
  readonly lastSaveAt?: string;
  /** The setting `save`; asked for only when the last save is old. Empty when nothing is to be saved. */
  readonly savePoints?: string;
}

export interface Memory {
  readonly used: number;
  /** 0 for no limit. */
  readonly max: number;
  readonly policy: string;
  /** Keys that were thrown away since its start to make room. */
  readonly evicted?: number;
  /** Commands that were refused since its start for want of memory; from 6.2 on. */
  readonly refused?: number;
}

export interface Clients {
  readonly connected: number;
  readonly max?: number;
  /** Connections that were turned away since its start. */
  readonly rejected?: number;
}

/** What INFO says, or what an exporter passes on of it. What is missing was not said. */
export interface Facts {
  /** Empty when it was not said. */
  readonly role: 'master' | 'replica' | '';
  /** `standalone`, `cluster`. */
  readonly mode: string;
  readonly version: string;
  /** Made anew at each start: it tells instances apart, and restarts. */
  readonly runId: string;
  readonly uptimeSeconds?: number;
  readonly loading?: boolean;
  readonly loadingEtaSeconds?: number;
  readonly loadedPercent?: number;
  readonly upstream?: Upstream;
  readonly downstream?: Downstream;
  readonly persistence?: Persistence;
  readonly memory?: Memory;
  readonly clients?: Clients;
}

export interface Instance {
  readonly namespace: string;
  readonly name: string;
  /** Its pod's address; empty when it has none. */
  readonly address: string;
  readonly node: string;
  readonly port: number;
  readonly ready: boolean;
  readonly answer: Answer;
  /** The error that it answered PING with. */
  readonly error?: { readonly code: string; readonly text: string };
  readonly login?: Login;
  /** Who told the facts. `exporter`: it could not be asked itself, and an exporter that may ask it was. */
  readonly witness: 'itself' | 'exporter' | 'nobody';
  readonly facts?: Facts;
}

export interface RedisObservation {
  readonly component: string;
  readonly instances: readonly Instance[];
  /** True when sentinels watch the set: a peer that is present. */
  readonly watched: boolean;
  /** Addresses of Services that replicas follow: no pod's, and yet alive. */
  readonly services: readonly string[];
}
