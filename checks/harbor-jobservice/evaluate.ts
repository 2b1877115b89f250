import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { answerVerdicts, whyUnserved } from '../shared/harbor-answers.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { JobserviceObservation, PoolFacts } from './observation.ts';
import type { JobserviceOptions } from './options.ts';
import type { rules } from './rules.ts';

type JobserviceVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<JobserviceOptions>;

const BY_POOLS = ['pools-alive', 'each-has-pool', 'no-stale-pools'] as const;

/** Its pools live in Redis: without one it answers with an error or with dead pools. */
export function evaluate({ replicas, redis }: JobserviceObservation, context: Context): readonly JobserviceVerdict[] {
  // A Redis that hangs keeps the answer waiting as well.
  const answers = answerVerdicts(replicas, ({ state, status }) => (status >= 500 || state === 'silent' ? redis : []));
  const why = whyUnserved(replicas);
  if (why === 'dark') return answers;
  if (why !== undefined) return [...answers, ...BY_POOLS.map((rule): JobserviceVerdict => ({ rule, verdict: 'skip', messageId: why }))];
  // Each replica tells of all; one that was asked a moment later may know a newer heartbeat.
  const pools = new Map<string, PoolFacts>();
  for (const pool of replicas.flatMap(({ pools: told }) => told ?? [])) {
    const known = pools.get(pool.id);
    if (known === undefined || known.heartbeatAt < pool.heartbeatAt) pools.set(pool.id, pool);
  }
  return [...answers, ...judged([...pools.values()], replicas.filter(({ state }) => state === 'answers').length, redis, context)];
}

function judged(pools: readonly PoolFacts[], serving: number, redis: readonly string[], context: Context): readonly JobserviceVerdict[] {
  const alive = pools.filter((pool) => isAlive(pool, context));
  const observed = pools.map(({ id, status, heartbeatAt }) => ({ id, status, heartbeatAt }));
  if (alive.length === 0) {
    const skipped = (['each-has-pool', 'no-stale-pools'] as const).map((rule): JobserviceVerdict => ({ rule, verdict: 'skip', messageId: 'see-pools-alive' }));
    return [noneAlive(pools, observed, redis, context), ...skipped];
  }
  const dead = pools.length - alive.length;
  return [
    { rule: 'pools-alive', verdict: 'pass', observed },
    alive.length < serving
      ? { rule: 'each-has-pool', verdict: 'fail', messageId: 'fewer', data: { replicas: serving, alive: alive.length }, observed, because: redis }
      : { rule: 'each-has-pool', verdict: 'pass' },
    dead > 0
      ? { rule: 'no-stale-pools', verdict: 'fail', messageId: 'stale', data: { alive: alive.length, dead }, observed }
      : { rule: 'no-stale-pools', verdict: 'pass' },
  ];
}

function isAlive({ status, heartbeatAt }: PoolFacts, { options, now }: Context): boolean {
  const age = secondsSince(heartbeatAt, now);
  return status.toLowerCase() !== 'dead' && (age === undefined || age <= options.heartbeatSeconds);
}

function noneAlive(
  pools: readonly PoolFacts[],
  observed: readonly { readonly id: string; readonly status: string; readonly heartbeatAt: string }[],
  because: readonly string[],
  { now }: Context,
): JobserviceVerdict {
  const [first] = pools;
  const base = { rule: 'pools-alive', verdict: 'fail', observed, because } as const;
  if (first === undefined) return { ...base, messageId: 'none' };
  const latest = pools
    .map(({ heartbeatAt }) => heartbeatAt)
    .toSorted()
    .at(-1);
  const age = secondsSince(latest, now);
  if (age === undefined) return { ...base, messageId: 'undated', data: { count: pools.length, status: first.status } };
  return { ...base, messageId: 'dead', data: { count: pools.length, age: shortDuration(age) }, ...(latest === undefined ? {} : { since: latest }) };
}
