import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The registry of Harbor: whether it serves its API behind a login, and how its storage stands. */
export default defineCheck({
  meta: {
    id: 'harbor-registry',
    title: { zh: 'Harbor 镜像存储（registry）', en: 'Harbor image store (registry)' },
    description: {
      zh: '逐个 Pod 请求 / 与 /v2/，看是否要求登录、各副本的认证地址是否一致；再看它自己的健康检查、最近日志里的存储与缓存错误、卷的剩余空间，以及多副本是否共用存储。不推送也不拉取镜像，令牌是否被接受由 harbor-core 说明。',
      en: "Asks each pod for / and /v2/, whether it wants a login and whether all name one place for it; then its own health check, errors of storage and cache at the end of its log, the room left on its volume, and whether replicas share their storage. Nothing is pushed or pulled; whether tokens are accepted is harbor-core's matter.",
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'configmaps', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'log', verbs: ['get'], scope: 'component' },
      { resource: 'nodes', subresource: 'proxy', verbs: ['get'], scope: 'cluster' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
