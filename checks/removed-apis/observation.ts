/** An API version that somebody asked for since the API server was started. */
export interface RequestedApi {
  readonly apiVersion: string;
  readonly resource: string;
}

/** Objects that were written through a version that some release removes. */
export interface WrittenApi {
  readonly apiVersion: string;
  readonly kind: string;
  /** `<namespace>/<name>`, at most five. */
  readonly objects: readonly string[];
  readonly count: number;
  /** Who wrote them: names of clients, `kubectl apply` for a manifest; at most five. */
  readonly writers: readonly string[];
  /** When one of them last did, RFC 3339, where that is told. */
  readonly lastAt?: string;
}

export interface RemovedApisObservation {
  /** Of the API server that was asked. */
  readonly current: string;
  /** Absent when its metrics could not be read, which is a blind spot of its own. `unknown` when it has no such metric (before 1.19). */
  readonly requested?: readonly RequestedApi[] | 'unknown';
  readonly written: readonly WrittenApi[];
  /** Objects of kinds that a release drops without a successor. */
  readonly withoutSuccessor: readonly { readonly kind: string; readonly objects: readonly string[]; readonly count: number }[];
}
