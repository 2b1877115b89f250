import type { EvaluateContext, Subject, Verdict } from '../../src/model/check.ts';
import { mergedVerdicts } from '../shared/verdicts.ts';
import { figure, lostShare, type Measured, measured, newest, ratesText, type Trouble, troubledExporters } from './flows.ts';
import type { CollectorFacts, CollectorObservation, Queue } from './observation.ts';
import type { CollectorOptions } from './options.ts';
import { rules } from './rules.ts';
import { fullness } from './scrape.ts';

type CollectorVerdict = Verdict<typeof rules>;
type Rule = keyof typeof rules;
type MetricsRule = 'receivers-accept' | 'processors-pass' | 'exporters-deliver' | 'queues-have-room' | 'little-lost' | 'receives-data';

const BY_METRICS: readonly MetricsRule[] = ['receivers-accept', 'processors-pass', 'exporters-deliver', 'queues-have-room', 'little-lost', 'receives-data'];

interface Collector {
  readonly facts: CollectorFacts;
  readonly subject: Subject;
  readonly pod: string;
  readonly options: Readonly<CollectorOptions>;
  readonly backends: readonly string[];
  readonly trouble: readonly Trouble[];
  /** Seconds between its two scrapes; absent when there was one. */
  readonly seconds?: number;
}

/** Each collector by itself. What an exporter cannot deliver points at the backend; a configuration that is not accepted is the collector's own. */
export function evaluate({ collectors, backends }: CollectorObservation, { options }: EvaluateContext<CollectorOptions>): readonly CollectorVerdict[] {
  if (collectors.length === 0)
    return (Object.keys(rules) as readonly Rule[]).map((rule) => ({ rule, verdict: 'skip', messageId: 'no-pods' }) as CollectorVerdict);
  return mergedVerdicts<CollectorVerdict>(
    collectors.flatMap((facts) => {
      const { namespace, name: pod, metrics } = facts;
      const seconds = metrics.kind === 'read' ? metrics.secondsBetween : undefined;
      const base = { facts, pod, options, backends, subject: { kind: 'Pod', namespace, name: pod }, trouble: troubledExporters(facts, options) };
      return judged({ ...base, ...(seconds === undefined ? {} : { seconds }) });
    }),
  );
}

function judged(collector: Collector): readonly CollectorVerdict[] {
  const { facts, pod } = collector;
  if (facts.state === 'node-lost') return [];
  if (facts.state === 'not-running') {
    const unasked: readonly Exclude<Rule, 'configuration-accepted'>[] = ['server-available', 'metrics-readable', ...BY_METRICS];
    return [
      ...configuration(collector),
      ...unasked.map((rule) => ({ rule, verdict: 'skip', messageId: 'not-running', data: { pod } }) as const satisfies CollectorVerdict),
    ];
  }
  return [...available(collector), { rule: 'configuration-accepted', verdict: 'pass' }, ...byMetrics(collector)];
}

function configuration({ facts: { crash, node }, pod, subject }: Collector): readonly CollectorVerdict[] {
  const rule = 'configuration-accepted';
  if (crash === undefined) return [{ rule, verdict: 'skip', messageId: 'not-started', data: { pod } }];
  const { exitCode, configuration: detail, logRead } = crash;
  if (detail !== '')
    return [
      { rule, verdict: 'fail', messageId: 'rejected', data: { pod, exitCode, detail: withoutStop(detail) }, subject, observed: { exitCode, node }, own: true },
    ];
  // Whether it blames the configuration is not known of a log that could not be read.
  return logRead ? [{ rule, verdict: 'skip', messageId: 'ends-otherwise', data: { pod, exitCode } }] : [];
}

function available({ facts: { health, healthPort: port }, pod, subject }: Collector): readonly CollectorVerdict[] {
  const rule = 'server-available';
  switch (health.kind) {
    case 'available':
      return [{ rule, verdict: 'pass' }];
    case 'unavailable': {
      const { status } = health;
      return [{ rule, verdict: 'fail', messageId: 'unavailable', data: { pod, status, detail: withoutStop(health.detail) }, subject, observed: status }];
    }
    case 'refused':
    case 'silent':
      return [{ rule, verdict: 'fail', messageId: health.kind, data: { pod, port }, subject, observed: health.kind }];
    case 'absent':
      return [{ rule, verdict: 'skip', messageId: 'no-health-check', data: { pod, port } }];
    case 'other':
      return [{ rule, verdict: 'skip', messageId: 'other', data: { pod, port, detail: withoutStop(health.detail) } }];
    case 'unasked':
      return [];
  }
}

function byMetrics(collector: Collector): readonly CollectorVerdict[] {
  const { facts, pod, subject } = collector;
  const { metrics, metricsPort: port } = facts;
  const rule = 'metrics-readable';
  const unread = (messageId: 'no-metrics' | 'see-metrics-readable'): readonly CollectorVerdict[] =>
    BY_METRICS.map((each): CollectorVerdict => {
      if (messageId === 'no-metrics') return { rule: each, verdict: 'skip', messageId, data: { pod, port } };
      return { rule: each, verdict: 'skip', messageId };
    });
  switch (metrics.kind) {
    case 'unasked':
      return [];
    case 'absent':
      return [{ rule, verdict: 'skip', messageId: 'no-metrics', data: { pod, port } }, ...unread('no-metrics')];
    case 'silent':
      return [{ rule, verdict: 'fail', messageId: 'silent', data: { pod, port }, subject }, ...unread('see-metrics-readable')];
    case 'other':
      return [{ rule, verdict: 'skip', messageId: 'other', data: { pod, port, detail: withoutStop(metrics.detail) } }, ...unread('no-metrics')];
    case 'read':
      return [
        { rule, verdict: 'pass' },
        receivers(collector),
        processors(collector),
        exporters(collector),
        queues(collector),
        lost(collector),
        receives(collector),
      ];
  }
}

function refusing({ facts, options }: Collector): readonly Measured[] {
  return measured(facts).filter(({ stage, rates }) => stage === 'receiver' && rates !== undefined && rates.rejected + rates.lost > options.refusedPerSecond);
}

/** Counters that are not zero, and no second scrape to tell whether they still grow. */
function undecided({ facts, seconds }: Collector, stage: Measured['stage']): boolean {
  return seconds === undefined && measured(facts).some((flow) => flow.stage === stage && flow.rejected + flow.lost > 0);
}

function receivers(collector: Collector): CollectorVerdict {
  const rule = 'receivers-accept';
  const { pod, subject, seconds = 0, trouble, backends } = collector;
  if (undecided(collector, 'receiver')) return { rule, verdict: 'skip', messageId: 'one-scrape', data: { pod } };
  const guilty = refusing(collector);
  if (guilty.length === 0) return { rule, verdict: 'pass' };
  const rates = ratesText(guilty, ({ rejected, lost: failed }) => rejected + failed);
  // A collector that cannot get rid of its data fills its memory and refuses more.
  return { rule, verdict: 'fail', messageId: 'refusing', data: { pod, rates, seconds }, subject, observed: rates, because: trouble.length > 0 ? backends : [] };
}

function processors(collector: Collector): CollectorVerdict {
  const rule = 'processors-pass';
  const { facts, pod, subject, seconds = 0, options, trouble, backends } = collector;
  if (undecided(collector, 'processor')) return { rule, verdict: 'skip', messageId: 'one-scrape', data: { pod } };
  const guilty = measured(facts).filter(
    ({ stage, rates }) => stage === 'processor' && rates !== undefined && rates.rejected + rates.lost > options.refusedPerSecond,
  );
  if (guilty.length === 0) return { rule, verdict: 'pass' };
  if (guilty.every(({ rates }) => rates?.lost === 0) && refusing(collector).length > 0) return { rule, verdict: 'skip', messageId: 'see-receivers-accept' };
  const rates = guilty.map((flow) => `${flow.name} ${ratesText([flow], ({ rejected, lost: dropped }) => rejected + dropped)}`).join(', ');
  return { rule, verdict: 'fail', messageId: 'dropping', data: { pod, rates, seconds }, subject, observed: rates, because: trouble.length > 0 ? backends : [] };
}

function exporters(collector: Collector): CollectorVerdict {
  const rule = 'exporters-deliver';
  const { facts, pod, subject, seconds = 0, trouble, backends } = collector;
  const worst = (['failing', 'never', 'stalled'] as const).find((kind) => trouble.some((each) => each.kind === kind));
  if (worst === undefined) {
    if (undecided(collector, 'exporter')) return { rule, verdict: 'skip', messageId: 'one-scrape', data: { pod } };
    const none = measured(facts).every(({ stage }) => stage !== 'exporter');
    return none ? { rule, verdict: 'skip', messageId: 'no-exporters', data: { pod } } : { rule, verdict: 'pass' };
  }
  const guilty = trouble.filter(({ kind }) => kind === worst);
  const flows = guilty.flatMap((each) => each.flows);
  const names = guilty.map(({ exporter }) => exporter).join(', ');
  const error = withoutStop(facts.exportError ?? '-');
  const fault = { rule, verdict: 'fail', subject, observed: { exporters: names, error }, because: backends } as const;
  switch (worst) {
    case 'failing':
      return { ...fault, messageId: worst, data: { pod, exporters: names, rates: ratesText(flows, (rates) => rates.rejected + rates.lost), seconds, error } };
    case 'never':
      return { ...fault, messageId: worst, data: { pod, exporters: names, failed: flows.reduce((sum, flow) => sum + flow.rejected + flow.lost, 0), error } };
    case 'stalled': {
      const queued = guilty.reduce((sum, { queue }) => sum + (queue?.size ?? 0), 0);
      return { ...fault, messageId: worst, data: { pod, exporters: names, seconds, queued, error } };
    }
  }
}

function queues({ facts, pod, subject, options, backends }: Collector): CollectorVerdict {
  const rule = 'queues-have-room';
  const known = (newest(facts)?.queues ?? []).filter((queue): queue is Queue & { readonly capacity: number } => queue.capacity !== undefined);
  if (known.length === 0) return { rule, verdict: 'skip', messageId: 'no-queue', data: { pod } };
  const full = known.filter((queue) => fullness(queue) > options.queuePercent);
  if (full.length === 0) return { rule, verdict: 'pass' };
  const text = full.map((queue) => `${queue.exporter} ${queue.size}/${queue.capacity} (${Math.round(fullness(queue))} %)`).join(', ');
  return { rule, verdict: 'fail', messageId: 'full', data: { pod, queues: text }, subject, observed: text, because: backends };
}

function lost({ facts, pod, subject, options, trouble }: Collector): CollectorVerdict {
  const rule = 'little-lost';
  if (trouble.length > 0) return { rule, verdict: 'skip', messageId: 'see-exporters-deliver' };
  const guilty = measured(facts).filter(
    (flow) => flow.stage === 'exporter' && flow.rejected + flow.lost >= options.leastItems && lostShare(flow) >= options.lostPercent,
  );
  if (guilty.length === 0) return { rule, verdict: 'pass' };
  const shares = guilty.map((flow) => `${flow.name} ${flow.rejected + flow.lost} ${flow.signal} (${figure(lostShare(flow))} %)`).join(', ');
  return { rule, verdict: 'fail', messageId: 'lost', data: { pod, shares }, subject, observed: shares };
}

function receives({ facts, pod, subject, options }: Collector): CollectorVerdict {
  const rule = 'receives-data';
  if (measured(facts).some(({ stage, passed, rejected, lost: failed }) => stage === 'receiver' && passed + rejected + failed > 0))
    return { rule, verdict: 'pass' };
  const uptime = newest(facts)?.uptime;
  if (uptime === undefined) return { rule, verdict: 'skip', messageId: 'no-uptime', data: { pod } };
  if (uptime < options.idleMinutes * 60) return { rule, verdict: 'skip', messageId: 'young', data: { pod } };
  return { rule, verdict: 'fail', messageId: 'nothing', data: { pod, minutes: Math.round(uptime / 60) }, subject };
}

/** Foreign words stand before a full stop of ours. */
function withoutStop(text: string): string {
  return text.replace(/[.\s]+$/, '') || '-';
}
