/** Faults of etcd-gtxs. */
import { type Missing, until } from '../cluster.ts';
import { type Area, type Fault, fault, type Recipe } from './fault.ts';
import { answer, goOn, hang, type Server, servers } from './servers.ts';

const NAMESPACE = 'skiff-gtxs';
export const ETCD_AREA: Area = `${NAMESPACE}/etcd-gtxs`;
export const etcdMembers = (): Promise<readonly Server[]> => servers(NAMESPACE, 'etcd-gtxs', 3);

const url = ({ address }: Server) => `http://${address}:2379`;
const UNREACHABLE = /Couldn't connect|Failed to connect|Connection refused/;

/** The body of an answer, whatever its status; undefined when there was none. */
async function http(member: Server, path: string, body?: object): Promise<string | undefined> {
  const post = body === undefined ? [] : ['-d', JSON.stringify(body)];
  return answer(member, ['curl', '-sS', '--noproxy', '*', ...post, `${url(member)}${path}`], { seconds: 6, silent: UNREACHABLE });
}
export const etcdPost = (member: Server, path: string, body: object = {}): Promise<string | undefined> => http(member, `/v3/${path}`, body);

interface Status {
  readonly header?: { readonly member_id?: string; readonly revision?: string };
  readonly leader?: string;
  readonly dbSize?: string;
}
async function statusOf(member: Server): Promise<Status | undefined> {
  const text = await etcdPost(member, 'maintenance/status');
  return text === undefined ? undefined : (JSON.parse(text) as Status);
}
type Health = 'healthy' | 'unhealthy' | 'silent';
async function healthOf(member: Server): Promise<Health> {
  const text = await http(member, '/health');
  if (text === undefined) return 'silent';
  return /"health":\s*"true"/.test(text) ? 'healthy' : 'unhealthy';
}

/** Runs etcdctl against one member. Throws what it says when it fails or hangs. */
export async function etcdctl(member: Server, args: readonly string[], input?: string): Promise<string> {
  const program = ['etcdctl', `--endpoints=${url(member)}`, '--dial-timeout=3s', '--command-timeout=8s', ...args];
  const said = await answer(member, program, { seconds: 15, ...(input === undefined ? {} : { input }) });
  if (said === undefined) throw new Error(`etcdctl ${args.join(' ')} at ${member.pod} hangs`);
  return said;
}

const KEYS = 'skiff-lab/';
const SMALL = 8 << 20;

async function notAsDeclared(): Promise<Missing> {
  const members = await etcdMembers();
  for (const member of members) {
    const health = await healthOf(member);
    if (health !== 'healthy') return `${member.pod} is ${health}`;
    const status = await statusOf(member);
    if (status?.leader === undefined) return `${member.pod} has no leader`;
    if (Number(status.dbSize) > SMALL) return `the database of ${member.pod} has ${status.dbSize} bytes`;
  }
  const [first] = members;
  if (first === undefined) return 'there are no members';
  const alarms = await etcdctl(first, ['alarm', 'list']);
  if (alarms !== '') return `alarm ${alarms}`;
  return (await etcdctl(first, ['get', '--prefix', '--keys-only', KEYS])) === '' ? undefined : 'keys of a fault are left';
}

/** Wakes all members and waits until they have a leader. */
async function wake(): Promise<readonly Server[]> {
  await until('the members of etcd-gtxs to answer', 40, async () => {
    const members = await etcdMembers();
    await goOn(members);
    const states = await Promise.all(members.map(statusOf));
    return states.every((status) => status?.leader !== undefined) ? undefined : 'not all of them have a leader';
  });
  return etcdMembers();
}

/** Frees what a fault has filled, as the etcd documentation has it: delete, compact, defragment one by one, disarm. */
async function free(): Promise<void> {
  const members = await wake();
  const [first] = members;
  if (first === undefined || (await notAsDeclared()) === undefined) return;
  await etcdctl(first, ['del', '--prefix', KEYS]);
  const revision = (await statusOf(first))?.header?.revision;
  await etcdctl(first, ['compact', '--physical', revision ?? '1']).catch((error: unknown) => {
    if (!String(error).includes('required revision has been compacted')) throw error;
  });
  for (const member of members) await etcdctl(member, ['defrag']);
  await etcdctl(first, ['alarm', 'disarm']);
}

const etcdFault = (recipe: Pick<Recipe, 'id' | 'title' | 'inject' | 'missing'>): Fault =>
  fault({
    ...recipe,
    areas: [ETCD_AREA],
    namespaces: [NAMESPACE],
    repair: free,
    left: notAsDeclared,
  });

async function followersFirst(): Promise<readonly Server[]> {
  const aside = await notAsDeclared();
  if (aside !== undefined) throw new Error(`etcd-gtxs is not well to begin with: ${aside}`);
  const members = await etcdMembers();
  const statuses = await Promise.all(members.map(statusOf));
  const leads = (i: number) => statuses[i]?.leader === statuses[i]?.header?.member_id;
  return [...members.filter((_, i) => !leads(i)), ...members.filter((_, i) => leads(i))];
}

const countOf = async (): Promise<Readonly<Record<Health, number>>> => {
  const found = await Promise.all((await etcdMembers()).map(healthOf));
  const count = (wanted: Health) => found.filter((each) => each === wanted).length;
  return { healthy: count('healthy'), unhealthy: count('unhealthy'), silent: count('silent') };
};

export const etcdMemberDown = (): Fault =>
  etcdFault({
    id: 'etcd-member-down',
    title: 'One follower of etcd-gtxs hangs; the other two members go on',
    inject: async () => hang((await followersFirst()).slice(0, 1)),
    missing: async () => {
      const { healthy, silent } = await countOf();
      return healthy === 2 && silent === 1 ? undefined : `${healthy} members are healthy, ${silent} silent`;
    },
  });

export const etcdQuorumLost = (): Fault =>
  etcdFault({
    id: 'etcd-quorum-lost',
    title: 'Two of the three members of etcd-gtxs hang: no quorum, no leader',
    inject: async () => hang((await followersFirst()).slice(0, 2)),
    missing: async () => {
      const { unhealthy, silent } = await countOf();
      if (unhealthy !== 1 || silent !== 2) return `${unhealthy} members are unhealthy, ${silent} silent`;
      const statuses = await Promise.all((await etcdMembers()).map(statusOf));
      return statuses.some((status) => status !== undefined && status.leader === undefined) ? undefined : 'the last member still has a leader';
    },
  });

// The quota of the lab's etcd-gtxs is 16 MiB, the largest request etcd takes 1.5 MiB.
const PORTION = 'x'.repeat(1 << 20);

export const etcdOutOfSpace = (): Fault =>
  etcdFault({
    id: 'etcd-out-of-space',
    title: 'The database of etcd-gtxs has reached its quota: alarm NOSPACE, no more writes',
    inject: async () => {
      const [member] = await followersFirst();
      if (member === undefined) throw new Error('etcd-gtxs has no members');
      for (let i = 0; i < 24; i++) {
        try {
          await etcdctl(member, ['put', `${KEYS}fill/${i}`], PORTION);
        } catch (error) {
          if (String(error).includes('database space exceeded')) return;
          throw error;
        }
      }
      throw new Error('24 MiB went into etcd-gtxs, and it is not full');
    },
    missing: async () => {
      const { unhealthy } = await countOf();
      const [member] = await etcdMembers();
      const alarms = member === undefined ? '' : await etcdctl(member, ['alarm', 'list']);
      return unhealthy === 3 && alarms.includes('NOSPACE') ? undefined : `${unhealthy} members are unhealthy, alarms: ${alarms || 'none'}`;
    },
  });
