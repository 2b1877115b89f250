import type { ProbeContext } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { askPart, dependenciesOf, type HttpAnswer, type PartPod, partPods, podSubject, REDIS } from '../shared/harbor-parts.ts';
import { oneLine } from '../shared/text.ts';
import type { JobserviceFacts, JobserviceObservation, PoolFacts } from './observation.ts';
import type { JobserviceOptions } from './options.ts';
import type { JobserviceRule } from './rules.ts';

type Context = ProbeContext<JobserviceOptions, JobserviceRule>;

const BY_STATS = ['answers', 'each-answers', 'pools-alive', 'each-has-pool', 'no-stale-pools'] as const satisfies readonly JobserviceRule[];
const MOST = 20;
/** A time before this, 2001, is none. */
const FIRST_SECOND = 1_000_000_000;
const LAST_SECOND = 100_000_000_000;

export async function probe(context: Context): Promise<JobserviceObservation> {
  const { kube, target, options } = context;
  const pods = await partPods(kube, target.pods, { ports: [options.port], named: /jobservice/ });
  return {
    replicas: await Promise.all(pods.slice(0, MOST).map((pod) => replicaOf(context, pod))),
    redis: dependenciesOf(target, REDIS),
  };
}

async function replicaOf(context: Context, pod: PartPod): Promise<JobserviceFacts> {
  const { facts, answer } = await askPart(context, BY_STATS, pod, '/api/v1/stats', judge);
  if (facts.status === 401 || facts.status === 403) {
    // Up to 1.6 it tells nobody who does not know Harbor's secret.
    const message = `${pod.namespace}/${pod.name}:${pod.port}/api/v1/stats answers ${facts.status}: it wants the secret of Harbor's core.`;
    await context.look(BY_STATS, () => Promise.reject(new ProbeError({ reason: 'NoCredentials', message, status: facts.status })), podSubject(pod));
    return { ...facts, state: 'dark' };
  }
  const pools = answer === undefined ? undefined : poolsOf(answer.body);
  return { ...facts, ...(facts.state === 'answers' && pools !== undefined ? { pools } : {}) };
}

function judge({ status, body }: HttpAnswer): 'answers' | 'status' | 'other' {
  if (status !== 200) return 'status';
  return poolsOf(body) === undefined ? 'other' : 'answers';
}

/** Undefined for what is no answer of the job service. */
export function poolsOf(body: string): readonly PoolFacts[] | undefined {
  let told: unknown;
  try {
    told = JSON.parse(body);
  } catch {
    return undefined;
  }
  if (typeof told !== 'object' || told === null || !('worker_pools' in told)) return undefined;
  const { worker_pools: pools } = told;
  if (pools !== null && !Array.isArray(pools)) return undefined;
  return (pools ?? []).slice(0, MOST).flatMap((each: unknown): readonly PoolFacts[] => {
    if (typeof each !== 'object' || each === null) return [];
    const { worker_pool_id: id, status, heartbeat_at: heartbeat, concurrency } = each as Readonly<Record<string, unknown>>;
    if (typeof id !== 'string' || typeof status !== 'string') return [];
    const isTime = typeof heartbeat === 'number' && heartbeat >= FIRST_SECOND && heartbeat < LAST_SECOND;
    return [
      {
        id: oneLine(id),
        status: oneLine(status),
        heartbeatAt: isTime ? new Date(heartbeat * 1000).toISOString() : '',
        concurrency: typeof concurrency === 'number' && Number.isFinite(concurrency) ? concurrency : 0,
      },
    ];
  });
}
