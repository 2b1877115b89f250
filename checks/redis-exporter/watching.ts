import type { Peer } from '../../src/model/check.ts';
import type { Container, Pod } from '../../src/model/kubernetes.ts';
import type { ServerPod } from '../shared/redis.ts';
import type { WatchFacts } from './observation.ts';

const REDIS_PORT = 6379;
/** The exporter's own default: a server beside it in its pod. */
const LOCAL = /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/;

/** What one exporter is told to watch, and who among the peers that is. Only hosts and ports are kept: an address may hold a password. */
export function watching(pod: Pod, peers: readonly Peer[], servers: readonly ServerPod[]): WatchFacts {
  const container = exporterContainer(pod);
  const given = setting(container, 'redis.addr', 'REDIS_ADDR');
  const sidecar = (pod.spec?.containers ?? []).some((each) => each !== container && each.ports?.some(({ containerPort }) => containerPort === REDIS_PORT));
  const fromFile = setting(container, 'redis.file', 'REDIS_FILE');
  if (given === 'hidden' || (given === undefined && fromFile !== undefined)) return { mode: 'hidden', addresses: [], of: 'unknown' };
  // Without an address it would watch its own pod. With no Redis in there, it is one that the scraper tells what to look at.
  if (given === '' || (given === undefined && !sidecar)) return { mode: 'none', addresses: [], of: 'unknown' };
  const addresses = (given ?? `localhost:${REDIS_PORT}`).split(',').flatMap(hostAndPort);
  if (addresses.length === 0) return { mode: 'hidden', addresses: [], of: 'unknown' };
  const places = addresses.map(({ host }) => placeOf(host, pod, peers, servers));
  const [first] = places;
  const texts = addresses.map(({ host, port }) => `${host}:${port}`);
  if (first?.of === 'self') return { mode: 'fixed', addresses: texts, of: 'self', pod: pod.metadata.name };
  if (!places.every(({ of }) => of === 'peer')) return { mode: 'fixed', addresses: texts, of: 'unknown' };
  const single = places.length === 1 ? first?.pod : undefined;
  return { mode: 'fixed', addresses: texts, of: 'peer', ...(single === undefined ? {} : { pod: single }) };
}

/** Where it serves its metrics, if it was told. */
export function metricsPath(pod: Pod): string {
  const path = setting(exporterContainer(pod), 'web.telemetry-path', 'REDIS_EXPORTER_WEB_TELEMETRY_PATH');
  return path?.startsWith('/') === true && /^[\w/.-]+$/.test(path) ? path : '/metrics';
}

function exporterContainer(pod: Pod): Container | undefined {
  const containers = pod.spec?.containers ?? [];
  const words = ({ name, image = '', command = [] }: Container): string => [name, image, ...command].join(' ');
  return (
    containers.find((container) => /redis[\w-]*exporter|exporter[\w-]*redis/.test(words(container))) ??
    containers.find((container) => /exporter|metrics/.test(words(container))) ??
    containers[0]
  );
}

/** A flag, or the variable that stands for it; `hidden` when its value is kept elsewhere. The flag wins, as in the exporter itself. */
function setting(container: Container | undefined, flag: string, variable: string): string | undefined {
  const words = [...(container?.command ?? []), ...(container?.args ?? [])];
  const env = container?.env ?? [];
  const valueOf = (name: string): string | undefined => {
    const found = env.find((each) => each.name === name);
    return found === undefined ? undefined : (found.value ?? (found.valueFrom === undefined ? '' : 'hidden'));
  };
  const given = flagValue(words, flag) ?? valueOf(variable);
  if (given === undefined || given === 'hidden') return given;
  const expanded = given.replaceAll(/\$\(?\{?(\w+)\}?\)?/g, (_all, name: string) => valueOf(name) ?? 'hidden');
  return /\bhidden\b/.test(hostPart(expanded)) ? 'hidden' : expanded;
}

function flagValue(words: readonly string[], flag: string): string | undefined {
  const pattern = new RegExp(String.raw`(?:^|[\s"'])--?${flag.replaceAll('.', String.raw`\.`)}(?:[=\s]\s*["']?([^\s"']*)|$)`);
  for (const [at, word] of words.entries()) {
    const match = pattern.exec(word);
    // `--redis.addr`, `redis://…` as two words
    if (match !== null) return match[1] ?? words[at + 1] ?? '';
  }
  return undefined;
}

/** Without scheme, login, database and parameters. */
function hostPart(address: string): string {
  const rest = address.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  return rest.slice(rest.lastIndexOf('@') + 1).split(/[/?#]/)[0] ?? '';
}

function hostAndPort(address: string): readonly { readonly host: string; readonly port: number }[] {
  if (/^\s*(?:unix:|\/)/.test(address)) return [{ host: 'localhost', port: REDIS_PORT }];
  const [, host = '', port] = /^(\[[\da-f:.]+\]|[\w.-]+)(?::(\d{1,5}))?$/i.exec(hostPart(address)) ?? [];
  return host === '' ? [] : [{ host: host.toLowerCase(), port: Number(port ?? REDIS_PORT) }];
}

interface Place {
  readonly of: WatchFacts['of'];
  readonly pod?: string;
}

/** Who has a host name or an address: by IP, `pod.service.namespace…` or `service.namespace…`. A name without a namespace means the exporter's own. */
function placeOf(host: string, exporter: Pod, peers: readonly Peer[], servers: readonly ServerPod[]): Place {
  if (LOCAL.test(host) || host === exporter.status?.podIP) return { of: 'self' };
  const byAddress = servers.find(({ address }) => address !== '' && address === host.replaceAll(/[[\]]/g, ''));
  if (byAddress !== undefined) return { of: 'peer', pod: byAddress.name };
  const [first = '', second, third] = host.split('.');
  const home = exporter.metadata.namespace ?? '';
  const named = servers.find(({ name, namespace }) => name === first && namespace === (third ?? home));
  if (named !== undefined) return { of: 'peer', pod: named.name };
  const service = peers.flatMap(({ services }) => services).find(({ name, namespace }) => name === first && namespace === (second ?? home));
  if (service === undefined) return { of: 'unknown' };
  const [only, ...more] = servers.filter(({ namespace }) => namespace === service.namespace);
  return { of: 'peer', ...(only !== undefined && more.length === 0 ? { pod: only.name } : {}) };
}
