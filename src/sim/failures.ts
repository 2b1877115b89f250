import type { ContainerStatus, Pod } from '../model/kubernetes.ts';
import { moveLocks } from './locks.ts';
import { digest, type Mutable, minutesBefore, timestamp, uidOf } from './objects.ts';
import { conditionsOf, NODES } from './pods.ts';
import { setCondition } from './reconcile.ts';
import type { ClusterState } from './state.ts';

type EditablePod = Mutable<Pod>;

/** An event, as the event recorders write it: counted by first and last timestamp. */
export interface EventPlan {
  readonly type: 'Normal' | 'Warning';
  readonly reason: string;
  readonly message: string;
  readonly about: { readonly kind: string; readonly name: string; readonly namespace?: string; readonly fieldPath?: string };
  readonly component: string;
  readonly host?: string;
  /** When it was first and last seen, in minutes before the simulation's start. */
  readonly from: number;
  readonly to: number;
  readonly count?: number;
}

const PLURALS: Readonly<Record<string, string>> = {
  Pod: 'pods',
  Node: 'nodes',
  Deployment: 'deployments',
  ReplicaSet: 'replicasets',
  StatefulSet: 'statefulsets',
  PersistentVolumeClaim: 'persistentvolumeclaims',
};

/** Events of a node are kept in `default`, all others beside what they are about. */
export function addEvent(state: ClusterState, plan: EventPlan): void {
  const { kind, name, namespace, fieldPath } = plan.about;
  const home = namespace ?? 'default';
  const suffix = digest(`${home}/${name}/${plan.reason}/${plan.message}`, 16);
  const first = timestamp(minutesBefore(state.startedAt, plan.from));
  const last = timestamp(minutesBefore(state.startedAt, plan.to));
  // The kubelet knows its node by name alone.
  const uid = kind === 'Node' && plan.component === 'kubelet' ? name : uidOf(PLURALS[kind] ?? '', namespace, name);
  state.objects.put('events', {
    metadata: { name: `${name}.${suffix}`, namespace: home, creationTimestamp: first },
    involvedObject: {
      kind,
      ...(namespace === undefined ? {} : { namespace }),
      name,
      uid,
      apiVersion: kind === 'Deployment' || kind.endsWith('Set') ? 'apps/v1' : 'v1',
      ...(fieldPath === undefined ? {} : { fieldPath }),
    },
    reason: plan.reason,
    message: plan.message,
    source: { component: plan.component, ...(plan.host === undefined ? {} : { host: plan.host }) },
    firstTimestamp: first,
    lastTimestamp: last,
    count: plan.count ?? 1,
    type: plan.type,
    eventTime: null,
    reportingComponent: '',
    reportingInstance: '',
  });
}

interface Place {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly container: string;
  readonly image: string;
  readonly uid: string;
}

function placeOf(pod: EditablePod): Place {
  const container = pod.spec?.containers?.[0];
  return {
    namespace: pod.metadata.namespace ?? '',
    name: pod.metadata.name,
    node: pod.spec?.nodeName ?? '',
    container: container?.name ?? '',
    image: container?.image ?? '',
    uid: pod.metadata.uid ?? '',
  };
}

function kubeletEvent(
  state: ClusterState,
  pod: EditablePod,
  type: 'Normal' | 'Warning',
  reason: string,
  message: string,
  from: number,
  to: number,
  count: number,
): void {
  const { namespace, name, node, container } = placeOf(pod);
  addEvent(state, {
    type,
    reason,
    message,
    about: { kind: 'Pod', name, namespace, fieldPath: `spec.containers{${container}}` },
    component: 'kubelet',
    host: node,
    from,
    to,
    count,
  });
}

function setStatus(pod: EditablePod, container: string, status: Partial<Mutable<ContainerStatus>>, at: string): void {
  const before = pod.status?.containerStatuses?.[0];
  pod.status = {
    ...pod.status,
    conditions: pod.status?.conditions ?? [],
    containerStatuses: [{ ...before, name: container, ready: false, ...status }],
  };
  for (const condition of conditionsOf(false, container, at)) {
    if (condition.type === 'Ready' || condition.type === 'ContainersReady')
      setCondition(pod.status.conditions ?? [], { ...condition, lastTransitionTime: at }, at);
  }
}

export interface Crash {
  readonly exitCode: number;
  /** `Error`, or `OOMKilled` with exit code 137. */
  readonly reason?: 'Error' | 'OOMKilled';
  readonly restarts: number;
  /** Since when, in minutes before the start. */
  readonly since: number;
  /** Last lines of the container's log before it ended. */
  readonly log: readonly string[];
}

/** CrashLoopBackOff as the kubelet reports it: waiting for the next start, the last end kept. */
export function crashLoop(state: ClusterState, pod: EditablePod, crash: Crash): void {
  const { namespace, name, container, uid } = placeOf(pod);
  const at = timestamp(minutesBefore(state.startedAt, crash.since));
  const finished = minutesBefore(state.startedAt, 2);
  const backOff = `back-off 5m0s restarting failed container=${container} pod=${name}_${namespace}(${uid})`;
  const containerID = `docker://${digest(`${namespace}/${name}/${crash.restarts}`, 64)}`;
  const terminated = {
    exitCode: crash.exitCode,
    reason: crash.reason ?? 'Error',
    startedAt: timestamp(new Date(finished.getTime() - 8_000)),
    finishedAt: timestamp(finished),
    containerID,
  };
  setStatus(
    pod,
    container,
    { restartCount: crash.restarts, state: { waiting: { reason: 'CrashLoopBackOff', message: backOff } }, lastState: { terminated } },
    at,
  );
  state.logs.set(`${namespace}/${name}/${container}`, { current: crash.log, previous: crash.log });
  // The text names container and pod since 1.26.
  const text =
    state.version.minor >= 26
      ? `Back-off restarting failed container ${container} in pod ${name}_${namespace}(${uid})`
      : 'Back-off restarting failed container';
  kubeletEvent(state, pod, 'Warning', 'BackOff', text, crash.since, 1, crash.restarts * 4);
}

/** ImagePullBackOff of a pod that was made `since` minutes ago and never ran. `why`: the registry's words where it is not that it has no such image. */
export function imagePullFailure(state: ClusterState, pod: EditablePod, image: string, since: number, why?: string): void {
  const { container } = placeOf(pod);
  const at = timestamp(minutesBefore(state.startedAt, since));
  pod.metadata.creationTimestamp = at;
  for (const each of pod.spec?.containers ?? []) if (each.name === container) each.image = image;
  setStatus(
    pod,
    container,
    { restartCount: 0, image, state: { waiting: { reason: 'ImagePullBackOff', message: `Back-off pulling image "${image}"` } }, lastState: {} },
    at,
  );
  const status = pod.status?.containerStatuses?.[0];
  if (status) status.imageID = '';
  if (pod.status) {
    pod.status.phase = 'Pending';
    pod.status.startTime = at;
    for (const condition of pod.status.conditions ?? []) condition.lastTransitionTime = at;
  }
  const docker = state.version.minor < 24;
  const cause = docker
    ? `rpc error: code = Unknown desc = Error response from daemon: ${why ?? `manifest for ${image} not found: manifest unknown: manifest unknown`}`
    : `rpc error: code = ${why === undefined ? 'NotFound' : 'Unknown'} desc = failed to pull and unpack image "${image}": failed to resolve reference "${image}": ${why ?? `${image}: not found`}`;
  kubeletEvent(state, pod, 'Normal', 'Pulling', `Pulling image "${image}"`, since, 3, 4);
  kubeletEvent(state, pod, 'Warning', 'Failed', `Failed to pull image "${image}": ${cause}`, since, 3, 4);
  kubeletEvent(state, pod, 'Warning', 'Failed', 'Error: ErrImagePull', since, 3, 4);
  kubeletEvent(state, pod, 'Normal', 'BackOff', `Back-off pulling image "${image}"`, since, 1, 6);
  kubeletEvent(state, pod, 'Warning', 'Failed', 'Error: ImagePullBackOff', since, 1, 6);
}

/** CreateContainerConfigError: what the container's configuration names does not exist, so that it never starts. */
export function configurationMissing(state: ClusterState, pod: EditablePod, message: string, since: number): void {
  const { container } = placeOf(pod);
  const at = timestamp(minutesBefore(state.startedAt, since));
  pod.metadata.creationTimestamp = at;
  setStatus(pod, container, { restartCount: 0, state: { waiting: { reason: 'CreateContainerConfigError', message } }, lastState: {} }, at);
  if (pod.status) {
    pod.status.phase = 'Pending';
    pod.status.startTime = at;
    for (const condition of pod.status.conditions ?? []) condition.lastTransitionTime = at;
  }
  kubeletEvent(state, pod, 'Warning', 'Failed', `Error: ${message}`, since, 0.2, Math.round(since * 5));
}

/** A pod that the scheduler looked at and found no node for. */
export function unschedulable(state: ClusterState, pod: EditablePod, why: string, since: number): void {
  const { namespace, name } = placeOf(pod);
  const nodes = state.objects.list('nodes').length;
  // Preemption is told of in the same message since 1.24.
  const preemption = state.version.minor >= 24 ? ` preemption: 0/${nodes} nodes are available: ${nodes} No preemption victims found for incoming pod.` : '';
  const message = `0/${nodes} nodes are available: ${nodes} ${why}.${preemption}`;
  unassign(state, pod, since);
  const at = timestamp(minutesBefore(state.startedAt, since));
  const condition = { type: 'PodScheduled', status: 'False', lastProbeTime: null, lastTransitionTime: at, reason: 'Unschedulable', message };
  pod.status = { phase: 'Pending', conditions: [condition] };
  addEvent(state, {
    type: 'Warning',
    reason: 'FailedScheduling',
    message,
    about: { kind: 'Pod', name, namespace },
    component: 'default-scheduler',
    from: since,
    to: 1,
    count: 14,
  });
}

/** A pod that no scheduler has looked at: no node, no condition, no event. */
export function unassign(state: ClusterState, pod: EditablePod, since: number): void {
  pod.metadata.creationTimestamp = timestamp(minutesBefore(state.startedAt, since));
  if (pod.spec) delete pod.spec.nodeName;
  pod.status = { phase: 'Pending' };
}

/** Runs, and fails its readiness probe. */
export function notReady(state: ClusterState, pod: EditablePod, since: number, probe = 'HTTP probe failed with statuscode: 503'): void {
  const { container } = placeOf(pod);
  const at = timestamp(minutesBefore(state.startedAt, since));
  setStatus(pod, container, {}, at);
  kubeletEvent(state, pod, 'Warning', 'Unhealthy', `Readiness probe failed: ${probe}`, since, 0.1, Math.max(1, Math.round(since * 6)));
}

/**
 * A node whose kubelet was heard last `since` minutes ago: conditions Unknown, taints, its Lease stopped, its pods not ready. Fewer than five
 * minutes, so that nothing has been evicted yet.
 */
export function loseNode(state: ClusterState, name: string, since: number): void {
  const node = state.objects.must('nodes', name);
  state.objects.freeze('nodes', name, undefined, minutesBefore(state.startedAt, since + 1));
  state.objects.freeze('leases', name, 'kube-node-lease', minutesBefore(state.startedAt, since + 1));
  const at = timestamp(minutesBefore(state.startedAt, since));
  for (const condition of node.status?.conditions ?? []) {
    condition.status = 'Unknown';
    condition.reason = 'NodeStatusUnknown';
    condition.message = 'Kubelet stopped posting node status.';
    condition.lastTransitionTime = at;
  }
  const key = 'node.kubernetes.io/unreachable';
  node.spec = {
    ...node.spec,
    taints: [
      { key, effect: 'NoSchedule', timeAdded: at },
      { key, effect: 'NoExecute', timeAdded: at },
    ],
  };
  addEvent(state, {
    type: 'Normal',
    reason: 'NodeNotReady',
    message: `Node ${name} status is now: NodeNotReady`,
    about: { kind: 'Node', name },
    component: 'node-controller',
    from: since,
    to: since,
  });
  for (const pod of state.objects.list('pods')) {
    if (pod.spec?.nodeName !== name) continue;
    // The node controller changes the Ready condition and nothing else: what the kubelet said of the containers stays as it was.
    for (const condition of pod.status?.conditions ?? []) {
      if (condition.type !== 'Ready') continue;
      condition.status = 'False';
      condition.lastTransitionTime = at;
    }
    const { namespace = '' } = pod.metadata;
    addEvent(state, {
      type: 'Warning',
      reason: 'NodeNotReady',
      message: 'Node is not ready',
      about: { kind: 'Pod', name: pod.metadata.name, namespace },
      component: 'node-controller',
      from: since,
      to: since,
    });
  }
  state.brokenKubelets.set(name, 'refused');
  state.lostNodes.add(name);
  moveLocks(state, name, minutesBefore(state.startedAt, since));
  withoutApiServer(state, name);
}

/** Takes a master's address out of the Endpoints of default/kubernetes, as the lease reconciler of the other API servers does. */
export function withoutApiServer(state: ClusterState, node: string): void {
  const ip = NODES.find((each) => each.name === node)?.ip;
  for (const subset of state.objects.must('endpoints', 'kubernetes', 'default').subsets ?? []) {
    if (subset.addresses) subset.addresses = subset.addresses.filter((address) => address.ip !== ip);
  }
}
