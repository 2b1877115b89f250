import type { ReportFinding } from '../../model/report.ts';
import type { Language } from '../../model/text.ts';
import type { ReportDiff } from '../diff.ts';
import type { Screen } from '../format.ts';
import { Page } from '../page.ts';
import { subjectText } from '../reported.ts';
import { sentences } from '../sentences.ts';
import type { Mark } from '../signs.ts';

/** The difference of two reports for a person: what is new first, then what nobody can see any more, then what is mended. */
export function renderDifference(diff: ReportDiff, language: Language, screen: Screen): string {
  const page = new Page(screen);
  const say = sentences(language);
  const { before, after, appeared, unseen, fixed, unchanged, accepted, seenAgain } = diff;
  const worst: Mark = appeared.some(({ status }) => status === 'fail') ? 'fail' : appeared.length > 0 ? 'warn' : unseen.length > 0 ? 'unknown' : 'pass';
  page.split([say.diff.verdict(appeared.length, fixed.length, unchanged.length, unseen.length)], [`${before.grade} ${page.signs.arrow} ${after.grade}`], {
    lead: `${page.signs[worst]}  `,
    leadStyle: worst,
    style: 'strong',
  });
  page.facts([`${before.cluster} ${before.startedAt}`, `${after.cluster} ${after.startedAt}`], { indent: 3, style: 'faint' });
  if (before.cluster !== after.cluster) page.paragraph(say.diff.otherCluster(before.cluster, after.cluster), { indent: 3, style: 'unknown' });
  if (before.partial || after.partial) page.paragraph(say.diff.partial, { indent: 3, style: 'unknown' });
  part(say.diff.appeared, appeared);
  part(say.diff.unseen, unseen, 'unknown');
  part(say.diff.fixed, fixed, 'pass');
  part(say.diff.unchanged, unchanged);
  part(say.text.accepted, accepted, 'info');
  part(say.diff.seenAgain, seenAgain, 'pass');
  return page.toString();

  function part(title: string, findings: readonly ReportFinding[], mark?: Mark): void {
    if (findings.length === 0) return;
    page.heading(title, [String(findings.length)]);
    page.rows(
      findings.map((finding) => {
        const sign = mark ?? (finding.status === 'fail' ? 'fail' : 'warn');
        return [
          { text: page.signs[sign], style: sign },
          { text: finding.component },
          { text: [finding.rule, subjectText(finding)].filter((text) => text !== '').join(' '), style: 'faint' as const },
          { text: mark === 'pass' ? finding.title : finding.message },
        ];
      }),
      { limits: [1, 40, 44], least: 40 },
    );
  }
}
