import type { ProbeContext } from '../../src/model/check.ts';
import type { Node } from '../../src/model/kubernetes.ts';
import { type Heartbeat, heartbeatOf, lagsBehind, newest, nodeLeases } from '../shared/heartbeat.ts';
import { askKubelet, MOST_ASKED, readiness } from '../shared/kubelet.ts';
import type { KubeletObservation, TroubledNode } from './observation.ts';

/** More nodes in trouble say nothing new. */
const MOST_TROUBLED = 50;

/** Looks at what the kubelets of all nodes report, and asks those that are in trouble. */
export async function probe(context: ProbeContext<object>): Promise<KubeletObservation> {
  const { kube } = context;
  const nodes = await kube.list('nodes');
  const leases = await context.look(['any-reports', 'reports'], () => nodeLeases(kube));
  const last = new Map(nodes.map((node) => [node, leases && heartbeatOf(node, leases)] as const));
  const newestOfAll = newest([...last.values()]);
  const troubled = nodes
    .filter((node) => readiness(node).ready !== 'True' || lagsBehind(last.get(node), newestOfAll))
    .toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))
    .slice(0, MOST_TROUBLED);
  return {
    nodes: nodes.length,
    heartbeatRead: leases !== undefined,
    troubled: await Promise.all(troubled.map((node, position) => troubledNode(context, node, last.get(node), position < MOST_ASKED))),
    ...(newestOfAll === undefined ? {} : { newest: newestOfAll }),
  };
}

async function troubledNode(context: ProbeContext<object>, node: Node, heartbeat: Heartbeat | undefined, worthAsking: boolean): Promise<TroubledNode> {
  const { name } = node.metadata;
  const { ready, message, since } = readiness(node);
  const answer = worthAsking ? await context.look('healthy', () => askKubelet(context.http, name), { kind: 'Node', name }) : undefined;
  return {
    name,
    ready,
    message,
    answer: answer?.answer ?? 'unasked',
    status: answer?.status ?? 0,
    detail: answer?.detail ?? '',
    ...(since === undefined ? {} : { since }),
    ...(heartbeat === undefined ? {} : { heartbeat }),
  };
}
