import type { Duplex } from 'node:stream';
import type { BackendPod, ByteBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import type { ClusterState } from '../state.ts';

const MASTER_NAME = 'mymaster';

/** Redis 5.0: PING, INFO, ROLE, CONFIG GET and QUIT. The first pod of its set is the master, the others replicate from it. */
export const redis: ByteBackend = (stream, pod, state) => {
  serve(stream, (words) => {
    switch (words[0]?.toUpperCase()) {
      case 'PING':
        return '+PONG\r\n';
      case 'INFO':
        return bulk(info(words[1]?.toLowerCase(), pod, state));
      case 'ROLE':
        return role(pod, state);
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
    if (command === 'INFO') return bulk(sentinelInfo(pod, state));
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
  const id = pod.component.endsWith('-sentinel')
    ? pod.component.slice(0, -'-sentinel'.length)
    : pod.component === 'redis-harbor-haproxy'
      ? 'harbor-redis'
      : pod.component;
  const full = `${pod.namespace}/${id}`;
  return state.components.has(full)
    ? state
        .podsOf(full)
        .filter(isReady)
        .map((member) => state.backendPod(member))
    : [pod];
}

function info(section: string | undefined, pod: BackendPod, state: ClusterState): string {
  const members = setOf(pod, state);
  const master = members[0] ?? pod;
  const isMaster = master.name === pod.name || !members.some((member) => member.name === pod.name);
  const replicas = members.slice(1).map((member, index) => `slave${index}:ip=${member.ip},port=6379,state=online,offset=81234,lag=0`);
  const sections: Record<string, readonly string[]> = {
    server: ['redis_version:5.0.9', 'redis_mode:standalone', 'uptime_in_seconds:2592000', 'tcp_port:6379'],
    clients: ['connected_clients:24', 'blocked_clients:0'],
    memory: ['used_memory:104857600', 'maxmemory:1073741824', 'maxmemory_policy:noeviction', 'mem_fragmentation_ratio:1.12'],
    persistence: [
      'loading:0',
      'rdb_bgsave_in_progress:0',
      'rdb_last_bgsave_status:ok',
      'aof_enabled:1',
      'aof_last_bgrewrite_status:ok',
      'aof_last_write_status:ok',
    ],
    stats: ['instantaneous_ops_per_sec:210', 'rejected_connections:0', 'evicted_keys:0', 'sync_full:2', 'sync_partial_err:0'],
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
  if (master.name !== pod.name && members.some((member) => member.name === pod.name)) {
    return array([bulk('slave'), bulk(master.ip), ':6379\r\n', bulk('connected'), ':81234\r\n']);
  }
  return array([bulk('master'), ':81234\r\n', array(members.slice(1).map((member) => array([bulk(member.ip), bulk('6379'), bulk('81234')])))]);
}

/** Sentinels that run, the asked one first. */
function sentinels(pod: BackendPod, state: ClusterState): readonly BackendPod[] {
  const all = state.podsOf(`${pod.namespace}/${pod.component}`);
  return [pod, ...all.filter((other) => other.metadata.name !== pod.name && isReady(other)).map((other) => state.backendPod(other))];
}

function sentinelInfo(pod: BackendPod, state: ClusterState): string {
  const members = setOf(pod, state);
  return (
    '# Sentinel\r\nsentinel_masters:1\r\nsentinel_tilt:0\r\nsentinel_running_scripts:0\r\nsentinel_scripts_queue_length:0\r\nsentinel_simulate_failure_flags:0\r\n' +
    `master0:name=${MASTER_NAME},status=ok,address=${members[0]?.ip ?? ''}:6379,slaves=${Math.max(0, members.length - 1)},sentinels=${sentinels(pod, state).length}\r\n`
  );
}

function sentinelCommand(sub: string, pod: BackendPod, state: ClusterState): string | undefined {
  const members = setOf(pod, state);
  const master = members[0];
  if (!master) return '*-1\r\n';
  const flat = (fields: Readonly<Record<string, string>>): string => array(Object.entries(fields).flatMap(([name, value]) => [bulk(name), bulk(value)]));
  const masterFields = {
    name: MASTER_NAME,
    ip: master.ip,
    port: '6379',
    flags: 'master',
    'last-ok-ping-reply': '120',
    'down-after-milliseconds': '30000',
    'role-reported': 'master',
    'config-epoch': '0',
    'num-slaves': String(members.length - 1),
    'num-other-sentinels': String(sentinels(pod, state).length - 1),
    quorum: '2',
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
        members.slice(1).map((member) =>
          flat({
            name: `${member.ip}:6379`,
            ip: member.ip,
            port: '6379',
            flags: 'slave',
            'master-link-status': 'ok',
            'master-host': master.ip,
            'master-port': '6379',
            'slave-repl-offset': '81234',
          }),
        ),
      );
    case 'SENTINELS':
      return array(
        sentinels(pod, state)
          .slice(1)
          .map((other) => flat({ name: `${other.name}-runid`, ip: other.ip, port: '26379', flags: 'sentinel', 'last-hello-message': '900' })),
      );
    case 'CKQUORUM': {
      const usable = sentinels(pod, state).length;
      return usable >= 2
        ? `+OK ${usable} usable Sentinels. Quorum and failover authorization can be reached\r\n`
        : `-NOQUORUM ${usable} usable Sentinels. Not enough available Sentinels to reach the specified quorum for this master. Not enough available Sentinels to reach the majority and authorize a failover\r\n`;
    }
    default:
      return undefined;
  }
}
