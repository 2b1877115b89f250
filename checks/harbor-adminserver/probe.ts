import type { ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { detailOf, isPong, systemInfoOf } from '../shared/harbor.ts';
import { ask, type Door, problemThrown, schemeOf, silenceOf, startOf } from '../shared/harbor-http.ts';
import { type ServerPod, serverPods } from '../shared/redis.ts';
import type { AdminserverFacts, HarborAdminserverObservation } from './observation.ts';
import type { HarborAdminserverOptions } from './options.ts';
import type { HarborAdminserverRule } from './rules.ts';

type Context = ProbeContext<HarborAdminserverOptions, HarborAdminserverRule>;

/** More of them say nothing new. */
const MOST = 20;

/**
 * `/api/ping` of each: the one path that asks for no secret. The others are left alone: were they open, they would answer with the passwords of Harbor.
 * Where one is silent, a core is asked for the version, for from 1.8 on an adminserver is a left-over.
 */
export async function probe(context: Context): Promise<HarborAdminserverObservation> {
  const { kube, target, options } = context;
  const servers = (await serverPods(kube, target.pods, options.port, /admin|http/i)).slice(0, MOST);
  const facts = await Promise.all(
    servers.map(async (server) => {
      const pod = (await kube.list('pods', server.namespace)).find(({ metadata }) => metadata.name === server.name);
      return factsOf(context, server, pod);
    }),
  );
  const version = facts.some(({ state }) => SILENT.has(state)) ? await coreVersion(context) : undefined;
  return { servers: facts, ...(version === undefined ? {} : { coreVersion: version }) };
}

const SILENT: ReadonlySet<AdminserverFacts['state']> = new Set(['refused', 'silent', 'closed', 'failing', 'foreign']);

async function factsOf(context: Context, server: ServerPod, pod: Pod | undefined): Promise<AdminserverFacts> {
  const { namespace, name, node, port, state } = server;
  const startedAt = startOf(pod);
  const base = { namespace, pod: name, node, port, detail: '', ...(startedAt === undefined ? {} : { startedAt }) };
  if (state !== 'running') return { ...base, state };
  const door: Door = { pod: { namespace, name }, port, scheme: schemeOf(pod, port) };
  try {
    const reply = await ask(context, door, '/api/ping');
    if (reply.kind === 'none') return { ...base, ...(await silenceOf(context, door, reply)) };
    const { status, body } = reply;
    if (status === 200 && isPong(body)) return { ...base, state: 'answers' };
    return { ...base, state: status >= 500 ? 'failing' : 'foreign', detail: detailOf(status, body) };
  } catch (error) {
    const problem = problemThrown(error);
    await context.look(['serves', 'answers'], () => Promise.reject(new ProbeError(problem)), { kind: 'Pod', namespace, name });
    return { ...base, state: 'dark' };
  }
}

/** Without an answer nothing is known of the version, and the adminserver counts as needed. */
async function coreVersion(context: Context): Promise<string | undefined> {
  const { kube, target, options } = context;
  const refs = (target.peers['core'] ?? []).flatMap(({ pods }) => pods);
  const cores = (await serverPods(kube, refs, options.corePort, /core|http/i)).filter(({ state }) => state === 'running');
  for (const { namespace, name, port } of cores.slice(0, 2)) {
    try {
      const reply = await ask(context, { pod: { namespace, name }, port, scheme: port === 8443 ? 'https' : 'http' }, '/api/systeminfo');
      if (reply.kind === 'none') continue;
      if (reply.status === 404) return 'v2';
      const version = reply.status === 200 ? systemInfoOf(reply.body)?.version : undefined;
      if (version !== undefined) return version;
    } catch (error) {
      problemThrown(error);
    }
  }
  return undefined;
}
