import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '组件没有节点排空会影响的 Pod。', en: 'It has no pods that a drain would touch.' } as const;
const single = {
  zh: '{workload} 只有一个副本：其节点排空时服务中断，直到 Pod 在别处就绪。',
  en: '{workload} has a single replica: it is away from the drain of its node until the pod is ready elsewhere.',
} as const;

export const rules = {
  'budget-allows': {
    title: { zh: 'PodDisruptionBudget 允许驱逐', en: 'Every PodDisruptionBudget allows a pod to be evicted' },
    severity: 'critical',
    effect: 'none',
    messages: {
      never: {
        zh: 'PDB {budget}（{limit}）覆盖 {pods} 个 Pod，在全部健康时也不允许驱逐任何一个：其节点无法排空。',
        en: 'PodDisruptionBudget {budget} ({limit}) covers {pods} pods and allows none of them to be evicted even while all are healthy: their nodes cannot be drained.',
      },
      'used-up': {
        zh: 'PDB {budget}（{limit}）现在不允许驱逐：{pods} 个 Pod 中 {healthy} 个健康，至少需要 {needed} 个。',
        en: 'PodDisruptionBudget {budget} ({limit}) allows no eviction now: {healthy} of {pods} pods are healthy and {needed} have to be.',
      },
      'not-computed': {
        zh: 'PDB {budget} 还没有被控制器处理，API Server 会拒绝驱逐它覆盖的 Pod。',
        en: 'No controller has looked at PodDisruptionBudget {budget} yet, and the API server refuses to evict what it covers.',
      },
      none: { zh: '没有 PodDisruptionBudget 覆盖该组件。', en: 'No PodDisruptionBudget covers it.' },
      'no-pods': noPods,
    },
  },
  'one-budget': {
    title: { zh: '每个 Pod 至多被一个 PodDisruptionBudget 覆盖', en: 'No pod is covered by two PodDisruptionBudgets' },
    severity: 'critical',
    effect: 'none',
    messages: {
      several: {
        zh: 'Pod {pod} 被多个 PDB 覆盖（{budgets}）：API Server 无法驱逐它，节点排空会一直失败。',
        en: '{pod} is covered by several PodDisruptionBudgets ({budgets}): the API server evicts no such pod, and the drain of its node fails for good.',
      },
      'no-pods': noPods,
    },
  },
  controlled: {
    title: { zh: '每个 Pod 都有控制器', en: 'Every pod has a controller' },
    severity: 'critical',
    effect: 'none',
    messages: {
      bare: {
        zh: 'Pod {pod}（节点 {node}）没有控制器：kubectl drain 会拒绝执行，强制删除后不会重建。',
        en: '{pod} on {node} has no controller: kubectl drain refuses to go on, and once deleted nobody makes it again.',
      },
      'no-pods': noPods,
    },
  },
  'several-nodes': {
    title: { zh: '副本不都在同一个节点上', en: 'Its replicas are not all on one node' },
    severity: 'warning',
    effect: 'degraded',
    messages: {
      together: {
        zh: '{workload} 的 {pods} 个副本都在节点 {node} 上，排空该节点会同时中断所有副本。',
        en: 'All {pods} replicas of {workload} are on {node}, whose drain interrupts them all at once.',
      },
      'no-pods': noPods,
      single: { zh: '只有一个副本。', en: 'There is a single replica.' },
    },
  },
  'core-replicated': {
    title: { zh: '核心组件不止一个副本', en: 'A core component has more than one replica' },
    severity: 'warning',
    effect: 'degraded',
    messages: { single, 'not-core': { zh: '不是核心组件。', en: 'It is no core component.' }, 'no-pods': noPods },
  },
  replicated: {
    title: { zh: '不止一个副本', en: 'It has more than one replica' },
    severity: 'info',
    messages: { single, core: { zh: '核心组件，见 disruption/core-replicated。', en: 'A core component; see disruption/core-replicated.' }, 'no-pods': noPods },
  },
} as const satisfies Record<string, RuleMeta>;
