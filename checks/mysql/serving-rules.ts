import type { RuleMeta } from '../../src/model/check.ts';
import { noLog, noneServes, notJudged, single } from './skips.ts';

/** Why an instance does not greet. */
const silence = {
  refused: { zh: '{pod}（节点 {node}）：MySQL 端口没有进程监听（{detail}）。', en: "{pod} on {node}: nobody listens on MySQL's port ({detail})." },
  silent: {
    zh: '{pod}（节点 {node}）能建立连接但不返回 MySQL 握手：进程卡住，常见于磁盘写满或锁无法释放（{detail}）。',
    en: '{pod} on {node} accepts the connection and never greets: it hangs, as with a full disk or a lock that is not released ({detail}).',
  },
  closed: {
    zh: '{pod}（节点 {node}）接受连接后不握手就关闭（{detail}）。',
    en: '{pod} on {node} accepts the connection and closes it without a greeting ({detail}).',
  },
  garbled: {
    zh: '{pod}（节点 {node}）：MySQL 端口上应答的不是 MySQL（{detail}）。',
    en: "{pod} on {node}: what answers on MySQL's port is no MySQL ({detail}).",
  },
  'shutting-down': { zh: '{pod}（节点 {node}）正在关闭（{detail}）。', en: '{pod} on {node} is shutting down ({detail}).' },
  stopped: { zh: '{pod}（节点 {node}）的容器没有运行（{detail}）。', en: 'The container of {pod} on {node} does not run ({detail}).' },
  lost: { zh: '{pod} 随节点 {node} 失联（{detail}）。', en: '{pod} was lost with its node {node} ({detail}).' },
  'etcd-alive': {
    zh: '{pod}（节点 {node}）的 etcd 正常应答，而 MySQL 已死：Pod 看起来健康，数据库却不可用（{detail}）。',
    en: '{pod} on {node}: its etcd answers and its MySQL is dead, so the pod looks well while the database is not there ({detail}).',
  },
} as const;

/** Whether the instances are there, greet and take connections. */
export const servingRules = {
  'is-mysql': {
    title: { zh: '组件提供的是 MySQL', en: 'What the component serves is MySQL' },
    severity: 'info',
    messages: {
      'etcd-only': {
        zh: '该组件在此环境中是 etcd（{pods} 个 Pod），不提供 MySQL：由 etcd 检查判断，MySQL 规则全部跳过。',
        en: 'Here it is an etcd ({pods} pods) and serves no MySQL: it is judged as an etcd, and the rules of MySQL do not apply.',
      },
      neither: {
        zh: '该组件的 {pods} 个 Pod 既不声明、也不应答 MySQL 与 etcd 的端口：无法确认它是什么。',
        en: 'None of its {pods} pods declares the ports of MySQL or etcd or answers there: what it is cannot be told.',
      },
      'no-pods': notJudged['no-pods'],
    },
  },
  'login-accepted': {
    title: { zh: '给 skiffctl 的凭据可以登录', en: 'The credentials that skiffctl was given are accepted' },
    severity: 'info',
    messages: {
      rejected: {
        zh: '{pod} 不接受给 skiffctl 的凭据，只能依靠 mysqld-exporter：{message}',
        en: '{pod} does not take the credentials that skiffctl was given, so that only exporters tell of it: {message}',
      },
      'not-tried': { zh: '没有尝试登录：没有提供凭据，或实例不可用。', en: 'No login was tried: no credentials were given, or no instance can be used.' },
      ...notJudged,
    },
  },
  greets: {
    title: { zh: '承担写入的 MySQL 实例能握手', en: 'MySQL greets where the writes go' },
    severity: 'critical',
    messages: { ...silence, ...notJudged },
  },
  'replicas-greet': {
    title: { zh: '其余 MySQL 实例能握手', en: 'Every other instance of MySQL greets' },
    severity: 'warning',
    messages: {
      ...silence,
      ...notJudged,
      ...single,
      'see-greets': { zh: '没有实例能握手，见 mysql/greets。', en: 'No instance greets; see mysql/greets.' },
    },
  },
  'accepts-connections': {
    title: { zh: '承担写入的实例接受新连接', en: 'New connections are accepted where the writes go' },
    severity: 'critical',
    messages: {
      full: {
        zh: '{pod} 连接数已满（错误 1040 Too many connections）：所有新连接都被拒绝。',
        en: '{pod} has no connection left (error 1040, too many connections): every new one is refused.',
      },
      blocked: {
        zh: '{pod} 以错误 1129 拒绝：连接失败次数超过 max_connect_errors 的主机被封禁（{message}）。',
        en: '{pod} refuses with error 1129: a host was blocked after max_connect_errors failed connections ({message}).',
      },
      error: { zh: '{pod} 对每个连接都返回错误 {code}：{message}', en: '{pod} answers every connection with error {code}: {message}' },
      ...notJudged,
      ...noneServes,
    },
  },
  'spare-connections': {
    title: { zh: '连接数有余量', en: 'Connections are left' },
    severity: 'warning',
    messages: {
      high: {
        zh: '{pod} 已用 {connections} 个连接，上限 {most}（{percent}%）。',
        en: '{pod} has {connections} of {most} connections in use ({percent} %).',
      },
      refusing: {
        zh: '从库 {pod} 以错误 {code} 拒绝新连接：{message}',
        en: '{pod}, which does not take the writes, refuses new connections with error {code}: {message}',
      },
      ...notJudged,
      ...noneServes,
    },
  },
  'no-forced-recovery': {
    title: { zh: '没有以 innodb_force_recovery 启动', en: 'InnoDB runs without forced recovery' },
    severity: 'warning',
    messages: {
      forced: {
        zh: '{pod} 以 innodb_force_recovery={level} 运行：这是抢救损坏数据的模式，级别 4 及以上可能永久损坏数据。',
        en: '{pod} runs with innodb_force_recovery={level}, the mode for rescuing damaged data; from 4 on it may damage it for good.',
      },
      ...notJudged,
      ...noneServes,
    },
  },
  'disk-has-room': {
    title: { zh: '不握手的实例日志中没有磁盘写满', en: 'The log of an instance that does not greet tells of no full disk' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      full: { zh: '{pod} 的磁盘已写满，MySQL 因此无法工作：{line}', en: 'The disk of {pod} is full, and that is why MySQL does not work: {line}' },
      ...noLog,
      ...notJudged,
    },
  },
  'data-intact': {
    title: { zh: '不握手的实例日志中没有数据损坏', en: 'The log of an instance that does not greet tells of no damaged data' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      damaged: { zh: '{pod} 的数据文件损坏，MySQL 无法启动：{line}', en: 'The data of {pod} is damaged and MySQL does not start: {line}' },
      ...noLog,
      ...notJudged,
    },
  },
} as const satisfies Record<string, RuleMeta>;
