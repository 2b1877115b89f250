import type { OptionMeta } from '../../src/model/check.ts';

export interface MysqlOptions {
  port: number;
  etcdPort: number;
  exporterPort: number;
  connectionsPercent: number;
  lagSeconds: number;
  flowPausedPercent: number;
}

export const options: { readonly [K in keyof MysqlOptions]: OptionMeta<MysqlOptions[K]> } = {
  port: {
    default: 3306,
    description: { zh: 'MySQL 端口。', en: 'The port of MySQL.' },
    source: 'components.md §6.6; MySQL Reference Manual, port',
  },
  etcdPort: {
    default: 2379,
    description: {
      zh: '同一组件中 etcd 的客户端端口，用于判断“etcd 活着而 MySQL 已死”。',
      en: 'The client port of an etcd in the same component, to tell a dead MySQL beside a living etcd.',
    },
    source: 'components.md §12, E28; etcd documentation, listen-client-urls',
  },
  exporterPort: {
    default: 9104,
    description: { zh: 'mysqld_exporter 的端口，容器声明了其他端口时以声明为准。', en: 'The port of the exporter, unless its container declares another.' },
    source: 'components.md §6.6; mysqld_exporter, web.listen-address',
  },
  connectionsPercent: {
    default: 80,
    unit: 'percent',
    description: { zh: '连接数达到 max_connections 的多少时告警。', en: 'From which share of max_connections on it warns.' },
    source: 'components.md §6.6 and §11: 80 %; awesome-prometheus-alerts, MysqlTooManyConnections(>80%)',
  },
  lagSeconds: {
    default: 30,
    unit: 's',
    description: { zh: '从库落后主库多少秒算延迟过大（已扣除有意设置的延迟）。', en: 'How far a replica may be behind, beside what it is late on purpose.' },
    source: 'components.md §6.6 and §11: 30 s; awesome-prometheus-alerts, MysqlSlaveReplicationLag',
  },
  flowPausedPercent: {
    default: 10,
    unit: 'percent',
    description: {
      zh: 'Galera 流控暂停写入的时间占比超过多少时告警。',
      en: 'Share of the time in which flow control of Galera stopped the writes, from which on it warns.',
    },
    source: 'components.md §6.6: wsrep_flow_control_paused < 0.1; Galera documentation, flow control',
  },
};
