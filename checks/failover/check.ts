import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** Whether a component would go on while one node, whichever it is, is away. */
export default defineCheck({
  meta: {
    id: 'failover',
    title: { zh: '节点离开时的余量', en: 'Margin while a node is away' },
    description: {
      zh: '逐个节点设想其离开：etcd 和哨兵是否仍有多数，VIP、CoreDNS、Ingress、调度器等是否仍有另一个节点上的实例。',
      en: 'Takes one node after the other away in thought: do etcd and the sentinels keep a majority, and VIPs, CoreDNS, ingress and schedulers an instance elsewhere.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'deployments', verbs: ['list'], scope: 'component' },
      { resource: 'statefulsets', verbs: ['list'], scope: 'component' },
    ],
    options,
    rules,
    shallow: true,
    purpose: 'change',
  },
  probe,
  evaluate,
});
