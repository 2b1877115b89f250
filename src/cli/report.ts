import { assess } from '../assess.ts';
import { judge } from '../gate/judge.ts';
import type { Recording } from '../model/recording.ts';
import type { Report } from '../model/report.ts';
import { LANGUAGES, type Language } from '../model/text.ts';
import { buildReport } from '../report/build.ts';
import { EXIT, EXIT_OF_GATE, type FailOn } from '../report/exit-code.ts';
import { FORMATS, type Screen } from '../report/format.ts';
import type { Io } from './io.ts';
import type { Output } from './outputs.ts';
import type { RunbookReader } from './runbooks.ts';
import { type ScreenOptions, screenOf } from './screen.ts';
import type { Site } from './site.ts';

export interface ReportOptions extends ScreenOptions {
  readonly failOn: FailOn;
  /** Judge whether the change may be made that the recording was made for. */
  readonly gate?: boolean;
}

/** The report of a recording in the site's language, without writing it. */
export function reportOf(recording: Recording, options: ReportOptions, site: Site): Report {
  return builder(recording, options, site)(site.language, site.runbook);
}

function builder(recording: Recording, { failOn, gate }: ReportOptions, { checks, file }: Site): (to: Language, read: RunbookReader) => Report {
  const assessment = assess(recording, checks, file.accept);
  return (to, read) => {
    const built = buildReport({ ...assessment, checks, runbook: read, language: to, failOn });
    return gate === true ? withGate(built, recording, checks) : built;
  };
}

/** With the gate, whose verdict the exit code tells; an interrupt goes first. */
function withGate(report: Report, recording: Recording, checks: Site['checks']): Report {
  const gate = judge(report, checks, recording.change ?? { targetVersion: '' });
  return { ...report, gate, exitCode: report.exitCode === EXIT.interrupted ? EXIT.interrupted : EXIT_OF_GATE[gate.verdict] };
}

/** From a recording to the outputs and the exit code. */
export function report(recording: Recording, outputs: readonly Output[], options: ReportOptions, site: Site, io: Io): number {
  const { runbook, language } = site;
  const build = builder(recording, options, site);
  const built = build(language, runbook);
  // Only a page lets its reader choose the language.
  const others = outputs.some(({ format }) => format === 'html') ? LANGUAGES.filter((other) => other !== language) : [];
  const translated = others.map((other) => build(other, site.runbookIn(other)));
  const problems = writeOutputs(built, translated, outputs, screenOf(options, io), io);
  for (const problem of problems) io.stderr.write(`skiffctl: ${problem}\n`);
  return problems.length > 0 && built.exitCode === EXIT.healthy ? EXIT.usage : built.exitCode;
}

/**
 * Draws and writes every output; one that cannot be written does not keep the others from it. Returns what went wrong, a line each.
 */
function writeOutputs(report: Report, translated: readonly Report[], outputs: readonly Output[], screen: Screen, io: Io): readonly string[] {
  const problems: string[] = [];
  for (const output of outputs) {
    try {
      // A file is read by machines and editors: no colours, and the full width of its own.
      const text = FORMATS[output.format].render(report, output.file === undefined ? screen : { ...screen, color: 0, width: 120 }, translated);
      if (output.file === undefined) io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      else io.writeWhole(output.file, text.endsWith('\n') ? text : `${text}\n`);
    } catch (error) {
      problems.push(`-o ${output.format}${output.file === undefined ? '' : `=${output.file}`}: ${(error as Error).message}`);
    }
  }
  return problems;
}
