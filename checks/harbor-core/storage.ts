import type { HarborCoreVerdict, View } from './view.ts';

/** The room that is left for images, as far as anybody is told. */
export function storage({ observation, context }: View): readonly HarborCoreVerdict[] {
  const { storage: said } = observation;
  if (said === undefined) return [];
  if (said.volume === undefined) return (['storage-not-full', 'storage-has-spare'] as const).map((rule) => ({ rule, verdict: 'skip', messageId: 'not-told' }));
  const { free, total } = said.volume;
  const share = (free / total) * 100;
  const data = { percent: Math.floor(share), free: sizeOf(free), total: sizeOf(total) };
  if (share < context.options.storageFullPercent)
    return [
      { rule: 'storage-not-full', verdict: 'fail', messageId: 'full', data, observed: { free, total }, own: true },
      { rule: 'storage-has-spare', verdict: 'skip', messageId: 'full' },
    ];
  return [
    { rule: 'storage-not-full', verdict: 'pass', observed: { free, total } },
    share < context.options.storageLowPercent
      ? { rule: 'storage-has-spare', verdict: 'fail', messageId: 'low', data, observed: { free, total }, own: true }
      : { rule: 'storage-has-spare', verdict: 'pass', observed: { free, total } },
  ];
}

function sizeOf(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'];
  const power = Math.min(units.length - 1, bytes < 1 ? 0 : Math.floor(Math.log2(bytes) / 10));
  return `${(bytes / 1024 ** power).toFixed(power === 0 ? 0 : 1)} ${units[power] ?? ''}`;
}
