import type { ObjectRef, Subject } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { isNodeReady } from '../shared/nodes.ts';
import { isFinished, namespacesOf, ownedBy } from '../shared/pods.ts';
import { alarmsAmong, alarmsOf, versionsOf } from './answers.ts';
import { type Cluster, clusterOf, knowsLeader } from './cluster.ts';
import { ask, type EtcdContext } from './contact.ts';
import { lagsOf, revisionsDiffer } from './data.ts';
import { evaluate } from './evaluate.ts';
import { Gateway } from './gateway.ts';
import { CLIENT_PORT, type Door, type Listeners, listenersOf } from './listeners.ts';
import { type Look, lookAgain, lookAt, type Source } from './member.ts';
import type { AlarmFacts, EtcdObservation, MemberFacts } from './observation.ts';
import { leadersDiffer } from './quorum.ts';
import { type EtcdRule, rules } from './rules.ts';
import { hasBeenSlow } from './speed.ts';

/** Rules that speak of single members, by where their facts come from. */
const OF_MEMBERS: Readonly<Record<Source, readonly EtcdRule[]>> = {
  contact: ['members-answer', 'members-healthy', 'followers-current', 'fsync-in-time', 'fsync-not-stalled', 'commit-in-time', 'files-left'],
  gateway: ['one-leader', 'one-cluster', 'revisions-agree'],
  metrics: ['peers-connected', 'proposals-pass', 'fsync-in-time', 'fsync-not-stalled', 'commit-in-time', 'files-left'],
  version: ['versions-close'],
};

/** Rules that nothing but the metrics, or the version, can tell of. All others live on the gateway, as long as somebody answers. */
const BY_METRICS: readonly EtcdRule[] = [
  'peers-connected',
  'proposals-pass',
  'leader-stable',
  'fsync-in-time',
  'fsync-not-stalled',
  'commit-in-time',
  'peer-round-trip',
  'files-left',
];
const BY_VERSION: readonly EtcdRule[] = ['versions-close', 'version-decided'];

/** Asks every member by itself, and a second time where the first look gives reason for it. */
export async function probe(context: EtcdContext): Promise<EtcdObservation> {
  const started = performance.now();
  const pods = await podsOf(context);
  const nothing = (kind: 'no-pods' | 'no-etcd'): EtcdObservation => ({ kind, members: [], readAt: context.now().toISOString() });
  if (pods.length === 0) return nothing('no-pods');
  const etcds = await etcdsAmong(context, pods);
  if (etcds.length === 0) return nothing('no-etcd');
  const gateway = new Gateway(context);
  const looks = await withNodes(context, await Promise.all(etcds.map(([pod, listeners]) => lookAt(context, pod, listeners, gateway))));
  const readAt = context.now().toISOString();
  const first = observationOf(looks, { readAt });
  const alarms = await askAlarms(looks, first, gateway);
  const again = await secondLook(context, looks, first, gateway, started);
  const observation = observationOf(looks, { readAt, ...again, ...alarms });
  await tellBlindSpots(context, looks, observation);
  return observation;
}

async function podsOf({ kube, target }: EtcdContext): Promise<readonly Pod[]> {
  const lists = await Promise.all(namespacesOf(target.pods).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))));
  return lists.flat().filter((pod) => !isFinished(pod));
}

/** The pods with an etcd in them. When nothing about any of them says so, whether an etcd answers on its usual port. */
async function etcdsAmong(context: EtcdContext, pods: readonly Pod[]): Promise<readonly (readonly [Pod, Listeners])[]> {
  const known = pods.flatMap((pod): readonly (readonly [Pod, Listeners])[] => {
    const listeners = listenersOf(pod);
    return listeners === undefined ? [] : [[pod, listeners]];
  });
  if (known.length > 0) return known;
  const door: Door = { scheme: 'http', port: CLIENT_PORT, reach: 'unsaid' };
  const answers = await Promise.all(
    pods.filter(({ status }) => status?.podIP !== undefined).map(async (pod) => ({ pod, is: await isEtcd(context, pod, door) })),
  );
  return answers.flatMap(({ pod, is }) => (is ? [[pod, { client: [door], metrics: [], wantsCertificate: false }] as const] : []));
}

async function isEtcd(context: EtcdContext, { metadata }: Pod, door: Door): Promise<boolean> {
  const pod = { namespace: metadata.namespace ?? context.target.namespace, name: metadata.name };
  const outcome = await ask(context, pod, { door, via: 'proxy' }, '/version');
  return outcome.kind === 'answer' && versionsOf(outcome.body).version !== undefined;
}

/** Looks at the nodes of members that do not answer: nothing on a node that is not ready is at fault by itself. */
async function withNodes(context: EtcdContext, looks: readonly Look[]): Promise<readonly Look[]> {
  if (looks.every(({ facts }) => facts.answer === 'answers')) return looks;
  const nodes = await readyNodes(context);
  return looks.map((look): Look => {
    const { facts, undecided } = look;
    if (facts.answer === 'answers' || facts.node === '' || nodes === undefined) return look;
    const nodeReady = nodes.get(facts.node) ?? false;
    if (nodeReady || !undecided) return { ...look, facts: { ...facts, nodeReady } };
    return { ...look, facts: { ...facts, nodeReady, answer: 'no-way' }, problems: [] };
  });
}

/** Whether each node is ready; undefined when that could not be read, which makes none of them guilty. */
async function readyNodes({ kube }: EtcdContext): Promise<ReadonlyMap<string, boolean> | undefined> {
  try {
    return new Map((await kube.list('nodes')).map((node) => [node.metadata.name, isNodeReady(node)]));
  } catch (error) {
    if (error instanceof ProbeError) return undefined;
    throw error;
  }
}

function observationOf(
  looks: readonly Look[],
  rest: Pick<EtcdObservation, 'readAt' | 'alarms' | 'secondsBetween'> & { readonly again?: Again },
): EtcdObservation {
  const { again, ...others } = rest;
  const members = looks.map(({ facts }): MemberFacts => {
    const second = again?.get(facts.pod);
    return second === undefined ? facts : { ...facts, again: second };
  });
  return { kind: 'etcd', members, ...others };
}

type Again = ReadonlyMap<string, NonNullable<MemberFacts['again']>>;

/**
 * Looks again after a while at what one look cannot tell: a moment without a leader or with two, revisions and indexes that are read one after the other,
 * writes that were slow at some time since the start. A cluster without any of these is not kept waiting.
 */
async function secondLook(
  context: EtcdContext,
  looks: readonly Look[],
  first: EtcdObservation,
  gateway: Gateway,
  started: number,
): Promise<{ readonly again?: Again; readonly secondsBetween?: number }> {
  const { options, signal } = context;
  const cluster = clusterOf(first);
  const status = isUnclear(cluster, options.lagEntries);
  const wanted = looks
    .filter(({ facts }) => facts.answer === 'answers')
    .map((look) => ({ look, status, metrics: hasBeenSlow(look.facts, options) || (look.facts.metrics?.pending ?? 0) > options.pendingProposals }))
    .filter((each) => each.status || each.metrics);
  if (options.sampleSeconds <= 0 || wanted.length === 0) return {};
  await pause(started + options.sampleSeconds * 1000 - performance.now(), signal);
  // Whoever waited for a silent member has waited longer.
  const secondsBetween = Math.max(options.sampleSeconds, Math.round((performance.now() - started) / 1000));
  const found = await Promise.all(wanted.map(async ({ look, ...what }) => [look.facts.pod, await lookAgain(context, look, gateway, what)] as const));
  return { again: new Map(found), secondsBetween };
}

function isUnclear(cluster: Cluster, lagEntries: number): boolean {
  const { answering } = cluster;
  const isUnwell = (member: MemberFacts): boolean =>
    knowsLeader(member) === false || (member.health?.healthy === false && alarmsAmong(member.status?.errors ?? []).length === 0);
  const unwell = cluster.hasMajority !== false && answering.some(isUnwell);
  return unwell || leadersDiffer(cluster) || revisionsDiffer(cluster) || lagsOf(cluster).some(({ lag }) => lag > lagEntries);
}

/** At least a moment, so that a second look is one. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, Math.max(10, milliseconds));
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}

/**
 * The alarms of the cluster, from one member: they are the same on all. The question goes through the log of the cluster, so it is asked once, and not at all
 * where nobody leads. What it does not answer is missing to the rules only when no status tells of alarms.
 */
async function askAlarms(looks: readonly Look[], first: EtcdObservation, gateway: Gateway): Promise<{ readonly alarms?: readonly AlarmFacts[] }> {
  const able = looks.filter(({ facts, asked }) => asked !== undefined && facts.status !== undefined && knowsLeader(facts) === true && !facts.status.learner);
  const chosen = able.find(({ facts }) => facts.status?.leader === facts.status?.memberId) ?? able[0];
  if (chosen?.asked === undefined || clusterOf(first).hasMajority === false) return {};
  try {
    return { alarms: alarmsOf(await gateway.ask(chosen.asked, 'alarms')) };
  } catch (error) {
    if (error instanceof ProbeError) return {};
    throw error;
  }
}

/**
 * Says what could not be asked. Rules of which evaluate can say nothing at all are unknown for the component; of the others those members are, whose own
 * facts are missing.
 */
async function tellBlindSpots(context: EtcdContext, looks: readonly Look[], observation: EtcdObservation): Promise<void> {
  const verdicts = evaluate(observation, { options: context.options, now: context.now() });
  const spoken = new Set(verdicts.map(({ rule }) => rule));
  // Of one that certainly does not answer there is no more to know.
  const down = new Set(verdicts.flatMap(({ rule, verdict, subject }) => (rule === 'members-answer' && verdict === 'fail' ? (subject?.name ?? []) : [])));
  const problems = looks.flatMap((look) =>
    look.problems.map(({ source, error }) => ({ source, error, subject: subjectOf(look.facts), metrics: look.facts.metrics })),
  );
  const silent = (Object.keys(rules) as EtcdRule[]).filter((rule) => !spoken.has(rule));
  const sourceOf = (rule: EtcdRule): Source => (BY_METRICS.includes(rule) ? 'metrics' : BY_VERSION.includes(rule) ? 'version' : 'gateway');
  const blamed = Map.groupBy(silent, (rule) => {
    const own = problems.find(({ source }) => source === sourceOf(rule));
    return own ?? problems.find(({ source }) => source === 'contact') ?? problems[0];
  });
  for (const [problem, unknown] of blamed) if (problem !== undefined) await context.look(unknown, () => Promise.reject(problem.error));
  const told = new Set<string>();
  for (const { source, error, subject, metrics } of problems.filter((problem) => !down.has(problem.subject.name))) {
    // Who leads, a member's metrics tell as well.
    const missing = OF_MEMBERS[source].filter((rule) => rule !== 'one-leader' || metrics?.isLeader === undefined);
    const open = missing.filter((rule) => spoken.has(rule) && !told.has(`${subject.name} ${rule}`));
    for (const rule of open) told.add(`${subject.name} ${rule}`);
    if (open.length > 0) await context.look(open, () => Promise.reject(error), subject);
  }
}

function subjectOf({ namespace, pod }: Pick<MemberFacts, 'namespace' | 'pod'>): Subject & ObjectRef {
  return { kind: 'Pod', namespace, name: pod };
}
