import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface WorkloadOptions {
  restarts: number;
  restartWindowSeconds: number;
  stuckTerminatingSeconds: number;
  unnoticedSeconds: number;
  /** Number of ready replicas that is healthy by design, 0 for all. */
  readyByDesign: number;
}

export const options: { readonly [K in keyof WorkloadOptions]: OptionMeta<WorkloadOptions[K]> } = {
  restarts: {
    default: 3,
    description: { zh: '在时间窗内重启多少次算反复重启。', en: 'Restarts within the window that count as restarting again and again.' },
    source: 'components.md §4: 3 in 1 h, experience',
  },
  restartWindowSeconds: {
    default: 3600,
    unit: 's',
    description: { zh: '统计重启的时间窗。', en: 'The window in which restarts count.' },
    source: 'components.md §4: 1 h, experience',
  },
  stuckTerminatingSeconds: {
    default: 300,
    unit: 's',
    description: { zh: '宽限期结束后多久仍未消失算卡在终止中。', en: 'Time after the grace period from which a pod counts as stuck terminating.' },
    source: 'components.md §4: 5 min',
  },
  unnoticedSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: '调度器或控制器多久没有反应算没有在工作。',
      en: 'Time without any reaction from which the scheduler or a controller counts as not working.',
    },
    source: 'kube-scheduler and kube-controller-manager react within seconds; their leader election takes at most 15 s lease + 2 s retry',
  },
  readyByDesign: {
    default: 0,
    description: {
      zh: '按设计只有多少个副本就绪（例如只有选主成功者就绪）；0 表示全部。',
      en: 'How many replicas are ready by design, for example the leader alone; 0 means all.',
    },
    source: 'KubeCube webconsole: /leader is the readiness probe',
  },
};

/** Why replicas are not available, in one message per cause; shared by the rule for none and the rule for some. */
const shortfall = {
  'crash-loop': {
    zh: '{workload}：{available}/{desired} 个副本可用；{pod} 的容器 {container} 反复崩溃（{detail}）。',
    en: '{workload}: {available} of {desired} replicas are available; container {container} of {pod} keeps crashing ({detail}).',
  },
  image: {
    zh: '{workload}：{available}/{desired} 个副本可用；{pod} 无法拉取镜像 {image}（{detail}）。',
    en: '{workload}: {available} of {desired} replicas are available; {pod} cannot pull {image} ({detail}).',
  },
  config: {
    zh: '{workload}：{available}/{desired} 个副本可用；{pod} 的容器 {container} 无法创建（{detail}）。',
    en: '{workload}: {available} of {desired} replicas are available; container {container} of {pod} cannot be created ({detail}).',
  },
  unschedulable: {
    zh: '{workload}：{available}/{desired} 个副本可用；{pod} 无法调度：{detail}',
    en: '{workload}: {available} of {desired} replicas are available; {pod} cannot be scheduled: {detail}',
  },
  unscheduled: {
    zh: '{workload}：{available}/{desired} 个副本可用；{pod} 已创建 {age}，调度器（{scheduler}）仍未处理。',
    en: '{workload}: {available} of {desired} replicas are available; {pod} was created {age} ago and the scheduler ({scheduler}) has not spoken about it.',
  },
  volume: {
    zh: '{workload}：{available}/{desired} 个副本可用；{pod} 的卷未就绪：{detail}',
    en: '{workload}: {available} of {desired} replicas are available; a volume of {pod} is not ready: {detail}',
  },
  sandbox: {
    zh: '{workload}：{available}/{desired} 个副本可用；节点 {node} 无法启动 {pod}：{detail}',
    en: '{workload}: {available} of {desired} replicas are available; node {node} cannot start {pod}: {detail}',
  },
  'not-ready': {
    zh: '{workload}：{available}/{desired} 个副本可用；{pod}（节点 {node}）未就绪已 {age}：{detail}',
    en: '{workload}: {available} of {desired} replicas are available; {pod} on {node} has not been ready for {age}: {detail}',
  },
  starting: {
    zh: '{workload}：{available}/{desired} 个副本可用；{pod} 于 {age} 前创建，正在启动。',
    en: '{workload}: {available} of {desired} replicas are available; {pod} was created {age} ago and is starting.',
  },
  'not-created': {
    zh: '{workload}：{available}/{desired} 个副本可用，只有 {pods} 个 Pod：{detail}',
    en: '{workload}: {available} of {desired} replicas are available and only {pods} pods exist: {detail}',
  },
} as const;

export const rules = {
  available: {
    title: { zh: '每个应运行的工作负载至少有一个副本可用', en: 'Every workload that should run has an available replica' },
    severity: 'critical',
    messages: {
      ...shortfall,
      'no-nodes': { zh: '{workload}：没有任何节点符合条件，因此没有 Pod。', en: '{workload}: no node matches it, so it has no pods.' },
      'no-replicas-wanted': { zh: '没有需要运行的副本。', en: 'No replica is wanted.' },
    },
  },
  replicas: {
    title: { zh: '所有期望的副本都可用', en: 'All wanted replicas are available' },
    severity: 'warning',
    messages: {
      ...shortfall,
      'rolling-out': {
        zh: '{workload} 正在滚动更新（{available}/{desired} 可用）。',
        en: '{workload} is being rolled out ({available} of {desired} available).',
      },
      'by-design': { zh: '{workload}：按设计只有 {ready} 个副本就绪。', en: '{workload}: by design only {ready} of its replicas are ready.' },
      none: { zh: '没有副本可用，见 workload/available。', en: 'None is available; see workload/available.' },
      'no-replicas-wanted': { zh: '没有需要运行的副本。', en: 'No replica is wanted.' },
    },
  },
  wanted: {
    title: { zh: '必需的组件没有被缩容到 0', en: 'A required component is not scaled to zero' },
    severity: 'critical',
    messages: {
      zero: { zh: '{workload} 的副本数被设为 0，组件没有运行。', en: '{workload} is scaled to 0 replicas: the component does not run.' },
      optional: {
        zh: '{workload} 的副本数为 0；该组件可选，视为有意停用。',
        en: '{workload} is scaled to 0 replicas; the component is optional, so this is taken as meant.',
      },
    },
  },
  'crash-loop': {
    title: { zh: '没有容器反复崩溃', en: 'No container is in a crash loop' },
    severity: 'warning',
    messages: {
      crashing: {
        zh: '{pod} 的容器 {container} 反复崩溃，已重启 {restarts} 次，最近一次退出：{detail}。',
        en: 'Container {container} of {pod} is in a crash loop after {restarts} restarts; it last ended with {detail}.',
      },
    },
  },
  restarts: {
    title: { zh: '没有容器频繁重启', en: 'No container restarts again and again' },
    severity: 'warning',
    messages: {
      often: {
        zh: '{pod} 的容器 {container} 近期频繁重启（共 {restarts} 次，最近一次在 {age} 前：{detail}）。',
        en: 'Container {container} of {pod} restarts again and again ({restarts} times in all, last {age} ago: {detail}).',
      },
    },
  },
  'out-of-memory': {
    title: { zh: '近期没有容器因内存超限被终止', en: 'No container was killed for memory of late' },
    severity: 'warning',
    messages: {
      killed: {
        zh: '{pod} 的容器 {container} 在 {age} 前因内存超限被终止（OOMKilled）。',
        en: 'Container {container} of {pod} was killed for memory {age} ago (OOMKilled).',
      },
    },
  },
  'images-pulled': {
    title: { zh: '所有镜像都能拉取', en: 'Every image can be pulled' },
    severity: 'warning',
    messages: { failing: { zh: '{pod} 无法拉取镜像 {image}：{detail}', en: '{pod} cannot pull {image}: {detail}' } },
  },
  'containers-created': {
    title: { zh: '所有容器都能创建', en: 'Every container can be created' },
    severity: 'warning',
    messages: { failing: { zh: '{pod} 的容器 {container} 无法创建：{detail}', en: 'Container {container} of {pod} cannot be created: {detail}' } },
  },
  scheduled: {
    title: { zh: '所有 Pod 都已调度到节点', en: 'Every pod is scheduled to a node' },
    severity: 'warning',
    messages: {
      unschedulable: { zh: '{pod} 无法调度：{detail}', en: '{pod} cannot be scheduled: {detail}' },
      unnoticed: {
        zh: '{pod} 创建已 {age}，调度器 {scheduler} 没有任何响应。',
        en: '{pod} was created {age} ago and the scheduler {scheduler} has not spoken about it.',
      },
    },
  },
  'claims-bound': {
    title: { zh: '所有用到的持久卷声明都已绑定', en: 'Every claim in use is bound' },
    severity: 'warning',
    messages: {
      pending: {
        zh: '{pod} 使用的 PVC {claim}（StorageClass {class}）状态为 {phase}。',
        en: 'Claim {claim} (storage class {class}), which {pod} uses, is {phase}.',
      },
    },
  },
  'rollout-progresses': {
    title: { zh: '没有卡住的滚动更新', en: 'No rollout is stuck' },
    severity: 'warning',
    messages: {
      stuck: { zh: '{workload} 的滚动更新停滞（{reason}）：{detail}', en: 'The rollout of {workload} does not progress ({reason}): {detail}' },
      unobserved: { zh: '控制器尚未处理 {workload} 的最新配置。', en: 'The controller has not seen the newest specification of {workload}.' },
    },
  },
  'pods-terminate': {
    title: { zh: '没有 Pod 卡在终止中', en: 'No pod is stuck terminating' },
    severity: 'warning',
    effect: 'none',
    messages: { stuck: { zh: '{pod}（节点 {node}）在宽限期结束后 {age} 仍未消失。', en: '{pod} on {node} is still there {age} after its grace period.' } },
  },
  'cron-runs': {
    title: { zh: '定时任务按计划成功运行', en: 'A cron job runs on schedule and succeeds' },
    severity: 'warning',
    messages: {
      stale: { zh: '{workload}（{schedule}）上次调度在 {age} 前。', en: '{workload} ({schedule}) was last scheduled {age} ago.' },
      failed: { zh: '{workload} 最近一次运行失败：{job}（{reason}）。', en: 'The last run of {workload} failed: {job} ({reason}).' },
      suspended: { zh: '{workload} 已被暂停。', en: '{workload} is suspended.' },
      'no-cron-job': { zh: '没有定时任务。', en: 'It has no cron job.' },
    },
  },
  spread: {
    title: { zh: '副本分布在多个节点上', en: 'Replicas are spread over nodes' },
    severity: 'info',
    messages: { together: { zh: '{workload} 的 {available} 个副本都在节点 {node} 上。', en: 'All {available} replicas of {workload} are on node {node}.' } },
  },
  tombstones: {
    title: { zh: '没有遗留的失败 Pod', en: 'No failed pods are left behind' },
    severity: 'info',
    messages: {
      left: { zh: '{workload} 遗留 {count} 个已失败的 Pod，可以清理。', en: '{workload} has left {count} failed pods behind; they can be deleted.' },
    },
  },
} as const satisfies Record<string, RuleMeta>;
