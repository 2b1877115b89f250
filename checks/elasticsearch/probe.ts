import type { ObjectRef, ProbeContext, Subject } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { HEALTH_PATH, healthOf, identityOf } from '../shared/elasticsearch.ts';
import { askPort, askPortAgain, type PortAnswer, type Way } from '../shared/http-port.ts';
import { type ServerPod, serverPods } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import { BLOCKS_PATH, blocksOf, DISK_PATH, diskSettingsOf, RESOURCES_PATH, resourcesOf } from './answers.ts';
import type { ElasticsearchObservation, NodeFacts, NodeState } from './observation.ts';
import type { ElasticsearchOptions } from './options.ts';
import type { rules } from './rules.ts';

type Rule = keyof typeof rules;
type Context = ProbeContext<ElasticsearchOptions, Rule>;
type Scheme = 'http' | 'https';

/** Rules that need the state of the cluster, as each node sees it. */
const BY_CLUSTER = ['has-master', 'one-cluster', 'not-red', 'replicas-assigned', 'nodes-joined'] as const satisfies readonly Rule[];
/** Rules that need figures of which one node tells for all. */
const BY_RESOURCES = ['disk-below-low', 'disk-below-flood', 'heap-has-room', 'heap-below-limit'] as const satisfies readonly Rule[];
const LOGIN = 'HTTP basic authentication, which skiffctl does not support at present';

/** How a node can be asked again. */
interface Route {
  readonly scheme: Scheme;
  readonly via: Way;
}

interface Asked {
  readonly facts: NodeFacts;
  readonly route: Route;
}

const NO_ROUTE: Route = { scheme: 'http', via: 'proxy' };

/** Asks each node who it is and how it sees its cluster, and one of them for the disks and heaps of all. */
export async function probe(context: Context): Promise<ElasticsearchObservation> {
  const { kube, target, options, look } = context;
  const pods = await serverPods(kube, target.pods, options.port, /elasticsearch|^es(?:-|$)|http/i);
  const asked = await Promise.all(pods.map((pod) => nodeOf(context, pod)));
  const nodes = asked.map(({ facts }) => facts);
  const source = asked.find(({ facts }) => facts.cluster?.master === true);
  if (source === undefined) {
    await tellWhatNobodySays(context, nodes);
    return { nodes };
  }
  const [resources, disk, blocks] = await Promise.all([
    look(BY_RESOURCES, () => answerOf(context, source, RESOURCES_PATH, resourcesOf)),
    settingsOf(context, source),
    look('indices-writable', () => answerOf(context, source, BLOCKS_PATH, blocksOf)),
  ]);
  return {
    nodes,
    ...(resources === undefined ? {} : { resources }),
    ...(disk === undefined ? {} : { disk }),
    ...(blocks === undefined ? {} : { blocks }),
  };
}

async function nodeOf(context: Context, pod: ServerPod): Promise<Asked> {
  const { namespace, name, address, node, port } = pod;
  const base: NodeFacts = { namespace, name, address, node, port, state: 'dark', detail: '', version: '', nodeName: '', clusterUuid: '' };
  if (pod.state !== 'running') return { facts: { ...base, state: pod.state }, route: NO_ROUTE };
  const subject: Subject = { kind: 'Pod', namespace, name };
  const found = await context.look(['answers', 'nodes-answer', ...BY_CLUSTER], () => front(context, pod), subject);
  if (found === undefined) return { facts: base, route: NO_ROUTE };
  const { answer, scheme } = found;
  if (answer.kind !== 'answer') {
    const states: Readonly<Record<typeof answer.kind, NodeState>> = { refused: 'refused', silent: 'silent', broken: 'closed' };
    return { facts: { ...base, state: states[answer.kind], detail: answer.detail }, route: NO_ROUTE };
  }
  const { status, body, via } = answer;
  const route: Route = { scheme, via };
  if (status === 401 || status === 403) {
    const message = `${namespace}/${name}:${port} answers ${status}: it wants a login.`;
    await context.look(BY_CLUSTER, () => Promise.reject(new ProbeError({ reason: 'NoCredentials', message, needs: LOGIN, status })), subject);
    return { facts: { ...base, state: 'locked', detail: `HTTP ${status}` }, route };
  }
  const identity = identityOf(body);
  // Before it has read its state a node answers 503 to everything, in its own form.
  if (identity === undefined && healthOf(status, body).kind !== 'no-master')
    return { facts: { ...base, state: 'foreign', detail: oneLine(`HTTP ${status}: ${body.slice(0, 120)}`) }, route };
  const facts: NodeFacts = {
    ...base,
    state: 'answers',
    version: identity?.version ?? '',
    nodeName: identity?.nodeName ?? '',
    clusterUuid: identity?.clusterUuid ?? '',
  };
  const cluster = await context.look(BY_CLUSTER, () => clusterOf(context, pod, route), subject);
  return { facts: cluster === undefined ? facts : { ...facts, cluster }, route };
}

/** By HTTP, and by HTTPS where the port does not speak HTTP: from version 8 on a node is secured unless told otherwise. */
async function front({ http }: Context, pod: ServerPod): Promise<{ readonly answer: PortAnswer; readonly scheme: Scheme }> {
  const how = { maxBytes: 64 * 1024 };
  const answer = await askPort(http, pod, pod.port, '/', how);
  const encrypted = answer.kind === 'answer' ? answer.status === 400 && /sent to an? (?:HTTPS|TLS)/i.test(answer.body) : answer.kind === 'broken';
  if (!encrypted) return { answer, scheme: 'http' };
  const secured = await askPort(http, pod, pod.port, '/', { ...how, scheme: 'https' });
  return secured.kind === 'answer' ? { answer: secured, scheme: 'https' } : { answer, scheme: 'http' };
}

async function clusterOf({ http }: Context, pod: ServerPod, { scheme, via }: Route): Promise<NonNullable<NodeFacts['cluster']>> {
  const answer = await askPortAgain(http, pod, pod.port, HEALTH_PATH, via, { scheme, maxBytes: 64 * 1024 });
  const told = answer.kind === 'answer' ? healthOf(answer.status, answer.body) : undefined;
  if (told?.kind === 'health') return { master: true, health: told.health };
  if (told?.kind === 'no-master') return { master: false };
  throw notTold(pod, HEALTH_PATH, answer);
}

async function answerOf<T>({ http }: Context, { facts, route: { scheme, via } }: Asked, path: string, read: (body: string) => T | undefined): Promise<T> {
  const answer = await askPortAgain(http, facts, facts.port, path, via, { scheme });
  const value = answer.kind === 'answer' && answer.status === 200 && !answer.truncated ? read(answer.body) : undefined;
  if (value === undefined) throw notTold(facts, path, answer);
  return value;
}

/** The defaults of Elasticsearch stand in for settings that are not told. */
async function settingsOf(context: Context, source: Asked): Promise<ElasticsearchObservation['disk']> {
  try {
    return await answerOf(context, source, DISK_PATH, diskSettingsOf);
  } catch (error) {
    if (error instanceof ProbeError) return undefined;
    throw error;
  }
}

function notTold({ namespace, name }: ObjectRef, path: string, answer: PortAnswer): ProbeError {
  const what = `GET ${path.split('?')[0] ?? path} at ${namespace}/${name}`;
  if (answer.kind !== 'answer') {
    const reason = answer.kind === 'refused' ? 'Refused' : answer.kind === 'silent' ? 'Timeout' : 'InvalidResponse';
    return new ProbeError({ reason, message: `${what}: ${answer.detail}` });
  }
  const { status } = answer;
  if (status === 401 || status === 403)
    return new ProbeError({ reason: 'NoCredentials', message: `${what} answers ${status}: it wants a login.`, needs: LOGIN, status });
  return new ProbeError({ reason: 'InvalidResponse', message: oneLine(`${what} answers ${status}: ${answer.body.slice(0, 120)}`), status });
}

/** Without a node that sees a master there is nobody to ask for disks, heaps and blocks. */
async function tellWhatNobodySays({ look }: Context, nodes: readonly NodeFacts[]): Promise<void> {
  const rest: readonly Rule[] = [...BY_RESOURCES, 'indices-writable'];
  const locked = nodes.find(({ state }) => state === 'locked');
  if (locked !== undefined) {
    const message = `${locked.namespace}/${locked.name}:${locked.port} wants a login.`;
    await look(rest, () => Promise.reject(new ProbeError({ reason: 'NoCredentials', message, needs: LOGIN })));
    return;
  }
  const dark = nodes.find(({ state, cluster }) => state === 'dark' || (state === 'answers' && cluster === undefined));
  if (dark === undefined) return;
  const message = `${dark.namespace}/${dark.name} could not be asked.`;
  await look(rest, () => Promise.reject(new ProbeError({ reason: 'PrerequisiteFailed', message })));
}
