import type { HttpOutcome, ObjectRef, ProbeContext, Subject } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { internalAddress } from '../shared/nodes.ts';
import { isFinished, namespacesOf, ownedBy } from '../shared/pods.ts';
import { type ActiveTarget, activeTargets, apiData, fieldsOf, NOT_SERVED, type TargetName, textOf } from '../shared/prometheus-api.ts';
import { componentsOf } from '../shared/prometheus-components.ts';
import { type Reached, reach, reachAgain, silenceOf } from '../shared/prometheus-reach.ts';
import { type PrometheusAddress, prometheusAddress } from '../shared/prometheus-server.ts';
import { oneLine } from '../shared/text.ts';
import { secondsSince } from '../shared/time.ts';
import { complaintOf, isBehind, rulesFacts, targetsFacts } from './facts.ts';
import type { PrometheusObservation, SelfFacts, ServerFacts } from './observation.ts';
import type { PrometheusOptions } from './options.ts';
import { QUERY, queriedOf } from './query.ts';
import type { PrometheusRule } from './rules.ts';
import { selfOf } from './self.ts';

type Context = ProbeContext<PrometheusOptions, PrometheusRule>;

const TIMEOUT_MS = 6000;
/** A target is some 1.5 KB, a rule 1 KB and each of its alerts 0.5 KB; the largest servers have thousands of them. */
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const MAX_METRICS_BYTES = 4 * 1024 * 1024;
const LOG_LINES = 200;

/** Rules by what they are made of. */
const BY_METRICS: readonly PrometheusRule[] = ['configuration-loaded', 'ingesting', 'alertmanager-found', 'wal-intact', 'series-bounded', 'storage-maintained'];
const BY_TARGETS: readonly PrometheusRule[] = ['has-targets', 'pools-reached', 'targets-up'];
const BY_RULES: readonly PrometheusRule[] = ['rules-evaluate', 'rules-in-time', 'alertmanager-found', 'alerts-firing'];
const BY_QUERY: readonly PrometheusRule[] = ['exporters-see', 'notifications-delivered', 'ingesting', 'storage-writes', 'storage-maintained'];
const ALL_OF_SERVER: readonly PrometheusRule[] = [...new Set<PrometheusRule>(['answers', 'ready', ...BY_METRICS, ...BY_TARGETS, ...BY_RULES, ...BY_QUERY])];

/** Asks every replica by itself. */
export async function probe(context: Context): Promise<PrometheusObservation> {
  const { kube, target } = context;
  const lists = await Promise.all(namespacesOf(target.pods).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))));
  const pods = lists.flat().filter((pod) => !isFinished(pod));
  const nodes = await nodesByName(context);
  const belongsTo = (names: readonly TargetName[]): readonly string[] => componentsOf(names, target.dependencies, nodes.byName);
  const servers = pods.map((pod) => new Server(context, pod, nodes.lost, belongsTo));
  const facts = await Promise.all(servers.map((server) => server.facts()));
  const problem = servers.find((server) => server.problem !== undefined)?.problem;
  // One that serves is enough; without any it depends on those that nobody could ask.
  if (problem !== undefined && !facts.some(({ state }) => state === 'ready')) await context.look('available', () => Promise.reject(problem));
  return { servers: facts };
}

interface Nodes {
  /** Names and internal addresses. */
  readonly byName: ReadonlyMap<string, string>;
  readonly lost: ReadonlySet<string>;
}

/** Without the right to list nodes no target is known to be on one. */
async function nodesByName({ kube }: Context): Promise<Nodes> {
  try {
    const nodes = await kube.list('nodes');
    const lost = nodes.filter((node) => node.status?.conditions?.some(({ type, status }) => type === 'Ready' && status !== 'True') === true);
    const byName = nodes.flatMap((node) => [node.metadata.name, internalAddress(node) ?? ''].map((name) => [name, node.metadata.name] as const));
    return { byName: new Map(byName), lost: new Set(lost.map(({ metadata }) => metadata.name)) };
  } catch (error) {
    if (error instanceof ProbeError) return { byName: new Map(), lost: new Set() };
    throw error;
  }
}

/** One replica, and the way to it. */
class Server {
  /** Why it is not known whether it serves. */
  problem?: ProbeError;
  readonly #context: Context;
  readonly #pod: Pod;
  readonly #ref: ObjectRef;
  readonly #subject: Subject;
  readonly #address: PrometheusAddress;
  readonly #lostNodes: ReadonlySet<string>;
  readonly #belongsTo: (names: readonly TargetName[]) => readonly string[];

  constructor(context: Context, pod: Pod, lostNodes: ReadonlySet<string>, belongsTo: (names: readonly TargetName[]) => readonly string[]) {
    const { name, namespace = context.target.namespace } = pod.metadata;
    this.#context = context;
    this.#pod = pod;
    this.#ref = { namespace, name };
    this.#subject = { kind: 'Pod', namespace, name };
    this.#address = prometheusAddress(pod);
    this.#lostNodes = lostNodes;
    this.#belongsTo = belongsTo;
  }

  async facts(): Promise<ServerFacts> {
    const { port, agent, retention } = this.#address;
    const node = this.#pod.spec?.nodeName ?? '';
    const startedAt = this.#container()?.startedAt;
    const base = {
      ...this.#ref,
      node,
      port,
      status: 0,
      detail: '',
      agent,
      ...(retention === undefined ? {} : { retention }),
      ...(startedAt === undefined ? {} : { startedAt }),
    };
    if (!this.#runs()) return { ...base, state: 'not-running', ...(await this.#lastWords(true)) };
    const reached = await this.#context.look(ALL_OF_SERVER, () => this.#ready(node), this.#subject);
    if (reached === undefined) return { ...base, state: 'dark' };
    const { outcome, outside } = reached;
    if (outcome.kind === 'unreachable') {
      const detail = oneLine(outcome.message);
      return { ...base, state: silenceOf(outcome), detail, ...(await this.#lastWords(false)) };
    }
    const { status, body } = outcome;
    if (status === 401 || status === 403) {
      const message = `${this.#ref.namespace}/${this.#ref.name}:${port} answers ${status}: it asks for a login.`;
      const rules = ALL_OF_SERVER.filter((rule) => rule !== 'answers');
      const problem = new ProbeError({ reason: 'NoCredentials', message, status });
      this.problem = problem;
      await this.#context.look(rules, () => Promise.reject(problem), this.#subject);
      return { ...base, state: 'locked', status };
    }
    if (status !== 200 && status !== 503) return { ...base, state: 'foreign', status, detail: oneLine(body.slice(0, 200)) };
    const self = await this.#self(reached);
    const started = self?.startedSeconds === undefined ? {} : { startedAt: new Date(self.startedSeconds * 1000).toISOString() };
    const known = { ...base, ...started, status, detail: outside, ...(self === undefined ? {} : { self }) };
    if (status === 503) {
      const late = (secondsSince(known.startedAt, this.#context.now()) ?? 0) > this.#context.options.startupSeconds;
      const [replay, words] = await Promise.all([this.#replay(reached), late ? this.#lastWords(false) : {}]);
      return { ...known, state: 'starting', detail: oneLine(body.slice(0, 200)), ...replay, ...words };
    }
    return { ...known, state: outside === '' ? 'ready' : 'loopback', ...(await this.#inside(reached, self)) };
  }

  #runs(): boolean {
    return this.#pod.status?.phase === 'Running' && this.#pod.metadata.deletionTimestamp === undefined && this.#container() !== undefined;
  }

  #container(): { readonly startedAt?: string } | undefined {
    return this.#pod.status?.containerStatuses?.find(({ name }) => name === this.#address.container)?.state?.running;
  }

  async #ready(node: string): Promise<Reached> {
    const { namespace, name } = this.#ref;
    const { port, scheme, prefix } = this.#address;
    try {
      if (this.#lostNodes.has(node))
        throw new ProbeError({ reason: 'PrerequisiteFailed', message: `${namespace}/${name} cannot be asked: its node ${node} does not report.` });
      return await reach(this.#context.http, this.#ref, port, `${prefix}/-/ready`, { scheme, timeoutMs: TIMEOUT_MS });
    } catch (error) {
      if (error instanceof ProbeError) this.problem = error;
      throw error;
    }
  }

  #get(way: Reached, path: string, maxBytes: number): Promise<HttpOutcome> {
    const { port, prefix } = this.#address;
    return reachAgain(this.#context.http, this.#ref, port, `${prefix}${path}`, way, { timeoutMs: TIMEOUT_MS, maxBytes });
  }

  async #self(way: Reached): Promise<SelfFacts | undefined> {
    return this.#context.look(
      BY_METRICS,
      async () => {
        const outcome = await this.#get(way, '/metrics', MAX_METRICS_BYTES);
        const self = outcome.kind === 'answer' && outcome.status === 200 ? selfOf(outcome.body) : undefined;
        if (self !== undefined) return self;
        const said = outcome.kind === 'answer' ? `HTTP ${outcome.status}` : oneLine(outcome.message);
        throw new ProbeError({ reason: 'InvalidResponse', message: `${this.#ref.namespace}/${this.#ref.name} gives no metrics of a Prometheus: ${said}` });
      },
      this.#subject,
    );
  }

  /** Targets, rules and the query, each for itself: an old version lacks some. */
  async #inside(way: Reached, self: SelfFacts | undefined): Promise<Partial<ServerFacts>> {
    const { options, look, now } = this.#context;
    const api = async (path: string): Promise<ReturnType<typeof apiData>> =>
      apiData(await this.#get(way, `/api/v1/${path}`, MAX_LIST_BYTES), `${this.#ref.namespace}/${this.#ref.name} /api/v1/${path.split('?')[0] ?? ''}`);
    const { agent } = this.#address;
    const listed = look<readonly ActiveTarget[] | typeof NOT_SERVED>(
      BY_TARGETS,
      async () => {
        const data = await api('targets?state=active');
        return data === NOT_SERVED ? data : activeTargets(data);
      },
      this.#subject,
    );
    const [targets, rules, queried] = await Promise.all([
      listed.then((seen) => (typeof seen === 'object' ? targetsFacts(seen, this.#belongsTo, this.#pod.status?.podIP ?? '') : seen)),
      agent
        ? NOT_SERVED
        : look<ServerFacts['rules']>(
            BY_RULES,
            async () => {
              const data = await api('rules');
              return data === NOT_SERVED ? data : rulesFacts(data, now());
            },
            this.#subject,
          ),
      agent
        ? NOT_SERVED
        : look<ServerFacts['queried']>(
            BY_QUERY,
            async () => {
              const [data, seen] = await Promise.all([api(`query?timeout=5s&query=${encodeURIComponent(QUERY)}`), listed]);
              return this.#queried(data, self, typeof seen === 'object' ? seen : []);
            },
            this.#subject,
          ),
    ]);
    const told = { ...(targets === undefined ? {} : { targets }), ...(rules === undefined ? {} : { rules }), ...(queried === undefined ? {} : { queried }) };
    const suspicious =
      Object.keys(self?.storageFailures ?? {}).length > 0 || (typeof queried === 'object' && isBehind(self?.newestSample, queried.at, options.stalledSeconds));
    return {
      ...told,
      ...(suspicious ? await this.#lastWords(false) : {}),
      ...((self?.series ?? 0) > options.mostSeries ? await this.#largest(api) : {}),
    };
  }

  /** An exporter that is asked about several servers has theirs as instances: that it is the exporter which is scraped, the target alone tells. */
  #queried(data: ReturnType<typeof apiData>, self: SelfFacts | undefined, targets: readonly ActiveTarget[]): NonNullable<ServerFacts['queried']> {
    if (data === NOT_SERVED) return data;
    const hosts = (address: string): readonly TargetName[] =>
      activeTargets({ activeTargets: [{ labels: { instance: address }, scrapeUrl: address, health: 'up' }] }).flatMap(({ names }) => names);
    const queried = queriedOf(data, self?.startedSeconds, ({ job, instance, labels }) => {
      const { namespace = '', pod = '', service = '' } = labels;
      const objects = [pod, service].filter((name) => name !== '').map((name) => ({ name, ...(namespace === '' ? {} : { namespace }) }));
      const scraped = targets.filter((each) => each.job === job && each.instance === instance).flatMap(({ names }) => names);
      return this.#belongsTo([...objects, ...hosts(instance), ...scraped]);
    });
    if (queried !== undefined) return queried;
    throw new ProbeError({ reason: 'InvalidResponse', message: `${this.#ref.namespace}/${this.#ref.name} does not answer a query with its time.` });
  }

  /** How far the reading of the log is; old versions do not tell. */
  async #replay(way: Reached): Promise<Pick<ServerFacts, 'replay'>> {
    const data = await this.#quietly(async () => apiData(await this.#get(way, '/api/v1/status/walreplay', 64 * 1024), 'walreplay'));
    if (data === undefined || data === NOT_SERVED) return {};
    const { current, max } = data;
    return typeof current === 'number' && typeof max === 'number' && max > 0 ? { replay: { current, last: max } } : {};
  }

  /** What its log says of the disk: asked only of a server with trouble, and no rule depends on it alone. */
  async #lastWords(previous: boolean): Promise<Pick<ServerFacts, 'complaint'>> {
    const { container } = this.#address;
    if (this.#lostNodes.has(this.#pod.spec?.nodeName ?? '')) return {};
    const options = { tailLines: LOG_LINES, previous, ...(container === '' ? {} : { container }) };
    const log = await this.#quietly(() => this.#context.kube.logs(this.#ref, options));
    const complaint = log === undefined ? undefined : complaintOf(log);
    return complaint === undefined ? {} : { complaint };
  }

  async #largest(api: (path: string) => Promise<ReturnType<typeof apiData>>): Promise<Pick<ServerFacts, 'largest'>> {
    const data = await this.#quietly(() => api('status/tsdb'));
    const list = data === undefined || data === NOT_SERVED ? undefined : data['seriesCountByMetricName'];
    if (!Array.isArray(list)) return {};
    return {
      largest: list.slice(0, 5).map((entry: unknown) => {
        const { name, value } = fieldsOf(entry);
        return { metric: textOf(name), series: typeof value === 'number' ? value : 0 };
      }),
    };
  }

  /** What only adds to a finding that stands without it. */
  async #quietly<T>(read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (error instanceof ProbeError) return undefined;
      throw error;
    }
  }
}
