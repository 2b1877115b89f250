import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';
import { topology } from './topology.ts';

/** The proxies of a stolon cluster, and the PostgreSQL that they lead to. */
export default defineCheck({
  meta: {
    id: 'stolon-proxy',
    title: { zh: 'Stolon Proxy 与 PostgreSQL 主库', en: 'Stolon proxies and the PostgreSQL master' },
    description: {
      zh: '逐个 proxy 询问其后是否有 PostgreSQL（不需要密码）；有凭据时再查它是否是可写的主库、与集群数据是否一致、连接数、复制、复制槽、事务号、归档。proxy 即使背后没有主库也是 Ready 的，所以只看 Pod 状态说明不了问题。',
      en: 'Asks each proxy whether a PostgreSQL answers behind it, which needs no password; with credentials also whether that is the writable master of the cluster data, its connections, replication, slots, transaction ids and archiving. A proxy is Ready even without a master behind it, so that its pod runs proves nothing.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'configmaps', verbs: ['get'], scope: 'component' },
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
