import type { RuleMeta } from '../../src/model/check.ts';
import { answersMessages, eachAnswersMessages, unjudged } from '../shared/harbor-answers.ts';

const elsewhere = {
  zh: 'nginx 的 HTTP 端口只把客户端转到 HTTPS，而它没有 HTTPS 端口可以询问。',
  en: 'Its HTTP port only sends clients to HTTPS, and it has no HTTPS port that could be asked.',
} as const;
const seeHttps = { zh: '它的 HTTPS 端口不应答，见 https-answers。', en: 'Its HTTPS port does not answer; see https-answers.' } as const;

export const rules = {
  answers: {
    title: { zh: '入口代理正常应答', en: 'The entry proxy answers' },
    severity: 'critical',
    messages: answersMessages,
  },
  'each-answers': {
    title: { zh: '每个入口代理副本都正常应答', en: 'Every replica of the entry proxy answers' },
    severity: 'warning',
    messages: eachAnswersMessages,
  },
  'leads-to-core': {
    title: { zh: '经入口代理能访问 harbor-core', en: 'The entry proxy leads to harbor-core' },
    severity: 'critical',
    messages: {
      'core-silent': {
        zh: '经 {pod} 访问 /api/ping 失败（{detail}），直接询问 harbor-core 也没有正常应答：这是后果，见 harbor-core。',
        en: '/api/ping through {pod} fails ({detail}), and harbor-core itself does not answer as it should either: a symptom, see harbor-core.',
      },
      stale: {
        zh: '经 {pod} 访问 /api/ping 失败（{detail}），harbor-core 的 Pod 直接询问却正常：nginx 记着过期的上游地址（只在启动时解析），或到 Service 的路不通。登录、推送和拉取全部失败。',
        en: '/api/ping through {pod} fails ({detail}) while a pod of harbor-core answers by itself: nginx holds an address that is gone (it resolves names at its start), or has no way to the Service. Logins, pushes and pulls fail.',
      },
      unconfirmed: {
        zh: '经 {pod} 访问 /api/ping 失败（{detail}），harbor-core 自己是否应答未能确认。',
        en: '/api/ping through {pod} fails ({detail}); whether harbor-core answers by itself could not be asked.',
      },
      elsewhere,
      'see-https': seeHttps,
      ...unjudged,
    },
  },
  'leads-to-registry': {
    title: { zh: '经入口代理能访问 registry API', en: 'The entry proxy leads to the registry API' },
    severity: 'critical',
    messages: {
      failing: {
        zh: '经 {pod} 访问 /v2/ 失败（{detail}），而 /api/ping 正常：harbor-core 后面的 registry 不可用，docker 推送和拉取失败。',
        en: '/v2/ through {pod} fails ({detail}) while /api/ping works: the registry behind harbor-core does not serve, and docker can neither push nor pull.',
      },
      missing: {
        zh: '经 {pod} 访问 /v2/ 返回 HTTP {status}，应为 401：nginx 没有把 /v2/ 转给 harbor-core，docker 客户端无法使用。',
        en: '/v2/ through {pod} brings HTTP {status} instead of 401: nginx does not pass /v2/ on to harbor-core, and docker cannot use it.',
      },
      'see-core': { zh: '经代理访问不到 harbor-core，见 leads-to-core。', en: 'The proxy does not lead to harbor-core; see leads-to-core.' },
      elsewhere,
      'see-https': seeHttps,
      ...unjudged,
    },
  },
  'leads-to-portal': {
    title: { zh: '经入口代理能打开界面', en: 'The entry proxy leads to the pages' },
    severity: 'warning',
    messages: {
      'portal-silent': {
        zh: '经 {pod} 打开首页失败（{detail}），直接询问 harbor-portal 也没有正常应答：这是后果，见 harbor-portal。',
        en: 'The first page through {pod} fails ({detail}), and harbor-portal itself does not answer as it should either: a symptom, see harbor-portal.',
      },
      stale: {
        zh: '经 {pod} 打开首页失败（{detail}），harbor-portal 的 Pod 直接询问却正常：nginx 记着过期的上游地址，或到 Service 的路不通。',
        en: 'The first page through {pod} fails ({detail}) while a pod of harbor-portal answers by itself: nginx holds an address that is gone, or has no way to the Service.',
      },
      unconfirmed: {
        zh: '经 {pod} 打开首页失败（{detail}），harbor-portal 自己是否应答未能确认。',
        en: 'The first page through {pod} fails ({detail}); whether harbor-portal answers by itself could not be asked.',
      },
      elsewhere,
      'see-https': seeHttps,
      ...unjudged,
    },
  },
  'https-answers': {
    title: { zh: '入口代理的 HTTPS 端口应答', en: 'The HTTPS port of the entry proxy answers' },
    severity: 'critical',
    messages: {
      silent: {
        zh: '{pod} 声明了 HTTPS 端口 {port} 却没有正常应答（{state}）：证书或密钥缺失会让 nginx 不监听它，用 https 的 docker 客户端全部失败。',
        en: '{pod} declares the HTTPS port {port}, which does not answer as it should ({state}): without certificate or key nginx does not listen there, and every docker client over https fails.',
      },
      without: { zh: 'nginx 没有声明 HTTPS 端口，TLS 多半在 Ingress 上终止。', en: 'It declares no HTTPS port; TLS most likely ends at the ingress.' },
      ...unjudged,
    },
  },
  'body-size': {
    title: { zh: '没有请求因过大被拒绝', en: 'No request was too large' },
    severity: 'warning',
    messages: {
      'too-large': {
        zh: '{pod} 最近的日志里有 {count} 个请求因过大被拒绝（413），最后一个 {size}，时间 {at}（容器时区）：client_max_body_size 有限制，推送大镜像层会失败。',
        en: '{pod} refused {count} requests in the end of its log as too large (413), the last one of {size} at {at} (time of its container): client_max_body_size is limited, and large layers cannot be pushed.',
      },
      'no-pods': unjudged['no-pods'],
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type ProxyRule = keyof typeof rules;
