import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** One node: whether its kubelet reports, what it says of the host, and what somebody decided about it. */
export default defineCheck({
  meta: {
    id: 'node',
    title: { zh: '节点', en: 'Node' },
    description: {
      zh: '节点是否就绪、心跳是否按时、内存/磁盘/进程号压力、网络与内核状况、停止调度与污点、kubelet 版本、地址是否重复；节点失联时区分 kubelet 进程、主机与网络。',
      en: 'Readiness, heartbeat, pressure, network and kernel of a node, cordon and taints, kubelet version and address. A silent node is asked, to tell a dead kubelet from a dead host.',
    },
    reads: [
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'leases', verbs: ['list'], scope: { namespace: 'kube-node-lease' } },
      { resource: 'nodes', subresource: 'proxy', verbs: ['get'], scope: 'cluster' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
