import type { Effect, RuleMeta } from '../model/check.ts';

/** From this weight on a finding keeps the change from being made. */
export const NO_GO = 40;

/**
 * What weighs how much before a change. The order is that of what a change would make worst: what is down already, what would be down with the next thing
 * that goes, what the change itself cannot get through, what somebody else is in the middle of.
 */
export const WEIGHTS = {
  /** A core component does not serve. */
  coreDown: 100,
  /** A core component serves, and the next loss would end that. */
  coreMargin: 92,
  /** A core component serves with less redundancy or quality. */
  coreDegraded: 88,
  /** The API server refuses writes because of a webhook that nobody answers: every rollout stands still. */
  writesRefused: 84,
  /** Another component does not serve. */
  down: 80,
  /** Another component serves, and the next loss would end that. */
  margin: 70,
  /** A node cannot be drained, or what it runs has nowhere to go. */
  drain: 60,
  /** The target does not serve an API that is used. */
  removedApi: 58,
  /** The target and what is there do not go together. */
  skew: 56,
  /** A certificate ends the change half-way. */
  certificates: 54,
  /** Any other critical rule. */
  critical: 50,
  /** An alert fires that its own rule calls critical. */
  alert: 48,
  /** A rollout, a job or somebody's maintenance is under way. */
  inProgress: 45,
  /** A backup that is seen and too old to go back to. */
  backup: 42,
  /** A component outside the core serves with less redundancy or quality. */
  degraded: 30,
  /** Any other warning. */
  warning: 20,
  /** Something that cannot be seen from here and that somebody has to look at himself. */
  reminder: 10,
} as const;

export type WeightClass = keyof typeof WEIGHTS;

/** Checks that matter only before a change, by what a critical rule of theirs speaks of. */
export const CHECK_CLASSES: Readonly<Record<string, WeightClass>> = {
  'admission-webhooks': 'writesRefused',
  backup: 'backup',
  certificates: 'certificates',
  disruption: 'drain',
  'drain-capacity': 'drain',
  failover: 'margin',
  'removed-apis': 'removedApi',
  rollout: 'inProgress',
  'running-jobs': 'inProgress',
  'version-skew': 'skew',
};

/** Rules whose weight is not that of their severity and effect, because of what they mean before a change. */
export const RULE_CLASSES: Readonly<Record<string, WeightClass>> = {
  // Only a person can look at these.
  'backup/seen': 'reminder',
  'version-skew/etcd-seen': 'reminder',
  // Somebody is at work.
  'drain-capacity/not-cordoned': 'inProgress',
  'harbor-core/writable': 'inProgress',
  'harbor-registry/accepts-pushes': 'inProgress',
  // It serves on, and the change must not meet it.
  'etcd/failure-tolerance': 'margin',
  'etcd/members-answer': 'margin',
  'etcd/members-healthy': 'margin',
  'etcd/members-started': 'margin',
  'kube-apiserver/instances-serve': 'margin',
  'mysql/applies-changes': 'margin',
  'mysql/cluster-has-quorum': 'margin',
  'mysql/cluster-members-healthy': 'margin',
  'mysql/receives-changes': 'margin',
  'redis/has-replica': 'margin',
  'redis/instances-answer': 'margin',
  'redis/replicas-linked': 'margin',
  'redis-sentinel/each-answers': 'margin',
  'redis-sentinel/each-reaches-quorum': 'margin',
  'redis-sentinel/failover-completes': 'margin',
  'redis-sentinel/majority-answers': 'margin',
  'redis-sentinel/majority-usable': 'margin',
  'redis-sentinel/quorum-reachable': 'margin',
  'redis-sentinel/replica-promotable': 'margin',
  'redis-sentinel/survives-a-loss': 'margin',
  'stolon-keeper/has-standby': 'margin',
  'stolon-keeper/same-timeline': 'margin',
  'stolon-keeper/standby-lag': 'margin',
  'stolon-keeper/standbys-healthy': 'margin',
  'stolon-keeper/synchronised': 'margin',
};

/** The rule that hands on the alerts of a Prometheus, each with a severity of its own. */
export const ALERTS = 'prometheus/alerts-firing';

/** What an alert weighs by the severity that its rule gives it. Watchdogs and what is called `none` or `info` are meant to fire. */
export function weightOfAlert(severity: string): number {
  if (/^(?:critical|page|emergency|fatal|error|p0|p1|严重|紧急)$/i.test(severity)) return WEIGHTS.alert;
  return /^(?:none|info|)$/i.test(severity) ? 0 : WEIGHTS.warning;
}

/** What has to be known of a rule to weigh it. */
export type WeighedRule = Pick<RuleMeta, 'severity' | 'effect'>;

const EFFECT_OF: Readonly<Record<RuleMeta['severity'], Effect>> = { critical: 'down', warning: 'degraded', info: 'none' };

/** The weight that a rule (`<check>/<rule>`) has when it fails at a component; 0 for what only tells and asks nobody to look. */
export function weightOf(rule: string, meta: WeighedRule, core: boolean): number {
  const { severity, effect = EFFECT_OF[severity] } = meta;
  const own = RULE_CLASSES[rule];
  if (severity === 'info') return own === 'reminder' ? WEIGHTS.reminder : 0;
  const [check = ''] = rule.split('/');
  const known = own ?? (severity === 'critical' ? CHECK_CLASSES[check] : undefined);
  // What does not serve at all is past having a margin.
  if (effect === 'down' && CHECK_CLASSES[check] === undefined) return core ? WEIGHTS.coreDown : WEIGHTS.down;
  if (known === 'margin') return core ? WEIGHTS.coreMargin : WEIGHTS.margin;
  if (known !== undefined) return WEIGHTS[known];
  if (effect === 'degraded' && core) return WEIGHTS.coreDegraded;
  if (severity === 'critical') return WEIGHTS.critical;
  return effect === 'degraded' ? WEIGHTS.degraded : WEIGHTS.warning;
}
