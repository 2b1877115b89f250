import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import type { Channel, InstanceFacts, MysqlObservation } from './observation.ts';
import { isServing, liveChannels, sourcesOf, standingOf } from './standing.ts';

/** Who takes the writes and who follows whom. Pure. */
export function topology(observation: MysqlObservation): Topology | undefined {
  const { instances, others } = observation;
  if (instances.length === 0) {
    if (!others.some(({ etcd }) => etcd)) return undefined;
    return {
      summary: { zh: '该组件在此环境中是 etcd，不提供 MySQL。', en: 'Here it is an etcd and serves no MySQL.' },
      members: others.map(({ name, etcd }) => ({ name, role: etcd ? 'etcd' : 'unknown' })),
    };
  }
  const members = instances.map(memberOf);
  const primaries = members.filter(({ role }) => role === 'primary').map(({ name }) => name);
  const replicas = instances.filter((instance) => isServing(instance) && liveChannels(instance).length > 0);
  const lags = replicas.flatMap((instance) => liveChannels(instance).map(({ behind }) => behind));
  const lag = lags.length === 0 ? undefined : lags.includes(null) ? '?' : String(Math.max(...lags.map((behind) => behind ?? 0)));
  const asked = [...instances, ...others].flatMap(({ etcd }) => (etcd === undefined ? [] : [etcd]));
  const etcds = asked.filter(Boolean).length;
  const unknown = members.filter(({ role }) => role === 'unknown').length;
  const cluster = instances.map(({ facts }) => facts?.cluster?.kind).find((kind) => kind !== undefined && kind !== 'none');
  const zh = [
    `MySQL（${instances.length} 个实例${cluster === undefined ? '' : cluster === 'galera' ? '，Galera 集群' : '，组复制'}）`,
    ...(primaries.length > 0 ? [`主库 ${primaries.join('、')}`] : []),
    ...(replicas.length > 0 ? [`从库 ${replicas.length} 个，最大延迟 ${lag ?? '?'} 秒`] : []),
    ...(unknown > 0 ? [`${unknown} 个实例的角色未知`] : []),
    etcds > 0 ? `另有 ${etcds} 个 Pod 应答 etcd` : asked.length > 0 ? '没有 etcd 应答' : '未声明 etcd 端口',
  ];
  const en = [
    `MySQL with ${instances.length} instance${instances.length === 1 ? '' : 's'}${cluster === undefined ? '' : cluster === 'galera' ? ' (Galera)' : ' (group replication)'}`,
    ...(primaries.length > 0 ? [`primary ${primaries.join(', ')}`] : []),
    ...(replicas.length > 0 ? [`${replicas.length} replica${replicas.length === 1 ? '' : 's'}, at most ${lag ?? '?'} s behind`] : []),
    ...(unknown > 0 ? [`${unknown} of unknown role`] : []),
    etcds > 0 ? `an etcd answers in ${etcds} pod${etcds === 1 ? '' : 's'} as well` : asked.length > 0 ? 'no etcd answers' : 'it declares no etcd',
  ];
  return {
    summary: { zh: `${zh.join('，')}。`, en: `${en.join('; ')}.` },
    members: [...members, ...others.map(({ name, etcd }): TopologyMember => ({ name, role: etcd ? 'etcd' : 'unknown' }))],
  };
}

function memberOf(instance: InstanceFacts): TopologyMember {
  const { facts, greeting, node, exporter, name } = instance;
  const [channel] = liveChannels(instance);
  const follows = channel === undefined ? undefined : (sourcesOf(instance)[0] ?? channel.host);
  const connections = facts?.connections;
  return {
    name,
    role: roleOf(instance),
    ...(follows === undefined || follows === '' ? {} : { follows }),
    facts: {
      ...(node === '' ? {} : { node }),
      ...(channel === undefined ? {} : { link: linkOf(channel), lag: channel.behind === null ? 'unknown' : `${channel.behind} s` }),
      ...(facts?.readOnly === undefined ? {} : { 'read-only': facts.readOnly }),
      ...(greeting?.kind === 'handshake' ? { version: greeting.version } : {}),
      ...(connections === undefined ? {} : { clients: facts?.maxConnections === undefined ? connections : `${connections}/${facts.maxConnections}` }),
      ...(exporter === undefined ? {} : { via: exporter }),
    },
  };
}

function linkOf({ io, sql }: Channel): string {
  return io === 'yes' && sql ? 'up' : `io ${io}, sql ${sql ? 'yes' : 'no'}`;
}

function roleOf(instance: InstanceFacts): string {
  const { facts } = instance;
  const standing = standingOf(instance);
  if (standing === 'dead') return 'down';
  if (standing === 'refusing') return 'refusing';
  if (facts?.cluster?.kind === 'galera') return 'galera';
  if (facts?.cluster?.kind === 'group') {
    const own = facts.cluster.members.find(({ host }) => host.split('.')[0] === instance.name || host === instance.ip);
    return own?.role === undefined || own.role === '' ? 'member' : own.role.toLowerCase();
  }
  if (liveChannels(instance).length > 0) return 'replica';
  if (facts?.readOnly === undefined || facts.replication === undefined) return 'unknown';
  return facts.readOnly ? 'read-only' : 'primary';
}
