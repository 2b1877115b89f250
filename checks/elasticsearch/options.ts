import type { OptionMeta } from '../../src/model/check.ts';

export interface ElasticsearchOptions {
  port: number;
  lowPercent: number;
  floodPercent: number;
  heapPercent: number;
  heapLimitPercent: number;
}

export const options: { readonly [K in keyof ElasticsearchOptions]: OptionMeta<ElasticsearchOptions[K]> } = {
  port: {
    default: 9200,
    description: { zh: 'HTTP 接口的端口。', en: 'Port of its HTTP interface.' },
    source: 'Elasticsearch reference, Networking: http.port; components.md §6.8',
  },
  lowPercent: {
    default: 85,
    unit: 'percent',
    description: {
      zh: '磁盘使用率超过多少不再分配分片；集群自己的低水位设置优先。',
      en: "From which disk usage on no more shards are allocated; the cluster's own low watermark goes before it.",
    },
    source: 'Elasticsearch reference, Disk-based shard allocation: watermark.low 85 %; components.md §6.8',
  },
  floodPercent: {
    default: 95,
    unit: 'percent',
    description: {
      zh: '磁盘使用率超过多少索引被置为只读；集群自己的洪水位设置优先。',
      en: "From which disk usage on indices become read-only; the cluster's own flood stage goes before it.",
    },
    source: 'Elasticsearch reference, Disk-based shard allocation: watermark.flood_stage 95 %; components.md §6.8',
  },
  heapPercent: {
    default: 85,
    unit: 'percent',
    description: { zh: '老年代占用超过多少时告警。', en: 'From how full an old generation on it warns.' },
    source: 'Elasticsearch reference, High JVM memory pressure: act above 85 % of the old generation; a whole heap swings, so that one look at it says less',
  },
  heapLimitPercent: {
    default: 95,
    unit: 'percent',
    description: { zh: '老年代占用超过多少时请求会被熔断拒绝。', en: 'From how full an old generation on requests are rejected.' },
    source: 'Elasticsearch reference, Circuit breaker settings: indices.breaker.total.limit 95 % of the heap; components.md §11 is critical from 90 % on',
  },
};
