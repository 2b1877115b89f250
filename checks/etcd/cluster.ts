import { alarmsAmong, isBefore } from './answers.ts';
import type { AlarmFacts, EtcdObservation, ListedMember, MemberFacts, MetricFacts, StatusFacts } from './observation.ts';

/** The members as one cluster: who is who in the list, how many vote, who leads. Everything here is taken from the latest look. */
export interface Cluster {
  readonly members: readonly MemberFacts[];
  readonly answering: readonly MemberFacts[];
  /** The member list that most members give; absent when none could be asked. */
  readonly listed?: readonly ListedMember[];
  /** Voting members; without a list, pods. */
  readonly total: number;
  readonly quorum: number;
  /** Voting members that answer. */
  readonly up: number;
  /** Pods that we could not look at and of which nobody else tells either. */
  readonly dark: number;
  /** Pods that we could not look at and whose peers have no connection to them, with those peers. */
  readonly cutOff: ReadonlyMap<MemberFacts, readonly MemberFacts[]>;
  /** Of a voting member in a quorum: it answers, and knows a leader or has just proved one. */
  readonly healthy: number;
  /** False when too few are up; undefined when too many could not be looked at to say. */
  readonly hasMajority: boolean | undefined;
}

export function clusterOf({ members }: EtcdObservation): Cluster {
  const answering = members.filter(({ answer }) => answer === 'answers');
  const listed = prevailing(members.flatMap((member) => (member.listed === undefined ? [] : [member.listed])));
  const voters = listed?.filter(({ learner }) => !learner);
  const total = voters?.length ?? members.filter((member) => !isLearner(member)).length;
  const quorum = Math.floor(total / 2) + 1;
  const votes = (member: MemberFacts): boolean =>
    listed === undefined ? !isLearner(member) : voters?.includes(entryOf(member, listed) as ListedMember) === true;
  const up = answering.filter(votes).length;
  const unseen = members.filter(({ answer }) => answer === 'dark');
  const cutOff = new Map(
    unseen.flatMap((member) => {
      const witnesses = disconnectedFrom(member, members, answering, listed);
      return witnesses.length === 0 ? [] : [[member, witnesses] as const];
    }),
  );
  const dark = unseen.length - cutOff.size;
  const healthy = answering.filter((member) => votes(member) && isConnected(member)).length;
  // A health that is true was voted on by a majority just now, whoever of them we reach.
  const proven = answering.some((member) => healthOf(member)?.healthy === true);
  const hasMajority = proven || up >= quorum ? true : up + dark < quorum ? false : undefined;
  return { members, answering, total, quorum, up, dark, cutOff, healthy, hasMajority, ...(listed === undefined ? {} : { listed }) };
}

/** The members that answer, when all of them that tell of their peers have lost this one. */
function disconnectedFrom(
  member: MemberFacts,
  members: readonly MemberFacts[],
  answering: readonly MemberFacts[],
  listed: readonly ListedMember[] | undefined,
): readonly MemberFacts[] {
  const id = listed === undefined ? undefined : entryOf(member, listed)?.id;
  const ids = id === undefined ? strangersTo(members, answering) : [id];
  const isLost = (witness: MemberFacts): boolean => {
    const peers = metricsOf(witness)?.peers?.filter((peer) => ids.includes(peer.id)) ?? [];
    return peers.length === ids.length && peers.every(({ connected }) => !connected);
  };
  const witnesses = answering.filter((witness) => metricsOf(witness)?.peers !== undefined);
  return ids.length > 0 && witnesses.every(isLost) ? witnesses : [];
}

/** Peers that are none of the members that answer, when there are just as many as pods that do not: they are those then, whichever is which. */
function strangersTo(members: readonly MemberFacts[], answering: readonly MemberFacts[]): readonly string[] {
  const own = new Set(answering.map(memberIdOf));
  const peers = new Set(answering.flatMap((member) => metricsOf(member)?.peers?.map(({ id }) => id) ?? []).filter((id) => !own.has(id)));
  return peers.size === members.length - answering.length ? [...peers] : [];
}

export function healthOf(member: MemberFacts): MemberFacts['health'] {
  return member.again?.health ?? member.health;
}

export function statusOf(member: MemberFacts): StatusFacts | undefined {
  return member.again?.status ?? member.status;
}

export function metricsOf(member: MemberFacts): MetricFacts | undefined {
  return member.again?.metrics ?? member.metrics;
}

export function versionOf(member: MemberFacts): string | undefined {
  return member.version ?? nonEmpty(member.status?.version) ?? member.metrics?.version;
}

export function memberIdOf(member: MemberFacts): string | undefined {
  const said = member.status?.memberId ?? '0';
  return said === '0' ? member.metrics?.memberId : said;
}

/** The raft index that a member has applied. Before 3.4 only its metrics tell. */
export function appliedOf(member: MemberFacts): number | undefined {
  return statusOf(member)?.applied ?? metricsOf(member)?.applied;
}

export function isLearner(member: MemberFacts): boolean {
  return member.status?.learner ?? member.metrics?.learner ?? false;
}

/** Whether a member that answers is part of a working cluster: it is healthy, or knows a leader and has other troubles. */
export function isConnected(member: MemberFacts): boolean {
  if (member.answer !== 'answers') return false;
  return healthOf(member)?.healthy === true || knowsLeader(member) === true;
}

/** Undefined when neither its status nor its metrics could be read. */
export function knowsLeader(member: MemberFacts): boolean | undefined {
  const status = statusOf(member);
  return status === undefined ? metricsOf(member)?.hasLeader : status.leader !== '0';
}

/** The entry of the list that a pod is: by its id, else by its name, else by its address. */
export function entryOf(member: MemberFacts, listed: readonly ListedMember[]): ListedMember | undefined {
  const id = memberIdOf(member);
  if (id !== undefined) return listed.find((entry) => entry.id === id);
  return (
    listed.find(({ name }) => name === member.pod) ??
    listed.find((entry) => hostsOf(entry).some((host) => host === member.address || host.split('.')[0] === member.pod))
  );
}

function hostsOf({ peerUrls, clientUrls }: ListedMember): readonly string[] {
  return [...peerUrls, ...clientUrls].map((url) => (/^\w+:\/\/\[?([^\]/]*?)\]?(?::\d+)?\/?$/.exec(url)?.[1] ?? '').trim()).filter((host) => host !== '');
}

/** A member's pod, else its name in the list, else its id. */
export function nameOf(id: string, { members, listed }: Pick<Cluster, 'members' | 'listed'>): string {
  const pod = members.find((member) => memberIdOf(member) === id) ?? members.find((member) => listed !== undefined && entryOf(member, listed)?.id === id);
  return pod?.pod ?? nonEmpty(listed?.find((entry) => entry.id === id)?.name) ?? id;
}

/** Id of the member that most name as their leader; undefined when nobody does. */
export function leaderOf({ answering }: Cluster): string | undefined {
  const named = answering.map((member) => statusOf(member)?.leader ?? '0').filter((id) => id !== '0');
  const claims = answering.filter((member) => metricsOf(member)?.isLeader === true).flatMap((member) => memberIdOf(member) ?? []);
  return mostOf(named) ?? claims[0];
}

/** The alarms from whoever tells of them: the alarm list, every status from 3.4 on. Undefined when nobody does and no health proves that there are none. */
export function alarmsOf(observation: EtcdObservation, cluster: Cluster): readonly AlarmFacts[] | undefined {
  const told = cluster.answering.flatMap((member) => statusOf(member)?.errors ?? []);
  const all = [...(observation.alarms ?? []), ...alarmsAmong(told), ...cluster.answering.flatMap(alarmInHealth)];
  const distinct = all.filter(({ memberId, alarm }, index) => all.findIndex((other) => other.memberId === memberId && other.alarm === alarm) === index);
  const named = distinct.filter(({ memberId, alarm }) => memberId !== '0' || !distinct.some((other) => other.alarm === alarm && other.memberId !== '0'));
  if (named.length > 0) return named;
  const asked = observation.alarms !== undefined || cluster.answering.some((member) => statusOf(member)?.errors !== undefined);
  // From 3.3 on nobody calls itself healthy while an alarm is raised.
  const proven = cluster.answering.some(
    (member) => healthOf(member)?.healthy === true && versionOf(member) !== undefined && !isBefore(versionOf(member), 3, 3),
  );
  return asked || proven ? [] : undefined;
}

/** `ALARM NOSPACE`, from 3.5 on. It does not say whose. */
function alarmInHealth(member: MemberFacts): readonly AlarmFacts[] {
  const alarm = /ALARM (NOSPACE|CORRUPT)/.exec(healthOf(member)?.reason ?? '')?.[1];
  return alarm === undefined ? [] : [{ memberId: '0', alarm }];
}

function prevailing(lists: readonly (readonly ListedMember[])[]): readonly ListedMember[] | undefined {
  const key = mostOf(lists.map(idsOf));
  return lists.find((list) => idsOf(list) === key);
}

/** Which members a list has, comparable. */
export function idsOf(list: readonly ListedMember[]): string {
  return list
    .map(({ id }) => id)
    .toSorted()
    .join(' ');
}

function mostOf(values: readonly string[]): string | undefined {
  const count = (value: string): number => values.filter((other) => other === value).length;
  return values.toSorted((a, b) => count(b) - count(a) || (a < b ? -1 : 1))[0];
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}
