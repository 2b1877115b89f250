import type { SentinelVerdict } from './evaluate.ts';
import type { SentinelObservation } from './observation.ts';
import { majorityOf, type View, type Watch } from './views.ts';

/** Whether a failover of one master could be decided and authorised, and whether that is set sensibly. */
export function quorum(observation: SentinelObservation, watch: Watch): readonly SentinelVerdict[] {
  return [...reachable(observation, watch), ...value(observation, watch), settings(watch), survives(observation, watch)];
}

/** The best that any sentinel reaches counts: one that is cut off does not stop the others. */
function reachable(observation: SentinelObservation, watch: Watch): readonly SentinelVerdict[] {
  const { name: master, subject } = watch;
  const asked = watch.views.flatMap((view) => (view.quorum === undefined ? [] : [{ ...view, answer: view.quorum }]));
  if (asked.length === 0) return [];
  const usable = Math.max(...asked.map(({ answer }) => answer.usable));
  const known = Math.max(...asked.map(knownBy));
  const wanted = Math.min(...asked.map((view) => view.master.quorum));
  const pods = observation.sentinels.length;
  const majority = majorityOf(known);
  const evidence = { subject, observed: { usable, known, quorum: wanted }, ...causeOf(observation) };
  const verdicts: SentinelVerdict[] = [];
  if (asked.some(({ answer }) => answer.quorum)) verdicts.push({ rule: 'quorum-reachable', verdict: 'pass', observed: { usable, quorum: wanted } });
  else if (wanted > Math.max(known, pods))
    verdicts.push({
      rule: 'quorum-reachable',
      verdict: 'fail',
      messageId: 'too-high',
      data: { master, quorum: wanted, known },
      ...evidence,
      because: [],
      own: true,
    });
  else verdicts.push({ rule: 'quorum-reachable', verdict: 'fail', messageId: 'lost', data: { master, quorum: wanted, usable }, ...evidence });
  if (asked.some(({ answer }) => answer.majority)) verdicts.push({ rule: 'majority-usable', verdict: 'pass', observed: { usable, known } });
  else if (known > pods)
    verdicts.push({
      rule: 'majority-usable',
      verdict: 'fail',
      messageId: 'stale',
      data: { master, known, pods, usable, majority },
      ...evidence,
      because: [],
      own: true,
    });
  else verdicts.push({ rule: 'majority-usable', verdict: 'fail', messageId: 'lost', data: { master, known, usable, majority }, ...evidence });
  if (!asked.some(({ answer }) => answer.quorum && answer.majority))
    return [...verdicts, { rule: 'each-reaches-quorum', verdict: 'skip', messageId: 'see-group' }];
  const cutOff = asked
    .filter(({ answer }) => !answer.quorum || !answer.majority)
    .map((view): SentinelVerdict => {
      const pod = view.by.name;
      const facts = {
        rule: 'each-reaches-quorum',
        verdict: 'fail',
        subject: { kind: 'Pod', namespace: view.by.namespace, name: pod },
        observed: { usable: view.answer.usable, known: knownBy(view), quorum: view.master.quorum },
        own: true,
      } as const;
      return view.answer.quorum
        ? { ...facts, messageId: 'majority', data: { pod, master, known: knownBy(view), usable: view.answer.usable } }
        : { ...facts, messageId: 'quorum', data: { pod, master, usable: view.answer.usable, quorum: view.master.quorum } };
    });
  return [...verdicts, ...(cutOff.length === 0 ? [{ rule: 'each-reaches-quorum', verdict: 'pass' } as const] : cutOff)];
}

function knownBy({ master }: View): number {
  return master.otherSentinels + 1;
}

/** Sentinels that are lost with their nodes are the nodes' matter; what is wrong with those that can be reached is their own. */
function causeOf({ sentinels }: SentinelObservation): { readonly own: boolean; readonly because: readonly string[] } {
  const nodes = sentinels.filter(({ state, node }) => state === 'dark' && node !== '').map(({ node }) => `node/${node}`);
  return { own: nodes.length === 0, because: [...new Set(nodes)] };
}

function value({ sentinels: { length: sentinels } }: SentinelObservation, watch: Watch): readonly SentinelVerdict[] {
  const { name: master, subject, agreed } = watch;
  const { quorum: set } = agreed.master;
  const advised = majorityOf(sentinels);
  const facts = { rule: 'quorum-value', verdict: 'fail', subject, observed: set, expected: advised, own: true } as const;
  if (sentinels >= 3 && set === 1) return [{ ...facts, messageId: 'one', data: { master, sentinels, advised } }];
  if (sentinels >= 3 && set > advised)
    return [{ ...facts, messageId: 'high', data: { master, sentinels, quorum: set, advised, losable: Math.max(0, sentinels - set + 1) } }];
  return [{ rule: 'quorum-value', verdict: 'pass', observed: { quorum: set, sentinels } }];
}

const SETTINGS = [
  ['quorum', (view: View) => view.master.quorum],
  ['down-after-milliseconds', (view: View) => view.master.downAfterMs],
  ['failover-timeout', (view: View) => view.master.failoverTimeoutMs],
] as const;

function settings({ name: master, subject, views }: Watch): SentinelVerdict {
  for (const [setting, of] of SETTINGS) {
    if (new Set(views.map(of)).size < 2) continue;
    const values = views.map((view) => `${view.by.name}: ${of(view)}`).join(', ');
    return { rule: 'same-settings', verdict: 'fail', messageId: 'differ', data: { master, setting, values }, subject, own: true };
  }
  return { rule: 'same-settings', verdict: 'pass' };
}

function survives({ sentinels, instances }: SentinelObservation, { subject, agreed }: Watch): SentinelVerdict {
  // One whose pod is gone with its node is still remembered by the others: it is lost, and not one too few.
  const pods = Math.max(sentinels.length, agreed.master.otherSentinels + 1);
  if (agreed.master.replicas === 0 && instances.length < 2) return { rule: 'survives-a-loss', verdict: 'skip', messageId: 'no-replicas' };
  if (pods >= 3) return { rule: 'survives-a-loss', verdict: 'pass', observed: pods };
  return { rule: 'survives-a-loss', verdict: 'fail', messageId: 'few', data: { pods }, subject, observed: pods, expected: 3, own: true };
}
