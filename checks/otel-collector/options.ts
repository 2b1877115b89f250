import type { OptionMeta } from '../../src/model/check.ts';

export interface CollectorOptions {
  healthPort: number;
  metricsPort: number;
  sampleSeconds: number;
  failedPerSecond: number;
  refusedPerSecond: number;
  queuePercent: number;
  lostPercent: number;
  leastItems: number;
  idleMinutes: number;
}

export const options: { readonly [K in keyof CollectorOptions]: OptionMeta<CollectorOptions[K]> } = {
  healthPort: {
    default: 13_133,
    description: {
      zh: 'health_check 扩展的端口；Pod 自己的探针指明了端口时以探针为准。',
      en: "Port of the health_check extension; a probe of the pod's own goes before it.",
    },
    source: 'OpenTelemetry Collector, health_check extension: default endpoint; components.md §8.2',
  },
  metricsPort: {
    default: 8888,
    description: { zh: '采集器自身指标的端口。', en: "Port of the collector's own metrics." },
    source: 'OpenTelemetry Collector documentation, Internal telemetry; components.md §8.2',
  },
  sampleSeconds: {
    default: 3,
    unit: 's',
    description: {
      zh: '第一次读数可疑时，隔多久再读一次以计算速率；0 表示只读一次。',
      en: 'How long after a scrape that gives reason for it a second one is taken, for rates; 0 for none.',
    },
    source: 'long enough for several batches (the batch processor sends at least every 200 ms), short enough for a run',
  },
  failedPerSecond: {
    default: 0.05,
    unit: 'items/s',
    description: { zh: '导出失败超过每秒多少条时告警。', en: 'From how many failed items per second on an exporter counts as failing.' },
    source: 'awesome-prometheus-alerts, OpenTelemetry Collector: more than 0.05 per second; components.md §8.2',
  },
  refusedPerSecond: {
    default: 0.05,
    unit: 'items/s',
    description: { zh: '接收端拒收超过每秒多少条时告警。', en: 'From how many refused items per second on a receiver counts as refusing.' },
    source: 'awesome-prometheus-alerts, OpenTelemetry Collector: more than 0.05 per second; components.md §8.2',
  },
  queuePercent: {
    default: 80,
    unit: 'percent',
    description: { zh: '发送队列占用超过百分之多少时告警。', en: 'From how full on a sending queue has too little room left.' },
    source: 'awesome-prometheus-alerts, OpenTelemetry Collector: queue over 80 %; components.md §8.2',
  },
  lostPercent: {
    default: 5,
    unit: 'percent',
    description: {
      zh: '进程启动以来导出失败的比例超过多少时提示。',
      en: 'From which share of items that an exporter has failed since the process began on it is told.',
    },
    source: 'no figure upstream; experience: a restart of the backend costs less',
  },
  leastItems: {
    default: 100,
    unit: 'items',
    description: { zh: '失败条数少于此值时，不按比例判断。', en: 'How many items must have failed before a share of them is judged.' },
    source: 'a few batches, so that one lost batch after a start is no verdict',
  },
  idleMinutes: {
    default: 30,
    unit: 'min',
    description: { zh: '启动多久后仍未收到任何数据时提示。', en: 'After how long without any data since its start that is told.' },
    source: 'agents report every few seconds; half an hour allows for a rollout of them',
  },
};
