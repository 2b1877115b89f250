import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { shortDuration } from '../shared/time.ts';
import { isBlind, unheard } from './blind.ts';
import type { Leadership } from './leadership.ts';
import type { Instance, RedisObservation } from './observation.ts';
import type { RedisOptions } from './options.ts';
import type { RedisRule, rules } from './rules.ts';

export type RedisVerdict = Verdict<typeof rules>;
export type Context = EvaluateContext<RedisOptions>;

/** All that a rule is judged from. */
export interface About extends Context {
  readonly observation: RedisObservation;
  readonly leadership: Leadership;
}

/**
 * The verdicts on some instances, one by one; and that all is well, where there was nothing to say and every instance that the rule needs could be
 * looked at.
 */
export function forEach<T extends Instance>(
  rule: RedisRule,
  about: About,
  instances: readonly T[],
  judge: (instance: T) => readonly RedisVerdict[] | RedisVerdict | undefined,
): readonly RedisVerdict[] {
  const verdicts = instances.flatMap((instance) => judge(instance) ?? []);
  return verdicts.length > 0 ? [...verdicts, ...skipped(rule, about)] : passUnlessBlind(rule, about);
}

function skipped(rule: RedisRule, { observation: { instances } }: About): readonly RedisVerdict[] {
  return unheard(rule, instances).map(
    (instance) => ({ rule, verdict: 'skip', messageId: 'unheard', data: { pod: instance.name }, subject: subjectOf(instance) }) as RedisVerdict,
  );
}

/** That a rule holds for the set, unless some instance kept it from being judged: the probe has said of which one. */
export function passUnlessBlind(rule: RedisRule, about: About, observed?: RedisVerdict['observed']): readonly RedisVerdict[] {
  const unspoken = skipped(rule, about);
  if (unspoken.length > 0 || about.observation.instances.some((instance) => isBlind(rule, instance, about))) return unspoken;
  return [{ rule, verdict: 'pass', ...(observed === undefined ? {} : { observed }) } as RedisVerdict];
}

export function subjectOf({ namespace, name }: Instance): Subject {
  return { kind: 'Pod', namespace, name };
}

export function namesOf(instances: readonly Instance[]): string {
  return instances.map(({ name }) => name).join(', ');
}

export function ageText(seconds: number | undefined): string {
  return seconds === undefined ? '?' : shortDuration(seconds);
}

/** When something began, as far as that is known. */
export function sinceOf(seconds: number | undefined, now: Date): { readonly since?: string } {
  return seconds === undefined ? {} : { since: new Date(now.getTime() - Math.round(seconds) * 1000).toISOString() };
}

/** Bytes for a person: `512 B`, `8 KiB`, `1.5 GiB`. */
export function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = bytes < 1 ? 0 : Math.min(units.length - 1, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value >= 10 || Number.isInteger(value) ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
