import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** A component whose work is the metrics that it exposes: whether there are any, of what, how fresh, and whether a Prometheus collects them. */
export default defineCheck({
  meta: {
    id: 'metrics-endpoint',
    title: { zh: '指标接口', en: 'Metrics endpoint' },
    description: {
      zh: '以提供指标为职责的组件：指标接口是否应答、是否真有采集到的数据（而不只是运行时指标）、数据是否冻结，以及有没有 Prometheus 在抓取它。没人看得到的指标比坏指标更危险。',
      en: 'A component whose work is metrics: whether its endpoint answers, holds what it collects and not its runtime alone, is fresh, and is scraped by a Prometheus. Metrics that nobody sees are worse than bad ones.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'services', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
    timeoutMs: 20_000,
  },
  probe,
  evaluate,
});
