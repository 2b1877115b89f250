import { type activeTargets, fieldsOf, textOf } from '../shared/prometheus-api.ts';
import { oneLine } from '../shared/text.ts';
import type { FiringAlert, GroupFacts, RulesFacts, StorageComplaint, TargetsFacts } from './observation.ts';

/** Targets of a pool that are kept by name. */
const MOST_OF_POOL = 20;
const MOST_POOLS = 200;

/** The targets by pool. `ownAddress` is the server's: what it scrapes of itself proves no network. */
export function targetsFacts(
  targets: ReturnType<typeof activeTargets>,
  belongsTo: (names: (typeof targets)[number]['names']) => readonly string[],
  ownAddress: string,
): TargetsFacts {
  const isItself = (url: string): boolean => /^(?:localhost|127\.0\.0\.1|\[::1\])[:/]/.test(url) || url.startsWith(`${ownAddress}:`);
  const pools = [...Map.groupBy(targets, ({ pool }) => pool)].slice(0, MOST_POOLS).sort(([a], [b]) => (a < b ? -1 : 1));
  const count = (of: typeof targets, health: string): number => of.filter((target) => target.health === health).length;
  return {
    reached: targets.filter(({ health, url }) => health === 'up' && !isItself(url)).length,
    pools: pools.map(([pool, of]) => ({ pool, total: of.length, up: count(of, 'up'), down: count(of, 'down') })),
    down: pools.flatMap(([pool, of]) =>
      of
        .filter(({ health }) => health === 'down')
        .slice(0, MOST_OF_POOL)
        .map(({ instance, url, error, names }) => ({ pool, instance, url, error, components: belongsTo(names) })),
    ),
  };
}

/** Alerts that fire while all is well: by them the way to the receiver is watched, or others are held back. */
const BY_DESIGN = /^(?:watchdog|deadmans(?:switch|snitch)|infoinhibitor)$/i;
/** Rules, groups and alerts that are kept by name. */
const MOST = 20;
/** A group may be late by this many of its own intervals. */
const LATE_INTERVALS = 3;

/** Rules as `/api/v1/rules` tells of them: what fails, what is late by the server's clock, what fires. */
export function rulesFacts(data: Readonly<Record<string, unknown>>, now: Date): RulesFacts {
  const list = data['groups'];
  const groups = (Array.isArray(list) ? list.slice(0, 5000) : []).map((entry: unknown) => fieldsOf(entry));
  const rules = groups.flatMap((group) => {
    const of = group['rules'];
    return (Array.isArray(of) ? of : []).map((entry: unknown) => ({ group: textOf(group['name']), rule: fieldsOf(entry) }));
  });
  // Before 2.6 a rule does not say whether it works, nor its kind.
  const isAlerting = (rule: Readonly<Record<string, unknown>>): boolean => rule['type'] === 'alerting' || 'alerts' in rule;
  const failing = rules.filter(({ rule }) => rule['health'] === 'err');
  return {
    alerting: rules.filter(({ rule }) => isAlerting(rule)).length,
    recording: rules.filter(({ rule }) => !isAlerting(rule)).length,
    failing: failing.slice(0, MOST).map(({ group, rule }) => ({ group, rule: textOf(rule['name']), error: oneLine(textOf(rule['lastError']).slice(0, 160)) })),
    failingCount: failing.length,
    groups: groups
      .map(timing)
      .filter((group) => isLate(group, now))
      .slice(0, MOST),
    firing: firing(rules.flatMap(({ rule }) => alertsOf(rule))).slice(0, MOST),
  };
}

function timing(group: Readonly<Record<string, unknown>>): GroupFacts {
  const number = (value: unknown): number => (typeof value === 'number' && Number.isFinite(value) ? value : 0);
  const evaluated = textOf(group['lastEvaluation']);
  return {
    group: textOf(group['name']),
    intervalSeconds: number(group['interval']),
    tookSeconds: Math.round(number(group['evaluationTime']) * 1000) / 1000,
    ...(Number.isNaN(Date.parse(evaluated)) || evaluated.startsWith('0001-') ? {} : { evaluatedAt: wholeSeconds(evaluated) }),
  };
}

/** Never evaluated says nothing: a group waits up to its interval for its first time, and old versions do not tell. */
export function isLate({ intervalSeconds, tookSeconds, evaluatedAt }: GroupFacts, now: Date): boolean {
  if (intervalSeconds <= 0) return false;
  return tookSeconds > intervalSeconds || (evaluatedAt !== undefined && now.getTime() - Date.parse(evaluatedAt) > LATE_INTERVALS * intervalSeconds * 1000);
}

interface Alert {
  readonly name: string;
  readonly severity: string;
  readonly since: string;
}

function alertsOf(rule: Readonly<Record<string, unknown>>): readonly Alert[] {
  const list = rule['alerts'];
  if (!Array.isArray(list)) return [];
  return list
    .map((entry: unknown) => fieldsOf(entry))
    .filter((alert) => alert['state'] === 'firing')
    .map((alert) => {
      const labels = fieldsOf(alert['labels']);
      return {
        name: textOf(labels['alertname']) || textOf(rule['name']),
        severity: textOf(labels['severity']),
        since: wholeSeconds(textOf(alert['activeAt'])),
      };
    })
    .filter(({ name }) => !BY_DESIGN.test(name));
}

/** Go writes nanoseconds. */
function wholeSeconds(time: string): string {
  return time.replace(/\.\d+(?=Z|[+-]\d\d:\d\d$)/, '');
}

/** By name, the oldest first. */
function firing(alerts: readonly Alert[]): readonly FiringAlert[] {
  return [...Map.groupBy(alerts, ({ name, severity }) => `${name} ${severity}`).values()]
    .map((same) => {
      const { name, severity } = same[0] ?? { name: '', severity: '' };
      return { name, severity, count: same.length, since: same.map(({ since }) => since).sort()[0] ?? '' };
    })
    .sort((a, b) => (a.since < b.since ? -1 : 1));
}

const COMPLAINTS: readonly (readonly [StorageComplaint['kind'], RegExp])[] = [
  ['no-space', /no space left on device|disk quota exceeded/i],
  ['read-only', /read-only file system/i],
  ['io-error', /input\/output error/i],
];

/** The last line of a log in which the storage could not be written; the times are those of logfmt. */
export function complaintOf(log: string): StorageComplaint | undefined {
  const line = log
    .split('\n')
    .slice(-1000)
    .findLast((each) => COMPLAINTS.some(([, words]) => words.test(each)));
  if (line === undefined) return undefined;
  const kind = COMPLAINTS.find(([, words]) => words.test(line))?.[0] ?? 'io-error';
  const at = /\b(?:ts|time)=(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d))/.exec(line)?.[1];
  return { kind, line: oneLine(/\berr="((?:[^"\\]|\\.)*)"/.exec(line)?.[1] ?? line), ...(at === undefined || Number.isNaN(Date.parse(at)) ? {} : { at }) };
}

/** Whether the newest sample is older than this by the server's own clock, or further ahead of it. */
export function isBehind(newest: string | undefined, at: string, seconds: number): boolean {
  return newest !== undefined && Math.abs(Date.parse(at) - Date.parse(newest)) > seconds * 1000;
}
