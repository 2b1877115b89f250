import type { Duplex } from 'node:stream';
import type { RowDataPacket } from 'mysql2/promise';
import type { ByteStream } from '../model/check.ts';
import type { MysqlConversation, MysqlGreeting, Opened } from '../model/conversation.ts';
import { ProbeError, problemOf } from '../model/problem.ts';
import { ByteReader } from './byte-reader.ts';
import { duplexOf } from './duplex.ts';
import { noCredentials, rejected, type ServerCredential } from './login.ts';
import { ANSWER_TIMEOUT_MS, silenceOf, withinTime } from './opening.ts';
import { labelOf, MAX_ANSWERS, querying, type SqlSession } from './sql.ts';

export interface SqlOpening {
  readonly what: string;
  readonly component: string;
  open(): Promise<ByteStream>;
  credential(): Promise<ServerCredential | undefined>;
  /** Called when the probe is over. */
  atEnd(close: () => void): void;
  /** Longest time for one answer, in ms. Default 4000. */
  readonly timeoutMs?: number;
}

/** Longest first packet: a handshake is under 200 bytes. */
const MAX_PACKET = 4096;
/** Errors of a login, not of a statement: wrong password, no such user from here, unknown authentication plug-in. */
const LOGIN_ERRORS: ReadonlySet<number> = new Set([1044, 1045, 1130, 1251, 1275, 1524, 1698, 1820, 1862, 2061, 3118]);

/** Reads what the server says before anybody has logged in, and closes. A query logs in on a connection of its own. */
export async function openMysql(opening: SqlOpening): Promise<Opened<MysqlConversation>> {
  const { what, timeoutMs = ANSWER_TIMEOUT_MS } = opening;
  const stream = await opening.open();
  const started = performance.now();
  let greeting: MysqlGreeting;
  try {
    greeting = await withinTime(readGreeting(new ByteReader(stream)), `${what}: greeting`, timeoutMs);
  } catch (error) {
    return silenceOf(error, what, Math.round(performance.now() - started));
  } finally {
    stream.close();
  }
  const isMariaDb = greeting.kind === 'handshake' && /mariadb/i.test(greeting.version);
  return {
    kind: 'talking',
    conversation: {
      greeting,
      elapsedMs: Math.round(performance.now() - started),
      query: querying(async () => login(opening, isMariaDb, timeoutMs)),
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

async function login(opening: SqlOpening, isMariaDb: boolean, timeoutMs: number): Promise<SqlSession> {
  const { what, component } = opening;
  const credential = await opening.credential();
  if (credential?.password === undefined && credential?.username === undefined) throw noCredentials(what, component);
  const { createConnection } = await import('mysql2/promise');
  const stream = duplexOf(await opening.open(), MAX_ANSWERS);
  try {
    const connection = await withinTime(
      createConnection({
        stream,
        user: credential.username ?? 'root',
        password: credential.password ?? '',
        // The time is kept here.
        connectTimeout: 0,
        // Texts as the server writes them: numbers of 64 bits and dates must not be bent on the way.
        typeCast: (field, next) => (field.type === 'BLOB' || field.type.endsWith('STRING') || field.type.startsWith('VAR') ? next() : field.string()),
        flags: ['-MULTI_STATEMENTS', '-LOCAL_FILES'],
        multipleStatements: false,
      }),
      `${what}: login`,
      timeoutMs,
    );
    // Of what the driver can make nothing of it tells the connection, and leaves the statement waiting.
    const lost = new Promise<never>((_resolve, reject) => {
      connection.on('error', reject);
    });
    lost.catch(() => undefined);
    opening.atEnd(() => {
      connection.end().catch(() => undefined);
    });
    const session: SqlSession = {
      async ask(statement) {
        try {
          const answer = Promise.race([connection.query<RowDataPacket[]>(statement), lost]);
          const [rows] = await withinTime(answer, `${what}: ${labelOf(statement)}`, timeoutMs);
          return Array.isArray(rows) ? rows : [];
        } catch (error) {
          throw failure(error, stream, `${what}: ${labelOf(statement)}`);
        }
      },
      end: () => stream.destroy(),
    };
    for (const statement of ownLimits(isMariaDb, timeoutMs)) await session.ask(statement).catch(serversRefusal);
    return session;
  } catch (error) {
    stream.destroy();
    throw refused(error, stream, what, component);
  }
}

/**
 * What the session forbids itself, by the server's own hand: to write, to run on when nobody waits for it any more, and to wait for a lock. A server that
 * does not know one of them (MySQL before 5.7.8, a proxy) is asked without it.
 */
function ownLimits(isMariaDb: boolean, timeoutMs: number): readonly string[] {
  const longest = isMariaDb ? `max_statement_time = ${timeoutMs / 1000}` : `max_execution_time = ${timeoutMs}`;
  return ['SET SESSION TRANSACTION READ ONLY', `SET SESSION lock_wait_timeout = 1, ${longest}`];
}

function serversRefusal(error: unknown): void {
  if (problemOf(error).reason !== 'ServerError') throw error;
}

/** What a statement died of: an error of the server (their numbers begin at 1000), or of the connection (the stream knows best, the driver wraps it). */
function failure(error: unknown, stream: Duplex, what: string): ProbeError {
  if (error instanceof ProbeError) return error;
  if (stream.errored instanceof ProbeError) return stream.errored;
  const { errno, message } = error as { readonly errno?: number; readonly message: string };
  return new ProbeError({ reason: errno !== undefined && errno >= 1000 ? 'ServerError' : 'Reset', message: `${what}: ${message}` }, { cause: error });
}

function refused(error: unknown, stream: Duplex, what: string, component: string): ProbeError {
  const { errno, message } = error as { readonly errno?: number; readonly message: string };
  return errno !== undefined && LOGIN_ERRORS.has(errno) ? rejected(what, component, message) : failure(error, stream, `${what}: login`);
}
