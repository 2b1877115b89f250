/**
 * Faults of stolon's stand-ins and of the PostgreSQL under them. Every repair is the same: processes go on, volumes can be read, cluster data that is gone
 * is put back, its specification is as declared. What follows from that the sentinels and keepers do themselves. Which keeper is the master does not matter.
 */
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { kubectl, type Missing, onNode, read, until } from '../cluster.ts';
import { type Area, type Fault, fault, NOTES, type Recipe } from './fault.ts';
import { declared, marked, pods } from './objects.ts';
import { answer, goOn, hang, type Server, servers, signal } from './servers.ts';

const NAMESPACE = 'skiff-ncs';
export const STOLON_AREA: Area = `${NAMESPACE}/stolon`;
const STORE = 'stolon-cluster-kube-stolon';
const CLUSTER_DATA = 'stolon-clusterdata';
const LEADER = 'control-plane.alpha.kubernetes.io/leader';
const FAKE_STANDBY = 'stolonfakestandby';
const FLAG_OF_SPEC = '--initial-cluster-spec=';
/** The cluster data as it was before the fault. */
const COPY = `${NOTES}/stolon-cluster-data`;
/** The lock counts as abandoned after this many seconds: four times its lease, and a round. */
const ABANDONED_SECONDS = 70;

interface Status {
  readonly healthy?: boolean;
}
interface Database {
  readonly uid: string;
  readonly generation: number;
  readonly spec: {
    readonly keeperUID: string;
    readonly synchronousStandbys: readonly string[] | null;
    readonly externalSynchronousStandbys: readonly string[] | null;
  };
  readonly status: Status & { readonly currentGeneration?: number };
}
interface ClusterData {
  readonly cluster: { readonly spec: Readonly<Record<string, unknown>>; readonly status: { readonly phase: string; readonly master?: string } };
  readonly keepers: Readonly<Record<string, { readonly status: Status }>>;
  readonly dbs: Readonly<Record<string, Database>>;
  readonly proxy: { readonly spec: { readonly masterDbUid?: string; readonly enabledProxies: readonly string[] } };
}
interface Store {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
}

const store = () => read<Store>(`/api/v1/namespaces/${NAMESPACE}/configmaps/${STORE}`);
const dataIn = ({ metadata }: Store): ClusterData | undefined => {
  const text = metadata.annotations?.[CLUSTER_DATA];
  return text === undefined ? undefined : (JSON.parse(text) as ClusterData);
};
async function clusterData(): Promise<ClusterData> {
  const data = dataIn(await store());
  if (data === undefined) throw new Error('there is no cluster data');
  return data;
}
function masterOf({ cluster, dbs }: ClusterData): Database {
  const master = dbs[cluster.status.master ?? ''];
  if (master === undefined) throw new Error('the cluster data has no master');
  return master;
}
/** By the server's pod: keeper0 is in stolon-keeper-0. */
const keeperOf = ({ pod }: Server): string => `keeper${pod.split('-').at(-1) ?? ''}`;

interface Keepers {
  readonly master: Server;
  readonly standby: Server;
}
async function keepers(): Promise<Keepers> {
  const [found, data] = await Promise.all([servers(NAMESPACE, 'stolon-keeper', 2), clusterData()]);
  const [master, standby] = [true, false].map((leads) => found.find((each) => (keeperOf(each) === masterOf(data).spec.keeperUID) === leads));
  if (master === undefined || standby === undefined) throw new Error('the master is on no keeper');
  return { master, standby };
}

/** A statement through one proxy: its result, "closed", "refused", or undefined when nothing came. */
async function through(proxy: Server, statement: string): Promise<string | undefined> {
  const login = `host=${proxy.address} port=5432 user=stolon password=stolon dbname=postgres connect_timeout=3`;
  const program = ['/usr/lib/postgresql/15/bin/psql', login, '-XAtc', statement];
  const command = ['sh', '-c', '"$@" 2>&1 || true', 'sh', ...program];
  const said = await answer(proxy, command, { seconds: 6 });
  if (said === undefined || /timeout expired/.test(said)) return undefined;
  if (/server closed the connection|reset by peer/i.test(said)) return 'closed';
  return /connection refused/i.test(said) ? 'refused' : said;
}
/** What the proxies answer, one after the other. */
async function answers(statement: string): Promise<readonly (string | undefined)[]> {
  return Promise.all((await servers(NAMESPACE, 'stolon-proxy', 2)).map((proxy) => through(proxy, statement)));
}
const IN_RECOVERY = 'select pg_is_in_recovery()';
const WRITE = 'create temporary table written (x int)';
async function not(wanted: string | undefined, statement: string): Promise<Missing> {
  const said = await answers(statement);
  return said.every((each) => each === wanted) ? undefined : `the proxies answer ${said.map((each) => each ?? 'nothing').join(' and ')}`;
}

/** Also the server's children: PostgreSQL is one of them. The first process goes first, so that it starts no more. */
async function everyProcess(server: Server, name: 'STOP' | 'CONT'): Promise<void> {
  if (!(await signal(server, name))) {
    if (name === 'CONT') return;
    throw new Error(`${server.pod} has no process to stop`);
  }
  const table = await onNode(server.node, ['ctr', '-n', 'k8s.io', 'task', 'ps', server.container ?? '']);
  const ids = table.split('\n').flatMap((line) => /^\d+/.exec(line)?.[0] ?? []);
  // One of them may have ended meanwhile.
  await onNode(server.node, ['sh', '-c', `kill -${name} ${ids.join(' ')} || true`]);
}

const volume = ({ pod }: Server): string => `/var/lib/skiff/${pod}`;
const VOLUME_MODE = '777';
/** Its volume cannot be read any more: it ends, and every attempt to start it again ends as well. */
async function die(server: Server): Promise<void> {
  await onNode(server.node, ['chmod', '000', volume(server)]);
  await signal(server, 'KILL');
}

const declaredSpec = (): Readonly<Record<string, unknown>> => {
  const { spec } = declared('Deployment', NAMESPACE, 'stolon-sentinel') as unknown as {
    readonly spec: { readonly template: { readonly spec: { readonly containers: readonly { readonly command: readonly string[] }[] } } };
  };
  const flag = spec.template.spec.containers[0]?.command.find((word) => word.startsWith(FLAG_OF_SPEC));
  return JSON.parse(flag?.slice(FLAG_OF_SPEC.length) ?? '{}') as Readonly<Record<string, unknown>>;
};
/** Writes the specification of the cluster, as `stolonctl update` would. The leading sentinel writes the same object: the later of two attempts fails. */
async function specify(spec: Readonly<Record<string, unknown>>): Promise<void> {
  await until('the specification of the cluster to be taken', 30, async () => {
    const found = await store();
    const data = dataIn(found);
    if (data === undefined) return 'there is no cluster data';
    if (JSON.stringify(data.cluster.spec) === JSON.stringify(spec)) return undefined;
    const changed = JSON.stringify({ ...data, cluster: { ...data.cluster, spec } });
    const annotations = { ...found.metadata.annotations, [CLUSTER_DATA]: changed };
    await kubectl(['replace', '-f', '-'], { input: JSON.stringify({ ...found, metadata: { ...found.metadata, annotations } }) });
    return undefined;
  });
}

async function notWell(): Promise<Missing> {
  const data = await clusterData();
  const master = masterOf(data);
  const [standby, another] = Object.values(data.dbs).filter(({ uid }) => uid !== master.uid);
  if (standby === undefined || another !== undefined) return `there are ${Object.keys(data.dbs).length} databases`;
  for (const [uid, { status }] of Object.entries(data.keepers)) if (status.healthy !== true) return `${uid} is not healthy`;
  for (const { spec, status, generation } of [master, standby]) {
    if (status.healthy !== true || status.currentGeneration !== generation) return `the database of ${spec.keeperUID} is not healthy or not converged`;
  }
  if (String(master.spec.synchronousStandbys) !== standby.uid) return `the master waits for ${String(master.spec.externalSynchronousStandbys)}`;
  if (data.proxy.spec.masterDbUid !== master.uid) return 'the proxies are not led to the master';
  if (JSON.stringify(data.cluster.spec) !== JSON.stringify(declaredSpec())) return 'the specification of the cluster is not as declared';
  return not('f', IN_RECOVERY);
}

/** With the number of its node rather than through a pod's object, which may not be there. */
const KEEPER_HOMES = [
  { node: 'node1', pod: 'stolon-keeper-0' },
  { node: 'node2', pod: 'stolon-keeper-1' },
] as const;

async function repair(): Promise<void> {
  for (const { node, pod } of KEEPER_HOMES) await onNode(node, ['chmod', VOLUME_MODE, `/var/lib/skiff/${pod}`]);
  await until('the processes of stolon to go on', 60, async () => {
    for (const keeper of await servers(NAMESPACE, 'stolon-keeper', 2)) await everyProcess(keeper, 'CONT');
    await goOn(await servers(NAMESPACE, 'stolon-sentinel', 2));
    return undefined;
  });
  for (const pod of await pods(NAMESPACE, 'stolon-keeper')) {
    if (marked(pod)) await kubectl(['-n', NAMESPACE, 'delete', 'pod', pod.metadata.name, '--wait=false']);
  }
  if (dataIn(await store()) === undefined && existsSync(COPY)) {
    await kubectl(['-n', NAMESPACE, 'annotate', 'configmap', STORE, `${CLUSTER_DATA}=${readFileSync(COPY, 'utf8')}`]);
  }
  await specify(declaredSpec());
  rmSync(COPY, { force: true });
}

const stolonFault = (recipe: Pick<Recipe, 'id' | 'title' | 'inject' | 'missing' | 'showsWithinSeconds'>): Fault =>
  fault({
    ...recipe,
    inject: async () => {
      const aside = await notWell();
      if (aside !== undefined) throw new Error(`stolon is not well to begin with: ${aside}`);
      writeFileSync(COPY, (await store()).metadata.annotations?.[CLUSTER_DATA] ?? '');
      await recipe.inject();
    },
    areas: [STOLON_AREA],
    namespaces: [NAMESPACE],
    repair,
    left: notWell,
  });

const before = (): ClusterData => JSON.parse(readFileSync(COPY, 'utf8')) as ClusterData;
/** What keeps the data from calling this keeper unhealthy. */
const stillHealthy = ({ keepers: all }: ClusterData, keeper: string): Missing =>
  all[keeper]?.status.healthy === true ? `${keeper} counts as healthy` : undefined;
async function standbyStillHealthy(): Promise<Missing> {
  const data = await clusterData();
  const standby = Object.keys(data.keepers).find((keeper) => keeper !== masterOf(data).spec.keeperUID) ?? '';
  return stillHealthy(data, standby);
}

export const stolonMasterDown = (): Fault =>
  stolonFault({
    id: 'stolon-master-down',
    title: "The master's keeper and its PostgreSQL hang; the sentinels make the standby the master, and there is no other standby",
    inject: async () => everyProcess((await keepers()).master, 'STOP'),
    missing: async () => {
      const data = await clusterData();
      const master = masterOf(data);
      const old = masterOf(before());
      if (master.uid === old.uid) return 'the old master is still the master';
      if (data.proxy.spec.masterDbUid !== master.uid) return 'the proxies are not led to the new master yet';
      return stillHealthy(data, old.spec.keeperUID) ?? not('f', IN_RECOVERY);
    },
    showsWithinSeconds: 120,
  });

export const stolonNoFailover = (): Fault =>
  stolonFault({
    id: 'stolon-no-failover',
    title: "The standby hangs, and then the master's keeper cannot start any more: nobody may take its place, and the proxies lead nowhere",
    inject: async () => {
      const { master, standby } = await keepers();
      await everyProcess(standby, 'STOP');
      await until('the standby to count as unhealthy', 60, standbyStillHealthy);
      await die(master);
    },
    missing: async () => {
      const data = await clusterData();
      const old = masterOf(before());
      if (masterOf(data).uid !== old.uid) return 'there was a failover';
      for (const keeper of Object.keys(data.keepers)) {
        const still = stillHealthy(data, keeper);
        if (still !== undefined) return still;
      }
      return not('closed', IN_RECOVERY);
    },
    showsWithinSeconds: 120,
  });

export const stolonStandbyDown = (): Fault =>
  stolonFault({
    id: 'stolon-standby-down',
    title: 'The keeper of the standby cannot start any more. Replication is asynchronous meanwhile, and writes go on',
    inject: async () => {
      await specify({ ...declaredSpec(), synchronousReplication: false });
      await until('the master to wait for nobody', 40, async () => {
        const { generation, spec, status } = masterOf(await clusterData());
        return spec.synchronousStandbys === null && status.currentGeneration === generation ? undefined : 'it still waits for its standby';
      });
      await die((await keepers()).standby);
    },
    missing: async () => (await standbyStillHealthy()) ?? not('CREATE TABLE', WRITE),
  });

export const stolonSynchronousStandbyMissing = (): Fault =>
  stolonFault({
    id: 'stolon-synchronous-standby-missing',
    title: 'The only synchronous standby hangs: the master waits for one that does not exist, and writes hang',
    inject: async () => everyProcess((await keepers()).standby, 'STOP'),
    missing: async () => {
      const { spec, status, generation } = masterOf(await clusterData());
      if (spec.externalSynchronousStandbys?.includes(FAKE_STANDBY) !== true) return 'the master waits for no fake standby';
      if (status.currentGeneration !== generation) return 'the master is not converged';
      return (await not('f', IN_RECOVERY)) ?? not(undefined, WRITE);
    },
  });

export const stolonSentinelsHang = (): Fault =>
  stolonFault({
    id: 'stolon-sentinels-hang',
    title: 'All sentinels hang: nobody keeps the cluster data true, PostgreSQL goes on',
    inject: async () => hang(await servers(NAMESPACE, 'stolon-sentinel', 2)),
    missing: async () => {
      const { renewTime } = JSON.parse((await store()).metadata.annotations?.[LEADER] ?? '{}') as { readonly renewTime?: string };
      const age = (Date.now() - Date.parse(renewTime ?? '')) / 1000;
      return age > ABANDONED_SECONDS ? not('CREATE TABLE', WRITE) : `the lock was renewed ${Math.round(age)} s ago`;
    },
    showsWithinSeconds: 120,
  });

export const stolonClusterDataGone = (): Fault =>
  stolonFault({
    id: 'stolon-cluster-data-gone',
    title: 'The cluster data is gone from its ConfigMap: the proxies lead nowhere, PostgreSQL goes on',
    inject: async () => void (await kubectl(['-n', NAMESPACE, 'annotate', 'configmap', STORE, `${CLUSTER_DATA}-`])),
    missing: async () => (dataIn(await store()) === undefined ? not('closed', IN_RECOVERY) : 'the cluster data is still there'),
  });
