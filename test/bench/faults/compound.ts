import type { Fault } from './fault.ts';

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
];
