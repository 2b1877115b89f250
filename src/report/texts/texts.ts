import type { Effect, Severity } from '../../model/check.ts';
import type { EdgeConfidence, Owner } from '../../model/component.ts';
import type { ConnectionProblem, Problem } from '../../model/problem.ts';
import type { ComponentState, Grade, NotLookedAt, RootCause, Status } from '../../model/report.ts';

/** How a dependency is known; `evidence` when the finding itself points at it. */
export type By = EdgeConfidence | 'evidence';
type Affects = RootCause['affects'];

/** The sentences that the report itself makes, in one language. Those of the checks come with the findings. */
export interface Sentences {
  // What is written into the report.
  why(affects: Affects, troubled: readonly string[]): string;
  notLoaded(from: string, message: string): string;
  ended(problem: Problem): string;
  nothingLookedAt(components: number): string;
  readonly shallow: string;
  readonly noCheck: string;
  /** What to do first about an API server that cannot be reached or read. */
  readonly connection: Readonly<Record<ConnectionProblem['kind'] | 'vip', string>>;

  // Words for the report's own values.
  readonly owner: Readonly<Record<Owner, string>>;
  readonly state: Readonly<Record<ComponentState, string>>;
  readonly status: Readonly<Record<Status, string>>;
  readonly severity: Readonly<Record<Severity, string>>;
  readonly effect: Readonly<Record<Effect, string>>;
  readonly confidence: Readonly<Record<RootCause['confidence'], string>>;
  readonly by: Readonly<Record<By, string>>;
  readonly reason: Readonly<Record<NotLookedAt['reason'], string>>;
  readonly grade: Readonly<Record<Grade, string>>;

  // Punctuation: the two languages do not share theirs.
  list(items: readonly string[]): string;
  /** The first of a longer list. */
  examples(items: readonly string[], total: number): string;
  clauses(items: readonly string[]): string;
  labelled(label: string, text: string): string;
  aside(text: string): string;

  readonly text: TextSentences;
  readonly page: PageSentences;
  readonly explain: ExplainSentences;
  readonly diff: DiffSentences;
  readonly inventory: InventorySentences;
}

/** The text report. */
export interface TextSentences {
  // First line.
  onlyProblem(component: string, state: ComponentState): string;
  causes(causes: number, explained: number, problems: number, byFirst: number): string;
  unrelated(problems: number): string;
  noneCritical(problems: number): string;
  blind(things: number): string;
  fine(components: number): string;
  readonly fineAsFarAsSeen: string;
  stopped(reason: NotLookedAt['reason']): string;
  apiServerDown(cluster: string): string;
  apiServerUnseen(cluster: string, reason: string): string;
  becauseOf(grade: Grade, component: string, message: string): string;

  // Root causes.
  readonly rootCause: string;
  rootCauseOf(at: number, total: number): string;
  isIn(component: string, state: ComponentState): string;
  readonly core: string;
  since(time: string): string;
  readonly explains: string;
  readonly also: string;
  readonly why: string;
  readonly look: string;
  readonly mend: string;
  steps(count: number): string;
  sure(confidence: RootCause['confidence'], reason: string): string;
  readonly nothingBehind: string;
  behindUnseen(components: string): string;
  behindFaulty(components: string): string;

  // Parts.
  readonly otherProblems: string;
  becauseOfComponent(component: string): string;
  readonly nodes: string;
  readonly notLookedAt: string;
  componentCount(count: number): string;
  needs(what: string): string;
  shallowCount(count: number, listed: boolean): string;
  /** The same beside the number of components that are healthy. */
  closely(count: number): string;
  moreIn(command: string): string;
  absentCount(count: number): string;
  readonly discovery: string;
  readonly run: string;
  readonly noCheck: string;
  readonly rights: string;
  readonly notes: string;
  /** Of what was red for a moment only. */
  readonly passing: string;
  readonly passingCount: (findings: number) => string;
  noteCount(count: number, hint: boolean): string;
  readonly accepted: string;
  acceptedCount(count: number, hint: boolean): string;
  acceptedBy(owner: string, reason: string, expires: string): string;
  readonly findings: string;
  readonly observed: string;
  readonly expected: string;
  dependsOn(names: string): string;
  explainedBy(component: string): string;
  readonly shallowMark: string;
  /** Heading of who is what in the replicated stores. */
  readonly topology: string;
  follows(name: string): string;
  readonly sureness: string;
  readonly undocumented: string;

  // The API server cannot be reached.
  readonly apiServer: string;
  readonly tried: string;
  readonly cameBack: string;
  readonly so: string;
  context(name: string): string;

  // Cost.
  requests(count: number): string;
  peak(qps: number): string;

  // Last line.
  mendFirst(component: string): string;
  /** `nothingDown` only where everything was looked at. */
  beginWith(component: string, nothingDown: boolean): string;
  readonly restoreFirst: string;
  readonly reachFirst: string;
  readonly grantFirst: string;
  readonly seeBlindSpots: string;
  again(reason: NotLookedAt['reason']): string;
}

/** The page, beside what the text report says. */
export interface PageSentences {
  readonly picture: string;
  /** What a reader who cannot see the picture hears of it. */
  pictureOf(components: number, causes: number): string;
  everything(components: number): string;
  /** Findings that passed or did not apply. */
  rest(findings: number): string;
  readonly colors: string;
}

/** `skiffctl diff`. */
export interface DiffSentences {
  verdict(appeared: number, fixed: number, unchanged: number, unseen: number): string;
  otherCluster(before: string, after: string): string;
  readonly partial: string;
  readonly appeared: string;
  readonly unseen: string;
  readonly fixed: string;
  readonly unchanged: string;
  readonly seenAgain: string;
}

/** `skiffctl explain`. */
export interface ExplainSentences {
  readonly rule: string;
  readonly check: string;
  readonly component: string;
  readonly severity: string;
  readonly effect: string;
  readonly meaning: string;
  readonly verify: string;
  readonly fix: string;
  readonly safestFirst: string;
  readonly risk: string;
  readonly thresholds: string;
  readonly default: string;
  readonly source: string;
  readonly sources: string;
  readonly rules: string;
  readonly reads: string;
  readonly cluster: string;
  inNamespace(name: string): string;
  readonly ofComponent: string;
  readonly noRunbook: string;
  readonly noThresholds: string;
  readonly noCheck: string;
  readonly owner: string;
  readonly documentedIn: string;
  readonly technologies: string;
  readonly dependsOn: string;
  readonly neededBy: string;
  readonly nothing: string;
  readonly importance: string;
  readonly isCore: string;
  readonly isOptional: string;
  readonly isRequired: string;
  readonly usedBy: string;
  readonly more: string;
  options(text: string): string;
}

/** `skiffctl list`. */
export interface InventorySentences {
  readonly component: string;
  readonly technologies: string;
  readonly title: string;
  readonly owner: string;
  readonly rule: string;
  readonly severity: string;
  readonly states: string;
  readonly core: string;
  readonly optional: string;
  counts(components: number, namespaces: number): string;
  checkCounts(checks: number, rules: number): string;
}

/** Components that a cause affects, one clause for each way in which that is known. */
export function grouped<T>(affects: Affects, say: (names: readonly string[], by: By) => T): readonly T[] {
  return [...Map.groupBy(affects, (affect) => affect.confidence)].map(([by, same]) =>
    say(
      same.map((affect) => affect.component),
      by,
    ),
  );
}
