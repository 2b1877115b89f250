import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { inventory } from '../../checks/inventory/index.ts';
import type { Io } from '../../src/cli/io.ts';
import { run } from '../../src/main.ts';
import type { Report } from '../../src/model/report.ts';
import { type Scenario, SIMULATED_CREDENTIALS, type Simulation, type SimulationOptions, startSimulation } from '../../src/sim/index.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly directory?: string;
  readonly signal?: AbortSignal;
  readonly columns?: number;
  /** Told of everything that goes to stderr, as it does. */
  readonly onStderr?: (text: string) => void;
}

/** Runs a command line in this process, off a terminal, with an environment of its own. */
export async function skiffctl(args: readonly string[], options: RunOptions = {}): Promise<Ran> {
  let stdout = '';
  let stderr = '';
  const directory = options.directory ?? tmpdir();
  const io: Io = {
    env: { HOME: '/nonexistent', LANG: 'C.UTF-8', SKIFFCTL_SECOND_LOOK: '0', ...options.env },
    directory,
    stdout: { write: (text) => void (stdout += text), isTerminal: false, columns: options.columns },
    stderr: {
      write(text) {
        stderr += text;
        options.onStderr?.(text);
      },
      isTerminal: false,
      columns: undefined,
    },
    signal: options.signal ?? new AbortController().signal,
    readText: (path) => readFileSync(resolve(directory, path), 'utf8'),
    writeWhole(path, text, { parents = false } = {}) {
      const target = resolve(directory, path);
      if (parents) mkdirSync(dirname(target), { recursive: true });
      writeFileSync(target, text);
    },
  };
  const code = await run(args, io);
  return { code, stdout, stderr };
}

export interface Bench extends AsyncDisposable {
  readonly simulation: Simulation;
  readonly directory: string;
  readonly kubeconfig: string;
  /** Writes a file into the directory, for example skiffctl.yaml, and returns its path. */
  write(name: string, text: string): string;
  run(args: readonly string[], options?: RunOptions): Promise<Ran>;
  doctor(...args: readonly string[]): Promise<Ran & { readonly report: Report }>;
}

/** A simulated cluster, a directory, and the command line between them. */
export async function bench(scenario: string | Scenario, options: Partial<SimulationOptions> = {}): Promise<Bench> {
  const simulation = await startSimulation(scenario, { inventory, dialTimeoutMs: 300, ...options });
  const directory = mkdtempSync(join(tmpdir(), 'skiffctl-test-'));
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, simulation.kubeconfig);
  const execute = (args: readonly string[], given: RunOptions = {}): Promise<Ran> =>
    skiffctl(args, { directory, ...given, env: { ...SIMULATED_CREDENTIALS, ...given.env } });
  return {
    simulation,
    directory,
    kubeconfig,
    write(name, text) {
      const path = join(directory, name);
      writeFileSync(path, text);
      return path;
    },
    run: execute,
    async doctor(...args) {
      const ran = await execute(['doctor', '--kubeconfig', kubeconfig, '-o', 'json', '--lang', 'en', '--qps', '1000', ...args]);
      return { ...ran, report: JSON.parse(ran.stdout) as Report };
    },
    async [Symbol.asyncDispose]() {
      await simulation.close();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
