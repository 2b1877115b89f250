import type { Subject } from '../../src/model/check.ts';
import { isBefore } from './answers.ts';
import { alarmsOf, appliedOf, type Cluster, healthOf, metricsOf, nameOf, statusOf, versionOf } from './cluster.ts';
import { sizeText } from './figures.ts';
import type { EtcdObservation, MemberFacts, StatusFacts } from './observation.ts';
import { type Context, type EtcdVerdict, pairs, podOf, unasked } from './verdict.ts';

/** The quota that etcd takes when it is given none, or 0. */
const DEFAULT_QUOTA = 2 * 1024 ** 3;

/** Whether the data are whole and the same, and how much room they have. */
export function data(observation: EtcdObservation, cluster: Cluster, context: Context): readonly EtcdVerdict[] {
  const nobody = unasked(
    ['no-space-alarm', 'no-corruption-alarm', 'revisions-agree', 'followers-current', 'space-left', 'space-not-exhausted', 'not-fragmented'],
    cluster,
  );
  if (nobody !== undefined) return nobody;
  return [
    ...alarms(observation, cluster),
    ...revisionsAgree(observation, cluster),
    ...followersCurrent(cluster, context),
    ...space(observation, cluster, context),
    ...fragments(cluster, context),
  ];
}

function alarms(observation: EtcdObservation, cluster: Cluster): readonly EtcdVerdict[] {
  const raised = alarmsOf(observation, cluster);
  if (raised === undefined) return [];
  const whose = (alarm: string): readonly string[] => raised.filter((each) => each.alarm === alarm).map(({ memberId }) => ownerOf(memberId, cluster));
  const [full, corrupt] = [whose('NOSPACE'), whose('CORRUPT')];
  return [
    full.length === 0 ? { rule: 'no-space-alarm', verdict: 'pass' } : noSpace(full, cluster),
    corrupt.length === 0
      ? { rule: 'no-corruption-alarm', verdict: 'pass' }
      : {
          rule: 'no-corruption-alarm',
          verdict: 'fail',
          messageId: 'raised',
          data: { members: corrupt.join(', ') },
          ...firstOf(corrupt, cluster),
          observed: corrupt,
          own: true,
        },
  ];
}

/** `/health` of 3.5 tells an alarm and not whose it is. */
function ownerOf(memberId: string, cluster: Cluster): string {
  return memberId === '0' ? '?' : nameOf(memberId, cluster);
}

/** An alarm is one of the cluster: the first pod that raised it stands for it. */
function firstOf(raisedBy: readonly string[], { members }: Cluster): { readonly subject?: Subject } {
  const pod = members.find((member) => member.pod === raisedBy[0]);
  return pod === undefined ? {} : { subject: podOf(pod) };
}

function noSpace(raisedBy: readonly string[], cluster: Cluster): EtcdVerdict {
  const hidden = cluster.answering.some((member) => healthOf(member)?.healthy === true && isBefore(versionOf(member), 3, 3));
  const fullest = fullestOf(cluster);
  const room = { size: fullest === undefined ? '?' : sizeText(fullest.size), quota: fullest?.quota === undefined ? '?' : sizeText(fullest.quota) };
  const about = { rule: 'no-space-alarm', verdict: 'fail', data: { members: raisedBy.join(', '), ...room }, observed: raisedBy, own: true } as const;
  return { ...about, ...firstOf(raisedBy, cluster), messageId: hidden ? 'hidden' : 'raised' };
}

interface Usage {
  readonly member: MemberFacts;
  readonly size: number;
  readonly inUse?: number;
  /** Absent when there is none. */
  readonly quota?: number;
}

function usageOf(member: MemberFacts): Usage | undefined {
  const size = statusOf(member)?.dbSize ?? metricsOf(member)?.dbSize;
  if (size === undefined) return undefined;
  const inUse = statusOf(member)?.dbInUse ?? metricsOf(member)?.dbInUse;
  const told = metricsOf(member)?.quota ?? member.quotaFlag ?? 0;
  return { member, size, ...(inUse === undefined ? {} : { inUse }), ...(told < 0 ? {} : { quota: told === 0 ? DEFAULT_QUOTA : told }) };
}

/** The database that is nearest to its quota; without quotas the largest. */
function fullestOf({ answering }: Cluster): Usage | undefined {
  return answering
    .flatMap((member) => usageOf(member) ?? [])
    .toSorted((a, b) => b.size / (b.quota ?? Infinity) - a.size / (a.quota ?? Infinity) || b.size - a.size)[0];
}

/** All members hold the same data, so one verdict speaks of them all: by the fullest. */
function space(observation: EtcdObservation, cluster: Cluster, { options }: Context): readonly EtcdVerdict[] {
  const both = (messageId: 'see-alarm' | 'no-quota'): readonly EtcdVerdict[] => [
    { rule: 'space-left', verdict: 'skip', messageId },
    { rule: 'space-not-exhausted', verdict: 'skip', messageId },
  ];
  const fullest = fullestOf(cluster);
  if (fullest === undefined) return [];
  if (alarmsOf(observation, cluster)?.some(({ alarm }) => alarm === 'NOSPACE') === true) return both('see-alarm');
  const { size, quota, inUse, member } = fullest;
  if (quota === undefined) return both('no-quota');
  const percent = Math.floor((100 * size) / quota);
  const words = { pod: member.pod, size: sizeText(size), quota: sizeText(quota), percent, inUse: inUse === undefined ? '?' : sizeText(inUse) };
  const observed = { pod: member.pod, size, quota };
  if (percent >= options.quotaFullPercent) {
    return [
      { rule: 'space-left', verdict: 'skip', messageId: 'see-exhausted' },
      { rule: 'space-not-exhausted', verdict: 'fail', messageId: 'full', data: words, observed, expected: { percent: options.quotaFullPercent }, own: true },
    ];
  }
  return [
    percent >= options.quotaLowPercent
      ? { rule: 'space-left', verdict: 'fail', messageId: 'low', data: words, observed, expected: { percent: options.quotaLowPercent }, own: true }
      : { rule: 'space-left', verdict: 'pass', observed },
    { rule: 'space-not-exhausted', verdict: 'pass', observed },
  ];
}

/** Files are defragmented one by one, so each member is a finding of its own. */
function fragments({ answering }: Cluster, { options }: Context): readonly EtcdVerdict[] {
  const used = answering.flatMap((member) => usageOf(member) ?? []);
  const known = used.flatMap((usage) => (usage.inUse === undefined ? [] : [{ ...usage, inUse: usage.inUse }]));
  if (used.length === 0) return [];
  if (known.length === 0) return [{ rule: 'not-fragmented', verdict: 'skip', messageId: 'not-told' }];
  const failed = known.filter(({ size, inUse }) => size > options.fragmentedBytes && inUse * 100 < size * options.inUsePercent);
  if (failed.length === 0) return [{ rule: 'not-fragmented', verdict: 'pass' }];
  return failed.map(({ member, size, inUse }): EtcdVerdict => {
    const words = { pod: member.pod, size: sizeText(size), inUse: sizeText(inUse), percent: Math.floor((100 * inUse) / size) };
    const expected = { percent: options.inUsePercent };
    return {
      rule: 'not-fragmented',
      verdict: 'fail',
      messageId: 'fragmented',
      data: words,
      subject: podOf(member),
      observed: { size, inUse },
      expected,
      own: true,
    };
  });
}

interface Position {
  readonly pod: string;
  readonly clusterId: string;
  readonly applied: number;
  readonly revision: number;
}

/**
 * The revision is a function of the applied index, so two members at the same index have the same one. A status reads them one after the other, so a
 * write between the two can part them for one look: a second look has to confirm it. Their hashes would tell more and are never asked for: reckoning them
 * reads the whole database.
 */
function revisionsAgree(observation: EtcdObservation, cluster: Cluster): readonly EtcdVerdict[] {
  const skip = (messageId: 'single' | 'not-told' | 'moving'): readonly EtcdVerdict[] => [{ rule: 'revisions-agree', verdict: 'skip', messageId }];
  const stated = cluster.answering.filter(({ status }) => status !== undefined);
  if (stated.length === 0) return [];
  if (stated.length === 1) return skip('single');
  const first = positions(cluster, ({ status }) => status);
  if (first.length === 0) return skip('not-told');
  const different = atDifferentRevisions(first);
  if (different.length === 0) return comparable(first) ? [{ rule: 'revisions-agree', verdict: 'pass' }] : skip('moving');
  const again = observation.secondsBetween === undefined ? first : positions(cluster, ({ again: second }) => second?.status);
  const confirmed = atDifferentRevisions(again);
  if (confirmed.length === 0) return comparable(again) ? [{ rule: 'revisions-agree', verdict: 'pass' }] : skip('moving');
  const words = { index: confirmed[0]?.applied ?? 0, revisions: pairs(confirmed.map(({ pod, revision }) => [pod, revision])) };
  const observed = confirmed.map(({ pod, applied, revision }) => ({ pod, applied, revision }));
  return [{ rule: 'revisions-agree', verdict: 'fail', messageId: 'differ', data: words, observed, own: true }];
}

/** Whether members at the same index have different revisions, at a first look. */
export function revisionsDiffer(cluster: Cluster): boolean {
  return atDifferentRevisions(positions(cluster, ({ status }) => status)).length > 0;
}

function positions({ answering }: Cluster, status: (member: MemberFacts) => StatusFacts | undefined): readonly Position[] {
  return answering.flatMap((member) => {
    const facts = status(member);
    return facts?.applied === undefined ? [] : [{ pod: member.pod, clusterId: facts.clusterId, applied: facts.applied, revision: facts.revision }];
  });
}

function samePlace(a: Position, b: Position): boolean {
  return a.clusterId === b.clusterId && a.applied === b.applied && a.pod !== b.pod;
}

function comparable(all: readonly Position[]): boolean {
  return all.some((one) => all.some((other) => samePlace(one, other)));
}

/** The members at the first index at which they differ. */
function atDifferentRevisions(all: readonly Position[]): readonly Position[] {
  const odd = all.find((one) => all.some((other) => samePlace(one, other) && one.revision !== other.revision));
  return odd === undefined ? [] : all.filter((other) => other === odd || samePlace(odd, other));
}

function followersCurrent(cluster: Cluster, { options }: Context): readonly EtcdVerdict[] {
  const known = cluster.answering.filter((member) => statusOf(member) !== undefined || metricsOf(member)?.committed !== undefined);
  if (known.length === 0) return [];
  const lags = lagsOf(cluster);
  if (lags.length === 0) return [{ rule: 'followers-current', verdict: 'skip', messageId: 'not-told' }];
  const behind = lags.filter(({ lag }) => lag > options.lagEntries);
  if (behind.length === 0)
    return [{ rule: 'followers-current', verdict: 'pass', observed: Object.fromEntries(lags.map(({ member, lag }) => [member.pod, lag])) }];
  return behind.map(({ member, lag, applied, committed }): EtcdVerdict => {
    const words = { pod: member.pod, lag, applied, committed };
    return {
      rule: 'followers-current',
      verdict: 'fail',
      messageId: 'behind',
      data: words,
      subject: podOf(member),
      observed: lag,
      expected: options.lagEntries,
    };
  });
}

/** How many entries each member has yet to apply of what anybody in its cluster knows to be committed. */
export function lagsOf({
  answering,
}: Cluster): readonly { readonly member: MemberFacts; readonly lag: number; readonly applied: number; readonly committed: number }[] {
  const committedBy = (member: MemberFacts): number => statusOf(member)?.committed ?? metricsOf(member)?.committed ?? 0;
  return answering.flatMap((member) => {
    const applied = appliedOf(member);
    if (applied === undefined) return [];
    const home = statusOf(member)?.clusterId;
    const committed = Math.max(...answering.filter((other) => statusOf(other)?.clusterId === home).map(committedBy));
    return [{ member, lag: Math.max(0, committed - applied), applied, committed }];
  });
}
