import type { ByteStream } from '../model/check.ts';
import type { Login, Opened, RedisConversation, RedisError, RedisReply } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import { ByteReader } from './byte-reader.ts';
import { credentialsNeeded, rejected, type ServerCredential } from './login.ts';
import { ANSWER_TIMEOUT_MS, broken, inTurns, say, silenceOf, withinTime } from './opening.ts';
import { admitRedisCommand } from './permitted.ts';
import { encodeCommand, readReply } from './resp.ts';

export interface RedisOpening {
  /** For messages: `skiff-apm/apm-redis-0:6379`. */
  readonly what: string;
  /** The component whose credential this is. */
  readonly component: string;
  open(): Promise<ByteStream>;
  credential(): Promise<ServerCredential | undefined>;
  /** Longest time for one answer, in ms. Default 4000. */
  readonly timeoutMs?: number;
}

/** Error replies that say nothing but that we may not ask. */
export const LOGIN_ERRORS: ReadonlySet<string> = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM']);

type Send = (words: readonly string[]) => Promise<RedisReply>;

/** How logging in went. `refusal` is what stands in the way of whoever asks on. */
interface LoggedIn {
  readonly login: Login;
  readonly refusal?: ProbeError;
}

/**
 * Says PING, and logs in only when that, or a later command, is answered with NOAUTH or NOPERM: a Redis without a password refuses AUTH, and a Sentinel
 * before 6.2 does not know it.
 */
export async function openRedis(opening: RedisOpening): Promise<Opened<RedisConversation>> {
  const { what, timeoutMs = ANSWER_TIMEOUT_MS } = opening;
  const stream = await opening.open();
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  const reader = new ByteReader(stream);
  const inTurn = inTurns(() => stream.close());
  const send: Send = async (words) =>
    inTurn(async () => withinTime(exchange(stream, reader, words), `${what}: ${words[0] === 'AUTH' ? 'AUTH' : words.join(' ')}`, timeoutMs));
  let greeting: RedisReply;
  try {
    greeting = await send(['PING']);
  } catch (error) {
    return silenceOf(error, what, elapsed());
  }
  const elapsedMs = elapsed();
  let loggingIn: Promise<LoggedIn> | undefined;
  const loggedIn = async (): Promise<LoggedIn> => (loggingIn ??= logIn(opening, send));
  let outcome: LoggedIn = { login: 'not-needed' };
  if (isLoginError(greeting)) {
    outcome = await loggedIn();
    if (outcome.login === 'accepted') greeting = await answered(send, ['PING'], what);
  }
  return {
    kind: 'talking',
    conversation: {
      get login() {
        return outcome.login;
      },
      greeting: isError(greeting) ? greeting : String(greeting),
      elapsedMs,
      async ask(...words) {
        admitRedisCommand(words);
        let reply = await answered(send, words, what);
        // A user without a password may be let in for PING and for little else.
        if (isLoginError(reply) && outcome.login === 'not-needed') {
          outcome = await loggedIn();
          if (outcome.login === 'accepted') reply = await answered(send, words, what);
        }
        if (isLoginError(reply)) throw notAllowed(opening, outcome, reply);
        return reply;
      },
    },
  };
}

async function exchange(stream: ByteStream, reader: ByteReader, words: readonly string[]): Promise<RedisReply> {
  await say(stream, encodeCommand(words));
  return readReply(reader);
}

async function answered(send: Send, words: readonly string[], what: string): Promise<RedisReply> {
  try {
    return await send(words);
  } catch (error) {
    throw broken(error, `${what}: ${words.join(' ')}`);
  }
}

/** Never throws: that the server is there is known already, and stays known. */
async function logIn({ what, component, credential }: RedisOpening, send: Send): Promise<LoggedIn> {
  try {
    const given = await credential();
    if (given?.password === undefined) return { login: 'missing' };
    const answer = await send(['AUTH', ...(given.username === undefined ? [] : [given.username]), given.password]);
    if (answer === 'OK') return { login: 'accepted' };
    return { login: 'rejected', refusal: rejected(what, component, isError(answer) ? answer.error : 'AUTH was not answered with OK.') };
  } catch (error) {
    const refusal = broken(error, `${what}: AUTH`);
    if (!(refusal instanceof ProbeError)) throw refusal;
    return { login: 'missing', refusal };
  }
}

function notAllowed({ what, component }: RedisOpening, { login, refusal }: LoggedIn, reply: RedisError): ProbeError {
  if (refusal !== undefined) return refusal;
  if (login === 'missing')
    return new ProbeError({
      reason: 'NoCredentials',
      message: `${what} answers ${reply.error.replace(/\.$/, '')}: it wants a login.`,
      needs: credentialsNeeded(component),
    });
  if (reply.code === 'NOPERM')
    return new ProbeError({
      reason: 'CredentialsRejected',
      message: `${what} took the login and does not let its user ask: ${reply.error}`,
      needs: 'rights of that user to +ping +info +role +config|get (of a Sentinel: +sentinel)',
    });
  return rejected(what, component, reply.error);
}

function isError(reply: RedisReply): reply is RedisError {
  return typeof reply === 'object' && reply !== null && 'code' in reply;
}

function isLoginError(reply: RedisReply): reply is RedisError {
  return isError(reply) && LOGIN_ERRORS.has(reply.code);
}
