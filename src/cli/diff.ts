import { Command, Option } from 'commander';
import { UsageError } from '../config/problem.ts';
import { REPORT_SCHEMA_VERSION, type Report } from '../model/report.ts';
import { diffReports } from '../report/diff.ts';
import { printable } from '../report/printable.ts';
import { renderDifference } from '../report/text/difference.ts';
import type { Io } from './io.ts';
import { addScreenOptions, addSiteOptions } from './options.ts';
import { type ScreenOptions, screenOf } from './screen.ts';
import { loadSite, type SiteOptions } from './site.ts';

interface DiffOptions extends SiteOptions, ScreenOptions {
  readonly output: 'text' | 'json';
}

/** `skiffctl diff`: what has changed between two JSON reports. Asks no cluster. */
export function diffCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('diff')
    .description('what is new, fixed and unchanged between two reports of doctor -o json; exit 0 when nothing new is wrong')
    .argument('<before>', 'the earlier report; - is stdin')
    .argument('<after>', 'the later one; - is stdin')
    .addOption(new Option('-o, --output <format>', 'how to show it').choices(['text', 'json']).default('text'));
  addSiteOptions(addScreenOptions(command));
  return command.action(async (before: string, after: string, options: DiffOptions) => {
    if (before === '-' && after === '-') throw new UsageError('diff - -: only one of the two reports can come from stdin.');
    const site = await loadSite(options, io);
    const difference = diffReports(readReport(before, io), readReport(after, io));
    if (options.output === 'json') io.stdout.write(`${JSON.stringify(difference, undefined, 2)}\n`);
    else io.stdout.write(`${renderDifference(difference, site.language, screenOf(options, io)).trimEnd()}\n`);
    end(difference.exitCode);
  });
}

/** Reads a JSON report. Throws UsageError for what is none, or one of another outline. */
export function readReport(path: string, io: Io): Report {
  let parsed: unknown;
  try {
    parsed = JSON.parse(io.readText(path));
  } catch (error) {
    throw new UsageError(`${path} is no report: ${(error as Error).message}`, { cause: error });
  }
  const report = parsed as Partial<Report> | null;
  if (
    typeof report !== 'object' ||
    report === null ||
    report.schemaVersion === undefined ||
    !Array.isArray(report.findings) ||
    !Array.isArray(report.components)
  )
    throw new UsageError(`${path} is no report of skiffctl doctor -o json.`);
  if (report.schemaVersion !== REPORT_SCHEMA_VERSION)
    throw new UsageError(`${path} is a report of outline ${String(report.schemaVersion)}, this skiffctl reads outline ${REPORT_SCHEMA_VERSION}.`);
  return printable(report as Report);
}
