import type { KubeReader, ProbeContext } from '../../src/model/check.ts';
import type { Lease } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { namespacesOf } from '../shared/pods.ts';
import { electionIsOff, fromAnnotation, fromLease, isPattern, matchesName, namesFromFlags } from './locks.ts';
import type { LeaderElectionObservation, LockFacts } from './observation.ts';
import type { LeaderElectionOptions } from './rules.ts';

/** A pattern that matches more than this is no lock's name. */
const MOST_LOCKS = 20;

/**
 * Reads the locks of every kind, because which one a component uses depends on its version and an old one may be left over beside a new one. When one
 * kind cannot be read, nothing can be said: the fresh one may be among what was not seen.
 */
export async function probe(context: ProbeContext<LeaderElectionOptions>): Promise<LeaderElectionObservation> {
  const { kube, target, options } = context;
  const namespace = options.namespace === '' ? target.namespace : options.namespace;
  const lists = await Promise.all(namespacesOf(target.pods).map((each) => kube.list('pods', each)));
  const pods = lists.flat().filter((pod) => target.pods.some((ref) => ref.namespace === pod.metadata.namespace && ref.name === pod.metadata.name));
  const running = pods.filter((pod) => pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined);
  const names = [...new Set([...options.locks, ...namesFromFlags(running)])];
  const locks = (await locksIn(kube, namespace)).filter((lock) => names.some((name) => matchesName(name, lock.name)));
  // After the locks: evaluate's own time, that of the run's beginning, would put every lock that was renewed since into the future.
  const readAt = locks.length === 0 ? undefined : context.now().toISOString();
  return {
    namespace,
    names,
    nameIsKnown: names.some((name) => !isPattern(name)),
    locks: locks.slice(0, MOST_LOCKS),
    pods: running.map((pod) => ({ name: pod.metadata.name, node: pod.spec?.nodeName ?? '' })),
    workloads: target.workloads.map((workload) => workload.name),
    switchedOff: running.length > 0 && running.every(electionIsOff),
    ...(readAt === undefined ? {} : { readAt }),
  };
}

async function locksIn(kube: KubeReader, namespace: string): Promise<readonly LockFacts[]> {
  const [leases, endpoints, configMaps] = await Promise.all([leasesIn(kube, namespace), kube.list('endpoints', namespace), kube.list('configmaps', namespace)]);
  return [
    ...leases.map(fromLease),
    ...endpoints.flatMap((each) => fromAnnotation('Endpoints', each) ?? []),
    ...configMaps.flatMap((each) => fromAnnotation('ConfigMap', each) ?? []),
  ];
}

/** API servers before 1.12 know no Leases. */
async function leasesIn(kube: KubeReader, namespace: string): Promise<readonly Lease[]> {
  try {
    return await kube.list('leases', namespace);
  } catch (error) {
    if (error instanceof ProbeError && error.problem.reason === 'NotServed') return [];
    throw error;
  }
}
