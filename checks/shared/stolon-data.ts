/** What a sentinel keeps of one keeper. stolon leaves out what is false: no `healthy` means unhealthy. */
export interface StolonKeeper {
  readonly uid: string;
  readonly healthy: boolean;
  /** RFC 3339; empty where the version does not write it. */
  readonly lastHealthyTime: string;
}

/** One PostgreSQL instance, as it should be (spec) and as its keeper last reported it (status). */
export interface StolonDatabase {
  readonly uid: string;
  readonly keeper: string;
  /** `master` or `standby`. */
  readonly role: string;
  /** The uid of the database that it follows; empty for a master. */
  readonly follows: string;
  readonly initMode: string;
  readonly generation: number;
  readonly currentGeneration: number;
  readonly healthy: boolean;
  readonly address: string;
  readonly port: string;
  readonly systemId: string;
  readonly timeline: number;
  /** Position in the WAL in bytes; 0 when it was never reported. */
  readonly position: number;
  /** Of a master: uids of the databases that must confirm every commit. */
  readonly synchronousStandbys: readonly string[];
  /** Of a master: further names that must confirm every commit; `stolonfakestandby` never does. */
  readonly externalSynchronousStandbys: readonly string[];
}

/** stolon's cluster data (format 1, v0.10 to v0.17), as far as it is judged. Times are RFC 3339, empty when missing; intervals are in s. */
export interface StolonData {
  readonly changeTime: string;
  readonly phase: string;
  /** Uid of the elected database; empty when there is none. */
  readonly master: string;
  /** `standby` for a cluster that as a whole follows another one. */
  readonly role: string;
  readonly synchronousReplication: boolean;
  readonly maxStandbyLag: number;
  readonly sleepInterval: number;
  readonly initTimeout: number;
  readonly keepers: readonly StolonKeeper[];
  readonly databases: readonly StolonDatabase[];
  readonly proxy: {
    /** Uid of the database that the proxies are to lead to; empty when they are to lead nowhere. */
    readonly master: string;
    readonly enabled: readonly string[];
    /** When what the proxies are told last changed. */
    readonly changeTime: string;
  };
}

export type ParsedData =
  | { readonly kind: 'data'; readonly data: StolonData }
  | { readonly kind: 'none' }
  | { readonly kind: 'unreadable'; readonly detail: 'json' | 'shape' }
  | { readonly kind: 'foreign'; readonly version: string };

/** The name that stolon gives to a synchronous standby that does not exist, so that writes wait (upstream, cmd/sentinel: fakeStandbyName). */
export const FAKE_STANDBY = 'stolonfakestandby';

/** Upstream's defaults (internal/cluster), for what a spec leaves out. maxStandbyLag is 1024 * 1204 there, and not a mebibyte. */
const DEFAULTS = { maxStandbyLag: 1024 * 1204, sleepInterval: 5, initTimeout: 300 };
const FORMAT = 1;
/** More keepers, databases or proxies than any cluster has: the rest is not kept. */
const MOST_KEPT = 100;

type Fields = Readonly<Record<string, unknown>>;

/** Reads the annotation's JSON. Whatever is not as expected is taken as left out; only what stolon itself could not use is unreadable. */
export function parseClusterData(text: string): ParsedData {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: 'unreadable', detail: 'json' };
  }
  if (value === null) return { kind: 'none' };
  const root = fieldsOf(value);
  if (root === undefined) return { kind: 'unreadable', detail: 'shape' };
  if (root['formatVersion'] !== FORMAT) return { kind: 'foreign', version: stringOf(root['formatVersion']) || '?' };
  const cluster = fieldsOf(root['cluster']);
  if (cluster === undefined) return { kind: 'unreadable', detail: 'shape' };
  const spec = fieldsOf(cluster['spec']) ?? {};
  const status = fieldsOf(cluster['status']) ?? {};
  const proxy = fieldsOf(root['proxy']) ?? {};
  const proxySpec = fieldsOf(proxy['spec']) ?? {};
  const data: StolonData = {
    changeTime: timeOf(root['changeTime']),
    phase: stringOf(status['phase']),
    master: stringOf(status['master']),
    role: stringOf(spec['role']) || 'master',
    synchronousReplication: spec['synchronousReplication'] === true,
    maxStandbyLag: numberOf(spec['maxStandbyLag']) ?? DEFAULTS.maxStandbyLag,
    sleepInterval: secondsOf(spec['sleepInterval']) ?? DEFAULTS.sleepInterval,
    initTimeout: secondsOf(spec['initTimeout']) ?? DEFAULTS.initTimeout,
    keepers: entriesOf(root['keepers']).map(([uid, keeper]) => keeperOf(uid, keeper)),
    databases: entriesOf(root['dbs']).map(([uid, database]) => databaseOf(uid, database)),
    proxy: { master: stringOf(proxySpec['masterDbUid']), enabled: stringsOf(proxySpec['enabledProxies']), changeTime: timeOf(proxy['changeTime']) },
  };
  return { kind: 'data', data };
}

function keeperOf(uid: string, keeper: Fields): StolonKeeper {
  const status = fieldsOf(keeper['status']) ?? {};
  return { uid, healthy: status['healthy'] === true, lastHealthyTime: timeOf(status['lastHealthyTime']) };
}

function databaseOf(uid: string, database: Fields): StolonDatabase {
  const spec = fieldsOf(database['spec']) ?? {};
  const status = fieldsOf(database['status']) ?? {};
  return {
    uid,
    keeper: stringOf(spec['keeperUID']),
    role: stringOf(spec['role']),
    follows: stringOf(fieldsOf(spec['followConfig'])?.['dbuid']),
    initMode: stringOf(spec['initMode']),
    generation: numberOf(database['generation']) ?? 0,
    currentGeneration: numberOf(status['currentGeneration']) ?? 0,
    healthy: status['healthy'] === true,
    address: stringOf(status['listenAddress']),
    port: stringOf(status['port']),
    // Upstream's spelling, which it has kept since the first version.
    systemId: stringOf(status['systemdID']) || stringOf(status['systemID']),
    timeline: numberOf(status['timelineID']) ?? 0,
    position: numberOf(status['xLogPos']) ?? 0,
    synchronousStandbys: stringsOf(spec['synchronousStandbys']),
    externalSynchronousStandbys: stringsOf(spec['externalSynchronousStandbys']),
  };
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function entriesOf(value: unknown): readonly (readonly [string, Fields])[] {
  return Object.entries(fieldsOf(value) ?? {})
    .flatMap(([uid, entry]) => {
      const fields = fieldsOf(entry);
      return fields === undefined ? [] : [[uid, fields] as const];
    })
    .slice(0, MOST_KEPT);
}

function stringOf(value: unknown): string {
  return typeof value === 'string' ? value.slice(0, 256) : typeof value === 'number' ? String(value) : '';
}

function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').slice(0, MOST_KEPT) : [];
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : undefined;
}

/** Go's zero time stands for none. */
function timeOf(value: unknown): string {
  const text = typeof value === 'string' ? value.slice(0, 64) : '';
  return /^\d{4}-\d\d-\d\dT/.test(text) && !text.startsWith('0001-') && !Number.isNaN(Date.parse(text)) ? text : '';
}

const UNITS: Readonly<Record<string, number>> = { h: 3600, m: 60, s: 1, ms: 1e-3, us: 1e-6, µs: 1e-6, ns: 1e-9 };

/** Seconds of a duration as Go writes it: `5s`, `1m0s`, `48h0m0s`. */
export function secondsOf(value: unknown): number | undefined {
  if (typeof value !== 'string' || !/^(?:\d+(?:\.\d+)?(?:h|ms|m|s|us|µs|ns))+$/.test(value)) return undefined;
  return [...value.matchAll(/(\d+(?:\.\d+)?)(h|ms|m|s|us|µs|ns)/g)].reduce((sum, [, amount, unit]) => sum + Number(amount) * (UNITS[unit ?? ''] ?? 0), 0);
}
