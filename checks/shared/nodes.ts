import type { Node } from '../../src/model/kubernetes.ts';
import { condition } from './pods.ts';

/** By either label: `master` until 1.23, `control-plane` from 1.20 on. */
export function isControlPlane(node: Node): boolean {
  const labels = node.metadata.labels ?? {};
  return 'node-role.kubernetes.io/master' in labels || 'node-role.kubernetes.io/control-plane' in labels;
}

export function isNodeReady(node: Node): boolean {
  return condition(node.status?.conditions, 'Ready')?.status === 'True';
}

export function internalAddress(node: Node): string | undefined {
  return node.status?.addresses?.find((address) => address.type === 'InternalIP')?.address;
}
