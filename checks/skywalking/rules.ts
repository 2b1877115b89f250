import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface SkywalkingOptions {
  port: number;
  startSeconds: number;
}

export const options: { readonly [K in keyof SkywalkingOptions]: OptionMeta<SkywalkingOptions[K]> } = {
  port: {
    default: 12_800,
    description: { zh: 'OAP 的 REST 端口。', en: 'REST port of the OAP server.' },
    source: 'Apache SkyWalking documentation, Configuration vocabulary: core restPort 12800; components.md §8.3',
  },
  startSeconds: {
    default: 300,
    unit: 's',
    description: { zh: '容器启动多久之内没有监听端口算正在启动。', en: 'How long after its start a container may not listen yet.' },
    source: 'experience: it creates its tables or indices first, and listens after that',
  },
};

const noPods = { zh: '没有运行中的 OAP Pod，见 workload。', en: 'No pod of the OAP server runs; see workload.' } as const;

export const rules = {
  answers: {
    title: { zh: 'OAP 服务器在应答', en: 'The OAP server answers' },
    severity: 'critical',
    messages: {
      refused: {
        zh: '{pod} 的端口 {port} 没有人监听（{detail}）：OAP 多半在等存储就绪，或启动失败。',
        en: 'Nobody listens on port {port} of {pod} ({detail}): it waits for its storage, or failed to start.',
      },
      silent: { zh: '{pod} 的端口 {port} 接受连接但不应答：进程卡住了。', en: '{pod} accepts connections on port {port} and says nothing: its process hangs.' },
      broken: { zh: '{pod} 的端口 {port} 没有正常的 HTTP 应答（{detail}）。', en: 'Port {port} of {pod} does not answer as HTTP does ({detail}).' },
      starting: { zh: '{pod} 刚启动，还没有监听端口 {port}。', en: '{pod} was started a moment ago and does not listen on port {port} yet.' },
      'no-pods': noPods,
    },
  },
  healthy: {
    title: { zh: 'OAP 服务器自报健康', en: 'The OAP server says that it is healthy' },
    severity: 'critical',
    messages: {
      unhealthy: {
        zh: '{pod} 的 /healthcheck 返回 503：它依赖的模块不健康，通常是存储不可用，链路数据存不进去。',
        en: '/healthcheck of {pod} answers 503: a module that it needs is not healthy, which is its storage as a rule; traces are not stored.',
      },
      'no-checker': {
        zh: '{pod} 没有启用 health-checker 模块（/healthcheck 返回 404），无法得知内部状态。',
        en: '{pod} runs without the health-checker module (/healthcheck is 404): how it is inside cannot be told.',
      },
      other: { zh: '{pod} 对 /healthcheck 的应答无法识别（{detail}）。', en: 'What {pod} answers to /healthcheck is not known ({detail}).' },
      'no-answer': { zh: '服务器没有应答，见 skywalking/answers。', en: 'It does not answer; see skywalking/answers.' },
      'no-pods': noPods,
    },
  },
} as const satisfies Record<string, RuleMeta>;
