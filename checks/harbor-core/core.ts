import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError, type Problem } from '../../src/model/problem.ts';
import { challengeOf, detailOf, type Generation, generationOf, healthOf, isPong, type SystemInfo, systemInfoOf, tokenTimesOf } from '../shared/harbor.ts';
import { ask, type Door, problemThrown, type Reply, said, schemeOf, silenceOf, startOf } from '../shared/harbor-http.ts';
import type { ServerPod } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import type { Context } from './context.ts';
import type { CoreFacts, CoreState, Said } from './observation.ts';
import type { HarborCoreRule } from './rules.ts';

/** What a core told, and what could not be looked at of it: which rules that leaves open, and why. */
export interface Look {
  readonly facts: CoreFacts;
  /** Where it answers; absent when it does not. */
  readonly door?: Door;
  readonly open: readonly { readonly rules: readonly HarborCoreRule[]; readonly problem: Problem }[];
}

/** Rules that rest on one path. `answers` and `serves` rest on whether anything answers. */
const RESTS_ON = {
  configuration: ['configuration-read', 'cores-agree', 'token-realm-right', 'writable', 'vulnerability-data-fresh'],
  health: ['database-reachable', 'redis-reachable', 'registry-reachable', 'parts-healthy', 'health-consistent', 'cores-agree'],
  projects: ['database-reachable', 'health-consistent'],
  registry: ['registry-reachable', 'registry-protected', 'token-realm-right', 'health-consistent', 'cores-agree'],
  token: ['token-issued', 'tokens-in-time', 'clock-close'],
} as const satisfies Readonly<Record<string, readonly HarborCoreRule[]>>;

const EVERYTHING = [...new Set<HarborCoreRule>(['serves', 'answers', ...Object.values(RESTS_ON).flat()])];

/** A service of its own of the registry, and a scope that nobody but an administrator gets: the token is signed and allows nothing, and the database is not asked. */
const TOKEN = '/service/token?service=harbor-registry&scope=registry:catalog:*';

/** Asks one core everything, by itself: each of the paths needs something else of Harbor, and a second core may lack what the first has. */
export async function lookAt(context: Context, server: ServerPod, pod: Pod | undefined): Promise<Look> {
  const { namespace, name, node, port, state } = server;
  const startedAt = startOf(pod);
  const base = { namespace, pod: name, node, port, detail: '', ...(startedAt === undefined ? {} : { startedAt }) };
  if (state !== 'running') return { facts: { ...base, state }, open: [] };
  const door: Door = { pod: { namespace, name }, port, scheme: schemeOf(pod, port) };
  try {
    const contact = await contactWith(context, door);
    if (contact.state !== 'answers') return { facts: { ...base, state: contact.state, detail: contact.detail }, open: [] };
    return await answersOf(context, door, { ...base, state: 'answers' }, contact);
  } catch (error) {
    return { facts: { ...base, state: 'dark' }, open: [{ rules: EVERYTHING, problem: problemThrown(error) }] };
  }
}

interface Contact {
  readonly state: CoreState;
  readonly detail: string;
  readonly generation?: Generation;
  readonly configuration?: Said & { readonly info?: SystemInfo };
}

/** Whether a Harbor answers, which one, and with which configuration. Throws ProbeError where nobody can know. */
async function contactWith(context: Context, door: Door): Promise<Contact> {
  const first = await ask(context, door, '/api/systeminfo');
  if (first.kind === 'none' && first.cause !== 'timeout') return silenceOf(context, door, first);
  const beyond = isStatus(first, 404) ? await ask(context, door, '/api/v2.0/systeminfo') : undefined;
  const reply = beyond !== undefined && !isStatus(beyond, 404) ? beyond : first;
  const generation = beyond !== undefined && reply === beyond ? ({ generation: 'v2' } as const) : {};
  const info = isStatus(reply, 200) ? systemInfoOf(bodyOf(reply)) : undefined;
  if (info !== undefined) {
    const told = 'generation' in generation ? undefined : generationOf(info.version ?? '');
    return { state: 'answers', detail: '', ...generation, ...(told === undefined ? {} : { generation: told }), configuration: { ...said(reply), info } };
  }
  const ping = await ask(context, door, 'generation' in generation ? '/api/v2.0/ping' : '/api/ping');
  if (ping.kind === 'answer' && ping.status === 200 && isPong(ping.body)) return { state: 'answers', detail: '', ...generation, configuration: said(reply) };
  if (ping.kind === 'none') return silenceOf(context, door, ping);
  return ping.status >= 500 ? { state: 'failing', detail: detailOf(ping.status, ping.body) } : { state: 'foreign', detail: detailOf(ping.status, ping.body) };
}

function isStatus(reply: Reply, status: number): boolean {
  return reply.kind === 'answer' && reply.status === status;
}

function bodyOf(reply: Reply): string {
  return reply.kind === 'answer' ? reply.body : '';
}

type Answering = Pick<CoreFacts, 'namespace' | 'pod' | 'node' | 'port' | 'state' | 'detail' | 'startedAt'>;

async function answersOf(context: Context, door: Door, base: Answering, contact: Contact): Promise<Look> {
  const open: { readonly rules: readonly HarborCoreRule[]; readonly problem: Problem }[] = [];
  const look = async <T>(path: keyof typeof RESTS_ON, read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      open.push({ rules: RESTS_ON[path], problem: problemThrown(error) });
      return undefined;
    }
  };
  const root = contact.generation === 'v2' ? '/api/v2.0' : '/api';
  const [health, projects, registry, token] = await Promise.all([
    // A Harbor that did not say its version is asked: only one that has this path answers.
    contact.generation === 'adminserver' ? undefined : look('health', () => healthAt(context, door, contact.generation)),
    look('projects', async () => said(await ask(context, door, `${root}/projects?public=true&page_size=1`), [401, 403])),
    look('registry', () => registryAt(context, door)),
    look('token', () => tokenAt(context, door)),
  ]);
  const untold = health?.facts.status === 404 && contact.generation === undefined;
  const generation = contact.generation ?? (untold ? 'adminserver' : health?.generation);
  const facts: CoreFacts = {
    ...base,
    ...(generation === undefined ? {} : { generation }),
    ...(contact.configuration === undefined ? {} : { configuration: contact.configuration }),
    ...(health === undefined || untold ? {} : { health: health.facts }),
    ...(projects === undefined ? {} : { projects }),
    ...(registry === undefined ? {} : { registry }),
    ...(token === undefined ? {} : { token }),
  };
  return { facts, open, door };
}

interface AskedHealth {
  readonly facts: NonNullable<CoreFacts['health']>;
  /** Absent when no health was told. */
  readonly generation?: Generation;
}

/** Whoever did not say its version is asked in the way of each. The status code says nothing: it is 200 whatever the health is. */
async function healthAt(context: Context, door: Door, generation: Generation | undefined): Promise<AskedHealth> {
  const ways: readonly (readonly [Generation, string])[] = [
    ['health', '/api/health'],
    ['v2', '/api/v2.0/health'],
  ];
  let facts: AskedHealth['facts'] = { status: 404, detail: '' };
  for (const [way, path] of ways.filter(([each]) => generation === undefined || generation === each)) {
    const reply = await ask(context, door, path);
    const health = healthOf(bodyOf(reply));
    if (health !== undefined) return { facts: { ...said(reply), ...health }, generation: way };
    if (reply.kind === 'answer' && reply.status < 400) throw garbled(door, path, reply);
    facts = said(reply);
    if (facts.status !== 404) break;
  }
  return { facts };
}

async function registryAt(context: Context, door: Door): Promise<NonNullable<CoreFacts['registry']>> {
  const reply = await ask(context, door, '/v2/');
  const { scheme, realm } = challengeOf(reply.kind === 'answer' ? reply.headers['www-authenticate'] : undefined);
  return { ...said(reply, [401]), scheme, realm };
}

async function tokenAt(context: Context, door: Door): Promise<NonNullable<CoreFacts['token']>> {
  const reply = await ask(context, door, TOKEN);
  const askedAt = context.now().toISOString();
  if (reply.kind === 'answer' && (reply.status === 401 || reply.status === 403))
    throw new ProbeError({
      reason: 'NoCredentials',
      message: `${door.pod.namespace}/${door.pod.name} issues no token without a login (${reply.status}).`,
      status: reply.status,
    });
  const times = isStatus(reply, 200) ? tokenTimesOf(bodyOf(reply)) : undefined;
  return { ...said(reply), askedAt, ...(times === undefined ? {} : { times }) };
}

function garbled({ pod, port }: Door, path: string, { status, body }: Extract<Reply, { kind: 'answer' }>): ProbeError {
  const message = `${pod.namespace}/${pod.name}:${port}${path} answers ${status} with something else: ${oneLine(body.slice(0, 120))}`;
  return new ProbeError({ reason: 'InvalidResponse', message, status });
}
