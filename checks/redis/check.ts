import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';
import { topology } from './topology.ts';

/** A Redis set: who leads, who follows and keeps up, and whether each instance serves, saves and has room. */
export default defineCheck({
  meta: {
    id: 'redis',
    title: { zh: 'Redis 主从', en: 'Redis replication' },
    description: {
      zh: '逐个询问 Redis 实例（PING 与 INFO）：是否恰有一个主节点、从节点跟随谁、是否断开或落后、能否写入与落盘、内存与连接数余量。没有密码时借助 redis_exporter 了解角色；仍不知道的列为未知。',
      en: 'Asks every instance by itself (PING and INFO): whether exactly one is the master, whom replicas follow and how far behind, whether it writes and saves, and what room is left. Without a password a redis_exporter is asked for the roles; what remains is unknown.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'services', verbs: ['list'], scope: 'component' },
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
