import type { EvaluateContext } from '../../src/model/check.ts';
import type { Text } from '../../src/model/text.ts';
import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import { behind } from './judgements.ts';
import type { Instance, RedisObservation } from './observation.ts';
import type { RedisOptions } from './options.ts';
import { followedName, isCluster, isKnown, isReplica, replicasOf } from './set.ts';
import { ageText, namesOf, sizeText } from './verdicts.ts';

const RANK = { master: 0, replica: 1, unknown: 2 } as const;

/** Masters first, then whoever follows, then what could not be asked. */
export function topology(observation: RedisObservation, _context: EvaluateContext<RedisOptions>): Topology | undefined {
  const { instances } = observation;
  if (instances.length === 0 || isCluster(observation)) return undefined;
  const members = instances
    .map((instance) => ({ instance, role: roleOf(instance) }))
    .toSorted((a, b) => RANK[a.role] - RANK[b.role] || a.instance.name.localeCompare(b.instance.name, 'en'));
  return { summary: summary(observation), members: members.map(({ instance, role }) => member(instance, role, observation)) };
}

function roleOf({ facts }: Instance): keyof typeof RANK {
  return facts === undefined || facts.role === '' ? 'unknown' : facts.role;
}

function summary(observation: RedisObservation): Text {
  const { instances } = observation;
  const masters = instances.filter((instance) => roleOf(instance) === 'master');
  const replicas = instances.filter((instance) => roleOf(instance) === 'replica');
  const unknown = instances.length - masters.length - replicas.length;
  const linked = replicasOf(instances).filter(({ facts }) => facts.upstream.link === 'up');
  const bytes = linked.flatMap((replica) => behind(replica, observation)?.bytes ?? []);
  const most = bytes.length === 0 ? undefined : Math.max(...bytes);
  const zh = [
    masters.length === 0 ? '没有看到主节点' : `主节点 ${namesOf(masters)}`,
    ...(replicas.length === 0 ? [] : [`${linked.length}/${replicas.length} 个从节点已连接`]),
    ...(most === undefined ? [] : [most === 0 ? '没有落后' : `最多落后 ${sizeText(most)}`]),
    ...(unknown === 0 ? [] : [`${unknown} 个未知`]),
  ];
  const en = [
    masters.length === 0 ? 'no master seen' : `master ${namesOf(masters)}`,
    ...(replicas.length === 0 ? [] : [`${linked.length} of ${replicas.length} replicas linked`]),
    ...(most === undefined ? [] : [most === 0 ? 'in step' : `at most ${sizeText(most)} behind`]),
    ...(unknown === 0 ? [] : [`${unknown} unknown`]),
  ];
  return { zh: zh.join('，'), en: en.join(', ') };
}

function member(instance: Instance, role: keyof typeof RANK, observation: RedisObservation): TopologyMember {
  const { facts, name, node, address, answer, witness } = instance;
  const upstream = facts?.upstream;
  const lag = isReplica(instance) ? behind(instance, observation) : undefined;
  const offset = upstream?.offset ?? facts?.downstream?.offset;
  const { memory, clients } = facts ?? {};
  return {
    name,
    role,
    ...(upstream === undefined ? {} : { follows: followedName(upstream.host, observation) }),
    facts: {
      ...(node === '' ? {} : { node }),
      ...(address === '' ? {} : { address }),
      ...(isKnown(instance) ? {} : { answer: instance.error?.code ?? answer }),
      ...(upstream === undefined ? {} : { link: upstream.syncing ? 'syncing' : upstream.link }),
      ...(lag === undefined ? {} : { lag: lagText(lag) }),
      ...(offset === undefined ? {} : { offset }),
      ...(facts === undefined || facts.version === '' ? {} : { version: facts.version }),
      ...(clients === undefined ? {} : { clients: clients.connected }),
      ...(memory === undefined ? {} : { memory: memory.max > 0 ? `${sizeText(memory.used)}/${sizeText(memory.max)}` : sizeText(memory.used) }),
      ...(facts?.uptimeSeconds === undefined ? {} : { up: ageText(facts.uptimeSeconds) }),
      ...(witness === 'exporter' ? { via: 'exporter' } : {}),
    },
  };
}

function lagText({ bytes, seconds }: { readonly bytes?: number; readonly seconds?: number }): string {
  return [...(bytes === undefined ? [] : [sizeText(bytes)]), ...(seconds === undefined ? [] : [`${seconds} s`])].join(' ');
}
