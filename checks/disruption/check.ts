import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** What a drain of the nodes would do to a component, and what of it stands in the way of a drain. */
export default defineCheck({
  meta: {
    id: 'disruption',
    title: { zh: '节点排空', en: 'Drain' },
    description: {
      zh: 'PodDisruptionBudget 是否允许驱逐、Pod 是否有控制器、副本是否只有一个或都在同一节点。',
      en: 'Whether PodDisruptionBudgets let its pods be evicted, whether they have a controller, and whether a single replica or node holds all of it.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'deployments', verbs: ['list'], scope: 'component' },
      { resource: 'statefulsets', verbs: ['list'], scope: 'component' },
      { resource: 'poddisruptionbudgets', verbs: ['list'], scope: 'component' },
    ],
    options: {},
    rules,
    shallow: true,
    purpose: 'change',
    beside: ['workload'],
  },
  probe,
  evaluate,
});
