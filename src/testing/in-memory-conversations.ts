import type { Login, MysqlGreeting, Opened, PostgresGreeting, RedisError, RedisReply, ServerSilence, SqlRow } from '../model/conversation.ts';
import { ProbeError } from '../model/problem.ts';
import type { Conversations, Speaker } from '../protocol/conversations.ts';
import { inTurns } from '../protocol/opening.ts';
import { admitHttp, admitRedisCommand, admitStatement } from '../protocol/permitted.ts';
import { LOGIN_ERRORS } from '../protocol/redis.ts';
import { type Failure, failed, type HttpAsk, Ledger } from './in-memory.ts';

/** A server that does not say a word of its protocol. */
export interface Silent {
  readonly silence: ServerSilence;
}

/**
 * A Redis or a Sentinel: command as it is sent (`INFO replication`) → reply, or why there is none. `greeting` is what PING is answered; `login` is how
 * logging in went, `not-needed` when left out. With `missing` or `rejected` every command ends as it does on a real one.
 */
export interface RedisScript {
  readonly login?: Login;
  readonly greeting?: string | RedisError;
  readonly replies?: Readonly<Record<string, RedisReply | NoReply>>;
}

/** A command that is not answered: none after it is, as on a real connection. */
export interface NoReply {
  readonly failure: Failure;
}

/** A database: its first words, and statement → rows, or why there are none. Without `rows` nobody may log in: `NoCredentials`. */
export interface SqlScript<Greeting> {
  readonly greeting: Greeting;
  readonly rows?: Readonly<Record<string, readonly SqlRow[] | Failure>>;
  /** Default `NoCredentials`. */
  readonly refused?: 'NoCredentials' | 'CredentialsRejected';
}

/** Servers by `<namespace>/<pod>:<port>`. */
export interface ConversationScripts {
  readonly redis?: Readonly<Record<string, RedisScript | Silent | Failure>>;
  readonly mysql?: Readonly<Record<string, SqlScript<MysqlGreeting> | Silent | Failure>>;
  readonly postgres?: Readonly<Record<string, SqlScript<PostgresGreeting> | Silent | Failure>>;
}

/** Conversations with scripts. They refuse what the real ones refuse to send. */
export function inMemoryConversations(scripts: ConversationScripts, http: HttpAsk): { readonly conversations: Conversations; readonly ledger: Ledger } {
  const provided = Object.entries(scripts).flatMap(([protocol, servers]) => Object.keys(servers as object).map((key) => `${protocol} ${key}`));
  const ledger = new Ledger(provided);

  async function open<Script extends object, Talk>(
    protocol: string,
    servers: Readonly<Record<string, Script | Silent | Failure>> | undefined,
    speaker: Speaker,
    talk: (script: Script) => Talk,
  ): Promise<Opened<Talk>> {
    const key = `${speaker.pod.namespace}/${speaker.pod.name}:${speaker.port}`;
    const script = servers?.[key];
    if (script === undefined) return ledger.miss(`${protocol} ${key}`);
    ledger.use(`${protocol} ${key}`);
    if (typeof script === 'string') return failed(script, `get pods/portforward in ${speaker.pod.namespace}`);
    if ('silence' in script) return { kind: script.silence, message: `${key}: ${script.silence}`, elapsedMs: 1 };
    return { kind: 'talking', conversation: talk(script) };
  }
  const sql = <Greeting>(script: SqlScript<Greeting>) => {
    const inTurn = inTurns(() => undefined);
    return {
      greeting: script.greeting,
      elapsedMs: 1,
      async query(statement: string) {
        admitStatement(statement);
        if (script.rows === undefined) throw new ProbeError({ reason: script.refused ?? 'NoCredentials', message: 'no login', needs: 'credentials' });
        const rows = script.rows[statement];
        if (rows === undefined) return ledger.miss(statement);
        return inTurn(async () => (typeof rows === 'string' ? failed(rows, statement) : rows));
      },
    };
  };
  const conversations: Conversations = {
    redis: (speaker) =>
      open('redis', scripts.redis, speaker, (script: RedisScript) => {
        const inTurn = inTurns(() => undefined);
        return {
          login: script.login ?? 'not-needed',
          greeting: script.greeting ?? 'PONG',
          elapsedMs: 1,
          async ask(...words) {
            admitRedisCommand(words);
            if (script.login === 'missing') throw new ProbeError({ reason: 'NoCredentials', message: 'NOAUTH Authentication required.', needs: 'credentials' });
            if (script.login === 'rejected') throw new ProbeError({ reason: 'CredentialsRejected', message: 'WRONGPASS', needs: 'credentials' });
            const command = words.join(' ');
            const reply = script.replies?.[command];
            if (reply === undefined) return ledger.miss(command);
            if (isLoginError(reply)) {
              const reason = script.login === 'accepted' ? 'CredentialsRejected' : 'NoCredentials';
              throw new ProbeError({ reason, message: reply.error, needs: 'credentials' });
            }
            return inTurn(async () => (isNoReply(reply) ? failed(reply.failure, command) : reply));
          },
        };
      }),
    mysql: (speaker) => open('mysql', scripts.mysql, speaker, (script: SqlScript<MysqlGreeting>) => sql(script)),
    postgres: (speaker) => open('postgres', scripts.postgres, speaker, (script: SqlScript<PostgresGreeting>) => sql(script)),
    async http(speaker, path, options) {
      admitHttp(path, options.post);
      const { pod, port } = speaker;
      const method = options.post === undefined ? {} : { method: 'POST' as const };
      return http({ via: 'forward', ...pod, port, scheme: options.scheme ?? 'http', path, ...method }, `get pods/portforward in ${pod.namespace}`, options);
    },
  };
  return { conversations, ledger };
}

/** What only says that we may not ask is thrown, as by the real ones. */
function isLoginError(reply: RedisReply | NoReply): reply is RedisError {
  return typeof reply === 'object' && reply !== null && 'code' in reply && LOGIN_ERRORS.has(reply.code);
}

function isNoReply(reply: RedisReply | NoReply): reply is NoReply {
  return typeof reply === 'object' && reply !== null && 'failure' in reply;
}
