import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { isBack, isSilent } from '../shared/heartbeat.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { KubeletObservation, TroubledNode } from './observation.ts';
import type { rules } from './rules.ts';

type KubeletVerdict = Verdict<typeof rules>;

export function evaluate(observation: KubeletObservation, { now }: EvaluateContext<object>): readonly KubeletVerdict[] {
  const reports = observation.heartbeatRead ? [...anyReports(observation, now), ...eachReports(observation, now)] : [];
  return [...reports, ...health(observation)];
}

/** One node that is silent is that node's fault. Only several that are silent together point at what they share. */
function areAllSilent({ nodes, newest }: KubeletObservation, now: Date): boolean {
  return nodes > 1 && isSilent(newest, now);
}

function anyReports(observation: KubeletObservation, now: Date): readonly KubeletVerdict[] {
  const { nodes, newest } = observation;
  if (nodes === 0) return [{ rule: 'any-reports', verdict: 'skip', messageId: 'no-nodes' }];
  if (newest === undefined) return [{ rule: 'any-reports', verdict: 'skip', messageId: 'never-heard' }];
  const age = secondsSince(newest.at, now) ?? 0;
  const facts = { observed: { ageSeconds: Math.max(0, Math.round(age)) }, expected: { ageSeconds: newest.limitSeconds } };
  if (!isSilent(newest, now)) return [{ rule: 'any-reports', verdict: 'pass', ...facts }];
  const [only] = observation.troubled;
  const because = nodes === 1 && only !== undefined ? [`node/${only.name}`] : [];
  return [{ rule: 'any-reports', verdict: 'fail', messageId: 'all-silent', data: { nodes, age: shortDuration(age) }, ...facts, because, since: newest.at }];
}

function eachReports(observation: KubeletObservation, now: Date): readonly KubeletVerdict[] {
  if (observation.nodes === 0) return [{ rule: 'reports', verdict: 'skip', messageId: 'no-nodes' }];
  if (areAllSilent(observation, now)) return [{ rule: 'reports', verdict: 'skip', messageId: 'all-silent' }];
  const silent = observation.troubled.filter((node) => (node.ready === 'Unknown' && !isBack(node.heartbeat, node.since, now)) || isSilent(node.heartbeat, now));
  if (silent.length === 0) return [{ rule: 'reports', verdict: 'pass', observed: { nodes: observation.nodes } }];
  return silent.map((node) => silentNode(node, now));
}

function silentNode(node: TroubledNode, now: Date): KubeletVerdict {
  const { name, answer, detail } = node;
  const since = node.heartbeat?.at ?? node.since;
  const data = { node: name, age: shortDuration(secondsSince(since, now) ?? 0) };
  const base = {
    rule: 'reports',
    verdict: 'fail',
    subject: { kind: 'Node', name },
    because: [`node/${name}`],
    ...(since === undefined ? {} : { since }),
  } as const;
  switch (answer) {
    case 'refused':
      return { ...base, messageId: 'refused', data };
    case 'silent':
      return { ...base, messageId: 'silent', data };
    case 'unasked':
      return { ...base, messageId: 'unasked', data: { ...data, detail: node.message || detail } };
    default:
      return { ...base, messageId: 'answers', data };
  }
}

function health({ troubled }: KubeletObservation): readonly KubeletVerdict[] {
  const asked = troubled.filter((node) => node.answer !== 'unasked');
  // Those that could not be asked are blind spots of the probe; without any of either there was no reason to ask.
  if (asked.length === 0) return troubled.length === 0 ? [{ rule: 'healthy', verdict: 'skip', messageId: 'not-asked' }] : [];
  const verdicts = asked.flatMap((node): readonly KubeletVerdict[] => {
    const { name, answer, status, detail } = node;
    const subject = { kind: 'Node', name };
    if (answer === 'ok') return [{ rule: 'healthy', verdict: 'pass', subject, observed: status }];
    if (answer !== 'failing') return [{ rule: 'healthy', verdict: 'skip', messageId: 'see-reports', data: { node: name }, subject }];
    return [
      {
        rule: 'healthy',
        verdict: 'fail',
        messageId: 'failing',
        data: { node: name, status, failed: detail || '?' },
        subject,
        observed: status,
        expected: 200,
        because: [`node/${name}`],
      },
    ];
  });
  return verdicts;
}
