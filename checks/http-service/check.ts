import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** A service of the platform's own: whether each of its pods answers over HTTP, what its health report says, and what its log says when it does not. */
export default defineCheck({
  meta: {
    id: 'http-service',
    title: { zh: 'HTTP 服务', en: 'HTTP service' },
    description: {
      zh: '按厂商自己的探针（否则自动判断）询问每个 Pod：有没有应答、快慢、卡死还是拒绝，健康报告里哪个依赖不可用，Service 端口是否有人监听；不能服务时再看日志结尾。',
      en: "Asks each pod where the vendor's own probe asks it, or where HTTP is found: whether it answers, how fast, whether it hangs or refuses; which dependency its health report calls down; whether its Services lead to where it listens; and, when it does not serve, what the end of its log says.",
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'services', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'log', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
    timeoutMs: 20_000,
  },
  probe,
  evaluate,
});
