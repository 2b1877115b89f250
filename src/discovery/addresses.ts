import type { ConfigMap, Container } from '../model/kubernetes.ts';
import type { Workload } from './workloads.ts';

/** Longest text that is searched. A configuration is shorter; what is longer is data. */
const LONGEST_TEXT = 256 * 1024;

/** A key whose value is an address even without a port: `DB_HOST`, `redis.server`, `esUrl`. */
const HOST_KEY = /(?:host|addr|address|server|endpoint|url|uri|master|hostname)s?$/i;

/** `key=value`, `key: value`, `"key": "value"`, with a value that may be a bare host name. */
const KEY_AND_NAME = /(?:^|[\s"'{,;&?])([\w.-]{1,60})["']?[ \t]{0,4}[=:][ \t]{0,4}["']?([a-z0-9][a-z0-9-]{0,62})(?=["']?(?:$|[\s,;}"'&]))/gim;

/** A host name or IPv4 address, with its port when it has one. */
const HOST_AND_PORT = /[a-z0-9](?:[a-z0-9.-]{0,250}[a-z0-9])?(?::\d{1,5})?/gi;

/**
 * The hosts (lower case, without ports) that a workload's own configuration names: values of env, commands and arguments, and the ConfigMaps it
 * refers to. Nothing else of these texts is kept, and what is found means nothing until it is resolved to a Service. A name of one label counts
 * only where it stands for an address: with a port, after `//` or `@`, or under a key that says so.
 */
export function hostsOf(workload: Workload, configMaps: ReadonlyMap<string, ConfigMap>): ReadonlySet<string> {
  const hosts = new Set<string>();
  const mounted = new Set<string>();
  for (const spec of workload.specs) {
    for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
      readArguments([...(container.command ?? []), ...(container.args ?? [])], hosts);
      readEnvironment(container, configMaps, hosts);
      for (const each of container.envFrom ?? []) if (each.configMapRef?.name !== undefined) mounted.add(each.configMapRef.name);
    }
    for (const volume of spec.volumes ?? []) if (volume.configMap?.name !== undefined) mounted.add(volume.configMap.name);
  }
  for (const name of mounted) {
    const configMap = configMaps.get(name);
    if (configMap !== undefined) for (const host of hostsOfConfigMap(configMap)) hosts.add(host);
  }
  return hosts;
}

/** Many workloads may mount one ConfigMap; it is searched once. */
const searched = new WeakMap<ConfigMap, ReadonlySet<string>>();

function hostsOfConfigMap(configMap: ConfigMap): ReadonlySet<string> {
  const known = searched.get(configMap);
  if (known !== undefined) return known;
  const hosts = new Set<string>();
  for (const [key, text] of Object.entries(configMap.data ?? {})) readValue(key, text, hosts);
  searched.set(configMap, hosts);
  return hosts;
}

function readEnvironment(container: Container, configMaps: ReadonlyMap<string, ConfigMap>, hosts: Set<string>): void {
  for (const { name, value, valueFrom } of container.env ?? []) {
    const reference = valueFrom?.configMapKeyRef;
    const text = value ?? configMaps.get(reference?.name ?? '')?.data?.[reference?.key ?? ''];
    if (text !== undefined) readValue(name, text, hosts);
  }
}

/** `--redis-addr=apm-redis`, and `--redis-addr apm-redis` as two arguments. */
function readArguments(words: readonly string[], hosts: Set<string>): void {
  for (const [index, word] of words.entries()) {
    const before = words[index - 1] ?? '';
    readValue(/^--?[\w.-]+$/.test(before) ? before : '', word, hosts);
  }
}

function readValue(key: string, value: string, hosts: Set<string>): void {
  const text = value.length > LONGEST_TEXT ? value.slice(0, LONGEST_TEXT) : value;
  if (HOST_KEY.test(key) && /^[a-z0-9][a-z0-9-]*$/i.test(text.trim())) hosts.add(text.trim().toLowerCase());
  for (const host of hostsIn(text)) hosts.add(host);
}

/** The hosts in a text, as `hostsOf` says. Lines that are comments are left out. */
export function hostsIn(text: string): ReadonlySet<string> {
  const hosts = new Set<string>();
  const code = text.replace(/^[ \t]*(?:#|\/\/).*$/gm, '');
  for (const match of code.matchAll(KEY_AND_NAME)) {
    const [, key = '', name = ''] = match;
    if (HOST_KEY.test(key)) hosts.add(name.toLowerCase());
  }
  for (const match of code.matchAll(HOST_AND_PORT)) {
    const whole = match[0];
    const colon = whole.indexOf(':');
    const host = (colon < 0 ? whole : whole.slice(0, colon)).toLowerCase();
    if (isAddress(host, colon >= 0, code, match.index, match.index + whole.length)) hosts.add(host);
  }
  return hosts;
}

function isAddress(host: string, hasPort: boolean, text: string, start: number, end: number): boolean {
  const before = text.slice(Math.max(0, start - 8), start);
  const after = text.slice(end, end + 3);
  // A part of something that is filled in later, or of a longer word, is no name yet.
  if (/[a-z0-9${}_%\\-]$/i.test(before) || /^[.-]*[${}_%]/.test(after)) return false;
  // `user@` and `user:password@` stand before the host and may look like one.
  if (/^[^\s/"',;()]*@/.test(text.slice(end, end + 200))) return false;
  // The pod's part may be filled in as long as the rest names its Service in full: `$(POD_NAME).etcd-gtxs.skiff-gtxs.svc`.
  if (before.endsWith('.')) return /\.svc(?:\.|$)/.test(host);
  if (host.includes('.')) return true;
  // `name:1` after a single slash is the tag of an image or a path.
  if (hasPort) return !/(?<!\/)\/$/.test(before);
  return /(?:\/\/|@|@\(|tcp\()$/.test(before);
}
