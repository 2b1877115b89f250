import { type Sample, samples } from '../shared/metrics.ts';
import type { FileSystem, HostFacts, Usage } from './observation.ts';

const WANTED =
  /^node_(?:exporter_build_info|scrape_collector_success|time(?:_seconds)?|timex_(?:sync_status|maxerror_seconds)|filesystem_(?:avail|size|files|files_free|readonly)(?:_bytes)?|memory_(?:MemTotal|MemAvailable|MemFree|Buffers|Cached)(?:_bytes)?|nf_conntrack_entries(?:_limit)?|filefd_(?:allocated|maximum)|load1|uname_info|cpu(?:_seconds_total)?)$/;

/** Collectors that have something to tell on every Linux node. Others say 0 as well where there is no such device. */
const EVERYWHERE = new Set(['cpu', 'diskstats', 'filefd', 'filesystem', 'loadavg', 'meminfo', 'netdev', 'stat', 'time', 'uname', 'vmstat']);

/** In memory, read-only by nature, of another machine, or a view of something else. */
const NO_DISK =
  /^(?:tmpfs|ramfs|devtmpfs|overlay|aufs|squashfs|erofs|iso9660|udf|rootfs|autofs|nsfs|proc|sysfs|cgroup2?|fuse\..*|fuse|nfs4?|cifs|ceph|glusterfs)$/;
/** Boot partitions are full by nature and are not written. */
const BOOT = /^\/boot(?:\/|$)/;
/** Kept read-only on purpose by some distributions. */
const READ_ONLY_BY_DESIGN = /^\/(?:usr|oem|snap|media|mnt\/cdrom)(?:\/|$)/;
const MOST_FILE_SYSTEMS = 30;

/** What the metrics of a node say, and its time in seconds; undefined when they are not those of a node. */
export function hostOf(body: string): { readonly host: HostFacts; readonly time?: number } | undefined {
  const all = samples(body, (name) => WANTED.test(name));
  if (all.length === 0) return undefined;
  const value = (...names: readonly string[]): number | undefined =>
    names.map((name) => all.find((sample) => sample.name === name)?.value).find((each) => each !== undefined && Number.isFinite(each));
  const failed = all
    .filter(({ name, value: success }) => name === 'node_scrape_collector_success' && success === 0)
    .map(({ labels }) => labels['collector'] ?? '');
  const broken = failed.filter((collector) => EVERYWHERE.has(collector));
  const memory = memoryOf(value);
  const connections = usage(value('node_nf_conntrack_entries'), value('node_nf_conntrack_entries_limit'));
  const openFiles = usage(value('node_filefd_allocated'), value('node_filefd_maximum'));
  const version = all.find(({ name }) => name === 'node_exporter_build_info')?.labels['version'];
  const synchronised = value('node_timex_sync_status');
  const maxError = value('node_timex_maxerror_seconds');
  const time = value('node_time_seconds', 'node_time');
  const host: HostFacts = {
    ...(version === undefined ? {} : { version }),
    failed: broken.sort(),
    fileSystems: fileSystemsOf(all),
    ...(memory === undefined ? {} : { memory }),
    ...(connections === undefined ? {} : { connections }),
    ...(openFiles === undefined ? {} : { openFiles }),
    ...(synchronised === undefined ? {} : { synchronised: synchronised === 1 }),
    ...(maxError === undefined ? {} : { clockMaxError: maxError }),
  };
  return { host, ...(time === undefined ? {} : { time }) };
}

/** Kernels before 3.14 do not tell what is available. Exporters before 0.16 leave the unit out of the name. */
function memoryOf(value: (...names: readonly string[]) => number | undefined): Usage | undefined {
  const of = (name: string): number | undefined => value(`node_memory_${name}_bytes`, `node_memory_${name}`);
  const total = of('MemTotal');
  const free = of('MemFree');
  const available = of('MemAvailable') ?? (free === undefined ? undefined : free + (of('Buffers') ?? 0) + (of('Cached') ?? 0));
  return total === undefined || available === undefined ? undefined : usage(total - available, total);
}

function usage(used: number | undefined, limit: number | undefined): Usage | undefined {
  return used === undefined || limit === undefined || limit <= 0 ? undefined : { used, limit };
}

/** By device: a container that looks at its node sees one file system at several places, some of them bound read-only. */
function fileSystemsOf(all: readonly Sample[]): readonly FileSystem[] {
  const mounts = Map.groupBy(
    all.filter(({ name, labels }) => name.startsWith('node_filesystem_') && !NO_DISK.test(labels['fstype'] ?? '') && !BOOT.test(labels['mountpoint'] ?? '')),
    ({ labels }) => labels['device'] ?? '',
  );
  return [...mounts]
    .flatMap(([device, found]): readonly FileSystem[] => {
      const shortest = [...new Set(found.map(({ labels }) => labels['mountpoint'] ?? ''))].toSorted((a, b) => a.length - b.length)[0] ?? '';
      const value = (name: string): number => {
        const names = [`node_filesystem_${name}_bytes`, `node_filesystem_${name}`];
        const sample = found.find((each) => names.includes(each.name) && each.labels['mountpoint'] === shortest);
        return sample !== undefined && Number.isFinite(sample.value) ? sample.value : 0;
      };
      const writable = found.filter(({ name }) => name === 'node_filesystem_readonly');
      const readOnly =
        writable.length > 0 && writable.every((each) => each.value === 1) && !READ_ONLY_BY_DESIGN.test(shortest) && !device.startsWith('/dev/loop');
      const size = value('size');
      return size <= 0 ? [] : [{ device, mountpoint: shortest, size, free: value('avail'), files: value('files'), filesFree: value('files_free'), readOnly }];
    })
    .sort((a, b) => (a.mountpoint < b.mountpoint ? -1 : 1))
    .slice(0, MOST_FILE_SYSTEMS);
}
