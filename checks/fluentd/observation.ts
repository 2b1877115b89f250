/** Which log agent it is, which decides where it tells of itself and in what form. */
export type AgentKind = 'fluentd' | 'fluent-bit' | 'filebeat';

/** One output of an agent: counters since its start, in whatever the agent counts (records, events, chunks). */
export interface Output {
  readonly name: string;
  readonly type: string;
  /** Absent where the agent does not count it. */
  readonly delivered?: number;
  /** Failed attempts. */
  readonly errors: number;
  /** Given up for good. */
  readonly dropped: number;
  /** Only while it tries again: how many attempts have failed in a row, and since when. */
  readonly retrying?: { readonly attempts: number; readonly since?: string };
  /** What waits: chunks or events. */
  readonly waiting: number;
  /** Room left in its buffer, in percent; absent where the agent does not tell. */
  readonly freePercent?: number;
}

/**
 * How the monitoring port met us. `not-exposed`: there is none, as the configuration has it. `foreign`: what answers there is no log agent's. `unknown-agent`: an
 * agent of which it is not known where it would tell. `dark`: nobody can say, of which the probe has told.
 */
export type AgentState = 'read' | 'not-exposed' | 'silent' | 'foreign' | 'unknown-agent' | 'not-running' | 'dark';

export interface AgentFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly state: AgentState;
  readonly kind?: AgentKind;
  readonly port: number;
  readonly detail: string;
  /** Fluent Bit's own verdict, where its health check is on. */
  readonly healthy?: boolean;
  readonly first?: readonly Output[];
  readonly second?: readonly Output[];
  readonly secondsBetween?: number;
}

export interface LogAgentObservation {
  readonly agents: readonly AgentFacts[];
  /** Where its logs go, as far as that is known. */
  readonly sinks: readonly string[];
}
