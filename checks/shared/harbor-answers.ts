import type { RuleMeta, Verdict } from '../../src/model/check.ts';
import { type PartFacts, podSubject } from './harbor-parts.ts';

/** Why a rule about the answers cannot be judged. */
export const unjudged = {
  'no-pods': { zh: '没有运行中且就绪的 Pod，见 workload。', en: 'None of its pods runs and is ready; see workload.' },
  'see-answers': { zh: '没有一个 Pod 正常应答，见 answers 规则。', en: 'None of its pods answers as it should; see the rule answers.' },
} as const;

/** What can be wrong with the answer of a pod. */
const wrong = {
  refused: { zh: '{pod} 的端口 {port} 没有人监听。', en: 'Nobody listens on port {port} of {pod}.' },
  silent: {
    zh: '{pod} 的端口 {port} 接受连接但对 {path} 不应答：进程卡住了。',
    en: '{pod} accepts connections on port {port} and does not answer {path}: its process hangs.',
  },
  broken: { zh: '{pod} 的端口 {port} 没有正常的 HTTP 应答（{detail}）。', en: 'Port {port} of {pod} does not answer as HTTP does ({detail}).' },
  status: { zh: '{pod} 对 {path} 返回 HTTP {status}：{detail}', en: '{pod} answers {path} with HTTP {status}: {detail}' },
  other: {
    zh: '{pod} 对 {path} 返回的不是它该返回的内容（{detail}）：端口上是别的程序，或配置、镜像不对。',
    en: '{pod} answers {path} with what is not its own ({detail}): another program has the port, or its configuration or image is wrong.',
  },
} as const;

/** Messages of the rules `answers` (at least one pod does) and `each-answers` (all do). Title and severity are each check's own. */
export const answersMessages = { ...wrong, 'no-pods': unjudged['no-pods'] } as const;
export const eachAnswersMessages = { ...wrong, ...unjudged } as const;

type AnswerRules = {
  readonly answers: Omit<RuleMeta, 'messages'> & { readonly messages: typeof answersMessages };
  readonly 'each-answers': Omit<RuleMeta, 'messages'> & { readonly messages: typeof eachAnswersMessages };
};
export type AnswerVerdict = Verdict<AnswerRules>;

/** The pods by how they stand. One that is not ready and lets nobody in is starting or broken in a way that its workload tells. */
function standing(parts: readonly PartFacts[]): { readonly serving: readonly PartFacts[]; readonly failing: readonly PartFacts[]; readonly dark: boolean } {
  const judged = parts.filter(({ state, ready }) => state !== 'not-running' && (ready || state !== 'refused'));
  return {
    serving: judged.filter(({ state }) => state === 'answers'),
    failing: judged.filter(({ state }) => state !== 'answers' && state !== 'dark'),
    dark: judged.some(({ state }) => state === 'dark'),
  };
}

/** Why nothing that only a serving pod tells can be judged: undefined when one serves, `dark` when the probe has said why. */
export function whyUnserved(parts: readonly PartFacts[]): keyof typeof unjudged | 'dark' | undefined {
  const { serving, failing, dark } = standing(parts);
  if (serving.length > 0) return undefined;
  if (dark) return 'dark';
  return failing.length > 0 ? 'see-answers' : 'no-pods';
}

/** `suspects`: components that this answer points at, beside the pod's node. */
export function answerVerdicts(parts: readonly PartFacts[], suspects: (part: PartFacts) => readonly string[] = () => []): readonly AnswerVerdict[] {
  const { serving, failing, dark } = standing(parts);
  if (failing.length === 0) {
    if (serving.length > 0)
      return [
        { rule: 'answers', verdict: 'pass', observed: { pods: serving.length } },
        { rule: 'each-answers', verdict: 'pass' },
      ];
    return dark ? [] : (['answers', 'each-answers'] as const).map((rule): AnswerVerdict => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
  }
  // Whether one that could not be asked serves is not known: that none does cannot be said then.
  const none = serving.length === 0 && !dark;
  const told = failing.map((part) => fault(none ? 'answers' : 'each-answers', part, suspects(part)));
  if (none) return [...told, { rule: 'each-answers', verdict: 'skip', messageId: 'see-answers' }];
  return [...(serving.length > 0 ? [{ rule: 'answers', verdict: 'pass', observed: { pods: serving.length } } as const] : []), ...told];
}

function fault(rule: 'answers' | 'each-answers', part: PartFacts, suspects: readonly string[]): AnswerVerdict {
  const { name: pod, node, port, path, status, state } = part;
  const detail = part.detail === '' ? '—' : part.detail;
  const because = [...(node === '' ? [] : [`node/${node}`]), ...suspects];
  const base = { rule, verdict: 'fail', subject: podSubject(part), observed: { state, status }, because } as const;
  switch (state) {
    case 'refused':
      return { ...base, messageId: 'refused', data: { pod, port } };
    case 'silent':
      return { ...base, messageId: 'silent', data: { pod, port, path } };
    case 'broken':
      return { ...base, messageId: 'broken', data: { pod, port, detail } };
    case 'other':
      return { ...base, messageId: 'other', data: { pod, path, detail }, own: true };
    default:
      return { ...base, messageId: 'status', data: { pod, path, status, detail } };
  }
}
