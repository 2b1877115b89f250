import { Command, Option } from 'commander';
import { UsageError } from '../config/problem.ts';
import type { Recording } from '../model/recording.ts';
import { EXIT, type FailOn } from '../report/exit-code.ts';
import { FORMAT_IDS } from '../report/format-ids.ts';
import type { RunEvent } from '../run/events.ts';
import type { Io } from './io.ts';
import { type ObserveOptions, observe } from './observe.ts';
import { addConnectionOptions, addScreenOptions, addSiteOptions, collect, wholeNumber } from './options.ts';
import { type Output, parseOutputs } from './outputs.ts';
import { startProgress } from './progress.ts';
import { readRecording, writeRecording } from './recording-file.ts';
import type { ScreenOptions } from './screen.ts';
import { loadSite, type Site, type SiteOptions } from './site.ts';
import { addWaitOptions, lookUntil, type Shown, type WaitOptions } from './wait.ts';

interface DoctorOptions extends ObserveOptions, SiteOptions, ScreenOptions, WaitOptions {
  readonly output?: readonly string[];
  readonly failOn: FailOn;
  readonly record?: string;
  readonly replay?: string;
}

/** `skiffctl doctor`: looks at the cluster and says what is broken, what is only its symptom, what could not be looked at, and what to do. */
export function doctorCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('doctor')
    .description('look at the control cluster: what is broken, what is only its symptom, what could not be looked at, and what to do')
    .argument('[component...]', 'components or namespaces to look at, with what they depend on (default: all)')
    .addOption(new Option('-n, --namespace <name>', 'look at this namespace alone, repeatable').argParser(collect));
  addReportOptions(addConnectionOptions(addSiteOptions(addScreenOptions(addLookOptions(addWaitOptions(command, 'it ends with 0'))))));
  return command.action(async (components: readonly string[], options: DoctorOptions) => {
    if (options.record !== undefined && options.replay !== undefined)
      throw new UsageError('--record and --replay exclude each other: a replay has nothing new to record.');
    if (options.replay !== undefined && options.wait !== undefined) throw new UsageError('--wait looks again and again, which a replay cannot.');
    const outputs = outputsOf(options);
    const site = await loadSite(options, io);
    const show = async (seen: Recording): Promise<Shown> => {
      const { reportOf } = await import('./report.ts');
      const { exitCode, grade, blocker } = reportOf(seen, options, site);
      return { reached: exitCode === EXIT.healthy, line: blocker === undefined ? grade : `${grade} – ${blocker.component}: ${blocker.message}` };
    };
    const once = () => look(components, options, outputs, site, io);
    const { recording } =
      options.replay === undefined ? await lookUntil(once, show, options, site.language, io) : { recording: readRecording(options.replay, io) };
    if (options.record !== undefined) writeRecording(options.record, recording, io);
    // What judges and draws is loaded when there is something to judge: it is no part of the way to the first request.
    const { report } = await import('./report.ts');
    const code = report(recording, outputs, options, site, io);
    end(io.signal.aborted ? EXIT.interrupted : code);
  });
}

/** Flags of every command that looks at a cluster. */
export function addLookOptions(command: Command): Command {
  return command
    .option('--record <file>', 'keep what was seen, without secrets, to replay it later')
    .option('--replay <file>', 'report from a recording; no cluster is asked')
    .option('--timeout <duration>', 'longest time for the whole run (default: 60s)')
    .option('--probe-timeout <duration>', 'longest time for one probe (default: 15s)')
    .option('--second-look <duration>', 'pause before what is red is looked at once more; 0: not at all (default: 3s)')
    .addOption(new Option('--qps <number>', 'most requests per second (default: 40)').argParser((text: string) => wholeNumber(text, '--qps', 1)))
    .addOption(new Option('--concurrency <number>', 'probes at a time (default: 8)').argParser((text: string) => wholeNumber(text, '--concurrency', 1)));
}

/** Flags of every command whose exit code depends on what was found. */
export function addReportOptions(command: Command): Command {
  return addOutputOptions(command).addOption(
    new Option('--fail-on <status>', 'from which status on the exit code is not 0').choices(['critical', 'warning', 'unknown']).default('unknown'),
  );
}

/** Flags of every command that ends in a report. */
export function addOutputOptions(command: Command): Command {
  return command
    .addOption(new Option('-o, --output <format[=file]>', `one of ${FORMAT_IDS.join(', ')}; repeatable, one of them on stdout`).argParser(collect))
    .option('--wide', 'every component, with its state')
    .option('-v, --verbose', 'every finding, with what was observed and expected');
}

export function outputsOf(options: { readonly output?: readonly string[]; readonly wide?: boolean }): readonly Output[] {
  return parseOutputs(options.output, options.wide === true ? 'wide' : 'text');
}

/** One look, with its progress on stderr and, for ndjson, its events on stdout. */
export async function look(components: readonly string[], options: ObserveOptions, outputs: readonly Output[], site: Site, io: Io): Promise<Recording> {
  const progress = startProgress(site.language, io);
  const streams = outputs.some(({ format, file }) => format === 'ndjson' && file === undefined);
  const listen = (event: RunEvent): void => {
    progress.listen(event);
    if (streams) io.stdout.write(`${JSON.stringify(event)}\n`);
  };
  try {
    return await observe(components, options, site, io, listen);
  } finally {
    progress.stop();
  }
}
