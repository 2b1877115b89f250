import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { mayStillStart } from '../shared/kubelet.ts';
import type { BrokenRuntime, RuntimeObservation } from './observation.ts';
import type { rules } from './rules.ts';

type RuntimeVerdict = Verdict<typeof rules>;

export function evaluate(observation: RuntimeObservation, { now }: EvaluateContext<object>): readonly RuntimeVerdict[] {
  const starting = observation.broken.filter(({ cause, since }) => cause === 'starting' && mayStillStart(since, now));
  const broken = observation.broken.filter((each) => !starting.includes(each));
  return [...anyServes(observation, broken, starting), ...serves(observation, broken, starting), sameVersion(observation)];
}

type Broken = readonly BrokenRuntime[];

function anyServes({ nodes, judged }: RuntimeObservation, broken: Broken, starting: Broken): readonly RuntimeVerdict[] {
  if (nodes === 0) return [{ rule: 'any-serves', verdict: 'skip', messageId: 'no-nodes' }];
  // Nothing could be judged: the probe has said so.
  if (judged === 0) return [];
  const known = judged - starting.length;
  const observed = { working: known - broken.length, judged: known };
  if (broken.length < known) return [{ rule: 'any-serves', verdict: 'pass', observed }];
  if (known === 0) return [{ rule: 'any-serves', verdict: 'skip', messageId: 'all-starting' }];
  // With a single node, that node is the cause; several together are more than one node's trouble.
  const because = broken.length === 1 ? broken.map(({ node }) => `node/${node}`) : [];
  return [{ rule: 'any-serves', verdict: 'fail', messageId: 'all-broken', data: { nodes: known }, observed, expected: { working: known }, because }];
}

function serves({ nodes, judged }: RuntimeObservation, broken: Broken, starting: Broken): readonly RuntimeVerdict[] {
  if (nodes === 0) return [{ rule: 'serves', verdict: 'skip', messageId: 'no-nodes' }];
  const waiting = starting.map(({ node }): RuntimeVerdict => {
    return { rule: 'serves', verdict: 'skip', messageId: 'starting', data: { node }, subject: { kind: 'Node', name: node } };
  });
  if (broken.length === 0)
    return judged === starting.length ? waiting : [{ rule: 'serves', verdict: 'pass', observed: { judged: judged - starting.length } }, ...waiting];
  const faults = broken.map(({ node, cause, message, since }): RuntimeVerdict => {
    return {
      rule: 'serves',
      verdict: 'fail',
      messageId: cause === 'pleg' ? 'slow' : 'down',
      data: { node, detail: message },
      subject: { kind: 'Node', name: node },
      because: [`node/${node}`],
      ...(since === undefined ? {} : { since }),
    };
  });
  return [...faults, ...waiting];
}

function sameVersion({ versions }: RuntimeObservation): RuntimeVerdict {
  const all = Object.entries(versions);
  if (all.length === 0) return { rule: 'same-version', verdict: 'skip', messageId: 'not-reported' };
  const observed = Object.fromEntries(all.map(([version, names]) => [version, [...names]]));
  if (all.length === 1) return { rule: 'same-version', verdict: 'pass', observed };
  const text = all.map(([version, names]) => `${version} (${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''})`).join('; ');
  return { rule: 'same-version', verdict: 'fail', messageId: 'differs', data: { versions: text }, observed };
}
