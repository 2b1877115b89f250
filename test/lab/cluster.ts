/**
 * The lab as tests see it: where it keeps things, and how to ask or do something there. Everything that waits is bounded and says what it
 * waited for. It asks through kubectl and never through the code under test, so that a fault of ours cannot hide itself.
 */
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';

export const STATE = '/var/lib/skifflab';
export const RUN = '/run/skifflab';
export const CACHE = '/var/cache/skifflab';

export const NODES = ['node1', 'node2', 'node3'] as const;
export type NodeName = (typeof NODES)[number];

/** This machine's own address in the lab's network: the operator's laptop. */
export const OPS_ADDRESS = '10.99.0.1';
export const MASTER_VIP = '10.99.0.100';
export const INGRESS_VIP = '10.99.0.200';
export const API_PORT = 6443;

export const kubeconfigs = {
  /** system:masters, the API server of node1. */
  admin: `${STATE}/admin.kubeconfig`,
  /** The same person through the address that keepalived holds. */
  adminThroughVip: `${STATE}/admin-vip.kubeconfig`,
  /** What an operator who may only look would hold. */
  doctor: `${STATE}/doctor.kubeconfig`,
  /** May see the namespace skiff-apm and nothing else. */
  apmViewer: `${STATE}/apm-viewer.kubeconfig`,
  /** A certificate of another CA: 401. */
  stranger: `${STATE}/stranger.kubeconfig`,
} as const;

export const nodeAddress = (node: NodeName): string => `10.99.0.1${node.slice(4)}`;
export const labFile = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

export class CommandFailed extends Error {
  readonly stdout: string;
  readonly stderr: string;
  constructor(message: string, stdout: string, stderr: string) {
    super(`${message}${stderr === '' ? '' : `\n${stderr.trimEnd()}`}`);
    this.name = 'CommandFailed';
    this.stdout = stdout;
    this.stderr = stderr;
  }
}

export interface CommandOptions {
  readonly input?: string;
  readonly timeoutMs?: number;
}

/** Runs a program to its end and returns what it printed. Throws CommandFailed when it ends badly or takes too long. */
export function command(program: string, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const timeout = options.timeoutMs ?? 30_000;
  // The lab is on this machine: a proxy that the machine has for the outside must not be asked for it.
  const { HTTP_PROXY: _1, HTTPS_PROXY: _2, ALL_PROXY: _3, http_proxy: _4, https_proxy: _5, all_proxy: _6, KUBECONFIG: _7, ...env } = process.env;
  return new Promise((resolve, reject) => {
    const child = execFile(program, [...args], { timeout, killSignal: 'SIGKILL', maxBuffer: 256 << 20, env }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const why = error.killed === true ? `took longer than ${timeout} ms` : `ended with ${String(error.code ?? error.signal)}`;
      reject(new CommandFailed(`${program} ${args.join(' ')} ${why}`, stdout, stderr));
    });
    child.stdin?.on('error', () => {}); // a program that does not read its input may be gone already
    child.stdin?.end(options.input ?? '');
  });
}

export interface KubectlOptions extends CommandOptions {
  readonly kubeconfig?: string;
  /** Ask this node's API server rather than the one in the kubeconfig. */
  readonly through?: NodeName;
}

export function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  const timeoutMs = options.timeoutMs ?? 30_000;
  const server = options.through === undefined ? [] : [`--server=https://${nodeAddress(options.through)}:${API_PORT}`];
  const common = [`--kubeconfig=${options.kubeconfig ?? kubeconfigs.admin}`, `--request-timeout=${Math.ceil(timeoutMs / 1000)}s`, ...server];
  // kubectl itself should say what took too long; only a kubectl that hangs is killed
  return command('kubectl', [...common, ...args], { ...options, timeoutMs: timeoutMs + 15_000 });
}

/** The API server's own JSON for a path such as `/api/v1/nodes`. */
export async function read<T>(path: string, options: KubectlOptions = {}): Promise<T> {
  return JSON.parse(await kubectl(['get', '--raw', path], options)) as T;
}

/** Runs a command on a node, in all of its namespaces. */
export function onNode(node: NodeName, args: readonly string[], options: CommandOptions = {}): Promise<string> {
  const holder = readFileSync(`${RUN}/${node}.holder.pid`, 'utf8').trim();
  return command('nsenter', ['-t', holder, '-m', '-u', '-i', '-n', '-p', '--', ...args], options);
}

/** The node's own iptables. The directory comes first because the node's tables are the legacy ones. */
export function nodeIptables(node: NodeName, args: readonly string[]): Promise<string> {
  return onNode(node, [`${CACHE}/bin/iptables`, '-w', '5', ...args]);
}

export type Missing = string | undefined;

/**
 * Asks `probe` again and again until it has nothing missing, and returns the time that took in ms. What the probe throws counts as missing: the
 * API server may well be away for a moment. Throws after `seconds`, with what was waited for and what was missing last.
 */
export async function until(what: string, seconds: number, probe: () => Promise<Missing>, everyMs = 1000): Promise<number> {
  const start = performance.now();
  for (;;) {
    let missing: Missing;
    try {
      missing = await probe();
    } catch (error) {
      missing = error instanceof Error ? error.message : String(error);
    }
    const elapsed = performance.now() - start;
    if (missing === undefined) return Math.round(elapsed);
    if (elapsed > seconds * 1000) throw new Error(`waited ${seconds} s for ${what}: ${missing}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

export type Connection = 'accepted' | 'refused' | 'no answer' | 'unreachable';

/** How a plain TCP connection from the operator's laptop ends. */
export function connection(host: string, port: number, timeoutMs = 2000): Promise<Connection> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (result: Connection) => {
      socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => end('no answer'));
    socket.once('connect', () => end('accepted'));
    socket.once('error', (error: NodeJS.ErrnoException) => end(error.code === 'ECONNREFUSED' ? 'refused' : 'unreachable'));
  });
}

/** The nodes that hold a virtual address right now. Exactly one should. */
export async function holdersOf(address: string): Promise<NodeName[]> {
  const lists = await Promise.all(NODES.map((node) => onNode(node, ['ip', '-o', '-4', 'addr', 'show', 'dev', 'eth0'])));
  return NODES.filter((_, i) => lists[i]?.includes(` ${address}/`));
}

/** Waits until verify.sh finds nothing wrong behind the pods' Ready. Returns the time that took in ms. */
export function healthy(seconds = 180): Promise<number> {
  return until('a healthy lab', seconds, async () => {
    try {
      await command(labFile('verify.sh'), [], { timeoutMs: 90_000 });
      return undefined;
    } catch (error) {
      if (!(error instanceof CommandFailed)) throw error;
      const bad = error.stdout.split('\n').filter((line) => line.startsWith('NOT OK'));
      return bad.length > 0 ? bad.join('; ') : error.message;
    }
  });
}
