import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import { appliedOf, type Cluster, clusterOf, entryOf, isLearner, leaderOf, memberIdOf, metricsOf, nameOf, statusOf, versionOf } from './cluster.ts';
import { sizeText } from './figures.ts';
import type { EtcdObservation, ListedMember, MemberFacts } from './observation.ts';

const DEFAULT_QUOTA = 2 * 1024 ** 3;

/** Who leads, who follows, how far each has come. Members of the list that are no pod are shown as well. */
export function topology(observation: EtcdObservation): Topology | undefined {
  if (observation.kind !== 'etcd') return undefined;
  const cluster = clusterOf(observation);
  const leader = leaderOf(cluster);
  const leading = leader === undefined ? undefined : nameOf(leader, cluster);
  const absent = (cluster.listed ?? []).filter((entry) => !observation.members.some((member) => entryOf(member, cluster.listed ?? [])?.id === entry.id));
  return {
    summary: summaryOf(cluster, leading),
    members: [
      ...observation.members.map((member) => podMember(member, leading)),
      ...absent.filter(({ name }) => !observation.members.some(({ pod }) => pod === name)).map(listedMember),
    ],
  };
}

function summaryOf(cluster: Cluster, leading: string | undefined): Topology['summary'] {
  const { total, healthy, quorum, dark } = cluster;
  const spare = Math.max(0, healthy - quorum);
  const database = databaseOf(cluster);
  // How many more may fail, nobody knows of whom one has not looked at.
  const rest =
    dark === 0 ? { zh: `（还可以再坏 ${spare} 个）`, en: ` (${spare} more may fail)` } : { zh: `，${dark} 个无法查看`, en: `, ${dark} not looked at` };
  const who = leading === undefined ? { zh: '没有已知的主', en: 'nobody is known to lead' } : { zh: `${leading} 为主`, en: `${leading} leads` };
  const room = database === '' ? { zh: '', en: '' } : { zh: `，数据库 ${database.replace(' of ', ' / ')}`, en: `, db ${database}` };
  return {
    zh: `${who.zh}，共 ${total} 个成员，健康 ${healthy} 个${rest.zh}${room.zh}`,
    en: `${who.en} ${total} members, ${healthy} healthy${rest.en}${room.en}`,
  };
}

/** The largest database, and the quota. */
function databaseOf({ answering }: Cluster): string {
  const sizes = answering.flatMap((member) => statusOf(member)?.dbSize ?? metricsOf(member)?.dbSize ?? []);
  if (sizes.length === 0) return '';
  const quotas = answering.map((member) => metricsOf(member)?.quota ?? member.quotaFlag ?? 0);
  const size = sizeText(Math.max(...sizes));
  const told = Math.min(...quotas);
  return told < 0 ? size : `${size} of ${sizeText(told === 0 ? DEFAULT_QUOTA : told)}`;
}

function podMember(member: MemberFacts, leading: string | undefined): TopologyMember {
  const status = statusOf(member);
  const applied = appliedOf(member);
  const size = status?.dbSize ?? metricsOf(member)?.dbSize;
  const version = versionOf(member);
  const role = roleOf(member, leading);
  const facts = {
    ...(member.node === '' ? {} : { node: member.node }),
    ...(status === undefined ? {} : { term: status.term }),
    ...(applied === undefined ? {} : { applied }),
    ...(size === undefined ? {} : { db: sizeText(size) }),
    ...(version === undefined ? {} : { version }),
    ...(member.answer === 'answers' || member.answer === 'dark' ? {} : { answer: member.answer }),
  };
  return { name: member.pod, role, ...(role === 'follower' && leading !== undefined ? { follows: leading } : {}), facts };
}

function roleOf(member: MemberFacts, leading: string | undefined): string {
  if (member.answer !== 'answers') return 'unknown';
  if (isLearner(member)) return 'learner';
  const status = statusOf(member);
  if (status !== undefined) {
    if (status.leader === '0') return 'without leader';
    return status.leader === memberIdOf(member) ? 'leader' : 'follower';
  }
  const metrics = metricsOf(member);
  if (metrics?.isLeader === true) return 'leader';
  return metrics?.hasLeader === true ? 'follower' : metrics?.hasLeader === false ? 'without leader' : leading === member.pod ? 'leader' : 'unknown';
}

function listedMember({ id, name, peerUrls, learner }: ListedMember): TopologyMember {
  return {
    name: name === '' ? id : name,
    role: name === '' ? 'not started' : learner ? 'learner' : 'unknown',
    facts: { address: peerUrls.join(', ') },
  };
}
