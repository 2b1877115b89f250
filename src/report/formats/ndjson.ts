import type { Report } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { reported } from '../reported.ts';

/**
 * A JSON object a line. On stdout the events of the run come first, as they happen (`planned`, `probe-ended` …); then, when all of it is judged, a line
 * for each finding and root cause, and the verdict as the last one. A reader tells them apart by `type`.
 */
const ndjson: Format = { id: 'ndjson', extension: 'ndjson', mediaType: 'application/x-ndjson', render };

function render(report: Report): string {
  const { findings: _findings, components: _components, rootCauses, notLookedAt, accepted: _accepted, ...verdict } = report;
  const lines = [
    ...reported(report).map(({ finding, accepted }) => ({ type: 'finding', ...finding, ...(accepted === undefined ? {} : { accepted }) })),
    ...notLookedAt.map((entry) => ({ type: 'not-looked-at', ...entry })),
    ...rootCauses.map((cause) => ({ type: 'root-cause', ...cause })),
    { type: 'verdict', ...verdict },
  ];
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

export default ndjson;
