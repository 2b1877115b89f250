import type { Subject } from '../../src/model/check.ts';
import { masterOf, podOfKeeper } from '../shared/stolon.ts';
import { oneLine } from '../shared/text.ts';
import type { ProxyVerdict } from './evaluate.ts';
import type { ProxyFacts, StolonProxyObservation } from './observation.ts';

const API_SERVER = 'kube-system/kube-apiserver';
/** SQLSTATEs by which a PostgreSQL turns everybody away: it starts, stops or recovers, or has no connection left. */
const NOT_YET = '57P03';
const EXHAUSTED = '53300';

export function subjectOf({ namespace, name }: Pick<ProxyFacts, 'namespace' | 'name'>): Subject {
  return { kind: 'Pod', namespace, name };
}

export function hasAnswered({ answer }: ProxyFacts): boolean {
  return answer.kind === 'accepting' || answer.kind === 'error';
}

export function answers(observation: StolonProxyObservation): readonly ProxyVerdict[] {
  const asked = observation.proxies.filter(({ answer }) => answer.kind !== 'idle');
  const rules = ['answers', 'each-answers', 'takes-logins', 'has-free-connections'] as const;
  if (asked.length === 0) return rules.map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
  const answering = asked.filter(hasAnswered);
  const mute = asked.filter((proxy) => !hasAnswered(proxy) && proxy.answer.kind !== 'dark');
  if (answering.length > 0) {
    return [
      { rule: 'answers', verdict: 'pass', observed: { answering: answering.length, asked: asked.length } },
      ...(mute.length > 0 ? mute.map((proxy) => unanswered(observation, proxy)) : [{ rule: 'each-answers', verdict: 'pass' } as const]),
      ...turnedAway(observation, answering),
    ];
  }
  const rest = (['takes-logins', 'has-free-connections'] as const).map((rule): ProxyVerdict => ({ rule, verdict: 'skip', messageId: 'see-answers' }));
  // A proxy that could not be asked may be the one that leads somewhere.
  if (mute.length < asked.length) return [...mute.map((proxy) => unanswered(observation, proxy)), ...rest];
  return [none(observation, mute), { rule: 'each-answers', verdict: 'skip', messageId: 'see-answers' }, ...rest];
}

function none(observation: StolonProxyObservation, mute: readonly ProxyFacts[]): ProxyVerdict {
  const data = { pods: mute.length, answers: mute.map(({ name, answer }) => `${name}: ${answer.kind}`).join(', ') };
  const because = [...new Set(mute.flatMap((proxy) => suspects(observation, proxy)))];
  const observed = mute.map(({ name, answer }) => ({ pod: name, answer: answer.kind }));
  return { rule: 'answers', verdict: 'fail', messageId: 'none', data, observed, because };
}

function unanswered(observation: StolonProxyObservation, proxy: ProxyFacts): ProxyVerdict {
  const { name: pod, port, answer } = proxy;
  const base = { rule: 'each-answers', verdict: 'fail', subject: subjectOf(proxy), observed: answer.kind, because: suspects(observation, proxy) } as const;
  switch (answer.kind) {
    case 'refused':
      return { ...base, messageId: 'refused', data: { pod, port } };
    case 'silent':
      return { ...base, messageId: 'silent', data: { pod } };
    case 'garbled':
      return { ...base, messageId: 'garbled', data: { pod, port, detail: oneLine(answer.message ?? '') }, own: true };
    default:
      return { ...base, messageId: 'closed', data: { pod } };
  }
}

/** Who may be to blame, likeliest first; only those who are faulty themselves explain anything. */
function suspects(observation: StolonProxyObservation, proxy: ProxyFacts): readonly string[] {
  const { keepers, sentinels, store, data } = observation;
  switch (proxy.answer.kind) {
    // It stops listening when it does not reach its store, which is behind the API server.
    case 'refused':
      return [API_SERVER, ...(proxy.node === '' ? [] : [`node/${proxy.node}`]), ...sentinels];
    case 'silent':
      return [...nodeOfMaster(observation), ...keepers];
    case 'garbled':
      return [];
    default: {
      // Without usable data there is no master to lead to, whatever the keepers do.
      if (store === 'gone' || store === 'unreadable' || store === 'foreign' || store === 'stale') return [...sentinels, ...keepers];
      const toldNothing = data !== undefined && data.master !== '' && data.proxy.master !== data.master;
      return toldNothing ? [...sentinels, ...keepers] : [...keepers, ...nodeOfMaster(observation), ...sentinels];
    }
  }
}

function nodeOfMaster({ data, keeperPods }: StolonProxyObservation): readonly string[] {
  const master = data === undefined ? undefined : masterOf(data);
  if (data === undefined || master === undefined) return [];
  const node = podOfKeeper(data, master.keeper, keeperPods)?.node ?? '';
  return node === '' ? [] : [`node/${node}`];
}

/** A server that answers and lets nobody in. Other errors, such as an unknown user, are those of a server that serves. */
function turnedAway({ keepers }: StolonProxyObservation, answering: readonly ProxyFacts[]): readonly ProxyVerdict[] {
  const saying = (sqlState: string): readonly ProxyFacts[] => answering.filter(({ answer }) => answer.sqlState === sqlState);
  const facts = (proxy: ProxyFacts) => ({
    data: { pod: proxy.name, said: oneLine(proxy.answer.message ?? '') },
    subject: subjectOf(proxy),
    observed: proxy.answer.sqlState ?? '',
  });
  const notYet = saying(NOT_YET).map(
    (proxy): ProxyVerdict => ({ rule: 'takes-logins', verdict: 'fail', messageId: 'not-yet', ...facts(proxy), because: keepers }),
  );
  // Clients use up the connections: no keeper, sentinel or proxy has done that.
  const exhausted = saying(EXHAUSTED).map(
    (proxy): ProxyVerdict => ({ rule: 'has-free-connections', verdict: 'fail', messageId: 'exhausted', ...facts(proxy), own: true }),
  );
  return [
    ...(notYet.length > 0 ? notYet : [{ rule: 'takes-logins', verdict: 'pass' } as const]),
    ...(exhausted.length > 0 ? exhausted : [{ rule: 'has-free-connections', verdict: 'pass' } as const]),
  ];
}
