import type { HttpOutcome } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { oneLine } from './text.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The server is a Prometheus that does not have this part of the API: it is older, or an agent. */
export const NOT_SERVED = 'not-served' as const;

/**
 * The `data` of an answer of Prometheus' API. Throws ProbeError for everything that is none: a login that is asked for, an answer that was cut off,
 * something else than JSON, an error of the server's own.
 */
export function apiData(outcome: HttpOutcome, what: string): Fields | typeof NOT_SERVED {
  if (outcome.kind === 'unreachable') throw new ProbeError({ reason: 'InvalidResponse', message: `${what}: ${oneLine(outcome.message)}` });
  const { status, body, truncated } = outcome;
  if (status === 401 || status === 403) throw new ProbeError({ reason: 'NoCredentials', message: `${what} answers ${status}: it asks for a login.`, status });
  if (status === 404) return NOT_SERVED;
  if (truncated) throw new ProbeError({ reason: 'InvalidResponse', message: `${what}: the answer is larger than skiffctl reads.` });
  const parsed = parse(body);
  if (/unavailable with prometheus agent/i.test(textOf(parsed['error']))) return NOT_SERVED;
  const { data } = parsed;
  if (status === 200 && parsed['status'] === 'success' && typeof data === 'object' && data !== null) return { ...data };
  const said = textOf(parsed['error']) || body.slice(0, 120);
  throw new ProbeError({ reason: 'InvalidResponse', message: `${what} answers ${status}: ${oneLine(said)}`, status });
}

/** An active target as `/api/v1/targets` tells of it. */
export interface ActiveTarget {
  readonly pool: string;
  readonly instance: string;
  readonly health: 'up' | 'down' | 'unknown';
  /** Without addresses' logins and parameters. */
  readonly error: string;
  /** `host:port/path`. */
  readonly url: string;
  readonly job: string;
  /** RFC 3339; absent before the first scrape. */
  readonly lastScrape?: string;
  /** Host names, pods and nodes by which it may be known. */
  readonly names: readonly TargetName[];
}

/** A name that a target goes by, and its namespace where the name tells it. */
export interface TargetName {
  readonly name: string;
  readonly namespace?: string;
}

/** Most targets that are read of one server. */
const MOST_TARGETS = 20_000;

/** The active targets, those that were dropped by relabelling aside. */
export function activeTargets(data: Fields): readonly ActiveTarget[] {
  const list = data['activeTargets'];
  return Array.isArray(list) ? list.slice(0, MOST_TARGETS).map((entry: unknown) => targetOf(fieldsOf(entry))) : [];
}

function targetOf(target: Fields): ActiveTarget {
  const labels = fieldsOf(target['labels']);
  const discovered = fieldsOf(target['discoveredLabels']);
  const { health, lastScrape } = target;
  const job = textOf(labels['job']);
  const url = textOf(target['scrapeUrl']);
  const { host, port, path } = partsOf(url);
  // A scrape that has never been made is at the beginning of Go's time.
  const scraped = typeof lastScrape === 'string' && !lastScrape.startsWith('0001-') ? lastScrape : undefined;
  return {
    // Before 2.11 it is not told; a pool is named after its job.
    pool: textOf(target['scrapePool']) || textOf(discovered['job']) || job,
    instance: withoutLogin(textOf(labels['instance']) || `${host}${port}`),
    health: health === 'up' || health === 'down' ? health : 'unknown',
    error: oneLine(withoutLogin(textOf(target['lastError']))),
    url: `${host}${port}${path}`,
    job,
    ...(scraped === undefined ? {} : { lastScrape: scraped }),
    names: namesOf(labels, discovered, url),
  };
}

/** Whatever says which object a target is: what service discovery found, the address that is asked, and the server that an exporter is asked about. */
function namesOf(labels: Fields, discovered: Fields, url: string): readonly TargetName[] {
  const meta = (key: string): string => textOf(discovered[`__meta_kubernetes_${key}`]);
  const namespace = meta('namespace') || textOf(labels['namespace']);
  const objects = [meta('pod_name'), meta('service_name'), textOf(labels['pod']), textOf(labels['service'])].filter((name) => name !== '');
  const node = meta('pod_node_name') || meta('node_name') || meta('endpoint_node_name');
  const asked = [url, textOf(labels['instance']), textOf(discovered['__param_target']), textOf(discovered['__address__'])];
  return [
    ...objects.map((name) => ({ name, ...(namespace === '' ? {} : { namespace }) })),
    ...(node === '' ? [] : [{ name: node, namespace: NODE }]),
    ...asked.map(partsOf).flatMap(({ host }) => hostNames(host, namespace)),
  ].filter(({ name, namespace: of }, at, all) => all.findIndex((other) => other.name === name && other.namespace === of) === at);
}

/** The namespace of names that are nodes'. */
export const NODE = 'node';

/** `pod.service.namespace.svc…` and `service.namespace…`; an IP address as it is. */
function hostNames(host: string, namespace: string): readonly TargetName[] {
  if (host === '' || /^localhost$|^127\.|^\[?::1\]?$/.test(host)) return [];
  if (/^[\d.]+$|:/.test(host)) return [{ name: host }];
  const [first = '', second, third] = host.split('.');
  if (second === undefined) return [{ name: first, ...(namespace === '' ? {} : { namespace }) }];
  const inService = third === undefined || third === 'svc' ? [] : [first, second].map((name) => ({ name, namespace: third }));
  return [{ name: first, namespace: second }, ...inService];
}

function partsOf(address: string): { readonly host: string; readonly port: string; readonly path: string } {
  const rest = withoutLogin(address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, ''));
  const [, host = '', port = '', path = ''] = /^(\[[\da-f:.]+\]|[^:/?#]*)(:\d+)?([^?#]*)/i.exec(rest) ?? [];
  return { host: host.toLowerCase(), port, path };
}

/** Logins in addresses, and parameters, are left out: they may be secrets. */
function withoutLogin(text: string): string {
  return text.replaceAll(/(^|\/\/)[^/@\s"]*@/g, '$1').replaceAll(/\?[^\s":]*(?=["\s]|$)/g, '');
}

export function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : {};
}

export function textOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 512) : '';
}

function parse(body: string): Fields {
  try {
    return fieldsOf(JSON.parse(body));
  } catch {
    return {};
  }
}
