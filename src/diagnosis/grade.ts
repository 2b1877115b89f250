import type { FoundComponent } from '../model/component.ts';
import type { Finding } from '../model/finding.ts';
import type { ComponentState, Grade, Status } from '../model/report.ts';

const GRADES: readonly Grade[] = ['A', 'B', 'C', 'D', 'F'];
const STATUSES: readonly Status[] = ['skip', 'pass', 'info', 'unknown', 'warn', 'fail'];

/** The worst status of all findings, in the order fail, warn, unknown, then those that are no fault. */
export function worstStatus(findings: readonly Finding[]): Status {
  return findings.reduce<Status>((worst, finding) => (STATUSES.indexOf(finding.status) > STATUSES.indexOf(worst) ? finding.status : worst), 'pass');
}

/**
 * The grade that one component allows: F a core component is down · D another one is down, or a core one is unknown · C a core one is degraded or
 * has warnings · B warnings or unknowns elsewhere · A none of these. The report's grade is the worst of them, never a mean.
 */
export function gradeOf(component: FoundComponent, state: ComponentState, findings: readonly Finding[]): Grade {
  const failed = findings.some((finding) => finding.status === 'fail');
  if (state === 'down' || state === 'unreachable') return component.core ? 'F' : 'D';
  if (failed) return 'D';
  if (state === 'unknown') return component.core ? 'D' : 'B';
  if (state === 'degraded' || findings.some((finding) => finding.status === 'warn')) return component.core ? 'C' : 'B';
  return findings.some((finding) => finding.status === 'unknown') ? 'B' : 'A';
}

export function worse(a: Grade, b: Grade): Grade {
  return GRADES.indexOf(a) >= GRADES.indexOf(b) ? a : b;
}
