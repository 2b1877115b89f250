import type { Duplex } from 'node:stream';
import { Client } from 'undici';
import type { ByteStream, ForwardedOptions, HttpOutcome, UnreachableCause } from '../model/check.ts';
import { ProbeError, type ProblemReason, problemOf } from '../model/problem.ts';
import { duplexOf } from './duplex.ts';
import type { ServerCredential } from './login.ts';
import { ANSWER_TIMEOUT_MS, withinTime } from './opening.ts';
import { admitHttp } from './permitted.ts';
import { overTls, shownCertificate } from './tls.ts';

const MAX_BODY = 1024 * 1024;

/** What the end of a forwarded connection says about who was to answer. Everything else says something about the way. */
const CAUSES: Partial<Record<ProblemReason, UnreachableCause>> = { Refused: 'refused', Timeout: 'timeout', Reset: 'reset', TlsError: 'tls' };

/** Codes of the client for what is no HTTP, beside the errors of its parser. */
const NOT_HTTP: ReadonlySet<string> = new Set(['UND_ERR_HEADERS_OVERFLOW', 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'UND_ERR_RESPONSE']);

/**
 * One HTTP request over a forwarded connection. Throws NotPermitted for what must never be sent, and ProbeError when the API server or the kubelet does not
 * open the way.
 */
export async function forwardedHttp(
  what: string,
  path: string,
  options: ForwardedOptions,
  open: () => Promise<ByteStream>,
  credential: () => Promise<ServerCredential | undefined>,
): Promise<HttpOutcome> {
  admitHttp(path, options.post);
  const secure = options.scheme === 'https';
  // Only what is spoken to over TLS can be shown a certificate.
  const login = secure ? await credential() : undefined;
  const stream = duplexOf(await open());
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  const timeout = options.timeoutMs ?? ANSWER_TIMEOUT_MS;
  const limit = options.maxBytes ?? MAX_BODY;
  let client: Client | undefined;
  const exchange = async (): Promise<HttpOutcome> => {
    const socket = secure ? await overTls(stream, login) : stream;
    const certificate = shownCertificate(socket);
    client = new Client(secure ? 'https://localhost' : 'http://localhost', {
      pipelining: 1,
      // The client is not ready for its socket before this call has returned.
      connect: (_target, done) => queueMicrotask(() => done(null, socket as never)),
    });
    const answer = await client.request({
      path,
      method: options.post === undefined ? 'GET' : 'POST',
      headers: { 'user-agent': 'skiffctl', accept: '*/*', ...(options.post === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(options.post === undefined ? {} : { body: options.post }),
    });
    const { body, truncated } = await readBody(answer.body, limit);
    const headers = Object.fromEntries(Object.entries(answer.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]));
    const shown = certificate === undefined ? {} : { certificate };
    return { kind: 'answer', status: answer.statusCode, headers, body, truncated, elapsedMs: elapsed(), ...shown };
  };
  try {
    return await withinTime(exchange(), path, timeout);
  } catch (error) {
    return unreachable(error, stream, what, elapsed());
  } finally {
    client?.destroy().catch(() => undefined);
    stream.destroy();
  }
}

async function readBody(source: AsyncIterable<Uint8Array>, limit: number): Promise<{ readonly body: string; readonly truncated: boolean }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source) {
    pieces.push(piece);
    size += piece.length;
    if (size > limit) break;
  }
  return { body: Buffer.concat(pieces).subarray(0, limit).toString('utf8'), truncated: size > limit };
}

function unreachable(error: unknown, stream: Duplex, what: string, elapsedMs: number): HttpOutcome {
  // The client wraps what the stream died of; the stream itself knows best.
  const cause: unknown = stream.errored instanceof ProbeError ? stream.errored : error;
  const { reason, message } = problemOf(cause);
  if (cause instanceof ProbeError) {
    const known = CAUSES[reason];
    if (known === undefined) throw cause;
    return { kind: 'unreachable', cause: known, message: `${what}: ${message}`, elapsedMs };
  }
  const { name, code = '' } = cause as NodeJS.ErrnoException;
  const text = `${what}: ${(cause as Error).message}`;
  if (name === 'HTTPParserError' || NOT_HTTP.has(code)) return { kind: 'unreachable', cause: 'not-http', message: text, elapsedMs };
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET') return { kind: 'unreachable', cause: 'reset', message: text, elapsedMs };
  return { kind: 'unreachable', cause: 'other', message: text, elapsedMs };
}
