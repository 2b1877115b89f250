/**
 * How an OAP server met the question for its health. `healthy`: 200. `unhealthy`: 503. `no-checker`: it serves, and the module that tells is not configured.
 * `other`: it serves, and says something else. `starting`: nobody listens yet in a pod that was started a moment ago and is not ready. `dark`: nobody can say,
 * of which the probe has told.
 */
export type ServerState = 'healthy' | 'unhealthy' | 'no-checker' | 'other' | 'starting' | 'refused' | 'silent' | 'broken' | 'not-running' | 'dark';

export interface ServerFacts {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly port: number;
  readonly state: ServerState;
  readonly detail: string;
}

export interface SkywalkingObservation {
  readonly servers: readonly ServerFacts[];
  /** What they need: their storage, and the DNS that finds it. */
  readonly needs: readonly string[];
}
