import type { ProbeContext } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { askPort } from '../shared/http-port.ts';
import { ownedBy } from '../shared/pods.ts';
import { type ServerPod, serverPods } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import { secondsSince } from '../shared/time.ts';
import type { ServerFacts, ServerState, SkywalkingObservation } from './observation.ts';
import type { rules, SkywalkingOptions } from './rules.ts';

type Context = ProbeContext<SkywalkingOptions, keyof typeof rules>;

/** Asks each OAP server for its health. */
export async function probe(context: Context): Promise<SkywalkingObservation> {
  const { kube, target, options } = context;
  const pods = await serverPods(kube, target.pods, options.port, /oap|skywalking|rest/i);
  const servers = await Promise.all(pods.map((pod) => serverOf(context, pod)));
  return { servers, needs: target.dependencies.map(({ component }) => component) };
}

async function serverOf(context: Context, pod: ServerPod): Promise<ServerFacts> {
  const { http, options, look } = context;
  const { namespace, name, node } = pod;
  const { port } = options;
  const base: ServerFacts = { namespace, name, node, port, state: 'dark', detail: '' };
  if (pod.state === 'not-running') return { ...base, state: 'not-running' };
  const subject = { kind: 'Pod', namespace, name };
  const answer = await look(
    ['answers', 'healthy'],
    () => {
      if (pod.state === 'running') return askPort(http, pod, port, '/healthcheck', { maxBytes: 16 * 1024 });
      const message = `${namespace}/${name} cannot be asked: its node ${node} does not report.`;
      throw new ProbeError({ reason: 'PrerequisiteFailed', message });
    },
    subject,
  );
  if (answer === undefined) return base;
  if (answer.kind === 'answer') {
    const { status, body } = answer;
    const detail = oneLine(`HTTP ${status}: ${body.slice(0, 120)}`).replace(/[.:\s]+$/, '');
    return { ...base, state: stateOf(status), detail };
  }
  const detail = answer.detail.replace(/[.\s]+$/, '');
  const starting = answer.kind === 'refused' && !pod.ready && (await isYoung(context, pod));
  return { ...base, state: starting ? 'starting' : answer.kind, detail };
}

function stateOf(status: number): ServerState {
  if (status >= 200 && status < 300) return 'healthy';
  return status === 503 ? 'unhealthy' : status === 404 ? 'no-checker' : 'other';
}

async function isYoung({ kube, options, now }: Context, pod: ServerPod): Promise<boolean> {
  const [object] = ownedBy([pod], pod.namespace, await kube.list('pods', pod.namespace));
  const started = (object?.status?.containerStatuses ?? []).map(({ state }) => secondsSince(state?.running?.startedAt, now()));
  return started.some((seconds) => seconds !== undefined && seconds < options.startSeconds);
}
