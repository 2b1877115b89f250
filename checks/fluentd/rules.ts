import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '没有运行中的日志采集 Pod，见 workload。', en: 'No pod of the log agent runs; see workload.' } as const;
/** Why nothing can be said of an agent. */
const unread = {
  'no-pods': noPods,
  'not-exposed': {
    zh: '{pod}（{agent}）没有开放监控端口 {port}：不开监控端口就看不到内部状态。',
    en: '{pod} ({agent}) does not expose its monitoring port {port}: it cannot be looked at without.',
  },
  'unknown-agent': {
    zh: '{pod} 不是 fluentd、Fluent Bit 或 Filebeat，不知道到哪里看它的状态。',
    en: '{pod} is none of fluentd, Fluent Bit and Filebeat: where it would tell of itself is not known.',
  },
  foreign: {
    zh: '{pod} 的端口 {port} 上应答的不是 {agent} 的监控数据（{detail}）。',
    en: 'What answers on port {port} of {pod} is no monitoring of {agent} ({detail}).',
  },
} as const;
const seeAnswers = { zh: '监控端口没有应答，见 fluentd/agent-answers。', en: 'The monitoring port does not answer; see fluentd/agent-answers.' } as const;
const silent = { ...unread, 'see-agent-answers': seeAnswers } as const;
const oneLook = { zh: '{pod} 只读到一次数据，无法判断是否还在增长。', en: 'There is only one look at {pod}: whether it goes on cannot be told.' } as const;

export const rules = {
  'agent-answers': {
    title: { zh: '日志采集器的监控端口在应答', en: 'The monitoring port of the log agent answers' },
    severity: 'warning',
    messages: {
      silent: {
        zh: '{pod}（{agent}）的监控端口 {port} 接受连接但不应答：进程卡住了。',
        en: '{pod} ({agent}) accepts connections on its monitoring port {port} and says nothing: its process hangs.',
      },
      ...unread,
    },
  },
  healthy: {
    title: { zh: 'Fluent Bit 自报健康', en: 'Fluent Bit says that it is healthy' },
    severity: 'warning',
    messages: {
      unhealthy: {
        zh: '{pod} 的健康检查返回 500：统计周期内输出错误或重试失败超过阈值。',
        en: 'The health check of {pod} answers 500: errors or failed retries of its outputs are above its limit.',
      },
      'no-health-check': { zh: '{pod}（{agent}）没有健康检查，或没有启用。', en: '{pod} ({agent}) has no health check, or it is off.' },
      ...silent,
    },
  },
  'outputs-deliver': {
    title: { zh: '采集到的日志送得出去', en: 'The collected logs are delivered' },
    severity: 'warning',
    messages: {
      retrying: {
        zh: '{pod} 的输出 {outputs} 一直在重试（连续失败 {attempts} 次，已 {seconds} 秒，积压 {waiting}）：日志发不出去。',
        en: 'Output {outputs} of {pod} keeps retrying ({attempts} failures in a row, for {seconds} s, {waiting} waiting): its logs do not get out.',
      },
      failing: {
        zh: '{pod} 的输出 {outputs} 在失败：{seconds} 秒内又有失败，一条也没有送出（累计失败 {errors} 次，积压 {waiting}）。',
        en: 'Output {outputs} of {pod} fails: more failures within {seconds} s and nothing delivered ({errors} failures in all, {waiting} waiting).',
      },
      never: {
        zh: '{pod} 的输出 {outputs} 启动以来没有送出过任何日志，已失败 {errors} 次。',
        en: 'Output {outputs} of {pod} has delivered nothing since its start, after {errors} failures.',
      },
      'no-outputs': { zh: '{pod} 没有报告任何输出。', en: '{pod} tells of no output.' },
      ...silent,
    },
  },
  'nothing-dropped': {
    title: { zh: '没有正在丢弃日志', en: 'No logs are being dropped' },
    severity: 'warning',
    messages: {
      dropping: { zh: '{pod} 正在丢弃日志：{outputs}（{seconds} 秒内实测）。', en: '{pod} drops logs: {outputs}, measured over {seconds} s.' },
      'one-look': oneLook,
      ...silent,
    },
  },
  'little-dropped': {
    title: { zh: '启动以来没有丢弃过日志', en: 'No logs were dropped since the start' },
    severity: 'info',
    messages: {
      dropped: { zh: '{pod} 启动以来丢弃过日志：{outputs}。', en: 'Since its start {pod} has dropped logs: {outputs}.' },
      'see-nothing-dropped': { zh: '正在丢弃，见 fluentd/nothing-dropped。', en: 'It goes on; see fluentd/nothing-dropped.' },
      ...silent,
    },
  },
  'buffers-have-room': {
    title: { zh: '缓冲区有余量', en: 'Buffers have room' },
    severity: 'warning',
    messages: {
      full: {
        zh: '{pod} 的缓冲区快满了：{outputs}。写满之后会阻塞采集或丢日志。',
        en: 'A buffer of {pod} fills up: {outputs}. When it is full, collecting stops or logs are dropped.',
      },
      'not-told': { zh: '{pod}（{agent}）不报告缓冲区余量。', en: '{pod} ({agent}) does not tell how full its buffers are.' },
      ...silent,
    },
  },
} as const satisfies Record<string, RuleMeta>;
