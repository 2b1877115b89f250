import type { Report, ReportFinding } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { overview } from '../overview.ts';
import { reported, subjectText } from '../reported.ts';
import { sentences } from '../sentences.ts';
import { headline } from '../text/verdict.ts';

/** For merge requests, tickets and chats: the verdict, the root causes, every finding, what was not looked at. */
const markdown: Format = { id: 'markdown', extension: 'md', mediaType: 'text/markdown; charset=utf-8', render };

const SIGN: Readonly<Record<ReportFinding['status'], string>> = { fail: '❌', warn: '⚠️', unknown: '❔', info: 'ℹ️', skip: '➖', pass: '✅' };

function render(report: Report): string {
  const say = sentences(report.language);
  const seen = overview(report);
  const { cluster, cost } = report;
  const version = cluster.kubernetesVersion === undefined ? '' : ` · Kubernetes ${cluster.kubernetesVersion}`;
  const lines: string[] = [`## ${SIGN[report.status]} ${report.grade} · ${headline({ overview: seen, say }).map(escape).join(' · ')}`, ''];
  lines.push(`${code(cluster.name)}${escape(version)} · ${report.startedAt}`, '');
  for (const [index, cause] of report.rootCauses.entries()) {
    const title = report.rootCauses.length === 1 ? say.text.rootCause : say.text.rootCauseOf(index + 1, report.rootCauses.length);
    lines.push(`### ${escape(title)}: ${escape(say.text.isIn(cause.component, cause.state))}`, '', escape(cause.message), '');
    if (cause.affects.length > 0) lines.push(`- **${escape(say.text.explains)}** ${cause.affects.map((each) => code(each.component)).join(', ')}`);
    lines.push(`- **${escape(say.text.look)}** ${code(cause.nextStep)}`, `- **${escape(say.text.mend)}** ${code(`skiffctl explain ${cause.rule}`)}`, '');
  }
  const all = reported(report);
  if (all.length > 0) {
    lines.push(`### ${escape(say.text.findings)}`, '', '|  |  |  |  |', '| --- | --- | --- | --- |');
    for (const { finding, accepted } of all)
      lines.push(row(finding, accepted === undefined ? '' : say.text.acceptedBy(accepted.owner, accepted.reason, accepted.expires)));
    lines.push('');
  }
  if (seen.blindSpots.length > 0) {
    lines.push(`### ${escape(say.text.notLookedAt)}`, '');
    for (const group of seen.blindSpots) {
      const names = [...new Set(group.entries.flatMap((entry) => entry.component ?? entry.rule ?? []))];
      const needs = group.needs === undefined ? escape(group.entries[0]?.message ?? '') : code([group.needs.what, ...group.needs.namespaces].join(' '));
      lines.push(`- ${escape(say.reason[group.reason])}: ${names.map(code).join(', ')} (${needs})`);
    }
    lines.push('');
  }
  lines.push(`<sub>skiffctl ${report.tool.version} · ${say.text.requests(cost.apiRequests)} · ${(report.durationMs / 1000).toFixed(1)} s</sub>`, '');
  return lines.join('\n');
}

function row(finding: ReportFinding, accepted: string): string {
  const about = [code(finding.component), escape(subjectText(finding))].filter((text) => text !== '').join(' ');
  const cause = finding.symptomOf === undefined ? '' : ` ← ${code(finding.symptomOf)}`;
  return `| ${SIGN[finding.status]} | ${about} | ${code(finding.rule)} | ${escape(finding.message)}${cause}${accepted === '' ? '' : ` (${escape(accepted)})`} |`;
}

/** Nothing from the cluster is markup: HTML, links, emphasis and cell borders are text. */
function escape(text: string): string {
  return text
    .replaceAll(/\s*\n\s*/g, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(/[\\`*_{}[\]|#~!@]/g, (character) => `\\${character}`);
}

function code(text: string): string {
  const ticks = '`'.repeat(1 + Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length)));
  return `${ticks}${text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '\\|')}${ticks}`;
}

export default markdown;
