import { bytesText } from '../shared/stolon.ts';
import type { StolonDatabase } from '../shared/stolon-data.ts';
import { type Cluster, lagOf } from './cluster.ts';
import type { KeeperVerdict } from './evaluate.ts';

/** Every keeper but the master's: those with a pod may be broken, those without one are what is left of a pod. */
export function standbys(cluster: Cluster): readonly KeeperVerdict[] {
  const others = cluster.data.keepers.filter(({ uid }) => uid !== cluster.master?.keeper);
  const present = others.filter(({ uid }) => cluster.pod(uid) !== undefined);
  const unhealthy = present.filter(({ uid }) => !cluster.isHealthy(uid)).map(({ uid }) => unhealthyStandby(cluster, uid));
  const stale = others.filter(({ uid }) => cluster.pod(uid) === undefined);
  const healthy: KeeperVerdict =
    present.length === 0
      ? { rule: 'standbys-healthy', verdict: 'skip', messageId: 'none' }
      : { rule: 'standbys-healthy', verdict: 'pass', observed: present.map(({ uid }) => uid) };
  return [
    ...(unhealthy.length > 0 ? unhealthy : [healthy]),
    ...(stale.length === 0
      ? [{ rule: 'no-stale-entries', verdict: 'pass' } as const]
      : stale.map(({ uid }): KeeperVerdict => {
          const { text: age, since } = cluster.silence(uid);
          const subject = cluster.subjectOf(uid);
          return {
            rule: 'no-stale-entries',
            verdict: 'fail',
            messageId: 'stale',
            data: { keeper: uid, age },
            subject,
            ...(since === undefined ? {} : { since }),
          };
        })),
  ];
}

function unhealthyStandby(cluster: Cluster, keeper: string): KeeperVerdict {
  const base = { rule: 'standbys-healthy', verdict: 'fail', subject: cluster.subjectOf(keeper), because: cluster.nodeOf(keeper) } as const;
  const name = cluster.nameOf(keeper);
  if (cluster.keeper(keeper)?.healthy !== true) {
    const { text: age, since } = cluster.silence(keeper);
    return { ...base, messageId: 'keeper-lost', data: { keeper: name, age }, observed: { keeper: 'unhealthy' }, ...(since === undefined ? {} : { since }) };
  }
  const database = cluster.databaseOf(keeper);
  // A database that is copied anew keeps this mode until its keeper has reported it once.
  const messageId = database?.initMode === 'resync' && database.currentGeneration === 0 ? 'resyncing' : 'database-failed';
  return { ...base, messageId, data: { keeper: name }, observed: { keeper: 'healthy', database: 'unhealthy' } };
}

type Comparison = 'standby-lag' | 'same-timeline' | 'same-system';
const COMPARISONS = ['standby-lag', 'same-timeline', 'same-system'] as const satisfies readonly Comparison[];

/** Healthy standbys against a healthy master: figures of what is not healthy are as old as its last report. */
export function compared(cluster: Cluster): readonly KeeperVerdict[] {
  const { master } = cluster;
  const skipped = (messageId: 'see-elected' | 'see-master' | 'no-standby'): readonly KeeperVerdict[] =>
    COMPARISONS.map((rule) => ({ rule, verdict: 'skip', messageId }));
  if (master === undefined) return skipped('see-elected');
  if (!cluster.isHealthy(master.keeper)) return skipped('see-master');
  const healthy = cluster.standbys.filter(({ keeper }) => cluster.isHealthy(keeper));
  if (healthy.length === 0) return skipped('no-standby');
  const faults = healthy.flatMap((standby) => differences(cluster, standby, master));
  const lag = Math.max(...healthy.map((standby) => lagOf(standby, master)));
  const observed = { 'standby-lag': { lagBytes: lag }, 'same-timeline': { timeline: master.timeline }, 'same-system': { systemId: master.systemId } };
  const quiet = COMPARISONS.filter((rule) => !faults.some((fault) => fault.rule === rule));
  return [...faults, ...quiet.map((rule): KeeperVerdict => ({ rule, verdict: 'pass', observed: observed[rule] }))];
}

function differences(cluster: Cluster, standby: StolonDatabase, master: StolonDatabase): readonly KeeperVerdict[] {
  const { data } = cluster;
  const keeper = cluster.nameOf(standby.keeper);
  const base = { verdict: 'fail', subject: cluster.subjectOf(standby.keeper), because: cluster.nodeOf(standby.keeper) } as const;
  const found: KeeperVerdict[] = [];
  if (standby.systemId !== '' && master.systemId !== '' && standby.systemId !== master.systemId) {
    const facts = { data: { keeper, system: standby.systemId, master: master.systemId }, observed: standby.systemId, expected: master.systemId };
    // Positions and timelines of another database compare with nothing. A foreign data directory is no symptom of anything else.
    return [{ ...base, rule: 'same-system', messageId: 'differs', ...facts, because: [], own: true }];
  }
  if (standby.timeline !== 0 && master.timeline !== 0 && standby.timeline !== master.timeline) {
    const facts = { data: { keeper, timeline: standby.timeline, master: master.timeline }, observed: standby.timeline, expected: master.timeline };
    found.push({ ...base, rule: 'same-timeline', messageId: 'differs', ...facts });
  }
  const lag = lagOf(standby, master);
  // A synchronous standby is elected however old its last report is.
  if (standby.position !== 0 && lag > data.maxStandbyLag && !master.synchronousStandbys.includes(standby.uid)) {
    const facts = {
      data: { keeper, lag: bytesText(lag), limit: bytesText(data.maxStandbyLag) },
      observed: { lagBytes: lag },
      expected: { lagBytes: data.maxStandbyLag },
    };
    found.push({ ...base, rule: 'standby-lag', messageId: 'behind', ...facts });
  }
  return found;
}
