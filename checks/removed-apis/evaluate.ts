import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { minorVersion } from '../shared/heartbeat.ts';
import type { RemovedApisObservation, WrittenApi } from './observation.ts';
import { KNOWN_UNTIL, REMOVALS, type Removal } from './removals.ts';
import { type RemovedApisOptions, rules } from './rules.ts';

type RemovedVerdict = Verdict<typeof rules>;

export function evaluate(observation: RemovedApisObservation, { options }: EvaluateContext<RemovedApisOptions>): readonly RemovedVerdict[] {
  const current = minorVersion(observation.current);
  const target = options.targetVersion === '' ? current : minorVersion(options.targetVersion);
  if (current === undefined || target === undefined) {
    const data = { version: current === undefined ? observation.current : options.targetVersion };
    return (Object.keys(rules) as (keyof typeof rules)[]).map((rule) => ({ rule, verdict: 'skip', messageId: 'unreadable', data }));
  }
  return [
    ...requested(observation, current, target),
    ...written(observation, current, target),
    ...dropped(observation, current, target),
    ...manifests(observation, current),
    target > KNOWN_UNTIL
      ? { rule: 'target-known', verdict: 'fail', messageId: 'newer', data: { target: `1.${target}`, known: `1.${KNOWN_UNTIL}` }, own: true }
      : { rule: 'target-known', verdict: 'pass' },
  ];
}

/** What a release between the present one and the target removes; one that is removed already stops nobody from this change. */
function removedBy(target: number, current: number, fits: (removal: Removal) => boolean): Removal | undefined {
  return REMOVALS.find((removal) => removal.removedIn > current && removal.removedIn <= target && fits(removal));
}

function requested({ requested: all }: RemovedApisObservation, current: number, target: number): readonly RemovedVerdict[] {
  if (all === undefined) return [];
  if (all === 'unknown') return [{ rule: 'not-requested', verdict: 'skip', messageId: 'no-metric' }];
  const faults = all.flatMap(({ apiVersion, resource }): readonly RemovedVerdict[] => {
    const removal = removedBy(target, current, (each) => each.apiVersion === apiVersion && each.resources.includes(resource));
    if (removal === undefined || removal.askedByKubernetes === true) return [];
    const data = { api: apiVersion, resource, release: `1.${removal.removedIn}`, instead: removal.instead ?? '–' };
    return [{ rule: 'not-requested', verdict: 'fail', messageId: 'requested', data, subject: { kind: 'API', name: `${apiVersion} ${resource}` }, own: true }];
  });
  return faults.length > 0
    ? faults
    : [{ rule: 'not-requested', verdict: 'pass', observed: all.map(({ apiVersion, resource }) => `${apiVersion} ${resource}`) }];
}

function written({ written: all }: RemovedApisObservation, current: number, target: number): readonly RemovedVerdict[] {
  const faults = all.flatMap((each): readonly RemovedVerdict[] => {
    const removal = removedBy(target, current, ({ apiVersion, kinds }) => apiVersion === each.apiVersion && kinds.includes(each.kind));
    if (removal === undefined) return [];
    const data = { ...about(each), writers: each.writers.join(', '), release: `1.${removal.removedIn}`, instead: removal.instead ?? '–' };
    return [{ rule: 'not-written', verdict: 'fail', messageId: 'written', data, subject: subjectOf(each), observed: factsOf(each), own: true }];
  });
  return faults.length > 0 ? faults : [{ rule: 'not-written', verdict: 'pass' }];
}

function dropped({ withoutSuccessor }: RemovedApisObservation, current: number, target: number): readonly RemovedVerdict[] {
  const faults = withoutSuccessor.flatMap(({ kind, objects, count }): readonly RemovedVerdict[] => {
    const removal = removedBy(target, current, ({ kinds, instead }) => instead === undefined && kinds.includes(kind));
    if (removal === undefined) return [];
    const data = { kind, count, example: objects[0] ?? '', release: `1.${removal.removedIn}` };
    return [{ rule: 'kinds-stay', verdict: 'fail', messageId: 'dropped', data, subject: { kind: 'API', name: kind }, observed: { count, objects }, own: true }];
  });
  return faults.length > 0 ? faults : [{ rule: 'kinds-stay', verdict: 'pass' }];
}

/** Only what a manifest says: a client that wrote long ago may have learned better since. */
function manifests({ written: all }: RemovedApisObservation, current: number): readonly RemovedVerdict[] {
  const faults = all.flatMap((each): readonly RemovedVerdict[] => {
    const gone = REMOVALS.some(({ apiVersion, kinds, removedIn }) => removedIn <= current && apiVersion === each.apiVersion && kinds.includes(each.kind));
    if (!gone || !each.writers.includes('kubectl apply')) return [];
    return [{ rule: 'manifests-served', verdict: 'fail', messageId: 'gone', data: about(each), subject: subjectOf(each), observed: factsOf(each), own: true }];
  });
  return faults.length > 0 ? faults : [{ rule: 'manifests-served', verdict: 'pass' }];
}

function about({ apiVersion, kind, objects, count }: WrittenApi): {
  readonly api: string;
  readonly kind: string;
  readonly count: number;
  readonly example: string;
} {
  return { api: apiVersion, kind, count, example: objects[0] ?? '' };
}

function subjectOf({ apiVersion, kind }: WrittenApi): { readonly kind: string; readonly name: string } {
  return { kind: 'API', name: `${apiVersion} ${kind}` };
}

function factsOf({ objects, writers, lastAt }: WrittenApi): {
  readonly objects: readonly string[];
  readonly writers: readonly string[];
  readonly lastAt?: string;
} {
  return { objects, writers, ...(lastAt === undefined ? {} : { lastAt }) };
}
