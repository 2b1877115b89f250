import { Command, Option } from 'commander';
import { UsageError } from '../config/problem.ts';
import { targetVersionOf } from '../gate/target-version.ts';
import type { Report } from '../model/report.ts';
import { EXIT } from '../report/exit-code.ts';
import { gateSentences } from '../report/texts/gate.ts';
import { addLookOptions, addOutputOptions, look, outputsOf } from './doctor.ts';
import type { Io } from './io.ts';
import type { ObserveOptions } from './observe.ts';
import { addConnectionOptions, addScreenOptions, addSiteOptions } from './options.ts';
import { readRecording, writeRecording } from './recording-file.ts';
import type { ScreenOptions } from './screen.ts';
import { loadSite, type SiteOptions } from './site.ts';
import { addWaitOptions, lookUntil, type Shown, type WaitOptions } from './wait.ts';

interface GateOptions extends ObserveOptions, SiteOptions, ScreenOptions, WaitOptions {
  readonly output?: readonly string[];
  readonly record?: string;
  readonly replay?: string;
  readonly targetVersion?: string;
  readonly for: 'go' | 'healthy';
}

/** `skiffctl gate`: whether a change, such as an upgrade of Kubernetes or a node that goes away, may be made now. */
export function gateCommand(io: Io, end: (code: number) => void): Command {
  const command = new Command('gate')
    .description('before a change: go, no-go or cannot tell, with the reasons in the order of their weight')
    .option('--target-version <version>', 'the Kubernetes version that the change leads to, for example 1.21 (default: the present one)')
    .addOption(new Option('--for <state>', 'what --wait waits for').choices(['go', 'healthy']).default('go'));
  addOutputOptions(addConnectionOptions(addSiteOptions(addScreenOptions(addLookOptions(addWaitOptions(command, 'the state of --for is true'))))));
  return command.action(async (options: GateOptions) => {
    if (options.record !== undefined && options.replay !== undefined)
      throw new UsageError('--record and --replay exclude each other: a replay has nothing new to record.');
    if (options.replay !== undefined && options.wait !== undefined) throw new UsageError('--wait looks again and again, which a replay cannot.');
    const targetVersion = options.targetVersion === undefined ? '' : targetVersionOf(options.targetVersion);
    if (targetVersion === undefined) throw new UsageError(`--target-version ${options.targetVersion}: write it as 1.21 or v1.21.14; the oldest is 1.11.`);
    const outputs = outputsOf(options);
    const site = await loadSite(options, io);
    const reporting = { ...options, failOn: 'unknown', gate: true } as const;
    const show = async (recording: Parameters<typeof writeRecording>[1]): Promise<Shown> => {
      const { reportOf } = await import('./report.ts');
      const report = reportOf(recording, reporting, site);
      return { reached: options.for === 'go' ? report.gate?.verdict === 'go' : isHealthy(report), line: lineOf(report) };
    };
    const once = () => look([], { ...options, change: { targetVersion } }, outputs, site, io);
    const { recording, reached } =
      options.replay === undefined
        ? await lookUntil(once, show, options, site.language, io)
        : { recording: replayed(options.replay, options.targetVersion, io), reached: true };
    if (options.record !== undefined) writeRecording(options.record, recording, io);
    const { report } = await import('./report.ts');
    const code = report(recording, outputs, reporting, site, io);
    if (io.signal.aborted) end(EXIT.interrupted);
    // `go`, and not what was waited for.
    else end(code === EXIT.healthy && !reached ? EXIT.warnings : code);
  });
}

/** Only a look before a change has looked at what the gate has to know, and only for its own target. */
function replayed(file: string, targetVersion: string | undefined, io: Io): ReturnType<typeof readRecording> {
  const recording = readRecording(file, io);
  if (recording.change === undefined && recording.connection === undefined)
    throw new UsageError(`--replay ${file}: it was recorded by skiffctl doctor, which does not look at what only matters before a change.`);
  if (targetVersion !== undefined) throw new UsageError('--target-version: a replay is judged for the version that it was recorded for.');
  return recording;
}

function isHealthy({ status, partial }: Report): boolean {
  return !partial && (status === 'pass' || status === 'info' || status === 'skip');
}

function lineOf({ gate, language, status }: Report): string {
  if (gate === undefined) return status;
  const [first] = gate.reasons;
  const about = first === undefined ? status : [first.component, first.message].filter((text) => text !== undefined).join(': ');
  return `${gateSentences(language).verdict[gate.verdict]} – ${about}`;
}
