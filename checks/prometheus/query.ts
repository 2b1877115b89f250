import { fieldsOf, textOf } from '../shared/prometheus-api.ts';
import type { BlindExporter, QueriedFacts } from './observation.ts';
import { STORAGE_COUNTERS, storageWork, timeOf } from './self.ts';

/** How far back counters are compared, in minutes: alerts are sent again every minute, groups are evaluated at least every few. */
const RECENT = '15m';
/** Blocks are compacted every two hours. */
const COMPACTION = '3h';

/** Gauges in which an exporter says that it sees what it watches. */
const SEEING =
  'redis_up|mysql_up|pg_up|pgbouncer_up|haproxy_up|memcached_up|mongodb_up|nginx_up|rabbitmq_up|zk_up|consul_up|elasticsearch_cluster_health_up|probe_success';

const marked = (expression: string, fact: string): string => `label_replace(${expression},'fact','${fact}','','')`;
const risen = (metric: string, range: string): string => `increase(${metric}[${range}])>0`;

/**
 * One question for everything that only the store can tell: its clock, the exporters that are up and blind, whether it scrapes itself, and which of its own
 * counters rose lately. Fixed; answered from the head. An address has at most 2,048 characters.
 */
export const QUERY = [
  marked('vector(time())', 'time'),
  marked(`({__name__=~'${SEEING}'}==0)and on(job,instance)(up==1)`, 'blind'),
  marked('process_start_time_seconds and on(job,instance)prometheus_build_info', 'self'),
  marked(risen('prometheus_notifications_dropped_total', RECENT), 'dropped'),
  marked(risen('prometheus_notifications_errors_total', RECENT), 'errors'),
  marked(risen('prometheus_notifications_sent_total', RECENT), 'sent'),
  marked(risen('prometheus_rule_evaluation_failures_total', RECENT), 'rules'),
  marked(risen('prometheus_rule_group_iterations_missed_total', RECENT), 'missed'),
  ...STORAGE_COUNTERS.map((metric, at) => marked(risen(metric, storageWork(metric) === 'wal-write' ? RECENT : COMPACTION), `storage${at}`)),
].join(' or ');

/** Most blind exporters that are kept. */
const MOST = 20;

interface Vector {
  readonly labels: Readonly<Record<string, string>>;
  readonly at: number;
  readonly value: number;
}

/**
 * What the answer to the query says. `startedSeconds` is the start of the process as it tells it itself, by which its own metrics are told from those of other
 * Prometheus servers in its store. Undefined when it is no answer to the query.
 */
export function queriedOf(
  data: Readonly<Record<string, unknown>>,
  startedSeconds: number | undefined,
  belongsTo: (names: { readonly job: string; readonly instance: string; readonly labels: Readonly<Record<string, string>> }) => readonly string[],
): QueriedFacts | undefined {
  const vector = vectorOf(data['result']);
  const clock = vector.find(({ labels }) => labels['fact'] === 'time');
  const at = timeOf(clock?.value);
  if (at === undefined) return undefined;
  const of = (fact: string): readonly Vector[] => vector.filter(({ labels }) => labels['fact'] === fact);
  const self = of('self').find(({ value }) => value === startedSeconds);
  const mine = (fact: string): readonly Vector[] =>
    of(fact).filter(({ labels }) => self !== undefined && labels['job'] === self.labels['job'] && labels['instance'] === self.labels['instance']);
  const sent = new Map(mine('sent').map(({ labels, value }) => [labels['alertmanager'] ?? '', value]));
  const blind = of('blind');
  const whole = (value: number): number => Math.max(1, Math.round(value));
  return {
    at,
    blind: blind.slice(0, MOST).map(({ labels }): BlindExporter => {
      const { job = '', instance = '' } = labels;
      return { metric: labels['__name__'] ?? '', job, instance, components: belongsTo({ job, instance, labels }) };
    }),
    blindCount: blind.length,
    scrapesItself: self !== undefined,
    dropped: mine('dropped').reduce((sum, { value }) => sum + whole(value), 0),
    errors: mine('errors').map(({ labels, value }) => {
      const alertmanager = labels['alertmanager'] ?? '';
      const components = belongsTo({ job: '', instance: alertmanager, labels: {} });
      return { alertmanager, count: whole(value), sent: Math.round(sent.get(alertmanager) ?? 0), components };
    }),
    storageFailures: STORAGE_COUNTERS.flatMap((metric, at) => (mine(`storage${at}`).length === 0 ? [] : (storageWork(metric) ?? []))),
    ruleFailures: groupsOf(mine('rules')),
    missedGroups: groupsOf(mine('missed')),
  };
}

/** `/etc/prometheus/rules.yml;platform` → `platform`. Before 2.13 there is one counter for all groups. */
function groupsOf(vector: readonly Vector[]): readonly string[] {
  return [...new Set(vector.map(({ labels }) => (labels['rule_group'] ?? '').split(';').at(-1) ?? ''))].slice(0, MOST);
}

function vectorOf(result: unknown): readonly Vector[] {
  if (!Array.isArray(result)) return [];
  return result.slice(0, 5000).flatMap((entry: unknown): readonly Vector[] => {
    const { metric, value } = fieldsOf(entry);
    if (!Array.isArray(value) || typeof value[0] !== 'number' || typeof value[1] !== 'string') return [];
    const labels = Object.fromEntries(Object.entries(fieldsOf(metric)).map(([name, label]) => [name, textOf(label)]));
    const number = Number(value[1]);
    return Number.isNaN(number) ? [] : [{ labels, at: value[0], value: number }];
  });
}
