import type { Fault } from './fault.ts';

/** The scenarios that the demo shows. */
export const shown: readonly Fault[] = [
  {
    id: 'platform-database-down',
    technology: 'mysql',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'platform-database-down' }],
    expect: [
      { component: 'skiff-platform/etcd-mysql', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-platform/platform-user-auth', rule: 'workload/available', status: 'fail' },
    ],
    roots: ['skiff-platform/etcd-mysql'],
  },
  {
    id: 'node-down',
    technology: 'node',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'node-down' }],
    expect: [{ component: 'node/node2', rule: 'node/ready', status: 'fail' }],
    roots: ['node/node2'],
  },
  {
    id: 'coredns-down',
    technology: 'coredns',
    difficulty: 'plain',
    inject: [{ do: 'scenario', id: 'coredns-down' }],
    expect: [{ component: 'kube-system/coredns', rule: 'workload/available', status: 'fail' }],
    roots: ['kube-system/coredns'],
  },
];
