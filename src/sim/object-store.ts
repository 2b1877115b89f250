import { managedFieldsOf, type ObjectOf, orderedMeta, type Refresh, type StoredObject, uidOf } from './objects.ts';
import type { Selectable } from './selectors.ts';

/** An object that is written anew for every answer from a shared template, so that thousands of them cost little memory. */
export interface BulkObject {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  /** Values for field selectors, by path. */
  readonly fields: Readonly<Record<string, string>>;
  /** The object's JSON without the opening brace's kind and apiVersion, as a list item. */
  render(): string;
}

type Entry = { readonly object: StoredObject; refresh: Refresh | undefined } | { readonly bulk: BulkObject };

/** How an object is to be written. */
export interface WriteOptions {
  readonly now: Date;
  /** managedFields are in every object since 1.18. */
  readonly managedFields: boolean;
  /** Given for a single object; a list's items have neither. */
  readonly kind?: { readonly kind: string; readonly apiVersion: string };
  /** Only the metadata, as `Accept: …;as=PartialObjectMetadata` asks for. */
  readonly metadataOnly?: boolean;
}

/** One object of the store as routes see it. */
export interface Stored extends Selectable {
  /** `<namespace>/<name>`, or the name alone: the order of lists and the place where a list continues. */
  readonly key: string;
  write(options: WriteOptions): string;
}

/** All objects of the simulated cluster, by plural resource name. What `get` and `list` return is the object itself: changing it changes the cluster. */
export class ObjectStore {
  readonly #resources = new Map<string, Map<string, Entry>>();
  readonly #sorted = new Map<string, readonly string[]>();
  #revision = 1000;

  /** The cluster's resourceVersion; grows with every put and remove. */
  get revision(): number {
    return this.#revision;
  }

  /** Adds or replaces an object. uid, resourceVersion, creationTimestamp's absence and managedFields are filled in. Returns the stored object. */
  put<R extends string>(resource: R, object: StoredObject, refresh?: Refresh): ObjectOf<R> {
    const { name, namespace } = object.metadata;
    this.#revision += 1;
    object.metadata.uid ??= uidOf(resource, namespace, name);
    object.metadata.resourceVersion = String(this.#revision);
    object.metadata.managedFields ??= managedFieldsOf(resource, object);
    this.#map(resource).set(keyOf(namespace, name), { object, refresh });
    this.#sorted.delete(resource);
    // The store keeps every kind in one shape; the model's type of the resource is what callers work with.
    return object as unknown as ObjectOf<R>;
  }

  /** Adds objects that exist only as templates. */
  putBulk(resource: string, objects: Iterable<BulkObject>): void {
    const map = this.#map(resource);
    for (const bulk of objects) map.set(keyOf(bulk.namespace, bulk.name), { bulk });
    this.#revision += 1;
    this.#sorted.delete(resource);
  }

  get<R extends string>(resource: R, name: string, namespace?: string): ObjectOf<R> | undefined {
    const entry = this.#resources.get(resource)?.get(keyOf(namespace, name));
    return entry && 'object' in entry ? (entry.object as unknown as ObjectOf<R>) : undefined;
  }

  /** The object, or an error that says which one is missing: for scenarios and tests, where it must exist. */
  must<R extends string>(resource: R, name: string, namespace?: string): ObjectOf<R> {
    const object = this.get(resource, name, namespace);
    if (object === undefined) throw new Error(`simulation: there is no ${resource} ${keyOf(namespace, name)}`);
    return object;
  }

  /** All objects of a resource, in a namespace or everywhere, without the bulk ones. */
  list<R extends string>(resource: R, namespace?: string): ObjectOf<R>[] {
    const found: ObjectOf<R>[] = [];
    for (const entry of this.#resources.get(resource)?.values() ?? []) {
      if ('object' in entry && (namespace === undefined || entry.object.metadata.namespace === namespace)) found.push(entry.object as unknown as ObjectOf<R>);
    }
    return found;
  }

  remove(resource: string, name: string, namespace?: string): boolean {
    this.#revision += 1;
    this.#sorted.delete(resource);
    return this.#resources.get(resource)?.delete(keyOf(namespace, name)) ?? false;
  }

  /** Stops an object from changing with time: its last values stay, as those of a holder that died. */
  freeze(resource: string, name: string, namespace: string | undefined, now: Date): void {
    const entry = this.#resources.get(resource)?.get(keyOf(namespace, name));
    if (!entry || !('object' in entry)) return;
    entry.refresh?.(entry.object, now);
    entry.refresh = undefined;
  }

  has(resource: string, name: string, namespace?: string): boolean {
    return this.#resources.get(resource)?.has(keyOf(namespace, name)) ?? false;
  }

  find(resource: string, name: string, namespace?: string): Stored | undefined {
    const key = keyOf(namespace, name);
    const entry = this.#resources.get(resource)?.get(key);
    return entry && stored(key, entry);
  }

  /** Everything of a resource in the order of etcd's keys, from the key after `after` on. */
  *scan(resource: string, namespace: string | undefined, after = ''): Generator<Stored> {
    const map = this.#resources.get(resource);
    if (!map) return;
    const keys = this.#keys(resource, map);
    const prefix = namespace === undefined ? '' : `${namespace}/`;
    const start = after > prefix ? after : prefix;
    for (let index = firstNotBefore(keys, start); index < keys.length; index += 1) {
      const key = keys[index] ?? '';
      if (!key.startsWith(prefix)) return;
      const entry = map.get(key);
      if (key !== after && entry) yield stored(key, entry);
    }
  }

  #map(resource: string): Map<string, Entry> {
    const existing = this.#resources.get(resource);
    if (existing) return existing;
    const created = new Map<string, Entry>();
    this.#resources.set(resource, created);
    return created;
  }

  #keys(resource: string, map: ReadonlyMap<string, Entry>): readonly string[] {
    const known = this.#sorted.get(resource);
    if (known) return known;
    const keys = [...map.keys()].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    this.#sorted.set(resource, keys);
    return keys;
  }
}

function keyOf(namespace: string | undefined, name: string): string {
  return namespace === undefined || namespace === '' ? name : `${namespace}/${name}`;
}

function firstNotBefore(keys: readonly string[], start: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] ?? '') < start) low = middle + 1;
    else high = middle;
  }
  return low;
}

function stored(key: string, entry: Entry): Stored {
  if ('bulk' in entry) return bulkStored(key, entry.bulk);
  const { object, refresh } = entry;
  return {
    key,
    labels: object.metadata.labels ?? {},
    field: (path) => fieldOf(object, path),
    write: (options) => {
      refresh?.(object, options.now);
      const { metadata, ...rest } = object;
      const kind = options.metadataOnly ? { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1' } : (options.kind ?? {});
      return JSON.stringify({ ...kind, metadata: orderedMeta(metadata, options.managedFields), ...(options.metadataOnly ? {} : rest) });
    },
  };
}

function bulkStored(key: string, bulk: BulkObject): Stored {
  return {
    key,
    labels: bulk.labels,
    field: (path) => (path === 'metadata.name' ? bulk.name : path === 'metadata.namespace' ? (bulk.namespace ?? '') : (bulk.fields[path] ?? '')),
    write: (options) => {
      const item = bulk.render();
      if (options.metadataOnly) {
        const { metadata } = JSON.parse(item) as { metadata: unknown };
        return JSON.stringify({ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata });
      }
      if (!options.kind) return item;
      return `{"kind":${JSON.stringify(options.kind.kind)},"apiVersion":${JSON.stringify(options.kind.apiVersion)},${item.slice(1)}`;
    },
  };
}

function fieldOf(object: StoredObject, path: string): string {
  let value: unknown = object;
  for (const part of path.split('.')) {
    if (value === null || typeof value !== 'object') return '';
    value = (value as Record<string, unknown>)[part];
  }
  if (path === 'spec.unschedulable') return String(value ?? false);
  return typeof value === 'string' ? value : '';
}
