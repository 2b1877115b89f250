import type { Pod } from '../../../src/model/kubernetes.ts';
import { addEvent, configurationMissing, crashLoop, imagePullFailure, loseNode, notReady, unschedulable, withoutApiServer } from '../../../src/sim/failures.ts';
import { type BrokenListener, type ClusterState, type HttpBackend, type Listener, scenarios } from '../../../src/sim/index.ts';
import { claimsUsed } from '../../../src/sim/kubelet.ts';
import { expireLock } from '../../../src/sim/locks.ts';
import { type Mutable, minutesBefore, timestamp } from '../../../src/sim/objects.ts';
import { setCondition } from '../../../src/sim/reconcile.ts';
import { type Trouble, tell } from './troubles.ts';

/** The pods of a component that a fault is about: so many of them from the first on or from the last back, all of them when missing. */
interface OfPods {
  readonly component: string;
  readonly pods?: number;
  readonly last?: true;
}

/** What is done to a healthy simulated cluster, as data. */
export type Injection =
  | Trouble
  | ({ readonly do: 'crash-loop'; readonly log?: readonly string[]; readonly outOfMemory?: true } & OfPods)
  | ({ readonly do: 'image-pull' } & OfPods)
  | ({ readonly do: 'unschedulable'; readonly why?: string } & OfPods)
  | ({ readonly do: 'not-ready'; readonly probe?: string } & OfPods)
  /** A Secret or a ConfigMap that the container names does not exist. */
  | ({ readonly do: 'configuration-missing'; readonly what: string } & OfPods)
  /** Runs again since a few minutes, after so many restarts within the last half hour. */
  | ({ readonly do: 'restarted'; readonly times: number } & OfPods)
  /** Deleted so many minutes ago, and still there. */
  | ({ readonly do: 'stuck-terminating'; readonly minutes: number } & OfPods)
  /** Its readiness probe only connects to its main port: what hangs behind it is not seen. */
  | { readonly do: 'ready-when-connected'; readonly component: string }
  | ({ readonly do: 'log'; readonly lines: readonly string[] } & OfPods)
  /** GiB in use of the 50 of the volumes that the component has claimed. */
  | { readonly do: 'volume-used'; readonly component: string; readonly gib: number }
  /** A condition of a node, as its kubelet or node-problem-detector reports it. With `pods`, the node controller takes its pods out of service. */
  | {
      readonly do: 'node-condition';
      readonly node: string;
      readonly type: string;
      readonly status: 'True' | 'False' | 'Unknown';
      readonly reason: string;
      readonly message: string;
      readonly pods?: true;
    }
  /** The kubelet has not been heard for minutes, and nobody has taken notice. */
  | { readonly do: 'silent-node'; readonly node: string; readonly minutes: number }
  | { readonly do: 'cordon'; readonly node: string; readonly hours: number }
  /** A node reports the address of another one as its own. */
  | { readonly do: 'same-address'; readonly node: string; readonly as: string }
  /** A check of the API server's own health fails, by its name. */
  | { readonly do: 'failing-health-check'; readonly name: string }
  /** Takes the API server of a node out of the Endpoints of default/kubernetes. */
  | { readonly do: 'without-apiserver'; readonly node: string }
  | { readonly do: 'remove'; readonly resource: string; readonly name: string; readonly namespace: string }
  | { readonly do: 'service-port'; readonly component: string; readonly to: number | string }
  /** The answers of an HTTP port take this long, in ms. */
  | ({ readonly do: 'slow'; readonly port: number; readonly ms: number } & OfPods)
  /** The replicas are set to 0, or the pods are deleted and nobody makes new ones. */
  | { readonly do: 'scale-to-zero'; readonly component: string }
  /** What cannot work without it is not ready either, as it comes about in a real cluster after a few seconds. */
  | { readonly do: 'take-dependents-along'; readonly component: string; readonly except?: readonly string[] }
  | { readonly do: 'lose-node'; readonly node: string }
  /** A port of the pods is refused, times out, is reset, or is accepted and never answered (`hang`). */
  | ({ readonly do: 'break-port'; readonly port: number; readonly how: BrokenListener | 'hang' } & OfPods)
  /** One path of an HTTP port answers otherwise; the others answer as before. */
  | ({
      readonly do: 'answer';
      readonly port: number;
      readonly path: string;
      readonly status?: number;
      readonly body?: unknown;
      readonly type?: string;
    } & OfPods)
  /** Text in the answers of one path of an HTTP port is replaced. */
  | ({ readonly do: 'replace-in-answer'; readonly port: number; readonly path: string; readonly from: string; readonly to: string } & OfPods)
  | { readonly do: 'expire-lock'; readonly lock: string; readonly namespace: string; readonly minutes: number }
  | { readonly do: 'misdirect-service'; readonly component: string }
  /** A scenario of the product's own demo. */
  | { readonly do: 'scenario'; readonly id: string };

/** Puts one fault into the state. What controllers make of it is computed by the caller, once for all of them. */
export function inject(state: ClusterState, injection: Injection): void {
  switch (injection.do) {
    case 'crash-loop':
      for (const pod of podsOf(state, injection)) {
        const { log = ['panic: cannot start'], outOfMemory } = injection;
        crashLoop(state, pod, {
          ...(outOfMemory === true ? { exitCode: 137, reason: 'OOMKilled' as const } : { exitCode: 1 }),
          restarts: 9,
          since: 21,
          log,
        });
      }
      return;
    case 'image-pull':
      for (const pod of podsOf(state, injection)) imagePullFailure(state, pod, `${pod.spec?.containers?.[0]?.image ?? 'image'}-typo`, 16);
      return;
    case 'unschedulable':
      for (const pod of podsOf(state, injection)) unschedulable(state, pod, injection.why ?? 'Insufficient memory', 18);
      return;
    case 'not-ready':
      for (const pod of podsOf(state, injection)) notReady(state, pod, 14, injection.probe);
      return;
    case 'configuration-missing':
      for (const pod of podsOf(state, injection)) configurationMissing(state, pod, injection.what, 17);
      return;
    case 'restarted':
      for (const pod of podsOf(state, injection)) restarted(state, pod, injection.times);
      return;
    case 'stuck-terminating':
      for (const pod of podsOf(state, injection)) {
        pod.metadata.deletionTimestamp = timestamp(minutesBefore(state.startedAt, injection.minutes));
        pod.metadata.deletionGracePeriodSeconds = 30;
      }
      return;
    case 'ready-when-connected':
      return readyWhenConnected(state, injection.component);
    case 'log': {
      const { namespace, container } = state.component(injection.component);
      for (const pod of podsOf(state, injection)) state.logs.set(`${namespace}/${pod.metadata.name}/${container}`, { current: injection.lines });
      return;
    }
    case 'volume-used': {
      const { namespace } = state.component(injection.component);
      const claims = state.podsOf(injection.component).flatMap((pod) => pod.spec?.volumes ?? []);
      for (const { persistentVolumeClaim: claim } of claims) if (claim) claimsUsed(state).set(`${namespace}/${claim.claimName ?? ''}`, injection.gib);
      return;
    }
    case 'node-condition':
      return nodeCondition(state, injection);
    case 'silent-node':
      state.objects.freeze('nodes', injection.node, undefined, minutesBefore(state.startedAt, injection.minutes));
      state.objects.freeze('leases', injection.node, 'kube-node-lease', minutesBefore(state.startedAt, injection.minutes));
      state.brokenKubelets.set(injection.node, 'refused');
      return;
    case 'cordon': {
      const node = state.objects.must('nodes', injection.node);
      const timeAdded = timestamp(minutesBefore(state.startedAt, injection.hours * 60));
      node.spec = { ...node.spec, unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded }] };
      return;
    }
    case 'same-address': {
      const address = state.objects.must('nodes', injection.as).status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
      for (const each of state.objects.must('nodes', injection.node).status?.addresses ?? [])
        if (each.type === 'InternalIP' && address !== undefined) each.address = address;
      return;
    }
    case 'failing-health-check':
      state.failingHealthChecks.add(injection.name);
      return;
    case 'without-apiserver':
      return withoutApiServer(state, injection.node);
    case 'remove':
      if (!state.objects.remove(injection.resource, injection.name, injection.namespace))
        throw new Error(`there is no ${injection.resource} ${injection.name}`);
      return;
    case 'service-port': {
      const { namespace, objectName } = state.component(injection.component);
      for (const port of state.objects.must('services', objectName, namespace).spec?.ports ?? []) port.targetPort = injection.to;
      return;
    }
    case 'slow':
      return changeAnswers(state, injection, injection.port, undefined, (before) => ({ ...before, delayMs: injection.ms }));
    case 'scale-to-zero':
      return scaleToZero(state, injection.component);
    case 'take-dependents-along':
      return takeDependentsAlong(state, injection.component, injection.except ?? []);
    case 'lose-node':
      return loseNode(state, injection.node, 4);
    case 'break-port':
      return breakPort(state, injection);
    case 'answer':
      return changeAnswers(state, injection, injection.port, injection.path, () => ({
        status: injection.status ?? 200,
        ...(injection.type === undefined ? {} : { headers: { 'content-type': injection.type } }),
        body: injection.body ?? '',
      }));
    case 'replace-in-answer':
      return changeAnswers(state, injection, injection.port, injection.path, (before) => {
        const text = typeof before.body === 'string' ? before.body : JSON.stringify(before.body);
        if (!text.includes(injection.from)) throw new Error(`${injection.component}:${injection.port}${injection.path} never says "${injection.from}"`);
        const changed = text.replaceAll(injection.from, injection.to);
        return { ...before, body: typeof before.body === 'string' ? changed : (JSON.parse(changed) as unknown) };
      });
    case 'expire-lock':
      return expireLock(state, injection.lock, injection.namespace, injection.minutes);
    case 'misdirect-service': {
      const { namespace, objectName } = state.component(injection.component);
      const service = state.objects.must('services', objectName, namespace);
      if (service.spec) service.spec.selector = { app: `${objectName}-typo` };
      return;
    }
    case 'scenario': {
      const scenario = scenarios.find(({ id }) => id === injection.id);
      if (scenario === undefined) throw new Error(`there is no scenario ${injection.id}`);
      return scenario.apply(state);
    }
    default:
      return tell(state, injection);
  }
}

function podsOf(state: ClusterState, { component, pods, last }: OfPods): readonly Mutable<Pod>[] {
  const all = state.podsOf(component);
  if (all.length === 0) throw new Error(`${component} has no pods`);
  if (pods !== undefined && pods > all.length) throw new Error(`${component} has ${all.length} pods, fewer than ${pods}`);
  const number = pods ?? all.length;
  return last === true ? all.slice(all.length - number) : all.slice(0, number);
}

function restarted(state: ClusterState, pod: Mutable<Pod>, times: number): void {
  const status = pod.status?.containerStatuses?.[0];
  if (status === undefined) throw new Error(`${pod.metadata.name} has no container`);
  const ended = timestamp(minutesBefore(state.startedAt, 4));
  status.restartCount = times;
  status.lastState = { terminated: { exitCode: 1, reason: 'Error', startedAt: timestamp(minutesBefore(state.startedAt, 7)), finishedAt: ended } };
  if (status.state?.running) status.state.running.startedAt = ended;
}

function readyWhenConnected(state: ClusterState, id: string): void {
  const { namespace, objectName, kind, ports } = state.component(id);
  const [port = 8080] = ports;
  const template = state.objects.must(kind === 'StatefulSet' ? 'statefulsets' : 'deployments', objectName, namespace).spec?.template?.spec;
  const specs = [template, ...state.podsOf(id).map(({ spec }) => spec)];
  for (const spec of specs) for (const container of spec?.containers ?? []) container.readinessProbe = { tcpSocket: { port } };
}

function nodeCondition(state: ClusterState, { node: name, type, status, reason, message, pods }: Extract<Injection, { do: 'node-condition' }>): void {
  const at = timestamp(minutesBefore(state.startedAt, 12));
  const node = state.objects.must('nodes', name);
  setCondition(node.status?.conditions ?? [], { type, status, reason, message, lastTransitionTime: at, lastHeartbeatTime: at }, at);
  addEvent(state, {
    type: 'Normal',
    reason: type === 'Ready' ? 'NodeNotReady' : `NodeHas${type}`,
    message: `Node ${name} status is now: ${type === 'Ready' ? 'NodeNotReady' : `NodeHas${type}`}`,
    about: { kind: 'Node', name },
    component: 'kubelet',
    host: name,
    from: 12,
    to: 12,
  });
  if (pods !== true) return;
  for (const pod of state.objects.list('pods')) {
    if (pod.spec?.nodeName !== name) continue;
    for (const condition of pod.status?.conditions ?? []) {
      if (condition.type !== 'Ready') continue;
      condition.status = 'False';
      condition.lastTransitionTime = at;
    }
  }
}

function scaleToZero(state: ClusterState, id: string): void {
  const { namespace, objectName, kind } = state.component(id);
  const resource = kind === 'StatefulSet' ? 'statefulsets' : 'deployments';
  const workload = state.objects.must(resource, objectName, namespace);
  if (workload.spec) workload.spec.replicas = 0;
  for (const pod of state.podsOf(id)) state.objects.remove('pods', pod.metadata.name, namespace);
}

/** An exporter, and what merely relays, serves on without what it looks at. */
const SERVES_ON = /exporter|prometheus|sentinel|agent|healthcheck|ingress/;

function takeDependentsAlong(state: ClusterState, id: string, except: readonly string[]): void {
  const { namespace, definition } = state.component(id);
  const gone = new Set([`${namespace}/${definition.id}`]);
  for (const component of gone) {
    for (const other of state.components.values()) {
      const name = `${other.namespace}/${other.definition.id}`;
      const needs = other.definition.dependsOn?.some((edge) => edge.partial !== true && component.endsWith(`/${edge.component}`)) === true;
      if (!needs || gone.has(name) || SERVES_ON.test(other.definition.id) || except.includes(other.definition.id) || other.namespace === 'kube-system')
        continue;
      gone.add(name);
      for (const pod of state.podsOf(name)) if (pod.status?.containerStatuses?.[0]?.ready === true) notReady(state, pod, 13);
    }
  }
}

/** A pod that does not run, or went with its node, answers nothing, whatever else was done to it. */
function isServed(state: ClusterState, pod: Mutable<Pod>, port: number): boolean {
  return typeof state.listenerOf(pod, port) === 'object';
}

function breakPort(state: ClusterState, injection: Extract<Injection, { do: 'break-port' }>): void {
  const { component, port, how } = injection;
  const { namespace, listeners } = state.component(component);
  const before = listeners.get(port);
  const speaksBytes = typeof before === 'object' && 'bytes' in before;
  for (const pod of podsOf(state, injection).filter((each) => isServed(state, each, port))) {
    // Longer than any probe waits.
    const hanging: Listener = speaksBytes ? { ...before, bytes: () => undefined } : { http: { delayMs: 600_000 } };
    state.setListener(namespace, pod.metadata.name, port, how === 'hang' ? hanging : how);
  }
}

type Answer = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown; readonly delayMs?: number };

/** On one path, or on all of them when that is missing. What was changed before stays so. */
function changeAnswers(state: ClusterState, of: OfPods, port: number, path: string | undefined, change: (before: Answer) => Answer): void {
  const { namespace } = state.component(of.component);
  const pods = podsOf(state, of).filter((pod) => isServed(state, pod, port));
  const listener = pods[0] === undefined ? state.component(of.component).listeners.get(port) : state.listenerOf(pods[0], port);
  if (listener === undefined || typeof listener === 'string' || !('http' in listener)) throw new Error(`${of.component} serves no HTTP on ${port}`);
  const { http } = listener;
  const changed: HttpBackend = (request) => {
    const before = typeof http === 'function' ? http(request) : http;
    return (path !== undefined && request.path !== path) || typeof before === 'string' ? before : change(before);
  };
  for (const pod of pods) state.setListener(namespace, pod.metadata.name, port, { ...listener, http: changed });
}
