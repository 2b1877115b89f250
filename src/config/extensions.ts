import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire, registerHooks } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AnyCheck } from '../model/check.ts';
import type { ComponentDefinition, NamespaceInventory } from '../model/component.ts';

/** What a site adds to the product, and what of it could not be loaded. */
export interface Extensions {
  readonly checks: readonly { readonly check: AnyCheck; readonly folder: string }[];
  readonly inventory: readonly NamespaceInventory[];
  readonly problems: readonly { readonly from: string; readonly message: string }[];
}

/** What the product's own entry points are, for the imports of a site's checks. */
export interface EntryPoints {
  readonly check: string;
  readonly testing: string;
}

const SOURCES = ['check.ts', 'check.mts', 'check.js', 'check.mjs'];

/**
 * Loads a site's checks and components from directories and npm packages. Each is a directory with `<check id>/check.{ts,js}` and
 * `inventory/*.{ts,js}`; a package may name another directory in the field `skiffctl` of its package.json. One that is broken is a problem by its
 * name, and the rest is loaded. Never throws.
 */
export async function loadExtensions(entries: readonly string[], from: string, taken: ReadonlySet<string>, entryPoints: EntryPoints): Promise<Extensions> {
  if (entries.length === 0) return { checks: [], inventory: [], problems: [] };
  resolveEntryPoints(entryPoints);
  const checks: { check: AnyCheck; folder: string }[] = [];
  const inventory: NamespaceInventory[] = [];
  const problems: { from: string; message: string }[] = [];
  for (const entry of entries) {
    let directory: string;
    try {
      directory = directoryOf(entry, from);
    } catch (error) {
      problems.push({ from: entry, message: messageOf(error) });
      continue;
    }
    for (const folder of subfolders(directory)) {
      const source = SOURCES.map((name) => join(directory, folder, name)).find((path) => existsSync(path));
      if (source === undefined) continue;
      try {
        const check = asCheck(await importDefault(source), folder);
        const known = checks.some((other) => other.check.meta.id === check.meta.id) || taken.has(check.meta.id);
        if (known) throw new Error(`a check "${check.meta.id}" exists already`);
        checks.push({ check, folder: join(directory, folder) });
      } catch (error) {
        problems.push({ from: join(entry, folder), message: messageOf(error) });
      }
    }
    for (const file of files(join(directory, 'inventory'))) {
      try {
        inventory.push(asInventory(await importDefault(join(directory, 'inventory', file))));
      } catch (error) {
        problems.push({ from: join(entry, 'inventory', file), message: messageOf(error) });
      }
    }
  }
  return { checks, inventory, problems };
}

/** Adds a site's inventory to the product's: components of a namespace that is known already join it, others follow at the end. */
export function mergeInventory(own: readonly NamespaceInventory[], site: readonly NamespaceInventory[]): readonly NamespaceInventory[] {
  const merged = new Map(own.map((each) => [each.namespace, each]));
  for (const each of site) {
    const known = merged.get(each.namespace);
    if (known === undefined) {
      merged.set(each.namespace, each);
      continue;
    }
    // What the site says of a component wins over the documents.
    const replaced = new Set(each.components.map((component) => component.id));
    merged.set(each.namespace, { ...known, components: [...known.components.filter((component) => !replaced.has(component.id)), ...each.components] });
  }
  return [...merged.values()];
}

let hooked = false;

/** A site's checks import `skiffctl/check` wherever they lie: it means this very program, not a copy that happens to be installed beside them. */
function resolveEntryPoints(entryPoints: EntryPoints): void {
  if (hooked) return;
  hooked = true;
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === 'skiffctl/check') return { url: entryPoints.check, shortCircuit: true };
      if (specifier === 'skiffctl/testing') return { url: entryPoints.testing, shortCircuit: true };
      return next(specifier, context);
    },
  });
}

function directoryOf(entry: string, from: string): string {
  if (existsSync(entry)) {
    if (!statSync(entry).isDirectory()) throw new Error('it is no directory');
    return entry;
  }
  if (/^[./~]/.test(entry)) throw new Error('there is no such directory');
  const manifest = createRequire(join(from, 'skiffctl.yaml')).resolve(`${entry}/package.json`);
  const { skiffctl = '.' } = JSON.parse(readFileSync(manifest, 'utf8')) as { skiffctl?: string };
  return join(dirname(manifest), skiffctl);
}

function subfolders(directory: string): readonly string[] {
  return readdirSync(directory, { withFileTypes: true })
    .filter((item) => item.isDirectory() && item.name !== 'inventory' && item.name !== 'node_modules' && !item.name.startsWith('.'))
    .map((item) => item.name)
    .sort();
}

function files(directory: string): readonly string[] {
  if (!existsSync(directory)) return [];
  return readdirSync(directory)
    .filter((name) => /\.(m?js|m?ts)$/.test(name) && !name.endsWith('.d.ts'))
    .sort();
}

async function importDefault(path: string): Promise<unknown> {
  const module = (await import(pathToFileURL(path).href)) as { default?: unknown };
  if (module.default === undefined) throw new Error('it has no default export');
  return module.default;
}

function asCheck(value: unknown, folder: string): AnyCheck {
  const check = value as Partial<AnyCheck>;
  if (typeof check !== 'object' || check === null || typeof check.probe !== 'function' || typeof check.evaluate !== 'function') {
    throw new Error('its default export is no check: make it with defineCheck()');
  }
  const { meta } = check;
  if (typeof meta !== 'object' || meta === null) throw new Error('it has no meta');
  if (meta.id !== folder) throw new Error(`its meta.id is "${String(meta.id)}", its folder "${folder}"; they must be the same`);
  if (typeof meta.rules !== 'object' || meta.rules === null || Object.keys(meta.rules).length === 0) throw new Error('it has no rules');
  if (!Array.isArray(meta.reads)) throw new Error('it has no meta.reads');
  for (const [rule, facts] of Object.entries(
    meta.rules as Record<string, { title?: { zh?: unknown; en?: unknown }; severity?: unknown; messages?: unknown }>,
  )) {
    if (typeof facts.title?.zh !== 'string' || typeof facts.title.en !== 'string') throw new Error(`rule "${rule}" needs a title in zh and en`);
    if (!['critical', 'warning', 'info'].includes(String(facts.severity))) throw new Error(`rule "${rule}" needs the severity critical, warning or info`);
    if (typeof facts.messages !== 'object' || facts.messages === null) throw new Error(`rule "${rule}" has no messages`);
  }
  return { ...(check as AnyCheck), meta: { ...meta, options: meta.options ?? {} } };
}

function asInventory(value: unknown): NamespaceInventory {
  const inventory = value as Partial<NamespaceInventory>;
  if (typeof inventory !== 'object' || inventory === null || typeof inventory.namespace !== 'string' || !Array.isArray(inventory.components)) {
    throw new Error('its default export is no inventory: it needs a namespace and a list of components');
  }
  for (const component of inventory.components as readonly Partial<ComponentDefinition>[]) {
    if (typeof component.id !== 'string') throw new Error('a component has no id');
    if (typeof component.title?.zh !== 'string' || typeof component.title.en !== 'string')
      throw new Error(`component "${component.id}" needs a title in zh and en`);
    if (typeof component.technologies !== 'object' || component.technologies === null) throw new Error(`component "${component.id}" has no technologies`);
  }
  const title = inventory.title ?? { zh: inventory.namespace, en: inventory.namespace };
  return { ...inventory, title } as NamespaceInventory;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}
