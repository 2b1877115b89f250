import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface FailoverOptions {
  /** `one`: it serves as long as one instance is left. `majority`: more than half of its members have to be there. */
  needs: 'one' | 'majority';
}

export const options: { readonly [K in keyof FailoverOptions]: OptionMeta<FailoverOptions[K]> } = {
  needs: {
    default: 'one',
    description: {
      zh: '一个节点离开后需要剩下什么：one 至少一个实例，majority 成员的多数；由组件清单给出。',
      en: 'What has to be left when a node goes: one instance, or a majority of the members. The inventory gives it.',
    },
    accepts: { oneOf: ['one', 'majority'] },
    source: 'etcd documentation, FAQ (failure tolerance); Redis documentation, Sentinel; components.md §5.9, §6.1, §6.3',
  },
};

export const rules = {
  'survives-any-node': {
    title: { zh: '任何一个节点离开后仍能服务', en: 'It serves on while any one node is away' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      single: {
        zh: '只有一个实例 {pod}（节点 {node}）：该节点离开期间服务中断。',
        en: 'There is a single instance, {pod} on {node}: while that node is away nothing of it is left.',
      },
      'one-left': {
        zh: '{total} 个实例中只有 {pod}（节点 {node}）就绪：该节点离开期间服务中断。',
        en: 'Of {total} instances only {pod} on {node} is ready: while that node is away nothing of it is left.',
      },
      'one-node': {
        zh: '{ready} 个就绪的实例都在节点 {node} 上：该节点离开期间服务中断。',
        en: 'All {ready} ready instances are on {node}: while that node is away nothing of it is left.',
      },
      'no-margin': {
        zh: '{total} 个成员中 {ready} 个就绪，法定人数为 {needed}：节点 {nodes} 中任何一个离开都会失去多数。',
        en: '{ready} of {total} members are ready and {needed} are needed: without any one of {nodes} the majority is lost.',
      },
      'no-majority': {
        zh: '{total} 个成员中只有 {ready} 个就绪，法定人数为 {needed}，已经没有多数。',
        en: 'Only {ready} of {total} members are ready and {needed} are needed: there is no majority as it is.',
      },
      'none-ready': { zh: '没有就绪的实例，见 workload/available。', en: 'No instance is ready; see workload/available.' },
      'no-pods': { zh: '组件没有 Pod，见 workload。', en: 'It has no pods; see workload.' },
    },
  },
} as const satisfies Record<string, RuleMeta>;
