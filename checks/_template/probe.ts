import type { ObjectRef, ProbeContext } from '../../src/model/check.ts';
import type { Observation, PodAnswer } from './observation.ts';
import type { Options } from './rules.ts';

/** The only part with I/O. It asks, and keeps the few facts that the rules need. */
export async function probe(context: ProbeContext<Options>): Promise<Observation> {
  const answers = await Promise.all(context.target.pods.map((pod) => ask(context, pod)));
  const pods = answers.filter((answer) => answer !== undefined);
  return { pods, unseen: answers.length - pods.length };
}

async function ask({ http, look, options }: ProbeContext<Options>, pod: ObjectRef): Promise<PodAnswer | undefined> {
  // When the API server refuses or cannot be read, `look` makes the rule unknown for this pod, and the others are still asked.
  const outcome = await look('answers', () => http.pod(pod, options.port, options.path), { kind: 'Pod', ...pod });
  if (outcome === undefined) return undefined;
  // `unreachable` is a fact about the pod, told by the API server's proxy: nothing listens, or nothing comes back.
  if (outcome.kind === 'unreachable') return { ...pod, status: 0, detail: outcome.message };
  return { ...pod, status: outcome.status, detail: '' };
}
