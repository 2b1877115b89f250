import type { Connection, RowDataPacket } from 'mysql2/promise';
import type { ByteStream } from '../model/check.ts';
import type { MysqlConversation, MysqlGreeting, Opened, SqlRow } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import { ByteReader } from './byte-reader.ts';
import { duplexOf } from './duplex.ts';
import type { ServerCredential } from './login.ts';
import { ANSWER_TIMEOUT_MS, silenceOf, withinTime } from './opening.ts';
import { admitStatement } from './permitted.ts';
import { noCredentials, plainRows, rejected } from './sql.ts';

export interface SqlOpening {
  readonly what: string;
  readonly component: string;
  open(): Promise<ByteStream>;
  credential(): Promise<ServerCredential | undefined>;
  /** Called when the probe is over. */
  atEnd(close: () => void): void;
}

/** Longest first packet: a handshake is under 200 bytes. */
const MAX_PACKET = 4096;
/** Errors of a login, not of a statement: wrong password, no such user from here, unknown authentication plug-in. */
const LOGIN_ERRORS: ReadonlySet<number> = new Set([1044, 1045, 1130, 1251, 1275, 1524, 1698, 1862, 2061]);

/** Reads what the server says before anybody has logged in, and closes. A query logs in on a connection of its own. */
export async function openMysql(opening: SqlOpening): Promise<Opened<MysqlConversation>> {
  const { what } = opening;
  const stream = await opening.open();
  const started = performance.now();
  let greeting: MysqlGreeting;
  try {
    greeting = await withinTime(readGreeting(new ByteReader(stream)), `${what}: greeting`);
  } catch (error) {
    return silenceOf(error, what, Math.round(performance.now() - started));
  } finally {
    stream.close();
  }
  let session: Promise<Connection> | undefined;
  return {
    kind: 'talking',
    conversation: {
      greeting,
      elapsedMs: Math.round(performance.now() - started),
      async query(statement) {
        admitStatement(statement);
        session ??= login(opening);
        const connection = await session;
        return ask(connection, statement, what);
      },
    },
  };
}

async function readGreeting(reader: ByteReader): Promise<MysqlGreeting> {
  const header = await reader.bytes(4);
  const length = header.readUIntLE(0, 3);
  if (header[3] !== 0 || length < 3 || length > MAX_PACKET) throw garbled();
  const payload = await reader.bytes(length);
  if (payload[0] === 0xff) {
    // Before a handshake there is no SQLSTATE marker, but some proxies send one.
    const message = payload.toString('utf8', 3).replace(/^#[0-9A-Z]{5}/, '');
    return { kind: 'error', code: payload.readUInt16LE(1), message };
  }
  const end = payload.indexOf(0, 1);
  if (payload[0] !== 10 || end < 2 || end > 100) throw garbled();
  return { kind: 'handshake', version: payload.toString('latin1', 1, end) };
}

function garbled(): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: 'The first packet is no handshake of MySQL.' });
}

async function login(opening: SqlOpening): Promise<Connection> {
  const { what, component } = opening;
  const credential = await opening.credential();
  if (credential?.password === undefined && credential?.username === undefined) throw noCredentials(what, component);
  const { createConnection } = await import('mysql2/promise');
  const stream = duplexOf(await opening.open());
  try {
    const connection = await withinTime(
      createConnection({
        stream,
        user: credential.username ?? 'root',
        password: credential.password ?? '',
        connectTimeout: ANSWER_TIMEOUT_MS,
        // Texts as the server writes them: numbers of 64 bits and dates must not be bent on the way.
        typeCast: (field, next) => (field.type === 'BLOB' || field.type.endsWith('STRING') || field.type.startsWith('VAR') ? next() : field.string()),
        flags: ['-MULTI_STATEMENTS', '-LOCAL_FILES'],
        multipleStatements: false,
      }),
      `${what}: login`,
    );
    opening.atEnd(() => {
      connection.end().catch(() => undefined);
    });
    return connection;
  } catch (error) {
    stream.destroy();
    throw problem(error, what, component);
  }
}

async function ask(connection: Connection, statement: string, what: string): Promise<readonly SqlRow[]> {
  try {
    const [rows] = await withinTime(connection.query<RowDataPacket[]>(statement), `${what}: ${statement.slice(0, 60)}`);
    return plainRows(rows);
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    const { message } = error as Error;
    throw new ProbeError({ reason: 'ServerError', message: `${what}: ${statement.slice(0, 60)}: ${message}` }, { cause: error });
  }
}

function problem(error: unknown, what: string, component: string): unknown {
  if (error instanceof ProbeError) return error;
  const { errno, message } = error as { readonly errno?: number; readonly message: string };
  if (errno !== undefined && LOGIN_ERRORS.has(errno)) return rejected(what, component, message);
  return new ProbeError({ reason: errno === undefined ? 'Reset' : 'ServerError', message: `${what}: login: ${message}` }, { cause: error });
}
