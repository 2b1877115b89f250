import type { EvaluateContext } from '../../src/model/check.ts';
import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import type { HaproxyObservation, Proxy } from './observation.ts';
import type { HaproxyOptions } from './options.ts';
import { isUp } from './statistics.ts';
import { leadsOf, reached } from './view.ts';

/** Where each proxy leads, and beneath them the servers that they choose from. */
export function topology(observation: HaproxyObservation, _context: EvaluateContext<HaproxyOptions>): Topology | undefined {
  const { proxies } = observation;
  if (proxies.length === 0) return undefined;
  const targets = [...new Set(proxies.map((proxy) => targetOf(proxy, observation)))];
  const counted = proxies.filter(({ servers }) => servers !== undefined);
  const rows = counted.flatMap(({ servers }) => servers ?? []);
  const up = [...new Set(rows.filter(isUp).map(({ name }) => name))];
  const names = [...new Set(rows.map(({ name }) => name))];
  const servers =
    rows.length === 0
      ? { zh: '，统计未读到', en: ', statistics not read' }
      : { zh: `，后端 ${up.length}/${names.length} 可用`, en: `, ${up.length} of ${names.length} servers up` };
  return {
    summary: { zh: `指向 ${targets.join('、')}${servers.zh}`, en: `leads to ${targets.join(', ')}${servers.en}` },
    members: [...proxies.map((proxy) => proxyMember(proxy, observation)), ...names.map((name) => serverMember(name, counted, observation))],
  };
}

function targetOf(proxy: Proxy, observation: HaproxyObservation): string {
  const { leadsTo, answer, error } = proxy;
  if (leadsTo === undefined) return error?.code ?? answer;
  return `${reached(proxy, observation)?.name ?? '?'} (${leadsTo.role === '' ? '?' : leadsTo.role})`;
}

function proxyMember(proxy: Proxy, observation: HaproxyObservation): TopologyMember {
  const { name, node, port } = proxy;
  return { name, role: 'proxy', follows: targetOf(proxy, observation), facts: { ...(node === '' ? {} : { node }), port } };
}

function serverMember(name: string, proxies: readonly Proxy[], observation: HaproxyObservation): TopologyMember {
  const rows = proxies.flatMap(({ servers }) => (servers ?? []).filter((row) => row.name === name));
  const joined = (texts: readonly string[]): string => [...new Set(texts)].join('/');
  const [row] = rows;
  const leads = row === undefined ? undefined : leadsOf(row, observation);
  const role = leads?.kind === 'instance' ? leads.instance.redis?.role : undefined;
  return {
    name,
    role: 'server',
    facts: {
      ...(row === undefined || row.host === '' ? {} : { host: row.host }),
      status: joined(rows.map(({ status }) => status)),
      check: joined(rows.map(({ check }) => check)),
      ...(role === undefined || role === '' ? {} : { instance: role }),
    },
  };
}
