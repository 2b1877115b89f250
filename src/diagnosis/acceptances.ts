import { type Acceptance, endOf } from '../model/acceptance.ts';
import type { Finding } from '../model/finding.ts';

/** Acceptances applied to findings. */
export interface Accepted {
  /** Finding id → who accepted it, and until when. */
  readonly byFinding: ReadonlyMap<string, Acceptance>;
  /** How many findings each acceptance speaks of, in their order; also of those that have expired. */
  readonly matches: readonly number[];
}

/** Which findings are accepted at this time. An acceptance that has expired accepts nothing. */
export function applyAcceptances(findings: readonly Finding[], acceptances: readonly Acceptance[], now: Date): Accepted {
  const byFinding = new Map<string, Acceptance>();
  const matches = acceptances.map((acceptance) => {
    const matched = findings.filter((finding) => finding.status !== 'pass' && finding.status !== 'skip' && speaksOf(acceptance, finding));
    if (now.getTime() < endOf(acceptance)) for (const finding of matched) if (!byFinding.has(finding.id)) byFinding.set(finding.id, acceptance);
    return matched.length;
  });
  return { byFinding, matches };
}

function speaksOf({ rule, component, subject }: Acceptance, finding: Finding): boolean {
  const short = finding.component.slice(finding.component.indexOf('/') + 1);
  const about = finding.subject === undefined ? '' : `${finding.subject.kind}/${finding.subject.name}`;
  return (
    fits(rule, finding.rule) &&
    (component === undefined || fits(component, finding.component) || fits(component, short)) &&
    (subject === undefined || fits(subject, about))
  );
}

function fits(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
  // What stands between two stars has to come in its order.
  let at = first.length;
  const end = name.length - last.length;
  return rest.every((part) => {
    const found = name.indexOf(part, at);
    at = found + part.length;
    return found >= 0 && at <= end;
  });
}
