import type { Fault } from './fault.ts';

const PLATFORM = 'skiff-platform/prometheus-platform';
const NCS = 'skiff-ncs/prometheus-ncs';
const NMS = 'skiff-platform/prometheus-nms';
const APM = 'skiff-apigw/prometheus-apm';
const NODE_EXPORTER = 'kube-system/node-exporter';
const NCS_MANAGER = 'skiff-ncs/ncs-manager';
const HEALTH = 'kube-system/skiff-platform-healthcheck-client';
const REDIS_EXPORTER = 'skiff-apigw/apm-redis-exporter';
const OTEL = 'skiff-apigw/apm-otel-collector';
const COLLECTOR = 'skiff-apigw/apm-collector';
const ELASTICSEARCH = 'skiff-logseer/elasticsearch';
const LOGSEER = 'skiff-logseer/logseer';
const FLUENTD = 'kube-system/fluentd';
const OAP = 'skiff-apigw/skywalking-oap';

/** What watches, and what stores logs and traces (components.md §12, O and Q21). */
export const observability: readonly Fault[] = [
  {
    id: 'prometheus-reload-failed',
    technology: 'prometheus',
    difficulty: 'plain',
    inject: [{ do: 'prometheus', component: PLATFORM, reloadFailed: true }],
    expect: [{ component: PLATFORM, rule: 'prometheus/configuration-loaded', status: 'warn' }],
    roots: [PLATFORM],
  },
  {
    // Targets that have nothing to do with each other are well: it is the Prometheus that does not reach them.
    id: 'prometheus-reaches-no-target-of-a-pool',
    technology: 'prometheus',
    difficulty: 'plain',
    inject: [{ do: 'prometheus', component: PLATFORM, deadPools: ['platform-exporters'] }],
    expect: [{ component: PLATFORM, rule: 'prometheus/pools-reached', status: 'warn' }],
    roots: [PLATFORM],
  },
  {
    id: 'prometheus-stores-nothing',
    technology: 'prometheus',
    difficulty: 'plain',
    inject: [{ do: 'prometheus', component: NMS, stalledMinutes: 40 }],
    expect: [{ component: NMS, rule: 'prometheus/ingesting', status: 'fail' }],
    roots: [NMS],
  },
  {
    id: 'prometheus-log-corrupt',
    technology: 'prometheus',
    difficulty: 'plain',
    inject: [
      {
        do: 'replace-in-answer',
        component: NCS,
        port: 9090,
        path: '/metrics',
        from: 'prometheus_tsdb_wal_corruptions_total 0',
        to: 'prometheus_tsdb_wal_corruptions_total 3',
      },
      { do: 'replace-in-answer', component: NCS, port: 9090, path: '/api/v1/status/runtimeinfo', from: '"corruptionCount":0', to: '"corruptionCount":3' },
    ],
    expect: [{ component: NCS, rule: 'prometheus/wal-intact', status: 'warn' }],
    roots: [NCS],
  },
  {
    id: 'prometheus-rule-fails',
    technology: 'prometheus',
    difficulty: 'plain',
    inject: [
      {
        do: 'replace-in-answer',
        component: PLATFORM,
        port: 9090,
        path: '/api/v1/rules',
        from: '"health":"ok"',
        to: '"health":"err","lastError":"found duplicate series for the match group"',
      },
    ],
    expect: [{ component: PLATFORM, rule: 'prometheus/rules-evaluate', status: 'warn' }],
    roots: [PLATFORM],
  },
  {
    id: 'prometheus-without-alertmanager',
    technology: 'prometheus',
    difficulty: 'plain',
    inject: [
      {
        do: 'answer',
        component: NMS,
        port: 9090,
        path: '/api/v1/alertmanagers',
        body: { status: 'success', data: { activeAlertmanagers: [], droppedAlertmanagers: [] } },
      },
      {
        do: 'replace-in-answer',
        component: NMS,
        port: 9090,
        path: '/metrics',
        from: 'prometheus_notifications_alertmanagers_discovered 1',
        to: 'prometheus_notifications_alertmanagers_discovered 0',
      },
    ],
    expect: [{ component: NMS, rule: 'prometheus/alertmanager-found', status: 'warn' }],
    roots: [NMS],
  },
  {
    id: 'prometheus-out-of-memory',
    technology: 'prometheus',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: APM, outOfMemory: true, log: ['level=info component=tsdb msg="Replaying WAL, this may take a while"'] }],
    expect: [
      { component: APM, rule: 'workload/available', status: 'fail' },
      { component: APM, rule: 'workload/out-of-memory', status: 'warn' },
    ],
    roots: [APM],
  },
  {
    id: 'prometheus-hangs',
    technology: 'prometheus',
    difficulty: 'plain',
    inject: [
      { do: 'break-port', component: NCS, port: 9090, how: 'hang' },
      { do: 'not-ready', component: NCS, probe: 'Get "http://10.244.3.50:9090/-/ready": context deadline exceeded' },
    ],
    expect: [{ component: NCS, rule: 'workload/available', status: 'fail' }],
    roots: [NCS],
  },
  // What an exporter tells of a node is the node's fault; the finding is kept with the exporter, its subject is the node.
  {
    id: 'node-disk-full',
    technology: 'node-exporter',
    difficulty: 'plain',
    inject: [{ do: 'node-figures', node: 'node1', diskUsed: 99 }],
    expect: [{ component: NODE_EXPORTER, rule: 'node-exporter/space-left', status: 'fail' }],
    roots: [NODE_EXPORTER],
  },
  {
    id: 'node-disk-nearly-full',
    technology: 'node-exporter',
    difficulty: 'plain',
    inject: [{ do: 'node-figures', node: 'node3', diskUsed: 92 }],
    expect: [{ component: NODE_EXPORTER, rule: 'node-exporter/space-spare', status: 'warn' }],
    roots: [NODE_EXPORTER],
  },
  {
    id: 'node-file-system-read-only',
    technology: 'node-exporter',
    difficulty: 'plain',
    inject: [{ do: 'node-figures', node: 'node2', readOnly: true }],
    expect: [{ component: NODE_EXPORTER, rule: 'node-exporter/filesystems-writable', status: 'warn' }],
    roots: [NODE_EXPORTER],
  },
  {
    id: 'node-memory-used-up',
    technology: 'node-exporter',
    difficulty: 'plain',
    inject: [{ do: 'node-figures', node: 'node2', memoryUsed: 97 }],
    expect: [{ component: NODE_EXPORTER, rule: 'node-exporter/memory-left', status: 'warn' }],
    roots: [NODE_EXPORTER],
  },
  {
    id: 'node-clock-ahead',
    technology: 'node-exporter',
    difficulty: 'plain',
    inject: [{ do: 'node-figures', node: 'node3', clockAhead: 95 }],
    expect: [{ component: NODE_EXPORTER, rule: 'node-exporter/clock-agrees', status: 'warn' }],
    roots: [NODE_EXPORTER],
  },
  {
    id: 'node-exporter-hangs-on-a-node',
    technology: 'node-exporter',
    difficulty: 'plain',
    inject: [
      { do: 'break-port', component: NODE_EXPORTER, port: 9100, how: 'hang', pods: 1 },
      { do: 'not-ready', component: NODE_EXPORTER, pods: 1, probe: 'Get "http://10.0.0.12:9100/": context deadline exceeded' },
    ],
    expect: [{ component: NODE_EXPORTER, rule: ['node-exporter/answers', 'workload/replicas'], status: 'warn' }],
    roots: [NODE_EXPORTER],
  },
  {
    id: 'ncs-manager-stopped-collecting',
    technology: 'metrics-endpoint',
    difficulty: 'plain',
    inject: [
      {
        do: 'answer',
        component: NCS_MANAGER,
        port: 8080,
        path: '/metrics',
        body: 'ncs_cluster_component_up{component="kube-scheduler"} 1\nncs_last_refresh_timestamp_seconds 1600000000\n',
        type: 'text/plain; version=0.0.4; charset=utf-8',
      },
    ],
    expect: [{ component: NCS_MANAGER, rule: 'metrics-endpoint/fresh', status: 'warn' }],
    roots: [NCS_MANAGER],
  },
  {
    id: 'healthcheck-client-collects-nothing',
    technology: 'metrics-endpoint',
    difficulty: 'plain',
    inject: [
      {
        do: 'answer',
        component: HEALTH,
        port: 8080,
        path: '/metrics',
        body: 'process_start_time_seconds 1.6146e+09\nprocess_open_fds 42\ngo_goroutines 9\n',
        type: 'text/plain; version=0.0.4; charset=utf-8',
      },
    ],
    expect: [{ component: HEALTH, rule: 'metrics-endpoint/has-own-samples', status: 'warn' }],
    roots: [HEALTH],
  },
  {
    id: 'ncs-manager-answers-500',
    technology: 'metrics-endpoint',
    difficulty: 'plain',
    inject: [
      { do: 'answer', component: NCS_MANAGER, port: 8080, path: '/metrics', status: 500, body: 'collect: connection refused\n' },
      { do: 'not-ready', component: NCS_MANAGER, probe: 'HTTP probe failed with statuscode: 500' },
    ],
    expect: [
      { component: NCS_MANAGER, rule: 'workload/available', status: 'fail' },
      { component: NCS_MANAGER, rule: ['metrics-endpoint/serves-metrics', 'metrics-endpoint/answers'], status: 'warn' },
    ],
    roots: [NCS_MANAGER],
  },
  {
    id: 'redis-exporter-down',
    technology: 'redis-exporter',
    difficulty: 'plain',
    inject: [{ do: 'crash-loop', component: REDIS_EXPORTER }],
    expect: [{ component: REDIS_EXPORTER, rule: 'workload/available', status: 'fail' }],
    roots: [REDIS_EXPORTER],
  },
  {
    // It was given an address that is no longer the Redis's, which is well.
    id: 'redis-exporter-looks-elsewhere',
    technology: 'redis-exporter',
    difficulty: 'plain',
    inject: [
      {
        do: 'answer',
        component: REDIS_EXPORTER,
        port: 9121,
        path: '/metrics',
        body: 'redis_exporter_build_info{golang_version="go1.19.8",version="1.45.0"} 1\nredis_exporter_last_scrape_error{err="dial tcp 10.96.9.9:6379: i/o timeout"} 1\nredis_up 0\n',
        type: 'text/plain; version=0.0.4; charset=utf-8',
      },
    ],
    expect: [{ component: REDIS_EXPORTER, rule: ['redis-exporter/redis-up', 'redis-exporter/sees-server'], status: 'warn' }],
    roots: [REDIS_EXPORTER],
  },
  {
    id: 'redis-exporter-serves-a-page',
    technology: 'redis-exporter',
    difficulty: 'plain',
    inject: [
      { do: 'answer', component: REDIS_EXPORTER, port: 9121, path: '/metrics', body: '<html><title>Welcome to nginx!</title></html>', type: 'text/html' },
    ],
    expect: [{ component: REDIS_EXPORTER, rule: 'redis-exporter/serves-redis-metrics', status: 'warn' }],
    roots: [REDIS_EXPORTER],
  },
  {
    id: 'otel-cannot-export',
    technology: 'otel-collector',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'otel-exporter-failing' }],
    expect: [
      { component: COLLECTOR, rule: 'workload/available', status: 'fail' },
      { component: OTEL, rule: 'otel-collector/exporters-deliver', status: 'warn' },
    ],
    roots: [COLLECTOR],
  },
  {
    id: 'otel-configuration-refused',
    technology: 'otel-collector',
    difficulty: 'plain',
    inject: [
      {
        do: 'crash-loop',
        component: OTEL,
        log: ['2021/03/01 08:12:44 application run finished with error: cannot load configuration: unknown exporters type "otlphttpp" for otlphttpp'],
      },
    ],
    expect: [
      { component: OTEL, rule: 'workload/available', status: 'fail' },
      { component: OTEL, rule: 'otel-collector/configuration-accepted', status: 'fail' },
    ],
    roots: [OTEL],
  },
  {
    id: 'otel-unavailable',
    technology: 'otel-collector',
    difficulty: 'plain',
    inject: [
      {
        do: 'answer',
        component: OTEL,
        port: 13_133,
        path: '/',
        status: 503,
        body: { status: 'Server not available', upSince: '0001-01-01T00:00:00Z', uptime: '' },
      },
      { do: 'not-ready', component: OTEL, probe: 'HTTP probe failed with statuscode: 503' },
    ],
    expect: [
      { component: OTEL, rule: 'workload/available', status: 'fail' },
      { component: OTEL, rule: 'otel-collector/server-available', status: 'fail' },
    ],
    roots: [OTEL],
  },
  {
    id: 'elasticsearch-red',
    technology: 'elasticsearch',
    difficulty: 'plain',
    inject: [{ do: 'scenario', id: 'elasticsearch-red' }],
    expect: [{ component: ELASTICSEARCH, rule: 'elasticsearch/not-red', status: 'fail' }],
    roots: [ELASTICSEARCH],
  },
  {
    id: 'elasticsearch-disk-flooded',
    technology: 'elasticsearch',
    difficulty: 'plain',
    inject: [{ do: 'elasticsearch', freePercent: 3 }],
    expect: [{ component: ELASTICSEARCH, rule: 'elasticsearch/disk-below-flood', status: 'fail' }],
    roots: [ELASTICSEARCH],
  },
  {
    id: 'elasticsearch-disk-low',
    technology: 'elasticsearch',
    difficulty: 'plain',
    inject: [{ do: 'elasticsearch', freePercent: 12 }],
    expect: [{ component: ELASTICSEARCH, rule: 'elasticsearch/disk-below-low', status: 'warn' }],
    roots: [ELASTICSEARCH],
  },
  {
    id: 'elasticsearch-without-majority',
    technology: 'elasticsearch',
    difficulty: 'tail',
    inject: [{ do: 'crash-loop', component: ELASTICSEARCH, pods: 2, outOfMemory: true }],
    expect: [{ component: ELASTICSEARCH, rule: 'elasticsearch/has-master', status: 'fail' }],
    roots: [ELASTICSEARCH],
  },
  {
    id: 'logseer-without-elasticsearch',
    technology: 'logseer',
    difficulty: 'tail',
    inject: [{ do: 'scenario', id: 'logseer-without-elasticsearch' }],
    expect: [
      { component: ELASTICSEARCH, rule: 'workload/available', status: 'fail' },
      { component: LOGSEER, rule: 'logseer/elasticsearch-serves', status: 'fail' },
    ],
    roots: [ELASTICSEARCH],
  },
  {
    id: 'logseer-answers-500',
    technology: 'logseer',
    difficulty: 'plain',
    inject: [
      { do: 'answer', component: LOGSEER, port: 8080, path: '/', status: 500, body: '<html><body>HTTP Status 500</body></html>', type: 'text/html' },
      { do: 'not-ready', component: LOGSEER, probe: 'HTTP probe failed with statuscode: 500' },
    ],
    expect: [
      { component: LOGSEER, rule: 'workload/available', status: 'fail' },
      { component: LOGSEER, rule: ['http-service/healthy', 'http-service/answers'], status: 'fail' },
    ],
    roots: [LOGSEER],
  },
  {
    id: 'fluentd-and-oap-without-elasticsearch',
    technology: 'fluentd',
    difficulty: 'tail',
    also: [FLUENTD, OAP],
    inject: [
      { do: 'crash-loop', component: ELASTICSEARCH, log: ['ERROR: [1] bootstrap checks failed'] },
      { do: 'not-ready', component: OAP, probe: 'HTTP probe failed with statuscode: 503' },
    ],
    expect: [
      { component: ELASTICSEARCH, rule: 'workload/available', status: 'fail' },
      { component: FLUENTD, rule: 'fluentd/outputs-deliver', status: 'warn' },
    ],
    roots: [ELASTICSEARCH],
  },
  {
    id: 'fluentd-hangs-on-a-node',
    technology: 'fluentd',
    difficulty: 'plain',
    also: [FLUENTD],
    inject: [{ do: 'break-port', component: FLUENTD, port: 24_220, how: 'hang', pods: 1 }],
    expect: [{ component: FLUENTD, rule: 'fluentd/agent-answers', status: 'warn' }],
    roots: [FLUENTD],
  },
  {
    id: 'skywalking-without-storage',
    technology: 'skywalking',
    difficulty: 'plain',
    also: [OAP],
    inject: [{ do: 'answer', component: OAP, port: 12_800, path: '/healthcheck', status: 503, body: '' }],
    expect: [{ component: OAP, rule: 'skywalking/healthy', status: 'fail' }],
    roots: [OAP],
  },
  {
    id: 'skywalking-hangs',
    technology: 'skywalking',
    difficulty: 'plain',
    also: [OAP],
    inject: [{ do: 'break-port', component: OAP, port: 12_800, how: 'hang' }],
    expect: [{ component: OAP, rule: 'skywalking/answers', status: 'fail' }],
    roots: [OAP],
  },
];
