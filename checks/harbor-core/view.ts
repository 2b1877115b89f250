import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { NOT_ASKED_YET, type PartHealth } from '../shared/harbor.ts';
import { secondsSince } from '../shared/time.ts';
import type { CoreFacts, HarborCoreObservation, Said } from './observation.ts';
import type { HarborCoreOptions } from './options.ts';
import type { HarborCoreRule, rules } from './rules.ts';

export type HarborCoreVerdict = Verdict<typeof rules>;
export type Context = EvaluateContext<HarborCoreOptions>;

/** The cores that answer, sorted out once for all rules. */
export interface View {
  readonly observation: HarborCoreObservation;
  readonly context: Context;
  readonly answering: readonly CoreFacts[];
  /** True when one of them could not be looked at: what the others tell proves no rule for it. */
  readonly dark: boolean;
}

export function viewOf(observation: HarborCoreObservation, context: Context): View {
  const { cores } = observation;
  return { observation, context, answering: cores.filter(({ state }) => state === 'answers'), dark: cores.some(({ state }) => state === 'dark') };
}

export function podOf({ namespace, pod }: CoreFacts): Subject {
  return { kind: 'Pod', namespace, name: pod };
}

/** Their names as one text. */
export function podsOf(cores: readonly CoreFacts[]): string {
  return cores.map(({ pod }) => pod).join(', ');
}

/** True for a path that is answered with a server error, or not at all by a core that answers others. */
export function fails(said: Said | undefined): said is Said {
  return said !== undefined && (said.status === 0 || said.status >= 500);
}

export function isYoung({ startedAt }: CoreFacts, options: Readonly<HarborCoreOptions>, now: Date): boolean {
  return (secondsSince(startedAt, now) ?? Infinity) < options.startupSeconds;
}

/** The parts that a core calls unhealthy. What it has not asked yet because it has just started is not among them. */
export function unhealthyParts(core: CoreFacts, options: Readonly<HarborCoreOptions>, now: Date): readonly PartHealth[] {
  return partsOf(core).filter((part) => !part.healthy && !isPending(core, part, options, now));
}

/** True when a core that has just started has not asked for a part yet. */
export function isPending(core: CoreFacts, part: PartHealth, options: Readonly<HarborCoreOptions>, now: Date): boolean {
  return !part.healthy && part.error === NOT_ASKED_YET && isYoung(core, options, now);
}

export function partsOf(core: CoreFacts): readonly PartHealth[] {
  return core.health?.parts ?? [];
}

/** The cores that call a part unhealthy, with what the first of them says of it. */
export function reportersOf(part: string, { answering, context }: View): { readonly cores: readonly CoreFacts[]; readonly error: string } {
  const found = answering.flatMap((core) =>
    unhealthyParts(core, context.options, context.now)
      .filter(({ name }) => name === part)
      .map(({ error }) => ({ core, error })),
  );
  return { cores: found.map(({ core }) => core), error: found.find(({ error }) => error !== '')?.error ?? '?' };
}

/** Whether any core has a result for a part that counts. */
export function isTold(part: string, { answering, context }: View): boolean {
  return answering.some((core) => partsOf(core).some((each) => each.name === part && !isPending(core, each, context.options, context.now)));
}

/** Whether results for a part are still to come everywhere that they are to be expected from. */
export function isAwaited(part: string, { answering, context }: View): boolean {
  return answering.some((core) => partsOf(core).some((each) => each.name === part && isPending(core, each, context.options, context.now)));
}

/** The verdict on a rule that nothing breaks: none while a core or this path of one is in the dark. */
export function unbroken(rule: HarborCoreRule, view: View, lacks: (core: CoreFacts) => boolean): readonly HarborCoreVerdict[] {
  return view.dark || view.answering.some(lacks) ? [] : [{ rule, verdict: 'pass' }];
}
