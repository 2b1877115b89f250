/** What became of one adminserver; the words are those of harbor-core. */
export type AdminserverState = 'answers' | 'refused' | 'silent' | 'closed' | 'failing' | 'foreign' | 'dark' | 'not-running' | 'node-lost';

export interface AdminserverFacts {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly port: number;
  readonly state: AdminserverState;
  readonly detail: string;
  /** When its container began to run. */
  readonly startedAt?: string;
}

export interface HarborAdminserverObservation {
  /** At most 20. */
  readonly servers: readonly AdminserverFacts[];
  /**
   * What a core says of its version, asked only when an adminserver does not answer: from 1.8 on nobody needs one. Absent when no core could be asked, or none
   * says.
   */
  readonly coreVersion?: string;
}
