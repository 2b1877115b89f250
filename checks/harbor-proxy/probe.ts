import type { ProbeContext, Target } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { detailOf } from '../shared/harbor.ts';
import { askPart, BRIEFLY, declares, type HttpAnswer, type PartFacts, type PartPod, partPods, podSubject, reach } from '../shared/harbor-parts.ts';
import type { Behind, ProxyFacts, ProxyObservation, Through, TooLarge } from './observation.ts';
import type { ProxyOptions } from './options.ts';
import type { ProxyRule } from './rules.ts';
import { isLost } from './through.ts';

type Context = ProbeContext<ProxyOptions, ProxyRule>;

const MOST = 20;
const ALTERNATE_HTTPS = 8443;
const UNASKED: Behind = 'unasked';

/** Asks for three paths through every proxy; for what lies behind it only when the proxy found nobody there. */
export async function probe(context: Context): Promise<ProxyObservation> {
  const { kube, target, options } = context;
  const pods = await partPods(kube, target.pods, { ports: [options.port, 8080], named: /nginx|proxy/ });
  const proxies = await Promise.all(pods.slice(0, MOST).map((pod) => proxyOf(context, pod)));
  const [core, portal] = await Promise.all([
    proxies.some(({ core: through }) => through !== undefined && isLost(through)) ? behind(context, 'core', options.corePort, '/api/ping') : UNASKED,
    proxies.some(({ page }) => page !== undefined && isLost(page)) ? behind(context, 'portal', options.portalPort, '/') : UNASKED,
  ]);
  return { proxies, core, portal, cores: peersOf(target, 'core'), portals: peersOf(target, 'portal'), registries: peersOf(target, 'registry') };
}

function peersOf(target: Target, role: string): readonly string[] {
  return (target.peers[role] ?? []).filter(({ presence }) => presence !== 'absent').map(({ component }) => component);
}

async function proxyOf(context: Context, pod: PartPod): Promise<ProxyFacts> {
  const [root, tooLarge, https, core, registry] = await Promise.all([
    askPart(context, ['answers', 'each-answers', 'leads-to-portal'], pod, '/', judge),
    tooLargeOf(context, pod),
    httpsOf(context, pod),
    through(context, 'leads-to-core', pod, pod.port, '/api/ping', 'http'),
    through(context, 'leads-to-registry', pod, pod.port, '/v2/', 'http'),
  ]);
  // The root is the portal's: when that hangs, another path tells that nginx does not.
  const alive = root.facts.state === 'silent' && [core, registry].some((each) => each !== undefined && each.status !== 0);
  const facts: PartFacts = alive ? { ...root.facts, state: 'answers', detail: '' } : root.facts;
  const base: ProxyFacts = { ...facts, ...(https === undefined ? {} : { https }), sendsElsewhere: false, ...(tooLarge === undefined ? {} : { tooLarge }) };
  if (facts.state !== 'answers') return base;
  if (root.answer === undefined || !isSentToHttps(root.answer))
    return { ...base, ...defined({ page: root.answer === undefined ? NOTHING : throughOf(root.answer), core, registry }) };
  if (https?.state !== 'answers' && https?.state !== 'dark') return { ...base, sendsElsewhere: https === undefined };
  const [securePage, secureCore, secureRegistry] = await Promise.all([
    through(context, 'leads-to-portal', pod, https.port, '/', 'https'),
    through(context, 'leads-to-core', pod, https.port, '/api/ping', 'https'),
    through(context, 'leads-to-registry', pod, https.port, '/v2/', 'https'),
  ]);
  return { ...base, ...defined({ page: securePage, core: secureCore, registry: secureRegistry }) };
}

function defined(all: Readonly<Record<'page' | 'core' | 'registry', Through | undefined>>): Partial<Record<'page' | 'core' | 'registry', Through>> {
  const { page, core, registry } = all;
  return { ...(page === undefined ? {} : { page }), ...(core === undefined ? {} : { core }), ...(registry === undefined ? {} : { registry }) };
}

/** What nginx says at its root is its own or that of the portal behind it; either way it answers. The page it brings along is of no Harbor. */
function judge({ status, body }: HttpAnswer): 'answers' | 'status' | 'other' {
  if (/<title>Welcome to nginx/i.test(body)) return 'other';
  return status < 400 || status === 401 || status >= 500 ? 'answers' : 'status';
}

function isSentToHttps({ status, headers }: HttpAnswer): boolean {
  return [301, 302, 307, 308].includes(status) && /^https:/i.test(headers['location'] ?? '');
}

const NOTHING: Through = { status: 0, detail: 'timeout', own: false };

/** One path through the proxy. That nothing comes is an answer, too, as long as the proxy answers on another one. */
async function through(context: Context, rule: ProxyRule, pod: PartPod, port: number, path: string, scheme: 'http' | 'https'): Promise<Through | undefined> {
  if (pod.state === 'not-running') return undefined;
  const { namespace, name, node, state } = pod;
  return context.look(
    rule,
    async () => {
      if (state === 'node-lost')
        throw new ProbeError({ reason: 'PrerequisiteFailed', message: `${namespace}/${name} cannot be asked: its node ${node} does not report.` });
      try {
        const outcome = await context.http.pod({ namespace, name }, port, path, { ...BRIEFLY, scheme });
        return outcome.kind === 'answer' ? throughOf(outcome) : { ...NOTHING, detail: outcome.cause };
      } catch (error) {
        if (error instanceof ProbeError && error.problem.reason === 'Timeout') return NOTHING;
        throw error;
      }
    },
    podSubject(pod),
  );
}

function throughOf({ status, body }: HttpAnswer): Through {
  return { status, detail: detailOf(status, body), own: /<center>(?:nginx|openresty)/i.test(body) };
}

async function httpsOf(context: Context, pod: PartPod): Promise<ProxyFacts['https']> {
  const port = [context.options.httpsPort, ALTERNATE_HTTPS].find((each) => declares(pod, each));
  if (port === undefined || pod.state === 'not-running') return undefined;
  const outcome = await context.look('https-answers', () => reach(context.http, pod, port, '/', 'https'), podSubject(pod));
  if (outcome === undefined) return { port, state: 'dark' };
  if (outcome.kind === 'answer') return { port, state: 'answers' };
  return { port, state: outcome.cause === 'refused' ? 'refused' : outcome.cause === 'timeout' ? 'silent' : 'broken' };
}

const TOO_LARGE = /^(\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d) \[error\].*client intended to send too large body: (\d{1,15}) bytes/gm;

async function tooLargeOf({ kube, look, options }: Context, pod: PartPod): Promise<ProxyFacts['tooLarge']> {
  if (pod.state === 'not-running') return 'none';
  const { namespace, name, container } = pod;
  const log = await look('body-size', () => kube.logs({ namespace, name }, { container, tailLines: options.logLines }), podSubject(pod));
  if (log === undefined) return undefined;
  const found = [...log.slice(-400_000).matchAll(TOO_LARGE)];
  const [, at = '', bytes = '0'] = found.at(-1) ?? [];
  return found.length === 0 ? 'none' : ({ count: found.length, bytes: Number(bytes), at } satisfies TooLarge);
}

/** Whether any pod of a peer answers by itself. */
async function behind({ kube, http, target }: Context, role: 'core' | 'portal', port: number, path: string): Promise<Behind> {
  const refs = (target.peers[role] ?? []).flatMap(({ pods }) => pods);
  const pods = await partPods(kube, refs, { ports: [port, 8080], named: new RegExp(role) });
  const asked = await Promise.all(
    pods
      .filter(({ state }) => state === 'running')
      .slice(0, 5)
      .map(async (pod) => {
        try {
          const outcome = await http.pod({ namespace: pod.namespace, name: pod.name }, pod.port, path, BRIEFLY);
          return outcome.kind === 'answer' && outcome.status < 500 ? 'answers' : 'silent';
        } catch (error) {
          if (error instanceof ProbeError && error.problem.reason === 'Timeout') return 'silent';
          if (error instanceof ProbeError) return 'unknown';
          throw error;
        }
      }),
  );
  if (asked.includes('answers')) return 'answers';
  return pods.length === 0 || asked.includes('unknown') || pods.some(({ state }) => state === 'node-lost') ? 'unknown' : 'silent';
}
