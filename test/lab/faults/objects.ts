/** The API's objects as far as faults read them, and putting them back as the lab's manifests have them. */
import { readdirSync, readFileSync } from 'node:fs';
import { kubectl, type Missing, type NodeName, read, STATE, until } from '../cluster.ts';

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

/**
 * Whether a pod that stays would go on showing what a fault did to it: a container that waits for its next attempt waits for a while, and one that ended three
 * times counts as one that keeps ending for an hour.
 */
export const marked = (pod: Pod): boolean => waiting(pod) !== undefined || (pod.status?.containerStatuses ?? []).some(({ restartCount }) => restartCount >= 3);

/** An object as the lab's manifests have it. */
export function declared(kind: string, namespace: string | undefined, name: string): Declared {
  for (const file of readdirSync(`${STATE}/manifests`).filter((each) => each.endsWith('.json'))) {
    const { items } = JSON.parse(readFileSync(`${STATE}/manifests/${file}`, 'utf8')) as List<Declared>;
    const found = items.find((item) => item.kind === kind && item.metadata.namespace === namespace && item.metadata.name === name);
    if (found !== undefined) return found;
  }
  throw new Error(`the lab's manifests have no ${kind} ${namespace ?? ''}/${name}`);
}

/** Writes an object back as it is declared. Replacing, not applying: applying leaves what somebody else has added. */
export async function restore(kind: 'Deployment' | 'DaemonSet' | 'ConfigMap', namespace: string, name: string): Promise<void> {
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

/**
 * Changes one file of a ConfigMap, or writes it back as declared, and waits until the pods have it: the kubelet hands it on when it next looks at a pod, which
 * an annotation makes it do at once.
 */
export async function handOn(
  namespace: string,
  configMap: string,
  file: string,
  change: (declaredText: string) => string,
  wanted: readonly PodFile[],
): Promise<void> {
  const text = declared('ConfigMap', namespace, configMap).data?.[file] ?? '';
  const changed = change(text);
  await patch('configmap', namespace, configMap, { data: { [file]: changed } });
  const now = `skiff.lab/changed=${new Date().toISOString()}`;
  for (const { pod } of wanted) await kubectl(['-n', namespace, 'annotate', 'pod', pod, '--overwrite', now]);
  await until(`${file} of ${configMap} to be in its pods`, 90, async () => {
    for (const { pod, path } of wanted)
      if ((await kubectl(['-n', namespace, 'exec', pod, '--', 'cat', path])) !== changed) return `${pod} still has another one`;
    return undefined;
  });
}
export interface PodFile {
  readonly pod: string;
  readonly path: string;
}

/** Makes a Deployment's container end at once with a line on its error output, over and over, in all of its pods: a rolling update would keep one that is well. */
export const crashing = (namespace: string, name: string, line: string, container = name): Promise<string> => {
  const template = { spec: { containers: [{ name: container, command: ['sh', '-c', `echo "${line}" >&2; exit 1`] }] } };
  return patch('deployment', namespace, name, { spec: { strategy: { type: 'Recreate', rollingUpdate: null }, template } });
};

/** What keeps all of a Deployment's pods from being known to end over and over. */
export async function notCrashing(namespace: string, name: string): Promise<Missing> {
  const found = await pods(namespace, name);
  const calm = found.filter((pod) => waiting(pod) !== 'CrashLoopBackOff');
  return found.length > 0 && calm.length === 0
    ? undefined
    : `${name}: its containers wait for ${found.map((pod) => waiting(pod) ?? 'nothing').join(', ') || 'their pods'}`;
}
