import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '采集器没有 Pod，见 workload。', en: 'There is no pod of it; see workload.' } as const;
const notRunning = {
  zh: '{pod} 没有在运行，见 workload 与 otel-collector/configuration-accepted。',
  en: '{pod} does not run; see workload and otel-collector/configuration-accepted.',
} as const;
/** Why a rule about the metrics cannot be judged. */
const unread = {
  'no-pods': noPods,
  'not-running': notRunning,
  'no-metrics': {
    zh: '{pod} 的端口 {port} 没有采集器自身的指标（未开启，或换了端口，可用选项 metricsPort 指定）：无法判断。',
    en: '{pod} has no metrics of its own on port {port}: they are switched off or elsewhere (option metricsPort), and this cannot be judged.',
  },
  'see-metrics-readable': {
    zh: '指标端口没有应答，见 otel-collector/metrics-readable。',
    en: 'The port of the metrics says nothing; see otel-collector/metrics-readable.',
  },
} as const;
const oneScrape = { zh: '{pod} 只读到一次指标，无法计算速率。', en: 'There is only one scrape of {pod}, and no rate without a second.' } as const;

export const rules = {
  'server-available': {
    title: { zh: '采集器自报可用', en: 'The collector says that it is available' },
    severity: 'critical',
    messages: {
      unavailable: {
        zh: '{pod} 的健康检查返回 HTTP {status}（{detail}）：流水线没有就绪，或有组件报错。',
        en: 'The health check of {pod} answers HTTP {status} ({detail}): its pipelines are not ready, or a part of them reports an error.',
      },
      refused: {
        zh: '{pod} 的探针指向端口 {port}，但没有人监听：健康检查扩展没有启用，或进程没起来。',
        en: 'The probe of {pod} asks port {port}, and nobody listens there: the health check is not configured, or the process is not up.',
      },
      silent: { zh: '{pod} 的端口 {port} 接受连接但不应答：进程卡住了。', en: '{pod} accepts connections on port {port} and says nothing: its process hangs.' },
      'no-health-check': {
        zh: '{pod} 没有在端口 {port} 提供健康检查：health_check 扩展是可选的，这里没有启用。',
        en: '{pod} has no health check on port {port}: the extension is optional, and this one goes without.',
      },
      other: { zh: '{pod} 的端口 {port} 上应答的不是健康检查（{detail}）。', en: 'What answers on port {port} of {pod} is no health check ({detail}).' },
      'no-pods': noPods,
      'not-running': notRunning,
    },
  },
  'configuration-accepted': {
    title: { zh: '采集器接受了自己的配置', en: 'The collector accepts its configuration' },
    severity: 'critical',
    messages: {
      rejected: {
        zh: '{pod} 反复退出（退出码 {exitCode}），日志指明是配置错误：{detail}。',
        en: '{pod} keeps ending (exit code {exitCode}), and its log blames the configuration: {detail}.',
      },
      'ends-otherwise': {
        zh: '{pod} 反复退出（退出码 {exitCode}），但日志里没有配置错误，见 workload。',
        en: '{pod} keeps ending (exit code {exitCode}), and its log does not blame the configuration; see workload.',
      },
      'not-started': { zh: '{pod} 还没有启动过，见 workload。', en: '{pod} has not been started; see workload.' },
      'no-pods': noPods,
    },
  },
  'metrics-readable': {
    title: { zh: '采集器的指标可以读取', en: "The collector's own metrics can be read" },
    severity: 'warning',
    messages: {
      silent: {
        zh: '{pod} 的指标端口 {port} 接受连接但不应答，看不到它是否在丢数据。',
        en: '{pod} accepts connections on its metrics port {port} and says nothing: whether it loses data is not to be seen.',
      },
      other: {
        zh: '{pod} 的端口 {port} 上应答的不是采集器指标（{detail}）。',
        en: 'What answers on port {port} of {pod} are no metrics of a collector ({detail}).',
      },
      'no-metrics': unread['no-metrics'],
      'no-pods': noPods,
      'not-running': notRunning,
    },
  },
  'receivers-accept': {
    title: { zh: '接收端不拒收数据', en: 'Receivers refuse no data' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      refusing: {
        zh: '{pod} 正在拒收数据：{rates}（{seconds} 秒内实测）。多为 memory_limiter 达到内存上限，或下游导出端失败；发送方会重试，之后丢弃。',
        en: '{pod} refuses data: {rates}, measured over {seconds} s. Its memory limiter is at its limit, or what follows fails; senders retry and then drop it.',
      },
      'one-scrape': oneScrape,
      ...unread,
    },
  },
  'processors-pass': {
    title: { zh: '处理器不丢弃数据', en: 'Processors drop no data' },
    severity: 'warning',
    messages: {
      dropping: {
        zh: '{pod} 的处理器在拒绝或丢弃数据：{rates}（{seconds} 秒内实测）。',
        en: 'Processors of {pod} refuse or drop data: {rates}, measured over {seconds} s.',
      },
      'see-receivers-accept': {
        zh: '处理器拒绝的数据就是接收端拒收的，见 otel-collector/receivers-accept。',
        en: 'What the processors refuse is what the receivers refuse; see otel-collector/receivers-accept.',
      },
      'one-scrape': oneScrape,
      ...unread,
    },
  },
  'exporters-deliver': {
    title: { zh: '导出端把数据送达', en: 'Exporters deliver their data' },
    severity: 'warning',
    messages: {
      failing: {
        zh: '{pod} 的导出端 {exporters} 正在失败：{rates}（{seconds} 秒内实测），重试后已丢弃。最近的错误：{error}。',
        en: 'Exporter {exporters} of {pod} fails: {rates}, measured over {seconds} s, dropped after its retries. Last error: {error}.',
      },
      never: {
        zh: '{pod} 的导出端 {exporters} 自启动以来没有送达过任何数据，已失败 {failed} 条。最近的错误：{error}。',
        en: 'Exporter {exporters} of {pod} has delivered nothing since its start and failed {failed} items. Last error: {error}.',
      },
      stalled: {
        zh: '{pod} 的导出端 {exporters} 在 {seconds} 秒内没有送出任何数据，队列里还有 {queued} 批在等：后端没有应答，正在重试。最近的错误：{error}。',
        en: 'Exporter {exporters} of {pod} has sent nothing for {seconds} s while {queued} batches wait in its queue: its backend does not answer, and it retries. Last error: {error}.',
      },
      'no-exporters': {
        zh: '{pod} 的指标里还没有导出端：启动以来没有数据经过。',
        en: 'The metrics of {pod} name no exporter: nothing has passed since its start.',
      },
      'one-scrape': oneScrape,
      ...unread,
    },
  },
  'queues-have-room': {
    title: { zh: '发送队列有余量', en: 'Sending queues have room' },
    severity: 'warning',
    messages: {
      full: {
        zh: '{pod} 的发送队列快满了：{queues}。写满之后新数据直接丢弃。',
        en: 'The sending queue of {pod} fills up: {queues}. What comes when it is full is dropped.',
      },
      'no-queue': {
        zh: '{pod} 的导出端没有队列，或该版本不报告容量。',
        en: 'The exporters of {pod} have no queue, or its version does not tell the capacity.',
      },
      ...unread,
    },
  },
  'little-lost': {
    title: { zh: '启动以来几乎没有丢失数据', en: 'Hardly any data was lost since the start' },
    severity: 'info',
    messages: {
      lost: {
        zh: '{pod} 自启动以来导出失败：{shares}。目前没有再失败，丢的数据不会回来。',
        en: 'Since its start {pod} has failed to export: {shares}. It does not fail at present; what was lost stays lost.',
      },
      'see-exporters-deliver': {
        zh: '导出端正在失败，见 otel-collector/exporters-deliver。',
        en: 'An exporter fails at present; see otel-collector/exporters-deliver.',
      },
      ...unread,
    },
  },
  'receives-data': {
    title: { zh: '采集器在收到数据', en: 'The collector receives data' },
    severity: 'info',
    messages: {
      nothing: {
        zh: '{pod} 启动 {minutes} 分钟以来没有收到任何数据：没有探针接入，或它们连不到这里。',
        en: '{pod} has received nothing in the {minutes} minutes since its start: no agent is set up, or none reaches it.',
      },
      young: { zh: '{pod} 刚启动，还没有收到数据。', en: '{pod} was started only lately and has received nothing yet.' },
      'no-uptime': { zh: '{pod} 没有报告运行时长。', en: '{pod} does not tell how long it has been up.' },
      ...unread,
    },
  },
} as const satisfies Record<string, RuleMeta>;
