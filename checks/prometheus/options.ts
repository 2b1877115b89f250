import type { OptionMeta } from '../../src/model/check.ts';

export interface PrometheusOptions {
  startupSeconds: number;
  stalledSeconds: number;
  mostSeries: number;
  errorPercent: number;
}

export const options: { readonly [K in keyof PrometheusOptions]: OptionMeta<PrometheusOptions[K]> } = {
  startupSeconds: {
    default: 600,
    unit: 's',
    description: {
      zh: '启动后多久之内未就绪算作正在回放预写日志（WAL），而不是故障。',
      en: 'For how long after its start a server that is not ready counts as reading its write-ahead log.',
    },
    source: 'components.md §13.21: 10 min',
  },
  stalledSeconds: {
    default: 300,
    unit: 's',
    description: {
      zh: '最新样本比服务器自身时钟落后多久，视为停止采集入库。抓取间隔更长的要相应调大。',
      en: "How old the newest sample may be by the server's own clock. Has to be larger than the longest scrape interval.",
    },
    source: 'Prometheus: a query looks back 5 min (query.lookback-delta); older samples are no answer to it any more',
  },
  mostSeries: {
    default: 3_000_000,
    description: { zh: '内存中活跃序列数的上限。', en: 'From how many series in memory on it warns.' },
    source: 'components.md §8.1: a few million',
  },
  errorPercent: {
    default: 1,
    unit: 'percent',
    description: {
      zh: '发往一个 Alertmanager 的通知中，失败超过百分之多少时告警。',
      en: 'From how many percent of failed notifications to one Alertmanager on it warns.',
    },
    source: 'Prometheus mixin, PrometheusErrorSendingAlertsToSomeAlertmanagers: 1 %',
  },
};
