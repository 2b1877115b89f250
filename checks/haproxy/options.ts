import type { OptionMeta } from '../../src/model/check.ts';

export interface HaproxyOptions {
  port: number;
  redisPort: number;
  statsPort: number;
  statsPath: string;
  settleSeconds: number;
}

export const options: { readonly [K in keyof HaproxyOptions]: OptionMeta<HaproxyOptions[K]> } = {
  port: {
    default: 6379,
    description: { zh: 'HAProxy 对外提供 Redis 的端口。', en: 'The port at which HAProxy offers Redis.' },
    source: 'components.md §6.7',
  },
  redisPort: {
    default: 6379,
    description: { zh: '后端 Redis 实例的端口。', en: 'The port of the Redis instances behind it.' },
    source: 'Redis documentation; components.md §6.2',
  },
  statsPort: {
    default: 8404,
    description: {
      zh: '统计页的端口；能读到配置时以配置为准。',
      en: 'The port of the statistics page; the configuration comes first where it can be read.',
    },
    source: 'HAProxy documentation, "stats enable": its examples use 8404; components.md §6.7',
  },
  statsPath: {
    default: '/stats',
    description: {
      zh: '统计页的路径；能读到配置时以配置为准。',
      en: 'The path of the statistics page; the configuration comes first where it can be read.',
    },
    source: 'HAProxy documentation, "stats uri"; components.md §6.7',
  },
  settleSeconds: {
    default: 10,
    unit: 's',
    description: {
      zh: '后端服务器状态变化后多少秒内不判断：HAProxy 启动时先认为全部可用，主从切换后也要等下一次检查。',
      en: 'For how long after a server went up or down nothing is made of it: at its start HAProxy believes in all of them, and after a failover it waits for the next check.',
    },
    source: 'HAProxy documentation, "inter" (2 s by default) and "fall" (3): 6 s until a change is noticed',
  },
};
