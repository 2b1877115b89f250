import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { admitHttp, admitRedisCommand, admitStatement, NotPermitted } from '../../src/protocol/permitted.ts';

/** A text as careless or crafty authors would write it as well. */
function spellings(text: string): readonly string[] {
  const mixed = text
    .split('')
    .map((letter, index) => (index % 2 === 0 ? letter.toLowerCase() : letter.toUpperCase()))
    .join('');
  return [text, text.toLowerCase(), text.toUpperCase(), mixed, ` ${text} `, text.replaceAll(' ', '\n'), text.replaceAll(' ', '\t ')];
}

function isPermitted(admit: () => void): boolean {
  try {
    admit();
    return true;
  } catch (error) {
    if (error instanceof NotPermitted) return false;
    throw error;
  }
}

describe('commands of Redis', () => {
  const redis = (words: readonly string[]): boolean => isPermitted(() => admitRedisCommand(words));

  const READS = `PING | INFO | INFO replication | INFO all | ROLE | CONFIG GET maxclients | CONFIG GET maxmemory-policy | CONFIG GET min-replicas-to-write |
    CONFIG GET save | SENTINEL MASTERS | SENTINEL MASTER mymaster | SENTINEL SLAVES mymaster | SENTINEL REPLICAS mymaster | SENTINEL SENTINELS my.master-1 |
    SENTINEL GET-MASTER-ADDR-BY-NAME mymaster | SENTINEL CKQUORUM mymaster | SENTINEL MYID`
    .split('|')
    .map((each) => each.trim());
  for (const command of READS)
    it(`lets through ${command}`, () => {
      for (const text of [command, command.toLowerCase()]) assert.ok(redis(text.split(' ')), text);
    });

  const OTHERS = `
    CONFIG SET maxmemory 1 | CONFIG REWRITE | CONFIG RESETSTAT | CONFIG HELP | CONFIG | DEBUG SLEEP 1 | DEBUG SEGFAULT | DEBUG OBJECT x | KEYS * | SCAN 0 |
    HSCAN h 0 | SSCAN s 0 | ZSCAN z 0 | MONITOR | SUBSCRIBE c | PSUBSCRIBE * | SSUBSCRIBE c | PUBLISH c m | WAIT 1 0 | WAITAOF 1 0 0 | SHUTDOWN | SHUTDOWN NOSAVE |
    FLUSHALL | FLUSHALL ASYNC | FLUSHDB | SAVE | BGSAVE | BGREWRITEAOF | LASTSAVE | SLAVEOF NO ONE | REPLICAOF h 1 | SYNC | PSYNC ? -1 | REPLCONF listening-port 1 |
    CLIENT KILL TYPE normal | CLIENT PAUSE 1 | CLIENT UNPAUSE | CLIENT LIST | CLIENT NO-EVICT on | CLIENT REPLY OFF | EVAL x 0 | EVALSHA x 0 | EVAL_RO x 0 | FCALL f 0 |
    SCRIPT KILL | SCRIPT FLUSH | SCRIPT LOAD x | FUNCTION LOAD x | FUNCTION FLUSH | MODULE LOAD x | SENTINEL RESET mymaster | SENTINEL FAILOVER mymaster |
    SENTINEL SET m quorum 1 | SENTINEL REMOVE m | SENTINEL MONITOR m h 1 | SENTINEL FLUSHCONFIG | SENTINEL SIMULATE-FAILURE crash-after-election |
    SENTINEL CONFIG GET * | SENTINEL CONFIG SET a b | SENTINEL PENDING-SCRIPTS | SENTINEL IS-MASTER-DOWN-BY-ADDR h 1 | SENTINEL DEBUG x | SENTINEL | ACL LIST |
    ACL SETUSER x | ACL GETUSER default | ACL WHOAMI | ACL LOAD | ACL SAVE | ACL LOG RESET | AUTH x | AUTH u p | HELLO 3 | HELLO 3 AUTH u p | RESET | QUIT | SELECT 1 |
    SWAPDB 0 1 | MIGRATE h 1 k 0 | MOVE k 1 | RESTORE k 0 x | DUMP k | OBJECT ENCODING k | GET k | SET k v | DEL k | UNLINK k | RENAME a b | EXPIRE k 1 | PERSIST k |
    INCR k | APPEND k v | SETEX k 1 v | MSET a b | LPUSH l v | BLPOP l 0 | BRPOPLPUSH a b 0 | BLMOVE a b LEFT RIGHT | BZPOPMIN z 0 | XREAD BLOCK 0 STREAMS s $ |
    XADD s * a b | SORT l | SORT l STORE x | GETDEL k | GETEX k | COPY a b | PFADD h a | GEOADD g 1 1 m | MULTI | EXEC | WATCH k | DISCARD | ASKING | READONLY |
    CLUSTER FAILOVER | CLUSTER RESET HARD | CLUSTER FORGET x | FAILOVER | LATENCY RESET | LATENCY DOCTOR | SLOWLOG RESET | MEMORY PURGE | MEMORY DOCTOR | LOLWUT |
    COMMAND | DBSIZE | RANDOMKEY | CONFIG GET | PING a b c d`
    .split('|')
    .map((each) => each.trim())
    .filter((each) => each !== 'CONFIG GET');
  for (const command of OTHERS)
    it(`refuses ${command}`, () => {
      for (const text of [command, command.toLowerCase()]) assert.ok(!redis(text.split(' ')), text);
    });

  it('refuses settings that hold passwords, by name, by pattern, and by a name with escaped letters', () => {
    for (const name of `requirepass masterauth MASTERAUTH RequirePass sentinel-pass tls-key-file-pass * *pass r* requirepas? require[p]ass requirep\\ass require\\pass
      masteraut\\h m[a-z]sterauth maxmemory*`.split(/\s+/))
      assert.ok(!redis(['CONFIG', 'GET', name]), name);
    assert.ok(!redis(['CONFIG', 'GET', 'maxmemory', 'requirepass']));
    assert.ok(!redis(['CONFIG', 'GET', 'maxclients', '']));
  });

  it('refuses words that would be more than one word on the way', () => {
    for (const words of [
      [],
      [''],
      ['PING\r\nFLUSHALL'],
      ['PING FLUSHALL'],
      ['PING', '\r\nFLUSHALL\r\n'],
      ['INFO', 'a\0b'],
      ['INFO', 'server', 'FLUSHALL', 'x', 'y'],
      ['INFO', 'x'.repeat(129)],
      ['SENTINEL', 'MASTER', 'm\nSENTINEL RESET *'],
      [' CONFIG', 'GET', 'save'],
      ['CONFIG', 'GET ', 'save'],
      ['CONFIG', 'SET', 'GET', 'x'],
      ['INFO', '复制'],
    ])
      assert.ok(!redis(words), JSON.stringify(words));
  });
});

describe('statements', () => {
  const sql = (statement: string): boolean => isPermitted(() => admitStatement(statement));

  const READS = [
    'SELECT 1',
    'SELECT @@read_only, @@version AS v',
    'SELECT @@global.super_read_only, @@GLOBAL.gtid_executed',
    "SHOW GLOBAL VARIABLES WHERE Variable_name IN ('read_only', 'super_read_only', 'server_id', 'max_connections', 'innodb_force_recovery', 'wsrep_on', 'group_replication_group_name')",
    "SHOW GLOBAL STATUS WHERE Variable_name IN ('Threads_connected', 'wsrep_cluster_status', 'wsrep_ready', 'wsrep_local_state')",
    "SHOW GLOBAL STATUS LIKE 'wsrep%'",
    "SHOW VARIABLES LIKE 'max_connections'",
    'SHOW STATUS',
    'SHOW SLAVE STATUS',
    'SHOW ALL SLAVES STATUS',
    'SHOW REPLICA STATUS',
    "SHOW REPLICA STATUS FOR CHANNEL 'a'",
    "SHOW SLAVE 'a' STATUS",
    'SHOW SLAVE HOSTS',
    'SHOW MASTER STATUS',
    'SHOW BINARY LOG STATUS',
    'SELECT * FROM performance_schema.replication_group_members',
    'SELECT member_host, member_state FROM performance_schema.replication_group_members ORDER BY member_host, member_port',
    "SELECT count(*) FROM information_schema.processlist WHERE command <> 'Sleep' AND time > 60",
    'SELECT timestampdiff(SECOND, max(trx_started), now()) AS s FROM information_schema.innodb_trx',
    'SELECT pg_is_in_recovery() AS r, now() AS n, 1::bigint AS b',
    'SELECT application_name, host(client_addr) AS addr, state, sync_state, pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) AS lag FROM pg_stat_replication ORDER BY 1, 2',
    'SELECT CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0 ELSE extract(epoch FROM now() - pg_last_xact_replay_timestamp()) END AS lag',
    'SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn() ELSE pg_current_wal_lsn() END AS lsn, (SELECT count(*) FROM pg_stat_activity) AS n',
    "SELECT current_setting('max_connections')::int AS most, current_setting('synchronous_standby_names', true) AS names",
    "SELECT name, setting FROM pg_settings WHERE name IN ('max_connections', 'wal_level')",
    'SELECT slot_name, active, pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) AS kept FROM pg_replication_slots',
    'SELECT datname, age(datfrozenxid) AS age FROM pg_database WHERE datallowconn',
    'SELECT d.datname, s.deadlocks FROM pg_stat_database s JOIN pg_database d ON d.oid = s.datid WHERE s.numbackends > 0',
    'SELECT * FROM pg_control_checkpoint()',
    'SELECT failed_count, last_failed_time FROM pg_stat_archiver',
    "SELECT count(*) FILTER (WHERE state = 'idle in transaction' AND now() - state_change > interval '5 minutes') AS idle FROM pg_stat_activity",
    'SELECT x.n FROM (SELECT count(*) AS n FROM pg_stat_activity) AS x',
    'SELECT state FROM pg_stat_replication UNION ALL SELECT status FROM pg_stat_wal_receiver',
    'SHOW server_version',
    'SHOW transaction_read_only',
    "SELECT 'DROP TABLE x; -- /* */' AS text",
  ];
  for (const statement of READS)
    it(`lets through ${statement.slice(0, 90)}`, () => {
      for (const text of [statement, ` ${statement}\n`, statement.replaceAll(' ', '\n')]) assert.ok(sql(text), text);
    });

  const HARMFUL: Readonly<Record<string, readonly string[]>> = {
    'what is no SELECT or SHOW':
      `INSERT INTO t VALUES (1) | UPDATE t SET a = 1 | DELETE FROM t | REPLACE INTO t VALUES (1) | MERGE INTO t USING s ON a = b | DROP TABLE t | ALTER TABLE t ADD c int |
      ALTER SYSTEM SET a = 1 | CREATE TABLE t (a int) | CREATE TABLE t AS SELECT 1 | TRUNCATE t | GRANT ALL ON t TO u | REVOKE ALL ON t FROM u | SET GLOBAL read_only = 0 | SET x = 1 | RESET ALL |
      CALL p() | DO SLEEP(1) | DO $$ BEGIN END $$ | EXECUTE p | PREPARE p AS SELECT 1 | DEALLOCATE p | COPY t TO PROGRAM 'x' | COPY t FROM STDIN | VACUUM | ANALYZE | CLUSTER | REINDEX TABLE t |
      CHECKPOINT | LOCK TABLE t | LOCK TABLES t READ | UNLOCK TABLES | FLUSH TABLES | FLUSH TABLES WITH READ LOCK | FLUSH HOSTS | KILL 1 | KILL QUERY 1 | START SLAVE | STOP SLAVE | RESET SLAVE ALL |
      START REPLICA | STOP REPLICA | CHANGE MASTER TO MASTER_HOST = 'x' | RESET MASTER | PURGE BINARY LOGS TO 'x' | SHUTDOWN | RESTART | LOAD DATA INFILE 'x' INTO TABLE t | HANDLER t OPEN |
      BEGIN | START TRANSACTION | COMMIT | ROLLBACK | SAVEPOINT s | LISTEN c | NOTIFY c | LOAD 'x' | DISCARD ALL | REFRESH MATERIALIZED VIEW v | IMPORT FOREIGN SCHEMA s FROM SERVER x INTO y |
      EXPLAIN ANALYZE DELETE FROM t | DESCRIBE t | TABLE t | VALUES (1) | USE mysql | INSTALL PLUGIN p SONAME 'x' | OPTIMIZE TABLE t | REPAIR TABLE t | CHECK TABLE t | BINLOG 'x' | XA START 'x' |
      WITH x AS (DELETE FROM t RETURNING *) SELECT * FROM x | WITH RECURSIVE r AS (SELECT 1 UNION ALL SELECT 1 FROM r) SELECT count(*) FROM r | (SELECT 1) | SELECT`.split(
        '|',
      ),
    'a SELECT that writes':
      `SELECT * INTO t2 FROM pg_stat_activity | SELECT 1 INTO TEMP x | SELECT 1 INTO OUTFILE '/tmp/x' | SELECT 1 INTO DUMPFILE '/tmp/x' | SELECT 1 INTO @a | SELECT @a := 1 | SELECT @a |
      SELECT * FROM (WITH x AS (DELETE FROM pg_database RETURNING *) SELECT * FROM x) AS y | SELECT * FROM pg_database PROCEDURE ANALYSE() | SELECT NEXT VALUE FOR s | SELECT s.nextval | SELECT nextval('s') |
      SELECT setval('s', 1) | SELECT lastval() | SELECT PREVIOUS VALUE FOR s`.split('|'),
    'a SELECT that locks':
      `SELECT * FROM pg_database FOR UPDATE | SELECT * FROM pg_database FOR NO KEY UPDATE | SELECT * FROM pg_database FOR SHARE | SELECT * FROM pg_database FOR KEY SHARE |
      SELECT * FROM pg_database FOR UPDATE SKIP LOCKED | SELECT * FROM pg_database LOCK IN SHARE MODE | SELECT get_lock('x', 10) | SELECT release_lock('x') | SELECT release_all_locks() | SELECT is_free_lock('x') |
      SELECT pg_advisory_lock(1) | SELECT pg_try_advisory_lock(1) | SELECT pg_advisory_unlock_all() | SELECT pg_advisory_xact_lock(1)`.split('|'),
    'a SELECT that waits or works':
      `SELECT sleep(10) | SELECT SLEEP (10) | SELECT 1 WHERE sleep(10) = 0 | SELECT (SELECT sleep(10)) | SELECT count(sleep(10)) FROM pg_database | SELECT benchmark(1000000, md5('a')) |
      SELECT pg_sleep(10) | SELECT pg_sleep_for('1 minute') | SELECT pg_sleep_until('tomorrow') | SELECT pg_catalog.pg_sleep(10) | SELECT * FROM pg_sleep(10) | SELECT 1 FROM pg_database, pg_sleep(1) |
      SELECT 1 FROM pg_database JOIN pg_sleep(1) ON true | SELECT CASE WHEN true THEN pg_sleep(1) END | SELECT master_pos_wait('x', 1) | SELECT source_pos_wait('x', 1) | SELECT wait_for_executed_gtid_set('x') |
      SELECT wait_until_sql_thread_after_gtids('x') | SELECT master_gtid_wait('x') | SELECT generate_series(1, 1000000000) | SELECT * FROM generate_series(1, 1000000000) | SELECT count(*) FROM pg_locks a JOIN pg_locks b ON true JOIN pg_locks c ON true JOIN pg_locks d ON true JOIN pg_locks e ON true | SELECT repeat('a', 1000000000) |
      SELECT rpad('a', 1000000000, 'b') | SELECT regexp_replace('a', 'b', 'c') | SELECT 1 ORDER BY sleep(1) | SELECT 1 GROUP BY sleep(1) HAVING sleep(1) | SELECT 1 LIMIT (SELECT pg_sleep(1))`.split(
        '|',
      ),
    'a SELECT that reads or writes files':
      `SELECT load_file('/etc/passwd') | SELECT pg_read_file('x') | SELECT pg_read_binary_file('x') | SELECT pg_ls_dir('.') | SELECT * FROM pg_ls_waldir() | SELECT pg_stat_file('x') |
      SELECT lo_import('x') | SELECT lo_export(1, 'x') | SELECT lo_create(1) | SELECT lo_unlink(1) | SELECT pg_file_write('a', 'b', true) | SELECT pg_logfile_rotate() | SELECT xmlparse(DOCUMENT 'x')`.split(
        '|',
      ),
    'a SELECT that acts on the server':
      `SELECT pg_terminate_backend(1) | SELECT pg_cancel_backend(1) | SELECT pg_reload_conf() | SELECT pg_rotate_logfile() | SELECT pg_switch_wal() | SELECT pg_switch_xlog() | SELECT pg_promote() |
      SELECT pg_create_restore_point('x') | SELECT pg_create_physical_replication_slot('x') | SELECT pg_create_logical_replication_slot('x', 'y') | SELECT pg_drop_replication_slot('x') |
      SELECT pg_replication_slot_advance('x', '0/0') | SELECT pg_replication_origin_create('x') | SELECT pg_logical_slot_get_changes('x', NULL, NULL) | SELECT pg_logical_emit_message(true, 'a', 'b') |
      SELECT pg_start_backup('x') | SELECT pg_stop_backup() | SELECT pg_backup_start('x') | SELECT pg_wal_replay_pause() | SELECT pg_wal_replay_resume() | SELECT pg_xlog_replay_pause() | SELECT pg_export_snapshot() |
      SELECT pg_notify('a', 'b') | SELECT pg_stat_reset() | SELECT pg_stat_reset_shared('bgwriter') | SELECT pg_stat_statements_reset() | SELECT set_config('a', 'b', false) | SELECT txid_current() |
      SELECT pg_current_xact_id() | SELECT query_to_xml('DELETE FROM t', true, true, '') | SELECT table_to_xml('t', true, true, '') | SELECT database_to_xml(true, true, '') | SELECT dblink('x', 'y') |
      SELECT * FROM dblink('x', 'y') AS t(a int) | SELECT dblink_exec('x', 'y') | SELECT sys_exec('x') | SELECT sys_eval('x') | SELECT cast_to_bool(1) | SELECT pg_import_system_collations('x') |
      SELECT ts_stat('SELECT 1') | SELECT cursor_to_xml('c', 1, true, true, '') | SELECT plpgsql_call_handler() | SELECT gtid_subset('a', 'b') | SELECT asynchronous_connection_failover_delete_source('a', 'b', 1, 'c') |
      SELECT group_replication_set_as_primary('x') | SELECT service_get_write_locks('a', 'b', 1) | SELECT ps_kill(1) | SELECT sys.ps_setup_reset_to_default(1) | SELECT mydb.f() | SELECT public.count(1) | SELECT f(1) |
      SELECT uuid_short() | SELECT last_insert_id(5) | SELECT name_const('a', 1) | SELECT updatexml(1, 2, 3)`.split('|'),
    'more than one statement': `SELECT 1; DROP TABLE t | SELECT 1; | ;SELECT 1 | SELECT 1;SELECT 2 | SHOW STATUS; DROP TABLE t | SELECT 1 \\G`.split('|'),
    'what a comment hides': [
      'SELECT 1 -- x',
      'SELECT 1 --x',
      'SELECT 1 # x',
      'SELECT 1 /* x */',
      'SELECT /*!50000 sleep(10) */',
      'SELECT /*M! sleep(10) */',
      'SELECT 1 /*!INTO OUTFILE "/tmp/x"*/',
      'SELECT/**/sleep(10)',
      'SELECT sle/**/ep(10)',
      'SELECT /*+ SET_VAR(sort_buffer_size=1) */ 1',
    ],
    'what a quote hides': [
      `SELECT "a" FROM pg_database`,
      'SELECT `sleep`(10)',
      'SELECT "pg_sleep"(10)',
      "SELECT 'a\\' , sleep(10), '",
      "SELECT E'\\x27'",
      "SELECT 'a', sleep(10), 'b'",
      "SELECT 'it''s', sleep(1)",
      "SELECT 'open",
      'SELECT $$a$$',
      'SELECT $tag$ a $tag$',
      "SELECT U&'\\0041'",
      "SELECT 'é'",
      "SELECT 'a'\u00a0FROM pg_database",
      'SELECT\u2003sleep(1)',
      'SELECT ｓｌｅｅｐ(1)',
      'SELECT 1\0',
    ],
    'other marks': [
      'SELECT a[1]',
      'SELECT {fn sleep(1)}',
      'SELECT a FROM {oj pg_database}',
      'SELECT 1 \\; SELECT 2',
      'SELECT ~1',
      'SELECT @@a.b.c.d(1)',
      'SELECT 1count(1)',
      'SELECT count$x(1)',
      'SELECT 0x41',
      'SELECT ((1)',
      'SELECT (1))',
    ],
    'data of the site, which are nobody’s business and may be large':
      `SELECT * FROM users | SELECT count(*) FROM orders | SELECT * FROM public.users | SELECT * FROM skiff.users | SELECT * FROM ONLY users | SELECT * FROM pg_database, users |
      SELECT * FROM pg_database AS d, users u | SELECT * FROM pg_database d JOIN pg_locks l ON true, users | SELECT * FROM pg_database JOIN users ON true | SELECT * FROM pg_database CROSS JOIN users |
      SELECT * FROM pg_database NATURAL JOIN users | SELECT * FROM performance_schema.threads STRAIGHT_JOIN users | SELECT * FROM (users) | SELECT * FROM (pg_database JOIN users ON true) | SELECT (SELECT a FROM users) |
      SELECT 1 WHERE EXISTS (SELECT 1 FROM users) | SELECT * FROM (SELECT * FROM users) x | SELECT 1 UNION SELECT a FROM users | SELECT 1 UNION TABLE users | SELECT * FROM (TABLE users) x | SELECT * FROM (VALUES (1)) x |
      SELECT * FROM LATERAL users | SELECT * FROM pg_database TABLESAMPLE system (10) | SELECT extract(epoch FROM now()) FROM users | SELECT * FROM pg_class | SELECT * FROM information_schema.tables |
      SELECT * FROM pg_stat_statements | SELECT * FROM pg_authid | SELECT * FROM pg_shadow | SELECT * FROM pg_user_mappings | SELECT * FROM pg_subscription | SELECT * FROM mysql.user | SELECT * FROM mysql.slave_master_info |
      SELECT * FROM users.pg_database | SELECT * FROM pg_stat_database.users | SELECT * FROM pg_databases | SELECT * FROM x.performance_schema.threads`.split(
        '|',
      ),
    'settings that hold passwords':
      `SELECT current_setting('primary_conninfo') | SHOW primary_conninfo | SHOW archive_command | SELECT * FROM pg_settings | SELECT * FROM pg_settings ORDER BY 1 | SELECT setting FROM pg_settings s WHERE s.name = 'a' |
      SELECT setting FROM pg_settings WHERE name = 'primary_conninfo' | SELECT * FROM performance_schema.global_variables | SHOW VARIABLES | SHOW GLOBAL VARIABLES | SHOW VARIABLES LIKE 'report_password' |
      SELECT @@report_password | SELECT conninfo FROM pg_stat_wal_receiver | SHOW all | SELECT @@wsrep_sst_auth | SELECT usename, passwd FROM pg_stat_activity`.split(
        '|',
      ),
    'a SHOW that opens every table, reads logs, shows the work of others, or waits':
      `SHOW TABLES | SHOW TABLE STATUS | SHOW OPEN TABLES | SHOW CREATE TABLE t | SHOW CREATE USER u | SHOW GRANTS | SHOW BINLOG EVENTS | SHOW RELAYLOG EVENTS | SHOW BINARY LOGS |
      SHOW ENGINE INNODB STATUS | SHOW PROCESSLIST | SHOW FULL PROCESSLIST | SHOW DATABASES | SHOW COLUMNS FROM t | SHOW INDEX FROM t | SHOW TRIGGERS | SHOW EVENTS | SHOW PROFILE | SHOW EXPLAIN FOR 1 | SHOW WARNINGS |
      SHOW STATUS WHERE sleep(10) | SHOW GLOBAL STATUS WHERE Variable_name = 'a' OR sleep(1) | SHOW STATUS LIKE 'a' UNION SELECT 1 | SHOW SLAVE STATUS FOR CHANNEL 'a'; DROP TABLE t | SHOW STATUS LIKE (SELECT 1) |
      SHOW VARIABLES WHERE (SELECT sleep(1)) | SHOW | SHOW SLAVE STATUS x`.split('|'),
  };
  for (const [kind, statements] of Object.entries(HARMFUL))
    it(`refuses ${kind}`, () => {
      for (const statement of statements.map((each) => each.trim())) for (const text of spellings(statement)) assert.ok(!sql(text), text);
    });

  it('refuses what is longer than any look needs to be', () => {
    assert.ok(!sql(`SELECT ${'1 + '.repeat(600)}1`));
  });
});

describe('HTTP', () => {
  const get = (path: string): boolean => isPermitted(() => admitHttp(path, undefined));
  const post = (path: string, body: string): boolean => isPermitted(() => admitHttp(path, body));

  const READS =
    `/ /health /health?serializable=true /healthz /healthz/etcd /livez?verbose /readyz?verbose=1&exclude=x /metrics /version /v2/stats/self /v2/stats/leader /v2/members /debug/vars
    /api/v2.0/health /api/health /api/ping /_cluster/health?level=indices /_cat/nodes?format=json /_nodes/stats/fs,jvm /stats;csv /stats /-/healthy /-/ready /api/v1/status/runtimeinfo /api/v1/targets
    /api/v1/query?query=up%7Bjob%3D%22x%22%7D /api/plugins.json /actuator/health /actuator/health/readiness /actuator/prometheus /eureka/apps /v3/projects /scrape?target=redis://a:6379
    /api/v1/namespaces/kube-system/configmaps/x /commands/stat /restarts /stopped /v1/agent/members`.split(/\s+/);
  it('lets through paths that tell of health', () => {
    for (const path of READS) assert.ok(get(path), path);
  });

  it('refuses paths that stop, reload, run, clear or cost, however they are written', () => {
    for (const path of `/stop /stop/ /STOP /Stop?x=1 //stop /./stop /x/../stop /stop;a=b /%73top /%73%74%6f%70 /%2573top /stop%2f /nginx/stop /quit /quitquitquit /exit /shutdown /actuator/shutdown /manage/shutdown /restart
      /-/quit /-/reload /-/Reload/ /reload /api/v1/admin/tsdb/delete_series /api/v1/admin/tsdb/snapshot /API/v1/ADMIN/x /debug/pprof /debug/pprof/profile?seconds=60 /debug/pprof/heap /run/ns/pod/c /exec/ns/pod/c?command=sh
      /attach/ns/pod/c /portForward/ns/pod /v2/keys /v2/keys/?recursive=true&wait=true /v2/keys/a /actuator/heapdump /heapdump /actuator/threaddump /dump /actuator/env /env /configprops /actuator/configprops /actuator/logfile
      /jolokia/exec/java.lang:type=Memory/gc /actuator/jolokia/exec/x /manager/text/stop?path=/x /manager/text/undeploy?path=/x /healthcheck/fail /reset_counters /config_dump /heapprofiler?enable=y /_flush /x/_flush /_all/_refresh
      /_cache/clear /x/_close /_forcemerge /_search /x/_search?q=a /_cluster/nodes/_all/_shutdown /_nodes/hot_threads /api/plugins.flushBuffers /api/processes.killWorkers /api/processes.interruptWorkers /api/config.reload
      /api/config.gracefulReload /drain /kill /abortabortabort /purge /x/..%2fstop /%2e%2e/stop /..`.split(/\s+/))
      assert.ok(!get(path), path);
  });

  it('refuses what is no path', () => {
    for (const path of [
      '',
      'health',
      'http://elsewhere/health',
      '/a b',
      '/a\r\nX: y',
      '/a\n',
      '/a#b',
      '/a\\..\\stop',
      '/é',
      '/%zz',
      '/%',
      '/%ff',
      `/${'a'.repeat(3000)}`,
      ' /health',
    ])
      assert.ok(!get(path), JSON.stringify(path));
  });

  it('lets through the three POSTs of etcd that read, under the prefix of every version', () => {
    for (const prefix of ['/v3', '/v3beta', '/v3alpha']) {
      assert.ok(post(`${prefix}/maintenance/status`, '{}'));
      assert.ok(post(`${prefix}/cluster/member/list`, '{}'));
      assert.ok(post(`${prefix}/maintenance/alarm`, '{"action":"GET"}'));
    }
  });

  it('refuses every other POST, path or body', () => {
    for (const path of `/v3/maintenance/alarm /v3/maintenance/defragment /v3/maintenance/hash /v3/maintenance/snapshot /v3/maintenance/transfer-leadership /v3/maintenance/downgrade /v3/cluster/member/add
      /v3/cluster/member/remove /v3/cluster/member/update /v3/cluster/member/promote /v3/kv/put /v3/kv/range /v3/kv/deleterange /v3/kv/txn /v3/kv/compaction /v3/lease/grant /v3/lease/revoke /v3/auth/enable /v3/auth/disable
      /v3/watch /v3/maintenance/status/ /v3/maintenance/status?a=b //v3/maintenance/status /V3/maintenance/status /v3gamma/maintenance/status /v3/maintenance/statusx /x/v3/maintenance/status /health / /-/reload`.split(
      /\s+/,
    ))
      assert.ok(!post(path, '{}'), path);
    for (const body of [
      '{"action":"DEACTIVATE","memberID":"0","alarm":"NOSPACE"}',
      '{"action":"ACTIVATE"}',
      '{"action":"GET","action":"DEACTIVATE"}',
      '{"action": "GET"}',
      '{"action":"get"}',
      '{"action":1}',
      '{}',
      '',
    ])
      assert.ok(!post('/v3/maintenance/alarm', body), body);
    for (const body of ['', '{"a":1}', ' {}', '[]']) assert.ok(!post('/v3/maintenance/status', body), body);
  });
});
