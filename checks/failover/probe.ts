import type { KubeReader, ProbeContext, WorkloadRef } from '../../src/model/check.ts';
import { isFinished, isReady, namespacesOf, ownedBy } from '../shared/pods.ts';
import type { FailoverObservation } from './observation.ts';
import type { FailoverOptions } from './rules.ts';

/** Where the component's instances run, and how many of them there should be. */
export async function probe({ kube, target }: ProbeContext<FailoverOptions>): Promise<FailoverObservation> {
  const lists = await Promise.all(namespacesOf(target.pods).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))));
  const pods = lists.flat().filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined);
  const wanted = await Promise.all(target.workloads.map((workload) => replicasOf(kube, workload)));
  return {
    wanted: Math.max(
      pods.length,
      wanted.reduce((sum, count) => sum + count, 0),
    ),
    instances: pods
      .map((pod) => ({ name: pod.metadata.name, node: pod.spec?.nodeName ?? '', ready: isReady(pod) }))
      .toSorted((a, b) => (a.name < b.name ? -1 : 1)),
  };
}

/** Replicas of what has a number of its own; others are taken as they are. */
async function replicasOf(kube: KubeReader, { kind, namespace, name }: WorkloadRef): Promise<number> {
  if (kind !== 'Deployment' && kind !== 'StatefulSet') return 0;
  const all = await kube.list(kind === 'Deployment' ? 'deployments' : 'statefulsets', namespace);
  const found = all.find((workload) => workload.metadata.name === name);
  return found === undefined ? 0 : (found.spec?.replicas ?? 1);
}
