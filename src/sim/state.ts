import type { ComponentDefinition } from '../model/component.ts';
import type { Pod } from '../model/kubernetes.ts';
import { healthyHarbor, type SimulatedHarbor } from './backends/harbor.ts';
import type { Clock } from './clock.ts';
import type { Fault } from './faults.ts';
import type { BackendPod, BrokenListener, Listener } from './listeners.ts';
import type { Lock } from './locks.ts';
import { ObjectStore } from './object-store.ts';
import type { Mutable } from './objects.ts';
import { PodAddresses } from './pods.ts';
import type { Identity, RbacObject } from './rbac.ts';
import { reconcile } from './reconcile.ts';
import type { KubernetesVersion } from './version.ts';

/** An API version that somebody has asked for since the API server was started, and the release that removes it. */
export interface RequestedApi {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly removedRelease: string;
}

/** One component of the inventory as it runs in the simulation. */
export interface SimulatedComponent {
  readonly definition: ComponentDefinition;
  readonly namespace: string;
  /** Name of its workload and of its Service. */
  readonly objectName: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'StaticPod';
  readonly container: string;
  readonly image: string;
  readonly ports: readonly number[];
  /** `<namespace>/<inventory id>` of what it depends on, as far as that is simulated. */
  readonly dependsOn: readonly string[];
  /** What its pods serve, by port. Ports that are not in here are refused. */
  readonly listeners: ReadonlyMap<number, Listener>;
}

/** The lines of a container's log, of its running instance and of the one before. */
export interface ContainerLog {
  readonly current: readonly string[];
  readonly previous?: readonly string[];
}

/** What answers at the edges of a simulated cluster, and everything in it. All of it may be changed while the server runs. */
export class ClusterState {
  readonly version: KubernetesVersion;
  /** The cluster's time. */
  readonly now: Clock;
  /** When the simulation began; ages and past events are counted from here. */
  readonly startedAt: Date;
  readonly objects = new ObjectStore();
  /** By `<namespace>/<inventory id>`. */
  readonly components = new Map<string, SimulatedComponent>();
  /** Faults of the API server's answers; the first that matches a request is applied. */
  readonly faults: Fault[] = [];
  /** Bearer tokens that are accepted. Any other token is answered 401. */
  readonly identities = new Map<string, Identity>();
  readonly rbac: RbacObject[] = [];
  /** Who the simulation's kubeconfig is written for. */
  client: Identity;
  /** Leader locks; changing a holder here changes the objects that hold the lock. */
  readonly locks: Lock[] = [];
  /** Health checks of the API server that fail, by name, for example `etcd`. */
  readonly failingHealthChecks = new Set<string>();
  /** Deprecated API versions that clients ask for, beside those that Kubernetes itself does. */
  readonly requestedApis: RequestedApi[] = [];
  /** Nodes whose kubelet does not answer, and how. */
  readonly brokenKubelets = new Map<string, BrokenListener>();
  /** Nodes that are gone altogether: their pods cannot be reached either. */
  readonly lostNodes = new Set<string>();
  /** Harbor's version, and what is wrong with it. */
  readonly harbor: SimulatedHarbor = healthyHarbor();
  /** Added to the clock in the `Date` header, in ms: an API server whose clock is wrong. */
  dateSkewMs = 0;
  /** How long a connection to somewhere that does not answer is tried, in ms. */
  dialTimeoutMs: number;
  /** Lists may not be continued from a resourceVersion below this one: 410. */
  compactedRevision = 0;
  /** By `<namespace>/<pod>/<container>`. */
  readonly logs = new Map<string, ContainerLog>();
  readonly addresses = new PodAddresses();
  readonly #listeners = new Map<string, Listener>();

  constructor(version: KubernetesVersion, now: Clock, client: Identity, dialTimeoutMs: number) {
    this.version = version;
    this.now = now;
    this.startedAt = now();
    this.client = client;
    this.dialTimeoutMs = dialTimeoutMs;
  }

  /** A component by its inventory id or `<namespace>/<id>`. Throws when the inventory has none. */
  component(id: string): SimulatedComponent {
    const exact = this.components.get(id);
    if (exact) return exact;
    for (const component of this.components.values()) {
      if (component.definition.id === id) return component;
    }
    throw new Error(`simulation: the inventory has no component "${id}"`);
  }

  hasComponent(id: string): boolean {
    return this.components.has(id) || [...this.components.values()].some((component) => component.definition.id === id);
  }

  /** The pods of a component, in the order of their names. */
  podsOf(id: string): Mutable<Pod>[] {
    const { namespace, objectName } = this.component(id);
    return this.objects
      .list('pods', namespace)
      .filter((pod) => pod.metadata.labels?.['app'] === objectName)
      .sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  }

  /** Sets what answers on a port of one pod (by its name) or of all pods of a component (by its inventory id). */
  setListener(namespace: string, podOrComponent: string, port: number, listener: Listener): void {
    this.#listeners.set(`${namespace}/${podOrComponent}:${port}`, listener);
  }

  /** Takes a listener set by `setListener` back. */
  clearListener(namespace: string, podOrComponent: string, port: number): void {
    this.#listeners.delete(`${namespace}/${podOrComponent}:${port}`);
  }

  /** What answers on a port of a pod, bindings aside. A container that does not run refuses. */
  listenerOf(pod: Mutable<Pod>, port: number): Listener {
    const { name, namespace = '' } = pod.metadata;
    const component = this.componentOfPod(pod);
    const own = this.#listeners.get(`${namespace}/${name}:${port}`) ?? (component && this.#listeners.get(`${namespace}/${component.definition.id}:${port}`));
    if (own !== undefined) return own;
    if (this.lostNodes.has(pod.spec?.nodeName ?? '')) return 'no-route';
    if (!isRunning(pod)) return 'refused';
    return component?.listeners.get(port) ?? 'refused';
  }

  componentOfPod(pod: Mutable<Pod>): SimulatedComponent | undefined {
    const { namespace = '', labels } = pod.metadata;
    for (const component of this.components.values()) {
      if (component.namespace === namespace && component.objectName === labels?.['app']) return component;
    }
    return undefined;
  }

  /** A pod as its backends see it. */
  backendPod(pod: Mutable<Pod>): BackendPod {
    return {
      namespace: pod.metadata.namespace ?? '',
      name: pod.metadata.name,
      ip: pod.status?.podIP ?? '',
      node: pod.spec?.nodeName ?? '',
      component: this.componentOfPod(pod)?.definition.id ?? '',
    };
  }

  /** Recomputes what controllers keep: the status of workloads, Endpoints and EndpointSlices. Call it after changing pods or Services. */
  reconcile(): void {
    reconcile(this);
  }

  /** Makes every list that is under way answer 410 Expired when it is continued. */
  compact(): void {
    this.compactedRevision = this.objects.revision + 1;
  }
}

function isRunning(pod: Mutable<Pod>): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  return pod.status?.phase === 'Running' && statuses.every((status) => status.state?.running !== undefined);
}
