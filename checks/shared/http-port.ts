import type { HttpOptions, HttpOutcome, HttpReader, ObjectRef } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from './text.ts';

/** Over the pod network, or past it. */
export type Way = 'proxy' | 'forward';

/**
 * What came of asking a port of a pod over HTTP. `refused`: nobody listens, neither for the pod network nor on the loopback interface. `silent`: it accepts and
 * says nothing. `broken`: what it says is no HTTP. `inside`: the pod network is refused, and only the pod itself reaches it. `via`: the way on which it answered.
 */
export type PortAnswer =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly truncated: boolean; readonly inside: boolean; readonly via: Way }
  | { readonly kind: 'refused' | 'silent' | 'broken'; readonly cause: string; readonly detail: string };

/** How long one port is waited for, in ms. Health and figures are answered from memory. */
const PATIENCE_MS = 4000;

/**
 * Asks over the pod network and, where that leads to nobody, from inside of the pod: many monitoring ports listen on the loopback interface alone, which the
 * proxy cannot reach (components.md §2.1). Throws ProbeError for what says nothing about the pod.
 */
export async function askPort(http: HttpReader, pod: ObjectRef, port: number, path: string, options: HttpOptions = {}): Promise<PortAnswer> {
  const how = { timeoutMs: PATIENCE_MS, ...options };
  const over = await throughProxy(http, pod, port, path, how);
  if (over?.kind === 'answer') return answered(over, 'proxy', false);
  // A server that speaks something else would speak it on either way.
  if (over !== undefined && ['reset', 'tls', 'not-http'].includes(over.cause)) return failed(over);
  const inside = await http.forwarded(pod, port, path, how);
  return inside.kind === 'answer' ? answered(inside, 'forward', over?.cause === 'refused') : failed(inside);
}

/** Asks once more on the way on which the first answer came. */
export async function askPortAgain(http: HttpReader, pod: ObjectRef, port: number, path: string, via: Way, options: HttpOptions = {}): Promise<PortAnswer> {
  const how = { timeoutMs: PATIENCE_MS, ...options };
  const outcome = via === 'forward' ? await http.forwarded(pod, port, path, how) : await http.pod(pod, port, path, how);
  return outcome.kind === 'answer' ? answered(outcome, via, false) : failed(outcome);
}

/** Undefined when the API server, which waits longer for a pod than we do, has not heard either. */
async function throughProxy(http: HttpReader, pod: ObjectRef, port: number, path: string, options: HttpOptions): Promise<HttpOutcome | undefined> {
  try {
    return await http.pod(pod, port, path, options);
  } catch (error) {
    if (error instanceof ProbeError && error.problem.reason === 'Timeout') return undefined;
    throw error;
  }
}

function answered({ status, body, truncated }: Extract<HttpOutcome, { readonly kind: 'answer' }>, via: Way, inside: boolean): PortAnswer {
  return { kind: 'answer', status, body, truncated, inside, via };
}

function failed({ cause, message }: Extract<HttpOutcome, { readonly kind: 'unreachable' }>): PortAnswer {
  const kind = cause === 'refused' ? 'refused' : cause === 'timeout' ? 'silent' : 'broken';
  return { kind, cause, detail: oneLine(message) };
}

/** Resolves after this long, at least a moment, or as soon as the probe's time is over. */
export async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(10, milliseconds));
    const end = (): void => {
      clearTimeout(timer);
      resolve();
    };
    signal.addEventListener('abort', end, { once: true });
  });
}
