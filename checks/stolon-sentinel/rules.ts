import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';
import { type StolonOptions, stolonOptions } from '../shared/stolon.ts';

export interface StolonSentinelOptions extends StolonOptions {
  failoverSeconds: number;
  sizePercent: number;
}

export const options: { readonly [K in keyof StolonSentinelOptions]: OptionMeta<StolonSentinelOptions[K]> } = {
  ...stolonOptions,
  failoverSeconds: {
    default: 30,
    unit: 's',
    description: {
      zh: '故障切换期间 proxy 可以多久没有指向主库。',
      en: 'How long the proxies may lead nowhere while a failover is under way.',
    },
    source: 'components.md §6.5: 30 s; stolon waits for its proxies to close their connections, which each does within proxyTimeout (15 s)',
  },
  sizePercent: {
    default: 80,
    unit: 'percent',
    description: {
      zh: '集群数据占注解大小上限（256 KiB）的百分比，达到即提示。',
      en: 'From how much of the limit for annotations (256 KiB) on the cluster data counts as too large.',
    },
    source: 'Kubernetes limits all annotations of an object together to 256 KiB; beyond it the sentinels can write nothing any more',
  },
};

const notJudged = {
  'see-data': {
    zh: '集群数据不存在或不可读，见 stolon-sentinel/cluster-data-exists、cluster-data-readable。',
    en: 'The cluster data is gone or cannot be read; see stolon-sentinel/cluster-data-exists and cluster-data-readable.',
  },
  'not-initialised': { zh: '集群尚未完成初始化，见 stolon-sentinel/initialised。', en: 'The cluster is not initialised; see stolon-sentinel/initialised.' },
  'no-pods': { zh: '没有 sentinel 的 Pod，见 workload。', en: 'There is no pod of a sentinel; see workload.' },
} as const;

export const rules = {
  'cluster-data-exists': {
    title: { zh: 'stolon 的集群数据存在', en: 'The cluster data of stolon exists' },
    severity: 'critical',
    messages: {
      'no-configmap': {
        zh: 'ConfigMap {configMap} 不存在：集群数据丢失，没有人知道谁是主库，proxy 会立刻断开每个连接，也无法故障切换。',
        en: 'ConfigMap {configMap} does not exist: the cluster data is lost, nobody knows the master, the proxies drop every connection, and there is no failover.',
      },
      'no-annotation': {
        zh: 'ConfigMap {configMap} 没有 stolon-clusterdata 注解：集群数据丢失或从未初始化，proxy 会立刻断开每个连接，也无法故障切换。',
        en: 'ConfigMap {configMap} has no annotation stolon-clusterdata: the cluster data is lost or was never made, the proxies drop every connection, and there is no failover.',
      },
    },
  },
  'cluster-data-readable': {
    title: { zh: 'stolon 的集群数据可以解析', en: 'The cluster data of stolon can be read' },
    severity: 'critical',
    messages: {
      'no-json': {
        zh: 'ConfigMap {configMap} 中的集群数据（{bytes} 字节）不是合法 JSON：被截断或改坏，stolon 各组件都无法使用它。',
        en: 'The cluster data in ConfigMap {configMap} ({bytes} bytes) is no JSON: it was cut off or damaged, and no part of stolon can use it.',
      },
      'no-cluster': {
        zh: 'ConfigMap {configMap} 中的集群数据缺少 cluster 部分，stolon 各组件都无法使用它。',
        en: 'The cluster data in ConfigMap {configMap} has no cluster in it: no part of stolon can use it.',
      },
      format: {
        zh: 'ConfigMap {configMap} 中的集群数据格式版本为 {version}，stolon 0.10 至 0.17 只认版本 1。',
        en: 'The cluster data in ConfigMap {configMap} has format {version}; stolon 0.10 to 0.17 know format 1 alone.',
      },
      'see-data': notJudged['see-data'],
    },
  },
  initialised: {
    title: { zh: 'stolon 集群已完成初始化', en: 'The stolon cluster is initialised' },
    severity: 'critical',
    messages: {
      stuck: {
        zh: '集群停在初始化阶段：集群数据创建于 {age} 前，仍没有可用的主库，数据库不可用。',
        en: 'The cluster is stuck in its initialisation: its data was made {age} ago and no database serves yet.',
      },
      odd: {
        zh: '集群阶段为“{phase}”，不是 normal，sentinel 不会管理它。',
        en: 'The phase of the cluster is "{phase}" and not normal: the sentinels do not manage it.',
      },
      'under-way': { zh: '集群正在初始化，创建于 {age} 前。', en: 'The cluster is being initialised since {age}.' },
      'see-data': notJudged['see-data'],
    },
  },
  'data-written': {
    title: { zh: '在任的 sentinel 持续写入集群数据', en: 'The leading sentinel keeps the cluster data up to date' },
    severity: 'critical',
    messages: {
      hang: {
        zh: '集群数据已 {age} 没有写入，锁也已 {lock} 没有续约：{pods} 个运行中的 sentinel 都没有在工作，主库出故障时不会切换。',
        en: 'The cluster data was last written {age} ago and the lock last renewed {lock} ago: none of {pods} running sentinels works, and there is no failover.',
      },
      stalled: {
        zh: '集群数据已 {age} 没有写入，而锁仍由 {holder} 续约：在任的 sentinel 卡住或写不进去（权限、注解大小、无法决策），主库出故障时不会切换。',
        en: 'The cluster data was last written {age} ago although {holder} renews the lock: the leading sentinel hangs or cannot write (rights, size, no decision), and there is no failover.',
      },
      'no-sentinel': {
        zh: '没有运行中的 sentinel，集群数据已 {age} 没有写入：主库出故障时不会切换。',
        en: 'No sentinel runs and the cluster data was last written {age} ago: there is no failover.',
      },
      'see-data': notJudged['see-data'],
    },
  },
  'proxies-told': {
    title: { zh: 'proxy 被告知的主库就是选出的主库', en: 'The proxies are told the elected master' },
    severity: 'critical',
    messages: {
      nowhere: {
        zh: '已选出主库 {master}，但 {age} 以来 proxy 没有被告知任何主库，每个连接都会被断开。',
        en: '{master} is elected, but for {age} the proxies have been told no master at all: they drop every connection.',
      },
      other: {
        zh: '选出的主库是 {master}，而 proxy 被告知的是 {told}，已持续 {age}。',
        en: '{master} is elected, but for {age} the proxies have been told to lead to {told}.',
      },
      failover: {
        zh: '{age} 前开始的故障切换还没有结束：已选出 {master}，proxy 尚未指向它。',
        en: 'A failover that began {age} ago is not over: {master} is elected and the proxies do not lead to it yet.',
      },
      'master-unhealthy': {
        zh: '选出的主库不健康或不在集群数据中，见 stolon-keeper/master-healthy、master-elected。',
        en: 'The elected master is not healthy or not in the data; see stolon-keeper/master-healthy and master-elected.',
      },
      'no-master': { zh: '没有选出的主库，见 stolon-keeper/master-elected。', en: 'No master is elected; see stolon-keeper/master-elected.' },
      'not-initialised': notJudged['not-initialised'],
      'see-data': notJudged['see-data'],
    },
  },
  'leaders-agree': {
    title: { zh: '锁、sentinel 与集群数据对谁在任的说法一致', en: 'Lock, sentinels and cluster data agree on who leads' },
    severity: 'warning',
    effect: 'none',
    messages: {
      several: {
        zh: '{pods} 都自称在任：两个 sentinel 会互相覆盖对方写入的集群数据。',
        en: '{pods} all say that they lead: they overwrite the cluster data of one another.',
      },
      other: {
        zh: '锁的持有者是 {holder}，而自称在任的是 {pod}（{uid}）。',
        en: 'The lock is held by {holder}, but the sentinel that says it leads is {pod} ({uid}).',
      },
      foreign: {
        zh: '锁由 {holder} 续约，而 {pods} 个运行中的 sentinel 都不是它：另有 sentinel 在管理同一个集群。',
        en: 'The lock is renewed by {holder}, which is none of {pods} running sentinels: another one manages the same cluster.',
      },
      none: {
        zh: '锁由 {holder} 续约，但 {pods} 个 sentinel 的指标都说自己不在任。',
        en: 'The lock is renewed by {holder}, but by their metrics none of {pods} sentinels leads.',
      },
      unlocked: {
        zh: '锁已 {lock} 没有续约，集群数据却在 {age} 前刚写入：有 sentinel 在没有锁的情况下写入，或锁中的时间不可信。',
        en: 'The lock was last renewed {lock} ago, yet the cluster data was written {age} ago: a sentinel writes without the lock, or its times cannot be trusted.',
      },
      'no-holder': { zh: '目前没有 sentinel 在续约锁，见 leader-election。', en: 'No sentinel renews the lock at present; see leader-election.' },
      unmarked: {
        zh: 'sentinel 的 Pod 没有 stolon-status 注解，也不暴露指标，无法对应。',
        en: 'The pods of the sentinels have no annotation stolon-status and expose no metrics: they cannot be told apart.',
      },
      'no-pods': notJudged['no-pods'],
      'see-data': notJudged['see-data'],
    },
  },
  'data-fits': {
    title: { zh: '集群数据远小于注解大小上限', en: 'The cluster data is well below the limit for annotations' },
    severity: 'warning',
    effect: 'none',
    messages: {
      large: {
        zh: '集群数据有 {size}，达到注解上限 {limit} 的 {percent}%：写满后 sentinel 什么都写不进去。',
        en: 'The cluster data has {size}, {percent} % of the limit of {limit}: beyond it the sentinels can write nothing any more.',
      },
      'see-data': notJudged['see-data'],
    },
  },
  'several-sentinels': {
    title: { zh: '有不止一个 sentinel', en: 'There is more than one sentinel' },
    severity: 'info',
    messages: {
      single: {
        zh: '只有 {pod} 一个 sentinel：它不可用时没有故障切换。',
        en: '{pod} is the only sentinel: while it is away there is no failover.',
      },
      'no-pods': notJudged['no-pods'],
    },
  },
  'odd-number': {
    title: { zh: 'sentinel 的数量为奇数', en: 'The number of sentinels is odd' },
    severity: 'info',
    messages: {
      even: {
        zh: '有 {count} 个 sentinel；选主依赖单个锁、不需要多数票，因此不影响切换，但部署惯例是奇数个且至少 3 个。',
        en: 'There are {count} sentinels. They elect by one lock and need no majority, so failover works; the usual layout is an odd number, three at least.',
      },
      'see-several': { zh: '见 stolon-sentinel/several-sentinels。', en: 'See stolon-sentinel/several-sentinels.' },
      'no-pods': notJudged['no-pods'],
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type StolonSentinelRule = keyof typeof rules;
