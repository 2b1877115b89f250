import type { Pod } from '../../model/kubernetes.ts';
import type { BackendAnswer, BackendRequest, HttpBackend } from '../listeners.ts';
import type { Mutable } from '../objects.ts';
import { isReady } from '../reconcile.ts';
import type { ClusterState } from '../state.ts';

const NOT_FOUND: BackendAnswer = { status: 404, body: '404 page not found\n' };
const TEXT = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };

/** Prometheus text for `/metrics`, `ok` for everything else. */
export function metrics(...samples: readonly string[]): HttpBackend {
  const body = `${[...samples, 'process_start_time_seconds 1.6146e+09', 'process_open_fds 42', 'process_max_fds 1048576'].join('\n')}\n`;
  return ({ path }) => (path === '/metrics' ? { headers: TEXT, body } : { body: 'ok' });
}

/** The same of a program that collects the state of others, with the time when it last did. */
export function collected(prefix: string, ...samples: readonly string[]): HttpBackend {
  return (request) => {
    const refreshed = Math.floor(request.state.now().getTime() / 1000) - 20;
    const backend = metrics(...samples, `${prefix}_last_refresh_timestamp_seconds ${refreshed}`);
    return typeof backend === 'function' ? backend(request) : backend;
  };
}

/** What is wrong with a simulated Prometheus. */
export interface PrometheusTrouble {
  /** Its last reload failed. */
  readonly reloadFailed?: boolean;
  /** Scrape pools that it reaches nothing of. */
  readonly deadPools?: readonly string[];
  /** It answers 503 and reads its write-ahead log. */
  readonly starting?: boolean;
  /** For how many minutes it has stored no sample. */
  readonly stalledMinutes?: number;
}

/** By `<namespace>/<inventory id>`. One that is not in here has none. */
export const prometheusTroubles = new WeakMap<ClusterState, ReadonlyMap<string, PrometheusTrouble>>();

/** Exporters, by inventory id, that have lost sight of what they watch although that is well: a password that was changed on one side. */
export const blindExporters = new WeakMap<ClusterState, ReadonlySet<string>>();

/** mysqld_exporter 0.15 that may not log in: it answers, and has nothing of the database. */
export const blindMysqldExporter = metrics(
  'mysql_exporter_collector_success{collector="connection"} 0',
  'mysql_up 0',
  'mysqld_exporter_build_info{branch="HEAD",goversion="go1.21.5",revision="20a5e8c3",version="0.15.1"} 1',
);

/** The scrape pools of each Prometheus: `<namespace>/<inventory id>` of what is in them, and the port. */
const POOLS: Readonly<Record<string, Readonly<Record<string, readonly (readonly [string, number])[]>>>> = {
  'prometheus-platform': {
    'platform-exporters': [
      ['skiff-platform/mysqld-exporter', 9104],
      ['skiff-platform/platform-redis-exporter', 9121],
      ['kube-system/skiff-platform-healthcheck-client', 8080],
    ],
  },
  'prometheus-ncs': {
    'ncs-manager': [['skiff-ncs/ncs-manager', 8080]],
    stolon: [
      ['skiff-ncs/stolon-keeper', 8080],
      ['skiff-ncs/stolon-sentinel', 8080],
      ['skiff-ncs/stolon-proxy', 8080],
    ],
  },
  'prometheus-apm': {
    'apm-exporters': [
      ['apm-redis-exporter', 9121],
      ['apm-redis-sentinel-exporter', 9121],
    ],
    otel: [['apm-otel-collector', 8888]],
  },
  'prometheus-nms': { 'node-exporter': [['kube-system/node-exporter', 9100]] },
  prometheus: { 'node-exporter': [['kube-system/node-exporter', 9100]], coredns: [['kube-system/coredns', 9153]] },
};

interface SimulatedTarget {
  readonly pool: string;
  readonly pod: Mutable<Pod>;
  readonly component: string;
  readonly address: string;
  readonly error: string;
}

function targetsOf({ state, pod }: BackendRequest): readonly SimulatedTarget[] {
  const dead = troubleOf(state, pod).deadPools ?? [];
  return Object.entries(POOLS[pod.component] ?? {}).flatMap(([pool, components]) =>
    components
      .filter(([id]) => state.hasComponent(id))
      .flatMap(([id, port]) =>
        state.podsOf(id).map((target): SimulatedTarget => {
          const address = `${target.status?.podIP ?? ''}:${port}`;
          const lost = dead.includes(pool) || state.lostNodes.has(target.spec?.nodeName ?? '');
          const listener = state.listenerOf(target, port);
          const failure = lost || listener === 'timeout' ? 'context deadline exceeded' : `dial tcp ${address}: connect: connection refused`;
          const fails = lost || typeof listener === 'string';
          return { pool, pod: target, component: id, address, error: fails ? `Get "http://${address}/metrics": ${failure}` : '' };
        }),
      ),
  );
}

function troubleOf(state: ClusterState, pod: { readonly namespace: string; readonly component: string }): PrometheusTrouble {
  return prometheusTroubles.get(state)?.get(`${pod.namespace}/${pod.component}`) ?? {};
}

/** Prometheus 2.26. */
export const prometheus: HttpBackend = (request) => {
  const { path, query, state, pod } = request;
  const data = (value: unknown): BackendAnswer => ({ body: { status: 'success', data: value } });
  const { starting, reloadFailed } = troubleOf(state, pod);
  const unready = starting === true && path !== '/metrics' && path !== '/-/healthy';
  if (unready) return { status: 503, body: 'Service Unavailable' };
  const now = state.now().toISOString();
  const started = state.startedAt.toISOString();
  switch (path) {
    case '/-/healthy':
      return { body: 'Prometheus is Healthy.\n' };
    case '/-/ready':
      return { body: 'Prometheus is Ready.\n' };
    case '/api/v1/targets':
      return data({ activeTargets: [...targetsOf(request).map((target) => activeTarget(target, now)), itself(now)], droppedTargets: [] });
    case '/api/v1/rules':
      return data({ groups: [rulesOf(request, now)] });
    case '/api/v1/alerts':
      return data({ alerts: alertsOf(request) });
    case '/api/v1/alertmanagers':
      return data({ activeAlertmanagers: [{ url: 'http://10.96.93.93:9093/api/v2/alerts' }], droppedAlertmanagers: [] });
    case '/api/v1/status/runtimeinfo':
      return data({
        startTime: started,
        reloadConfigSuccess: reloadFailed !== true,
        lastConfigTime: started,
        corruptionCount: 0,
        goroutineCount: 84,
        storageRetention: '15d',
      });
    case '/api/v1/status/tsdb':
      return data({ headStats: { numSeries: 48_211, chunkCount: 190_000 }, seriesCountByMetricName: [{ name: 'node_cpu_seconds_total', value: 384 }] });
    case '/api/v1/status/buildinfo':
      return data({ version: '2.26.0', revision: '3cafc58827d1ebd1a67749f88be4218f0bab3d8d', goVersion: 'go1.16.2' });
    case '/api/v1/query':
      return data({ resultType: 'vector', result: queryResult(request, query.get('query') ?? '') });
    case '/metrics':
      return { headers: TEXT, body: ownMetrics(request) };
    default:
      return NOT_FOUND;
  }
};

function activeTarget({ pool, pod, address, error }: SimulatedTarget, now: string) {
  const { name, namespace = '' } = pod.metadata;
  const node = pod.spec?.nodeName ?? '';
  return {
    discoveredLabels: {
      __address__: address,
      __meta_kubernetes_namespace: namespace,
      __meta_kubernetes_pod_name: name,
      __meta_kubernetes_pod_node_name: node,
      __metrics_path__: '/metrics',
      __scheme__: 'http',
      job: pool,
    },
    labels: { job: pool, instance: address, namespace, pod: name },
    scrapePool: pool,
    scrapeUrl: `http://${address}/metrics`,
    globalUrl: `http://${address}/metrics`,
    lastError: error,
    lastScrape: now,
    lastScrapeDuration: 0.02,
    health: error === '' ? 'up' : 'down',
  };
}

const ITSELF = { job: 'prometheus', instance: 'localhost:9090' };

function itself(now: string) {
  const url = 'http://localhost:9090/metrics';
  return {
    discoveredLabels: {},
    labels: ITSELF,
    scrapePool: 'prometheus',
    scrapeUrl: url,
    globalUrl: url,
    lastError: '',
    lastScrape: now,
    lastScrapeDuration: 0.01,
    health: 'up',
  };
}

function rulesOf(request: BackendRequest, now: string) {
  const alerts = alertsOf(request);
  const rule = (name: string, query: string, of: readonly object[]) => ({
    state: of.length > 0 ? 'firing' : 'inactive',
    name,
    query,
    duration: 300,
    labels: { severity: 'warning' },
    annotations: {},
    alerts: of,
    health: 'ok',
    evaluationTime: 0.0004,
    lastEvaluation: now,
    type: 'alerting',
  });
  const rules = [
    rule('InstanceDown', 'up == 0', alerts),
    rule('Watchdog', 'vector(1)', [{ labels: { alertname: 'Watchdog' }, state: 'firing', activeAt: now, value: '1e+00' }]),
  ];
  return { name: 'platform', file: '/etc/prometheus/rules.yml', rules, interval: 30, evaluationTime: 0.0006, lastEvaluation: now };
}

function alertsOf(request: BackendRequest): readonly object[] {
  const since = new Date(request.state.startedAt.getTime() - 15 * 60_000).toISOString();
  return targetsOf(request)
    .filter(({ error }) => error !== '')
    .map(({ pool, address }) => ({
      labels: { alertname: 'InstanceDown', severity: 'warning', job: pool, instance: address },
      annotations: {},
      state: 'firing',
      activeAt: since,
      value: '0e+00',
    }));
}

/** What skiffctl asks, answered in the form of its parts; the label `fact` tells them apart. Other queries find nothing. */
function queryResult(request: BackendRequest, query: string): readonly object[] {
  const { state } = request;
  const at = state.now().getTime() / 1000;
  if (!query.includes("'fact'")) return [];
  const sample = (metric: Readonly<Record<string, string>>, value: number): object => ({ metric, value: [at, String(value)] });
  return [
    sample({ fact: 'time' }, at),
    sample({ __name__: 'process_start_time_seconds', fact: 'self', ...ITSELF }, startedSeconds(state)),
    ...targetsOf(request)
      .filter(({ error, component }) => error === '' && isBlind(component, state))
      .map(({ component, pool, address, pod }) => {
        const metric = component.includes('mysqld') ? 'mysql_up' : 'redis_up';
        return sample({ __name__: metric, fact: 'blind', job: pool, instance: address, namespace: pod.metadata.namespace ?? '', pod: pod.metadata.name }, 0);
      }),
  ];
}

/** An exporter whose server does not serve, or whose password is wrong. */
function isBlind(component: string, state: ClusterState): boolean {
  const id = component.split('/').at(-1) ?? '';
  if (blindExporters.get(state)?.has(id) === true) return true;
  const watched = id === 'mysqld-exporter' ? 'etcd-mysql' : /redis(?:-sentinel)?-exporter$/.test(id) ? id.replace(/-exporter$/, '') : '';
  // The exporter of MySQL without a target tells of the first instance.
  if (watched === '' || !state.hasComponent(watched)) return false;
  const pods = state.podsOf(watched);
  return id === 'mysqld-exporter' ? pods[0] === undefined || !isReady(pods[0]) : !pods.some(isReady);
}

/** A month before the simulation, with the hundredths that a real one has. */
function startedSeconds(state: ClusterState): number {
  return Math.floor(state.startedAt.getTime() / 1000) - 2_592_000 + 0.27;
}

function ownMetrics({ state, pod }: BackendRequest): string {
  const { reloadFailed, starting, stalledMinutes = 0 } = troubleOf(state, pod);
  const now = state.now().getTime();
  const started = starting === true ? Math.floor(state.startedAt.getTime() / 1000) - 120 : startedSeconds(state);
  return [
    `process_start_time_seconds ${started}`,
    'prometheus_build_info{branch="HEAD",goversion="go1.16.2",revision="3cafc58827d1ebd1a67749f88be4218f0bab3d8d",version="2.26.0"} 1',
    `prometheus_config_last_reload_success_timestamp_seconds ${started + 3}`,
    `prometheus_config_last_reload_successful ${reloadFailed === true ? 0 : 1}`,
    'prometheus_notifications_alertmanagers_discovered 1',
    'prometheus_notifications_dropped_total 0',
    'prometheus_notifications_errors_total{alertmanager="http://10.96.93.93:9093/api/v2/alerts"} 0',
    'prometheus_sd_kubernetes_http_request_total{status_code="200"} 421',
    'prometheus_tsdb_checkpoint_creations_failed_total 0',
    'prometheus_tsdb_compactions_failed_total 0',
    `prometheus_tsdb_head_max_time ${now - 5000 - stalledMinutes * 60_000}`,
    'prometheus_tsdb_head_series 48211',
    'prometheus_tsdb_head_truncations_failed_total 0',
    'prometheus_tsdb_reloads_failures_total 0',
    'prometheus_tsdb_wal_corruptions_total 0',
    'prometheus_tsdb_wal_truncations_failed_total 0',
    '',
  ].join('\n');
}

/** What is wrong with a simulated node, as its exporter tells it. */
export interface NodeTrouble {
  /** Of the root file system, in percent. */
  readonly diskUsed?: number;
  readonly readOnly?: boolean;
  readonly memoryUsed?: number;
  /** Seconds by which its clock is ahead. */
  readonly clockAhead?: number;
}

/** By name. A node that is not in here is well. */
export const nodeTroubles = new WeakMap<ClusterState, ReadonlyMap<string, NodeTrouble>>();

const DISK_BYTES = 105_555_197_952;
const MEMORY_BYTES = 33_565_622_272;

/** node_exporter 1.0 on the node of its pod. */
export const nodeExporter: HttpBackend = ({ path, state, pod }) => {
  if (path !== '/metrics') return { headers: { 'content-type': 'text/html' }, body: '<html><head><title>Node Exporter</title></head></html>' };
  const { diskUsed = 41, readOnly = false, memoryUsed = 52, clockAhead = 0 } = nodeTroubles.get(state)?.get(pod.node) ?? {};
  const root = '{device="/dev/vda1",fstype="ext4",mountpoint="/"}';
  const working = ['conntrack', 'cpu', 'diskstats', 'filefd', 'filesystem', 'loadavg', 'meminfo', 'netdev', 'stat', 'time', 'timex', 'uname', 'vmstat'];
  const lines = [
    'node_boot_time_seconds 1.6146e+09',
    'node_exporter_build_info{branch="HEAD",goversion="go1.14.4",revision="3715be6ae899f2a9b9dbfd9c39f3e09a7bd4559f",version="1.0.1"} 1',
    'node_filefd_allocated 6112',
    'node_filefd_maximum 3.269408e+06',
    `node_filesystem_avail_bytes${root} ${Math.round((DISK_BYTES * (100 - diskUsed)) / 100)}`,
    `node_filesystem_avail_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 1.65e+09`,
    `node_filesystem_files${root} 6.5536e+06`,
    `node_filesystem_files_free${root} 6.1e+06`,
    `node_filesystem_readonly${root} ${readOnly ? 1 : 0}`,
    `node_filesystem_size_bytes${root} ${DISK_BYTES}`,
    `node_filesystem_size_bytes{device="tmpfs",fstype="tmpfs",mountpoint="/run"} 1.67e+09`,
    'node_load1 0.4',
    `node_memory_MemAvailable_bytes ${Math.round((MEMORY_BYTES * (100 - memoryUsed)) / 100)}`,
    `node_memory_MemTotal_bytes ${MEMORY_BYTES}`,
    'node_nf_conntrack_entries 2211',
    'node_nf_conntrack_entries_limit 262144',
    ...working.map((collector) => `node_scrape_collector_success{collector="${collector}"} 1`),
    ...['bonding', 'infiniband', 'nfs', 'zfs'].map((collector) => `node_scrape_collector_success{collector="${collector}"} 0`),
    `node_time_seconds ${state.now().getTime() / 1000 + clockAhead}`,
    'node_timex_maxerror_seconds 0.0185',
    'node_timex_sync_status 1',
    'process_start_time_seconds 1.6146e+09',
  ];
  return { headers: TEXT, body: `${lines.join('\n')}\n` };
};
