import type { KubeReader, ProbeContext, WorkloadRef } from '../../src/model/check.ts';
import type { Pod, PodDisruptionBudget } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { isFinished, namespacesOf, ownedBy, staysOnDrain, workloadOf } from '../shared/pods.ts';
import { matchesLabels } from '../shared/selectors.ts';
import type { BudgetFacts, DisruptionObservation, MovableFacts } from './observation.ts';

/** More pods of one component say nothing new. */
const MOST = 20;

/** The component's pods that a drain would move, what is said against moving them, and what that would leave of it. */
export async function probe(context: ProbeContext<object>): Promise<DisruptionObservation> {
  const { kube, target } = context;
  const lists = await Promise.all(namespacesOf(target.pods).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))));
  const moving = lists.flat().filter((pod) => !isFinished(pod) && pod.metadata.deletionTimestamp === undefined && !staysOnDrain(pod));
  const budgets = moving.length === 0 ? [] : await context.look(['budget-allows', 'one-budget'], () => budgetsIn(kube, moving));
  const covering = (pod: Pod): readonly PodDisruptionBudget[] => (budgets ?? []).filter((budget) => covers(budget, pod));
  const relevant = (budgets ?? []).filter((budget) => moving.some((pod) => covers(budget, pod)));
  return {
    core: target.core,
    budgetsRead: budgets !== undefined,
    workloads: (
      await Promise.all(
        target.workloads.map((workload) =>
          movable(
            kube,
            workload,
            moving.filter((pod) => workloadOf(pod, target) === workload),
          ),
        ),
      )
    ).flat(),
    budgets: relevant.map(budgetFacts),
    coveredTwice: moving
      .filter((pod) => covering(pod).length > 1)
      .slice(0, MOST)
      .map((pod) => ({ ...refOf(pod), budgets: covering(pod).map((budget) => budget.metadata.name) })),
    bare: moving
      .filter((pod) => pod.metadata.ownerReferences?.some((owner) => owner.controller === true) !== true)
      .slice(0, MOST)
      .map((pod) => ({ ...refOf(pod), node: pod.spec?.nodeName ?? '' })),
  };
}

/** None, without a fault, where the API server knows no PodDisruptionBudgets. */
async function budgetsIn(kube: KubeReader, pods: readonly Pod[]): Promise<readonly PodDisruptionBudget[]> {
  const namespaces = [...new Set(pods.map((pod) => pod.metadata.namespace ?? ''))];
  try {
    return (await Promise.all(namespaces.map((namespace) => kube.list('poddisruptionbudgets', namespace)))).flat();
  } catch (error) {
    if (error instanceof ProbeError && error.problem.reason === 'NotServed') return [];
    throw error;
  }
}

/** An empty selector covers nothing in policy/v1beta1 and everything in policy/v1: the controller's count tells which. */
function covers({ metadata, spec, status }: PodDisruptionBudget, pod: Pod): boolean {
  const { matchLabels = {}, matchExpressions = [] } = spec?.selector ?? {};
  const empty = Object.keys(matchLabels).length === 0 && matchExpressions.length === 0;
  if (empty && (status?.expectedPods ?? 0) === 0) return false;
  return metadata.namespace === pod.metadata.namespace && matchesLabels(spec?.selector, pod.metadata.labels);
}

function budgetFacts({ metadata, spec, status }: PodDisruptionBudget): BudgetFacts {
  const limit = spec?.maxUnavailable === undefined ? `minAvailable ${spec?.minAvailable ?? 1}` : `maxUnavailable ${spec.maxUnavailable}`;
  const allowed = status?.disruptionsAllowed;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    limit,
    healthy: status?.currentHealthy ?? 0,
    needed: status?.desiredHealthy ?? 0,
    expected: status?.expectedPods ?? 0,
    // A controller that has never looked at it leaves the status empty, or zero of zero.
    ...(allowed === undefined || (status?.observedGeneration ?? 0) === 0 ? {} : { allowed }),
  };
}

async function movable(kube: KubeReader, { kind, namespace, name }: WorkloadRef, pods: readonly Pod[]): Promise<readonly MovableFacts[]> {
  if (kind === 'DaemonSet' || kind === 'StaticPod' || kind === 'CronJob') return [];
  const replicas = kind === 'Pod' ? pods.length : await replicasOf(kube, kind, namespace, name);
  if (replicas === 0 && pods.length === 0) return [];
  return [{ kind, namespace, name, replicas, pods: pods.length, nodes: [...new Set(pods.flatMap((pod) => pod.spec?.nodeName ?? []))].sort() }];
}

async function replicasOf(kube: KubeReader, kind: 'Deployment' | 'StatefulSet', namespace: string, name: string): Promise<number> {
  const all = await kube.list(kind === 'Deployment' ? 'deployments' : 'statefulsets', namespace);
  const found = all.find((workload) => workload.metadata.name === name);
  return found === undefined ? 0 : (found.spec?.replicas ?? 1);
}

function refOf(pod: Pod): { readonly namespace: string; readonly pod: string } {
  return { namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name };
}
