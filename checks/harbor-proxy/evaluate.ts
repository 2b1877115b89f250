import type { Verdict } from '../../src/model/check.ts';
import { answerVerdicts, whyUnserved } from '../shared/harbor-answers.ts';
import { podSubject } from '../shared/harbor-parts.ts';
import { bytesText } from '../shared/stolon.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { ProxyFacts, ProxyObservation } from './observation.ts';
import type { rules } from './rules.ts';
import { isLost } from './through.ts';

type ProxyVerdict = Verdict<typeof rules>;

const THROUGH = ['leads-to-core', 'leads-to-registry', 'leads-to-portal'] as const;

/** A proxy is a witness of what stands behind it: a 502 is its own fault only when that answers by itself. */
export function evaluate(observation: ProxyObservation): readonly ProxyVerdict[] {
  const { proxies } = observation;
  return mergedVerdicts<ProxyVerdict>([...answerVerdicts(proxies), ...behind(observation), ...proxies.flatMap(sizes), ...idleSizes(proxies)]);
}

function behind(observation: ProxyObservation): readonly ProxyVerdict[] {
  const { proxies } = observation;
  const why = whyUnserved(proxies);
  if (why === 'dark') return proxies.flatMap(https);
  if (why !== undefined) return [...THROUGH, 'https-answers' as const].map((rule): ProxyVerdict => ({ rule, verdict: 'skip', messageId: why }));
  const serving = proxies.filter(({ state }) => state === 'answers');
  return serving.flatMap((proxy) => {
    if (proxy.sendsElsewhere) return [...THROUGH.map((rule): ProxyVerdict => ({ rule, verdict: 'skip', messageId: 'elsewhere' })), https(proxy)].flat();
    const unasked = proxy.core === undefined && proxy.page === undefined && proxy.registry === undefined;
    if (unasked && proxy.https !== undefined && proxy.https.state !== 'answers' && proxy.https.state !== 'dark')
      return [...THROUGH.map((rule): ProxyVerdict => ({ rule, verdict: 'skip', messageId: 'see-https' })), ...https(proxy)];
    return [...core(proxy, observation), ...registry(proxy, observation), ...portal(proxy, observation), ...https(proxy)];
  });
}

function core(proxy: ProxyFacts, { core: itself, cores }: ProxyObservation): readonly ProxyVerdict[] {
  const rule = 'leads-to-core';
  const { name: pod, core: through } = proxy;
  if (through === undefined) return [];
  if (!isLost(through)) return [{ rule, verdict: 'pass', observed: { status: through.status } }];
  const fault = { rule, verdict: 'fail', data: { pod, detail: through.detail }, subject: podSubject(proxy), observed: { ...through } } as const;
  if (itself === 'answers') return [{ ...fault, messageId: 'stale' }];
  return [{ ...fault, messageId: itself === 'silent' ? 'core-silent' : 'unconfirmed', because: cores }];
}

function registry(proxy: ProxyFacts, { cores, registries }: ProxyObservation): readonly ProxyVerdict[] {
  const rule = 'leads-to-registry';
  const { name: pod, core: ping, registry: through } = proxy;
  if (ping !== undefined && isLost(ping)) return [{ rule, verdict: 'skip', messageId: 'see-core' }];
  if (through === undefined) return [];
  const { status, detail } = through;
  if (status === 401 || status === 200) return [{ rule, verdict: 'pass', observed: { status } }];
  const fault = { rule, verdict: 'fail', subject: podSubject(proxy), observed: { ...through } } as const;
  if (isLost(through)) return [{ ...fault, messageId: 'failing', data: { pod, detail }, because: [...registries, ...cores] }];
  return [{ ...fault, messageId: 'missing', data: { pod, status } }];
}

function portal(proxy: ProxyFacts, { portal: itself, portals }: ProxyObservation): readonly ProxyVerdict[] {
  const rule = 'leads-to-portal';
  const { name: pod, page: through } = proxy;
  if (through === undefined) return [];
  if (!isLost(through)) return [{ rule, verdict: 'pass', observed: { status: through.status } }];
  const fault = { rule, verdict: 'fail', data: { pod, detail: through.detail }, subject: podSubject(proxy), observed: { ...through } } as const;
  if (itself === 'answers') return [{ ...fault, messageId: 'stale' }];
  return [{ ...fault, messageId: itself === 'silent' ? 'portal-silent' : 'unconfirmed', because: portals }];
}

function https(proxy: ProxyFacts): readonly ProxyVerdict[] {
  const rule = 'https-answers';
  const { name: pod, https: port } = proxy;
  if (port === undefined) return [{ rule, verdict: 'skip', messageId: 'without' }];
  if (port.state === 'dark') return [];
  if (port.state === 'answers') return [{ rule, verdict: 'pass' }];
  return [
    {
      rule,
      verdict: 'fail',
      messageId: 'silent',
      data: { pod, port: port.port, state: port.state },
      subject: podSubject(proxy),
      observed: { ...port },
      own: true,
    },
  ];
}

function sizes(proxy: ProxyFacts): readonly ProxyVerdict[] {
  const rule = 'body-size';
  const { name: pod, tooLarge, state } = proxy;
  if (tooLarge === undefined || state === 'not-running') return [];
  if (tooLarge === 'none') return [{ rule, verdict: 'pass' }];
  const { count, bytes, at } = tooLarge;
  return [
    {
      rule,
      verdict: 'fail',
      messageId: 'too-large',
      data: { pod, count, size: bytesText(bytes), at },
      subject: podSubject(proxy),
      observed: { ...tooLarge },
      own: true,
    },
  ];
}

function idleSizes(proxies: readonly ProxyFacts[]): readonly ProxyVerdict[] {
  return proxies.every(({ state }) => state === 'not-running') ? [{ rule: 'body-size', verdict: 'skip', messageId: 'no-pods' }] : [];
}
