import type { ObjectRef, ProbeContext, Subject } from '../../src/model/check.ts';
import type { Container, ContainerStatus, Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { askPort, askPortAgain, pause, type Way } from '../shared/http-port.ts';
import { ownedBy } from '../shared/pods.ts';
import { type ServerPod, serverPods } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import { secondsSince } from '../shared/time.ts';
import { isSuspicious, troubledExporters } from './flows.ts';
import { configurationFault, exportFault } from './log.ts';
import type { CollectorFacts, CollectorObservation, Crash, Health, Metrics, Scrape } from './observation.ts';
import type { CollectorOptions } from './options.ts';
import type { rules } from './rules.ts';
import { scrapeOf } from './scrape.ts';

type Rule = keyof typeof rules;
type Context = ProbeContext<CollectorOptions, Rule>;

/** Rules that need the collector's own metrics. */
const BY_METRICS = [
  'metrics-readable',
  'receivers-accept',
  'processors-pass',
  'exporters-deliver',
  'queues-have-room',
  'little-lost',
  'receives-data',
] as const satisfies readonly Rule[];

const NAMED = /otel|opentelemetry|collector/i;
/** One of many pipelines with histograms has some 300 kB. */
const MOST_BYTES = 2 * 1024 * 1024;
const LOG_LINES = 200;
/** A container that runs since less than this, after several failures, is between two of them. Seconds; a collector rejects its configuration at once. */
const BARELY_UP = 30;

/** Asks each collector for its health and its metrics, and once more after a while where the first figures give reason for it. */
export async function probe(context: Context): Promise<CollectorObservation> {
  const { kube, target, options } = context;
  const pods = await serverPods(kube, target.pods, options.healthPort, NAMED);
  const collectors = await Promise.all(pods.map((pod) => collectorOf(context, pod)));
  const peers = (target.peers['backend'] ?? []).map(({ component }) => component);
  // Every address in a collector's configuration that is not a listener's is one of an exporter, or the DNS that resolves it.
  const others = target.dependencies.map(({ component }) => component);
  return { collectors, backends: [...new Set([...peers, ...others])] };
}

async function collectorOf(context: Context, pod: ServerPod): Promise<CollectorFacts> {
  const { options, look } = context;
  const { namespace, name, node, state } = pod;
  const ref: ObjectRef = { namespace, name };
  const subject: Subject & ObjectRef = { kind: 'Pod', namespace, name };
  const [object] = ownedBy([ref], namespace, await context.kube.list('pods', namespace));
  const container = object === undefined ? undefined : collectorContainer(object);
  const declared = probedPort(container);
  const healthPort = declared?.port ?? options.healthPort;
  const base: CollectorFacts = {
    namespace,
    name,
    node,
    state,
    healthPort,
    metricsPort: options.metricsPort,
    health: { kind: 'unasked' },
    metrics: { kind: 'unasked' },
  };
  if (state === 'node-lost') {
    const lost = new ProbeError({ reason: 'PrerequisiteFailed', message: `${namespace}/${name} cannot be asked: its node ${node} does not report.` });
    await look(['server-available', 'configuration-accepted', ...BY_METRICS], () => Promise.reject(lost), subject);
    return base;
  }
  const status = object?.status?.containerStatuses?.find((each) => each.name === container?.name);
  if (keepsEnding(status, context.now())) return { ...base, state: 'not-running', crash: await crashOf(context, subject, status) };
  if (state === 'not-running') return base;
  const [health, metrics] = await Promise.all([
    look('server-available', () => healthOf(context, ref, healthPort, declared?.path ?? '/', declared !== undefined), subject),
    look(BY_METRICS, () => metricsOf(context, ref), subject),
  ]);
  const asked: CollectorFacts = { ...base, ...(health === undefined ? {} : { health }), ...(metrics === undefined ? {} : { metrics }) };
  if (troubledExporters(asked, options).length === 0) return asked;
  const exportError = exportFault(await logOf(context, ref, container?.name, false));
  return exportError === '' ? asked : { ...asked, exportError };
}

function collectorContainer(pod: Pod): Container | undefined {
  const containers = pod.spec?.containers ?? [];
  return containers.find(({ name, image = '' }) => NAMED.test(name) || NAMED.test(image)) ?? containers[0];
}

/** The port that the pod's own probe asks: the vendor's word for where the health check is. A port that has a name is none that the proxy knows. */
function probedPort(container: Container | undefined): { readonly port: number; readonly path: string } | undefined {
  const action = container?.livenessProbe?.httpGet ?? container?.readinessProbe?.httpGet;
  const named = container?.ports?.find(({ name }) => name === action?.port)?.containerPort;
  const port = typeof action?.port === 'number' ? action.port : (named ?? Number(action?.port));
  return action === undefined || !Number.isInteger(port) ? undefined : { port, path: action.path ?? '/' };
}

async function healthOf({ http }: Context, pod: ObjectRef, port: number, path: string, declared: boolean): Promise<Health> {
  const answer = await askPort(http, pod, port, path, { maxBytes: 16 * 1024 });
  switch (answer.kind) {
    case 'refused':
      return { kind: declared ? 'refused' : 'absent' };
    case 'silent':
      return { kind: 'silent' };
    case 'broken':
      return { kind: 'other', status: 0, detail: answer.detail };
    case 'answer': {
      const { status, body } = answer;
      if (status >= 200 && status < 300) return { kind: 'available' };
      const detail = oneLine(body.slice(0, 200));
      return { kind: status >= 500 ? 'unavailable' : 'other', status, detail };
    }
  }
}

async function metricsOf(context: Context, pod: ObjectRef): Promise<Metrics> {
  const { http, options, signal } = context;
  const how = { maxBytes: MOST_BYTES };
  const started = performance.now();
  const answer = await askPort(http, pod, options.metricsPort, '/metrics', how);
  if (answer.kind !== 'answer') {
    if (answer.kind === 'broken') return { kind: 'other', detail: answer.detail };
    return { kind: answer.kind === 'refused' ? 'absent' : 'silent' };
  }
  const first = answer.status === 200 ? scrapeOf(answer.body) : undefined;
  if (first === undefined) return { kind: 'other', detail: oneLine(`HTTP ${answer.status}: ${answer.body.slice(0, 120)}`) };
  if (options.sampleSeconds <= 0 || !isSuspicious(first, options)) return { kind: 'read', first };
  await pause(options.sampleSeconds * 1000, signal);
  const second = await secondScrape(context, pod, answer.via);
  if (second === undefined) return { kind: 'read', first };
  return { kind: 'read', first, second, secondsBetween: Math.max(0.1, Math.round((performance.now() - started) / 100) / 10) };

  async function secondScrape({ http: reader }: Context, ref: ObjectRef, via: Way): Promise<Scrape | undefined> {
    // One that is not to be had leaves the first, which is judged by what it says alone.
    try {
      const again = await askPortAgain(reader, ref, options.metricsPort, '/metrics', via, how);
      return again.kind === 'answer' && again.status === 200 ? scrapeOf(again.body) : undefined;
    } catch (error) {
      if (error instanceof ProbeError) return undefined;
      throw error;
    }
  }
}

/** A container that waits for its next start, has just ended, or runs for a moment after several failures. */
function keepsEnding(status: ContainerStatus | undefined, now: Date): boolean {
  if (status === undefined) return false;
  const { state, lastState, restartCount = 0 } = status;
  if (state?.waiting?.reason === 'CrashLoopBackOff') return true;
  if ((state?.terminated?.exitCode ?? 0) !== 0) return true;
  const up = secondsSince(state?.running?.startedAt, now);
  return restartCount > 1 && (lastState?.terminated?.exitCode ?? 0) !== 0 && up !== undefined && up < BARELY_UP;
}

async function crashOf(context: Context, subject: Subject & ObjectRef, status: ContainerStatus | undefined): Promise<Crash> {
  const ended = status?.state?.terminated ?? status?.lastState?.terminated;
  const previous = status?.state?.terminated === undefined;
  const log = await context.look('configuration-accepted', () => readLog(context, subject, status?.name, previous), subject);
  // Kubernetes keeps the end of a log as the message of a container that failed, where it was told to.
  const text = `${log ?? ''}\n${ended?.message ?? ''}`;
  return { exitCode: ended?.exitCode ?? -1, configuration: configurationFault(text), logRead: log !== undefined };
}

function readLog({ kube }: Context, pod: ObjectRef, container: string | undefined, previous: boolean): Promise<string> {
  return kube.logs({ namespace: pod.namespace, name: pod.name }, { ...(container === undefined ? {} : { container }), tailLines: LOG_LINES, previous });
}

/** Empty when it cannot be read: the reason of a failure is good to have, and nothing is judged by it. */
async function logOf(context: Context, pod: ObjectRef, container: string | undefined, previous: boolean): Promise<string> {
  try {
    return await readLog(context, pod, container, previous);
  } catch (error) {
    if (error instanceof ProbeError) return '';
    throw error;
  }
}
