import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface DrainCapacityOptions {
  imageBytes: number;
}

export const options: { readonly [K in keyof DrainCapacityOptions]: OptionMeta<DrainCapacityOptions[K]> } = {
  imageBytes: {
    default: 5 * 2 ** 30,
    unit: 'bytes',
    description: { zh: '变更时节点需要为新镜像留出的磁盘空间。', en: 'Disk space that a node has to have for the new images of a change.' },
    accepts: { least: 0 },
    source: 'control plane and add-ons of a Kubernetes release are some 2 GiB unpacked; twice that and room for what a drain moves here',
  },
};

const noDisk = { zh: 'kubelet 没有报告文件系统的用量。', en: 'The kubelet reports nothing of its file systems.' } as const;

export const rules = {
  'room-elsewhere': {
    title: { zh: '其 Pod 在其他节点上放得下', en: 'Its pods have room on the other nodes' },
    severity: 'critical',
    effect: 'none',
    messages: {
      short: {
        zh: '排空 {node} 时，{pods} 个 Pod 中有 {homeless} 个按请求量在其他 {others} 个节点上放不下（缺 {missing}），例如 {examples}。',
        en: 'When {node} is drained, {homeless} of its {pods} pods find no room by their requests on the other {others} nodes (short of {missing}), {examples} for one.',
      },
      'no-other': {
        zh: '排空 {node} 时没有其他就绪且可调度的节点接收它的 {pods} 个 Pod。',
        en: 'When {node} is drained there is no other node, ready and open, for its {pods} pods.',
      },
      nothing: { zh: '节点上没有排空需要迁移的 Pod。', en: 'It runs nothing that a drain would move.' },
    },
  },
  'may-go-elsewhere': {
    title: { zh: '其 Pod 都允许在其他节点上运行', en: 'Its pods may run on other nodes' },
    severity: 'info',
    messages: {
      bound: {
        zh: '{node} 上有 {pods} 个 Pod 因 nodeSelector 或污点不能到其他节点（如 {examples}），排空期间保持 Pending。',
        en: '{pods} pods on {node} may run on no other node by their selectors or the taints there ({examples} for one): they stay Pending while it is away.',
      },
      nothing: { zh: '节点上没有排空需要迁移的 Pod。', en: 'It runs nothing that a drain would move.' },
    },
  },
  'not-cordoned': {
    title: { zh: '节点没有停止调度', en: 'The node is not cordoned' },
    severity: 'critical',
    effect: 'none',
    messages: {
      cordoned: {
        zh: '节点 {node} 已停止调度：可能有人正在维护它，其余节点没有它的余量。',
        en: '{node} is cordoned: somebody may be in the middle of its maintenance, and the others lack its room.',
      },
    },
  },
  'image-room': {
    title: { zh: '磁盘放得下新镜像', en: 'Its disk has room for new images' },
    severity: 'critical',
    effect: 'none',
    messages: {
      short: {
        zh: '{node} 的 {filesystem} 剩余 {available}（共 {capacity}），低于 {threshold} 时 kubelet 开始驱逐；再拉取约 {images} 镜像就会触发。',
        en: '{filesystem} of {node} has {available} of {capacity} left and the kubelet evicts below {threshold}: new images of some {images} would take it there.',
      },
      'no-figures': noDisk,
    },
  },
} as const satisfies Record<string, RuleMeta>;
