import type { RuleMeta } from '../../src/model/check.ts';

export const rules = {
  reachable: {
    title: { zh: 'API Server 可以连接', en: 'The API server can be reached' },
    severity: 'critical',
    messages: {
      refused: {
        zh: '{server} 拒绝连接：主机有响应，但该端口上没有进程在监听。{others}',
        en: '{server} refuses connections: the host answers, but nothing listens on the port.{others}',
      },
      'vip-down': {
        zh: '{server} 连不上（{detail}），但控制平面地址 {others} 有响应：是 VIP 或负载均衡的故障，而不是 API Server。',
        en: '{server} cannot be reached ({detail}), but the control plane answers at {others}: the virtual IP or load balancer is broken, not the API server.',
      },
      'certificate-at-vip': {
        zh: '{server} 的证书不可用（{detail}），而控制平面地址 {others} 正常：证书里缺少该地址，或该地址被其他主机占用。',
        en: 'The certificate at {server} is refused ({detail}), while the control plane answers at {others}: it lacks this address, or another host holds it.',
      },
      'certificate-expired': { zh: '{server} 的服务端证书已过期（{detail}）。', en: 'The serving certificate of {server} has expired ({detail}).' },
      'not-kubernetes': { zh: '{server} 有响应，但不是 Kubernetes API Server：{detail}', en: '{server} answers, but it is no Kubernetes API server: {detail}' },
      'server-error': { zh: '{server} 返回错误：{detail}', en: '{server} answers with an error: {detail}' },
    },
  },
  healthy: {
    title: { zh: 'API Server 自报就绪', en: 'The API server reports itself ready' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      failing: { zh: '{path} 返回 {status}，未通过的检查：{failed}。', en: '{path} answers {status}; these of its checks fail: {failed}.' },
    },
  },
  'instances-serve': {
    title: { zh: '每个控制平面节点上的 API Server 都在服务', en: 'The API server of every control-plane node serves' },
    severity: 'warning',
    messages: {
      'no-answer': { zh: '节点 {node} 上的 {instance} 没有响应：{detail}', en: '{instance} on {node} does not answer: {detail}' },
      failing: { zh: '节点 {node} 上的 {instance} 未就绪（{status}）：{failed}', en: '{instance} on {node} is not ready ({status}): {failed}' },
      missing: {
        zh: '控制平面节点 {node} 上没有 kube-apiserver Pod（共 {masters} 个控制平面节点，{instances} 个实例）。',
        en: 'Control-plane node {node} has no kube-apiserver pod ({instances} instances for {masters} control-plane nodes).',
      },
      'not-in-endpoints': {
        zh: '节点 {node} 上的 {instance} 有响应，但不在 default/kubernetes 的 Endpoints 中。',
        en: '{instance} on {node} answers but is not among the endpoints of default/kubernetes.',
      },
      'no-instances-visible': {
        zh: '集群中看不到 API Server 的 Pod（托管的控制平面）。',
        en: 'The API servers are no pods of this cluster (a managed control plane).',
      },
    },
  },
} as const satisfies Record<string, RuleMeta>;
