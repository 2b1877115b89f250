import type { KubeReader } from '../../src/model/check.ts';
import type { Lease, Node } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { condition } from './pods.ts';
import { secondsSince } from './time.ts';

/** The namespace of the Leases that kubelets renew, from 1.14 on. */
export const NODE_LEASES = 'kube-node-lease';

/**
 * Seconds without a sign of life after which a kubelet counts as silent. Upstream: nodeLeaseDurationSeconds and node-monitor-grace-period are both
 * 40 s, and a kubelet renews its Lease every 10 s.
 */
const SILENT_AFTER = 40;
/** Upstream's nodeStatusReportFrequency: since there are Leases, a status that does not change is written this often, in seconds. */
const STATUS_EVERY = 300;
/** The minor version of Kubernetes 1 whose kubelets renew a Lease by default. */
const FIRST_WITH_LEASE = 14;

/** When a kubelet was last heard, and after how many seconds of silence it counts as silent. */
export interface Heartbeat {
  readonly at: string;
  readonly limitSeconds: number;
}

/** The Leases of all kubelets. None, without a fault, where the API server is too old to know Leases. */
export async function nodeLeases(kube: KubeReader): Promise<readonly Lease[]> {
  try {
    return await kube.list('leases', NODE_LEASES);
  } catch (error) {
    if (error instanceof ProbeError && error.problem.reason === 'NotServed') return [];
    throw error;
  }
}

/** The newest sign of life of a node's kubelet: its Lease or, as the node controller also takes it, its status. */
export function heartbeatOf(node: Node, leases: readonly Lease[]): Heartbeat | undefined {
  const lease = leases.find((candidate) => candidate.metadata.name === node.metadata.name)?.spec;
  const status = condition(node.status?.conditions, 'Ready')?.lastHeartbeatTime;
  if (lease?.renewTime !== undefined) {
    const at = status !== undefined && Date.parse(status) > Date.parse(lease.renewTime) ? status : lease.renewTime;
    return { at, limitSeconds: Math.max(SILENT_AFTER, lease.leaseDurationSeconds ?? 0) };
  }
  if (status === undefined) return undefined;
  const minor = minorVersion(node.status?.nodeInfo?.kubeletVersion);
  const before = minor !== undefined && minor < FIRST_WITH_LEASE;
  return { at: status, limitSeconds: before ? SILENT_AFTER : STATUS_EVERY + SILENT_AFTER };
}

export function newest(heartbeats: readonly (Heartbeat | undefined)[]): Heartbeat | undefined {
  return heartbeats.reduce((best, each) => (each !== undefined && (best === undefined || Date.parse(each.at) > Date.parse(best.at)) ? each : best), undefined);
}

export function isSilent(heartbeat: Heartbeat | undefined, now: Date): boolean {
  const age = secondsSince(heartbeat?.at, now);
  return heartbeat !== undefined && age !== undefined && age > heartbeat.limitSeconds;
}

/** True when a kubelet was heard again after its node was marked Unknown: it is coming back. */
export function isBack(heartbeat: Heartbeat | undefined, markedAt: string | undefined, now: Date): boolean {
  return heartbeat !== undefined && markedAt !== undefined && Date.parse(heartbeat.at) > Date.parse(markedAt) && !isSilent(heartbeat, now);
}

/** Silent by the clock of the other kubelets: a probe has no other. When all are silent, none of them lags. */
export function lagsBehind(heartbeat: Heartbeat | undefined, others: Heartbeat | undefined): boolean {
  return others !== undefined && isSilent(heartbeat, new Date(others.at));
}

/** 20 of `v1.20.2`; undefined for what is no version of Kubernetes 1. */
export function minorVersion(version: string | undefined): number | undefined {
  const found = /^v?1\.(\d+)/.exec(version ?? '');
  return found === null ? undefined : Number(found[1]);
}
