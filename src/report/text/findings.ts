import type { Json } from '../../model/json.ts';
import type { ReportFinding, Status } from '../../model/report.ts';
import type { Mark } from '../signs.ts';
import type { View } from './view.ts';

const MARK_OF: Readonly<Record<Status, Mark>> = { pass: 'pass', info: 'info', skip: 'absent', unknown: 'unknown', warn: 'warn', fail: 'fail' };

/** Information findings: shown when asked for, else counted. */
export function notes({ overview, page, say, screen }: View): void {
  if (overview.notes.length === 0) return;
  if (!screen.wide && !screen.verbose) return page.paragraph(say.text.noteCount(overview.notes.length, true), { indent: 2, style: 'faint' });
  page.heading(say.text.notes);
  page.rows(
    overview.notes.map((finding) => [
      { text: page.signs.info, style: 'info' },
      { text: finding.component },
      { text: finding.rule, style: 'faint' },
      { text: finding.message },
    ]),
    { limits: [1, 38, 34] },
  );
}

/** What was red for a moment: no fault now, and perhaps the trace of one. */
export function passing({ overview, page, say, screen }: View): void {
  const { passing: seen } = overview;
  if (seen.length === 0) return;
  if (!screen.wide && !screen.verbose) return page.paragraph(say.text.passingCount(seen.length), { indent: 2, style: 'faint' });
  page.heading(say.text.passing);
  page.rows(
    seen.map((finding) => [
      { text: page.signs.info, style: 'info' },
      { text: finding.component },
      { text: finding.rule, style: 'faint' },
      { text: finding.firstLook?.message ?? '' },
    ]),
    { limits: [1, 38, 34] },
  );
}

/** What the site has accepted, by whom and until when: it is no problem, and not hidden either. */
export function accepted({ overview, page, say, screen }: View): void {
  const { accepted: entries } = overview.report;
  if (entries.length === 0) return;
  if (!screen.wide && !screen.verbose) return page.paragraph(say.text.acceptedCount(entries.length, true), { indent: 2, style: 'faint' });
  page.heading(say.text.accepted);
  page.rows(
    entries.map(({ finding, owner, reason, expires }) => [{ text: finding }, { text: say.text.acceptedBy(owner, reason, expires) }]),
    { limits: [60] },
  );
}

/** Every finding with what was observed and what was expected. */
export function findings({ overview, page, say }: View): void {
  page.heading(say.text.findings);
  for (const [component, same] of Map.groupBy(overview.report.findings, (finding) => finding.component)) {
    page.paragraph(component, { indent: 2, style: 'strong' });
    for (const finding of same) {
      const mark = MARK_OF[finding.status];
      page.paragraph(`${say.labelled(`${say.status[finding.status]}  ${finding.rule}`, finding.message)}${details(finding)}`, {
        indent: 6,
        lead: `    ${page.signs[mark]} `,
        leadStyle: mark,
      });
      if (finding.observed !== undefined) page.field('', say.labelled(say.text.observed, inline(finding.observed)), 6, 'faint');
      if (finding.expected !== undefined) page.field('', say.labelled(say.text.expected, inline(finding.expected)), 6, 'faint');
    }
  }

  function details(finding: ReportFinding): string {
    const { subject, symptomOf } = finding;
    const about = [subject === undefined ? '' : `${subject.kind} ${subject.name}`, symptomOf === undefined ? '' : say.text.explainedBy(symptomOf)];
    const said = about.filter((text) => text !== '');
    return said.length === 0 ? '' : say.aside(said.join('; '));
  }
}

/** A value on one line, without the noise of JSON where it is clear without. */
export function inline(value: Json): string {
  if (typeof value === 'string') return value;
  if (value === null || typeof value !== 'object') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? '[]' : value.map((item: Json) => nested(item)).join(', ');
  const entries = Object.entries(value).flatMap(([key, item]) => (item === undefined ? [] : [`${key} ${nested(item as Json)}`]));
  return entries.length === 0 ? '{}' : entries.join(', ');
}

function nested(value: Json): string {
  return value !== null && typeof value === 'object' && Object.keys(value).length > 0 ? `(${inline(value)})` : inline(value);
}
