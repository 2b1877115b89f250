import type { ReportComponent } from '../../model/report.ts';
import type { Cause } from '../overview.ts';
import { shortTime } from '../quantities.ts';
import { grouped } from '../sentences.ts';
import { columns } from '../wrap.ts';
import { explainCommand } from './verdict.ts';
import type { View } from './view.ts';

/** A block for each root cause: what broke, what it explains, how we know, where to look, how to mend. */
export function rootCauses(view: View): void {
  view.overview.leading.forEach((cause, index) => {
    block(view, cause, index + 1);
  });
}

function block(view: View, described: Cause, at: number): void {
  const { page, say, overview, screen } = view;
  const { cause } = described;
  const label = overview.leading.length === 1 ? say.text.rootCause : say.text.rootCauseOf(at, overview.leading.length);
  page.heading(`${label}  ${say.text.isIn(cause.component, cause.state)}`, [
    cause.core ? say.text.core : '',
    say.owner[cause.owner],
    cause.since === undefined ? '' : say.text.since(shortTime(cause.since, overview.report.startedAt, screen.timeZone)),
  ]);
  page.paragraph(cause.message, { indent: 2 });
  const width = labelWidth(view);
  const also = [...new Set(described.also.map((finding) => finding.rule))].filter((rule) => rule !== cause.rule);
  if (also.length > 0) page.field(say.text.also, say.list(also), width);
  if (cause.affects.length > 0) {
    page.field(say.text.explains, say.clauses(grouped(cause.affects, (ids, by) => `${say.list(ids.map(overview.nameOf))}${say.aside(say.by[by])}`)), width);
  }
  page.field(say.text.why, say.text.sure(cause.confidence, behind(view, cause.component)), width);
  nextSteps(view, described, width);
}

export function labelWidth({ say }: View): number {
  const { explains, also, why, look, mend, tried, cameBack, so } = say.text;
  return Math.max(...[explains, also, why, look, mend, tried, cameBack, so].map(columns)) + 2;
}

/** The first safe command, and where the steps of the repair are. */
function nextSteps({ page, say }: View, { cause, speaker }: Cause, width: number): void {
  const explain = explainCommand(cause.rule);
  if (cause.nextStep !== explain && cause.nextStep !== '') page.command(say.text.look, cause.nextStep, width);
  const steps = speaker?.remediation?.steps.length ?? 0;
  page.command(say.text.mend, explain, width, steps === 0 ? '' : say.text.steps(steps));
}

/** Why the cause is not behind it: what is known of its dependencies, and what is not. */
export function behind({ overview, say }: Pick<View, 'overview' | 'say'>, component: string): string {
  const all = new Map<string, ReportComponent>(overview.report.components.map((each) => [each.id, each]));
  // What it merely passes requests on to cannot break it.
  const dependencies = (all.get(component)?.dependsOn ?? []).flatMap((edge) => (edge.partial === true ? [] : (all.get(edge.component) ?? [])));
  const named = (these: readonly ReportComponent[]): string => {
    const names = these.map((each) => overview.nameOf(each.id));
    return say.examples(names.slice(0, 4), names.length);
  };
  // What is only its symptom says nothing about where the cause is.
  const faulty = dependencies.filter((each) => ['down', 'degraded', 'unreachable'].includes(each.state) && each.cause !== component);
  if (faulty.length > 0) return say.text.behindFaulty(named(faulty));
  const unseen = dependencies.filter((each) => each.state === 'unknown');
  return unseen.length > 0 ? say.text.behindUnseen(named(unseen)) : say.text.nothingBehind;
}

/** Problems that stand for themselves: a row for each component, said by the finding that tells most, with the rules that fail beside it. */
export function otherProblems({ page, say, overview }: View): void {
  if (overview.others.length === 0) return;
  page.heading(say.text.otherProblems);
  const speakers = new Set(overview.report.rootCauses.map((cause) => cause.explains[0]));
  page.rows(
    [...Map.groupBy(overview.others, (finding) => finding.component)].flatMap(([component, findings]) => {
      const speaker = findings.find((finding) => speakers.has(finding.id)) ?? findings[0];
      if (speaker === undefined) return [];
      const mark = findings.some((finding) => finding.status === 'fail') ? 'fail' : 'warn';
      const also = [...new Set(findings.map((finding) => finding.rule))].filter((rule) => rule !== speaker.rule);
      const message = also.length === 0 ? speaker.message : `${speaker.message}${say.aside(`${say.text.also} ${say.list(also)}`)}`;
      return [[{ text: page.signs[mark], style: mark }, { text: component }, { text: speaker.rule, style: 'faint' }, { text: message }]];
    }),
    { limits: [1, 38, 34] },
  );
}
