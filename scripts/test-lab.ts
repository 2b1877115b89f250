/**
 * npm run test:lab [-- --keep]: the tests against the real cluster in test/lab. Brings it up when it is not, leaves it up when it was, and takes it down
 * when it brought it up itself, unless --keep. In CI it always starts from a lab without a past. On a machine that cannot host it, every test is shown as skipped, with the reason, and the run is no failure.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const MINUTES = 60_000;
const UP_LIMIT = 40 * MINUTES; // a cold machine installs packages and builds Kubernetes
const TEST_LIMIT = 50 * MINUTES;
const DOWN_LIMIT = 2 * MINUTES;
/** Written while a lab is up that a run of this script has started: a run that died leaves it, and the next one cleans up after it. */
const STARTED_BY_TESTS = '/run/skifflab.started-by-tests';

const root = fileURLToPath(new URL('..', import.meta.url));
const lab = (name: string): string => `${root}test/lab/${name}`;
const { values: options } = parseArgs({ options: { keep: { type: 'boolean', default: false } } });

let running: ChildProcess | undefined;
let interrupted: NodeJS.Signals | undefined;

/** Runs a program in a process group of its own, so that all of it can be ended. Returns its exit code. */
function run(program: string, args: readonly string[], limit: number, env: NodeJS.ProcessEnv = process.env): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true });
    running = child;
    const timer = setTimeout(() => {
      console.error(`${program} ${args[0] ?? ''} takes longer than ${limit / MINUTES} minutes: ending it`);
      end(child, 'SIGTERM');
      setTimeout(() => end(child, 'SIGKILL'), 10_000).unref();
    }, limit);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      running = undefined;
      resolve(code ?? 1);
    });
  });
}

function end(child: ChildProcess | undefined, signal: NodeJS.Signals): void {
  if (child?.pid === undefined || child.exitCode !== null) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // it has just ended
  }
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    interrupted = signal;
    end(running, signal);
  });
}

interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The totals at the end of a TAP report. Undefined when it has no end: the run was cut off. */
function readCounts(tap: string): Counts | undefined {
  const total = (name: string) => Number(tap.match(new RegExp(`^# ${name} (\\d+)$`, 'm'))?.[1] ?? Number.NaN);
  const counts = { passed: total('pass'), failed: total('fail') + total('cancelled'), skipped: total('skipped') + total('todo') };
  return Object.values(counts).some(Number.isNaN) ? undefined : counts;
}

interface Outcome {
  readonly code: number;
  /** The last line of the run. */
  readonly line: string;
}
const INTERRUPTED: Outcome = { code: 130, line: 'interrupted' };

/** Runs the test files, or shows them all as skipped for a reason. */
async function test(reason?: string): Promise<Outcome> {
  const reports = mkdtempSync(`${tmpdir()}/skiffctl-lab-`);
  try {
    const files = globSync('test/lab/*.test.ts', { cwd: root }).sort();
    const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', '--test-reporter=tap', `--test-reporter-destination=${reports}/tap`];
    const skip = reason === undefined ? [] : [`--import=${lab('skip-all.ts')}`];
    const env = reason === undefined ? process.env : { ...process.env, SKIFF_LAB_MISSING: reason };
    const code = await run(process.execPath, [...skip, '--test', '--test-concurrency=1', ...reporters, ...files], TEST_LIMIT, env);
    const counts = existsSync(`${reports}/tap`) ? readCounts(readFileSync(`${reports}/tap`, 'utf8')) : undefined;
    if (counts === undefined) return { code: 1, line: 'the lab tests did not come to their end' };
    const line = `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`;
    return { code: code !== 0 || counts.failed > 0 ? 1 : 0, line };
  } finally {
    rmSync(reports, { recursive: true, force: true });
  }
}

/** Whether a lab runs here now. One that a dead run of this script has started counts as ours. */
function isUpForOthers(): boolean {
  if (existsSync(STARTED_BY_TESTS)) return false;
  return spawnSync(lab('verify.sh'), ['--running'], { stdio: 'ignore', timeout: 30_000 }).status === 0;
}

async function main(): Promise<Outcome> {
  const able = spawnSync('bash', [lab('can-host.sh')], { encoding: 'utf8', timeout: 60_000 });
  if (able.status !== 0) {
    const reason = able.stdout.trim() || able.error?.message || 'can-host.sh failed';
    console.log(`\n!!! THE LAB TESTS ARE SKIPPED: ${reason}\n`);
    return test(reason);
  }
  const ours = !isUpForOthers();
  if (ours) writeFileSync(STARTED_BY_TESTS, '');
  const repair = () => run(process.execPath, [lab('faults.ts'), 'repair-all'], 5 * MINUTES);
  try {
    // Faults that a dead run has left behind would keep the lab from getting healthy.
    await repair();
    if (interrupted !== undefined) return INTERRUPTED;
    // Restart counts outlive the faults that made them, and are rightly reported: CI measures itself on a lab that has none.
    if (process.env['CI'] !== undefined) await run('bash', [lab('down.sh'), '--purge'], DOWN_LIMIT);
    if ((await run('bash', [lab('up.sh')], UP_LIMIT)) !== 0) return { code: 1, line: 'the lab did not come up: no test was run' };
    return interrupted === undefined ? await test() : INTERRUPTED;
  } finally {
    await repair().catch(() => {});
    if (ours && !options.keep) {
      await run('bash', [lab('down.sh')], DOWN_LIMIT).catch(() => {});
    }
    if (ours) rmSync(STARTED_BY_TESTS, { force: true });
  }
}

const { code, line } = await main();
console.log(interrupted === undefined ? line : INTERRUPTED.line);
process.exitCode = interrupted === undefined ? code : INTERRUPTED.code;
