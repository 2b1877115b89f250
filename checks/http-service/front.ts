import type { Stood } from './answering.ts';
import type { HttpServiceObservation, Page, PodFacts } from './observation.ts';
import { type Context, grouped, type HttpServiceVerdict, namesOf, pass, say, subjectOf } from './verdicts.ts';

/** Who takes longer than this is not asked for its page as well, in ms: the time of a probe is short. */
export const SOON_MS = 2000;

function isSlow({ outcome }: PodFacts): boolean {
  return outcome?.kind === 'answer' && outcome.elapsedMs >= SOON_MS;
}

type Blank = 'missing' | 'silent' | 'bare' | 'asset-missing';

/** The page of a console and what it passes on to the components behind it. */
export function front(stood: readonly Stood[], observation: HttpServiceObservation, { options }: Context): readonly HttpServiceVerdict[] {
  const serving = stood.filter(({ standing, pod }) => standing.kind === 'serving' && pod.outcome?.kind === 'answer').map(({ pod }) => pod);
  return [
    ...(options.page ? pageVerdicts(serving, stood) : [say('page-loads', 'skip', 'no-page')]),
    ...passing(observation, serving, Object.keys(options.passesOn)),
  ];
}

function pageVerdicts(serving: readonly PodFacts[], stood: readonly Stood[]): readonly HttpServiceVerdict[] {
  const rule = 'page-loads';
  const loaded = serving.filter(({ page }) => page !== undefined);
  // A page that could not be asked for is unknown already.
  if (loaded.length === 0) {
    if (serving.length > 0) return serving.every(isSlow) ? [say(rule, 'skip', 'slow', { pods: namesOf(serving) })] : [];
    return stood.some(({ standing }) => standing.kind === 'dark') ? [] : [say(rule, 'skip', 'unasked')];
  }
  const blank = grouped(loaded, ({ page }) => (page === undefined ? undefined : blankness(page)));
  if (blank.length > 0) {
    return blank.map(({ id, pods }) => {
      const page = pods[0]?.page;
      const status = id === 'asset-missing' ? (page?.assetStatus ?? 0) : (page?.status ?? 0);
      const subject = pods[0] === undefined ? {} : { subject: subjectOf(pods[0]) };
      return say(rule, 'fail', id, { pods: namesOf(pods), status, asset: page?.asset ?? '' }, { ...subject, observed: status });
    });
  }
  const others = loaded.filter(({ page }) => page?.html === false);
  if (others.length === loaded.length) return [say(rule, 'skip', 'not-html', { pods: namesOf(others) })];
  return loaded.length === serving.filter((pod) => !isSlow(pod)).length ? [pass(rule)] : [];
}

function blankness({ status, html, asset, assetStatus }: Page): Blank | undefined {
  if (status === 0) return 'silent';
  // To be sent to a login page, or asked for one, is no blank page.
  if (status >= 400 && status !== 401 && status !== 403) return 'missing';
  if (!html || status !== 200) return undefined;
  if (asset === '') return 'bare';
  return assetStatus !== undefined && assetStatus >= 400 && assetStatus !== 401 && assetStatus !== 403 ? 'asset-missing' : undefined;
}

/** What a gateway says when it is the one behind it that does not answer. */
const BEHIND: ReadonlySet<number> = new Set([0, 502, 503, 504]);

function passing({ passedOn, dependencies }: HttpServiceObservation, serving: readonly PodFacts[], paths: readonly string[]): readonly HttpServiceVerdict[] {
  const rule = 'passes-on';
  if (paths.length === 0) return [say(rule, 'skip', 'nothing')];
  if (serving.length === 0) return [say(rule, 'skip', 'unasked')];
  const asked = passedOn.filter(({ absent }) => absent !== true);
  if (asked.length === 0 && passedOn.length > 0) return [say(rule, 'skip', 'absent')];
  const failing = [
    ...Map.groupBy(
      asked.filter(({ status }) => BEHIND.has(status)),
      ({ to }) => to,
    ),
  ];
  if (failing.length > 0) {
    return failing.map(([to, all]) => {
      const [first] = all;
      const because = dependencies.filter(({ component }) => component === to || component.endsWith(`/${to}`)).map(({ component }) => component);
      const data = { pods: first?.pod ?? '', path: all.map(({ path }) => path).join(', '), to, status: first?.status ?? 0 };
      // One finding for each component behind it.
      const subject = { kind: 'Service', namespace: because[0]?.split('/')[0] ?? first?.namespace ?? '', name: to };
      return say(rule, 'fail', first?.status === 0 ? 'silent' : 'failing', data, {
        subject,
        observed: first?.status ?? 0,
        ...(because.length > 0 ? { because } : {}),
      });
    });
  }
  if (passedOn.length === 0 && serving.every(isSlow)) return [say(rule, 'skip', 'slow', { pods: namesOf(serving) })];
  return passedOn.length > 0
    ? [
        pass(
          rule,
          passedOn.map(({ path, status }) => `${path}: ${status}`),
        ),
      ]
    : [];
}
