import type { ComponentDefinition, NamespaceInventory } from '../model/component.ts';
import { fitName, wordsOf } from './names.ts';
import type { ComponentSettings, DiscoverySettings } from './settings.ts';
import type { Workload } from './workloads.ts';

/** A component of the inventory with what the site says of it. */
export interface Definition {
  readonly inventory: NamespaceInventory;
  readonly component: ComponentDefinition;
  readonly settings: ComponentSettings;
  /** The namespaces of its module on this cluster. */
  readonly own: readonly string[];
  /** These, and the ones that the module may share. */
  readonly homes: readonly string[];
  /** The words of its id. */
  readonly id: readonly string[];
  /** The words of every name it goes by, its id first. */
  readonly aliases: readonly (readonly string[])[];
}

/** The namespaces of a module at this site: the configured ones, else the documented one. */
export function ownNamespaces(inventory: NamespaceInventory, settings: DiscoverySettings): readonly string[] {
  return actualNames(inventory.namespace, settings);
}

/** The same, with the namespaces that it may share. */
export function homesOf(inventory: NamespaceInventory, settings: DiscoverySettings): readonly string[] {
  return [...new Set([inventory.namespace, ...(inventory.alsoIn ?? [])].flatMap((namespace) => actualNames(namespace, settings)))];
}

function actualNames(namespace: string, settings: DiscoverySettings): readonly string[] {
  const configured = settings.modules[namespace] ?? [];
  return configured.length > 0 ? configured : [namespace];
}

/**
 * Which namespaces to read. With the names at hand: the homes that exist, and, because sites rename, every namespace with the product's prefix,
 * at most `MOST_PREFIXED` of them. Without: every home, since nothing tells which of them exist.
 */
export function namespacesToRead(
  names: readonly string[] | undefined,
  inventory: readonly NamespaceInventory[],
  settings: DiscoverySettings,
): readonly string[] {
  const homes = inventory.flatMap((each) => homesOf(each, settings));
  const configured = Object.values(settings.components).flatMap((each) => (each.namespace === undefined ? [] : [each.namespace]));
  const known = [...new Set([...homes, ...configured])];
  const selected = (name: string) => settings.namespaces === undefined || settings.namespaces.includes(name);
  if (names === undefined) return known.filter(selected);
  const prefixed = names
    .filter((name) => name.startsWith(PREFIX) && !known.includes(name))
    .sort()
    .slice(0, MOST_PREFIXED);
  return [...known.filter((name) => names.includes(name)), ...prefixed].filter(selected);
}

const PREFIX = 'skiff-';
/** Requests must not grow with namespaces that are not the control cluster's own. */
const MOST_PREFIXED = 16;

/**
 * The inventory as this site has it. Where none of an inventory's namespaces exists, the unknown namespace with at least two of its components by
 * their exact names is taken for it: it was renamed.
 */
export function definitionsOf(
  inventory: readonly NamespaceInventory[],
  settings: DiscoverySettings,
  namespaceNames: readonly string[] | undefined,
  workloads: ReadonlyMap<string, readonly Workload[]>,
): readonly Definition[] {
  const allHomes = new Set(inventory.flatMap((each) => homesOf(each, settings)));
  const unknown = [...workloads.keys()].filter((name) => !allHomes.has(name));
  return inventory.flatMap((each) => {
    const homes = homesOf(each, settings);
    const gone = namespaceNames !== undefined && !homes.some((name) => namespaceNames.includes(name));
    const renamed = gone ? renamedTo(each, unknown, workloads) : undefined;
    return each.components.map((component) => define(each, component, renamed, settings));
  });
}

function renamedTo(inventory: NamespaceInventory, candidates: readonly string[], workloads: ReadonlyMap<string, readonly Workload[]>): string | undefined {
  let best: { readonly name: string; readonly found: number } | undefined;
  for (const name of candidates) {
    const names = (workloads.get(name) ?? []).map((workload) => wordsOf(workload.name));
    const found = inventory.components.filter((component) => names.some((words) => fitName(words, wordsOf(component.id)) === 'exact')).length;
    if (found >= 2 && found > (best?.found ?? 0)) best = { name, found };
  }
  return best?.name;
}

function define(inventory: NamespaceInventory, component: ComponentDefinition, renamed: string | undefined, settings: DiscoverySettings): Definition {
  const module = renamed === undefined ? ownNamespaces(inventory, settings) : [renamed];
  const homes = [...new Set([...module, ...homesOf(inventory, settings)])];
  const full = [inventory.namespace, ...homes].map((namespace) => settings.components[`${namespace}/${component.id}`]);
  const said: ComponentSettings = Object.assign({}, settings.components[component.id], ...full.filter((each) => each !== undefined));
  const id = wordsOf(component.id);
  return {
    inventory,
    component,
    settings: said,
    own: said.namespace === undefined ? module : [said.namespace],
    homes: said.namespace === undefined ? homes : [said.namespace],
    id,
    aliases: [id, ...(component.recognise?.names ?? []).map(wordsOf)],
  };
}

/** True when a namespace is named after one of the component's words: nsf-meta may well live in skiff-nsf. */
export function namedAfter(definition: Definition, namespace: string): boolean {
  return wordsOf(namespace).some((word) => word !== 'skiff' && definition.id.includes(word));
}

/** Where a component is to be expected among the namespaces there are: in those named after it, else at home. */
export function likelyPlaces(definition: Definition, namespaces: readonly string[]): readonly string[] {
  const near = namespaces.filter((name) => definition.homes.includes(name) || name.startsWith(PREFIX));
  const named = definition.settings.namespace === undefined ? near.filter((name) => namedAfter(definition, name)) : [];
  if (named.length > 0) return named;
  const homes = definition.homes.filter((name) => namespaces.includes(name));
  return homes.length > 0 ? homes : definition.homes;
}
