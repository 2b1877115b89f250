import { cluster } from './cluster.ts';
import { etcd } from './etcd.ts';
import type { Fault } from './fault.ts';
import { harbor } from './harbor.ts';
import { mysql } from './mysql.ts';
import { observability } from './observability.ts';
import { redis } from './redis.ts';
import { services } from './services.ts';
import { shown } from './shown.ts';
import { stolon } from './stolon.ts';
import { workloads } from './workloads.ts';

const SINGLE = [...workloads, ...shown, ...redis, ...etcd, ...mysql, ...stolon, ...harbor, ...observability, ...cluster, ...services];

/** Faults that have nothing to do with each other, at once: everything that is expected of one is expected of both. */
const TOGETHER: readonly (readonly string[])[] = [
  ['platform-database-down', 'harbor-registry-storage-broken'],
  ['platform-database-down', 'elasticsearch-red'],
  ['platform-database-down', 'node-disk-pressure'],
  ['platform-database-down', 'etcd-one-member-down'],
  ['platform-database-down', 'otel-configuration-refused'],
  ['node-lost-with-redis-master-and-coredns', 'harbor-registry-storage-full'],
  ['node-lost-with-redis-master-and-coredns', 'selector-matches-nothing'],
  ['node-lost-with-redis-master-and-coredns', 'logseer-answers-500'],
  ['node-lost-with-redis-master-and-coredns', 'harbor-adminserver-down'],
  ['node-lost-with-the-only-replicas', 'mysql-duplicate-key-stops-replica'],
  ['node-lost-with-the-only-replicas', 'coredns-one-replica-down'],
  ['redis-down-with-its-readers', 'harbor-adminserver-down'],
  ['redis-down-with-its-readers', 'stolon-without-synchronous-standby'],
  ['redis-down-with-its-readers', 'mysqld-exporter-cannot-log-in'],
  ['harbor-redis-without-master', 'etcd-no-space'],
  ['harbor-redis-two-masters', 'redis-two-masters'],
  ['stolon-all-keepers-down', 'redis-snapshot-failed'],
  ['stolon-proxies-down', 'mysql-replica-late'],
  ['stolon-sentinels-hang', 'scheduler-without-leader'],
  ['etcd-without-majority', 'logseer-without-elasticsearch'],
  ['etcd-disk-slow', 'prometheus-reload-failed'],
  ['harbor-wrong-realm', 'etcd-database-large'],
  ['harbor-core-down', 'platform-redis-down-with-its-readers'],
  ['service-hangs', 'harbor-portal-down'],
  ['service-wrong-target-port', 'apiserver-hook-stuck'],
  ['container-runtime-down-on-a-node', 'workload-secret-missing'],
  ['coredns-down', 'mysql-primary-read-only'],
  ['controller-manager-without-leader', 'sentinels-without-majority'],
  ['two-nodes-with-one-address', 'haproxy-down'],
  ['kubernetes-etcd-without-majority', 'audit-image-pull'],
  ['user-auth-down-with-its-callers', 'elasticsearch-disk-flooded'],
  ['otel-cannot-export', 'postgres-slot-holds-wal-back'],
  ['redis-exporter-looks-elsewhere', 'prometheus-reaches-no-target-of-a-pool', 'ncs-manager-stopped-collecting'],
  ['mysql-hangs', 'harbor-worker-pool-dead', 'node-cordoned-and-forgotten'],
];

/** Two or more at once that have nothing to do with each other, and one that hides behind the symptoms of another. */
export const compound: readonly Fault[] = [
  {
    id: 'database-and-registry',
    technology: 'mysql',
    difficulty: 'compound',
    inject: [
      { do: 'scenario', id: 'platform-database-down' },
      { do: 'crash-loop', component: 'skiff-ncs/harbor-registry' },
    ],
    expect: [
      { component: 'skiff-platform/etcd-mysql', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-ncs/harbor-registry', rule: 'workload/available', status: 'fail' },
    ],
    roots: ['skiff-platform/etcd-mysql', 'skiff-ncs/harbor-registry'],
  },
  {
    // audit needs the database and would be its symptom, but for an image that nobody can pull.
    id: 'own-fault-behind-the-database',
    technology: 'mysql',
    difficulty: 'compound',
    inject: [
      { do: 'scenario', id: 'platform-database-down' },
      { do: 'image-pull', component: 'skiff-platform/audit' },
    ],
    expect: [
      { component: 'skiff-platform/etcd-mysql', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-platform/audit', rule: 'workload/images-pulled', status: 'warn' },
    ],
    roots: ['skiff-platform/etcd-mysql', 'skiff-platform/audit'],
  },
  {
    // The Redis is down, and so is a Service that would lead nowhere even if it were not.
    id: 'wrong-selector-behind-redis',
    technology: 'service',
    difficulty: 'compound',
    inject: [
      { do: 'scenario', id: 'apm-redis-down-by-spring' },
      { do: 'misdirect-service', component: 'skiff-apigw/apm-webserver' },
    ],
    expect: [
      { component: 'skiff-apigw/apm-redis', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-apigw/apm-webserver', rule: 'service/selects-pods', status: 'fail' },
    ],
    roots: ['skiff-apigw/apm-redis', 'skiff-apigw/apm-webserver'],
  },
  ...TOGETHER.map(together),
];

function together(ids: readonly string[]): Fault {
  const faults = ids.map((id) => {
    const found = SINGLE.find((fault) => fault.id === id);
    if (found === undefined) throw new Error(`there is no fault ${id}`);
    return found;
  });
  const also = [...new Set(faults.flatMap((fault) => fault.also ?? []))];
  return {
    id: ids.join('-and-'),
    technology: faults[0]?.technology ?? '',
    difficulty: 'compound',
    inject: faults.flatMap(({ inject }) => inject),
    ...(also.length === 0 ? {} : { also }),
    expect: faults.flatMap(({ expect }) => expect),
    roots: [...new Set(faults.flatMap(({ roots }) => roots))],
  };
}
