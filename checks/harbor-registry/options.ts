import type { OptionMeta } from '../../src/model/check.ts';

export interface RegistryOptions {
  port: number;
  debugPort: number;
  controllerPort: number;
  logLines: number;
  logWindowSeconds: number;
  cacheWindowSeconds: number;
  volumeLowPercent: number;
  volumeFullPercent: number;
}

export const options: { readonly [K in keyof RegistryOptions]: OptionMeta<RegistryOptions[K]> } = {
  port: {
    default: 5000,
    description: {
      zh: 'registry 的端口；容器只声明了别的端口时以声明为准。',
      en: 'The port of the registry; one that its container declares instead comes first.',
    },
    source: 'Harbor, registry configuration: http.addr :5000; components.md §7',
  },
  debugPort: {
    default: 5001,
    description: {
      zh: 'registry 调试端口（/debug/health）；只有容器声明了它或配置里写了 http.debug.addr 才会询问，配置优先。',
      en: 'The debug port of the registry (/debug/health). Asked only where its container declares it or its configuration has http.debug.addr, which comes first.',
    },
    source: 'Harbor, registry configuration: http.debug.addr localhost:5001; components.md §7',
  },
  controllerPort: {
    default: 8080,
    description: { zh: '同一 Pod 内 registryctl 容器的端口。', en: 'The port of the registryctl container in the same pod.' },
    source: 'Harbor, registryctl configuration: port 8080; components.md §7',
  },
  logLines: {
    default: 300,
    description: { zh: '查看每个 registry 容器日志的最后多少行。', en: 'How many lines from the end of the log of each registry are looked at.' },
    source: 'our own: with a readiness probe every 10 s the last 50 min of an idle registry',
  },
  logWindowSeconds: {
    default: 900,
    unit: 's',
    description: { zh: '日志中多少秒之内的存储错误算作现在的。', en: 'Errors of the storage in the log that are no older than this count as present.' },
    source: 'our own: between two pushes of a build pipeline',
  },
  cacheWindowSeconds: {
    default: 300,
    unit: 's',
    description: {
      zh: '日志中多少秒之内连接 Redis 的错误算作现在的。',
      en: 'Failures to reach Redis in the log that are no older than this count as present.',
    },
    source: 'our own: each request logs it anew, and a failover of Redis is over within a minute',
  },
  volumeLowPercent: {
    default: 15,
    unit: 'percent',
    description: {
      zh: '卷的剩余空间或 inode 低于百分之多少时告警。',
      en: 'Warns when less than this much of the space or of the inodes of its volume is free.',
    },
    source: 'kubernetes-mixin, KubePersistentVolumeFillingUp (15 %, there with a forecast of four days); components.md §11',
  },
  volumeFullPercent: {
    default: 3,
    unit: 'percent',
    description: {
      zh: '卷的剩余空间或 inode 低于百分之多少时视为写满。',
      en: 'Counts as full when less than this much of the space or of the inodes of its volume is free.',
    },
    source: 'kubernetes-mixin, KubePersistentVolumeFillingUp (3 %, critical); components.md §11',
  },
};
