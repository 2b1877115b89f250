/**
 * Programs that judge outputs (Prometheus, its node_exporter, Alertmanager), started by a test on the loopback interface for as long as it needs them, and
 * ended by their process id.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { until } from './cluster.ts';

/** Why a test is skipped: the programs that it needs and this machine has not. False when all of them are here. */
export function lacking(...programs: readonly string[]): string | false {
  const missing = programs.filter((program) => spawnSync(program, ['--version'], { stdio: 'ignore', timeout: 10_000 }).error !== undefined);
  return missing.length === 0 ? false : `this machine has no ${missing.join(', ')}`;
}

export interface Program extends AsyncDisposable {
  /** For example `http://127.0.0.1:40123`. */
  readonly url: string;
  /** GET of a path of it, as JSON. */
  json<T>(path: string): Promise<T>;
}

/** Starts a program that serves HTTP at the port it is given, and waits until `ready` answers 200. */
export async function program(name: string, args: (port: number) => readonly string[], ready: string): Promise<Program> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(name, [...args(port)], { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (chunk: string) => (said = (said + chunk).slice(-4000)));
  const spawned = new Promise<void>((resolve, reject) => child.once('spawn', resolve).once('error', reject));
  try {
    await spawned;
    await until(
      `${name} at ${url}${ready}`,
      30,
      async () => {
        if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}: ${said}`);
        const { status } = await fetch(url + ready, { signal: AbortSignal.timeout(2000) });
        return status === 200 ? undefined : `it answers ${status}`;
      },
      200,
    );
  } catch (error) {
    await end(child);
    throw error;
  }
  return {
    url,
    async json<T>(path: string): Promise<T> {
      const answer = await fetch(url + path, { signal: AbortSignal.timeout(5000) });
      if (!answer.ok) throw new Error(`GET ${path}: ${answer.status} ${await answer.text()}`);
      return (await answer.json()) as T;
    },
    [Symbol.asyncDispose]: () => end(child),
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.pid === undefined) return;
  const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000);
  await closed;
  clearTimeout(timer);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
