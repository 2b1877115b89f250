import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** Log agents (fluentd, Fluent Bit, Filebeat): whether what they collect is delivered, by what they tell of themselves. */
export default defineCheck({
  meta: {
    id: 'fluentd',
    title: { zh: '日志采集器（fluentd、Fluent Bit、Filebeat）', en: 'Log agent (fluentd, Fluent Bit, Filebeat)' },
    description: {
      zh: '按各自的监控接口读取每个采集器：fluentd 的 monitor_agent、Fluent Bit 的 HTTP 服务、Filebeat 的 /stats。看输出是否在重试或失败、是否丢日志、缓冲区是否将满。没有开放监控端口的，如实说明看不到。',
      en: 'Reads each agent by the interface that it has: monitor_agent of fluentd, the HTTP server of Fluent Bit, /stats of Filebeat. Whether outputs retry or fail, logs are dropped, buffers fill up. Of an agent that exposes no monitoring port it says that it cannot be looked at.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
