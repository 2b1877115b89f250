import { isDown, type WatchedReplica } from '../shared/sentinel.ts';
import { shortDuration } from '../shared/time.ts';
import type { SentinelContext, SentinelVerdict } from './evaluate.ts';
import type { SentinelObservation } from './observation.ts';
import { described, instanceAt, since, some, type View, type Watch } from './views.ts';

/** Whether a failover of this master is due, goes on, or would find a replica. */
export function failover(observation: SentinelObservation, watch: Watch, { options }: SentinelContext): readonly SentinelVerdict[] {
  return [completes(observation, watch, options.failoverTimeouts), running(watch), promotable(observation, watch)];
}

function completes(observation: SentinelObservation, watch: Watch, timeouts: number): SentinelVerdict {
  const { name: master, agreeing: views, agreed, subject, instance, down, downMs } = watch;
  const rule = 'failover-completes';
  if (!down) return { rule, verdict: 'pass' };
  const address = described(watch);
  const allowed = timeouts * agreed.master.failoverTimeoutMs;
  const data = { master, address, age: shortDuration(downMs / 1000) };
  if (downMs < allowed) return { rule, verdict: 'skip', messageId: 'in-time', data };
  const observed = { downMs, replicas: agreed.replicas.map((replica) => `${replica.host} ${replica.flags.join(',')}`) };
  const because = instance === undefined ? observation.stores : [instance.component];
  const facts = { rule, verdict: 'fail', subject, observed, expected: { downMs: allowed }, ...since(observation, downMs) } as const;
  // Votes come first: without them no sentinel even looks for a replica.
  if (views.some(({ quorum }) => quorum !== undefined) && !views.some(({ quorum }) => quorum?.quorum === true && quorum.majority))
    return { ...facts, messageId: 'no-authority', data, own: true };
  if (agreed.replicas.length === 0) return { ...facts, messageId: 'no-replica', data, because };
  const reasons = obstacles(observation, agreed, downMs);
  if (reasons.length === agreed.replicas.length)
    return { ...facts, messageId: 'no-good-replica', data: { ...data, replicas: agreed.replicas.length, reasons: some(reasons) }, because };
  const stage = views.find((view) => view.master.failoverState !== undefined)?.master.failoverState;
  if (stage !== undefined) return { ...facts, messageId: 'stuck', data: { ...data, stage }, because };
  return { ...facts, messageId: 'unexplained', data: { ...data, timeout: shortDuration(agreed.master.failoverTimeoutMs / 1000) }, because };
}

function running({ name: master, subject, views }: Watch): SentinelVerdict {
  const leader = views.find((view) => view.master.flags.includes('failover_in_progress'));
  if (leader === undefined) return { rule: 'no-failover-running', verdict: 'pass' };
  const stage = leader.master.failoverState ?? '?';
  return { rule: 'no-failover-running', verdict: 'fail', messageId: 'running', data: { master, by: leader.by.name, stage }, subject, observed: stage };
}

function promotable(observation: SentinelObservation, { name: master, subject, agreed, instance, down }: Watch): SentinelVerdict {
  const rule = 'replica-promotable';
  if (down) return { rule, verdict: 'skip', messageId: 'see-master-up' };
  const because = instance === undefined ? observation.stores : [instance.component];
  const { replicas } = agreed;
  if (replicas.length === 0) {
    const ofStore = instance === undefined ? observation.instances : observation.instances.filter(({ component }) => component === instance.component);
    if (ofStore.length < 2) return { rule, verdict: 'skip', messageId: 'alone' };
    return { rule, verdict: 'fail', messageId: 'unknown', data: { master, instances: ofStore.length }, subject, observed: 0, because };
  }
  const reasons = obstacles(observation, agreed, 0);
  const observed = { replicas: replicas.length, promotable: replicas.length - reasons.length };
  if (reasons.length < replicas.length) return { rule, verdict: 'pass', observed };
  return { rule, verdict: 'fail', messageId: 'none', data: { master, replicas: replicas.length, reasons: some(reasons) }, subject, observed, because };
}

/** Why replicas could not be promoted, one line for each that could not. Source: Redis sentinel.c, sentinelSelectSlave. */
function obstacles(observation: SentinelObservation, { master, replicas }: View, downMs: number): readonly string[] {
  return replicas.flatMap((replica) => {
    const why = obstacle(replica, 10 * master.downAfterMs + downMs);
    const pod = instanceAt(observation, replica.host, replica.runId)?.name ?? replica.host;
    return why === '' ? [] : [`${pod}: ${why}`];
  });
}

function obstacle(replica: WatchedReplica, longestLinkDownMs: number): string {
  if (isDown(replica)) return 's_down';
  if (replica.flags.includes('disconnected')) return 'disconnected';
  if (replica.priority === 0) return 'slave-priority 0';
  return replica.linkStatus === 'err' && (replica.linkDownMs ?? 0) > longestLinkDownMs ? 'master-link-status err' : '';
}
