import type { Stood } from './answering.ts';
import { isOwn, suspectsByLog, suspectsOf } from './dependencies.ts';
import { LOGIN_REFUSED } from './log.ts';
import type { Health, HttpServiceObservation, PodFacts } from './observation.ts';
import { isDown } from './spring.ts';
import { isStarting } from './standing.ts';
import { type Context, type Group, grouped, type HttpServiceVerdict, namesOf, pass, say, subjectOf } from './verdicts.ts';

type Dependencies = HttpServiceObservation['dependencies'];

/**
 * What services say of themselves. A report that takes a pod out of service (its probe fails, or it is not ready) at every pod is a service that is down;
 * otherwise it goes on serving without what it lacks.
 */
export function reporting(stood: readonly Stood[], observation: HttpServiceObservation, context: Context): readonly HttpServiceVerdict[] {
  const judged = stood.filter(({ standing }) => standing.kind === 'serving').map(({ pod }) => pod);
  const dark = stood.some(({ standing }) => standing.kind === 'dark');
  const reports = judged.filter(({ health }) => health !== undefined);
  const unwell = reports.filter((pod) => isUnwell(pod) && !isStarting(pod, context));
  if (unwell.length === 0) {
    if (dark) return [];
    const why = judged.length === 0 ? 'unasked' : 'no-report';
    return (['healthy', 'each-healthy'] as const).map((rule) => (reports.length === 0 ? say(rule, 'skip', why) : pass(rule)));
  }
  const groups = grouped(unwell, complaintOf);
  const isOut = unwell.length === judged.length && !dark && unwell.every((pod) => takesOut(pod) || lacksWhatItNeeds(pod, observation.dependencies));
  const verdicts = (rule: 'healthy' | 'each-healthy') => groups.map((group) => complaint(rule, group, observation.dependencies));
  if (isOut) return [...verdicts('healthy'), say('each-healthy', 'skip', 'see-healthy')];
  return [...(dark ? [] : [pass('healthy')]), ...verdicts('each-healthy')];
}

function isUnwell({ health }: PodFacts): boolean {
  return health !== undefined && (isDown(health) || health.failing.length > 0 || health.status === 'STUCK');
}

/** The vendor's own probe got the bad news, or the kubelet has drawn its conclusion. */
function takesOut({ address, outcome, containerReady }: PodFacts): boolean {
  return !containerReady || (address?.source === 'readiness' && outcome?.kind === 'answer' && outcome.status >= 500);
}

/** What is down is something that the component cannot do without, whether or not its readiness says so. */
function lacksWhatItNeeds({ health }: PodFacts, dependencies: Dependencies): boolean {
  const needed = dependencies.filter(({ partial }) => !partial);
  return health?.failing.some((each) => suspectsOf(each, needed).length > 0) ?? false;
}

function complaintOf({ health }: PodFacts): string | undefined {
  return health === undefined
    ? undefined
    : `${health.status} ${health.failing
        .map(({ name }) => name)
        .sort()
        .join(', ')}`;
}

function complaint(rule: 'healthy' | 'each-healthy', { pods }: Group, dependencies: Dependencies): HttpServiceVerdict {
  const [first] = pods;
  const health = first?.health as Health;
  const isLogin = health.failing.some(({ error }) => LOGIN_REFUSED.test(error));
  // Who refuses a login answers: no fault of the server explains it.
  const because = isLogin
    ? []
    : [
        ...new Set(
          pods.flatMap(({ health: own, log }) => [
            ...(own?.failing ?? []).flatMap((each) => suspectsOf(each, dependencies)),
            ...suspectsByLog(log, dependencies),
          ]),
        ),
      ];
  const said = health.failing.find(({ error }) => error !== '')?.error ?? '—';
  const parts = health.failing.map(({ name }) => name).join(', ');
  const data = { pods: namesOf(pods), path: health.path, status: health.status, parts, error: said, suspects: because.join(', ') };
  return say(rule, 'fail', isLogin ? 'login' : messageOf(health, because), data, {
    ...(first === undefined ? {} : { subject: subjectOf(first) }),
    observed: { status: health.status, failing: health.failing.map(({ name, status }) => ({ name, status })) },
    ...(because.length > 0 ? { because } : {}),
    ...(isLogin || (health.failing.length > 0 && health.failing.every(isOwn)) ? { own: true } : {}),
  });
}

function messageOf({ status, failing }: Health, because: readonly string[]): string {
  if (status === 'STUCK') return 'stuck';
  if (failing.length === 0) return 'bare';
  if (failing.every(isOwn)) return 'disk';
  return because.length > 0 ? 'dependency' : 'part';
}
