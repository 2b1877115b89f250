import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface CertificatesOptions {
  changeDays: number;
  soonDays: number;
}

export const options: { readonly [K in keyof CertificatesOptions]: OptionMeta<CertificatesOptions[K]> } = {
  changeDays: {
    default: 7,
    unit: 'd',
    description: { zh: '证书至少还要有效多少天才能开始变更。', en: 'How many days a certificate has to last for a change to begin.' },
    accepts: { least: 0 },
    source: 'components.md §11: below 7 days is critical',
  },
  soonDays: {
    default: 30,
    unit: 'd',
    description: { zh: '证书在多少天内到期时告警。', en: 'Days before the end of a certificate from which on it warns.' },
    accepts: { least: 0 },
    source: 'components.md §11: below 30 days',
  },
};

const unseen = {
  zh: '没有看到 API Server 的 Pod（托管的控制平面），或没有实例出示证书。',
  en: 'No pod of an API server is seen (a managed control plane), or none has shown a certificate.',
} as const;

export const rules = {
  valid: {
    title: { zh: 'API Server 的证书在有效期内', en: 'The certificates of the API servers are valid' },
    severity: 'critical',
    effect: 'none',
    messages: {
      expired: {
        zh: '节点 {node} 上 {pod} 的服务端证书已于 {ends} 过期：只有不校验的客户端还能连接它。',
        en: 'The serving certificate of {pod} on {node} ended on {ends}: only clients that do not look at it still connect.',
      },
      'not-yet': {
        zh: '节点 {node} 上 {pod} 的服务端证书 {begins} 才生效：签发它的主机时钟超前。',
        en: 'The serving certificate of {pod} on {node} is valid from {begins} on: the clock of the host that issued it is ahead.',
      },
      unseen,
    },
  },
  'lasts-through-change': {
    title: { zh: 'API Server 的证书在变更期间不会到期', en: 'The certificates of the API servers last through the change' },
    severity: 'critical',
    effect: 'none',
    messages: {
      'ends-within': {
        zh: '节点 {node} 上 {pod} 的服务端证书将于 {ends} 到期（{days} 天后）：先更新证书再变更。',
        en: 'The serving certificate of {pod} on {node} ends on {ends}, in {days} days: renew it before the change.',
      },
      unseen,
    },
  },
  'lasts-a-while': {
    title: { zh: 'API Server 的证书近期不会到期', en: 'The certificates of the API servers last for a while' },
    severity: 'warning',
    effect: 'none',
    messages: {
      soon: {
        zh: '节点 {node} 上 {pod} 的服务端证书将于 {ends} 到期（{days} 天后）。',
        en: 'The serving certificate of {pod} on {node} ends on {ends}, in {days} days.',
      },
      unseen,
    },
  },
} as const satisfies Record<string, RuleMeta>;
