import type { Topology, TopologyMember } from '../../src/model/topology.ts';
import type { PrometheusObservation, ServerFacts } from './observation.ts';

/** Each replica with what it scrapes and keeps. */
export function topology({ servers }: PrometheusObservation): Topology | undefined {
  if (servers.length === 0) return undefined;
  const serving = servers.filter(({ state }) => state === 'ready').length;
  return {
    summary: { zh: `${servers.length} 个副本，${serving} 个在服务`, en: `${serving} of ${servers.length} replicas serve` },
    members: servers.map((server): TopologyMember => ({ name: server.name, role: server.agent ? 'agent' : 'server', facts: factsOf(server) })),
  };
}

function factsOf({ node, state, self, targets, rules, retention }: ServerFacts): Record<string, string | number> {
  const pools = typeof targets === 'object' ? targets.pools : [];
  const sum = (count: (pool: (typeof pools)[number]) => number): number => pools.reduce((all, pool) => all + count(pool), 0);
  return {
    ...(node === '' ? {} : { node }),
    state,
    ...(self?.version === undefined ? {} : { version: self.version }),
    ...(typeof targets === 'object' ? { targets: `${sum(({ up }) => up)}/${sum(({ total }) => total)}` } : {}),
    ...(self?.series === undefined ? {} : { series: self.series }),
    ...(self?.blockBytes === undefined ? {} : { 'blocks MiB': Math.round(self.blockBytes / 1024 ** 2) }),
    ...(retention === undefined ? {} : { retention }),
    ...(typeof rules === 'object' ? { rules: rules.alerting + rules.recording } : {}),
  };
}
