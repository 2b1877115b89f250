import type { Subject } from '../../src/model/check.ts';

interface Spoken {
  readonly rule: string;
  readonly verdict: 'pass' | 'skip' | 'fail';
  readonly subject?: Subject;
}

const WEIGHT: Readonly<Record<Spoken['verdict'], number>> = { pass: 0, skip: 1, fail: 2 };

/**
 * One verdict per rule and subject, the heaviest, and a pass only where nothing else is said of its rule: what is judged for several things of a component gives
 * several of each.
 */
export function mergedVerdicts<V extends Spoken>(verdicts: readonly V[]): readonly V[] {
  const kept = new Map<string, V>();
  for (const verdict of verdicts) {
    const key = `${verdict.rule} ${verdict.subject?.kind ?? ''} ${verdict.subject?.name ?? ''}`;
    const known = kept.get(key);
    if (known === undefined || WEIGHT[verdict.verdict] > WEIGHT[known.verdict]) kept.set(key, verdict);
  }
  const all = [...kept.values()];
  return all.filter(({ rule, verdict }) => verdict !== 'pass' || !all.some((other) => other.rule === rule && other.verdict !== 'pass'));
}
