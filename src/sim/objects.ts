import { createHash } from 'node:crypto';
import type { ObjectMeta, ResourceName, ResourceTypes } from '../model/kubernetes.ts';

/** A model type without its `readonly`, so that a test can break and mend the cluster. */
export type Mutable<T> = T extends readonly (infer Item)[] ? Mutable<Item>[] : T extends object ? { -readonly [K in keyof T]: Mutable<T[K]> } : T;

export interface StoredMeta extends Omit<Mutable<ObjectMeta>, 'managedFields'> {
  generateName?: string;
  resourceVersion?: string;
  finalizers?: string[];
  managedFields?: unknown[];
}

/** An object as the simulation keeps it: everything that is served, except kind and apiVersion, which follow from where it is asked for. */
export interface StoredObject {
  metadata: StoredMeta;
  [field: string]: unknown;
}

/** The type that a stored object of a resource has for who changes it. */
export type ObjectOf<R extends string> = R extends ResourceName ? Mutable<ResourceTypes[R]> : StoredObject;

/** Sets what changes with time (renewTime, heartbeats) before an object is served. Times come from the simulation's clock. */
export type Refresh = (object: StoredObject, now: Date) => void;

/** Deterministic digits and letters from a name. */
export function digest(seed: string, length: number): string {
  return createHash('sha256').update(seed).digest('hex').slice(0, length);
}

/** A uid that is always the same for the same object. */
export function uidOf(resource: string, namespace: string | undefined, name: string): string {
  const hex = digest(`${resource}/${namespace ?? ''}/${name}`, 32);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Kubernetes leaves vowels and look-alikes out of the names it makes up. */
const NAME_LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

export function nameSuffix(seed: string, length: number): string {
  const bytes = createHash('sha256').update(seed).digest();
  return Array.from({ length }, (_, index) => NAME_LETTERS[(bytes[index] ?? 0) % NAME_LETTERS.length]).join('');
}

/** RFC 3339 with whole seconds, as metav1.Time is written. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** RFC 3339 with microseconds, as metav1.MicroTime is written. */
export function microTimestamp(date: Date): string {
  return date.toISOString().replace('Z', '000Z');
}

export function minutesBefore(date: Date, minutes: number): Date {
  return new Date(date.getTime() - minutes * 60_000);
}

/** The order in which Go writes ObjectMeta; readers that cut managedFields out of the text rely on it being last. */
const META_ORDER = [
  'name',
  'generateName',
  'namespace',
  'uid',
  'resourceVersion',
  'generation',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'labels',
  'annotations',
  'ownerReferences',
  'finalizers',
  'managedFields',
] as const;

/** Metadata in Go's order, without what is empty. */
export function orderedMeta(meta: StoredMeta, withManagedFields: boolean): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (const field of META_ORDER) {
    const value = meta[field];
    if (value === undefined || (field === 'managedFields' && !withManagedFields)) continue;
    ordered[field] = value;
  }
  return ordered;
}

/** The set of fields of a value in the notation of server-side apply, as it fills about a third of every real object. */
export function fieldsV1(value: unknown): Record<string, unknown> {
  const fields: Record<string, unknown> = {};
  if (value === null || typeof value !== 'object') return fields;
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) {
      const key = listKey(item);
      if (key !== undefined) fields[`k:${key}`] = { '.': {}, ...fieldsV1(item) };
    }
    return fields;
  }
  for (const [name, child] of Object.entries(value)) fields[`f:${name}`] = fieldsV1(child);
  return fields;
}

function listKey(item: unknown): string | undefined {
  if (item === null || typeof item !== 'object') return undefined;
  for (const key of ['name', 'type', 'containerPort', 'ip', 'uid']) {
    const value = (item as Record<string, unknown>)[key];
    if (typeof value === 'string' || typeof value === 'number') return JSON.stringify({ [key]: value });
  }
  return undefined;
}

/** Who writes the status of a kind, and who the rest. */
const MANAGERS: Readonly<Record<string, readonly [spec: string, status: string]>> = {
  pods: ['kube-controller-manager', 'kubelet'],
  nodes: ['kubelet', 'kubelet'],
  endpoints: ['kube-controller-manager', 'kube-controller-manager'],
  endpointslices: ['kube-controller-manager', 'kube-controller-manager'],
  replicasets: ['kube-controller-manager', 'kube-controller-manager'],
  events: ['kubelet', 'kubelet'],
  leases: ['kubelet', 'kubelet'],
};

/** In which version of their group the writers of a kind speak; the core group where nothing is said. */
const API_VERSIONS: Readonly<Record<string, string>> = {
  daemonsets: 'apps/v1',
  deployments: 'apps/v1',
  endpointslices: 'discovery.k8s.io/v1',
  ingresses: 'networking.k8s.io/v1',
  leases: 'coordination.k8s.io/v1',
  poddisruptionbudgets: 'policy/v1',
  replicasets: 'apps/v1',
  statefulsets: 'apps/v1',
  storageclasses: 'storage.k8s.io/v1',
  validatingwebhookconfigurations: 'admissionregistration.k8s.io/v1',
};

/** managedFields for an object as two writers would have left them. */
export function managedFieldsOf(resource: string, object: StoredObject): unknown[] {
  const apiVersion = API_VERSIONS[resource] ?? 'v1';
  const { metadata, status, ...rest } = object;
  const time = metadata.creationTimestamp ?? '';
  const [spec, statusWriter] = MANAGERS[resource] ?? ['kubectl-client-side-apply', 'kube-controller-manager'];
  const meta = { labels: metadata.labels, annotations: metadata.annotations, ownerReferences: metadata.ownerReferences };
  const present = Object.fromEntries(Object.entries(meta).filter(([, value]) => value !== undefined));
  const entry = (manager: string, fields: Record<string, unknown>): unknown => ({
    manager,
    operation: 'Update',
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1: fields,
  });
  const entries = [entry(spec, { 'f:metadata': fieldsV1(present), ...fieldsV1(rest) })];
  if (status !== undefined) entries.push(entry(statusWriter, { 'f:status': fieldsV1(status) }));
  return entries;
}
