import { secondsSince, shortDuration } from '../shared/time.ts';
import { subjectOf } from './answers.ts';
import type { ProxyContext, ProxyVerdict } from './evaluate.ts';
import type { StolonProxyObservation } from './observation.ts';

const API_SERVER = 'kube-system/kube-apiserver';

export function enabled(observation: StolonProxyObservation, { options }: ProxyContext): readonly ProxyVerdict[] {
  const rule = 'enabled';
  const { data, sentinels, readAt } = observation;
  if (data === undefined) return [];
  const running = observation.proxies.filter((proxy) => proxy.running);
  if (running.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-pods' }];
  const marked = running.filter((proxy) => proxy.uid !== '');
  if (marked.length === 0) return [{ rule, verdict: 'skip', messageId: 'unmarked' }];
  const missing = marked.flatMap((proxy): readonly ProxyVerdict[] => {
    const seconds = secondsSince(proxy.startedAt === '' ? undefined : proxy.startedAt, new Date(readAt)) ?? Infinity;
    if (seconds <= options.enableSeconds || data.proxy.enabled.includes(proxy.uid)) return [];
    const facts = { pod: proxy.name, uid: proxy.uid, age: Number.isFinite(seconds) ? shortDuration(seconds) : '?' };
    const observed = { enabledProxies: [...data.proxy.enabled] };
    return [{ rule, verdict: 'fail', messageId: 'missing', data: facts, subject: subjectOf(proxy), observed, expected: proxy.uid, because: sentinels }];
  });
  return missing.length > 0 ? missing : [{ rule, verdict: 'pass', observed: marked.length }];
}

export function several({ proxies }: StolonProxyObservation): ProxyVerdict {
  const [only] = proxies;
  if (only === undefined) return { rule: 'several-proxies', verdict: 'skip', messageId: 'no-pods' };
  if (proxies.length === 1) return { rule: 'several-proxies', verdict: 'fail', messageId: 'single', data: { pod: only.name }, observed: 1 };
  return { rule: 'several-proxies', verdict: 'pass', observed: proxies.length };
}

export function readsData({ proxies, readAt, sentinels }: StolonProxyObservation, { options }: ProxyContext): readonly ProxyVerdict[] {
  const rule = 'reads-data';
  const running = proxies.filter((proxy) => proxy.running);
  if (running.length === 0) return [{ rule, verdict: 'skip', messageId: 'no-pods' }];
  const measured = running.flatMap((proxy) => (proxy.dataReadAt === undefined ? [] : [{ proxy, at: proxy.dataReadAt }]));
  if (measured.length === 0) return running.some((proxy) => proxy.metricsUnread === true) ? [] : [{ rule, verdict: 'skip', messageId: 'no-metrics' }];
  const now = new Date(readAt);
  const late = measured.flatMap(({ proxy, at }): readonly ProxyVerdict[] => {
    // One that never read any has had no more time than it runs.
    const running = secondsSince(proxy.startedAt === '' ? undefined : proxy.startedAt, now) ?? Infinity;
    const seconds = Math.min(now.getTime() / 1000 - at, running);
    if (seconds <= options.dataSeconds) return [];
    const data = { pod: proxy.name, age: shortDuration(seconds) };
    const because = [API_SERVER, ...sentinels, ...(proxy.node === '' ? [] : [`node/${proxy.node}`])];
    return [{ rule, verdict: 'fail', messageId: 'late', data, subject: subjectOf(proxy), observed: { ageSeconds: Math.round(seconds) }, because }];
  });
  return late.length > 0 ? late : [{ rule, verdict: 'pass' }];
}
