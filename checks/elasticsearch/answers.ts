import { count, parsed, record, text } from '../shared/json.ts';
import type { Blocks, DiskSettings, ResourceFacts, Watermark } from './observation.ts';

/** Of all that a node tells, what is judged: without the filter a large cluster answers with megabytes. */
export const RESOURCES_PATH =
  '/_nodes/stats/fs,jvm?filter_path=nodes.*.name,nodes.*.roles,nodes.*.fs.total,nodes.*.jvm.mem.heap_used_percent,nodes.*.jvm.mem.pools.old';
export const DISK_PATH = '/_cluster/settings?include_defaults=true&filter_path=*.cluster.routing.allocation.disk';
/** Block 12 is the one that the disk sets: index read-only / allow delete. */
export const BLOCKS_PATH = '/_cluster/state/blocks?local=true&filter_path=blocks.global,blocks.indices.*.12';

const MOST_NODES = 100;
const MOST_NAMES = 5;

/** Undefined when the answer is none. */
export function resourcesOf(body: string): readonly ResourceFacts[] | undefined {
  const nodes = record(record(parsed(body))?.['nodes']);
  if (nodes === undefined) return undefined;
  return Object.values(nodes)
    .slice(0, MOST_NODES)
    .flatMap((each): readonly ResourceFacts[] => {
      const node = record(each);
      if (node === undefined) return [];
      const disk = record(record(node['fs'])?.['total']);
      const memory = record(record(node['jvm'])?.['mem']);
      const heap = heapOf(memory);
      const total = disk?.['total_in_bytes'];
      const free = disk?.['available_in_bytes'];
      const roles = node['roles'];
      return [
        {
          name: text(node['name']),
          // Before 8 a node has `data`, later `data_hot` and the like beside it.
          data: !Array.isArray(roles) || roles.some((role) => typeof role === 'string' && role.startsWith('data')),
          ...(typeof total === 'number' && typeof free === 'number' && total > 0 && free >= 0 ? { diskTotal: total, diskFree: free } : {}),
          ...(heap === undefined ? {} : { heapPercent: heap }),
        },
      ];
    });
}

function heapOf(memory: Readonly<Record<string, unknown>> | undefined): number | undefined {
  const old = record(record(memory?.['pools'])?.['old']);
  const [used, max] = [old?.['used_in_bytes'], old?.['max_in_bytes']];
  if (typeof used === 'number' && typeof max === 'number' && max > 0) return Math.round((used / max) * 100);
  const whole = memory?.['heap_used_percent'];
  return typeof whole === 'number' && Number.isFinite(whole) ? whole : undefined;
}

/** What is set, transient before persistent before default. Undefined when the answer is none. */
export function diskSettingsOf(body: string): DiskSettings | undefined {
  const root = record(parsed(body));
  if (root === undefined) return undefined;
  const layers = ['transient', 'persistent', 'defaults'].map((layer) =>
    ['cluster', 'routing', 'allocation', 'disk'].reduce<Readonly<Record<string, unknown>> | undefined>((at, key) => record(at?.[key]), record(root[layer])),
  );
  const first = (read: (disk: Readonly<Record<string, unknown>>) => string): string =>
    layers.map((disk) => (disk === undefined ? '' : read(disk))).find((value) => value !== '') ?? '';
  const mark = (name: string): Watermark => {
    // Where a watermark has a headroom beside it, both stand side by side: `low` becomes an object with a key of its own, or a dotted neighbour.
    const value = first((disk) => plain(record(disk['watermark'])?.[name]));
    const headroom = first((disk) => {
      const watermarks = record(disk['watermark']);
      return text(record(watermarks?.[name])?.['max_headroom']) || text(watermarks?.[`${name}.max_headroom`]);
    });
    return watermarkOf(value, headroom);
  };
  return { enabled: first((disk) => String(disk['threshold_enabled'] ?? '')) !== 'false', low: mark('low'), flood: mark('flood_stage') };
}

function plain(value: unknown): string {
  return text(value) || text(record(value)?.['']);
}

const UNITS: Readonly<Record<string, number>> = { b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3, tb: 1024 ** 4, pb: 1024 ** 5 };

/** `85%` and `0.85` are use, `20gb` is what must stay free. A headroom narrows a percentage on large disks. */
function watermarkOf(value: string, headroom: string): Watermark {
  const percent = /^(\d{1,3}(?:\.\d+)?)%$/.exec(value)?.[1];
  const ratio = /^(?:0?\.\d+|1(?:\.0+)?)$/.test(value) ? Number(value) * 100 : undefined;
  const usedPercent = percent === undefined ? ratio : Number(percent);
  const freeBytes = bytesOf(usedPercent === undefined ? value : headroom);
  return { ...(usedPercent === undefined ? {} : { usedPercent }), ...(freeBytes === undefined ? {} : { freeBytes }) };
}

function bytesOf(value: string): number | undefined {
  const [, figure = '', unit = ''] = /^(\d+(?:\.\d+)?)\s*([kmgtp]?b)$/i.exec(value.trim()) ?? [];
  const factor = UNITS[unit.toLowerCase()];
  return figure === '' || factor === undefined ? undefined : Number(figure) * factor;
}

/** Undefined when the answer is none. A cluster without any block answers `{}` to the filter. */
export function blocksOf(body: string): Blocks | undefined {
  const root = record(parsed(body));
  if (root === undefined || 'error' in root) return undefined;
  const blocks = record(root['blocks']);
  const names = Object.keys(record(blocks?.['indices']) ?? {});
  const global = Object.values(record(blocks?.['global']) ?? {}).map((block) => text(record(block)?.['description']));
  return {
    indices: names.length,
    names: names.slice(0, MOST_NAMES).map((name) => name.slice(0, 100)),
    global: global.filter((each) => each !== '').slice(0, 5),
  };
}

/** How many bytes of a disk must be free by a watermark, and undefined when it says nothing. */
export function freeNeeded(mark: Watermark, total: number): number {
  const byPercent = mark.usedPercent === undefined ? Infinity : (total * (100 - mark.usedPercent)) / 100;
  return Math.min(byPercent, mark.freeBytes ?? Infinity);
}

export function gibibytes(bytes: number): string {
  return `${Math.round(count(bytes) / 1024 ** 2) / 1024 >= 10 ? Math.round(bytes / 1024 ** 3) : Math.round((bytes / 1024 ** 3) * 10) / 10} GiB`;
}
