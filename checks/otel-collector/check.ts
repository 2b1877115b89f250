import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** An OpenTelemetry Collector: whether it is up, takes its configuration, takes in data, and gets rid of it. */
export default defineCheck({
  meta: {
    id: 'otel-collector',
    title: { zh: 'OpenTelemetry 采集器', en: 'OpenTelemetry Collector' },
    description: {
      zh: '逐个 Pod 读取 health_check 扩展与采集器自身的指标：是否可用，接收端是否拒收，处理器是否丢弃，导出端是否失败，发送队列是否将满；反复退出时在日志里找配置错误。两者都是可选的，没有就如实跳过。',
      en: 'Reads the health_check extension and the own metrics of each pod: whether it is available, whether receivers refuse, processors drop, exporters fail and queues fill up; of one that keeps ending, whether its log blames the configuration. Both ports are optional: without them it says so.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'log', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
