import type { ServerSilence } from '../../src/model/conversation.ts';

/**
 * What became of asking one pod. `pong` and `error`: something spoke the protocol of Redis. `unasked`: the way to it was not open, which is no fact about
 * it. `not-running` and `node-lost`: it was not tried.
 */
export type Answer = 'pong' | 'error' | ServerSilence | 'unasked' | 'not-running' | 'node-lost';

/** A Redis instance as it says itself. */
export interface Redis {
  /** Empty when it was not said. */
  readonly role: 'master' | 'replica' | '';
  /** Made anew at each start of an instance, and no other one's. */
  readonly runId: string;
}

/** One server of the backend that the Redis port leads to, as HAProxy's statistics have it. */
export interface ServerRow {
  readonly backend: string;
  readonly name: string;
  /** As HAProxy words it: `UP`, `UP 1/3`, `DOWN`, `MAINT (resolution)`, `no check`. */
  readonly status: string;
  /** False for a server that only stands in when no other is up. */
  readonly active: boolean;
  /** The last check: `L7OK`, `L7TOUT`, `L4CON`. */
  readonly check: string;
  /** What that check said. */
  readonly detail: string;
  /** Seconds since it went up or down. */
  readonly changedSeconds?: number;
  /** Host that the configuration gives it; empty when that could not be read. */
  readonly host: string;
}

export interface Proxy {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly ready: boolean;
  readonly port: number;
  readonly answer: Answer;
  /** The error that PING was answered with through it. */
  readonly error?: { readonly code: string; readonly text: string };
  /** The instance that answered INFO through it. */
  readonly leadsTo?: Redis;
  /** True when its configuration listens on every address of the pod; undefined when that could not be read. */
  readonly listensEverywhere?: boolean;
  /** Absent when the statistics could not be read. At most 50 servers. */
  readonly servers?: readonly ServerRow[];
}

/** A pod of the Redis set behind it. */
export interface Instance {
  readonly name: string;
  /** Empty when it has none. */
  readonly address: string;
  readonly answer: Answer;
  /** Absent when it did not say. */
  readonly redis?: Redis;
}

export interface HaproxyObservation {
  /** Components of the Redis that it leads to. */
  readonly redis: readonly string[];
  readonly proxies: readonly Proxy[];
  readonly instances: readonly Instance[];
  /** Services of the namespace that a server's host may name. */
  readonly services: readonly { readonly name: string; readonly address: string }[];
}
