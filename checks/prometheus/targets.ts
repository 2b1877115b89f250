import type { EvaluateContext } from '../../src/model/check.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { DownTarget, TargetsFacts } from './observation.ts';
import type { PrometheusOptions } from './options.ts';
import { type PrometheusVerdict, podOf, type Serving, some, versionOf } from './verdict.ts';

/** Findings of single targets; more of them say no more than their number. */
const MOST_TOLD = 10;
/** A Prometheus among its own targets is asked without any network. */
const ITSELF = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::|$)/;

type TargetRule = 'has-targets' | 'pools-reached' | 'targets-up';

function told(server: Serving, rule: TargetRule): TargetsFacts | readonly PrometheusVerdict[] {
  if (server.targets === undefined) return [];
  if (server.targets === 'not-served') return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
  return server.targets;
}

function isFacts(facts: TargetsFacts | readonly PrometheusVerdict[]): facts is TargetsFacts {
  return 'pools' in facts;
}

/** Service discovery takes a few seconds after a start, on a large cluster some minutes. */
export function hasTargets(server: Serving, { now, options: { stalledSeconds } }: EvaluateContext<PrometheusOptions>): readonly PrometheusVerdict[] {
  const rule = 'has-targets';
  const facts = told(server, rule);
  if (!isFacts(facts)) return facts;
  const { name: pod } = server;
  const total = facts.pools.reduce((sum, pool) => sum + pool.total, 0);
  if (total > 0) return [{ rule, verdict: 'pass', observed: total }];
  const seconds = secondsSince(server.startedAt, now) ?? stalledSeconds + 1;
  if (seconds <= stalledSeconds) return [{ rule, verdict: 'skip', messageId: 'just-started', data: { pod, age: shortDuration(seconds) } }];
  const count = server.self?.discoveryRefused ?? 0;
  const fault = { rule, verdict: 'fail', subject: podOf(server), observed: 0 } as const;
  return [count > 0 ? { ...fault, messageId: 'refused', data: { pod, count }, own: true } : { ...fault, messageId: 'none', data: { pod } }];
}

/** Pools of several things that are all down. One thing that is down is that thing's matter. */
function lostPools({ pools }: TargetsFacts): TargetsFacts['pools'] {
  return pools.filter(({ total, down }) => total > 1 && down === total);
}

/**
 * True when a Prometheus reaches nothing at all but itself, in several pools and of several things: then it is its own way out that is broken, whatever the
 * targets are. One pool may have a reason of its own.
 */
function isCutOff({ pools, down, reached }: TargetsFacts): boolean {
  return reached === 0 && pools.filter((pool) => pool.down > 0).length > 1 && differing(down).length > 1;
}

/** The components of targets; one that is nobody's counts for itself. */
function differing(down: readonly DownTarget[]): readonly string[] {
  return [...new Set(down.map(({ components, instance }) => components[0] ?? instance))];
}

export function poolsReached(server: Serving): readonly PrometheusVerdict[] {
  const rule = 'pools-reached';
  const facts = told(server, rule);
  if (!isFacts(facts)) return facts;
  const { name: pod } = server;
  if (facts.pools.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-targets' }];
  const [first] = facts.down;
  if (first !== undefined && isCutOff(facts)) {
    const lost = facts.pools.filter(({ down }) => down > 0);
    const total = lost.reduce((sum, { down }) => sum + down, 0);
    const data = { pod, pools: lost.length, total, pool: first.pool, error: first.error };
    return [{ rule, verdict: 'fail', messageId: 'everything', data, subject: podOf(server), observed: observedOf(facts) }];
  }
  const lost = lostPools(facts);
  if (lost.length === 0) return [{ rule, verdict: 'pass' }];
  return lost.slice(0, MOST_TOLD).map(({ pool, total }): PrometheusVerdict => {
    const down = facts.down.filter((target) => target.pool === pool);
    return {
      rule,
      verdict: 'fail',
      messageId: 'down',
      data: { pool, total, pod, error: down[0]?.error ?? '-' },
      subject: { kind: 'ScrapePool', namespace: server.namespace, name: pool },
      observed: down.map(({ instance, error }) => ({ instance, error })),
      because: sharedComponents(down),
    };
  });
}

/** What all of these targets have in common: that, and not the Prometheus, may be down. Different things that are down together have this Prometheus in common. */
function sharedComponents(down: readonly DownTarget[]): readonly string[] {
  const [first, ...rest] = down;
  return (first?.components ?? []).filter((component) => rest.every(({ components }) => components.includes(component)));
}

export function targetsUp(server: Serving): readonly PrometheusVerdict[] {
  const rule = 'targets-up';
  const facts = told(server, rule);
  if (!isFacts(facts)) return facts;
  const { name: pod } = server;
  if (facts.pools.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-targets' }];
  if (isCutOff(facts)) return [{ rule, verdict: 'skip', messageId: 'see-pools' }];
  const lost = new Set(lostPools(facts).map(({ pool }) => pool));
  const pools = facts.pools.filter((pool) => pool.down > 0 && !lost.has(pool.pool));
  const down = facts.down.filter((target) => !lost.has(target.pool));
  const count = pools.reduce((sum, pool) => sum + pool.down, 0);
  if (count === 0) return lost.size > 0 ? [{ rule, verdict: 'skip', messageId: 'see-pools' }] : [{ rule, verdict: 'pass' }];
  if (count > MOST_TOLD) {
    const total = facts.pools.reduce((sum, pool) => sum + pool.total, 0);
    const because = [...new Set(down.flatMap(({ components }) => components))];
    const data = { pod, down: count, total, some: some(down.map(({ instance }) => instance)) };
    return [{ rule, verdict: 'fail', messageId: 'many', data, subject: podOf(server), observed: observedOf(facts), because }];
  }
  return down.map(({ pool, instance, error, components }): PrometheusVerdict => {
    const of = pools.find((each) => each.pool === pool);
    const data = { pod, instance, pool, down: of?.down ?? 1, total: of?.total ?? 1, error: error === '' ? '-' : error };
    // Itself among its targets has nobody else to blame.
    const because = ITSELF.test(instance) ? [] : components;
    return {
      rule,
      verdict: 'fail',
      messageId: 'down',
      data,
      subject: { kind: 'Target', namespace: server.namespace, name: `${pool} ${instance}` },
      observed: error,
      because,
    };
  });
}

function observedOf({ pools }: TargetsFacts): Record<string, string> {
  return Object.fromEntries(pools.filter(({ down }) => down > 0).map(({ pool, down, total }) => [pool, `${down}/${total}`]));
}

/** Two replicas that scrape the same: a target that only one of them cannot reach is well. */
export function replicasAgree(servers: readonly Serving[]): readonly PrometheusVerdict[] {
  const rule = 'replicas-agree';
  const heard = servers.flatMap((server) => (typeof server.targets === 'object' ? [{ server, targets: server.targets }] : []));
  if (heard.length < 2) return [{ rule, verdict: 'skip', messageId: 'single' }];
  const key = ({ pool, instance }: Pick<DownTarget, 'pool' | 'instance'>): string => `${pool} ${instance}`;
  const verdicts = heard.flatMap(({ server, targets }): readonly PrometheusVerdict[] => {
    for (const other of heard.filter((each) => each.server !== server)) {
      const theirs = new Set(other.targets.down.map(key));
      const comparable = targets.down.filter(({ pool }) => samePool(pool, targets, other.targets));
      const only = comparable.filter((target) => !theirs.has(key(target)) && !ITSELF.test(target.instance));
      const [first] = only;
      if (first === undefined) continue;
      const data = { pod: server.name, other: other.server.name, count: only.length, instance: first.instance, error: first.error };
      return [{ rule, verdict: 'fail', messageId: 'differ', data, subject: podOf(server), observed: only.map(({ instance, error }) => ({ instance, error })) }];
    }
    return [];
  });
  return verdicts.length > 0 ? verdicts : [{ rule, verdict: 'pass' }];
}

/** Whether both scrape the same number of targets in a pool, and the names of those that are down are all known. */
function samePool(pool: string, one: TargetsFacts, other: TargetsFacts): boolean {
  const mine = one.pools.find((each) => each.pool === pool);
  const theirs = other.pools.find((each) => each.pool === pool);
  return mine !== undefined && mine.total === theirs?.total && theirs.down === other.down.filter((target) => target.pool === pool).length;
}

export function exportersSee(server: Serving): readonly PrometheusVerdict[] {
  const rule = 'exporters-see';
  const { queried, name: pod } = server;
  if (queried === undefined) return [];
  if (queried === 'not-served') return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
  const { blind, blindCount } = queried;
  if (blindCount === 0) return [{ rule, verdict: 'pass' }];
  if (blindCount > MOST_TOLD) {
    const data = { pod, count: blindCount, some: some(blind.map(({ instance, metric }) => `${instance} (${metric})`)) };
    const because = [...new Set(blind.flatMap(({ components }) => components))];
    return [{ rule, verdict: 'fail', messageId: 'many', data, subject: podOf(server), observed: blindCount, because }];
  }
  return blind.map(({ metric, job, instance, components }) => ({
    rule,
    verdict: 'fail',
    messageId: 'blind',
    data: { pod, metric, job, instance },
    subject: { kind: 'Target', namespace: server.namespace, name: `${job} ${instance}` },
    observed: { [metric]: 0 },
    because: components,
  }));
}
