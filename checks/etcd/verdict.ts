import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import type { Cluster } from './cluster.ts';
import type { MemberFacts } from './observation.ts';
import type { EtcdOptions } from './options.ts';
import type { EtcdRule, rules } from './rules.ts';

export type EtcdVerdict = Verdict<typeof rules>;
export type Context = EvaluateContext<EtcdOptions>;

/** Rules that can be skipped because nobody answers. */
export type AskedRule = Exclude<EtcdRule, 'members-answer' | 'has-majority'>;

/**
 * What is said of rules when no member answers: that there is nobody to ask, or nothing when one could not be looked at. Undefined when one answers, so that
 * the rules have to be judged.
 */
export function unasked(rules: readonly AskedRule[], { answering, dark }: Cluster): readonly EtcdVerdict[] | undefined {
  if (answering.length > 0) return undefined;
  return dark > 0 ? [] : rules.map((rule) => ({ rule, verdict: 'skip', messageId: 'none-answers' }) as EtcdVerdict);
}

export function podOf({ pod, namespace }: MemberFacts): Subject {
  return { kind: 'Pod', namespace, name: pod };
}

/** Names as one text. */
export function names(members: readonly { readonly pod: string }[]): string {
  return members.map(({ pod }) => pod).join(', ');
}

/** Values by name as one text: `etcd-0 3.4.23, etcd-1 3.5.1`. */
export function pairs(values: readonly (readonly [string, string | number])[]): string {
  return values.map(([name, value]) => `${name} ${value}`).join(', ');
}
