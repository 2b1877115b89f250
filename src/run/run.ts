import type { AnyCheck } from '../model/check.ts';
import type { Discovery, FoundComponent } from '../model/component.ts';
import { type ConnectionProblem, ProbeError, type Problem } from '../model/problem.ts';
import { type Change, type ProbeRecord, RECORDING_VERSION, type Recording } from '../model/recording.ts';
import type { Cost } from '../model/report.ts';
import { withDeadline } from './deadline.ts';
import type { RunListener } from './events.ts';
import { EVERYTHING, planProbes, type Selection } from './plan.ts';
import { type ClusterReaders, type ProbeTask, runProbe } from './probe.ts';
import { schedule } from './schedule.ts';
import { needsSecondLook } from './second-look.ts';

export interface RunOptions {
  readonly tool: Recording['tool'];
  readonly checks: ReadonlyMap<string, AnyCheck>;
  /** What to look at, chosen once it is known what is there. May throw for a choice that fits nothing. */
  readonly select: (discovery: Discovery) => Selection;
  /** Longest time for the whole run, in ms; what is done by then is reported. */
  readonly deadlineMs: number;
  /** Longest time for one probe, in ms. */
  readonly probeTimeoutMs: number;
  /** Probes at a time. */
  readonly concurrency: number;
  readonly loadProblems: Recording['loadProblems'];
  /** Pause before what is red is looked at once more, in ms; 0: no second look. */
  readonly secondLookMs: number;
  /** Kept in the recording; `select` plans for it. */
  readonly change?: Change;
  readonly listen?: RunListener;
}

/** The cluster that a run looks at, once it has answered. */
export interface RunCluster extends ClusterReaders {
  readonly name: string;
  readonly server: string;
  readonly kubernetesVersion: string;
  /** The same cluster with nothing of what it has said so far. */
  afresh(): ClusterReaders;
  cost(probes: number, wallMs: number): Cost;
}

/** The id of the component that stands for the API server, and of the check that speaks of reaching it. */
const API_SERVER = 'kube-system/kube-apiserver';
const API_SERVER_CHECK = 'kube-apiserver';

/**
 * Discovers, plans and probes, bounded by one deadline and by the signal of an interrupt: what is done by then is in the recording, and what is not
 * is a blind spot in it.
 */
export async function record(
  cluster: RunCluster,
  discover: (cluster: RunCluster) => Promise<Discovery>,
  unseen: (problem: Problem) => Discovery,
  options: RunOptions,
  signal: AbortSignal,
): Promise<Recording> {
  const started = performance.now();
  const startedAt = cluster.now();
  const listen = options.listen ?? (() => {});
  listen({ type: 'discovering' });
  const found = await withDeadline(() => discover(cluster), options.deadlineMs, signal);
  const discovery = found.ok ? found.value : unseen(found.problem);
  const refused = found.ok ? nothingReadable(discovery, cluster.server) : undefined;
  const tasks = refused === undefined ? planProbes(discovery, options.checks, options.select(discovery)) : [];
  listen({ type: 'planned', probes: tasks.length, components: new Set(tasks.map((task) => task.target.component)).size });

  const left = Math.max(1, options.deadlineMs - (performance.now() - started));
  const run = new AbortController();
  const ended: { problem?: Problem } = {};
  const stop = (reason: Problem['reason'], message: string): void => {
    ended.problem ??= { reason, message };
    // Probes in flight end for the same reason as those that never began.
    run.abort(new ProbeError(ended.problem));
  };
  const timer = setTimeout(() => stop('DeadlineExceeded', `The run was not done within ${Math.round(options.deadlineMs / 1000)} s.`), left);
  const interrupt = (): void => stop('Interrupted', 'The run was interrupted.');
  if (signal.aborted) interrupt();
  else if (!found.ok && found.problem.reason === 'DeadlineExceeded')
    stop('DeadlineExceeded', `Discovery alone was not done within ${Math.round(options.deadlineMs / 1000)} s.`);
  signal.addEventListener('abort', interrupt, { once: true });
  const probes = await schedule(
    tasks.map((task) => () => oneProbe(task, cluster, options, run.signal, ended, listen)),
    options.concurrency,
  );
  const secondLook = await lookAgain(probes, tasks, cluster, discovery, startedAt, options, run.signal, ended, listen);
  clearTimeout(timer);
  signal.removeEventListener('abort', interrupt);
  const durationMs = Math.round(performance.now() - started);
  listen({ type: 'ended', partial: ended.problem !== undefined });
  return {
    recordingVersion: RECORDING_VERSION,
    tool: options.tool,
    cluster: { name: cluster.name, server: cluster.server, kubernetesVersion: cluster.kubernetesVersion },
    startedAt: startedAt.toISOString(),
    durationMs,
    cost: cluster.cost(tasks.length + (secondLook?.probes.length ?? 0), durationMs),
    discovery,
    ...(options.change === undefined ? {} : { change: options.change }),
    probes: refused === undefined ? probes : unreachableProbes(discovery, options, refused),
    ...(secondLook === undefined ? {} : { secondLook }),
    loadProblems: options.loadProblems,
    ...(ended.problem === undefined ? {} : { ended: ended.problem }),
    ...(refused === undefined ? {} : { connection: refused }),
  };
}

/** Looks once more at what was red. Undefined when nothing was, or when the run is over by then: what was seen once is reported as it was seen. */
async function lookAgain(
  probes: readonly ProbeRecord[],
  tasks: readonly ProbeTask[],
  cluster: RunCluster,
  discovery: Discovery,
  startedAt: Date,
  options: RunOptions,
  signal: AbortSignal,
  ended: { readonly problem?: Problem },
  listen: RunListener,
): Promise<Recording['secondLook']> {
  if (options.secondLookMs === 0) return undefined;
  const red = tasks.filter((_, i) => probes[i] !== undefined && needsSecondLook(probes[i], options.checks, discovery, startedAt));
  if (red.length === 0 || ended.problem !== undefined) return undefined;
  listen({ type: 'looking-again', probes: red.length, afterMs: options.secondLookMs });
  await pause(options.secondLookMs, signal);
  if (ended.problem !== undefined) return undefined;
  const readers = cluster.afresh();
  const again = { startedAt: readers.now().toISOString() };
  const seen = await schedule(
    red.map((task) => () => oneProbe(task, readers, options, signal, ended, listen)),
    options.concurrency,
  );
  return { ...again, probes: seen };
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}

async function oneProbe(
  task: ProbeTask,
  cluster: ClusterReaders,
  options: RunOptions,
  signal: AbortSignal,
  ended: { readonly problem?: Problem },
  listen: RunListener,
): Promise<ProbeRecord> {
  const { check, target } = task;
  if (ended.problem !== undefined) return unlooked(task, ended.problem);
  const about = { check: check.meta.id, component: target.component };
  listen({ type: 'probe-started', ...about });
  const done = await runProbe(task, cluster, options.probeTimeoutMs, signal);
  listen({ type: 'probe-ended', ...about, durationMs: done.durationMs, blindSpots: done.blindSpots.length });
  return done;
}

function unlooked(task: ProbeTask, problem: Problem): ProbeRecord {
  const { check, target, options } = task;
  return { check: check.meta.id, component: target.component, options, durationMs: 0, blindSpots: [{ rules: Object.keys(check.meta.rules), problem }] };
}

/** What a run records of an API server that could not be reached or read: that, and that nothing else was looked at. */
export function recordUnreachable(
  name: string,
  problem: ConnectionProblem,
  cost: Cost,
  unseen: (problem: Problem) => Discovery,
  options: RunOptions,
  now: Date,
): Recording {
  const discovery = unseen(behind(problem));
  options.listen?.({ type: 'ended', partial: false });
  return {
    recordingVersion: RECORDING_VERSION,
    tool: options.tool,
    cluster: { name, server: problem.server },
    startedAt: now.toISOString(),
    durationMs: cost.wallMs,
    cost,
    discovery,
    ...(options.change === undefined ? {} : { change: options.change }),
    probes: unreachableProbes(discovery, options, problem),
    connection: problem,
    loadProblems: options.loadProblems,
  };
}

/**
 * A refused connection and an expired certificate prove a fault of the API server's address. A timeout, a certificate of somebody else, and an answer
 * that we may not read prove nothing but that we could not look.
 */
function unreachableProbes(discovery: Discovery, options: RunOptions, problem: ConnectionProblem): readonly ProbeRecord[] {
  const proves =
    problem.kind === 'refused' || problem.kind === 'server-error' || problem.code === 'CERT_HAS_EXPIRED' || problem.others.some((other) => other.reachable);
  const planned = planProbes({ ...discovery, components: discovery.components.map((component) => present(component)) }, options.checks, EVERYTHING);
  return planned.map((task) => {
    if (task.target.component !== API_SERVER || task.check.meta.id !== API_SERVER_CHECK) return unlooked(task, behind(problem));
    const others = Object.keys(task.check.meta.rules).filter((rule) => rule !== 'reachable');
    const blind = { rules: others, problem: behind(problem) };
    const base = { check: task.check.meta.id, component: task.target.component, options: task.options, durationMs: 0 };
    if (!proves) return { ...base, blindSpots: [blind, { rules: ['reachable'], problem: { reason: reasonOf(problem), message: problem.message } }] };
    const observation = { connection: { ...problem }, masters: [], instances: [] };
    return { ...base, observation: JSON.parse(JSON.stringify(observation)) as typeof observation, blindSpots: [blind] };
  });
}

/** The API server stands for itself here: its check is planned although nothing was discovered. */
function present(component: FoundComponent): FoundComponent {
  return component.component === API_SERVER ? { ...component, presence: 'present' } : component;
}

function behind(problem: ConnectionProblem): Problem {
  return {
    reason: 'PrerequisiteFailed',
    message: `The API server could not be ${problem.kind === 'forbidden' || problem.kind === 'unauthorized' ? 'read' : 'reached'}: ${problem.message}`,
  };
}

function reasonOf(problem: ConnectionProblem): Problem['reason'] {
  const reasons: Readonly<Record<ConnectionProblem['kind'], Problem['reason']>> = {
    config: 'PrerequisiteFailed',
    refused: 'Refused',
    timeout: 'Timeout',
    dns: 'NameNotResolved',
    tls: 'TlsError',
    reset: 'Reset',
    unauthorized: 'Unauthorized',
    forbidden: 'Forbidden',
    'not-kubernetes': 'InvalidResponse',
    'server-error': 'ServerError',
  };
  return reasons[problem.kind];
}

/** When every single read of discovery was forbidden, that is one problem and not seventy. */
function nothingReadable(discovery: Discovery, server: string): ConnectionProblem | undefined {
  const { blindSpots, components } = discovery;
  if (
    blindSpots.length === 0 ||
    // What has no workload of its own, as the API server and the kubelet, is there without a right to see it.
    components.some((component) => component.presence === 'present' && component.workloads.length > 0) ||
    !blindSpots.every((spot) => spot.problem.reason === 'Forbidden')
  )
    return undefined;
  return { kind: 'forbidden', server, message: blindSpots[0]?.problem.message ?? '403', others: [] };
}
