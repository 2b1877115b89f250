import { type Acceptance, endOf } from '../../src/model/acceptance.ts';
import { defineCheck, type Subject } from '../../src/model/check.ts';

interface AcceptanceObservation {
  readonly acceptances: readonly (Acceptance & {
    /** Findings that it speaks of in this run. */
    readonly matches: number;
  })[];
}

/** The findings that skiffctl.yaml accepts, judged themselves: an acceptance that is over or speaks of nothing hides what it should not. */
export default defineCheck({
  meta: {
    id: 'acceptance',
    title: { zh: '已接受的问题', en: 'Accepted findings' },
    description: {
      zh: 'skiffctl.yaml 中 accept 列出的已接受问题是否仍在有效期内、是否还有对应的问题。',
      en: 'Whether the findings that skiffctl.yaml accepts are still within their time, and still there.',
    },
    reads: [],
    options: {},
    shallow: true,
    rules: {
      'in-force': {
        title: { zh: '已接受的问题仍在有效期内', en: 'The acceptance has not expired' },
        severity: 'warning',
        effect: 'none',
        messages: {
          expired: {
            zh: '对 {rule} 的接受（{owner}：{reason}）已于 {expires} 到期，对应的 {matches} 项问题重新计入。',
            en: 'The acceptance of {rule} ({owner}: {reason}) expired on {expires}; the {matches} findings that it speaks of count again.',
          },
        },
      },
      used: {
        title: { zh: '已接受的问题仍然存在', en: 'The acceptance still speaks of something' },
        severity: 'info',
        messages: {
          unmatched: {
            zh: '对 {rule} 的接受（{owner}）没有对应任何问题：问题已消失，或写法有误。',
            en: 'The acceptance of {rule} ({owner}) speaks of nothing: the problem is gone, or it is written wrongly.',
          },
        },
      },
    },
  },
  // skiffctl.yaml is no part of the cluster: what it says is put beside what was seen when the findings are known.
  async probe(): Promise<AcceptanceObservation> {
    return { acceptances: [] };
  },
  evaluate({ acceptances }: AcceptanceObservation, { now }) {
    return acceptances.flatMap((acceptance) => {
      const { rule, owner, reason, expires, matches } = acceptance;
      const subject = subjectOf(acceptance);
      const isOver = now.getTime() >= endOf(acceptance);
      return [
        isOver
          ? { rule: 'in-force', verdict: 'fail', messageId: 'expired', data: { rule, owner, reason, expires, matches }, subject, observed: expires, own: true }
          : { rule: 'in-force', verdict: 'pass', subject },
        matches === 0
          ? { rule: 'used', verdict: 'fail', messageId: 'unmatched', data: { rule, owner }, subject, observed: 0 }
          : { rule: 'used', verdict: 'pass', subject, observed: matches },
      ] as const;
    });
  },
});

/** Named by what it accepts, so that it keeps its id while its order in the file changes. */
function subjectOf({ rule, component, subject }: Acceptance): Subject {
  return { kind: 'Acceptance', name: [rule, component, subject].filter((part) => part !== undefined).join(' ') };
}
