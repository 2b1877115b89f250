import { count, parsed, record, text } from '../shared/json.ts';
import type { AgentKind, Output } from './observation.ts';

/** Without the plugins' configuration, which may hold passwords, and with what is tried again, which newer versions leave out. */
const FLUENTD_PATH = '/api/plugins.json?with_config=no&with_retry=yes';

export const PATHS: Readonly<Record<AgentKind, string>> = { fluentd: FLUENTD_PATH, 'fluent-bit': '/api/v1/metrics', filebeat: '/stats' };
export const HEALTH_PATH = '/api/v1/health';

const MOST_OUTPUTS = 50;

/** The outputs of an agent; undefined when the answer is not one of this agent. */
export function outputsOf(kind: AgentKind, body: string): readonly Output[] | undefined {
  const root = record(parsed(body));
  if (root === undefined) return undefined;
  const outputs = { fluentd: fluentd, 'fluent-bit': fluentBit, filebeat }[kind](root);
  return outputs?.slice(0, MOST_OUTPUTS);
}

type Root = Readonly<Record<string, unknown>>;

function fluentd(root: Root): readonly Output[] | undefined {
  const plugins = root['plugins'];
  if (!Array.isArray(plugins)) return undefined;
  return (plugins as readonly unknown[]).flatMap((each): readonly Output[] => {
    const plugin = record(each);
    if (plugin === undefined || (plugin['plugin_category'] !== 'output' && plugin['output_plugin'] !== true)) return [];
    const counts = 'write_count' in plugin || 'emit_records' in plugin;
    const failures = count(plugin['retry_count']);
    const retrying = counts ? retryOf(plugin['retry']) : failures > 0 ? { attempts: failures } : undefined;
    const writes = plugin['write_count'];
    const free = plugin['buffer_available_buffer_space_ratios'];
    return [
      {
        name: text(plugin['plugin_id']),
        type: text(plugin['type']),
        ...(typeof writes === 'number' ? { delivered: Math.max(0, count(writes) - count(plugin['rollback_count'])) } : {}),
        errors: failures,
        dropped: count(plugin['drop_oldest_chunk_count']),
        ...(retrying === undefined ? {} : { retrying }),
        waiting: count(plugin['buffer_queue_length']),
        ...(typeof free === 'number' && free >= 0 && free <= 100 ? { freePercent: free } : {}),
      },
    ];
  });
}

/** Empty while nothing is tried again. Before 0.14 there is none, and the count of failures is that of the present row. */
function retryOf(value: unknown): Output['retrying'] {
  const retry = record(value);
  if (retry === undefined || !('steps' in retry)) return undefined;
  const since = Date.parse(text(retry['start']));
  return { attempts: count(retry['steps']), ...(Number.isNaN(since) ? {} : { since: new Date(since).toISOString() }) };
}

function fluentBit(root: Root): readonly Output[] | undefined {
  const outputs = record(root['output']);
  if (outputs === undefined || record(root['input']) === undefined) return undefined;
  return Object.entries(outputs).flatMap(([name, each]): readonly Output[] => {
    const output = record(each);
    if (output === undefined) return [];
    return [
      {
        name: text(name),
        type: text(name).replace(/\.\d+$/, ''),
        delivered: count(output['proc_records']),
        errors: count(output['errors']) + count(output['retries']),
        dropped: 'dropped_records' in output ? count(output['dropped_records']) : count(output['retries_failed']),
        waiting: 0,
      },
    ];
  });
}

function filebeat(root: Root): readonly Output[] | undefined {
  const beat = record(root['libbeat']);
  const output = record(beat?.['output']);
  const events = record(output?.['events']);
  if (events === undefined) return undefined;
  const queue = record(record(beat?.['pipeline'])?.['queue']);
  const filled = record(queue?.['filled'])?.['pct'];
  const name = text(output?.['type']) || 'output';
  return [
    {
      name,
      type: name,
      delivered: count(events['acked']),
      errors: count(events['failed']) + count(record(output?.['write'])?.['errors']),
      dropped: count(events['dropped']),
      waiting: count(events['active']),
      ...(typeof filled === 'number' && filled >= 0 && filled <= 1 ? { freePercent: Math.round((1 - filled) * 100) } : {}),
    },
  ];
}
