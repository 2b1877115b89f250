import type { Screen } from '../report/format.ts';
import type { Io } from './io.ts';

export interface ScreenOptions {
  /** False by --no-color. */
  readonly color?: boolean;
  readonly ascii?: boolean;
  readonly width?: number;
  readonly wide?: boolean;
  readonly verbose?: boolean;
}

/** What stdout can show: colours as NO_COLOR, FORCE_COLOR and TERM say, the width of the terminal or 100 columns off one. */
export function screenOf(options: ScreenOptions, io: Io): Screen {
  const { env, stdout } = io;
  return {
    width: options.width ?? Math.max(40, stdout.columns === undefined || stdout.columns === 0 ? 100 : stdout.columns),
    color: options.color === false ? 0 : colorLevel(env, stdout.isTerminal),
    unicode: options.ascii !== true && env['TERM'] !== 'linux' && !/^(C|POSIX)$/.test(env['LC_ALL'] ?? env['LANG'] ?? 'UTF-8'),
    wide: options.wide === true,
    verbose: options.verbose === true,
    timeZone: env['TZ'] ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
}

function colorLevel(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): Screen['color'] {
  const forced = env['FORCE_COLOR'];
  if (forced !== undefined) return forced === '0' || forced === 'false' ? 0 : forced === '2' ? 2 : forced === '3' ? 3 : 1;
  if ((env['NO_COLOR'] ?? '') !== '' || env['TERM'] === 'dumb' || !isTerminal) return 0;
  if (/truecolor|24bit/.test(env['COLORTERM'] ?? '')) return 3;
  return /256/.test(env['TERM'] ?? '') ? 2 : 1;
}
