import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface NodeOptions {
  cordonedSeconds: number;
  clockSkewSeconds: number;
  minorVersions: number;
  noticeSeconds: number;
}

export const options: { readonly [K in keyof NodeOptions]: OptionMeta<NodeOptions[K]> } = {
  cordonedSeconds: {
    default: 86_400,
    unit: 's',
    description: { zh: '节点停止调度多久后视为被遗忘。', en: 'How long a node may stay cordoned before it counts as forgotten.' },
    source: 'components.md §5.5: 24 h, experience',
  },
  clockSkewSeconds: {
    default: 5,
    unit: 's',
    description: { zh: '节点时钟最多可以超前多少。', en: 'How far ahead the clock of a node may be.' },
    source: 'components.md §4: 5 s',
  },
  minorVersions: {
    default: 2,
    description: {
      zh: 'kubelet 最多可以落后集群中最新 kubelet 几个次版本。',
      en: 'How many minor versions a kubelet may be behind the newest one of the cluster.',
    },
    source: 'Kubernetes version skew policy: two minor versions until 1.27, three from 1.28 on',
  },
  noticeSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: '节点失联后，节点控制器应在多久之内将其标记为 Unknown。',
      en: 'Time that the node controller may take, once a node counts as silent, to mark it Unknown.',
    },
    source: 'node-monitor-period is 5 s and the grace period is 50 s from 1.32 on; twice that and a leader change fit into 60 s',
  },
};

/** The conditions, beside Ready, that rules speak of. The last two are those of node-problem-detector. */
export const CONDITIONS = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable', 'KernelDeadlock', 'ReadonlyFilesystem'] as const;

/** What was found out about a node whose kubelet does not report, in one message per cause; shared by the two rules that can notice it. */
const silence = {
  'kubelet-refused': {
    zh: '节点 {node} 的 kubelet 已 {age} 没有上报；主机有响应，但 kubelet 端口拒绝连接：进程没有运行（{detail}）。',
    en: 'The kubelet of {node} has not reported for {age}; the host answers and refuses connections on its port: the process does not run ({detail}).',
  },
  'kubelet-hangs': {
    zh: '节点 {node} 的 kubelet 已 {age} 没有上报；主机有响应，但 kubelet 不应答：进程卡死，或其端口被防火墙拦截（{detail}）。',
    en: 'The kubelet of {node} has not reported for {age}; the host answers, the kubelet does not: it hangs or its port is filtered ({detail}).',
  },
  'kubelet-answers': {
    zh: '节点 {node} 的 kubelet 已 {age} 没有上报，但它能应答（HTTP {status}）：kubelet 活着，却写不进 API Server（其使用的 VIP 或地址、证书、时钟）。',
    en: 'The kubelet of {node} has not reported for {age} although it answers (HTTP {status}): it lives but cannot write to the API server (the VIP or address that it uses, its certificate, its clock).',
  },
  'host-silent': {
    zh: '节点 {node} 已 {age} 没有上报，kubelet 与主机上的其他端口都不应答：主机宕机或网络中断（{detail}）。',
    en: 'Nothing has been heard of {node} for {age}, and neither its kubelet nor another port of the host answers: the host or its network is down ({detail}).',
  },
  unasked: {
    zh: '节点 {node} 的 kubelet 已 {age} 没有上报；未能直接询问 kubelet 以判断原因：{detail}',
    en: 'The kubelet of {node} has not reported for {age}; it could not be asked why: {detail}',
  },
  'among-many': {
    zh: '节点 {node} 的 kubelet 已 {age} 没有上报；共有 {silent} 个节点失联，未逐一询问。',
    en: 'The kubelet of {node} has not reported for {age}; {silent} nodes are silent, too many to ask each.',
  },
} as const;

const pressure = {
  'not-reported': { zh: '该节点没有上报此状况。', en: 'This node does not report the condition.' },
  outdated: { zh: 'kubelet 没有上报，此状况未知，见 node/ready。', en: 'The kubelet does not report, so this is not known; see node/ready.' },
} as const;

export const rules = {
  ready: {
    title: { zh: '节点就绪（Ready）', en: 'The node is ready' },
    severity: 'critical',
    messages: {
      ...silence,
      never: {
        zh: '节点 {node} 的 kubelet 从未上报过状态：{detail}',
        en: 'The kubelet of {node} has never reported: {detail}',
      },
      'coming-back': {
        zh: '节点 {node} 仍标记为 Unknown，但其 kubelet 在 {age} 前已重新上报：正在恢复。',
        en: '{node} is still marked Unknown, but its kubelet has reported again {age} ago: it is coming back.',
      },
      starting: {
        zh: '节点 {node} 未就绪：kubelet 刚刚启动，还没有得到容器运行时的应答。{detail}',
        en: '{node} is not ready because its kubelet has just started and has not heard from its container runtime yet: {detail}',
      },
      'runtime-down': { zh: '节点 {node} 未就绪：容器运行时不可用。{detail}', en: '{node} is not ready because its container runtime is down: {detail}' },
      pleg: {
        zh: '节点 {node} 未就绪：PLEG 不健康，容器运行时响应过慢或卡死。{detail}',
        en: '{node} is not ready because its PLEG is unhealthy: the container runtime is slow or hangs. {detail}',
      },
      network: {
        zh: '节点 {node} 未就绪：容器网络（CNI）未初始化。{detail}',
        en: '{node} is not ready because its container network (CNI) is not set up: {detail}',
      },
      'not-ready': { zh: '节点 {node} 未就绪：{detail}', en: '{node} is not ready: {detail}' },
      outdated: {
        zh: 'Ready=True 是 {age} 前的状态，已不可信，见 node/heartbeat。',
        en: 'Ready=True is {age} old and says nothing any more; see node/heartbeat.',
      },
    },
  },
  heartbeat: {
    title: { zh: 'kubelet 按时上报心跳', en: 'The kubelet reports in time' },
    severity: 'critical',
    messages: {
      ...silence,
      'see-ready': { zh: '节点状态已是 Unknown，见 node/ready。', en: 'The node is Unknown already; see node/ready.' },
    },
  },
  noticed: {
    title: { zh: '节点失联会被节点控制器发现', en: 'The node controller notices a silent node' },
    severity: 'warning',
    effect: 'none',
    messages: {
      unnoticed: {
        zh: '节点 {node} 已失联 {age}，状态仍是 Ready={ready}：kube-controller-manager 的节点控制器没有在工作，其上的 Pod 不会被驱逐。',
        en: '{node} has been silent for {age} and still counts as Ready={ready}: the node controller of kube-controller-manager does not work, and no pod is evicted.',
      },
      'not-silent': { zh: '节点没有失联。', en: 'The node is not silent.' },
      'too-early': { zh: '节点刚刚失联，节点控制器还来不及发现。', en: 'The node has only just fallen silent; the node controller may take a little longer.' },
    },
  },
  clock: {
    title: { zh: '节点时钟没有超前', en: 'The clock of the node is not ahead' },
    severity: 'warning',
    effect: 'none',
    messages: {
      ahead: {
        zh: '节点 {node} 写下的心跳时间比集群时间至少超前 {seconds} 秒：其时钟不准。',
        en: '{node} writes heartbeats at least {seconds} s ahead of the time of the cluster: its clock is wrong.',
      },
      'nothing-to-compare': { zh: '没有其他节点的心跳可供比较。', en: 'There is no heartbeat of another node to compare with.' },
    },
  },
  'memory-pressure': {
    title: { zh: '节点没有内存压力', en: 'The node is not short of memory' },
    severity: 'warning',
    messages: {
      ...pressure,
      pressed: { zh: '节点 {node} 内存不足，kubelet 会驱逐 Pod：{detail}', en: '{node} is short of memory and its kubelet evicts pods: {detail}' },
    },
  },
  'disk-pressure': {
    title: { zh: '节点没有磁盘压力', en: 'The node is not short of disk space' },
    severity: 'warning',
    messages: {
      ...pressure,
      pressed: {
        zh: '节点 {node} 磁盘空间或 inode 不足，kubelet 会清理镜像并驱逐 Pod：{detail}',
        en: '{node} is short of disk space or inodes; its kubelet removes images and evicts pods: {detail}',
      },
    },
  },
  'pid-pressure': {
    title: { zh: '节点没有进程数压力', en: 'The node is not short of process ids' },
    severity: 'warning',
    messages: { ...pressure, pressed: { zh: '节点 {node} 可用的进程号不足：{detail}', en: '{node} is short of process ids: {detail}' } },
  },
  'network-available': {
    title: { zh: '节点的容器网络已配置', en: 'The network of the node is set up' },
    severity: 'critical',
    messages: { ...pressure, unavailable: { zh: '节点 {node} 的容器网络不可用：{detail}', en: 'The pod network of {node} is not available: {detail}' } },
  },
  'kernel-healthy': {
    title: { zh: '节点内核正常，文件系统可写', en: 'The kernel of the node works and its file system can be written' },
    severity: 'critical',
    messages: {
      problem: { zh: '节点 {node} 上报 {condition}：{detail}', en: '{node} reports {condition}: {detail}' },
      'not-reported': { zh: '没有部署 node-problem-detector，内核问题无从得知。', en: 'No node-problem-detector reports about the kernel here.' },
      outdated: pressure.outdated,
    },
  },
  schedulable: {
    title: { zh: '节点可以调度', en: 'The node takes new pods' },
    severity: 'info',
    messages: {
      cordoned: { zh: '节点 {node} 已停止调度（cordon），已有的 Pod 不受影响。', en: '{node} is cordoned: its pods run on, new ones go elsewhere.' },
    },
  },
  'cordon-is-recent': {
    title: { zh: '停止调度的节点没有被遗忘', en: 'A cordoned node was not forgotten' },
    severity: 'warning',
    effect: 'none',
    messages: {
      forgotten: {
        zh: '节点 {node} 停止调度已 {age}，可能是维护后忘记恢复。',
        en: '{node} has been cordoned for {age}: perhaps nobody remembered to uncordon it.',
      },
      'not-cordoned': { zh: '节点没有停止调度。', en: 'The node is not cordoned.' },
      'since-unknown': { zh: '节点已停止调度，但集群没有记录起始时间。', en: 'The node is cordoned, and nothing tells since when.' },
    },
  },
  untainted: {
    title: { zh: '节点没有驱逐或停用类污点', en: 'No taint evicts the pods of the node or puts it out of service' },
    severity: 'info',
    messages: { tainted: { zh: '节点 {node} 带有污点 {taints}。', en: '{node} has the taints {taints}.' } },
  },
  'kubelet-version': {
    title: { zh: '各节点的 kubelet 版本相差不大', en: 'The kubelet is not far behind those of the other nodes' },
    severity: 'warning',
    effect: 'none',
    messages: {
      behind: {
        zh: '节点 {node} 的 kubelet 是 {version}，集群中最新的是 {newest}，落后 {minors} 个次版本。',
        en: 'The kubelet of {node} is {version}, {minors} minor versions behind the newest one here ({newest}).',
      },
      'not-reported': { zh: '节点没有上报可比较的 kubelet 版本。', en: 'The node reports no version that could be compared.' },
    },
  },
  'address-unique': {
    title: { zh: '节点的 InternalIP 唯一', en: 'No other node has the same InternalIP' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      shared: {
        zh: '节点 {node} 与 {others} 的 InternalIP 相同（{address}）：logs、exec 与代理请求会发到错误的主机，常见原因是 kubelet 选中了 VIP。',
        en: '{node} and {others} report the same InternalIP {address}: logs, exec and proxied requests reach the wrong host. Often the kubelet has picked a virtual IP.',
      },
      'no-address': { zh: '节点没有上报 InternalIP。', en: 'The node reports no InternalIP.' },
    },
  },
} as const satisfies Record<string, RuleMeta>;
