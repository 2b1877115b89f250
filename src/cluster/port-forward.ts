import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { type ConnectionOptions, connect as tlsConnect } from 'node:tls';
import { WebSocket } from 'ws';
import type { ByteStream, ObjectRef } from '../model/check.ts';
import { ProbeError, type Problem, type ProblemReason } from '../model/problem.ts';
import type { Credential } from './credentials.ts';
import type { ClusterAccess } from './kubeconfig.ts';

export interface PortForwardOptions {
  readonly access: Pick<ClusterAccess, 'server' | 'ca' | 'tlsServerName' | 'insecureSkipTlsVerify'>;
  readonly credential: Credential;
  readonly userAgent: string;
  readonly pod: ObjectRef;
  /** 1 to 65535, inside the pod. */
  readonly port: number;
  /** Ends the connection, before and after it is open. */
  readonly signal: AbortSignal;
  /** HTTP proxy, for example `http://proxy.example:3128`. */
  readonly proxy?: string;
}

const PROTOCOL = 'v4.channel.k8s.io';

/** Longest body of a refused upgrade and longest text of the error channel that is kept, in bytes. */
const MAX_TEXT = 16_384;

/**
 * Opens a connection to a port inside a pod through the API server. Resolves when the API server has agreed; whether anybody listens in the pod
 * is known only after that, from the first read, which throws ProbeError with reason `Refused` then.
 *
 * Throws ProbeError: `Forbidden` with what it needs, `Unauthorized`, `NotFound`, `ServerError` (the kubelet cannot be reached), and `Refused`,
 * `Timeout`, `Reset`, `NameNotResolved`, `TlsError` for the connection to the API server itself.
 */
export async function openPortForward(options: PortForwardOptions): Promise<PortForwardStream> {
  const { access, credential, pod, port, signal } = options;
  const what = `port-forward to ${pod.namespace}/${pod.name}:${port}`;
  if (signal.aborted) throw interrupted(signal, what);
  const base = new URL(access.server);
  const secure = base.protocol === 'https:';
  const tls: ConnectionOptions = {
    ...(access.ca === undefined ? {} : { ca: access.ca }),
    ...(credential.cert === undefined ? {} : { cert: credential.cert, key: credential.key ?? '' }),
    ...(access.tlsServerName === undefined ? {} : { servername: access.tlsServerName }),
    rejectUnauthorized: !access.insecureSkipTlsVerify,
    // A WebSocket begins as HTTP/1.1; an API server that may choose would take HTTP/2.
    ALPNProtocols: ['http/1.1'],
  };
  const path = `${base.pathname.replace(/\/$/, '')}/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/pods/${encodeURIComponent(pod.name)}/portforward?ports=${port}`;
  try {
    const tunnel = options.proxy === undefined ? undefined : await throughProxy(options.proxy, base, signal);
    const socket = tunnel && secure ? tlsConnect({ ...tls, socket: tunnel, servername: tls.servername ?? base.hostname }) : tunnel;
    const webSocket = new WebSocket(`${secure ? 'wss' : 'ws'}://${base.host}${path}`, [PROTOCOL], {
      ...tls,
      headers: { 'user-agent': options.userAgent, ...credential.headers },
      // What is forwarded is often compressed or encrypted already.
      perMessageDeflate: false,
      followRedirects: false,
      ...(socket === undefined ? {} : { createConnection: () => socket }),
    });
    return await opened(webSocket, what, options);
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    if (signal.aborted) throw interrupted(signal, what);
    throw connectionProblem(error, what);
  }
}

async function opened(webSocket: WebSocket, what: string, { pod, signal }: PortForwardOptions): Promise<PortForwardStream> {
  const { promise, resolve, reject } = Promise.withResolvers<PortForwardStream>();
  const abort = (): void => {
    reject(interrupted(signal, what));
    webSocket.terminate();
  };
  signal.addEventListener('abort', abort, { once: true });
  webSocket.on('error', reject);
  // One that is ended before it is open says so when nobody waits for it any more, which must not end the process.
  webSocket.on('error', () => undefined);
  webSocket.on('unexpected-response', (_request, response: IncomingMessage) => {
    // ws leaves the connection to whoever takes the answer.
    readText(response)
      .then((text) => reject(refusal(response.statusCode ?? 0, text, what, pod)))
      .catch(reject)
      .finally(() => response.destroy());
  });
  // The stream takes its handlers in the same turn: the first frames may come in the packet that carries the 101.
  webSocket.on('open', () => resolve(new PortForwardStream(webSocket, what, signal)));
  try {
    return await promise;
  } finally {
    signal.removeEventListener('abort', abort);
    webSocket.off('error', reject);
  }
}

/**
 * One forwarded connection. Read it as an async iterable and `write` to it, or hand `duplex` to a library that wants a socket; not both. Back-pressure
 * holds in both directions. v4.channel.k8s.io has no half-close: `close` ends both.
 */
export class PortForwardStream implements ByteStream {
  /** The same connection as a Node stream. Look at its `errored` before handing it on: Node's TLS waits for ever on a stream that has failed already. */
  readonly duplex: Duplex;
  readonly #webSocket: WebSocket;
  readonly #what: string;
  /** The first two bytes of either channel are the port number; how many of them are still to come. */
  readonly #header: [data: number, error: number] = [2, 2];
  #errorText = '';

  constructor(webSocket: WebSocket, what: string, signal: AbortSignal) {
    this.#webSocket = webSocket;
    this.#what = what;
    this.duplex = new Duplex({
      read: () => {
        webSocket.resume();
      },
      write: (bytes: Buffer, _encoding, done) => {
        webSocket.send(Buffer.concat([Buffer.of(0), bytes]), { binary: true }, (error) => done(error ? connectionProblem(error, what) : null));
      },
      final: (done) => {
        webSocket.close(1000);
        done();
      },
      destroy: (error, done) => {
        webSocket.terminate();
        signal.removeEventListener('abort', abort);
        done(error);
      },
    });
    const abort = (): void => {
      this.duplex.destroy(interrupted(signal, what));
    };
    signal.addEventListener('abort', abort, { once: true });
    // Whoever reads or writes is told; an error that comes when nobody does must not end the process.
    this.duplex.on('error', () => undefined);
    webSocket.on('message', (data: Buffer) => this.#receive(data));
    webSocket.on('error', (error) => this.duplex.destroy(connectionProblem(error, what)));
    webSocket.on('close', (code) => this.#closed(code));
    if (signal.aborted) abort();
  }

  #receive(frame: Buffer): void {
    const channel = frame[0];
    if (channel !== 0 && channel !== 1) return;
    const skipped = Math.min(this.#header[channel], frame.length - 1);
    this.#header[channel] -= skipped;
    const bytes = frame.subarray(1 + skipped);
    if (bytes.length === 0) return;
    if (channel === 0) {
      if (!this.duplex.push(bytes)) this.#webSocket.pause();
      return;
    }
    this.#errorText = (this.#errorText + bytes.toString('utf8')).slice(0, MAX_TEXT);
    this.duplex.destroy(forwardingProblem(this.#errorText, this.#what));
  }

  #closed(code: number): void {
    if (this.duplex.destroyed) return;
    // 1000: the pod's side has ended. Anything else: the connection was lost on the way.
    if (code === 1000 || code === 1005) this.duplex.push(null);
    else this.duplex.destroy(new ProbeError({ reason: 'Reset', message: `${this.#what}: the connection ended without a close (WebSocket ${code}).` }));
  }

  /** Resolves when the bytes have left. Throws ProbeError when the connection has ended. */
  async write(bytes: Uint8Array): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.duplex.write(bytes, (error) => {
        if (!error) resolve();
        else reject(this.#problem(error));
      });
    });
  }

  /** Ends the connection in both directions. What has been written is still sent. */
  close(): void {
    if (this.duplex.destroyed) return;
    this.duplex.end(() => this.duplex.destroy());
  }

  /** The bytes as they come. Ends when the pod closes; throws ProbeError when the connection breaks. Leaving the loop closes it. */
  async *[Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    try {
      for await (const bytes of this.duplex) yield bytes as Buffer;
    } catch (error) {
      // Closing one's own end while reading is no failure.
      if ((error as NodeJS.ErrnoException).code === 'ERR_STREAM_PREMATURE_CLOSE' && this.duplex.errored === null) return;
      throw this.#problem(error);
    }
  }

  #problem(error: unknown): ProbeError {
    const cause = this.duplex.errored ?? error;
    if (cause instanceof ProbeError) return cause;
    return new ProbeError({ reason: 'Reset', message: `${this.#what}: the connection has ended.` }, { cause });
  }
}

/** What the kubelet says on the error channel: it could not connect inside the pod, or could not forward at all. */
function forwardingProblem(text: string, what: string): ProbeError {
  const reason: ProblemReason = /connection refused/i.test(text)
    ? 'Refused'
    : /timed? ?out|timeout/i.test(text)
      ? 'Timeout'
      : /socat not found|unable to do port forwarding/i.test(text)
        ? 'PrerequisiteFailed'
        : 'Reset';
  // The runtime wraps what it was told in ids and paths of its own; Go's words for the failed connection say it all.
  const dialled = /dial tcp\S* \S+ connect: [a-z ]+?(?= IPv6|,|$)/.exec(text)?.[0];
  return new ProbeError({ reason, message: `${what}: ${dialled ?? oneLine(text)}` });
}

function refusal(status: number, body: string, what: string, pod: ObjectRef): ProbeError {
  const message = `${what}: ${status} ${statusMessage(body)}`.trim();
  const problem = (reason: ProblemReason, needs?: string): ProbeError =>
    new ProbeError({ reason, message, status, ...(needs === undefined ? {} : { needs }) } satisfies Problem);
  if (status === 401) return problem('Unauthorized');
  if (status === 403) {
    // From 1.35 on a WebSocket needs `create` beside `get`; the answer says which one is missing.
    const verb = /cannot (\w+) resource/.exec(body)?.[1] ?? 'get';
    return problem('Forbidden', `${verb} pods/portforward in ${pod.namespace}`);
  }
  if (status === 404) return problem('NotFound');
  if (status === 429 || status >= 500) return problem('ServerError');
  return problem('InvalidResponse');
}

function statusMessage(body: string): string {
  try {
    const parsed = JSON.parse(body) as { message?: unknown } | null;
    if (typeof parsed?.message === 'string') return oneLine(parsed.message);
  } catch {
    // The kubelet and gateways answer in plain text.
  }
  return oneLine(body);
}

/** One line of at most 300 characters, without control characters: it comes from the cluster and goes to a terminal. */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  const line = text.replaceAll(/[\u0000-\u001f\u007f-\u009f\s]+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

async function readText(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const piece of response) {
    text += String(piece);
    if (text.length >= MAX_TEXT) break;
  }
  return text.slice(0, MAX_TEXT);
}

const REASONS: Readonly<Record<string, ProblemReason>> = {
  ECONNREFUSED: 'Refused',
  ENOTFOUND: 'NameNotResolved',
  EAI_AGAIN: 'NameNotResolved',
  ETIMEDOUT: 'Timeout',
  EHOSTUNREACH: 'Timeout',
  ENETUNREACH: 'Timeout',
};

function connectionProblem(error: unknown, what: string): ProbeError {
  if (error instanceof ProbeError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const tls = /^(?:ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_CA|EPROTO|ERR_OSSL)/.test(code);
  const text = error instanceof Error ? error.message : String(error);
  return new ProbeError({ reason: REASONS[code] ?? (tls ? 'TlsError' : 'Reset'), message: `${what}: ${oneLine(text)}` }, { cause: error });
}

function interrupted(signal: AbortSignal, what: string): ProbeError {
  if (signal.reason instanceof ProbeError) return signal.reason;
  return new ProbeError({ reason: 'DeadlineExceeded', message: `${what}: its time was over.` }, { cause: signal.reason });
}

/** A connection to the API server through an HTTP proxy, by CONNECT. */
async function throughProxy(proxy: string, target: URL, signal: AbortSignal): Promise<Socket> {
  const url = new URL(proxy);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new ProbeError({
      reason: 'PrerequisiteFailed',
      message: `A port-forward cannot go through a ${url.protocol.slice(0, -1)} proxy; only http and https.`,
    });
  }
  const port = target.port === '' ? (target.protocol === 'https:' ? '443' : '80') : target.port;
  const authority = `${target.hostname}:${port}`;
  const credentials =
    url.username === '' ? undefined : Buffer.from(`${decodeURIComponent(url.username)}:${decodeURIComponent(url.password)}`).toString('base64');
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const request = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
    host: url.hostname,
    port: url.port === '' ? undefined : Number(url.port),
    method: 'CONNECT',
    path: authority,
    headers: { host: authority, ...(credentials === undefined ? {} : { 'proxy-authorization': `Basic ${credentials}` }) },
    agent: false,
    signal,
  });
  request.on('connect', (response, socket: Socket) => {
    if (response.statusCode === 200) resolve(socket);
    else {
      socket.destroy();
      reject(new ProbeError({ reason: 'ServerError', message: `The proxy ${url.host} answered ${response.statusCode ?? 0} to CONNECT ${authority}.` }));
    }
  });
  request.on('error', reject);
  request.end();
  return promise;
}
