import type { EvaluateContext, Verdict } from '../../src/model/check.ts';
import { secondsSince } from '../shared/time.ts';
import type { CertificatesObservation, ShownCertificate } from './observation.ts';
import { type CertificatesOptions, rules } from './rules.ts';

type CertificateVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<CertificatesOptions>;

const DAY = 86_400;

export function evaluate({ instances, shown }: CertificatesObservation, context: Context): readonly CertificateVerdict[] {
  const all = Object.keys(rules) as (keyof typeof rules)[];
  if (shown.length === 0) return instances === 0 ? all.map((rule) => ({ rule, verdict: 'skip', messageId: 'unseen' })) : [];
  const faults = shown.flatMap((each) => faultOf(each, context));
  return [...all.filter((rule) => !faults.some((fault) => fault.rule === rule)).map((rule): CertificateVerdict => ({ rule, verdict: 'pass' })), ...faults];
}

/** The worst that is to be said of one certificate. */
function faultOf(
  { namespace, pod, node, subject: name, issuer, notBefore, notAfter }: ShownCertificate,
  { now, options }: Context,
): readonly CertificateVerdict[] {
  const left = -(secondsSince(notAfter, now) ?? 0);
  const ends = notAfter.slice(0, 10);
  const days = Math.floor(left / DAY);
  const at = { pod, node };
  const common = {
    verdict: 'fail',
    subject: { kind: 'Pod', namespace, name: pod },
    observed: { subject: name, issuer, notBefore, notAfter },
    own: true,
  } as const;
  if ((secondsSince(notBefore, now) ?? 0) < 0) return [{ rule: 'valid', messageId: 'not-yet', data: { ...at, begins: notBefore.slice(0, 10) }, ...common }];
  if (left <= 0) return [{ rule: 'valid', messageId: 'expired', data: { ...at, ends }, since: notAfter, ...common }];
  if (left < options.changeDays * DAY) return [{ rule: 'lasts-through-change', messageId: 'ends-within', data: { ...at, ends, days }, ...common }];
  return left < options.soonDays * DAY ? [{ rule: 'lasts-a-while', messageId: 'soon', data: { ...at, ends, days }, ...common }] : [];
}
