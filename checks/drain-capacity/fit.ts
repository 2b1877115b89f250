import type { Node, Pod, Toleration } from '../../src/model/kubernetes.ts';
import { isNodeReady } from '../shared/nodes.ts';
import { isFinished, staysOnDrain } from '../shared/pods.ts';
import { quantity } from '../shared/quantity.ts';

/**
 * Resources that the scheduler itself counts on every node. Extended resources may be counted by an extender instead, and a node then has none of them to
 * compare with.
 */
const COUNTED = ['cpu', 'memory', 'ephemeral-storage', 'pods'] as const;
type Amounts = Readonly<Record<string, number>>;

export interface Fit {
  readonly others: number;
  readonly moving: readonly Pod[];
  /** Allowed elsewhere, and without room. */
  readonly homeless: readonly Pod[];
  readonly missing: readonly string[];
  /** Allowed nowhere else. */
  readonly bound: readonly Pod[];
}

/**
 * Where the pods of a node would go when it is drained, by what they request: the largest first, each to the node with the most memory left that allows it and
 * has room. Affinities, volumes and ports are not looked at. Pure.
 */
export function fitElsewhere(node: Node, nodes: readonly Node[], pods: readonly Pod[]): Fit {
  const living = pods.filter((pod) => !isFinished(pod));
  const moving = living.filter((pod) => pod.spec?.nodeName === node.metadata.name && pod.metadata.deletionTimestamp === undefined && !staysOnDrain(pod));
  const others = nodes.filter((other) => other.metadata.name !== node.metadata.name && isNodeReady(other) && other.spec?.unschedulable !== true);
  const free = new Map(others.map((other) => [other.metadata.name, freeOf(other, living)]));
  const homeless: Pod[] = [];
  const bound: Pod[] = [];
  const missing = new Set<string>();
  for (const pod of moving.toSorted((a, b) => size(b) - size(a))) {
    const allowed = others.filter((other) => allows(other, pod));
    const needs = requestsOf(pod);
    const room = allowed
      .filter((other) => lacking(free.get(other.metadata.name) ?? {}, needs).length === 0)
      .toSorted((a, b) => (free.get(b.metadata.name)?.['memory'] ?? 0) - (free.get(a.metadata.name)?.['memory'] ?? 0));
    const [home] = room;
    if (home !== undefined) free.set(home.metadata.name, minus(free.get(home.metadata.name) ?? {}, needs));
    else if (allowed.length === 0 && others.length > 0) bound.push(pod);
    else {
      homeless.push(pod);
      for (const other of allowed) for (const name of lacking(free.get(other.metadata.name) ?? {}, needs)) missing.add(name);
    }
  }
  return { others: others.length, moving, homeless, missing: [...missing].sort(), bound };
}

function freeOf(node: Node, pods: readonly Pod[]): Amounts {
  const allocatable = Object.fromEntries(COUNTED.flatMap((name) => toEntry(name, node.status?.allocatable?.[name])));
  return pods.filter((pod) => pod.spec?.nodeName === node.metadata.name).reduce<Amounts>((left, pod) => minus(left, requestsOf(pod)), allocatable);
}

function toEntry(name: string, text: string | undefined): readonly (readonly [string, number])[] {
  const value = quantity(text);
  return value === undefined ? [] : [[name, value]];
}

/** What the scheduler reserves: the sum of the containers or the largest init container, whichever is more, and the overhead. */
function requestsOf({ spec }: Pod): Amounts {
  const amounts: Record<string, number> = { pods: 1 };
  for (const name of COUNTED) {
    if (name === 'pods') continue;
    const of = (container: { readonly resources?: { readonly requests?: Readonly<Record<string, string>> } }): number =>
      quantity(container.resources?.requests?.[name]) ?? 0;
    const together = (spec?.containers ?? []).reduce((sum, container) => sum + of(container), 0);
    amounts[name] = Math.max(together, ...(spec?.initContainers ?? []).map(of)) + (quantity(spec?.overhead?.[name]) ?? 0);
  }
  return amounts;
}

function size(pod: Pod): number {
  return requestsOf(pod)['memory'] ?? 0;
}

function minus(from: Amounts, amounts: Amounts): Amounts {
  return Object.fromEntries(Object.entries(from).map(([name, value]) => [name, value - (amounts[name] ?? 0)]));
}

/** What a node does not tell of is not counted there. Rounding of fractions is no shortage. */
function lacking(free: Amounts, needs: Amounts): readonly string[] {
  return Object.entries(needs).flatMap(([name, amount]) => (amount > 0 && name in free && amount > (free[name] ?? 0) + 1e-6 ? [name] : []));
}

function allows(node: Node, { spec }: Pod): boolean {
  const labels = node.metadata.labels ?? {};
  const chosen = Object.entries(spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const taints = (node.spec?.taints ?? []).filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute');
  return chosen && taints.every((taint) => (spec?.tolerations ?? []).some((toleration) => tolerates(toleration, taint)));
}

function tolerates(toleration: Toleration, taint: { readonly key: string; readonly value?: string; readonly effect?: string }): boolean {
  if (toleration.effect !== undefined && toleration.effect !== '' && toleration.effect !== taint.effect) return false;
  if (toleration.operator === 'Exists') return toleration.key === undefined || toleration.key === '' || toleration.key === taint.key;
  return toleration.key === taint.key && (toleration.value ?? '') === (taint.value ?? '');
}
