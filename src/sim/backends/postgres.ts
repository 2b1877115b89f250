import type { Duplex } from 'node:stream';
import type { ByteBackend } from '../listeners.ts';
import type { ClusterState } from '../state.ts';
import { SYSTEM_ID, stolonKeepers, stolonTroubles } from '../stolon.ts';

const SSL_REQUEST = 80_877_103;
const PROTOCOL_3 = 196_608;
/** Longest message of a client. */
const MAX_MESSAGE = 65_536;
/** OID of text: every value is written as text. */
const TEXT = 25;
/** The one user that may log in, with any password; the databases of a stolon cluster have it as their superuser. */
const USER = 'stolon';

/**
 * PostgreSQL 10.13, the master of a stolon cluster: no TLS, a password wanted from everybody, and answers to what a look at its replication, connections and
 * state asks, in the simple query protocol.
 */
export const postgres: ByteBackend = (stream, _pod, state) => {
  let user: string | undefined;
  let loggedIn = false;
  readMessages(stream, (type, body) => {
    if (type === '') {
      const code = body.readUInt32BE(0);
      if (code === SSL_REQUEST) stream.write('N');
      else if (code === PROTOCOL_3) {
        user = parameter(body, 'user');
        stream.write(message('R', Buffer.from([0, 0, 0, 3])));
      } else stream.destroy();
      return code !== SSL_REQUEST;
    }
    if (type === 'X') stream.end();
    else if (!loggedIn) {
      if (type !== 'p' || user !== USER || body.length < 2) {
        stream.end(error('FATAL', '28P01', `password authentication failed for user "${user ?? ''}"`));
        return true;
      }
      loggedIn = true;
      stream.write(Buffer.concat([message('R', Buffer.alloc(4)), setting('server_version', '10.13'), setting('client_encoding', 'UTF8'), READY]));
    } else if (type === 'Q') stream.write(answer(body.toString('utf8').replace(/\0$/, ''), state));
    else stream.write(Buffer.concat([error('ERROR', '0A000', 'not simulated'), READY]));
    return true;
  });
  stream.on('end', () => stream.end());
};

/** Hands over one message after the other. The first ones have no type; `take` returns false as long as another such one follows. */
function readMessages(stream: Duplex, take: (type: string, body: Buffer) => boolean): void {
  let pending: Buffer = Buffer.alloc(0);
  let typed = false;
  stream.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    for (;;) {
      const head = typed ? 5 : 4;
      if (pending.length < head) return;
      const length = pending.readUInt32BE(head - 4);
      if (length < (typed ? 4 : 8) || length > MAX_MESSAGE) {
        stream.destroy();
        return;
      }
      const end = head - 4 + length;
      if (pending.length < end) return;
      const type = typed ? String.fromCharCode(pending[0] ?? 0) : '';
      const body = pending.subarray(head, end);
      pending = pending.subarray(end);
      typed = take(type, body);
    }
  });
}

function parameter(body: Buffer, name: string): string {
  const words = body.subarray(4).toString('utf8').split('\0');
  return words[words.indexOf(name) + 1] ?? '';
}

type Row = Readonly<Record<string, string | null>>;

function answer(statement: string, state: ClusterState): Buffer {
  const rows = rowsOf(statement, state);
  if (rows === undefined) return Buffer.concat([error('ERROR', '42601', `not simulated: ${statement.slice(0, 80)}`), READY]);
  const columns = Object.keys(rows[0] ?? { nothing: null });
  const described = Buffer.concat([
    int16(columns.length),
    ...columns.map((name) => Buffer.concat([Buffer.from(`${name}\0`), int32(0), int16(0), int32(TEXT), int16(-1), int32(-1), int16(0)])),
  ]);
  const data = rows.map((row) => {
    const cells = columns.map((column) => {
      const value = row[column] ?? null;
      return value === null ? int32(-1) : Buffer.concat([int32(Buffer.byteLength(value)), Buffer.from(value)]);
    });
    return message('D', Buffer.concat([int16(columns.length), ...cells]));
  });
  return Buffer.concat([message('T', described), ...data, message('C', Buffer.from(`SELECT ${rows.length}\0`)), READY]);
}

/** By the view that is read. The columns are those that a look at a stolon cluster asks for. */
function rowsOf(statement: string, state: ClusterState): readonly Row[] | undefined {
  const keepers = stolonKeepers(state);
  const standbys = keepers.filter(({ leads, databaseHealthy }) => !leads && databaseHealthy);
  const { behind = 0, connections = 12, heldBack = 0, transactionAge = 1_284_033 } = stolonTroubles.get(state) ?? {};
  if (/pg_control_system/.test(statement)) {
    const address = keepers.find(({ leads }) => leads)?.pod.status?.podIP ?? null;
    return [{ version: '100013', in_recovery: 'f', address, max_connections: '100', connections: String(connections), system_id: SYSTEM_ID }];
  }
  if (/from pg_stat_replication$/i.test(statement)) {
    return standbys.map(({ pod, database }) => ({
      application_name: `stolon_${database}`,
      address: pod.status?.podIP ?? null,
      state: 'streaming',
      sync_state: 'async',
      lag_bytes: String(behind),
      lag_seconds: null,
    }));
  }
  if (/from pg_replication_slots$/i.test(statement)) {
    return keepers
      .filter(({ leads }) => !leads)
      .map(({ database, databaseHealthy }) => ({ slot_name: `stolon_${database}`, active: databaseHealthy ? 't' : 'f', retained: '0' }))
      .concat(heldBack > 0 ? [{ slot_name: 'reporting', active: 'f', retained: String(heldBack) }] : []);
  }
  if (/from pg_database$/i.test(statement)) return [{ transaction_age: String(transactionAge) }];
  if (/from pg_stat_archiver$/i.test(statement)) return [{ archive_mode: 'off', failed_count: '0', last_failed_wal: null, failed_at: null, archived_at: null }];
  if (/idle in transaction/.test(statement)) return [{ sessions: '0', longest: null, hidden: '0' }];
  return undefined;
}

function message(type: string, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from(type), int32(body.length + 4), body]);
}

const READY = message('Z', Buffer.from('I'));

function setting(name: string, value: string): Buffer {
  return message('S', Buffer.from(`${name}\0${value}\0`));
}

function error(severity: string, sqlState: string, text: string): Buffer {
  return message('E', Buffer.from(`S${severity}\0V${severity}\0C${sqlState}\0M${text}\0\0`));
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}
