import type { GateVerdict, Status } from '../model/report.ts';

/** The process' exit codes, the same for every format. */
export const EXIT = { healthy: 0, warnings: 1, critical: 2, unknown: 3, usage: 64, bug: 70, notSent: 75, interrupted: 130 } as const;

/** From which status on a run is not a success. */
export type FailOn = 'critical' | 'warning' | 'unknown';

/**
 * 2 when something is critical, else 1 when there are warnings, else 3 when something could not be looked at, else 0. A cluster that could not be
 * reached or read is 3 whatever was found. `failOn: critical` lets warnings and unknowns pass, `warning` lets unknowns pass.
 */
export function exitCodeOf(status: Status, reached: boolean, failOn: FailOn = 'unknown'): number {
  if (!reached) return EXIT.unknown;
  if (status === 'fail') return EXIT.critical;
  if (status === 'warn') return failOn === 'critical' ? EXIT.healthy : EXIT.warnings;
  if (status === 'unknown') return failOn === 'unknown' ? EXIT.unknown : EXIT.healthy;
  return EXIT.healthy;
}

/** 0 go, 2 no-go, 3 cannot tell: a pipeline that only knows 0 does the right thing. */
export const EXIT_OF_GATE: Readonly<Record<GateVerdict, number>> = { go: EXIT.healthy, 'no-go': EXIT.critical, 'cannot-tell': EXIT.unknown };
