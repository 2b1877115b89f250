import { assess } from '../assess.ts';
import type { Recording } from '../model/recording.ts';
import type { Report } from '../model/report.ts';
import { buildReport } from '../report/build.ts';
import { EXIT, type FailOn } from '../report/exit-code.ts';
import { FORMATS, type Screen } from '../report/format.ts';
import type { Io } from './io.ts';
import type { Output } from './outputs.ts';
import { type ScreenOptions, screenOf } from './screen.ts';
import type { Site } from './site.ts';

/** From a recording to the outputs and the exit code. */
export function report(recording: Recording, outputs: readonly Output[], options: ScreenOptions & { readonly failOn: FailOn }, site: Site, io: Io): number {
  const { checks, runbook, language } = site;
  const built: Report = buildReport({ ...assess(recording, checks, site.file.accept), checks, runbook, language, failOn: options.failOn });
  const problems = writeOutputs(built, outputs, screenOf(options, io), io);
  for (const problem of problems) io.stderr.write(`skiffctl: ${problem}\n`);
  return problems.length > 0 && built.exitCode === EXIT.healthy ? EXIT.usage : built.exitCode;
}

/**
 * Draws and writes every output; one that cannot be written does not keep the others from it. Returns what went wrong, a line each.
 */
function writeOutputs(report: Report, outputs: readonly Output[], screen: Screen, io: Io): readonly string[] {
  const problems: string[] = [];
  for (const output of outputs) {
    try {
      // A file is read by machines and editors: no colours, and the full width of its own.
      const text = FORMATS[output.format].render(report, output.file === undefined ? screen : { ...screen, color: 0, width: 120 });
      if (output.file === undefined) io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
      else io.writeWhole(output.file, text.endsWith('\n') ? text : `${text}\n`);
    } catch (error) {
      problems.push(`-o ${output.format}${output.file === undefined ? '' : `=${output.file}`}: ${(error as Error).message}`);
    }
  }
  return problems;
}
