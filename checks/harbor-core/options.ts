import type { OptionMeta } from '../../src/model/check.ts';

export interface HarborCoreOptions {
  port: number;
  answerSeconds: number;
  startupSeconds: number;
  clockSkewSeconds: number;
  tokenLeewaySeconds: number;
  vulnerabilityDays: number;
  storageLowPercent: number;
  storageFullPercent: number;
}

export const options: { readonly [K in keyof HarborCoreOptions]: OptionMeta<HarborCoreOptions[K]> } = {
  port: {
    default: 8080,
    description: {
      zh: 'core 的 HTTP 端口；Pod 只声明了一个别的端口时以声明为准。',
      en: 'HTTP port of the core; where a pod declares a single other port, that one is asked.',
    },
    source: 'harbor-helm, templates/core; components.md §7',
  },
  answerSeconds: {
    default: 5,
    unit: 's',
    description: { zh: '一个请求最多等多少秒。', en: 'For how long one request is waited for.' },
    source: 'components.md §9.2: beyond 5 s an answer counts as a timeout',
  },
  startupSeconds: {
    default: 70,
    unit: 's',
    description: {
      zh: 'core 启动后多少秒内不把 “unknown status” 当作故障：每个部件要等第一次检查结束才有结果。',
      en: 'For how long after its start a core may call parts “unknown status”: each has none until the first question to it has come back.',
    },
    source: 'goharbor/harbor, src/core/api/health.go: asked every 10 s, waited for up to 60 s; components.md §7',
  },
  clockSkewSeconds: {
    default: 5,
    unit: 's',
    description: {
      zh: 'core 的时钟与集群时间相差超过多少秒时告警。',
      en: 'From which difference between the clock of a core and that of the cluster on it warns.',
    },
    source: 'components.md §4, clock',
  },
  tokenLeewaySeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: 'registry 校验令牌的生效与过期时间时容许的偏差。',
      en: 'How far the registry lets the times of a token be off.',
    },
    source: 'distribution/distribution, registry/auth/token: Leeway = 60 s',
  },
  vulnerabilityDays: {
    default: 7,
    unit: 'd',
    description: { zh: '漏洞库多少天没有更新时告警。', en: 'After how many days without an update of the vulnerability data it warns.' },
    source: 'components.md §7 and §12 H12',
  },
  storageLowPercent: {
    default: 15,
    unit: 'percent',
    description: { zh: '镜像存储剩余空间低于百分之多少时告警。', en: 'Below how many percent of free space in the image store it warns.' },
    source: 'kubernetes-mixin, KubePersistentVolumeFillingUp (15 %)',
  },
  storageFullPercent: {
    default: 3,
    unit: 'percent',
    description: { zh: '镜像存储剩余空间低于百分之多少视为写满。', en: 'Below how many percent of free space the image store counts as full.' },
    source: 'kubernetes-mixin, KubePersistentVolumeFillingUp (3 %)',
  },
};
