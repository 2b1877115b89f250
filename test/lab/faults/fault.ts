/**
 * How a fault gets into the lab and out again. A fault that is in leaves a note in /run/skifflab/faults, and a guard process repairs it when its time
 * is up, even when the test that put it in is gone by then. Repairs need nothing from the injection: they restore what the lab's own manifests say, so
 * each can be run at any time and any number of times.
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { healthy, kubeconfigs, labFile, type Missing, type NodeName, RUN, until } from '../cluster.ts';

/** What a fault touches: a component as namespace/name, or all of the cluster. */
export type Area = 'cluster' | `${string}/${string}`;

export interface Fault {
  readonly id: string;
  readonly title: string;
  /** Faults can be in at the same time when they have no area in common and none of them touches the whole cluster. */
  readonly areas: readonly Area[];
  /** The kubeconfig to look at the cluster with while the fault is in: for faults of the way to the API server it is part of the fault. */
  readonly kubeconfig: string;
  /** The API server that still answers while the fault is in, for a test that wants to look behind it. */
  readonly through: NodeName;
  /** After this many seconds the guard repairs the fault by itself. */
  readonly limitSeconds: number;
  /** How long the lab may take to be healthy again after the repair. */
  readonly healsWithinSeconds: number;
  /** The namespaces whose objects show the fault. */
  readonly namespaces: readonly string[];
  /** Puts the fault in. When that fails half way, it repairs what it did and throws. */
  inject(): Promise<void>;
  /** Takes the fault out. Safe to repeat, and safe when the fault was never in. */
  repair(): Promise<void>;
  /**
   * While the fault is in: waits until the servers show it. After the repair: waits until the lab is healthy again, which it cannot be while another
   * fault is in. Bounded. Returns the ms it took.
   */
  settled(): Promise<number>;
  /** After the repair: what of it is still there that verify.sh does not look at. */
  left(): Promise<Missing>;
}

export interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly areas: readonly Area[];
  readonly kubeconfig?: string;
  readonly through?: NodeName;
  readonly limitSeconds?: number;
  readonly namespaces: readonly string[];
  readonly inject: () => Promise<void>;
  readonly repair: () => Promise<void>;
  /** What is still missing until the fault shows, or undefined when it shows. */
  readonly missing: () => Promise<Missing>;
  readonly left?: () => Promise<Missing>;
  readonly showsWithinSeconds?: number;
  readonly healsWithinSeconds?: number;
}

/** The notes, and whatever a fault keeps while it is in. */
export const NOTES = `${RUN}/faults`;
interface Note {
  readonly since: string;
  readonly areas: readonly Area[];
  readonly guard?: number | undefined;
}
const noteOf = (id: string): string => `${NOTES}/${id}.json`;
const readNote = (id: string): Note | undefined => (existsSync(noteOf(id)) ? (JSON.parse(readFileSync(noteOf(id), 'utf8')) as Note) : undefined);
/** Never half written, for another process may read it. */
function writeNote(id: string, note: Note): void {
  mkdirSync(NOTES, { recursive: true });
  writeFileSync(`${noteOf(id)}.new`, JSON.stringify(note));
  renameSync(`${noteOf(id)}.new`, noteOf(id));
}

/** The ids of the faults that are in now, or were when their test died. */
export function faultsThatAreIn(): string[] {
  if (!existsSync(NOTES)) return [];
  return readdirSync(NOTES).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []));
}

const share = (one: readonly Area[], other: readonly Area[]) => [...one, ...other].includes('cluster') || one.some((area) => other.includes(area));

function startGuard(id: string, seconds: number, since: string): number | undefined {
  const args = [labFile('faults.ts'), 'guard', id, String(seconds), since];
  const guard = spawn(process.execPath, args, { detached: true, stdio: 'ignore' });
  guard.unref();
  return guard.pid;
}

/** Ends a guard, after making sure that the process with this id still is one. */
function endGuard(id: string, pid: number | undefined): void {
  if (pid === undefined || pid === process.pid) return;
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`faults.ts\0guard\0${id}\0`)) process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}

/** What a guard does: repairs the fault when its time is up. It tries more than once, for an API server may be away for a moment. */
export async function guard(wanted: Fault, seconds: number, since: string): Promise<void> {
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  await wait(seconds * 1000);
  let failure: unknown;
  for (let i = 0; i < 5; i++) {
    // The note has another time when the fault was repaired and put in again: that one has a guard of its own.
    if (readNote(wanted.id)?.since !== since) return;
    try {
      await wanted.repair();
      return;
    } catch (error) {
      failure = error;
      await wait(10_000);
    }
  }
  throw failure;
}

export function fault(recipe: Recipe): Fault {
  const { id, title, areas, namespaces } = recipe;
  const limitSeconds = recipe.limitSeconds ?? 240;
  const repair = async () => {
    await recipe.repair();
    endGuard(id, readNote(id)?.guard);
    rmSync(noteOf(id), { force: true });
  };
  const made: Fault = {
    id,
    title,
    areas,
    namespaces,
    limitSeconds,
    healsWithinSeconds: recipe.healsWithinSeconds ?? 180,
    kubeconfig: recipe.kubeconfig ?? kubeconfigs.doctor,
    through: recipe.through ?? 'node1',
    repair,
    async inject() {
      // A note without areas is that of an older version.
      const others = faultsThatAreIn().filter((other) => share(areas, readNote(other)?.areas ?? ['cluster']));
      if (others.length > 0) throw new Error(`fault ${others.join(', ')} is in already and touches the same`);
      const since = new Date().toISOString();
      writeNote(id, { since, areas });
      writeNote(id, { since, areas, guard: startGuard(id, limitSeconds, since) });
      try {
        await recipe.inject();
      } catch (error) {
        await repair().catch((second: unknown) => {
          throw new AggregateError([error, second], `fault ${id} could neither be injected nor repaired`, { cause: error });
        });
        throw error;
      }
    },
    settled: () => (existsSync(noteOf(id)) ? until(`fault ${id} to show`, recipe.showsWithinSeconds ?? 90, recipe.missing) : healed([made])),
    left: recipe.left ?? (async () => undefined),
  };
  return made;
}

async function healed(repaired: readonly Fault[]): Promise<number> {
  const others = faultsThatAreIn();
  if (others.length > 0) throw new Error(`the lab cannot be healthy: fault ${others.join(', ')} is in`);
  const start = performance.now();
  await allOf(repaired.map((each) => until(`nothing of fault ${each.id} to be left`, each.healsWithinSeconds, each.left)));
  await healthy(Math.max(...repaired.map((each) => each.healsWithinSeconds)));
  return Math.round(performance.now() - start);
}

/** Waits for all of them, also when one fails, and then throws what they threw. */
async function allOf(tasks: readonly Promise<unknown>[]): Promise<void> {
  const errors = (await Promise.allSettled(tasks)).flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  throwAll(errors);
}
function throwAll(errors: readonly unknown[]): void {
  if (errors.length > 1) throw new AggregateError(errors, errors.map((error) => (error instanceof Error ? error.message : String(error))).join('\n'));
  if (errors.length === 1) throw errors[0];
}

/**
 * Puts several faults of different areas in at the same time, waits until all of them show, runs the body, takes them out and waits until the lab is
 * healthy, whatever happened. A fault that could not be put in is not repaired here: its injection did that, or another test has it in.
 */
export async function withFaults<T>(wanted: readonly Fault[], body: () => Promise<T>): Promise<T> {
  for (const [i, one] of wanted.entries()) {
    const rival = wanted.slice(i + 1).find((other) => share(one.areas, other.areas));
    if (rival !== undefined) throw new Error(`faults ${one.id} and ${rival.id} touch the same`);
  }
  const injected: Fault[] = [];
  const errors: unknown[] = [];
  const attempt = async <R>(task: () => Promise<R>): Promise<R | undefined> => {
    try {
      return await task();
    } catch (error) {
      errors.push(error);
      return undefined;
    }
  };
  const result = await attempt(async () => {
    await allOf(
      wanted.map(async (each) => {
        await each.inject();
        injected.push(each);
        await each.settled();
      }),
    );
    return { value: await body() };
  });
  const repaired = await attempt(async () => {
    await allOf(injected.map((each) => each.repair()));
    return true;
  });
  if (repaired === true && injected.length > 0) await attempt(() => healed(injected));
  throwAll(errors);
  if (result === undefined) throw new Error('the body did not run');
  return result.value;
}

/** The same with one fault. */
export const withFault = <T>(wanted: Fault, body: () => Promise<T>): Promise<T> => withFaults([wanted], body);
