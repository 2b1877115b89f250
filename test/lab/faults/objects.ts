/** The API's objects as far as faults read them, and putting them back as the lab's manifests have them. */
import { readdirSync, readFileSync } from 'node:fs';
import { kubectl, type NodeName, read, STATE } from '../cluster.ts';

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}
export interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: NodeName };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly containerID?: string;
      readonly restartCount: number;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}
export interface Deployment {
  readonly status?: { readonly availableReplicas?: number; readonly replicas?: number };
}
interface Declared {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: { readonly selector?: unknown };
  readonly data?: Readonly<Record<string, string>>;
}
interface List<T> {
  readonly items: readonly T[];
}

/** A component's pods, without those that are being deleted: their objects stay until the kubelet's collector comes by, for up to a minute. */
export async function pods(namespace: string, app: string): Promise<readonly Pod[]> {
  const { items } = await read<List<Pod>>(`/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`);
  return items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

export const waiting = (pod: Pod): string | undefined =>
  pod.status?.containerStatuses?.map((container) => container.state?.waiting?.reason).find((reason) => reason !== undefined);

/** An object as the lab's manifests have it. */
export function declared(kind: string, namespace: string, name: string): Declared {
  for (const file of readdirSync(`${STATE}/manifests`).filter((each) => each.endsWith('.json'))) {
    const { items } = JSON.parse(readFileSync(`${STATE}/manifests/${file}`, 'utf8')) as List<Declared>;
    const found = items.find((item) => item.kind === kind && item.metadata.namespace === namespace && item.metadata.name === name);
    if (found !== undefined) return found;
  }
  throw new Error(`the lab's manifests have no ${kind} ${namespace}/${name}`);
}

/** Writes an object back as it is declared. Replacing, not applying: applying leaves what somebody else has added. */
export async function restore(kind: 'Deployment' | 'ConfigMap', namespace: string, name: string): Promise<void> {
  await kubectl(['replace', '--save-config', '-f', '-'], { input: JSON.stringify(declared(kind, namespace, name)) });
}
export const restoreDeployment = (namespace: string, name: string): Promise<void> => restore('Deployment', namespace, name);

/** A value of a Secret as it is declared. */
export function declaredSecret(namespace: string, name: string, key: string): string {
  const value = declared('Secret', namespace, name).data?.[key];
  if (value === undefined) throw new Error(`the lab's Secret ${namespace}/${name} has no ${key}`);
  return Buffer.from(value, 'base64').toString();
}

/** A Service keeps the address that the server chose and that no manifest has, so only what selects is written back. */
export async function restoreSelector(namespace: string, name: string): Promise<void> {
  const { selector } = declared('Service', namespace, name).spec;
  const change = [{ op: 'replace', path: '/spec/selector', value: selector }];
  await kubectl(['-n', namespace, 'patch', 'service', name, '--type=json', '-p', JSON.stringify(change)]);
}

export const patch = (kind: string, namespace: string, name: string, change: object): Promise<string> =>
  kubectl(['-n', namespace, 'patch', kind, name, '--type=strategic', '-p', JSON.stringify(change)]);

/** A change of a Deployment's container, which its own controller rolls out. */
export const changedContainer = (namespace: string, name: string, change: object, container = name): Promise<string> =>
  patch('deployment', namespace, name, { spec: { template: { spec: { containers: [{ name: container, ...change }] } } } });
