import type { ServerSilence } from '../model/conversation.ts';
import { ProbeError, problemOf } from '../model/problem.ts';
import { EndOfStream } from './byte-reader.ts';

/** A server that answers takes milliseconds; one that says nothing for this long hangs, or is so slow that its clients give up as well. */
export const ANSWER_TIMEOUT_MS = 4000;

/** Runs one exchange within a time. Throws ProbeError `Timeout` when it is over; the exchange itself must be ended by closing its stream. */
export async function withinTime<T>(exchange: Promise<T>, what: string, milliseconds = ANSWER_TIMEOUT_MS): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new ProbeError({ reason: 'Timeout', message: `${what}: no answer within ${milliseconds / 1000} s.` })), milliseconds);
  });
  try {
    return await Promise.race([exchange, late]);
  } finally {
    clearTimeout(timer);
    // What comes after the time is over is nobody's.
    exchange.catch(() => undefined);
  }
}

/**
 * What a failed first exchange says about the server, or rethrows what says nothing about it: an API server that forbids the port-forward, a kubelet out of
 * reach, a probe whose time is over.
 */
export function silenceOf(
  error: unknown,
  what: string,
  elapsedMs: number,
): { readonly kind: ServerSilence; readonly message: string; readonly elapsedMs: number } {
  if (error instanceof EndOfStream) return { kind: 'closed', message: `${what}: accepted, and closed after ${error.received} bytes.`, elapsedMs };
  const { reason, message } = problemOf(error);
  switch (reason) {
    case 'Refused':
      return { kind: 'refused', message, elapsedMs };
    case 'Timeout':
      return { kind: 'silent', message, elapsedMs };
    case 'InvalidResponse':
      return { kind: 'garbled', message: `${what}: ${message}`, elapsedMs };
    default:
      throw error;
  }
}

/** A failure in the middle of a conversation. What is a ProbeError already stays what it is. */
export function broken(error: unknown, what: string): unknown {
  return error instanceof EndOfStream ? new ProbeError({ reason: 'Reset', message: `${what}: the server closed the connection.` }, { cause: error }) : error;
}
