import { Agent, type Dispatcher, ProxyAgent } from 'undici';

export interface AgentOptions {
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string; readonly servername?: string; readonly rejectUnauthorized: boolean };
  readonly connectTimeoutMs: number;
  readonly proxy?: string;
}

/** Connections to one API server at a time. HTTP/2, which every API server speaks, carries many requests on one of them. */
const CONNECTIONS = 8;

/** The one HTTP agent of a connection. It stands in a module of its own so that it is loaded with the first request and not before. */
export function createAgent({ tls, connectTimeoutMs, proxy }: AgentOptions): Dispatcher {
  if (proxy !== undefined) return new ProxyAgent({ uri: proxy, requestTls: tls, proxyTunnel: true });
  return new Agent({ connect: { ...tls, timeout: connectTimeoutMs }, connections: CONNECTIONS });
}
