import type { CollectorFacts, Flow, Queue, Scrape } from './observation.ts';
import type { CollectorOptions } from './options.ts';
import { fullness } from './scrape.ts';

/** A flow with what became of it between two scrapes, per second. */
export interface Measured extends Flow {
  /** Undefined where there was one scrape only. */
  readonly rates?: { readonly passed: number; readonly rejected: number; readonly lost: number };
}

/** How an exporter fails: it loses items now, it has never delivered any, or it stands still with a queue behind it. */
export interface Trouble {
  readonly exporter: string;
  readonly kind: 'failing' | 'never' | 'stalled';
  readonly flows: readonly Measured[];
  readonly queue?: Queue;
}

/** Whether one look at these figures is not enough. */
export function isSuspicious({ flows, queues }: Scrape, { queuePercent }: CollectorOptions): boolean {
  return flows.some(({ rejected, lost }) => rejected > 0 || lost > 0) || queues.some((queue) => queue.size > 0 || fullness(queue) > queuePercent);
}

/** The flows of the newest scrape. A counter that fell began anew in between, and all of it is new. */
export function measured({ metrics }: CollectorFacts): readonly Measured[] {
  if (metrics.kind !== 'read') return [];
  const { first, second, secondsBetween } = metrics;
  if (second === undefined || secondsBetween === undefined) return first.flows;
  return second.flows.map((flow) => {
    const before = first.flows.find(({ stage, name, signal }) => stage === flow.stage && name === flow.name && signal === flow.signal);
    const grown = (now: number, then = 0): number => (now >= then ? now - then : now) / secondsBetween;
    return {
      ...flow,
      rates: { passed: grown(flow.passed, before?.passed), rejected: grown(flow.rejected, before?.rejected), lost: grown(flow.lost, before?.lost) },
    };
  });
}

export function newest({ metrics }: CollectorFacts): Scrape | undefined {
  return metrics.kind === 'read' ? (metrics.second ?? metrics.first) : undefined;
}

/**
 * The exporters that do not deliver. A rate needs two scrapes; without the second one only those count that have never delivered anything. With retries a batch
 * fails minutes after its first attempt, so an exporter that has sent nothing between the scrapes while its queue did not shrink counts as well.
 */
export function troubledExporters(facts: CollectorFacts, options: Pick<CollectorOptions, 'failedPerSecond' | 'leastItems'>): readonly Trouble[] {
  if (facts.metrics.kind !== 'read') return [];
  const { first, second } = facts.metrics;
  const all = measured(facts).filter(({ stage }) => stage === 'exporter');
  return [...new Set(all.map(({ name }) => name))].flatMap((exporter): readonly Trouble[] => {
    const flows = all.filter(({ name }) => name === exporter);
    const before = first.queues.find((queue) => queue.exporter === exporter);
    const after = second?.queues.find((queue) => queue.exporter === exporter);
    const queue = after ?? before;
    const trouble = (kind: Trouble['kind'], guilty: readonly Measured[]): readonly Trouble[] => [
      { exporter, kind, flows: guilty, ...(queue === undefined ? {} : { queue }) },
    ];
    const failing = flows.filter(({ rates }) => rates !== undefined && rates.rejected + rates.lost > options.failedPerSecond);
    if (failing.length > 0) return trouble('failing', failing);
    const never = flows.filter(({ passed, rejected, lost }) => passed === 0 && rejected + lost >= options.leastItems);
    if (never.length > 0) return trouble('never', never);
    if (before === undefined || after === undefined || before.size <= 0 || after.size < before.size) return [];
    const idle = flows.every(({ rates }) => rates !== undefined && rates.passed === 0);
    const failedBefore = flows.some(({ rejected, lost }) => rejected + lost > 0);
    return idle && (failedBefore || after.size > before.size) ? trouble('stalled', flows) : [];
  });
}

/** `spans 12.5/s, log_records 3/s` */
export function ratesText(flows: readonly Measured[], of: (rates: NonNullable<Measured['rates']>) => number): string {
  return flows.map(({ signal, rates }) => `${signal} ${figure(rates === undefined ? 0 : of(rates))}/s`).join(', ');
}

export function figure(value: number): string {
  return String(value >= 10 ? Math.round(value) : Math.round(value * 100) / 100);
}

/** What an exporter has failed of all that it was given since the process began, in percent. */
export function lostShare({ passed, rejected, lost }: Flow): number {
  const all = passed + rejected + lost;
  return all === 0 ? 0 : ((rejected + lost) / all) * 100;
}
