/**
 * Why something could not be looked at. The words are those of Kubernetes' own reasons where it has one.
 *
 * - `Forbidden`, `Unauthorized`: the API server said 403 or 401 to us; never a fault of the component.
 * - `NotServed`: this API server does not serve the resource.
 * - `Timeout`, `Refused`, `Reset`, `NameNotResolved`, `TlsError`: the connection itself.
 * - `ServerError`: the API server (or its proxy) answered 5xx or 429 although it was asked again.
 * - `InvalidResponse`: an answer that is no answer: garbage, truncated, too large, wrong shape.
 * - `PrerequisiteFailed`: what this look-up needs could not be looked at either.
 * - `NoCredentials`: the server wants a password, and none was given to skiffctl. `CredentialsRejected`: it did not take the one that was given.
 * - `NothingToAsk`: there was no pod or address left to ask.
 * - `DeadlineExceeded`, `Interrupted`: the run ended first.
 * - `NotEvaluated`, `InternalError`: a mistake in a check or in skiffctl.
 */
export const PROBLEM_REASONS = [
  'Forbidden',
  'Unauthorized',
  'NotFound',
  'NotServed',
  'Timeout',
  'Refused',
  'Reset',
  'NameNotResolved',
  'TlsError',
  'ServerError',
  'InvalidResponse',
  'PrerequisiteFailed',
  'NoCredentials',
  'CredentialsRejected',
  'NothingToAsk',
  'DeadlineExceeded',
  'Interrupted',
  'NotEvaluated',
  'InternalError',
] as const;
export type ProblemReason = (typeof PROBLEM_REASONS)[number];

/** What was tried, on what, what came back and what it needs: the facts of a look-up that did not work. */
export interface Problem {
  readonly reason: ProblemReason;
  /** One sentence: what was tried, on what, and what came back. No secrets, no control characters. */
  readonly message: string;
  /** What would make it work, in the reader's terms, for example `list pods in skiff-ncs`. */
  readonly needs?: string;
  /** HTTP status, when there was an answer. */
  readonly status?: number;
}

/** Thrown by everything that reads the cluster. A probe may let it pass: the runner turns it into `unknown`. */
export class ProbeError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem, options?: ErrorOptions) {
    super(problem.message, options);
    this.name = 'ProbeError';
    this.problem = problem;
  }
}

/** The problem behind anything thrown. What is no ProbeError is a mistake of ours and says so. */
export function problemOf(error: unknown): Problem {
  if (error instanceof ProbeError) return error.problem;
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { reason: 'InternalError', message };
}

/** Why the API server could not be reached or read, told apart as far as a laptop can. */
export interface ConnectionProblem {
  readonly kind: 'config' | 'refused' | 'timeout' | 'dns' | 'tls' | 'reset' | 'unauthorized' | 'forbidden' | 'not-kubernetes' | 'server-error';
  readonly message: string;
  readonly server: string;
  /** OpenSSL's or Node's code for a TLS problem, for example CERT_HAS_EXPIRED. */
  readonly code?: string;
  /** Other addresses of the same control plane that were tried, and what each said. */
  readonly others: readonly { readonly server: string; readonly reachable: boolean; readonly message: string }[];
}
