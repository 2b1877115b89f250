import type { Container, Pod } from '../../src/model/kubernetes.ts';

/**
 * A port on which an etcd answers HTTP. `reach`: `loopback` is open to a port-forward alone, `address` (the pod's own) to the API server's proxy alone,
 * `all` to both, and `unsaid` is what nobody has told.
 */
export interface Door {
  readonly scheme: 'http' | 'https';
  readonly port: number;
  readonly reach: 'all' | 'loopback' | 'address' | 'unsaid';
}

/** Where the etcd in a pod listens, and what else its start says. */
export interface Listeners {
  readonly client: readonly Door[];
  readonly metrics: readonly Door[];
  /** Whoever comes to the client port has to show a certificate. */
  readonly wantsCertificate: boolean;
  readonly quota?: number;
}

/** Upstream's port for clients. */
export const CLIENT_PORT = 2379;
const PEER_PORT = 2380;
/** Flags that only etcd has. */
const ETCD_FLAG = /^--?(?:listen-client-urls|advertise-client-urls|listen-peer-urls|initial-cluster|quota-backend-bytes)(?:=|$)/;
const ETCD_ENV = /^ETCD_(?:LISTEN|ADVERTISE|INITIAL)_/;
const ETCD_IMAGE = /(?:^|-)etcd(?:-(?:amd64|arm64|arm|ppc64le|s390x))?$/;

/** The etcd in a pod, or undefined when nothing about the pod says that there is one. */
export function listenersOf(pod: Pod): Listeners | undefined {
  const container = (pod.spec?.containers ?? []).find(isEtcd);
  if (container === undefined) return undefined;
  const words = wordsOf(container);
  const setting = (name: string): string | undefined => flag(words, name) ?? variable(container, name);
  const listening = doors(setting('listen-client-urls'));
  const advertised = doors(setting('advertise-client-urls')).map((door): Door => ({ ...door, reach: 'unsaid' }));
  const quota = Number(setting('quota-backend-bytes') ?? '');
  const hasQuota = setting('quota-backend-bytes') !== undefined && Number.isFinite(quota);
  return {
    client: listening.length > 0 ? listening : advertised.length > 0 ? advertised : declared(container, setting('cert-file') !== undefined),
    metrics: doors(setting('listen-metrics-urls')),
    wantsCertificate: /^(?:true|1)$/i.test(setting('client-cert-auth') ?? ''),
    ...(hasQuota ? { quota } : {}),
  };
}

function isEtcd(container: Container): boolean {
  const words = wordsOf(container);
  const image = (container.image ?? '').split('@')[0]?.split('/').at(-1)?.split(':')[0] ?? '';
  return (
    ETCD_IMAGE.test(image) ||
    words.some((word, index) => ETCD_FLAG.test(word) || (/^(?:[\w./-]*\/)?etcd$/.test(word) && startsCommand(words, index))) ||
    (container.env ?? []).some(({ name }) => ETCD_ENV.test(name)) ||
    (container.ports ?? []).some(({ containerPort }) => containerPort === CLIENT_PORT)
  );
}

/** A program's name, and no path that merely ends like it. */
function startsCommand(words: readonly string[], index: number): boolean {
  return index === 0 || ['exec', '-c', '&&', '||', ';', '&'].includes(words[index - 1] ?? '');
}

/** The words of the command line, also of one that is handed to a shell as a whole. */
function wordsOf({ command = [], args = [] }: Container): readonly string[] {
  return [...command, ...args].flatMap((part) => part.split(/\s+/)).map((word) => word.replaceAll(/["'\\]/g, ''));
}

/** The value of a flag as Go reads it: `--name=value`, `--name value`, `-name value`; a lone boolean is true. */
function flag(words: readonly string[], name: string): string | undefined {
  for (const [index, word] of words.entries()) {
    const [head, ...value] = word.split('=');
    if (head !== `--${name}` && head !== `-${name}`) continue;
    if (value.length > 0) return value.join('=');
    const next = words[index + 1];
    return next === undefined || next.startsWith('-') ? 'true' : next;
  }
  return undefined;
}

/** etcd reads each flag from the environment as well: `ETCD_LISTEN_CLIENT_URLS`. */
function variable({ env = [] }: Container, name: string): string | undefined {
  const key = `ETCD_${name.toUpperCase().replaceAll('-', '_')}`;
  return env.find((each) => each.name === key)?.value;
}

/** The ports in a list of URLs, each once. Hosts may be placeholders of Kubernetes or a shell, such as `$(POD_IP)`. */
function doors(urls: string | undefined): readonly Door[] {
  const found = new Map<string, Door>();
  for (const url of (urls ?? '').split(',')) {
    const [, scheme, host = '', port] = /^\s*(https?):\/\/(\[[^\]]*\]|[^/:]*):(\d{1,5})\/?\s*$/.exec(url) ?? [];
    if (scheme === undefined || Number(port) > 65_535) continue;
    const door: Door = { scheme: scheme === 'https' ? 'https' : 'http', port: Number(port), reach: reachOf(host) };
    const key = `${door.scheme}:${door.port}`;
    const known = found.get(key);
    found.set(key, known === undefined || known.reach === door.reach ? door : { ...door, reach: 'all' });
  }
  return [...found.values()];
}

function reachOf(host: string): Door['reach'] {
  if (host === '0.0.0.0' || host === '[::]' || host === '') return 'all';
  return host === 'localhost' || host === '[::1]' || host.startsWith('127.') ? 'loopback' : 'address';
}

/** The declared port that clients are most likely to use, in either scheme when nothing says which. Without any declaration etcd's own default. */
function declared({ ports = [] }: Container, tls: boolean): readonly Door[] {
  const usual = ports.find(({ containerPort }) => containerPort === CLIENT_PORT) ?? ports.find(({ name }) => name?.includes('client') === true);
  const other = ports.find(({ containerPort, name }) => containerPort !== PEER_PORT && !/peer|metrics/.test(name ?? ''));
  const port = (usual ?? other)?.containerPort ?? CLIENT_PORT;
  const schemes = tls ? (['https'] as const) : (['http', 'https'] as const);
  return schemes.map((scheme): Door => ({ scheme, port, reach: 'unsaid' }));
}
