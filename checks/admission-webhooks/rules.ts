import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface AdmissionWebhooksOptions {
  slowSeconds: number;
  expiresDays: number;
}

export const options: { readonly [K in keyof AdmissionWebhooksOptions]: OptionMeta<AdmissionWebhooksOptions[K]> } = {
  slowSeconds: {
    default: 10,
    unit: 's',
    description: { zh: 'webhook 超时超过多少秒时告警。', en: 'From which timeout of a webhook on it warns.' },
    accepts: { least: 1 },
    source: 'Kubernetes documentation, admission webhook good practices: short timeouts; 10 s is the default of admissionregistration.k8s.io/v1',
  },
  expiresDays: {
    default: 30,
    unit: 'd',
    description: { zh: 'CA 证书在多少天内到期时告警。', en: 'Days before the end of a CA bundle from which on it warns.' },
    accepts: { least: 0 },
    source: 'components.md §11: certificates below 30 days',
  },
};

const none = { zh: '没有准入 webhook。', en: 'There are no admission webhooks.' } as const;

export const rules = {
  'backend-answers': {
    title: { zh: '必须通过的 webhook 都有后端', en: 'Webhooks that have to answer have a backend' },
    severity: 'critical',
    effect: 'none',
    messages: {
      dead: {
        zh: '{configuration} 的 webhook {webhook} 失败即拒绝（failurePolicy Fail），而 Service {service} 没有就绪的后端：它管辖的写入全部被拒绝。',
        en: 'Webhook {webhook} of {configuration} refuses what it does not answer (failurePolicy Fail), and Service {service} has no ready backend: every write that it governs is refused.',
      },
      'no-service': {
        zh: '{configuration} 的 webhook {webhook} 失败即拒绝（failurePolicy Fail），而 Service {service} 不存在：它管辖的写入全部被拒绝。',
        en: 'Webhook {webhook} of {configuration} refuses what it does not answer (failurePolicy Fail), and there is no Service {service}: every write that it governs is refused.',
      },
      none,
    },
  },
  'ignored-backend-answers': {
    title: { zh: '可忽略的 webhook 也有后端', en: 'Webhooks that may fail have a backend, too' },
    severity: 'warning',
    effect: 'none',
    messages: {
      dead: {
        zh: '{configuration} 的 webhook {webhook}（failurePolicy Ignore）没有就绪的后端（Service {service}）：每次写入都要先等它失败，它的校验不起作用。',
        en: 'Webhook {webhook} of {configuration} (failurePolicy Ignore) has no ready backend behind Service {service}: every write waits for it to fail, and what it would say is not heard.',
      },
      none,
    },
  },
  'backend-has-spare': {
    title: { zh: '必须通过的 webhook 不止一个后端', en: 'Webhooks that have to answer have more than one backend' },
    severity: 'warning',
    effect: 'none',
    messages: {
      single: {
        zh: '{configuration} 的 webhook {webhook}（failurePolicy Fail）只有一个后端（Service {service}）：其节点排空期间相关写入被拒绝。',
        en: 'Webhook {webhook} of {configuration} (failurePolicy Fail) has a single backend behind Service {service}: while its node is drained the writes that it governs are refused.',
      },
      none,
    },
  },
  'spares-itself': {
    title: { zh: 'webhook 不管辖自己的 Pod', en: 'No webhook governs the pods that it runs on' },
    severity: 'warning',
    effect: 'none',
    messages: {
      deadlock: {
        zh: '{configuration} 的 webhook {webhook}（failurePolicy Fail）也管辖其后端自己的 Pod（{service}）：全部后端离开后无法重建。',
        en: 'Webhook {webhook} of {configuration} (failurePolicy Fail) also governs the pods of its own backend ({service}): once all of them are gone none can be made again.',
      },
      none,
    },
  },
  'takes-what-it-needs': {
    title: { zh: '没有 webhook 管辖所有资源', en: 'No webhook that has to answer takes everything' },
    severity: 'warning',
    effect: 'none',
    messages: {
      everything: {
        zh: '{configuration} 的 webhook {webhook}（failurePolicy Fail）管辖所有资源：它一出问题，节点心跳和选主也会被拒绝。',
        en: 'Webhook {webhook} of {configuration} (failurePolicy Fail) takes every resource: when it has trouble, heartbeats of nodes and elections are refused, too.',
      },
      none,
    },
  },
  'answers-soon': {
    title: { zh: 'webhook 的超时不长', en: 'Webhooks have short timeouts' },
    severity: 'warning',
    effect: 'none',
    messages: {
      slow: {
        zh: '{configuration} 的 webhook {webhook} 超时为 {seconds} 秒，后端无响应时每次写入都要等这么久。',
        en: 'Webhook {webhook} of {configuration} has a timeout of {seconds} s, which every write waits when its backend hangs.',
      },
      none,
    },
  },
  'ca-valid': {
    title: { zh: 'webhook 的 CA 证书有效', en: 'The CA bundles of webhooks are valid' },
    severity: 'critical',
    effect: 'none',
    messages: {
      expired: {
        zh: '{configuration} 的 webhook {webhook} 的 caBundle 已于 {ends} 过期：API Server 无法信任后端，调用全部失败。',
        en: 'The caBundle of webhook {webhook} of {configuration} ended on {ends}: the API server cannot trust its backend, and every call fails.',
      },
      garbled: {
        zh: '{configuration} 的 webhook {webhook} 的 caBundle 不是证书：调用全部失败。',
        en: 'The caBundle of webhook {webhook} of {configuration} is no certificate: every call fails.',
      },
      missing: {
        zh: '{configuration} 的 webhook {webhook} 没有 caBundle：除非后端证书由系统信任的 CA 签发，否则调用全部失败。',
        en: 'Webhook {webhook} of {configuration} has no caBundle: every call fails unless a CA that the system trusts has signed its backend.',
      },
      none,
    },
  },
  'ca-lasts': {
    title: { zh: 'webhook 的 CA 证书近期不会到期', en: 'The CA bundles of webhooks last for a while' },
    severity: 'warning',
    effect: 'none',
    messages: {
      soon: {
        zh: '{configuration} 的 webhook {webhook} 的 caBundle 将于 {ends} 到期（{days} 天后）。',
        en: 'The caBundle of webhook {webhook} of {configuration} ends on {ends}, in {days} days.',
      },
      none,
    },
  },
} as const satisfies Record<string, RuleMeta>;
