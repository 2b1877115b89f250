import type { HttpReader } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from './text.ts';

/** How full a claimed volume is, as the kubelet that mounts it measures it. */
export interface VolumeUse {
  readonly claim: string;
  /** Bytes that the program may still write, and of the whole. */
  readonly free: number;
  readonly size: number;
  readonly inodesFree: number;
  /** 0 where the file system does not count them. */
  readonly inodes: number;
}

/** A node with a hundred pods answers with some 600 KiB. */
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * The claimed volumes of one pod. Volumes that the kubelet does not measure (hostPath) are missing. Throws ProbeError when it may not be asked or does not
 * tell.
 */
export async function volumesOf(http: HttpReader, node: string, pod: { readonly namespace: string; readonly name: string }): Promise<readonly VolumeUse[]> {
  const outcome = await http.node(node, '/stats/summary', { timeoutMs: 8000, maxBytes: MAX_BYTES });
  const what = `${node}: /stats/summary`;
  if (outcome.kind === 'unreachable')
    throw new ProbeError({ reason: outcome.cause === 'refused' ? 'Refused' : 'Timeout', message: `${what}: ${oneLine(outcome.message)}` });
  if (outcome.status === 401 || outcome.status === 403)
    throw new ProbeError({ reason: 'Forbidden', message: `${what} answers ${outcome.status}.`, needs: 'get nodes/proxy', status: outcome.status });
  const pods = outcome.status === 200 ? listOf(recordOf(parsed(outcome.body))['pods']) : undefined;
  if (pods === undefined) throw new ProbeError({ reason: 'InvalidResponse', message: `${what} answers ${outcome.status} and holds no statistics of pods.` });
  const own = pods.map(recordOf).find(({ podRef }) => recordOf(podRef)['name'] === pod.name && recordOf(podRef)['namespace'] === pod.namespace);
  return (listOf(own?.['volume']) ?? []).slice(0, 50).map(recordOf).flatMap(useOf);
}

function useOf({ pvcRef, availableBytes, capacityBytes, inodesFree, inodes }: Readonly<Record<string, unknown>>): readonly VolumeUse[] {
  const claim = recordOf(pvcRef)['name'];
  if (typeof claim !== 'string' || !isCount(availableBytes) || !isCount(capacityBytes) || capacityBytes === 0) return [];
  const counted = isCount(inodesFree) && isCount(inodes);
  return [{ claim, free: availableBytes, size: capacityBytes, inodesFree: counted ? inodesFree : 0, inodes: counted ? inodes : 0 }];
}

/** Percent that is free; inodes count as free where they are not counted. */
export function percentFree({ free, size, inodesFree, inodes }: VolumeUse): { readonly space: number; readonly inodes: number } {
  return { space: (free / size) * 100, inodes: inodes === 0 ? 100 : (inodesFree / inodes) * 100 };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}
