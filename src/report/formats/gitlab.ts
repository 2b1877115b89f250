import type { Report, Status } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { pathOf, reported, sentenceOf } from '../reported.ts';

/** GitLab's Code Quality report: an array of issues. What keeps the grade from being better is the blocker. Accepted findings are left to the other outputs. */
const gitlab: Format = { id: 'gitlab', extension: 'json', mediaType: 'application/json', render };

const SEVERITY: Partial<Record<Status, string>> = { fail: 'critical', warn: 'major', unknown: 'minor', info: 'info' };

function render(report: Report): string {
  const { blocker } = report;
  const issues = reported(report)
    .filter(({ accepted }) => accepted === undefined)
    .map(({ finding }) => {
      const blocks = finding.status === 'fail' && finding.component === blocker?.component && finding.rule === blocker.rule;
      return {
        description: sentenceOf(finding, report),
        check_name: finding.rule,
        fingerprint: finding.fingerprint,
        severity: blocks ? 'blocker' : (SEVERITY[finding.status] ?? 'info'),
        location: { path: pathOf(finding), lines: { begin: 1 } },
      };
    });
  return `${JSON.stringify(issues, undefined, 2)}\n`;
}

export default gitlab;
