import type { HttpOutcome, ProbeContext, Subject } from '../../src/model/check.ts';
import type { ConversationOptions, Opened, RedisConversation } from '../../src/model/conversation.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError, type Problem } from '../../src/model/problem.ts';
import { infoFields, isRedisError, type ServerPod, serverPods } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import { blindRules } from './blind.ts';
import { backendsOf, type Configuration, configurationOf, hostOfServer, listensEverywhere, statsOf } from './configuration.ts';
import type { Answer, HaproxyObservation, Instance, Proxy, Redis, ServerRow } from './observation.ts';
import type { HaproxyOptions } from './options.ts';
import type { HaproxyRule } from './rules.ts';
import { statisticsOf } from './statistics.ts';

type Context = ProbeContext<HaproxyOptions, HaproxyRule>;

/** More pods say nothing new. */
const MOST = 30;
/** Rules that are judged by the statistics. */
const BY_STATISTICS = ['has-server', 'one-server', 'servers-exist', 'sees-roles'] as const satisfies readonly HaproxyRule[];

/** What speaking to a server brought, and why it is not more. */
interface Spoken {
  readonly answer: Answer;
  readonly error?: { readonly code: string; readonly text: string };
  readonly redis?: Redis;
  readonly problem?: Problem;
}

/**
 * Asks through every proxy who answers, asks every instance behind it who it is, and reads the proxy's own statistics. Identities are compared by the run
 * id, which no two instances share.
 */
export async function probe(context: Context): Promise<HaproxyObservation> {
  const { kube, target, options, look } = context;
  const peers = (target.peers['redis'] ?? []).filter(({ presence }) => presence === 'present');
  const [own, behind, services] = await Promise.all([
    serverPods(kube, target.pods, options.port, /redis/i),
    serverPods(
      kube,
      peers.flatMap(({ pods }) => pods),
      options.redisPort,
      /redis/i,
    ),
    kube.list('services', target.namespace),
  ]);
  const instances = await Promise.all(behind.slice(0, MOST).map((pod) => instanceOf(context, pod)));
  const proxies = await Promise.all(own.slice(0, MOST).map((pod) => proxyOf(context, pod)));
  const observation: HaproxyObservation = {
    redis: peers.map(({ component }) => component),
    proxies: proxies.map(({ proxy }) => proxy),
    instances: instances.map(({ instance }) => instance),
    services: services.map(({ metadata, spec }) => ({ name: metadata.name, address: spec?.clusterIP ?? '' })).slice(0, 100),
  };
  const { byProxy, byInstance } = blindRules(observation);
  for (const { proxy, problem } of proxies) await lodge(byProxy(proxy), problem, podSubject(proxy));
  for (const { pod, instance, problem } of instances) await lodge(byInstance(instance), problem ?? notAsked(instance), podSubject(pod));
  return observation;

  async function lodge(rules: readonly HaproxyRule[], problem: Problem | undefined, subject: Subject): Promise<void> {
    if (rules.length === 0) return;
    const reason = problem ?? { reason: 'InvalidResponse' as const, message: `${subject.name} does not tell what this rule needs.` };
    await look(rules, () => Promise.reject(new ProbeError(reason)), subject);
  }
}

function notAsked({ name, answer }: Instance): Problem | undefined {
  return answer === 'node-lost' ? { reason: 'PrerequisiteFailed', message: `${name} is on a node that does not report, and was not asked.` } : undefined;
}

function podSubject({ namespace, name }: { readonly namespace: string; readonly name: string }): Subject {
  return { kind: 'Pod', namespace, name };
}

async function instanceOf(context: Context, pod: ServerPod): Promise<{ readonly pod: ServerPod; readonly instance: Instance; readonly problem?: Problem }> {
  const { answer, redis, problem } = pod.state === 'running' ? await speak(context, pod, {}) : { answer: pod.state };
  const instance = { name: pod.name, address: pod.address, answer, ...(redis === undefined ? {} : { redis }) };
  return { pod, instance, ...(problem === undefined ? {} : { problem }) };
}

async function proxyOf(context: Context, pod: ServerPod): Promise<{ readonly proxy: Proxy; readonly problem?: Problem }> {
  const { namespace, name, node, ready, port, state } = pod;
  const base = { namespace, name, node, ready, port };
  if (state !== 'running') return { proxy: { ...base, answer: state } };
  const configuration = await configurationFor(context, pod);
  const everywhere = configuration === undefined ? undefined : listensEverywhere(configuration, port);
  const [spoken, servers] = await Promise.all([
    speak(context, pod, { credentialsOf: 'redis' }),
    context.look(BY_STATISTICS, () => serversOf(context, pod, configuration), podSubject(pod)),
  ]);
  const { answer, error, redis, problem } = spoken;
  const proxy: Proxy = {
    ...base,
    answer,
    ...(error === undefined ? {} : { error }),
    ...(redis === undefined ? {} : { leadsTo: redis }),
    ...(everywhere === undefined ? {} : { listensEverywhere: everywhere }),
    ...(servers === undefined ? {} : { servers }),
  };
  return { proxy, ...(problem === undefined ? {} : { problem }) };
}

/** PING and INFO: who is there. */
async function speak(context: Context, pod: ServerPod, how: ConversationOptions): Promise<Spoken> {
  let opened: Opened<RedisConversation>;
  try {
    opened = await context.redis(pod, pod.port, how);
  } catch (error) {
    return { answer: 'unasked', problem: problemThrown(error) };
  }
  if (opened.kind !== 'talking') {
    const reason = { refused: 'Refused', closed: 'Reset', garbled: 'InvalidResponse', silent: 'PrerequisiteFailed' } as const;
    return { answer: opened.kind, problem: { reason: reason[opened.kind], message: oneLine(opened.message) } };
  }
  const { greeting } = opened.conversation;
  const error = isRedisError(greeting) ? { code: greeting.code, text: oneLine(greeting.error) } : undefined;
  const spoken: Spoken = { answer: error === undefined ? 'pong' : 'error', ...(error === undefined ? {} : { error }) };
  try {
    const reply = await opened.conversation.ask('INFO');
    if (typeof reply === 'string') {
      const { role, run_id: runId = '' } = infoFields(reply);
      if (role !== undefined)
        return { ...spoken, redis: { role: role === 'master' ? 'master' : role === 'slave' || role === 'replica' ? 'replica' : '', runId } };
    }
    const said = isRedisError(reply) ? reply.error : 'an answer that is none';
    return { ...spoken, problem: { reason: 'InvalidResponse', message: `INFO of ${pod.namespace}/${pod.name}: ${oneLine(said)}` } };
  } catch (thrown) {
    return { ...spoken, problem: problemThrown(thrown) };
  }
}

/** A ProbeError tells what could not be seen; anything else is a mistake of ours and must surface as one. */
function problemThrown(error: unknown): Problem {
  if (error instanceof ProbeError) return error.problem;
  throw error;
}

/** Of the ConfigMaps that the pod mounts: the first that holds a configuration. Without one the usual places are tried. */
async function configurationFor({ kube }: Context, { namespace, name }: ServerPod): Promise<Configuration | undefined> {
  const pod = (await kube.list('pods', namespace)).find((each) => each.metadata.name === name);
  const mounted = mountedBy(pod);
  if (mounted.length === 0) return undefined;
  try {
    const maps = (await kube.list('configmaps', namespace)).filter(({ metadata }) => mounted.includes(metadata.name));
    const texts = maps.flatMap(({ data }) => Object.values(data ?? {})).filter((text) => /^\s*(?:frontend|listen|backend)\s/m.test(text));
    return texts.length === 0 ? undefined : configurationOf(texts.join('\n').slice(0, 500_000));
  } catch (error) {
    problemThrown(error);
    return undefined;
  }
}

function mountedBy(pod: Pod | undefined): readonly string[] {
  return (pod?.spec?.volumes ?? []).flatMap(({ configMap }) => configMap?.name ?? []);
}

/** Throws ProbeError when the statistics cannot be had, or do not tell which backend the port leads to. */
async function serversOf({ http, options }: Context, pod: ServerPod, configuration: Configuration | undefined): Promise<readonly ServerRow[]> {
  const { port, path } = (configuration === undefined ? undefined : statsOf(configuration)) ?? { port: options.statsPort, path: options.statsPath };
  const what = `${pod.namespace}/${pod.name}:${port}${path};csv`;
  const statistics = statisticsOf(bodyOf(await http.pod(pod, port, `${path};csv`, { timeoutMs: 5000 }), what));
  if (statistics === undefined) throw new ProbeError({ reason: 'InvalidResponse', message: `${what} holds no statistics of HAProxy.` });
  const named = configuration === undefined ? [] : backendsOf(configuration, pod.port);
  const wanted = named.length > 0 ? named : statistics.backends;
  if (named.length === 0 && wanted.length > 1)
    throw new ProbeError({
      reason: 'PrerequisiteFailed',
      message: `${what} has the backends ${oneLine(wanted.join(', '))}, and without its configuration it cannot be told which one port ${pod.port} leads to.`,
      needs: `list configmaps in ${pod.namespace}`,
    });
  return statistics.servers
    .filter(({ backend }) => wanted.includes(backend))
    .map((server) => ({ ...server, host: configuration === undefined ? '' : hostOfServer(configuration, server.backend, server.name) }));
}

function bodyOf(outcome: HttpOutcome, what: string): string {
  if (outcome.kind === 'unreachable') {
    const reason = outcome.cause === 'refused' ? 'Refused' : outcome.cause === 'timeout' ? 'Timeout' : 'Reset';
    throw new ProbeError({ reason, message: `${what}: ${oneLine(outcome.message)}` });
  }
  if (outcome.status === 200) return outcome.body;
  if (outcome.status === 401)
    throw new ProbeError({
      reason: 'NoCredentials',
      message: `${what} asks for a password (401).`,
      needs: 'a statistics page without a password',
      status: 401,
    });
  throw new ProbeError({
    reason: outcome.status === 404 ? 'NotFound' : 'InvalidResponse',
    message: `${what} answers ${outcome.status}.`,
    status: outcome.status,
  });
}
