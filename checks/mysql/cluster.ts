import type { ClusterFacts } from '../shared/mysql.ts';
import { NONE_SERVES, seenBy, subjectOf } from './greeting.ts';
import type { InstanceFacts, MysqlObservation } from './observation.ts';
import type { MysqlOptions } from './options.ts';
import type { MysqlVerdict } from './rules.ts';
import { isServing } from './standing.ts';

type Member<Kind extends ClusterFacts['kind']> = { readonly instance: InstanceFacts; readonly cluster: Extract<ClusterFacts, { kind: Kind }> };

/** wsrep_local_state in the words of Galera. */
const STATES: Readonly<Record<number, string>> = { 0: 'undefined', 1: 'Joining', 2: 'Donor/Desynced', 3: 'Joined', 4: 'Synced' };
const SYNCED = 4;
/** A node that hands its data to another one has left the queue on purpose and comes back by itself. */
const DONOR = 2;

/** The view that each member of a Galera or group replication cluster has of it. */
export function clusterVerdicts({ instances }: MysqlObservation, options: MysqlOptions): readonly MysqlVerdict[] {
  const serving = instances.filter(isServing);
  if (serving.length === 0) return both(NONE_SERVES);
  const galera = membersOf(serving, 'galera');
  const group = membersOf(serving, 'group');
  if (galera.length > 0) return galeraVerdicts(galera, options);
  return group.length > 0 ? groupVerdicts(group) : both({ verdict: 'skip', messageId: 'no-cluster' });
}

function both(skip: { readonly verdict: 'skip'; readonly messageId: 'none-serves' | 'no-cluster' }): readonly MysqlVerdict[] {
  return (['cluster-has-quorum', 'cluster-members-healthy'] as const).map((rule): MysqlVerdict => ({ rule, ...skip }));
}

function membersOf<Kind extends 'galera' | 'group'>(instances: readonly InstanceFacts[], kind: Kind): readonly Member<Kind>[] {
  return instances.flatMap((instance) =>
    instance.facts?.cluster?.kind === kind ? [{ instance, cluster: instance.facts.cluster as Member<Kind>['cluster'] }] : [],
  );
}

function galeraVerdicts(members: readonly Member<'galera'>[], { flowPausedPercent }: MysqlOptions): readonly MysqlVerdict[] {
  const observed = members.map(({ instance, cluster }) => ({
    pod: instance.name,
    primary: cluster.primary,
    ready: cluster.ready,
    size: cluster.size,
    ...seenBy(instance),
  }));
  if (!members.some(({ cluster }) => cluster.primary && cluster.ready)) {
    const pods = members.map(({ instance }) => instance.name).join(', ');
    return [
      { rule: 'cluster-has-quorum', verdict: 'fail', messageId: 'galera', data: { pods }, observed },
      { rule: 'cluster-members-healthy', verdict: 'skip', messageId: 'see-quorum' },
    ];
  }
  const faults = members.flatMap(({ instance, cluster }): readonly MysqlVerdict[] => {
    const { primary, ready, state, flowPaused } = cluster;
    const base = { rule: 'cluster-members-healthy', verdict: 'fail', subject: subjectOf(instance) } as const;
    if (!primary || !ready || (state !== SYNCED && state !== DONOR)) {
      const text = `${primary ? 'Primary' : 'non-Primary'}, ${ready ? 'ready' : 'not ready'}, ${STATES[state] ?? state}`;
      return [{ ...base, messageId: 'galera', data: { pod: instance.name, state: text }, observed: { primary, ready, state } }];
    }
    const percent = Math.round(flowPaused * 100);
    return percent > flowPausedPercent ? [{ ...base, messageId: 'flow-control', data: { pod: instance.name, percent }, observed: percent }] : [];
  });
  return [
    { rule: 'cluster-has-quorum', verdict: 'pass', observed },
    ...(faults.length > 0 ? faults : [{ rule: 'cluster-members-healthy', verdict: 'pass' } as const]),
  ];
}

/** The members as one of them sees them; the one that sees most of them reachable speaks for the group. */
function groupVerdicts(members: readonly Member<'group'>[]): readonly MysqlVerdict[] {
  const views = members.map(({ instance, cluster }) => {
    const all = cluster.members;
    const reachable = all.filter(({ state }) => state === 'ONLINE' || state === 'RECOVERING');
    return { instance, all, reachable: reachable.length, hasQuorum: reachable.length * 2 > all.length };
  });
  const best = views.toSorted((a, b) => Number(b.hasQuorum) - Number(a.hasQuorum) || b.reachable - a.reachable)[0];
  if (best === undefined) return [];
  const observed = best.all.map(({ host, state, role }) => ({ host, state, role }));
  const list = best.all.map(({ host, state }) => `${host} ${state}`).join(', ');
  if (!best.hasQuorum) {
    const data = { count: best.all.length, reachable: best.reachable, members: list || '—' };
    return [
      { rule: 'cluster-has-quorum', verdict: 'fail', messageId: 'group', data, observed },
      { rule: 'cluster-members-healthy', verdict: 'skip', messageId: 'see-quorum' },
    ];
  }
  // A member that was thrown out shows itself alone, and the others do not show it any more.
  const outcast = views.flatMap((view) => (view.hasQuorum ? [] : [{ instance: view.instance, state: view.all[0]?.state ?? 'OFFLINE' }]));
  const faults = [
    ...best.all.flatMap(({ host, state }) => (state === 'ONLINE' ? [] : [{ member: host || '?', state, subject: subjectNamed(host, members) }])),
    ...outcast.map(({ instance, state }) => ({ member: instance.name, state, subject: subjectOf(instance) })),
  ];
  const seen = new Set<string>();
  const told = faults.filter(({ subject, member }) => !seen.has(subject?.name ?? member) && seen.add(subject?.name ?? member));
  return [
    { rule: 'cluster-has-quorum', verdict: 'pass', observed },
    ...(told.length > 0
      ? told.map(
          ({ member, state, subject }): MysqlVerdict => ({
            rule: 'cluster-members-healthy',
            verdict: 'fail',
            messageId: 'group',
            data: { member, state },
            subject,
            observed: state,
          }),
        )
      : [{ rule: 'cluster-members-healthy', verdict: 'pass' } as const]),
  ];
}

/** A member calls itself by its host name, which is its pod's name, with or without the rest of its address. */
function subjectNamed(host: string, members: readonly Member<'group'>[]) {
  const [name = host] = host.split('.');
  const known = members.find(({ instance }) => instance.name === name || instance.ip === host);
  const namespace = members[0]?.instance.namespace ?? '';
  return known === undefined ? { kind: 'Pod', namespace, name: name || '?' } : subjectOf(known.instance);
}
