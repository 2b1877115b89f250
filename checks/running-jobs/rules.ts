import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface RunningJobsOptions {
  namespaces: readonly string[];
}

export const options: { readonly [K in keyof RunningJobsOptions]: OptionMeta<RunningJobsOptions[K]> } = {
  namespaces: {
    default: ['kube-system', 'skiff-*'],
    description: { zh: '平台的命名空间，末尾可用 * 通配。', en: 'The namespaces of the platform, with * at the end for anything.' },
    source: 'components.md §1: namespaces of the modules begin with skiff-',
  },
};

export const rules = {
  'none-once': {
    title: { zh: '没有一次性任务正在运行', en: 'No one-off job is running' },
    severity: 'critical',
    effect: 'none',
    messages: {
      running: {
        zh: '一次性任务 {job} 已运行 {age}（可能是迁移、垃圾回收或恢复）：中断它可能留下不完整的数据。',
        en: 'The one-off job {job} has been running for {age}, perhaps a migration, a garbage collection or a restore: cut short it may leave data half done.',
      },
    },
  },
  'none-scheduled': {
    title: { zh: '没有定时任务正在运行', en: 'No scheduled job is running' },
    severity: 'warning',
    effect: 'none',
    messages: {
      running: {
        zh: '定时任务 {cron} 的一次运行 {job} 已进行 {age}，会随节点排空中断。',
        en: 'A run of the cron job {cron}, {job}, has been going on for {age} and ends with the drain of its node.',
      },
    },
  },
} as const satisfies Record<string, RuleMeta>;
