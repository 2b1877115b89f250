import type { HttpOptions, HttpOutcome, HttpReader, ObjectRef } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from './text.ts';

/** How an HTTP listener of a pod was reached, and what it said. */
export interface Reached {
  readonly outcome: HttpOutcome;
  readonly via: 'proxy' | 'forward';
  /** The scheme that it speaks, where it said that the one it was asked with is wrong. */
  readonly scheme: 'http' | 'https';
  /** How the way over the pod network ended, when only a port-forward leads there; empty otherwise. */
  readonly outside: string;
}

/** Why a listener gave no answer. `loopback`: it gives one inside of its pod alone. */
export type Silence = 'refused' | 'silent' | 'broken';

/**
 * GET to a port of a pod, over the pod network as a Prometheus comes. Where that does not lead to it, from inside of the pod, which tells a listener from a
 * network. Throws ProbeError when neither way is open to us.
 */
export async function reach(http: HttpReader, pod: ObjectRef, port: number, path: string, options: HttpOptions = {}): Promise<Reached> {
  const scheme = options.scheme ?? 'http';
  let outside: string;
  try {
    const outcome = await http.pod(pod, port, path, options);
    if (scheme === 'http' && wantsTls(outcome)) return reach(http, pod, port, path, { ...options, scheme: 'https' });
    if (outcome.kind === 'answer') return { outcome, via: 'proxy', scheme, outside: '' };
    outside = oneLine(outcome.message);
  } catch (error) {
    // The API server waits longer for a pod that says nothing than we do.
    if (!(error instanceof ProbeError) || error.problem.reason !== 'Timeout') throw error;
    outside = oneLine(error.problem.message);
  }
  const outcome = await http.forwarded(pod, port, path, options);
  return { outcome, via: 'forward', scheme, outside };
}

/** The same way again, for a further path. */
export async function reachAgain(http: HttpReader, pod: ObjectRef, port: number, path: string, way: Pick<Reached, 'via' | 'scheme'>, options: HttpOptions) {
  const asked = { ...options, scheme: way.scheme };
  return way.via === 'proxy' ? http.pod(pod, port, path, asked) : http.forwarded(pod, port, path, asked);
}

function wantsTls(outcome: HttpOutcome): boolean {
  return outcome.kind === 'answer' && outcome.status === 400 && /HTTP request to an HTTPS server/i.test(outcome.body.slice(0, 500));
}

export function silenceOf({ cause }: Extract<HttpOutcome, { readonly kind: 'unreachable' }>): Silence {
  return cause === 'refused' ? 'refused' : cause === 'timeout' ? 'silent' : 'broken';
}
