import { alarmsOf, type Cluster, entryOf, healthOf, isConnected, knowsLeader, memberIdOf, metricsOf, nameOf, statusOf } from './cluster.ts';
import type { EtcdObservation, MemberFacts } from './observation.ts';
import type { EtcdOptions } from './options.ts';
import { type Context, type EtcdVerdict, names, podOf, unasked } from './verdict.ts';

/** Who answers, whether they are enough, and whether somebody leads. */
export function quorum(observation: EtcdObservation, cluster: Cluster, { options }: Context): readonly EtcdVerdict[] {
  return [
    ...membersAnswer(cluster, options),
    ...membersHealthy(observation, cluster),
    ...hasMajority(cluster),
    ...hasLeader(cluster),
    ...oneLeader(observation, cluster),
    ...failureTolerance(cluster),
  ];
}

function membersAnswer(cluster: Cluster, options: EtcdOptions): readonly EtcdVerdict[] {
  const failed = cluster.members.flatMap((member) => silence(member, cluster, options) ?? []);
  if (failed.length > 0) return failed;
  return cluster.answering.length > 0 ? [{ rule: 'members-answer', verdict: 'pass' }] : [];
}

function silence(member: MemberFacts, cluster: Cluster, options: EtcdOptions): EtcdVerdict | undefined {
  const { pod, port, answer, detail, node } = member;
  const { total, quorum: needed, up } = cluster;
  const counts = { up, total, quorum: needed };
  const because = lostNode(member);
  const about = { rule: 'members-answer', verdict: 'fail', subject: podOf(member), observed: { answer, node }, because } as const;
  if (answer === 'answers') return undefined;
  if (answer === 'dark') {
    const witnesses = cluster.cutOff.get(member);
    if (witnesses === undefined) return undefined;
    return { ...about, because: [`node/${node}`], messageId: 'disconnected', data: { pod, witnesses: names(witnesses), ...counts } };
  }
  if (answer === 'not-running') return { ...about, messageId: 'not-running', data: { pod, detail, ...counts } };
  if (answer === 'no-way' || member.nodeReady === false) return { ...about, messageId: 'node-lost', data: { pod, node, detail, ...counts } };
  if (answer === 'silent') return { ...about, messageId: 'silent', data: { pod, port, seconds: options.answerSeconds, ...counts } };
  return { ...about, messageId: answer, data: { pod, port, detail, ...counts } };
}

/** Whether a member certainly does not answer, by what we or its peers have found. */
function isDown(member: MemberFacts, { answering, cutOff }: Cluster): boolean {
  return !answering.includes(member) && (member.answer !== 'dark' || cutOff.has(member));
}

/** Its node, where that is not ready, or where nobody could say: a node without a fault explains nothing. */
function lostNode({ node, nodeReady }: MemberFacts): readonly string[] {
  return nodeReady === true || node === '' ? [] : [`node/${node}`];
}

function membersHealthy(observation: EtcdObservation, cluster: Cluster): readonly EtcdVerdict[] {
  const nobody = unasked(['members-healthy'], cluster);
  if (nobody !== undefined) return nobody;
  if (cluster.hasMajority === false) return [{ rule: 'members-healthy', verdict: 'skip', messageId: 'see-majority' }];
  const leading = cluster.answering.filter(isConnected);
  const unwell = cluster.answering.filter((member) => healthOf(member)?.healthy === false);
  if (unwell.length > 0 && leading.length === 0) return [{ rule: 'members-healthy', verdict: 'skip', messageId: 'see-leader' }];
  const hasAlarm = (alarmsOf(observation, cluster) ?? []).length > 0;
  const failed = unwell.flatMap((member): readonly EtcdVerdict[] => {
    const { reason, status } = healthOf(member) ?? { reason: '', status: 0 };
    const { pod } = member;
    const about = { rule: 'members-healthy', verdict: 'fail', subject: podOf(member), observed: { reason, status } } as const;
    if (knowsLeader(member) === false || /NO LEADER/.test(reason)) return [{ ...about, messageId: 'isolated', data: { pod, others: names(leading) } }];
    return hasAlarm ? [] : [{ ...about, messageId: 'unhealthy', data: { pod, reason: reason === '' ? `HTTP ${status}` : reason } }];
  });
  if (failed.length > 0) return failed;
  return [unwell.length > 0 ? { rule: 'members-healthy', verdict: 'skip', messageId: 'see-alarm' } : { rule: 'members-healthy', verdict: 'pass' }];
}

function hasMajority(cluster: Cluster): readonly EtcdVerdict[] {
  const { members, answering, total, up, quorum: needed } = cluster;
  if (cluster.hasMajority === undefined) return [];
  if (cluster.hasMajority) return [{ rule: 'has-majority', verdict: 'pass', observed: { up, total } }];
  const lost = members.filter((member) => isDown(member, cluster));
  const withNodes = lost.filter(({ nodeReady }) => nodeReady === false);
  const missing = [...lost.map(({ pod }) => pod), ...ghostsOf(cluster)].join(', ');
  const said = answering.map((member) => `${member.pod}: ${complaint(member)}`).join('; ');
  return [
    {
      rule: 'has-majority',
      verdict: 'fail',
      messageId: 'lost',
      data: { up, total, quorum: needed, missing: missing === '' ? '–' : missing, said: said === '' ? '–' : said },
      observed: up,
      expected: needed,
      // A node explains a lost majority when the members that were on such nodes make the difference.
      because: total - withNodes.length < needed ? [...new Set(withNodes.map(({ node }) => `node/${node}`))] : [],
    },
  ];
}

/** What a member says is wrong, in its own words. */
function complaint(member: MemberFacts): string {
  const reason = healthOf(member)?.reason ?? '';
  return reason === '' ? (statusOf(member)?.errors?.[0] ?? `HTTP ${healthOf(member)?.status ?? 0}`) : reason;
}

/** Listed members that no pod is, by name. */
function ghostsOf({ listed = [], members }: Cluster): readonly string[] {
  return listed.filter((entry) => !members.some((member) => entryOf(member, listed)?.id === entry.id)).map(({ id, name }) => (name === '' ? id : name));
}

function hasLeader(cluster: Cluster): readonly EtcdVerdict[] {
  const nobody = unasked(['has-leader'], cluster);
  if (nobody !== undefined) return nobody;
  const { answering, total, up } = cluster;
  if (cluster.hasMajority === false) return [{ rule: 'has-leader', verdict: 'skip', messageId: 'see-majority' }];
  if (answering.some(isConnected)) return [{ rule: 'has-leader', verdict: 'pass' }];
  const denied = answering.some((member) => knowsLeader(member) === false || /NO LEADER/.test(healthOf(member)?.reason ?? ''));
  if (!denied || cluster.hasMajority === undefined) return [];
  return [{ rule: 'has-leader', verdict: 'fail', messageId: 'none', data: { up, total }, observed: 0, expected: 1 }];
}

type Claim = readonly [pod: string, leader: string];

/** Members of one cluster that name different leaders. After an election they do so for a moment, so a second look has to confirm it. */
function oneLeader(observation: EtcdObservation, cluster: Cluster): readonly EtcdVerdict[] {
  const nobody = unasked(['one-leader'], cluster);
  if (nobody !== undefined) return nobody;
  if (cluster.hasMajority === false) return [{ rule: 'one-leader', verdict: 'skip', messageId: 'see-majority' }];
  const claims = claimsOf(cluster, statusOf, metricsOf);
  if (claims === undefined) return [];
  if (claims.length === 0) return [{ rule: 'one-leader', verdict: 'skip', messageId: 'no-leader' }];
  const before =
    claimsOf(
      cluster,
      ({ status }) => status,
      ({ metrics }) => metrics,
    ) ?? [];
  const confirmed = observation.secondsBetween === undefined || disagree(before);
  if (!confirmed || !disagree(claims)) {
    return [
      claims.length === 1
        ? { rule: 'one-leader', verdict: 'skip', messageId: 'single' }
        : { rule: 'one-leader', verdict: 'pass', observed: claims[0]?.[1] ?? '' },
    ];
  }
  const text = claims.map(([pod, leader]) => `${pod} → ${leader}`).join(', ');
  return [{ rule: 'one-leader', verdict: 'fail', messageId: 'differ', data: { claims: text }, observed: Object.fromEntries(claims) }];
}

/** Whether members name different leaders, at a first look. */
export function leadersDiffer(cluster: Cluster): boolean {
  return disagree(claimsOf(cluster, statusOf, metricsOf) ?? []);
}

/**
 * Who names whom: by status, or without any by who says of itself that it leads. Of members in different clusters only the largest group is compared: that
 * there are two clusters is another rule's. Undefined when nobody could be asked.
 */
function claimsOf(
  cluster: Cluster,
  status: (member: MemberFacts) => MemberFacts['status'],
  metrics: (member: MemberFacts) => MemberFacts['metrics'],
): readonly Claim[] | undefined {
  const stated = cluster.answering.flatMap((member) => {
    const facts = status(member);
    return facts === undefined ? [] : [{ pod: member.pod, ...facts }];
  });
  if (stated.length > 0) {
    const size = (id: string): number => stated.filter(({ clusterId }) => clusterId === id).length;
    const [largest] = stated.map(({ clusterId }) => clusterId).toSorted((a, b) => size(b) - size(a));
    return stated.filter(({ clusterId, leader }) => clusterId === largest && leader !== '0').map(({ pod, leader }): Claim => [pod, nameOf(leader, cluster)]);
  }
  const measured = cluster.answering.filter((member) => metrics(member)?.isLeader !== undefined);
  if (measured.length === 0) return undefined;
  const leading = measured.filter((member) => metrics(member)?.isLeader === true);
  // Those that do not lead name nobody, and contradict no one.
  return leading.length === 1 && measured.length > 1
    ? measured.map(({ pod }): Claim => [pod, leading[0]?.pod ?? ''])
    : leading.map((member): Claim => [member.pod, memberIdOf(member) === undefined ? member.pod : nameOf(memberIdOf(member) ?? '', cluster)]);
}

function disagree(claims: readonly Claim[]): boolean {
  return new Set(claims.map(([, leader]) => leader)).size > 1;
}

function failureTolerance(cluster: Cluster): readonly EtcdVerdict[] {
  const nobody = unasked(['failure-tolerance'], cluster);
  if (nobody !== undefined) return nobody;
  const { members, listed, total, up, healthy, quorum: needed, dark } = cluster;
  const skip = (messageId: 'single' | 'see-majority' | 'see-members' | 'see-leader' | 'see-healthy'): readonly EtcdVerdict[] => [
    { rule: 'failure-tolerance', verdict: 'skip', messageId },
  ];
  if (listed === undefined) return [];
  if (total === 1) return skip('single');
  if (cluster.hasMajority === false) return skip('see-majority');
  if (healthy > needed) return [{ rule: 'failure-tolerance', verdict: 'pass', observed: { healthy, total, mayFail: healthy - needed } }];
  if (members.some((member) => isDown(member, cluster))) return skip('see-members');
  if (dark > 0) return [];
  if (healthy === 0) return skip('see-leader');
  if (up > healthy) return skip('see-healthy');
  const data = { healthy, total, quorum: needed };
  return [{ rule: 'failure-tolerance', verdict: 'fail', messageId: 'none', data, observed: healthy, expected: needed + 1 }];
}
