/** No fault of the cluster: servers that want a password, and a skiffctl that was given none. */
import { CommandFailed, type Missing, until } from '../cluster.ts';
import { ETCD_AREA, etcdctl, etcdMembers, etcdPost } from './etcd.ts';
import { exporterUp } from './exporters.ts';
import { type Fault, fault } from './fault.ts';
import { changeHaproxy, HAPROXY_AREA, notLedTo, restoreHaproxy } from './haproxy.ts';
import { changedContainer, restoreDeployment } from './objects.ts';
import {
  APM_REDIS,
  areaOf,
  askRedis,
  askSentinel,
  declaredPassword,
  HARBOR_REDIS,
  LAB_PASSWORD,
  MASTER,
  makeWhole,
  notWhole,
  PLATFORM_REDIS,
  type RedisSet,
  redisServers,
  sentinelsOf,
  tellRedis,
  tellSentinel,
} from './redis.ts';

/** platform-redis has a password anyway; its sentinels get one. */
const SETS = [APM_REDIS, HARBOR_REDIS, PLATFORM_REDIS];
const NAMESPACE = 'skiff-apm';
const EXPORTERS = ['apm-redis-exporter', 'apm-redis-sentinel-exporter'];

const passwordOf = (set: RedisSet) => declaredPassword(set) || LAB_PASSWORD;
const inForce = (set: RedisSet) => ({ redis: passwordOf(set), sentinel: LAB_PASSWORD });

/** Whoever must present a password knows it before anybody asks for it: nothing is cut off on the way. */
async function setPasswords(set: RedisSet): Promise<void> {
  const [redis, sentinels] = await Promise.all([redisServers(set), sentinelsOf(set)]);
  if (declaredPassword(set) === '') {
    for (const each of sentinels) await tellSentinel(each, '', 'SENTINEL', 'SET', MASTER, 'auth-pass', LAB_PASSWORD);
    for (const each of redis) await tellRedis(each, '', 'CONFIG', 'SET', 'masterauth', LAB_PASSWORD);
    for (const each of redis) await tellRedis(each, '', 'CONFIG', 'SET', 'requirepass', LAB_PASSWORD);
  }
  for (const each of sentinels) await tellSentinel(each, '', 'SENTINEL', 'CONFIG', 'SET', 'sentinel-pass', LAB_PASSWORD);
  for (const each of sentinels) await tellSentinel(each, '', 'ACL', 'SETUSER', 'default', 'resetpass', `>${LAB_PASSWORD}`);
}

const wantsPassword = (said: string | undefined) => said?.startsWith('NOAUTH') === true;

async function dropPasswords(set: RedisSet): Promise<void> {
  const [redis, sentinels] = await Promise.all([redisServers(set), sentinelsOf(set)]);
  for (const each of sentinels) {
    if (wantsPassword(await askSentinel(each, '', 'PING'))) await tellSentinel(each, LAB_PASSWORD, 'ACL', 'SETUSER', 'default', 'nopass');
  }
  for (const each of sentinels) await tellSentinel(each, '', 'SENTINEL', 'CONFIG', 'SET', 'sentinel-pass', '');
  if (declaredPassword(set) === '') {
    for (const each of redis) {
      if (wantsPassword(await askRedis(each, '', 'PING'))) await tellRedis(each, LAB_PASSWORD, 'CONFIG', 'SET', 'requirepass', '');
    }
    for (const each of redis) await tellRedis(each, '', 'CONFIG', 'SET', 'masterauth', '');
    for (const each of sentinels) await tellSentinel(each, '', 'SENTINEL', 'SET', MASTER, 'auth-pass', '');
  }
  await makeWhole(set);
}

const ROOT = ['--user', `root:${LAB_PASSWORD}`];

async function firstMember() {
  const [member] = await etcdMembers();
  if (member === undefined) throw new Error('etcd-gtxs has no members');
  return member;
}

async function setEtcdPassword(): Promise<void> {
  const member = await firstMember();
  await etcdctl(member, ['user', 'add', `root:${LAB_PASSWORD}`]);
  await etcdctl(member, ['role', 'add', 'root']);
  await etcdctl(member, ['user', 'grant-role', 'root', 'root']);
  await etcdctl(member, ['auth', 'enable']);
}

async function dropEtcdPassword(): Promise<void> {
  const member = await firstMember();
  const gone = (text: string) => (error: unknown) => {
    if (!(error instanceof CommandFailed && error.stderr.includes(text))) throw error;
  };
  if (await etcdWantsPassword()) await etcdctl(member, [...ROOT, 'auth', 'disable']);
  await etcdctl(member, ['user', 'delete', 'root']).catch(gone('user name not found'));
  await etcdctl(member, ['role', 'delete', 'root']).catch(gone('role name not found'));
}

/** "" is no key: the question is only whether it may be asked. */
const etcdWantsPassword = async () => /user name is empty/.test((await etcdPost(await firstMember(), 'kv/range', { key: 'AA==' })) ?? '');

const exporterMissing = async (): Promise<Missing> => {
  for (const name of EXPORTERS) if (!(await exporterUp(NAMESPACE, name))) return `${name} says that its server is down`;
  return undefined;
};

async function setNotWhole(set: RedisSet): Promise<Missing> {
  const [redis, sentinels] = await Promise.all([redisServers(set), sentinelsOf(set)]);
  const said = await Promise.all([...redis.map((each) => askRedis(each, '', 'PING')), ...sentinels.map((each) => askSentinel(each, '', 'PING'))]);
  if (!said.every(wantsPassword)) return `${set.name} still answers without a password`;
  const aside = await notWhole(set, inForce(set));
  return aside === undefined ? undefined : `${set.name}: ${aside}`;
}

async function firstMissing(probes: readonly (() => Promise<Missing>)[]): Promise<Missing> {
  for (const probe of probes) {
    const missing = await probe();
    if (missing !== undefined) return missing;
  }
  return undefined;
}

export const passwordsEverywhere = (): Fault =>
  fault({
    id: 'passwords-everywhere',
    title: 'Every Redis, every sentinel and etcd-gtxs want a password that skiffctl is not given; all of them are well',
    areas: [...SETS.map(areaOf), ETCD_AREA, HAPROXY_AREA, ...EXPORTERS.map((name) => `${NAMESPACE}/${name}` as const)],
    namespaces: ['skiff-apm', 'skiff-ncs', 'skiff-platform', 'skiff-gtxs'],
    inject: async () => {
      for (const set of SETS) {
        const aside = await notWhole(set);
        if (aside !== undefined) throw new Error(`${set.name} is not whole to begin with: ${aside}`);
      }
      for (const name of EXPORTERS) {
        await changedContainer(NAMESPACE, name, { env: [{ name: 'REDIS_PASSWORD', value: LAB_PASSWORD }] }, 'redis-exporter');
      }
      await changeHaproxy((configuration) =>
        configuration.replace('  tcp-check connect\n', `$&  tcp-check send "AUTH ${LAB_PASSWORD}\\r\\n"\n  tcp-check expect string +OK\n`),
      );
      await Promise.all([...SETS.map(setPasswords), setEtcdPassword()]);
    },
    repair: async () => {
      await Promise.all(EXPORTERS.map((name) => restoreDeployment(NAMESPACE, name)));
      await restoreHaproxy();
      await Promise.all([...SETS.map(dropPasswords), until('etcd-gtxs to want no password', 30, () => dropEtcdPassword().then(() => undefined))]);
    },
    missing: () =>
      firstMissing([
        ...SETS.map((set) => () => setNotWhole(set)),
        async () => ((await etcdWantsPassword()) ? undefined : 'etcd-gtxs still answers without a password'),
        () => notLedTo('master', LAB_PASSWORD),
        exporterMissing,
      ]),
    left: () =>
      firstMissing([
        ...SETS.map((set) => () => notWhole(set)),
        async () => ((await etcdWantsPassword()) ? 'etcd-gtxs wants a password' : undefined),
        () => notLedTo('master'),
        exporterMissing,
      ]),
    showsWithinSeconds: 90,
  });
