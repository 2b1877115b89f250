import type { Client } from 'pg';
import type { ByteStream } from '../model/check.ts';
import type { Opened, PostgresConversation, PostgresGreeting, SqlRow } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import { ByteReader, EndOfStream } from './byte-reader.ts';
import { duplexOf } from './duplex.ts';
import type { SqlOpening } from './mysql.ts';
import { ANSWER_TIMEOUT_MS, silenceOf, withinTime } from './opening.ts';
import { admitStatement } from './permitted.ts';
import { noCredentials, plainRows, rejected } from './sql.ts';

const SSL_REQUEST = 80_877_103;
const PROTOCOL_3 = 196_608;
/** Longest message before a login. */
const MAX_MESSAGE = 65_536;
/** The user of the question before any login, as pg_isready asks it: it need not exist. */
const ANYBODY = 'skiffctl';

/**
 * Asks as pg_isready does, and closes: whether the server speaks TLS, and what it says to somebody who wants in. A query logs in on a connection of its
 * own, in a session that is read-only by the server's own hand.
 */
export async function openPostgres(opening: SqlOpening): Promise<Opened<PostgresConversation>> {
  const { what } = opening;
  const started = performance.now();
  let greeting: PostgresGreeting;
  try {
    greeting = await greet(opening);
  } catch (error) {
    return silenceOf(error, what, Math.round(performance.now() - started));
  }
  let session: Promise<Client> | undefined;
  return {
    kind: 'talking',
    conversation: {
      greeting,
      elapsedMs: Math.round(performance.now() - started),
      async query(statement) {
        admitStatement(statement);
        session ??= login(opening, greeting.tls);
        return ask(await session, statement, what);
      },
    },
  };
}

async function greet(opening: SqlOpening): Promise<PostgresGreeting> {
  const tls = await exchange(opening, sslRequest(), async (reader, stream) => {
    const [answer] = await reader.bytes(1);
    if (answer === 0x53) return { tls: true };
    if (answer === 0x4e) {
      await stream.write(startup());
      return { tls: false, reply: await readAnswer(reader) };
    }
    // A server before 7.2, and one that is at its limit, answer with an error at once.
    if (answer === 0x45) return { tls: false, reply: await readError(reader) };
    throw garbled();
  });
  const reply = tls.reply ?? (await exchange(opening, startup(), (reader) => readAnswer(reader)));
  return reply === 'accepting' ? { kind: 'accepting', tls: tls.tls } : { kind: 'error', tls: tls.tls, ...reply };
}

type Reply = 'accepting' | { readonly sqlState: string; readonly message: string };

async function exchange<T>(opening: SqlOpening, first: Buffer, read: (reader: ByteReader, stream: ByteStream) => Promise<T>): Promise<T> {
  const stream = await opening.open();
  try {
    const conversation = async (): Promise<T> => {
      await stream.write(first);
      return read(new ByteReader(stream), stream);
    };
    return await withinTime(conversation(), `${opening.what}: greeting`);
  } finally {
    stream.close();
  }
}

function sslRequest(): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt32BE(8, 0);
  bytes.writeUInt32BE(SSL_REQUEST, 4);
  return bytes;
}

function startup(): Buffer {
  const parameters = Buffer.from(`user\0${ANYBODY}\0database\0postgres\0application_name\0${ANYBODY}\0\0`);
  const head = Buffer.alloc(8);
  head.writeUInt32BE(8 + parameters.length, 0);
  head.writeUInt32BE(PROTOCOL_3, 4);
  return Buffer.concat([head, parameters]);
}

/** An authentication request (R) of any kind means that the server takes connections. Notices (N) and version negotiation (v) may come before it. */
async function readAnswer(reader: ByteReader): Promise<Reply> {
  for (let messages = 0; messages < 10; messages += 1) {
    const [type] = await reader.bytes(1);
    if (type === 0x45) return readError(reader);
    const length = (await reader.bytes(4)).readUInt32BE(0);
    if (length < 4 || length > MAX_MESSAGE) throw garbled();
    await reader.bytes(length - 4);
    if (type === 0x52) return 'accepting';
    if (type !== 0x4e && type !== 0x76) throw garbled();
  }
  throw garbled();
}

/** The fields of an ErrorResponse whose type byte was read already: C is the SQLSTATE, M the message. */
async function readError(reader: ByteReader): Promise<Reply> {
  const length = (await reader.bytes(4)).readUInt32BE(0);
  if (length < 4 || length > MAX_MESSAGE) throw garbled();
  const fields = (await reader.bytes(length - 4)).toString('utf8').split('\0');
  const field = (code: string): string => fields.find((text) => text.startsWith(code))?.slice(1) ?? '';
  return { sqlState: field('C'), message: field('M') };
}

function garbled(): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: 'The answer is no PostgreSQL.' });
}

async function login(opening: SqlOpening, tls: boolean): Promise<Client> {
  const { what, component } = opening;
  const credential = await opening.credential();
  if (credential?.password === undefined && credential?.username === undefined) throw noCredentials(what, component);
  const { default: pg } = await import('pg');
  const stream = duplexOf(await opening.open());
  // The driver wants to open its socket itself; this one is open already.
  const socket = Object.assign(stream, {
    connect: () => {
      queueMicrotask(() => stream.emit('connect'));
      return stream;
    },
  });
  const client = new pg.Client({
    stream: () => socket,
    user: credential.username ?? 'postgres',
    password: credential.password ?? '',
    database: credential.database ?? 'postgres',
    application_name: ANYBODY,
    // The way is the API server's TLS; the certificate of a database is made out to a name that a port-forward does not have.
    ...(tls ? { ssl: { rejectUnauthorized: false } } : {}),
    options: `-c default_transaction_read_only=on -c statement_timeout=${ANSWER_TIMEOUT_MS} -c lock_timeout=1000`,
    types: { getTypeParser: () => (text: unknown) => text },
  });
  client.on('error', () => undefined);
  try {
    await withinTime(client.connect(), `${what}: login`);
    opening.atEnd(() => {
      client.end().catch(() => undefined);
    });
    return client;
  } catch (error) {
    stream.destroy();
    throw problem(error, what, component);
  }
}

async function ask(client: Client, statement: string, what: string): Promise<readonly SqlRow[]> {
  try {
    const { rows } = await withinTime(client.query<Record<string, unknown>>(statement), `${what}: ${statement.slice(0, 60)}`);
    return plainRows(rows);
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    throw new ProbeError({ reason: 'ServerError', message: `${what}: ${statement.slice(0, 60)}: ${(error as Error).message}` }, { cause: error });
  }
}

/** Class 28 is a login that was refused, 3D000 a database that is not there. */
function problem(error: unknown, what: string, component: string): unknown {
  if (error instanceof ProbeError) return error;
  const { code, message } = error as { readonly code?: unknown; readonly message: string };
  const sqlState = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) ? code : undefined;
  if (sqlState?.startsWith('28') === true || sqlState === '3D000') return rejected(what, component, message);
  const reason = error instanceof EndOfStream || sqlState === undefined ? 'Reset' : 'ServerError';
  return new ProbeError({ reason, message: `${what}: login: ${message}` }, { cause: error });
}
