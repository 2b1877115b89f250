import type { SqlRow } from '../../src/model/conversation.ts';
import { ProbeError } from '../../src/model/problem.ts';
import type { MasterFacts, Sender, ServerFacts, Slot } from './observation.ts';

/** PostgreSQL 9.6 to 17: who the server is. Answered by a standby as well. */
export const SERVER =
  "SELECT current_setting('server_version_num') AS version, pg_is_in_recovery() AS in_recovery, host(inet_server_addr()) AS address, " +
  "current_setting('max_connections') AS max_connections, (SELECT sum(numbackends) FROM pg_stat_database) AS connections, " +
  '(SELECT system_identifier FROM pg_control_system()) AS system_id';

/** The first version whose functions and columns speak of wal and lsn; before it they are called xlog and location, and no time is measured. */
const WITH_LSN = 100_000;

/** Those below need a server that is not in recovery. */
export function sendersStatement(version: number): string {
  const lag =
    version >= WITH_LSN
      ? 'pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS lag_bytes, extract(epoch FROM replay_lag) AS lag_seconds'
      : 'pg_xlog_location_diff(pg_current_xlog_location(), replay_location) AS lag_bytes, NULL AS lag_seconds';
  return `SELECT application_name, host(client_addr) AS address, state, sync_state, ${lag} FROM pg_stat_replication`;
}

export function slotsStatement(version: number): string {
  const retained =
    version >= WITH_LSN ? 'pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)' : 'pg_xlog_location_diff(pg_current_xlog_location(), restart_lsn)';
  return `SELECT slot_name, active, ${retained} AS retained FROM pg_replication_slots`;
}

export const TRANSACTION_AGE = 'SELECT max(age(datfrozenxid)) AS transaction_age FROM pg_database';

export const ARCHIVER =
  "SELECT current_setting('archive_mode') AS archive_mode, failed_count, last_failed_wal, extract(epoch FROM last_failed_time) AS failed_at, " +
  'extract(epoch FROM last_archived_time) AS archived_at FROM pg_stat_archiver';

/** Sessions of others show their state only to those who may see it; the hidden ones are counted too, so that none is taken for well-behaved. */
export const IDLE =
  'SELECT count(*) AS sessions, max(extract(epoch FROM now() - state_change)) AS longest, ' +
  "(SELECT count(*) FROM pg_stat_activity WHERE query = '<insufficient privilege>') AS hidden " +
  "FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'";

/** More rows than any healthy server has. */
const MOST_ROWS = 100;

export function serverOf([row]: readonly SqlRow[]): ServerFacts {
  if (row === undefined) throw unexpected('no row');
  return {
    version: required(row, 'version'),
    inRecovery: flag(row, 'in_recovery'),
    address: row['address'] ?? '',
    systemId: row['system_id'] ?? '',
    maxConnections: required(row, 'max_connections'),
    connections: required(row, 'connections'),
  };
}

export function sendersOf(rows: readonly SqlRow[]): readonly Sender[] {
  return rows.slice(0, MOST_ROWS).map((row) => {
    if (row['state'] === null) throw hidden('pg_stat_replication');
    const [lagBytes, lagSeconds] = [number(row, 'lag_bytes'), number(row, 'lag_seconds')];
    return {
      name: row['application_name'] ?? '',
      address: row['address'] ?? '',
      state: row['state'] ?? '',
      sync: row['sync_state'] ?? '',
      ...(lagBytes === undefined ? {} : { lagBytes }),
      ...(lagSeconds === undefined ? {} : { lagSeconds }),
    };
  });
}

export function slotsOf(rows: readonly SqlRow[]): readonly Slot[] {
  return rows.slice(0, MOST_ROWS).map((row) => ({ name: row['slot_name'] ?? '', active: flag(row, 'active'), retainedBytes: number(row, 'retained') ?? 0 }));
}

export function transactionAgeOf([row]: readonly SqlRow[]): number {
  if (row === undefined) throw unexpected('no row');
  return required(row, 'transaction_age');
}

export function archiverOf([row]: readonly SqlRow[]): NonNullable<MasterFacts['archiver']> {
  if (row === undefined) throw unexpected('no row');
  const [failedAt, archivedAt] = [number(row, 'failed_at'), number(row, 'archived_at')];
  return {
    on: row['archive_mode'] !== 'off',
    failed: number(row, 'failed_count') ?? 0,
    file: row['last_failed_wal'] ?? '',
    ...(failedAt === undefined ? {} : { failedAt }),
    ...(archivedAt === undefined ? {} : { archivedAt }),
  };
}

export function idleOf([row]: readonly SqlRow[]): NonNullable<MasterFacts['idleInTransaction']> {
  if (row === undefined) throw unexpected('no row');
  if (required(row, 'hidden') > 0) throw hidden('pg_stat_activity');
  return { count: required(row, 'sessions'), longestSeconds: number(row, 'longest') ?? 0 };
}

/** `t` and `f` as the server writes them. */
function flag(row: SqlRow, column: string): boolean {
  const value = row[column];
  if (value !== 't' && value !== 'f' && value !== 'true' && value !== 'false') throw unexpected(column);
  return value.startsWith('t');
}

function number(row: SqlRow, column: string): number | undefined {
  const value = row[column];
  if (value === null || value === undefined || value === '') return undefined;
  const parsed = Number(value);
  return Number.isFinite(parsed) ? parsed : undefined;
}

function required(row: SqlRow, column: string): number {
  const value = number(row, column);
  if (value === undefined) throw unexpected(column);
  return value;
}

function unexpected(what: string): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: `PostgreSQL did not answer as expected: ${what}.` });
}

function hidden(view: string): ProbeError {
  return new ProbeError({
    reason: 'Forbidden',
    message: `The user that skiffctl was given may log in, but not see all of ${view}.`,
    needs: 'the role pg_monitor (PostgreSQL 10 and later) or a superuser',
  });
}
