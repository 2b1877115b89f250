import type { ObjectRef, ProbeContext, Subject } from '../../src/model/check.ts';
import type { Container, Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { askPort, askPortAgain, pause, type Way } from '../shared/http-port.ts';
import { ownedBy } from '../shared/pods.ts';
import { type ServerPod, serverPods } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import { HEALTH_PATH, outputsOf, PATHS } from './answers.ts';
import type { AgentFacts, AgentKind, LogAgentObservation, Output } from './observation.ts';
import type { LogAgentOptions } from './options.ts';
import type { rules } from './rules.ts';
import { isSuspicious } from './trouble.ts';

type Rule = keyof typeof rules;
type Context = ProbeContext<LogAgentOptions, Rule>;

const ALL = ['agent-answers', 'healthy', 'outputs-deliver', 'nothing-dropped', 'little-dropped', 'buffers-have-room'] as const satisfies readonly Rule[];
/** An agent runs on every node: of more than these the rest is not asked, and said to be unknown. */
const MOST = 30;
const MOST_BYTES = 2 * 1024 * 1024;

/** Asks each agent, in its own form, how its outputs fare, and once more after a while where the first figures give reason for it. */
export async function probe(context: Context): Promise<LogAgentObservation> {
  const { kube, target, options, look } = context;
  const pods = await serverPods(kube, target.pods, options.fluentdPort, /fluent|beat|monitor|agent/i);
  const asked = pods.slice(0, MOST);
  if (pods.length > MOST) {
    const message = `${MOST} of ${pods.length} agents were asked; of the others nothing is known.`;
    await look(ALL, () => Promise.reject(new ProbeError({ reason: 'PrerequisiteFailed', message })));
  }
  const agents = await Promise.all(asked.map((pod) => agentOf(context, pod)));
  return { agents, sinks: target.dependencies.map(({ component }) => component) };
}

async function agentOf(context: Context, pod: ServerPod): Promise<AgentFacts> {
  const { options, look, kube } = context;
  const { namespace, name, node } = pod;
  const ref: ObjectRef = { namespace, name };
  const subject: Subject = { kind: 'Pod', namespace, name };
  const base: AgentFacts = { namespace, name, node, state: 'dark', port: 0, detail: '' };
  if (pod.state === 'not-running') return { ...base, state: 'not-running' };
  if (pod.state === 'node-lost') {
    const lost = new ProbeError({ reason: 'PrerequisiteFailed', message: `${namespace}/${name} cannot be asked: its node ${node} does not report.` });
    await look(ALL, () => Promise.reject(lost), subject);
    return base;
  }
  const [object] = ownedBy([ref], namespace, await kube.list('pods', namespace));
  const place = object === undefined ? undefined : monitorOf(object, options);
  if (place === undefined) return { ...base, state: 'unknown-agent' };
  const facts = { ...base, ...place };
  return (await look(ALL, () => read(context, facts, ref), subject)) ?? facts;
}

/** Where an agent would tell of itself: by a declared port that is the usual one of an agent, else by its image or name. */
function monitorOf(pod: Pod, options: LogAgentOptions): { readonly kind: AgentKind; readonly port: number } | undefined {
  const usual: readonly (readonly [AgentKind, number, RegExp])[] = [
    ['fluent-bit', options.fluentBitPort, /fluent-?bit/i],
    ['fluentd', options.fluentdPort, /fluentd|td-agent/i],
    ['filebeat', options.filebeatPort, /filebeat/i],
  ];
  const containers = pod.spec?.containers ?? [];
  const declares = (port: number) => (container: Container) => container.ports?.some(({ containerPort }) => containerPort === port) === true;
  const found =
    usual.find(([, , named]) => containers.some(({ name, image = '' }) => named.test(imageName(image)) || named.test(name))) ??
    usual.find(([, port]) => containers.some(declares(port)));
  return found === undefined ? undefined : { kind: found[0], port: found[1] };
}

/** Without registry and tag: a registry may be called after anything. */
function imageName(image: string): string {
  return image.split('/').at(-1) ?? '';
}

async function read(context: Context, facts: AgentFacts & { readonly kind: AgentKind }, ref: ObjectRef): Promise<AgentFacts> {
  const { http, options, signal } = context;
  const { kind, port } = facts;
  const how = { maxBytes: MOST_BYTES };
  const started = performance.now();
  const answer = await askPort(http, ref, port, PATHS[kind], how);
  if (answer.kind !== 'answer') {
    if (answer.kind === 'broken') return { ...facts, state: 'foreign', detail: answer.detail };
    return { ...facts, state: answer.kind === 'silent' ? 'silent' : 'not-exposed' };
  }
  const first = answer.status === 200 ? outputsOf(kind, answer.body) : undefined;
  if (first === undefined) return { ...facts, state: 'foreign', detail: oneLine(`HTTP ${answer.status}: ${answer.body.slice(0, 120)}`) };
  const healthy = kind === 'fluent-bit' ? await healthOf(context, ref, port, answer.via) : undefined;
  const told: AgentFacts = { ...facts, state: 'read', first, ...(healthy === undefined ? {} : { healthy }) };
  if (options.sampleSeconds <= 0 || !isSuspicious(first)) return told;
  await pause(options.sampleSeconds * 1000, signal);
  const second = await secondLook(context, facts, ref, answer.via);
  if (second === undefined) return told;
  return { ...told, second, secondsBetween: Math.max(0.1, Math.round((performance.now() - started) / 100) / 10) };
}

/** Undefined where the health check is off: it is by default. */
async function healthOf({ http }: Context, ref: ObjectRef, port: number, via: Way): Promise<boolean | undefined> {
  const answer = await askPortAgain(http, ref, port, HEALTH_PATH, via, { maxBytes: 4096 });
  if (answer.kind !== 'answer') return undefined;
  return answer.status === 200 ? true : answer.status === 500 ? false : undefined;
}

/** One that is not to be had leaves the first. */
async function secondLook(
  { http }: Context,
  { kind, port }: AgentFacts & { readonly kind: AgentKind },
  ref: ObjectRef,
  via: Way,
): Promise<readonly Output[] | undefined> {
  try {
    const answer = await askPortAgain(http, ref, port, PATHS[kind], via, { maxBytes: MOST_BYTES });
    return answer.kind === 'answer' && answer.status === 200 ? outputsOf(kind, answer.body) : undefined;
  } catch (error) {
    if (error instanceof ProbeError) return undefined;
    throw error;
  }
}
