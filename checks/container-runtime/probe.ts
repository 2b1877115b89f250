import type { ProbeContext } from '../../src/model/check.ts';
import type { Node } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { heartbeatOf, lagsBehind, newest, nodeLeases } from '../shared/heartbeat.ts';
import { readiness, unreadyCause } from '../shared/kubelet.ts';
import type { BrokenRuntime, RuntimeObservation } from './observation.ts';

/** Names of nodes that are kept for each version. */
const MOST_NAMES = 20;

/**
 * A container runtime has no port that could be asked from outside: what is known of it is what its node's kubelet says. Where the kubelet is silent,
 * nothing is known.
 */
export async function probe(context: ProbeContext<object>): Promise<RuntimeObservation> {
  const { kube } = context;
  const nodes = (await kube.list('nodes')).toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  const leases = await context.look('serves', () => nodeLeases(kube));
  const heartbeats = new Map(nodes.map((node) => [node, leases && heartbeatOf(node, leases)] as const));
  const newestOfAll = newest([...heartbeats.values()]);
  const speaks = (node: Node): boolean => readiness(node).ready !== 'Unknown' && !lagsBehind(heartbeats.get(node), newestOfAll);
  for (const node of nodes.filter((candidate) => !speaks(candidate))) {
    const { name } = node.metadata;
    await context.look('serves', () => unknowable(name), { kind: 'Node', name });
  }
  const judged = nodes.filter(speaks);
  if (judged.length === 0 && nodes.length > 0) await context.look('any-serves', () => unknowable(nodes.map((node) => node.metadata.name).join(', ')));
  return { nodes: nodes.length, judged: judged.length, broken: judged.flatMap(brokenRuntime), versions: versionsOf(nodes) };
}

function unknowable(node: string): Promise<never> {
  return Promise.reject(
    new ProbeError({ reason: 'PrerequisiteFailed', message: `The kubelet of ${node} does not report, and nothing else tells of its container runtime.` }),
  );
}

function brokenRuntime(node: Node): readonly BrokenRuntime[] {
  const { ready, message, since } = readiness(node);
  const cause = unreadyCause(message);
  if (ready !== 'False' || cause === 'network' || cause === 'other') return [];
  return [{ node: node.metadata.name, cause, message, ...(since === undefined ? {} : { since }) }];
}

function versionsOf(nodes: readonly Node[]): Readonly<Record<string, readonly string[]>> {
  const versions: Record<string, string[]> = {};
  for (const node of nodes) {
    const version = node.status?.nodeInfo?.containerRuntimeVersion;
    if (version === undefined || version === '') continue;
    versions[version] ??= [];
    if (versions[version].length < MOST_NAMES) versions[version].push(node.metadata.name);
  }
  return versions;
}
