import type { OptionMeta } from '../../src/model/check.ts';

export interface HarborAdminserverOptions {
  port: number;
  corePort: number;
  answerSeconds: number;
  startupSeconds: number;
}

export const options: { readonly [K in keyof HarborAdminserverOptions]: OptionMeta<HarborAdminserverOptions[K]> } = {
  port: {
    default: 8080,
    description: {
      zh: 'adminserver 的 HTTP 端口；Pod 只声明了一个别的端口时以声明为准。',
      en: 'HTTP port of the adminserver; where a pod declares a single other port, that one is asked.',
    },
    source: 'harbor-helm 1.0, templates/adminserver; components.md §7',
  },
  corePort: {
    default: 8080,
    description: { zh: 'core 的 HTTP 端口，用来询问 Harbor 的版本。', en: 'HTTP port of the core, which is asked for the version of Harbor.' },
    source: 'harbor-helm, templates/core; components.md §7',
  },
  answerSeconds: {
    default: 5,
    unit: 's',
    description: { zh: '一个请求最多等多少秒。', en: 'For how long one request is waited for.' },
    source: 'components.md §9.2: beyond 5 s an answer counts as a timeout',
  },
  startupSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: 'adminserver 启动后多少秒内不把端口未监听当作故障：它先要连上数据库。',
      en: 'For how long after its start an adminserver need not listen: it reaches for its database first.',
    },
    source: 'goharbor/harbor, src/adminserver/main.go: the configuration is loaded before it listens; 60 s is our own choice',
  },
};
