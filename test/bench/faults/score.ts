import type { Report, ReportFinding } from '../../../src/model/report.ts';
import type { ExpectedFinding, Fault } from './fault.ts';

/** What one fault came to. */
export interface Score {
  readonly fault: Fault;
  readonly found: number;
  readonly missed: readonly ExpectedFinding[];
  /** Problems that the report shows, and those among them that nothing that was done explains. */
  readonly problems: number;
  readonly wrong: readonly ReportFinding[];
  /** The first root cause is one of the true ones. */
  readonly first: boolean;
  /** Every true root cause is among those of the report. */
  readonly complete: boolean;
  /** Root causes of the report that are none. */
  readonly others: readonly string[];
  readonly reported: readonly string[];
}

export function score(fault: Fault, report: Report): Score {
  const problems = report.findings.filter((finding) => finding.status === 'warn' || finding.status === 'fail');
  const missed = fault.expect.filter((expected) => !problems.some((finding) => isExpected(finding, expected)));
  const broken = new Set([...fault.roots, ...fault.expect.map(({ component }) => component)]);
  const wrong = problems.filter((finding) => !broken.has(finding.component) && !(finding.symptomOf !== undefined && broken.has(finding.symptomOf)));
  const reported = report.rootCauses.map(({ component }) => component);
  return {
    fault,
    found: fault.expect.length - missed.length,
    missed,
    problems: problems.length,
    wrong,
    first: reported[0] !== undefined && fault.roots.includes(reported[0]),
    complete: fault.roots.every((root) => reported.includes(root)),
    others: reported.filter((component) => !fault.roots.includes(component)),
    reported,
  };
}

function isExpected(finding: ReportFinding, { component, rule, status }: ExpectedFinding): boolean {
  return finding.component === component && finding.status === status && [rule].flat().includes(finding.rule);
}

/** The figures of some faults together. */
export interface Figures {
  readonly faults: number;
  readonly recall: number;
  readonly precision: number;
  /** Share of the faults whose root cause stands first. */
  readonly rootFirst: number;
  /** Share of the faults all of whose root causes are named. */
  readonly complete: number;
  /** Share of the faults beside whose root causes no other is named. */
  readonly alone: number;
}

export function figures(scores: readonly Score[]): Figures {
  const sum = (of: (score: Score) => number): number => scores.reduce((total, each) => total + of(each), 0);
  const share = (part: number, whole: number): number => (whole === 0 ? 1 : part / whole);
  const expected = sum(({ fault }) => fault.expect.length);
  const problems = sum((each) => each.problems);
  return {
    faults: scores.length,
    recall: share(
      sum(({ found }) => found),
      expected,
    ),
    precision: share(problems - sum(({ wrong }) => wrong.length), problems),
    rootFirst: share(
      sum(({ first }) => Number(first)),
      scores.length,
    ),
    complete: share(
      sum(({ complete }) => Number(complete)),
      scores.length,
    ),
    alone: share(
      sum(({ others }) => Number(others.length === 0)),
      scores.length,
    ),
  };
}
