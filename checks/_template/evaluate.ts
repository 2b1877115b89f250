import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import type { Observation } from './observation.ts';
import type { Options, rules } from './rules.ts';

/** Pure: the same observation, options and time give the same verdicts. It has no word for "unknown"; that is said from what the probe could not do. */
export function evaluate({ pods, unseen }: Observation, { options }: EvaluateContext<Options>): readonly Verdict<typeof rules>[] {
  if (pods.length === 0 && unseen === 0) return [{ rule: 'answers', verdict: 'skip', messageId: 'no-pods' }];
  const faults = pods.flatMap(({ namespace, name, status, detail }): readonly Verdict<typeof rules>[] => {
    if (status >= 200 && status < 400) return [];
    const base = { rule: 'answers', verdict: 'fail', subject: { kind: 'Pod', namespace, name }, observed: status, expected: 200 } as const;
    return status === 0
      ? [{ ...base, messageId: 'silent', data: { pod: name, path: options.path, detail } }]
      : [{ ...base, messageId: 'status', data: { pod: name, path: options.path, status } }];
  });
  // Not every pod was asked, so "every pod answers" cannot be said.
  if (faults.length > 0 || unseen > 0) return faults;
  return [{ rule: 'answers', verdict: 'pass', observed: pods.length }];
}
