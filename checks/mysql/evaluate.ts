import type { EvaluateContext } from '../../src/model/check.ts';
import { clusterVerdicts } from './cluster.ts';
import { greetingVerdicts } from './greeting.ts';
import type { MysqlObservation } from './observation.ts';
import type { MysqlOptions } from './options.ts';
import { replicationVerdicts } from './replication.ts';
import { type MysqlVerdict, rules } from './rules.ts';
import { gapsOf, type Rule } from './standing.ts';
import { writingVerdicts } from './writing.ts';

/** Pure: the same observation, options and time give the same verdicts. What an instance does not tell is a blind spot, and no rule that needs it passes. */
export function evaluate(observation: MysqlObservation, { options }: EvaluateContext<MysqlOptions>): readonly MysqlVerdict[] {
  const { instances, others, port } = observation;
  const everyOther = (Object.keys(rules) as Rule[]).filter((rule) => rule !== 'is-mysql');
  if (instances.length === 0) {
    if (others.length === 0) return (Object.keys(rules) as Rule[]).map((rule): MysqlVerdict => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
    const etcd = others.some((other) => other.etcd);
    return [
      { rule: 'is-mysql', verdict: 'fail', messageId: etcd ? 'etcd-only' : 'neither', data: { pods: others.length } },
      ...everyOther.map((rule): MysqlVerdict => ({ rule, verdict: 'skip', messageId: 'no-mysql', data: { port } }) as MysqlVerdict),
    ];
  }
  const etcds = instances.filter(({ etcd }) => etcd === true).length + others.filter(({ etcd }) => etcd).length;
  const spoken: readonly MysqlVerdict[] = [
    { rule: 'is-mysql', verdict: 'pass', observed: { mysql: instances.length, etcd: etcds } },
    ...greetingVerdicts(observation, options),
    ...writingVerdicts(observation),
    ...replicationVerdicts(observation, options),
    ...clusterVerdicts(observation, options),
  ];
  const gaps = new Set(gapsOf(observation).flatMap((gap) => gap.rules));
  // A rule that could not be judged for every instance may be broken, and is never whole.
  return spoken.filter(({ rule, verdict }) => verdict === 'fail' || !gaps.has(rule));
}
