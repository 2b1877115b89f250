import type { Stood } from './answering.ts';
import type { PodFacts } from './observation.ts';
import { isSettled, isStarting, type Trouble } from './standing.ts';
import { type Context, dataOf, type Group, grouped, type HttpServiceVerdict, namesOf, pass, say, subjectOf } from './verdicts.ts';

/** What is judged of the pods that answer: how fast, from where, and as the site expects. */
export function quality(stood: readonly Stood[], context: Context): readonly HttpServiceVerdict[] {
  const answered = stood.filter(({ standing, pod }) => standing.kind === 'serving' && pod.outcome?.kind === 'answer').map(({ pod }) => pod);
  const dark = stood.some(({ standing }) => standing.kind === 'dark');
  return [...speed(answered, dark, context), ...reach(answered, dark), ...endpoint(answered, dark), ...expectations(answered, dark, context)];
}

function unless(dark: boolean, verdict: HttpServiceVerdict): readonly HttpServiceVerdict[] {
  return dark ? [] : [verdict];
}

function elapsedOf({ outcome }: PodFacts): number {
  return outcome?.kind === 'answer' ? outcome.elapsedMs : 0;
}

function withSubject({ pods }: Group): { readonly subject?: ReturnType<typeof subjectOf> } {
  const [first] = pods;
  return first === undefined ? {} : { subject: subjectOf(first) };
}

function speed(answered: readonly PodFacts[], dark: boolean, { options }: Context): readonly HttpServiceVerdict[] {
  if (answered.length === 0) return dark ? [] : [say('timely', 'skip', 'unasked'), say('prompt', 'skip', 'unasked')];
  const slowestFirst = answered.filter((pod) => elapsedOf(pod) > options.slowMs).toSorted((a, b) => elapsedOf(b) - elapsedOf(a));
  const observed = Math.max(...answered.map(elapsedOf));
  const group = { id: '', pods: slowestFirst };
  const told = { ...withSubject(group), observed: { ms: observed } };
  if (!dark && answered.every((pod) => elapsedOf(pod) > options.verySlowMs)) {
    const data = { ...dataOf(group), limit: options.verySlowMs };
    return [say('timely', 'fail', 'very-slow', data, { ...told, expected: { ms: options.verySlowMs } }), say('prompt', 'skip', 'see-timely')];
  }
  const timely = unless(dark, pass('timely'));
  if (slowestFirst.length === 0) return [...timely, ...unless(dark, pass('prompt', { ms: observed }))];
  return [...timely, say('prompt', 'fail', 'slow', { ...dataOf(group), limit: options.slowMs }, { ...told, expected: { ms: options.slowMs } })];
}

function isInsideOnly({ outcome }: PodFacts): boolean {
  return outcome?.kind === 'answer' && outcome.inside === 'unreached';
}

function reach(answered: readonly PodFacts[], dark: boolean): readonly HttpServiceVerdict[] {
  const cut = answered.filter(isInsideOnly);
  if (answered.length === 0) return unless(dark, say('reachable', 'skip', 'unasked'));
  if (cut.length === 0) return unless(dark, pass('reachable'));
  if (cut.length === answered.length) return [say('reachable', 'skip', 'all')];
  const group = { id: '', pods: cut };
  return [say('reachable', 'fail', 'some', dataOf(group), withSubject(group))];
}

/** Alive, and nothing more is known of it. */
function isBare({ outcome }: PodFacts): boolean {
  return outcome?.kind === 'answer' && outcome.status >= 400 && outcome.status < 500 && outcome.status !== 401 && outcome.status !== 403;
}

function endpoint(answered: readonly PodFacts[], dark: boolean): readonly HttpServiceVerdict[] {
  const rule = 'has-health-endpoint';
  // A path that the vendor or the site has named is there; what it answers is judged elsewhere.
  const bare = answered.filter((pod) => isBare(pod) && !['site', 'readiness', 'liveness'].includes(pod.address?.source ?? ''));
  if (answered.length === 0) return unless(dark, say(rule, 'skip', 'unasked'));
  if (bare.length === 0) return unless(dark, pass(rule));
  const group = { id: '', pods: bare };
  return [say(rule, 'fail', 'none', dataOf(group), withSubject(group))];
}

/** What a path has to answer that the site has named without saying which status is right. */
const USUALLY_RIGHT = '2xx, 3xx, 401, 403';

function expectations(answered: readonly PodFacts[], dark: boolean, { options }: Context): readonly HttpServiceVerdict[] {
  const rule = 'as-expected';
  const { expectedStatus, expectedJson } = options;
  const wanted = Object.entries(expectedJson);
  if (expectedStatus === 0 && wanted.length === 0 && options.path === '') return [say(rule, 'skip', 'unset')];
  if (answered.length === 0) return unless(dark, say(rule, 'skip', 'unasked'));
  const deviating = grouped(answered, (pod) => {
    const { outcome, found = {} } = pod;
    if (expectedStatus === 0 && options.path !== '' && isBare(pod)) return 'status';
    if (expectedStatus > 0 && outcome?.kind === 'answer' && outcome.status !== expectedStatus) return 'status';
    const wrong = wanted.find(([key, value]) => (found[key] ?? null) !== value);
    return wrong === undefined ? undefined : `value ${wrong[0]}`;
  });
  if (deviating.length === 0) return unless(dark, pass(rule));
  return deviating.map((group) => {
    const base = { ...dataOf(group), expected: expectedStatus === 0 ? USUALLY_RIGHT : expectedStatus };
    if (group.id === 'status') return say(rule, 'fail', 'status', base, { ...withSubject(group), expected: base.expected });
    const key = group.id.slice('value '.length);
    const [found, expected] = [group.pods[0]?.found?.[key] ?? null, expectedJson[key] ?? null];
    return say(
      rule,
      'fail',
      'value',
      { ...base, key, found: JSON.stringify(found), expected: JSON.stringify(expected) },
      { ...withSubject(group), observed: found, expected },
    );
  });
}

const PROBE_NAMES = { http: 'httpGet', tcp: 'tcpSocket', exec: 'exec', none: '—' } as const;
/** What stands for itself in a message of either language. */
const FOUND: Readonly<Partial<Record<Trouble, string>>> = { refused: 'connection refused', hung: 'no answer', closed: 'EOF', error: '5xx', rejected: '4xx' };

/** Two witnesses of one fact: the kubelet's readiness and what the pod answers now. */
export function readiness(stood: readonly Stood[], context: Context): readonly HttpServiceVerdict[] {
  const rule = 'readiness-agrees';
  const seen = stood.filter(({ standing }) => standing.kind === 'serving' || standing.kind === 'trouble');
  const dark = stood.some(({ standing }) => standing.kind === 'dark');
  if (seen.length === 0) return unless(dark, say(rule, 'skip', 'unasked'));
  const byName = new Map(seen.map(({ pod, standing }) => [pod.name, standing]));
  const groups = grouped(
    seen.map(({ pod }) => pod),
    (pod) => disagreement(pod, byName.get(pod.name)?.kind === 'trouble', context),
  );
  if (groups.length === 0) return unless(dark, pass(rule));
  return groups.map((group) => {
    const [first] = group.pods;
    const standing = byName.get(first?.name ?? '');
    const trouble = standing?.kind === 'trouble' ? standing.id : undefined;
    const status = first?.outcome?.kind === 'answer' ? String(first.outcome.status) : undefined;
    const data = {
      ...dataOf(group),
      pods: namesOf(group.pods),
      probe: PROBE_NAMES[first?.readiness ?? 'none'],
      found: status ?? (trouble === undefined ? '?' : (FOUND[trouble] ?? trouble)),
      timeout: first?.timeoutSeconds ?? 1,
    };
    return say(rule, 'fail', group.id, data, withSubject(group));
  });
}

function disagreement(pod: PodFacts, isTrouble: boolean, context: Context): 'unseen' | 'contradicts' | 'unready' | undefined {
  const { address, containerReady, readiness: probe, outcome, headers, health } = pod;
  if (!isSettled(pod, context)) return undefined;
  const isProbe = address?.source === 'readiness' && probe === 'http';
  const bad = isTrouble || isBare(pod) || (outcome?.kind === 'answer' && outcome.status >= 500);
  if (containerReady && bad) {
    if (isProbe) return headers || (outcome?.kind === 'answer' && outcome.inside !== undefined) ? undefined : 'contradicts';
    return isTrouble ? 'unseen' : undefined;
  }
  if (containerReady || !isProbe || isTrouble || isStarting(pod, context)) return undefined;
  const isWell = outcome?.kind === 'answer' && outcome.status < 400 && outcome.inside === undefined;
  return isWell && health?.status !== 'STUCK' ? 'unready' : undefined;
}
