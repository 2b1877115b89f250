import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import type { EndpointFacts, MetricsObservation, WatcherFacts } from './observation.ts';
import type { MetricsEndpointOptions } from './options.ts';
import { type MetricsRule, rules } from './rules.ts';

type MetricsVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<MetricsEndpointOptions>;

/** Each endpoint by itself, and whether anybody collects what it serves: metrics that nobody sees are worse than bad ones. */
export function evaluate({ endpoints, watchers }: MetricsObservation, context: Context): readonly MetricsVerdict[] {
  const running = endpoints.filter(({ state }) => state !== 'not-running');
  if (running.length === 0)
    return (Object.keys(rules) as readonly MetricsRule[]).map((rule): MetricsVerdict => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
  return mergedVerdicts<MetricsVerdict>([...running.flatMap((endpoint) => judged(endpoint, context)), ...scraped(running, watchers)]);
}

function judged(endpoint: EndpointFacts, context: Context): readonly MetricsVerdict[] {
  const { namespace, name: pod, node, port, path, state, status, detail } = endpoint;
  const subject = { kind: 'Pod', namespace, name: pod };
  const fault = { rule: 'answers', verdict: 'fail', subject, observed: { state }, because: node === '' ? [] : [`node/${node}`] } as const;
  const answers: MetricsVerdict = { rule: 'answers', verdict: 'pass' };
  const unread = (['has-own-samples', 'fresh'] as const).map((rule): MetricsVerdict => ({ rule, verdict: 'skip', messageId: 'no-metrics' }));
  const unserved: readonly MetricsVerdict[] = [{ rule: 'serves-metrics', verdict: 'skip', messageId: 'no-answer' }, ...unread];
  const serves = { rule: 'serves-metrics', verdict: 'fail', subject, observed: { status } } as const;
  switch (state) {
    case 'refused':
    case 'broken':
    case 'loopback':
      return [{ ...fault, messageId: state, data: { pod, port, detail } }, ...unserved];
    case 'silent':
      return [{ ...fault, messageId: 'silent', data: { pod, port } }, ...unserved];
    case 'status':
      return [answers, { ...serves, messageId: 'status', data: { pod, path, status, detail } }, ...unread];
    case 'other':
      return [answers, { ...serves, messageId: 'other', data: { pod, path, detail } }, ...unread];
    case 'empty':
      return [answers, { ...serves, messageId: 'empty', data: { pod, path } }, ...unread];
    case 'metrics':
      return [answers, { rule: 'serves-metrics', verdict: 'pass', observed: endpoint.samples }, ownSamples(endpoint), fresh(endpoint, context)];
    case 'locked':
      return [answers];
    case 'dark':
    case 'not-running':
      return [];
  }
}

function ownSamples({ namespace, name: pod, samples, own }: EndpointFacts): MetricsVerdict {
  const rule = 'has-own-samples';
  if (own > 0) return { rule, verdict: 'pass', observed: own };
  return {
    rule,
    verdict: 'fail',
    messageId: 'runtime-only',
    data: { pod, samples },
    subject: { kind: 'Pod', namespace, name: pod },
    observed: { samples, own },
  };
}

function fresh({ namespace, name: pod, newest }: EndpointFacts, { now, options: { staleSeconds } }: Context): MetricsVerdict {
  const rule = 'fresh';
  if (newest === undefined) return { rule, verdict: 'skip', messageId: 'no-times' };
  const seconds = secondsSince(newest, now) ?? 0;
  if (seconds <= staleSeconds) return { rule, verdict: 'pass', observed: newest };
  const data = { pod, newest, age: shortDuration(seconds) };
  return {
    rule,
    verdict: 'fail',
    messageId: 'stale',
    data,
    subject: { kind: 'Pod', namespace, name: pod },
    observed: newest,
    expected: staleSeconds,
    since: newest,
  };
}

/** One Prometheus that reaches it is enough. What none of them can reach while we can is blind, and the way is theirs. */
function scraped(endpoints: readonly EndpointFacts[], watchers: readonly WatcherFacts[]): readonly MetricsVerdict[] {
  const rule = 'scraped';
  const serving = endpoints.find(({ state }) => state === 'metrics' || state === 'empty' || state === 'status');
  if (serving === undefined) {
    const unknown = endpoints.every(({ state }) => state === 'dark');
    return unknown ? [] : [{ rule, verdict: 'skip', messageId: 'no-metrics' }];
  }
  if (watchers.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-prometheus' }];
  const targets = watchers.flatMap((watcher) => watcher.targets.map((target) => ({ watcher, target })));
  // A target that was just found is scraped within its interval.
  if (targets.some(({ target }) => target.health !== 'down')) return [{ rule, verdict: 'pass', observed: targets.map(({ watcher }) => watcher.name) }];
  const subject = { kind: 'Pod', namespace: serving.namespace, name: serving.name };
  const [first] = targets;
  if (first !== undefined) {
    // It gives no metrics to us either.
    if (serving.state === 'status') return [{ rule, verdict: 'skip', messageId: 'no-metrics' }];
    const { watcher, target } = first;
    const data = { pod: serving.name, watcher: watcher.name, instance: target.instance, error: target.error === '' ? '-' : target.error };
    return [{ rule, verdict: 'fail', messageId: 'down', data, subject, observed: target.error, because: [watcher.component] }];
  }
  // Whoever could not be asked may scrape it.
  if (watchers.some(({ state }) => state === 'dark')) return [];
  const asked = watchers.filter(({ state }) => state === 'asked');
  if (asked.length < watchers.length) return [{ rule, verdict: 'skip', messageId: 'not-ready' }];
  const data = { pod: serving.name, watchers: asked.map(({ name }) => name).join(', ') };
  return [{ rule, verdict: 'fail', messageId: 'nobody', data, subject, observed: asked.map(({ name }) => name) }];
}
