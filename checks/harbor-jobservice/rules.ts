import type { RuleMeta } from '../../src/model/check.ts';
import { answersMessages, eachAnswersMessages, unjudged } from '../shared/harbor-answers.ts';

export const rules = {
  answers: {
    title: { zh: '任务服务正常应答', en: 'The job service answers' },
    severity: 'warning',
    effect: 'down',
    messages: answersMessages,
  },
  'each-answers': {
    title: { zh: '每个任务服务副本都正常应答', en: 'Every replica of the job service answers' },
    severity: 'warning',
    messages: eachAnswersMessages,
  },
  'pools-alive': {
    title: { zh: '至少有一个存活的工作池', en: 'A worker pool is alive' },
    severity: 'warning',
    effect: 'down',
    messages: {
      dead: {
        zh: '{count} 个工作池全部失效，最近一次心跳在 {age} 前：复制、垃圾回收和扫描任务都不会执行。',
        en: 'None of {count} worker pools is alive, the last heartbeat was {age} ago: no replication, garbage collection or scan runs.',
      },
      undated: {
        zh: '{count} 个工作池全部失效（Harbor 标记为 {status}）：复制、垃圾回收和扫描任务都不会执行。',
        en: 'None of {count} worker pools is alive (Harbor calls them {status}): no replication, garbage collection or scan runs.',
      },
      none: {
        zh: '没有登记任何工作池：复制、垃圾回收和扫描任务都不会执行。',
        en: 'There is no worker pool at all: no replication, garbage collection or scan runs.',
      },
      ...unjudged,
    },
  },
  'each-has-pool': {
    title: { zh: '每个应答的副本都有存活的工作池', en: 'Every replica that answers has a live worker pool' },
    severity: 'warning',
    messages: {
      fewer: {
        zh: '{replicas} 个副本在应答，存活的工作池只有 {alive} 个：有副本不执行任务，或各副本连的不是同一个 Redis。',
        en: '{replicas} replicas answer and {alive} worker pools are alive, which is fewer: some do no work, or they do not share one Redis.',
      },
      'see-pools-alive': { zh: '没有存活的工作池，见 pools-alive。', en: 'No worker pool is alive; see pools-alive.' },
      ...unjudged,
    },
  },
  'no-stale-pools': {
    title: { zh: '没有残留的失效工作池', en: 'No dead worker pool is left over' },
    severity: 'info',
    messages: {
      stale: {
        zh: '除 {alive} 个存活的工作池外还登记着 {dead} 个失效的：多为被强杀的副本留下，几分钟后会被回收，其上未做完的任务随后重新排队。',
        en: 'Dead worker pools are registered ({dead}, beside {alive} that live): left by replicas that were killed. They are cleared after some minutes, and their jobs are queued again then.',
      },
      'see-pools-alive': { zh: '没有存活的工作池，见 pools-alive。', en: 'No worker pool is alive; see pools-alive.' },
      ...unjudged,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type JobserviceRule = keyof typeof rules;
