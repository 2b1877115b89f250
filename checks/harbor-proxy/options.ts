import type { OptionMeta } from '../../src/model/check.ts';

export interface ProxyOptions {
  port: number;
  httpsPort: number;
  corePort: number;
  portalPort: number;
  logLines: number;
}

export const options: { readonly [K in keyof ProxyOptions]: OptionMeta<ProxyOptions[K]> } = {
  port: {
    default: 80,
    description: {
      zh: 'nginx 的 HTTP 端口；新版本是 8080，以容器声明的为准。',
      en: 'The HTTP port of nginx; newer versions have 8080, and what the container declares comes first.',
    },
    source: 'Harbor, nginx configuration: listen 80; components.md §7: newer 8080',
  },
  httpsPort: {
    default: 443,
    description: {
      zh: 'nginx 的 HTTPS 端口；只有容器声明了它（或 8443）才会询问。',
      en: 'The HTTPS port of nginx; asked only where the container declares it, or 8443.',
    },
    source: 'Harbor, nginx configuration: listen 443 ssl; components.md §7: newer 8443',
  },
  corePort: {
    default: 8080,
    description: { zh: '出现 502、504 时直接询问 harbor-core 所用的端口。', en: 'The port at which harbor-core is asked itself after a 502 or 504.' },
    source: 'Harbor, core configuration: port 8080; components.md §7',
  },
  portalPort: {
    default: 80,
    description: {
      zh: '出现 502、504 时直接询问 harbor-portal 所用的端口；以容器声明的为准。',
      en: 'The port at which harbor-portal is asked itself after a 502 or 504; what its container declares comes first.',
    },
    source: 'Harbor, portal nginx configuration; components.md §7',
  },
  logLines: {
    default: 300,
    description: { zh: '查看 nginx 日志的最后多少行。', en: 'How many lines from the end of the log of nginx are looked at.' },
    source: 'our own: with a readiness probe every 10 s the last 50 min of an idle proxy',
  },
};
