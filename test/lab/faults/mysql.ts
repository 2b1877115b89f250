/** Faults of etcd-mysql: MariaDB, etcd-mysql-0 the primary, etcd-mysql-1 its replica. */
import { spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { CommandFailed, kubectl, labFile, type Missing, onNode, RUN, until } from '../cluster.ts';
import { exporterUp } from './exporters.ts';
import { type Area, type Fault, fault, NOTES, type Recipe } from './fault.ts';
import { declaredSecret, marked, pods, waiting } from './objects.ts';
import { answer, goOn, hang, type Server, servers, signal } from './servers.ts';

const NAMESPACE = 'skiff-platform';
const AREA: Area = `${NAMESPACE}/etcd-mysql`;
const LIMIT_SECONDS = 240;
const EXPORTERS = ['mysqld-exporter', 'mysqld-exporter-slave'];

async function databases(): Promise<readonly [Server, Server]> {
  const [primary, replica] = await servers(NAMESPACE, 'etcd-mysql', 2);
  if (primary === undefined || replica === undefined) throw new Error('etcd-mysql has lost its pods meanwhile');
  return [primary, replica];
}

/** What the server prints for a statement, as an administrator. Undefined when it does not answer. Its errors are thrown. */
async function sql(server: Server, statement: string, { user = 'root', vertical = false } = {}): Promise<string | undefined> {
  const password = user === 'root' ? declaredSecret(NAMESPACE, 'etcd-mysql', 'root-password') : user;
  const client = ['mariadb', '--no-defaults', '-h', server.address, `-u${user}`, '--connect-timeout=4', '-B', ...(vertical ? ['-E'] : ['-N']), '-e', statement];
  // The client could not connect, or was left waiting. It also says 2002 when it is refused for too many connections (1040) before it could log in.
  return answer(server, ['env', `MYSQL_PWD=${password}`, ...client], { seconds: 8, silent: /ERROR (2002|2003|2013|2026)(?!.*\b1040\b)/ });
}

async function slaveStatus(replica: Server): Promise<Readonly<Record<string, string>>> {
  const text = (await sql(replica, 'SHOW SLAVE STATUS', { vertical: true })) ?? '';
  return Object.fromEntries(text.split('\n').flatMap((line) => (line.includes(': ') ? [line.trim().split(/: (.*)/, 2)] : [])));
}

const LAB_DATABASE = 'skiff_lab';
const WAY_TO_DATA = '/var/lib/skiff/etcd-mysql-0/mysql';
/** As mysql.sh makes it. */
const DATA_MODE = '755';

async function notAsDeclared(): Promise<Missing> {
  for (const [i, server] of (await databases()).entries()) {
    const asked = `SELECT @@read_only, @@max_connections, (SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '${LAB_DATABASE}')`;
    const found = (await sql(server, asked))?.replaceAll('\t', ' ');
    // Only the replica is declared read-only.
    if (found !== `${i} 50 0`) return `${server.pod}: read_only, max_connections, databases of faults are ${found ?? 'unknown: no answer'}`;
    const threads = Number((await sql(server, "SHOW GLOBAL STATUS LIKE 'Threads_connected'"))?.split('\t')[1]);
    if (!(threads < 20)) return `${server.pod} has ${threads} connections`;
  }
  const [, replica] = await databases();
  const { Slave_IO_Running: io, Slave_SQL_Running: applying, Seconds_Behind_Master: behind } = await slaveStatus(replica);
  if (io !== 'Yes' || applying !== 'Yes' || behind !== '0') return `replication: IO ${io}, SQL ${applying}, ${behind} s behind`;
  for (const exporter of EXPORTERS) if (!(await exporterUp(NAMESPACE, exporter))) return `${exporter} says that its server is down`;
  return undefined;
}

const NO_SUCH_TABLE = /ERROR (1146|1049|1051)/;

async function restoreReplication([primary, replica]: readonly [Server, Server]): Promise<void> {
  // The row that is in the way goes first, then the primary's own can be applied, then all of it goes on both.
  await sql(replica, `SET sql_log_bin = 0; DELETE FROM ${LAB_DATABASE}.conflict`).catch((error: unknown) => {
    if (!(error instanceof CommandFailed && NO_SUCH_TABLE.test(error.stderr))) throw error;
  });
  await sql(replica, 'START SLAVE');
  await sql(primary, `DROP DATABASE IF EXISTS ${LAB_DATABASE}`);
}

async function repair(): Promise<void> {
  endHolder();
  await onNode('node1', ['chmod', DATA_MODE, WAY_TO_DATA]);
  const [first] = (await pods(NAMESPACE, 'etcd-mysql')).filter(({ metadata }) => metadata.name === 'etcd-mysql-0');
  if (first !== undefined && marked(first)) await kubectl(['-n', NAMESPACE, 'delete', 'pod', 'etcd-mysql-0', '--wait=false']);
  await until('etcd-mysql to be as declared', 90, async () => {
    const both = await databases();
    await goOn(both);
    const aside = await notAsDeclared();
    if (aside === undefined) return undefined;
    await sql(both[0], 'SET GLOBAL read_only = 0');
    await sql(both[1], 'SET GLOBAL read_only = 1');
    await restoreReplication(both);
    return aside;
  });
}

const mysqlFault = (recipe: Pick<Recipe, 'id' | 'title' | 'inject' | 'missing' | 'showsWithinSeconds'>): Fault =>
  fault({
    ...recipe,
    inject: async () => {
      const aside = await notAsDeclared();
      if (aside !== undefined) throw new Error(`etcd-mysql is not well to begin with: ${aside}`);
      await recipe.inject();
    },
    areas: [AREA],
    namespaces: [NAMESPACE],
    limitSeconds: LIMIT_SECONDS,
    repair,
    left: notAsDeclared,
  });

const replicaHasLostItsPrimary = async (): Promise<Missing> => {
  const [, replica] = await databases();
  const { Slave_IO_Running: io } = await slaveStatus(replica);
  return io === 'Yes' ? 'the replica still believes that it is connected' : undefined;
};
const exporterSaysDown = async (): Promise<Missing> => ((await exporterUp(NAMESPACE, 'mysqld-exporter')) ? 'mysqld-exporter says that it is up' : undefined);

export const mysqlPrimaryDown = (): Fault =>
  mysqlFault({
    id: 'mysql-primary-down',
    title: 'The primary of etcd-mysql cannot start: it may not read its data directory, and ends over and over',
    inject: async () => {
      const [primary] = await databases();
      await onNode(primary.node, ['chmod', '000', WAY_TO_DATA]);
      await signal(primary, 'KILL');
    },
    missing: async () => {
      const [pod] = (await pods(NAMESPACE, 'etcd-mysql')).filter(({ metadata }) => metadata.name === 'etcd-mysql-0');
      const reason = pod === undefined ? 'no pod' : waiting(pod);
      if (reason !== 'CrashLoopBackOff') return `etcd-mysql-0 waits for ${reason}`;
      return (await replicaHasLostItsPrimary()) ?? (await exporterSaysDown());
    },
    showsWithinSeconds: 120,
  });

export const mysqlPrimaryHangs = (): Fault =>
  mysqlFault({
    id: 'mysql-primary-hangs',
    title: 'The primary of etcd-mysql hangs: its port accepts, no greeting comes',
    inject: async () => {
      const [primary] = await databases();
      await hang([primary]);
    },
    missing: async () => {
      const [primary] = await databases();
      if ((await sql(primary, 'SELECT 1')) !== undefined) return 'the primary answers';
      return replicaHasLostItsPrimary();
    },
  });

export const mysqlReplicationBroken = (): Fault =>
  mysqlFault({
    id: 'mysql-replication-broken',
    title: 'The SQL thread of the replica of etcd-mysql has stopped at a row that it already had (1062)',
    inject: async () => {
      const [primary, replica] = await databases();
      await sql(primary, `CREATE DATABASE ${LAB_DATABASE}; CREATE TABLE ${LAB_DATABASE}.conflict (id INT PRIMARY KEY)`);
      await until('the table to reach the replica', 20, async () => {
        await sql(replica, `SELECT * FROM ${LAB_DATABASE}.conflict`);
        return undefined;
      });
      await sql(replica, `SET sql_log_bin = 0; INSERT INTO ${LAB_DATABASE}.conflict VALUES (1)`);
      await sql(primary, `INSERT INTO ${LAB_DATABASE}.conflict VALUES (1)`);
    },
    missing: async () => {
      const [, replica] = await databases();
      const { Slave_SQL_Running: applying, Last_SQL_Errno: error } = await slaveStatus(replica);
      return applying === 'No' && error === '1062' ? undefined : `SQL thread ${applying}, error ${error}`;
    },
  });

const readOnly = async (i: 0 | 1) => sql((await databases())[i], 'SELECT @@read_only');

export const mysqlReadOnly = (): Fault =>
  mysqlFault({
    id: 'mysql-read-only',
    title: 'The primary of etcd-mysql is read-only',
    inject: async () => void (await sql((await databases())[0], 'SET GLOBAL read_only = 1')),
    missing: async () => ((await readOnly(0)) === '1' ? undefined : 'the primary takes writes'),
  });

export const mysqlTwoWriters = (): Fault =>
  mysqlFault({
    id: 'mysql-two-writers',
    title: 'The replica of etcd-mysql takes writes as well',
    inject: async () => void (await sql((await databases())[1], 'SET GLOBAL read_only = 0')),
    missing: async () => ((await readOnly(1)) === '0' ? undefined : 'the replica is read-only'),
  });

const HOLDER = { program: labFile('faults/hold-connections.ts'), pid: `${NOTES}/mysql-connections.pid`, log: `${NOTES}/mysql-connections.log` };

/** Ends the process that holds the connections, after making sure that the process with this id still is it. */
function endHolder(): void {
  try {
    const pid = Number(readFileSync(HOLDER.pid, 'utf8'));
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(HOLDER.program)) process.kill(pid, 'SIGKILL');
  } catch {
    // there is none
  }
  rmSync(HOLDER.pid, { force: true });
  rmSync(HOLDER.log, { force: true });
}

export const mysqlTooManyConnections = (): Fault =>
  mysqlFault({
    id: 'mysql-too-many-connections',
    title: 'All connections of the primary of etcd-mysql are taken',
    inject: async () => {
      const [primary] = await databases();
      const holder = readFileSync(`${RUN}/${primary.node}.holder.pid`, 'utf8').trim();
      // In the node's network only, so that the id is that of the process itself.
      const program = [process.execPath, HOLDER.program, primary.address, String(LIMIT_SECONDS)];
      const log = openSync(HOLDER.log, 'w');
      const child = spawn('nsenter', ['-t', holder, '-n', '--', ...program], { detached: true, stdio: ['ignore', log, log] });
      closeSync(log);
      child.unref();
      writeFileSync(HOLDER.pid, String(child.pid));
    },
    missing: async () => {
      const [primary] = await databases();
      try {
        // As an administrator, for whom one place is kept.
        await sql(primary, 'SELECT 1');
        return `the primary accepts one more; who takes them ${readFileSync(HOLDER.log, 'utf8').trimEnd().split('\n').at(-1) || 'says nothing'}`;
      } catch (error) {
        if (error instanceof CommandFailed && /\b1040\b/.test(error.stderr)) return exporterSaysDown();
        throw error;
      }
    },
  });
