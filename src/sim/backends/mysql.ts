import type { Duplex } from 'node:stream';
import type { BackendPod, ByteBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import type { ClusterState } from '../state.ts';

export const MYSQL_VERSION = '5.7.22-log';
const MOST_CONNECTIONS = 1000;
/** Longest packet of a client: a login or a statement. */
const MAX_PACKET = 65_536;

const NATIVE_PASSWORD = 'mysql_native_password';
const ER_ACCESS_DENIED = 1045;
const ER_PARSE_ERROR = 1064;
const COM_QUIT = 0x01;
const COM_QUERY = 0x03;
const COM_PING = 0x0e;
const TYPE_VAR_STRING = 0xfd;

/** What is wrong with one instance although its pod runs. */
export interface MysqlTrouble {
  /** `read_only` and `super_read_only`, where it is not what its place says. */
  readonly readOnly?: boolean;
  readonly connections?: number;
  /** It turns everybody away: all connections are taken (1040), or the host of the client has failed too often (1129). */
  readonly refuses?: 1040 | 1129;
  /** The receiving thread has stopped with this error. */
  readonly ioErrno?: number;
  /** The applying thread has stopped with this error. */
  readonly sqlErrno?: number;
  /** Seconds that a replica is behind. */
  readonly behind?: number;
  /** `innodb_force_recovery`. */
  readonly forcedRecovery?: number;
  readonly serverId?: number;
}

/** By `<namespace>/<pod>`. An instance that is not in here is well. */
export const mysqlTroubles = new WeakMap<ClusterState, ReadonlyMap<string, MysqlTrouble>>();

const REFUSALS: Readonly<Record<number, string>> = {
  1040: 'Too many connections',
  1129: "Host '10.244.0.1' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'",
};

/** What the threads of a replica say when they stop, by the number of the error. */
const THREAD_ERRORS: Readonly<Record<number, string>> = {
  1032: "Could not execute Update_rows event on table skiff.user; Can't find record in 'user', Error_code: 1032; handler error HA_ERR_KEY_NOT_FOUND",
  1062: "Could not execute Write_rows event on table skiff.user; Duplicate entry '4711' for key 'PRIMARY', Error_code: 1062; handler error HA_ERR_FOUND_DUPP_KEY",
  1236: "Got fatal error 1236 from master when reading data from binary log: 'Could not find first log file name in binary log index file'",
};

/** The facts of one instance: the first pod that runs is the primary, the others replicate from it. */
export interface MysqlInstance {
  readonly serverId: number;
  readonly readOnly: boolean;
  readonly connections: number;
  readonly maxConnections: number;
  /** Absent on the primary. */
  readonly source?: Source;
  readonly refuses?: number;
  readonly forcedRecovery: number;
}

/** Where a replica gets its changes from, and what keeps it from them. */
interface Source {
  readonly host: string;
  readonly reachable: boolean;
  readonly ioErrno: number;
  readonly sqlErrno: number;
  readonly behind: number;
}

export function mysqlInstance(pod: BackendPod, state: ClusterState): MysqlInstance {
  const {
    refuses,
    forcedRecovery = 0,
    ioErrno = 0,
    sqlErrno = 0,
    behind = 0,
    ...trouble
  } = mysqlTroubles.get(state)?.get(`${pod.namespace}/${pod.name}`) ?? {};
  const pods = state.podsOf(`${pod.namespace}/${pod.component}`);
  const at = Math.max(
    0,
    pods.findIndex(({ metadata }) => metadata.name === pod.name),
  );
  const base = { serverId: at + 1, maxConnections: MOST_CONNECTIONS, forcedRecovery, ...(refuses === undefined ? {} : { refuses }) };
  const [primary] = pods;
  if (at === 0 || primary === undefined) return { ...base, readOnly: false, connections: 63, ...trouble };
  const service = state.component(`${pod.namespace}/${pod.component}`).objectName;
  const host = `${primary.metadata.name}.${service}.${pod.namespace}.svc.cluster.local`;
  const reachable = isReady(primary);
  return { ...base, readOnly: true, connections: 4, source: { host, reachable, ioErrno: reachable ? ioErrno : 2003, sqlErrno, behind }, ...trouble };
}

/** MySQL 5.7: greets, lets in whoever has a name and a password, and answers what a look at variables, status and replication asks. */
export const mysql: ByteBackend = (stream, pod, state) => {
  const { refuses } = mysqlInstance(pod, state);
  if (refuses !== undefined) {
    // Before the greeting nobody knows what the client understands: no SQL state.
    stream.end(packet(0, Buffer.concat([Buffer.from([0xff, refuses & 0xff, refuses >> 8]), Buffer.from(REFUSALS[refuses] ?? '')])));
    return;
  }
  stream.write(packet(0, greeting()));
  let loggedIn = false;
  readPackets(stream, (sequence, payload) => {
    if (!loggedIn) {
      const user = payload.subarray(32).toString('latin1').split('\0')[0] ?? '';
      const passwordLength = payload[32 + user.length + 1] ?? 0;
      if (user === '' || passwordLength === 0) {
        stream.end(packet(sequence + 1, error(ER_ACCESS_DENIED, '28000', `Access denied for user '${user}'@'127.0.0.1' (using password: NO)`)));
        return;
      }
      loggedIn = true;
      stream.write(packet(sequence + 1, OK));
      return;
    }
    const [command] = payload;
    if (command === COM_QUIT) stream.end();
    else if (command === COM_PING) stream.write(packet(sequence + 1, OK));
    else if (command === COM_QUERY) stream.write(resultSet(sequence, payload.subarray(1).toString('utf8'), mysqlInstance(pod, state)));
    else stream.write(packet(sequence + 1, error(1047, '08S01', 'Unknown command')));
  });
  stream.on('end', () => stream.end());
};

function greeting(): Buffer {
  return Buffer.concat([
    Buffer.from([0x0a]),
    Buffer.from(`${MYSQL_VERSION}\0`),
    Buffer.from([0x2a, 0, 0, 0]), // connection id
    Buffer.from('saltsalt\0'),
    // Capabilities, character set utf8, status, capabilities, length of the salt. Without DEPRECATE_EOF: a result ends with the packet of old.
    Buffer.from([0xff, 0xf7, 0x21, 0x02, 0x00, 0xff, 0x80, 0x15]),
    Buffer.alloc(10),
    Buffer.from('saltsaltsalt\0'),
    Buffer.from(`${NATIVE_PASSWORD}\0`),
  ]);
}

/** Calls `each` with the packets of a client. What is longer than a statement ends the connection. */
function readPackets(stream: Duplex, each: (sequence: number, payload: Buffer) => void): void {
  let pending: Buffer = Buffer.alloc(0);
  stream.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    while (pending.length >= 4) {
      const length = pending.readUIntLE(0, 3);
      if (length > MAX_PACKET) {
        stream.destroy();
        return;
      }
      if (pending.length < 4 + length) return;
      each(pending[3] ?? 0, pending.subarray(4, 4 + length));
      pending = pending.subarray(4 + length);
    }
  });
}

type Row = Readonly<Record<string, string | null>>;

/** The answer to a statement: rows, or a syntax error for what nobody here asks. */
function resultSet(sequence: number, statement: string, instance: MysqlInstance): Buffer {
  const listed = [...statement.matchAll(/'([^']*)'/g)].map(([, name = '']) => name.toLowerCase());
  const named = (values: Readonly<Record<string, string>>): readonly Row[] =>
    Object.entries(values)
      .filter(([name]) => listed.includes(name.toLowerCase()))
      .map(([name, value]) => ({ Variable_name: name, Value: value }));
  if (/^SHOW GLOBAL VARIABLES WHERE Variable_name IN/i.test(statement)) return table(sequence, ['Variable_name', 'Value'], named(variables(instance)));
  if (/^SHOW GLOBAL STATUS WHERE Variable_name IN/i.test(statement)) return table(sequence, ['Variable_name', 'Value'], named(status(instance)));
  if (/^SHOW SLAVE STATUS$/i.test(statement)) {
    const rows = instance.source === undefined ? [] : [slaveStatus(instance.source)];
    return table(sequence, Object.keys(rows[0] ?? slaveStatus({ host: '', reachable: true, ioErrno: 0, sqlErrno: 0, behind: 0 })), rows);
  }
  const text = `You have an error in your SQL syntax; check the manual that corresponds to your MySQL server version for the right syntax to use near '${statement.slice(0, 80)}' at line 1`;
  return packet(sequence + 1, error(ER_PARSE_ERROR, '42000', text));
}

function variables({ serverId, readOnly, maxConnections, forcedRecovery }: MysqlInstance): Readonly<Record<string, string>> {
  const onOff = readOnly ? 'ON' : 'OFF';
  return {
    innodb_force_recovery: String(forcedRecovery),
    max_connections: String(maxConnections),
    read_only: onOff,
    server_id: String(serverId),
    super_read_only: onOff,
  };
}

function status({ connections }: MysqlInstance): Readonly<Record<string, string>> {
  return { Threads_connected: String(connections) };
}

function slaveStatus({ host, reachable, ioErrno, sqlErrno, behind }: Source): Row {
  const lost = `error connecting to master 'repl@${host}:3306' - retry-time: 60  retries: 7`;
  return {
    Slave_IO_State: ioErrno === 0 ? 'Waiting for master to send event' : reachable ? '' : 'Reconnecting after a failed master event read',
    Master_Host: host,
    Master_User: 'repl',
    Master_Port: '3306',
    Slave_IO_Running: ioErrno === 0 ? 'Yes' : reachable ? 'No' : 'Connecting',
    Slave_SQL_Running: sqlErrno === 0 ? 'Yes' : 'No',
    Seconds_Behind_Master: ioErrno === 0 && sqlErrno === 0 ? String(behind) : null,
    Last_IO_Errno: String(ioErrno),
    Last_IO_Error: reachable ? (THREAD_ERRORS[ioErrno] ?? '') : lost,
    Last_SQL_Errno: String(sqlErrno),
    Last_SQL_Error: THREAD_ERRORS[sqlErrno] ?? '',
    SQL_Delay: '0',
    Channel_Name: '',
  };
}

function table(sequence: number, columns: readonly string[], rows: readonly Row[]): Buffer {
  let next = sequence;
  const add = (payload: Buffer): Buffer => packet((next = (next + 1) & 0xff), payload);
  return Buffer.concat([
    add(Buffer.from([columns.length])),
    ...columns.map((name) => add(column(name))),
    add(EOF),
    ...rows.map((row) => add(Buffer.concat(columns.map((name) => text(row[name] ?? null))))),
    add(EOF),
  ]);
}

function column(name: string): Buffer {
  return Buffer.concat([
    ...['def', '', '', '', name, name].map(text),
    // Length of what follows, character set utf8, width, type, flags, decimals, filler.
    Buffer.from([0x0c, 0x21, 0x00, 0x00, 0x04, 0x00, 0x00, TYPE_VAR_STRING, 0x00, 0x00, 0x00, 0x00, 0x00]),
  ]);
}

/** A length-encoded string; 0xfb is NULL. */
function text(value: string | null): Buffer {
  if (value === null) return Buffer.from([0xfb]);
  const bytes = Buffer.from(value);
  if (bytes.length < 0xfb) return Buffer.concat([Buffer.from([bytes.length]), bytes]);
  return Buffer.concat([Buffer.from([0xfc, bytes.length & 0xff, bytes.length >> 8]), bytes]);
}

const OK = Buffer.from([0x00, 0x00, 0x00, 0x02, 0x00, 0x00, 0x00]);
const EOF = Buffer.from([0xfe, 0x00, 0x00, 0x02, 0x00]);

function error(code: number, sqlState: string, message: string): Buffer {
  return Buffer.concat([Buffer.from([0xff, code & 0xff, code >> 8]), Buffer.from(`#${sqlState}${message}`)]);
}

function packet(sequence: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([payload.length & 0xff, (payload.length >> 8) & 0xff, (payload.length >> 16) & 0xff, sequence & 0xff]), payload]);
}

/** What mysqld_exporter 0.15 tells of an instance. */
export function exporterSamples({ serverId, readOnly, connections, maxConnections, forcedRecovery, refuses, source }: MysqlInstance): readonly string[] {
  if (refuses !== undefined) return ['mysql_up 0'];
  const labels = `{channel_name="",connection_name="",master_host="${source?.host ?? ''}",master_uuid="8a94f357-aab4-11df-86ab-c80aa9429562"}`;
  const collectors = ['global_status', 'global_variables', 'slave_status'];
  return [
    'mysql_up 1',
    `mysql_version_info{innodb_version="5.7.22",version="${MYSQL_VERSION}",version_comment="MySQL Community Server (GPL)"} 1`,
    ...collectors.map((name) => `mysql_exporter_collector_duration_seconds{collector="collect.${name}"} 0.0021`),
    ...collectors.map((name) => `mysql_exporter_collector_success{collector="collect.${name}"} 1`),
    `mysql_global_status_threads_connected ${connections}`,
    `mysql_global_variables_innodb_force_recovery ${forcedRecovery}`,
    `mysql_global_variables_max_connections ${maxConnections}`,
    `mysql_global_variables_read_only ${readOnly ? 1 : 0}`,
    `mysql_global_variables_server_id ${serverId}`,
    `mysql_global_variables_super_read_only ${readOnly ? 1 : 0}`,
    ...(source === undefined
      ? []
      : [
          `mysql_slave_status_last_io_errno${labels} ${source.ioErrno}`,
          `mysql_slave_status_last_sql_errno${labels} ${source.sqlErrno}`,
          ...(source.ioErrno === 0 && source.sqlErrno === 0 ? [`mysql_slave_status_seconds_behind_master${labels} ${source.behind}`] : []),
          `mysql_slave_status_slave_io_running${labels} ${source.ioErrno === 0 ? 1 : 0}`,
          `mysql_slave_status_slave_sql_running${labels} ${source.sqlErrno === 0 ? 1 : 0}`,
          `mysql_slave_status_sql_delay${labels} 0`,
        ]),
  ];
}
