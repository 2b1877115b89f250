/**
 * Faults of a Redis set and of its sentinels. Every repair is the same: the set is made whole again, step by step, until each server and each sentinel
 * is as the manifests and programs/redis.sh and sentinel.sh have it. Who is the master does not matter.
 */
import { type Missing, onNode, until } from '../cluster.ts';
import { type Area, type Fault, fault } from './fault.ts';
import { notAnswered } from './http.ts';
import { declaredSecret } from './objects.ts';
import { answer, emptyDir, goOn, hang, replacePods, type Server, servers } from './servers.ts';

export interface RedisSet {
  readonly namespace: string;
  readonly name: string;
  /** The key of the Secret with the set's name; none for a set without a password. */
  readonly passwordKey?: string;
}
export const APM_REDIS: RedisSet = { namespace: 'skiff-apm', name: 'apm-redis' };
export const HARBOR_REDIS: RedisSet = { namespace: 'skiff-ncs', name: 'harbor-redis' };
export const PLATFORM_REDIS: RedisSet = { namespace: 'skiff-platform', name: 'platform-redis', passwordKey: 'password' };
export const areaOf = ({ namespace, name }: RedisSet): Area => `${namespace}/${name}`;

/** What the fault `passwords-everywhere` sets. Not a secret: the lab cannot be reached from outside. */
export const LAB_PASSWORD = 'nobody-is-given-this';
export const declaredPassword = ({ namespace, name, passwordKey }: RedisSet): string =>
  passwordKey === undefined ? '' : declaredSecret(namespace, name, passwordKey);

export const MASTER = 'mymaster';
const SENTINEL_PORT = 26379;
const MAXMEMORY = 64 << 20;

export const redisServers = ({ namespace, name }: RedisSet): Promise<readonly Server[]> => servers(namespace, name, 3);
export const sentinelsOf = ({ namespace, name }: RedisSet): Promise<readonly Server[]> => servers(namespace, `${name}-sentinel`, 3);

async function redisCli(server: Server, port: number, password: string, words: readonly string[]): Promise<string | undefined> {
  const login = password === '' ? [] : ['-a', password, '--no-auth-warning'];
  const program = ['redis-cli', '-h', server.address, '-p', String(port), ...login, ...words];
  return (await answer(server, program, { silent: /Could not connect|Server closed the connection|reset by peer/i }))?.replaceAll('\r', '');
}

/** What a Redis server answers, undefined when nothing. An error is its own text, such as "NOAUTH Authentication required.". */
export const askRedis = (server: Server, password: string, ...words: string[]): Promise<string | undefined> => redisCli(server, 6379, password, words);
export const askSentinel = (server: Server, password: string, ...words: string[]): Promise<string | undefined> =>
  redisCli(server, SENTINEL_PORT, password, words);

/** For a change: it has to be taken. */
async function tell(ask: typeof askRedis, server: Server, password: string, ...words: string[]): Promise<void> {
  const said = await ask(server, password, ...words);
  if (said === undefined || !/^(OK\b|\d+$)/.test(said)) throw new Error(`${server.pod}: ${words.join(' ')}: ${said ?? 'no answer'}`);
}
export const tellRedis = (server: Server, password: string, ...words: string[]): Promise<void> => tell(askRedis, server, password, ...words);
export const tellSentinel = (server: Server, password: string, ...words: string[]): Promise<void> => tell(askSentinel, server, password, ...words);

type Fields = Readonly<Record<string, string>>;
const infoFields = (text: string): Fields => Object.fromEntries(text.split('\n').flatMap((line) => (line.includes(':') ? [line.split(/:(.*)/, 2)] : [])));
/** Keys and values in turn, one per line. A value may be an empty line. */
function pairs(text: string): Fields {
  const lines = text.split('\n');
  return Object.fromEntries(lines.flatMap((line, i) => (i % 2 === 0 ? [[line, lines[i + 1] ?? '']] : [])));
}
/** A list of such, each of which begins with its name. */
function records(text: string): readonly Fields[] {
  const lines = text.split('\n');
  const found: string[][] = [];
  for (let i = 0; i + 1 < lines.length; i += 2) {
    if (lines[i] === 'name') found.push([]);
    found.at(-1)?.push(lines[i] ?? '', lines[i + 1] ?? '');
  }
  return found.map((each) => pairs(each.join('\n')));
}

export interface RedisView {
  readonly server: Server;
  /** INFO replication and persistence; none when it did not answer or wants a password. */
  readonly info: Fields | undefined;
}
export interface SentinelView {
  readonly sentinel: Server;
  /** None when it did not answer, wants a password or does not know the master's name. */
  readonly master: Fields | undefined;
  readonly replicas: readonly Fields[];
  readonly peers: readonly Fields[];
  readonly tilt: boolean;
  readonly quorum: string;
}
export interface SetView {
  readonly redis: readonly RedisView[];
  readonly sentinels: readonly SentinelView[];
}

async function viewOfRedis(server: Server, password: string): Promise<RedisView> {
  const text = await askRedis(server, password, 'INFO', 'everything');
  const info = text === undefined ? undefined : infoFields(text);
  return { server, info: info?.['role'] === undefined ? undefined : info };
}
async function viewOfSentinel(sentinel: Server, password: string): Promise<SentinelView> {
  const ask = async (...words: string[]) => (await askSentinel(sentinel, password, ...words)) ?? '';
  const master = pairs(await ask('SENTINEL', 'MASTER', MASTER));
  if (master['ip'] === undefined) return { sentinel, master: undefined, replicas: [], peers: [], tilt: false, quorum: '' };
  return {
    sentinel,
    master,
    replicas: records(await ask('SENTINEL', 'SLAVES', MASTER)),
    peers: records(await ask('SENTINEL', 'SENTINELS', MASTER)),
    tilt: infoFields(await ask('INFO', 'sentinel'))['sentinel_tilt'] !== '0',
    quorum: await ask('SENTINEL', 'CKQUORUM', MASTER),
  };
}

/** The passwords that are in force: those of the manifests, unless a fault has set others. */
export interface Passwords {
  readonly redis: string;
  readonly sentinel: string;
}
const declaredPasswords = (set: RedisSet): Passwords => ({ redis: declaredPassword(set), sentinel: '' });

export async function look(set: RedisSet, passwords = declaredPasswords(set)): Promise<SetView> {
  const [redis, sentinels] = await Promise.all([
    redisServers(set).then((found) => Promise.all(found.map((server) => viewOfRedis(server, passwords.redis)))),
    sentinelsOf(set).then((found) => Promise.all(found.map((sentinel) => viewOfSentinel(sentinel, passwords.sentinel)))),
  ]);
  return { redis, sentinels };
}

export const masters = ({ redis }: SetView): readonly RedisView[] => redis.filter(({ info }) => info?.['role'] === 'master');
const replicas = ({ redis }: SetView): readonly RedisView[] => redis.filter(({ info }) => info?.['role'] === 'slave');
const silent = ({ redis }: SetView): readonly RedisView[] => redis.filter(({ info }) => info === undefined);
const follows = ({ info }: RedisView, address: string | undefined) => info?.['master_host'] === address && info?.['master_link_status'] === 'up';
const flagsOf = (fields: Fields | undefined) => (fields?.['flags'] ?? '').split(',');

/** The settings that faults change at run time, as the start scripts leave them. */
const settings = (passwords: Passwords): Fields => ({
  maxmemory: String(MAXMEMORY),
  save: '',
  'replica-priority': '100',
  masterauth: passwords.redis,
  requirepass: passwords.redis,
});
const RESTRICTED = /(^|\s)-(replicaof|slaveof|publish)\b/;

async function settingsAside({ server }: RedisView, passwords: Passwords): Promise<Missing> {
  const wanted = settings(passwords);
  for (const [name, value] of Object.entries(wanted)) {
    const now = pairs((await askRedis(server, passwords.redis, 'CONFIG', 'GET', name)) ?? '')[name] ?? '';
    if (now !== value) return `${name} of ${server.pod} is "${now}"`;
  }
  return RESTRICTED.test((await askRedis(server, passwords.redis, 'ACL', 'LIST')) ?? '') ? `commands are forbidden on ${server.pod}` : undefined;
}

function serversAside(view: SetView): Missing {
  const [mute] = silent(view);
  if (mute !== undefined) return `${mute.server.pod} does not answer`;
  const [master, second] = masters(view);
  if (master === undefined || second !== undefined) return `${masters(view).length} masters`;
  const lost = replicas(view).find((each) => !follows(each, master.server.address));
  if (lost !== undefined) return `${lost.server.pod} does not follow ${master.server.pod}`;
  const unsaved = view.redis.find(({ info }) => info?.['rdb_last_bgsave_status'] !== 'ok');
  return unsaved === undefined ? undefined : `${unsaved.server.pod} could not save`;
}

function sentinelsAside(view: SetView): Missing {
  const address = masters(view)[0]?.server.address;
  const redis = new Set(view.redis.map(({ server }) => server.address));
  const others = new Set(view.sentinels.map(({ sentinel }) => sentinel.address));
  for (const { sentinel, master, replicas, peers, tilt, quorum } of view.sentinels) {
    const aside = (what: string) => `${sentinel.pod} ${what}`;
    if (master === undefined) return aside('does not answer, or does not know the master');
    if (tilt) return aside('is in TILT');
    if (master['ip'] !== address || master['flags'] !== 'master') return aside(`takes ${master['ip']} for the master: ${master['flags']}`);
    if (replicas.length !== 2 || peers.length !== 2) return aside(`knows ${replicas.length} replicas and ${peers.length} other sentinels`);
    const bad = replicas.find((each) => each['flags'] !== 'slave' || each['master-link-status'] !== 'ok' || !redis.has(each['ip'] ?? ''));
    if (bad !== undefined) return aside(`calls the replica ${bad['ip']} ${bad['flags']}, link ${bad['master-link-status']}`);
    const gone = peers.find((each) => each['flags'] !== 'sentinel' || !others.has(each['ip'] ?? ''));
    if (gone !== undefined) return aside(`calls the sentinel ${gone['ip']} ${gone['flags']}`);
    if (!quorum.startsWith('OK 3 ')) return aside(quorum);
  }
  return undefined;
}

/** What keeps a set from being whole, or undefined when every server and every sentinel is as it should be. */
export async function notWhole(set: RedisSet, passwords = declaredPasswords(set)): Promise<Missing> {
  return asideOf(await look(set, passwords), passwords);
}

async function asideOf(view: SetView, passwords: Passwords): Promise<Missing> {
  const aside = serversAside(view) ?? sentinelsAside(view);
  if (aside !== undefined) return aside;
  for (const each of view.redis) {
    const other = await settingsAside(each, passwords);
    if (other !== undefined) return other;
  }
  for (const { sentinel } of view.sentinels) {
    const rights = await askSentinel(sentinel, passwords.sentinel, 'ACL', 'LIST');
    if (RESTRICTED.test(rights ?? '')) return `commands are forbidden on ${sentinel.pod}`;
  }
  return undefined;
}

// --- making a set whole ---------------------------------------------------------------------------------------------------------------------

/** Where a server of a set would save: a directory of this name is in the way of the file. */
const dumpOf = (server: Server) => `${emptyDir(server, 'data')}/dump.rdb`;

async function restoreSettings({ server, info }: RedisView, passwords: Passwords): Promise<void> {
  if (info === undefined) return;
  await tellRedis(server, passwords.redis, 'ACL', 'SETUSER', 'default', '+@all');
  for (const [name, value] of Object.entries(settings(passwords))) await tellRedis(server, passwords.redis, 'CONFIG', 'SET', name, value);
  if (info['rdb_last_bgsave_status'] === 'ok') return;
  await onNode(server.node, ['sh', '-c', '[ ! -d "$0" ] || rmdir "$0"', dumpOf(server)]);
  await askRedis(server, passwords.redis, 'BGSAVE'); // refused while one runs; its result shows in the next look
}

/** The address that most sentinels take for the master, when a server there says that it is one. */
function agreedMaster(view: SetView): string | undefined {
  const named = view.sentinels.map(({ master }) => master?.['ip']);
  return masters(view)
    .map(({ server }) => server.address)
    .find((address) => named.filter((each) => each === address).length >= 2);
}

/** One sentinel at a time, and only when the rest is in order: a sentinel that forgets finds the others again through the servers. */
async function correctOneSentinel(view: SetView, address: string, passwords: Passwords): Promise<void> {
  const redis = new Set(view.redis.map(({ server }) => server.address));
  const others = new Set(view.sentinels.map(({ sentinel }) => sentinel.address));
  for (const { sentinel, master, replicas, peers } of view.sentinels) {
    const tellIt = (...words: string[]) => tellSentinel(sentinel, passwords.sentinel, ...words);
    const flags = flagsOf(master);
    if (flags.includes('failover_in_progress')) return;
    if (master === undefined || master['ip'] !== address) {
      if (master !== undefined) await tellIt('SENTINEL', 'REMOVE', MASTER);
      await tellIt('SENTINEL', 'MONITOR', MASTER, address, '6379', '2');
      const options = { 'down-after-milliseconds': '5000', 'failover-timeout': '20000', 'parallel-syncs': '1' };
      for (const [name, value] of Object.entries(options)) await tellIt('SENTINEL', 'SET', MASTER, name, value);
      if (passwords.redis !== '') await tellIt('SENTINEL', 'SET', MASTER, 'auth-pass', passwords.redis);
      return;
    }
    const stale = replicas.some((each) => !redis.has(each['ip'] ?? '')) || peers.some((each) => !others.has(each['ip'] ?? ''));
    if (stale) {
      await tellIt('SENTINEL', 'RESET', MASTER);
      return;
    }
  }
}

async function correct(set: RedisSet): Promise<Missing> {
  const passwords = declaredPasswords(set);
  await Promise.all([redisServers(set).then(goOn), sentinelsOf(set).then(goOn)]);
  const view = await look(set, passwords);
  const aside = await asideOf(view, passwords);
  if (aside === undefined) return undefined;
  await Promise.all(view.redis.map((each) => restoreSettings(each, passwords)));
  for (const { sentinel, master } of view.sentinels) {
    if (master !== undefined) await tellSentinel(sentinel, passwords.sentinel, 'ACL', 'SETUSER', 'default', '+@all');
  }
  const address = agreedMaster(view);
  if (address === undefined || silent(view).length > 0) return aside;
  for (const each of view.redis) {
    const { server, info } = each;
    const astray = info?.['role'] === 'master' ? server.address !== address : info?.['master_host'] !== address;
    if (astray) await tellRedis(server, passwords.redis, 'REPLICAOF', address, '6379');
  }
  if (serversAside(view) === undefined) await correctOneSentinel(view, address, passwords);
  return aside;
}

/** Makes a set whole. When that cannot be done in place within 80 s, all of its pods are made anew. */
export async function makeWhole(set: RedisSet): Promise<void> {
  try {
    await until(`${set.name} to be whole`, 80, () => correct(set), 2000);
  } catch {
    await replacePods(set.namespace, `redis-set=${set.name}`);
    await until(`${set.name} to be whole with new pods`, 90, () => correct(set), 2000);
  }
}

// --- the faults ------------------------------------------------------------------------------------------------------------------------------

interface RedisRecipe {
  readonly id: string;
  readonly title: string;
  /** Given the set as it is while it is whole. */
  readonly inject: (view: WholeSet) => Promise<void>;
  readonly missing: (view: SetView) => Missing | Promise<Missing>;
}
interface WholeSet {
  readonly master: Server;
  readonly replicas: readonly [Server, Server];
  readonly sentinels: readonly [Server, Server, Server];
}

async function whole(set: RedisSet): Promise<WholeSet> {
  const view = await look(set);
  const aside = await asideOf(view, declaredPasswords(set));
  if (aside !== undefined) throw new Error(`${set.name} is not whole to begin with: ${aside}`);
  const [master] = masters(view);
  const [one, two] = replicas(view);
  const [first, second, third] = view.sentinels;
  if (!master || !one || !two || !first || !second || !third) throw new Error(`${set.name} has changed meanwhile`);
  return { master: master.server, replicas: [one.server, two.server], sentinels: [first.sentinel, second.sentinel, third.sentinel] };
}

const SET = APM_REDIS;
const redisFault = ({ id, title, inject, missing }: RedisRecipe): Fault =>
  fault({
    id,
    title,
    areas: [areaOf(SET)],
    namespaces: [SET.namespace],
    inject: async () => inject(await whole(SET)),
    repair: () => makeWhole(SET),
    missing: async () => missing(await look(SET)),
    left: () => notWhole(SET),
  });

/** A server whose own sentinels could tell it whom to follow would be put right within seconds: those commands are forbidden on it. */
const forbidFollowing = (server: Server) => tellRedis(server, '', 'ACL', 'SETUSER', 'default', '-replicaof', '-slaveof');

/** An address of the first node's pods that no pod has. They are given out in turn from the lowest on. */
const NOBODYS_ADDRESS = '10.244.1.250';

const sentinelsSay = (view: SetView, what: string, holds: (sentinel: SentinelView) => boolean): Missing => {
  const not = view.sentinels.filter((each) => !holds(each)).map(({ sentinel }) => sentinel.pod);
  return not.length === 0 ? undefined : `${not.join(' and ')} do not say ${what}`;
};

const webserversSay = (status: 'UP' | 'DOWN'): Promise<Missing> =>
  notAnswered('skiff-apm', 'apm-webserver', 8080, '/actuator/health', ({ body }) => {
    const { components } = JSON.parse(body) as { readonly components?: { readonly redis?: { readonly status: string } } };
    return components?.redis?.status === status;
  });

export const apmWebserverRedisDown = (): Fault => {
  const hanging = redisFault({
    id: 'apm-webserver-redis-down',
    title: 'All three servers of apm-redis hang; apm-webserver lives and says that its Redis is down',
    inject: ({ master, replicas }) => hang([master, ...replicas]),
    missing: async (view) => (silent(view).length === 3 ? webserversSay('DOWN') : `${3 - silent(view).length} servers still answer`),
  });
  return { ...hanging, left: async () => (await hanging.left()) ?? webserversSay('UP') };
};

export const redisMasterStopped = (): Fault =>
  redisFault({
    id: 'redis-master-stopped',
    title: 'The master of apm-redis hangs; the sentinels have made a replica the master',
    inject: ({ master }) => hang([master]),
    missing(view) {
      const [master, second] = masters(view);
      if (silent(view).length !== 1 || master === undefined || second !== undefined) {
        return `${silent(view).length} servers are silent, ${masters(view).length} are masters`;
      }
      if (!replicas(view).every((each) => follows(each, master.server.address))) return 'the other replica does not follow the new master';
      return sentinelsSay(
        view,
        'the new master',
        (each) =>
          each.master?.['ip'] === master.server.address && each.master['flags'] === 'master' && each.replicas.some((one) => flagsOf(one).includes('s_down')),
      );
    },
  });

export const redisNoFailover = (): Fault =>
  redisFault({
    id: 'redis-no-failover',
    title: 'The master of apm-redis hangs, and both replicas have priority 0: nobody may take over',
    async inject({ master, replicas }) {
      for (const each of replicas) await tellRedis(each, '', 'CONFIG', 'SET', 'replica-priority', '0');
      await until('the sentinels to see the priorities', 30, async () =>
        sentinelsSay(await look(SET), 'that the replicas have priority 0', (each) => each.replicas.every((one) => one['slave-priority'] === '0')),
      );
      await hang([master]);
    },
    missing(view) {
      if (masters(view).length > 0) return `${masters(view)[0]?.server.pod} is a master`;
      const linked = replicas(view).filter(({ info }) => info?.['master_link_status'] !== 'down');
      if (linked.length > 0) return `${linked.length} replicas still think that they are linked`;
      return sentinelsSay(view, 'that the master is down', (each) => flagsOf(each.master).includes('o_down'));
    },
  });

export const redisTwoMasters = (): Fault =>
  redisFault({
    id: 'redis-two-masters',
    title: 'Two servers of apm-redis are masters',
    async inject({ replicas: [replica] }) {
      await tellRedis(replica, '', 'REPLICAOF', 'NO', 'ONE');
      await forbidFollowing(replica);
    },
    missing(view) {
      if (masters(view).length !== 2) return `${masters(view).length} masters`;
      return sentinelsSay(view, 'that a replica reports itself as master', (each) => each.replicas.some((one) => one['role-reported'] === 'master'));
    },
  });

export const redisReplicaCutOff = (): Fault =>
  redisFault({
    id: 'redis-replica-cut-off',
    title: 'A replica of apm-redis has lost its master: it is configured with a wrong password',
    async inject({ replicas: [replica] }) {
      await tellRedis(replica, '', 'CONFIG', 'SET', 'masterauth', 'wrong');
      await askRedis(replica, '', 'CLIENT', 'KILL', 'TYPE', 'master');
    },
    missing(view) {
      const down = replicas(view).filter(({ info }) => info?.['master_link_status'] === 'down');
      if (down.length !== 1) return `${down.length} links are down`;
      return sentinelsSay(view, 'that a link is down', (each) => each.replicas.some((one) => one['master-link-status'] === 'err'));
    },
  });

export const redisReplicaOfDeadAddress = (): Fault =>
  redisFault({
    id: 'redis-replica-of-dead-address',
    title: 'A replica of apm-redis follows an address that no pod has',
    async inject({ replicas: [replica] }) {
      await tellRedis(replica, '', 'REPLICAOF', NOBODYS_ADDRESS, '6379');
      await forbidFollowing(replica);
    },
    missing(view) {
      const astray = replicas(view).filter(({ info }) => info?.['master_host'] === NOBODYS_ADDRESS && info['master_link_status'] === 'down');
      if (astray.length !== 1) return `${astray.length} servers follow ${NOBODYS_ADDRESS}`;
      return sentinelsSay(view, 'whom it follows', (each) => each.replicas.some((one) => one['master-host'] === NOBODYS_ADDRESS));
    },
  });

export const redisCannotSave = (): Fault =>
  redisFault({
    id: 'redis-cannot-save',
    title: 'The master of apm-redis cannot save and refuses writes; both replicas have priority 0',
    // To the sentinels a master that answers PING with MISCONF is down. With priority 0 it stays the master.
    async inject({ master, replicas }) {
      for (const each of replicas) await tellRedis(each, '', 'CONFIG', 'SET', 'replica-priority', '0');
      await until('the sentinels to see the priorities', 30, async () =>
        sentinelsSay(await look(SET), 'that the replicas have priority 0', (each) => each.replicas.every((one) => one['slave-priority'] === '0')),
      );
      await onNode(master.node, ['sh', '-c', 'rm -f "$0" && mkdir "$0"', dumpOf(master)]);
      await tellRedis(master, '', 'CONFIG', 'SET', 'save', '3600 1');
      await askRedis(master, '', 'BGSAVE');
    },
    async missing(view) {
      const [master] = masters(view);
      if (master === undefined) return 'there is no master';
      const said = await askRedis(master.server, '', 'PING');
      if (said?.startsWith('MISCONF') !== true) return `the master answers ${said ?? 'nothing'}`;
      return sentinelsSay(view, 'that the master is down', (each) => flagsOf(each.master).includes('o_down'));
    },
  });

export const redisAtMaxmemory = (): Fault =>
  redisFault({
    id: 'redis-at-maxmemory',
    title: 'apm-redis is full: maxmemory is reached and nothing may be evicted',
    async inject({ master, replicas }) {
      for (const each of [master, ...replicas]) await tellRedis(each, '', 'CONFIG', 'SET', 'maxmemory', '1mb');
    },
    async missing(view) {
      const [master] = masters(view);
      if (master === undefined) return 'there is no master';
      const said = await askRedis(master.server, '', 'SET', 'skiff-lab', 'x', 'PX', '1000');
      return said?.startsWith('OOM') === true ? undefined : `a write is answered with ${said ?? 'nothing'}`;
    },
  });

export const sentinelQuorumLost = (): Fault =>
  redisFault({
    id: 'sentinel-quorum-lost',
    title: 'Two of the three sentinels of apm-redis hang; Redis itself is well',
    inject: ({ sentinels: [, ...others] }) => hang(others),
    missing(view) {
      const left = view.sentinels.filter(({ master }) => master !== undefined);
      if (left.length !== 1) return `${left.length} sentinels answer`;
      return left[0]?.quorum.startsWith('NOQUORUM') === true ? serversAside(view) : `the quorum: ${left[0]?.quorum}`;
    },
  });

export const sentinelDisagrees = (): Fault =>
  redisFault({
    id: 'sentinel-disagrees',
    title: 'One sentinel of apm-redis takes an address for the master that no pod has',
    async inject({ sentinels: [, , sentinel] }) {
      // The others would tell it the right one.
      await tellSentinel(sentinel, '', 'ACL', 'SETUSER', 'default', '-publish');
      await tellSentinel(sentinel, '', 'SENTINEL', 'REMOVE', MASTER);
      await tellSentinel(sentinel, '', 'SENTINEL', 'MONITOR', MASTER, NOBODYS_ADDRESS, '6379', '2');
      await tellSentinel(sentinel, '', 'SENTINEL', 'SET', MASTER, 'down-after-milliseconds', '5000');
    },
    missing(view) {
      const astray = view.sentinels.filter(({ master }) => master?.['ip'] === NOBODYS_ADDRESS && flagsOf(master).includes('s_down'));
      return astray.length === 1 ? serversAside(view) : `${astray.length} sentinels watch ${NOBODYS_ADDRESS}`;
    },
  });

export const sentinelStalePeers = (): Fault =>
  redisFault({
    id: 'sentinel-stale-peers',
    title: 'The sentinels of apm-redis still count one whose pod is gone',
    async inject({ sentinels: [, , sentinel] }) {
      await replacePods(sentinel.namespace, `statefulset.kubernetes.io/pod-name=${sentinel.pod}`);
    },
    missing(view) {
      const stale = view.sentinels.filter(({ peers }) => peers.length === 3 && peers.some((each) => flagsOf(each).includes('s_down')));
      if (stale.length !== 2) return `${stale.length} sentinels know a stale one`;
      return view.sentinels.every(({ master }) => master !== undefined) ? serversAside(view) : 'the new sentinel does not answer';
    },
  });
