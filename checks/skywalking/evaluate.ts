import type { Verdict } from '../../src/model/check.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { ServerFacts, SkywalkingObservation } from './observation.ts';
import type { rules } from './rules.ts';

type SkywalkingVerdict = Verdict<typeof rules>;

/** Each server by itself. One that does not serve, or is not healthy, waits for its storage as a rule: what it needs may explain it. */
export function evaluate({ servers, needs }: SkywalkingObservation): readonly SkywalkingVerdict[] {
  const running = servers.filter(({ state }) => state !== 'not-running');
  if (running.length === 0) return (['answers', 'healthy'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
  return mergedVerdicts<SkywalkingVerdict>(running.flatMap((server) => judged(server, needs)));
}

function judged({ namespace, name: pod, node, port, state, detail }: ServerFacts, needs: readonly string[]): readonly SkywalkingVerdict[] {
  const subject = { kind: 'Pod', namespace, name: pod };
  const because = [...needs, ...(node === '' ? [] : [`node/${node}`])];
  const answers = { rule: 'answers', verdict: 'pass' } as const;
  const noAnswer = { rule: 'healthy', verdict: 'skip', messageId: 'no-answer' } as const;
  switch (state) {
    case 'healthy':
      return [answers, { rule: 'healthy', verdict: 'pass' }];
    case 'unhealthy':
      return [answers, { rule: 'healthy', verdict: 'fail', messageId: 'unhealthy', data: { pod }, subject, observed: detail, because: needs }];
    case 'no-checker':
      return [answers, { rule: 'healthy', verdict: 'skip', messageId: 'no-checker', data: { pod } }];
    case 'other':
      return [answers, { rule: 'healthy', verdict: 'skip', messageId: 'other', data: { pod, detail } }];
    case 'starting':
      return [{ rule: 'answers', verdict: 'skip', messageId: 'starting', data: { pod, port } }, noAnswer];
    case 'refused':
    case 'broken':
      return [{ rule: 'answers', verdict: 'fail', messageId: state, data: { pod, port, detail }, subject, observed: state, because }, noAnswer];
    case 'silent':
      return [{ rule: 'answers', verdict: 'fail', messageId: state, data: { pod, port }, subject, observed: state, because }, noAnswer];
    case 'dark':
    case 'not-running':
      return [];
  }
}
