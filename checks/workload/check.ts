import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** Whether the component's pods run: what its Deployment, StatefulSet, DaemonSet, CronJob or static pods want against what is there. */
export default defineCheck({
  meta: {
    id: 'workload',
    title: { zh: '工作负载', en: 'Workload' },
    description: {
      zh: '组件的 Deployment、StatefulSet、DaemonSet、CronJob 或静态 Pod：期望与实际、容器状态、调度、滚动更新。',
      en: "The component's Deployment, StatefulSet, DaemonSet, CronJob or static pods: what is wanted against what is there, container states, scheduling, rollouts.",
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'deployments', verbs: ['list'], scope: 'component' },
      { resource: 'statefulsets', verbs: ['list'], scope: 'component' },
      { resource: 'daemonsets', verbs: ['list'], scope: 'component' },
      { resource: 'cronjobs', verbs: ['list'], scope: 'component' },
      { resource: 'jobs', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'events', verbs: ['list'], scope: 'component' },
      { resource: 'persistentvolumeclaims', verbs: ['list'], scope: 'component' },
    ],
    options,
    rules,
    shallow: true,
  },
  probe,
  evaluate,
});
