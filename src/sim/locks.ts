import { microTimestamp, minutesBefore, type StoredObject, timestamp, uidOf } from './objects.ts';
import { NODES } from './pods.ts';
import { isReady } from './reconcile.ts';
import type { ClusterState } from './state.ts';
import { markStolonPods, STOLON_CONFIG_MAP, stolonData, stolonUid } from './stolon.ts';

/** Where a lock is kept. */
type Place = 'leases' | 'endpoints' | 'configmaps';

export const LEADER_ANNOTATION = 'control-plane.alpha.kubernetes.io/leader';

/** One lock and who holds it. Its objects follow what is changed here. */
export interface Lock {
  readonly name: string;
  readonly namespace: string;
  /** Everyone who may hold it, each with the node it runs on. */
  readonly candidates: readonly Candidate[];
  /** In s. */
  readonly duration: number;
  /** How often the holder renews, in s. */
  readonly period: number;
  readonly places: readonly Place[];
  holder: Candidate;
  acquired: Date;
  transitions: number;
}

export interface Candidate {
  readonly identity: string;
  readonly node: string;
}

/** Lock objects of everything that elects a leader, and the Leases of the nodes, all renewed at the moment they are read. */
export function addLocks(state: ClusterState): void {
  const { minor } = state.version;
  // Endpoints until 1.16, both until 1.19 (the product's own configuration keeps both on 1.20), Leases alone after.
  const control: readonly Place[] = minor <= 16 ? ['endpoints'] : minor <= 20 ? ['endpoints', 'leases'] : ['leases'];
  for (const [index, name] of ['kube-scheduler', 'kube-controller-manager'].entries()) {
    if (!state.hasComponent(name)) continue;
    const nodes = index === 0 ? [NODES[2], NODES[0], NODES[1]] : [NODES[1], NODES[2], NODES[0]];
    const candidates = nodes.map((node) => ({ identity: `${node.name}_${uidOf(name, 'kube-system', node.name)}`, node: node.name }));
    addLock(state, { name, namespace: 'kube-system', candidates, duration: 15, period: 2, transitions: 3, places: control });
  }
  const pods = (id: string, identity: (pod: string) => string): readonly Candidate[] => {
    if (!state.hasComponent(id)) return [];
    const ready = state.podsOf(id).filter(isReady);
    return ready.map((pod) => ({ identity: identity(pod.metadata.name), node: pod.spec?.nodeName ?? '' }));
  };
  const old = minor <= 21;
  addLock(state, {
    name: old ? 'ingress-controller-leader-nginx' : 'ingress-controller-leader',
    namespace: 'kube-system',
    candidates: pods('ingress-nginx', (pod) => pod),
    duration: 30,
    period: 7,
    transitions: 1,
    places: old ? ['configmaps'] : ['leases'],
  });
  addLock(state, {
    name: 'skiff.netease.com-localstorage',
    namespace: 'kube-system',
    candidates: pods('localstorage-provisioner', (pod) => `${pod}_${uidOf('locks', 'kube-system', pod)}`),
    duration: 15,
    period: 2,
    transitions: 0,
    places: old ? ['endpoints'] : ['leases'],
  });
  addLock(state, {
    name: 'ncs-webconsole-leader-election-key',
    namespace: 'kube-system',
    candidates: pods('ncs-webconsole', (pod) => pod),
    duration: 15,
    period: 2,
    transitions: 0,
    places: minor <= 23 ? ['configmaps'] : ['leases'],
  });
  const sentinels = pods('stolon-sentinel', stolonUid);
  if (sentinels.length > 0) {
    const { namespace } = state.component('stolon-sentinel');
    markStolonPods(state);
    addLock(state, { name: STOLON_CONFIG_MAP, namespace, candidates: sentinels, duration: 15, period: 2, transitions: 0, places: ['configmaps'] });
  }
  if (minor >= 14) for (const node of NODES) addNodeLease(state, node.name);
}

function addLock(state: ClusterState, plan: Omit<Lock, 'holder' | 'acquired'>): void {
  const [holder] = plan.candidates;
  if (!holder) return;
  const lock: Lock = { ...plan, holder, acquired: minutesBefore(state.startedAt, 7_000) };
  state.locks.push(lock);
  const creationTimestamp = timestamp(minutesBefore(state.startedAt, 43_000));
  for (const place of lock.places) {
    const metadata = { name: lock.name, namespace: lock.namespace, creationTimestamp };
    if (place === 'leases') {
      state.objects.put('leases', { metadata, spec: leaseSpec(lock, state.startedAt) }, (object, now) => {
        object['spec'] = leaseSpec(lock, now);
      });
    } else {
      state.objects.put(place, { metadata: { ...metadata, annotations: annotationsOf(state, lock, state.startedAt) } }, (object, now) => {
        object.metadata.annotations = annotationsOf(state, lock, now);
      });
    }
  }
}

/** Hands every lock that was held on a node to somebody elsewhere, as happens within a minute of its loss. */
export function moveLocks(state: ClusterState, node: string, at: Date): void {
  for (const lock of state.locks) {
    if (lock.holder.node !== node) continue;
    const next = lock.candidates.find((candidate) => candidate.node !== node);
    if (!next) {
      expireLock(state, lock.name, lock.namespace, (state.now().getTime() - at.getTime()) / 60_000);
      continue;
    }
    lock.holder = next;
    lock.acquired = at;
    lock.transitions += 1;
  }
}

function leaseSpec(lock: Lock, now: Date): Record<string, unknown> {
  return {
    holderIdentity: lock.holder.identity,
    leaseDurationSeconds: lock.duration,
    acquireTime: microTimestamp(lock.acquired),
    renewTime: microTimestamp(renewedAt(now, lock.period)),
    leaseTransitions: lock.transitions,
  };
}

function annotationsOf(state: ClusterState, lock: Lock, now: Date): Record<string, string> {
  const record = JSON.stringify({
    holderIdentity: lock.holder.identity,
    leaseDurationSeconds: lock.duration,
    acquireTime: timestamp(lock.acquired),
    renewTime: timestamp(renewedAt(now, lock.period)),
    leaderTransitions: lock.transitions,
  });
  return {
    [LEADER_ANNOTATION]: record,
    ...(lock.name === STOLON_CONFIG_MAP ? { 'stolon-clusterdata': stolonData(state, lock.acquired, renewedAt(now, 5)) } : {}),
  };
}

/** The last renewal before now of a holder that renews every `period` seconds. */
function renewedAt(now: Date, period: number): Date {
  const ms = period * 1000;
  return new Date(Math.floor(now.getTime() / ms) * ms);
}

function addNodeLease(state: ClusterState, node: string): void {
  state.objects.put(
    'leases',
    {
      metadata: {
        name: node,
        namespace: 'kube-node-lease',
        creationTimestamp: timestamp(minutesBefore(state.startedAt, 43_190)),
        ownerReferences: [{ kind: 'Node', name: node }],
      },
      spec: { holderIdentity: node, leaseDurationSeconds: 40, renewTime: microTimestamp(state.startedAt) },
    },
    (object, now) => {
      (object as StoredObject & { spec: { renewTime: string } }).spec.renewTime = microTimestamp(renewedAt(now, 10));
    },
  );
}

/** Leaves a lock as a holder leaves it that died `minutes` ago. */
export function expireLock(state: ClusterState, name: string, namespace: string, minutes: number): void {
  const then = minutesBefore(state.now(), minutes);
  for (const place of ['leases', 'endpoints', 'configmaps']) {
    if (state.objects.has(place, name, namespace)) state.objects.freeze(place, name, namespace, then);
  }
}
