import type { HttpReader, ProbeContext } from '../../src/model/check.ts';
import type { Lease, Node } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { type Heartbeat, heartbeatOf, lagsBehind, minorVersion, newest, nodeLeases } from '../shared/heartbeat.ts';
import { askKubelet, hostAnswers, MOST_ASKED, readiness } from '../shared/kubelet.ts';
import { internalAddress } from '../shared/nodes.ts';
import { condition } from '../shared/pods.ts';
import { oneLine } from '../shared/text.ts';
import type { ConditionFacts, Contact, NodeObservation } from './observation.ts';
import { CONDITIONS } from './rules.ts';

/** All nodes come from one list that every node's probe shares. Only a node that is silent is asked anything, so that healthy ones cost nothing. */
export async function probe(context: ProbeContext<object>): Promise<NodeObservation> {
  const { kube, target, http } = context;
  const name = target.component.slice(target.component.indexOf('/') + 1);
  const nodes = await kube.list('nodes');
  const node = nodes.find((candidate) => candidate.metadata.name === name);
  if (node === undefined) throw new ProbeError({ reason: 'NothingToAsk', message: `There is no node ${name} any more.` });
  const leases = await context.look(['heartbeat', 'noticed', 'clock'], () => nodeLeases(kube));
  const heartbeat = leases && heartbeatOf(node, leases);
  const others = nodes.filter((candidate) => candidate !== node);
  const newestElsewhere = leases && newest(others.map((other) => heartbeatOf(other, leases)));
  const { ready, reason, message, since } = readiness(node);
  const contact = isTroubled(node, heartbeat, newestElsewhere) ? await contactOf(http, name, silentNodes(nodes, leases ?? [])) : undefined;
  const cordonedAt = node.spec?.taints?.find((taint) => taint.key === 'node.kubernetes.io/unschedulable')?.timeAdded;
  const address = internalAddress(node) ?? '';
  return {
    name,
    ready,
    reason,
    message,
    heartbeatRead: leases !== undefined,
    nodes: nodes.length,
    conditions: Object.fromEntries(CONDITIONS.flatMap((type) => conditionOf(node, type))),
    cordoned: node.spec?.unschedulable === true,
    taints: (node.spec?.taints ?? []).filter(isWorthTelling).map((taint) => `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect ?? ''}`),
    kubeletVersion: node.status?.nodeInfo?.kubeletVersion ?? '',
    newestVersion: newestVersion(nodes),
    address,
    sameAddress: address === '' ? [] : others.filter((other) => internalAddress(other) === address).map((other) => other.metadata.name),
    ...(since === undefined ? {} : { readySince: since }),
    ...(heartbeat === undefined ? {} : { heartbeat }),
    ...(newestElsewhere === undefined ? {} : { newestElsewhere }),
    ...(contact === undefined ? {} : { contact }),
    ...(cordonedAt === undefined ? {} : { cordonedSince: cordonedAt }),
  };
}

/** Ready=False is a living kubelet that gives its reason itself: only silence is worth a question. */
function isTroubled(node: Node, heartbeat: Heartbeat | undefined, elsewhere: Heartbeat | undefined): boolean {
  return readiness(node).ready === 'Unknown' || lagsBehind(heartbeat, elsewhere);
}

function silentNodes(nodes: readonly Node[], leases: readonly Lease[]): readonly string[] {
  const newestOfAll = newest(nodes.map((node) => heartbeatOf(node, leases)));
  return nodes.filter((node) => isTroubled(node, heartbeatOf(node, leases), newestOfAll)).map((node) => node.metadata.name);
}

async function contactOf(http: HttpReader, name: string, silent: readonly string[]): Promise<Contact> {
  if (silent.toSorted().indexOf(name) >= MOST_ASKED) return { kubelet: 'among-many', silent: silent.length };
  try {
    const [{ answer, status, detail }, host] = await Promise.all([askKubelet(http, name), hostAnswers(http, name)]);
    return { kubelet: answer, status, detail, hostAnswers: host };
  } catch (error) {
    // That the node is silent is known already; the question would only have told why.
    if (error instanceof ProbeError) return { kubelet: 'unasked', detail: oneLine(error.problem.message) };
    throw error;
  }
}

function conditionOf(node: Node, type: string): readonly (readonly [string, ConditionFacts])[] {
  const found = condition(node.status?.conditions, type);
  if (found === undefined) return [];
  const since = found.lastTransitionTime;
  return [[type, { status: found.status ?? 'Unknown', message: oneLine(found.message ?? found.reason ?? ''), ...(since === undefined ? {} : { since }) }]];
}

/**
 * Taints that keep pods away and that no other rule speaks of: a node put out of service, one that a cloud has not initialised or has shut down, and
 * anything that evicts. The role of a master and the taints that mirror a condition are everyday.
 */
function isWorthTelling(taint: { readonly key: string; readonly effect?: string }): boolean {
  if (/^node\.kubernetes\.io\/(not-ready|unreachable|unschedulable|memory-pressure|disk-pressure|pid-pressure|network-unavailable)$/.test(taint.key))
    return false;
  if (taint.key.startsWith('node-role.kubernetes.io/')) return false;
  return taint.effect === 'NoExecute' || taint.key === 'node.kubernetes.io/out-of-service' || taint.key.startsWith('node.cloudprovider.kubernetes.io/');
}

function newestVersion(nodes: readonly Node[]): string {
  const versions = nodes.flatMap((node) => node.status?.nodeInfo?.kubeletVersion ?? []).filter((version) => minorVersion(version) !== undefined);
  return versions.toSorted((a, b) => (minorVersion(b) ?? 0) - (minorVersion(a) ?? 0))[0] ?? '';
}
