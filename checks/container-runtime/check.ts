import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The container runtimes of all nodes, as far as their kubelets tell: there is no way to ask one from outside of its node. */
export default defineCheck({
  meta: {
    id: 'container-runtime',
    title: { zh: '容器运行时', en: 'Container runtime' },
    description: {
      zh: '由 kubelet 上报的状态判断各节点的容器运行时（docker、containerd、CRI-O）是否可用、版本是否一致；kubelet 失联的节点无法判断。',
      en: "Whether the container runtime of every node works, by its kubelet's words, and whether versions differ. Where the kubelet is silent nothing is known.",
    },
    reads: [
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'leases', verbs: ['list'], scope: { namespace: 'kube-node-lease' } },
    ],
    options: {},
    rules,
  },
  probe,
  evaluate,
});
