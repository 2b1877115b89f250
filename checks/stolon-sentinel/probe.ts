import type { ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { valueOf } from '../shared/metrics.ts';
import { metricsOf, outOfSight, podFacts, podsOfRole, readStore, refOf } from '../shared/stolon.ts';
import type { SentinelFacts, StolonSentinelObservation } from './observation.ts';
import type { StolonSentinelOptions, StolonSentinelRule } from './rules.ts';

/** Rules that speak of the cluster data or of the lock beside it. */
const OF_THE_STORE = [
  'cluster-data-exists',
  'cluster-data-readable',
  'initialised',
  'data-written',
  'proxies-told',
  'leaders-agree',
  'data-fits',
] as const satisfies readonly StolonSentinelRule[];

export async function probe(context: ProbeContext<StolonSentinelOptions, StolonSentinelRule>): Promise<StolonSentinelObservation> {
  const { kube, target, options } = context;
  const [sentinels, keepers, proxies] = await Promise.all([
    podsOfRole(kube, target, 'sentinel', 'sentinel'),
    podsOfRole(kube, target, 'keeper', 'sentinel'),
    podsOfRole(kube, target, 'proxy', 'sentinel'),
  ]);
  const pods = [...sentinels, ...keepers, ...proxies];
  const store = await context.look(OF_THE_STORE, async () => {
    const found = await readStore(kube, target, pods, options.cluster);
    if (found.kind === 'elsewhere' || found.kind === 'unfound') throw outOfSight(found);
    return found;
  });
  const readAt = context.now().toISOString();
  return {
    namespace: target.namespace,
    ...(store === undefined ? {} : { store }),
    readAt,
    sentinels: await Promise.all(sentinels.map((pod) => sentinelFacts(context, pod))),
    keepers: (target.peers['keeper'] ?? []).map((peer) => peer.component),
  };
}

async function sentinelFacts(context: ProbeContext<StolonSentinelOptions, StolonSentinelRule>, pod: Pod): Promise<SentinelFacts> {
  const metrics = await context.look('leaders-agree', () => metricsOf(context.http, pod), { kind: 'Pod', ...refOf(pod) });
  const leads = metrics === undefined ? undefined : valueOf(metrics, 'stolon_sentinel_is_leader');
  return { ...podFacts(pod), ...(leads === undefined ? {} : { leads: leads === 1 }) };
}
