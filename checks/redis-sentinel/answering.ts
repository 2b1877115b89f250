import type { Subject } from '../../src/model/check.ts';
import type { SentinelVerdict } from './evaluate.ts';
import type { SentinelFacts, SentinelObservation } from './observation.ts';
import { majorityOf, some } from './views.ts';

/** Whether the sentinels answer: one at all, a majority, each. What nobody can say the probe has reported. */
export function answering({ group, sentinels }: SentinelObservation): readonly SentinelVerdict[] {
  const alive = sentinels.filter(({ state }) => state === 'answers');
  const undecided = sentinels.filter(({ state, heldDown }) => state === 'dark' && heldDown === 0);
  const mute = sentinels.filter((each) => !alive.includes(each) && !undecided.includes(each));
  const running = sentinels.some(({ state }) => state !== 'not-running');
  if (!running) {
    return (['answers', 'majority-answers', 'each-answers', 'odd-number'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
  }
  const pods = sentinels.length;
  const details = some(mute.map(({ name, state }) => `${name}: ${state}`));
  const observed = { answering: alive.length, pods };
  const odd = oddNumber(group, pods);
  if (alive.length === 0) {
    if (undecided.length > 0) return [...each(sentinels), odd];
    const because = nodesOf(mute);
    return [
      {
        rule: 'answers',
        verdict: 'fail',
        messageId: 'none',
        data: { pods, details },
        subject: group,
        observed,
        expected: { answering: pods },
        ...cause(because),
      },
      { rule: 'majority-answers', verdict: 'skip', messageId: 'see-answers' },
      { rule: 'each-answers', verdict: 'skip', messageId: 'see-answers' },
      odd,
    ];
  }
  return [{ rule: 'answers', verdict: 'pass', observed }, ...majority(group, alive.length, undecided.length, mute, pods, details), ...each(sentinels), odd];
}

function majority(
  subject: Subject,
  alive: number,
  undecided: number,
  mute: readonly SentinelFacts[],
  pods: number,
  details: string,
): readonly SentinelVerdict[] {
  const needed = majorityOf(pods);
  const observed = { answering: alive, pods };
  if (alive >= needed) return [{ rule: 'majority-answers', verdict: 'pass', observed }];
  if (alive + undecided >= needed) return [];
  const data = { pods, answering: alive, majority: needed, details };
  const expected = { answering: needed };
  return [{ rule: 'majority-answers', verdict: 'fail', messageId: 'lost', data, subject, observed, expected, ...cause(nodesOf(mute)) }];
}

function each(sentinels: readonly SentinelFacts[]): readonly SentinelVerdict[] {
  const verdicts = sentinels.flatMap((sentinel): readonly SentinelVerdict[] => {
    const subject = { kind: 'Pod', namespace: sentinel.namespace, name: sentinel.name };
    const verdict = oneOf(sentinel, subject);
    return verdict === undefined ? [] : [verdict];
  });
  const heard = sentinels.filter(({ state }) => state === 'answers').length;
  return verdicts.length > 0 || heard === 0 ? verdicts : [{ rule: 'each-answers', verdict: 'pass', observed: { answering: heard, pods: sentinels.length } }];
}

function oneOf({ name: pod, node, state, detail, heldDown }: SentinelFacts, subject: Subject): SentinelVerdict | undefined {
  const fault = { rule: 'each-answers', verdict: 'fail', subject, observed: { state, heldDown } } as const;
  switch (state) {
    case 'answers':
      return undefined;
    case 'not-running':
      return { rule: 'each-answers', verdict: 'skip', messageId: 'not-running', data: { pod }, subject };
    case 'dark':
      return heldDown === 0 ? undefined : { ...fault, messageId: 'held-down', data: { pod, count: heldDown }, because: nodesOf([{ node }]) };
    case 'silent':
      return { ...fault, messageId: 'silent', data: { pod }, own: true };
    case 'refused':
      return { ...fault, messageId: 'refused', data: { pod, detail }, own: true };
    case 'closed':
    case 'garbled':
      return { ...fault, messageId: 'garbled', data: { pod, detail }, own: true };
    case 'failing':
    case 'not-sentinel':
      return { ...fault, messageId: state, data: { pod, detail }, own: true };
  }
}

/** A sentinel whose pod is reached and says nothing is broken itself; one that cannot be reached may be lost with its node. */
function cause(nodes: readonly string[]): { readonly own: true } | { readonly because: readonly string[] } {
  return nodes.length === 0 ? { own: true } : { because: nodes };
}

function nodesOf(sentinels: readonly (Pick<SentinelFacts, 'node'> & Partial<Pick<SentinelFacts, 'state'>>)[]): readonly string[] {
  const dark = sentinels.filter(({ node, state }) => node !== '' && (state === undefined || state === 'dark'));
  return [...new Set(dark.map(({ node }) => `node/${node}`))];
}

function oddNumber(subject: Subject, pods: number): SentinelVerdict {
  if (pods < 3) return { rule: 'odd-number', verdict: 'skip', messageId: 'few' };
  if (pods % 2 === 1) return { rule: 'odd-number', verdict: 'pass', observed: pods };
  return { rule: 'odd-number', verdict: 'fail', messageId: 'even', data: { pods, fewer: pods - 1 }, subject, observed: pods };
}
