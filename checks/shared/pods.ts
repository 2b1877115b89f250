import type { ObjectRef, Target, WorkloadRef } from '../../src/model/check.ts';
import type { Condition, Pod } from '../../src/model/kubernetes.ts';

export function condition(conditions: readonly Condition[] | undefined, type: string): Condition | undefined {
  return conditions?.find((candidate) => candidate.type === type);
}

export function isReady(pod: Pod): boolean {
  return condition(pod.status?.conditions, 'Ready')?.status === 'True';
}

/** A pod that has done its work or was thrown away: it counts for no workload's replicas. */
export function isFinished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

/** The objects of a list that the target owns, in the target's order. */
export function ownedBy<T extends { readonly metadata: { readonly name: string; readonly namespace?: string } }>(
  refs: readonly ObjectRef[],
  namespace: string,
  objects: readonly T[],
): readonly T[] {
  const names = new Set(refs.filter((ref) => ref.namespace === namespace).map((ref) => ref.name));
  return objects.filter((object) => names.has(object.metadata.name));
}

export function namespacesOf(refs: readonly ObjectRef[]): readonly string[] {
  return [...new Set(refs.map((ref) => ref.namespace))];
}

/**
 * The workload of the target that a pod belongs to. A Deployment's pods belong to a ReplicaSet named after it and the template's hash; a CronJob's to
 * a Job named after it and the time.
 */
export function workloadOf(pod: Pod, target: Target): WorkloadRef | undefined {
  const owner = pod.metadata.ownerReferences?.find((reference) => reference.controller === true) ?? pod.metadata.ownerReferences?.[0];
  const { namespace } = pod.metadata;
  return target.workloads.find((workload) => {
    if (workload.namespace !== namespace) return false;
    switch (workload.kind) {
      case 'Deployment': {
        const hash = pod.metadata.labels?.['pod-template-hash'];
        return owner?.kind === 'ReplicaSet' && owner.name === `${workload.name}-${hash ?? owner.name?.slice(workload.name.length + 1)}`;
      }
      case 'CronJob':
        return owner?.kind === 'Job' && owner.name?.startsWith(`${workload.name}-`) === true;
      case 'StaticPod':
        return owner?.kind === 'Node';
      case 'Pod':
        return pod.metadata.name === workload.name;
      default:
        return owner?.kind === workload.kind && owner.name === workload.name;
    }
  });
}

/** What `kubectl drain` leaves alone: pods of a DaemonSet, which would come back at once, and static pods, which only their kubelet starts and ends. */
export function staysOnDrain(pod: Pod): boolean {
  const kind = (pod.metadata.ownerReferences?.find((reference) => reference.controller === true) ?? pod.metadata.ownerReferences?.[0])?.kind;
  return kind === 'DaemonSet' || kind === 'Node' || 'kubernetes.io/config.mirror' in (pod.metadata.annotations ?? {});
}
