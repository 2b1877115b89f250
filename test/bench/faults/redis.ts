import type { Fault } from './fault.ts';

const APM = 'skiff-apigw/apm-redis';
const PLATFORM = 'skiff-platform/platform-redis';
const HARBOR = 'skiff-ncs/harbor-redis';
const HAPROXY = 'skiff-ncs/redis-harbor-haproxy';
const APM_SENTINEL = 'skiff-apigw/apm-redis-sentinel';
const HARBOR_SENTINEL = 'skiff-ncs/harbor-redis-sentinel';

/** Harbor's words when nobody answers behind its HAProxy. */
const NO_REDIS = ['redis', 'failed to establish connection with Redis: EOF'] as const;

/** Redis sets, their sentinels and the HAProxy of Harbor (components.md §12, R). The first pod of a set is its master. */
export const redis: readonly Fault[] = [
  {
    id: 'redis-snapshot-failed',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM, pod: 0, cannotSave: 'rdb' }],
    expect: [{ component: APM, rule: 'redis/accepts-writes', status: 'fail' }],
    roots: [APM],
  },
  {
    id: 'redis-append-only-file-failed',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: PLATFORM, pod: 0, cannotSave: 'aof' }],
    expect: [{ component: PLATFORM, rule: 'redis/accepts-writes', status: 'fail' }],
    roots: [PLATFORM],
  },
  {
    id: 'redis-replica-cannot-save',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: HARBOR, pod: 2, cannotSave: 'rdb' }],
    expect: [{ component: HARBOR, rule: 'redis/persisted', status: 'warn' }],
    roots: [HARBOR],
  },
  {
    id: 'redis-replica-link-down',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM, pod: 1, linkDownSeconds: 640 }],
    expect: [{ component: APM, rule: 'redis/replicas-linked', status: 'warn' }],
    roots: [APM],
  },
  {
    id: 'redis-replica-of-a-stranger',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: PLATFORM, pod: 2, follows: '10.244.9.77' }],
    // The address is nobody's, so that the link is down as well: either rule says whom it follows.
    expect: [{ component: PLATFORM, rule: ['redis/replicas-follow-set', 'redis/replicas-linked'], status: 'warn' }],
    roots: [PLATFORM],
  },
  {
    id: 'redis-two-masters',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: PLATFORM, pod: 1, believesMaster: true }],
    expect: [{ component: PLATFORM, rule: 'redis/one-master', status: 'fail' }],
    roots: [PLATFORM],
  },
  {
    // Whichever server HAProxy takes, half of the writes are lost: HAProxy and the sentinels only tell of it.
    id: 'harbor-redis-two-masters',
    technology: 'redis',
    difficulty: 'tail',
    inject: [{ do: 'redis', component: HARBOR, pod: 1, believesMaster: true }],
    expect: [
      { component: HARBOR, rule: 'redis/one-master', status: 'fail' },
      { component: HAPROXY, rule: 'haproxy/one-server', status: 'fail' },
    ],
    roots: [HARBOR],
  },
  {
    // The old master was told to follow an address that is nobody's; the others follow it still.
    id: 'harbor-redis-without-master',
    technology: 'redis',
    difficulty: 'tail',
    inject: [
      { do: 'redis', component: HARBOR, pod: 0, follows: '10.244.9.77' },
      { do: 'redis', component: HARBOR, pod: 1, linkDownSeconds: 3540 },
      { do: 'redis', component: HARBOR, pod: 2, linkDownSeconds: 3540 },
      { do: 'harbor', unusable: NO_REDIS },
    ],
    expect: [
      { component: HARBOR, rule: 'redis/has-master', status: 'fail' },
      { component: HAPROXY, rule: ['haproxy/has-server', 'haproxy/answers'], status: 'fail' },
      { component: 'skiff-ncs/harbor-jobservice', rule: ['harbor-jobservice/answers', 'harbor-jobservice/pools-alive'], status: 'warn' },
    ],
    roots: [HARBOR],
  },
  {
    id: 'redis-memory-full',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: PLATFORM, pod: 0, memoryUsed: 100 }],
    expect: [{ component: PLATFORM, rule: 'redis/accepts-writes', status: 'fail' }],
    roots: [PLATFORM],
  },
  {
    id: 'redis-memory-nearly-full',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM, pod: 0, memoryUsed: 94 }],
    expect: [{ component: APM, rule: 'redis/memory-spare', status: 'warn' }],
    roots: [APM],
  },
  {
    id: 'redis-clients-nearly-full',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM, pod: 0, clients: 9600 }],
    expect: [{ component: APM, rule: 'redis/clients-spare', status: 'warn' }],
    roots: [APM],
  },
  {
    id: 'redis-turns-clients-away',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: PLATFORM, pod: 0, full: true }],
    expect: [{ component: PLATFORM, rule: 'redis/admits-clients', status: 'fail' }],
    roots: [PLATFORM],
  },
  {
    id: 'redis-replica-loading',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM, pod: 2, loading: true }],
    expect: [{ component: APM, rule: 'redis/loaded', status: 'warn' }],
    roots: [APM],
  },
  {
    id: 'redis-replica-behind',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM, pod: 1, behind: 120_000_000 }],
    expect: [{ component: APM, rule: 'redis/replicas-in-step', status: 'warn' }],
    roots: [APM],
  },
  {
    // A process that is stopped keeps its port open: the TCP probe of its pod sees nothing.
    id: 'redis-replica-hangs',
    technology: 'redis',
    difficulty: 'plain',
    inject: [{ do: 'break-port', component: PLATFORM, port: 6379, how: 'hang', pods: 1, last: true }],
    expect: [{ component: PLATFORM, rule: 'redis/instances-answer', status: 'warn' }],
    roots: [PLATFORM],
  },
  {
    id: 'redis-down-with-its-readers',
    technology: 'redis',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'apm-redis-down-by-spring' }],
    expect: [
      { component: APM, rule: 'workload/available', status: 'fail' },
      { component: 'skiff-apigw/apm-webserver', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-apigw/apm-collector', rule: 'workload/available', status: 'fail' },
    ],
    roots: [APM],
  },
  {
    id: 'platform-redis-down-with-its-readers',
    technology: 'redis',
    difficulty: 'tail',
    inject: [
      {
        do: 'crash-loop',
        component: PLATFORM,
        log: ['Bad file format reading the append only file: make a backup of your AOF file, then use ./redis-check-aof --fix'],
      },
      { do: 'take-dependents-along', component: PLATFORM },
    ],
    expect: [
      { component: PLATFORM, rule: 'workload/available', status: 'fail' },
      { component: 'skiff-platform/platform-user-auth', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-ncs/ncs', rule: 'workload/available', status: 'fail' },
    ],
    roots: [PLATFORM],
  },
  {
    id: 'sentinels-disagree-about-the-master',
    technology: 'redis-sentinel',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM_SENTINEL, pod: 2, names: 'apm-redis-1' }],
    expect: [{ component: APM_SENTINEL, rule: 'redis-sentinel/same-master', status: 'fail' }],
    roots: [APM_SENTINEL],
  },
  {
    id: 'sentinel-in-tilt',
    technology: 'redis-sentinel',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM_SENTINEL, pod: 0, tilt: true }],
    expect: [{ component: APM_SENTINEL, rule: 'redis-sentinel/not-in-tilt', status: 'warn' }],
    roots: [APM_SENTINEL],
  },
  {
    // Two that are long gone count for the majority: with one more the three that are left cannot fail over.
    id: 'sentinels-remember-the-gone',
    technology: 'redis-sentinel',
    difficulty: 'plain',
    inject: [0, 1, 2].map((pod) => ({ do: 'redis', component: HARBOR_SENTINEL, pod, forgotten: 2 }) as const),
    expect: [{ component: HARBOR_SENTINEL, rule: 'redis-sentinel/no-stale-sentinels', status: 'warn' }],
    roots: [HARBOR_SENTINEL],
  },
  {
    id: 'sentinels-with-an-impossible-quorum',
    technology: 'redis-sentinel',
    difficulty: 'plain',
    inject: [0, 1, 2].map((pod) => ({ do: 'redis', component: APM_SENTINEL, pod, quorum: 5 }) as const),
    expect: [{ component: APM_SENTINEL, rule: 'redis-sentinel/quorum-reachable', status: 'fail' }],
    roots: [APM_SENTINEL],
  },
  {
    id: 'sentinels-without-majority',
    technology: 'redis-sentinel',
    difficulty: 'plain',
    inject: [
      {
        do: 'crash-loop',
        component: APM_SENTINEL,
        pods: 2,
        log: [
          '*** FATAL CONFIG FILE ERROR ***',
          'Reading the configuration file, at line 4',
          ">>> 'sentinel monitor mymaster redis 6379 2'",
          "Can't resolve master instance hostname.",
        ],
      },
    ],
    expect: [
      { component: APM_SENTINEL, rule: ['redis-sentinel/majority-answers', 'redis-sentinel/majority-usable'], status: 'fail' },
      { component: APM_SENTINEL, rule: 'workload/crash-loop', status: 'warn' },
    ],
    roots: [APM_SENTINEL],
  },
  {
    id: 'sentinels-down',
    technology: 'redis-sentinel',
    difficulty: 'tail',
    inject: [{ do: 'crash-loop', component: APM_SENTINEL }],
    expect: [{ component: APM_SENTINEL, rule: 'workload/available', status: 'fail' }],
    roots: [APM_SENTINEL],
  },
  {
    id: 'sentinel-hangs',
    technology: 'redis-sentinel',
    difficulty: 'plain',
    inject: [{ do: 'break-port', component: HARBOR_SENTINEL, port: 26_379, how: 'hang', pods: 1, last: true }],
    expect: [{ component: HARBOR_SENTINEL, rule: 'redis-sentinel/each-answers', status: 'warn' }],
    roots: [HARBOR_SENTINEL],
  },
  {
    id: 'sentinel-does-not-reach-the-master',
    technology: 'redis-sentinel',
    difficulty: 'plain',
    inject: [{ do: 'redis', component: APM_SENTINEL, pod: 1, holdsMasterDown: true }],
    expect: [{ component: APM_SENTINEL, rule: 'redis-sentinel/master-up-for-each', status: 'warn' }],
    roots: [APM_SENTINEL],
  },
  {
    id: 'haproxy-down',
    technology: 'haproxy',
    difficulty: 'tail',
    inject: [
      {
        do: 'crash-loop',
        component: HAPROXY,
        log: [
          "[ALERT] 060/090000 (1) : parsing [/usr/local/etc/haproxy/haproxy.cfg:21] : 'server harbor-redis-0' : could not resolve address 'harbor-redis-0.harbor-redis'.",
        ],
      },
    ],
    expect: [
      { component: HAPROXY, rule: 'workload/available', status: 'fail' },
      { component: 'skiff-ncs/harbor-jobservice', rule: 'harbor-jobservice/answers', status: 'warn' },
    ],
    roots: [HAPROXY],
  },
  {
    id: 'haproxy-hangs',
    technology: 'haproxy',
    difficulty: 'tail',
    inject: [
      { do: 'break-port', component: HAPROXY, port: 6379, how: 'hang' },
      { do: 'harbor', unusable: NO_REDIS },
    ],
    expect: [
      { component: HAPROXY, rule: 'haproxy/answers', status: 'fail' },
      { component: 'skiff-ncs/harbor-jobservice', rule: 'harbor-jobservice/answers', status: 'warn' },
    ],
    roots: [HAPROXY],
  },
  {
    id: 'haproxy-leads-to-a-replica',
    technology: 'haproxy',
    difficulty: 'plain',
    inject: [0, 1].map((pod) => ({ do: 'redis', component: HAPROXY, pod, leadsTo: 'harbor-redis-1' }) as const),
    expect: [{ component: HAPROXY, rule: 'haproxy/leads-to-master', status: 'fail' }],
    roots: [HAPROXY],
  },
];
