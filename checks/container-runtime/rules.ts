import type { RuleMeta } from '../../src/model/check.ts';

const noNodes = { zh: '集群中没有节点。', en: 'The cluster has no nodes.' } as const;

export const rules = {
  'any-serves': {
    title: { zh: '集群中有可用的容器运行时', en: 'Some container runtime of the cluster works' },
    severity: 'critical',
    messages: {
      'all-broken': {
        zh: '能够判断的 {nodes} 个节点的容器运行时全部异常。',
        en: 'The container runtimes of all {nodes} nodes that can be judged are broken.',
      },
      'all-starting': {
        zh: 'kubelet 都刚刚启动，还没有得到容器运行时的应答。',
        en: 'All kubelets have just started and have not heard from their runtimes yet.',
      },
      'no-nodes': noNodes,
    },
  },
  serves: {
    title: { zh: '每个节点的容器运行时都正常', en: 'The container runtime of every node works' },
    severity: 'warning',
    messages: {
      down: { zh: '节点 {node} 的容器运行时不可用，kubelet 报告：{detail}', en: 'The container runtime of {node} is down; its kubelet says: {detail}' },
      slow: {
        zh: '节点 {node} 的容器运行时响应过慢或卡死（PLEG 不健康），kubelet 报告：{detail}',
        en: 'The container runtime of {node} is too slow or hangs (PLEG is unhealthy); its kubelet says: {detail}',
      },
      starting: {
        zh: '节点 {node} 的 kubelet 刚刚启动，还没有得到容器运行时的应答。',
        en: 'The kubelet of {node} has just started and has not heard from the runtime yet.',
      },
      'no-nodes': noNodes,
    },
  },
  'same-version': {
    title: { zh: '所有节点的容器运行时版本一致', en: 'All nodes run the same version of one container runtime' },
    severity: 'info',
    messages: {
      differs: { zh: '节点的容器运行时版本不一致：{versions}。', en: 'The container runtimes of the nodes differ: {versions}.' },
      'not-reported': { zh: '没有节点上报容器运行时版本。', en: 'No node reports the version of its container runtime.' },
    },
  },
} as const satisfies Record<string, RuleMeta>;
