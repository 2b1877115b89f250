import { secondsSince, shortDuration } from '../shared/time.ts';
import type { Cluster } from './cluster.ts';
import type { KeeperContext, KeeperVerdict } from './evaluate.ts';
import type { KeeperPod, StolonKeeperObservation } from './observation.ts';

export function ofThePods(observation: StolonKeeperObservation, cluster: Cluster | undefined, context: KeeperContext): readonly KeeperVerdict[] {
  const { pods } = observation;
  return [
    several(observation),
    spread(pods),
    ...(cluster === undefined ? [] : [...registered(observation, cluster, context), ...agreement(observation, cluster, context)]),
  ];
}

function several({ pods, data }: StolonKeeperObservation): KeeperVerdict {
  const [only] = pods;
  if (only === undefined) return { rule: 'several-keepers', verdict: 'skip', messageId: 'no-pods' };
  const alone = pods.length === 1 && (data === undefined || data.keepers.length <= 1);
  if (alone) return { rule: 'several-keepers', verdict: 'fail', messageId: 'single', data: { pod: only.name }, observed: 1 };
  return { rule: 'several-keepers', verdict: 'pass', observed: pods.length };
}

function spread(pods: readonly KeeperPod[]): KeeperVerdict {
  const placed = pods.filter((pod) => pod.node !== '');
  const [first] = placed;
  if (first === undefined) return { rule: 'spread', verdict: 'skip', messageId: 'no-pods' };
  if (placed.length === 1) return { rule: 'spread', verdict: 'skip', messageId: 'single' };
  const nodes = [...new Set(placed.map((pod) => pod.node))];
  if (nodes.length > 1) return { rule: 'spread', verdict: 'pass', observed: nodes };
  return { rule: 'spread', verdict: 'fail', messageId: 'together', data: { pods: placed.length, node: first.node }, observed: nodes, own: true };
}

function registered({ pods, readAt }: StolonKeeperObservation, cluster: Cluster, { options }: KeeperContext): readonly KeeperVerdict[] {
  if (pods.length === 0) return [{ rule: 'registered', verdict: 'skip', messageId: 'no-pods' }];
  const missing = pods.flatMap((pod): readonly KeeperVerdict[] => {
    const seconds = secondsSince(pod.startedAt === '' ? undefined : pod.startedAt, new Date(readAt)) ?? 0;
    if (!pod.running || seconds <= options.settleSeconds || cluster.keeperIn(pod) !== undefined) return [];
    const data = { pod: pod.name, age: shortDuration(seconds) };
    const subject = { kind: 'Pod', namespace: pod.namespace, name: pod.name };
    return [{ rule: 'registered', verdict: 'fail', messageId: 'missing', data, subject, observed: cluster.data.keepers.map(({ uid }) => uid) }];
  });
  return missing.length > 0 ? missing : [{ rule: 'registered', verdict: 'pass' }];
}

/** Two witnesses of one keeper: the sentinel, which believes its reports, and the kubelet, which asks its PostgreSQL. */
function agreement({ pods, readAt }: StolonKeeperObservation, cluster: Cluster, { options }: KeeperContext): readonly KeeperVerdict[] {
  const rule = 'data-and-pods-agree';
  const known = pods.flatMap((pod) => {
    const keeper = cluster.keeperIn(pod);
    return keeper === undefined ? [] : [{ pod, keeper }];
  });
  if (known.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-pods' }];
  const contradictions = known.flatMap(({ pod, keeper }): readonly KeeperVerdict[] => {
    const healthy = cluster.isHealthy(keeper);
    const seconds = secondsSince(pod.readySince === '' ? undefined : pod.readySince, new Date(readAt)) ?? 0;
    if (seconds <= options.settleSeconds || healthy === pod.ready || (pod.ready && !pod.probed)) return [];
    const messageId = healthy ? 'healthy-unready' : 'unhealthy-ready';
    const data = { keeper, pod: pod.name, age: shortDuration(seconds) };
    const subject = { kind: 'Pod', namespace: pod.namespace, name: pod.name };
    return [{ rule, verdict: 'fail', messageId, data, subject, observed: { data: healthy, pod: pod.ready }, because: cluster.nodeOf(keeper) }];
  });
  if (contradictions.length > 0) return contradictions;
  return known.some(({ pod }) => pod.probed) ? [{ rule, verdict: 'pass' }] : [{ rule, verdict: 'skip', messageId: 'unprobed' }];
}
