import { secondsSince, shortDuration } from '../shared/time.ts';
import type { Cluster } from './cluster.ts';
import type { KeeperContext, KeeperVerdict } from './evaluate.ts';
import type { KeeperMetrics, KeeperPod, StolonKeeperObservation } from './observation.ts';

const API_SERVER = 'kube-system/kube-apiserver';

export function ofTheMetrics(observation: StolonKeeperObservation, cluster: Cluster | undefined, context: KeeperContext): readonly KeeperVerdict[] {
  const measured = observation.pods.flatMap((pod) => (pod.metrics === undefined ? [] : [{ pod, metrics: pod.metrics }]));
  const rules = ['synchronised', 'settings-applied', 'roles-agree'] as const;
  if (measured.length === 0) {
    // Metrics that could not be read are a blind spot already.
    if (observation.pods.some((pod) => pod.metricsUnread === true)) return [];
    return rules.map((rule) => ({ rule, verdict: 'skip', messageId: 'no-metrics' }));
  }
  const faults = measured.flatMap(({ pod, metrics }) => [
    ...rounds(pod, metrics, observation, context),
    ...restart(pod, metrics),
    ...role(pod, metrics, cluster),
  ]);
  return [...faults, ...rules.filter((rule) => !faults.some((fault) => fault.rule === rule)).map((rule): KeeperVerdict => ({ rule, verdict: 'pass' }))];
}

function subjectOf(pod: KeeperPod): { readonly kind: string; readonly namespace: string; readonly name: string } {
  return { kind: 'Pod', namespace: pod.namespace, name: pod.name };
}

function rounds(pod: KeeperPod, metrics: KeeperMetrics, observation: StolonKeeperObservation, { options }: KeeperContext): readonly KeeperVerdict[] {
  const now = new Date(observation.readAt);
  const running = secondsSince(pod.startedAt === '' ? undefined : pod.startedAt, now) ?? Infinity;
  // A keeper that never did it has had no more time than it runs.
  const age = (at: number | undefined): number => (at === undefined ? 0 : Math.min(now.getTime() / 1000 - at, running));
  const node = pod.node === '' ? [] : [`node/${pod.node}`];
  const base = { rule: 'synchronised', verdict: 'fail', subject: subjectOf(pod) } as const;
  const [data, round] = [age(metrics.dataReadAt), age(metrics.syncedAt)];
  if (data > options.syncSeconds) {
    const because = [API_SERVER, ...observation.sentinels, ...node];
    return [{ ...base, messageId: 'no-data', data: { pod: pod.name, age: shortDuration(data) }, observed: { ageSeconds: Math.round(data) }, because }];
  }
  if (round <= options.syncSeconds) return [];
  return [{ ...base, messageId: 'unfinished', data: { pod: pod.name, age: shortDuration(round) }, observed: { ageSeconds: Math.round(round) }, because: node }];
}

function restart(pod: KeeperPod, { needsRestart }: KeeperMetrics): readonly KeeperVerdict[] {
  if (needsRestart !== true) return [];
  return [{ rule: 'settings-applied', verdict: 'fail', messageId: 'waiting', data: { pod: pod.name }, subject: subjectOf(pod), observed: 1 }];
}

/** What a keeper does against what it was told, and against who the cluster data says is master. */
function role(pod: KeeperPod, { targetRole: target, localRole: local }: KeeperMetrics, cluster: Cluster | undefined): readonly KeeperVerdict[] {
  const base = { rule: 'roles-agree', verdict: 'fail', subject: subjectOf(pod) } as const;
  const master = cluster?.master?.keeper;
  if (cluster !== undefined && master !== undefined && local === 'master' && cluster.keeperIn(pod) !== master) {
    const name = cluster.nameOf(master);
    return [{ ...base, messageId: 'second-master', data: { pod: pod.name, master: name }, observed: { local }, expected: { master: name } }];
  }
  if (target === '' || local === '' || target === local) return [];
  return [{ ...base, messageId: 'pending', data: { pod: pod.name, target, local }, observed: { local }, expected: { local: target } }];
}
