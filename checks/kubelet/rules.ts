import type { RuleMeta } from '../../src/model/check.ts';

export const rules = {
  'any-reports': {
    title: { zh: '集群中有 kubelet 在上报', en: 'Some kubelet of the cluster reports' },
    severity: 'critical',
    messages: {
      'all-silent': {
        zh: '{nodes} 个节点的 kubelet 全部失联，最近一次心跳在 {age} 前：问题多半不在节点，而在 kubelet 到 API Server 的通路（VIP、证书、API Server 写入）。',
        en: 'All {nodes} kubelets are silent, the last heartbeat is {age} old: rather than the nodes, their way to the API server is broken (VIP, certificates, writes).',
      },
      'no-nodes': { zh: '集群中没有节点。', en: 'The cluster has no nodes.' },
      'never-heard': { zh: '没有任何 kubelet 上报过心跳。', en: 'No kubelet has ever reported.' },
    },
  },
  reports: {
    title: { zh: '每个节点的 kubelet 都按时上报', en: 'The kubelet of every node reports in time' },
    severity: 'warning',
    messages: {
      refused: {
        zh: '节点 {node} 的 kubelet 已 {age} 没有上报，其端口拒绝连接：进程没有运行。',
        en: 'The kubelet of {node} has not reported for {age} and its port refuses connections: it does not run.',
      },
      silent: { zh: '节点 {node} 的 kubelet 已 {age} 没有上报，也不应答。', en: 'The kubelet of {node} has not reported for {age} and does not answer.' },
      answers: {
        zh: '节点 {node} 的 kubelet 已 {age} 没有上报，但能应答：它连不上 API Server 或被其拒绝。',
        en: 'The kubelet of {node} has not reported for {age} although it answers: it cannot reach the API server, or is refused by it.',
      },
      unasked: { zh: '节点 {node} 的 kubelet 已 {age} 没有上报：{detail}', en: 'The kubelet of {node} has not reported for {age}: {detail}' },
      'all-silent': { zh: '所有 kubelet 都失联，见 kubelet/any-reports。', en: 'All of them are silent; see kubelet/any-reports.' },
      'no-nodes': { zh: '集群中没有节点。', en: 'The cluster has no nodes.' },
    },
  },
  healthy: {
    title: { zh: '被询问的 kubelet 自报健康', en: 'The kubelets that were asked report themselves healthy' },
    severity: 'warning',
    messages: {
      failing: {
        zh: '节点 {node} 的 kubelet 有应答但不健康（HTTP {status}）：{failed}',
        en: 'The kubelet of {node} answers but is not healthy (HTTP {status}): {failed}',
      },
      'see-reports': { zh: '节点 {node} 的 kubelet 不应答，见 kubelet/reports。', en: 'The kubelet of {node} does not answer; see kubelet/reports.' },
      'not-asked': {
        zh: '所有节点都就绪并按时上报，无需逐一询问 kubelet。',
        en: 'Every node is ready and reports in time, so no kubelet was asked.',
      },
    },
  },
} as const satisfies Record<string, RuleMeta>;
