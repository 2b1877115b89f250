import type { OptionMeta } from '../../src/model/check.ts';

export interface LogAgentOptions {
  fluentdPort: number;
  fluentBitPort: number;
  filebeatPort: number;
  sampleSeconds: number;
  retrySeconds: number;
  retryAttempts: number;
  leastErrors: number;
  freePercent: number;
}

export const options: { readonly [K in keyof LogAgentOptions]: OptionMeta<LogAgentOptions[K]> } = {
  fluentdPort: {
    default: 24_220,
    description: { zh: 'fluentd 的 monitor_agent 端口。', en: "Port of fluentd's monitor_agent." },
    source: 'Fluentd documentation, monitor_agent: default port; components.md §6.8',
  },
  fluentBitPort: {
    default: 2020,
    description: { zh: 'Fluent Bit 的 HTTP 服务端口。', en: "Port of Fluent Bit's HTTP server." },
    source: 'Fluent Bit documentation, Monitoring: HTTP_Port 2020',
  },
  filebeatPort: {
    default: 5066,
    description: { zh: 'Filebeat 的 HTTP 端点端口。', en: "Port of Filebeat's HTTP endpoint." },
    source: 'Filebeat reference, HTTP endpoint: default port; components.md §6.8',
  },
  sampleSeconds: {
    default: 3,
    unit: 's',
    description: {
      zh: '第一次读数可疑时，隔多久再读一次；0 表示只读一次。',
      en: 'How long after figures that give reason for it a second look is taken; 0 for none.',
    },
    source: 'experience: it shows what moves at all without holding up a run; what is tried again less often shows in the retries and the totals',
  },
  retrySeconds: {
    default: 60,
    unit: 's',
    description: { zh: '连续重试超过多久时告警。', en: 'After how long in retries it warns.' },
    source: 'Fluentd documentation, Buffer section: retry_wait 1 s, doubled each time; a minute is six failures in a row',
  },
  retryAttempts: {
    default: 6,
    description: { zh: '没有重试起始时间时，连续失败多少次告警。', en: 'After how many failures in a row it warns, where it is not told since when.' },
    source: 'Fluentd documentation, Buffer section: retry_wait 1 s, doubled each time; six failures take a minute',
  },
  leastErrors: {
    default: 10,
    description: { zh: '从未送达时，失败多少次才告警。', en: 'How many failures it takes where nothing was ever delivered.' },
    source: 'experience: fewer may be the first seconds of a start',
  },
  freePercent: {
    default: 20,
    unit: 'percent',
    description: { zh: '缓冲区剩余低于多少时告警。', en: 'Below how much room left in a buffer it warns.' },
    source: 'as for queues of collectors: 80 % full; components.md §8.2, §11',
  },
};
