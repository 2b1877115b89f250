/**
 * Conversations with servers in their own protocols, as a probe sees them. Only what reads is ever sent: what else a check asks for is a mistake in
 * the check. The passwords never reach it: the runner logs in, and says how that went.
 */

/**
 * Why a server did not say a word of its protocol, although the way to its pod was open. Facts about the server, not about us.
 *
 * - `refused`: nobody listens on that port in the pod (or only on the pod's own address, which a port-forward cannot reach).
 * - `silent`: the connection is accepted and nothing comes, as from a process that hangs.
 * - `closed`: the connection is accepted and closed at once.
 * - `garbled`: what comes is another protocol.
 */
export type ServerSilence = 'refused' | 'silent' | 'closed' | 'garbled';

export type Opened<Conversation> =
  | { readonly kind: 'talking'; readonly conversation: Conversation }
  | { readonly kind: ServerSilence; readonly message: string; readonly elapsedMs: number };

/**
 * `not-needed`: the server asks for no password. `accepted`: ours was taken. `missing`: it wants one and none was given to skiffctl. `rejected`: ours
 * was not taken; that says nothing about the server's other clients.
 */
export type Login = 'not-needed' | 'accepted' | 'missing' | 'rejected';

export interface ConversationOptions {
  /** Whose credentials to use: the role of a peer, where the server is only a way to that peer. Default: the component that the pod belongs to. */
  readonly credentialsOf?: string;
}

/** An error reply of Redis: `code` is its first word (`NOAUTH`, `LOADING`, `MISCONF` …), `error` the whole text. */
export interface RedisError {
  readonly code: string;
  readonly error: string;
}

/** A reply of Redis or Sentinel. Bulk and simple strings are both strings; a missing one is null. */
export type RedisReply = string | number | null | RedisError | readonly RedisReply[];

/** A conversation with a Redis server or a Sentinel. */
export interface RedisConversation {
  readonly login: Login;
  /** What PING was answered, after the login: `PONG`, or the error that stands in the way (`LOADING`, `MISCONF`, `NOAUTH` …). */
  readonly greeting: string | RedisError;
  /** From the first byte sent to the answer of PING, in ms. */
  readonly elapsedMs: number;
  /**
   * Sends one command: PING, INFO, ROLE, `CONFIG GET`, and of a Sentinel MASTERS, MASTER, SLAVES, REPLICAS, SENTINELS, GET-MASTER-ADDR-BY-NAME, CKQUORUM and
   * MYID. An error reply is an answer like any other, except for those that only say that we may not ask: they throw ProbeError with
   * reason `NoCredentials` or `CredentialsRejected`. Throws ProbeError `Timeout`, `Reset` or `InvalidResponse` when no answer comes.
   */
  ask(...words: readonly string[]): Promise<RedisReply>;
}

/** A row of a query's answer: column → text as the server wrote it, null for NULL. Names of columns as the server spells them. */
export type SqlRow = Readonly<Record<string, string | null>>;

interface SqlConversation {
  /**
   * Logs in (once) and asks: a single SELECT or SHOW that changes, locks and waits for nothing. At most 1,000 rows are kept. Throws ProbeError
   * `NoCredentials` when none were given for this component, `CredentialsRejected` with the server's words when it did not take them, `Timeout`, `Reset`
   * and `ServerError` (the statement failed) else.
   */
  query(statement: string): Promise<readonly SqlRow[]>;
}

/** What a MySQL or MariaDB server says first, before any login: its handshake, or an error such as 1040 (too many connections). */
export type MysqlGreeting =
  | { readonly kind: 'handshake'; readonly version: string }
  | { readonly kind: 'error'; readonly code: number; readonly message: string };

export interface MysqlConversation extends SqlConversation {
  readonly greeting: MysqlGreeting;
  readonly elapsedMs: number;
}

/**
 * What a PostgreSQL server answers before any password: it would let us in or asks for one (`accepting`), or it refuses with an SQLSTATE such as 57P03
 * (starting up), 53300 (too many clients), 28000 (no pg_hba line for us: it serves all the same).
 */
export type PostgresGreeting =
  | { readonly kind: 'accepting'; readonly tls: boolean }
  | { readonly kind: 'error'; readonly tls: boolean; readonly sqlState: string; readonly message: string };

export interface PostgresConversation extends SqlConversation {
  readonly greeting: PostgresGreeting;
  readonly elapsedMs: number;
}
