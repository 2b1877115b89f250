import type { Severity, Subject } from './check.ts';
import type { Dependency, Owner } from './component.ts';
import type { Json } from './json.ts';
import type { ConnectionProblem, ProblemReason } from './problem.ts';
import type { Language } from './text.ts';
import type { TopologyMember } from './topology.ts';

/** Version of the report's JSON outline. Fields may be added within a version; they are never renamed. */
export const REPORT_SCHEMA_VERSION = '1';

/**
 * `warn`: a warning rule failed. `fail`: a critical rule failed. `info`: an information rule failed, which is no fault.
 * `unknown`: could not look, with the reason. `skip`: not applicable, with the reason.
 */
export type Status = 'pass' | 'info' | 'skip' | 'unknown' | 'warn' | 'fail';

export type Grade = 'A' | 'B' | 'C' | 'D' | 'F';

/** `degraded`: redundancy reduced, still serving. `unreachable`: down because of another component. `absent`: not installed here. */
export type ComponentState = 'healthy' | 'degraded' | 'down' | 'unreachable' | 'unknown' | 'absent';

export interface Remediation {
  readonly summary: string;
  readonly steps: readonly string[];
  readonly risk: string;
  readonly sources: readonly string[];
}

export interface ReportFinding {
  /** `<rule>@<component>`, with `#<kind>/<name>` where a rule speaks of several subjects. Unique in a report and the same in every run. */
  readonly id: string;
  /** `<check>/<rule>` */
  readonly rule: string;
  readonly component: string;
  readonly status: Status;
  readonly severity: Severity;
  readonly owner: Owner;
  readonly subject?: Subject;
  /** The rule's healthy fact. */
  readonly title: string;
  readonly message: string;
  readonly observed?: Json;
  readonly expected?: Json;
  /** Why an `unknown` could not be looked at. */
  readonly reason?: ProblemReason;
  /** What an `unknown` needs, for example `list pods in skiff-ncs`. */
  readonly needs?: string;
  /** RFC 3339, when the evidence tells since when. */
  readonly since?: string;
  /** True when it was red at both looks. */
  readonly confirmed?: boolean;
  /** What the first look had said, when that was red and the second look was not: it was there for a moment. */
  readonly firstLook?: { readonly status: Status; readonly message: string };
  /** The component whose fault explains this finding. */
  readonly symptomOf?: string;
  readonly remediation?: Remediation;
  /** `<check>#<rule>`: what `skiffctl explain` shows. */
  readonly runbook: string;
  /** 16 hexadecimal digits, the same in every run as long as rule, component and subject are. */
  readonly fingerprint: string;
}

export interface RootCause {
  readonly component: string;
  readonly status: 'warn' | 'fail' | 'unknown';
  readonly state: ComponentState;
  readonly core: boolean;
  readonly owner: Owner;
  readonly message: string;
  /** The rule of the finding that speaks for it. */
  readonly rule: string;
  /** Ids of every finding that mending this would mend, its own first. */
  readonly explains: readonly string[];
  /** Components whose findings are its symptoms. */
  readonly affects: readonly { readonly component: string; readonly confidence: Dependency['confidence'] | 'evidence' }[];
  readonly why: string;
  readonly confidence: 'high' | 'medium' | 'low';
  /** One command or action to start with, the safest. */
  readonly nextStep: string;
  readonly since?: string;
}

export interface ReportComponent {
  /** `<namespace>/<inventory id>` */
  readonly id: string;
  readonly namespace: string;
  readonly name: string;
  readonly title: string;
  readonly technologies: readonly string[];
  readonly core: boolean;
  readonly optional: boolean;
  readonly documented: boolean;
  readonly owner: Owner;
  readonly state: ComponentState;
  /** The component that explains its state. */
  readonly cause?: string;
  /** How it was found, when that is worth saying. */
  readonly note?: string;
  /** True when nothing but its Kubernetes objects could be looked at. */
  readonly shallow: boolean;
  readonly dependsOn: readonly Dependency[];
  /** Who is what, of a component with several servers, as each of its technologies saw it. */
  readonly topology?: readonly ReportTopology[];
}

/** Who is what in a replicated store. */
export interface ReportTopology {
  /** The check that saw it. */
  readonly technology: string;
  /** One line: who leads, how many follow, lag, quorum. */
  readonly summary: string;
  readonly members: readonly TopologyMember[];
}

/** A blind spot: something this report does not speak about. */
export interface NotLookedAt {
  readonly component?: string;
  readonly rule?: string;
  readonly reason: ProblemReason | 'NoDeeperCheck' | 'NotInstalled' | 'NotSelected';
  readonly message: string;
  readonly needs?: string;
}

/** `cannot-tell`: nothing that was looked at speaks against the change, and not everything that has to be known could be looked at. */
export type GateVerdict = 'go' | 'no-go' | 'cannot-tell';

/** Something that the gate has weighed. */
export interface GateReason {
  /** Absent for what no finding speaks of: a namespace that could not be read, a run that ended early. */
  readonly findingId?: string;
  readonly component?: string;
  readonly rule?: string;
  /** 0 to 100. From 40 on it keeps the change from being made. */
  readonly weight: number;
  readonly message: string;
  /** Ids of the findings that it explains, which are no reasons of their own. */
  readonly explains?: readonly string[];
  /** What would make it possible to look, of what could not be looked at. */
  readonly needs?: string;
}

/** Whether a change may be made now. */
export interface Gate {
  readonly verdict: GateVerdict;
  /** The Kubernetes version that the change leads to, for example `1.21`; absent when the cluster stays at its version. */
  readonly targetVersion?: string;
  /** What the verdict rests on, the heaviest first: what speaks against the change, or, for `cannot-tell`, what could not be looked at. */
  readonly reasons: readonly GateReason[];
  /** Everything that has to be known and could not be looked at, the heaviest first. */
  readonly unseen: readonly GateReason[];
  /** What is not as it should be and weighs too little to keep from the change. */
  readonly tolerated: readonly GateReason[];
  /** What the site has accepted and would have weighed enough. */
  readonly accepted: readonly GateReason[];
}

export interface Cost {
  readonly apiRequests: number;
  readonly apiBytes: number;
  readonly lists: number;
  readonly peakQps: number;
  readonly probes: number;
  readonly wallMs: number;
}

export interface Report {
  readonly schemaVersion: typeof REPORT_SCHEMA_VERSION;
  readonly tool: { readonly name: 'skiffctl'; readonly version: string };
  readonly cluster: { readonly name: string; readonly server: string; readonly kubernetesVersion?: string };
  /** RFC 3339, the cluster's clock where it could be read. */
  readonly startedAt: string;
  readonly durationMs: number;
  readonly language: Language;
  readonly grade: Grade;
  /** The worst status of any finding. */
  readonly status: Status;
  readonly exitCode: number;
  /** What keeps the grade from being better. */
  readonly blocker?: { readonly component: string; readonly rule?: string; readonly message: string };
  /** True when the run ended (deadline, interrupt) before everything was looked at. */
  readonly partial: boolean;
  /** Why the run ended before it was done. */
  readonly ended?: { readonly reason: ProblemReason; readonly message: string };
  /** Set when the API server could not be reached or read: what was tried, what came back, and what other addresses of it said. */
  readonly connection?: ConnectionProblem;
  /** Only of `skiffctl gate`: whether a change may be made now. */
  readonly gate?: Gate;
  readonly rootCauses: readonly RootCause[];
  readonly components: readonly ReportComponent[];
  readonly findings: readonly ReportFinding[];
  readonly notLookedAt: readonly NotLookedAt[];
  readonly accepted: readonly { readonly finding: string; readonly owner: string; readonly reason: string; readonly expires: string }[];
  readonly cost: Cost;
}
