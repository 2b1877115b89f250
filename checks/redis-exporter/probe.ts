import type { HttpOutcome, ObjectRef, Peer, ProbeContext, Subject } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { samples, valueOf } from '../shared/metrics.ts';
import { ownedBy } from '../shared/pods.ts';
import { infoFields, type ServerPod, serverPods } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import { serverOf } from './matching.ts';
import type { ExporterFacts, ExporterObservation, ExporterState, ScrapeFacts, ServerFacts, WatchFacts } from './observation.ts';
import type { rules } from './rules.ts';
import { metricsPath, watching } from './watching.ts';

type Rule = keyof typeof rules;
type Context = ProbeContext<object, Rule>;

const EXPORTER_PORT = 9121;
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;
/** A scrape takes as long as the watched server does, which hangs at times: the exporter itself gives up on it after 15 s. */
const SCRAPE_TIMEOUT_MS = 4000;
/** An exporter that was told to list keys has far more than 1 MiB. What is needed stands in a few lines, in alphabetical order. */
const MAX_BYTES = 4 * 1024 * 1024;

/** Rules that need the exporter's metrics. */
const NEEDS_METRICS: readonly Rule[] = ['serves-redis-metrics', 'redis-up', 'sees-server', 'scrape-complete', 'watches-its-redis', 'role-agrees'];

/** Asks each exporter for its metrics, and the servers that it watches whether they answer. */
export async function probe(context: Context): Promise<ExporterObservation> {
  const { kube, target } = context;
  const peers = (target.peers['redis'] ?? []).filter((peer) => peer.presence === 'present');
  const [pods, peerPods] = await Promise.all([
    serverPods(kube, target.pods, EXPORTER_PORT, /exporter|metrics/),
    Promise.all(peers.map((peer) => serverPods(kube, peer.pods, peer.component.endsWith('-sentinel') ? SENTINEL_PORT : REDIS_PORT, /redis|sentinel/))),
  ]);
  const allServers = peerPods.flat();
  const watched = await Promise.all(pods.map((pod) => watchOf(context, pod, peers, allServers)));
  const [asked, servers] = await Promise.all([
    Promise.all(pods.map((pod, index) => askExporter(context, pod, watched[index] ?? NOTHING))),
    Promise.all(peerPods.flatMap((group, index) => wanted(group, watched).map((pod) => askServer(context, pod, peers[index]?.component ?? '')))),
  ]);
  const observation: ExporterObservation = { exporters: asked.map(({ facts }) => facts), servers: servers.map(({ facts }) => facts) };
  await tellBlindWitnesses(context, observation, servers);
  return observation;
}

interface Watching {
  readonly facts: WatchFacts;
  readonly path: string;
}
const NOTHING: Watching = { facts: { mode: 'hidden', addresses: [], of: 'unknown' }, path: '/metrics' };

async function watchOf({ kube }: Context, pod: ServerPod, peers: readonly Peer[], servers: readonly ServerPod[]): Promise<Watching> {
  const [object] = ownedBy([pod], pod.namespace, await kube.list('pods', pod.namespace));
  return object === undefined ? NOTHING : { facts: watching(object, peers, servers), path: metricsPath(object) };
}

/** The one server that all exporters watch, where that is known; else each of them may be meant. */
function wanted(pods: readonly ServerPod[], watched: readonly Watching[]): readonly ServerPod[] {
  const names = new Set(watched.map(({ facts }) => facts.pod));
  const single = pods.filter(({ name }) => names.has(name));
  return single.length === 1 && names.size === 1 ? single : pods;
}

async function askExporter(context: Context, pod: ServerPod, { facts: watch, path }: Watching): Promise<{ readonly facts: ExporterFacts }> {
  const { namespace, name, node, port } = pod;
  const base = { namespace, name, node, port, status: 0, detail: '', watch };
  const subject: Subject = { kind: 'Pod', namespace, name };
  if (pod.state === 'not-running') return { facts: { ...base, state: 'not-running' } };
  const dark = { facts: { ...base, state: 'dark' } } as const;
  const read = await context.look(['answers', ...NEEDS_METRICS], () => metricsOf(context, pod, path), subject);
  if (read === undefined) return dark;
  const { outcome, inside, waits } = read;
  if (waits) return { facts: { ...base, state: 'waiting' } };
  if (outcome.kind === 'unreachable') return { facts: { ...base, state: silenceOf(outcome), detail: oneLine(outcome.message) } };
  const { status, body } = outcome;
  if (status === 401 || status === 403) {
    const message = `${namespace}/${name}:${port}${path} answers ${status}: it asks for a login.`;
    await context.look(NEEDS_METRICS, () => Promise.reject(new ProbeError({ reason: 'NoCredentials', message, status })), subject);
    return { facts: { ...base, state: 'locked', status } };
  }
  if (inside) return { facts: { ...base, state: 'loopback', status } };
  if (status < 200 || status > 299) return { facts: { ...base, state: 'status', status, detail: oneLine(body.slice(0, 400)) } };
  const scrape = scrapeOf(body);
  if (scrape === undefined) return { facts: { ...base, state: 'other', status, detail: oneLine(body.slice(0, 120)) } };
  return { facts: { ...base, state: 'metrics', status, scrape } };
}

interface Read {
  readonly outcome: HttpOutcome;
  /** True when only the pod itself can reach it. */
  readonly inside: boolean;
  /** True when it gives no metrics, and a page of its own at once: it waits for the server that it watches. */
  readonly waits: boolean;
}

/** Through the proxy, as a Prometheus comes from outside of the pod; where that does not lead to it, from inside, which tells an exporter from a network. */
async function metricsOf({ http }: Context, pod: ServerPod, path: string): Promise<Read> {
  const ref: ObjectRef = { namespace: pod.namespace, name: pod.name };
  if (pod.state === 'node-lost')
    throw new ProbeError({ reason: 'PrerequisiteFailed', message: `${pod.namespace}/${pod.name} cannot be asked: its node ${pod.node} does not report.` });
  const options = { timeoutMs: SCRAPE_TIMEOUT_MS, maxBytes: MAX_BYTES };
  let refused = false;
  try {
    const outcome = await http.pod(ref, pod.port, path, options);
    if (outcome.kind === 'answer') return { outcome, inside: false, waits: false };
    refused = outcome.cause === 'refused';
  } catch (error) {
    // The API server waits longer for a pod that says nothing than we do.
    if (!(error instanceof ProbeError) || error.problem.reason !== 'Timeout') throw error;
  }
  const [outcome, page] = await Promise.all([
    http.forwarded(ref, pod.port, path, options),
    refused ? undefined : http.forwarded(ref, pod.port, '/', { timeoutMs: SCRAPE_TIMEOUT_MS, maxBytes: 1024 }),
  ]);
  const silent = outcome.kind === 'unreachable' && outcome.cause === 'timeout';
  return { outcome, inside: refused && outcome.kind === 'answer', waits: silent && page?.kind === 'answer' };
}

function silenceOf({ cause }: Extract<HttpOutcome, { readonly kind: 'unreachable' }>): ExporterState {
  return cause === 'refused' ? 'refused' : cause === 'timeout' ? 'silent' : 'broken';
}

/** What the metrics say; undefined when they are not those of a Redis exporter. */
function scrapeOf(body: string): ScrapeFacts | undefined {
  const all = samples(body, (name) => name.startsWith('redis_'));
  if (all.length === 0) return undefined;
  const ups = all.filter(({ name }) => name === 'redis_up').map(({ value }) => value);
  const failure = all.find(({ name, value }) => name === 'redis_exporter_last_scrape_error' && value > 0);
  const info = all.find(({ name }) => name === 'redis_instance_info')?.labels ?? {};
  return {
    // Exporters before 1.0 watch several servers and have a sample for each.
    ...(ups.length === 0 ? {} : { up: Math.min(...ups) }),
    failed: failure !== undefined,
    error: oneLine(failure?.labels['err'] ?? ''),
    role: info['role'] ?? '',
    mode: info['redis_mode'] ?? (valueOf(all, 'redis_sentinel_masters') === undefined ? '' : 'sentinel'),
    runId: info['run_id'] ?? '',
  };
}

interface AskedServer {
  readonly facts: ServerFacts;
  /** Why it is not known whether it answers, and why it is not known who it is. */
  readonly problem?: ProbeError;
  readonly withheld?: ProbeError;
}

async function askServer(context: Context, pod: ServerPod, component: string): Promise<AskedServer> {
  const { namespace, name } = pod;
  const facts: ServerFacts = { component, namespace, name, state: 'dark', wantsPassword: false, role: '', runId: '' };
  if (pod.state === 'not-running') return { facts: { ...facts, state: 'not-running' } };
  const lost = `${namespace}/${name} cannot be asked: its node ${pod.node} does not report.`;
  if (pod.state === 'node-lost') return { facts, problem: new ProbeError({ reason: 'PrerequisiteFailed', message: lost }) };
  let alive: ServerFacts = facts;
  try {
    const opened = await context.redis({ namespace, name }, pod.port);
    if (opened.kind !== 'talking') return { facts: { ...facts, state: opened.kind } };
    const { conversation } = opened;
    alive = { ...facts, state: 'answers', wantsPassword: conversation.login !== 'not-needed' };
    const texts = [await conversation.ask('INFO', 'server'), await conversation.ask('INFO', 'replication')];
    const info = infoFields(texts.filter((text) => typeof text === 'string').join('\n'));
    return { facts: { ...alive, role: info['role'] ?? '', runId: info['run_id'] ?? '' } };
  } catch (error) {
    // Anything else is a mistake of this check, which must not look like the cluster's.
    if (!(error instanceof ProbeError)) throw error;
    return alive.state === 'answers' ? { facts: alive, withheld: error } : { facts, problem: error };
  }
}

/** An exporter's word against that of a server can only be judged when the server was heard. */
async function tellBlindWitnesses(context: Context, { exporters, servers }: ExporterObservation, asked: readonly AskedServer[]): Promise<void> {
  const problem = asked.find((each) => each.problem !== undefined)?.problem;
  const withheld = asked.find((each) => each.withheld !== undefined)?.withheld;
  for (const exporter of exporters) {
    const { namespace, name, scrape } = exporter;
    if (scrape === undefined) continue;
    const subject = { kind: 'Pod', namespace, name };
    const heard = servers.some(({ state }) => state === 'answers');
    if (scrape.up === 0 && !heard && problem !== undefined) await context.look('sees-server', () => Promise.reject(problem), subject);
    const reason = withheld ?? problem;
    const compared = scrape.role === '' || (serverOf(exporter, servers)?.role ?? '') !== '';
    if (!compared && reason !== undefined) await context.look('role-agrees', () => Promise.reject(reason), subject);
  }
}
