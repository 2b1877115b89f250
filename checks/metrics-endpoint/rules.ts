import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '没有运行中的 Pod，见 workload。', en: 'None of its pods runs; see workload.' } as const;
const unread = {
  'no-pods': noPods,
  'no-metrics': { zh: '没有拿到指标，见 answers 与 serves-metrics。', en: 'There are no metrics; see answers and serves-metrics.' },
} as const;

export const rules = {
  answers: {
    title: { zh: '指标端口应答', en: 'The endpoint of the metrics answers' },
    severity: 'warning',
    messages: {
      refused: {
        zh: '{pod} 的指标端口 {port} 没有人监听（{detail}）。',
        en: 'Nobody listens on port {port} of {pod}, where its metrics should be ({detail}).',
      },
      silent: {
        zh: '{pod} 的指标端口 {port} 接受连接但不应答：进程卡住了。',
        en: '{pod} accepts connections on port {port} and says nothing: its process hangs.',
      },
      broken: { zh: '{pod} 的指标端口 {port} 没有正常的 HTTP 应答（{detail}）。', en: 'Port {port} of {pod} does not answer as HTTP does ({detail}).' },
      loopback: {
        zh: '{pod} 的指标端口 {port} 只在 Pod 内部可达（{detail}），Prometheus 抓不到。',
        en: 'Port {port} of {pod} is reached from inside of the pod alone ({detail}): no Prometheus can scrape it.',
      },
      'no-pods': noPods,
    },
  },
  'serves-metrics': {
    title: { zh: '返回指标', en: 'It serves metrics' },
    severity: 'warning',
    messages: {
      status: {
        zh: '{pod} 以 HTTP {status} 回应 {path}（{detail}）：没有指标。',
        en: '{pod} answers {path} with HTTP {status} ({detail}): there are no metrics.',
      },
      other: {
        zh: '{pod} 在 {path} 返回的不是 Prometheus 文本格式（{detail}）。',
        en: 'What {pod} answers on {path} is no text format of Prometheus ({detail}).',
      },
      empty: {
        zh: '{pod} 的 {path} 返回 200 但一个样本都没有：基于这些指标的告警永远不会触发。',
        en: '{pod} answers {path} with 200 and not one sample: no alert on its metrics will ever fire.',
      },
      'no-answer': { zh: '没有应答，见 metrics-endpoint/answers。', en: 'It does not answer; see metrics-endpoint/answers.' },
      'no-pods': noPods,
    },
  },
  'has-own-samples': {
    title: { zh: '指标中有它采集的数据', en: 'The metrics hold what it collects' },
    severity: 'warning',
    messages: {
      'runtime-only': {
        zh: '{pod} 返回 {samples} 个样本，但说的全是它自己（go_、process_、jvm_、失败计数等）：它什么都没有采集到。',
        en: '{pod} serves {samples} samples, all of them about itself (go_, process_, jvm_, its failures …): it collects nothing.',
      },
      ...unread,
    },
  },
  fresh: {
    title: { zh: '指标数据没有冻结', en: 'The metrics are fresh' },
    severity: 'warning',
    messages: {
      stale: {
        zh: '{pod} 的指标停在 {newest}（{age} 前）：进程在应答，但采集已经停了。',
        en: 'The metrics of {pod} stopped at {newest}, {age} ago: the process answers and no longer collects.',
      },
      'no-times': { zh: '样本不带时间，无从判断新旧。', en: 'Its samples carry no time: nobody can tell how old they are.' },
      ...unread,
    },
  },
  scraped: {
    title: { zh: '有 Prometheus 在抓取它', en: 'A Prometheus scrapes it' },
    severity: 'warning',
    messages: {
      nobody: {
        zh: '{pod} 提供指标，但没有 Prometheus 抓取它（查看了 {watchers}）：数据没人收，告警不会触发。',
        en: '{pod} serves metrics and no Prometheus scrapes it ({watchers} were asked): nobody keeps them, and no alert on them fires.',
      },
      down: {
        zh: '{pod} 在应答，但 {watcher} 抓取 {instance} 失败：{error}。',
        en: '{pod} answers, and {watcher} cannot scrape {instance}: {error}.',
      },
      'no-prometheus': { zh: '没有可供查看的 Prometheus。', en: 'There is no Prometheus to ask.' },
      'not-ready': { zh: '应抓取它的 Prometheus 没有就绪，见 prometheus。', en: 'The Prometheus that should scrape it is not ready; see there.' },
      ...unread,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type MetricsRule = keyof typeof rules;
