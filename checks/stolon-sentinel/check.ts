import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';
import { topology } from './topology.ts';

/** The sentinels of a stolon cluster, and the cluster data that they alone write. */
export default defineCheck({
  meta: {
    id: 'stolon-sentinel',
    title: { zh: 'Stolon Sentinel', en: 'Stolon sentinels' },
    description: {
      zh: '集群数据是否存在、可读、已完成初始化，是否由在任的 sentinel 持续写入，proxy 被告知的主库是否就是选出的主库，以及锁、sentinel 自身指标与数据对“谁是主”的说法是否一致。锁本身由 leader-election 判断。',
      en: 'Whether the cluster data exists, can be read, is initialised and is kept up to date, whether the proxies are told the elected master, and whether lock, sentinels and data agree on who leads. The lock by itself is judged by leader-election.',
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
