import { bytes, duration, timeOfDay } from '../quantities.ts';
import type { Mark } from '../signs.ts';
import type { View } from './view.ts';

/** The first line: how bad it is, how much one repair would mend, what is not known; and on the right which cluster, when. */
export function verdict(view: View): void {
  const { page, overview, screen } = view;
  const { cluster, startedAt } = overview.report;
  const right = [cluster.name, cluster.kubernetesVersion === undefined ? '' : `Kubernetes ${cluster.kubernetesVersion}`, timeOfDay(startedAt, screen.timeZone)];
  page.split(headline(view), right, { lead: lead(view), leadStyle: mark(view), style: 'strong' });
  blocker(view);
}

/** The verdict in words, for every output that a person reads. */
export function headline(view: Pick<View, 'overview' | 'say'>): readonly string[] {
  return [stopped(view), ...judgement(view)].filter((text) => text !== '');
}

/** Sign and grade, the beginning of the first and of the last line. */
export function lead(view: View): string {
  return `${view.page.signs[mark(view)]} ${view.overview.report.grade}  `;
}

/** Green only when nothing is wrong and nothing was left out. */
export function mark({ overview }: Pick<View, 'overview'>): Mark {
  const { report, blind, ended } = overview;
  if (report.status === 'fail' || report.status === 'warn') return report.status;
  return report.status === 'unknown' || report.grade !== 'A' || blind > 0 || ended !== undefined || report.partial ? 'unknown' : 'pass';
}

/** True when there is nothing to list: two to four lines say it all. */
export function isQuiet(view: View): boolean {
  return mark(view) === 'pass' && view.overview.problems.length === 0;
}

function stopped({ overview, say }: Pick<View, 'overview' | 'say'>): string {
  if (!overview.report.partial && overview.ended === undefined) return '';
  return say.text.stopped(overview.ended?.reason ?? 'DeadlineExceeded');
}

function judgement(view: Pick<View, 'overview' | 'say'>): readonly string[] {
  const { overview, say } = view;
  const { report, problems, leading, explained, blind, unreached, namespaces } = overview;
  if (unreached !== undefined) {
    const reason = unreached.speaker?.reason;
    if (unreached.cause.status === 'fail' || reason === undefined) return [say.text.apiServerDown(report.cluster.name)];
    return [say.text.apiServerUnseen(report.cluster.name, say.reason[reason])];
  }
  const unseen = blind === 0 ? [] : [say.text.blind(blind)];
  if (problems.length === 0) {
    if (mark(view) !== 'pass') return [say.text.fineAsFarAsSeen, ...unseen];
    const here = namespaces.flatMap((namespace) => namespace.components).filter((component) => component.state !== 'absent').length;
    return [say.text.fine(here), ...unseen];
  }
  const [first] = leading;
  if (first === undefined) return [say.text.noneCritical(problems.length), ...unseen];
  if (problems.length === 1) return [say.text.onlyProblem(first.cause.component, first.cause.state), ...unseen];
  const alone = leading.every((cause) => cause.mends <= 1);
  if (alone && leading.length > 1 && explained === problems.length) return [say.text.unrelated(problems.length), ...unseen];
  return [say.text.causes(leading.length, explained, problems.length, first.mends), ...unseen];
}

/** What the grade comes from, where the first cause does not say it. */
function blocker({ overview, page, say, screen }: View): void {
  const { blocker: because, grade } = overview.report;
  if (because === undefined || overview.unreached !== undefined) return;
  if (screen.verbose) page.paragraph(say.labelled(grade, say.grade[grade]), { indent: 5, style: 'faint' });
  // The first cause and the first problem are on the screen already; of many blind spots, one says nothing more than their count.
  const shown = overview.leading[0]?.cause.component ?? overview.others[0]?.component;
  if (because.component === shown || grade === 'B') return;
  const unseen = overview.report.findings.find(
    (finding) => finding.component === because.component && finding.rule === because.rule && finding.status === 'unknown',
  );
  const why = unseen?.reason === undefined || unseen.needs === undefined ? because.message : say.labelled(say.reason[unseen.reason], unseen.needs);
  page.paragraph(say.text.becauseOf(grade, because.component, why), { indent: 5, style: 'faint' });
}

/** What the run cost the API server, and how long it took. */
export function cost(view: View, indent = 0): void {
  const { report } = view.overview;
  const { apiRequests, apiBytes, peakQps } = report.cost;
  const facts = [
    view.say.text.requests(apiRequests),
    bytes(apiBytes),
    peakQps > 0 ? view.say.text.peak(Math.round(peakQps)) : '',
    duration(report.durationMs),
    `skiffctl ${report.tool.version}`,
  ];
  view.page.facts(facts, { indent, style: 'faint' });
}

/** The last line, the one that stays on the screen: what to do. */
export function advice(view: View): void {
  const { page, overview, say } = view;
  const at = { lead: lead(view), leadStyle: mark(view) };
  const { leading, others, unreached, ended, report, blindSpots } = overview;
  const [first] = leading;
  const partial = report.partial || ended !== undefined;
  const again = say.text.again(ended?.reason ?? 'DeadlineExceeded');
  // Before the rest of the cluster was seen, what looks like the cause may be a symptom: it is said, and still the best there is to do.
  const also = partial ? `${say.text.stopped(ended?.reason ?? 'DeadlineExceeded')} ${page.signs.dot} ` : '';
  if (unreached !== undefined) {
    return page.advice(also + (unreached.cause.status === 'fail' ? say.text.restoreFirst : say.text.reachFirst), unreached.cause.nextStep, at);
  }
  if (first !== undefined) return page.advice(also + say.text.mendFirst(first.cause.component), explainCommand(first.cause.rule), at);
  const [other] = others;
  const nothingDown = !partial && overview.blind === 0 && others.every((finding) => finding.status === 'warn');
  if (other !== undefined) return page.advice(also + say.text.beginWith(other.component, nothingDown), explainCommand(other.rule), at);
  if (partial) return page.paragraph(again, { indent: at.lead.length, ...at });
  if (blindSpots.some((group) => group.reason === 'Forbidden')) return page.advice(say.text.grantFirst, 'skiffctl rbac | kubectl apply -f -', at);
  page.paragraph(say.text.seeBlindSpots, { indent: at.lead.length, ...at });
}

export function explainCommand(rule: string): string {
  return `skiffctl explain ${rule}`;
}
