import { setTimeout as pause } from 'node:timers/promises';
import { Agent } from 'undici';
import type { Message } from './receiver.ts';

export interface SendOptions {
  readonly timeoutMs: number;
  /** Attempts in all. */
  readonly attempts: number;
  /** Before the second attempt, in ms; doubled before each further one. */
  readonly backOffMs: number;
  readonly signal: AbortSignal;
}

export type Delivery = { readonly ok: true; readonly attempts: number } | { readonly ok: false; readonly attempts: number; readonly problem: string };

/** Longest wait that a receiver's Retry-After is granted, in ms. */
const MOST_WAIT = 60_000;
/** Longest answer that is read, in characters. */
const MOST_ANSWER = 4096;

/**
 * Sends one message. Tries again, after a growing pause or when the receiver says, what certainly did not arrive: a refused connection, 429, 5xx. A
 * receiver that took the request and does not answer in time may have it: it is not sent again in this run, and reported as not delivered.
 */
export async function send(message: Message, options: SendOptions): Promise<Delivery> {
  let problem = '';
  for (let attempt = 1; attempt <= options.attempts; attempt += 1) {
    const result = await once(message, options);
    if (result.outcome === 'accepted') return { ok: true, attempts: attempt };
    problem = result.problem;
    if (result.outcome === 'final' || attempt === options.attempts || options.signal.aborted) return { ok: false, attempts: attempt, problem };
    const wait = Math.min(MOST_WAIT, result.retryAfterMs ?? options.backOffMs * 2 ** (attempt - 1));
    try {
      await pause(wait, undefined, { signal: options.signal });
    } catch {
      return { ok: false, attempts: attempt, problem };
    }
  }
  return { ok: false, attempts: options.attempts, problem };
}

type Once = { readonly outcome: 'accepted' } | { readonly outcome: 'again' | 'final'; readonly problem: string; readonly retryAfterMs?: number };

async function once(message: Message, { timeoutMs, signal }: SendOptions): Promise<Once> {
  const { origin, pathname, search } = new URL(message.url);
  const agent = new Agent({ allowH2: false, connect: { timeout: timeoutMs } });
  try {
    const answer = await agent.request({
      origin,
      path: pathname + search,
      method: 'POST',
      headers: { ...message.headers, 'user-agent': 'skiffctl' },
      body: message.body,
      headersTimeout: timeoutMs,
      bodyTimeout: timeoutMs,
      signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
    });
    const body = (await answer.body.text()).slice(0, MOST_ANSWER);
    const problem = message.accepted(answer.statusCode, body);
    if (problem === undefined) return { outcome: 'accepted' };
    if (answer.statusCode !== 429 && answer.statusCode < 500) return { outcome: 'final', problem };
    const retryAfter = Number(answer.headers['retry-after']);
    return { outcome: 'again', problem, ...(Number.isFinite(retryAfter) && retryAfter >= 0 ? { retryAfterMs: retryAfter * 1000 } : {}) };
  } catch (error) {
    return failure(error, timeoutMs);
  } finally {
    agent.destroy().catch(() => undefined);
  }
}

/** Codes of connections that never came about: nothing of the message has left. */
const NOT_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);

function failure(error: unknown, timeoutMs: number): Once {
  const { name, message, code = '' } = error as { readonly name: string; readonly message: string; readonly code?: string };
  if (NOT_SENT.has(code)) return { outcome: 'again', problem: message === '' ? code : message };
  const late = name === 'TimeoutError' || code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
  return {
    outcome: 'final',
    problem: late ? `no answer within ${timeoutMs / 1000} s; it may have arrived` : `${message === '' ? code : message}; it may have arrived`,
  };
}
