import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';
import { topology } from './topology.ts';

/** An HAProxy in front of a Redis set: whether it leads to the master, by what comes out of it and by what it believes of its servers. */
export default defineCheck({
  meta: {
    id: 'haproxy',
    title: { zh: 'Redis 前置 HAProxy', en: 'HAProxy in front of Redis' },
    description: {
      zh: '经每个 HAProxy Pod 发 PING 与 INFO，用 run_id 与各 Redis 实例自报的身份对照，确认指向主节点；再读统计页，看后端可用情况、失效地址以及与实例角色的矛盾。',
      en: 'Sends PING and INFO through each HAProxy pod and compares the run id with what the Redis instances say of themselves, so that it is known to lead to the master; and reads its statistics: servers that are up, addresses that are gone, contradictions with the roles.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'services', verbs: ['list'], scope: 'component' },
      { resource: 'configmaps', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
  topology,
});
