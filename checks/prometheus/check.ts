import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';
import { topology } from './topology.ts';

/** A Prometheus: whether it serves, scrapes, stores, computes its rules and gets its alerts out. What its targets tell of others points at them. */
export default defineCheck({
  meta: {
    id: 'prometheus',
    title: { zh: 'Prometheus 监控', en: 'Prometheus' },
    description: {
      zh: '逐个副本查看 Prometheus：是否就绪、配置是否加载成功、各抓取任务的目标是否在线、样本是否持续入库、规则是否按时计算、告警能否送达、存储是否正常；并转述正在触发的告警，以及在线但看不到被监控对象的采集器。目标失联指向目标本身，整个任务的不同目标全部失联才是 Prometheus 自己的问题。',
      en: 'Each replica by itself: readiness, configuration, targets by pool, ingestion, rules, notifications and storage, with the alerts that fire and the exporters that are up and blind handed on. A target that is down points at that target; only different things that are down together point at this Prometheus.',
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
    timeoutMs: 25_000,
  },
  probe,
  evaluate,
  topology,
});
