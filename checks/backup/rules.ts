import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface BackupOptions {
  names: readonly string[];
  maxAgeHours: number;
}

export const options: { readonly [K in keyof BackupOptions]: OptionMeta<BackupOptions[K]> } = {
  names: {
    default: [],
    description: { zh: '备份任务名称中会出现的词，由组件清单给出。', en: 'Words of which the name of a backup job has one; the inventory gives them.' },
    source: 'the inventory',
  },
  maxAgeHours: {
    default: 26,
    unit: 'h',
    description: { zh: '最近一次成功备份最多可以多旧。', en: 'How old the last successful backup may be.' },
    accepts: { least: 1 },
    source: 'a daily backup, and two hours for its run',
  },
};

const unseen = {
  zh: '集群内看不到它的备份任务：变更前请人工确认有新的备份。',
  en: 'No job of the cluster is seen to back it up: make sure of a recent backup by hand before the change.',
} as const;

export const rules = {
  seen: {
    title: { zh: '能看到备份任务', en: 'A backup job can be seen' },
    severity: 'info',
    messages: { unseen },
  },
  recent: {
    title: { zh: '备份是新的', en: 'The backup is recent' },
    severity: 'critical',
    effect: 'none',
    messages: {
      old: {
        zh: '备份任务 {names} 最近一次成功在 {age} 前，超过 {hours} 小时：变更失败时没有可回退的数据。',
        en: 'The last success of the backup jobs {names} was {age} ago, more than {hours} hours: there is nothing recent to go back to.',
      },
      never: {
        zh: '备份任务 {names} 没有成功过的记录：变更失败时没有可回退的数据。',
        en: 'None of the backup jobs {names} is known to have succeeded: there is nothing to go back to.',
      },
      unseen,
    },
  },
} as const satisfies Record<string, RuleMeta>;
