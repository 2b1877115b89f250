import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '没有运行中的 Pod，见 workload。', en: 'None of its pods runs; see workload.' } as const;
/** Why a server is not asked any further. */
const unasked = {
  'no-pods': noPods,
  'not-ready': { zh: '没有就绪的副本，见 prometheus/answers 与 prometheus/ready。', en: 'No replica is ready; see prometheus/answers and prometheus/ready.' },
} as const;
const justStarted = {
  zh: '{pod} 刚启动（{age}），服务发现和抓取还没有完成一轮。',
  en: '{pod} has just started ({age} ago): discovery and scraping have not been round yet.',
} as const;
const notServed = {
  'not-in-version': { zh: '这个版本（{version}）不提供该数据。', en: 'This version ({version}) does not tell.' },
} as const;
const sinceStart = {
  'since-start': {
    zh: '{pod} 启动以来失败过 {count} 次；它没有抓取自己的指标，无法判断现在是否仍在发生。',
    en: '{count} have failed on {pod} since its start; it does not scrape itself, so nobody knows whether they still do.',
  },
} as const;

export const rules = {
  answers: {
    title: { zh: '每个副本都应答', en: 'Every replica answers' },
    severity: 'warning',
    messages: {
      refused: { zh: '{pod} 的端口 {port} 没有人监听（{detail}）。', en: 'Nobody listens on port {port} of {pod} ({detail}).' },
      silent: { zh: '{pod} 的端口 {port} 接受连接但不应答：进程卡住了。', en: '{pod} accepts connections on port {port} and says nothing: its process hangs.' },
      broken: { zh: '{pod} 的端口 {port} 没有正常的 HTTP 应答（{detail}）。', en: 'Port {port} of {pod} does not answer as HTTP does ({detail}).' },
      loopback: {
        zh: '{pod} 的端口 {port} 只在 Pod 内部可达，从 Pod 网络访问失败（{detail}）：它监听在 127.0.0.1，或被网络策略拦截。',
        en: 'Port {port} of {pod} is reached from inside of the pod alone ({detail}): it listens on 127.0.0.1, or a network policy is in the way.',
      },
      foreign: {
        zh: '{pod} 的端口 {port} 以 HTTP {status} 回应 /-/ready（{detail}）：不是 Prometheus，或路径前缀（web.route-prefix）与容器参数不符。',
        en: 'Port {port} of {pod} answers /-/ready with HTTP {status} ({detail}): this is no Prometheus, or its path prefix (web.route-prefix) is not what its arguments say.',
      },
      'no-pods': noPods,
    },
  },
  available: {
    title: { zh: '至少有一个副本在服务', en: 'At least one replica serves' },
    severity: 'critical',
    messages: {
      none: {
        zh: '{total} 个副本没有一个在服务（{states}）：没有采集，没有告警，看板没有数据。',
        en: 'None of {total} replicas serves ({states}): nothing is scraped, no alert fires, dashboards are empty.',
      },
      starting: {
        zh: '还没有副本就绪：{pod} 在 {age} 前启动，正在回放预写日志（WAL）。',
        en: 'No replica is ready yet: {pod} started {age} ago and reads its write-ahead log.',
      },
      'no-pods': noPods,
    },
  },
  ready: {
    title: { zh: '启动后按时就绪', en: 'Replicas are ready in time after their start' },
    severity: 'warning',
    messages: {
      late: {
        zh: '{pod} 启动 {age} 后仍未就绪（/-/ready 返回 503；WAL 回放进度：{replay}）。',
        en: '{pod} is not ready {age} after its start (/-/ready answers 503; write-ahead log: {replay}).',
      },
      starting: {
        zh: '{pod} 在 {age} 前启动，正在回放预写日志（进度：{replay}），属正常。',
        en: '{pod} started {age} ago and reads its write-ahead log ({replay}), which is to be expected.',
      },
      'no-answer': { zh: '没有应答的副本，见 prometheus/answers。', en: 'It does not answer; see prometheus/answers.' },
      'no-pods': noPods,
    },
  },
  'configuration-loaded': {
    title: { zh: '最近一次配置加载成功', en: 'The last reload of the configuration worked' },
    severity: 'warning',
    messages: {
      failed: {
        zh: '{pod} 最近一次加载配置失败，仍在用旧配置（上次成功加载：{since}）。之后改的抓取目标和告警规则都没有生效。',
        en: '{pod} could not load its configuration and works on with the old one (last loaded {since}). No change of targets or rules since then is in force.',
      },
      ...notServed,
      ...unasked,
    },
  },
  ingesting: {
    title: { zh: '样本持续入库', en: 'Samples are being stored' },
    severity: 'critical',
    messages: {
      stalled: {
        zh: '{pod} 已 {age} 没有存入新样本（最新样本 {newest}）：查询为空，告警不再计算。',
        en: '{pod} has stored no sample for {age} (the newest is of {newest}): queries come back empty and no alert is computed.',
      },
      ahead: {
        zh: '{pod} 的最新样本比它自己的时钟超前 {age}（{newest}）：有目标上报了未来的时间，或时钟被往回拨过，正常样本会被当作过旧而丢弃。',
        en: 'The newest sample of {pod} is {age} ahead of its own clock ({newest}): a target sent a time to come, or the clock was set back, and true samples may be refused as too old.',
      },
      empty: { zh: '{pod} 启动 {age} 后还没有存入任何样本。', en: '{pod} has stored no sample at all in the {age} since its start.' },
      'just-started': justStarted,
      'nothing-to-scrape': { zh: '没有抓取目标，见 prometheus/has-targets。', en: 'There is nothing to scrape; see prometheus/has-targets.' },
      agent: { zh: '代理模式，自己不存储样本。', en: 'An agent stores nothing itself.' },
      ...notServed,
      ...unasked,
    },
  },
  'has-targets': {
    title: { zh: '有抓取目标', en: 'There are targets to scrape' },
    severity: 'warning',
    messages: {
      none: {
        zh: '{pod} 没有任何活动的抓取目标：服务发现没有结果（RBAC、选择器）或配置里没有抓取任务。',
        en: '{pod} has no active target: service discovery finds nothing (RBAC, selectors), or nothing to scrape is configured.',
      },
      refused: {
        zh: '{pod} 没有任何活动的抓取目标，API Server 拒绝了它的服务发现请求 {count} 次（401/403）：ServiceAccount 或 RBAC 有误。',
        en: '{pod} has no active target, and the API server refused its service discovery {count} times (401 or 403): service account or RBAC.',
      },
      'just-started': justStarted,
      ...notServed,
      ...unasked,
    },
  },
  'pools-reached': {
    title: { zh: '每个抓取任务都有目标抓得到', en: 'Every scrape pool has a target that is reached' },
    severity: 'warning',
    messages: {
      down: {
        zh: '抓取任务 {pool} 的 {total} 个目标全部失败（{pod}；{error}）。',
        en: 'All {total} targets of the scrape pool {pool} are down ({pod}; {error}).',
      },
      everything: {
        zh: '{pod} 抓不到任何目标（{pools} 个任务共 {total} 个目标，除它自己外全部失败；例如 {pool}：{error}）：问题在它自己一侧的网络、DNS 或凭据。',
        en: '{pod} reaches nothing but itself ({total} targets in {pools} pools are down, for example {pool}: {error}): its own network, DNS or credentials.',
      },
      'no-targets': { zh: '没有抓取目标，见 prometheus/has-targets。', en: 'There are no targets; see prometheus/has-targets.' },
      ...notServed,
      ...unasked,
    },
  },
  'targets-up': {
    title: { zh: '抓取目标都在线', en: 'All targets are up' },
    severity: 'warning',
    effect: 'none',
    messages: {
      down: {
        zh: '{pod} 抓取 {instance} 失败（任务 {pool}，{total} 个目标中 {down} 个失败）：{error}。',
        en: '{pod} cannot scrape {instance} (pool {pool}, {down} of {total} targets down): {error}.',
      },
      many: {
        zh: '{pod} 有 {down} 个目标抓取失败（共 {total} 个），例如 {some}。',
        en: '{down} of {total} targets of {pod} are down, for example {some}.',
      },
      'no-targets': { zh: '没有抓取目标，见 prometheus/has-targets。', en: 'There are no targets; see prometheus/has-targets.' },
      'see-pools': { zh: '整个任务都失败，见 prometheus/pools-reached。', en: 'Whole pools are down; see prometheus/pools-reached.' },
      ...notServed,
      ...unasked,
    },
  },
  'replicas-agree': {
    title: { zh: '各副本看到的目标状态一致', en: 'The replicas see the same targets up' },
    severity: 'warning',
    messages: {
      differ: {
        zh: '{count} 个目标 {pod} 抓不到而 {other} 抓得到（例如 {instance}：{error}）：问题在 {pod} 到目标的网络上。',
        en: '{pod} cannot scrape {count} targets that {other} can (for example {instance}: {error}): the way from {pod} to them is broken.',
      },
      single: { zh: '只有一个副本可供查看，无从比较。', en: 'Only one replica can be looked at: there is nothing to compare.' },
      'no-pods': noPods,
    },
  },
  'exporters-see': {
    title: { zh: '在线的采集器都看得到被监控的对象', en: 'Exporters that are up see what they watch' },
    severity: 'warning',
    effect: 'none',
    messages: {
      blind: {
        zh: '{pod} 抓取采集器 {instance}（任务 {job}）正常，但其 {metric} 为 0：它看不到被监控的对象。',
        en: '{pod} scrapes the exporter {instance} (job {job}), which says {metric} 0: it does not see what it watches.',
      },
      many: {
        zh: '{pod} 里有 {count} 个采集器抓取正常但看不到被监控的对象，例如 {some}。',
        en: '{count} exporters are scraped by {pod} and do not see what they watch, for example {some}.',
      },
      ...notServed,
      ...unasked,
    },
  },
  'rules-evaluate': {
    title: { zh: '规则计算都成功', en: 'All rules evaluate' },
    severity: 'warning',
    messages: {
      failing: {
        zh: '{pod} 有 {count} 条规则计算出错，依赖它们的告警不会触发，例如 {group}/{rule}：{error}。',
        en: '{count} rules of {pod} fail, and alerts that rest on them stay silent, for example {group}/{rule}: {error}.',
      },
      lately: {
        zh: '{pod} 最近 15 分钟内规则组 {groups} 有规则计算失败（此刻正常）。',
        en: 'Rules of {groups} on {pod} failed within the last 15 minutes, though not at this moment.',
      },
      'no-rules': { zh: '没有配置规则。', en: 'It has no rules.' },
      ...notServed,
      ...unasked,
    },
  },
  'rules-in-time': {
    title: { zh: '规则组按时计算', en: 'Rule groups are evaluated in time' },
    severity: 'warning',
    messages: {
      stalled: {
        zh: '{pod} 的规则组 {group} 已 {age} 没有计算（间隔 {interval}s）：其中的告警是过时的。',
        en: 'The rule group {group} of {pod} was last evaluated {age} ago (interval {interval} s): its alerts are out of date.',
      },
      slow: {
        zh: '{pod} 的规则组 {group} 计算一次要 {took}s，超过了它的间隔 {interval}s。',
        en: 'The rule group {group} of {pod} takes {took} s, longer than its interval of {interval} s.',
      },
      missed: {
        zh: '{pod} 的规则组 {groups} 最近 15 分钟内跳过了计算：规则太慢或进程过载。',
        en: 'The rule groups {groups} of {pod} missed evaluations within the last 15 minutes: rules are slow, or the server is overloaded.',
      },
      'no-rules': { zh: '没有配置规则。', en: 'It has no rules.' },
      ...notServed,
      ...unasked,
    },
  },
  'alertmanager-found': {
    title: { zh: '有告警规则就有 Alertmanager', en: 'Alerts have an Alertmanager to go to' },
    severity: 'warning',
    messages: {
      none: {
        zh: '{pod} 有 {alerting} 条告警规则，但一个 Alertmanager 都没有发现：告警触发了也不会通知任何人。',
        en: '{pod} has {alerting} alerting rules and has found no Alertmanager: alerts fire and nobody is told.',
      },
      'no-alerts': { zh: '没有告警规则。', en: 'It has no alerting rules.' },
      ...notServed,
      ...unasked,
    },
  },
  'notifications-delivered': {
    title: { zh: '告警通知都送达 Alertmanager', en: 'Notifications reach the Alertmanagers' },
    severity: 'warning',
    messages: {
      dropped: {
        zh: '{pod} 最近 15 分钟丢弃了 {count} 条告警通知：Alertmanager 不可达或队列已满。',
        en: '{pod} dropped {count} notifications within the last 15 minutes: no Alertmanager took them, or the queue was full.',
      },
      errors: {
        zh: '{pod} 最近 15 分钟发往 {alertmanager} 的通知有 {count} 条失败（共 {sent} 条）。',
        en: '{count} of {sent} notifications of {pod} to {alertmanager} failed within the last 15 minutes.',
      },
      ...sinceStart,
      ...notServed,
      ...unasked,
    },
  },
  'storage-writes': {
    title: { zh: '存储可以写入', en: 'The storage can be written' },
    severity: 'critical',
    messages: {
      'no-space': { zh: '{pod} 的数据盘已满，样本正在丢失：{line}', en: 'The disk of {pod} is full, and samples are being lost: {line}' },
      'read-only': { zh: '{pod} 的数据盘变成了只读，样本正在丢失：{line}', en: 'The disk of {pod} has become read-only, and samples are being lost: {line}' },
      'io-error': { zh: '{pod} 的数据盘读写出错：{line}', en: 'The disk of {pod} fails: {line}' },
      'wal-failed': {
        zh: '{pod} 最近 15 分钟写预写日志（WAL）失败，原因未在日志尾部找到。',
        en: '{pod} could not write its write-ahead log within the last 15 minutes; the end of its log does not say why.',
      },
      ...sinceStart,
      agent: { zh: '代理模式，自己不存储样本。', en: 'An agent stores nothing itself.' },
      ...notServed,
      ...unasked,
    },
  },
  'storage-maintained': {
    title: { zh: '数据块压缩与检查点正常', en: 'Blocks are compacted and checkpoints are written' },
    severity: 'warning',
    messages: {
      failing: {
        zh: '{pod} 最近 3 小时内存储维护失败（{work}）：磁盘占用和内存会持续增长。',
        en: 'Maintenance of the storage of {pod} failed within the last 3 hours ({work}): disk and memory keep growing.',
      },
      'see-writes': { zh: '存储写入失败，见 prometheus/storage-writes。', en: 'It cannot write at all; see prometheus/storage-writes.' },
      ...sinceStart,
      agent: { zh: '代理模式，自己不存储样本。', en: 'An agent stores nothing itself.' },
      ...notServed,
      ...unasked,
    },
  },
  'wal-intact': {
    title: { zh: '预写日志没有损坏', en: 'The write-ahead log is intact' },
    severity: 'warning',
    messages: {
      corrupt: {
        zh: '{pod} 启动（{since}）以来发现预写日志损坏 {count} 处并做了修复，损坏处之后的样本已丢失。',
        en: '{pod} has found and repaired {count} corruptions of its write-ahead log since its start ({since}): the samples behind them are lost.',
      },
      ...notServed,
      ...unasked,
    },
  },
  'series-bounded': {
    title: { zh: '序列数在合理范围内', en: 'The number of series is bounded' },
    severity: 'warning',
    messages: {
      many: {
        zh: '{pod} 内存中有 {series} 条序列（上限 {most}），有内存耗尽被杀的风险。最多的指标：{largest}。',
        en: '{pod} has {series} series in memory ({most} are expected at most) and may be killed for memory. Largest metrics: {largest}.',
      },
      ...notServed,
      ...unasked,
    },
  },
  'alerts-firing': {
    title: { zh: '没有正在触发的告警', en: 'No alert fires' },
    severity: 'info',
    messages: {
      firing: { zh: '正在触发的告警 {count} 条：{alerts}。', en: '{count} alerts fire: {alerts}.' },
      'no-alerts': { zh: '没有告警规则。', en: 'It has no alerting rules.' },
      ...notServed,
      ...unasked,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type PrometheusRule = keyof typeof rules;
