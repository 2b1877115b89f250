import { inventory } from '../../../checks/inventory/index.ts';
import type { NamespaceInventory } from '../../../src/model/component.ts';
import type { ClusterState, SimulationOptions } from '../../../src/sim/index.ts';
import { scenarios } from '../../../src/sim/index.ts';
import { minutesBefore, timestamp } from '../../../src/sim/objects.ts';

/** A healthy cluster in one of its odd shapes: nothing in it is a fault, and much of it looks like one. */
export interface Variant {
  readonly id: string;
  /** What is odd about it, for the one who reads a false alarm. */
  readonly oddities: readonly string[];
  readonly options: Partial<SimulationOptions>;
  apply(state: ClusterState): void;
}

/** Oldest and newest of the span, and what changed APIs in between. */
const VERSIONS = ['1.11', '1.13', '1.14', '1.16', '1.18', '1.20', '1.22', '1.25', '1.27', '1.29', '1.31', '1.32', '1.34'] as const;
/** Modules that a site may do without. */
const OPTIONAL_MODULES = ['skiff-gtxs', 'skiff-logseer', 'skiff-apigw', 'skiff-cicd', 'skiff-nsf', 'skiff-apigw-proto'] as const;
/** Stateless components that run with one replica at a small site. */
const STATELESS = ['audit', 'front', 'ncs', 'nsf-meta', 'apm-webserver', 'apm-collector', 'harbor-core', 'logseer'] as const;

type Oddity = readonly [name: string, apply: (state: ClusterState) => void];

const ODDITIES: readonly Oddity[] = [
  ['a rollout is in progress', (state) => state.hasComponent('apigw-portal') && scenario('rollout-in-progress').apply(state)],
  ['a node is cordoned', (state) => cordon(state, 'node3')],
  ['a job has run to its end', (state) => finishedPod(state, 'Succeeded')],
  ['a pod was evicted last week', (state) => finishedPod(state, 'Failed')],
  ['a container restarted often, long ago', restartedLongAgo],
  ['a pod is just being deleted', terminating],
  ['a claim waits for its first consumer', waitingClaim],
  ['a Service has no selector, another is an ExternalName', servicesWithoutPods],
  ['a deployment was scaled to zero on purpose, and nobody documents it', scaledAway],
  ['a site of one replica each', oneReplica],
  ['an annotation of an old leader lock was left behind', staleLock],
  ['a foreign namespace is full of trouble', foreignTrouble],
];

/** So many healthy clusters, the same in every run: each has a version, some of the modules, and a few oddities. */
export function variants(count: number): readonly Variant[] {
  return Array.from({ length: count }, (_, seed) => variant(seed));
}

function variant(seed: number): Variant {
  const random = generator(seed + 1);
  const version = VERSIONS[seed % VERSIONS.length] ?? VERSIONS[0];
  const without = OPTIONAL_MODULES.filter(() => random() < 0.25);
  const chosen = ODDITIES.filter(() => random() < 0.3);
  const skew = random() < 0.2 ? Math.round((random() - 0.5) * 7_200_000) : 0;
  const scale = random() < 0.3 ? { foreignNamespaces: 5, foreignPods: 40, nodes: Math.floor(random() * 4) } : undefined;
  return {
    id: `healthy-${String(seed).padStart(3, '0')}`,
    oddities: [
      `Kubernetes ${version}`,
      ...without.map((module) => `without ${module}`),
      ...(skew === 0 ? [] : [`our clock is off by ${-skew} ms from its own`]),
      ...(scale === undefined ? [] : [`${scale.nodes} nodes more, and others' pods`]),
      ...chosen.map(([name]) => name),
    ],
    options: {
      kubernetesVersion: version,
      inventory: inventory.filter(({ namespace }) => !without.some((module) => module === namespace)) as readonly NamespaceInventory[],
      now: () => new Date(Date.now() + skew),
      ...(scale === undefined ? {} : { scale }),
    },
    apply: (state) => {
      for (const [, apply] of chosen) apply(state);
      state.reconcile();
    },
  };
}

/** Numerical Recipes' linear congruential generator: the variants are arbitrary, and the same in every run. */
function generator(seed: number): () => number {
  let value = (seed * 2_654_435_761) >>> 0;
  return () => {
    value = (Math.imul(value, 1_664_525) + 1_013_904_223) >>> 0;
    return value / 2 ** 32;
  };
}

function scenario(id: string) {
  const found = scenarios.find((each) => each.id === id);
  if (found === undefined) throw new Error(`there is no scenario ${id}`);
  return found;
}

function cordon(state: ClusterState, name: string): void {
  const node = state.objects.must('nodes', name);
  const since = timestamp(minutesBefore(state.startedAt, 600));
  node.spec = { ...node.spec, unschedulable: true, taints: [{ key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule', timeAdded: since }] };
}

/** A copy of a pod of the site's that belongs to a job, or to nobody any more. */
function finishedPod(state: ClusterState, phase: 'Succeeded' | 'Failed'): void {
  const [pattern] = state.podsOf('audit');
  if (pattern === undefined) return;
  const copy = structuredClone(pattern);
  const ended = timestamp(minutesBefore(state.startedAt, 60 * 24 * 6));
  copy.metadata.name = phase === 'Succeeded' ? 'database-migration-7xk2p' : `${pattern.metadata.name.slice(0, -5)}zzzzz`;
  delete copy.metadata.uid;
  copy.metadata.creationTimestamp = ended;
  if (phase === 'Succeeded') {
    copy.metadata.labels = { 'job-name': 'database-migration' };
    copy.metadata.ownerReferences = [{ kind: 'Job', name: 'database-migration', controller: true }];
  }
  copy.status = {
    phase,
    ...(phase === 'Failed' ? { reason: 'Evicted', message: 'The node was low on resource: ephemeral-storage. ' } : {}),
    startTime: ended,
    conditions: [],
    containerStatuses: [],
  };
  state.objects.put('pods', copy);
}

function restartedLongAgo(state: ClusterState): void {
  const [pod] = state.podsOf('ncs');
  const status = pod?.status?.containerStatuses?.[0];
  if (status === undefined) return;
  const ended = timestamp(minutesBefore(state.startedAt, 60 * 24 * 9));
  status.restartCount = 17;
  status.lastState = { terminated: { exitCode: 137, reason: 'OOMKilled', startedAt: ended, finishedAt: ended } };
}

/** The one more that a rollout has just replaced: still in its grace period. */
function terminating(state: ClusterState): void {
  const [pattern] = state.podsOf('front');
  if (pattern === undefined) return;
  const copy = structuredClone(pattern);
  copy.metadata.name = `${pattern.metadata.name.slice(0, -5)}bye42`;
  delete copy.metadata.uid;
  copy.metadata.deletionTimestamp = timestamp(new Date(state.startedAt.getTime() + 20_000));
  copy.metadata.deletionGracePeriodSeconds = 30;
  state.objects.put('pods', copy);
}

function waitingClaim(state: ClusterState): void {
  state.objects.put('persistentvolumeclaims', {
    metadata: { name: 'kept-for-later', namespace: 'skiff-platform', creationTimestamp: timestamp(minutesBefore(state.startedAt, 4000)) },
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'local-storage', resources: { requests: { storage: '10Gi' } } },
    status: { phase: 'Pending' },
  });
}

function servicesWithoutPods(state: ClusterState): void {
  const metadata = (name: string) => ({ name, namespace: 'skiff-platform', creationTimestamp: timestamp(minutesBefore(state.startedAt, 4000)) });
  state.objects.put('services', { metadata: metadata('smtp-of-the-company'), spec: { type: 'ExternalName', externalName: 'smtp.example.com' } });
  state.objects.put('services', { metadata: metadata('mysql-outside'), spec: { type: 'ClusterIP', clusterIP: '10.96.77.7', ports: [{ port: 3306 }] } });
}

function scaledAway(state: ClusterState): void {
  const { namespace, objectName } = state.component('audit');
  const copy = structuredClone(state.objects.must('deployments', objectName, namespace));
  copy.metadata.name = 'load-test-runner';
  delete copy.metadata.uid;
  copy.metadata.labels = { app: 'load-test-runner' };
  if (copy.spec) {
    copy.spec.replicas = 0;
    copy.spec.selector = { matchLabels: { app: 'load-test-runner' } };
    copy.spec.template = { ...copy.spec.template, metadata: { labels: { app: 'load-test-runner' } } };
  }
  copy.status = { observedGeneration: copy.metadata.generation ?? 1 };
  state.objects.put('deployments', copy);
}

function oneReplica(state: ClusterState): void {
  for (const id of STATELESS) {
    if (!state.hasComponent(id)) continue;
    const { namespace, objectName, kind } = state.component(id);
    if (kind !== 'Deployment') continue;
    const deployment = state.objects.must('deployments', objectName, namespace);
    if (deployment.spec) deployment.spec.replicas = 1;
    for (const pod of state.podsOf(id).slice(1)) state.objects.remove('pods', pod.metadata.name, namespace);
  }
}

/** What a scheduler wrote before it moved to another kind of lock. */
function staleLock(state: ClusterState): void {
  const long = timestamp(minutesBefore(state.startedAt, 60 * 24 * 200));
  const record = { holderIdentity: 'node1_gone', leaseDurationSeconds: 15, acquireTime: long, renewTime: long, leaderTransitions: 3 };
  state.objects.put('configmaps', {
    metadata: {
      name: 'ingress-controller-leader-nginx-old',
      namespace: 'kube-system',
      creationTimestamp: long,
      annotations: { 'control-plane.alpha.kubernetes.io/leader': JSON.stringify(record) },
    },
  });
}

/** Other people's pods crash in other people's namespaces. */
function foreignTrouble(state: ClusterState): void {
  const [pattern] = state.podsOf('audit');
  if (pattern === undefined) return;
  state.objects.put('namespaces', {
    metadata: { name: 'team-a', creationTimestamp: timestamp(minutesBefore(state.startedAt, 4000)) },
    status: { phase: 'Active' },
  });
  const copy = structuredClone(pattern);
  copy.metadata.name = 'their-service-0';
  copy.metadata.namespace = 'team-a';
  delete copy.metadata.uid;
  const status = copy.status?.containerStatuses?.[0];
  if (status !== undefined) {
    status.ready = false;
    status.state = { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 5m0s' } };
  }
  state.objects.put('pods', copy);
}
