/**
 * Everything that skiffctl may say to a server in the server's own language. What is not on these lists is never sent, whoever asks for it: the lists
 * are the promise that a run changes, blocks and slows nothing. Source: components.md §13, "never-do list".
 */

/** A request that is not permitted: a mistake in a check, found the first time that it runs. */
export class NotPermitted extends Error {
  constructor(what: string) {
    super(`skiffctl never sends ${what}: it may change, block or slow the server. What may be sent stands in src/protocol/permitted.ts.`);
    this.name = 'NotPermitted';
  }
}

/** Commands of Redis, and their subcommands where only some of them read. All answer in constant or small time. */
const REDIS_COMMANDS: ReadonlyMap<string, ReadonlySet<string> | undefined> = new Map([
  ['PING', undefined],
  ['INFO', undefined],
  ['ROLE', undefined],
  ['CONFIG', new Set(['GET'])],
  ['SENTINEL', new Set(['MASTERS', 'MASTER', 'SLAVES', 'REPLICAS', 'SENTINELS', 'GET-MASTER-ADDR-BY-NAME', 'CKQUORUM', 'MYID'])],
]);

/** Settings that hold passwords, and patterns that would include them, are not read either. */
const SECRET_SETTING = /pass|auth|\*|\?|\[/i;

/** Throws NotPermitted. */
export function admitRedisCommand(words: readonly string[]): void {
  const [command = '', sub = ''] = words.map((word) => word.toUpperCase());
  const subcommands = REDIS_COMMANDS.get(command);
  const known = REDIS_COMMANDS.has(command) && (subcommands === undefined || subcommands.has(sub));
  const plain = words.every((word) => word.length <= 128 && !/[\r\n\0]/.test(word));
  if (!known || !plain || words.length > 4 || (command === 'CONFIG' && SECRET_SETTING.test(words.slice(2).join(' '))))
    throw new NotPermitted(`the Redis command "${words.join(' ').slice(0, 80)}"`);
}

/** What turns a SELECT into more than a look: clauses that lock or write a file, and functions that wait, lock, stop, load or change. */
const SQL_FORBIDDEN =
  /\b(?:into|for\s+(?:no\s+key\s+)?(?:update|share)|for\s+key\s+share|lock\s+in|insert|update|delete|drop|alter|create|grant|revoke|set|call|do|execute|prepare|copy|vacuum|analyze|truncate|sleep|benchmark|get_lock|release_lock|release_all_locks|load_file|master_pos_wait|source_pos_wait|wait_for_executed_gtid_set|sys_exec|sys_eval|nextval|setval|dblink\w*|lo_\w+|pg_sleep\w*|pg_advisory\w*|pg_try_advisory\w*|pg_terminate\w*|pg_cancel\w*|pg_reload\w*|pg_rotate\w*|pg_switch\w*|pg_promote|pg_create\w*|pg_drop\w*|pg_replication_\w+|pg_logical_\w+|pg_read_\w+|pg_ls_\w+|pg_start_backup|pg_stop_backup|pg_backup\w*|pg_wal_replay_\w+|pg_export_snapshot|pg_notify|pg_stat_reset\w*|set_config|query_to_xml\w*|txid_current)\b/i;
/** Views whose names contain a forbidden word and that only read. */
const SQL_READABLE = /\b(?:pg_replication_slots|pg_replication_origin_status)\b/gi;

/** Throws NotPermitted. One SELECT or SHOW, without comments, variables that are set, and what waits or changes. */
export function admitStatement(statement: string): void {
  const text = statement.trim().replaceAll(SQL_READABLE, 'view');
  const single = !/;|--|\/\*|#|:=/.test(text);
  if (!/^(?:select|show)\s/i.test(text) || !single || text.length > 2000 || SQL_FORBIDDEN.test(text))
    throw new NotPermitted(`the statement "${statement.slice(0, 80)}"`);
}

/** POSTs of etcd's gateway that read, under the prefixes of 3.2 (`v3alpha`), 3.3 (`v3beta`) and 3.4 on (`v3`), with the one body that each may have. */
const ETCD_POSTS: readonly (readonly [RegExp, string])[] = [
  [/^\/v3(?:alpha|beta)?\/maintenance\/status$/, '{}'],
  [/^\/v3(?:alpha|beta)?\/cluster\/member\/list$/, '{}'],
  [/^\/v3(?:alpha|beta)?\/maintenance\/alarm$/, '{"action":"GET"}'],
];
/** Paths that stop, reload or change something although they are asked for with GET, or that may cost the server dearly. */
const FORBIDDEN_PATHS =
  /^\/(?:stop|quit|exit|shutdown|restart|-\/(?:quit|reload)|api\/v1\/admin|debug\/pprof|run|exec|v2\/keys|actuator\/(?:shutdown|heapdump|threaddump|env))(?:[/?]|$)/i;

/** Throws NotPermitted. */
export function admitHttp(path: string, post: string | undefined): void {
  if (post === undefined) {
    if (FORBIDDEN_PATHS.test(path)) throw new NotPermitted(`GET ${path}`);
  } else if (!ETCD_POSTS.some(([allowed, body]) => allowed.test(path) && body === post)) throw new NotPermitted(`POST ${path} ${post.slice(0, 40)}`);
}
