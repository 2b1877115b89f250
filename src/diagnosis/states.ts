import type { FoundComponent } from '../model/component.ts';
import type { Finding } from '../model/finding.ts';
import type { ComponentState } from '../model/report.ts';

/** A finding that says that something is wrong. */
export function isFault(finding: Finding): boolean {
  return finding.status === 'warn' || finding.status === 'fail';
}

/**
 * The state that a component's own findings give it, before any cause is looked for. What could not be looked at is never healthy: one unknown rule
 * above `info` is enough.
 */
export function ownState(component: FoundComponent, findings: readonly Finding[]): ComponentState {
  if (component.presence === 'absent') return 'absent';
  const faults = findings.filter(isFault);
  if (faults.some((finding) => finding.effect === 'down')) return 'down';
  if (faults.some((finding) => finding.effect === 'degraded')) return 'degraded';
  if (findings.some((finding) => finding.status === 'unknown' && finding.severity !== 'info')) return 'unknown';
  // To be there is not to be healthy: something beyond its presence must have been looked at.
  return findings.some((finding) => finding.check !== 'presence' && (finding.status === 'pass' || finding.status === 'info')) ? 'healthy' : 'unknown';
}
