import type { OptionMeta } from '../../src/model/check.ts';

export interface JobserviceOptions {
  port: number;
  heartbeatSeconds: number;
}

export const options: { readonly [K in keyof JobserviceOptions]: OptionMeta<JobserviceOptions[K]> } = {
  port: {
    default: 8080,
    description: {
      zh: '任务服务的端口；容器只声明了别的端口时以声明为准。',
      en: 'The port of the job service; one that its container declares instead comes first.',
    },
    source: 'Harbor, jobservice configuration: port 8080; components.md §7',
  },
  heartbeatSeconds: {
    default: 60,
    unit: 's',
    description: { zh: '工作池心跳超过多少秒没有更新就视为失效。', en: 'A worker pool counts as dead when its last heartbeat is older than this.' },
    source: 'gocraft/work: a heartbeat every 5 s; Harbor calls a pool dead after 10 s; components.md §7 gives it 60 s',
  },
};
