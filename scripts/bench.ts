import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { styleText } from 'node:util';
import type { RequestRecord } from '../src/sim/index.ts';

/**
 * `npm run bench`: start-up, reading and cost, each as a ratio within this run, because the machines it runs on differ and are noisy. Commands are
 * run in turn (A B A B …) and compared by their medians. Exit code 0 whether or not an aim is met, unless --check is given: then 1 for a missed bound of
 * cost or memory, which do not depend on the machine's speed.
 */
const root = join(import.meta.dirname, '..');
const launcher = join(root, 'bin', 'skiffctl.js');
const node = process.execPath;
const runs = 15;
const directory = mkdtempSync(join(tmpdir(), 'skiffctl-bench-'));
const children: ChildProcess[] = [];
let missed = 0;

interface Server {
  readonly kubeconfig: string;
  readonly url: string;
  readonly token: string;
  readonly authority: string;
  requests(): Promise<readonly RequestRecord[]>;
  reset(): Promise<void>;
}

async function startServer(name: string, scale: Readonly<Record<string, number>>): Promise<Server> {
  const child = fork(join(root, 'test/bench/server.ts'), [JSON.stringify(scale)], { execPath: node, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  children.push(child);
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      child.once('message', (message) => resolve(message as T));
      child.once('exit', (code) => reject(new Error(`the simulated cluster ended with ${String(code)}`)));
    });
  const { kubeconfig, url, token, authority } = await next<{ kubeconfig: string; url: string; token: string; authority: string }>();
  const path = join(directory, `${name}.kubeconfig`);
  writeFileSync(path, kubeconfig);
  const ask = async <T>(question: string): Promise<T> => {
    const answer = next<T>();
    child.send({ ask: question });
    return answer;
  };
  return {
    kubeconfig: path,
    url,
    token,
    authority,
    requests: async () => (await ask<{ requests: readonly RequestRecord[] }>('requests')).requests,
    reset: async () => void (await ask('reset')),
  };
}

function timed(command: string, args: readonly string[]): number {
  const started = performance.now();
  const { status, stderr } = spawnSync(command, [...args], { encoding: 'utf8', maxBuffer: 1 << 30, timeout: 60_000 });
  const elapsed = performance.now() - started;
  if (status === null || status >= 64) throw new Error(`${command} ${args.join(' ')} ended with ${String(status)}: ${stderr}`);
  return elapsed;
}

/** Wall time from the start of the process until its first request. */
async function untilFirstRequest(server: Server): Promise<number> {
  // A listener of our own in front of nothing: the process' first bytes of a TLS handshake are its first request.
  const { createServer } = await import('node:net');
  return new Promise((resolve, reject) => {
    const limit = setTimeout(() => reject(new Error('the doctor made no request within 20 s')), 20_000);
    const listener = createServer((socket) => {
      const elapsed = performance.now() - started;
      socket.destroy();
      child.kill('SIGKILL');
      clearTimeout(limit);
      listener.close(() => resolve(elapsed));
    });
    let started = 0;
    let child: ChildProcess;
    listener.listen(0, '127.0.0.1', () => {
      const address = listener.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      started = performance.now();
      child = spawn(node, [launcher, 'doctor', '--kubeconfig', server.kubeconfig, '--server', `https://127.0.0.1:${port}`, '-o', 'json'], { stdio: 'ignore' });
      child.on('error', reject);
    });
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

function line(what: string, measured: string, aim: string, ok: boolean): void {
  process.stdout.write(`${styleText(ok ? 'green' : 'yellow', ok ? '✔' : '!')} ${what.padEnd(58)} ${measured.padEnd(30)} aim ${aim}\n`);
}

async function startUp(server: Server): Promise<void> {
  const bare: number[] = [];
  const version: number[] = [];
  const request: number[] = [];
  for (let run = 0; run <= runs; run += 1) {
    const sample = [timed(node, ['-e', '0']), timed(node, [launcher, '--version']), await untilFirstRequest(server)] as const;
    if (run === 0) continue; // the first fills the compile cache
    bare.push(sample[0]);
    version.push(sample[1]);
    request.push(sample[2]);
  }
  const [a, b] = [median(version) / median(bare), median(request) / median(bare)];
  line('start of --version to node -e 0', `${a.toFixed(2)}× (${median(version).toFixed(0)} ms to ${median(bare).toFixed(0)} ms)`, '1.1', a <= 1.15);
  line('doctor up to its first request to node -e 0', `${b.toFixed(2)}× (${median(request).toFixed(0)} ms to ${median(bare).toFixed(0)} ms)`, '3.0', b <= 3.05);
}

async function reading(server: Server): Promise<void> {
  if (spawnSync('curl', ['--version']).status !== 0) {
    process.stdout.write('- reading 5,000 pods to curl: skipped, there is no curl\n');
    return;
  }
  const ca = join(directory, 'ca.pem');
  writeFileSync(ca, server.authority);
  const whole = ['-sS', '-o', '/dev/null', '--cacert', ca, '-H', `Authorization: Bearer ${server.token}`, `${server.url}/api/v1/pods`];
  const curl: number[] = [];
  const ours: number[] = [];
  for (let run = 0; run < 7; run += 1) {
    curl.push(timed('curl', whole));
    const { stdout } = spawnSync(node, [join(root, 'test/bench/read-pods.ts'), server.kubeconfig], { encoding: 'utf8' });
    ours.push((JSON.parse(stdout) as { elapsedMs: number }).elapsedMs);
  }
  const ratio = median(ours) / median(curl);
  line(
    'reading 5,000 pods, beyond start-up, to curl of the same bytes',
    `${ratio.toFixed(2)}× (${median(ours).toFixed(0)} ms to ${median(curl).toFixed(0)} ms)`,
    '1.2',
    ratio <= 1.2,
  );
}

interface Cost {
  readonly byNamespace: ReadonlyMap<string, number>;
  readonly unbounded: readonly string[];
  readonly total: number;
  readonly peakMb: number;
}

/** One doctor run against a server: its requests by namespace, its lists without a bound, and its largest resident memory. */
async function cost(server: Server): Promise<Cost> {
  await server.reset();
  const child = spawn(node, [launcher, 'doctor', '--kubeconfig', server.kubeconfig, '-o', 'json', '--timeout', '120s'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let peakMb = 0;
  const watch = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${String(child.pid)}/status`, 'utf8');
      peakMb = Math.max(peakMb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
    } catch {
      // it has ended
    }
  }, 20);
  const limit = setTimeout(() => child.kill('SIGKILL'), 150_000);
  await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(limit);
  clearInterval(watch);
  const requests = await server.requests();
  const byNamespace = new Map<string, number>();
  for (const request of requests) if (request.namespace !== '') byNamespace.set(request.namespace, (byNamespace.get(request.namespace) ?? 0) + 1);
  const unbounded = requests
    .filter((request) => request.verb === 'list' && request.namespace === '' && !request.path.includes('limit='))
    .map((request) => request.path);
  return { byNamespace, unbounded, total: requests.length, peakMb };
}

async function costs(small: Server, large: Server): Promise<void> {
  const [before, after] = [await cost(small), await cost(large)];
  const differing = [...after.byNamespace].filter(
    ([namespace, count]) => count !== (before.byNamespace.get(namespace) ?? 0) && !namespace.startsWith('tenant-'),
  );
  const foreign = [...after.byNamespace.keys()].filter((namespace) => namespace.startsWith('tenant-'));
  const bound = (ok: boolean): boolean => {
    if (!ok) missed += 1;
    return ok;
  };
  line(
    'requests per inventory namespace, large cluster to small',
    differing.length === 0 ? `the same in ${after.byNamespace.size}` : differing.map(([name, count]) => `${name} ${count}`).join(', '),
    'the same',
    bound(differing.length === 0),
  );
  line('requests to foreign namespaces', String(foreign.length), '0', bound(foreign.length === 0));
  line('cluster-wide lists without a bound', after.unbounded.length === 0 ? '0' : after.unbounded.join(', '), '0', bound(after.unbounded.length === 0));
  line('requests in all, small and large', `${before.total} and ${after.total}`, 'equal but for pages', bound(after.total <= before.total + 4));
  line(
    'largest resident memory, large cluster',
    `${after.peakMb.toFixed(0)} MB (small: ${before.peakMb.toFixed(0)} MB)`,
    'under 150 MB',
    bound(after.peakMb < 150),
  );
}

try {
  process.stdout.write(`Node ${process.versions.node}, medians of ${runs} runs in turn\n`);
  const small = await startServer('small', {});
  await startUp(small);
  const large = await startServer('large', { foreignNamespaces: 200, foreignPods: 5000, nodes: 500 });
  await reading(large);
  await costs(small, large);
} finally {
  for (const child of children) if (child.connected) child.send({ ask: 'close' });
  rmSync(directory, { recursive: true, force: true });
}
process.exitCode = process.argv.includes('--check') && missed > 0 ? 1 : 0;
