import type { OptionMeta } from '../../src/model/check.ts';

export interface NodeExporterOptions {
  spaceSparePercent: number;
  spaceLeftPercent: number;
  inodesLeftPercent: number;
  memoryUsedPercent: number;
  connectionsUsedPercent: number;
  openFilesPercent: number;
  clockSeconds: number;
}

export const options: { readonly [K in keyof NodeExporterOptions]: OptionMeta<NodeExporterOptions[K]> } = {
  spaceSparePercent: {
    default: 15,
    unit: 'percent',
    description: {
      zh: '文件系统可用空间低于百分之多少时告警，应先于 DiskPressure。',
      en: 'Below how many percent of free space it warns, ahead of DiskPressure.',
    },
    source: 'kubelet: evicts below imagefs.available 15 % and nodefs.available 10 %',
  },
  spaceLeftPercent: {
    default: 3,
    unit: 'percent',
    description: { zh: '文件系统可用空间低于百分之多少视为即将写满。', en: 'Below how many percent of free space a file system counts as full.' },
    source: 'node-exporter mixin, NodeFilesystemAlmostOutOfSpace: 3 % critical',
  },
  inodesLeftPercent: {
    default: 10,
    unit: 'percent',
    description: { zh: '可用 inode 低于百分之多少时告警。', en: 'Below how many percent of free inodes it warns.' },
    source: 'kubelet: evicts below nodefs.inodesFree 5 %; twice that',
  },
  memoryUsedPercent: {
    default: 90,
    unit: 'percent',
    description: { zh: '内存使用超过百分之多少时告警。', en: 'Above how many percent of used memory it warns.' },
    source: 'node-exporter mixin, NodeMemoryHighUtilization: 90 %',
  },
  connectionsUsedPercent: {
    default: 75,
    unit: 'percent',
    description: { zh: '连接跟踪表（conntrack）使用超过百分之多少时告警。', en: 'Above how many percent of tracked connections it warns.' },
    source: 'node-exporter mixin, NodeHighNumberConntrackEntriesUsed: 75 %',
  },
  openFilesPercent: {
    default: 70,
    unit: 'percent',
    description: { zh: '系统文件句柄使用超过百分之多少时告警。', en: "Above how many percent of the node's file handles it warns." },
    source: 'node-exporter mixin, NodeFileDescriptorLimit: 70 %',
  },
  clockSeconds: {
    default: 1,
    unit: 's',
    description: { zh: '节点时钟与其余节点最多可以相差多少。', en: 'How far the clock of a node may be from those of the others.' },
    source: 'etcd warns of peers whose clocks differ by more than 1 s',
  },
};
