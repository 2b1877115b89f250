import type { ByteStream, ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { podSubject } from '../shared/harbor-parts.ts';
import { isFinished, namespacesOf, ownedBy } from '../shared/pods.ts';
import { runEnds } from './log.ts';
import type { RunEnd, SyncFacts, SyncObservation } from './observation.ts';
import type { RsyncOptions } from './options.ts';
import type { RsyncRule } from './rules.ts';

type Context = ProbeContext<RsyncOptions, RsyncRule>;

const MOST = 5;
const GREETING_TIMEOUT_MS = 3000;

/** Reads the end of the log of what runs, or of the newest that has ended where it runs as a job. */
export async function probe(context: Context): Promise<SyncObservation> {
  const { kube, target } = context;
  const pods = (
    await Promise.all(namespacesOf(target.pods).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))))
  ).flat();
  const running = pods.filter((pod) => pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined);
  const [newest] = pods.filter(isFinished).toSorted((a, b) => (b.status?.startTime ?? '').localeCompare(a.status?.startTime ?? ''));
  const looked = running.length > 0 ? running.slice(0, MOST) : newest === undefined ? [] : [newest];
  return { pods: await Promise.all(looked.map((pod) => factsOf(context, pod))) };
}

async function factsOf(context: Context, pod: Pod): Promise<SyncFacts> {
  const { kube, look, options } = context;
  const ref = { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
  const containers = pod.spec?.containers ?? [];
  const container = containers.find(({ name, image = '' }) => /rsync/.test(`${name} ${image}`)) ?? containers[0];
  const listens = !isFinished(pod) && containers.some(({ ports = [] }) => ports.some(({ containerPort }) => containerPort === options.port));
  const [log, daemon] = await Promise.all([
    look(
      ['last-run-succeeded', 'ran-recently'],
      () => kube.logs(ref, { ...(container === undefined ? {} : { container: container.name }), tailLines: options.logLines }),
      podSubject(ref),
    ),
    listens ? look('daemon-greets', () => daemonOf(context, ref), podSubject(ref)) : ('undeclared' as const),
  ]);
  const ends = [...runEnds(log ?? ''), ...exitOf(pod, container?.name)];
  const last = ends.at(-1);
  const lastSuccess = ends.findLast(({ succeeded }) => succeeded);
  return {
    ...ref,
    log: log === undefined ? 'unread' : 'read',
    ...(last === undefined ? {} : { last }),
    ...(lastSuccess === undefined ? {} : { lastSuccess }),
    ...(daemon === 'undeclared' ? {} : { daemon: daemon ?? 'dark' }),
  };
}

/** The exit code of a job's container outweighs what it wrote. */
function exitOf(pod: Pod, container: string | undefined): readonly RunEnd[] {
  const ended = pod.status?.containerStatuses?.find(({ name }) => name === container)?.state?.terminated;
  if (!isFinished(pod) || ended?.exitCode === undefined) return [];
  return [{ succeeded: ended.exitCode === 0, at: ended.finishedAt ?? '', line: `exit code ${ended.exitCode}` }];
}

/** An rsync daemon speaks first: `@RSYNCD: 31.0`. Nothing is written to it. */
async function daemonOf(context: Context, ref: { readonly namespace: string; readonly name: string }): Promise<'greets' | 'refused' | 'silent' | 'other'> {
  const stream = await context.portForward(ref, context.options.port);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const silence = new Promise<'silent'>((resolve) => {
    timer = setTimeout(() => resolve('silent'), GREETING_TIMEOUT_MS);
  });
  try {
    return await Promise.race([greetingOf(stream), silence]);
  } catch (error) {
    if (error instanceof ProbeError && error.problem.reason === 'Refused') return 'refused';
    throw error;
  } finally {
    clearTimeout(timer);
    stream.close();
  }
}

async function greetingOf(stream: ByteStream): Promise<'greets' | 'other'> {
  let text = '';
  for await (const bytes of stream) {
    text += new TextDecoder().decode(bytes);
    if (text.length >= 8) break;
  }
  return text.startsWith('@RSYNCD:') ? 'greets' : 'other';
}
