import type { Generation, PartHealth, SystemInfo, TokenTimes, Volume } from '../shared/harbor.ts';

/**
 * What became of one core. `answers`: Harbor spoke. `refused`, `silent` and `closed`: nobody listens, it takes the connection and says nothing, it closes it.
 * `failing`: it answers everything with a server error. `foreign`: what answers is no Harbor. `dark`: the way to it was not open, which is no fact about it.
 * `not-running` and `node-lost`: it was not asked.
 */
export type CoreState = 'answers' | 'refused' | 'silent' | 'closed' | 'failing' | 'foreign' | 'dark' | 'not-running' | 'node-lost';

/** What a path was answered with: the HTTP status, 0 when no answer came although the core answers others. */
export interface Said {
  readonly status: number;
  /** The error in one line; empty for a good answer. */
  readonly detail: string;
}

export interface CoreFacts {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly port: number;
  readonly state: CoreState;
  readonly detail: string;
  /** When its container began to run. */
  readonly startedAt?: string;
  /** Absent while nothing tells which it is. */
  readonly generation?: Generation;
  /** Each of the following is absent when it was not asked for, or when the way was not open. */
  readonly configuration?: Said & { readonly info?: SystemInfo };
  readonly health?: Said & { readonly healthy?: boolean; readonly parts?: readonly PartHealth[] };
  /** Public projects: a question to the database. */
  readonly projects?: Said;
  /** `/v2/` without a token. */
  readonly registry?: Said & { readonly scheme: string; readonly realm: string };
  /** An anonymous token that allows nothing. */
  readonly token?: Said & { readonly times?: TokenTimes; readonly askedAt: string };
}

/** A part of Harbor that a core calls unhealthy, asked by ourselves. */
export interface OwnAnswer {
  /** As the aggregate health names it. */
  readonly part: string;
  readonly pod: string;
  readonly well: boolean;
  readonly detail: string;
}

export interface HarborCoreObservation {
  /** At most 20. */
  readonly cores: readonly CoreFacts[];
  /** The external address by Harbor's own configuration, and where that is written. */
  readonly external?: { readonly url: string; readonly source: string };
  /** Name of a part, as the aggregate health has it → the components that it stands for here. */
  readonly parts: Readonly<Record<string, readonly string[]>>;
  readonly ownAnswers: readonly OwnAnswer[];
  /** Absent when it was not asked for; without a volume when only an administrator is told. */
  readonly storage?: Said & { readonly volume?: Volume };
}
