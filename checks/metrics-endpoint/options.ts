import type { OptionMeta } from '../../src/model/check.ts';

export interface MetricsEndpointOptions {
  port: number;
  path: string;
  staleSeconds: number;
}

export const options: { readonly [K in keyof MetricsEndpointOptions]: OptionMeta<MetricsEndpointOptions[K]> } = {
  port: {
    default: 0,
    description: {
      zh: '指标端口；0 表示依次从 prometheus.io 注解、探针、容器端口、Service 推断。',
      en: 'Port of the metrics; 0 takes it from the prometheus.io annotations, the probe, the container or the Service, in this order.',
    },
    source: 'components.md §9.2',
  },
  path: {
    default: '',
    description: {
      zh: '指标路径；留空表示从注解或探针推断，默认 /metrics。',
      en: 'Path of the metrics; empty takes it from annotations or the probe, or else /metrics.',
    },
    source: 'Prometheus: metrics_path is /metrics unless configured',
  },
  staleSeconds: {
    default: 900,
    unit: 's',
    description: { zh: '样本自带的时间落后多久视为数据冻结。', en: 'How old the newest time among the samples may be before they count as frozen.' },
    source: 'three times the five minutes after which Prometheus itself calls a series stale',
  },
};
