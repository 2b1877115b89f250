import { FAKE_STANDBY } from '../shared/stolon-data.ts';
import { type Cluster, lagOf } from './cluster.ts';
import type { KeeperVerdict } from './evaluate.ts';

export function masterHealthy(cluster: Cluster): KeeperVerdict {
  const rule = 'master-healthy';
  const { master } = cluster;
  if (master === undefined) return { rule, verdict: 'skip', messageId: 'see-elected' };
  const { keeper } = master;
  const name = cluster.nameOf(keeper);
  if (cluster.isHealthy(keeper)) return { rule, verdict: 'pass', observed: { keeper, pod: name, timeline: master.timeline } };
  const candidates = candidatesOf(cluster);
  const base = { rule, verdict: 'fail', subject: cluster.subjectOf(keeper), because: cluster.nodeOf(keeper) } as const;
  if (cluster.keeper(keeper)?.healthy === true) {
    const observed = { keeper: 'healthy', database: 'unhealthy', candidates };
    return { ...base, messageId: 'database-failed', data: { keeper: name, candidates }, observed };
  }
  const { text: age, since } = cluster.silence(keeper);
  const observed = { keeper: 'unhealthy', candidates };
  return { ...base, messageId: 'keeper-lost', data: { keeper: name, age, candidates }, observed, ...(since === undefined ? {} : { since }) };
}

/** Standbys that stolon would elect: healthy, on the same timeline, and near enough or, with synchronous replication, synchronous. */
function candidatesOf(cluster: Cluster): number {
  const { data, master } = cluster;
  if (master === undefined) return 0;
  return cluster.standbys.filter((standby) => {
    if (!cluster.isHealthy(standby.keeper) || standby.timeline !== master.timeline) return false;
    return data.synchronousReplication ? master.synchronousStandbys.includes(standby.uid) : lagOf(standby, master) <= data.maxStandbyLag;
  }).length;
}

/**
 * stolon makes the master wait for every synchronous standby that it names. It takes a failed one off the list only when another can take its place, so
 * one that is on the list and down holds up all commits.
 */
export function confirmed(cluster: Cluster): KeeperVerdict {
  const rule = 'writes-confirmed';
  const { data, master } = cluster;
  if (data.role === 'standby') return { rule, verdict: 'skip', messageId: 'standby-cluster' };
  if (!data.synchronousReplication) return { rule, verdict: 'skip', messageId: 'asynchronous' };
  if (master === undefined) return { rule, verdict: 'skip', messageId: 'see-elected' };
  if (!cluster.isHealthy(master.keeper)) return { rule, verdict: 'skip', messageId: 'see-master' };
  const { synchronousStandbys: wanted, externalSynchronousStandbys: external } = master;
  const keeper = cluster.nameOf(master.keeper);
  const base = { rule, verdict: 'fail', subject: cluster.subjectOf(master.keeper), observed: { synchronousStandbys: [...wanted, ...external] } } as const;
  const down = wanted.flatMap((uid) => {
    const standby = data.databases.find((database) => database.uid === uid);
    return standby !== undefined && cluster.isHealthy(standby.keeper) ? [] : [{ uid, keeper: standby?.keeper }];
  });
  const because = down.flatMap((each) => (each.keeper === undefined ? [] : cluster.nodeOf(each.keeper)));
  if (external.includes(FAKE_STANDBY)) return { ...base, messageId: 'fake', data: { keeper }, because };
  const [first] = down;
  if (first !== undefined) {
    const standby = first.keeper === undefined ? first.uid : cluster.nameOf(first.keeper);
    return { ...base, messageId: 'standby-down', data: { keeper, standby }, because };
  }
  if (wanted.length + external.length === 0) return { ...base, messageId: 'none', data: { keeper } };
  return { rule, verdict: 'pass', observed: { synchronousStandbys: [...wanted, ...external] } };
}
