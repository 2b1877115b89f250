import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';
import { type StolonOptions, stolonOptions } from '../shared/stolon.ts';

export interface StolonProxyOptions extends StolonOptions {
  enableSeconds: number;
  dataSeconds: number;
  connectionsPercent: number;
  lagBytes: number;
  lagSeconds: number;
  slotBytes: number;
  transactionAge: number;
  transactionAgeLow: number;
  idleSeconds: number;
}

export const options: { readonly [K in keyof StolonProxyOptions]: OptionMeta<StolonProxyOptions[K]> } = {
  ...stolonOptions,
  enableSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: 'proxy 启动后多久之内应被 sentinel 列入启用名单。',
      en: 'Time in which a proxy that was started should have been enabled by the sentinel.',
    },
    source: 'stolon: proxyCheckInterval 5 s, sleepInterval 5 s and, during a failover, proxyTimeout 15 s',
  },
  dataSeconds: {
    default: 30,
    unit: 's',
    description: {
      zh: 'proxy 多久没有读到集群数据算异常。',
      en: 'How long a proxy may go without reading the cluster data.',
    },
    source: 'stolon, cmd/proxy: it reads every proxyCheckInterval (5 s) and stops listening after proxyTimeout (15 s)',
  },
  connectionsPercent: {
    default: 80,
    unit: 'percent',
    description: { zh: '连接数占 max_connections 的百分比，达到即告警。', en: 'From how much of max_connections on it warns.' },
    source: 'components.md §11 and awesome-prometheus-alerts, PostgreSQL: 80 %',
  },
  lagBytes: {
    default: 67_108_864,
    unit: 'bytes',
    description: { zh: '备库回放位置最多落后主库多少字节。', en: 'How many bytes of WAL a standby may have left to replay.' },
    source: 'PostgreSQL documentation, WAL configuration: four segments of 16 MiB; what a burst of writes leaves behind for a moment is less',
  },
  lagSeconds: {
    default: 30,
    unit: 's',
    description: { zh: '备库回放最多落后主库多少秒。', en: 'How many seconds a standby may be behind with replaying.' },
    source: 'components.md §11 and awesome-prometheus-alerts, PostgreSQL: replication lag that lasts for 30 s',
  },
  slotBytes: {
    default: 1_073_741_824,
    unit: 'bytes',
    description: { zh: '无人使用的复制槽最多可以占住多少 WAL。', en: 'How much WAL a replication slot that nobody uses may hold back.' },
    source: 'components.md §12 P20; 1 GiB is max_wal_size by default, the size that PostgreSQL keeps its WAL to without slots',
  },
  transactionAge: {
    default: 1_000_000_000,
    description: { zh: '最老未冻结事务的年龄，超过即告警。', en: 'Age of the oldest transaction that is not frozen, above which it warns.' },
    source: 'components.md §6.5; autovacuum begins by itself at autovacuum_freeze_max_age, 200 million',
  },
  transactionAgeLow: {
    default: 1_500_000_000,
    description: {
      zh: '最老未冻结事务的年龄，超过即为严重。',
      en: 'Age of the oldest transaction that is not frozen, above which the database is close to refusing writes.',
    },
    source: 'components.md §6.5; PostgreSQL refuses writes some 3 million transactions before 2^31',
  },
  idleSeconds: {
    default: 600,
    unit: 's',
    description: { zh: '事务空闲（idle in transaction）多久值得提示。', en: 'How long a transaction may stay open without doing anything.' },
    source: 'components.md §6.5; longer than any request of Harbor takes',
  },
};

const notJudged = {
  'see-answers': { zh: '没有一个 proxy 连得到 PostgreSQL，见 stolon-proxy/answers。', en: 'No proxy leads to a PostgreSQL; see stolon-proxy/answers.' },
  'no-server': {
    zh: '没有可以登录的 PostgreSQL，见 stolon-proxy/answers、takes-logins、has-free-connections。',
    en: 'There is no PostgreSQL to log in to; see stolon-proxy/answers, takes-logins and has-free-connections.',
  },
  'no-pods': { zh: '没有运行中的 proxy，见 workload。', en: 'No proxy runs; see workload.' },
  'see-writable': { zh: '没有可写的主库可问，见 stolon-proxy/writable。', en: 'There is no writable master to ask; see stolon-proxy/writable.' },
  'standby-cluster': {
    zh: '整个集群是另一个集群的备集群，它的主库本来就处于恢复状态。',
    en: 'The whole cluster follows another one: its master is in recovery by design.',
  },
} as const;

export const rules = {
  answers: {
    title: { zh: '经 proxy 能连到 PostgreSQL', en: 'PostgreSQL answers through the proxies' },
    severity: 'critical',
    messages: {
      none: {
        zh: '{pods} 个 proxy 后面都没有 PostgreSQL 应答（{answers}）：数据库的客户端全部连不上。',
        en: 'No PostgreSQL answers behind any of {pods} proxies ({answers}): nobody can use the database.',
      },
      'no-pods': notJudged['no-pods'],
    },
  },
  'each-answers': {
    title: { zh: '每个 proxy 后面都有 PostgreSQL 应答', en: 'PostgreSQL answers behind every proxy' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      closed: {
        zh: '{pod} 接受连接后立刻关闭：它没有可以转发的主库。只要它是 Ready，Service 仍会把连接分给它。',
        en: '{pod} takes connections and closes them at once: it has no master to lead to. As long as it is Ready its Service sends clients there.',
      },
      refused: {
        zh: '{pod} 的 {port} 端口没有监听：proxy 超过 15 秒读不到集群数据就会停止监听，或者进程没有起来。',
        en: 'Nobody listens on port {port} of {pod}: a proxy that has not read the cluster data for 15 s stops listening, or it never began.',
      },
      silent: {
        zh: '{pod} 接受连接但没有任何应答：它转发到的主库所在节点失联，或其中的 PostgreSQL 卡住。',
        en: '{pod} takes connections and nothing comes back: the node of the master that it leads to is gone, or PostgreSQL hangs there.',
      },
      garbled: {
        zh: '{pod} 的 {port} 端口后面不是 PostgreSQL：{detail}',
        en: 'What answers on port {port} of {pod} is no PostgreSQL: {detail}',
      },
      'see-answers': notJudged['see-answers'],
      'no-pods': notJudged['no-pods'],
    },
  },
  'takes-logins': {
    title: { zh: 'PostgreSQL 已启动完毕并接受登录', en: 'PostgreSQL is up and takes logins' },
    severity: 'critical',
    messages: {
      'not-yet': {
        zh: '经 {pod} 连到的 PostgreSQL 目前不接受登录（57P03）：{said}',
        en: 'The PostgreSQL behind {pod} takes no logins at present (57P03): {said}',
      },
      'see-answers': notJudged['see-answers'],
      'no-pods': notJudged['no-pods'],
    },
  },
  'has-free-connections': {
    title: { zh: 'PostgreSQL 还有空闲连接', en: 'PostgreSQL has a connection left' },
    severity: 'critical',
    messages: {
      exhausted: {
        zh: '经 {pod} 连到的 PostgreSQL 连接已用完（53300），新的客户端全部被拒绝：{said}',
        en: 'The PostgreSQL behind {pod} has no connection left (53300) and turns every new client away: {said}',
      },
      'see-answers': notJudged['see-answers'],
      'no-pods': notJudged['no-pods'],
    },
  },
  enabled: {
    title: { zh: '每个 proxy 都在启用名单中', en: 'Every proxy is enabled' },
    severity: 'warning',
    messages: {
      missing: {
        zh: '{pod}（{uid}）已运行 {age}，仍不在集群数据的启用名单中：它不会转发任何连接。',
        en: '{pod} ({uid}) has run for {age} and is not among the enabled proxies of the cluster data: it passes nothing on.',
      },
      unmarked: {
        zh: 'proxy 的 Pod 没有 stolon-status 注解，无法与启用名单对应。',
        en: 'The pods have no annotation stolon-status: they cannot be found in the list.',
      },
      'no-pods': notJudged['no-pods'],
    },
  },
  'several-proxies': {
    title: { zh: '有不止一个 proxy', en: 'There is more than one proxy' },
    severity: 'info',
    messages: {
      single: {
        zh: '只有 {pod} 一个 proxy：它不可用时数据库的客户端全部连不上。',
        en: '{pod} is the only proxy: while it is away nobody can use the database.',
      },
      'no-pods': { zh: '没有 proxy 的 Pod，见 workload。', en: 'There is no pod of a proxy; see workload.' },
    },
  },
  'reads-data': {
    title: { zh: 'proxy 能读到集群数据', en: 'The proxies read the cluster data' },
    severity: 'warning',
    messages: {
      late: {
        zh: '{pod} 已 {age} 没有读到有效的集群数据：它连不上存储，15 秒后就会停止转发。',
        en: '{pod} has read no valid cluster data for {age}: it does not reach its store, and passes nothing on after 15 s.',
      },
      'no-metrics': { zh: 'proxy 没有暴露指标（--metrics-listen-address）。', en: 'The proxies expose no metrics (--metrics-listen-address).' },
      'no-pods': notJudged['no-pods'],
    },
  },
  writable: {
    title: { zh: 'proxy 连到的是可写的主库', en: 'The proxies lead to a server that takes writes' },
    severity: 'critical',
    messages: {
      recovering: {
        zh: '{pod} 连到的 PostgreSQL（{server}）处于恢复状态，是只读的备库：写入全部失败。',
        en: '{pod} leads to a PostgreSQL ({server}) that is in recovery: it is a standby and every write fails.',
      },
      'no-server': notJudged['no-server'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
  'one-server': {
    title: { zh: '所有 proxy 连到同一个 PostgreSQL', en: 'All proxies lead to the same PostgreSQL' },
    severity: 'critical',
    messages: {
      several: {
        zh: 'proxy 连到了不同的 PostgreSQL：{servers}。客户端写入了不同的库。',
        en: 'The proxies lead to different PostgreSQL servers: {servers}. Clients write to both.',
      },
      single: { zh: '只问到一个 proxy，没有可比较的。', en: 'One proxy alone could be asked: there is nothing to compare.' },
      'no-server': notJudged['no-server'],
    },
  },
  'data-and-server-agree': {
    title: { zh: 'proxy 连到的就是集群数据中的主库', en: 'The proxies lead to the master of the cluster data' },
    severity: 'critical',
    messages: {
      address: {
        zh: '{pod} 连到的 PostgreSQL 自称地址是 {server}，而集群数据中的主库是 {master}（{address}）。',
        en: '{pod} leads to a PostgreSQL that says its address is {server}, but the master of the cluster data is {master} ({address}).',
      },
      system: {
        zh: '{pod} 连到的 PostgreSQL 的系统标识是 {server}，而集群数据中的主库 {master} 是 {system}：它是另一个数据库。',
        en: 'The system identifier of the PostgreSQL behind {pod} is {server}, that of the master {master} of the cluster data {system}: it is another database.',
      },
      'no-master': { zh: '集群数据中没有主库，见 stolon-keeper/master-elected。', en: 'The cluster data has no master; see stolon-keeper/master-elected.' },
      'no-server': notJudged['no-server'],
    },
  },
  'connections-left': {
    title: { zh: 'PostgreSQL 连接数有余量', en: 'PostgreSQL has connections to spare' },
    severity: 'warning',
    messages: {
      few: {
        zh: 'PostgreSQL 已使用 {used} / {limit} 个连接（{percent}%）。',
        en: 'PostgreSQL has {used} of {limit} connections in use ({percent} %).',
      },
      'no-server': notJudged['no-server'],
    },
  },
  'data-and-standbys-agree': {
    title: { zh: '集群数据中健康的备库都在从主库复制', en: 'The standbys that the cluster data calls healthy stream from the master' },
    severity: 'warning',
    messages: {
      absent: {
        zh: '集群数据说备库 {standby} 健康，而主库的 pg_stat_replication 中没有它：它没有在复制。',
        en: 'The cluster data calls the standby {standby} healthy, but pg_stat_replication of the master does not have it: it does not replicate.',
      },
      state: {
        zh: '集群数据说备库 {standby} 健康，而主库看到它的状态是 {state}，不是 streaming。',
        en: 'The cluster data calls the standby {standby} healthy, but to the master it is in state {state} and not streaming.',
      },
      asynchronous: {
        zh: '集群数据把 {standby} 列为同步备库，而主库按 {sync} 对待它：提交不等它确认。',
        en: 'The cluster data lists {standby} as a synchronous standby, but the master treats it as {sync}: commits do not wait for it.',
      },
      'no-standby': { zh: '集群数据中没有健康的备库，见 stolon-keeper。', en: 'The cluster data has no healthy standby; see stolon-keeper.' },
      'no-server': notJudged['no-server'],
      'see-writable': notJudged['see-writable'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
  'replay-lag-bytes': {
    title: { zh: '备库回放的字节差距很小', en: 'The standbys have little left to replay' },
    severity: 'warning',
    messages: {
      behind: {
        zh: '备库 {standby} 还有 {lag} 的 WAL 没有回放（上限 {limit}）。',
        en: 'The standby {standby} has {lag} of WAL left to replay (at most {limit}).',
      },
      'no-standby': { zh: '没有备库在从主库复制。', en: 'No standby replicates from the master.' },
      'no-server': notJudged['no-server'],
      'see-writable': notJudged['see-writable'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
  'replay-lag-seconds': {
    title: { zh: '备库及时回放', en: 'The standbys replay in time' },
    severity: 'warning',
    messages: {
      behind: {
        zh: '备库 {standby} 的回放落后主库 {lag} 秒（上限 {limit} 秒）。',
        en: 'The standby {standby} replays {lag} s behind the master (at most {limit} s).',
      },
      unmeasured: { zh: 'PostgreSQL 9.6 及更早版本不测量回放耗时。', en: 'PostgreSQL before 10 does not measure the time.' },
      'no-standby': { zh: '没有备库在从主库复制。', en: 'No standby replicates from the master.' },
      'no-server': notJudged['no-server'],
      'see-writable': notJudged['see-writable'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
  'slots-in-use': {
    title: { zh: '没有无人使用的复制槽占住大量 WAL', en: 'No unused replication slot holds much WAL back' },
    severity: 'warning',
    messages: {
      unused: {
        zh: '复制槽 {slot} 无人使用，占住 {size} 的 WAL：主库的磁盘会被一直写下去。',
        en: 'Nobody uses the replication slot {slot}, which holds {size} of WAL back: it grows until the disk of the master is full.',
      },
      'no-server': notJudged['no-server'],
      'see-writable': notJudged['see-writable'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
  'transaction-ids-plenty': {
    title: { zh: '事务号充裕', en: 'Transaction ids are plenty' },
    severity: 'warning',
    effect: 'none',
    messages: {
      old: {
        zh: '最老的未冻结事务已有 {age} 个事务之久（告警线 {limit}）：autovacuum 跟不上，或有长事务、复制槽拖住它。',
        en: 'The oldest transaction that is not frozen is {age} transactions old (warning at {limit}): autovacuum does not keep up, or something open holds it back.',
      },
      'see-left': { zh: '见 stolon-proxy/transaction-ids-left。', en: 'See stolon-proxy/transaction-ids-left.' },
      'no-server': notJudged['no-server'],
      'see-writable': notJudged['see-writable'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
  'transaction-ids-left': {
    title: { zh: '事务号离回卷还远', en: 'Transaction ids are far from wrapping around' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      few: {
        zh: '最老的未冻结事务已有 {age} 个事务之久（上限约 21.4 亿）：接近上限时 PostgreSQL 会拒绝所有写入。',
        en: 'The oldest transaction that is not frozen is {age} transactions old (the limit is some 2.14 billion): close to the limit PostgreSQL refuses every write.',
      },
      'no-server': notJudged['no-server'],
      'see-writable': notJudged['see-writable'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
  archiving: {
    title: { zh: 'WAL 归档没有失败', en: 'WAL is archived' },
    severity: 'warning',
    messages: {
      failing: {
        zh: 'WAL 归档失败：最近一次尝试（{file}）失败于 {age} 前，之后没有成功过，累计失败 {failed} 次。',
        en: 'Archiving WAL fails: the last try ({file}) failed {age} ago and none has succeeded since; {failed} failures in all.',
      },
      off: { zh: '没有启用 WAL 归档。', en: 'WAL is not archived.' },
      'no-server': notJudged['no-server'],
      'see-writable': notJudged['see-writable'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
  'no-idle-transactions': {
    title: { zh: '没有长时间空闲的事务', en: 'No transaction stays open idle' },
    severity: 'info',
    messages: {
      idle: {
        zh: '有 {count} 个会话停在事务中不动，最长 {longest}：会拖住清理并占用连接。',
        en: '{count} sessions are idle in a transaction, the longest for {longest}: they hold cleaning up back and keep their connections.',
      },
      'no-server': notJudged['no-server'],
      'see-writable': notJudged['see-writable'],
      'standby-cluster': notJudged['standby-cluster'],
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type StolonProxyRule = keyof typeof rules;
