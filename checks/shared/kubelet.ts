import type { HttpOptions, HttpOutcome, HttpReader } from '../../src/model/check.ts';
import type { Node } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { condition } from './pods.ts';
import { oneLine } from './text.ts';
import { secondsSince } from './time.ts';

/**
 * How a kubelet answered its health path. `refused`: the host is there and nothing listens. `silent`: no answer at all. `failing`: it answers, and
 * not with its health.
 */
export interface KubeletAnswer {
  readonly answer: 'ok' | 'failing' | 'refused' | 'silent';
  /** HTTP status; 0 when there was none. */
  readonly status: number;
  readonly detail: string;
}

/** Most troubled nodes whose kubelets are asked: each that does not answer costs the whole waiting time. */
export const MOST_ASKED = 10;
/** A living kubelet answers within milliseconds. Short, because silence is the expected answer where it is asked. */
const TIMEOUT_MS = 3000;
/** kube-proxy's health port on every node; it listens on all addresses. */
const KUBE_PROXY_HEALTH_PORT = 10256;

/** Asks a kubelet for its health, through the API server. Throws ProbeError when it may not be asked. */
export async function askKubelet(http: HttpReader, node: string): Promise<KubeletAnswer> {
  const outcome = await patiently(http, node, '/healthz');
  if (outcome.kind === 'answer') {
    // 401 and 403 are the kubelet's own words: it lives, and does not let the API server look.
    if (outcome.status === 200 || outcome.status === 401 || outcome.status === 403) return { answer: 'ok', status: outcome.status, detail: '' };
    const failed = [...outcome.body.matchAll(/^\[-\](\S+)/gm)].map((match) => match[1] ?? '');
    return { answer: 'failing', status: outcome.status, detail: oneLine(failed.length > 0 ? failed.join(', ') : outcome.body) };
  }
  const { cause, message: detail } = outcome;
  if (cause === 'refused') return { answer: 'refused', status: 0, detail };
  const silent = cause === 'timeout' || cause === 'no-route' || /timeout/i.test(detail);
  return { answer: silent ? 'silent' : 'failing', status: 0, detail: oneLine(detail) };
}

/** Whether anything on the host answers, be it with a refusal: it tells a kubelet that hangs from a host that is gone. */
export async function hostAnswers(http: HttpReader, node: string): Promise<boolean> {
  const outcome = await patiently(http, `${node}:${KUBE_PROXY_HEALTH_PORT}`, '/healthz');
  return outcome.kind === 'answer' || ['refused', 'reset', 'tls', 'not-http'].includes(outcome.cause);
}

/** The API server waits for a dead node longer than we do: that we gave up first is an answer, too. */
async function patiently(http: HttpReader, node: string, path: string): Promise<HttpOutcome> {
  const options: HttpOptions = { timeoutMs: TIMEOUT_MS, maxBytes: 16 * 1024 };
  try {
    return await http.node(node, path, options);
  } catch (error) {
    if (!(error instanceof ProbeError) || error.problem.reason !== 'Timeout') throw error;
    return { kind: 'unreachable', cause: 'timeout', message: error.problem.message, elapsedMs: TIMEOUT_MS };
  }
}

/** The Ready condition of a node, as far as it speaks; a node that never reported is Unknown. */
export function readiness(node: Node): {
  readonly ready: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly since?: string;
} {
  const found = condition(node.status?.conditions, 'Ready');
  const ready = found?.status === 'True' || found?.status === 'False' ? found.status : 'Unknown';
  const since = found?.lastTransitionTime;
  return { ready, reason: found?.reason ?? 'NodeStatusNeverUpdated', message: oneLine(found?.message ?? ''), ...(since === undefined ? {} : { since }) };
}

/** What stands behind a Ready=False. `starting`: the kubelet has not yet seen its runtime since it was started. */
export type UnreadyCause = 'starting' | 'runtime' | 'pleg' | 'network' | 'other';

/** Upstream's relistThreshold: a runtime that has not answered a new kubelet for this long, in seconds, is as good as down. */
const FIRST_ANSWER_WITHIN = 180;

/** What stands behind a Ready=False, by the kubelet's own words. */
export function unreadyCause(message: string): UnreadyCause {
  if (/container runtime is down|RuntimeReady=false|container runtime not ready/i.test(message)) return 'runtime';
  if (/pleg has yet to be successful|container runtime status check may not have completed/i.test(message)) return 'starting';
  if (/PLEG is not healthy/i.test(message)) return 'pleg';
  if (/NetworkReady=false|NetworkPluginNotReady|cni (config|plugin)/i.test(message)) return 'network';
  return 'other';
}

/** Whether a kubelet that is starting still has time; without one it does. */
export function mayStillStart(since: string | undefined, now: Date): boolean {
  return (secondsSince(since, now) ?? 0) <= FIRST_ANSWER_WITHIN;
}
