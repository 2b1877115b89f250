import { count, parsed, record, text } from './json.ts';

/** What an Elasticsearch says of itself on `/`. */
export interface ElasticsearchIdentity {
  readonly nodeName: string;
  readonly clusterName: string;
  /** `_na_` until a master has been elected for the first time; empty where it does not tell. */
  readonly clusterUuid: string;
  /** For example `7.17.9`. */
  readonly version: string;
}

/** `/_cluster/health`, as far as it is judged. Numbers of shards, nodes, tasks. */
export interface ClusterHealth {
  readonly status: 'green' | 'yellow' | 'red';
  readonly nodes: number;
  readonly dataNodes: number;
  readonly active: number;
  readonly relocating: number;
  readonly initializing: number;
  readonly unassigned: number;
  /** Unassigned ones that wait for a node that left a moment ago. */
  readonly delayed: number;
  readonly pendingTasks: number;
}

export type HealthAnswer = { readonly kind: 'health'; readonly health: ClusterHealth } | { readonly kind: 'no-master' } | { readonly kind: 'other' };

/** A node without a master waits this long for one before it says so: the default of 30 s is longer than a probe. */
export const HEALTH_PATH = '/_cluster/health?master_timeout=2s&timeout=2s';
export const ELASTICSEARCH_PORT = 9200;

/** Undefined when what answered is none. OpenSearch answers in the same form. */
export function identityOf(body: string): ElasticsearchIdentity | undefined {
  const root = record(parsed(body));
  const version = record(root?.['version']);
  const number = text(version?.['number']);
  if (root === undefined || number === '' || (text(root['cluster_name']) === '' && text(root['tagline']) === '')) return undefined;
  return { nodeName: text(root['name']), clusterName: text(root['cluster_name']), clusterUuid: text(root['cluster_uuid']), version: number };
}

export function healthOf(status: number, body: string): HealthAnswer {
  const root = record(parsed(body));
  const error = record(root?.['error']);
  if (status === 503 && /master_not_discovered|cluster_block_exception|no master/i.test(`${text(error?.['type'])} ${text(error?.['reason'])}`))
    return { kind: 'no-master' };
  const colour = root?.['status'];
  if (root === undefined || (colour !== 'green' && colour !== 'yellow' && colour !== 'red')) return { kind: 'other' };
  return {
    kind: 'health',
    health: {
      status: colour,
      nodes: count(root['number_of_nodes']),
      dataNodes: count(root['number_of_data_nodes']),
      active: count(root['active_shards']),
      relocating: count(root['relocating_shards']),
      initializing: count(root['initializing_shards']),
      unassigned: count(root['unassigned_shards']),
      delayed: count(root['delayed_unassigned_shards']),
      pendingTasks: count(root['number_of_pending_tasks']),
    },
  };
}
