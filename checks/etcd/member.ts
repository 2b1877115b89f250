import type { Pod } from '../../src/model/kubernetes.ts';
import type { ProbeError as Problem } from '../../src/model/problem.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from '../shared/text.ts';
import { failedReadiness, healthOf, isBefore, membersOf, metricsOf, parseVersion, statusOf, versionsOf } from './answers.ts';
import { ask, contact, type EtcdContext, type Route } from './contact.ts';
import type { Asked, Gateway } from './gateway.ts';
import type { Listeners } from './listeners.ts';
import type { Health, MemberFacts, MetricFacts, StatusFacts } from './observation.ts';

/** Where a fact comes from: what could not be asked there is missing for the rules that need it. */
export type Source = 'contact' | 'gateway' | 'metrics' | 'version';

/** A member as it was asked, with what could not be asked and how it can be asked again. */
export interface Look {
  readonly facts: MemberFacts;
  readonly problems: readonly { readonly source: Source; readonly error: Problem }[];
  /** True when only its node tells whether nobody can reach it or it is gone. */
  readonly undecided: boolean;
  /** Absent of a member that does not answer. */
  readonly asked?: Asked & { readonly route: Route; readonly listeners: Listeners };
}

/** A scrape of a large etcd has some 300 KiB. */
const MOST_METRICS = 4 * 1024 * 1024;

/** Asks one member: for its health first, and for everything else only when it answers. */
export async function lookAt(context: EtcdContext, pod: Pod, listeners: Listeners, gateway: Gateway): Promise<Look> {
  const ref = { namespace: pod.metadata.namespace ?? context.target.namespace, name: pod.metadata.name };
  const port = listeners.client[0]?.port ?? 0;
  const known = { ...identity(pod), ...(listeners.quota === undefined ? {} : { quotaFlag: listeners.quota }) };
  const stopped = whyNotRunning(pod);
  if (stopped !== undefined) return { facts: { ...known, port, answer: 'not-running', detail: stopped }, problems: [], undecided: false };
  const met = await contact(context, ref, listeners);
  if (met.kind === 'undecided') {
    const facts: MemberFacts = { ...known, port: met.port, answer: 'dark', detail: met.detail };
    return { facts, problems: [{ source: 'contact', error: met.error }], undecided: met.tried };
  }
  if (met.kind !== 'answers') return { facts: { ...known, port: met.port, answer: met.kind, detail: met.detail }, problems: [], undecided: false };

  const { route, health } = met;
  const problems: { readonly source: Source; readonly error: Problem }[] = [];
  async function attempt<T>(source: Source, read: () => Promise<T>): Promise<T | undefined> {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof ProbeError)) throw error;
      problems.push({ source, error });
      return undefined;
    }
  }
  // The version first: it says under which path the gateway is.
  const [metrics, versions] = await Promise.all([
    attempt('metrics', () => scrape(context, ref, route)),
    listeners.client.includes(route.door) ? attempt('version', () => readVersions(context, ref, route)) : undefined,
  ]);
  const door = listeners.client.includes(route.door) && route.door.reach !== 'address' ? route.door : listeners.client.find(({ reach }) => reach !== 'address');
  const version = versions?.version ?? metrics?.version;
  const asked = { pod: ref, door, wantsCertificate: listeners.wantsCertificate, version, route, listeners };
  const [status, listed, reason] = await Promise.all([
    attempt('gateway', () => readStatus(gateway, asked)),
    attempt('gateway', () => readMembers(gateway, asked)),
    reasonOf(context, asked, health),
  ]);
  const facts: MemberFacts = {
    ...known,
    port: route.door.port,
    answer: 'answers',
    detail: '',
    health: { ...health, reason },
    ...versions,
    ...(status === undefined ? {} : { status }),
    ...(listed === undefined ? {} : { listed }),
    ...(metrics === undefined ? {} : { metrics }),
  };
  return { facts, problems, undecided: false, asked };
}

function identity(pod: Pod): Pick<MemberFacts, 'pod' | 'namespace' | 'address' | 'node' | 'startedAt'> {
  const started = pod.status?.containerStatuses?.flatMap(({ state }) => state?.running?.startedAt ?? []).toSorted()[0];
  return {
    pod: pod.metadata.name,
    namespace: pod.metadata.namespace ?? '',
    address: pod.status?.podIP ?? '',
    node: pod.spec?.nodeName ?? '',
    ...(started === undefined ? {} : { startedAt: started }),
  };
}

/** Why nothing in a pod can answer; undefined when a container runs. */
function whyNotRunning({ spec, status }: Pod): string | undefined {
  if (spec?.nodeName === undefined) return 'not scheduled';
  const containers = status?.containerStatuses ?? [];
  if (status?.podIP !== undefined && (containers.length === 0 || containers.some(({ state }) => state?.running !== undefined))) return undefined;
  const [waiting] = containers.flatMap(({ state, lastState }) => {
    const ended = state?.terminated ?? lastState?.terminated;
    const exit = ended === undefined ? '' : `exit ${ended.exitCode ?? '?'}`;
    return [state?.waiting?.reason ?? state?.terminated?.reason ?? '', exit].filter((word) => word !== '').join(', ');
  });
  return oneLine(waiting === undefined || waiting === '' ? (status?.phase ?? 'Pending') : waiting);
}

async function scrape(context: EtcdContext, pod: Asked['pod'], route: Route): Promise<MetricFacts> {
  const outcome = await ask(context, pod, route, '/metrics', MOST_METRICS);
  const metrics = outcome.kind === 'answer' && outcome.status === 200 ? metricsOf(outcome.body) : undefined;
  if (metrics !== undefined) return metrics;
  throw unreadable(pod, '/metrics', outcome.kind === 'answer' ? `HTTP ${outcome.status}, no metrics of an etcd` : outcome.message);
}

async function readVersions(context: EtcdContext, pod: Asked['pod'], route: Route): Promise<Pick<MemberFacts, 'version' | 'clusterVersion'>> {
  const outcome = await ask(context, pod, route, '/version');
  const versions = outcome.kind === 'answer' ? versionsOf(outcome.body) : {};
  if (versions.version !== undefined) return versions;
  throw unreadable(pod, '/version', outcome.kind === 'answer' ? `HTTP ${outcome.status}, no version` : outcome.message);
}

async function readStatus(gateway: Gateway, asked: Asked): Promise<StatusFacts> {
  const status = statusOf(await gateway.ask(asked, 'status'));
  if (status === undefined) throw unreadable(asked.pod, 'maintenance/status', 'no status of an etcd');
  return status;
}

async function readMembers(gateway: Gateway, asked: Asked): Promise<MemberFacts['listed']> {
  try {
    const listed = membersOf(await gateway.ask(asked, 'members'));
    if (listed === undefined) throw unreadable(asked.pod, 'cluster/member/list', 'no members in it');
    return listed;
  } catch (error) {
    // A learner answers few questions; the voting members have the same list.
    if (error instanceof ProbeError && /not supported for learner/.test(error.problem.message)) return undefined;
    throw error;
  }
}

function unreadable(pod: Asked['pod'], what: string, why: string): ProbeError {
  return new ProbeError({ reason: 'InvalidResponse', message: `${what} of ${pod.namespace}/${pod.name}: ${oneLine(why)}` });
}

/** The reason of a bad health. 3.4 keeps it to itself; from 3.4.29 on `/readyz` names what failed. */
async function reasonOf(context: EtcdContext, { pod, route, version }: NonNullable<Look['asked']>, health: Health): Promise<string> {
  const parsed = parseVersion(version);
  const late34 = parsed?.minor === 4 && parsed.patch >= 29;
  const knows = parsed !== undefined && !isBefore(version, 3, 4) && (parsed.minor !== 4 || late34);
  if (health.healthy || health.reason !== '' || !knows) return health.reason;
  try {
    const outcome = await ask(context, pod, route, '/readyz?verbose');
    return outcome.kind === 'answer' ? failedReadiness(outcome.body) : '';
  } catch (error) {
    // It is a detail of a fault that is known already.
    if (error instanceof ProbeError) return '';
    throw error;
  }
}

/** Asks a member a second time: for its health and status, or for its metrics. What it does not answer now is left out. */
export async function lookAgain(
  context: EtcdContext,
  look: Look,
  gateway: Gateway,
  wanted: { readonly status: boolean; readonly metrics: boolean },
): Promise<NonNullable<MemberFacts['again']>> {
  const { asked } = look;
  if (asked === undefined) return {};
  const { pod, route } = asked;
  const orNothing = async <T>(read: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof ProbeError) return undefined;
      throw error;
    }
  };
  const [health, status, metrics] = await Promise.all([
    wanted.status ? orNothing(() => readHealth(context, asked)) : undefined,
    wanted.status && look.facts.status !== undefined ? orNothing(() => readStatus(gateway, asked)) : undefined,
    wanted.metrics ? orNothing(() => scrape(context, pod, route)) : undefined,
  ]);
  return { ...(health === undefined ? {} : { health }), ...(status === undefined ? {} : { status }), ...(metrics === undefined ? {} : { metrics }) };
}

async function readHealth(context: EtcdContext, asked: NonNullable<Look['asked']>): Promise<Health | undefined> {
  const outcome = await ask(context, asked.pod, asked.route, '/health');
  const health = outcome.kind === 'answer' ? healthOf(outcome.status, outcome.body) : undefined;
  return health === undefined ? undefined : { ...health, reason: await reasonOf(context, asked, health) };
}
