import type { Verdict } from '../../src/model/check.ts';
import type { BudgetFacts, DisruptionObservation, MovableFacts } from './observation.ts';
import { rules } from './rules.ts';

type DisruptionVerdict = Verdict<typeof rules>;

export function evaluate(observation: DisruptionObservation): readonly DisruptionVerdict[] {
  const { workloads, bare } = observation;
  if (workloads.length === 0 && bare.length === 0) {
    const skipped = (Object.keys(rules) as (keyof typeof rules)[]).filter((rule) => observation.budgetsRead || !BUDGET_RULES.has(rule));
    return skipped.map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }));
  }
  return [
    ...(observation.budgetsRead ? [...budgets(observation), ...twice(observation)] : []),
    ...controlled(observation),
    ...spread(observation),
    ...replicated(observation),
  ];
}

const BUDGET_RULES: ReadonlySet<keyof typeof rules> = new Set(['budget-allows', 'one-budget']);

function budgets({ budgets: all }: DisruptionObservation): readonly DisruptionVerdict[] {
  if (all.length === 0) return [{ rule: 'budget-allows', verdict: 'skip', messageId: 'none' }];
  const faults = all.flatMap((budget) => (budget.allowed !== undefined && budget.allowed > 0 ? [] : [refused(budget)]));
  return faults.length > 0 ? faults : [{ rule: 'budget-allows', verdict: 'pass', observed: { budgets: all.length } }];
}

function refused({ namespace, name, limit, allowed, healthy, needed, expected }: BudgetFacts): DisruptionVerdict {
  const subject = { kind: 'PodDisruptionBudget', namespace, name };
  const observed = { limit, healthy, needed, expected, ...(allowed === undefined ? {} : { allowed }) };
  const base = { rule: 'budget-allows', verdict: 'fail', subject, observed, expected: { allowed: 1 } } as const;
  if (allowed === undefined) return { ...base, messageId: 'not-computed', data: { budget: name } };
  const data = { budget: name, limit, pods: expected };
  if (healthy >= expected) return { ...base, messageId: 'never', data, own: true };
  return { ...base, messageId: 'used-up', data: { ...data, healthy, needed } };
}

function twice({ coveredTwice }: DisruptionObservation): readonly DisruptionVerdict[] {
  if (coveredTwice.length === 0) return [{ rule: 'one-budget', verdict: 'pass' }];
  return coveredTwice.map(({ namespace, pod, budgets: names }) => ({
    rule: 'one-budget',
    verdict: 'fail',
    messageId: 'several',
    data: { pod, budgets: names.join(', ') },
    subject: { kind: 'Pod', namespace, name: pod },
    own: true,
  }));
}

function controlled({ bare }: DisruptionObservation): readonly DisruptionVerdict[] {
  if (bare.length === 0) return [{ rule: 'controlled', verdict: 'pass' }];
  return bare.map(({ namespace, pod, node }) => ({
    rule: 'controlled',
    verdict: 'fail',
    messageId: 'bare',
    data: { pod, node: node === '' ? '–' : node },
    subject: { kind: 'Pod', namespace, name: pod },
    own: true,
  }));
}

function spread({ workloads }: DisruptionObservation): readonly DisruptionVerdict[] {
  const several = workloads.filter((workload) => workload.pods > 1);
  if (several.length === 0) return [{ rule: 'several-nodes', verdict: 'skip', messageId: 'single' }];
  const together = several.filter((workload) => workload.nodes.length === 1);
  if (together.length === 0) return [{ rule: 'several-nodes', verdict: 'pass' }];
  return together.map((workload) => ({
    rule: 'several-nodes',
    verdict: 'fail',
    messageId: 'together',
    data: { workload: nameOf(workload), pods: workload.pods, node: workload.nodes[0] ?? '' },
    subject: subjectOf(workload),
    observed: { nodes: workload.nodes },
    own: true,
  }));
}

/** One rule for the core, whose interruption is one of the platform, and one that only tells for the rest. */
function replicated({ core, workloads }: DisruptionObservation): readonly DisruptionVerdict[] {
  const rule = core ? 'core-replicated' : 'replicated';
  const other: DisruptionVerdict = core
    ? { rule: 'replicated', verdict: 'skip', messageId: 'core' }
    : { rule: 'core-replicated', verdict: 'skip', messageId: 'not-core' };
  const single = workloads.filter((workload) => workload.replicas === 1);
  if (single.length === 0) return [other, { rule, verdict: 'pass' }];
  return [
    other,
    ...single.map(
      (workload): DisruptionVerdict => ({
        rule,
        verdict: 'fail',
        messageId: 'single',
        data: { workload: nameOf(workload) },
        subject: subjectOf(workload),
        own: true,
      }),
    ),
  ];
}

function nameOf({ kind, name }: MovableFacts): string {
  return `${kind} ${name}`;
}

function subjectOf({ kind, namespace, name }: MovableFacts): { readonly kind: string; readonly namespace: string; readonly name: string } {
  return { kind, namespace, name };
}
