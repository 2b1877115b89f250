import type { Verdict } from '../../src/model/check.ts';
import { answerVerdicts, whyUnserved } from '../shared/harbor-answers.ts';
import { podSubject } from '../shared/harbor-parts.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { ScannerFacts, ScannerObservation } from './observation.ts';
import type { rules } from './rules.ts';

type ClairVerdict = Verdict<typeof rules>;

export function evaluate({ replicas, databases }: ScannerObservation): readonly ClairVerdict[] {
  // Its health page waits for its database.
  const answers = answerVerdicts(replicas, ({ state }) => (state === 'silent' ? databases : []));
  const why = whyUnserved(replicas);
  if (why === 'dark') return answers;
  const deeper = ['database-answers', 'api-answers'] as const;
  if (why !== undefined) return [...answers, ...deeper.map((rule): ClairVerdict => ({ rule, verdict: 'skip', messageId: why }))];
  const serving = replicas.filter(({ state }) => state === 'answers');
  return mergedVerdicts<ClairVerdict>([...answers, ...serving.flatMap((replica) => judged(replica, databases))]);
}

function judged(replica: ScannerFacts, databases: readonly string[]): readonly ClairVerdict[] {
  const { name: pod, scanner, databaseFails, api } = replica;
  if (scanner === 'trivy') return (['database-answers', 'api-answers'] as const).map((rule): ClairVerdict => ({ rule, verdict: 'skip', messageId: 'trivy' }));
  const subject = podSubject(replica);
  if (databaseFails)
    return [
      { rule: 'database-answers', verdict: 'fail', messageId: 'failing', data: { pod }, subject, observed: { status: 500 }, because: databases },
      { rule: 'api-answers', verdict: 'skip', messageId: 'see-database' },
    ];
  return [{ rule: 'database-answers', verdict: 'pass' }, ...apiOf(replica, api, databases)];
}

function apiOf(replica: ScannerFacts, api: ScannerFacts['api'], databases: readonly string[]): readonly ClairVerdict[] {
  const rule = 'api-answers';
  // Of one that could not be asked the probe has spoken.
  if (api === undefined || api.state === 'dark') return [];
  const { port, state, status } = api;
  if (state === 'answers') return [{ rule, verdict: 'pass' }];
  const base = { rule, verdict: 'fail', subject: podSubject(replica), observed: { state, status } } as const;
  if (state === 'status') return [{ ...base, messageId: 'status', data: { pod: replica.name, port, status }, because: databases }];
  return [{ ...base, messageId: 'closed', data: { pod: replica.name, port }, own: true }];
}
