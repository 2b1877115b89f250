import type { RuleMeta } from '../../src/model/check.ts';

export const rules = {
  settled: {
    title: { zh: '没有进行中的滚动更新', en: 'No rollout is under way' },
    severity: 'critical',
    effect: 'none',
    messages: {
      'under-way': {
        zh: '{workload} 正在滚动更新（{updated}/{wanted} 已更新）：等它完成再变更。',
        en: '{workload} is being rolled out ({updated} of {wanted} updated): let it finish before the change.',
      },
      paused: {
        zh: '{workload} 的滚动更新被暂停（{updated}/{wanted} 已更新）：新旧版本并存。',
        en: 'The rollout of {workload} is paused ({updated} of {wanted} updated): two versions run beside each other.',
      },
      'no-rollouts': { zh: '该组件没有会滚动更新的工作负载。', en: 'It has no workload that is rolled out.' },
    },
  },
} as const satisfies Record<string, RuleMeta>;
