import type { ByteStream } from '../model/check.ts';
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

/** Writes. A far end that takes nothing any more may have said why before: reading tells how it ended. */
export async function say(stream: ByteStream, bytes: Uint8Array): Promise<void> {
  await stream.write(bytes).catch(() => undefined);
}

/**
 * Runs exchanges of one conversation one after the other, and none after one that failed by more than an error of the server (`ServerError`): what comes
 * then may be the late answer to another question. `end` closes the connection.
 */
export function inTurns(end: () => void): <T>(exchange: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  let failure: { readonly error: unknown } | undefined;
  return async (exchange) => {
    const turn = last.then(async () => {
      if (failure !== undefined) throw failure.error;
      try {
        return await exchange();
      } catch (error) {
        if (problemOf(error).reason !== 'ServerError') {
          failure = { error };
          end();
        }
        throw error;
      }
    });
    last = turn.catch(() => undefined);
    return turn;
  };
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
    case 'Reset':
      // The kubelet says on the error channel (with containerd only now and then) that the server reset the connection: that is no fault of the way.
      if (/connection reset by peer|broken pipe/i.test(message)) return { kind: 'closed', message: `${what}: accepted, and reset.`, elapsedMs };
      throw error;
    default:
      throw error;
  }
}

/** A failure in the middle of a conversation, as a ProbeError that says with whom. */
export function broken(error: unknown, what: string): unknown {
  if (error instanceof EndOfStream) return new ProbeError({ reason: 'Reset', message: `${what}: the server closed the connection.` }, { cause: error });
  const { reason, message } = problemOf(error);
  return reason === 'InvalidResponse' ? new ProbeError({ reason, message: `${what}: ${message}` }, { cause: error }) : error;
}
