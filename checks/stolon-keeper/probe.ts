import type { ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { type Sample, valueOf } from '../shared/metrics.ts';
import { believable, metricsOf, podFacts, podsOfRole, readStore, refOf } from '../shared/stolon.ts';
import type { KeeperMetrics, KeeperPod, StolonKeeperObservation } from './observation.ts';
import type { StolonKeeperOptions, StolonKeeperRule } from './rules.ts';

type Context = ProbeContext<StolonKeeperOptions, StolonKeeperRule>;

/** Rules that cannot be judged without cluster data that is up to date. */
const OF_THE_DATA = [
  'master-elected',
  'master-healthy',
  'standbys-healthy',
  'has-standby',
  'registered',
  'no-stale-entries',
  'converged',
  'standby-lag',
  'same-timeline',
  'same-system',
  'writes-confirmed',
  'data-and-pods-agree',
] as const satisfies readonly StolonKeeperRule[];
const OF_THE_METRICS = ['synchronised', 'settings-applied', 'roles-agree'] as const satisfies readonly StolonKeeperRule[];

export async function probe(context: Context): Promise<StolonKeeperObservation> {
  const { kube, target, options } = context;
  const [keepers, sentinels, proxies] = await Promise.all([
    podsOfRole(kube, target, 'keeper', 'keeper'),
    podsOfRole(kube, target, 'sentinel', 'keeper'),
    podsOfRole(kube, target, 'proxy', 'keeper'),
  ]);
  const data = await context.look(OF_THE_DATA, async () => {
    const store = await readStore(kube, target, [...keepers, ...sentinels, ...proxies], options.cluster);
    return believable(store, context.now().toISOString(), options);
  });
  const readAt = context.now().toISOString();
  return {
    namespace: target.namespace,
    ...(data === undefined ? {} : { data }),
    readAt,
    pods: await Promise.all(keepers.map((pod) => keeperFacts(context, pod))),
    sentinels: (target.peers['sentinel'] ?? []).map((peer) => peer.component),
  };
}

async function keeperFacts(context: Context, pod: Pod): Promise<KeeperPod> {
  const read = await context.look(OF_THE_METRICS, async () => ({ found: await metricsOf(context.http, pod) }), { kind: 'Pod', ...refOf(pod) });
  const probed = (pod.spec?.containers ?? []).some((container) => container.readinessProbe !== undefined);
  const facts = { ...podFacts(pod), probed };
  if (read === undefined) return { ...facts, metricsUnread: true };
  return read.found === undefined ? facts : { ...facts, metrics: keeperMetrics(read.found) };
}

function keeperMetrics(found: readonly Sample[]): KeeperMetrics {
  const role = (name: string): string => found.find((sample) => sample.name === name && sample.value === 1)?.labels['role'] ?? '';
  const time = (name: string): number | undefined => {
    const value = valueOf(found, name);
    return value !== undefined && Number.isFinite(value) ? value : undefined;
  };
  const dataReadAt = time('stolon_keeper_clusterdata_last_valid_update_seconds');
  const syncedAt = time('stolon_keeper_last_sync_success_seconds');
  const restart = valueOf(found, 'stolon_keeper_needs_restart');
  return {
    ...(dataReadAt === undefined ? {} : { dataReadAt }),
    ...(syncedAt === undefined ? {} : { syncedAt }),
    ...(restart === undefined ? {} : { needsRestart: restart === 1 }),
    targetRole: role('stolon_keeper_target_role'),
    localRole: role('stolon_keeper_local_role'),
  };
}
