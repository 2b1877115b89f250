import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';
import { topology } from './topology.ts';

/** The keepers of a stolon cluster: the PostgreSQL instances, as the cluster data, their pods and their own metrics show them. */
export default defineCheck({
  meta: {
    id: 'stolon-keeper',
    title: { zh: 'Stolon Keeper', en: 'Stolon keepers' },
    description: {
      zh: '按集群数据判断主库是否选出且健康，备库是否健康、跟得上、同一时间线、同一系统标识，同步复制是否会卡住写入，以及集群数据与 Pod 状态、keeper 自身指标是否矛盾。keeper 的 5432 只监听 Pod 自己的地址，不做直接连接，数据库本身由 stolon-proxy 检查。',
      en: 'By the cluster data: whether a master is elected and healthy, whether its standbys are healthy, near, on its timeline and of its system, whether writes hang for want of a synchronous standby, and whether the data contradicts the pods or the metrics of the keepers. PostgreSQL in a keeper listens on the pod address alone and is not spoken to here; see stolon-proxy.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'configmaps', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
  topology,
});
