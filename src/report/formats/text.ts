import type { Report } from '../../model/report.ts';
import type { Format, Screen } from '../format.ts';
import { overview } from '../overview.ts';
import { Page } from '../page.ts';
import { sentences } from '../sentences.ts';
import { blindSpots } from '../text/blind-spots.ts';
import { otherProblems, rootCauses } from '../text/causes.ts';
import { accepted, findings, notes, passing } from '../text/findings.ts';
import { gate } from '../text/gate.ts';
import { namespaces } from '../text/namespaces.ts';
import { topology } from '../text/topology.ts';
import { unreached } from '../text/unreached.ts';
import { advice, cost, isQuiet, verdict } from '../text/verdict.ts';
import type { View } from '../text/view.ts';

/** For a person on a terminal. The first line is the verdict, the last one what to do; between them what leads comes first. */
const text: Format = { id: 'text', extension: 'txt', mediaType: 'text/plain; charset=utf-8', render };

function render(report: Report, screen: Screen): string {
  const page = new Page(screen);
  const view: View = { overview: overview(report), page, say: sentences(report.language), screen };
  if (report.gate !== undefined) gate(view, report.gate);
  verdict(view);
  if (view.overview.unreached !== undefined) unreached(view, view.overview.unreached);
  else if (isQuiet(view) && !screen.wide && !screen.verbose) {
    quiet(view);
    return page.toString();
  } else {
    rootCauses(view);
    otherProblems(view);
    namespaces(view);
    if (screen.wide) topology(view);
    blindSpots(view);
    notes(view);
    passing(view);
    accepted(view);
    if (screen.verbose) findings(view);
  }
  page.gap();
  cost(view);
  if (!isQuiet(view)) advice(view);
  return page.toString();
}

/** Nothing is wrong: how much of it was looked at how closely, and what it cost. */
function quiet(view: View): void {
  const { overview: seen, say, page } = view;
  const absent = seen.report.components.filter((component) => component.state === 'absent').length;
  const facts = [
    seen.shallow.length === 0 ? '' : say.text.closely(seen.shallow.length),
    absent === 0 ? '' : say.text.absentCount(absent),
    seen.notes.length === 0 ? '' : say.text.noteCount(seen.notes.length, false),
    seen.passing.length === 0 ? '' : say.text.passingCount(seen.passing.length),
    seen.report.accepted.length === 0 ? '' : say.text.acceptedCount(seen.report.accepted.length, false),
  ].filter((fact) => fact !== '');
  if (facts.length > 0) page.facts([...facts, say.text.moreIn('skiffctl doctor --wide')], { indent: 5, style: 'faint' });
  cost(view, 5);
}

export default text;
