import type { AnyCheck, BlindSpot, ByteStream, HttpReader, KubeReader, ObjectRef, ProbeContext, Subject, Target } from '../model/check.ts';
import type { ConversationOptions } from '../model/conversation.ts';
import type { Json } from '../model/json.ts';
import { ProbeError, problemOf } from '../model/problem.ts';
import type { ProbeRecord } from '../model/recording.ts';
import type { Conversations, Speaker } from '../protocol/conversations.ts';
import { withDeadline } from './deadline.ts';
import { admitPortForward, declaredHttp, declaredKube, type ReadObserver } from './declared-reads.ts';
import { cleanJson, cleanText } from './redact.ts';

/** What probes reach the cluster through; `src/cluster` provides it. */
export interface ClusterReaders {
  readonly kube: KubeReader;
  readonly http: ProxyReader;
  portForward(pod: ObjectRef, port: number, signal: AbortSignal): Promise<ByteStream>;
  readonly conversations: Conversations;
  /** The passwords that were used so far: they appear in nothing that a probe brings back. */
  secrets(): readonly string[];
  /** The cluster's time. */
  now(): Date;
}

/** HTTP through the API server's proxies. What is forwarded is a conversation. */
export type ProxyReader = Omit<HttpReader, 'forwarded'>;

export interface ProbeTask {
  readonly check: AnyCheck;
  readonly target: Target;
  /** Defaults, then the component's, then the operator's. */
  readonly options: Readonly<Record<string, unknown>>;
}

/** Most bytes of one observation as JSON. They are small by contract; a larger one is a mistake of its check, not of the cluster. */
const MAX_OBSERVATION = 512 * 1024;

/**
 * Runs one probe, isolated: its deadline is raced, its crash is its own blind spot, and what it brings back is cleaned before anyone sees it. Never
 * throws.
 */
export async function runProbe(task: ProbeTask, readers: ClusterReaders, timeoutMs: number, signal: AbortSignal, observe?: ReadObserver): Promise<ProbeRecord> {
  const { check, target, options } = task;
  const blindSpots: BlindSpot[] = [];
  const rules = Object.keys(check.meta.rules);
  const started = performance.now();
  let over = false;
  const endings: (() => void)[] = [];
  const limits = { check: check.meta.id, reads: check.meta.reads, target, ...(observe === undefined ? {} : { observe }) };
  const settled = await withDeadline(
    async (probeSignal) => {
      const atEnd = (close: () => void): void => void endings.push(close);
      const speakerFor = (pod: ObjectRef, port: number, component: string): Speaker => ({ pod, port, component, signal: probeSignal, atEnd });
      const speaker = (pod: ObjectRef, port: number, how: ConversationOptions = {}): Speaker => {
        admitPortForward(pod, limits);
        return speakerFor(pod, port, ownerOf(pod, target, how.credentialsOf));
      };
      const forwarded: HttpReader['forwarded'] = (pod, port, path, how = {}) =>
        readers.conversations.http(speakerFor(pod, port, ownerOf(pod, target, undefined)), path, how);
      const context: ProbeContext<Record<string, unknown>> = {
        target,
        options,
        kube: declaredKube(readers.kube, limits),
        http: declaredHttp({ ...proxied(readers.http), forwarded }, limits),
        now: () => readers.now(),
        signal: probeSignal,
        async portForward(pod, port) {
          admitPortForward(pod, limits);
          const stream = await readers.portForward(pod, port, probeSignal);
          // The probe may have ended while it was being opened.
          if (over) stream.close();
          else atEnd(() => stream.close());
          return stream;
        },
        redis: (pod, port, how) => readers.conversations.redis(speaker(pod, port, how)),
        mysql: (pod, port, how) => readers.conversations.mysql(speaker(pod, port, how)),
        postgres: (pod, port, how) => readers.conversations.postgres(speaker(pod, port, how)),
        async look(which, read, subject) {
          try {
            return await read();
          } catch (error) {
            // Only what the cluster would not show is a blind spot of these rules; a mistake in the check must surface as one.
            if (!(error instanceof ProbeError)) throw error;
            if (!over) blindSpots.push(blindSpot(typeof which === 'string' ? [which] : which, error, subject, readers.secrets()));
            return undefined;
          }
        },
      };
      return (await check.probe(context)) as Json;
    },
    check.meta.timeoutMs === undefined ? timeoutMs : Math.min(check.meta.timeoutMs, timeoutMs),
    signal,
  );
  over = true;
  for (const end of endings) end();
  const secrets = readers.secrets();
  const base = { check: check.meta.id, component: target.component, options, durationMs: Math.round(performance.now() - started) };
  if (!settled.ok) return { ...base, blindSpots: [blindSpot(rules, settled.error, undefined, secrets)] };
  let observation: Json;
  let size: number;
  try {
    observation = cleanJson(settled.value, secrets);
    size = JSON.stringify(observation)?.length ?? 0;
  } catch (error) {
    // A bigint, for one: no JSON at all.
    return { ...base, blindSpots: [blindSpot(rules, error, undefined, secrets)] };
  }
  if (size > MAX_OBSERVATION) {
    const message = `The observation of check "${check.meta.id}" is ${size} bytes, more than ${MAX_OBSERVATION}.`;
    return { ...base, blindSpots: [{ rules, problem: { reason: 'InternalError', message } }] };
  }
  return { ...base, observation, blindSpots };
}

function blindSpot(rules: readonly string[], error: unknown, subject: Subject | undefined, secrets: readonly string[]): BlindSpot {
  const problem = problemOf(error);
  return { rules, problem: { ...problem, message: cleanText(problem.message, secrets) }, ...(subject === undefined ? {} : { subject }) };
}

/** The reader of the cluster is an object of a class: its methods are called on it. */
function proxied(http: ProxyReader): ProxyReader {
  return {
    pod: (pod, port, path, options) => http.pod(pod, port, path, options),
    service: (service, port, path, options) => http.service(service, port, path, options),
    node: (node, path, options) => http.node(node, path, options),
    apiServer: (path, options) => http.apiServer(path, options),
  };
}

/** Whose credentials open a pod's doors: those of the component that it belongs to, or of the peer whom it leads to. */
function ownerOf(pod: ObjectRef, target: Target, role: string | undefined): string {
  if (role !== undefined) return target.peers[role]?.[0]?.component ?? target.component;
  const owns = (pods: readonly ObjectRef[]): boolean => pods.some((each) => each.namespace === pod.namespace && each.name === pod.name);
  if (owns(target.pods)) return target.component;
  const peer = Object.values(target.peers)
    .flat()
    .find((each) => owns(each.pods));
  return peer?.component ?? target.component;
}
