import type { Fault } from './fault.ts';

const GTXS = 'skiff-gtxs/etcd-gtxs';
const SERVER = 'skiff-gtxs/gtxs-server';
const unhealthy = { do: 'not-ready', component: GTXS, probe: 'HTTP probe failed with statuscode: 503' } as const;

/** etcd of GTXS and of Kubernetes (components.md §12, E). Its pods are as ready as its own `/health`. */
export const etcd: readonly Fault[] = [
  {
    id: 'etcd-one-member-down',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [{ do: 'scenario', id: 'etcd-no-margin' }],
    expect: [
      // The missing member is told with the majority that is left, and the loss of tolerance not once more.
      { component: GTXS, rule: ['etcd/failure-tolerance', 'etcd/members-answer'], status: 'warn' },
      { component: GTXS, rule: 'workload/replicas', status: 'warn' },
    ],
    roots: [GTXS],
  },
  {
    id: 'etcd-without-majority',
    technology: 'etcd',
    difficulty: 'tail',
    inject: [
      unhealthy,
      { do: 'crash-loop', component: GTXS, pods: 2, log: ['panic: freepages: failed to get all reachable pages'] },
      { do: 'take-dependents-along', component: GTXS },
    ],
    expect: [
      { component: GTXS, rule: ['etcd/has-majority', 'etcd/has-leader'], status: 'fail' },
      { component: SERVER, rule: 'workload/available', status: 'fail' },
    ],
    roots: [GTXS],
  },
  {
    id: 'etcd-members-cut-off',
    technology: 'etcd',
    difficulty: 'tail',
    inject: [{ do: 'etcd', component: GTXS, cutOff: true }, unhealthy, { do: 'take-dependents-along', component: GTXS }],
    expect: [
      { component: GTXS, rule: 'etcd/has-leader', status: 'fail' },
      { component: SERVER, rule: 'workload/available', status: 'fail' },
    ],
    roots: [GTXS],
  },
  {
    id: 'etcd-no-space',
    technology: 'etcd',
    difficulty: 'tail',
    inject: [
      { do: 'etcd', component: GTXS, alarm: { pod: 'etcd-gtxs-1', kind: 'NOSPACE' }, dbSize: 2_147_483_648 },
      unhealthy,
      { do: 'take-dependents-along', component: GTXS },
    ],
    expect: [
      { component: GTXS, rule: 'etcd/no-space-alarm', status: 'fail' },
      { component: SERVER, rule: 'workload/available', status: 'fail' },
    ],
    roots: [GTXS],
  },
  {
    id: 'etcd-corrupt',
    technology: 'etcd',
    difficulty: 'tail',
    inject: [{ do: 'etcd', component: GTXS, alarm: { pod: 'etcd-gtxs-2', kind: 'CORRUPT' } }, unhealthy, { do: 'take-dependents-along', component: GTXS }],
    expect: [
      { component: GTXS, rule: 'etcd/no-corruption-alarm', status: 'fail' },
      { component: SERVER, rule: 'workload/available', status: 'fail' },
    ],
    roots: [GTXS],
  },
  {
    id: 'etcd-database-large',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [{ do: 'etcd', component: GTXS, dbSize: 1_840_000_000 }],
    expect: [{ component: GTXS, rule: 'etcd/space-left', status: 'warn' }],
    roots: [GTXS],
  },
  {
    id: 'etcd-database-at-its-quota',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [{ do: 'etcd', component: GTXS, dbSize: 2_110_000_000 }],
    expect: [{ component: GTXS, rule: 'etcd/space-not-exhausted', status: 'fail' }],
    roots: [GTXS],
  },
  {
    id: 'etcd-fragmented',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [{ do: 'etcd', component: GTXS, dbSize: 1_200_000_000, dbInUse: 190_000_000 }],
    expect: [{ component: GTXS, rule: 'etcd/not-fragmented', status: 'warn' }],
    roots: [GTXS],
  },
  {
    id: 'etcd-disk-slow',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [{ do: 'etcd', component: GTXS, slowDisk: 'etcd-gtxs-0' }],
    expect: [{ component: GTXS, rule: 'etcd/fsync-not-stalled', status: 'fail' }],
    roots: [GTXS],
  },
  {
    id: 'etcd-split-in-two-clusters',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [{ do: 'etcd', component: GTXS, apart: 'etcd-gtxs-2' }],
    expect: [{ component: GTXS, rule: 'etcd/one-cluster', status: 'fail' }],
    roots: [GTXS],
  },
  {
    id: 'etcd-follower-late',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [{ do: 'etcd', component: GTXS, late: { pod: 'etcd-gtxs-1', entries: 9000 } }],
    expect: [{ component: GTXS, rule: 'etcd/followers-current', status: 'warn' }],
    roots: [GTXS],
  },
  {
    id: 'etcd-ghost-member',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [{ do: 'etcd', component: GTXS, ghosts: 1 }],
    expect: [{ component: GTXS, rule: 'etcd/members-match-pods', status: 'warn' }],
    roots: [GTXS],
  },
  {
    id: 'etcd-member-hangs',
    technology: 'etcd',
    difficulty: 'plain',
    inject: [
      { do: 'break-port', component: GTXS, port: 2379, how: 'hang', pods: 1, last: true },
      { do: 'not-ready', component: GTXS, pods: 1, last: true, probe: 'Get "http://10.244.3.9:2379/health": context deadline exceeded' },
    ],
    expect: [
      { component: GTXS, rule: 'etcd/members-answer', status: 'warn' },
      { component: GTXS, rule: 'workload/replicas', status: 'warn' },
    ],
    roots: [GTXS],
  },
  {
    id: 'kubernetes-etcd-without-majority',
    technology: 'etcd',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'etcd-down' }],
    expect: [
      { component: 'kube-system/etcd', rule: ['workload/replicas', 'workload/available'], status: 'warn' },
      { component: 'kube-system/kube-apiserver', rule: 'kube-apiserver/healthy', status: 'fail' },
    ],
    roots: ['kube-system/etcd'],
  },
];
