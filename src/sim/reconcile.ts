import type { Condition, Pod, Service } from '../model/kubernetes.ts';
import { digest, type Mutable, type StoredObject, timestamp } from './objects.ts';
import { matchesLabels } from './selectors.ts';
import type { ClusterState } from './state.ts';

type EditablePod = Mutable<Pod>;

/** Brings the status of workloads, Endpoints and EndpointSlices in line with pods and Services, as the controllers would have within a second. */
export function reconcile(state: ClusterState): void {
  const pods = podsByNamespace(state);
  for (const service of state.objects.list('services')) endpointsOf(service, pods.get(service.metadata.namespace ?? '') ?? [], state);
  replicaSets(state, pods);
  deployments(state, pods);
  statefulSets(state, pods);
  daemonSets(state, pods);
}

function podsByNamespace(state: ClusterState): ReadonlyMap<string, readonly EditablePod[]> {
  const byNamespace = new Map<string, EditablePod[]>();
  for (const pod of state.objects.list('pods')) {
    const namespace = pod.metadata.namespace ?? '';
    const list = byNamespace.get(namespace) ?? [];
    list.push(pod);
    byNamespace.set(namespace, list);
  }
  for (const list of byNamespace.values()) list.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return byNamespace;
}

export function isReady(pod: EditablePod): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === 'Ready' && condition.status === 'True') ?? false;
}

/** Sets a condition; its lastTransitionTime moves only when the status changes, as controllers keep it. */
export function setCondition(conditions: Mutable<Condition>[], next: Mutable<Condition>, at: string): void {
  const index = conditions.findIndex((condition) => condition.type === next.type);
  const before = conditions[index];
  const transition = before?.status === next.status ? (before?.lastTransitionTime ?? at) : at;
  const condition = { ...next, lastTransitionTime: next.lastTransitionTime ?? transition };
  if (index < 0) conditions.push(condition);
  else conditions[index] = condition;
}

interface Target {
  ip: string;
  nodeName?: string;
  targetRef: { kind: string; namespace: string; name: string; uid: string; resourceVersion: string };
}

function endpointsOf(service: Mutable<Service>, pods: readonly EditablePod[], state: ClusterState): void {
  const { name, namespace = '', labels } = service.metadata;
  const selector = service.spec?.selector ?? {};
  if (Object.keys(selector).length === 0) return;
  const ready: Target[] = [];
  const notReady: Target[] = [];
  for (const pod of pods) {
    const ip = pod.status?.podIP;
    const over = pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
    if (!ip || over || pod.metadata.deletionTimestamp !== undefined || !matchesLabels(pod.metadata.labels ?? {}, selector)) continue;
    const { resourceVersion = '' } = pod.metadata as { resourceVersion?: string };
    const target: Target = {
      ip,
      ...(pod.spec?.nodeName === undefined ? {} : { nodeName: pod.spec.nodeName }),
      targetRef: { kind: 'Pod', namespace, name: pod.metadata.name, uid: pod.metadata.uid ?? '', resourceVersion },
    };
    if (isReady(pod) || service.spec?.publishNotReadyAddresses === true) ready.push(target);
    else notReady.push(target);
  }
  const ports = (service.spec?.ports ?? []).map((port) => ({
    ...(port.name === undefined ? {} : { name: port.name }),
    port: typeof port.targetPort === 'number' ? port.targetPort : port.port,
    protocol: port.protocol ?? 'TCP',
  }));
  const subsets =
    ready.length + notReady.length === 0
      ? undefined
      : [{ ...(ready.length > 0 ? { addresses: ready } : {}), ...(notReady.length > 0 ? { notReadyAddresses: notReady } : {}), ports }];
  const existing = state.objects.get('endpoints', name, namespace);
  if (existing) {
    if (subsets) existing.subsets = subsets;
    else delete existing.subsets;
  } else {
    const { creationTimestamp } = service.metadata;
    state.objects.put('endpoints', {
      metadata: { name, namespace, ...(creationTimestamp ? { creationTimestamp } : {}), ...(labels ? { labels } : {}) },
      ...(subsets ? { subsets } : {}),
    });
  }
  slices(service, ready, notReady, ports, state);
}

function slices(service: Mutable<Service>, ready: readonly Target[], notReady: readonly Target[], ports: readonly unknown[], state: ClusterState): void {
  const { name, namespace = '', creationTimestamp = '' } = service.metadata;
  const v1 = state.version.minor >= 21;
  const endpoint =
    (isUp: boolean) =>
    (target: Target): unknown => ({
      addresses: [target.ip],
      conditions: v1 ? { ready: isUp, serving: isUp, terminating: false } : { ready: isUp },
      // v1 has a field of its own for what v1beta1 kept in its topology.
      ...(v1 ? { nodeName: target.nodeName } : { topology: { 'kubernetes.io/hostname': target.nodeName } }),
      targetRef: { kind: 'Pod', namespace, name: target.targetRef.name, uid: target.targetRef.uid },
    });
  state.objects.put('endpointslices', {
    metadata: {
      name: `${name}-${digest(`${namespace}/${name}`, 5)}`,
      generateName: `${name}-`,
      namespace,
      generation: 1,
      creationTimestamp,
      labels: { 'endpointslice.kubernetes.io/managed-by': 'endpointslice-controller.k8s.io', 'kubernetes.io/service-name': name },
      ownerReferences: [{ kind: 'Service', name, controller: true }],
    },
    addressType: 'IPv4',
    endpoints: [...ready.map(endpoint(true)), ...notReady.map(endpoint(false))],
    ports,
  });
}

interface Counts {
  readonly total: number;
  readonly ready: number;
}

function countOwned(pods: readonly EditablePod[], kind: string, name: string): Counts {
  const owned = pods.filter(
    (pod) => pod.metadata.deletionTimestamp === undefined && pod.metadata.ownerReferences?.some((owner) => owner.kind === kind && owner.name === name),
  );
  return { total: owned.length, ready: owned.filter(isReady).length };
}

/** A ReplicaSet is no resource that skiffctl reads, so it has no type in the model. */
interface ReplicaSetShape {
  spec: { replicas: number };
  status: Record<string, number>;
}

function replicaSets(state: ClusterState, pods: ReadonlyMap<string, readonly EditablePod[]>): void {
  for (const object of state.objects.list('replicasets')) {
    const { name, namespace = '', generation = 1 } = object.metadata;
    const set = object as StoredObject & ReplicaSetShape;
    const { total, ready } = countOwned(pods.get(namespace) ?? [], 'ReplicaSet', name);
    set.status = {
      replicas: total,
      ...(total > 0 ? { fullyLabeledReplicas: total } : {}),
      ...(ready > 0 ? { readyReplicas: ready, availableReplicas: ready } : {}),
      observedGeneration: generation,
    };
  }
}

function deployments(state: ClusterState, pods: ReadonlyMap<string, readonly EditablePod[]>): void {
  for (const deployment of state.objects.list('deployments')) {
    const { name, namespace = '', generation = 1 } = deployment.metadata;
    const sets = state.objects
      .list('replicasets', namespace)
      .filter((set) => set.metadata.ownerReferences?.some((owner) => owner.kind === 'Deployment' && owner.name === name))
      .map((set) => set as StoredObject & ReplicaSetShape)
      .sort((a, b) => revisionOf(b) - revisionOf(a));
    const at = brokenSince(pods.get(namespace) ?? [], sets) ?? timestamp(state.now());
    const sum = (field: string): number => sets.reduce((total, set) => total + (set.status[field] ?? 0), 0);
    const desired = deployment.spec?.replicas ?? 1;
    const total = sum('replicas');
    const available = sum('availableReplicas');
    const updated = sets[0]?.status['replicas'] ?? 0;
    const unavailable = Math.max(0, Math.max(total, desired) - available);
    const conditions = deployment.status?.conditions ?? [];
    // With the default maxUnavailable of 25 %, rounded down, a Deployment of up to three replicas may miss none.
    const enough = available >= desired - Math.floor(desired / 4);
    setCondition(
      conditions,
      enough
        ? { type: 'Available', status: 'True', reason: 'MinimumReplicasAvailable', message: 'Deployment has minimum availability.' }
        : { type: 'Available', status: 'False', reason: 'MinimumReplicasUnavailable', message: 'Deployment does not have minimum availability.' },
      at,
    );
    const before = deployment.status?.observedGeneration;
    deployment.status = {
      // A controller that is down does not observe: what a scenario set lower stays.
      observedGeneration: before !== undefined && before < generation && deployment.spec?.paused === true ? before : generation,
      ...(total > 0 ? { replicas: total } : {}),
      ...(updated > 0 ? { updatedReplicas: updated } : {}),
      ...(sum('readyReplicas') > 0 ? { readyReplicas: sum('readyReplicas') } : {}),
      ...(available > 0 ? { availableReplicas: available } : {}),
      ...(unavailable > 0 ? { unavailableReplicas: unavailable } : {}),
      conditions: conditions.map((condition) => ({ lastUpdateTime: condition.lastTransitionTime ?? at, ...condition })),
    };
  }
}

/** When the first of the pods that are not ready stopped being so: that is when a Deployment's own condition turned. */
function brokenSince(pods: readonly EditablePod[], sets: readonly StoredObject[]): string | undefined {
  const names = new Set(sets.map((set) => set.metadata.name));
  const times = pods
    .filter((pod) => !isReady(pod) && pod.metadata.ownerReferences?.some((owner) => names.has(owner.name ?? '')))
    .map((pod) => pod.status?.conditions?.find((condition) => condition.type === 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '');
  return times.sort()[0];
}

function revisionOf(set: StoredObject): number {
  return Number(set.metadata.annotations?.['deployment.kubernetes.io/revision'] ?? 0);
}

function statefulSets(state: ClusterState, pods: ReadonlyMap<string, readonly EditablePod[]>): void {
  for (const set of state.objects.list('statefulsets')) {
    const { name, namespace = '', generation = 1 } = set.metadata;
    const { total, ready } = countOwned(pods.get(namespace) ?? [], 'StatefulSet', name);
    const revision = set.status?.currentRevision ?? `${name}-${digest(name, 10)}`;
    set.status = {
      observedGeneration: generation,
      replicas: total,
      ...(ready > 0 ? { readyReplicas: ready } : {}),
      ...(total > 0 ? { currentReplicas: total, updatedReplicas: total } : {}),
      currentRevision: revision,
      updateRevision: set.status?.updateRevision ?? revision,
    };
  }
}

function daemonSets(state: ClusterState, pods: ReadonlyMap<string, readonly EditablePod[]>): void {
  const nodes = state.objects.list('nodes').filter((node) => node.metadata.labels?.['skiff.netease.com/role'] === 'manager').length;
  for (const set of state.objects.list('daemonsets')) {
    const { name, namespace = '', generation = 1 } = set.metadata;
    const { total, ready } = countOwned(pods.get(namespace) ?? [], 'DaemonSet', name);
    const desired = Math.max(nodes, total);
    set.status = {
      currentNumberScheduled: total,
      numberMisscheduled: 0,
      desiredNumberScheduled: desired,
      numberReady: ready,
      observedGeneration: generation,
      updatedNumberScheduled: total,
      ...(ready > 0 ? { numberAvailable: ready } : {}),
      ...(desired - ready > 0 ? { numberUnavailable: desired - ready } : {}),
    };
  }
}
