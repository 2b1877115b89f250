import type { RuleMeta } from '../../src/model/check.ts';

const notNeeded = {
  zh: 'Harbor 是 {version}：1.8 起配置在数据库里，不再需要 adminserver。',
  en: 'This Harbor is {version}: from 1.8 on the configuration is in the database and no adminserver is needed.',
} as const;
const noPods = { zh: '组件没有 Pod，见 workload。', en: 'It has no pods; see workload.' } as const;

export const rules = {
  serves: {
    title: { zh: '至少一个 adminserver 应答', en: 'At least one adminserver answers' },
    severity: 'critical',
    messages: {
      none: {
        zh: '{total} 个 adminserver 都不应答（{detail}）：core 读不到配置，登录和拉取会出错，core 重启后也起不来。',
        en: 'None of {total} adminservers answers ({detail}): the cores cannot read their configuration, logins and pulls fail, and a core that restarts does not come back.',
      },
      'not-running': { zh: '没有运行中的 adminserver，见 workload。', en: 'No adminserver runs; see workload.' },
      starting: { zh: 'adminserver 刚启动，还没有监听端口。', en: 'The adminserver has just started and does not listen yet.' },
      'not-needed': notNeeded,
      'no-pods': noPods,
    },
  },
  answers: {
    title: { zh: '每个 adminserver 都应答', en: 'Every adminserver answers' },
    severity: 'warning',
    messages: {
      refused: { zh: '{pod} 没有监听 {port} 端口（{detail}）。', en: 'Nobody listens on port {port} of {pod} ({detail}).' },
      silent: {
        zh: '{pod} 卡住：{port} 端口接受连接，但 {seconds} 秒内没有应答。',
        en: '{pod} hangs: port {port} accepts and says nothing within {seconds} s.',
      },
      closed: { zh: '{pod} 的 {port} 端口接受连接后断开（{detail}）。', en: '{pod} accepts on port {port} and closes ({detail}).' },
      failing: { zh: '{pod} 的 /api/ping 返回错误：{detail}。', en: '{pod} answers /api/ping with an error: {detail}.' },
      foreign: {
        zh: '{pod} 的 {port} 端口上应答的不是 Harbor adminserver：{detail}。',
        en: 'What answers on port {port} of {pod} is no Harbor adminserver: {detail}.',
      },
      starting: { zh: '{pod} 刚启动，还没有监听端口。', en: '{pod} has just started and does not listen yet.' },
      'not-running': { zh: '{pod} 没有运行，见 workload。', en: '{pod} does not run; see workload.' },
      'node-lost': { zh: '{pod} 所在节点 {node} 失联，无法询问，见 node。', en: '{pod} is on {node}, which does not report; see node.' },
      'not-needed': notNeeded,
      'no-pods': noPods,
    },
  },
} as const satisfies Readonly<Record<string, RuleMeta>>;

export type HarborAdminserverRule = keyof typeof rules;
