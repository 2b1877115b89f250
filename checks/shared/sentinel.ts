import type { RedisReply } from '../../src/model/conversation.ts';
import { flatFields, isRedisError, wholeNumber } from './redis.ts';

/** Most entries of one list that are kept: a set that has more is broken in a way that the first ones show. */
const MOST_MASTERS = 8;
const MOST_ENTRIES = 16;
/** Longest name or address that is kept, and most flags. Real ones are far shorter. */
const LONGEST = 128;
const MOST_FLAGS = 12;

/** What Sentinel says of any instance that it knows. Ages are in ms at the moment of its answer; absent where it does not apply. */
interface Watched {
  /** Address as it was announced: an IP, or a name where names are announced (6.2 on). */
  readonly host: string;
  readonly port: string;
  readonly runId: string;
  /** `master`, `slave`, `s_down`, `o_down`, `disconnected`, `failover_in_progress` … */
  readonly flags: readonly string[];
  readonly subjectivelyDownMs?: number;
}

export interface WatchedMaster extends Watched {
  readonly name: string;
  readonly objectivelyDownMs?: number;
  /** Since the last valid answer to PING, and since the last answer of any kind: an error is one too. */
  readonly lastValidReplyMs?: number;
  readonly lastReplyMs?: number;
  readonly downAfterMs: number;
  readonly failoverTimeoutMs: number;
  readonly failoverState?: string;
  /** Since INFO was last answered. */
  readonly infoRefreshMs?: number;
  readonly roleReported: string;
  /** Since it reports this role, or since Sentinel switched to it. */
  readonly roleReportedMs?: number;
  readonly configEpoch: number;
  readonly quorum: number;
  readonly replicas: number;
  /** Other sentinels that it knows, dead ones included: the majority is counted over these and itself. */
  readonly otherSentinels: number;
}

export interface WatchedReplica extends Watched {
  readonly linkStatus: string;
  readonly linkDownMs?: number;
  /** 0: never to be promoted. */
  readonly priority: number;
}

export interface KnownSentinel {
  readonly host: string;
  readonly port: string;
  /** Its MYID. */
  readonly id: string;
  readonly flags: readonly string[];
  readonly subjectivelyDownMs?: number;
  /** Since it last announced itself; a living one does every 2 s. */
  readonly lastHelloMs?: number;
}

/** The answer of SENTINEL MASTERS; undefined when it is none. */
export function watchedMasters(reply: RedisReply): readonly WatchedMaster[] | undefined {
  return entries(reply, MOST_MASTERS)?.map((fields) => ({
    ...watched(fields),
    name: text(fields['name']),
    ...age('objectivelyDownMs', fields['o-down-time']),
    ...age('lastValidReplyMs', fields['last-ok-ping-reply']),
    ...age('lastReplyMs', fields['last-ping-reply']),
    downAfterMs: wholeNumber(fields['down-after-milliseconds']) ?? 0,
    failoverTimeoutMs: wholeNumber(fields['failover-timeout']) ?? 0,
    ...(fields['failover-state'] === undefined ? {} : { failoverState: text(fields['failover-state']) }),
    ...age('infoRefreshMs', fields['info-refresh']),
    roleReported: text(fields['role-reported']),
    ...age('roleReportedMs', fields['role-reported-time']),
    configEpoch: wholeNumber(fields['config-epoch']) ?? 0,
    quorum: wholeNumber(fields['quorum']) ?? 0,
    replicas: wholeNumber(fields['num-slaves']) ?? 0,
    otherSentinels: wholeNumber(fields['num-other-sentinels']) ?? 0,
  }));
}

/** The answer of SENTINEL SLAVES or REPLICAS; undefined when it is none. */
export function watchedReplicas(reply: RedisReply): readonly WatchedReplica[] | undefined {
  return entries(reply, MOST_ENTRIES)?.map((fields) => ({
    ...watched(fields),
    linkStatus: text(fields['master-link-status']),
    ...age('linkDownMs', fields['master-link-down-time']),
    priority: wholeNumber(fields['slave-priority']) ?? 100,
  }));
}

/** The answer of SENTINEL SENTINELS; undefined when it is none. */
export function knownSentinels(reply: RedisReply): readonly KnownSentinel[] | undefined {
  return entries(reply, MOST_ENTRIES)?.map((fields) => {
    const { runId: id, ...rest } = watched(fields);
    return { ...rest, id, ...age('lastHelloMs', fields['last-hello-message']) };
  });
}

/** What a sentinel answers when it is asked whether it could get a failover through. */
export interface QuorumAnswer {
  /** Sentinels that it can reach, itself included. */
  readonly usable: number;
  /** Enough of them to call the master down. */
  readonly quorum: boolean;
  /** Enough of them, of all that are known, to authorise a failover. */
  readonly majority: boolean;
}

/** The answer of SENTINEL CKQUORUM, whose NOQUORUM is an answer and says which part is missing; undefined when it is none. */
export function quorumAnswer(reply: RedisReply): QuorumAnswer | undefined {
  const said = isRedisError(reply) ? reply.error : typeof reply === 'string' ? reply : '';
  const usable = /^(?:OK|NOQUORUM) (\d{1,6}) usable Sentinels/.exec(said)?.[1];
  if (usable === undefined) return undefined;
  return { usable: Number(usable), quorum: !said.includes('specified quorum'), majority: !said.includes('reach the majority') };
}

export function isDown({ flags }: Pick<Watched, 'flags'>): boolean {
  return flags.includes('s_down') || flags.includes('o_down');
}

function watched(fields: Readonly<Record<string, string>>): Watched {
  return {
    host: text(fields['ip']),
    port: text(fields['port']),
    runId: text(fields['runid']),
    flags: text(fields['flags'])
      .split(',')
      .filter((flag) => flag !== '')
      .slice(0, MOST_FLAGS),
    ...age('subjectivelyDownMs', fields['s-down-time']),
  };
}

function text(field: string | undefined): string {
  return (field ?? '').slice(0, LONGEST);
}

function entries(reply: RedisReply, most: number): readonly Readonly<Record<string, string>>[] | undefined {
  if (!Array.isArray(reply)) return undefined;
  return (reply as readonly RedisReply[])
    .slice(0, most)
    .map(flatFields)
    .filter((fields) => Object.keys(fields).length > 0);
}

function age<Name extends string>(name: Name, field: string | undefined): Partial<Record<Name, number>> {
  const value = wholeNumber(field);
  return (value === undefined ? {} : { [name]: value }) as Partial<Record<Name, number>>;
}
