import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, connect as netConnect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A real server of this machine, on loopback, in a directory of its own. */
export interface RealServer extends AsyncDisposable {
  readonly port: number;
  readonly directory: string;
  /** Everything that it logged so far. */
  readonly log: string;
  /** Stops it where it is, with its connections open, as a process that hangs. */
  freeze(): Promise<void>;
}

const POSTGRES = ['/usr/lib/postgresql/15/bin', '/usr/lib/postgresql/16/bin', '/usr/lib/postgresql/17/bin', '/usr/bin'].find((directory) =>
  existsSync(join(directory, 'postgres')),
);

/** Why a test with a real server cannot run here; false when it can. For `skip` of node:test. */
export const without = {
  redis: missing('/usr/bin/redis-server'),
  mariadb: missing('/usr/sbin/mariadbd') || missing('/usr/bin/mariadb-install-db'),
  postgres: POSTGRES === undefined && 'postgres is not installed here',
  etcd: missing('/usr/bin/etcd'),
};

function missing(path: string): string | false {
  return !existsSync(path) && `${path} is not installed here`;
}

/** Starts `redis-server` with these lines as its configuration; as a Sentinel when they watch a master. */
export async function startRedis(config: string): Promise<RealServer> {
  return started(async (directory, port, run, _user, { uid }) => {
    const path = join(directory, 'redis.conf');
    writeFileSync(path, `bind 127.0.0.1\nport ${port}\ndir ${directory}\nsave ""\ndaemonize no\n${config}\n`);
    // A Sentinel writes into its own.
    if (uid !== undefined) chownSync(path, uid, uid);
    return run('/usr/bin/redis-server', [path, ...(/^sentinel monitor/m.test(config) ? ['--sentinel'] : [])]);
  });
}

/** A MariaDB with these statements already run. */
export async function startMariadb(statements: string, ...options: readonly string[]): Promise<RealServer> {
  return started(async (directory, port, run, user) => {
    const data = join(directory, 'data');
    const socket = join(directory, 'socket');
    execFileSync(
      '/usr/bin/mariadb-install-db',
      ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db', '--skip-name-resolve', `--user=${user}`],
      { stdio: 'ignore' },
    );
    writeFileSync(join(directory, 'init.sql'), `${statements}\n`);
    return run('/usr/sbin/mariadbd', [
      '--no-defaults',
      `--datadir=${data}`,
      `--socket=${socket}`,
      `--port=${port}`,
      `--init-file=${join(directory, 'init.sql')}`,
      `--pid-file=${join(directory, 'pid')}`,
      `--user=${user}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-buffer-pool-size=16M',
      '--innodb-log-file-size=8M',
      ...options,
    ]);
  }, /ready for connections/);
}

export interface PostgresOptions {
  /** `name=value` */
  readonly settings?: readonly string[];
  /** PEM. With it the server speaks TLS. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A PostgreSQL with these statements already run and this pg_hba.conf. */
export async function startPostgres(statements: string, hba: string, { settings = [], tls }: PostgresOptions = {}): Promise<RealServer> {
  const bin = POSTGRES ?? '';
  return started(async (directory, port, run, _user, as) => {
    const data = join(directory, 'data');
    execFileSync(join(bin, 'initdb'), ['-D', data, '-A', 'trust', '-U', 'postgres', '-N', '--no-locale', '-E', 'UTF8'], { ...as, stdio: 'ignore' });
    const input = `${statements.replaceAll(';', ';\n\n')}\n`;
    execFileSync(join(bin, 'postgres'), ['--single', '-j', '-D', data, 'postgres'], { ...as, input, stdio: ['pipe', 'ignore', 'ignore'] });
    writeFileSync(join(data, 'pg_hba.conf'), `${hba}\n`);
    const own = ['listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${directory}`, 'fsync=off', 'shared_buffers=16MB'];
    if (tls !== undefined) {
      const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
      writeFileSync(certificate, tls.certificate);
      writeFileSync(key, tls.key, { mode: 0o600 });
      if (as.uid !== undefined) chownSync(key, as.uid, as.uid);
      own.push('ssl=on', `ssl_cert_file=${certificate}`, `ssl_key_file=${key}`);
    }
    return run(join(bin, 'postgres'), ['-D', data, ...[...own, ...settings].flatMap((setting) => ['-c', setting])]);
  }, /ready to accept connections/);
}

/** One etcd by itself. */
export async function startEtcd(): Promise<RealServer> {
  return started(async (directory, port, run) => {
    const peer = await freePort();
    return run('/usr/bin/etcd', [
      `--data-dir=${join(directory, 'data')}`,
      `--listen-client-urls=http://127.0.0.1:${port}`,
      `--advertise-client-urls=http://127.0.0.1:${port}`,
      `--listen-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-advertise-peer-urls=http://127.0.0.1:${peer}`,
      `--initial-cluster=default=http://127.0.0.1:${peer}`,
    ]);
  });
}

interface As {
  readonly uid?: number;
  readonly gid?: number;
}
type Run = (command: string, args: readonly string[]) => ChildProcess;
type Start = (directory: string, port: number, run: Run, user: string, as: As) => Promise<ChildProcess>;

/** Database servers refuse to be root; whoever runs the tests as root runs them as nobody. */
const IS_ROOT = process.getuid?.() === 0;
const NOBODY = 65_534;

/** `ready`: what it logs when it serves, which may be later than it listens. */
async function started(start: Start, ready?: RegExp): Promise<RealServer> {
  const directory = mkdtempSync(join(tmpdir(), 'skiffctl-server-'));
  const as: As = IS_ROOT ? { uid: NOBODY, gid: NOBODY } : {};
  if (IS_ROOT) chownSync(directory, NOBODY, NOBODY);
  mkdirSync(join(directory, 'run'));
  const port = await freePort();
  let log = '';
  const run: Run = (command, args) => {
    const child = spawn(command, args, {
      ...as,
      cwd: directory,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', TZ: 'UTC', LC_ALL: 'C.UTF-8' },
    });
    const keep = (piece: Buffer): void => {
      log = (log + piece.toString()).slice(-65_536);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    return child;
  };
  const child = await start(directory, port, run, IS_ROOT ? 'nobody' : (process.env['USER'] ?? ''), as);
  const kill = (): void => signal(child, IS_POSTGRES.test(child.spawnfile) ? 'SIGQUIT' : 'SIGKILL');
  process.once('exit', kill);
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const stop = async (): Promise<void> => {
    kill();
    await ended;
    process.off('exit', kill);
    child.stdout?.destroy();
    child.stderr?.destroy();
    rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  };
  try {
    await listening(child, port);
    for (let tries = 0; ready?.test(log) === false && tries < 1000; tries += 1) await new Promise((resolve) => setTimeout(resolve, 10));
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message}\n${log}`, { cause: error });
  }
  return {
    port,
    directory,
    get log() {
      return log;
    },
    async freeze() {
      // PostgreSQL has a process for each connection.
      const pids = [child.pid ?? 0, ...descendants(child.pid ?? 0)];
      for (const pid of pids) ifThere(() => process.kill(pid, 'SIGSTOP'), true);
      while (!pids.every(isStopped)) await new Promise((resolve) => setTimeout(resolve, 5));
    },
    [Symbol.asyncDispose]: stop,
  };
}

/** PostgreSQL is asked to end at once: killed, it leaves its shared memory behind. What is frozen hears nothing before it goes on. */
const IS_POSTGRES = /postgres$/;

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  for (const pid of [child.pid, ...descendants(child.pid)]) ifThere(() => process.kill(pid, 'SIGCONT'), true);
  child.kill(name);
}

function descendants(pid: number): readonly number[] {
  const children = ifThere(() => readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8'), '');
  return [...children.matchAll(/\d+/g)].map(Number).flatMap((each) => [each, ...descendants(each)]);
}

/** A process may end while it is looked at. */
function ifThere<T>(look: () => T, otherwise: T): T {
  try {
    return look();
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return otherwise;
    throw error;
  }
}

/** Every thread of it: the signal reaches them one after the other. */
function isStopped(pid: number): boolean {
  return ifThere(() => readdirSync(`/proc/${pid}/task`).every((thread) => /\) T /.test(readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8'))), true);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  for (let tries = 0; tries < 300; tries += 1) {
    if (child.exitCode !== null || child.signalCode !== null) throw new Error('The server ended at once.');
    const open = await new Promise<boolean>((resolve) => {
      const socket = netConnect({ port, host: '127.0.0.1' });
      socket.once('connect', () => {
        socket.destroy();
        resolve(true);
      });
      socket.once('error', () => resolve(false));
    });
    if (open) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error('The server does not listen.');
}
