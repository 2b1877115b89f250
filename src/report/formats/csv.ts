import type { Report } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { reported } from '../reported.ts';

/** For spreadsheets: RFC 4180 with the line ends of Unix, a line for each finding, the header first. A cell that a spreadsheet would take for a formula is quoted as text. */
const csv: Format = { id: 'csv', extension: 'csv', mediaType: 'text/csv; charset=utf-8; header=present', render };

const COLUMNS = [
  'id',
  'fingerprint',
  'component',
  'rule',
  'status',
  'severity',
  'owner',
  'kind',
  'namespace',
  'name',
  'message',
  'since',
  'symptomOf',
  'reason',
  'needs',
  'accepted',
] as const;

function render(report: Report): string {
  const lines = reported(report).map(({ finding, accepted }) => {
    const { subject } = finding;
    const cells: Record<(typeof COLUMNS)[number], string | undefined> = {
      id: finding.id,
      fingerprint: finding.fingerprint,
      component: finding.component,
      rule: finding.rule,
      status: finding.status,
      severity: finding.severity,
      owner: finding.owner,
      kind: subject?.kind,
      namespace: subject?.namespace,
      name: subject?.name,
      message: finding.message,
      since: finding.since,
      symptomOf: finding.symptomOf,
      reason: finding.reason,
      needs: finding.needs,
      accepted: accepted === undefined ? undefined : `${accepted.owner}: ${accepted.reason}`,
    };
    return COLUMNS.map((column) => cell(cells[column] ?? '')).join(',');
  });
  return [COLUMNS.join(','), ...lines, ''].join('\n');
}

function cell(text: string): string {
  const harmless = /^[=+\-@\t]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

export default csv;
