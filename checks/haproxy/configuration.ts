/** What a configuration of HAProxy says of where its ports lead. Nothing of it but names and addresses is kept. */
export interface Configuration {
  readonly sections: readonly Section[];
}

interface Section {
  readonly kind: string;
  readonly name: string;
  readonly binds: readonly { readonly host: string; readonly port: number }[];
  /** Backends that it hands connections to. */
  readonly backends: readonly string[];
  readonly servers: readonly { readonly name: string; readonly host: string }[];
  /** Path of its statistics page; absent when it has none. */
  readonly stats?: string;
}

const SECTION =
  /^(global|defaults|frontend|backend|listen|resolvers|peers|userlist|mailers|program|cache|ring|http-errors|fcgi-app|crt-store|log-forward|log-profile)(?:\s+(\S+))?/;
const MOST_LINES = 5000;
/** Where the page is when `stats enable` alone is written. */
const USUAL_STATS = '/haproxy?stats';

export function configurationOf(text: string): Configuration {
  const sections: {
    kind: string;
    name: string;
    binds: { host: string; port: number }[];
    backends: string[];
    servers: { name: string; host: string }[];
    stats?: string;
  }[] = [];
  for (const raw of text.split('\n', MOST_LINES)) {
    const line = raw.replace(/(^|\s)#.*$/, '').trim();
    if (line === '') continue;
    const opened = SECTION.exec(line);
    if (opened !== null) {
      sections.push({ kind: opened[1] ?? '', name: opened[2] ?? '', binds: [], backends: [], servers: [] });
      continue;
    }
    const section = sections.at(-1);
    if (section === undefined) continue;
    const [word = '', first = '', second = ''] = line.split(/\s+/);
    if (word === 'bind') section.binds.push(...first.split(',').flatMap(bindOf));
    else if (word === 'default_backend' || word === 'use_backend') section.backends.push(first);
    else if (word === 'server') section.servers.push({ name: first, host: hostOf(second) });
    else if (word === 'stats' && first === 'uri') section.stats = second;
    else if (word === 'stats' && first === 'enable') section.stats ??= USUAL_STATS;
  }
  return { sections };
}

/** `:6379`, `*:6379`, `10.0.0.1:6379`, `[::]:6379`, `ipv4@:6379`. A range or a variable is no port that can be asked. */
function bindOf(address: string): readonly { readonly host: string; readonly port: number }[] {
  const found = /^(?:ipv[46]@)?(.*):(\d{1,5})$/.exec(address);
  return found === null ? [] : [{ host: (found[1] ?? '').replaceAll(/[[\]]/g, ''), port: Number(found[2]) }];
}

function hostOf(address: string): string {
  return address
    .replace(/^ipv[46]@/, '')
    .replace(/:\d+$/, '')
    .replaceAll(/[[\]"]/g, '');
}

function listening({ sections }: Configuration, port: number): readonly Section[] {
  return sections.filter(({ binds }) => binds.some((bind) => bind.port === port));
}

/** The backends that a port leads to. A `listen` section is its own. */
export function backendsOf(configuration: Configuration, port: number): readonly string[] {
  return [...new Set(listening(configuration, port).flatMap(({ kind, name, backends }) => [...(kind === 'listen' ? [name] : []), ...backends]))];
}

/** Whether a port is open on every address; undefined when no section that could be read listens on it. */
export function listensEverywhere(configuration: Configuration, port: number): boolean | undefined {
  const hosts = listening(configuration, port).flatMap(({ binds }) => binds.filter((bind) => bind.port === port).map(({ host }) => host));
  return hosts.length === 0 ? undefined : hosts.some((host) => host === '' || host === '*' || host === '0.0.0.0' || host === '::');
}

/** Host of a backend's server; empty for one that is not written there, or as a variable. */
export function hostOfServer({ sections }: Configuration, backend: string, server: string): string {
  const host = sections.filter(({ name }) => name === backend).flatMap(({ servers }) => servers.filter(({ name }) => name === server))[0]?.host ?? '';
  return host.includes('$') ? '' : host;
}

/** Where the statistics are; undefined when no section has them on a port. */
export function statsOf({ sections }: Configuration): { readonly port: number; readonly path: string } | undefined {
  return sections.flatMap(({ binds, stats }) => (stats === undefined || binds[0] === undefined ? [] : [{ port: binds[0].port, path: stats }]))[0];
}
