import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';
import { topology } from './topology.ts';

/** An Elasticsearch: whether its nodes answer and are one cluster with a master, whether all shards are assigned, and whether disks and heaps leave room. */
export default defineCheck({
  meta: {
    id: 'elasticsearch',
    title: { zh: 'Elasticsearch 集群', en: 'Elasticsearch cluster' },
    description: {
      zh: '逐个询问节点的身份与它眼中的集群健康：主节点、分片、成员；再向其中一个询问磁盘、堆和只读锁。只用 GET，适用于 6.x 至 8.x。开启了安全认证的集群目前无法登录（不支持 HTTP Basic 认证），只能确认其存活，其余如实报未知。',
      en: 'Asks each node who it is and how it sees its cluster (master, shards, members), and one of them for disks, heaps and read-only blocks. GET only, for 6.x to 8.x. Logging in (HTTP basic authentication) is not supported at present: of a secured cluster it is known that it is alive, and all else is unknown.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
  topology,
});
