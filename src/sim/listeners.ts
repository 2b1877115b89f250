import type { Duplex } from 'node:stream';
import type { ClusterState } from './state.ts';

/** A pod as a backend sees itself. */
export interface BackendPod {
  readonly namespace: string;
  readonly name: string;
  readonly ip: string;
  readonly node: string;
  /** Inventory id of the component it belongs to; empty for pods that belong to none. */
  readonly component: string;
}

export interface BackendRequest {
  readonly method: string;
  /** Path behind the proxy, with its leading slash, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Request body, for protocols that have POSTs of their own; empty through the proxy. */
  readonly body: string;
  readonly pod: BackendPod;
  readonly state: ClusterState;
}

export interface BackendAnswer {
  /** Default 200. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A string is sent as it is; anything else as JSON. */
  readonly body?: unknown;
  /** Waits this long before it answers, in ms. */
  readonly delayMs?: number;
}

export type HttpBackend = BackendAnswer | ((request: BackendRequest) => BackendAnswer | BrokenListener);

/** Speaks a wire protocol on one connection. Ending the stream closes the connection. */
export type ByteBackend = (stream: Duplex, pod: BackendPod, state: ClusterState) => void;

/**
 * A port that does not serve: `refused` nobody listens, `timeout` packets vanish, `no-route` the host is gone, `reset` the connection is torn
 * down, `not-http` it closes as soon as it is spoken HTTP to.
 */
export type BrokenListener = 'refused' | 'timeout' | 'no-route' | 'reset' | 'not-http';

/**
 * Where a listener is bound. `loopback` is refused through the proxy and served through a port-forward; `pod-ip` the other way round;
 * `all` is both.
 */
export type Binding = 'all' | 'loopback' | 'pod-ip';

export type Listener =
  | BrokenListener
  | { readonly http: HttpBackend; readonly tls?: boolean; readonly bind?: Binding }
  | { readonly bytes: ByteBackend; readonly bind?: Binding };

/** Runs an HTTP backend. What is not a string becomes JSON. */
export function httpAnswer(
  backend: HttpBackend,
  request: BackendRequest,
): BrokenListener | { status: number; headers: Record<string, string>; body: string; delayMs: number } {
  const answer = typeof backend === 'function' ? backend(request) : backend;
  if (typeof answer === 'string') return answer;
  const isText = answer.body === undefined || typeof answer.body === 'string';
  const contentType = isText ? 'text/plain; charset=utf-8' : 'application/json';
  return {
    status: answer.status ?? 200,
    headers: { 'content-type': contentType, ...answer.headers },
    body: typeof answer.body === 'string' ? answer.body : answer.body === undefined ? '' : JSON.stringify(answer.body),
    delayMs: answer.delayMs ?? 0,
  };
}
