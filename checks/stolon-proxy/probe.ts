import type { ProbeContext, Subject } from '../../src/model/check.ts';
import type { PostgresConversation } from '../../src/model/conversation.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { valueOf } from '../shared/metrics.ts';
import { believable, isRunning, metricsOf, outOfSight, podFacts, podsOfRole, readStore, refOf, settingOf } from '../shared/stolon.ts';
import type { MasterFacts, ProxyFacts, ServerFacts, StolonProxyObservation } from './observation.ts';
import type { StolonProxyOptions, StolonProxyRule } from './rules.ts';
import {
  ARCHIVER,
  archiverOf,
  IDLE,
  idleOf,
  SERVER,
  sendersOf,
  sendersStatement,
  serverOf,
  slotsOf,
  slotsStatement,
  TRANSACTION_AGE,
  transactionAgeOf,
} from './statements.ts';

type Context = ProbeContext<StolonProxyOptions, StolonProxyRule>;

/** Rules that compare with cluster data, and must not compare with old news. */
const AGAINST_THE_DATA = ['data-and-server-agree', 'data-and-standbys-agree'] as const satisfies readonly StolonProxyRule[];
/** Rules that every proxy is asked for by itself, after a login. */
const OF_EACH_SERVER = ['writable', 'one-server', 'data-and-server-agree'] as const satisfies readonly StolonProxyRule[];
/** Rules that need a login at all. */
const WITH_LOGIN = [
  ...OF_EACH_SERVER,
  'connections-left',
  'data-and-standbys-agree',
  'replay-lag-bytes',
  'replay-lag-seconds',
  'slots-in-use',
  'transaction-ids-left',
  'transaction-ids-plenty',
  'archiving',
  'no-idle-transactions',
] as const satisfies readonly StolonProxyRule[];
const DEFAULT_PORT = 5432;

export async function probe(context: Context): Promise<StolonProxyObservation> {
  const { kube, target } = context;
  const [proxies, keepers, sentinels] = await Promise.all([
    podsOfRole(kube, target, 'proxy', 'proxy'),
    podsOfRole(kube, target, 'keeper', 'proxy'),
    podsOfRole(kube, target, 'sentinel', 'proxy'),
  ]);
  const readAt = context.now().toISOString();
  const stored = await lookAtStore(context, [...proxies, ...keepers, ...sentinels]);
  const asked = await Promise.all(proxies.map((pod) => askProxy(context, pod)));
  await lookWhetherAnyAnswers(context, asked);
  return {
    namespace: target.namespace,
    readAt,
    ...stored,
    ...(await logIn(context, asked)),
    keeperPods: keepers.map(podFacts),
    keepers: (target.peers['keeper'] ?? []).map((peer) => peer.component),
    sentinels: (target.peers['sentinel'] ?? []).map((peer) => peer.component),
  };
}

async function lookAtStore({ kube, target, options, look, now }: Context, pods: readonly Pod[]): Promise<Pick<StolonProxyObservation, 'store' | 'data'>> {
  const store = await look(['enabled', ...AGAINST_THE_DATA], async () => {
    const found = await readStore(kube, target, pods, options.cluster);
    if (found.kind === 'elsewhere' || found.kind === 'unfound') throw outOfSight(found);
    return found;
  });
  if (store === undefined) return { store: 'dark' };
  const rules = store.kind === 'data' ? AGAINST_THE_DATA : (['enabled', ...AGAINST_THE_DATA] as const);
  const believed = await look(rules, () => believable(store, now().toISOString(), options));
  if (store.kind !== 'data') return { store: store.kind };
  return { store: believed === undefined ? 'stale' : 'data', data: store.data };
}

interface Asked {
  readonly facts: ProxyFacts;
  readonly conversation?: PostgresConversation;
}

/** One question without a password. That nobody listens is a fault, unless the proxy listens on its pod's own address alone. */
async function askProxy(context: Context, pod: Pod): Promise<Asked> {
  const subject: Subject = { kind: 'Pod', ...refOf(pod) };
  const port = Number(settingOf(pod, 'port') ?? DEFAULT_PORT) || DEFAULT_PORT;
  const facts = { ...podFacts(pod), port, ...(await whenDataWasRead(context, pod, subject)) };
  if (!isRunning(pod)) return { facts: { ...facts, answer: { kind: 'idle' } } };
  const opened = await context.look(
    'each-answers',
    async () => {
      const found = await context.postgres(refOf(pod), port);
      if (found.kind === 'refused' && facts.ready && (await listensElsewhere(context, pod, port))) {
        const message = `${pod.metadata.name}:${port} listens on the address of its pod alone, where a port-forward does not reach.`;
        throw new ProbeError({ reason: 'Refused', message });
      }
      return found;
    },
    subject,
  );
  if (opened === undefined) return { facts: { ...facts, answer: { kind: 'dark' } } };
  if (opened.kind !== 'talking') return { facts: { ...facts, answer: { kind: opened.kind, message: opened.message } } };
  const { conversation } = opened;
  const { greeting } = conversation;
  if (greeting.kind === 'accepting') return { facts: { ...facts, answer: { kind: 'accepting' } }, conversation };
  return { facts: { ...facts, answer: { kind: 'error', sqlState: greeting.sqlState, message: greeting.message } }, conversation };
}

/** A port-forward ends at the loopback interface; the API server's proxy goes to the pod's address, and is refused as well when nobody listens at all. */
async function listensElsewhere({ http }: Context, pod: Pod, port: number): Promise<boolean> {
  const address = settingOf(pod, 'listen-address');
  if (address !== undefined && /^(?:0\.0\.0\.0|127\.|localhost$|::1?$|\[::1?\]$|\*$)/.test(address)) return false;
  const outcome = await http.pod(refOf(pod), port, '/', { maxBytes: 1024 });
  return outcome.kind === 'answer' || outcome.cause !== 'refused';
}

async function whenDataWasRead(context: Context, pod: Pod, subject: Subject): Promise<Pick<ProxyFacts, 'dataReadAt' | 'metricsUnread'>> {
  const read = await context.look('reads-data', async () => ({ found: await metricsOf(context.http, pod) }), subject);
  if (read === undefined) return { metricsUnread: true };
  const time = valueOf(read.found ?? [], 'stolon_proxy_clusterdata_last_valid_update_seconds');
  return time !== undefined && Number.isFinite(time) ? { dataReadAt: time } : {};
}

/** As long as one proxy could not be asked, that none of the others answers does not mean that none does. */
async function lookWhetherAnyAnswers({ look }: Context, asked: readonly Asked[]): Promise<void> {
  const dark = darkOnes(asked);
  if (dark.length === 0) return;
  await look(['answers', ...WITH_LOGIN], async () => {
    throw new ProbeError({ reason: 'PrerequisiteFailed', message: `No proxy answered, and ${dark.join(', ')} could not be asked.` });
  });
}

/** The proxies that might be the ones that answer: none as soon as one does. */
function darkOnes(asked: readonly Asked[]): readonly string[] {
  if (asked.some(({ conversation }) => conversation !== undefined)) return [];
  return asked.filter(({ facts }) => facts.answer.kind === 'dark').map(({ facts }) => facts.name);
}

/** Error states of a server that lets nobody in: a login would only say the same again. */
const CLOSED_TO_ALL = /^(?:57P|53)/;

async function logIn(context: Context, asked: readonly Asked[]): Promise<Pick<StolonProxyObservation, 'proxies' | 'login' | 'master'>> {
  const open = asked.filter(({ conversation, facts }) => conversation !== undefined && !CLOSED_TO_ALL.test(facts.answer.sqlState ?? ''));
  const known = await Promise.all(open.map(async (each) => ({ each, outcome: await serverBehind(each) })));
  const failures = known.flatMap(({ each, outcome }) => (outcome instanceof ProbeError ? [{ each, problem: outcome }] : []));
  const [first] = failures;
  if (first !== undefined && failures.length === known.length) await refuse(context, WITH_LOGIN, first.problem);
  else for (const { each, problem } of failures) await refuse(context, OF_EACH_SERVER, problem, subjectOf(each.facts));
  const serverOfProxy = new Map(known.flatMap(({ each, outcome }) => (outcome instanceof ProbeError ? [] : [[each, outcome] as const])));
  const proxies = asked.map((each): ProxyFacts => {
    const server = serverOfProxy.get(each);
    return server === undefined ? each.facts : { ...each.facts, server };
  });
  const through = [...serverOfProxy].find(([, server]) => !server.inRecovery);
  const master = through === undefined ? undefined : await askMaster(context, through[0], through[1]);
  const login = serverOfProxy.size > 0 ? 'done' : first !== undefined || darkOnes(asked).length > 0 ? 'failed' : 'no-server';
  return { proxies, login, ...(master === undefined ? {} : { master }) };
}

function subjectOf({ namespace, name }: ProxyFacts): Subject {
  return { kind: 'Pod', namespace, name };
}

async function refuse({ look }: Context, rules: readonly StolonProxyRule[], problem: ProbeError, subject?: Subject): Promise<void> {
  await look(
    rules,
    async () => {
      throw problem;
    },
    subject,
  );
}

async function serverBehind({ conversation }: Asked): Promise<ServerFacts | ProbeError> {
  try {
    return serverOf((await conversation?.query(SERVER)) ?? []);
  } catch (error) {
    if (error instanceof ProbeError) return error;
    throw error;
  }
}

async function askMaster({ look }: Context, { facts, conversation }: Asked, { version }: ServerFacts): Promise<MasterFacts> {
  const ask = <T>(
    rules: readonly StolonProxyRule[],
    statement: string,
    read: (rows: Awaited<ReturnType<PostgresConversation['query']>>) => T,
  ): Promise<T | undefined> => look(rules, async () => read((await conversation?.query(statement)) ?? []));
  const senders = await ask(['data-and-standbys-agree', 'replay-lag-bytes', 'replay-lag-seconds'], sendersStatement(version), sendersOf);
  const slots = await ask(['slots-in-use'], slotsStatement(version), slotsOf);
  const transactionAge = await ask(['transaction-ids-left', 'transaction-ids-plenty'], TRANSACTION_AGE, transactionAgeOf);
  const archiver = await ask(['archiving'], ARCHIVER, archiverOf);
  const idleInTransaction = await ask(['no-idle-transactions'], IDLE, idleOf);
  return {
    through: facts.name,
    ...(senders === undefined ? {} : { senders }),
    ...(slots === undefined ? {} : { slots }),
    ...(transactionAge === undefined ? {} : { transactionAge }),
    ...(archiver === undefined ? {} : { archiver }),
    ...(idleInTransaction === undefined ? {} : { idleInTransaction }),
  };
}
