import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import { bytesText } from '../shared/stolon.ts';
import type { StolonDatabase } from '../shared/stolon-data.ts';
import { Cluster, lagOf } from './cluster.ts';
import type { StolonKeeperObservation } from './observation.ts';

/** Master and standbys by the cluster data. */
export function topology(observation: StolonKeeperObservation): Topology | undefined {
  const { data, pods } = observation;
  if (data === undefined) return undefined;
  const cluster = new Cluster(observation, data);
  const { master } = cluster;
  const members = data.keepers.map(({ uid }): TopologyMember => {
    const database = cluster.databaseOf(uid);
    const follows = database !== undefined && database.follows !== '' ? data.databases.find((each) => each.uid === database.follows)?.keeper : undefined;
    return {
      name: cluster.nameOf(uid),
      role: roleOf(database, master),
      ...(follows === undefined ? {} : { follows: cluster.nameOf(follows) }),
      facts: {
        ...(cluster.pod(uid) === undefined ? {} : { node: cluster.pod(uid)?.node ?? '' }),
        ...(database === undefined || database.address === '' ? {} : { address: `${database.address}:${database.port}` }),
        link: cluster.isHealthy(uid) ? 'healthy' : 'unhealthy',
        ...(database === undefined || master === undefined || database === master ? {} : { lag: bytesText(lagOf(database, master)) }),
        ...(database === undefined ? {} : { offset: database.position, timeline: database.timeline }),
      },
    };
  });
  const unknown = pods
    .filter((pod) => cluster.keeperIn(pod) === undefined)
    .map((pod): TopologyMember => ({ name: pod.name, role: 'unknown', facts: { node: pod.node } }));
  return { summary: summary(cluster), members: [...members.toSorted((a, b) => ROLES.indexOf(a.role) - ROLES.indexOf(b.role)), ...unknown] };
}

/** In the order in which they are shown. */
const ROLES = ['master', 'synchronous standby', 'standby', 'old master', 'spare'];

function roleOf(database: StolonDatabase | undefined, master: StolonDatabase | undefined): string {
  if (database === undefined) return 'spare';
  if (database === master) return 'master';
  if (database.role === 'master') return 'old master';
  return master?.synchronousStandbys.includes(database.uid) === true ? 'synchronous standby' : 'standby';
}

function summary(cluster: Cluster): Topology['summary'] {
  const { master, standbys } = cluster;
  if (master === undefined)
    return { zh: `没有主库，共 ${cluster.data.keepers.length} 个 keeper`, en: `no master among ${cluster.data.keepers.length} keepers` };
  const name = cluster.nameOf(master.keeper);
  const healthy = standbys.filter((standby) => cluster.isHealthy(standby.keeper));
  const synchronous = healthy.filter((standby) => master.synchronousStandbys.includes(standby.uid)).length;
  const asynchronous = healthy.length - synchronous;
  const unhealthy = cluster.data.keepers.filter(({ uid }) => uid !== master.keeper && !cluster.isHealthy(uid)).length;
  const lag = healthy.length === 0 ? undefined : bytesText(Math.max(...healthy.map((standby) => lagOf(standby, master))));
  const plural = (count: number, kind: string): string => `${count} ${kind}${count === 1 ? 'standby' : 'standbys'}`;
  const en = [
    `${name} is master (timeline ${master.timeline})`,
    ...(synchronous > 0 ? [plural(synchronous, 'synchronous ')] : []),
    ...(asynchronous > 0 || synchronous === 0 ? [plural(asynchronous, synchronous > 0 ? 'asynchronous ' : '')] : []),
    ...(lag === undefined ? [] : [`lag ${lag}`]),
    ...(unhealthy === 0 ? [] : [`${unhealthy} unhealthy`]),
  ];
  const zh = [
    `${name} 为主库（时间线 ${master.timeline}）`,
    ...(synchronous > 0 ? [`同步备库 ${synchronous} 个`] : []),
    ...(asynchronous > 0 || synchronous === 0 ? [`${synchronous > 0 ? '异步备库' : '备库'} ${asynchronous} 个`] : []),
    ...(lag === undefined ? [] : [`延迟 ${lag}`]),
    ...(unhealthy === 0 ? [] : [`不健康 ${unhealthy} 个`]),
  ];
  return { zh: zh.join('，'), en: en.join(', ') };
}
