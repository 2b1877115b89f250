import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The kubelets of all nodes as one component: which of them report, and what those in trouble say of their health. */
export default defineCheck({
  meta: {
    id: 'kubelet',
    title: { zh: 'kubelet', en: 'Kubelets' },
    description: {
      zh: '各节点的 kubelet 是否按时上报；对未就绪或失联的节点询问其健康检查。全部失联时指向 kubelet 到 API Server 的通路。',
      en: 'Whether the kubelet of every node reports; those of nodes in trouble are asked for their health. When all are silent, the way to the API server is the suspect.',
    },
    reads: [
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'leases', verbs: ['list'], scope: { namespace: 'kube-node-lease' } },
      { resource: 'nodes', subresource: 'proxy', verbs: ['get'], scope: 'cluster' },
    ],
    options: {},
    rules,
  },
  probe,
  evaluate,
});
