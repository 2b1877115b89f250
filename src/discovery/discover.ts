import type { KubeReader } from '../model/check.ts';
import type { Discovery, NamespaceInventory } from '../model/component.ts';
import { entriesOf, type Scope } from './components.ts';
import { definitionsOf, homesOf, namespacesToRead, ownNamespaces } from './definitions.ts';
import { addDependencies, attachServices } from './dependencies.ts';
import { imageRegistries } from './image-registries.ts';
import { recognise } from './recognise.ts';
import type { DiscoverySettings } from './settings.ts';
import { type Snapshot, takeSnapshot } from './snapshot.ts';
import { workloadsOf } from './workloads.ts';

/**
 * Which components of the inventory are on this cluster, under which names, and what depends on what. Reads what `DISCOVERY_READS` says through
 * `kube`. What cannot be read becomes a blind spot and its components `unseen`; a failing read never throws.
 */
export async function discover(kube: KubeReader, inventory: readonly NamespaceInventory[], settings: DiscoverySettings): Promise<Discovery> {
  const snapshot = await takeSnapshot(kube, (names) => namespacesToRead(names, inventory, settings));
  return match(snapshot, inventory, settings);
}

/** The same without reading: pure, the same snapshot, inventory and settings give the same discovery in the same order. */
export function match(snapshot: Snapshot, inventory: readonly NamespaceInventory[], settings: DiscoverySettings): Discovery {
  const workloads = new Map(snapshot.objects.map((objects) => [objects.name, workloadsOf(objects)]));
  const definitions = definitionsOf(inventory, settings, snapshot.namespaceNames, workloads);
  const scope: Scope = { snapshot, settings, inventory, definitions, workloads };
  const { instances, rest } = recognise(workloads, definitions);
  const entries = entriesOf(scope, instances, rest);
  attachServices(entries, snapshot);
  addDependencies(entries, snapshot);
  const registries = imageRegistries(entries, snapshot);
  return {
    components: entries
      .filter((entry) => !entry.ignored)
      .map((entry) => ({ ...entry.found, services: entry.services, dependsOn: entry.dependsOn, peers: entry.peers })),
    namespaces: namespaceList(scope),
    ...(registries.length === 0 ? {} : { imageRegistries: registries }),
    blindSpots: snapshot.blindSpots,
  };
}

function namespaceList(scope: Scope): Discovery['namespaces'] {
  const { inventory, settings, snapshot } = scope;
  const chosen = settings.namespaces;
  const list = new Map<string, { readonly name: string; readonly module: string; readonly present: boolean }>();
  const add = (name: string, module: string) => {
    if (list.has(name) || (chosen !== undefined && !chosen.includes(name))) return;
    list.set(name, { name, module, present: snapshot.namespaceNames?.includes(name) ?? holdsAnything(scope, name) });
  };
  for (const each of inventory) for (const name of ownNamespaces(each, settings)) add(name, each.namespace);
  for (const each of inventory) for (const name of homesOf(each, settings)) add(name, each.namespace);
  for (const definition of scope.definitions) for (const name of definition.homes) add(name, definition.inventory.namespace);
  for (const objects of snapshot.objects) add(objects.name, objects.name);
  return [...list.values()];
}

/** Without the list of namespaces, one that holds something is there: lists of a namespace that does not exist are empty. */
function holdsAnything(scope: Scope, name: string): boolean {
  const objects = scope.snapshot.objects.find((each) => each.name === name);
  return (objects?.services ?? []).length > 0 || (objects?.configmaps ?? []).length > 0 || (scope.workloads.get(name) ?? []).length > 0;
}
