import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '没有运行中的 Elasticsearch Pod，见 workload。', en: 'No pod of Elasticsearch runs; see workload.' } as const;
const nobody = { zh: '没有节点应答，见 elasticsearch/answers。', en: 'No node answers; see elasticsearch/answers.' } as const;
const noMaster = { zh: '集群没有主节点，见 elasticsearch/has-master。', en: 'The cluster has no master; see elasticsearch/has-master.' } as const;
/** Why a rule about the cluster cannot be judged. */
const unasked = { 'no-pods': noPods, nobody, 'no-master': noMaster } as const;
const notTold = { zh: '节点没有报告这项数据。', en: 'No node tells of it.' } as const;

export const rules = {
  answers: {
    title: { zh: 'Elasticsearch 在应答', en: 'Elasticsearch answers' },
    severity: 'critical',
    messages: {
      nobody: { zh: '没有一个节点应答：{pods}。', en: 'None of its nodes answers: {pods}.' },
      'no-pods': noPods,
    },
  },
  'nodes-answer': {
    title: { zh: '每个节点都在应答', en: 'Every node answers' },
    severity: 'warning',
    messages: {
      down: { zh: '{pod} 没有应答（{how}），{answering}/{all} 个节点在应答。', en: '{pod} does not answer ({how}); {answering} of {all} nodes do.' },
      nobody,
      'no-pods': noPods,
    },
  },
  'has-master': {
    title: { zh: '集群有主节点', en: 'The cluster has a master' },
    severity: 'critical',
    messages: {
      none: {
        zh: '没有选出主节点：{pods} 都报告 master_not_discovered。读写索引和管理操作都不可用。',
        en: 'No master is elected: {pods} report master_not_discovered. Indices can neither be written nor managed.',
      },
      'no-pods': noPods,
      nobody,
    },
  },
  'one-cluster': {
    title: { zh: '所有节点属于同一个集群', en: 'All nodes are in one cluster' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      'cut-off': {
        zh: '{pods} 找不到主节点，而其他节点有主：这些节点脱离了集群。',
        en: '{pods} find no master while the others have one: they are cut off from the cluster.',
      },
      split: {
        zh: '节点分属 {clusters} 个不同的集群（cluster_uuid 不同）：{detail}。数据各写各的。',
        en: 'The nodes are in {clusters} different clusters (by their cluster_uuid): {detail}. Each has data of its own.',
      },
      ...unasked,
    },
  },
  'not-red': {
    title: { zh: '所有主分片都已分配', en: 'All primary shards are assigned' },
    severity: 'critical',
    messages: {
      red: {
        zh: '集群状态为 red：有主分片未分配（共 {unassigned} 个分片未分配，{dataNodes} 个数据节点在线），相应的索引无法读写。',
        en: 'The cluster is red: primary shards are not assigned ({unassigned} shards unassigned, {dataNodes} data nodes), and their indices can neither be read nor written.',
      },
      ...unasked,
    },
  },
  'replicas-assigned': {
    title: { zh: '所有副本分片都已分配', en: 'All replica shards are assigned' },
    severity: 'warning',
    messages: {
      yellow: {
        zh: '集群状态为 yellow：{unassigned} 个副本分片未分配（正在初始化 {initializing} 个，等待节点回来 {delayed} 个），{dataNodes} 个数据节点在线；再坏一个节点可能丢数据。',
        en: 'The cluster is yellow: {unassigned} replica shards are unassigned ({initializing} initializing, {delayed} waiting for a node to return) with {dataNodes} data nodes; one more node lost may lose data.',
      },
      single: {
        zh: '只有一个数据节点，副本没有地方可放，yellow 属正常。',
        en: 'There is a single data node and no place for replicas: yellow is normal.',
      },
      'see-not-red': { zh: '集群状态为 red，见 elasticsearch/not-red。', en: 'The cluster is red; see elasticsearch/not-red.' },
      ...unasked,
    },
  },
  'nodes-joined': {
    title: { zh: '应答的节点都加入了集群', en: 'Every node that answers has joined the cluster' },
    severity: 'warning',
    messages: {
      missing: {
        zh: '{pods} 个节点在应答，但集群只有 {joined} 个成员。',
        en: '{pods} nodes answer, and the cluster has {joined} members.',
      },
      'see-one-cluster': { zh: '节点不在同一个集群，见 elasticsearch/one-cluster。', en: 'The nodes are not in one cluster; see elasticsearch/one-cluster.' },
      ...unasked,
    },
  },
  'disk-below-low': {
    title: { zh: '磁盘使用低于低水位', en: 'Disks are below the low watermark' },
    severity: 'warning',
    messages: {
      above: {
        zh: '磁盘超过低水位：{disks}。不再往这些节点分配分片，再涨就会迁移分片，直至索引只读。',
        en: 'Disks above the low watermark: {disks}. No more shards go there; next shards are moved away, and then indices become read-only.',
      },
      'see-disk-below-flood': {
        zh: '已超过洪水位，见 elasticsearch/disk-below-flood。',
        en: 'The flood stage is reached; see elasticsearch/disk-below-flood.',
      },
      'switched-off': { zh: '集群关闭了磁盘水位控制。', en: 'The cluster has its disk watermarks switched off.' },
      'not-told': notTold,
      ...unasked,
    },
  },
  'disk-below-flood': {
    title: { zh: '磁盘使用低于洪水位', en: 'Disks are below the flood stage' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      above: {
        zh: '磁盘超过洪水位：{disks}。这些节点上的索引会被置为只读，日志写不进去。',
        en: 'Disks above the flood stage: {disks}. Indices with a shard there become read-only, and logs are no longer written.',
      },
      'switched-off': { zh: '集群关闭了磁盘水位控制。', en: 'The cluster has its disk watermarks switched off.' },
      'not-told': notTold,
      ...unasked,
    },
  },
  'indices-writable': {
    title: { zh: '没有索引因磁盘被置为只读', en: 'No index was made read-only by a full disk' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      blocked: {
        zh: '{count} 个索引带有 read_only_allow_delete 锁（{names}）：写入一律被拒，日志在静默丢失。',
        en: '{count} indices have the block read_only_allow_delete ({names}): every write is rejected, and logs are lost without a word.',
      },
      'whole-cluster': { zh: '整个集群被加锁：{blocks}。', en: 'The whole cluster is blocked: {blocks}.' },
      ...unasked,
    },
  },
  'heap-has-room': {
    title: { zh: 'JVM 堆有余量', en: 'The JVM heap has room' },
    severity: 'warning',
    messages: {
      high: {
        zh: '堆的老年代偏满：{heaps}。垃圾回收会越来越频繁，响应变慢。',
        en: 'The old generation is rather full: {heaps}. Garbage collection becomes frequent and answers slow.',
      },
      'see-heap-below-limit': { zh: '已超过熔断线，见 elasticsearch/heap-below-limit。', en: 'The limit is reached; see elasticsearch/heap-below-limit.' },
      'not-told': notTold,
      ...unasked,
    },
  },
  'heap-below-limit': {
    title: { zh: 'JVM 堆低于熔断线', en: 'The JVM heap is below the limit at which requests are rejected' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      above: {
        zh: '堆的老年代几乎耗尽：{heaps}。请求会被熔断拒绝（429），节点随时可能内存溢出。',
        en: 'The old generation is nearly used up: {heaps}. Requests are rejected (429), and the node may run out of memory.',
      },
      'not-told': notTold,
      ...unasked,
    },
  },
} as const satisfies Record<string, RuleMeta>;
