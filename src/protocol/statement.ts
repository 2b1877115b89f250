/**
 * Which SQL is a look and nothing else. Not by a list of what is bad, which is never complete: a statement may be made of nothing but the words, functions
 * and views below. MySQL, MariaDB and PostgreSQL share the lists; what one of them does not know it refuses by itself.
 */

/** The only marks that may stand in a statement: no `;`, `@x`, `:=`, `"`, backtick, backslash, `$` or bracket, and nothing that begins a comment. */
const TOKEN =
  /\s+|'[^'\\]*'|@@(?:global\.|session\.)?[a-z_]\w*|[a-z_]\w*(?:\.[a-z_]\w*)*(?:\.\*)?|\d+(?:\.\d+)?(?!\w)|::|<=|>=|<>|!=|\|\||-(?!-)|\/(?!\*)|[(),*+%=<>]/iy;

/** Functions that compute, aggregate, or read a state that the server keeps at hand. Each answers at once. */
const FUNCTIONS: ReadonlySet<string> = new Set(
  `abs array_agg avg bool_and bool_or cast ceil ceiling coalesce concat concat_ws count date_part extract floor greatest group_concat if ifnull json_agg
   least length lower max min nullif round sign split_part string_agg substr substring sum to_char trim upper
   decimal numeric
   age connection_id current_database current_setting database inet_server_addr now pg_backend_pid pg_postmaster_start_time pg_conf_load_time pg_size_pretty
   timestampdiff unix_timestamp user utc_timestamp version host
   pg_control_checkpoint pg_control_recovery pg_control_system pg_is_in_recovery pg_is_wal_replay_paused pg_is_xlog_replay_paused
   pg_current_wal_lsn pg_current_wal_insert_lsn pg_current_wal_flush_lsn pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp
   pg_wal_lsn_diff pg_walfile_name
   pg_current_xlog_location pg_current_xlog_insert_location pg_last_xlog_receive_location pg_last_xlog_replay_location pg_xlog_location_diff`.split(/\s+/),
);

/** Words that may stand before a bracket without being a function. */
const BEFORE_BRACKET: ReadonlySet<string> = new Set(
  'all and any by case distinct else exists filter from having in join like not on or over select some then union using when where'.split(' '),
);

/** Words that make a SELECT more than a look (it writes, locks or takes the next value of a sequence), or bring in relations past the list. */
const FORBIDDEN_WORDS: ReadonlySet<string> = new Set(
  'call do execute for handler high_priority into lastval lock nextval only procedure setval straight_join table values with'.split(' '),
);

/** What the servers say about themselves. No table of the site's: its data are nobody's business here, and a large one takes long. */
const RELATION =
  /^(?:(?:pg_catalog\.)?(?:pg_stat_(?!statements)\w+|pg_replication_slots|pg_replication_origin_status|pg_database|pg_settings|pg_locks|pg_prepared_xacts|pg_tablespace)|performance_schema\.(?:replication_\w+|global_status|global_variables|session_status|threads|processlist)|information_schema\.(?:processlist|innodb_trx|innodb_metrics|global_status|global_variables|slave_status|wsrep_\w+))$/;
/** Views of all settings, some of which hold passwords: asked by name only. */
const SETTINGS = /(?:^|\.)(?:pg_settings|global_variables)$/;
/** Settings that hold passwords, and commands that may. */
const SECRET = /pass|secret|conninfo|sst_auth|_command\b/i;

/** More would multiply the rows of what is small by itself. */
const MAX_JOINS = 3;

/** Words that end a FROM clause. */
const CLAUSES: ReadonlySet<string> = new Set('except group having intersect limit offset order select union where'.split(' '));

const NAME = String.raw`'[\w%.-]{1,64}'`;
const FILTER = String.raw`(?: like ${NAME}| where variable_name (?:= ?${NAME}|like ${NAME}|in ?\( ?${NAME}(?: ?, ?${NAME})* ?\)))`;
/** SHOW in the few forms that are of use; most others open every table, read whole logs, or wait. */
const SHOWS: readonly RegExp[] = [
  new RegExp(`^show (?:global |session )?status${FILTER}?$`, 'i'),
  new RegExp(`^show (?:global |session )?variables${FILTER}$`, 'i'),
  new RegExp(`^show (?:all slaves|all replicas|slave|replica) (?:${NAME} )?status(?: for channel ${NAME})?$`, 'i'),
  /^show (?:slave hosts|replicas|(?:master|binlog|binary log) status)$/i,
  // PostgreSQL: one setting, by its name. Names without an underscore are left to MySQL's heavier SHOWs, which are not permitted.
  /^show [a-z]+(?:_[a-z]+)+$/i,
];

/** True for one SELECT or SHOW that changes, locks and waits for nothing, and reads nothing but what the server says about itself. */
export function onlyLooks(statement: string): boolean {
  const text = statement.trim();
  // Printable ASCII alone: what a server makes of other characters depends on its settings.
  if (text.length > 2000 || /[^\t\n\r -~]/.test(text) || SECRET.test(text)) return false;
  if (/^show\s/i.test(text)) return SHOWS.some((shape) => shape.test(text.replaceAll(/\s+/g, ' ')));
  const tokens = tokensOf(text);
  return tokens?.[0] === 'select' && tokens.length > 1 && isPlainSelect(tokens);
}

/** The statement in lower case, without the space between; undefined when something else than the known marks stands in it. */
function tokensOf(text: string): readonly string[] | undefined {
  const tokens: string[] = [];
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const [token] = TOKEN.exec(text) ?? [];
    if (token === undefined) return undefined;
    if (token.trim() !== '') tokens.push(token.toLowerCase());
  }
  return tokens;
}

function isPlainSelect(tokens: readonly string[]): boolean {
  /** Of each open bracket the clause that it is in: of a function's the function, until a SELECT begins in it. */
  const clauses = ['select'];
  for (const [at, token] of tokens.entries()) {
    const before = tokens[at - 1] ?? '';
    const clause = clauses.at(-1) ?? '';
    if (token === '(') {
      if (/^[\w.@'*)]/.test(before) && before !== '*' && !FUNCTIONS.has(before) && !BEFORE_BRACKET.has(before)) return false;
      clauses.push(before);
    } else if (token === ')') {
      clauses.pop();
      if (clauses.length === 0) return false;
    } else if (token === ',') {
      // A second relation after a comma would not be seen: JOIN says the same.
      if (clause === 'from') return false;
    } else if (token === 'from' || token === 'join') {
      if (clause === 'extract' || clause === 'substring' || clause === 'trim') continue;
      if (!isKnownRelation(tokens, at + 1)) return false;
      clauses[clauses.length - 1] = 'from';
    } else if (CLAUSES.has(token)) clauses[clauses.length - 1] = token;
    else if (/^[a-z_]/.test(token) && token.split('.').some((word) => FORBIDDEN_WORDS.has(word))) return false;
  }
  return clauses.length === 1 && tokens.filter((token) => token === 'join').length <= MAX_JOINS;
}

function isKnownRelation(tokens: readonly string[], at: number): boolean {
  const [relation = '', next = '', column = '', compared = ''] = tokens.slice(at, at + 4);
  if (relation === '(') return next === 'select';
  if (next === '(') return FUNCTIONS.has(relation);
  if (!RELATION.test(relation)) return false;
  return !SETTINGS.test(relation) || (next === 'where' && /^(?:variable_)?name$/.test(column) && (compared === '=' || compared === 'in'));
}
