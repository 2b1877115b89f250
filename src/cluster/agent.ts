import { Agent, type Dispatcher, ProxyAgent } from 'undici';

export interface AgentOptions {
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string; readonly rejectUnauthorized: boolean };
  readonly connectTimeoutMs: number;
  readonly proxy?: string;
}

/**
 * Connections to one API server at a time. HTTP/1.1 over a few connections: with the ceiling on requests per second HTTP/2 gains nothing that its
 * start-up (node:http2 loads as long as TLS itself) would not lose.
 */
const CONNECTIONS = 8;

/** The one HTTP agent of a connection. It stands in a module of its own so that it is loaded with the first request and not before. */
export function createAgent({ tls, connectTimeoutMs, proxy }: AgentOptions): Dispatcher {
  if (proxy !== undefined) return new ProxyAgent({ uri: proxy, requestTls: tls, proxyTunnel: true, allowH2: false });
  return new Agent({ connect: { ...tls, timeout: connectTimeoutMs }, connections: CONNECTIONS, allowH2: false });
}
