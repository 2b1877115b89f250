import type { EvaluateContext } from '../../src/model/check.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { FiringAlert, RulesFacts } from './observation.ts';
import type { PrometheusOptions } from './options.ts';
import { type PrometheusVerdict, podOf, type Serving, some, versionOf } from './verdict.ts';

type Context = EvaluateContext<PrometheusOptions>;

/** What the server tells of its rules, or the verdict that it tells nothing. */
function told(server: Serving, rule: 'rules-evaluate' | 'rules-in-time' | 'alertmanager-found'): RulesFacts | readonly PrometheusVerdict[] {
  if (server.rules === undefined) return [];
  if (server.rules === 'not-served') return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
  return server.rules;
}

function isFacts(facts: RulesFacts | readonly PrometheusVerdict[]): facts is RulesFacts {
  return 'alerting' in facts;
}

export function rulesEvaluate(server: Serving): readonly PrometheusVerdict[] {
  const rule = 'rules-evaluate';
  const facts = told(server, rule);
  if (!isFacts(facts)) return facts;
  const subject = podOf(server);
  const [first] = facts.failing;
  if (first !== undefined) {
    const data = { pod: server.name, count: facts.failingCount, group: first.group, rule: first.rule, error: first.error === '' ? '-' : first.error };
    return [{ rule, verdict: 'fail', messageId: 'failing', data, subject, observed: facts.failing.map((each) => ({ ...each })), own: true }];
  }
  if (facts.alerting + facts.recording === 0) return [{ rule, verdict: 'skip', messageId: 'no-rules' }];
  const lately = typeof server.queried === 'object' ? server.queried.ruleFailures : [];
  if (lately.length === 0) return [{ rule, verdict: 'pass' }];
  const groups = some(lately.map((group) => (group === '' ? '?' : group)));
  return [{ rule, verdict: 'fail', messageId: 'lately', data: { pod: server.name, groups }, subject, observed: lately, own: true }];
}

export function rulesInTime(server: Serving, { now }: Context): readonly PrometheusVerdict[] {
  const rule = 'rules-in-time';
  const facts = told(server, rule);
  if (!isFacts(facts)) return facts;
  const { name: pod } = server;
  if (facts.alerting + facts.recording === 0) return [{ rule, verdict: 'skip', messageId: 'no-rules' }];
  const fault = { rule, verdict: 'fail', subject: podOf(server), observed: facts.groups.map((group) => ({ ...group })) } as const;
  const [late] = facts.groups;
  if (late !== undefined) {
    const { group, intervalSeconds: interval, tookSeconds: took, evaluatedAt } = late;
    if (took > interval) return [{ ...fault, messageId: 'slow', data: { pod, group, took, interval } }];
    const clock = typeof server.queried === 'object' ? new Date(server.queried.at) : now;
    return [{ ...fault, messageId: 'stalled', data: { pod, group, interval, age: shortDuration(secondsSince(evaluatedAt, clock) ?? 0) } }];
  }
  const missed = typeof server.queried === 'object' ? server.queried.missedGroups : [];
  if (missed.length === 0) return [{ rule, verdict: 'pass' }];
  return [{ ...fault, messageId: 'missed', data: { pod, groups: some(missed) }, observed: missed }];
}

export function alertmanagerFound(server: Serving): readonly PrometheusVerdict[] {
  const rule = 'alertmanager-found';
  const facts = told(server, rule);
  if (!isFacts(facts)) return facts;
  if (server.self === undefined) return [];
  if (facts.alerting === 0) return [{ rule, verdict: 'skip', messageId: 'no-alerts' }];
  const { alertmanagers } = server.self;
  if (alertmanagers === undefined) return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
  if (alertmanagers > 0) return [{ rule, verdict: 'pass', observed: alertmanagers }];
  return [{ rule, verdict: 'fail', messageId: 'none', data: { pod: server.name, alerting: facts.alerting }, subject: podOf(server), observed: 0, expected: 1 }];
}

export function notificationsDelivered(server: Serving, { options: { errorPercent } }: Context): readonly PrometheusVerdict[] {
  const rule = 'notifications-delivered';
  const { self, queried, name: pod } = server;
  if (self === undefined || queried === undefined) return [];
  if (queried === 'not-served') return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(server) } }];
  const subject = podOf(server);
  const { dropped } = queried;
  const because = [...new Set(queried.errors.flatMap(({ components }) => components))];
  if (dropped > 0) return [{ rule, verdict: 'fail', messageId: 'dropped', data: { pod, count: dropped }, subject, observed: dropped, because }];
  const worst = queried.errors.filter(({ count, sent }) => (count / Math.max(sent, count)) * 100 > errorPercent).toSorted((a, b) => b.count - a.count)[0];
  if (worst !== undefined) {
    const { alertmanager, count, sent } = worst;
    const data = { pod, alertmanager, count, sent: Math.max(sent, count) };
    return [
      {
        rule,
        verdict: 'fail',
        messageId: 'errors',
        data,
        subject,
        observed: queried.errors.map(({ alertmanager: to, count: failed, sent: of }) => ({ alertmanager: to, count: failed, sent: of })),
        because: worst.components,
      },
    ];
  }
  const count = (self.notificationsDropped ?? 0) + (self.notificationErrors ?? 0);
  if (count > 0 && !queried.scrapesItself) return [{ rule, verdict: 'skip', messageId: 'since-start', data: { pod, count } }];
  return [{ rule, verdict: 'pass' }];
}

/** The alerts of all replicas, each once: they are handed on and not graded here. */
export function alertsFiring(servers: readonly Serving[]): readonly PrometheusVerdict[] {
  const rule = 'alerts-firing';
  const heard = servers.filter(({ rules }) => rules !== undefined);
  const [first] = heard;
  if (first === undefined) return [];
  const facts = heard.flatMap(({ rules }) => (typeof rules === 'object' ? [rules] : []));
  if (facts.length === 0) return [{ rule, verdict: 'skip', messageId: 'not-in-version', data: { version: versionOf(first) } }];
  if (facts.every(({ alerting }) => alerting === 0)) return [{ rule, verdict: 'skip', messageId: 'no-alerts' }];
  const byName = new Map<string, FiringAlert>();
  for (const alert of facts.flatMap(({ firing }) => firing)) {
    const key = `${alert.name} ${alert.severity}`;
    const known = byName.get(key);
    byName.set(key, known === undefined ? alert : { ...alert, count: Math.max(alert.count, known.count), since: [alert.since, known.since].sort()[0] ?? '' });
  }
  const alerts = [...byName.values()].toSorted((a, b) => (a.since < b.since ? -1 : 1));
  if (alerts.length === 0) return [{ rule, verdict: 'pass' }];
  const count = alerts.reduce((sum, alert) => sum + alert.count, 0);
  const texts = alerts.map(({ name, severity, count: of, since }) => `${name}${of > 1 ? ` ×${of}` : ''} (${severity === '' ? '' : `${severity}, `}${since})`);
  const since = alerts[0]?.since ?? '';
  return [
    {
      rule,
      verdict: 'fail',
      messageId: 'firing',
      data: { count, alerts: some(texts, 8) },
      observed: alerts.map((alert) => ({ ...alert })),
      ...(Number.isNaN(Date.parse(since)) ? {} : { since }),
    },
  ];
}
