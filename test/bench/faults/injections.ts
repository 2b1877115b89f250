import type { Pod } from '../../../src/model/kubernetes.ts';
import { crashLoop, imagePullFailure, loseNode, notReady, unschedulable } from '../../../src/sim/failures.ts';
import { type BrokenListener, type ClusterState, type HttpBackend, scenarios } from '../../../src/sim/index.ts';
import { expireLock } from '../../../src/sim/locks.ts';
import type { Mutable } from '../../../src/sim/objects.ts';

/** The pods of a component that a fault is about: so many of them from the first on, all of them when missing. */
interface OfPods {
  readonly component: string;
  readonly pods?: number;
}

/** What is done to a healthy simulated cluster, as data. */
export type Injection =
  | ({ readonly do: 'crash-loop'; readonly log?: readonly string[]; readonly outOfMemory?: true } & OfPods)
  | ({ readonly do: 'image-pull' } & OfPods)
  | ({ readonly do: 'unschedulable'; readonly why?: string } & OfPods)
  | ({ readonly do: 'not-ready'; readonly probe?: string } & OfPods)
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
  }
}

function podsOf(state: ClusterState, { component, pods }: OfPods): readonly Mutable<Pod>[] {
  const all = state.podsOf(component);
  if (all.length === 0) throw new Error(`${component} has no pods`);
  if (pods !== undefined && pods > all.length) throw new Error(`${component} has ${all.length} pods, fewer than ${pods}`);
  return all.slice(0, pods ?? all.length);
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

function breakPort(state: ClusterState, { component, pods, port, how }: Extract<Injection, { do: 'break-port' }>): void {
  const { namespace } = state.component(component);
  for (const pod of podsOf(state, pods === undefined ? { component } : { component, pods })) {
    state.setListener(
      namespace,
      pod.metadata.name,
      port,
      // Longer than any probe waits.
      how === 'hang' ? { http: { delayMs: 600_000 } } : how,
    );
  }
}

type Answer = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: unknown };

function changeAnswers(state: ClusterState, of: OfPods, port: number, path: string, change: (before: Answer) => Answer): void {
  const { namespace, listeners } = state.component(of.component);
  const listener = listeners.get(port);
  if (listener === undefined || typeof listener === 'string' || !('http' in listener)) throw new Error(`${of.component} serves no HTTP on ${port}`);
  const { http } = listener;
  const changed: HttpBackend = (request) => {
    const before = typeof http === 'function' ? http(request) : http;
    return request.path !== path || typeof before === 'string' ? before : change(before);
  };
  for (const pod of podsOf(state, of)) state.setListener(namespace, pod.metadata.name, port, { ...listener, http: changed });
}
