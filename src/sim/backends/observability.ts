import type { BackendAnswer, BackendRequest, HttpBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import type { ClusterState } from '../state.ts';
import { isServing } from './services.ts';

/** What collects traces and logs, and the store of logs: an OpenTelemetry Collector, SkyWalking, Fluentd, Elasticsearch. */

const TEXT = { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json; charset=UTF-8' };
const GIB = 1024 ** 3;

export const otelHealth: HttpBackend = { body: { status: 'Server available', upSince: '2021-03-01T00:00:00Z', uptime: '720h0m0s' } };

/** Scrapes of the collectors of a cluster so far: what fails goes on failing from one to the next. */
const scrapes = new WeakMap<ClusterState, number>();

/** The own metrics of a collector 0.24, whose exporter leads to apm-collector. */
export const otelMetrics: HttpBackend = ({ path, state }) => {
  if (path !== '/metrics') return { status: 404, body: '404 page not found\n' };
  const count = (scrapes.get(state) ?? 0) + 1;
  scrapes.set(state, count);
  const delivers = !state.hasComponent('apm-collector') || isServing({ state }, 'apm-collector');
  const failed = delivers ? 0 : 12_400 + 60 * count;
  const sent = delivers ? 981_200 + 60 * count : 981_200;
  const lines = [
    `otelcol_exporter_queue_size{exporter="otlp"} ${delivers ? 0 : 2150}`,
    `otelcol_exporter_send_failed_spans{exporter="otlp"} ${failed}`,
    `otelcol_exporter_sent_spans{exporter="otlp"} ${sent}`,
    'otelcol_process_memory_rss 1.13717248e+08',
    'otelcol_process_uptime 2.592e+06',
    `otelcol_processor_accepted_spans{processor="memory_limiter"} ${sent + failed}`,
    'otelcol_processor_dropped_spans{processor="memory_limiter"} 0',
    'otelcol_processor_refused_spans{processor="memory_limiter"} 0',
    `otelcol_receiver_accepted_spans{receiver="otlp",transport="grpc"} ${sent + failed}`,
    'otelcol_receiver_refused_spans{receiver="otlp",transport="grpc"} 0',
  ];
  return { headers: TEXT, body: `${lines.join('\n')}\n` };
};

/** The OAP server of SkyWalking is as healthy as its storage. */
export const skywalkingOap: HttpBackend = ({ path, state }) => {
  if (path !== '/healthcheck') return { status: 404, body: 'Status: 404\nDescription: Not Found\n' };
  return { status: !state.hasComponent('elasticsearch') || isServing({ state }, 'elasticsearch') ? 200 : 503, body: '' };
};

/** The monitor_agent of Fluentd 1, with an output to Elasticsearch. */
export const fluentd: HttpBackend = ({ path, state }) => {
  if (path !== '/api/plugins.json') return { status: 404, body: 'Not found' };
  const delivers = !state.hasComponent('elasticsearch') || isServing({ state }, 'elasticsearch');
  const start = new Date(state.now().getTime() - 600_000)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' +0000');
  const output = {
    plugin_id: 'out_es',
    plugin_category: 'output',
    type: 'elasticsearch',
    output_plugin: true,
    buffer_queue_length: delivers ? 0 : 41,
    buffer_total_queued_size: delivers ? 0 : 8_388_608,
    retry_count: delivers ? 0 : 9,
    emit_records: 480_112,
    emit_count: 41_230,
    write_count: 9120,
    rollback_count: delivers ? 0 : 9,
    buffer_available_buffer_space_ratios: delivers ? 100 : 98.4,
    retry: delivers ? {} : { start, steps: 9, next_time: start },
  };
  const input = { plugin_id: 'in_tail', plugin_category: 'input', type: 'tail', output_plugin: false, retry_count: null };
  return { headers: JSON_TYPE, body: { plugins: [input, output] } };
};

/** What is wrong with the data of a simulated Elasticsearch: primary shards without a copy, and the disk that each of its nodes has left, in percent. */
export interface ElasticsearchTrouble {
  readonly lostPrimaries?: number;
  readonly freePercent?: number;
}

export const elasticsearchTroubles = new WeakMap<ClusterState, ElasticsearchTrouble>();

const SHARDS = 124;

/** Elasticsearch 7.10. A node whose pod does not run is lost to the others, and without a majority nobody leads. */
export const elasticsearch: HttpBackend = (request) => {
  const { path, pod, state } = request;
  const pods = state.podsOf(`${pod.namespace}/${pod.component}`);
  const up = pods.filter(isReady);
  const trouble = elasticsearchTroubles.get(state) ?? {};
  if (path === '/') return json(200, identity(request));
  if (up.length <= pods.length / 2) {
    const reason = { type: 'master_not_discovered_exception', reason: null };
    return json(503, { error: { root_cause: [reason], ...reason }, status: 503 });
  }
  switch (path) {
    case '/_cluster/health':
      return json(200, health(pods.length, up.length, trouble));
    case '/_nodes/stats/fs,jvm':
      return json(200, { nodes: Object.fromEntries(up.map(({ metadata }) => [`id-${metadata.name}`, nodeStats(metadata.name, trouble)])) });
    case '/_cluster/settings': {
      const watermark = { flood_stage: '95%', high: '90%', low: '85%', enable_for_single_data_node: 'false' };
      return json(200, { defaults: { cluster: { routing: { allocation: { disk: { threshold_enabled: 'true', watermark } } } } } });
    }
    case '/_cluster/state/blocks':
      return json(200, {});
    default:
      return json(400, { error: { root_cause: [], type: 'illegal_argument_exception', reason: `request [${path}] is not simulated` }, status: 400 });
  }
};

function json(status: number, body: unknown): BackendAnswer {
  return { status, headers: JSON_TYPE, body };
}

function identity({ pod }: BackendRequest): unknown {
  return {
    name: pod.name,
    cluster_name: 'skiff-logs',
    cluster_uuid: 'q1s2NKLsTzGDFn0bKBXoFw',
    version: { number: '7.10.2', build_flavor: 'oss', build_type: 'docker', lucene_version: '8.7.0', minimum_wire_compatibility_version: '6.8.0' },
    tagline: 'You Know, for Search',
  };
}

/** What was on a node that is gone has a copy on another one, but for the primaries that are lost. */
function health(all: number, up: number, { lostPrimaries = 0 }: ElasticsearchTrouble): unknown {
  const missing = Math.round((SHARDS * (all - up)) / all);
  const unassigned = Math.max(missing, lostPrimaries);
  return {
    cluster_name: 'skiff-logs',
    status: lostPrimaries > 0 ? 'red' : unassigned > 0 ? 'yellow' : 'green',
    timed_out: false,
    number_of_nodes: up,
    number_of_data_nodes: up,
    active_primary_shards: SHARDS / 2 - lostPrimaries,
    active_shards: SHARDS - unassigned,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: unassigned,
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: ((SHARDS - unassigned) / SHARDS) * 100,
  };
}

function nodeStats(name: string, { freePercent = 58 }: ElasticsearchTrouble): unknown {
  const total = 50 * GIB;
  const free = (total * freePercent) / 100;
  return {
    name,
    roles: ['data', 'ingest', 'master', 'remote_cluster_client'],
    fs: { total: { total_in_bytes: total, free_in_bytes: free, available_in_bytes: free } },
    jvm: { mem: { heap_used_percent: 57, pools: { old: { used_in_bytes: 1.1 * GIB, max_in_bytes: 2 * GIB } } } },
  };
}
