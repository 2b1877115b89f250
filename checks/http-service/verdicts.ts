import type { EvaluateContext, RuleMeta, Subject, Verdict } from '../../src/model/check.ts';
import { placeholders } from '../../src/model/text.ts';
import type { PodFacts } from './observation.ts';
import type { HttpServiceOptions } from './options.ts';
import { type HttpServiceRule, rules } from './rules.ts';

export type HttpServiceVerdict = Verdict<typeof rules>;
export type Context = EvaluateContext<HttpServiceOptions>;

/** Most pods that a message names. */
const MOST_NAMED = 4;

/** Pods that are in the same state: one verdict speaks for them, its subject is the first. */
export interface Group<Id extends string = string> {
  readonly id: Id;
  readonly pods: readonly PodFacts[];
}

export function grouped<Id extends string>(pods: readonly PodFacts[], idOf: (pod: PodFacts) => Id | undefined): readonly Group<Id>[] {
  const groups = new Map<Id, PodFacts[]>();
  for (const pod of pods) {
    const id = idOf(pod);
    if (id !== undefined) groups.set(id, [...(groups.get(id) ?? []), pod]);
  }
  return [...groups].map(([id, members]) => ({ id, pods: members }));
}

export function subjectOf({ namespace, name }: PodFacts): Subject {
  return { kind: 'Pod', namespace, name };
}

export function namesOf(pods: readonly { readonly name: string }[]): string {
  const names = pods.slice(0, MOST_NAMED).map(({ name }) => name);
  return pods.length > MOST_NAMED ? `${names.join(', ')} … (${pods.length})` : names.join(', ');
}

type Data = Readonly<Record<string, string | number>>;

/** A verdict with what its message names out of all that is known; rules that share messages are spoken for by one function. */
export function say(
  rule: HttpServiceRule,
  verdict: 'fail' | 'skip',
  messageId: string,
  known: Data = {},
  more: Partial<HttpServiceVerdict> = {},
): HttpServiceVerdict {
  const message = (rules[rule] as RuleMeta).messages[messageId];
  const names = placeholders(message?.en ?? '');
  const data = Object.fromEntries(names.map((name) => [name, known[name] ?? '?']));
  return { rule, verdict, messageId, ...(names.length === 0 ? {} : { data }), ...more } as HttpServiceVerdict;
}

export function pass(rule: HttpServiceRule, observed?: Verdict['observed']): HttpServiceVerdict {
  return { rule, verdict: 'pass', ...(observed === undefined ? {} : { observed }) } as HttpServiceVerdict;
}

/** What messages about one pod's answer may name. */
export function dataOf({ pods }: Group): Data {
  const [first] = pods;
  const outcome = first?.outcome;
  return {
    pods: namesOf(pods),
    port: first?.address?.port ?? '?',
    path: first?.address?.path ?? '?',
    ...(outcome?.kind === 'answer' ? { status: outcome.status, said: outcome.said === '' ? '—' : outcome.said, ms: outcome.elapsedMs } : {}),
  };
}
