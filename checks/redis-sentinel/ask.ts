import type { ObjectRef, ProbeContext } from '../../src/model/check.ts';
import type { RedisConversation, RedisError, RedisReply } from '../../src/model/conversation.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { infoFields, isRedisError, type ServerPod, wholeNumber } from '../shared/redis.ts';
import { knownSentinels, quorumAnswer, type WatchedMaster, watchedMasters, watchedReplicas } from '../shared/sentinel.ts';
import { oneLine } from '../shared/text.ts';
import type { Asked, InstanceFacts, MasterView, SentinelWords } from './observation.ts';

type Speaking = Pick<ProbeContext<object>, 'redis'>;

export interface Answer<Words> {
  readonly state: Asked;
  readonly detail: string;
  readonly words?: Words;
  /** Why there are no words although it is not known to be broken. */
  readonly problem?: ProbeError;
}

/** Error replies to PING that only ask for a login: whoever says them is alive. */
const LOGIN: ReadonlySet<string> = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM']);

export async function askSentinel(context: Speaking, pod: ServerPod): Promise<Answer<SentinelWords>> {
  return ask(context, pod, async (conversation, greeting) => {
    if (greeting !== 'PONG' && !LOGIN.has(greeting)) return { state: 'failing', detail: detailOf(conversation.greeting) };
    const reply = await conversation.ask('SENTINEL', 'MASTERS');
    if (isRedisError(reply) && /unknown command/i.test(reply.error)) return { state: 'not-sentinel', detail: oneLine(reply.error) };
    const masters = watchedMasters(reply);
    if (masters === undefined) throw noAnswer(pod, 'SENTINEL MASTERS');
    const info = infoFields(text(await conversation.ask('INFO'), pod, 'INFO'));
    const id = await conversation.ask('SENTINEL', 'MYID');
    const views: MasterView[] = [];
    for (const master of masters) views.push(await viewOf(conversation, pod, master));
    const words: SentinelWords = {
      id: typeof id === 'string' ? id : '',
      version: info['redis_version'] ?? '',
      uptimeSeconds: wholeNumber(info['uptime_in_seconds']) ?? 0,
      tilt: info['sentinel_tilt'] === '1',
      tiltSeconds: wholeNumber(info['sentinel_tilt_since_seconds']) ?? -1,
      runningScripts: wholeNumber(info['sentinel_running_scripts']) ?? 0,
      queuedScripts: wholeNumber(info['sentinel_scripts_queue_length']) ?? 0,
      simulatedFailures: wholeNumber(info['sentinel_simulate_failure_flags']) ?? 0,
      views,
    };
    return { state: 'answers', detail: '', words };
  });
}

async function viewOf(conversation: RedisConversation, pod: ServerPod, master: WatchedMaster): Promise<MasterView> {
  const { name } = master;
  // REPLICAS is the newer word for it (5.0); every version so far knows the old one.
  let reply = await conversation.ask('SENTINEL', 'SLAVES', name);
  if (isRedisError(reply)) reply = await conversation.ask('SENTINEL', 'REPLICAS', name);
  const replicas = watchedReplicas(reply);
  const sentinels = knownSentinels(await conversation.ask('SENTINEL', 'SENTINELS', name));
  if (replicas === undefined || sentinels === undefined) throw noAnswer(pod, `SENTINEL SLAVES and SENTINELS ${name}`);
  const quorum = quorumAnswer(await conversation.ask('SENTINEL', 'CKQUORUM', name));
  return { master, replicas, sentinels, ...(quorum === undefined ? {} : { quorum }) };
}

/** A Redis server of the set: who it says that it is. */
export async function askInstance(
  context: Speaking,
  pod: ServerPod,
  component: string,
): Promise<{ readonly facts: InstanceFacts; readonly problem?: ProbeError }> {
  let greeting = '';
  const answer = await ask(context, pod, async (conversation, said) => {
    greeting = said;
    const replication = infoFields(text(await conversation.ask('INFO', 'replication'), pod, 'INFO replication'));
    const server = infoFields(text(await conversation.ask('INFO', 'server'), pod, 'INFO server'));
    return { state: 'answers', detail: '', words: { ...server, ...replication } };
  });
  const words: Readonly<Record<string, string>> = answer.words ?? {};
  const facts: InstanceFacts = {
    component,
    namespace: pod.namespace,
    name: pod.name,
    address: pod.address,
    state: answer.state,
    greeting,
    role: words['role'] ?? '',
    runId: words['run_id'] ?? '',
    uptimeSeconds: wholeNumber(words['uptime_in_seconds']) ?? 0,
    masterHost: words['master_host'] ?? '',
    linkUp: words['master_link_status'] === 'up',
    announced: words['replica_announced'] !== '0',
  };
  return answer.problem === undefined ? { facts } : { facts, problem: answer.problem };
}

async function ask<Words>(
  context: Speaking,
  pod: ServerPod,
  talk: (conversation: RedisConversation, greeting: string) => Promise<Answer<Words>>,
): Promise<Answer<Words>> {
  const ref: ObjectRef = { namespace: pod.namespace, name: pod.name };
  if (pod.state === 'not-running') return { state: 'not-running', detail: '' };
  if (pod.state === 'node-lost') {
    const message = `${pod.namespace}/${pod.name} cannot be asked: its node ${pod.node} does not report.`;
    return { state: 'dark', detail: message, problem: new ProbeError({ reason: 'PrerequisiteFailed', message }) };
  }
  let spoke = false;
  try {
    const opened = await context.redis(ref, pod.port);
    if (opened.kind !== 'talking') return { state: opened.kind, detail: oneLine(opened.message) };
    spoke = true;
    const { greeting } = opened.conversation;
    return await talk(opened.conversation, typeof greeting === 'string' ? greeting : greeting.code);
  } catch (error) {
    // Anything else is a mistake of this check, which must not look like the cluster's.
    if (!(error instanceof ProbeError)) throw error;
    return { state: spoke ? 'answers' : 'dark', detail: oneLine(error.problem.message), problem: error };
  }
}

function text(reply: RedisReply, pod: ServerPod, command: string): string {
  if (typeof reply !== 'string') throw noAnswer(pod, command);
  return reply;
}

function noAnswer(pod: ServerPod, command: string): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: `${pod.namespace}/${pod.name} gave no answer to ${command} that could be read.` });
}

function detailOf(greeting: string | RedisError): string {
  return oneLine(typeof greeting === 'string' ? greeting : greeting.error);
}
