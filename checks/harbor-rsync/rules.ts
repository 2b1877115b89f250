import type { RuleMeta } from '../../src/model/check.ts';

const noPods = {
  zh: '没有运行中的 Pod，也没有留下已结束的任务，见 workload。',
  en: 'None of its pods runs, and no job that has ended is left; see workload.',
} as const;
const untold = {
  zh: '{pod} 的日志末尾没有 rsync 的结束信息：同步是否成功无法判断。',
  en: 'The end of the log of {pod} holds no end of an rsync run: whether it succeeds cannot be told.',
} as const;

export const rules = {
  'last-run-succeeded': {
    title: { zh: '最近一次同步成功', en: 'The last run succeeded' },
    severity: 'warning',
    messages: {
      failed: {
        zh: '{pod} 最近一次同步失败：{line}。两边的镜像数据不再一致。',
        en: 'The last run of {pod} failed: {line}. Both sides of the image data are no longer equal.',
      },
      untold,
      'no-pods': noPods,
    },
  },
  'ran-recently': {
    title: { zh: '近期有过成功的同步', en: 'There was a successful run recently' },
    severity: 'warning',
    messages: {
      old: {
        zh: '{pod} 上一次成功的同步在 {age} 前：之后推送的镜像只存在于一边。',
        en: 'The last successful run of {pod} was {age} ago: images pushed since then exist on one side alone.',
      },
      undated: { zh: '{pod} 的日志里有成功的同步，但没有时间。', en: 'The log of {pod} tells of a successful run, and not of when it was.' },
      untold,
      'no-pods': noPods,
    },
  },
  'daemon-greets': {
    title: { zh: 'rsync 服务正常应答', en: 'The rsync daemon answers' },
    severity: 'warning',
    messages: {
      refused: { zh: '{pod} 声明了 rsync 端口 {port}，却没有人监听。', en: '{pod} declares the rsync port {port}, and nobody listens there.' },
      silent: {
        zh: '{pod} 的端口 {port} 接受连接但不打招呼：rsync 服务卡住了。',
        en: '{pod} accepts connections on port {port} and does not greet: its rsync daemon hangs.',
      },
      other: { zh: '{pod} 的端口 {port} 上应答的不是 rsync 服务。', en: 'What answers on port {port} of {pod} is no rsync daemon.' },
      undeclared: { zh: '容器没有声明 rsync 端口，多半由它主动同步。', en: 'No container declares the rsync port; most likely it is the one that calls.' },
      'no-pods': noPods,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type RsyncRule = keyof typeof rules;
