import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { secondsSince } from '../shared/time.ts';
import type { AdmissionWebhooksObservation, ConfigurationFacts, WebhookFacts } from './observation.ts';
import { type AdmissionWebhooksOptions, rules } from './rules.ts';

type WebhookVerdict = Verdict<typeof rules>;
type Rule = keyof typeof rules;
type Context = EvaluateContext<AdmissionWebhooksOptions>;

const DAY = 86_400;
const BACKEND_RULES: ReadonlySet<Rule> = new Set(['backend-answers', 'ignored-backend-answers', 'backend-has-spare', 'spares-itself']);

interface At {
  readonly configuration: string;
  readonly webhook: string;
  readonly subject: Subject;
}

export function evaluate({ configurations, backendsRead }: AdmissionWebhooksObservation, context: Context): readonly WebhookVerdict[] {
  const spoken = (Object.keys(rules) as Rule[]).filter((rule) => backendsRead || !BACKEND_RULES.has(rule));
  if (configurations.every(({ webhooks }) => webhooks.length === 0)) return spoken.map((rule) => ({ rule, verdict: 'skip', messageId: 'none' }));
  const faults = configurations.flatMap((configuration) => configuration.webhooks.flatMap((webhook) => faultsOf(configuration, webhook, context)));
  const told = faults.filter(({ rule }) => spoken.includes(rule));
  return [...spoken.filter((rule) => !told.some((fault) => fault.rule === rule)).map((rule): WebhookVerdict => ({ rule, verdict: 'pass' })), ...told];
}

/** The webhooks of one configuration may share a name with those of another: the subject holds both names. */
function faultsOf(configuration: ConfigurationFacts, webhook: WebhookFacts, context: Context): readonly WebhookVerdict[] {
  const at: At = {
    configuration: `${configuration.kind} ${configuration.name}`,
    webhook: webhook.name,
    subject: { kind: configuration.kind, name: `${configuration.name}/${webhook.name}` },
  };
  return [...backend(at, webhook), ...scope(at, webhook), ...timeout(at, webhook, context), ...bundle(at, webhook, context)];
}

function backend({ subject, ...names }: At, { service, fails }: WebhookFacts): readonly WebhookVerdict[] {
  if (service === undefined) return [];
  const data = { ...names, service: `${service.namespace}/${service.name}` };
  const observed = { ready: service.ready };
  if (service.ready === 0) {
    if (!fails) return [{ rule: 'ignored-backend-answers', verdict: 'fail', messageId: 'dead', data, subject, observed }];
    return [{ rule: 'backend-answers', verdict: 'fail', messageId: service.exists ? 'dead' : 'no-service', data, subject, observed }];
  }
  return fails && service.ready === 1 ? [{ rule: 'backend-has-spare', verdict: 'fail', messageId: 'single', data, subject, observed }] : [];
}

function scope({ subject, ...names }: At, { service, fails, takesEverything, takesItsOwnPods }: WebhookFacts): readonly WebhookVerdict[] {
  if (!fails) return [];
  const own = true as const;
  return [
    ...(takesEverything ? [{ rule: 'takes-what-it-needs', verdict: 'fail', messageId: 'everything', data: names, subject, own } as const] : []),
    ...(takesItsOwnPods && service !== undefined
      ? [
          {
            rule: 'spares-itself',
            verdict: 'fail',
            messageId: 'deadlock',
            data: { ...names, service: `${service.namespace}/${service.name}` },
            subject,
            own,
          } as const,
        ]
      : []),
  ];
}

function timeout({ subject, ...names }: At, { timeoutSeconds }: WebhookFacts, { options }: Context): readonly WebhookVerdict[] {
  if (timeoutSeconds <= options.slowSeconds) return [];
  const data = { ...names, seconds: timeoutSeconds };
  return [{ rule: 'answers-soon', verdict: 'fail', messageId: 'slow', data, subject, observed: timeoutSeconds, expected: options.slowSeconds, own: true }];
}

function bundle({ subject, ...names }: At, { bundle: found, bundleEnds, url, fails }: WebhookFacts, { now, options }: Context): readonly WebhookVerdict[] {
  // One that may fail stops nobody.
  if (!fails) return [];
  const own = true as const;
  if (found === 'garbled') return [{ rule: 'ca-valid', verdict: 'fail', messageId: 'garbled', data: names, subject, own }];
  // One that is called by URL may well be trusted through the system's own CAs.
  if (found === 'none') return url !== undefined ? [] : [{ rule: 'ca-valid', verdict: 'fail', messageId: 'missing', data: names, subject, own }];
  const left = -(secondsSince(bundleEnds, now) ?? -Infinity);
  if (bundleEnds === undefined || !Number.isFinite(left)) return [];
  const ends = bundleEnds.slice(0, 10);
  if (left <= 0)
    return [{ rule: 'ca-valid', verdict: 'fail', messageId: 'expired', data: { ...names, ends }, subject, observed: bundleEnds, since: bundleEnds, own }];
  if (left >= options.expiresDays * DAY) return [];
  return [{ rule: 'ca-lasts', verdict: 'fail', messageId: 'soon', data: { ...names, ends, days: Math.floor(left / DAY) }, subject, observed: bundleEnds, own }];
}
