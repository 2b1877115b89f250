import type { Verdict } from '../../src/model/check.ts';
import type { RuntimeObservation } from './observation.ts';
import type { rules } from './rules.ts';

type RuntimeVerdict = Verdict<typeof rules>;

export function evaluate(observation: RuntimeObservation): readonly RuntimeVerdict[] {
  return [...anyServes(observation), ...serves(observation), sameVersion(observation)];
}

function anyServes({ nodes, judged, broken, brokenCount }: RuntimeObservation): readonly RuntimeVerdict[] {
  if (nodes === 0) return [{ rule: 'any-serves', verdict: 'skip', messageId: 'no-nodes' }];
  // Nothing could be judged: the probe has said so.
  if (judged === 0) return [];
  const observed = { working: judged - brokenCount, judged };
  if (brokenCount < judged) return [{ rule: 'any-serves', verdict: 'pass', observed }];
  // With a single node, that node is the cause; several together are more than one node's trouble.
  const because = broken.length === 1 ? broken.map(({ node }) => `node/${node}`) : [];
  return [{ rule: 'any-serves', verdict: 'fail', messageId: 'all-broken', data: { nodes: judged }, observed, expected: { working: judged }, because }];
}

function serves({ nodes, judged, broken }: RuntimeObservation): readonly RuntimeVerdict[] {
  if (nodes === 0) return [{ rule: 'serves', verdict: 'skip', messageId: 'no-nodes' }];
  if (broken.length === 0) return judged === 0 ? [] : [{ rule: 'serves', verdict: 'pass', observed: { judged } }];
  return broken.map(({ node, cause, message, since }) => ({
    rule: 'serves',
    verdict: 'fail',
    messageId: cause === 'pleg' ? 'slow' : 'down',
    data: { node, detail: message },
    subject: { kind: 'Node', name: node },
    because: [`node/${node}`],
    ...(since === undefined ? {} : { since }),
  }));
}

function sameVersion({ versions }: RuntimeObservation): RuntimeVerdict {
  const all = Object.entries(versions);
  if (all.length === 0) return { rule: 'same-version', verdict: 'skip', messageId: 'not-reported' };
  const observed = Object.fromEntries(all.map(([version, names]) => [version, [...names]]));
  if (all.length === 1) return { rule: 'same-version', verdict: 'pass', observed };
  const text = all.map(([version, names]) => `${version} (${names.slice(0, 3).join(', ')}${names.length > 3 ? ' …' : ''})`).join('; ');
  return { rule: 'same-version', verdict: 'fail', messageId: 'differs', data: { versions: text }, observed };
}
