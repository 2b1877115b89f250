import { freeNeeded, gibibytes } from './answers.ts';
import type { ClusterRule, ElasticsearchVerdict } from './evaluate.ts';
import type { ElasticsearchObservation, ResourceFacts, Watermark } from './observation.ts';
import type { ElasticsearchOptions } from './options.ts';

/** Disks, heaps and what full disks have blocked. What could not be asked, the probe has reported. */
export function byResources({ resources, disk, blocks }: ElasticsearchObservation, options: ElasticsearchOptions): readonly ElasticsearchVerdict[] {
  const own = resources === undefined ? [] : [...disks(resources, disk, options), ...heaps(resources, options)];
  return blocks === undefined ? own : [...own, writable(blocks)];
}

function disks(resources: readonly ResourceFacts[], disk: ElasticsearchObservation['disk'], options: ElasticsearchOptions): readonly ElasticsearchVerdict[] {
  const skipped = (messageId: 'switched-off' | 'not-told'): readonly ElasticsearchVerdict[] =>
    (['disk-below-low', 'disk-below-flood'] as const).map((rule) => ({ rule, verdict: 'skip', messageId }));
  if (disk?.enabled === false) return skipped('switched-off');
  const known = resources.flatMap(({ name, data, diskTotal, diskFree }) =>
    data && diskTotal !== undefined && diskFree !== undefined ? [{ name, total: diskTotal, free: diskFree }] : [],
  );
  if (known.length === 0) return skipped('not-told');
  const above = (mark: Watermark): readonly string[] =>
    known
      .filter(({ total, free }) => free < freeNeeded(mark, total))
      .map(({ name, total, free }) => `${name} ${Math.round((1 - free / total) * 100)} % (${gibibytes(free)} / ${gibibytes(total)})`);
  const flood = above(markOf(disk?.flood, options.floodPercent));
  const low = above(markOf(disk?.low, options.lowPercent));
  return [
    flood.length === 0
      ? { rule: 'disk-below-flood', verdict: 'pass' }
      : { rule: 'disk-below-flood', verdict: 'fail', messageId: 'above', data: { disks: flood.join(', ') }, observed: flood, own: true },
    low.length === 0
      ? { rule: 'disk-below-low', verdict: 'pass' }
      : flood.length === low.length
        ? { rule: 'disk-below-low', verdict: 'skip', messageId: 'see-disk-below-flood' }
        : { rule: 'disk-below-low', verdict: 'fail', messageId: 'above', data: { disks: low.join(', ') }, observed: low, own: true },
  ];
}

function markOf(set: Watermark | undefined, usedPercent: number): Watermark {
  return set === undefined || (set.usedPercent === undefined && set.freeBytes === undefined) ? { usedPercent } : set;
}

function heaps(resources: readonly ResourceFacts[], { heapPercent, heapLimitPercent }: ElasticsearchOptions): readonly ElasticsearchVerdict[] {
  const known = resources.flatMap(({ name, heapPercent: used }) => (used === undefined ? [] : [{ name, used }]));
  const rules: readonly (ClusterRule & ('heap-has-room' | 'heap-below-limit'))[] = ['heap-has-room', 'heap-below-limit'];
  if (known.length === 0) return rules.map((rule) => ({ rule, verdict: 'skip', messageId: 'not-told' }));
  const over = (limit: number): readonly string[] => known.filter(({ used }) => used > limit).map(({ name, used }) => `${name} ${used} %`);
  const [high, above] = [over(heapPercent), over(heapLimitPercent)];
  return [
    above.length === 0
      ? { rule: 'heap-below-limit', verdict: 'pass' }
      : { rule: 'heap-below-limit', verdict: 'fail', messageId: 'above', data: { heaps: above.join(', ') }, observed: above },
    high.length === 0
      ? { rule: 'heap-has-room', verdict: 'pass' }
      : high.length === above.length
        ? { rule: 'heap-has-room', verdict: 'skip', messageId: 'see-heap-below-limit' }
        : { rule: 'heap-has-room', verdict: 'fail', messageId: 'high', data: { heaps: high.join(', ') }, observed: high },
  ];
}

function writable({ indices, names, global }: NonNullable<ElasticsearchObservation['blocks']>): ElasticsearchVerdict {
  const rule = 'indices-writable';
  if (global.length > 0) return { rule, verdict: 'fail', messageId: 'whole-cluster', data: { blocks: global.join(', ') }, observed: global };
  if (indices === 0) return { rule, verdict: 'pass' };
  const text = `${names.join(', ')}${indices > names.length ? ' …' : ''}`;
  return { rule, verdict: 'fail', messageId: 'blocked', data: { count: indices, names: text }, observed: { count: indices, names } };
}
