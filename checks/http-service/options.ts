import type { OptionMeta } from '../../src/model/check.ts';

export interface HttpServiceOptions {
  port: number;
  path: string;
  scheme: string;
  guess: boolean;
  expectedStatus: number;
  expectedJson: Readonly<Record<string, string | number | boolean | null>>;
  slowMs: number;
  verySlowMs: number;
  startSeconds: number;
  graceSeconds: number;
  leaderOnly: boolean;
  page: boolean;
  passesOn: Readonly<Record<string, string>>;
}

export const options: { readonly [K in keyof HttpServiceOptions]: OptionMeta<HttpServiceOptions[K]> } = {
  port: {
    default: 0,
    accepts: { least: 0, most: 65_535 },
    description: {
      zh: '服务的 HTTP 端口。0 表示自动判断：先看厂商自己的探针，再看 Service，再看容器声明的端口。',
      en: 'The port of its HTTP interface. With 0 it is found out: by the vendor’s own probe, else where the Service leads, else by what the container declares.',
    },
    source: 'components.md §9.2',
  },
  path: {
    default: '',
    accepts: { pattern: '^(/[!-~]*)?$' },
    description: {
      zh: '请求的路径。留空表示自动判断：先用厂商探针的路径，否则依次尝试常见的健康检查路径。',
      en: 'The path that is asked. Empty: that of the vendor’s own probe, else the usual health paths one after the other.',
    },
    source: 'components.md §9.2',
  },
  scheme: {
    default: '',
    accepts: { oneOf: ['', 'http', 'https'] },
    description: { zh: 'http 或 https。留空表示与厂商探针一致。', en: 'http or https. Empty: as the vendor’s probe.' },
    source: 'Kubernetes documentation, "Configure Liveness, Readiness and Startup Probes"',
  },
  guess: {
    default: true,
    description: {
      zh: '厂商没有 HTTP 探针时，是否在 Service 或容器声明的端口上试探常见路径。文档未提及的组件为 false：不知道它说什么协议，就不去试。',
      en: 'Whether the usual paths are tried at the port of a Service or a container where the vendor has no HTTP probe. False for components that the documents do not name: who knows what they speak.',
    },
    source: 'components.md §9.2; a database counts strangers that do not speak its protocol (MySQL documentation, max_connect_errors)',
  },
  expectedStatus: {
    default: 0,
    accepts: { least: 0, most: 599 },
    description: {
      zh: '期望的 HTTP 状态码。0 表示按惯例判断：2xx、3xx、401、403 都算正常。',
      en: 'The status that the path has to answer with. With 0 the usual ones are right: 2xx, 3xx, 401 and 403.',
    },
    source: 'what the site knows about its service',
  },
  expectedJson: {
    default: {},
    description: {
      zh: '应答 JSON 中必须有的值：以点分隔的路径 → 值，例如 data.ready: true。',
      en: 'Values that the answer has to have: path with dots → value, for example data.ready: true.',
    },
    source: 'what the site knows about its service',
  },
  slowMs: {
    default: 1000,
    unit: 'ms',
    accepts: { least: 1 },
    description: { zh: '应答超过多久告警。', en: 'From how long on an answer is slow.' },
    source: 'components.md §9.2; the kubelet gives up after 1 s unless the probe says otherwise (Kubernetes documentation, timeoutSeconds)',
  },
  verySlowMs: {
    default: 5000,
    unit: 'ms',
    accepts: { least: 1, most: 8000 },
    description: {
      zh: '应答超过多久视为严重；再多等一秒仍无应答，就按卡死处理。',
      en: 'From how long on it is as good as none. One second later nobody waits any longer, and it is found out whether the service hangs.',
    },
    source: 'components.md §9.2',
  },
  startSeconds: {
    default: 180,
    unit: 's',
    accepts: { least: 0 },
    description: {
      zh: '容器启动后多少秒内、且未就绪时不判断：Java 服务启动慢。',
      en: 'For how long after its start a container that is not ready is not judged: Java services start slowly.',
    },
    source: 'components.md §17.1, slow starts of the Spring and Tomcat class',
  },
  graceSeconds: {
    default: 60,
    unit: 's',
    accepts: { least: 0 },
    description: {
      zh: 'Pod 就绪状态变化后多久，才把它与 HTTP 应答之间的矛盾当真。',
      en: 'How long a pod must have been ready, or not, before a contradiction with its answer counts.',
    },
    source: 'Kubernetes documentation, periodSeconds (10 s by default) and failureThreshold (3): 30 s until a change is noticed, twice that to be sure',
  },
  leaderOnly: {
    default: false,
    description: {
      zh: '只有主副本提供服务，其余副本按设计拒绝或返回 4xx，且不就绪。',
      en: 'Only the leader serves; the other replicas refuse or answer 4xx and are not ready, by design.',
    },
    source: 'components.md §9.1 and §13.5, ncs-webconsole',
  },
  page: {
    default: false,
    description: { zh: '它提供网页：首页应为 HTML，且引用的脚本能加载。', en: 'It serves a page: / is HTML, and a script that it names loads.' },
    source: 'components.md §9.2 and Q04, front',
  },
  passesOn: {
    default: {},
    accepts: { keys: '^/[!-~]*$' },
    description: {
      zh: '它转发给其他组件的路径 → 组件。返回 502、503、504 视为后端的故障。',
      en: 'Paths that it passes on → the component behind each. 502, 503 and 504 are that component’s fault.',
    },
    source: 'components.md §9.2 and Q05, front',
  },
};
