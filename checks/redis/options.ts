import type { OptionMeta } from '../../src/model/check.ts';

export interface RedisOptions {
  port: number;
  failoverSeconds: number;
  linkDownSeconds: number;
  syncSeconds: number;
  resyncsPerHour: number;
  lagBytes: number;
  lagSeconds: number;
  memoryPercent: number;
  fullPercent: number;
  clientsPercent: number;
  saveHours: number;
}

export const options: { readonly [K in keyof RedisOptions]: OptionMeta<RedisOptions[K]> } = {
  port: {
    default: 6379,
    description: {
      zh: 'Redis 端口；Pod 声明了名为 redis 的端口、或只声明了一个端口时以声明为准。',
      en: "The port of Redis; a container's only declared port, or one that is called redis, comes first.",
    },
    source: 'Redis documentation; components.md §6.2',
  },
  failoverSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: '主从切换（或实例刚启动、角色尚未确定）在多长时间内不算故障。',
      en: 'How long a failover may last, or an instance that has just started may take to find its role, before it is a fault.',
    },
    source: "awesome-prometheus-alerts, RedisMissingMaster and RedisDown: 1 min; a Sentinel's down-after is 30 s by default (components.md §6.3)",
  },
  linkDownSeconds: {
    default: 15,
    unit: 's',
    description: {
      zh: '从节点与主节点断开多久算故障；正在全量同步的不算。',
      en: 'How long a replica that is not being copied to may be without its master before it is a fault.',
    },
    source: 'awesome-prometheus-alerts, RedisReplicationBroken: at once; a handshake waits for repl-diskless-sync-delay (5 s) and a ping every 10 s',
  },
  syncSeconds: {
    default: 300,
    unit: 's',
    description: { zh: '一次全量同步最多可以持续多久。', en: 'How long one full copy may take.' },
    source: 'components.md §12 R11; 5 min is experience with sets of some GiB',
  },
  resyncsPerHour: {
    default: 6,
    description: {
      zh: '正在全量同步时，主节点启动以来平均每小时达到多少次全量同步算反复同步（至少 10 次）。',
      en: 'Full copies per hour since its start from which on a master that hands one out is said to do so over and over (10 at least).',
    },
    source: 'components.md §12 R11: a loop of full resynchronisations; the figure is experience',
  },
  lagBytes: {
    default: 10 * 1024 * 1024,
    unit: 'bytes',
    description: { zh: '从节点复制位点最多落后多少字节。', en: "How many bytes a replica's position may be behind." },
    source: 'components.md §6.2: healthy sets stay within 1 to 10 MB',
  },
  lagSeconds: {
    default: 30,
    unit: 's',
    description: { zh: '主节点最多多久没有收到从节点的确认。', en: 'How long a master may not have heard of a replica whose link is up.' },
    source: 'components.md §6.2: more than 30 s; a healthy replica acknowledges every second',
  },
  memoryPercent: {
    default: 90,
    unit: 'percent',
    description: { zh: '内存用到 maxmemory 的百分之多少时告警。', en: 'From how many percent of maxmemory on it warns.' },
    source: 'awesome-prometheus-alerts, RedisOutOfConfiguredMaxmemory: 90 %; components.md §6.2',
  },
  fullPercent: {
    default: 99,
    unit: 'percent',
    description: {
      zh: '内存用到 maxmemory 的百分之多少视为已满：此时若有因内存不足被拒绝的命令，或淘汰策略会删除键，就认为正在发生。',
      en: 'From how many percent of maxmemory on it counts as full: commands that were refused for it, and keys that were evicted, are then taken to be of today.',
    },
    source: 'Redis documentation, maxmemory: memory in use swings closely around the limit once it is reached; the figure is experience',
  },
  clientsPercent: {
    default: 90,
    unit: 'percent',
    description: { zh: '连接数达到 maxclients 的百分之多少时告警。', en: 'From how many percent of maxclients on it warns.' },
    source: 'awesome-prometheus-alerts, RedisTooManyConnections: 90 %; components.md §6.2',
  },
  saveHours: {
    default: 48,
    unit: 'h',
    description: {
      zh: '要求落盘时，有改动而最多多久没有成功保存 RDB。',
      en: 'Where data is to be saved: how old the last RDB may be while there are changes.',
    },
    source: 'components.md §6.2: 48 h, if persistence is wanted',
  },
};
