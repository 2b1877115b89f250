import type { BlindSpot } from './check.ts';
import type { Discovery } from './component.ts';
import type { Json } from './json.ts';
import type { ConnectionProblem, Problem } from './problem.ts';
import type { Cost } from './report.ts';

/** Version of the recording's outline. A recording of another version is refused, never guessed at. */
export const RECORDING_VERSION = 1;

/** What one probe brought back. */
export interface ProbeRecord {
  readonly check: string;
  readonly component: string;
  readonly options: Readonly<Record<string, unknown>>;
  /** Absent when the probe could not look at anything: `blindSpots` then says why. */
  readonly observation?: Json;
  readonly blindSpots: readonly BlindSpot[];
  readonly durationMs: number;
}

/** What a look before a change was for. */
export interface Change {
  /** The Kubernetes version that it leads to, for example `1.21`; empty: the cluster stays at its version. */
  readonly targetVersion: string;
}

/** Everything that a run saw: enough to evaluate, diagnose and report it again with the cluster gone. Holds no credential and no Secret. */
export interface Recording {
  readonly recordingVersion: typeof RECORDING_VERSION;
  readonly tool: { readonly name: 'skiffctl'; readonly version: string };
  readonly cluster: { readonly name: string; readonly server: string; readonly kubernetesVersion?: string };
  /** The cluster's time at which the run began, RFC 3339; the `now` of every evaluation. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly cost: Cost;
  /** Set when it was a look before a change, which takes more checks. */
  readonly change?: Change;
  /** Set when the run ended before everything was looked at. */
  readonly ended?: Problem;
  /** Set when the cluster could not be reached or read at all. */
  readonly connection?: ConnectionProblem;
  readonly discovery: Discovery;
  readonly probes: readonly ProbeRecord[];
  /** What was red was looked at once more, after a pause. Absent when nothing was, or when there was no time for it. */
  readonly secondLook?: {
    /** The cluster's time, RFC 3339; the `now` of the evaluation of these. */
    readonly startedAt: string;
    readonly probes: readonly ProbeRecord[];
  };
  /** Site checks and components that could not be loaded. */
  readonly loadProblems: readonly { readonly from: string; readonly message: string }[];
}
