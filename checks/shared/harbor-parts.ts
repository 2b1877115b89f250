import type { HttpOptions, HttpOutcome, HttpReader, KubeReader, ObjectRef, ProbeContext, Subject, Target } from '../../src/model/check.ts';
import type { Container, Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { isNodeReady } from './nodes.ts';
import { isFinished, isReady, namespacesOf, ownedBy } from './pods.ts';
import { oneLine } from './text.ts';

/** What the small services around Harbor's core have in common: a pod, a port, one path that says whether it serves. */

/** A pod of one of them, as far as asking it is concerned. */
export interface PartPod extends ObjectRef {
  readonly node: string;
  readonly ready: boolean;
  readonly state: 'running' | 'not-running' | 'node-lost';
  readonly port: number;
  /** Name and image of the container that serves the port. */
  readonly container: string;
  readonly image: string;
  /** The pod itself. */
  readonly pod: Pod;
}

/** Ports by preference, and what its container is called or made of. A port that a container declares wins over one that is only usual. */
export interface Wanted {
  readonly ports: readonly number[];
  readonly named: RegExp;
}

/** These pods in the order of the target, but for those that have ended. */
export async function partPods(kube: KubeReader, refs: readonly ObjectRef[], { ports, named }: Wanted): Promise<readonly PartPod[]> {
  const [lists, lost] = await Promise.all([
    Promise.all(namespacesOf(refs).map(async (namespace) => ownedBy(refs, namespace, await kube.list('pods', namespace)))),
    lostNodes(kube),
  ]);
  return lists
    .flat()
    .filter((pod) => !isFinished(pod))
    .map((pod) => {
      const { name, namespace = '', deletionTimestamp } = pod.metadata;
      const container = servingContainer(pod, ports, named);
      const node = pod.spec?.nodeName ?? '';
      const status = pod.status?.containerStatuses?.find((each) => each.name === container?.name);
      const runs = pod.status?.phase === 'Running' && deletionTimestamp === undefined && status?.state?.running !== undefined;
      return {
        namespace,
        name,
        node,
        ready: isReady(pod),
        state: lost.has(node) ? 'node-lost' : runs ? 'running' : 'not-running',
        port: portOf(container, ports),
        container: container?.name ?? '',
        image: container?.image ?? '',
        pod,
      };
    });
}

/** Without the right to list nodes none is known to be lost: whoever lives on one is then simply not reached. */
async function lostNodes(kube: KubeReader): Promise<ReadonlySet<string>> {
  try {
    return new Set((await kube.list('nodes')).filter((node) => !isNodeReady(node)).map((node) => node.metadata.name));
  } catch (error) {
    if (error instanceof ProbeError) return new Set();
    throw error;
  }
}

function servingContainer(pod: Pod, ports: readonly number[], named: RegExp): Container | undefined {
  const containers = pod.spec?.containers ?? [];
  const called = containers.filter(({ name, image = '' }) => named.test(name) || named.test(image));
  return [...called, ...containers].find((each) => each.ports?.some(({ containerPort }) => ports.includes(containerPort))) ?? called[0] ?? containers[0];
}

function portOf(container: Container | undefined, ports: readonly number[]): number {
  const declared = (container?.ports ?? []).map(({ containerPort }) => containerPort);
  return ports.find((port) => declared.includes(port)) ?? (declared.length === 1 ? declared[0] : undefined) ?? ports[0] ?? 80;
}

export function declares({ pod }: PartPod, port: number): boolean {
  return (pod.spec?.containers ?? []).some(({ ports = [] }) => ports.some(({ containerPort }) => containerPort === port));
}

/** Names of the claims that a pod mounts. */
export function claimsOf(pod: Pod): readonly string[] {
  return (pod.spec?.volumes ?? []).flatMap(({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? []);
}

/**
 * How asking a pod ended. `answers`: as it should. `status`: with an HTTP status that is none of success. `other`: with something that is not its own.
 * `silent`: it accepts and says nothing. `broken`: what it says is no HTTP. `not-running`: there is no process to ask. `dark`: nobody can say, which the
 * probe has reported.
 */
export type PartState = 'answers' | 'status' | 'other' | 'refused' | 'silent' | 'broken' | 'not-running' | 'dark';

export interface PartFacts extends ObjectRef {
  readonly node: string;
  readonly ready: boolean;
  readonly port: number;
  readonly path: string;
  readonly state: PartState;
  /** 0 when there was none. */
  readonly status: number;
  readonly detail: string;
}

export type HttpAnswer = Extract<HttpOutcome, { readonly kind: 'answer' }>;

export interface Asked {
  readonly facts: PartFacts;
  readonly answer?: HttpAnswer;
}

/** Health pages are small, and healthy ones come within milliseconds. Both ways together fit into the time of a probe. */
export const BRIEFLY: HttpOptions = { timeoutMs: 3000, maxBytes: 64 * 1024 };

/**
 * Asks one pod for a path. `judge` says what an answer is worth. Where the pod cannot be asked the rules become unknown for it, and its facts are `dark`.
 */
export async function askPart<Rule extends string>(
  { http, look }: Pick<ProbeContext<object, Rule>, 'http' | 'look'>,
  rules: readonly Rule[],
  pod: PartPod,
  path: string,
  judge: (answer: HttpAnswer) => 'answers' | 'status' | 'other',
): Promise<Asked> {
  const { namespace, name, node, ready, port } = pod;
  const base = { namespace, name, node, ready, port, path, status: 0, detail: '' };
  if (pod.state === 'not-running') return { facts: { ...base, state: 'not-running' } };
  const outcome = await look(rules, () => reach(http, pod, port, path), podSubject(pod));
  if (outcome === undefined) return { facts: { ...base, state: 'dark' } };
  if (outcome.kind === 'unreachable') return { facts: { ...base, state: silenceOf(outcome.cause), detail: oneLine(outcome.message) } };
  const { status, body } = outcome;
  const state = judge(outcome);
  return { facts: { ...base, state, status, detail: state === 'answers' ? '' : oneLine(body.slice(0, 400)) }, answer: outcome };
}

/**
 * Through the proxy, as other pods come to it; where that way is slow or closed, from inside of the pod, which tells a server that hangs from a network
 * between the API server and the pod. Throws ProbeError when neither way is open.
 */
export async function reach(http: HttpReader, pod: PartPod, port: number, path: string, scheme: 'http' | 'https' = 'http'): Promise<HttpOutcome> {
  const { namespace, name, node, state } = pod;
  if (state === 'node-lost')
    throw new ProbeError({ reason: 'PrerequisiteFailed', message: `${namespace}/${name} cannot be asked: its node ${node} does not report.` });
  const options: HttpOptions = { ...BRIEFLY, scheme };
  try {
    const outcome = await http.pod({ namespace, name }, port, path, options);
    if (scheme === 'http' && wantsTls(outcome)) return await reach(http, pod, port, path, 'https');
    // A server that wants our certificate lives, and will not talk to us.
    if (outcome.kind === 'unreachable' && outcome.cause === 'tls') throw new ProbeError({ reason: 'TlsError', message: oneLine(outcome.message) });
    if (outcome.kind === 'answer' || !['timeout', 'no-route', 'other'].includes(outcome.cause)) return outcome;
  } catch (error) {
    // The API server waits longer for a pod that says nothing than we do.
    if (!(error instanceof ProbeError) || error.problem.reason !== 'Timeout') throw error;
  }
  return http.forwarded({ namespace, name }, port, path, options);
}

/** The words of Go and of nginx for plain HTTP on a port that speaks TLS: Harbor's parts may, from 2.0 on, among themselves. */
function wantsTls(outcome: HttpOutcome): boolean {
  return outcome.kind === 'answer' && outcome.status === 400 && /HTTPS (?:server|port)/.test(outcome.body);
}

function silenceOf(cause: Extract<HttpOutcome, { readonly kind: 'unreachable' }>['cause']): PartState {
  return cause === 'refused' ? 'refused' : cause === 'timeout' ? 'silent' : 'broken';
}

export function podSubject({ namespace, name }: ObjectRef): Subject {
  return { kind: 'Pod', namespace, name };
}

/** Full ids of the dependencies that are made of one of these technologies. */
export function dependenciesOf(target: Target, technologies: readonly string[]): readonly string[] {
  return target.dependencies.filter(({ technologies: has }) => has.some((each) => technologies.includes(each))).map(({ component }) => component);
}

/** Technologies that a Redis is reached through. */
export const REDIS = ['redis', 'redis-sentinel', 'haproxy'];
/** Technologies that a PostgreSQL, or Harbor's older MySQL, is reached through. */
export const DATABASE = ['stolon-proxy', 'stolon-keeper', 'mysql'];
