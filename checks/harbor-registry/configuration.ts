import type { RegistryConfiguration } from './observation.ts';

/** Settings below `storage` that are no drivers. */
const NO_DRIVERS = ['cache', 'maintenance', 'delete', 'redirect', 'tag'];
const MOST_LINES = 2000;

/** The few settings of a registry's configuration that a diagnosis needs; undefined for a text that is none. JSON is YAML, too. */
export function configurationOf(text: string): RegistryConfiguration | undefined {
  const settings = settingsOf(text);
  const names = [...settings.keys()];
  if (!settings.has('version') || !names.some((name) => name.startsWith('storage'))) return undefined;
  const below = names.filter((name) => name.startsWith('storage.')).map((name) => name.split('.')[1] ?? '');
  // `storage: inmemory`, or a map whose key is the driver.
  const driver = below.find((name) => !NO_DRIVERS.includes(name)) ?? settings.get('storage') ?? '';
  const debugPort = Number(/:(\d{1,5})$/.exec(settings.get('http.debug.addr') ?? '')?.[1] ?? 0);
  return { driver, readOnly: settings.get('storage.maintenance.readonly.enabled') === 'true', debugPort };
}

/** Scalars by their path, `storage.filesystem.rootdirectory` → `/storage`. Lists and blocks of text are passed over; so are maps in braces in YAML. */
function settingsOf(text: string): ReadonlyMap<string, string> {
  const settings = new Map<string, string>();
  if (text.trimStart().startsWith('{')) {
    try {
      flatten(JSON.parse(text), '', settings);
    } catch {
      // neither JSON nor YAML that is read here
    }
    return settings;
  }
  const path: { readonly indent: number; readonly name: string }[] = [];
  for (const line of text.split('\n').slice(0, MOST_LINES)) {
    const [, spaces = '', name = '', value = ''] = /^(\s*)["']?([\w-]+)["']?:(?:\s+(.*))?$/.exec(line.replace(/\s+#.*$|^#.*$/, '').trimEnd()) ?? [];
    if (name === '') continue;
    while ((path.at(-1)?.indent ?? -1) >= spaces.length) path.pop();
    path.push({ indent: spaces.length, name });
    settings.set(path.map((each) => each.name).join('.'), value.replace(/^(["'])(.*)\1$/, '$2'));
  }
  return settings;
}

function flatten(value: unknown, path: string, into: Map<string, string>): void {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    if (typeof value !== 'object') into.set(path, String(value));
    return;
  }
  for (const [name, each] of Object.entries(value)) flatten(each, path === '' ? name : `${path}.${name}`, into);
}
