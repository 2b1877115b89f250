import type { ConfigMap, Container, Pod } from '../../src/model/kubernetes.ts';

/** An address as it stands in a configuration. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

export interface Configured {
  readonly addresses: readonly Address[];
  readonly source: string;
  readonly expectedMajor?: number;
}

interface Setting {
  readonly words: readonly string[];
  readonly value: string;
  readonly source: string;
}

const PORT = 9200;
const MOST_ADDRESSES = 10;
const LONGEST_TEXT = 256 * 1024;
const STORE: ReadonlySet<string> = new Set(['es', 'elastic', 'elasticsearch']);
const PLACE: ReadonlySet<string> = new Set(
  'host hosts hostname hostnames url urls uri uris addr addrs address addresses server servers node nodes endpoint endpoints'.split(' '),
);

/**
 * Where logseer is told that its Elasticsearch is: `esHosts` in the system.properties of its ConfigMap, as its public relative has it, or anything that calls
 * itself the address of an Elasticsearch in ConfigMaps and environment. Only hosts, ports and the major version are kept: an address may hold a password.
 */
export function configuredIn(pods: readonly Pod[], configMaps: readonly ConfigMap[]): Configured {
  const settings = settingsOf(pods, new Map(configMaps.map((each) => [each.metadata.name, each])));
  const ofStore = settings.filter(({ words }) => words.some((word) => STORE.has(word)));
  const portSetting = ofStore.find(({ words, value }) => words.at(-1) === 'port' && /^\d{1,5}$/.test(value))?.value;
  const placed = ofStore.filter(({ words }) => PLACE.has(words.at(-1) ?? ''));
  const found = placed.flatMap(({ value, source }) => addressesIn(value, Number(portSetting ?? PORT)).map((address) => ({ address, source })));
  const [first] = found;
  // What stands in several places is said by the first; a mounted file wins over the environment of whoever wrote it.
  const same = found.filter(({ source }) => source === first?.source);
  const unique = [...new Map(same.map(({ address }) => [`${address.host}:${address.port}`, address])).values()].slice(0, MOST_ADDRESSES);
  const version = ofStore.find(({ words }) => words.at(-1) === 'version')?.value;
  const major = /^v?(\d{1,2})(?:\.|x|$)/i.exec(version ?? '')?.[1];
  return { addresses: unique, source: first?.source ?? '', ...(major === undefined ? {} : { expectedMajor: Number(major) }) };
}

function settingsOf(pods: readonly Pod[], configMaps: ReadonlyMap<string, ConfigMap>): readonly Setting[] {
  const files: Setting[] = [];
  const environment: Setting[] = [];
  // All replicas have the same template; an old one of a rollout may differ, and the newest is what is meant.
  const pod = pods.toSorted((a, b) => (b.metadata.creationTimestamp ?? '').localeCompare(a.metadata.creationTimestamp ?? '', 'en'))[0];
  for (const container of pod?.spec?.containers ?? []) environment.push(...environmentOf(container, configMaps));
  const known = new Map(environment.map(({ source, value }) => [source.replace(/^env /, ''), value]));
  for (const volume of pod?.spec?.volumes ?? []) {
    const name = volume.configMap?.name ?? '';
    for (const [key, text] of Object.entries(configMaps.get(name)?.data ?? {}))
      for (const setting of settingsIn(key, text.slice(0, LONGEST_TEXT)))
        files.push({ ...setting, value: expanded(setting.value, known), source: `ConfigMap ${name}` });
  }
  return [...files, ...environment.map((setting) => ({ ...setting, value: expanded(setting.value, known) }))];
}

function environmentOf(container: Container, configMaps: ReadonlyMap<string, ConfigMap>): readonly Setting[] {
  const whole = (container.envFrom ?? []).flatMap(({ configMapRef }) => Object.entries(configMaps.get(configMapRef?.name ?? '')?.data ?? {}));
  const single = (container.env ?? []).flatMap(({ name, value, valueFrom }): readonly (readonly [string, string])[] => {
    const reference = valueFrom?.configMapKeyRef;
    const text = value ?? configMaps.get(reference?.name ?? '')?.data?.[reference?.key ?? ''];
    return text === undefined ? [] : [[name, text]];
  });
  return [...whole, ...single].map(([name, value]) => ({ words: wordsOf(name), value: value.trim(), source: `env ${name}` }));
}

/** `key=value` and `key: value`, with the keys above it where it is indented as in YAML; items of a list belong to the key above. */
function settingsIn(file: string, text: string): readonly Omit<Setting, 'source'>[] {
  const settings: Omit<Setting, 'source'>[] = [];
  const above: { readonly indent: number; readonly key: string }[] = [];
  // A value of a ConfigMap that is no file: `esHosts: a:9200`.
  if (!text.includes('\n') && !/[=]/.test(text)) settings.push({ words: wordsOf(file), value: clean(text) });
  for (const line of text.split('\n')) {
    const [, space = '', dash, rest = ''] = /^(\s*)(-\s+)?(.*)$/.exec(line) ?? [];
    if (rest === '' || /^(?:#|!|\/\/)/.test(rest)) continue;
    const indent = space.length;
    // Items of a list may stand as far to the left as the key that they belong to.
    if (dash === undefined) while ((above.at(-1)?.indent ?? -1) >= indent) above.pop();
    const [, key, value = ''] = /^["']?([\w.-]{1,100})["']?\s*(?:=|:(?=\s|$))\s*(.*)$/.exec(rest) ?? [];
    const path = above.map((each) => each.key);
    if (key === undefined) {
      if (dash !== undefined) settings.push({ words: path.flatMap(wordsOf), value: clean(rest) });
    } else if (value === '') above.push({ indent, key });
    else settings.push({ words: [...path, key].flatMap(wordsOf), value: clean(value) });
  }
  return settings;
}

function clean(value: string): string {
  return value
    .replace(/\s+#.*$/, '')
    .replaceAll(/[\s"'[\]]+/g, ' ')
    .trim();
}

/** `spring.data.elasticsearch.cluster-nodes`, `ES_HOSTS` and `esHosts` in words. */
function wordsOf(key: string): readonly string[] {
  return key
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== '');
}

/** `${ES_HOST}` and `${ES_HOST:elasticsearch}`; what is not known stays and is no address. */
function expanded(value: string, known: ReadonlyMap<string, string>): string {
  return value.replaceAll(/\$\{(\w+)(?::([^}]*))?\}/g, (all, name: string, otherwise: string | undefined) => known.get(name) ?? otherwise ?? all);
}

function addressesIn(value: string, port: number): readonly Address[] {
  return value.split(/[\s,;]+/).flatMap((part) => {
    const bare = part.replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
    const rest = bare.slice(bare.lastIndexOf('@') + 1).split(/[/?#]/)[0] ?? '';
    const [, host = '', given] = /^([a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?)\.?(?::(\d{1,5}))?$/i.exec(rest) ?? [];
    return host === '' ? [] : [{ host: host.toLowerCase(), port: Number(given ?? port) }];
  });
}
