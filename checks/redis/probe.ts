import type { ObjectRef, Peer, ProbeContext } from '../../src/model/check.ts';
import type { Opened, RedisConversation, RedisReply } from '../../src/model/conversation.ts';
import { ProbeError, type Problem } from '../../src/model/problem.ts';
import { flatFields, isRedisError, type ServerPod, serverPods, wholeNumber } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import { blindRules } from './blind.ts';
import { factsOfScrape } from './exporter.ts';
import { factsOfInfo } from './facts.ts';
import { isStale } from './judgements.ts';
import type { Facts, Instance, RedisObservation } from './observation.ts';
import type { RedisOptions } from './options.ts';
import type { RedisRule } from './rules.ts';
import { isFull, isKnown } from './set.ts';

type Context = ProbeContext<RedisOptions, RedisRule>;

/** More instances of one set are none that the documents know. */
const MOST_INSTANCES = 30;
const EXPORTER_PORT = 9121;
/** Errors after which the server closes the connection, or answers nothing else. */
const ONLY_ERRORS: ReadonlySet<string> = new Set(['BUSY', 'DENIED']);

/** An instance, and why its facts could not be had. */
interface Asked {
  readonly instance: Instance;
  readonly problem?: Problem;
}

/**
 * Asks every instance by itself, all at once: PING and one INFO, and a setting where INFO leaves out what a rule needs. What an instance does not tell is
 * asked of an exporter, when there is one; what remains is a blind spot of just those rules that need it.
 */
export async function probe(context: Context): Promise<RedisObservation> {
  const { kube, target, options, look } = context;
  const pods = (await serverPods(kube, target.pods, options.port, /redis/i)).slice(0, MOST_INSTANCES);
  const services = (await kube.list('services', target.namespace)).flatMap(({ spec }) => spec?.clusterIP ?? []);
  const asked = await Promise.all(pods.map((pod) => ask(context, pod)));
  const exporter = asked.some(({ instance }) => needsWitness(instance)) ? await exporterOf(context) : undefined;
  const heard = exporter === undefined ? asked : await Promise.all(asked.map((each) => throughExporter(context, exporter, each)));
  const observation: RedisObservation = {
    component: target.component,
    instances: heard.map(({ instance }) => instance),
    watched: present(target.peers['sentinel']).length > 0,
    // Only what an upstream may lead to is kept.
    services: services.filter((address) => heard.some(({ instance }) => instance.facts?.upstream?.host === address)),
  };
  const about = { observation, options, now: context.now() };
  for (const { instance, problem } of heard) {
    const rules = blindRules(instance, about);
    if (rules.length === 0) continue;
    const reason = problem ?? { reason: 'InvalidResponse' as const, message: `${instance.namespace}/${instance.name} does not tell what this rule needs.` };
    await look(rules, () => Promise.reject(new ProbeError(reason)), { kind: 'Pod', namespace: instance.namespace, name: instance.name });
  }
  return observation;
}

function present(peers: readonly Peer[] | undefined): readonly Peer[] {
  return (peers ?? []).filter(({ presence }) => presence === 'present');
}

async function ask(context: Context, pod: ServerPod): Promise<Asked> {
  const { state, ...ref } = pod;
  const base = { ...ref, witness: 'nobody' } as const;
  if (state !== 'running') return { instance: { ...base, answer: state } };
  let opened: Opened<RedisConversation>;
  try {
    opened = await context.redis(pod, pod.port);
  } catch (error) {
    return { instance: { ...base, answer: 'unasked' }, problem: problemThrown(error) };
  }
  if (opened.kind !== 'talking') {
    const reason = { refused: 'Refused', closed: 'Reset', garbled: 'InvalidResponse', silent: 'PrerequisiteFailed' } as const;
    return { instance: { ...base, answer: opened.kind }, problem: { reason: reason[opened.kind], message: oneLine(opened.message) } };
  }
  const { conversation } = opened;
  const { greeting, login } = conversation;
  const error = isRedisError(greeting) ? { code: greeting.code, text: oneLine(greeting.error) } : undefined;
  const instance: Instance = { ...base, answer: error === undefined ? 'pong' : 'error', login, ...(error === undefined ? {} : { error }) };
  if (error !== undefined && (ONLY_ERRORS.has(error.code) || isFull(instance)))
    return { instance, problem: { reason: 'PrerequisiteFailed', message: `${pod.namespace}/${pod.name} answers everything with: ${error.text}` } };
  try {
    const reply = await conversation.ask('INFO');
    const facts = typeof reply === 'string' ? factsOfInfo(reply) : undefined;
    if (facts === undefined) return { instance, problem: { reason: 'InvalidResponse', message: `INFO of ${pod.namespace}/${pod.name}: ${replyText(reply)}` } };
    return await settings(context, conversation, { ...instance, witness: 'itself', facts });
  } catch (thrown) {
    return { instance, problem: problemThrown(thrown) };
  }
}

/** A ProbeError tells what could not be seen; anything else is a mistake of ours and must surface as one. */
function problemThrown(error: unknown): Problem {
  if (error instanceof ProbeError) return error.problem;
  throw error;
}

function replyText(reply: RedisReply): string {
  return oneLine(isRedisError(reply) ? reply.error : 'an answer that is none');
}

/** What INFO leaves out: maxclients before 7.0, how many good replicas are wanted, and whether anything is to be saved where nothing was for long. */
async function settings({ options, now }: Context, conversation: RedisConversation, instance: Instance & { readonly facts: Facts }): Promise<Asked> {
  const { facts } = instance;
  const { clients, downstream, persistence } = facts;
  let problem: Problem | undefined;
  const setting = async (...names: readonly string[]): Promise<string | undefined> => {
    for (const name of names) {
      const reply = await conversation.ask('CONFIG', 'GET', name);
      const value = flatFields(reply)[name];
      if (value !== undefined) return value;
      problem = { reason: 'InvalidResponse', message: `CONFIG GET ${name} of ${instance.namespace}/${instance.name}: ${replyText(reply)}` };
    }
    return undefined;
  };
  try {
    const max = clients !== undefined && clients.max === undefined ? wholeNumber(await setting('maxclients')) : undefined;
    const wanted = downstream?.good === undefined ? undefined : wholeNumber(await setting('min-replicas-to-write', 'min-slaves-to-write'));
    const savePoints = isKnown(instance) && isStale(instance, options, now()) ? await setting('save') : undefined;
    const full: Facts = {
      ...facts,
      ...(clients === undefined || max === undefined ? {} : { clients: { ...clients, max } }),
      ...(downstream === undefined || wanted === undefined ? {} : { downstream: { ...downstream, wanted } }),
      ...(persistence === undefined || savePoints === undefined ? {} : { persistence: { ...persistence, savePoints } }),
    };
    return { instance: { ...instance, facts: full }, ...(problem === undefined ? {} : { problem }) };
  } catch (error) {
    // A user who may not read settings, or a connection that broke: what INFO said stands.
    return { instance, problem: problemThrown(error) };
  }
}

/** It runs and did not say what it is: for want of a password, or because it cannot be reached from here. */
function needsWitness({ answer, facts, error }: Instance): boolean {
  return (
    facts === undefined &&
    answer !== 'not-running' &&
    answer !== 'node-lost' &&
    answer !== 'silent' &&
    (error === undefined || error.code === 'NOAUTH' || error.code === 'NOPERM')
  );
}

interface Exporter extends ObjectRef {
  readonly port: number;
}

/** A pod of the exporter that runs; which instance it was set up for does not matter. */
async function exporterOf({ kube, target }: Context): Promise<Exporter | undefined> {
  const refs = present(target.peers['exporter']).flatMap(({ pods }) => pods);
  try {
    const pods = await serverPods(kube, refs, EXPORTER_PORT, /exporter|metrics/i);
    return pods.find(({ state, ready }) => state === 'running' && ready);
  } catch (error) {
    problemThrown(error);
    return undefined;
  }
}

/** A redis_exporter asks any instance that it is told of, with the password that it has. One too old to do so answers 404. */
async function throughExporter({ http }: Context, exporter: Exporter, asked: Asked): Promise<Asked> {
  const { instance } = asked;
  if (!needsWitness(instance) || instance.address === '') return asked;
  const path = `/scrape?target=${encodeURIComponent(`redis://${instance.address}:${instance.port}`)}`;
  try {
    const outcome = await http.pod(exporter, exporter.port, path, { timeoutMs: 5000 });
    const facts = outcome.kind === 'answer' && outcome.status === 200 ? factsOfScrape(outcome.body) : undefined;
    return facts === undefined ? asked : { ...asked, instance: { ...instance, witness: 'exporter', facts } };
  } catch (error) {
    problemThrown(error);
    return asked;
  }
}
