import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import type { Proxy } from './observation.ts';
import type { HaproxyOptions } from './options.ts';
import type { rules } from './rules.ts';

export type HaproxyVerdict = Verdict<typeof rules>;
export type Context = EvaluateContext<HaproxyOptions>;

export function subjectOf({ namespace, name }: Proxy): Subject {
  return { kind: 'Pod', namespace, name };
}
