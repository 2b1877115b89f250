import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The job service of Harbor: whether it answers, and whether its worker pools are alive. */
export default defineCheck({
  meta: {
    id: 'harbor-jobservice',
    title: { zh: 'Harbor 任务服务', en: 'Harbor job service' },
    description: {
      zh: '向每个副本询问 /api/v1/stats：工作池是否存活、心跳距今多久、在跑的副本是否都有工作池。不查看单个任务，积压和失败的任务在 Harbor 界面上看。',
      en: 'Asks each replica for /api/v1/stats: whether worker pools are alive, how old their heartbeats are, and whether every replica has one. Single jobs are not looked at: what is queued or failed stands in the pages of Harbor.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
