import type { Access, KubeReader } from '../model/check.ts';
import type { Discovery } from '../model/component.ts';
import type { ConfigMap, CronJob, DaemonSet, Deployment, Namespace, Node, Pod, ResourceName, Service, StatefulSet } from '../model/kubernetes.ts';
import { type Problem, problemOf } from '../model/problem.ts';

const PER_NAMESPACE = ['pods', 'services', 'deployments', 'statefulsets', 'daemonsets', 'cronjobs', 'configmaps'] as const satisfies readonly ResourceName[];

/** What discovery reads, no more and no less. `component` scope: every namespace of the inventory that is present. */
export const DISCOVERY_READS: readonly Access[] = [
  { resource: 'namespaces', verbs: ['list'], scope: 'cluster' },
  { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
  ...PER_NAMESPACE.map((resource): Access => ({ resource, verbs: ['list'], scope: 'component' })),
];

/** The objects of one namespace. A kind that could not be read is undefined, which is not the same as empty. */
export interface NamespaceObjects {
  readonly name: string;
  readonly pods: readonly Pod[] | undefined;
  readonly services: readonly Service[] | undefined;
  readonly deployments: readonly Deployment[] | undefined;
  readonly statefulsets: readonly StatefulSet[] | undefined;
  readonly daemonsets: readonly DaemonSet[] | undefined;
  readonly cronjobs: readonly CronJob[] | undefined;
  readonly configmaps: readonly ConfigMap[] | undefined;
}

/** Everything that discovery read, as it was. */
export interface Snapshot {
  /** The names of all namespaces, or undefined when they may not be listed. */
  readonly namespaceNames: readonly string[] | undefined;
  readonly nodes: readonly Node[] | undefined;
  readonly objects: readonly NamespaceObjects[];
  readonly blindSpots: Discovery['blindSpots'];
}

type BlindSpot = Discovery['blindSpots'][number];

/**
 * Reads what discovery needs, in the namespaces that `choose` picks from all names (undefined when they may not be listed). What cannot be read
 * becomes a blind spot and stays undefined; never throws for a read.
 */
export async function takeSnapshot(kube: KubeReader, choose: (names: readonly string[] | undefined) => readonly string[]): Promise<Snapshot> {
  const blindSpots: BlindSpot[] = [];
  const [namespaces, nodes] = await Promise.all([attempt(kube.list('namespaces')), attempt(kube.list('nodes'))]);
  if ('problem' in namespaces) blindSpots.push(blindSpot(['namespaces'], namespaces.problem));
  if ('problem' in nodes) blindSpots.push(blindSpot(['nodes'], nodes.problem));
  const namespaceNames = 'value' in namespaces ? namespaces.value.map((namespace: Namespace) => namespace.metadata.name) : undefined;
  const read = await Promise.all(choose(namespaceNames).map((name) => readNamespace(kube, name)));
  const unlisted = 'problem' in namespaces ? (namespaces.problem.needs ?? 'list namespaces') : undefined;
  return {
    namespaceNames,
    nodes: 'value' in nodes ? nodes.value : undefined,
    objects: read.map((each) => each.objects),
    blindSpots: [
      ...blindSpots,
      ...read.flatMap((each) => each.blindSpots.map((spot) => (unlisted === undefined ? spot : orUnlisted(spot, each.objects, unlisted)))),
    ],
  };
}

/** Where the names may not be listed, a namespace that refuses everything may as well not exist: the right to list them would tell. */
function orUnlisted(spot: BlindSpot, { name, ...kinds }: NamespaceObjects, unlisted: string): BlindSpot {
  const refusesAll = spot.problem.reason === 'Forbidden' && Object.values(kinds).every((objects) => objects === undefined);
  return refusesAll ? { ...spot, problem: { ...spot.problem, needs: `${unlisted}, or ${spot.problem.needs ?? `everything in ${name}`}` } } : spot;
}

type Attempt<T> = { readonly value: T } | { readonly problem: Problem };

async function attempt<T>(read: Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await read };
  } catch (error) {
    return { problem: problemOf(error) };
  }
}

async function readNamespace(kube: KubeReader, name: string): Promise<{ objects: NamespaceObjects; blindSpots: BlindSpot[] }> {
  const failed: { readonly resource: string; readonly problem: Problem }[] = [];
  async function list<R extends (typeof PER_NAMESPACE)[number]>(resource: R) {
    const outcome = await attempt(kube.list(resource, name));
    if ('value' in outcome) return outcome.value;
    // An API server that does not serve a kind has told that there is nothing of it.
    if (outcome.problem.reason === 'NotServed') return [];
    failed.push({ resource, problem: outcome.problem });
    return undefined;
  }
  const [pods, services, deployments, statefulsets, daemonsets, cronjobs, configmaps] = await Promise.all([
    list('pods'),
    list('services'),
    list('deployments'),
    list('statefulsets'),
    list('daemonsets'),
    list('cronjobs'),
    list('configmaps'),
  ]);
  // One blind spot for each reason, not one for each read: a namespace that is denied altogether is one fact.
  const byReason = Map.groupBy(failed, (each) => each.problem.reason);
  const blindSpots = [...byReason.values()].map((group) => {
    const resources = PER_NAMESPACE.filter((resource) => group.some((each) => each.resource === resource));
    const first = group.find((each) => each.resource === resources[0]);
    return blindSpot(resources, (first ?? group[0])?.problem as Problem, name);
  });
  blindSpots.sort((a, b) => (a.problem.reason < b.problem.reason ? -1 : 1));
  return { objects: { name, pods, services, deployments, statefulsets, daemonsets, cronjobs, configmaps }, blindSpots };
}

function blindSpot(resources: readonly string[], problem: Problem, namespace?: string): BlindSpot {
  const list = resources.join(', ');
  const where = namespace === undefined ? '' : ` in ${namespace}`;
  const own = resources.length === 1 && problem.needs !== undefined ? problem.needs : `list ${list}${where}`;
  return {
    message:
      namespace === undefined
        ? { zh: `无法列出 ${list}`, en: `${list} could not be listed` }
        : { zh: `无法列出命名空间 ${namespace} 中的 ${list}`, en: `${list} in namespace ${namespace} could not be listed` },
    problem: { ...problem, needs: own },
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** True when every kind that holds workloads could be read, so that what was not found is not there. */
export function workloadsReadable(objects: NamespaceObjects): boolean {
  return (
    objects.pods !== undefined &&
    objects.deployments !== undefined &&
    objects.statefulsets !== undefined &&
    objects.daemonsets !== undefined &&
    objects.cronjobs !== undefined
  );
}
