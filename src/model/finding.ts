import type { Effect, Severity, Subject } from './check.ts';
import type { EdgeConfidence, Owner } from './component.ts';
import type { Json } from './json.ts';
import type { ProblemReason } from './problem.ts';
import type { ComponentState, Grade, Status } from './report.ts';
import type { Text } from './text.ts';

/** A rule's result for one component and subject, in every language, before it is diagnosed. */
export interface Finding {
  /** `<rule>@<component>[#<kind>/<name>]` */
  readonly id: string;
  readonly check: string;
  /** `<check>/<rule>` */
  readonly rule: string;
  readonly component: string;
  readonly status: Status;
  readonly severity: Severity;
  readonly effect: Effect;
  readonly owner: Owner;
  readonly title: Text;
  readonly message: Text;
  readonly subject?: Subject;
  readonly observed?: Json;
  readonly expected?: Json;
  readonly because: readonly string[];
  readonly own: boolean;
  readonly since?: string;
  readonly reason?: ProblemReason;
  readonly needs?: string;
  /** True when it was red at both looks. */
  readonly confirmed?: boolean;
  /** What the first look had said of it, when that was red and the second look was not. */
  readonly firstLook?: { readonly status: Status; readonly message: Text };
}

/** Why a symptom is thought to be one. `evidence`: its finding points at the cause; else the confidence of the edge that leads to it. */
export interface Explanation {
  readonly cause: string;
  readonly by: EdgeConfidence | 'evidence';
}

export interface DiagnosedCause {
  readonly component: string;
  /** Id of the finding that speaks for it. */
  readonly finding: string;
  /** Finding ids that mending it would mend, its own first. */
  readonly explains: readonly string[];
  readonly affects: readonly { readonly component: string; readonly confidence: EdgeConfidence | 'evidence' }[];
  readonly confidence: 'high' | 'medium' | 'low';
}

/** Findings turned into states, causes and a grade. */
export interface Diagnosis {
  readonly states: ReadonlyMap<string, ComponentState>;
  /** Component → what explains its fault. */
  readonly causes: ReadonlyMap<string, Explanation>;
  /** Finding id → the component whose fault explains it. */
  readonly symptomOf: ReadonlyMap<string, string>;
  readonly rootCauses: readonly DiagnosedCause[];
  readonly grade: Grade;
  readonly status: Status;
  readonly blocker?: { readonly component: string; readonly finding?: string };
}
