import type { Target } from '../../src/model/check.ts';
import type { Service } from '../../src/model/kubernetes.ts';
import type { Address } from './configuration.ts';

/** What an address stands for, seen from logseer's namespace. */
export type Place =
  | { readonly kind: 'service'; readonly namespace: string; readonly service: Service }
  | { readonly kind: 'missing' | 'elsewhere'; readonly namespace: string; readonly name: string }
  | { readonly kind: 'outside' };

/** The namespaces that may be read: logseer's own, and those of the components that are looked at together with it. */
export function readableNamespaces(target: Target): readonly string[] {
  const peers = Object.values(target.peers)
    .flat()
    .flatMap(({ pods, services }) => [...pods, ...services]);
  return [...new Set([target.namespace, ...peers.map(({ namespace }) => namespace)])];
}

/** `services`: by namespace, every namespace that may be read. */
export function placeOf({ host }: Address, home: string, services: ReadonlyMap<string, readonly Service[]>): Place {
  if (/^\d{1,3}(?:\.\d{1,3}){3}$/.test(host)) {
    for (const [namespace, all] of services) {
      const service = all.find(({ spec }) => spec?.clusterIP === host);
      if (service !== undefined) return { kind: 'service', namespace, service };
    }
    return { kind: 'outside' };
  }
  if (host === 'localhost') return { kind: 'outside' };
  const labels = host.split('.');
  const svc = labels.indexOf('svc', 2);
  if (svc >= 0) {
    const [namespace = '', name = ''] = [labels[svc - 1], labels[svc - 2]];
    return named(name, namespace, services) ?? { kind: 'elsewhere', namespace, name };
  }
  const [first = '', second, third] = labels;
  if (second === undefined) return named(first, home, services) ?? { kind: 'outside' };
  // `<service>.<namespace>`, and a pod of a headless Service: `<pod>.<service>` at home, `<pod>.<service>.<namespace>`.
  if (third === undefined) {
    const atHome = services.get(home)?.find(({ metadata }) => metadata.name === second);
    return named(first, second, services) ?? (atHome === undefined ? { kind: 'outside' } : { kind: 'service', namespace: home, service: atHome });
  }
  return (labels.length === 3 ? named(second, third, services) : undefined) ?? { kind: 'outside' };
}

function named(name: string, namespace: string, services: ReadonlyMap<string, readonly Service[]>): Place | undefined {
  const all = services.get(namespace);
  if (all === undefined) return undefined;
  const service = all.find(({ metadata }) => metadata.name === name);
  return service === undefined ? { kind: 'missing', namespace, name } : { kind: 'service', namespace, service };
}
