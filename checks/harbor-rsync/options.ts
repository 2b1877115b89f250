import type { OptionMeta } from '../../src/model/check.ts';

export interface RsyncOptions {
  port: number;
  logLines: number;
  maxAgeSeconds: number;
}

export const options: { readonly [K in keyof RsyncOptions]: OptionMeta<RsyncOptions[K]> } = {
  port: {
    default: 873,
    description: { zh: 'rsync 服务的端口；只有容器声明了它才会询问。', en: 'The port of the rsync daemon; asked only where a container declares it.' },
    source: 'rsyncd.conf documentation: port 873',
  },
  logLines: {
    default: 300,
    description: { zh: '查看日志的最后多少行。', en: 'How many lines from the end of its log are looked at.' },
    source: 'our own: several runs of rsync without a list of files',
  },
  maxAgeSeconds: {
    default: 86_400,
    unit: 's',
    description: {
      zh: '上一次成功的同步超过多少秒就告警。日志里没有时区的时间按 UTC 计。',
      en: 'Warns when the last successful run is older than this. Times without a zone in the log are taken for UTC.',
    },
    source: 'our own: whatever its schedule is, a day without a copy is worth a look; components.md §12 H20 gives no figure',
  },
};
