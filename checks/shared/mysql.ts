import type { MysqlConversation, SqlRow } from '../../src/model/conversation.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from './text.ts';

/** How one channel of replication stands, in the replica's own words or in its exporter's. */
export interface ReplicationFacts {
  /** Name of the channel (MySQL) or connection (MariaDB); empty for the default one. */
  readonly channel: string;
  /** The host that it replicates from, as the replica spells it. */
  readonly host: string;
  /** `connecting`: the thread runs and has no connection. `not-running`: one of these two, as an exporter tells it. */
  readonly io: 'yes' | 'connecting' | 'no' | 'not-running';
  readonly sql: boolean;
  /** Seconds behind the source; null when the server says NULL: it does not know, which is never 0. */
  readonly behind: number | null;
  /** Seconds by which it is late on purpose. */
  readonly delay: number;
  readonly ioErrno: number;
  /** One line without the statement and the values; empty through an exporter. */
  readonly ioError: string;
  readonly sqlErrno: number;
  readonly sqlError: string;
}

export interface GroupMember {
  readonly host: string;
  /** ONLINE, RECOVERING, OFFLINE, ERROR or UNREACHABLE. */
  readonly state: string;
  /** PRIMARY or SECONDARY; empty before MySQL 8.0. */
  readonly role: string;
}

/** What a server says of the cluster that it is a member of. */
export type ClusterFacts =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'galera';
      /** It belongs to the part of the cluster that may go on. */
      readonly primary: boolean;
      readonly ready: boolean;
      /** 1 joining, 2 donor, 3 joined, 4 synced. */
      readonly state: number;
      readonly size: number;
      /** Share of the time in which flow control stopped the writes, 0 to 1. */
      readonly flowPaused: number;
    }
  | { readonly kind: 'group'; readonly members: readonly GroupMember[] };

/** What one server says of itself. What it, or the account, does not tell is left out. */
export interface ServerFacts {
  readonly readOnly?: boolean;
  readonly serverId?: number;
  readonly maxConnections?: number;
  readonly connections?: number;
  readonly forceRecovery?: number;
  /** Empty when it replicates from nobody. */
  readonly replication?: readonly ReplicationFacts[];
  readonly cluster?: ClusterFacts;
}

/** MariaDB 10 announces itself as a replica of MySQL 5.5.5 would like it, with its own version behind that. */
export function serverVersion(announced: string): string {
  return announced.replace(/^5\.5\.5-(?=\d)/, '');
}

/** True when a version, as `serverVersion` gives it, is MySQL's and at least this one. */
function isMysqlFrom(version: string, ...wanted: readonly number[]): boolean {
  if (/mariadb/i.test(version)) return false;
  const found = version.split(/[.-]/).slice(0, wanted.length).map(Number);
  const at = wanted.findIndex((part, index) => found[index] !== part);
  return at === -1 || (found[at] ?? 0) > (wanted[at] ?? 0);
}

export const VARIABLES =
  "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'server_id', 'max_connections', 'innodb_force_recovery', 'wsrep_on', 'group_replication_group_name')";
export const STATUS =
  "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'wsrep_cluster_status', 'wsrep_ready', 'wsrep_local_state', 'wsrep_cluster_size', 'wsrep_flow_control_paused')";
export const GROUP_MEMBERS = 'SELECT * FROM performance_schema.replication_group_members';

/** How a server of this version is asked whom it replicates from; the second is for a version that lies. */
function replicationStatements(version: string): readonly string[] {
  if (/mariadb/i.test(version)) return ['SHOW ALL SLAVES STATUS', 'SHOW SLAVE STATUS'];
  return isMysqlFrom(version, 8, 0, 22) ? ['SHOW REPLICA STATUS', 'SHOW SLAVE STATUS'] : ['SHOW SLAVE STATUS', 'SHOW REPLICA STATUS'];
}

/**
 * Asks a server for all of it. Throws ProbeError when it cannot be asked at all; `problem` is why a part is missing, as when the account may not see the
 * replication.
 */
export async function askServer(conversation: MysqlConversation, version: string): Promise<{ readonly facts: ServerFacts; readonly problem?: ProbeError }> {
  const variables = byName(await conversation.query(VARIABLES));
  const problems: ProbeError[] = [];
  const part = async <T>(ask: () => Promise<T>): Promise<T | undefined> => {
    // A server that let one statement wait lets the next one wait, too.
    if (problems.some(({ problem }) => problem.reason !== 'ServerError')) return undefined;
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
      problems.push(error);
      return undefined;
    }
  };
  const status = await part(async () => byName(await conversation.query(STATUS)));
  const [first = '', second = ''] = replicationStatements(version);
  const rows = await part(async () => conversation.query(first).catch((error: unknown) => secondTry(error, () => conversation.query(second))));
  const group = (variables.get('group_replication_group_name') ?? '') === '' ? undefined : await part(() => conversation.query(GROUP_MEMBERS));
  const cluster = clusterOf(variables, status, group);
  const [problem] = problems;
  return {
    facts: {
      ...factsOf(variables, status),
      ...(rows === undefined ? {} : { replication: rows.map(channelOf).filter(({ channel }) => !channel.startsWith('group_replication_')) }),
      ...(cluster === undefined ? {} : { cluster }),
    },
    ...(problem === undefined ? {} : { problem }),
  };
}

/** The first refusal is the one that tells: the second statement is unknown to the server where the first one was right. */
async function secondTry<T>(error: unknown, again: () => Promise<T>): Promise<T> {
  if (!(error instanceof ProbeError) || error.problem.reason !== 'ServerError') throw error;
  return again().catch(() => Promise.reject(error));
}

/** Rows of SHOW VARIABLES and SHOW STATUS, by lower-case name. */
function byName(rows: readonly SqlRow[]): ReadonlyMap<string, string> {
  return new Map(
    rows.flatMap((row) => {
      const [name, value] = Object.values(row);
      return typeof name === 'string' && typeof value === 'string' ? [[name.toLowerCase(), value] as const] : [];
    }),
  );
}

function factsOf(variables: ReadonlyMap<string, string>, status: ReadonlyMap<string, string> | undefined): ServerFacts {
  // MariaDB 12 has more values than ON and OFF, and all of the others refuse writes.
  const on = (name: string): boolean | undefined => (variables.has(name) ? !/^(?:off|0)$/i.test(variables.get(name) ?? '') : undefined);
  const readOnly = on('super_read_only') === true ? true : on('read_only');
  const serverId = wholeNumber(variables.get('server_id'));
  const maxConnections = wholeNumber(variables.get('max_connections'));
  const forceRecovery = wholeNumber(variables.get('innodb_force_recovery'));
  const connections = wholeNumber(status?.get('threads_connected'));
  return {
    ...(readOnly === undefined ? {} : { readOnly }),
    ...(serverId === undefined ? {} : { serverId }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(connections === undefined ? {} : { connections }),
    ...(forceRecovery === undefined ? {} : { forceRecovery }),
  };
}

function clusterOf(
  variables: ReadonlyMap<string, string>,
  status: ReadonlyMap<string, string> | undefined,
  group: readonly SqlRow[] | undefined,
): ClusterFacts | undefined {
  if ((variables.get('group_replication_group_name') ?? '') !== '') {
    if (group === undefined) return undefined;
    return {
      kind: 'group',
      members: group.map((row) => ({ host: row['MEMBER_HOST'] ?? '', state: row['MEMBER_STATE'] ?? '', role: row['MEMBER_ROLE'] ?? '' })),
    };
  }
  if (!/^(?:on|1)$/i.test(variables.get('wsrep_on') ?? '')) return { kind: 'none' };
  if (status === undefined) return undefined;
  return {
    kind: 'galera',
    primary: status.get('wsrep_cluster_status') === 'Primary',
    ready: status.get('wsrep_ready') === 'ON',
    state: wholeNumber(status.get('wsrep_local_state')) ?? 0,
    size: wholeNumber(status.get('wsrep_cluster_size')) ?? 0,
    flowPaused: Number(status.get('wsrep_flow_control_paused') ?? 0) || 0,
  };
}

/** A row of SHOW REPLICA STATUS, SHOW SLAVE STATUS or SHOW ALL SLAVES STATUS. */
function channelOf(row: SqlRow): ReplicationFacts {
  const of = (...names: readonly string[]): string | null => names.map((name) => row[name]).find((value) => value !== undefined) ?? null;
  const io = of('Replica_IO_Running', 'Slave_IO_Running') ?? '';
  return {
    channel: of('Channel_Name', 'Connection_name') ?? '',
    host: of('Source_Host', 'Master_Host') ?? '',
    io: /^yes$/i.test(io) ? 'yes' : /^(?:connecting|preparing)$/i.test(io) ? 'connecting' : 'no',
    sql: /^yes$/i.test(of('Replica_SQL_Running', 'Slave_SQL_Running') ?? ''),
    behind: wholeNumber(of('Seconds_Behind_Source', 'Seconds_Behind_Master') ?? undefined) ?? null,
    delay: wholeNumber(of('SQL_Delay') ?? undefined) ?? 0,
    ioErrno: wholeNumber(of('Last_IO_Errno') ?? undefined) ?? 0,
    ioError: withoutData(of('Last_IO_Error') ?? ''),
    sqlErrno: wholeNumber(of('Last_SQL_Errno') ?? undefined) ?? 0,
    sqlError: withoutData(of('Last_SQL_Error') ?? ''),
  };
}

/** An error's text without the statement that failed and the values in it: they are the site's data. */
function withoutData(error: string): string {
  return oneLine(
    error.replace(/\s*(?:Default database: '[^']*'\.?\s*)?Query: ?'[\s\S]*$/, '').replaceAll(/(entry|value:?) '.*?'(?= (?:for (?:key|column)))/gi, "$1 '…'"),
  );
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
