import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';
import { type StolonOptions, stolonOptions } from '../shared/stolon.ts';

export interface StolonKeeperOptions extends StolonOptions {
  settleSeconds: number;
  syncSeconds: number;
}

export const options: { readonly [K in keyof StolonKeeperOptions]: OptionMeta<StolonKeeperOptions[K]> } = {
  ...stolonOptions,
  settleSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: 'Pod 启动或就绪状态变化后，集群数据应在多久之内跟上。',
      en: 'Time in which the cluster data should have followed a pod that was started or changed its readiness.',
    },
    source: 'stolon, internal/cluster: dbWaitReadyTimeout 60 s; failInterval 20 s and two rounds of 5 s lie within it',
  },
  syncSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: 'keeper 多久没有读到集群数据或没有完成一轮同步算异常。',
      en: 'How long a keeper may go without cluster data or without a finished round.',
    },
    source: 'stolon, cmd/keeper: a round every sleepInterval (5 s), each request at most requestTimeout (10 s)',
  },
};

const notJudged = {
  'see-elected': { zh: '没有选出的主库，见 stolon-keeper/master-elected。', en: 'No master is elected; see stolon-keeper/master-elected.' },
  'see-master': {
    zh: '主库不健康，其数值已过时，见 stolon-keeper/master-healthy。',
    en: 'The master is not healthy and its figures are old; see stolon-keeper/master-healthy.',
  },
  'no-standby': { zh: '没有健康的备库可比较。', en: 'There is no healthy standby to compare with.' },
  initialising: { zh: '集群尚未完成初始化，见 stolon-sentinel/initialised。', en: 'The cluster is not initialised; see stolon-sentinel/initialised.' },
  'no-metrics': { zh: 'keeper 没有暴露指标（--metrics-listen-address）。', en: 'The keepers expose no metrics (--metrics-listen-address).' },
  'no-pods': { zh: '没有 keeper 的 Pod，见 workload。', en: 'There is no pod of a keeper; see workload.' },
} as const;

export const rules = {
  'master-elected': {
    title: { zh: '已选出主库', en: 'A master is elected' },
    severity: 'critical',
    messages: {
      none: {
        zh: '集群数据中没有主库：{keepers} 个 keeper 中没有一个被选出，数据库不可用。',
        en: 'The cluster data names no master: none of {keepers} keepers is elected and the database does not serve.',
      },
      missing: {
        zh: '集群数据把 {master} 记为主库，却没有这个数据库：sentinel 无法继续，数据库不可用。',
        en: 'The cluster data names {master} as the master and has no such database: the sentinels cannot go on and the database does not serve.',
      },
      initialising: notJudged.initialising,
    },
  },
  'master-healthy': {
    title: { zh: '主库健康', en: 'The master is healthy' },
    severity: 'critical',
    messages: {
      'keeper-lost': {
        zh: '主库 {keeper} 的 keeper 没有上报，不健康已 {age}：数据库不可用，可接任的备库有 {candidates} 个。',
        en: 'The keeper of the master {keeper} does not report and has been unhealthy for {age}: the database does not serve; {candidates} standbys could take over.',
      },
      'database-failed': {
        zh: '主库 {keeper} 的 keeper 在上报，但其中的 PostgreSQL 不健康：数据库不可用，可接任的备库有 {candidates} 个。',
        en: 'The keeper of the master {keeper} reports, but its PostgreSQL is not healthy: the database does not serve; {candidates} standbys could take over.',
      },
      'see-elected': notJudged['see-elected'],
    },
  },
  'standbys-healthy': {
    title: { zh: '每个备库都健康', en: 'Every standby is healthy' },
    severity: 'warning',
    messages: {
      'keeper-lost': {
        zh: '备库 {keeper} 的 keeper 没有上报，不健康已 {age}，不能接任主库。',
        en: 'The keeper of the standby {keeper} does not report and has been unhealthy for {age}: it cannot take over.',
      },
      'database-failed': {
        zh: '备库 {keeper} 的 keeper 在上报，但其中的 PostgreSQL 不健康，不能接任主库。',
        en: 'The keeper of the standby {keeper} reports, but its PostgreSQL is not healthy: it cannot take over.',
      },
      resyncing: {
        zh: '备库 {keeper} 正在从主库全量重新同步，完成前不能接任主库。',
        en: 'The standby {keeper} is being copied anew from the master: until that is done it cannot take over.',
      },
      none: { zh: '没有带 Pod 的备库，见 stolon-keeper/has-standby。', en: 'No standby has a pod; see stolon-keeper/has-standby.' },
    },
  },
  'has-standby': {
    title: { zh: '有备库跟随主库', en: 'A standby follows the master' },
    severity: 'warning',
    messages: {
      none: {
        zh: '有 {pods} 个 keeper 的 Pod，但没有一个数据库跟随主库 {master}：主库出故障时无人接任。',
        en: '{pods} pods of keepers are there, but no database follows the master {master}: nobody could take over.',
      },
      gone: {
        zh: '集群数据中的备库 {standbys} 都没有 Pod，主库 {master} 只剩自己：它出故障时无人接任。',
        en: 'None of the standbys in the cluster data ({standbys}) has a pod, and the master {master} is alone: nobody could take over.',
      },
      single: { zh: '只有一个 keeper，见 stolon-keeper/several-keepers。', en: 'There is one keeper alone; see stolon-keeper/several-keepers.' },
      'see-elected': notJudged['see-elected'],
    },
  },
  registered: {
    title: { zh: '每个 keeper Pod 都登记在集群数据中', en: 'Every keeper pod has its entry in the cluster data' },
    severity: 'warning',
    messages: {
      missing: {
        zh: '{pod} 已运行 {age}，集群数据中仍没有它的记录：它属于另一个集群、连不上存储，或 sentinel 看不到它。',
        en: '{pod} has run for {age} and the cluster data has no entry of it: it belongs to another cluster, does not reach the store, or the sentinels do not see it.',
      },
      'no-pods': notJudged['no-pods'],
    },
  },
  'no-stale-entries': {
    title: { zh: '集群数据中没有失去 Pod 的 keeper', en: 'No keeper in the cluster data is without a pod' },
    severity: 'info',
    messages: {
      stale: {
        zh: '集群数据中的 {keeper} 没有对应的 Pod，最后一次健康是 {age} 前；已无数据库的记录会在 deadKeeperRemovalInterval（默认 48 小时）后自动清除。',
        en: '{keeper} in the cluster data has no pod and was last healthy {age} ago; entries without a database are removed after deadKeeperRemovalInterval (48 h).',
      },
    },
  },
  converged: {
    title: { zh: '每个数据库都已达到期望配置', en: 'Every database is as it should be' },
    severity: 'warning',
    messages: {
      behind: {
        zh: '{keeper} 的数据库停在第 {current} 代配置，期望是第 {wanted} 代：keeper 没有应用新的角色或参数。',
        en: 'The database of {keeper} is at generation {current} and should be at {wanted}: the keeper has not applied its new role or settings.',
      },
      'none-healthy': {
        zh: '没有健康的数据库，见 stolon-keeper/master-healthy、standbys-healthy。',
        en: 'No database is healthy; see master-healthy and standbys-healthy.',
      },
    },
  },
  'standby-lag': {
    title: { zh: '备库落后主库不超过 maxStandbyLag', en: 'The standbys are within maxStandbyLag of the master' },
    severity: 'warning',
    messages: {
      behind: {
        zh: '备库 {keeper} 落后主库 {lag}，超过 maxStandbyLag（{limit}）：主库此刻出故障时不会选它接任。',
        en: 'The standby {keeper} is {lag} behind the master, more than maxStandbyLag ({limit}): it would not be elected if the master failed now.',
      },
      'see-elected': notJudged['see-elected'],
      'see-master': notJudged['see-master'],
      'no-standby': notJudged['no-standby'],
    },
  },
  'same-timeline': {
    title: { zh: '备库与主库在同一时间线', en: 'The standbys are on the timeline of the master' },
    severity: 'warning',
    messages: {
      differs: {
        zh: '备库 {keeper} 在时间线 {timeline}，主库在 {master}：它没有跟上最近一次切换，不能接任主库。',
        en: 'The standby {keeper} is on timeline {timeline} and the master on {master}: it has not followed the last failover and cannot take over.',
      },
      'see-elected': notJudged['see-elected'],
      'see-master': notJudged['see-master'],
      'no-standby': notJudged['no-standby'],
    },
  },
  'same-system': {
    title: { zh: '备库与主库是同一个数据库系统', en: 'The standbys are copies of the master' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      differs: {
        zh: '备库 {keeper} 的系统标识是 {system}，主库是 {master}：它的数据目录来自另一个数据库，永远无法同步。',
        en: 'The system identifier of the standby {keeper} is {system} and that of the master {master}: its data directory is that of another database and can never follow.',
      },
      'see-elected': notJudged['see-elected'],
      'see-master': notJudged['see-master'],
      'no-standby': notJudged['no-standby'],
    },
  },
  'writes-confirmed': {
    title: { zh: '同步备库能确认写入', en: 'The synchronous standbys can confirm writes' },
    severity: 'critical',
    messages: {
      fake: {
        zh: '启用了同步复制而没有足够的同步备库，stolon 以占位备库 stolonfakestandby 顶替：主库 {keeper} 上的每次提交都会一直等待。',
        en: 'Synchronous replication is on without enough synchronous standbys, and stolon put the placeholder stolonfakestandby in their place: every commit on the master {keeper} waits forever.',
      },
      none: {
        zh: '启用了同步复制，但主库 {keeper} 没有任何同步备库。',
        en: 'Synchronous replication is on, but the master {keeper} has no synchronous standby.',
      },
      'standby-down': {
        zh: '主库 {keeper} 的每次提交都要等同步备库 {standby} 确认，而它不健康：写入会一直等待。',
        en: 'Every commit on the master {keeper} waits for the synchronous standby {standby}, which is not healthy: writes hang.',
      },
      asynchronous: { zh: '没有启用同步复制。', en: 'Synchronous replication is off.' },
      'standby-cluster': {
        zh: '整个集群是另一个集群的备集群，不使用同步复制。',
        en: 'The whole cluster follows another one and does not use synchronous replication.',
      },
      'see-elected': notJudged['see-elected'],
      'see-master': notJudged['see-master'],
    },
  },
  'several-keepers': {
    title: { zh: '有不止一个 keeper', en: 'There is more than one keeper' },
    severity: 'info',
    messages: {
      single: { zh: '只有 {pod} 一个 keeper：它不可用时没有数据库。', en: '{pod} is the only keeper: while it is away there is no database.' },
      'no-pods': notJudged['no-pods'],
    },
  },
  spread: {
    title: { zh: 'keeper 分布在不同节点', en: 'The keepers are on different nodes' },
    severity: 'warning',
    effect: 'none',
    messages: {
      together: {
        zh: '{pods} 个 keeper 都在节点 {node} 上：该节点故障时主备一起丢失。',
        en: 'All {pods} keepers are on node {node}: they are lost together with it.',
      },
      single: { zh: '只有一个 keeper，见 stolon-keeper/several-keepers。', en: 'There is one keeper alone; see stolon-keeper/several-keepers.' },
      'no-pods': notJudged['no-pods'],
    },
  },
  synchronised: {
    title: { zh: 'keeper 读得到集群数据并完成每轮同步', en: 'The keepers read the cluster data and finish their rounds' },
    severity: 'warning',
    messages: {
      'no-data': {
        zh: '{pod} 已 {age} 没有读到有效的集群数据：它得不到新的角色，也无法上报。',
        en: '{pod} has read no valid cluster data for {age}: it learns of no new role and cannot report.',
      },
      unfinished: {
        zh: '{pod} 读得到集群数据，但已 {age} 没有完成一轮同步：它管理不了自己的 PostgreSQL。',
        en: '{pod} reads the cluster data but has not finished a round for {age}: it does not get its PostgreSQL to where it should be.',
      },
      'no-metrics': notJudged['no-metrics'],
    },
  },
  'settings-applied': {
    title: { zh: '没有等待重启才生效的参数', en: 'No setting waits for a restart' },
    severity: 'info',
    messages: {
      waiting: {
        zh: '{pod} 的 PostgreSQL 有参数要重启后才生效。',
        en: 'The PostgreSQL of {pod} has settings that take effect with its next restart.',
      },
      'no-metrics': notJudged['no-metrics'],
    },
  },
  'roles-agree': {
    title: { zh: 'keeper 自报的角色与集群数据一致', en: 'The keepers have the roles that the cluster data gives them' },
    severity: 'warning',
    messages: {
      'second-master': {
        zh: '{pod} 自报为主库，而集群数据中的主库是 {master}：旧主库没有降级，直连它的写入会丢失。',
        en: '{pod} says that it is the master, but by the cluster data that is {master}: an old master was not demoted, and what is written to it directly is lost.',
      },
      pending: {
        zh: '{pod} 应为 {target}，实际是 {local}。',
        en: '{pod} should be {target} and is {local}.',
      },
      'no-metrics': notJudged['no-metrics'],
    },
  },
  'data-and-pods-agree': {
    title: { zh: '集群数据与 Pod 状态一致', en: 'Cluster data and pods tell the same' },
    severity: 'warning',
    effect: 'none',
    messages: {
      'healthy-unready': {
        zh: '集群数据说 {keeper} 健康，而 {pod} 已 {age} 未就绪：就绪探针或 keeper 的上报有一个不对。',
        en: 'The cluster data calls {keeper} healthy, but {pod} has not been ready for {age}: its readiness probe or the report of its keeper is wrong.',
      },
      'unhealthy-ready': {
        zh: '集群数据说 {keeper} 不健康，而 {pod} 已就绪 {age}：PostgreSQL 接受连接，但 keeper 没有上报或管理不了它。',
        en: 'The cluster data calls {keeper} unhealthy, but {pod} has been ready for {age}: its PostgreSQL takes connections, and its keeper does not report or cannot manage it.',
      },
      unprobed: {
        zh: 'keeper 的 Pod 没有就绪探针，Ready 说明不了 PostgreSQL 的状态。',
        en: 'The pods have no readiness probe: that they are ready tells nothing of their PostgreSQL.',
      },
      'no-pods': notJudged['no-pods'],
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type StolonKeeperRule = keyof typeof rules;
