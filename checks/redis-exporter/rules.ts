import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '采集器没有运行中的 Pod，见 workload。', en: 'None of its pods runs; see workload.' } as const;
/** Why a rule about the metrics cannot be judged. */
const unread = {
  'no-pods': noPods,
  'no-metrics': { zh: '没有拿到 Redis 指标，见 answers 与 serves-redis-metrics。', en: 'There are no metrics of Redis; see answers and serves-redis-metrics.' },
} as const;
const multiTarget = {
  zh: '{pod} 没有固定目标（由 Prometheus 通过 /scrape 指定），没有 redis_up 属正常。',
  en: '{pod} watches no server by itself (Prometheus names one with /scrape): no redis_up is to be expected.',
} as const;

export const rules = {
  answers: {
    title: { zh: '采集器应答', en: 'The exporter answers' },
    severity: 'warning',
    messages: {
      refused: { zh: '{pod} 的端口 {port} 没有人监听（{detail}）。', en: 'Nobody listens on port {port} of {pod} ({detail}).' },
      silent: {
        zh: '{pod} 的端口 {port} 接受连接但不应答：进程卡住了。',
        en: '{pod} accepts connections on port {port} and says nothing: its process hangs.',
      },
      broken: { zh: '{pod} 的端口 {port} 没有正常的 HTTP 应答（{detail}）。', en: 'Port {port} of {pod} does not answer as HTTP does ({detail}).' },
      loopback: {
        zh: '{pod} 的端口 {port} 只在 Pod 内部可达（监听在 127.0.0.1），Prometheus 抓不到。',
        en: 'Port {port} of {pod} is reached from inside of the pod alone (it listens on 127.0.0.1): no Prometheus can scrape it.',
      },
      'no-pods': noPods,
    },
  },
  'serves-redis-metrics': {
    title: { zh: '采集器返回 Redis 指标', en: 'The exporter serves metrics of Redis' },
    severity: 'warning',
    messages: {
      status: {
        zh: '{pod} 以 HTTP {status} 回应指标请求：路径或启动参数与该版本不符，或抓取出错（{detail}）。',
        en: '{pod} answers the request for metrics with HTTP {status}: path or flags do not fit its version, or the scrape failed ({detail}).',
      },
      other: {
        zh: '{pod} 在应答，但返回的不是 Redis 指标（{detail}）：端口上是别的程序，或版本不对。',
        en: '{pod} answers with something else than metrics of Redis ({detail}): another program has the port, or the version is wrong.',
      },
      'no-answer': { zh: '采集器没有应答，见 redis-exporter/answers。', en: 'It does not answer; see redis-exporter/answers.' },
      waits: { zh: '采集器在等被监控的 Redis，见 redis-exporter/redis-up。', en: 'It waits for the server that it watches; see redis-exporter/redis-up.' },
      'no-pods': noPods,
    },
  },
  'redis-up': {
    title: { zh: '采集器报告被监控的 Redis 在线', en: 'The exporter reports its Redis as up' },
    severity: 'warning',
    messages: {
      down: {
        zh: '{pod} 报告 redis_up 0（目标 {address}），而该服务器确实没有应答 PING：这是后果，见该 Redis。',
        en: '{pod} reports redis_up 0 for {address}, and that server does not answer PING either: a symptom, see the Redis.',
      },
      unconfirmed: {
        zh: '{pod} 报告 redis_up 0（目标 {address}；{error}），该服务器是否应答未能直接确认。',
        en: '{pod} reports redis_up 0 for {address} ({error}); whether that server answers could not be asked.',
      },
      waits: {
        zh: '{pod} 自己在应答，但迟迟拿不到 {address} 的指标：该服务器卡住，或慢到抓取超时。这是后果，见该 Redis。',
        en: '{pod} answers by itself and gets no metrics of {address}: that server hangs, or is too slow to be scraped. A symptom, see the Redis.',
      },
      absent: {
        zh: '{pod} 配置了目标 {address}，指标中却没有 redis_up：版本或指标前缀不符，基于它的告警都不会触发。',
        en: '{pod} was told to watch {address}, yet its metrics have no redis_up: version or prefix are not the expected ones, and no alert on it will fire.',
      },
      'see-sees-server': { zh: '服务器本身在应答，见 redis-exporter/sees-server。', en: 'The server itself answers; see redis-exporter/sees-server.' },
      'multi-target': multiTarget,
      ...unread,
    },
  },
  'sees-server': {
    title: { zh: '采集器能连上应答中的 Redis', en: 'The exporter reaches a Redis that answers' },
    severity: 'warning',
    messages: {
      password: {
        zh: '{pod} 连上了 {address} 但登录失败（{error}），该服务器直接应答 PING：采集器的密码缺失或错误，它的指标全部缺失。',
        en: '{pod} reaches {address} and may not log in ({error}), while the server answers PING: its password is missing or wrong, and all its metrics are missing.',
      },
      unreachable: {
        zh: '{pod} 连不上 {address}（{error}），该服务器直接应答 PING：采集器的地址或端口写错、域名解析不到，或网络策略拦截。',
        en: '{pod} cannot reach {address} ({error}), while the server answers PING: wrong address or port, a name that is not resolved, or a network policy.',
      },
      'wants-password': {
        zh: '{pod} 报告 redis_up 0（目标 {address}；{error}），该服务器直接应答并且要求密码：多半是采集器的密码缺失或错误。',
        en: '{pod} reports redis_up 0 for {address} ({error}), while the server answers and asks for a password: most likely that of the exporter is missing or wrong.',
      },
      blind: {
        zh: '{pod} 报告 redis_up 0（目标 {address}；{error}），该服务器却直接应答 PING：问题在采集器到它之间。',
        en: '{pod} reports redis_up 0 for {address} ({error}), while the server answers PING: the trouble lies with the exporter or its way there.',
      },
      'server-down': { zh: '服务器本身没有应答，见 redis-exporter/redis-up。', en: 'The server itself does not answer; see redis-exporter/redis-up.' },
      'no-server': { zh: '不知道它监控的 Redis 是哪些 Pod，无从对照。', en: 'The pods of its Redis are not known, so there is nothing to compare.' },
      'multi-target': multiTarget,
      ...unread,
    },
  },
  'scrape-complete': {
    title: { zh: '最近一次采集没有错误', en: 'The last scrape had no error' },
    severity: 'info',
    messages: {
      error: {
        zh: '{pod} 最近一次采集出错（{error}），redis_up 仍为 1：部分指标缺失，多为权限不足或命令被改名。',
        en: 'The last scrape of {pod} had an error ({error}) while redis_up is 1: some metrics are missing, usually for lack of rights or a renamed command.',
      },
      'see-redis-up': { zh: 'redis_up 不为 1，见 redis-exporter/redis-up。', en: 'redis_up is not 1; see redis-exporter/redis-up.' },
      ...unread,
    },
  },
  'watches-its-redis': {
    title: { zh: '采集器监控的是自己那组 Redis', en: 'The exporter watches its own Redis' },
    severity: 'warning',
    messages: {
      elsewhere: {
        zh: '{pod} 监控的 {address} 不是这组 Redis 的服务器（run_id 都对不上）：它的指标和告警说的是别人。',
        en: '{pod} watches {address}, which is no server of this set (its run_id is none of theirs): its metrics and alerts speak of somebody else.',
      },
      itself: {
        zh: '{pod} 的目标是 {address}，即它自己的 Pod，而其中没有 Redis：没有配置真正的地址。',
        en: '{pod} watches {address}, its own pod, in which there is no Redis: the real address was never set.',
      },
      unresolved: { zh: '{pod} 的目标 {address} 无法对应到已知的 Pod 或 Service。', en: '{address}, which {pod} watches, is no pod or Service that is known.' },
      hidden: {
        zh: '{pod} 的目标没有明文写在启动参数和环境变量里（在 Secret、ConfigMap 或文件中），没有查看。',
        en: 'The target of {pod} does not stand in its flags and variables (but in a Secret, ConfigMap or file), and was not looked at.',
      },
      'no-server': { zh: '不知道它应监控的 Redis 是哪些 Pod，无从对照。', en: 'The pods of its Redis are not known, so there is nothing to compare.' },
      'multi-target': multiTarget,
      ...unread,
    },
  },
  'role-agrees': {
    title: { zh: '采集器与 Redis 对主从角色的说法一致', en: 'Exporter and server agree on the role' },
    severity: 'info',
    messages: {
      differs: {
        zh: '{pod} 说 {server} 的角色是 {told}，该实例自己说是 {own}：刚刚切换，或采集器连的不是它。',
        en: '{pod} calls {server} a {told}, the server calls itself {own}: it has only just changed, or the exporter speaks to another one.',
      },
      'no-role': {
        zh: '没有可比较的角色（哨兵没有主从角色，旧版本不报告）。',
        en: 'There is no role to compare: sentinels have none, and old versions do not tell.',
      },
      ...unread,
    },
  },
} as const satisfies Record<string, RuleMeta>;
