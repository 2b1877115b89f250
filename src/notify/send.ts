import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { Agent, type Dispatcher, ProxyAgent } from 'undici';
import type { Message } from './receiver.ts';

export interface SendOptions {
  readonly timeoutMs: number;
  /** Attempts in all. */
  readonly attempts: number;
  /** Before the second attempt, in ms; doubled before each further one. */
  readonly backOffMs: number;
  /** The HTTP proxy that leads to an address, if one does. */
  readonly proxyFor?: ((url: string) => string | undefined) | undefined;
  readonly signal: AbortSignal;
}

/** `unconfirmed`: the receiver may have taken it, nobody knows. */
export type Delivery =
  | { readonly ok: true; readonly attempts: number }
  | { readonly ok: false; readonly attempts: number; readonly problem: string; readonly unconfirmed: boolean };

/** Longest wait that a receiver's Retry-After is granted, in ms. One that asks for more is left to the next run. */
const MOST_WAIT = 60_000;
/** Longest answer that is read, in bytes. */
const MOST_ANSWER = 4096;
/** A gateway's word about a receiver that it did not hear: the message may have passed it. */
const HEARSAY: ReadonlySet<number> = new Set([502, 504]);

/**
 * Sends one message. Tries again, after a growing pause or when the receiver says, what certainly was not taken: a connection that did not come about,
 * 429, 500, 503. A receiver that got the request and does not answer may have taken it: it is sent again only when a second copy does no harm.
 */
export async function send(message: Message, options: SendOptions): Promise<Delivery> {
  let unconfirmed = false;
  for (let attempt = 1; ; attempt += 1) {
    const result = await once(message, options);
    if (result.taken === 'yes') return { ok: true, attempts: attempt };
    unconfirmed ||= result.taken === 'perhaps';
    const failed: Delivery = { ok: false, attempts: attempt, problem: result.problem, unconfirmed };
    const again = result.taken === 'perhaps' ? message.repeatable : result.again;
    if (!again || attempt >= options.attempts || options.signal.aborted) return failed;
    const wait = result.retryAfterMs ?? options.backOffMs * 2 ** (attempt - 1);
    if (wait > MOST_WAIT) return { ...failed, problem: `${failed.problem}; it asks to be left alone for ${Math.ceil(wait / 1000)} s` };
    try {
      await pause(wait, undefined, { signal: options.signal });
    } catch {
      return failed;
    }
  }
}

type Once =
  | { readonly taken: 'yes' }
  | { readonly taken: 'no' | 'perhaps'; readonly problem: string; readonly again: boolean; readonly retryAfterMs?: number | undefined };

async function once(message: Message, { timeoutMs, signal, proxyFor }: SendOptions): Promise<Once> {
  const { protocol, origin, pathname, search, username, password } = new URL(message.url);
  const agent = agentFor(proxyFor?.(message.url), protocol === 'https:', timeoutMs);
  const body = Buffer.from(message.body);
  // The body is asked for once there is a connection: before that nothing has left.
  let left = false;
  try {
    const answer = await agent.request({
      origin,
      path: pathname + search,
      method: 'POST',
      headers: {
        ...(username === '' ? {} : { authorization: `Basic ${btoa(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}` }),
        ...message.headers,
        'content-length': String(body.length),
        'user-agent': 'skiffctl',
      },
      body: new Readable({
        read() {
          left = true;
          this.push(body);
          this.push(null);
        },
      }),
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    return judged(message, answer.statusCode, await beginningOf(answer.body), answer.headers['retry-after']);
  } catch (error) {
    return failure(error, left, timeoutMs);
  } finally {
    agent.destroy().catch(() => undefined);
  }
}

function agentFor(proxy: string | undefined, secure: boolean, timeoutMs: number): Dispatcher {
  if (proxy !== undefined) return new ProxyAgent({ uri: proxy, proxyTunnel: secure, allowH2: false });
  return new Agent({ allowH2: false, connect: { timeout: timeoutMs } });
}

/** As much of an answer as is worth reading; a receiver that never stops talking is hung up on. */
async function beginningOf(body: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MOST_ANSWER) break;
  }
  return Buffer.concat(chunks).toString('utf8', 0, MOST_ANSWER);
}

function judged(message: Message, status: number, body: string, retryAfter: string | readonly string[] | undefined): Once {
  const problem = message.accepted(status, body);
  if (problem === undefined) return { taken: 'yes' };
  if (HEARSAY.has(status)) return { taken: 'perhaps', problem: `${problem}; it may have arrived`, again: false };
  const again = status === 429 || status >= 500 || message.busy?.(status, body) === true;
  return { taken: 'no', problem, again, retryAfterMs: waitOf(retryAfter) };
}

/** Retry-After is a number of seconds or a date. */
function waitOf(header: string | readonly string[] | undefined): number | undefined {
  const [text] = [header ?? []].flat();
  if (text === undefined) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Number.isNaN(milliseconds) ? undefined : Math.max(0, milliseconds);
}

/** Node's and OpenSSL's words for a certificate that is not trusted: the next attempt would find the same. */
const CERTIFICATE = /CERT|SELF_SIGNED|UNABLE_TO|^ERR_TLS|^ERR_SSL|^EPROTO$/;

function failure(error: unknown, left: boolean, timeoutMs: number): Once {
  const { name, message, code = '' } = error as { readonly name: string; readonly message: string; readonly code?: string };
  const late = name === 'TimeoutError' || code.endsWith('_TIMEOUT') || code === 'ETIMEDOUT';
  const what = message === '' ? code : message;
  if (left) return { taken: 'perhaps', problem: `${late ? `no answer within ${timeoutMs / 1000} s` : what}; it may have arrived`, again: false };
  return { taken: 'no', problem: late ? `no connection within ${timeoutMs / 1000} s` : what, again: !CERTIFICATE.test(code) };
}
