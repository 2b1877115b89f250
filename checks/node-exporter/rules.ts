import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '没有运行中的 Pod，见 workload。', en: 'None of its pods runs; see workload.' } as const;
const untold = {
  'no-pods': noPods,
  'no-metrics': { zh: '没有拿到节点指标，见 answers 与 serves-node-metrics。', en: 'There are no metrics of a node; see answers and serves-node-metrics.' },
  'not-told': {
    zh: '采集器没有提供该指标（采集项被关闭，或版本、内核不支持）。',
    en: 'The exporter does not tell: the collector is off, or its version or the kernel has none.',
  },
} as const;

export const rules = {
  answers: {
    title: { zh: '每个节点的采集器都应答', en: 'The exporter of every node answers' },
    severity: 'warning',
    messages: {
      refused: { zh: '节点 {node} 的采集器 {pod} 没有监听端口 {port}（{detail}）。', en: 'Nobody listens on port {port} of {pod} on {node} ({detail}).' },
      silent: {
        zh: '节点 {node} 的采集器 {pod} 在端口 {port} 接受连接但不应答：进程卡住，常见于挂死的 NFS 挂载点。',
        en: '{pod} on {node} accepts connections on port {port} and says nothing: it hangs, often for a mount that does.',
      },
      broken: {
        zh: '节点 {node} 的采集器 {pod} 端口 {port} 没有正常的 HTTP 应答（{detail}）。',
        en: 'Port {port} of {pod} on {node} does not answer as HTTP does ({detail}).',
      },
      loopback: {
        zh: '节点 {node} 的采集器 {pod} 只在节点本机可达（{detail}），Prometheus 抓不到。',
        en: '{pod} on {node} is reached from inside of its node alone ({detail}): no Prometheus can scrape it.',
      },
      'no-pods': noPods,
    },
  },
  'serves-node-metrics': {
    title: { zh: '采集器返回节点指标', en: 'The exporters serve metrics of their nodes' },
    severity: 'warning',
    messages: {
      status: {
        zh: '节点 {node} 的采集器 {pod} 以 HTTP {status} 回应指标请求（{detail}）。',
        en: '{pod} on {node} answers the request for metrics with HTTP {status} ({detail}).',
      },
      other: {
        zh: '节点 {node} 的采集器 {pod} 返回的不是节点指标（没有 node_ 开头的样本；{detail}）。',
        en: '{pod} on {node} answers with no metrics of a node (no sample begins with node_; {detail}).',
      },
      'no-answer': { zh: '采集器没有应答，见 node-exporter/answers。', en: 'It does not answer; see node-exporter/answers.' },
      'no-pods': noPods,
    },
  },
  'on-every-node': {
    title: { zh: '该有采集器的节点都有', en: 'Every node that should have an exporter has one' },
    severity: 'warning',
    messages: {
      missing: {
        zh: '节点 {node} 上没有采集器，而 DaemonSet 期望 {wanted} 个节点、实际只在 {covered} 个节点上：该节点没有指标，也没有告警。',
        en: '{node} has no exporter: its DaemonSet wants to be on {wanted} nodes and is on {covered}. There are no metrics of it and no alerts.',
      },
      'no-daemonset': { zh: '采集器不是以 DaemonSet 部署的，无法判断应有哪些节点。', en: 'It is no DaemonSet: nobody can tell which nodes should have one.' },
    },
  },
  'collectors-work': {
    title: { zh: '基本采集项都正常', en: 'The collectors that every node has work' },
    severity: 'warning',
    messages: {
      failing: {
        zh: '节点 {node} 的采集项 {collectors} 失败，相应指标缺失，基于它们的告警不会触发。',
        en: 'The collectors {collectors} of {node} fail: their metrics are missing, and alerts on them stay silent.',
      },
      ...untold,
    },
  },
  'space-left': {
    title: { zh: '节点文件系统没有写满', en: 'No file system of a node is full' },
    severity: 'critical',
    effect: 'none',
    messages: {
      full: { zh: '节点 {node} 的文件系统即将写满：{systems}。', en: 'File systems of {node} are about to be full: {systems}.' },
      ...untold,
    },
  },
  'space-spare': {
    title: { zh: '节点文件系统有余量', en: 'File systems of the nodes have room to spare' },
    severity: 'warning',
    effect: 'none',
    messages: {
      low: {
        zh: '节点 {node} 的文件系统空间不足：{systems}。继续下降会触发 DiskPressure 并驱逐 Pod。',
        en: 'File systems of {node} are running out of room: {systems}. DiskPressure and evictions come next.',
      },
      'see-left': { zh: '已经写满，见 node-exporter/space-left。', en: 'It is full already; see node-exporter/space-left.' },
      'see-node': { zh: '节点 {node} 已处于 DiskPressure，见 node/disk-pressure。', en: '{node} is under DiskPressure already; see node/disk-pressure.' },
      ...untold,
    },
  },
  'inodes-left': {
    title: { zh: '节点文件系统的 inode 有余量', en: 'File systems of the nodes have inodes left' },
    severity: 'warning',
    effect: 'none',
    messages: {
      low: {
        zh: '节点 {node} 的 inode 即将用尽：{systems}。空间看似充足，却建不了新文件。',
        en: 'File systems of {node} are running out of inodes: {systems}. No file can be made although there is room.',
      },
      'see-node': { zh: '节点 {node} 已处于 DiskPressure，见 node/disk-pressure。', en: '{node} is under DiskPressure already; see node/disk-pressure.' },
      ...untold,
    },
  },
  'filesystems-writable': {
    title: { zh: '节点文件系统可写', en: 'File systems of the nodes are writable' },
    severity: 'warning',
    effect: 'none',
    messages: {
      'read-only': {
        zh: '节点 {node} 的文件系统是只读的：{systems}。多半是磁盘出错后被内核改为只读。',
        en: 'File systems of {node} are read-only: {systems}. Mostly the kernel made them so after an error of the disk.',
      },
      ...untold,
    },
  },
  'memory-left': {
    title: { zh: '节点内存有余量', en: 'The nodes have memory left' },
    severity: 'warning',
    effect: 'none',
    messages: {
      high: { zh: '节点 {node} 的内存已使用 {used} %（剩余 {left}）。', en: '{node} uses {used} % of its memory ({left} left).' },
      'see-node': {
        zh: '节点 {node} 已处于 MemoryPressure，见 node/memory-pressure。',
        en: '{node} is under MemoryPressure already; see node/memory-pressure.',
      },
      ...untold,
    },
  },
  'connections-left': {
    title: { zh: '连接跟踪表有余量', en: 'The tables of tracked connections have room' },
    severity: 'warning',
    effect: 'none',
    messages: {
      high: {
        zh: '节点 {node} 的连接跟踪表已使用 {used} %（{entries}/{limit}）：写满后新连接会被丢弃。',
        en: '{node} tracks {entries} connections of {limit} ({used} %): when the table is full, new ones are dropped.',
      },
      ...untold,
    },
  },
  'files-left': {
    title: { zh: '节点文件句柄有余量', en: 'The nodes have file handles left' },
    severity: 'warning',
    effect: 'none',
    messages: {
      high: { zh: '节点 {node} 的文件句柄已使用 {used} %（{entries}/{limit}）。', en: '{node} has {entries} of {limit} file handles in use ({used} %).' },
      ...untold,
    },
  },
  'clock-agrees': {
    title: { zh: '各节点时钟一致', en: 'The clocks of the nodes agree' },
    severity: 'warning',
    effect: 'none',
    messages: {
      ahead: {
        zh: '节点 {node} 的时钟比其余节点快约 {seconds}s（测量误差 ±{uncertain}s）：证书、令牌、选主租约和 etcd 都会受影响。',
        en: 'The clock of {node} is about {seconds} s ahead of the others (± {uncertain} s): certificates, tokens, leases and etcd suffer from that.',
      },
      behind: {
        zh: '节点 {node} 的时钟比其余节点慢约 {seconds}s（测量误差 ±{uncertain}s）：证书、令牌、选主租约和 etcd 都会受影响。',
        en: 'The clock of {node} is about {seconds} s behind the others (± {uncertain} s): certificates, tokens, leases and etcd suffer from that.',
      },
      'too-few': { zh: '应答的采集器不足三个，无从判断哪个时钟是对的。', en: 'Fewer than three exporters answer: nobody can tell which clock is right.' },
      ...untold,
    },
  },
  'clock-synchronised': {
    title: { zh: '节点时钟有同步源', en: 'The clocks of the nodes are synchronised' },
    severity: 'info',
    messages: {
      unsynchronised: {
        zh: '节点 {nodes} 的内核时钟没有同步源（NTP 未运行，或由宿主机校时）；与其余节点的偏差见 node-exporter/clock-agrees。',
        en: 'The kernel of {nodes} has no source of time (no NTP runs, or the host sets the clock); how far it is off, node-exporter/clock-agrees tells.',
      },
      ...untold,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type NodeExporterRule = keyof typeof rules;
