import type { KubeReader, ObjectRef } from '../../src/model/check.ts';
import type { RedisError, RedisReply } from '../../src/model/conversation.ts';
import type { Container, Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { isNodeReady } from './nodes.ts';
import { isFinished, isReady, namespacesOf, ownedBy } from './pods.ts';

/** The fields of INFO, of whatever sections were asked for: `role` → `master`. Lines that are no field are passed over. */
export function infoFields(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    text.split('\n').flatMap((raw) => {
      const line = raw.trim();
      const colon = line.indexOf(':');
      return line.startsWith('#') || colon < 1 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
}

/** The pairs of a value such as `ip=10.244.1.7,port=6379,state=online` in INFO. */
export function pairs(value: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    value.split(',').flatMap((pair) => {
      const equals = pair.indexOf('=');
      return equals < 1 ? [] : [[pair.slice(0, equals), pair.slice(equals + 1)]];
    }),
  );
}

/** A flat array of names and values, as Sentinel answers with, as a record. Anything else is an empty one. */
export function flatFields(reply: RedisReply): Readonly<Record<string, string>> {
  if (!Array.isArray(reply)) return {};
  const items = reply as readonly RedisReply[];
  return Object.fromEntries(Array.from({ length: Math.floor(items.length / 2) }, (_, at) => [String(items[2 * at]), textOf(items[2 * at + 1] ?? null)]));
}

/** A reply as text; empty for a missing one and for what is no text. */
export function textOf(reply: RedisReply): string {
  return typeof reply === 'string' ? reply : typeof reply === 'number' ? String(reply) : '';
}

export function isRedisError(reply: RedisReply | undefined): reply is RedisError {
  return typeof reply === 'object' && reply !== null && 'code' in reply;
}

/** A whole number of INFO, `maxclients:10000`; undefined where there is none. */
export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
}

/**
 * A pod that holds a server, as far as asking it is concerned. `not-running`: its container does not run, or the pod is on its way out, which is the
 * workload's matter. `node-lost`: its node does not report, so nothing in it can be reached.
 */
export interface ServerPod {
  readonly namespace: string;
  readonly name: string;
  /** Empty when it has none yet. */
  readonly address: string;
  readonly node: string;
  readonly ready: boolean;
  readonly state: 'running' | 'not-running' | 'node-lost';
  /** The port that its container declares for this protocol, or the usual one. */
  readonly port: number;
}

/** These pods, but for those that have ended, in the order of the target. `usualPort` is the protocol's own, `named` what sites call it. */
export async function serverPods(kube: KubeReader, refs: readonly ObjectRef[], usualPort: number, named: RegExp): Promise<readonly ServerPod[]> {
  const [lists, lost] = await Promise.all([
    Promise.all(namespacesOf(refs).map(async (namespace) => ownedBy(refs, namespace, await kube.list('pods', namespace)))),
    lostNodes(kube),
  ]);
  return lists
    .flat()
    .filter((pod) => !isFinished(pod))
    .map((pod) => {
      const { name, namespace = '', deletionTimestamp } = pod.metadata;
      const container = serverContainer(pod, usualPort, named);
      const node = pod.spec?.nodeName ?? '';
      const status = pod.status?.containerStatuses?.find((each) => each.name === container?.name);
      const runs = pod.status?.phase === 'Running' && deletionTimestamp === undefined && status?.state?.running !== undefined;
      return {
        namespace,
        name,
        address: pod.status?.podIP ?? '',
        node,
        ready: isReady(pod),
        state: lost.has(node) ? 'node-lost' : runs ? 'running' : 'not-running',
        port: portOf(container, usualPort, named),
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

function serverContainer(pod: Pod, usualPort: number, named: RegExp): Container | undefined {
  const containers = pod.spec?.containers ?? [];
  return (
    containers.find((each) => each.ports?.some(({ containerPort }) => containerPort === usualPort)) ??
    containers.find((each) => each.ports?.some(({ name }) => named.test(name ?? ''))) ??
    containers.find((each) => named.test(each.name) || named.test(each.image ?? '')) ??
    containers[0]
  );
}

function portOf(container: Container | undefined, usualPort: number, named: RegExp): number {
  const ports = container?.ports ?? [];
  if (ports.some(({ containerPort }) => containerPort === usualPort)) return usualPort;
  return ports.find(({ name }) => named.test(name ?? ''))?.containerPort ?? (ports.length === 1 ? ports[0]?.containerPort : undefined) ?? usualPort;
}
