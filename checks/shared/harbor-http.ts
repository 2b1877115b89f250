import type { HttpOutcome, HttpReader, ObjectRef, UnreachableCause } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { detailOf } from './harbor.ts';
import { oneLine } from './text.ts';

/** What is needed of a probe's context to ask. */
export interface Asker {
  readonly http: HttpReader;
  readonly options: { readonly answerSeconds: number };
}

/** A part of Harbor, as far as HTTP to it is concerned. */
export interface Door {
  readonly pod: ObjectRef;
  readonly port: number;
  readonly scheme: 'http' | 'https';
}

export type Reply =
  | { readonly kind: 'answer'; readonly status: number; readonly body: string; readonly headers: Readonly<Record<string, string>> }
  | { readonly kind: 'none'; readonly cause: UnreachableCause; readonly detail: string };

/** Why nobody answered, when that is a fact about the pod. */
export interface Silence {
  readonly state: 'refused' | 'silent' | 'closed';
  readonly detail: string;
}

const MAX_BYTES = 256 * 1024;

/** GETs a path through the API server's proxy. Throws ProbeError where the way is not open. */
export async function ask({ http, options }: Asker, { pod, port, scheme }: Door, path: string): Promise<Reply> {
  const timeoutMs = options.answerSeconds * 1000;
  try {
    return replyOf(await http.pod(pod, port, path, { scheme, timeoutMs, maxBytes: MAX_BYTES }));
  } catch (error) {
    // The API server waits longer for a silent pod than we do: that we gave up first is an answer, too.
    if (!(error instanceof ProbeError) || error.problem.reason !== 'Timeout') throw error;
    return { kind: 'none', cause: 'timeout', detail: `no answer within ${options.answerSeconds} s` };
  }
}

/**
 * What it means that a question was not answered. A refusal is the pod's own; whoever is silent is asked again from inside, for the pod network may be what is
 * silent. Throws ProbeError when it answers there, or when nobody can know.
 */
export async function silenceOf({ http, options }: Asker, door: Door, { cause, detail }: Extract<Reply, { kind: 'none' }>): Promise<Silence> {
  if (cause === 'refused') return { state: 'refused', detail };
  if (cause === 'reset' || cause === 'tls' || cause === 'not-http') return { state: 'closed', detail };
  const { pod, port, scheme } = door;
  const inside = replyOf(await http.forwarded(pod, port, '/api/ping', { scheme, timeoutMs: options.answerSeconds * 1000, maxBytes: MAX_BYTES }));
  if (inside.kind === 'answer')
    throw new ProbeError({
      reason: 'Timeout',
      message: `${pod.namespace}/${pod.name}:${port} answers inside of its pod and not through the pod network: ${detail}`,
      needs: 'a way from the API server to the pod network',
    });
  return { state: inside.cause === 'refused' ? 'refused' : inside.cause === 'timeout' ? 'silent' : 'closed', detail: inside.detail };
}

function replyOf(outcome: HttpOutcome): Reply {
  if (outcome.kind === 'unreachable') return { kind: 'none', cause: outcome.cause, detail: oneLine(outcome.message) };
  const { status, body, headers } = outcome;
  return { kind: 'answer', status, body, headers };
}

/** Status, 0 for no answer, and why where it is no good one: 400 and above, but for those that mean that somebody is at home. */
export function said(reply: Reply, good: readonly number[] = []): { readonly status: number; readonly detail: string } {
  if (reply.kind === 'none') return { status: 0, detail: reply.detail };
  const { status, body } = reply;
  return { status, detail: status < 400 || good.includes(status) ? '' : detailOf(status, body) };
}

/** By the kubelet's own probe; 8443 is the port that a part has when those of Harbor speak TLS among each other. */
export function schemeOf(pod: Pod | undefined, port: number): 'http' | 'https' {
  const probes = (pod?.spec?.containers ?? []).flatMap(({ readinessProbe, livenessProbe }) => [readinessProbe?.httpGet, livenessProbe?.httpGet]);
  const probe = probes.find((each) => each?.port === port || each?.scheme === 'HTTPS');
  return probe === undefined ? (port === 8443 || port === 443 ? 'https' : 'http') : probe.scheme === 'HTTPS' ? 'https' : 'http';
}

/** When the last of its containers began to run. */
export function startOf(pod: Pod | undefined): string | undefined {
  const starts = (pod?.status?.containerStatuses ?? []).flatMap(({ state }) => state?.running?.startedAt ?? []);
  return starts.sort().at(-1);
}

/** A ProbeError tells what could not be seen; anything else is a mistake of ours and must surface as one. */
export function problemThrown(error: unknown): ProbeError['problem'] {
  if (error instanceof ProbeError) return error.problem;
  throw error;
}
