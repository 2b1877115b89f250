import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { BackendPod, ByteBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import type { ClusterState } from '../state.ts';

const MASTER_NAME = 'mymaster';

/** Redis 5.0: PING, INFO, ROLE, CONFIG GET and QUIT. The first pod of its set is the master, the others replicate from it. */
export const redis: ByteBackend = (stream, pod, state) => {
  if (isProxy(pod) && setOf(pod, state).length === 0) {
    // HAProxy without a server that is up: it accepts, and closes at once.
    stream.end();
    return;
  }
  serve(stream, (words) => {
    switch (words[0]?.toUpperCase()) {
      case 'PING':
        return '+PONG\r\n';
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
    maxclients: '10000',
    maxmemory: '1073741824',
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
  // Behind a proxy it is the master who answers.
  const isMaster = master.name === pod.name || isProxy(pod);
  const replicas = members.slice(1).map((member, index) => `slave${index}:ip=${member.ip},port=6379,state=online,offset=81234,lag=0`);
  const sections: Record<string, readonly string[]> = {
    // maxclients came with 6.0: before it, it has to be asked for.
    server: [
      'redis_version:5.0.9',
      'redis_mode:standalone',
      `run_id:${idOf(`process of ${isMaster ? master.name : pod.name}`)}`,
      'tcp_port:6379',
      'uptime_in_seconds:2592000',
    ],
    clients: ['connected_clients:24', 'blocked_clients:0'],
    memory: ['used_memory:104857600', 'maxmemory:1073741824', 'maxmemory_policy:noeviction', 'mem_fragmentation_ratio:1.12', 'mem_not_counted_for_evict:0'],
    persistence: [
      'loading:0',
      'rdb_changes_since_last_save:0',
      'rdb_bgsave_in_progress:0',
      `rdb_last_save_time:${Math.floor(state.now().getTime() / 1000) - 3600}`,
      'rdb_last_bgsave_status:ok',
      'aof_enabled:1',
      'aof_last_bgrewrite_status:ok',
      'aof_last_write_status:ok',
    ],
    stats: ['instantaneous_ops_per_sec:210', 'rejected_connections:0', 'sync_full:2', 'sync_partial_ok:0', 'sync_partial_err:0', 'evicted_keys:0'],
    replication: isMaster
      ? ['role:master', `connected_slaves:${replicas.length}`, ...replicas, 'master_repl_offset:81234']
      : [
          'role:slave',
          `master_host:${master.ip}`,
          'master_port:6379',
          'master_link_status:up',
          'master_last_io_seconds_ago:1',
          'master_sync_in_progress:0',
          'slave_repl_offset:81234',
          'slave_priority:100',
          'slave_read_only:1',
          'connected_slaves:0',
          'master_repl_offset:81234',
        ],
  };
  const wanted = section === undefined || section === 'all' || section === 'default' || section === 'everything' ? Object.keys(sections) : [section];
  return wanted
    .filter((name) => sections[name] !== undefined)
    .map((name) => `# ${name.charAt(0).toUpperCase()}${name.slice(1)}\r\n${(sections[name] ?? []).map((line) => `${line}\r\n`).join('')}`)
    .join('\r\n');
}

function role(pod: BackendPod, state: ClusterState): string {
  const members = setOf(pod, state);
  const master = members[0] ?? pod;
  if (master.name !== pod.name && !isProxy(pod)) {
    return array([bulk('slave'), bulk(master.ip), ':6379\r\n', bulk('connected'), ':81234\r\n']);
  }
  return array([bulk('master'), ':81234\r\n', array(members.slice(1).map((member) => array([bulk(member.ip), bulk('6379'), bulk('81234')])))]);
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

function sentinelInfo(section: string | undefined, pod: BackendPod, state: ClusterState): string {
  const members = setOf(pod, state);
  const { sentinels, servers } = groupOf(pod, state);
  const sections: Record<string, string> = {
    server: `# Server\r\nredis_version:5.0.9\r\nredis_mode:sentinel\r\nrun_id:${idOf(`process of ${pod.name}`)}\r\ntcp_port:26379\r\nuptime_in_seconds:2592000\r\n`,
    sentinel:
      '# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\nsentinel_running_scripts:0\r\nsentinel_scripts_queue_length:0\r\nsentinel_simulate_failure_flags:0\r\n' +
      `master0:name=${MASTER_NAME},status=ok,address=${members[0]?.ip ?? ''}:6379,slaves=${Math.max(0, servers.length - 1)},sentinels=${sentinels.length}\r\n`,
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

function sentinelCommand(sub: string, pod: BackendPod, state: ClusterState): string | undefined {
  const master = setOf(pod, state)[0];
  if (!master) return '*-1\r\n';
  const { sentinels, servers } = groupOf(pod, state);
  const others = sentinels.filter(({ name }) => name !== pod.name);
  const replicas = servers.filter(({ name }) => name !== master.name);
  const quorum = Math.floor(sentinels.length / 2) + 1;
  const masterFields = {
    ...watchedFields({ ...master, up: true }, 'master', ''),
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
        ...(usable < Math.floor(sentinels.length / 2) + 1 ? ['Not enough available Sentinels to reach the majority and authorize a failover'] : []),
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
