import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface Options {
  port: number;
  path: string;
}

/** An inventory line gives a component other values: `technologies: { 'example': { port: 9090 } }`. */
export const options: { readonly [K in keyof Options]: OptionMeta<Options[K]> } = {
  port: {
    default: 8080,
    description: { zh: '健康检查所在的容器端口。', en: 'Container port of the health path.' },
    source: 'the convention of HTTP services; say here where the real one is written',
  },
  path: {
    default: '/health',
    description: { zh: '健康检查路径。', en: 'Path that tells of health.' },
    source: 'the convention of HTTP services; say here where the real one is written',
  },
};

/** A rule's id and title state what should be true; its severity is fixed. What is not broken by it is not `down` by it: see `effect`. */
export const rules = {
  answers: {
    title: { zh: '每个 Pod 的健康检查都有应答', en: 'Every pod answers on its health path' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      status: { zh: '{pod} 的 {path} 返回 {status}。', en: '{path} of {pod} answers {status}.' },
      silent: { zh: '{pod} 的 {path} 没有应答：{detail}', en: '{path} of {pod} does not answer: {detail}' },
      'no-pods': { zh: '没有可询问的 Pod。', en: 'There is no pod to ask.' },
    },
  },
} as const satisfies Record<string, RuleMeta>;
