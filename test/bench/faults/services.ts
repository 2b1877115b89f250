import type { Fault } from './fault.ts';

const AUDIT = 'skiff-platform/audit';
const FRONT = 'skiff-platform/front';
const NCS = 'skiff-ncs/ncs';
const AUTH = 'skiff-platform/platform-user-auth';
const META = 'skiff-ncs/nsf-meta';
const PORTAL = 'skiff-apigw/apigw-portal';
const GTXS = 'skiff-gtxs/gtxs-server';

/** The platform's own services, Services, and what can befall any workload (components.md §12, Q). */
export const services: readonly Fault[] = [
  {
    id: 'service-hangs',
    technology: 'http-service',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'service-hangs' }],
    expect: [
      { component: AUDIT, rule: 'http-service/answers', status: 'fail' },
      { component: FRONT, rule: 'http-service/passes-on', status: 'warn' },
    ],
    roots: [AUDIT],
  },
  {
    id: 'service-resets-connections',
    technology: 'http-service',
    difficulty: 'plain',
    inject: [
      { do: 'break-port', component: META, port: 8080, how: 'reset' },
      { do: 'ready-when-connected', component: META },
    ],
    expect: [{ component: META, rule: 'http-service/answers', status: 'fail' }],
    roots: [META],
  },
  {
    id: 'service-one-pod-unhealthy',
    technology: 'http-service',
    difficulty: 'plain',
    inject: [
      {
        do: 'answer',
        component: NCS,
        port: 8080,
        path: '/actuator/health',
        pods: 1,
        status: 503,
        body: { status: 'DOWN', components: { diskSpace: { status: 'DOWN', details: { total: 107374182400, free: 1048576, threshold: 10485760 } } } },
      },
      { do: 'not-ready', component: NCS, pods: 1 },
    ],
    expect: [
      { component: NCS, rule: 'workload/replicas', status: 'warn' },
      { component: NCS, rule: 'http-service/each-healthy', status: 'warn' },
    ],
    roots: [NCS],
  },
  {
    id: 'service-down-by-its-own-disk',
    technology: 'http-service',
    difficulty: 'plain',
    inject: [
      {
        do: 'answer',
        component: META,
        port: 8080,
        path: '/actuator/health',
        status: 503,
        body: {
          status: 'DOWN',
          components: { db: { status: 'UP' }, diskSpace: { status: 'DOWN', details: { total: 107374182400, free: 1048576, threshold: 10485760 } } },
        },
      },
      { do: 'not-ready', component: META },
    ],
    expect: [
      { component: META, rule: 'http-service/healthy', status: 'fail' },
      { component: META, rule: 'workload/available', status: 'fail' },
    ],
    roots: [META],
  },
  {
    id: 'service-slow',
    technology: 'http-service',
    difficulty: 'plain',
    inject: [{ do: 'slow', component: AUDIT, port: 8080, ms: 3500 }],
    expect: [{ component: AUDIT, rule: ['http-service/prompt', 'http-service/timely'], status: 'warn' }],
    roots: [AUDIT],
  },
  {
    id: 'service-wrong-target-port',
    technology: 'http-service',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'service-wrong-port' }],
    expect: [{ component: NCS, rule: 'http-service/service-port-listens', status: 'fail' }],
    roots: [NCS],
  },
  {
    id: 'console-without-its-script',
    technology: 'http-service',
    difficulty: 'plain',
    inject: [
      { do: 'answer', component: FRONT, port: 80, path: '/static/js/app.3f2a91c0.js', status: 404, body: '<html><body>404</body></html>', type: 'text/html' },
    ],
    expect: [{ component: FRONT, rule: 'http-service/page-loads', status: 'fail' }],
    roots: [FRONT],
  },
  {
    id: 'user-auth-down-with-its-callers',
    technology: 'http-service',
    difficulty: 'tail',
    inject: [
      { do: 'crash-loop', component: AUTH, log: ['ERROR Application run failed: Could not resolve placeholder \'auth.jwt.key\' in value "${auth.jwt.key}"'] },
      { do: 'take-dependents-along', component: AUTH, except: ['front'] },
    ],
    expect: [
      { component: AUTH, rule: 'workload/available', status: 'fail' },
      { component: NCS, rule: 'workload/available', status: 'fail' },
      { component: FRONT, rule: 'http-service/passes-on', status: 'warn' },
    ],
    roots: [AUTH],
  },
  {
    id: 'selector-matches-nothing',
    technology: 'service',
    difficulty: 'plain',
    inject: [{ do: 'scenario', id: 'selector-matches-nothing' }],
    expect: [{ component: AUTH, rule: 'service/selects-pods', status: 'fail' }],
    roots: [AUTH],
  },
  {
    id: 'selector-of-etcd-matches-nothing',
    technology: 'service',
    difficulty: 'plain',
    inject: [{ do: 'misdirect-service', component: 'skiff-gtxs/etcd-gtxs' }],
    expect: [{ component: 'skiff-gtxs/etcd-gtxs', rule: 'service/selects-pods', status: 'fail' }],
    roots: ['skiff-gtxs/etcd-gtxs'],
  },
  {
    id: 'service-names-a-port-that-no-pod-has',
    technology: 'service',
    difficulty: 'plain',
    inject: [{ do: 'service-port', component: PORTAL, to: 'web' }],
    expect: [{ component: PORTAL, rule: 'service/named-ports-exist', status: 'warn' }],
    roots: [PORTAL],
  },
  {
    id: 'service-hangs-and-is-taken-out',
    technology: 'service',
    difficulty: 'tail',
    inject: [
      { do: 'not-ready', component: AUDIT, probe: 'Get "http://10.244.1.20:8080/actuator/health": context deadline exceeded' },
      { do: 'break-port', component: AUDIT, port: 8080, how: 'hang' },
    ],
    expect: [
      { component: AUDIT, rule: 'workload/available', status: 'fail' },
      { component: FRONT, rule: 'http-service/passes-on', status: 'warn' },
    ],
    roots: [AUDIT],
  },
  {
    id: 'workload-secret-missing',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'configuration-missing', component: GTXS, what: 'secret "gtxs-database" not found' }],
    expect: [
      { component: GTXS, rule: 'workload/available', status: 'fail' },
      { component: GTXS, rule: 'workload/containers-created', status: 'warn' },
    ],
    roots: [GTXS],
  },
  {
    id: 'workload-one-replica-unready',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'not-ready', component: PORTAL, pods: 1, probe: 'Get "http://10.244.1.20:8898/healthcheck": context deadline exceeded' }],
    expect: [{ component: PORTAL, rule: 'workload/replicas', status: 'warn' }],
    roots: [PORTAL],
  },
  {
    id: 'workload-restarts-again-and-again',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'restarted', component: NCS, times: 14 }],
    expect: [{ component: NCS, rule: 'workload/restarts', status: 'warn' }],
    roots: [NCS],
  },
  {
    id: 'workload-stuck-terminating',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'stuck-terminating', component: META, minutes: 95, pods: 1 }],
    expect: [{ component: META, rule: 'workload/pods-terminate', status: 'warn' }],
    roots: [META],
  },
  {
    id: 'workload-out-of-memory',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: 'skiff-apigw/apm-webserver', outOfMemory: true }],
    expect: [
      { component: 'skiff-apigw/apm-webserver', rule: 'workload/available', status: 'fail' },
      { component: 'skiff-apigw/apm-webserver', rule: 'workload/out-of-memory', status: 'warn' },
    ],
    roots: ['skiff-apigw/apm-webserver'],
  },
  {
    id: 'log-cleaner-missing-on-a-node',
    technology: 'workload',
    difficulty: 'plain',
    inject: [{ do: 'image-pull', component: 'kube-system/cleanlog', pods: 1 }],
    expect: [
      { component: 'kube-system/cleanlog', rule: 'workload/replicas', status: 'warn' },
      { component: 'kube-system/cleanlog', rule: 'workload/images-pulled', status: 'warn' },
    ],
    roots: ['kube-system/cleanlog'],
  },
];
