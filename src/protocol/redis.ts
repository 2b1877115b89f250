import type { ByteStream } from '../model/check.ts';
import type { Login, Opened, RedisConversation, RedisError, RedisReply } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import { ByteReader } from './byte-reader.ts';
import { credentialsNeeded, type ServerCredential } from './login.ts';
import { broken, silenceOf, withinTime } from './opening.ts';
import { admitRedisCommand } from './permitted.ts';
import { encodeCommand, readReply } from './resp.ts';

export interface RedisOpening {
  /** For messages: `skiff-apm/apm-redis-0:6379`. */
  readonly what: string;
  /** The component whose credential this is. */
  readonly component: string;
  open(): Promise<ByteStream>;
  credential(): Promise<ServerCredential | undefined>;
}

/** Error replies that say nothing but that we may not ask. */
const LOGIN_ERRORS: ReadonlySet<string> = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM']);

/**
 * Says PING, and logs in only when that is answered with NOAUTH: a Redis without a password refuses AUTH, and a Sentinel before 6.2 does not know it.
 */
export async function openRedis(opening: RedisOpening): Promise<Opened<RedisConversation>> {
  const { what } = opening;
  const stream = await opening.open();
  const started = performance.now();
  const elapsed = (): number => Math.round(performance.now() - started);
  const reader = new ByteReader(stream);
  const send = async (words: readonly string[]): Promise<RedisReply> =>
    withinTime(
      (async () => {
        await stream.write(encodeCommand(words));
        return readReply(reader);
      })(),
      `${what}: ${words[0] ?? ''}`,
    );
  let greeting: RedisReply;
  try {
    greeting = await send(['PING']);
  } catch (error) {
    stream.close();
    return silenceOf(error, what, elapsed());
  }
  const elapsedMs = elapsed();
  let login: Login = 'not-needed';
  let refusal = '';
  if (isError(greeting) && LOGIN_ERRORS.has(greeting.code)) {
    const credential = await opening.credential();
    if (credential?.password === undefined) login = 'missing';
    else {
      try {
        const answer = await send(['AUTH', ...(credential.username === undefined ? [] : [credential.username]), credential.password]);
        login = answer === 'OK' ? 'accepted' : 'rejected';
        if (isError(answer)) refusal = answer.error;
        if (login === 'accepted') greeting = await send(['PING']);
      } catch (error) {
        throw broken(error, `${what}: AUTH`);
      }
    }
  }
  const notAllowed = (reply: RedisError): ProbeError =>
    login === 'missing'
      ? new ProbeError({ reason: 'NoCredentials', message: `${what} asks for a password: ${reply.error}`, needs: credentialsNeeded(opening.component) })
      : new ProbeError({
          reason: 'CredentialsRejected',
          message: `${what} does not accept the credentials that skiffctl was given: ${refusal === '' ? reply.error : refusal}`,
          needs: credentialsNeeded(opening.component),
        });
  return {
    kind: 'talking',
    conversation: {
      login,
      greeting: isError(greeting) ? greeting : String(greeting),
      elapsedMs,
      async ask(...words) {
        admitRedisCommand(words);
        let reply: RedisReply;
        try {
          reply = await send(words);
        } catch (error) {
          throw broken(error, `${what}: ${words.join(' ')}`);
        }
        // Before 6.0 a wrong password is `ERR invalid password`, and every command after it NOAUTH.
        if (isError(reply) && LOGIN_ERRORS.has(reply.code)) throw notAllowed(reply);
        return reply;
      },
    },
  };
}

function isError(reply: RedisReply): reply is RedisError {
  return typeof reply === 'object' && reply !== null && 'code' in reply;
}
