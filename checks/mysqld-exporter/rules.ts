import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface MysqldExporterOptions {
  port: number;
  mysqlPort: number;
}

export const options: { readonly [K in keyof MysqldExporterOptions]: OptionMeta<MysqldExporterOptions[K]> } = {
  port: {
    default: 9104,
    description: { zh: '导出器的端口，容器声明了其他端口时以声明为准。', en: 'The port of the exporter, unless its container declares another.' },
    source: 'components.md §6.6; mysqld_exporter, web.listen-address',
  },
  mysqlPort: {
    default: 3306,
    description: { zh: 'MySQL 端口。', en: 'The port of MySQL.' },
    source: 'components.md §6.6; MySQL Reference Manual, port',
  },
};

const notJudged = {
  'no-pods': { zh: '没有运行中的导出器，见 workload。', en: 'No exporter runs; see workload.' },
  'no-scrape': { zh: '没有拿到指标，见 mysqld-exporter/answers。', en: 'There are no metrics; see mysqld-exporter/answers.' },
} as const;

export const rules = {
  answers: {
    title: { zh: '导出器返回指标', en: 'The exporter answers with its metrics' },
    severity: 'warning',
    effect: 'down',
    messages: {
      refused: { zh: '{pod} 的 {port} 端口没有进程监听：{detail}', en: 'Nobody listens on port {port} of {pod}: {detail}' },
      silent: {
        zh: '{pod} 连首页都没有响应：导出器进程卡死。{detail}',
        en: '{pod} does not answer at all, not even with its landing page: the exporter hangs. {detail}',
      },
      status: { zh: '{pod} 的 /metrics 返回 {status}：{detail}', en: '{pod} answers {status} on /metrics: {detail}' },
      waits: {
        zh: '{pod} 的首页正常，指标却迟迟不返回：它在等不握手的 MySQL（{server}）。',
        en: '{pod} shows its landing page and no metrics: it waits for its MySQL ({server}), which does not greet.',
      },
      stuck: {
        zh: '{pod} 的首页正常，指标却迟迟不返回，而 MySQL 能握手：采集卡住（慢查询、锁，或导出器自身问题）。',
        en: '{pod} shows its landing page and no metrics although its MySQL greets: the collection is stuck.',
      },
      'no-pods': notJudged['no-pods'],
    },
  },
  'tells-of-mysql': {
    title: { zh: '返回的是 MySQL 的指标', en: 'Its metrics are those of MySQL' },
    severity: 'warning',
    messages: {
      foreign: {
        zh: '{pod} 的 {port} 端口返回 200，内容却不是 mysqld_exporter 的指标：端口被别的程序占用，或镜像不对。',
        en: '{pod} answers on port {port} with something that is no metrics of mysqld_exporter: another program, or another image.',
      },
      ...notJudged,
    },
  },
  'sees-mysql': {
    title: { zh: '导出器能登录 MySQL', en: 'The exporter reaches its MySQL' },
    severity: 'warning',
    messages: {
      own: {
        zh: '{pod} 的 mysql_up 为 0，而 {server} 能正常握手：问题在导出器自身（密码错误、账号被删或权限不足、地址不对）。',
        en: '{pod} says mysql_up 0 while {server} greets: the fault is its own (wrong password, an account that is gone or may not log in, a wrong address).',
      },
      symptom: {
        zh: '{pod} 的 mysql_up 为 0，{server} 也确实不可用：它只是如实上报。',
        en: '{pod} says mysql_up 0, and {server} cannot be used indeed: it only reports that.',
      },
      unclear: {
        zh: '{pod} 的 mysql_up 为 0；无法确认是 MySQL 不可用还是导出器自身的问题。',
        en: '{pod} says mysql_up 0; whether MySQL or the exporter is at fault cannot be told.',
      },
      'see-target': {
        zh: '{pod} 的目标地址不对，见 mysqld-exporter/leads-to-instance。',
        en: '{pod} looks at the wrong address; see mysqld-exporter/leads-to-instance.',
      },
      ...notJudged,
    },
  },
  'leads-to-instance': {
    title: { zh: '导出器的目标是本组件的 MySQL 实例', en: 'The exporter looks at an instance of its MySQL' },
    severity: 'warning',
    messages: {
      stale: {
        zh: '{pod} 的目标 {host} 不是任何 MySQL 实例，且登录不上：配置已过期。',
        en: '{pod} looks at {host}, which is no instance of this MySQL and lets nobody in: its configuration is stale.',
      },
      elsewhere: { zh: '{pod} 的目标 {host} 不在本组件中，但可以登录。', en: '{pod} looks at {host} outside of this component, and that works.' },
      hidden: { zh: '{pod} 的目标地址写在 Secret 或文件中，无法核对。', en: 'The address that {pod} looks at is in a Secret or a file.' },
      'no-mysql': { zh: '清单中没有对应的 MySQL 组件。', en: 'The inventory knows no MySQL that belongs to it.' },
      ...notJudged,
    },
  },
  'collects-essentials': {
    title: { zh: '状态、变量与复制的采集成功', en: 'Status, variables and replication are collected' },
    severity: 'warning',
    messages: {
      failing: {
        zh: '{pod} 能登录 MySQL，但采集器 {collectors} 失败：账号缺权限（PROCESS、REPLICATION CLIENT；MariaDB 10.5 起还需 SLAVE MONITOR），相关告警失效。',
        en: '{pod} logs in to MySQL and its collectors {collectors} fail: the account lacks rights (PROCESS, REPLICATION CLIENT, and SLAVE MONITOR from MariaDB 10.5 on), and alerts on them are blind.',
      },
      'not-up': { zh: '导出器没有登录 MySQL，见 mysqld-exporter/sees-mysql。', en: 'It is not logged in to MySQL; see mysqld-exporter/sees-mysql.' },
      ...notJudged,
    },
  },
  'collects-everything': {
    title: { zh: '所有启用的采集器都成功', en: 'Every collector that is switched on succeeds' },
    severity: 'info',
    messages: {
      failing: {
        zh: '{pod} 的采集器 {collectors} 失败：多为该版本的 MySQL 没有对应的表，可以用 --no-collect 关闭。',
        en: 'The collectors {collectors} of {pod} fail, usually because this version of MySQL has no such table: --no-collect switches them off.',
      },
      'not-up': { zh: '导出器没有登录 MySQL，见 mysqld-exporter/sees-mysql。', en: 'It is not logged in to MySQL; see mysqld-exporter/sees-mysql.' },
      ...notJudged,
    },
  },
  'agrees-with-mysql': {
    title: { zh: '导出器所说与 MySQL 自身一致', en: 'Nothing that the exporter says contradicts MySQL itself' },
    severity: 'warning',
    effect: 'none',
    messages: {
      differs: {
        zh: '{pod} 与 {server} 对 {what} 的说法矛盾：导出器说 {exporter}，MySQL 自己说 {mysql}。导出器连的可能是另一台，基于它的告警不可信。',
        en: '{pod} and {server} contradict each other about {what}: the exporter says {exporter}, MySQL itself says {mysql}. It may look at another server; alerts built on it cannot be trusted.',
      },
      'nothing-to-compare': { zh: '没有可供对照的事实。', en: 'There is nothing to compare.' },
      ...notJudged,
    },
  },
} as const satisfies Record<string, RuleMeta>;
