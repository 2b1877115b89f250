import type { Topology } from '../../src/model/topology.ts';
import { gibibytes } from './answers.ts';
import type { ElasticsearchObservation } from './observation.ts';

/** Which nodes there are, and how full they are. */
export function topology({ nodes, resources = [] }: ElasticsearchObservation): Topology | undefined {
  if (nodes.length === 0) return undefined;
  const health = nodes.flatMap(({ cluster }) => (cluster?.master === true ? [cluster.health] : []))[0];
  const summary =
    health === undefined
      ? { zh: `${nodes.length} 个节点，集群状态未知`, en: `${nodes.length} nodes, the state of the cluster is not known` }
      : {
          zh: `${health.status}，${health.nodes} 个节点（${health.dataNodes} 个数据节点），${health.active} 个分片，${health.unassigned} 个未分配`,
          en: `${health.status}, ${health.nodes} nodes (${health.dataNodes} with data), ${health.active} shards, ${health.unassigned} unassigned`,
        };
  return {
    summary,
    members: nodes.map(({ name, node, address, state, version, nodeName }) => {
      const own = resources.find((each) => each.name === nodeName && nodeName !== '');
      return {
        name,
        role: state === 'answers' ? (own?.data === false ? 'node' : 'data') : state,
        facts: {
          ...(node === '' ? {} : { node }),
          ...(address === '' ? {} : { address }),
          ...(version === '' ? {} : { version }),
          ...(own?.heapPercent === undefined ? {} : { heap: `${own.heapPercent} %` }),
          ...(own?.diskFree === undefined || own.diskTotal === undefined ? {} : { disk: `${gibibytes(own.diskFree)} / ${gibibytes(own.diskTotal)} free` }),
        },
      };
    }),
  };
}
