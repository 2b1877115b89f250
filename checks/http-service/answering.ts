import { suspectsByLog } from './dependencies.ts';
import type { HttpServiceObservation, PodFacts } from './observation.ts';
import { type Excuse, type Standing, standingOf, type Trouble } from './standing.ts';
import { type Context, dataOf, type Group, grouped, type HttpServiceVerdict, namesOf, pass, say, subjectOf } from './verdicts.ts';

/** What proves by itself that the cause is here: how the process listens, and how its port is declared. */
const OWN: ReadonlySet<Trouble> = new Set(['loopback', 'tls-wanted', 'tls-missing']);

export interface Stood {
  readonly pod: PodFacts;
  readonly standing: Standing;
}

export function standings({ pods }: HttpServiceObservation, context: Context): readonly Stood[] {
  return pods.map((pod) => ({ pod, standing: standingOf(pod, context) }));
}

/** When nobody serves the service is down; beside a pod that does, the others are lost capacity and failing requests. */
export function answering(stood: readonly Stood[], { dependencies }: HttpServiceObservation): readonly HttpServiceVerdict[] {
  if (stood.length === 0) return [say('answers', 'skip', 'no-pods'), say('each-answers', 'skip', 'no-pods')];
  const of = (kind: Standing['kind']): readonly PodFacts[] => stood.filter(({ standing }) => standing.kind === kind).map(({ pod }) => pod);
  const [serving, dark] = [of('serving'), of('dark')];
  const troubles = groupsOf<Trouble>(stood, 'trouble');
  const excuses = groupsOf<Excuse>(stood, 'excused');
  const followers = excuses.find(({ id }) => id === 'follower')?.pods ?? [];
  const failures = (rule: 'answers' | 'each-answers') => troubles.map((group) => failure(rule, group, dependencies));
  if (serving.length > 0) {
    return [pass('answers', namesOf(serving)), ...(troubles.length > 0 ? failures('each-answers') : dark.length > 0 ? [] : [pass('each-answers')])];
  }
  // Somebody who could not be asked may serve: then nobody is known to be down altogether.
  if (dark.length > 0) return troubles.length > 0 ? failures('each-answers') : [];
  if (troubles.length > 0) return [...failures('answers'), say('each-answers', 'skip', 'see-answers')];
  if (followers.length > 0 && followers.length === stood.length) {
    return [say('answers', 'fail', 'no-leader', { pods: namesOf(followers) }), say('each-answers', 'skip', 'see-answers')];
  }
  return (['answers', 'each-answers'] as const).flatMap((rule) => excuses.map((group) => excuse(rule, group)));
}

function groupsOf<Id extends string>(stood: readonly Stood[], kind: 'trouble' | 'excused'): readonly Group<Id>[] {
  const byName = new Map(stood.map(({ pod, standing }) => [pod.name, standing]));
  return grouped(
    stood.map(({ pod }) => pod),
    ({ name }) => {
      const standing = byName.get(name);
      return standing?.kind === kind && 'id' in standing ? (standing.id as Id) : undefined;
    },
  );
}

function failure(rule: 'answers' | 'each-answers', group: Group<Trouble>, dependencies: HttpServiceObservation['dependencies']): HttpServiceVerdict {
  const [first] = group.pods;
  const because = [...new Set(group.pods.flatMap(({ log }) => suspectsByLog(log, dependencies)))];
  const since = first?.ready === false && first.readySince !== '' ? { since: first.readySince } : {};
  return say(rule, 'fail', group.id, dataOf(group), {
    ...(first === undefined ? {} : { subject: subjectOf(first) }),
    observed: { pods: group.pods.length, outcome: group.id },
    ...(because.length > 0 ? { because } : {}),
    ...(OWN.has(group.id) ? { own: true } : {}),
    ...since,
  });
}

function excuse(rule: 'answers' | 'each-answers', group: Group<Excuse>): HttpServiceVerdict {
  const [first] = group.pods;
  return say(rule, 'skip', group.id, dataOf(group), first === undefined ? {} : { subject: subjectOf(first) });
}
