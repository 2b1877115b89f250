import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { Contradiction, ServiceFacts, ServiceObservation } from './observation.ts';
import type { rules, ServiceOptions } from './rules.ts';

type ServiceVerdict = Verdict<typeof rules>;
type Context = EvaluateContext<ServiceOptions>;
type Rule = keyof typeof rules;

const RULES = [
  'selects-pods',
  'each-selects-pods',
  'has-endpoints',
  'endpoints-match-pods',
  'named-ports-exist',
  'ports-declared',
] as const satisfies readonly Rule[];
/** The component that keeps Endpoints in step with pods. */
const ENDPOINTS_CONTROLLER = 'kube-system/kube-controller-manager';

export function evaluate(observation: ServiceObservation, context: Context): readonly ServiceVerdict[] {
  const selecting = observation.services.filter((service) => service.kind === 'selecting');
  if (selecting.length === 0) {
    const messageId = observation.services.length === 0 ? 'no-services' : 'nothing-selected';
    return RULES.map((rule) => ({ rule, verdict: 'skip', messageId }));
  }
  return [...selectors(selecting), ...endpoints(selecting, context), ...comparisons(selecting, context)];
}

function subjectOf({ namespace, name }: ServiceFacts): Subject {
  return { kind: 'Service', namespace, name };
}

/** Its selector fits nothing at all. A headless Service without pods is left in peace: some exist for a name alone. */
function leadsNowhere({ fits, headless }: ServiceFacts): boolean {
  return !headless && (fits === 'nothing' || fits === 'labels');
}

/** When every way in is broken the component cannot be reached; beside a Service that works, a broken one may be left over from an old name. */
function selectors(services: readonly ServiceFacts[]): readonly ServiceVerdict[] {
  const broken = services.filter(leadsNowhere);
  const headless = services
    .filter((service) => service.headless && (service.fits === 'nothing' || service.fits === 'labels'))
    .map((service): ServiceVerdict => {
      const data = { service: service.name, selector: service.selector };
      return { rule: 'each-selects-pods', verdict: 'skip', messageId: 'headless', data, subject: subjectOf(service) };
    });
  const whole = services.length - broken.length - headless.length;
  if (broken.length === 0) {
    const observed = services.map((service) => `${service.name}: ${service.pods}`);
    if (whole === 0) return [{ rule: 'selects-pods', verdict: 'skip', messageId: 'nothing-selected' }, ...headless];
    return [
      { rule: 'selects-pods', verdict: 'pass', observed },
      ...(headless.length > 0 ? headless : [{ rule: 'each-selects-pods', verdict: 'pass' } as const]),
    ];
  }
  if (whole === 0) {
    return [...broken.map((service) => unselecting('selects-pods', service)), { rule: 'each-selects-pods', verdict: 'skip', messageId: 'see-selects-pods' }];
  }
  return [{ rule: 'selects-pods', verdict: 'pass' }, ...broken.map((service) => unselecting('each-selects-pods', service)), ...headless];
}

function unselecting(rule: 'selects-pods' | 'each-selects-pods', service: ServiceFacts): ServiceVerdict {
  const { name, selector, unsetLabels: labels } = service;
  const base = { rule, verdict: 'fail', subject: subjectOf(service), observed: { selector, pods: 0 } } as const;
  // A label that is given at run time is missing for a reason elsewhere; a selector that contradicts every template is wrong itself.
  if (service.fits === 'labels') return { ...base, messageId: 'unlabelled', data: { service: name, selector, labels } };
  return { ...base, messageId: 'dangling', data: { service: name, selector }, own: true };
}

function endpoints(services: readonly ServiceFacts[], context: Context): readonly ServiceVerdict[] {
  const verdicts = services.filter((service) => !leadsNowhere(service) && service.published === 0).map((service) => withoutEndpoints(service, context));
  const served = services.filter((service) => service.published > 0);
  if (served.length > 0) {
    // One Service that works is a way in; what is wrong with another is said by the rules below.
    const observed = served.map((service) => `${service.name}: ${service.published}`);
    return [{ rule: 'has-endpoints', verdict: 'pass', observed }, ...verdicts.filter((verdict) => verdict.verdict === 'skip')];
  }
  return verdicts.length > 0 ? verdicts : [{ rule: 'has-endpoints', verdict: 'skip', messageId: 'see-selects-pods' }];
}

function withoutEndpoints(service: ServiceFacts, context: Context): ServiceVerdict {
  const { name, pods } = service;
  const subject = subjectOf(service);
  const base = { rule: 'has-endpoints', subject } as const;
  if (pods === 0) return { ...base, verdict: 'skip', messageId: service.fits === 'zero' ? 'scaled-to-zero' : 'no-pods', data: { service: name } };
  if (service.portless) {
    const targets = service.danglingPorts.map((port) => port.target).join(', ');
    const data = { service: name, ports: targets, names: service.portNames.join(', ') || '—' };
    return { ...base, verdict: 'fail', messageId: 'no-such-port', data, observed: [...service.portNames], own: true };
  }
  if (service.eligible === 0) return { ...base, verdict: 'skip', messageId: 'pods-not-ready', data: { service: name, pods } };
  const late = lateOf(service.missing, context)[0];
  if (late === undefined) return { ...base, verdict: 'skip', messageId: 'settling', data: { service: name } };
  return {
    ...base,
    verdict: 'fail',
    messageId: 'unpublished',
    data: { service: name, pod: late.pod, age: ageOf(late, context) },
    observed: { ready: service.eligible, published: 0 },
    expected: { published: service.eligible },
    because: [ENDPOINTS_CONTROLLER],
    since: late.since,
  };
}

/** What has been so for longer than the controller needs; longest first. */
function lateOf(all: readonly Contradiction[], { now, options }: Context): readonly Contradiction[] {
  return all.filter(({ since }) => (secondsSince(since, now) ?? 0) > options.graceSeconds).toSorted((a, b) => Date.parse(a.since) - Date.parse(b.since));
}

function ageOf({ since }: Contradiction, { now }: Context): string {
  return shortDuration(secondsSince(since, now) ?? 0);
}

function comparisons(services: readonly ServiceFacts[], context: Context): readonly ServiceVerdict[] {
  const faults = services.flatMap((service) => [...contradictions(service, context), ...ports(service)]);
  const quiet = (['endpoints-match-pods', 'named-ports-exist', 'ports-declared'] as const).filter((rule) => !faults.some((fault) => fault.rule === rule));
  // Without a pod there was nothing to agree with.
  const compared = services.some((service) => service.pods > 0);
  return [...faults, ...quiet.map((rule): ServiceVerdict => (compared ? { rule, verdict: 'pass' } : { rule, verdict: 'skip', messageId: 'no-pods' }))];
}

function contradictions(service: ServiceFacts, context: Context): readonly ServiceVerdict[] {
  const { name, missing, unwithdrawn, orphaned } = service;
  const base = { rule: 'endpoints-match-pods', verdict: 'fail', subject: subjectOf(service), because: [ENDPOINTS_CONTROLLER] } as const;
  const absent = lateOf(missing, context)[0];
  if (absent !== undefined) {
    return [{ ...base, messageId: 'missing', data: { service: name, pod: absent.pod, age: ageOf(absent, context) }, since: absent.since }];
  }
  const lingering = lateOf(unwithdrawn, context)[0];
  if (lingering !== undefined) {
    return [{ ...base, messageId: 'unwithdrawn', data: { service: name, pod: lingering.pod, age: ageOf(lingering, context) }, since: lingering.since }];
  }
  const [gone] = orphaned;
  return gone === undefined ? [] : [{ ...base, messageId: 'orphaned', data: { service: name, pod: gone.pod, address: gone.address } }];
}

function ports(service: ServiceFacts): readonly ServiceVerdict[] {
  const { name, danglingPorts, undeclaredPorts, portNames } = service;
  const subject = subjectOf(service);
  const [dangling] = danglingPorts;
  const [undeclared] = undeclaredPorts;
  const label = (port: { readonly name: string; readonly port: number }): string => (port.name === '' ? String(port.port) : `${port.name}/${port.port}`);
  return [
    ...(dangling === undefined
      ? []
      : [
          {
            rule: 'named-ports-exist',
            verdict: 'fail',
            messageId: 'missing',
            data: { service: name, port: label(dangling), target: dangling.target, names: portNames.join(', ') || '—' },
            subject,
            observed: [...portNames],
            expected: danglingPorts.map((port) => port.target),
            own: true,
          } as const,
        ]),
    ...(undeclared === undefined
      ? []
      : [
          {
            rule: 'ports-declared',
            verdict: 'fail',
            messageId: 'undeclared',
            data: { service: name, port: label(undeclared), target: undeclared.target },
            subject,
            observed: undeclaredPorts.map((port) => port.target),
          } as const,
        ]),
  ];
}
