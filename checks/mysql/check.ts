import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';
import { topology } from './topology.ts';

/** MySQL and MariaDB: whether each instance greets, who takes the writes, and how the others follow. */
export default defineCheck({
  meta: {
    id: 'mysql',
    title: { zh: 'MySQL', en: 'MySQL' },
    description: {
      zh: '逐个询问 MySQL/MariaDB 实例：能否握手、连接数、谁可写、复制是否正常、写入用的 Service 指向谁。没有密码时从 mysqld-exporter 得知只读与复制状态，并注明来源。同时判断名为 etcd-mysql 的组件究竟是 MySQL 还是 etcd。',
      en: 'Asks every instance of MySQL or MariaDB by itself: greeting, connections, who takes writes, replication, and where the Services for writes lead. Without a password it learns read-only and replication from the exporters, and says so. It also tells whether a component called etcd-mysql is a MySQL or an etcd.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'services', verbs: ['list'], scope: 'component' },
      { resource: 'endpoints', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'log', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
  topology,
});
