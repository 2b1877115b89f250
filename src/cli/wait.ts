import { type Command, Option } from 'commander';
import { parseDuration } from '../config/duration.ts';
import { UsageError } from '../config/problem.ts';
import type { Recording } from '../model/recording.ts';
import type { Language } from '../model/text.ts';
import type { Io } from './io.ts';

export interface WaitOptions {
  readonly wait?: string;
  readonly interval?: string;
}

/** Long enough for a pod to become ready and an election to be over, short enough for a person to see that something happens. */
const INTERVAL_MS = 15_000;

export function addWaitOptions(command: Command, state: string): Command {
  return command
    .addOption(new Option('--wait <duration>', `look again and again until ${state}, at most this long; the last report is written`))
    .addOption(new Option('--interval <duration>', 'pause between two looks of --wait (default: 15s)'));
}

/** What one look has shown: whether it is what was waited for, and what to say of it in one line. */
export interface Shown {
  readonly reached: boolean;
  readonly line: string;
}

/** Looks once, or with `--wait` until it shows what was waited for, the time is over or somebody interrupts. Returns the last look. */
export async function lookUntil(
  look: () => Promise<Recording>,
  show: (recording: Recording) => Promise<Shown>,
  options: WaitOptions,
  language: Language,
  io: Io,
): Promise<{ readonly recording: Recording; readonly reached: boolean }> {
  const { wait, interval } = waitOf(options);
  const begun = performance.now();
  for (;;) {
    const recording = await look();
    if (wait === 0) return { recording, reached: true };
    const { reached, line } = await show(recording);
    const left = wait - (performance.now() - begun);
    if (reached || left <= 0 || io.signal.aborted) return { recording, reached };
    io.stderr.write(`skiffctl: ${said(line, Math.min(interval, left), left, language)}\n`);
    await pause(Math.min(interval, left), io.signal);
    if (io.signal.aborted) return { recording, reached };
  }
}

function waitOf({ wait, interval }: WaitOptions): { readonly wait: number; readonly interval: number } {
  if (wait === undefined && interval !== undefined) throw new UsageError('--interval is the pause of --wait, which is missing.');
  return {
    wait: wait === undefined ? 0 : parseDuration(wait, '--wait'),
    interval: interval === undefined ? INTERVAL_MS : parseDuration(interval, '--interval'),
  };
}

function said(line: string, pauseMs: number, leftMs: number, language: Language): string {
  const [next, left] = [Math.ceil(pauseMs / 1000), Math.ceil(leftMs / 1000)];
  return language === 'zh' ? `${line}；${next} 秒后再次查看，还剩 ${left} 秒` : `${line}; looking again in ${next} s, ${left} s left`;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done, { once: true });
  });
}
