import { type EtcdTrouble, etcdTroubles } from '../../../src/sim/backends/etcd.ts';
import { type FaultyParts, faultyParts } from '../../../src/sim/backends/harbor-parts.ts';
import { type MysqlTrouble, mysqlTroubles } from '../../../src/sim/backends/mysql.ts';
import { type ElasticsearchTrouble, elasticsearchTroubles } from '../../../src/sim/backends/observability.ts';
import { type NodeTrouble, nodeTroubles, type PrometheusTrouble, prometheusTroubles } from '../../../src/sim/backends/prometheus.ts';
import { type RedisTrouble, redisTroubles } from '../../../src/sim/backends/redis.ts';
import type { ClusterState } from '../../../src/sim/index.ts';
import { type StolonTrouble, stolonTroubles } from '../../../src/sim/stolon.ts';

/** What is wrong inside of a server whose pod runs, as the simulation's back ends are told of it. */
export type Trouble =
  /** A server or a sentinel, by its component and the number of its pod. */
  | ({ readonly do: 'redis'; readonly component: string; readonly pod: number } & RedisTrouble)
  | ({ readonly do: 'mysql'; readonly pod: number } & MysqlTrouble)
  | ({ readonly do: 'etcd'; readonly component: string } & EtcdTrouble)
  | ({ readonly do: 'stolon' } & StolonTrouble)
  | ({ readonly do: 'prometheus'; readonly component: string } & PrometheusTrouble)
  | ({ readonly do: 'node-figures'; readonly node: string } & NodeTrouble)
  | ({ readonly do: 'elasticsearch' } & ElasticsearchTrouble)
  | ({ readonly do: 'harbor-part' } & FaultyParts)
  | {
      readonly do: 'harbor';
      readonly readOnly?: boolean;
      readonly vulnerabilityDays?: number;
      readonly clockSkewSeconds?: number;
      /** A part that the cores cannot use although its pods run, with Harbor's words for it. */
      readonly unusable?: readonly [part: string, words: string];
    };

export function tell(state: ClusterState, trouble: Trouble): void {
  switch (trouble.do) {
    case 'redis': {
      const { do: _, component, pod, ...facts } = trouble;
      return add(redisTroubles, state, podKey(state, component, pod), facts);
    }
    case 'mysql': {
      const { do: _, pod, ...facts } = trouble;
      return add(mysqlTroubles, state, podKey(state, 'skiff-platform/etcd-mysql', pod), facts);
    }
    case 'etcd': {
      const { do: _, component, ...facts } = trouble;
      return add(etcdTroubles, state, component, facts);
    }
    case 'prometheus': {
      const { do: _, component, ...facts } = trouble;
      return add(prometheusTroubles, state, component, facts);
    }
    case 'node-figures': {
      const { do: _, node, ...facts } = trouble;
      return add(nodeTroubles, state, node, facts);
    }
    case 'stolon': {
      const { do: _, ...facts } = trouble;
      stolonTroubles.set(state, { ...stolonTroubles.get(state), ...facts });
      return;
    }
    case 'elasticsearch': {
      const { do: _, ...facts } = trouble;
      elasticsearchTroubles.set(state, { ...elasticsearchTroubles.get(state), ...facts });
      return;
    }
    case 'harbor-part': {
      const { do: _, ...facts } = trouble;
      Object.assign(faultyParts(state), facts);
      return;
    }
    case 'harbor': {
      const { do: _, unusable, ...facts } = trouble;
      Object.assign(state.harbor, facts);
      if (unusable !== undefined) state.harbor.unusable.set(...unusable);
    }
  }
}

/** Adds to what is known already: two faults of one cluster are both told. */
function add<T extends object>(known: WeakMap<ClusterState, ReadonlyMap<string, T>>, state: ClusterState, key: string, facts: T): void {
  const before = known.get(state);
  known.set(state, new Map([...(before ?? []), [key, { ...before?.get(key), ...facts }]]));
}

function podKey(state: ClusterState, component: string, index: number): string {
  const pod = state.podsOf(component)[index];
  if (pod === undefined) throw new Error(`${component} has no pod ${index}`);
  return `${pod.metadata.namespace ?? ''}/${pod.metadata.name}`;
}
