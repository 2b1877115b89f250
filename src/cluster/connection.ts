import type { Dispatcher } from 'undici';
import type { UnreachableCause } from '../model/check.ts';
import { ProbeError, type ProblemReason } from '../model/problem.ts';
import { type Credential, type CredentialSource, credentialSource } from './credentials.ts';
import type { ClusterAccess } from './kubeconfig.ts';
import { CostMeter } from './meter.ts';
import { proxyFor } from './proxy.ts';

export interface ConnectionOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly userAgent: string;
  /** Most API requests that start within one second. */
  readonly qps: number;
  /** Longest time for one request, in ms, from its start to the end of its body. */
  readonly requestTimeoutMs: number;
  /** Whether a credential plug-in may talk to the person at the terminal. */
  readonly interactive: boolean;
}

export interface RequestOptions {
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
  /** Longest body that is kept, in bytes; more is cut and `truncated` set. */
  readonly maxBytes?: number;
  readonly isList?: boolean;
  /** Media types, the wanted one first. Default: JSON. */
  readonly accept?: string;
  /** Called once, with the first part of the body, while the rest is still on its way. */
  readonly onHead?: (text: string) => void;
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly truncated: boolean;
  readonly elapsedMs: number;
}

/** Longest body of a single answer, in bytes. A page of 500 pods is about 8 MB; nothing that a check needs is larger. */
const MAX_BYTES = 64 * 1024 * 1024;

/** One API server: the only place from which requests leave. One agent is shared by all of them. */
export class Connection {
  readonly access: ClusterAccess;
  readonly meter: CostMeter;
  readonly #options: ConnectionOptions;
  readonly #credentials: CredentialSource;
  readonly #proxy: string | undefined;
  #agent: { readonly dispatcher: Dispatcher; readonly cert: string | undefined } | undefined;
  #agentFlight: Promise<Dispatcher> | undefined;
  /** Cluster time minus local monotonic time, in ms, by the last Date header. */
  #clock: number | undefined;

  constructor(access: ClusterAccess, options: ConnectionOptions) {
    if (!/^https?:\/\//.test(access.server)) {
      throw new ProbeError({ reason: 'PrerequisiteFailed', message: `The server "${access.server}" of context "${access.context}" is no http(s) URL.` });
    }
    this.access = access;
    this.meter = new CostMeter(options.qps);
    this.#options = options;
    this.#credentials = credentialSource(access, options.interactive);
    this.#proxy = proxyFor(access.server, access.proxyUrl, options.env);
  }

  /** The cluster's time: the last Date header, carried on by the local monotonic clock. Local time before the first answer. */
  now(): Date {
    return new Date(this.#clock === undefined ? Date.now() : Math.round(performance.now() + this.#clock));
  }

  get requestTimeoutMs(): number {
    return this.#options.requestTimeoutMs;
  }

  /** What a port-forward needs to open its own connection with the same identity. */
  async handshake(): Promise<{
    readonly credential: Credential;
    readonly access: ClusterAccess;
    readonly userAgent: string;
    readonly proxy: string | undefined;
  }> {
    return { credential: await this.#credentials.current(), access: this.access, userAgent: this.#options.userAgent, proxy: this.#proxy };
  }

  /**
   * GETs a path of the API server. Any HTTP status is an answer; ProbeError is thrown when there was none: refused, timeout, TLS, reset. A reset,
   * a 429 and the short 500s of an etcd that changes its leader are asked once more.
   */
  async get(path: string, options: RequestOptions = {}): Promise<RawAnswer> {
    try {
      const answer = await this.#once(path, options);
      const wait = retryDelay(answer);
      if (wait === undefined) return answer;
      if (answer.status === 401 && !this.#credentials.renew()) return answer;
      await new Promise((resolve) => setTimeout(resolve, wait));
    } catch (error) {
      if (!(error instanceof ProbeError) || error.problem.reason !== 'Reset' || options.signal?.aborted) throw error;
    }
    return this.#once(path, options);
  }

  async #once(path: string, options: RequestOptions): Promise<RawAnswer> {
    const signal = AbortSignal.any([AbortSignal.timeout(options.timeoutMs ?? this.#options.requestTimeoutMs), ...(options.signal ? [options.signal] : [])]);
    const limit = options.maxBytes ?? MAX_BYTES;
    const started = performance.now();
    try {
      const credential = await this.#credentials.current();
      await this.meter.admit(options.isList ?? false, signal);
      const dispatcher = await this.#dispatcher(credential);
      const begun = performance.now();
      const response = await dispatcher.request({
        origin: this.access.server.match(/^https?:\/\/[^/]+/)?.[0] ?? this.access.server,
        path: `${new URL(this.access.server).pathname.replace(/\/$/, '')}${path}`,
        method: 'GET',
        headers: { accept: options.accept ?? 'application/json, */*', 'user-agent': this.#options.userAgent, ...credential.headers } as Record<
          string,
          string | string[]
        >,
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      const chunks: Buffer[] = [];
      let bytes = 0;
      let truncated = false;
      for await (const chunk of response.body as AsyncIterable<Buffer>) {
        this.meter.received(chunk.length);
        if (bytes + chunk.length > limit) {
          chunks.push(chunk.subarray(0, limit - bytes));
          truncated = true;
          break; // leaving the loop destroys the body: the rest is not read
        }
        if (bytes === 0) options.onHead?.(chunk.toString('utf8'));
        chunks.push(chunk);
        bytes += chunk.length;
      }
      const headers = flatten(response.headers);
      // What comes through a proxy carries the clock of whatever is behind it.
      if (!path.includes('/proxy')) this.#learnClock(headers['date']);
      return { status: response.statusCode, headers, body: Buffer.concat(chunks).toString('utf8'), truncated, elapsedMs: performance.now() - begun };
    } catch (error) {
      throw connectionError(error, this.access.server, path, performance.now() - started, options.signal);
    }
  }

  #learnClock(date: string | undefined): void {
    const time = date === undefined ? Number.NaN : Date.parse(date);
    // A Date header names the second that has begun: on average half of it is over.
    if (!Number.isNaN(time)) this.#clock = time + 500 - performance.now();
  }

  async #dispatcher(credential: Credential): Promise<Dispatcher> {
    if (this.#agent && this.#agent.cert === credential.cert) return this.#agent.dispatcher;
    this.#agentFlight ??= this.#newAgent(credential).finally(() => {
      this.#agentFlight = undefined;
    });
    return this.#agentFlight;
  }

  async #newAgent(credential: Credential): Promise<Dispatcher> {
    const { access } = this;
    const tls = {
      ...(access.ca === undefined ? {} : { ca: access.ca }),
      ...(credential.cert === undefined ? {} : { cert: credential.cert, key: credential.key ?? '' }),
      ...(access.tlsServerName === undefined ? {} : { servername: access.tlsServerName }),
      rejectUnauthorized: !access.insecureSkipTlsVerify,
    };
    const { createAgent } = await import('./agent.ts');
    const dispatcher = createAgent({
      tls,
      connectTimeoutMs: this.#options.requestTimeoutMs,
      ...(this.#proxy === undefined ? {} : { proxy: this.#proxy }),
    });
    void this.#agent?.dispatcher.close();
    this.#agent = { dispatcher, cert: credential.cert };
    return dispatcher;
  }

  async close(): Promise<void> {
    await this.#agent?.dispatcher.destroy();
  }
}

/** How long to wait before asking once more, in ms; undefined when the answer stands. */
function retryDelay(answer: RawAnswer): number | undefined {
  if (answer.status === 401) return 0;
  if (answer.status === 429) return Math.min(5000, 1000 * (Number(answer.headers['retry-after']) || 1));
  // Seen for some seconds around an etcd leader change (Kubernetes 1.20, etcd 3.4).
  if (answer.status === 500 && /etcdserver: leader changed|transport is closing/.test(answer.body)) return 1000;
  return undefined;
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
}

const REASON_BY_CODE: Readonly<Record<string, ProblemReason>> = {
  ECONNREFUSED: 'Refused',
  ENOTFOUND: 'NameNotResolved',
  EAI_AGAIN: 'NameNotResolved',
  ECONNRESET: 'Reset',
  EPIPE: 'Reset',
  UND_ERR_SOCKET: 'Reset',
  ETIMEDOUT: 'Timeout',
  EHOSTUNREACH: 'Timeout',
  ENETUNREACH: 'Timeout',
  UND_ERR_CONNECT_TIMEOUT: 'Timeout',
  UND_ERR_HEADERS_TIMEOUT: 'Timeout',
  UND_ERR_BODY_TIMEOUT: 'Timeout',
};

/** What a failed request says about the connection. An error that is neither the network's nor TLS' nor undici's is a mistake of ours and stays what it is. */
function connectionError(error: unknown, server: string, path: string, elapsedMs: number, outer: AbortSignal | undefined): unknown {
  if (error instanceof ProbeError) return error;
  const cause = deepest(error);
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const what = `GET ${server}${path.split('?')[0] ?? ''}`;
  const name = cause instanceof Error ? cause.name : '';
  if (name === 'TimeoutError' || name === 'AbortError') {
    const reason = outer?.aborted ? 'DeadlineExceeded' : 'Timeout';
    return new ProbeError({ reason, message: `${what}: no complete answer within ${(elapsedMs / 1000).toFixed(1)} s.` }, { cause: error });
  }
  const reason = REASON_BY_CODE[code] ?? (isTlsCode(code) ? 'TlsError' : isConnectionCode(code) ? 'Reset' : undefined);
  if (reason === undefined) return error;
  const text = cause instanceof Error ? cause.message : String(cause);
  return new ProbeError({ reason, message: `${what}: ${text}${code === '' || text.includes(code) ? '' : ` (${code})`}.` }, { cause: error });
}

/** The codes of Node's TLS layer: OpenSSL's verification results (`CERT_HAS_EXPIRED`, `UNABLE_TO_…`) and its own `ERR_TLS_…`, `ERR_SSL_…`. */
function isTlsCode(code: string): boolean {
  return /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|EPROTO|ERR_OSSL)/.test(code);
}

/** Errors of undici, of its parser and of HTTP/2, and those of sockets: all begin in this way. */
function isConnectionCode(code: string): boolean {
  return /^(UND_ERR_|HPE_|ERR_HTTP|E[A-Z]{4,}$)/.test(code);
}

function deepest(error: unknown): unknown {
  let current = error;
  for (let depth = 0; depth < 5; depth += 1) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else if (current instanceof Error && current.cause instanceof Error) current = current.cause;
    else break;
  }
  return current;
}

/** What a connection problem means for the one who asked through a proxy. */
export function unreachableCause(text: string): UnreachableCause {
  if (/connection refused/i.test(text)) return 'refused';
  if (/no endpoints available/i.test(text)) return 'no-endpoints';
  if (/no route to host|network is unreachable/i.test(text)) return 'no-route';
  if (/i\/o timeout|context deadline exceeded|timed out|Timeout exceeded/i.test(text)) return 'timeout';
  if (/malformed HTTP|first record does not look like a TLS handshake|server gave HTTP response to HTTPS client/i.test(text)) return 'not-http';
  if (/x509|tls:|certificate/i.test(text)) return 'tls';
  if (/EOF|connection reset|broken pipe|server closed idle/i.test(text)) return 'reset';
  return 'other';
}
