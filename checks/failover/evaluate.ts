import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import type { FailoverObservation, InstanceFacts } from './observation.ts';
import type { FailoverOptions, rules } from './rules.ts';

type FailoverVerdict = Verdict<typeof rules>;

const RULE = 'survives-any-node';

export function evaluate(observation: FailoverObservation, { options }: EvaluateContext<FailoverOptions>): readonly FailoverVerdict[] {
  const { instances } = observation;
  if (instances.length === 0) return [{ rule: RULE, verdict: 'skip', messageId: 'no-pods' }];
  return [options.needs === 'majority' ? majority(observation) : one(observation)];
}

function one({ instances, wanted }: FailoverObservation): FailoverVerdict {
  const ready = instances.filter((instance) => instance.ready);
  const nodes = nodesOf(ready);
  const [first] = ready;
  const observed = { ready: ready.length, nodes };
  const because = becauseOf(instances);
  if (first === undefined) return { rule: RULE, verdict: 'skip', messageId: 'none-ready', observed };
  if (nodes.length > 1) return { rule: RULE, verdict: 'pass', observed };
  const at = { pod: first.name, node: first.node };
  const base = { rule: RULE, verdict: 'fail', observed, because } as const;
  if (ready.length > 1) return { ...base, messageId: 'one-node', data: { ready: ready.length, node: first.node } };
  return wanted > 1 ? { ...base, messageId: 'one-left', data: { total: wanted, ...at } } : { ...base, messageId: 'single', data: at };
}

function majority({ instances, wanted }: FailoverObservation): FailoverVerdict {
  const ready = instances.filter((instance) => instance.ready);
  const needed = Math.floor(wanted / 2) + 1;
  const fatal = nodesOf(ready).filter((node) => ready.filter((instance) => instance.node !== node).length < needed);
  const observed = { ready: ready.length, members: wanted, needed, nodes: nodesOf(ready) };
  const [first] = ready;
  const base = { rule: RULE, verdict: 'fail', observed, because: becauseOf(instances) } as const;
  if (ready.length < needed) return { ...base, messageId: 'no-majority', data: { ready: ready.length, total: wanted, needed } };
  if (fatal.length === 0) return { rule: RULE, verdict: 'pass', observed };
  if (wanted === 1 && first !== undefined) return { ...base, messageId: 'single', data: { pod: first.name, node: first.node } };
  return { ...base, messageId: 'no-margin', data: { ready: ready.length, total: wanted, needed, nodes: fatal.join(', ') } };
}

function nodesOf(instances: readonly InstanceFacts[]): readonly string[] {
  return [...new Set(instances.map(({ node }) => node))].sort();
}

/** The nodes of those that are not ready: one that is lost explains it. */
function becauseOf(instances: readonly InstanceFacts[]): readonly string[] {
  return nodesOf(instances.filter(({ ready, node }) => !ready && node !== '')).map((node) => `node/${node}`);
}
