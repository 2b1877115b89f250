import type { Service } from '../model/kubernetes.ts';

/** What hosts are resolved with. */
export interface AddressBook {
  /** Namespace → Service name → the Service. Every namespace that was read is in it. */
  readonly services: ReadonlyMap<string, ReadonlyMap<string, Service>>;
  /** Namespace → names of its pods. */
  readonly pods: ReadonlyMap<string, ReadonlySet<string>>;
  /** `<namespace>/<service>` → ids of the components behind it. */
  readonly behind: ReadonlyMap<string, readonly string[]>;
  /** `<namespace>/<name>` → the component of exactly that name, for Services that are not there (any more) or could not be read. */
  readonly named: ReadonlyMap<string, string>;
  /** Cluster IP → `<namespace>/<service>`. */
  readonly clusterIps: ReadonlyMap<string, string>;
  /** The component that answers as `kubernetes.default.svc`, when it is known. */
  readonly apiServer?: string;
}

/** Ids of the components that a host stands for, seen from a namespace. Empty when it is not in this cluster, or not clear. */
export function resolveHost(host: string, from: string, book: AddressBook, depth = 0): readonly string[] {
  const byIp = book.clusterIps.get(host);
  if (byIp !== undefined) return book.behind.get(byIp) ?? [];
  const labels = host.replace(/\.$/, '').split('.');
  const svc = labels.indexOf('svc', 2);
  const core = svc >= 2 ? labels.slice(0, svc) : labels;
  const [first = '', second = '', third = ''] = core;
  if (svc >= 2) {
    // `<service>.<namespace>.svc`, and one label before for a pod of a headless Service.
    if (core.length > 3) return [];
    return core.length === 3 ? inNamespace(second, third, book, depth) : inNamespace(first, second, book, depth);
  }
  if (core.length === 1) return book.services.has(from) ? inNamespace(first, from, book, depth) : [];
  if (core.length === 2) {
    if (book.services.has(second) || second === 'default') return inNamespace(first, second, book, depth);
    return book.pods.get(from)?.has(first) ? inNamespace(second, from, book, depth) : [];
  }
  return core.length === 3 && book.services.has(third) ? inNamespace(second, third, book, depth) : [];
}

function inNamespace(service: string, namespace: string, book: AddressBook, depth: number): readonly string[] {
  if (service === 'kubernetes' && namespace === 'default') return book.apiServer === undefined ? [] : [book.apiServer];
  const external = book.services.get(namespace)?.get(service)?.spec?.externalName;
  // An alias may lead to another alias; three are enough for anybody, and a circle must end.
  if (external !== undefined && external !== '') return depth < 3 ? resolveHost(external.toLowerCase(), namespace, book, depth + 1) : [];
  const behind = book.behind.get(`${namespace}/${service}`);
  if (behind !== undefined && behind.length > 0) return behind;
  const named = book.named.get(`${namespace}/${service}`);
  return named === undefined ? [] : [named];
}
