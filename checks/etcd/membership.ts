import { secondsSince, shortDuration } from '../shared/time.ts';
import { parseVersion } from './answers.ts';
import { type Cluster, entryOf, idsOf, isLearner, memberIdOf, metricsOf, nameOf, versionOf } from './cluster.ts';
import type { ListedMember, MemberFacts } from './observation.ts';
import { type Context, type EtcdVerdict, names, pairs, podOf, unasked } from './verdict.ts';

/** Who belongs to the cluster, and in which version. */
export function membership(cluster: Cluster, context: Context): readonly EtcdVerdict[] {
  const nobody = unasked(
    [
      'one-cluster',
      'version-decided',
      'members-match-pods',
      'members-started',
      'learners-promoted',
      'odd-members',
      'member-lists-agree',
      'peers-connected',
      'versions-close',
    ],
    cluster,
  );
  if (nobody !== undefined) return nobody;
  return [
    ...oneCluster(cluster),
    ...versionDecided(cluster),
    ...matchPods(cluster),
    ...started(cluster),
    ...learners(cluster, context),
    ...oddMembers(cluster),
    ...listsAgree(cluster),
    ...peersConnected(cluster),
    ...versionsClose(cluster, context),
  ];
}

function oneCluster({ answering }: Cluster): readonly EtcdVerdict[] {
  const known = answering.flatMap(({ pod, status }) => (status === undefined || status.clusterId === '0' ? [] : [{ pod, id: status.clusterId }]));
  if (known.length === 0) return [];
  if (known.length === 1) return [{ rule: 'one-cluster', verdict: 'skip', messageId: 'single' }];
  const ids = [...new Set(known.map(({ id }) => id))];
  if (ids.length === 1) return [{ rule: 'one-cluster', verdict: 'pass' }];
  const clusters = ids.map((id) => `${id}: ${names(known.filter((member) => member.id === id))}`).join('; ');
  return [{ rule: 'one-cluster', verdict: 'fail', messageId: 'differ', data: { count: ids.length, clusters }, observed: ids, own: true }];
}

function versionDecided({ answering }: Cluster): readonly EtcdVerdict[] {
  const known = answering.flatMap((member) => {
    const version = member.clusterVersion ?? metricsOf(member)?.clusterVersion;
    return version === undefined ? [] : [{ pod: member.pod, version }];
  });
  if (known.length === 0) return [];
  const undecided = known.filter(({ version }) => version === 'not_decided');
  if (undecided.length === 0) return [{ rule: 'version-decided', verdict: 'pass' }];
  return [{ rule: 'version-decided', verdict: 'fail', messageId: 'undecided', data: { members: names(undecided) }, observed: 'not_decided' }];
}

function matchPods(cluster: Cluster): readonly EtcdVerdict[] {
  const { listed, members, answering, quorum } = cluster;
  if (listed === undefined) return [];
  // What has never started has no name yet: that is another rule's.
  const unmatched = listed.filter((entry) => entry.name !== '' && !members.some((member) => isEntry(member, entry)));
  const strangers = answering.filter((member) => memberIdOf(member) !== undefined && !listed.some(({ id }) => id === memberIdOf(member)));
  const nameless = members.filter((member) => !answering.includes(member) && entryOf(member, listed) === undefined);
  const strange = strangers.map((member): EtcdVerdict => {
    const data = { pod: member.pod, member: memberIdOf(member) ?? '' };
    return { rule: 'members-match-pods', verdict: 'fail', messageId: 'stranger', data, subject: podOf(member), own: true };
  });
  if (unmatched.length > 0 && nameless.length > 0)
    return strange.length > 0 ? strange : [{ rule: 'members-match-pods', verdict: 'skip', messageId: 'ambiguous' }];
  const ghosts = unmatched.map((entry): EtcdVerdict => {
    const data = { member: entry.name, addresses: addresses(entry), quorum };
    return { rule: 'members-match-pods', verdict: 'fail', messageId: 'ghost', data, subject: memberSubject(entry, cluster) };
  });
  const failed = [...strange, ...ghosts];
  return failed.length > 0 ? failed : [{ rule: 'members-match-pods', verdict: 'pass' }];
}

/** By id where the pod tells its own, and by name or address besides: a pod that was started anew has the name of the member that it replaces. */
function isEntry(member: MemberFacts, entry: ListedMember): boolean {
  return entryOf(member, [entry]) !== undefined || entry.name === member.pod;
}

function started(cluster: Cluster): readonly EtcdVerdict[] {
  const { listed, quorum } = cluster;
  if (listed === undefined) return [];
  const unstarted = listed.filter(({ name }) => name === '');
  if (unstarted.length === 0) return [{ rule: 'members-started', verdict: 'pass' }];
  return unstarted.map((entry): EtcdVerdict => {
    const data = { member: entry.id, addresses: addresses(entry), quorum };
    return { rule: 'members-started', verdict: 'fail', messageId: 'unstarted', data, subject: memberSubject(entry, cluster), own: true };
  });
}

function addresses({ peerUrls }: ListedMember): string {
  return peerUrls.length === 0 ? '?' : peerUrls.join(', ');
}

function memberSubject(entry: ListedMember, { members }: Cluster): { readonly kind: string; readonly namespace: string; readonly name: string } {
  return { kind: 'EtcdMember', namespace: members[0]?.namespace ?? '', name: entry.name === '' ? entry.id : entry.name };
}

function learners(cluster: Cluster, { options, now }: Context): readonly EtcdVerdict[] {
  const { listed, members, answering } = cluster;
  const known = listed !== undefined || answering.some(({ status, metrics }) => status !== undefined || metrics?.learner !== undefined);
  if (!known) return [];
  const names = new Set([
    ...answering.filter(isLearner).map(({ pod }) => pod),
    ...(listed ?? []).filter(({ learner, name }) => learner && name !== '').map(({ id }) => nameOf(id, cluster)),
  ]);
  if (names.size === 0) return [{ rule: 'learners-promoted', verdict: 'pass' }];
  const stuck = [...names].flatMap((name): readonly EtcdVerdict[] => {
    const pod = members.find((member) => member.pod === name);
    const since = pod === undefined ? undefined : (metricsOf(pod)?.startedAt ?? pod.startedAt);
    const seconds = secondsSince(since, now) ?? 0;
    if (pod === undefined || since === undefined || seconds <= options.learnerMinutes * 60) return [];
    const data = { member: name, age: shortDuration(seconds) };
    return [{ rule: 'learners-promoted', verdict: 'fail', messageId: 'stuck', data, subject: podOf(pod), observed: { since }, since }];
  });
  return stuck.length > 0 ? stuck : [{ rule: 'learners-promoted', verdict: 'skip', messageId: 'young', data: { members: [...names].join(', ') } }];
}

function oddMembers({ listed, total }: Cluster): readonly EtcdVerdict[] {
  if (listed === undefined) return [];
  if (total === 1) return [{ rule: 'odd-members', verdict: 'fail', messageId: 'single', observed: 1, expected: 3 }];
  if (total % 2 === 1) return [{ rule: 'odd-members', verdict: 'pass', observed: total }];
  return [{ rule: 'odd-members', verdict: 'fail', messageId: 'even', data: { total, fewer: total - 1 }, observed: total }];
}

function listsAgree(cluster: Cluster): readonly EtcdVerdict[] {
  // Members of another cluster list other members, which is another rule's.
  const most = cluster.listed;
  const lists = cluster.answering.flatMap(({ pod, listed, status }) => (listed === undefined ? [] : [{ pod, listed, clusterId: status?.clusterId ?? '0' }]));
  if (most === undefined) return [];
  const home = lists.find(({ listed }) => idsOf(listed) === idsOf(most))?.clusterId;
  const ours = lists.filter(({ clusterId }) => clusterId === home);
  if (ours.length < 2) return [{ rule: 'member-lists-agree', verdict: 'skip', messageId: 'single' }];
  if (new Set(ours.map(({ listed }) => idsOf(listed))).size === 1) return [{ rule: 'member-lists-agree', verdict: 'pass' }];
  const text = ours.map(({ pod, listed }) => `${pod}: ${listed.map(({ id, name }) => (name === '' ? id : name)).join(' ')}`).join('; ');
  return [{ rule: 'member-lists-agree', verdict: 'fail', messageId: 'differ', data: { lists: text } }];
}

/** Only between members that both answer: that one is down is said already, and everybody has lost its connection. */
function peersConnected(cluster: Cluster): readonly EtcdVerdict[] {
  const { answering } = cluster;
  if (answering.length < 2) return [{ rule: 'peers-connected', verdict: 'skip', messageId: 'single' }];
  const telling = answering.filter((member) => metricsOf(member) !== undefined);
  if (telling.length === 0) return [];
  const withPeers = telling.filter((member) => metricsOf(member)?.peers !== undefined);
  if (withPeers.length === 0) return [{ rule: 'peers-connected', verdict: 'skip', messageId: 'not-told' }];
  const ids = new Map(answering.flatMap((member) => (memberIdOf(member) === undefined ? [] : [[memberIdOf(member) ?? '', member.pod] as const])));
  const cut = withPeers.flatMap((member) =>
    (metricsOf(member)?.peers ?? []).filter(({ id, connected }) => !connected && ids.has(id)).map(({ id }) => `${member.pod} → ${ids.get(id) ?? id}`),
  );
  if (cut.length === 0) return [{ rule: 'peers-connected', verdict: 'pass' }];
  return [{ rule: 'peers-connected', verdict: 'fail', messageId: 'cut', data: { pairs: cut.join(', ') }, observed: cut }];
}

function versionsClose({ answering }: Cluster, { options }: Context): readonly EtcdVerdict[] {
  const known = answering.flatMap((member) => {
    const version = versionOf(member);
    const parsed = parseVersion(version);
    return version === undefined || parsed === undefined ? [] : [{ pod: member.pod, version, ...parsed }];
  });
  if (known.length === 0) return [];
  if (known.length === 1) return [{ rule: 'versions-close', verdict: 'skip', messageId: 'single' }];
  const minors = known.map(({ minor }) => minor);
  const close = new Set(known.map(({ major }) => major)).size === 1 && Math.max(...minors) - Math.min(...minors) <= options.minorVersions;
  if (close) return [{ rule: 'versions-close', verdict: 'pass' }];
  const versions = pairs(known.map(({ pod, version }) => [pod, version]));
  return [{ rule: 'versions-close', verdict: 'fail', messageId: 'apart', data: { versions }, observed: [...new Set(known.map(({ version }) => version))] }];
}
