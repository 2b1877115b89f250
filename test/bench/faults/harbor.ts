import type { Fault } from './fault.ts';

const CORE = 'skiff-ncs/harbor-core';
const REGISTRY = 'skiff-ncs/harbor-registry';
const JOBSERVICE = 'skiff-ncs/harbor-jobservice';
const PROXY = 'skiff-ncs/harbor-proxy';
const PORTAL = 'skiff-ncs/harbor-portal';
const CLAIR = 'skiff-ncs/harbor-clair';
const CHARTMUSEUM = 'skiff-ncs/harbor-chartmuseum';

/** The parts of Harbor (components.md §12, H). */
export const harbor: readonly Fault[] = [
  {
    id: 'harbor-adminserver-down',
    technology: 'harbor-adminserver',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'harbor-adminserver-down' }],
    expect: [
      { component: 'skiff-ncs/harbor-adminserver', rule: 'workload/available', status: 'fail' },
      { component: CORE, rule: 'harbor-core/configuration-read', status: 'fail' },
    ],
    roots: ['skiff-ncs/harbor-adminserver'],
  },
  {
    id: 'harbor-core-down',
    technology: 'harbor-core',
    difficulty: 'tail',
    inject: [
      { do: 'crash-loop', component: CORE, log: ['[FATAL] [main.go:78]: failed to load configurations: secret key file is not readable'] },
      { do: 'take-dependents-along', component: CORE, except: ['harbor-proxy', 'ncs'] },
    ],
    expect: [
      { component: CORE, rule: 'workload/available', status: 'fail' },
      { component: PROXY, rule: 'harbor-proxy/leads-to-core', status: 'fail' },
      { component: JOBSERVICE, rule: 'workload/available', status: 'fail' },
    ],
    roots: [CORE],
  },
  {
    // The nodes cannot pull what they do not have: pods of others wait for Harbor.
    id: 'harbor-wrong-realm',
    technology: 'harbor-core',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'harbor-wrong-realm' }],
    expect: [
      { component: CORE, rule: 'harbor-core/token-realm-right', status: 'fail' },
      { component: 'skiff-platform/front', rule: 'workload/images-pulled', status: 'warn' },
      { component: 'skiff-platform/audit', rule: 'workload/images-pulled', status: 'warn' },
    ],
    roots: [CORE],
  },
  {
    id: 'harbor-read-only',
    technology: 'harbor-core',
    difficulty: 'plain',
    inject: [{ do: 'harbor', readOnly: true }],
    expect: [{ component: CORE, rule: 'harbor-core/writable', status: 'warn' }],
    roots: [CORE],
  },
  {
    id: 'harbor-vulnerability-data-old',
    technology: 'harbor-core',
    difficulty: 'plain',
    inject: [{ do: 'harbor', vulnerabilityDays: 40 }],
    expect: [{ component: CORE, rule: 'harbor-core/vulnerability-data-fresh', status: 'warn' }],
    roots: [CORE],
  },
  {
    // Half an hour is as long as a token lives: none is valid any more when it is used.
    id: 'harbor-clock-wrong',
    technology: 'harbor-core',
    difficulty: 'plain',
    inject: [{ do: 'harbor', clockSkewSeconds: -2400 }],
    expect: [{ component: CORE, rule: 'harbor-core/tokens-in-time', status: 'fail' }],
    roots: [CORE],
  },
  {
    id: 'harbor-core-one-without-configuration',
    technology: 'harbor-core',
    difficulty: 'plain',
    inject: [{ do: 'configuration-missing', component: CORE, pods: 1, what: 'secret "harbor-core" not found' }],
    expect: [
      { component: CORE, rule: 'workload/replicas', status: 'warn' },
      { component: CORE, rule: 'workload/containers-created', status: 'warn' },
    ],
    roots: [CORE],
  },
  {
    id: 'harbor-registry-storage-broken',
    technology: 'harbor-registry',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'harbor-registry-unavailable' }],
    expect: [
      { component: REGISTRY, rule: 'workload/available', status: 'fail' },
      { component: REGISTRY, rule: 'harbor-registry/storage-healthy', status: 'fail' },
    ],
    roots: [REGISTRY],
  },
  {
    id: 'harbor-registry-storage-full',
    technology: 'harbor-registry',
    difficulty: 'plain',
    inject: [{ do: 'scenario', id: 'harbor-storage-full' }],
    expect: [{ component: REGISTRY, rule: 'harbor-registry/volume-not-full', status: 'fail' }],
    roots: [REGISTRY],
  },
  {
    id: 'harbor-registry-storage-nearly-full',
    technology: 'harbor-registry',
    difficulty: 'plain',
    inject: [{ do: 'volume-used', component: REGISTRY, gib: 44.5 }],
    expect: [{ component: REGISTRY, rule: 'harbor-registry/volume-has-room', status: 'warn' }],
    roots: [REGISTRY],
  },
  {
    id: 'harbor-registry-down',
    technology: 'harbor-registry',
    difficulty: 'tail',
    inject: [
      {
        do: 'crash-loop',
        component: REGISTRY,
        log: ['configuration error: error parsing /etc/registry/config.yml: yaml: line 14: found character that cannot start any token'],
      },
    ],
    expect: [
      { component: REGISTRY, rule: 'workload/available', status: 'fail' },
      { component: CORE, rule: 'harbor-core/registry-reachable', status: 'fail' },
    ],
    roots: [REGISTRY],
  },
  {
    id: 'harbor-worker-pool-dead',
    technology: 'harbor-jobservice',
    difficulty: 'plain',
    inject: [{ do: 'harbor-part', poolSilentSeconds: 900 }],
    expect: [{ component: JOBSERVICE, rule: 'harbor-jobservice/pools-alive', status: 'warn' }],
    roots: [JOBSERVICE],
  },
  {
    id: 'harbor-jobservice-down',
    technology: 'harbor-jobservice',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: JOBSERVICE, outOfMemory: true }],
    expect: [
      { component: JOBSERVICE, rule: 'workload/available', status: 'fail' },
      { component: JOBSERVICE, rule: 'workload/out-of-memory', status: 'warn' },
    ],
    roots: [JOBSERVICE],
  },
  {
    id: 'harbor-portal-down',
    technology: 'harbor-portal',
    difficulty: 'tail',
    inject: [{ do: 'crash-loop', component: PORTAL, log: ['nginx: [emerg] bind() to 0.0.0.0:80 failed (13: Permission denied)'] }],
    expect: [
      { component: PORTAL, rule: 'workload/available', status: 'fail' },
      { component: PROXY, rule: 'harbor-proxy/leads-to-portal', status: 'warn' },
    ],
    roots: [PORTAL],
  },
  {
    id: 'harbor-portal-without-its-page',
    technology: 'harbor-portal',
    difficulty: 'plain',
    inject: [
      { do: 'answer', component: PORTAL, port: 80, path: '/', status: 403, body: '<html><head><title>403 Forbidden</title></head></html>', type: 'text/html' },
      { do: 'not-ready', component: PORTAL, probe: 'HTTP probe failed with statuscode: 403' },
    ],
    expect: [
      { component: PORTAL, rule: 'workload/available', status: 'fail' },
      { component: PORTAL, rule: 'harbor-portal/answers', status: 'warn' },
    ],
    roots: [PORTAL],
  },
  {
    id: 'harbor-proxy-down',
    technology: 'harbor-proxy',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: PROXY, log: ['nginx: [emerg] host not found in upstream "harbor-core:80" in /etc/nginx/nginx.conf:19'] }],
    expect: [{ component: PROXY, rule: 'workload/available', status: 'fail' }],
    roots: [PROXY],
  },
  {
    id: 'harbor-proxy-hangs',
    technology: 'harbor-proxy',
    difficulty: 'plain',
    inject: [
      { do: 'break-port', component: PROXY, port: 80, how: 'hang' },
      { do: 'ready-when-connected', component: PROXY },
    ],
    expect: [{ component: PROXY, rule: 'harbor-proxy/answers', status: 'fail' }],
    roots: [PROXY],
  },
  {
    id: 'harbor-clair-hangs',
    technology: 'harbor-clair',
    difficulty: 'plain',
    inject: [
      { do: 'break-port', component: CLAIR, port: 6061, how: 'hang' },
      { do: 'break-port', component: CLAIR, port: 6060, how: 'hang' },
      { do: 'not-ready', component: CLAIR, probe: 'Get "http://10.244.2.40:6061/health": context deadline exceeded' },
    ],
    expect: [
      { component: CLAIR, rule: 'workload/available', status: 'fail' },
      { component: CLAIR, rule: 'harbor-clair/answers', status: 'warn' },
    ],
    roots: [CLAIR],
  },
  {
    id: 'harbor-chartmuseum-unhealthy',
    technology: 'harbor-chartmuseum',
    difficulty: 'plain',
    inject: [
      { do: 'answer', component: CHARTMUSEUM, port: 9999, path: '/health', status: 500, body: { error: 'redis: connection pool timeout' } },
      { do: 'not-ready', component: CHARTMUSEUM, probe: 'HTTP probe failed with statuscode: 500' },
    ],
    expect: [
      { component: CHARTMUSEUM, rule: 'workload/available', status: 'fail' },
      { component: CHARTMUSEUM, rule: 'harbor-chartmuseum/answers', status: 'warn' },
    ],
    roots: [CHARTMUSEUM],
  },
  {
    id: 'harbor-rsync-daemon-hangs',
    technology: 'harbor-rsync',
    difficulty: 'plain',
    inject: [{ do: 'break-port', component: 'skiff-ncs/harbor-rsync', port: 873, how: 'hang' }],
    expect: [{ component: 'skiff-ncs/harbor-rsync', rule: 'harbor-rsync/daemon-greets', status: 'warn' }],
    roots: ['skiff-ncs/harbor-rsync'],
  },
];
