import type { Report, ReportFinding } from '../../model/report.ts';
import type { Format } from '../format.ts';
import { overview } from '../overview.ts';
import { reported } from '../reported.ts';
import { sentences } from '../sentences.ts';
import { headline } from '../text/verdict.ts';

/**
 * For Nagios, Icinga and what speaks as they do: the state and the verdict in the first line, performance data behind the bar, a line for each finding
 * below. The exit code of every format is that of a plug-in already. A threshold is the highest value that is still well: one critical finding is above
 * 0. Source: Monitoring Plugins Development Guidelines.
 */
const nagios: Format = { id: 'nagios', extension: 'txt', mediaType: 'text/plain; charset=utf-8', render };

const STATE = ['OK', 'WARNING', 'CRITICAL', 'UNKNOWN'] as const;
const WORD = { fail: 'CRITICAL', warn: 'WARNING', unknown: 'UNKNOWN', info: 'INFO', pass: 'OK', skip: 'SKIP' } as const;

function render(report: Report): string {
  const all = reported(report).filter(({ accepted }) => accepted === undefined);
  const count = (status: ReportFinding['status']): number => all.filter(({ finding }) => finding.status === status).length;
  const [cause] = report.rootCauses;
  const words = [
    ...headline({ overview: overview(report), say: sentences(report.language) }),
    cause === undefined ? '' : `${cause.component}: ${cause.message}`,
  ];
  const down = report.components.filter(({ state }) => state === 'down' || state === 'unreachable').length;
  const data = [
    `critical=${count('fail')};;0;0`,
    `warnings=${count('warn')};0;;0`,
    `unknown=${count('unknown')};;;0`,
    `components_down=${down};;0;0;${report.components.length}`,
    `duration=${(report.durationMs / 1000).toFixed(3)}s;;;0`,
    `requests=${report.cost.apiRequests};;;0`,
  ];
  const state = STATE[report.exitCode] ?? 'UNKNOWN';
  const first = `SKIFF ${state} - ${report.grade} ${words.filter((text) => text !== '').join('; ')}`;
  return [`${plain(first)} | ${data.join(' ')}`, ...all.map(({ finding }) => plain(`${WORD[finding.status]} ${finding.id}: ${finding.message}`)), ''].join(
    '\n',
  );
}

/** The bar divides the text from the data, and a line break ends the line. */
function plain(text: string): string {
  return text.replaceAll(/\s*\n\s*/g, ' ').replaceAll('|', '¦');
}

export default nagios;
