import type { ReportFinding } from '../../model/report.ts';
import { type Alert, alertsOf } from '../../report/formats/alertmanager.ts';
import { type Compose, isSuccess, type Sent } from '../receiver.ts';

/** An alert that is not sent again ends by itself after so many intervals. Source: Grafana's sender, which uses the same factor against flapping. */
const INTERVALS = 3;

/**
 * Alertmanager wants every alert again with each run, and what is resolved with an end that has passed. The same alert twice is one alert. It refuses one
 * that begins after it ends, which a cluster whose clock is ahead of ours would make.
 */
const alertmanager: Compose = (report, changes, receiver, now) => {
  const endsAt = new Date(now.getTime() + INTERVALS * receiver.intervalMs).toISOString();
  const alerts: readonly (Alert & { readonly endsAt: string })[] = [
    ...alertsOf({ ...report, findings: [...changes.appeared, ...changes.firing] }).map((alert) => ({
      ...alert,
      startsAt: notAfter(alert.startsAt, now),
      endsAt,
    })),
    // What could not be looked at goes on firing: nobody has seen that it is over.
    ...changes.unseen.flatMap((sent) => again(sent, endsAt, now)),
    ...changes.resolved.flatMap((sent) => again(sent, now.toISOString(), now)),
  ];
  if (alerts.length === 0) return undefined;
  return {
    url: `${receiver.url.replace(/\/+$/, '')}/api/${receiver.api}/alerts`,
    headers: { 'content-type': 'application/json', ...(receiver.secret === undefined ? {} : { authorization: `Bearer ${receiver.secret}` }) },
    body: JSON.stringify(alerts),
    accepted: isSuccess,
    repeatable: true,
  };
};

function again({ labels, component, message, since }: Sent, endsAt: string, now: Date): readonly (Alert & { readonly endsAt: string })[] {
  return labels === undefined ? [] : [{ labels, annotations: { summary: `${component}: ${message}` }, startsAt: notAfter(since, now), endsAt }];
}

function notAfter(time: string, now: Date): string {
  return Date.parse(time) > now.getTime() ? now.toISOString() : time;
}

/** The labels of one finding, kept so that it can be resolved when it is gone. */
export function labelsOf(report: Parameters<Compose>[0], finding: ReportFinding): Readonly<Record<string, string>> | undefined {
  return alertsOf({ ...report, findings: [finding] })[0]?.labels;
}

export default alertmanager;
