import type { Fault } from './fault.ts';

const KEEPER = 'skiff-ncs/stolon-keeper';
const SENTINEL = 'skiff-ncs/stolon-sentinel';
const PROXY = 'skiff-ncs/stolon-proxy';
const CORE = 'skiff-ncs/harbor-core';
const LOCK = { lock: 'stolon-cluster-kube-stolon', namespace: 'skiff-ncs' } as const;
const NO_DATABASE = ['database', 'failed to run SQL "SELECT 1": EOF'] as const;

/** stolon's keepers, sentinels and proxies, and Harbor behind them (components.md §12, P). */
export const stolon: readonly Fault[] = [
  {
    id: 'stolon-all-keepers-down',
    technology: 'stolon-keeper',
    difficulty: 'tail',
    inject: [
      { do: 'crash-loop', component: KEEPER, log: ['PANIC:  could not write to file "pg_wal/xlogtemp.31": No space left on device'] },
      { do: 'harbor', unusable: NO_DATABASE },
      { do: 'not-ready', component: 'skiff-ncs/harbor-clair', probe: 'HTTP probe failed with statuscode: 500' },
    ],
    expect: [
      { component: KEEPER, rule: 'workload/available', status: 'fail' },
      { component: PROXY, rule: 'stolon-proxy/answers', status: 'fail' },
      { component: CORE, rule: 'harbor-core/database-reachable', status: 'fail' },
      { component: 'skiff-ncs/harbor-clair', rule: 'workload/available', status: 'fail' },
    ],
    roots: [KEEPER],
  },
  {
    id: 'stolon-standby-down',
    technology: 'stolon-keeper',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: KEEPER, pods: 1, last: true, log: ["FATAL:  requested timeline 2 is not a child of this server's history"] }],
    expect: [
      { component: KEEPER, rule: 'workload/replicas', status: 'warn' },
      { component: KEEPER, rule: 'stolon-keeper/standbys-healthy', status: 'warn' },
    ],
    roots: [KEEPER],
  },
  {
    id: 'stolon-standby-database-failed',
    technology: 'stolon-keeper',
    difficulty: 'plain',
    inject: [{ do: 'stolon', failedDatabase: 1 }],
    expect: [{ component: KEEPER, rule: 'stolon-keeper/standbys-healthy', status: 'warn' }],
    roots: [KEEPER],
  },
  {
    id: 'stolon-without-synchronous-standby',
    technology: 'stolon-keeper',
    difficulty: 'plain',
    inject: [{ do: 'stolon', withoutSynchronous: true, failedDatabase: 1 }],
    expect: [{ component: KEEPER, rule: 'stolon-keeper/writes-confirmed', status: 'fail' }],
    roots: [KEEPER],
  },
  {
    id: 'stolon-standby-late',
    technology: 'stolon-keeper',
    difficulty: 'plain',
    inject: [{ do: 'stolon', behind: 41_943_040 }],
    expect: [{ component: KEEPER, rule: 'stolon-keeper/standby-lag', status: 'warn' }],
    roots: [KEEPER],
  },
  {
    id: 'stolon-standby-of-another-database',
    technology: 'stolon-keeper',
    difficulty: 'plain',
    inject: [{ do: 'stolon', foreignStandby: true }],
    expect: [{ component: KEEPER, rule: 'stolon-keeper/same-system', status: 'fail' }],
    roots: [KEEPER],
  },
  {
    id: 'stolon-proxies-told-of-the-old-master',
    technology: 'stolon-sentinel',
    difficulty: 'plain',
    inject: [{ do: 'stolon', proxiesLeadTo: 1 }],
    expect: [{ component: SENTINEL, rule: 'stolon-sentinel/proxies-told', status: 'fail' }],
    roots: [SENTINEL],
  },
  {
    id: 'stolon-sentinel-writes-nothing',
    technology: 'stolon-sentinel',
    difficulty: 'plain',
    inject: [{ do: 'stolon', silentMinutes: 25 }],
    expect: [{ component: SENTINEL, rule: 'stolon-sentinel/data-written', status: 'fail' }],
    roots: [SENTINEL],
  },
  {
    id: 'stolon-sentinels-hang',
    technology: 'stolon-sentinel',
    difficulty: 'plain',
    inject: [{ do: 'expire-lock', ...LOCK, minutes: 25 }],
    expect: [
      { component: SENTINEL, rule: 'stolon-sentinel/data-written', status: 'fail' },
      { component: SENTINEL, rule: 'leader-election/has-leader', status: 'fail' },
    ],
    roots: [SENTINEL],
  },
  {
    id: 'stolon-sentinels-down',
    technology: 'stolon-sentinel',
    difficulty: 'tail',
    inject: [
      {
        do: 'crash-loop',
        component: SENTINEL,
        log: ['FATAL cmd/sentinel.go:2030 cannot create sentinel {"error": "cannot create store: cannot get kube client"}'],
      },
      { do: 'expire-lock', ...LOCK, minutes: 21 },
    ],
    expect: [
      { component: SENTINEL, rule: 'workload/available', status: 'fail' },
      { component: SENTINEL, rule: 'stolon-sentinel/data-written', status: 'fail' },
    ],
    roots: [SENTINEL],
  },
  {
    // Sentinels and proxies work from this ConfigMap alone: without it a proxy closes its port, and Harbor is without its database.
    id: 'stolon-cluster-data-deleted',
    technology: 'stolon-sentinel',
    difficulty: 'tail',
    inject: [
      { do: 'remove', resource: 'configmaps', name: 'stolon-cluster-kube-stolon', namespace: 'skiff-ncs' },
      { do: 'break-port', component: PROXY, port: 5432, how: 'refused' },
      { do: 'not-ready', component: PROXY, probe: 'dial tcp 10.244.1.61:5432: connect: connection refused' },
      { do: 'harbor', unusable: NO_DATABASE },
    ],
    expect: [
      { component: SENTINEL, rule: 'stolon-sentinel/cluster-data-exists', status: 'fail' },
      { component: PROXY, rule: 'workload/available', status: 'fail' },
      { component: CORE, rule: 'harbor-core/database-reachable', status: 'fail' },
    ],
    roots: [SENTINEL],
  },
  {
    id: 'stolon-proxies-down',
    technology: 'stolon-proxy',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'harbor-database-unhealthy' }],
    expect: [
      { component: PROXY, rule: 'workload/available', status: 'fail' },
      { component: CORE, rule: 'harbor-core/database-reachable', status: 'fail' },
    ],
    roots: [PROXY],
  },
  {
    id: 'stolon-one-proxy-leads-nowhere',
    technology: 'stolon-proxy',
    difficulty: 'plain',
    inject: [{ do: 'break-port', component: PROXY, port: 5432, how: 'hang', pods: 1 }],
    expect: [{ component: PROXY, rule: 'stolon-proxy/each-answers', status: 'fail' }],
    roots: [PROXY],
  },
  {
    id: 'postgres-slot-holds-wal-back',
    technology: 'stolon-proxy',
    difficulty: 'plain',
    inject: [{ do: 'stolon', heldBack: 9_663_676_416 }],
    expect: [{ component: PROXY, rule: 'stolon-proxy/slots-in-use', status: 'warn' }],
    roots: [PROXY],
  },
  {
    id: 'postgres-connections-nearly-used-up',
    technology: 'stolon-proxy',
    difficulty: 'plain',
    inject: [{ do: 'stolon', connections: 94 }],
    expect: [{ component: PROXY, rule: 'stolon-proxy/connections-left', status: 'warn' }],
    roots: [PROXY],
  },
  {
    id: 'postgres-transaction-ids-run-out',
    technology: 'stolon-proxy',
    difficulty: 'plain',
    inject: [{ do: 'stolon', transactionAge: 2_140_000_000 }],
    expect: [{ component: PROXY, rule: 'stolon-proxy/transaction-ids-left', status: 'fail' }],
    roots: [PROXY],
  },
];
