// STAND-IN for Elasticsearch, one node: / and the pages that tell how it is. A fault file may make it one without a master, or one that is full.
import { send, serve } from './serve.mjs';

const { env } = process;
const GIB = 1024 ** 3;
const ROLES = ['data', 'ingest', 'master', 'remote_cluster_client'];
const STATS = {
  name: env.POD_NAME,
  roles: ROLES,
  fs: { total: { total_in_bytes: 20 * GIB, free_in_bytes: 12 * GIB, available_in_bytes: 12 * GIB } },
  jvm: {
    mem: {
      heap_used_in_bytes: 0.42 * GIB,
      heap_used_percent: 42,
      heap_max_in_bytes: GIB,
      pools: { old: { used_in_bytes: 0.3 * GIB, max_in_bytes: GIB, peak_used_in_bytes: 0.5 * GIB, peak_max_in_bytes: GIB } },
    },
  },
};
const WATERMARKS = { low: '85%', high: '90%', flood_stage: '95%', enable_for_single_data_node: 'false' };
const allocation = { disk: { threshold_enabled: 'true', watermark: WATERMARKS, include_relocations: 'true', reroute_interval: '60s' } };
const PAGES = {
  '/': {
    name: env.POD_NAME,
    cluster_name: 'skiff-logs',
    cluster_uuid: 'dGhlLWxhYi1zLW93bi1vbmU',
    version: { number: '7.10.2', build_flavor: 'oss', lucene_version: '8.7.0', minimum_wire_compatibility_version: '6.8.0' },
    tagline: 'You Know, for Search',
  },
  // The index has no replicas: one node is enough for green.
  '/_cluster/health': {
    cluster_name: 'skiff-logs',
    status: 'green',
    timed_out: false,
    number_of_nodes: 1,
    number_of_data_nodes: 1,
    active_primary_shards: 12,
    active_shards: 12,
    relocating_shards: 0,
    initializing_shards: 0,
    unassigned_shards: 0,
    delayed_unassigned_shards: 0,
    number_of_pending_tasks: 0,
    number_of_in_flight_fetch: 0,
    task_max_waiting_in_queue_millis: 0,
    active_shards_percent_as_number: 100,
  },
  '/_cat/nodes': [{ name: env.POD_NAME, 'node.role': 'dimr', master: '*', 'heap.percent': '42', 'ram.percent': '71' }],
  '/_cluster/settings': { persistent: {}, transient: {}, defaults: { cluster: { routing: { allocation } } } },
  '/_cluster/state/blocks': { cluster_name: 'skiff-logs', cluster_uuid: 'dGhlLWxhYi1zLW93bi1vbmU', blocks: {} },
};
const statistics = { cluster_name: 'skiff-logs', nodes: { bGFiLW5vZGUtMQ: STATS } };

serve('elasticsearch', [9200], ({ path, response }) => {
  const page = path.startsWith('/_nodes/stats') ? statistics : PAGES[path.length > 1 ? path.replace(/\/$/, '') : path];
  if (page) return send(response, 200, page);
  send(response, 404, { error: { type: 'index_not_found_exception', reason: `no such index [${path.slice(1)}]` }, status: 404 });
});
