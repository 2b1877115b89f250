import type { Report } from '../../model/report.ts';
import type { Screen } from '../format.ts';
import { overview } from '../overview.ts';
import { sentences } from '../sentences.ts';
import { type Content, type Markup, rendered, tag } from './markup.ts';
import { picture } from './picture.ts';
import { SCRIPT, SCRIPT_SHA256 } from './script.ts';
import { accepted, blindSpots, components, cost, otherProblems, rootCauses, verdict } from './sections.ts';
import { STYLE } from './style.ts';

/** The names of the languages, in themselves. */
const LANGUAGE_NAMES = { zh: '中文', en: 'English' } as const;

/** The page loads nothing, sends nothing, and runs no script but its own. */
const POLICY = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${SCRIPT_SHA256}'; base-uri 'none'; form-action 'none'`;

/** One self-contained page with the report in each of the languages given, the first of them shown. */
export function page(reports: readonly Report[], screen: Screen): string {
  const [first] = reports;
  if (first === undefined) throw new RangeError('a page needs a report');
  const say = sentences(first.language);
  const head = [
    tag('meta', { charset: 'utf-8' }),
    tag('meta', { 'http-equiv': 'Content-Security-Policy', content: POLICY }),
    tag('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
    tag('title', {}, `${first.grade} · ${first.cluster.name} · skiffctl`),
    tag('style', {}, { html: STYLE }),
  ];
  const languages = reports.map(({ language }) =>
    tag('button', { 'data-language': language, 'aria-pressed': String(language === first.language) }, LANGUAGE_NAMES[language]),
  );
  const body = [
    tag('nav', {}, ...(reports.length > 1 ? languages : []), tag('button', { 'data-paint': true, 'aria-label': say.page.colors }, '◐')),
    ...reports.map((report) => whole(report, screen, report !== first)),
    tag('script', {}, { html: SCRIPT }),
  ];
  return `<!doctype html>\n${rendered(tag('html', { lang: first.language }, tag('head', {}, ...head), tag('body', {}, ...body)))}\n`;
}

function whole(report: Report, screen: Screen, hidden: boolean): Markup {
  const part = { overview: overview(report), say: sentences(report.language), screen };
  return tag(
    'main',
    { lang: report.language, hidden },
    verdict(part),
    rootCauses(part),
    pictures(report, part.say),
    otherProblems(part),
    blindSpots(part),
    components(part),
    accepted(part),
    cost(part),
  );
}

/** What is wrong at a glance, and the whole graph for who wants it. A healthy cluster has only the whole one. */
function pictures(report: Report, say: ReturnType<typeof sentences>): Content {
  const installed = report.components.filter(({ state }) => state !== 'absent');
  if (installed.length === 0) return '';
  const troubled = installed.some(({ state }) => state !== 'healthy');
  const frame = (everything: boolean): Markup => tag('div', { class: 'frame' }, picture(report, everything, say));
  if (!troubled) return [tag('h2', {}, say.page.picture), frame(true)];
  return [
    tag('h2', {}, say.page.picture),
    frame(false),
    tag('details', { class: 'screen' }, tag('summary', { class: 'faint' }, say.page.everything(installed.length)), frame(true)),
  ];
}
