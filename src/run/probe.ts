import type { AnyCheck, BlindSpot, ByteStream, HttpReader, KubeReader, ObjectRef, ProbeContext, Subject, Target } from '../model/check.ts';
import type { Json } from '../model/json.ts';
import { ProbeError, problemOf } from '../model/problem.ts';
import type { ProbeRecord } from '../model/recording.ts';
import { withDeadline } from './deadline.ts';
import { admitPortForward, declaredHttp, declaredKube, type ReadObserver } from './declared-reads.ts';
import { cleanJson, cleanText } from './redact.ts';

/** What probes reach the cluster through; `src/cluster` provides it. */
export interface ClusterReaders {
  readonly kube: KubeReader;
  readonly http: HttpReader;
  portForward(pod: ObjectRef, port: number, signal: AbortSignal): Promise<ByteStream>;
  /** The cluster's time. */
  now(): Date;
}

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
  const limits = { check: check.meta.id, reads: check.meta.reads, target, ...(observe === undefined ? {} : { observe }) };
  const settled = await withDeadline(
    async (probeSignal) => {
      const context: ProbeContext<Record<string, unknown>> = {
        target,
        options,
        kube: declaredKube(readers.kube, limits),
        http: declaredHttp(readers.http, limits),
        now: () => readers.now(),
        signal: probeSignal,
        async portForward(pod, port) {
          admitPortForward(pod, limits);
          return readers.portForward(pod, port, probeSignal);
        },
        async look(which, read, subject) {
          try {
            return await read();
          } catch (error) {
            // Only what the cluster would not show is a blind spot of these rules; a mistake in the check must surface as one.
            if (!(error instanceof ProbeError)) throw error;
            if (!over) blindSpots.push(blindSpot(typeof which === 'string' ? [which] : which, error, subject));
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
  const base = { check: check.meta.id, component: target.component, options, durationMs: Math.round(performance.now() - started) };
  if (!settled.ok) return { ...base, blindSpots: [blindSpot(rules, settled.error, undefined)] };
  let observation: Json;
  let size: number;
  try {
    observation = cleanJson(settled.value);
    size = JSON.stringify(observation)?.length ?? 0;
  } catch (error) {
    // A bigint, for one: no JSON at all.
    return { ...base, blindSpots: [blindSpot(rules, error, undefined)] };
  }
  if (size > MAX_OBSERVATION) {
    const message = `The observation of check "${check.meta.id}" is ${size} bytes, more than ${MAX_OBSERVATION}.`;
    return { ...base, blindSpots: [{ rules, problem: { reason: 'InternalError', message } }] };
  }
  return { ...base, observation, blindSpots };
}

function blindSpot(rules: readonly string[], error: unknown, subject: Subject | undefined): BlindSpot {
  const problem = problemOf(error);
  return { rules, problem: { ...problem, message: cleanText(problem.message) }, ...(subject === undefined ? {} : { subject }) };
}
