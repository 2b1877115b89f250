import type { GateVerdict } from '../../model/report.ts';
import type { Language } from '../../model/text.ts';

interface GateSentences {
  readonly verdict: Readonly<Record<GateVerdict, string>>;
  target(version: string | undefined): string;
  reasons(count: number): string;
  unseen(count: number): string;
  readonly headingUnseen: string;
  tolerated(count: number): string;
  readonly headingTolerated: string;
  accepted(count: number): string;
  readonly headingAccepted: string;
  /** How many more findings a reason explains. */
  explains(count: number): string;
  more(count: number): string;
  needs(what: string): string;
  /** What nobody but a person can look at. */
  byHand(rule: string): string;
}

const zh: GateSentences = {
  verdict: { go: '可以变更', 'no-go': '不可变更', 'cannot-tell': '无法判断' },
  target: (version) => (version === undefined ? '版本不变' : `目标 Kubernetes ${version}`),
  reasons: (count) => (count === 0 ? '没有阻碍变更的问题' : `${count} 条原因`),
  unseen: (count) => `${count} 项必须了解而未能检查`,
  headingUnseen: '必须了解而未能检查',
  tolerated: (count) => `另有 ${count} 个问题分量不足以阻止变更（--wide 查看）`,
  headingTolerated: '分量不足以阻止变更的问题',
  accepted: (count) => `${count} 个本会阻止变更的问题已被接受（--wide 查看）`,
  headingAccepted: '已被接受、本会阻止变更的问题',
  explains: (count) => `并导致另外 ${count} 个问题`,
  more: (count) => `其余 ${count} 条见 --wide`,
  needs: (what) => `需要：${what}`,
  byHand: (rule) => `需人工确认 ${rule}`,
};

const en: GateSentences = {
  verdict: { go: 'GO', 'no-go': 'NO-GO', 'cannot-tell': 'CANNOT TELL' },
  target: (version) => (version === undefined ? 'at the present version' : `to Kubernetes ${version}`),
  reasons: (count) => (count === 0 ? 'nothing speaks against it' : count === 1 ? '1 reason' : `${count} reasons`),
  unseen: (count) => `${count} ${count === 1 ? 'thing' : 'things'} to know could not be looked at`,
  headingUnseen: 'TO KNOW, AND NOT LOOKED AT',
  tolerated: (count) => `${count} more ${count === 1 ? 'problem weighs' : 'problems weigh'} too little to keep from it (--wide)`,
  headingTolerated: 'WEIGHS TOO LITTLE',
  accepted: (count) => `${count} ${count === 1 ? 'problem' : 'problems'} that would keep from it ${count === 1 ? 'is' : 'are'} accepted (--wide)`,
  headingAccepted: 'ACCEPTED',
  explains: (count) => `and behind ${count} more ${count === 1 ? 'problem' : 'problems'}`,
  more: (count) => `${count} more with --wide`,
  needs: (what) => `needs ${what}`,
  byHand: (rule) => `look by hand at ${rule}`,
};

/** The gate's own sentences in one language. */
export function gateSentences(language: Language): GateSentences {
  return language === 'zh' ? zh : en;
}
