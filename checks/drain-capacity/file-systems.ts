import type { HttpReader } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { quantity } from '../shared/quantity.ts';
import type { FileSystemFacts } from './observation.ts';

/** Upstream's defaults of the kubelet for evictionHard. */
const DEFAULT_EVICTION: Readonly<Record<FileSystemFacts['name'], string>> = { nodefs: '10%', imagefs: '15%' };
/** A living kubelet answers within milliseconds; its summary of a full node is some 300 KB. */
const OPTIONS = { timeoutMs: 5000, maxBytes: 4 * 1024 * 1024 } as const;

/** The file systems that a kubelet reports, with its own thresholds. Throws ProbeError when it cannot be asked. */
export async function fileSystemsOf(http: HttpReader, node: string): Promise<readonly FileSystemFacts[]> {
  const [summary, configuration] = await Promise.all([ask(http, node, '/stats/summary'), thresholds(http, node)]);
  const found: FileSystemFacts[] = [];
  const add = (name: FileSystemFacts['name'], value: unknown): void => {
    const { availableBytes, capacityBytes } = record(value);
    if (typeof availableBytes !== 'number' || typeof capacityBytes !== 'number' || capacityBytes <= 0) return;
    found.push({
      name,
      availableBytes,
      capacityBytes,
      evictionBytes: evictionBytes(configuration[`${name}.available`] ?? DEFAULT_EVICTION[name], capacityBytes),
    });
  };
  const { fs, runtime } = record(record(summary)['node']);
  add('nodefs', fs);
  add('imagefs', record(runtime)['imageFs']);
  return found;
}

/** The kubelet's own evictionHard; its defaults where it does not tell. */
async function thresholds(http: HttpReader, node: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return record(record(record(await ask(http, node, '/configz'))['kubeletconfig'])['evictionHard']);
  } catch (error) {
    if (error instanceof ProbeError) return {};
    throw error;
  }
}

async function ask(http: HttpReader, node: string, path: string): Promise<unknown> {
  const outcome = await http.node(node, path, OPTIONS);
  const what = `get ${path} of the kubelet on ${node}`;
  if (outcome.kind === 'unreachable') {
    const reason = outcome.cause === 'refused' ? 'Refused' : outcome.cause === 'timeout' ? 'Timeout' : 'ServerError';
    throw new ProbeError({ reason, message: `Cannot ${what}: ${outcome.message}` });
  }
  if (outcome.status !== 200) throw new ProbeError({ reason: 'InvalidResponse', message: `Cannot ${what}: HTTP ${outcome.status}`, status: outcome.status });
  try {
    return JSON.parse(outcome.body);
  } catch (error) {
    throw new ProbeError({ reason: 'InvalidResponse', message: `Cannot ${what}: the answer is no JSON.` }, { cause: error });
  }
}

function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function evictionBytes(threshold: unknown, capacity: number): number {
  const percent = typeof threshold === 'string' ? /^(\d+(?:\.\d+)?)%$/.exec(threshold) : null;
  return percent === null ? (quantity(threshold) ?? 0) : (Number(percent[1]) / 100) * capacity;
}
