import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** The lock of a component that elects a leader: whether somebody holds it and renews it. */
export default defineCheck({
  meta: {
    id: 'leader-election',
    title: { zh: '选主', en: 'Leader election' },
    description: {
      zh: '选主锁（Lease、Endpoints 或 ConfigMap 注解，取续约最新者）是否有主、是否按时续约、时钟是否超前、持有者是否为该组件的 Pod。主频繁切换无法从单次观察判断，请比较两次运行的 leaseTransitions。',
      en: 'Whether the lock (Lease, or the annotation of Endpoints or a ConfigMap, whichever is freshest) is held, renewed in time, not ahead of the clock, and by whom. That leaders change too often cannot be seen in one look: compare leaseTransitions of two runs.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'leases', verbs: ['list'], scope: 'component' },
      { resource: 'leases', verbs: ['list'], scope: { namespace: 'kube-system' } },
      { resource: 'endpoints', verbs: ['list'], scope: 'component' },
      { resource: 'endpoints', verbs: ['list'], scope: { namespace: 'kube-system' } },
      { resource: 'configmaps', verbs: ['list'], scope: 'component' },
      { resource: 'configmaps', verbs: ['list'], scope: { namespace: 'kube-system' } },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
