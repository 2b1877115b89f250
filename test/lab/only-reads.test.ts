import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { after, before, describe, test } from 'node:test';
import { command, healthy, kubeconfigs, kubectl } from './cluster.ts';
import { CREDENTIALS, doctor, doctorWith } from './doctor.ts';
import { repairLeftovers } from './faults.ts';

/**
 * What the servers themselves saw of a run: nothing that writes, blocks or changes. Redis tells by MONITOR, MariaDB by its general log, PostgreSQL by
 * log_statement, etcd by its counters of gRPC methods, and the sentinels, which have no log of commands, by the system calls with which they read.
 */

before(async () => {
  await repairLeftovers();
  await healthy();
});

const inPod = (namespace: string, pod: string, ...words: readonly string[]): Promise<string> => kubectl(['-n', namespace, 'exec', pod, '--', ...words]);

/** Collects what a program prints until it is told to stop. */
function listening(program: string, args: readonly string[]): { stop(): Promise<string> } {
  const child = spawn(program, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let heard = '';
  const keep = (chunk: string): void => void (heard = (heard + chunk).slice(-8_000_000));
  child.stdout.setEncoding('utf8').on('data', keep);
  child.stderr.setEncoding('utf8').on('data', keep);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const limit = setTimeout(() => child.kill('SIGKILL'), 120_000);
  return {
    async stop() {
      child.kill('SIGINT');
      const late = setTimeout(() => child.kill('SIGKILL'), 3000);
      await ended;
      clearTimeout(limit);
      clearTimeout(late);
      return heard;
    },
  };
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

describe('a run only reads, by what the servers saw', () => {
  test('Redis: MONITOR on every instance shows PING, AUTH, INFO, ROLE and CONFIG GET from the port-forward, and nothing else', async () => {
    const sets = [
      { namespace: 'skiff-apm', set: 'apm-redis', login: [] },
      { namespace: 'skiff-platform', set: 'platform-redis', login: ['-a', 'skiff-redis', '--no-auth-warning'] },
      { namespace: 'skiff-ncs', set: 'harbor-redis', login: [] },
    ];
    const monitors = sets.flatMap(({ namespace, set, login }) =>
      [0, 1, 2].map((ordinal) =>
        listening('kubectl', [`--kubeconfig=${kubeconfigs.admin}`, '-n', namespace, 'exec', `${set}-${ordinal}`, '--', 'redis-cli', ...login, 'monitor']),
      ),
    );
    await pause(3000);
    await doctor(kubeconfigs.doctor);
    await pause(500);
    const seen = await Promise.all(monitors.map((monitor) => monitor.stop()));
    // A port-forward arrives from the pod's own loopback interface; everybody else comes from elsewhere.
    const commands = seen.map((text) =>
      text.split('\n').flatMap((line) => {
        const [, words] = /^\d+\.\d+ \[\d+ 127\.0\.0\.1:\d+\] (.*)$/.exec(line.trim()) ?? [];
        return words === undefined ? [] : [words.toUpperCase()];
      }),
    );
    assert.deepEqual(
      commands.map((list) => list.length > 0),
      monitors.map(() => true),
      'every instance was asked something',
    );
    const others = commands.flat().filter((words) => !/^"(PING|INFO|ROLE|CONFIG" "GET|AUTH)"/.test(words));
    assert.deepEqual([...new Set(others)], []);
  });

  test('Sentinel: the system calls with which the sentinels read show no command beyond those that read', async () => {
    const pids = (await command('pgrep', ['-f', 'redis-sentinel.*sentinel'])).trim().split('\n');
    assert.equal(pids.length >= 9, true, `only ${pids.length} sentinels run on this machine`);
    const trace = listening('strace', ['-f', '-e', 'trace=read', '-s', '300', ...pids.flatMap((pid) => ['-p', pid])]);
    await pause(1000);
    await doctor(kubeconfigs.doctor);
    const seen = await trace.stop();
    const commands = [...seen.matchAll(/"\*\d+\\r\\n\$\d+\\r\\n(\w+)\\r\\n(?:\$\d+\\r\\n([\w-]+)\\r\\n)?/g)].map(([, first = '', second = '']) =>
      first.toUpperCase() === 'SENTINEL' ? `SENTINEL ${second.toUpperCase()}` : first.toUpperCase(),
    );
    const words = new Set(commands);
    assert.ok(words.has('SENTINEL MASTERS') || words.has('SENTINEL MASTER'), `the trace does not show our own question: ${[...words].join(', ')}`);
    // What sentinels, exporters and start scripts say to each other is theirs; none of it changes anything either.
    const known =
      /^(PING|INFO|PUBLISH|MESSAGE|PMESSAGE|SUBSCRIBE|CLIENT|HELLO|AUTH|ROLE|CONFIG|LATENCY|SLOWLOG|SENTINEL (MASTERS|MASTER|SLAVES|REPLICAS|SENTINELS|CKQUORUM|MYID|GET-MASTER-ADDR-BY-NAME|IS-MASTER-DOWN-BY-ADDR))$/;
    assert.deepEqual(
      [...words].filter((word) => !known.test(word)),
      [],
    );
  });

  test('MariaDB: the general log shows only SELECT and SHOW from the port-forward', async () => {
    const sql = (statement: string, ordinal: number): Promise<string> =>
      inPod('skiff-platform', `etcd-mysql-${ordinal}`, 'mariadb', '--no-defaults', '-uroot', '-S', '/tmp/mysql.sock', '-e', statement);
    const log = '/tmp/general.log';
    after(async () => {
      for (const ordinal of [0, 1]) await sql(`SET GLOBAL general_log='OFF'`, ordinal);
    });
    for (const ordinal of [0, 1]) await sql(`SET GLOBAL general_log_file='${log}', GLOBAL general_log='ON'`, ordinal);
    await doctor(kubeconfigs.doctor);
    for (const ordinal of [0, 1]) {
      await sql(`SET GLOBAL general_log='OFF'`, ordinal);
      const lines = (await inPod('skiff-platform', `etcd-mysql-${ordinal}`, 'cat', log)).split('\n');
      await inPod('skiff-platform', `etcd-mysql-${ordinal}`, 'rm', '-f', log);
      // `12 Connect exporter@127.0.0.1 …` gives the connection its number; every line of it carries the same.
      const ours = new Set(lines.flatMap((line) => /\t?\s*(\d+) Connect\texporter@(?:127\.0\.0\.1|localhost)/.exec(line)?.[1] ?? []));
      assert.ok(ours.size > 0, `etcd-mysql-${ordinal} saw no login from the port-forward`);
      const queries = lines.flatMap((line) => {
        const [, connection = '', verb = '', text = ''] =
          /(\d+) (Query|Execute|Prepare|Change user|Init DB|Field List|Process info|Kill)\t(.*)$/.exec(line) ?? [];
        return ours.has(connection) ? [`${verb}: ${text}`] : [];
      });
      assert.ok(queries.length > 0);
      assert.deepEqual(
        // Settings of its own session, which keep the server from being written to and from being held up.
        queries.filter(
          (query) => !/^Query: (SELECT|SHOW|SET SESSION (TRANSACTION READ ONLY|lock_wait_timeout|max_statement_time|max_execution_time)) ?/i.test(query),
        ),
        [],
      );
    }
  });

  test('PostgreSQL: its log shows only SELECT and SHOW of the role that the doctor logs in with', async () => {
    // A role that nobody else has: whatever the log says of its sessions is ours. It may do what the README tells operators to grant, and no more.
    const role = 'skiffctl_lab';
    const superuser = (pod: string, statement: string): Promise<string> =>
      inPod(
        'skiff-ncs',
        pod,
        'env',
        'PGPASSWORD=stolon',
        '/usr/lib/postgresql/15/bin/psql',
        '-h',
        'stolon-proxy',
        '-U',
        'stolon',
        '-d',
        'postgres',
        '-qXAtc',
        statement,
      );
    const keepers = ['stolon-keeper-0', 'stolon-keeper-1'];
    const drop = (): Promise<string> => superuser('stolon-keeper-0', `drop role if exists ${role}`);
    after(drop);
    await drop();
    await superuser(
      'stolon-keeper-0',
      `create role ${role} login password '${role}'; grant pg_monitor to ${role}; alter role ${role} set log_statement = 'all'`,
    );
    const since = new Date().toISOString();
    const login = { SKIFFCTL_USERNAME_STOLON_PROXY: role, SKIFFCTL_PASSWORD_STOLON_PROXY: role };
    const { report } = await doctorWith({ ...CREDENTIALS, ...login }, kubeconfigs.doctor);
    const unknown = report.findings.filter(({ rule, status }) => rule.startsWith('stolon-') && status === 'unknown');
    assert.deepEqual(
      unknown.map(({ id, message }) => `${id}: ${message}`),
      [],
      'pg_monitor is enough',
    );
    const logs = await Promise.all(keepers.map((pod) => kubectl(['-n', 'skiff-ncs', 'logs', pod, `--since-time=${since}`])));
    // The text of a statement may go on in further lines, which have no time before them.
    const statements = logs.flatMap((log) =>
      log.split(/\n(?=\d{4}-\d\d-\d\d[ T])/).flatMap((entry) => /LOG:\s+(?:statement|execute [^:]*): ([\s\S]*)/.exec(entry)?.[1]?.trim() ?? []),
    );
    assert.ok(statements.length > 0, `the log does not show our own question:\n${logs.join('\n').slice(-2000)}`);
    assert.deepEqual(
      statements.filter(
        (statement) =>
          !/^(SELECT|SHOW)\b/i.test(statement) ||
          /\b(INTO|FOR UPDATE|FOR SHARE|set_config|pg_terminate|pg_cancel|pg_reload|pg_promote|pg_switch|lo_|dblink)/i.test(statement),
      ),
      [],
    );
  });

  test('etcd: its counters show no gRPC method beyond Range, Status, MemberList and Alarm', async () => {
    const counters = async (): Promise<ReadonlyMap<string, number>> => {
      const found = new Map<string, number>();
      for (const ordinal of [0, 1, 2]) {
        const text = await kubectl(['get', '--raw', `/api/v1/namespaces/skiff-gtxs/pods/etcd-gtxs-${ordinal}:2379/proxy/metrics`]);
        for (const [, method = '', value = ''] of text.matchAll(/^grpc_server_started_total\{grpc_method="(\w+)"[^}]*\} (\S+)$/gm))
          found.set(`${method} ${ordinal}`, Number(value));
      }
      return found;
    };
    const begun = await counters();
    await doctor(kubeconfigs.doctor);
    const ended = await counters();
    const grown = [...ended].filter(([method, value]) => value > (begun.get(method) ?? 0)).map(([method]) => method.split(' ')[0] ?? '');
    assert.ok(grown.includes('Status'), `the counters do not show our own question: ${grown.join(', ')}`);
    // An alarm that is read is a call of Alarm like one that is set: that none was set shows in there being none.
    assert.deepEqual(
      [...new Set(grown)].filter((method) => !['Range', 'Status', 'MemberList', 'Alarm'].includes(method)),
      [],
    );
  });
});
