import type { Dependency } from '../model/component.ts';
import type { ConfigMap } from '../model/kubernetes.ts';
import { hostsOf } from './addresses.ts';
import { ANSWERING_TECHNOLOGY, type Entry, NODE_NAMESPACE } from './components.ts';
import { namedAfter } from './definitions.ts';
import { wordsOf } from './names.ts';
import { type AddressBook, resolveHost } from './resolve.ts';
import { ownersOfServices } from './services.ts';
import type { Snapshot } from './snapshot.ts';
import { compare } from './workloads.ts';

/** Gives the components their Services. Missing ones get theirs, too: what still points at the Service of a deleted workload points at the component. */
export function attachServices(entries: readonly Entry[], snapshot: Snapshot): void {
  for (const objects of snapshot.objects) {
    const local = entries.filter((entry) => couldOwnServicesIn(entry, objects.name));
    const owners = local.map((entry) => ({ component: entry.found.component, workloads: entry.workloads, names: entry.names }));
    const byService = ownersOfServices(objects, owners);
    for (const entry of local) {
      const own = [...byService].filter(([, components]) => components.includes(entry.found.component)).map(([name]) => name);
      const refs = own.sort(compare).map((name) => ({ namespace: objects.name, name }));
      if (refs.length > 0) entry.services = [...entry.services, ...refs];
    }
  }
}

function couldOwnServicesIn(entry: Entry, namespace: string): boolean {
  if (entry.found.presence === 'present') return entry.found.namespace === namespace && entry.workloads.length > 0;
  if (entry.found.presence === 'absent') return false;
  if (entry.found.namespace === namespace) return true;
  return entry.definition !== undefined && (entry.definition.homes.includes(namespace) || namedAfter(entry.definition, namespace));
}

/** Gives the components their edges, declared and observed, and their peers. What they depend on must have its Services already. */
export function addDependencies(entries: readonly Entry[], snapshot: Snapshot): void {
  const here = entries.filter((entry) => entry.found.presence !== 'absent' && !entry.ignored);
  const book = addressBook(here, snapshot);
  const configMaps = new Map(
    snapshot.objects.map((objects) => [objects.name, new Map((objects.configmaps ?? []).map((each) => [each.metadata.name, each]))] as const),
  );
  for (const entry of here) {
    const edges = new Map<string, Dependency>();
    for (const declared of declaredBy(entry)) {
      for (const component of declaredTargets(declared.component, entry, here)) {
        if (component !== entry.found.component && !edges.has(component)) edges.set(component, { ...declared, component });
      }
    }
    const partial = relays(entry) ? { partial: true } : {};
    for (const component of observedTargets(entry, configMaps, book)) edges.set(component, { component, confidence: 'observed', ...partial });
    entry.dependsOn = [...edges.values()];
    entry.peers = Object.fromEntries(
      Object.entries(entry.definition?.component.peers ?? {}).map(([role, ids]) => [role, ids.flatMap((id) => declaredTargets(id, entry, here))]),
    );
  }
}

/** An undocumented Prometheus or Alertmanager relays like a documented one. */
function relays(entry: Entry): boolean {
  return entry.definition?.component.relays ?? wordsOf(entry.found.id).some((word) => word === 'prometheus' || word === 'alertmanager');
}

function declaredBy(entry: Entry): readonly Dependency[] {
  const own = entry.settings.dependsOn;
  if (own !== undefined) return own.map((component) => ({ component, confidence: 'documented' }));
  return entry.definition?.component.dependsOn ?? [];
}

/** The found components that a declared id means: a full id as it is or as the documents have it, a short one nearest first. */
function declaredTargets(id: string, from: Entry, here: readonly Entry[]): readonly string[] {
  const exact = here.find((entry) => entry.found.component === id);
  if (exact !== undefined) return [exact.found.component];
  const [first = '', second] = id.split('/');
  const candidates =
    second === undefined
      ? here.filter((entry) => entry.found.id === first && entry.found.namespace !== NODE_NAMESPACE)
      : here.filter((entry) => entry.found.id === second && entry.definition?.inventory.namespace === first);
  const nearest = [
    (entry: Entry) => entry.found.namespace === from.found.namespace,
    (entry: Entry) => entry.definition !== undefined && entry.definition.inventory === from.definition?.inventory,
    (entry: Entry) => entry.found.documented,
  ];
  for (const near of nearest) {
    const close = candidates.filter(near);
    if (close.length > 0) return close.map((entry) => entry.found.component);
  }
  return candidates.map((entry) => entry.found.component);
}

function observedTargets(entry: Entry, configMaps: ReadonlyMap<string, ReadonlyMap<string, ConfigMap>>, book: AddressBook): readonly string[] {
  const targets = new Set<string>();
  for (const workload of entry.workloads) {
    const maps = configMaps.get(workload.namespace) ?? new Map();
    for (const host of hostsOf(workload, maps)) {
      for (const target of resolveHost(host, workload.namespace, book)) if (mayDependOn(entry.found.component, target)) targets.add(target);
    }
  }
  return [...targets].sort(compare);
}

/** Nothing but a Prometheus is any worse without an exporter; a store that names its exporter does not need it. */
function mayDependOn(from: string, target: string): boolean {
  return from !== target && (!wordsOf(target).includes('exporter') || wordsOf(from).includes('prometheus'));
}

function addressBook(here: readonly Entry[], snapshot: Snapshot): AddressBook {
  const services = new Map(snapshot.objects.map((objects) => [objects.name, new Map((objects.services ?? []).map((each) => [each.metadata.name, each]))]));
  const pods = new Map(snapshot.objects.map((objects) => [objects.name, new Set((objects.pods ?? []).map((pod) => pod.metadata.name))]));
  const clusterIps = new Map<string, string>();
  for (const [namespace, byName] of services) {
    for (const [name, service] of byName) {
      const ip = service.spec?.clusterIP ?? '';
      if (ip !== '' && ip !== 'None') clusterIps.set(ip, `${namespace}/${name}`);
    }
  }
  const behind = new Map<string, readonly string[]>();
  const named = new Map<string, string>();
  for (const entry of here) {
    for (const service of entry.services) {
      const key = `${service.namespace}/${service.name}`;
      behind.set(key, [...(behind.get(key) ?? []), entry.found.component]);
    }
    if (entry.found.namespace === NODE_NAMESPACE) continue;
    const homes = entry.found.presence === 'present' ? [] : (entry.definition?.homes ?? []);
    const names = [entry.found.id, ...(entry.definition?.component.recognise?.names ?? []), ...entry.workloads.map((workload) => workload.name)];
    for (const home of [entry.found.namespace, ...homes])
      for (const name of names) if (!named.has(`${home}/${name}`)) named.set(`${home}/${name}`, entry.found.component);
  }
  const apiServer = here.find((entry) => ANSWERING_TECHNOLOGY in entry.found.technologies)?.found.component;
  return { services, pods, behind, named, clusterIps, ...(apiServer === undefined ? {} : { apiServer }) };
}
