/** The end of one run of rsync, by the log or by the exit code of its container. */
export interface RunEnd {
  readonly succeeded: boolean;
  /** RFC 3339; empty when nothing tells. */
  readonly at: string;
  /** Its own words, at most 240 characters. */
  readonly line: string;
}

export interface SyncFacts {
  readonly namespace: string;
  readonly name: string;
  /** `unread`: its log could not be read, which the probe has reported. */
  readonly log: 'read' | 'unread';
  /** The last run that ended; absent when nothing tells of one. */
  readonly last?: RunEnd;
  /** The last that succeeded. */
  readonly lastSuccess?: RunEnd;
  /** Absent without a declared port; `dark` when it could not be asked, which the probe has reported. */
  readonly daemon?: 'greets' | 'refused' | 'silent' | 'other' | 'dark';
}

export interface SyncObservation {
  readonly pods: readonly SyncFacts[];
}
