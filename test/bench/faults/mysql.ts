import type { Fault } from './fault.ts';

const MYSQL = 'skiff-platform/etcd-mysql';
const EXPORTER = 'skiff-platform/mysqld-exporter';

/** The database of the platform and its exporter (components.md §12, M). The first pod is the primary. */
export const mysql: readonly Fault[] = [
  {
    id: 'mysql-binary-log-purged',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 1, ioErrno: 1236 }],
    expect: [{ component: MYSQL, rule: 'mysql/receives-changes', status: 'warn' }],
    roots: [MYSQL],
  },
  {
    id: 'mysql-duplicate-key-stops-replica',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 1, sqlErrno: 1062 }],
    expect: [{ component: MYSQL, rule: 'mysql/applies-changes', status: 'warn' }],
    roots: [MYSQL],
  },
  {
    id: 'mysql-replica-late',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 1, behind: 1900 }],
    expect: [{ component: MYSQL, rule: 'mysql/replica-lag', status: 'warn' }],
    roots: [MYSQL],
  },
  {
    id: 'mysql-primary-read-only',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 0, readOnly: true }],
    expect: [{ component: MYSQL, rule: 'mysql/has-primary', status: 'fail' }],
    roots: [MYSQL],
  },
  {
    // It replicates still: whoever writes to it by mistake breaks that sooner or later.
    id: 'mysql-replica-writable',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 1, readOnly: false }],
    expect: [{ component: MYSQL, rule: 'mysql/replicas-read-only', status: 'warn' }],
    roots: [MYSQL],
  },
  {
    // The exporter is well: it reaches the other instance when it is asked for that.
    id: 'mysql-too-many-connections',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 0, refuses: 1040 }],
    expect: [{ component: MYSQL, rule: 'mysql/accepts-connections', status: 'fail' }],
    roots: [MYSQL],
  },
  {
    id: 'mysql-connections-nearly-used-up',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 0, connections: 962 }],
    expect: [{ component: MYSQL, rule: 'mysql/spare-connections', status: 'warn' }],
    roots: [MYSQL],
  },
  {
    id: 'mysql-hangs',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'break-port', component: MYSQL, port: 3306, how: 'hang', pods: 1 }],
    expect: [{ component: MYSQL, rule: 'mysql/greets', status: 'fail' }],
    roots: [MYSQL],
  },
  {
    id: 'mysql-forced-recovery',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 0, forcedRecovery: 3 }],
    expect: [{ component: MYSQL, rule: 'mysql/no-forced-recovery', status: 'warn' }],
    roots: [MYSQL],
  },
  {
    id: 'mysql-replica-down',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [
      {
        do: 'crash-loop',
        component: MYSQL,
        pods: 1,
        last: true,
        log: [
          '[ERROR] InnoDB: Database page corruption on disk or a failed file read of page [page id: space=41, page number=3]. You may have to recover from a backup.',
          '[ERROR] [FATAL] InnoDB: Aborting because of a corrupt database page',
        ],
      },
    ],
    expect: [
      { component: MYSQL, rule: 'workload/replicas', status: 'warn' },
      { component: MYSQL, rule: 'mysql/data-intact', status: 'fail' },
    ],
    roots: [MYSQL],
  },
  {
    id: 'mysql-same-server-id',
    technology: 'mysql',
    difficulty: 'plain',
    inject: [{ do: 'mysql', pod: 1, serverId: 1, ioErrno: 1593 }],
    expect: [
      { component: MYSQL, rule: 'mysql/server-ids-differ', status: 'warn' },
      { component: MYSQL, rule: 'mysql/receives-changes', status: 'warn' },
    ],
    roots: [MYSQL],
  },
  {
    // Its password was not changed with the database's: nothing is wrong with the database.
    id: 'mysqld-exporter-cannot-log-in',
    technology: 'mysqld-exporter',
    difficulty: 'plain',
    inject: [{ do: 'scenario', id: 'exporter-blind' }],
    expect: [{ component: EXPORTER, rule: 'mysqld-exporter/sees-mysql', status: 'warn' }],
    roots: [EXPORTER],
  },
  {
    id: 'mysqld-exporter-without-replication',
    technology: 'mysqld-exporter',
    difficulty: 'plain',
    inject: [
      {
        do: 'replace-in-answer',
        component: EXPORTER,
        port: 9104,
        path: '/metrics',
        from: 'mysql_exporter_collector_success{collector="collect.slave_status"} 1',
        to: 'mysql_exporter_collector_success{collector="collect.slave_status"} 0',
      },
    ],
    expect: [{ component: EXPORTER, rule: 'mysqld-exporter/collects-essentials', status: 'warn' }],
    roots: [EXPORTER],
  },
  {
    id: 'mysqld-exporter-serves-a-page',
    technology: 'mysqld-exporter',
    difficulty: 'plain',
    inject: [{ do: 'answer', component: EXPORTER, port: 9104, path: '/metrics', body: '<html><title>Welcome to nginx!</title></html>', type: 'text/html' }],
    expect: [{ component: EXPORTER, rule: ['mysqld-exporter/tells-of-mysql', 'mysqld-exporter/answers'], status: 'warn' }],
    roots: [EXPORTER],
  },
  {
    id: 'mysqld-exporter-hangs',
    technology: 'mysqld-exporter',
    difficulty: 'plain',
    inject: [
      { do: 'break-port', component: EXPORTER, port: 9104, how: 'hang' },
      { do: 'not-ready', component: EXPORTER, probe: 'Get "http://10.244.2.31:9104/metrics": context deadline exceeded' },
    ],
    expect: [{ component: EXPORTER, rule: 'workload/available', status: 'fail' }],
    roots: [EXPORTER],
  },
];
