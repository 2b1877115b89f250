import type { Injection } from './injections.ts';

/** One named fault: what is done, what has to be found, and what mending would mend it all. */
export interface Fault {
  readonly id: string;
  /** What is to be looked at with it in the tables: a technology's name. */
  readonly technology: string;
  /** `plain`: one thing is broken. `tail`: one thing, with symptoms elsewhere. `compound`: two or more at once. */
  readonly difficulty: 'plain' | 'tail' | 'compound';
  readonly inject: readonly Injection[];
  /** Optional components that the cluster has beside the usual ones, by `<namespace>/<inventory id>`. */
  readonly also?: readonly string[];
  /** Each of these has to be among the findings. `rule` is one of several where versions or timing decide which. */
  readonly expect: readonly ExpectedFinding[];
  /** Components that are the root causes: no others, and the first in the report is one of them. */
  readonly roots: readonly string[];
  /** Id of the fault on the lab that is the same, where there is one. */
  readonly lab?: string;
}

export interface ExpectedFinding {
  readonly component: string;
  readonly rule: string | readonly string[];
  readonly status: 'warn' | 'fail';
}
