import type { ObjectRef, ProbeContext, Subject } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { namespacesOf, ownedBy } from '../shared/pods.ts';
import { type ServerPod, serverPods } from '../shared/redis.ts';
import { type Answer, askInstance, askSentinel } from './ask.ts';
import type { InstanceFacts, SentinelFacts, SentinelObservation, SentinelWords } from './observation.ts';
import type { rules, SentinelOptions } from './rules.ts';
import { instanceAt, labelOf, majorityOf, type Watch, watches } from './views.ts';

type Rule = keyof typeof rules;
type Context = ProbeContext<SentinelOptions, Rule>;

/** Rules that speak of each sentinel by itself, from its own words. */
const FOR_EACH: readonly Rule[] = [
  'each-watches',
  'each-reaches-quorum',
  'same-settings',
  'same-master',
  'knows-the-others',
  'not-in-tilt',
  'scripts-keep-up',
  'no-simulated-failures',
];
/** Rules that speak of the group, from the words of whoever talks. */
const FOR_ALL: readonly Rule[] = [
  'watches-a-master',
  'quorum-reachable',
  'majority-usable',
  'quorum-value',
  'survives-a-loss',
  'master-is-pod',
  'master-says-master',
  'master-up',
  'master-up-for-each',
  'down-master-silent',
  'failover-completes',
  'no-failover-running',
  'replica-promotable',
  'knows-all-replicas',
  'no-stale-replicas',
  'no-stale-sentinels',
  'only-own-sentinels',
];

const SENTINEL_PORT = 26_379;
const REDIS_PORT = 6379;

/** What was asked of one pod, with what could not be learnt of it. */
interface Asked extends Answer<SentinelWords> {
  readonly pod: ServerPod;
}

/** Asks every sentinel by itself, and every Redis server that they may speak of, all at once. */
export async function probe(context: Context): Promise<SentinelObservation> {
  const { kube, target } = context;
  const stores = (target.peers['redis'] ?? []).filter((peer) => peer.presence === 'present');
  const [own, theirs] = await Promise.all([staying(context, target.pods), Promise.all(stores.map((store) => staying(context, store.pods)))]);
  const [sentinelPods, storePods] = await Promise.all([
    serverPods(kube, own, SENTINEL_PORT, /sentinel/),
    Promise.all(theirs.map((refs) => serverPods(kube, refs, REDIS_PORT, /redis/))),
  ]);
  const [asked, instances] = await Promise.all([
    Promise.all(sentinelPods.map(async (pod): Promise<Asked> => ({ pod, ...(await askSentinel(context, pod)) }))),
    Promise.all(storePods.flatMap((pods, index) => pods.map(async (pod) => ({ pod, ...(await askInstance(context, pod, stores[index]?.component ?? '')) })))),
  ]);
  const sentinels = asked.map((each) => factsOf(each, asked));
  const observation: SentinelObservation = {
    group: groupOf(context),
    askedAt: context.now().toISOString(),
    sentinels,
    leaving: target.pods.length - own.length,
    stores: stores.map(({ component }) => component),
    instances: instances.map(({ facts }) => facts),
  };
  await tellBlindSpots(context, asked, observation);
  await tellBlindMasters(
    context,
    observation,
    instances.flatMap(({ facts, problem }) => (problem === undefined ? [] : [{ facts, problem }])),
  );
  const owners = await context.look(['master-is-pod', 'no-stale-replicas'], () => ownersOf(context, observation));
  return owners === undefined ? observation : { ...observation, owners };
}

/** Without those that are on their way out: they are nobody's sentinel any more, and stay in the list for up to a minute. */
async function staying({ kube }: Context, refs: readonly ObjectRef[]): Promise<readonly ObjectRef[]> {
  const pods = await Promise.all(namespacesOf(refs).map(async (namespace) => ownedBy(refs, namespace, await kube.list('pods', namespace))));
  return pods
    .flat()
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name }));
}

function groupOf({ target }: Context): Subject {
  const [workload] = target.workloads;
  if (workload !== undefined) return { kind: workload.kind, namespace: workload.namespace, name: workload.name };
  const [pod] = target.pods;
  return { kind: 'Pod', namespace: pod?.namespace ?? target.namespace, name: pod?.name ?? target.component };
}

/**
 * What the others say of a sentinel decides about one that could not be asked: a port-forward does not reach a server that listens on the pod's own
 * address alone, or that wants TLS, while the others do.
 */
function factsOf({ pod, state, detail, words }: Asked, all: readonly Asked[]): SentinelFacts {
  const held = all.map((other) => (other.pod === pod ? undefined : opinion(other.words, pod, words?.id ?? '')));
  const heldDown = held.filter((down) => down === true).length;
  const heldUp = held.filter((down) => down === false).length;
  const doubtful = state === 'refused' || state === 'closed' || state === 'garbled';
  const { namespace, name, node, address } = pod;
  const judged = doubtful && pod.ready && heldDown === 0 ? 'dark' : state;
  return { namespace, name, node, address, state: judged, detail, heldDown, heldUp, ...(words === undefined ? {} : { words }) };
}

/** Whether a sentinel holds another one to be down; undefined when it does not know it. */
function opinion(words: SentinelWords | undefined, pod: ServerPod, id: string): boolean | undefined {
  const entries = (words?.views ?? [])
    .flatMap(({ sentinels }) => sentinels)
    .filter((entry) => (id !== '' && entry.id === id) || entry.host === pod.address || labelOf(entry.host) === pod.name);
  return entries.length === 0 ? undefined : entries.every(({ flags }) => flags.includes('s_down'));
}

async function tellBlindSpots(context: Context, asked: readonly Asked[], { sentinels }: SentinelObservation): Promise<void> {
  const blind = async (rules: readonly Rule[], problem: ProbeError, subject?: Subject): Promise<void> => {
    await context.look(rules, () => Promise.reject(problem), subject);
  };
  const speaks = sentinels.some(({ words }) => words !== undefined);
  const answering = sentinels.filter(({ state }) => state === 'answers').length;
  const undecided: ProbeError[] = [];
  const untold: ProbeError[] = [];
  for (const [index, { state, detail, heldDown, namespace, name }] of sentinels.entries()) {
    const problem = asked[index]?.problem ?? new ProbeError({ reason: 'Refused', message: `${namespace}/${name}: ${detail}` });
    const subject = { kind: 'Pod', namespace, name };
    if (state === 'dark' && heldDown === 0) {
      undecided.push(problem);
      await blind(['each-answers'], problem, subject);
    } else if (state !== 'answers' || asked[index]?.problem === undefined) continue;
    untold.push(problem);
    if (speaks) await blind(FOR_EACH, problem, subject);
  }
  const [first] = undecided;
  const [reason] = untold;
  if (!speaks && reason !== undefined) await blind([...FOR_EACH, ...FOR_ALL], reason);
  if (first === undefined) return;
  const majority = majorityOf(sentinels.length);
  if (answering < majority && answering + undecided.length >= majority) await blind(['majority-answers'], first);
  if (answering === 0) await blind(['answers'], first);
}

/** What the sentinels say of a master can only be compared with its own words when these were heard. */
async function tellBlindMasters(
  context: Context,
  observation: SentinelObservation,
  dark: readonly { readonly facts: InstanceFacts; readonly problem: ProbeError }[],
): Promise<void> {
  for (const watch of watches(observation)) {
    const found = dark.find(({ facts }) => facts.name === watch.instance?.name);
    if (found !== undefined) await context.look(comparing(watch), () => Promise.reject(found.problem), watch.subject);
    // The address of one that could not be asked may be announced, and then only its own words tell that it is the master.
    const [any] = dark;
    if (watch.instance === undefined && any !== undefined) await context.look('master-is-pod', () => Promise.reject(any.problem), watch.subject);
  }
}

function comparing({ down }: Watch): readonly Rule[] {
  return down ? ['master-says-master', 'down-master-silent'] : ['master-says-master'];
}

/** Who has the addresses that the sentinels name and that are of no pod of theirs: another set's pod, or a Service that announces one. */
async function ownersOf({ kube, target }: Context, observation: SentinelObservation): Promise<Readonly<Record<string, string>>> {
  const peers = Object.values(target.peers).flat();
  const namespaces = [...new Set([target.namespace, ...namespacesOf([...target.pods, ...peers.flatMap(({ pods }) => pods)])])];
  const found = new Map<string, string>();
  for (const namespace of namespaces) {
    for (const { metadata, status } of await kube.list('pods', namespace)) {
      if (status?.podIP !== undefined && metadata.deletionTimestamp === undefined) found.set(status.podIP, `Pod ${namespace}/${metadata.name}`);
    }
    for (const { metadata, spec } of await kube.list('services', namespace)) {
      if (spec?.clusterIP !== undefined && spec.clusterIP !== 'None') found.set(spec.clusterIP, `Service ${namespace}/${metadata.name}`);
    }
  }
  const own = new Set(observation.sentinels.map(({ address }) => address));
  const named = observation.sentinels
    .flatMap(({ words }) => words?.views ?? [])
    .flatMap(({ master, replicas, sentinels }) => [master, ...replicas, ...sentinels.map((each) => ({ ...each, runId: '' }))])
    .filter(({ host, runId }) => !own.has(host) && instanceAt(observation, host, runId) === undefined);
  return Object.fromEntries(
    named.flatMap(({ host }) => {
      const owner = found.get(host);
      return owner === undefined ? [] : [[host, owner]];
    }),
  );
}
