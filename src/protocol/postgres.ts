import type { Duplex } from 'node:stream';
import type { Client } from 'pg';
import type { ByteStream } from '../model/check.ts';
import type { Opened, PostgresConversation, PostgresGreeting } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import { ByteReader } from './byte-reader.ts';
import { duplexOf, guarded } from './duplex.ts';
import { noCredentials, rejected } from './login.ts';
import type { SqlOpening } from './mysql.ts';
import { ANSWER_TIMEOUT_MS, say, silenceOf, withinTime } from './opening.ts';
import { messageInspector } from './postgres-messages.ts';
import { labelOf, MAX_ANSWERS, querying, type SqlSession } from './sql.ts';
import { overTls } from './tls.ts';

const SSL_REQUEST = 80_877_103;
const PROTOCOL_3 = 196_608;
/** Longest message before a login. */
const MAX_MESSAGE = 65_536;
/** Longest bare text of an error. */
const MAX_TEXT = 1024;
/** The user of the question before any login, as pg_isready asks it: it need not exist. */
const ANYBODY = 'skiffctl';

/**
 * Asks as pg_isready does, and closes: whether the server speaks TLS, and what it says to somebody who wants in. A query logs in on a connection of its
 * own, in a session that is read-only by the server's own hand.
 */
export async function openPostgres(opening: SqlOpening): Promise<Opened<PostgresConversation>> {
  const { what, timeoutMs = ANSWER_TIMEOUT_MS } = opening;
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  // Only what comes over an open way says something about the server: why a way does not open is thrown.
  const exchange = async <T>(stream: ByteStream, talk: (stream: ByteStream, reader: ByteReader) => Promise<T>): Promise<T | Silence> => {
    try {
      return await withinTime(talk(stream, new ByteReader(stream)), `${what}: greeting`, timeoutMs);
    } catch (error) {
      return silenceOf(error, what, elapsed());
    } finally {
      stream.close();
    }
  };
  let reply: Reply | Silence | 'tls' = await exchange(await opening.open(), askForTls);
  const tls = reply === 'tls';
  // Whoever takes the offer has to speak TLS: the other question goes over a connection of its own.
  if (reply === 'tls') reply = await exchange(await opening.open(), askToBeLetIn);
  if (reply !== 'accepting' && 'kind' in reply) return reply;
  const greeting: PostgresGreeting = reply === 'accepting' ? { kind: 'accepting', tls } : { kind: 'error', tls, ...reply };
  return { kind: 'talking', conversation: { greeting, elapsedMs: elapsed(), query: querying(async () => login(opening, tls, timeoutMs)) } };
}

type Reply = 'accepting' | { readonly sqlState: string; readonly message: string };
type Silence = ReturnType<typeof silenceOf>;

async function askForTls(stream: ByteStream, reader: ByteReader): Promise<Reply | 'tls'> {
  await say(stream, sslRequest());
  const [answer] = await reader.bytes(1);
  if (answer === 0x53) return 'tls';
  if (answer === 0x4e) return askToBeLetIn(stream, reader);
  // A server that cannot take one more connection answers with an error at once.
  if (answer === 0x45) return readError(reader);
  throw garbled();
}

async function askToBeLetIn(stream: ByteStream, reader: ByteReader): Promise<Reply> {
  await say(stream, startup());
  return readAnswer(reader);
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

/**
 * The fields of an ErrorResponse whose type byte was read already: C is the SQLSTATE, M the message. A postmaster that cannot start a process for us
 * answers as protocol 2 did, with a bare text.
 */
async function readError(reader: ByteReader): Promise<Reply> {
  const head = await reader.bytes(4);
  const length = head.readUInt32BE(0);
  if (length >= 0x20_00_00_00) return { sqlState: '', message: await readBareText(reader, head) };
  if (length < 4 || length > MAX_MESSAGE) throw garbled();
  const fields = (await reader.bytes(length - 4)).toString('utf8').split('\0');
  const field = (code: string): string => fields.find((text) => text.startsWith(code))?.slice(1) ?? '';
  return { sqlState: field('C'), message: field('M') };
}

/** A text that ends with a zero byte, of which the first four bytes were taken for a length. */
async function readBareText(reader: ByteReader, head: Buffer): Promise<string> {
  let text = head.toString('latin1');
  while (text.length < MAX_TEXT && /^[\t\n -~]+$/.test(text)) {
    const [byte = 0] = await reader.bytes(1);
    if (byte === 0) return text.trim();
    text += String.fromCharCode(byte);
  }
  throw garbled();
}

function garbled(): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: 'The answer is no PostgreSQL.' });
}

async function login(opening: SqlOpening, tls: boolean, timeoutMs: number): Promise<SqlSession> {
  const { what, component } = opening;
  const credential = await opening.credential();
  if (credential?.password === undefined && credential?.username === undefined) throw noCredentials(what, component);
  const { default: pg } = await import('pg');
  const stream = duplexOf(await opening.open(), MAX_ANSWERS);
  const { password = '' } = credential;
  const connected = async (): Promise<Client> => {
    const socket = tls ? await startTls(stream) : stream;
    const client = new pg.Client({
      stream: () => openAlready(socket),
      user: credential.username ?? 'postgres',
      // As a function: an empty text would be filled in from PGPASSWORD, which is nothing to this server.
      password: () => password,
      database: credential.database ?? 'postgres',
      application_name: ANYBODY,
      ssl: false,
      options: `-c default_transaction_read_only=on -c statement_timeout=${timeoutMs} -c lock_timeout=1000`,
      types: { getTypeParser: () => (text: unknown) => text },
    });
    // A server that hangs up between two statements is told of by the next one.
    client.on('error', () => undefined);
    await client.connect();
    return client;
  };
  let client: Client;
  try {
    client = await withinTime(connected(), `${what}: login`, timeoutMs);
  } catch (error) {
    stream.destroy();
    throw refused(error, stream, what, component);
  }
  opening.atEnd(() => {
    client.end().catch(() => undefined);
  });
  return {
    async ask(statement) {
      try {
        const { rows } = await withinTime(client.query<Record<string, unknown>>(statement), `${what}: ${labelOf(statement)}`, timeoutMs);
        return rows;
      } catch (error) {
        throw failure(error, stream, `${what}: ${labelOf(statement)}`);
      }
    },
    end: () => stream.destroy(),
  };
}

/** The driver wants to open its socket itself; this one is open already. */
function openAlready(socket: Duplex): Duplex {
  return Object.assign(guarded(socket, messageInspector()), {
    connect() {
      queueMicrotask(() => socket.emit('connect'));
      return socket;
    },
  });
}

/** The driver could do this itself; but what its parser throws on garbage over TLS nobody could catch. */
async function startTls(stream: Duplex): Promise<Duplex> {
  await new Promise<void>((resolve, reject) => {
    stream.once('error', reject);
    stream.once('close', () => reject(new ProbeError({ reason: 'Reset', message: 'The connection was closed before TLS.' })));
    stream.once('data', (answer: Buffer) => {
      if (answer.toString('latin1') === 'S') resolve();
      else reject(garbled());
    });
    stream.write(sslRequest());
  });
  return overTls(stream, undefined);
}

/** What a statement died of: an error of the server (it has an SQLSTATE), or of the connection (the stream knows best, the driver wraps it). */
function failure(error: unknown, stream: Duplex, what: string): ProbeError {
  if (error instanceof ProbeError) return error;
  if (stream.errored instanceof ProbeError) return stream.errored;
  return new ProbeError(
    { reason: sqlStateOf(error) === undefined ? 'Reset' : 'ServerError', message: `${what}: ${(error as Error).message}` },
    { cause: error },
  );
}

/** Class 28 is a login that was refused, 3D000 a database that is not there, 42501 one that this user may not enter; SASL is a proof that failed. */
function refused(error: unknown, stream: Duplex, what: string, component: string): ProbeError {
  const sqlState = sqlStateOf(error) ?? '';
  const { message } = error as Error;
  if (sqlState.startsWith('28') || sqlState === '3D000' || sqlState === '42501' || message.startsWith('SASL')) return rejected(what, component, message);
  return failure(error, stream, `${what}: login`);
}

function sqlStateOf(error: unknown): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' && /^(?!E[A-Z])[0-9A-Z]{5}$/.test(code) ? code : undefined;
}
