import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { BackendPod, ByteBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import type { ClusterState } from '../state.ts';

const MASTER_NAME = 'mymaster';
const MAX_MEMORY = 1_073_741_824;
const MAX_CLIENTS = 10_000;
const OFFSET = 81_234;

/** What is wrong with one Redis server, or one sentinel, although its pod runs. */
export interface RedisTrouble {
  /** It takes itself for a master although another one leads. */
  readonly believesMaster?: boolean;
  /** It follows this address, where nobody answers, instead of the master. */
  readonly follows?: string;
  /** For how many seconds the link to its master has been down. */
  readonly linkDownSeconds?: number;
  /** Its last background save failed, or its append-only file cannot be written. */
  readonly cannotSave?: 'rdb' | 'aof';
  readonly loading?: boolean;
  /** Of maxmemory, in percent. */
  readonly memoryUsed?: number;
  readonly clients?: number;
  /** It has as many clients as it takes, and turns everybody else away. */
  readonly full?: boolean;
  /** Bytes that it is behind its master. */
  readonly behind?: number;
  /** An HAProxy: the pod that it leads to, whoever is the master. */
  readonly leadsTo?: string;
  /** A sentinel: the pod that it takes for the master. */
  readonly names?: string;
  /** A sentinel: it has stopped acting because its clock jumped. */
  readonly tilt?: boolean;
  /** A sentinel: how many others have to agree that the master is down. */
  readonly quorum?: number;
  /** A sentinel: how many others it remembers that are no longer there. */
  readonly forgotten?: number;
  /** A sentinel: it cannot reach the master, which is well. */
  readonly holdsMasterDown?: boolean;
}

/** By `<namespace>/<pod>`. A server that is not in here is well. */
export const redisTroubles = new WeakMap<ClusterState, ReadonlyMap<string, RedisTrouble>>();

function troubleOf({ namespace, name }: BackendPod, state: ClusterState): RedisTrouble {
  return redisTroubles.get(state)?.get(`${namespace}/${name}`) ?? {};
}

/** Redis 5.0: PING, INFO, ROLE, CONFIG GET and QUIT. The first pod of its set is the master, the others replicate from it. */
export const redis: ByteBackend = (stream, pod, state) => {
  if (isProxy(pod) && serversUp(pod, state).length === 0) {
    // HAProxy without a server that is up: it accepts, and closes at once.
    stream.end();
    return;
  }
  if (troubleOf(pod, state).full === true) {
    stream.end('-ERR max number of clients reached\r\n');
    return;
  }
  serve(stream, (words) => {
    switch (words[0]?.toUpperCase()) {
      case 'PING':
        return ping(pod, state);
      case 'INFO':
        return bulk(info(words[1]?.toLowerCase(), pod, state));
      case 'ROLE':
        return role(pod, state);
      case 'CONFIG':
        return words[1]?.toUpperCase() === 'GET' ? setting(words[2]?.toLowerCase() ?? '') : unknown(words);
      case 'QUIT':
        return undefined;
      default:
        return unknown(words);
    }
  });
};

/** Whether a server that runs says `role:master` of itself: the first of its set, unless it was told otherwise. */
export function callsItselfMaster(pod: BackendPod, state: ClusterState): boolean {
  const { believesMaster, follows } = troubleOf(pod, state);
  return believesMaster === true || (follows === undefined && setOf(pod, state)[0]?.name === pod.name);
}

/** The servers that an HAProxy holds to be up: those that call themselves master, unless its check is wrong. */
export function serversUp(proxy: BackendPod, state: ClusterState): readonly BackendPod[] {
  const { leadsTo } = troubleOf(proxy, state);
  return setOf(proxy, state).filter((member) => (leadsTo === undefined ? callsItselfMaster(member, state) : member.name === leadsTo));
}

/** Who answers: behind a proxy it is the server that this leads to. */
function speakerOf(pod: BackendPod, state: ClusterState): BackendPod {
  return (isProxy(pod) ? serversUp(pod, state)[0] : undefined) ?? pod;
}

/** PING tells what keeps a master from writing; a replica takes no writes anyway. Behind a proxy it is the master's answer. */
function ping(pod: BackendPod, state: ClusterState): string {
  const [master = pod] = setOf(pod, state);
  const asked = speakerOf(pod, state);
  const { loading, cannotSave } = troubleOf(asked, state);
  if (loading === true) return '-LOADING Redis is loading the dataset in memory\r\n';
  if (cannotSave === undefined || asked.name !== master.name) return '+PONG\r\n';
  return cannotSave === 'aof'
    ? '-MISCONF Errors writing to the AOF file: No space left on device\r\n'
    : '-MISCONF Redis is configured to save RDB snapshots, but it is currently not able to persist on disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.\r\n';
}

/** Redis Sentinel 5.0, watching the set that its own name says. */
export const sentinel: ByteBackend = (stream, pod, state) => {
  serve(stream, (words) => {
    const [command = '', sub = ''] = words.map((word) => word.toUpperCase());
    if (command === 'PING') return '+PONG\r\n';
    if (command === 'QUIT') return undefined;
    if (command === 'INFO') return bulk(sentinelInfo(words[1]?.toLowerCase(), pod, state));
    if (command === 'SENTINEL') return sentinelCommand(sub, pod, state) ?? unknown(words);
    return unknown(words);
  });
};

/** Reads commands in both forms, inline and array, and answers each; an answer of `undefined` closes after +OK. */
function serve(stream: Duplex, answer: (words: readonly string[]) => string | undefined): void {
  let pending = '';
  stream.on('data', (bytes: Buffer) => {
    pending += bytes.toString('latin1');
    // A command of the tools is short; what is longer than this is none.
    if (pending.length > 65_536) {
      stream.destroy();
      return;
    }
    for (let next = takeCommand(pending); next !== undefined; next = takeCommand(pending)) {
      pending = next.rest;
      if (next.words.length === 0) continue;
      const reply = answer(next.words);
      if (reply === undefined) {
        stream.end('+OK\r\n');
        return;
      }
      stream.write(reply);
    }
  });
  stream.on('end', () => stream.end());
}

function takeCommand(text: string): { readonly words: readonly string[]; readonly rest: string } | undefined {
  const line = text.indexOf('\r\n');
  if (line < 0) return undefined;
  if (!text.startsWith('*'))
    return {
      words: text
        .slice(0, line)
        .split(' ')
        .filter((word) => word !== ''),
      rest: text.slice(line + 2),
    };
  const count = Number(text.slice(1, line));
  const words: string[] = [];
  let at = line + 2;
  for (let index = 0; index < Math.min(count, 1024); index += 1) {
    const end = text.indexOf('\r\n', at);
    if (end < 0) return undefined;
    const length = Number(text.slice(at + 1, end));
    if (text.length < end + 2 + length + 2) return undefined;
    words.push(text.slice(end + 2, end + 2 + length));
    at = end + 2 + length + 2;
  }
  return { words, rest: text.slice(at) };
}

function unknown(words: readonly string[]): string {
  const given = words.slice(1).map((word) => `\`${word}\`, `);
  return `-ERR unknown command \`${words[0] ?? ''}\`, with args beginning with: ${given.join('')}\r\n`;
}

function bulk(text: string): string {
  return `$${Buffer.byteLength(text)}\r\n${text}\r\n`;
}

function array(items: readonly string[]): string {
  return `*${items.length}\r\n${items.join('')}`;
}

/** The pods of the Redis set that a pod serves for (its own, its sentinel's or its HAProxy's) that run; the first of them is the master. */
function setOf(pod: BackendPod, state: ClusterState): readonly BackendPod[] {
  const id = pod.component.endsWith('-sentinel') ? pod.component.slice(0, -'-sentinel'.length) : isProxy(pod) ? 'harbor-redis' : pod.component;
  const full = `${pod.namespace}/${id}`;
  return state.components.has(full)
    ? state
        .podsOf(full)
        .filter(isReady)
        .map((member) => state.backendPod(member))
    : [pod];
}

function isProxy({ component }: BackendPod): boolean {
  return component === 'redis-harbor-haproxy';
}

/** The settings that are asked for, of those that a Redis 5.0 has. */
function setting(name: string): string {
  const values: Readonly<Record<string, string>> = {
    maxclients: String(MAX_CLIENTS),
    maxmemory: String(MAX_MEMORY),
    'maxmemory-policy': 'noeviction',
    'min-replicas-to-write': '0',
    'min-slaves-to-write': '0',
    save: '900 1 300 10 60 10000',
  };
  const value = values[name];
  return array(value === undefined ? [] : [bulk(name), bulk(value)]);
}

function info(section: string | undefined, pod: BackendPod, state: ClusterState): string {
  const members = setOf(pod, state);
  const master = members[0] ?? pod;
  const asked = speakerOf(pod, state);
  const trouble = troubleOf(asked, state);
  const leads = master.name === asked.name && trouble.follows === undefined;
  const isMaster = callsItselfMaster(asked, state);
  const replicas = (leads ? followersOf(members, state) : []).map(
    ({ member, offset }, index) => `slave${index}:ip=${member.ip},port=6379,state=online,offset=${offset},lag=0`,
  );
  const { linkDownSeconds: down = trouble.follows === undefined ? undefined : 3600 } = trouble;
  const sections: Record<string, readonly string[]> = {
    // maxclients came with 6.0: before it, it has to be asked for.
    server: ['redis_version:5.0.9', 'redis_mode:standalone', `run_id:${idOf(`process of ${asked.name}`)}`, 'tcp_port:6379', 'uptime_in_seconds:2592000'],
    clients: [`connected_clients:${trouble.clients ?? 24}`, 'blocked_clients:0'],
    memory: [
      `used_memory:${trouble.memoryUsed === undefined ? 104_857_600 : Math.round((MAX_MEMORY * trouble.memoryUsed) / 100)}`,
      `maxmemory:${MAX_MEMORY}`,
      'maxmemory_policy:noeviction',
      'mem_fragmentation_ratio:1.12',
      'mem_not_counted_for_evict:0',
    ],
    persistence: [
      ...(trouble.loading === true ? ['loading:1', 'loading_loaded_perc:37.20', 'loading_eta_seconds:240'] : ['loading:0']),
      'rdb_changes_since_last_save:0',
      'rdb_bgsave_in_progress:0',
      `rdb_last_save_time:${Math.floor(state.now().getTime() / 1000) - 3600}`,
      `rdb_last_bgsave_status:${trouble.cannotSave === 'rdb' ? 'err' : 'ok'}`,
      'aof_enabled:1',
      'aof_last_bgrewrite_status:ok',
      `aof_last_write_status:${trouble.cannotSave === 'aof' ? 'err' : 'ok'}`,
    ],
    stats: ['instantaneous_ops_per_sec:210', 'rejected_connections:0', 'sync_full:2', 'sync_partial_ok:0', 'sync_partial_err:0', 'evicted_keys:0'],
    replication: isMaster
      ? ['role:master', `connected_slaves:${replicas.length}`, ...replicas, `master_repl_offset:${offsetOf(members, state)}`]
      : [
          'role:slave',
          `master_host:${trouble.follows ?? master.ip}`,
          'master_port:6379',
          `master_link_status:${down === undefined ? 'up' : 'down'}`,
          `master_last_io_seconds_ago:${down === undefined ? 1 : -1}`,
          'master_sync_in_progress:0',
          `slave_repl_offset:${offsetOf(members, state) - (trouble.behind ?? 0)}`,
          ...(down === undefined ? [] : [`master_link_down_since_seconds:${down}`]),
          'slave_priority:100',
          'slave_read_only:1',
          'connected_slaves:0',
          `master_repl_offset:${offsetOf(members, state)}`,
        ],
  };
  const wanted = section === undefined || section === 'all' || section === 'default' || section === 'everything' ? Object.keys(sections) : [section];
  return wanted
    .filter((name) => sections[name] !== undefined)
    .map((name) => `# ${name.charAt(0).toUpperCase()}${name.slice(1)}\r\n${(sections[name] ?? []).map((line) => `${line}\r\n`).join('')}`)
    .join('\r\n');
}

/** How far the master has come: everybody else is at most as far. */
function offsetOf(members: readonly BackendPod[], state: ClusterState): number {
  return OFFSET + Math.max(0, ...members.map((member) => troubleOf(member, state).behind ?? 0));
}

/** Who replicates from the first of the members at the moment, and how far it has come. */
function followersOf(members: readonly BackendPod[], state: ClusterState): readonly { readonly member: BackendPod; readonly offset: number }[] {
  const offset = offsetOf(members, state);
  return members.slice(1).flatMap((member) => {
    const { believesMaster, follows, linkDownSeconds, loading, behind = 0 } = troubleOf(member, state);
    const isLost = believesMaster === true || follows !== undefined || linkDownSeconds !== undefined || loading === true;
    return isLost ? [] : [{ member, offset: offset - behind }];
  });
}

function role(pod: BackendPod, state: ClusterState): string {
  const members = setOf(pod, state);
  const master = members[0] ?? pod;
  const asked = speakerOf(pod, state);
  const { believesMaster, follows, linkDownSeconds, behind = 0 } = troubleOf(asked, state);
  if (!callsItselfMaster(asked, state)) {
    const link = follows === undefined && linkDownSeconds === undefined ? 'connected' : 'connect';
    return array([bulk('slave'), bulk(follows ?? master.ip), ':6379\r\n', bulk(link), `:${offsetOf(members, state) - behind}\r\n`]);
  }
  const followers = believesMaster === true ? [] : followersOf(members, state);
  const told = followers.map(({ member, offset }) => array([bulk(member.ip), bulk('6379'), bulk(String(offset))]));
  return array([bulk('master'), `:${offsetOf(members, state)}\r\n`, array(told)]);
}

/** The sentinels of a group and the servers that they watch, whether they run or not: a sentinel forgets nobody. */
interface Group {
  readonly sentinels: readonly Member[];
  readonly servers: readonly Member[];
}
interface Member extends BackendPod {
  readonly up: boolean;
}

function groupOf(pod: BackendPod, state: ClusterState): Group {
  const members = (id: string): readonly Member[] =>
    state.components.has(id) ? state.podsOf(id).map((each) => ({ ...state.backendPod(each), up: isReady(each) })) : [];
  const home = `${pod.namespace}/${pod.component}`;
  return { sentinels: members(home), servers: members(home.slice(0, -'-sentinel'.length)) };
}

/** 40 hexadecimal digits, as the ids of processes and sentinels are. */
function idOf(what: string): string {
  return createHash('sha1').update(what).digest('hex');
}

/** The master that a sentinel names: whom it was told of last, also when nobody serves any more. */
function masterOf(pod: BackendPod, state: ClusterState): Member | undefined {
  const { servers } = groupOf(pod, state);
  const { names, holdsMasterDown } = troubleOf(pod, state);
  const named = servers.find(({ name }) => name === names) ?? servers.find(({ up }) => up) ?? servers[0];
  return named === undefined ? undefined : { ...named, up: named.up && holdsMasterDown !== true };
}

function sentinelInfo(section: string | undefined, pod: BackendPod, state: ClusterState): string {
  const master = masterOf(pod, state);
  const { sentinels, servers } = groupOf(pod, state);
  const { tilt, forgotten = 0 } = troubleOf(pod, state);
  const status = master?.up === true ? 'ok' : servers.some(({ up }) => up) ? 'sdown' : 'odown';
  const sections: Record<string, string> = {
    server: `# Server\r\nredis_version:5.0.9\r\nredis_mode:sentinel\r\nrun_id:${idOf(`process of ${pod.name}`)}\r\ntcp_port:26379\r\nuptime_in_seconds:2592000\r\n`,
    sentinel:
      `# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:${tilt === true ? 1 : 0}\r\nsentinel_running_scripts:0\r\nsentinel_scripts_queue_length:0\r\nsentinel_simulate_failure_flags:0\r\n` +
      `master0:name=${MASTER_NAME},status=${status},address=${master?.ip ?? ''}:6379,slaves=${Math.max(0, servers.length - 1)},sentinels=${sentinels.length + forgotten}\r\n`,
  };
  return section === undefined || section === 'all' || section === 'default' ? Object.values(sections).join('\r\n') : (sections[section] ?? '');
}

const flat = (fields: Readonly<Record<string, string>>): string => array(Object.entries(fields).flatMap(([name, value]) => [bulk(name), bulk(value)]));

/** What is said of every instance alike. One that is down has been so for an hour. */
function watchedFields({ ip, name, up }: Member, kind: 'master' | 'slave' | 'sentinel', id: string): Readonly<Record<string, string>> {
  return {
    name: kind === 'sentinel' ? id : `${ip}:6379`,
    ip,
    port: kind === 'sentinel' ? '26379' : '6379',
    runid: kind === 'sentinel' ? id : idOf(`process of ${name}`),
    flags: up ? kind : `s_down,${kind},disconnected`,
    'link-pending-commands': '0',
    'link-refcount': '1',
    'last-ping-sent': up ? '0' : '3600000',
    'last-ok-ping-reply': up ? '120' : '3600000',
    'last-ping-reply': up ? '120' : '3600000',
    ...(up ? {} : { 's-down-time': '3570000' }),
    'down-after-milliseconds': '30000',
  };
}

/** A sentinel that somebody took away without telling the others. */
function lostSentinel({ ip, ...master }: Member, index: number): Member {
  return { ...master, name: `lost-sentinel-${index}`, ip: `${ip.split('.').slice(0, 3).join('.')}.${200 + index}`, up: false };
}

function sentinelCommand(sub: string, pod: BackendPod, state: ClusterState): string | undefined {
  const master = masterOf(pod, state);
  if (!master) return '*-1\r\n';
  const { sentinels, servers } = groupOf(pod, state);
  const trouble = troubleOf(pod, state);
  const gone = Array.from({ length: trouble.forgotten ?? 0 }, (_, index) => lostSentinel(master, index));
  const others = [...sentinels.filter(({ name }) => name !== pod.name), ...gone];
  const known = others.length + 1;
  const replicas = servers.filter(({ name }) => name !== master.name);
  const quorum = trouble.quorum ?? Math.floor(sentinels.length / 2) + 1;
  const watched = watchedFields(master, 'master', '');
  // One that sees it alone has nobody to agree with.
  const agreed = !master.up && trouble.holdsMasterDown !== true;
  const masterFields = {
    ...watched,
    ...(agreed ? { flags: 's_down,o_down,master,disconnected', 'o-down-time': '3569000' } : {}),
    name: MASTER_NAME,
    'info-refresh': '4210',
    'role-reported': 'master',
    'role-reported-time': '2591000000',
    'config-epoch': '0',
    'num-slaves': String(replicas.length),
    'num-other-sentinels': String(others.length),
    quorum: String(quorum),
    'failover-timeout': '180000',
    'parallel-syncs': '1',
  };
  switch (sub) {
    case 'MASTERS':
      return array([flat(masterFields)]);
    case 'MASTER':
      return flat(masterFields);
    case 'GET-MASTER-ADDR-BY-NAME':
      return array([bulk(master.ip), bulk('6379')]);
    case 'SLAVES':
    case 'REPLICAS':
      return array(
        replicas.map((member) =>
          flat({
            ...watchedFields(member, 'slave', ''),
            'info-refresh': '4210',
            'role-reported': 'slave',
            'role-reported-time': '2591000000',
            'master-link-down-time': member.up ? '0' : '3600000',
            'master-link-status': member.up ? 'ok' : 'err',
            'master-host': master.ip,
            'master-port': '6379',
            'slave-priority': '100',
            'slave-repl-offset': '81234',
          }),
        ),
      );
    case 'SENTINELS':
      return array(
        others.map((other) =>
          flat({
            ...watchedFields(other, 'sentinel', idOf(`sentinel ${other.name}`)),
            'last-hello-message': other.up ? '900' : '3600000',
            'voted-leader': '?',
            'voted-leader-epoch': '0',
          }),
        ),
      );
    case 'CKQUORUM': {
      const usable = 1 + others.filter(({ up }) => up).length;
      const missing = [
        ...(usable < quorum ? ['Not enough available Sentinels to reach the specified quorum for this master'] : []),
        ...(usable < Math.floor(known / 2) + 1 ? ['Not enough available Sentinels to reach the majority and authorize a failover'] : []),
      ];
      return missing.length === 0
        ? `+OK ${usable} usable Sentinels. Quorum and failover authorization can be reached\r\n`
        : `-NOQUORUM ${usable} usable Sentinels. ${missing.join('. ')}\r\n`;
    }
    case 'MYID':
      return "-ERR Unknown sentinel subcommand 'MYID'\r\n";
    default:
      return undefined;
  }
}
