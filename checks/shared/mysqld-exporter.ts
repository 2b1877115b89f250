import type { HttpOutcome, HttpReader, ObjectRef } from '../../src/model/check.ts';
import type { Container, Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { type Sample, samples, valueOf } from './metrics.ts';
import type { ClusterFacts, ReplicationFacts, ServerFacts } from './mysql.ts';
import { isLocalHost } from './mysql-hosts.ts';

/** What an exporter of MySQL was set up to look at. `hidden`: its address is in a Secret or a file. */
export type ExporterAddress = { readonly kind: 'host'; readonly host: string } | { readonly kind: 'local' } | { readonly kind: 'hidden' };

/** The exporter's container in a pod: by its image or command; undefined when the pod has none. */
export function exporterContainer(pod: Pod): Container | undefined {
  const isExporter = ({ image = '', command = [], args = [] }: Container): boolean => /mysqld?[-_]exporter/i.test([image, ...command, ...args].join(' '));
  return pod.spec?.containers?.find(isExporter);
}

/** The port of its metrics: the one it is told to listen on, or declares. */
export function exporterPort(container: Container, usual: number): number {
  const told = /^--?web\.listen-address[= ].*:(\d{1,5})$/m.exec(
    words(container)
      .join('\n')
      .replaceAll(/^(--?web\.listen-address)\n/gm, '$1='),
  )?.[1];
  const declared = (container.ports ?? []).map(({ containerPort }) => containerPort);
  if (told !== undefined) return Number(told);
  return declared.includes(usual) ? usual : (declared[0] ?? usual);
}

/** Variables of templates that write the exporter's my.cnf or its data source. */
const HOST_VARIABLE = /^(?:MYSQLD?|MARIADB|DB|DATABASE)_?(?:HOST|HOSTNAME|ADDR|ADDRESS|SERVER|ENDPOINT)$/i;

/** The host that an exporter is set up to look at: by its flag, its data source name, or a variable that says so. Nothing else of these texts is kept. */
export function exporterAddress(container: Container): ExporterAddress {
  const env = new Map((container.env ?? []).flatMap(({ name, value }) => (value === undefined ? [] : [[name, value] as const])));
  const flag = /^--?mysqld\.address[=\n](.+)$/m.exec(words(container).join('\n'))?.[1];
  const source = env.get('DATA_SOURCE_NAME');
  const named = [...env].find(([name]) => HOST_VARIABLE.test(name))?.[1];
  const written = flag === undefined ? (source === undefined ? named : hostOfDataSource(source)) : hostOf(flag);
  if (written === undefined) return { kind: 'hidden' };
  const host = hostOf(written.replaceAll(/\$\(([A-Za-z_]\w*)\)/g, (whole, name: string) => env.get(name) ?? whole));
  if (isLocalHost(host)) return { kind: 'local' };
  return /^[\w.:[\]-]+$/.test(host) ? { kind: 'host', host } : { kind: 'hidden' };
}

function words(container: Container): readonly string[] {
  return [...(container.command ?? []), ...(container.args ?? [])];
}

/** `user:password@tcp(host:port)/database?…`: the password may hold any character, so what counts is the last `/` and the last `@` before it. */
function hostOfDataSource(text: string): string | undefined {
  const server = text.slice(0, Math.max(0, text.lastIndexOf('/')));
  const found = /^(\w*)(?:\((.*)\))?$/.exec(server.slice(server.lastIndexOf('@') + 1));
  if (found === null) return undefined;
  const [, protocol = '', address = ''] = found;
  return protocol === 'unix' ? '' : hostOf(address);
}

function hostOf(address: string): string {
  return address.trim().replace(/:\d{1,5}$/, '');
}

/** The collectors that replication, read-only and connections need. Since 0.11 an exporter asks MySQL for no more than these then. */
export const NEEDED_COLLECTORS: readonly string[] = ['global_status', 'global_variables', 'slave_status'];
const SELECTED = NEEDED_COLLECTORS.map((collector) => `collect[]=${collector}`).join('&');

/** Where the exporter tells of the server that it was set up for, with the few collectors that are needed here. */
export const METRICS_NEEDED = `/metrics?${SELECTED}`;

/** Where an exporter from 0.15 on tells of any server that its account may log in to. */
export function probePath(ip: string, port: number): string {
  return `/probe?target=${ip.includes(':') ? `[${ip}]` : ip}:${port}&${SELECTED}`;
}

/** What an exporter says of one server, and of itself. */
export interface ExporterScrape {
  /** False when the answer is no scrape of an exporter of MySQL. */
  readonly isExporter: boolean;
  /** mysql_up; absent when it does not say. */
  readonly up?: boolean;
  /** Its own version. */
  readonly exporterVersion?: string;
  /** The server's version, as the server tells it. */
  readonly serverVersion?: string;
  /** Names of collectors that fail, without `collect.`. Exporters before 0.15 only tell those that failed at any time while something fails now. */
  readonly failing: readonly string[];
  readonly facts: ServerFacts;
}

const WANTED = /^mysqld_exporter_build_info$|^mysql_(?:up$|version_info$|exporter_|slave_status_|global_(?:status_(?:threads_connected$|wsrep_)|variables_))/;

/** Reads a scrape. Anything that is none gives `isExporter: false`. */
export function readScrape(text: string): ExporterScrape {
  const all = samples(text, (name) => WANTED.test(name));
  const up = valueOf(all, 'mysql_up');
  const exporterVersion = all.find(({ name }) => name === 'mysqld_exporter_build_info')?.labels['version'];
  const version = all.find(({ name }) => name === 'mysql_version_info')?.labels['version'];
  return {
    isExporter: up !== undefined || exporterVersion !== undefined,
    ...(up === undefined ? {} : { up: up === 1 }),
    ...(exporterVersion === undefined ? {} : { exporterVersion }),
    ...(version === undefined || version === '' ? {} : { serverVersion: version }),
    failing: failingCollectors(all),
    facts: up === 1 ? factsOf(all) : {},
  };
}

function failingCollectors(all: readonly Sample[]): readonly string[] {
  const succeeded = all.filter(({ name }) => name === 'mysql_exporter_collector_success');
  const failed =
    succeeded.length > 0
      ? succeeded.filter(({ value }) => value === 0)
      : valueOf(all, 'mysql_exporter_last_scrape_error') === 1
        ? all.filter(({ name, value }) => name === 'mysql_exporter_scrape_errors_total' && value > 0)
        : [];
  const names = failed.map(({ labels }) => (labels['collector'] ?? '').replace(/^collect\./, ''));
  // `connection` was a failed login at some time; that there is one now is what mysql_up says.
  return [...new Set(names)].filter((name) => name !== '' && name !== 'connection').sort();
}

function factsOf(all: readonly Sample[]): ServerFacts {
  const variable = (name: string): number | undefined => finite(valueOf(all, `mysql_global_variables_${name}`));
  const readOnly = variable('super_read_only') === 1 ? 1 : variable('read_only');
  const serverId = variable('server_id');
  const maxConnections = variable('max_connections');
  const forceRecovery = variable('innodb_force_recovery');
  const connections = finite(valueOf(all, 'mysql_global_status_threads_connected'));
  const replication = replicationOf(all);
  const cluster = clusterOf(all, maxConnections !== undefined);
  return {
    ...(readOnly === undefined ? {} : { readOnly: readOnly !== 0 }),
    ...(serverId === undefined ? {} : { serverId }),
    ...(maxConnections === undefined ? {} : { maxConnections }),
    ...(connections === undefined ? {} : { connections }),
    ...(forceRecovery === undefined ? {} : { forceRecovery }),
    ...(replication === undefined ? {} : { replication }),
    ...(cluster === undefined ? {} : { cluster }),
  };
}

/**
 * The channels. Named after the columns of the server: `slave_io_running` until MySQL 8.3 and on MariaDB, `replica_io_running` from 8.4 on. None at all
 * means "replicates from nobody" only where the collector ran and did not fail.
 */
function replicationOf(all: readonly Sample[]): readonly ReplicationFacts[] | undefined {
  const channels = new Map<string, { readonly labels: Sample['labels']; readonly values: Map<string, number> }>();
  for (const { name, labels, value } of all) {
    if (!name.startsWith('mysql_slave_status_')) continue;
    const key = JSON.stringify([labels['channel_name'], labels['connection_name'], labels['master_host']]);
    const channel = channels.get(key) ?? { labels, values: new Map<string, number>() };
    channels.set(key, channel);
    channel.values.set(name.slice('mysql_slave_status_'.length), value);
  }
  const found = [...channels.values()]
    .map(({ labels, values }): ReplicationFacts => {
      const of = (...names: readonly string[]): number | undefined => finite(names.map((name) => values.get(name)).find((value) => value !== undefined));
      return {
        channel: labels['channel_name'] || labels['connection_name'] || '',
        host: labels['master_host'] ?? '',
        io: of('slave_io_running', 'replica_io_running') === 1 ? 'yes' : 'not-running',
        sql: of('slave_sql_running', 'replica_sql_running') === 1,
        behind: of('seconds_behind_master', 'seconds_behind_source') ?? null,
        delay: of('sql_delay') ?? 0,
        ioErrno: of('last_io_errno') ?? 0,
        ioError: '',
        sqlErrno: of('last_sql_errno', 'last_errno') ?? 0,
        sqlError: '',
      };
    })
    .filter(({ channel }) => !channel.startsWith('group_replication_'));
  if (found.length > 0) return found;
  const ran = all.some(({ name, labels }) => name === 'mysql_exporter_collector_duration_seconds' && labels['collector'] === 'collect.slave_status');
  return ran && !failingCollectors(all).includes('slave_status') ? [] : undefined;
}

function clusterOf(all: readonly Sample[], variablesKnown: boolean): ClusterFacts | undefined {
  // The members of a group are not among what an exporter collects by default.
  if (all.some(({ name }) => name.startsWith('mysql_global_variables_group_replication_'))) return undefined;
  if (valueOf(all, 'mysql_global_variables_wsrep_on') !== 1) return variablesKnown ? { kind: 'none' } : undefined;
  const status = (name: string): number | undefined => finite(valueOf(all, `mysql_global_status_wsrep_${name}`));
  if (status('cluster_status') === undefined) return undefined;
  return {
    kind: 'galera',
    primary: status('cluster_status') === 1,
    ready: status('ready') === 1,
    state: status('local_state') ?? 0,
    size: status('cluster_size') ?? 0,
    flowPaused: status('flow_control_paused') ?? 0,
  };
}

function finite(value: number | undefined): number | undefined {
  return value !== undefined && Number.isFinite(value) ? value : undefined;
}

/** True when an exporter of this version answers for any server on /probe. */
export function probesAnyServer(exporterVersion: string | undefined): boolean {
  const [, major = '0', minor = '0'] = /^v?(\d+)\.(\d+)/.exec(exporterVersion ?? '') ?? [];
  return Number(major) > 0 || Number(minor) >= 15;
}

/** A living exporter answers in milliseconds, unless it waits for its MySQL. */
const TIMEOUT_MS = 4000;

/**
 * Asks an exporter. `timeout` as the cause of an unreachable one also stands for our own patience: the API server waits longer for a pod than we do. Throws
 * ProbeError when it may not be asked.
 */
export async function askExporter(http: HttpReader, pod: ObjectRef, port: number, path: string): Promise<HttpOutcome> {
  try {
    return await http.pod(pod, port, path, { timeoutMs: TIMEOUT_MS, maxBytes: 2 * 1024 * 1024 });
  } catch (error) {
    if (!(error instanceof ProbeError) || error.problem.reason !== 'Timeout') throw error;
    return { kind: 'unreachable', cause: 'timeout', message: error.problem.message, elapsedMs: TIMEOUT_MS };
  }
}
