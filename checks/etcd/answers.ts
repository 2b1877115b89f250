import { type Sample, samples, valueOf } from '../shared/metrics.ts';
import type { AlarmFacts, Health, Histogram, ListedMember, MetricFacts, StatusFacts } from './observation.ts';

type Fields = Readonly<Record<string, unknown>>;

/** Longest list that is kept of what a server names: members, peers, errors. An etcd has 3 to 7 members. */
const MOST = 20;

/** The fields of a JSON object, or undefined for anything else. */
export function fieldsOf(body: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** The answer of `/health`, of any version: `{"health": "true"}` until 3.2, the same with a reason from 3.5 on. Undefined when it is none. */
export function healthOf(status: number, body: string): Health | undefined {
  const fields = fieldsOf(body);
  const health = fields?.['health'];
  if (typeof health !== 'string' && typeof health !== 'boolean') return undefined;
  return { healthy: String(health) === 'true', reason: text(fields?.['reason']), status };
}

/** What failed, in the answer of `/readyz?verbose`: `data_corruption`, `linearizable_read: …`. Empty when nothing did. */
export function failedReadiness(body: string): string {
  const failed = [...body.slice(0, 4096).matchAll(/^\[-\](\S+) failed:? ?(.*)$/gm)];
  return failed
    .slice(0, 3)
    .map(([, name = '', why = '']) => (why === '' ? name : `${name}: ${why}`))
    .join('; ');
}

export function versionsOf(body: string): { readonly version?: string; readonly clusterVersion?: string } {
  const fields = fieldsOf(body);
  const version = text(fields?.['etcdserver']);
  const clusterVersion = text(fields?.['etcdcluster']);
  return { ...(version === '' ? {} : { version }), ...(clusterVersion === '' ? {} : { clusterVersion }) };
}

/** `maintenance/status`. Numbers of 64 bits are strings, and what is zero is left out. Undefined when it is no status. */
export function statusOf(fields: Fields): StatusFacts | undefined {
  const header = record(fields['header']);
  if (text(header['member_id']) === '' && text(fields['version']) === '') return undefined;
  const version = text(fields['version']);
  // What 3.4 added is left out by older ones and, where it is zero, by newer ones as well.
  const newer = !isBefore(version, 3, 4);
  return {
    clusterId: id(header['cluster_id']),
    memberId: id(header['member_id']),
    leader: id(fields['leader']),
    term: number(fields['raftTerm']),
    revision: number(header['revision']),
    committed: number(fields['raftIndex']),
    version,
    dbSize: number(fields['dbSize']),
    learner: fields['isLearner'] === true,
    ...(newer ? { applied: number(fields['raftAppliedIndex']), dbInUse: number(fields['dbSizeInUse']) } : {}),
    ...(newer ? { errors: strings(fields['errors']) } : {}),
  };
}

/** `cluster/member/list`. Undefined when it is none: an etcd lists at least itself. */
export function membersOf(fields: Fields): readonly ListedMember[] | undefined {
  const list = fields['members'];
  if (!Array.isArray(list)) return undefined;
  const members = list.slice(0, MOST).map((entry: unknown) => {
    const member = record(entry);
    return {
      id: id(member['ID']),
      name: text(member['name']),
      peerUrls: strings(member['peerURLs']),
      clientUrls: strings(member['clientURLs']),
      learner: member['isLearner'] === true,
    };
  });
  const real = members.filter((member, index) => member.id !== '0' && members.findIndex((other) => other.id === member.id) === index);
  return real.length === 0 ? undefined : real;
}

export function alarmsOf(fields: Fields): readonly AlarmFacts[] {
  const list = fields['alarms'];
  if (!Array.isArray(list)) return [];
  return list.slice(0, MOST).map((entry: unknown) => {
    const alarm = record(entry);
    return { memberId: id(alarm['memberID']), alarm: text(alarm['alarm']) };
  });
}

/** The alarms among the errors of a status, which say `memberID:123 alarm:NOSPACE `. */
export function alarmsAmong(errors: readonly string[]): readonly AlarmFacts[] {
  return errors.flatMap((error) => {
    const [, memberId, alarm] = /memberID:(\d+)\s+alarm:(\w+)/.exec(error) ?? [];
    return memberId === undefined || alarm === undefined ? [] : [{ memberId, alarm }];
  });
}

const WANTED =
  /^(?:etcd_server_(?:has_leader|is_leader|is_learner|id|version|leader_changes_seen_total|proposals_(?:pending|committed_total|applied_total)|quota_backend_bytes)|etcd_cluster_version|etcd_(?:debugging_)?mvcc_db_total_size_in(?:_use_in)?_bytes|etcd_disk_(?:wal_fsync|backend_commit)_duration_seconds_bucket|etcd_network_(?:active_peers|peer_round_trip_time_seconds_bucket)|process_(?:open_fds|max_fds|start_time_seconds))$/;

/** The part of a scrape that is judged. Undefined when it is not an etcd's. */
export function metricsOf(body: string): MetricFacts | undefined {
  const all = samples(body, (name) => WANTED.test(name));
  if (!all.some(({ name }) => name.startsWith('etcd_'))) return undefined;
  const value = (...names: readonly string[]): number | undefined => names.map((name) => valueOf(all, name)).find((each) => Number.isFinite(each));
  const flagged = (name: string): boolean | undefined => (value(name) === undefined ? undefined : value(name) === 1);
  const label = (name: string, key: string): string | undefined => all.find((sample) => sample.name === name && sample.value === 1)?.labels[key];
  const started = value('process_start_time_seconds');
  const peers = all.filter(({ name }) => name === 'etcd_network_active_peers').slice(0, MOST);
  const own = label('etcd_server_id', 'server_id');
  return defined({
    memberId: own === undefined ? undefined : fromHex(own),
    hasLeader: flagged('etcd_server_has_leader'),
    isLeader: flagged('etcd_server_is_leader'),
    learner: flagged('etcd_server_is_learner'),
    leaderChanges: value('etcd_server_leader_changes_seen_total'),
    pending: value('etcd_server_proposals_pending'),
    committed: value('etcd_server_proposals_committed_total'),
    applied: value('etcd_server_proposals_applied_total'),
    dbSize: value('etcd_mvcc_db_total_size_in_bytes', 'etcd_debugging_mvcc_db_total_size_in_bytes'),
    dbInUse: value('etcd_mvcc_db_total_size_in_use_in_bytes'),
    quota: value('etcd_server_quota_backend_bytes'),
    openFiles: value('process_open_fds'),
    mostFiles: value('process_max_fds'),
    startedAt: started === undefined ? undefined : timeOf(started),
    version: label('etcd_server_version', 'server_version'),
    clusterVersion: label('etcd_cluster_version', 'cluster_version'),
    peers: peers.length === 0 ? undefined : peers.map(({ labels, value: active }) => ({ id: fromHex(labels['Remote'] ?? ''), connected: active > 0 })),
    fsync: histogram(all.filter(({ name }) => name === 'etcd_disk_wal_fsync_duration_seconds_bucket')),
    commit: histogram(all.filter(({ name }) => name === 'etcd_disk_backend_commit_duration_seconds_bucket')),
    roundTrips: roundTrips(all),
  });
}

function roundTrips(all: readonly Sample[]): MetricFacts['roundTrips'] {
  const found = all.filter(({ name }) => name === 'etcd_network_peer_round_trip_time_seconds_bucket');
  const to = [...new Set(found.map(({ labels }) => labels['To'] ?? ''))].slice(0, MOST);
  return to.flatMap((peer) => {
    const times = histogram(found.filter(({ labels }) => labels['To'] === peer));
    return times === undefined ? [] : [{ to: fromHex(peer), times }];
  });
}

function histogram(buckets: readonly Sample[]): Histogram | undefined {
  const sorted = buckets
    .map(({ labels, value }) => ({ bound: labels['le'] === '+Inf' ? Infinity : Number(labels['le']), value }))
    .filter(({ bound, value }) => !Number.isNaN(bound) && Number.isFinite(value))
    .toSorted((a, b) => a.bound - b.bound);
  const all = sorted.at(-1);
  if (all === undefined || all.bound !== Infinity) return undefined;
  const finite = sorted.slice(0, -1);
  return { bounds: finite.map(({ bound }) => bound), counts: finite.map(({ value }) => value), count: all.value };
}

/** True when a version is known and older than this one. */
export function isBefore(version: string | undefined, major: number, minor: number): boolean {
  const parts = parseVersion(version);
  return parts !== undefined && (parts.major < major || (parts.major === major && parts.minor < minor));
}

export function parseVersion(version: string | undefined): { readonly major: number; readonly minor: number; readonly patch: number } | undefined {
  const [, major, minor, patch = '0'] = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version ?? '') ?? [];
  return major === undefined || minor === undefined ? undefined : { major: Number(major), minor: Number(minor), patch: Number(patch) };
}

/** Ids are hexadecimal in metrics and decimal in the gateway. */
function fromHex(hex: string): string {
  return /^[0-9a-f]{1,16}$/i.test(hex) ? BigInt(`0x${hex}`).toString() : hex.slice(0, 32);
}

function timeOf(seconds: number): string | undefined {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date.toISOString();
}

function record(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

function text(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 240) : '';
}

/** An id in decimal; `0`, which is left out, is nobody. Some gateways write small ones as numbers. */
function id(value: unknown): string {
  const written = typeof value === 'number' ? String(value) : text(value);
  return /^\d{1,20}$/.test(written) ? written : '0';
}

function number(value: unknown): number {
  const read = typeof value === 'string' || typeof value === 'number' ? Number(value) : 0;
  return Number.isFinite(read) ? read : 0;
}

function strings(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? value
        .slice(0, MOST)
        .filter((each) => typeof each === 'string')
        .map(text)
    : [];
}

type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/** Without the members that are undefined: JSON has none. */
function defined<T extends object>(facts: T): Defined<T> {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as Defined<T>;
}
