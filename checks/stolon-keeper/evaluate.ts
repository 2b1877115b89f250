import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { Cluster } from './cluster.ts';
import { confirmed, masterHealthy } from './master.ts';
import { ofTheMetrics } from './metrics.ts';
import type { StolonKeeperObservation } from './observation.ts';
import { ofThePods } from './pods.ts';
import type { rules, StolonKeeperOptions } from './rules.ts';
import { compared, standbys } from './standbys.ts';

export type KeeperVerdict = Verdict<typeof rules>;
export type KeeperContext = EvaluateContext<StolonKeeperOptions>;

export function evaluate(observation: StolonKeeperObservation, context: KeeperContext): readonly KeeperVerdict[] {
  const { data } = observation;
  const cluster = data === undefined ? undefined : new Cluster(observation, data);
  return [...(cluster === undefined ? [] : ofTheData(cluster)), ...ofThePods(observation, cluster, context), ...ofTheMetrics(observation, cluster, context)];
}

function ofTheData(cluster: Cluster): readonly KeeperVerdict[] {
  return [elected(cluster), masterHealthy(cluster), ...standbys(cluster), hasStandby(cluster), ...converged(cluster), ...compared(cluster), confirmed(cluster)];
}

function elected({ data, master }: Cluster): KeeperVerdict {
  const rule = 'master-elected';
  if (master !== undefined) return { rule, verdict: 'pass', observed: { keeper: master.keeper } };
  if (data.phase === 'initializing') return { rule, verdict: 'skip', messageId: 'initialising' };
  if (data.master === '') return { rule, verdict: 'fail', messageId: 'none', data: { keepers: data.keepers.length } };
  return { rule, verdict: 'fail', messageId: 'missing', data: { master: data.master }, observed: data.databases.map(({ uid }) => uid), expected: data.master };
}

/** A standby that is there and broken is said elsewhere; here it is one that is not there at all. */
function hasStandby(cluster: Cluster): KeeperVerdict {
  const rule = 'has-standby';
  const { master, data, standbys: found, pods } = cluster;
  if (master === undefined) return { rule, verdict: 'skip', messageId: 'see-elected' };
  const name = cluster.nameOf(master.keeper);
  const others = data.keepers.filter(({ uid }) => uid !== master.keeper);
  if (others.length > 0 && others.every(({ uid }) => cluster.pod(uid) === undefined)) {
    const missing = others.map(({ uid }) => uid);
    return { rule, verdict: 'fail', messageId: 'gone', data: { standbys: missing.join(', '), master: name }, observed: missing };
  }
  if (found.length > 0) return { rule, verdict: 'pass', observed: found.length };
  if (pods.length < 2) return { rule, verdict: 'skip', messageId: 'single' };
  return { rule, verdict: 'fail', messageId: 'none', data: { pods: pods.length, master: name }, observed: 0 };
}

/** An unhealthy database does not get anywhere, which is said of it elsewhere. */
function converged(cluster: Cluster): readonly KeeperVerdict[] {
  const healthy = cluster.data.databases.filter((database) => database.healthy);
  if (healthy.length === 0) return [{ rule: 'converged', verdict: 'skip', messageId: 'none-healthy' }];
  const behind = healthy.filter((database) => database.generation !== database.currentGeneration);
  if (behind.length === 0) return [{ rule: 'converged', verdict: 'pass' }];
  return behind.map((database) => ({
    rule: 'converged',
    verdict: 'fail',
    messageId: 'behind',
    data: { keeper: cluster.nameOf(database.keeper), current: database.currentGeneration, wanted: database.generation },
    subject: cluster.subjectOf(database.keeper),
    observed: { currentGeneration: database.currentGeneration },
    expected: { generation: database.generation },
    because: cluster.nodeOf(database.keeper),
  }));
}
