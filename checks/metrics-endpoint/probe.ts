import type { ObjectRef, Peer, ProbeContext, Subject } from '../../src/model/check.ts';
import type { Pod, Service } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { namespacesOf, ownedBy } from '../shared/pods.ts';
import { type ActiveTarget, activeTargets, apiData, NOT_SERVED } from '../shared/prometheus-api.ts';
import { componentsOf } from '../shared/prometheus-components.ts';
import { reach, silenceOf } from '../shared/prometheus-reach.ts';
import { prometheusAddress } from '../shared/prometheus-server.ts';
import { type ServerPod, serverPods } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import type { EndpointFacts, MetricsObservation, WatcherFacts } from './observation.ts';
import type { MetricsEndpointOptions } from './options.ts';
import { placeOf } from './place.ts';
import { readingOf } from './reading.ts';
import type { MetricsRule } from './rules.ts';

type Context = ProbeContext<MetricsEndpointOptions, MetricsRule>;

const TIMEOUT_MS = 6000;
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_LIST_BYTES = 16 * 1024 * 1024;
const OF_METRICS: readonly MetricsRule[] = ['serves-metrics', 'has-own-samples', 'fresh'];

/** Asks each pod for its metrics, and each Prometheus among the peers whether it scrapes them. */
export async function probe(context: Context): Promise<MetricsObservation> {
  const { kube, target } = context;
  const [pods, objects, services] = await Promise.all([
    serverPods(kube, target.pods, context.options.port > 0 ? context.options.port : 8080, /metric|prom|http/),
    listed(target.pods, (namespace) => kube.list('pods', namespace)),
    listed(target.services, (namespace) => kube.list('services', namespace)),
  ]);
  const objectOf = ({ namespace, name }: ObjectRef): Pod | undefined =>
    objects.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
  const endpoints = await Promise.all(pods.map((pod) => ask(context, pod, objectOf(pod), services)));
  const answering = endpoints.some(({ state }) => state === 'metrics' || state === 'empty' || state === 'status');
  const peers = answering ? (target.peers['prometheus'] ?? []).filter(({ presence }) => presence === 'present') : [];
  const isOurs = (each: ActiveTarget): boolean => isTargetOf(each, context, pods);
  const watchers = (await Promise.all(peers.map((peer) => watchersOf(context, peer, isOurs)))).flat();
  await tellDarkness(context, watchers);
  return { endpoints, watchers: watchers.map(({ facts }) => facts) };
}

async function listed<T extends Pod | Service>(refs: readonly ObjectRef[], list: (namespace: string) => Promise<readonly T[]>): Promise<readonly T[]> {
  return (await Promise.all(namespacesOf(refs).map(async (namespace) => ownedBy(refs, namespace, await list(namespace))))).flat();
}

async function ask(context: Context, pod: ServerPod, object: Pod | undefined, services: readonly Service[]): Promise<EndpointFacts> {
  const { namespace, name, node } = pod;
  const { port, path, scheme } =
    object === undefined ? { port: pod.port, path: '/metrics', scheme: 'http' as const } : placeOf(object, services, context.options);
  const base = { namespace, name, node, port, path, status: 0, detail: '', samples: 0, own: 0 };
  if (pod.state === 'not-running') return { ...base, state: 'not-running' };
  const subject: Subject = { kind: 'Pod', namespace, name };
  const reached = await context.look(
    ['answers', ...OF_METRICS, 'scraped'],
    () => {
      if (pod.state === 'node-lost')
        throw new ProbeError({ reason: 'PrerequisiteFailed', message: `${namespace}/${name} cannot be asked: its node ${node} does not report.` });
      return reach(context.http, { namespace, name }, port, path, { scheme, timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
    },
    subject,
  );
  if (reached === undefined) return { ...base, state: 'dark' };
  const { outcome, outside } = reached;
  if (outcome.kind === 'unreachable') return { ...base, state: silenceOf(outcome), detail: oneLine(outcome.message) };
  const { status, body } = outcome;
  if (outside !== '') return { ...base, state: 'loopback', status, detail: outside };
  if (status === 401 || status === 403) {
    const message = `${namespace}/${name}:${port}${path} answers ${status}: it asks for a login.`;
    await context.look(OF_METRICS, () => Promise.reject(new ProbeError({ reason: 'NoCredentials', message, status })), subject);
    return { ...base, state: 'locked', status };
  }
  if (status < 200 || status > 299) return { ...base, state: 'status', status, detail: oneLine(body.slice(0, 200)) };
  const reading = readingOf(body);
  if (reading === undefined) return { ...base, state: 'other', status, detail: oneLine(body.slice(0, 120)) };
  return { ...base, ...reading, status, state: reading.samples === 0 ? 'empty' : 'metrics' };
}

interface Watcher {
  readonly facts: WatcherFacts;
  readonly problem?: ProbeError;
}

async function watchersOf({ kube, http }: Context, peer: Peer, isOurs: (target: ActiveTarget) => boolean): Promise<readonly Watcher[]> {
  const objects = await listed(peer.pods, (namespace) => kube.list('pods', namespace));
  const pods = (await serverPods(kube, peer.pods, 9090, /prometheus/)).filter(({ state }) => state === 'running');
  return Promise.all(
    pods.map(async (pod): Promise<Watcher> => {
      const { namespace, name } = pod;
      const object = objects.find(({ metadata }) => metadata.name === name && metadata.namespace === namespace);
      const base = { component: peer.component, name, targets: [] };
      const { port, scheme, prefix } = prometheusAddress(object ?? { metadata: { name, namespace } });
      const path = `${prefix}/api/v1/targets?state=active`;
      try {
        const { outcome, ...way } = await reach(http, { namespace, name }, port, path, { scheme, timeoutMs: TIMEOUT_MS, maxBytes: MAX_LIST_BYTES });
        // While it reads its log, and when nobody listens: that is its own check's matter.
        if (outcome.kind === 'unreachable' || outcome.status === 503) return { facts: { ...base, state: 'not-ready' } };
        const data = apiData(outcome, `${namespace}/${name} ${way.scheme} /api/v1/targets`);
        const all = data === NOT_SERVED ? [] : activeTargets(data);
        const targets = all.filter(isOurs);
        const told = targets.slice(0, 20).map(({ instance, pool, health, error }) => ({ instance, pool, health, error }));
        // One that has found nothing at all, as in its first seconds, says nothing of this component.
        return { facts: { ...base, state: all.length === 0 ? 'not-ready' : 'asked', targets: told } };
      } catch (error) {
        if (!(error instanceof ProbeError)) throw error;
        return { facts: { ...base, state: 'dark' }, problem: error };
      }
    }),
  );
}

/** By its pods' addresses and names, the names of its Services, or those of the component. */
function isTargetOf({ names, url, job }: ActiveTarget, { target }: Context, pods: readonly ServerPod[]): boolean {
  const ours = [...target.services, ...target.pods, ...target.workloads];
  const id = target.component.split('/')[1] ?? '';
  return (
    pods.some(({ address }) => address !== '' && url.startsWith(`${address}:`)) ||
    names.some(({ name, namespace }) => ours.some((ref) => ref.name === name && (namespace === undefined || namespace === ref.namespace))) ||
    componentsOf(names, [{ component: target.component }], new Map()).length > 0 ||
    job === id
  );
}

/** That nobody scrapes it can be said only when everybody was asked. */
async function tellDarkness(context: Context, watchers: readonly Watcher[]): Promise<void> {
  const problem = watchers.find((watcher) => watcher.problem !== undefined)?.problem;
  const seen = watchers.some(({ facts }) => facts.targets.length > 0);
  if (problem !== undefined && !seen) await context.look('scraped', () => Promise.reject(problem));
}
