import type { ObjectRef, Subject } from '../../src/model/check.ts';
import type { Pod, Service } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { isNodeReady } from '../shared/nodes.ts';
import { condition, isFinished, isReady, namespacesOf, ownedBy } from '../shared/pods.ts';
import { type Way, wayTo } from './addresses.ts';
import { Asker, type Context, converse, type Heard, isHeard, type Said } from './ask.ts';
import { SOON_MS } from './front.ts';
import { LOG_LINES, signIn } from './log.ts';
import type { Address, HttpServiceObservation, LogSign, Page, PassedOn, PodFacts } from './observation.ts';
import { pageOf, passOn } from './page.ts';
import { doubtfulPorts, type Serving } from './ports.ts';
import type { HttpServiceRule } from './rules.ts';
import { isDown, jsonObject } from './spring.ts';

/** More pods say nothing new. */
const MOST = 30;
/** Logs of one component that are read: its pods break for the same reason. */
const MOST_LOGS = 2;
/** What is judged by asking each pod. */
const BY_ANSWER = [
  'answers',
  'each-answers',
  'healthy',
  'each-healthy',
  'prompt',
  'timely',
  'readiness-agrees',
  'reachable',
  'has-health-endpoint',
  'as-expected',
] as const satisfies readonly HttpServiceRule[];

/** A pod together with what is only needed while it is looked at. */
interface Looked {
  readonly pod: Pod;
  readonly facts: PodFacts;
  readonly way: Way;
  readonly asker?: Asker;
  readonly heard?: Heard;
}

/** Asks every running pod, ready or not, at the place where the vendor's own probe asks it; and for the reason where the answer is bad. */
export async function probe(context: Context): Promise<HttpServiceObservation> {
  const { kube, target, options } = context;
  const [lists, services, lost] = await Promise.all([
    Promise.all(namespacesOf(target.pods).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace)))),
    servicesOf(context),
    lostNodes(context),
  ]);
  const pods = lists
    .flat()
    .filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined)
    .slice(0, MOST);
  const looked = await Promise.all(pods.map((pod) => lookAt(context, pod, services, lost)));
  const answering = looked.flatMap(({ pod, facts, asker, heard }): readonly Serving[] =>
    asker !== undefined && heard !== undefined && isHeard(heard) ? [{ pod, facts, asker, heard }] : [],
  );
  const serving = answering.filter(({ facts: { outcome } }) => outcome?.kind === 'answer' && outcome.status < 500 && outcome.elapsedMs < SOON_MS);
  const [logs, { ports, leading }] = await Promise.all([readLogs(context, looked), doubtfulPorts(context, services, answering)]);
  const pages = options.page ? await loadPages(context, serving) : new Map<string, Page>();
  const passedOn = await askBehind(context, serving);
  return {
    pods: looked.map(({ facts }) => {
      const [log, page] = [logs.get(facts.name), pages.get(facts.name)];
      return { ...facts, ...(log === undefined ? {} : { log }), ...(page === undefined ? {} : { page }) };
    }),
    ports,
    leading,
    passedOn,
    dependencies: target.dependencies,
  };
}

async function servicesOf({ kube, target }: Context): Promise<readonly Service[]> {
  const lists = await Promise.all(
    namespacesOf(target.services).map(async (namespace) => ownedBy(target.services, namespace, await kube.list('services', namespace))),
  );
  return lists.flat();
}

/** Without the right to list nodes none is known to be lost: whoever lives on one is then simply not reached. */
async function lostNodes({ kube }: Context): Promise<ReadonlySet<string>> {
  try {
    return new Set((await kube.list('nodes')).filter((node) => !isNodeReady(node)).map((node) => node.metadata.name));
  } catch (error) {
    if (error instanceof ProbeError) return new Set();
    throw error;
  }
}

async function lookAt(context: Context, pod: Pod, services: readonly Service[], lost: ReadonlySet<string>): Promise<Looked> {
  const way = wayTo(pod, services, context.options);
  const facts = factsOf(pod, way, lost);
  const { address } = way;
  if (facts.state !== 'running' || address === undefined) return { pod, facts, way };
  const asker = new Asker(context, refOf(facts), facts.ready, way.loopback);
  const said = await context.look(BY_ANSWER, () => conversation(context, asker, address), subjectOf(facts));
  if (said === undefined) return { pod, facts, way, asker };
  return { pod, facts: { ...facts, ...heardBy(context, said) }, way, asker, heard: said.heard };
}

/** A path of the vendor's that is never asked, such as one that restarts something, leaves the usual ones. */
async function conversation(context: Context, asker: Asker, address: Address): Promise<Said> {
  try {
    return await converse(context, asker, address);
  } catch (error) {
    if (address.source === 'site' || !(error instanceof Error) || error.name !== 'NotPermitted') throw error;
    return converse(context, asker, { ...address, path: '', source: 'declared' });
  }
}

function heardBy({ options }: Context, { address, heard, health }: Said): Partial<PodFacts> {
  const paths = Object.keys(options.expectedJson);
  return {
    address,
    outcome: heard.outcome,
    ...(health === undefined ? {} : { health }),
    ...(paths.length === 0 || !isHeard(heard) ? {} : { found: valuesAt(heard.body, paths) }),
  };
}

function valuesAt(body: string, paths: readonly string[]): NonNullable<PodFacts['found']> {
  const whole: unknown = jsonObject(body);
  return Object.fromEntries(
    paths.map((path) => {
      const value = path
        .split('.')
        .reduce<unknown>(
          (at, key) => (typeof at === 'object' && at !== null && Object.hasOwn(at, key) ? (at as Record<string, unknown>)[key] : undefined),
          whole,
        );
      if (typeof value === 'string') return [path, value.slice(0, 120)];
      return [path, typeof value === 'number' || typeof value === 'boolean' ? value : null];
    }),
  );
}

function factsOf(pod: Pod, way: Way, lost: ReadonlySet<string>): PodFacts {
  const { metadata, spec, status } = pod;
  const node = spec?.nodeName ?? '';
  const container = status?.containerStatuses?.find((each) => each.name === way.container);
  const { address, readiness, headers, timeoutSeconds } = way;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    node,
    ready: isReady(pod),
    containerReady: container?.ready === true,
    readySince: condition(status?.conditions, 'Ready')?.lastTransitionTime ?? '',
    startedAt: container?.state?.running?.startedAt ?? '',
    state: lost.has(node) ? 'node-lost' : status?.phase === 'Running' && container?.state?.running !== undefined ? 'running' : 'not-running',
    readiness,
    headers,
    timeoutSeconds,
    ...(address === undefined ? {} : { address }),
  };
}

function refOf({ namespace, name }: PodFacts): ObjectRef {
  return { namespace, name };
}

function subjectOf({ namespace, name }: PodFacts): Subject {
  return { kind: 'Pod', namespace, name };
}

/** Logs of pods that do not serve and do not say why: the first few. */
async function readLogs(context: Context, looked: readonly Looked[]): Promise<ReadonlyMap<string, LogSign>> {
  // Who does not lead does not serve, and has nothing to explain.
  const broken = looked.filter((each) => isInexplicable(each) && !(context.options.leaderOnly && !each.facts.ready)).slice(0, MOST_LOGS);
  const signs = await Promise.all(
    broken.map(async ({ facts, way }) => {
      const log = await context.look('log-clear', () => context.kube.logs(refOf(facts), { container: way.container, tailLines: LOG_LINES }), subjectOf(facts));
      return log === undefined ? [] : [[facts.name, signIn(log)] as const];
    }),
  );
  return new Map(signs.flat());
}

function isInexplicable({ pod, facts, way }: Looked): boolean {
  if (facts.state === 'node-lost') return false;
  const container = pod.status?.containerStatuses?.find((each) => each.name === way.container);
  // A container that has never run has no log.
  if (facts.state === 'not-running') return container?.state?.terminated !== undefined || container?.lastState?.terminated !== undefined;
  const { outcome, health } = facts;
  if (outcome === undefined) return false;
  if (health?.status === 'STUCK') return true;
  if (outcome.kind === 'answer') return outcome.status >= 500 && !(health !== undefined && isDown(health) && health.failing.some(({ error }) => error !== ''));
  return ['refused', 'hung', 'closed'].includes(outcome.kind);
}

async function loadPages(context: Context, serving: readonly Serving[]): Promise<ReadonlyMap<string, Page>> {
  const pages = await Promise.all(
    serving.map(async ({ asker, facts, heard }) => {
      const page = await context.look('page-loads', () => pageOf(asker, facts.address as Address, heard), subjectOf(facts));
      return page === undefined ? [] : [[facts.name, page] as const];
    }),
  );
  return new Map(pages.flat());
}

/**
 * Each path is asked for once, of the pod that was asked least so far. A component behind it that has no pods is not asked for: whether it should have any is
 * judged there.
 */
async function askBehind(context: Context, serving: readonly Serving[]): Promise<readonly PassedOn[]> {
  const behind = Object.values(context.target.peers).flat();
  const asked = Object.entries(context.options.passesOn).map(async ([path, to]): Promise<PassedOn | undefined> => {
    const [most] = serving.toSorted((a, b) => b.asker.left - a.asker.left);
    if (most === undefined) return undefined;
    const peer = behind.find(({ component }) => component === to || component.endsWith(`/${to}`));
    const { namespace, name } = most.facts;
    if (peer?.pods.length === 0) return { pod: name, namespace, path, to, status: 0, absent: true };
    // The first is asked for whatever the pod was asked before.
    if (most.asker.left <= 0 && path !== Object.keys(context.options.passesOn)[0]) return undefined;
    return context.look('passes-on', () => passOn(most.asker, most.facts.address as Address, path, to), subjectOf(most.facts));
  });
  return (await Promise.all(asked)).filter((each) => each !== undefined);
}
