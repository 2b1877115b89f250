import type { RuleMeta } from '../../src/model/check.ts';

const notAsked = {
  'no-pods': { zh: '没有运行中的 Pod，见 workload。', en: 'No pod runs; see workload.' },
  'not-running': { zh: '{pods} 的容器没有运行，见 workload。', en: 'The container does not run in {pods}; see workload.' },
  'node-lost': { zh: '{pods} 所在节点失联，无法询问，见 node。', en: '{pods}: the node does not report, so nobody could be asked; see node.' },
  'no-port': {
    zh: '{pods}：没有 HTTP 探针，也没有可以试探的端口，不知道它在哪里提供 HTTP，只做了通用检查；可在 skiffctl.yaml 中给出 http-service.port。',
    en: '{pods}: no HTTP probe, and no port to try: where it would serve HTTP is not known, and only generic checks were possible. skiffctl.yaml can say it (http-service.port).',
  },
  'other-protocol': {
    zh: '{pods} 的 {port} 端口应答的不是 HTTP，而厂商探针也没有说它是 HTTP，只做了通用检查。',
    en: 'What answers on port {port} of {pods} does not speak HTTP, and no probe of the vendor says that it should: only generic checks were possible.',
  },
  starting: { zh: '{pods} 刚启动，尚未就绪。', en: '{pods}: started a moment ago and not ready yet.' },
  unready: { zh: '{pods} 未就绪，{port} 端口没有监听，见 workload。', en: '{pods}: not ready, and nobody listens on port {port}; see workload.' },
  follower: { zh: '{pods} 不是主副本，按设计不提供服务。', en: '{pods}: not the leader, and by design not serving.' },
} as const;

/** What is wrong with an answer, or with there being none; the same for one pod and for all. */
const silence = {
  refused: {
    zh: '{pods} 的 {port} 端口拒绝连接，而 Pod 显示就绪：进程没有在监听。',
    en: '{pods}: connections to port {port} are refused although the pod is Ready: the process does not listen.',
  },
  loopback: {
    zh: '{pods} 的 {port} 端口只在 Pod 内部可达（只监听了 127.0.0.1）：Service 和其他 Pod 都连不上。',
    en: 'Port {port} of {pods} can be reached within the pod alone (it listens on 127.0.0.1): no Service and no other pod gets through.',
  },
  hung: {
    zh: '{pods} 的 {port} 端口接受连接却一直不应答 GET {path}：进程卡死（线程耗尽、死锁，或在等数据库）。',
    en: '{pods}: port {port} accepts connections and GET {path} is never answered: the process hangs (no thread left, a deadlock, or it waits for its database).',
  },
  closed: {
    zh: '{pods} 的 {port} 端口接受连接后直接断开，没有应答 GET {path}。',
    en: '{pods}: port {port} accepts connections and closes them without an answer to GET {path}.',
  },
  garbage: {
    zh: '{pods} 的 {port} 端口应答的不是 HTTP：端口配错，或运行的不是这个服务。',
    en: 'What answers on port {port} of {pods} does not speak HTTP: the port is wrong, or something else runs there.',
  },
  'tls-wanted': {
    zh: '{pods} 的 {port} 端口要求 TLS，而探针和调用方按明文 HTTP 访问。',
    en: 'Port {port} of {pods} wants TLS, while its probe and so its clients are told to speak plain HTTP.',
  },
  'tls-missing': {
    zh: '{pods} 的 {port} 端口是明文 HTTP，而探针和调用方按 HTTPS 访问。',
    en: 'Port {port} of {pods} speaks plain HTTP, while its probe and so its clients are told to use TLS.',
  },
  error: { zh: '{pods} 对 GET {path} 返回 {status}：{said}', en: '{pods}: GET {path} is answered with {status}: {said}' },
  rejected: {
    zh: '{pods} 对厂商自己的就绪探针 GET {path} 返回 {status}：路径不存在或应用没有部署成功，Pod 无法就绪。',
    en: '{pods}: the vendor’s own readiness probe GET {path} is answered with {status}: the path is wrong or the application was not deployed, and the pod cannot become ready.',
  },
} as const;

const unwell = {
  dependency: {
    zh: '{pods} 自己报告 {parts} 不可用（{error}）；对应的依赖是 {suspects}。如果报告里它们正常，问题就在两者之间：网络、域名或账号密码。',
    en: '{parts} is down by the account of {pods}: {error} – this points at {suspects}. Where that is well in this report, the trouble is between the two: network, names or credentials.',
  },
  login: {
    zh: '{pods} 登录 {parts} 被拒绝：{error}。服务端在正常应答，是账号密码与服务端不一致（Secret 改了没重启，或数据库改了密码）。',
    en: '{parts} refuses the login of {pods}: {error} – it does answer, and the password or account is not the one that it knows.',
  },
  part: { zh: '{pods} 自己报告 {parts} 不可用：{error}', en: '{parts} is down by the account of {pods}: {error}' },
  disk: { zh: '{pods} 自己报告磁盘空间不足（{parts}）：{error}', en: 'The disk is full by the account of {pods} ({parts}): {error}' },
  bare: {
    zh: '{pods} 的 {path} 报告 {status}，没有说明原因。',
    en: '{path} of {pods} says {status} and not why.',
  },
  stuck: {
    zh: '{pods} 的 {path} 接受连接却不应答，而其他路径正常：健康检查在等某个依赖（通常是数据库连接）。',
    en: '{path} of {pods} does not answer while another path does: the health check waits for something, most often for a connection to the database.',
  },
} as const;

const unreported = {
  'no-report': { zh: '它没有健康报告可看。', en: 'It has no health report.' },
  unasked: { zh: '没有 Pod 应答，见 http-service/answers。', en: 'No pod answers; see http-service/answers.' },
} as const;

const unmeasured = { unasked: unreported.unasked } as const;

export const rules = {
  answers: {
    title: { zh: '服务有 HTTP 应答', en: 'The service answers over HTTP' },
    severity: 'critical',
    messages: {
      ...silence,
      'no-leader': {
        zh: '{pods} 都不是主副本：没有一个在提供服务。',
        en: 'None of {pods} is the leader: nobody serves.',
      },
      ...notAsked,
    },
  },
  'each-answers': {
    title: { zh: '每个 Pod 都有 HTTP 应答', en: 'Every pod of the service answers over HTTP' },
    severity: 'warning',
    messages: { ...silence, ...notAsked, 'see-answers': { zh: '见 http-service/answers。', en: 'See http-service/answers.' } },
  },
  healthy: {
    title: { zh: '服务报告自身健康', en: 'The service says that it is healthy' },
    severity: 'critical',
    messages: { ...unwell, ...unreported },
  },
  'each-healthy': {
    title: { zh: '每个 Pod 都报告自身健康', en: 'Every pod of the service says that it is healthy' },
    severity: 'warning',
    messages: { ...unwell, ...unreported, 'see-healthy': { zh: '见 http-service/healthy。', en: 'See http-service/healthy.' } },
  },
  prompt: {
    title: { zh: '应答及时', en: 'It answers at once' },
    severity: 'warning',
    messages: {
      slow: { zh: '{pods} 用了 {ms} ms 才应答 GET {path}（阈值 {limit} ms）。', en: 'GET {path} took {ms} ms at {pods} (limit {limit} ms).' },
      'see-timely': { zh: '见 http-service/timely。', en: 'See http-service/timely.' },
      ...unmeasured,
    },
  },
  timely: {
    title: { zh: '应答没有慢到不可用', en: 'It is not too slow to be used' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      'very-slow': {
        zh: '没有一个 Pod 能在 {limit} ms 内应答：{pods} 用了 {ms} ms 才应答 GET {path}。',
        en: 'No pod answers within {limit} ms: GET {path} took {ms} ms at {pods}.',
      },
      ...unmeasured,
    },
  },
  'readiness-agrees': {
    title: { zh: '就绪状态与 HTTP 应答一致', en: 'Readiness and answers agree' },
    severity: 'warning',
    effect: 'none',
    messages: {
      unseen: {
        zh: '{pods} 不能服务却仍显示就绪：它的就绪探针（{probe}）看不出来，请求还会发给它。',
        en: '{pods}: Ready and yet not serving. The readiness probe ({probe}) does not see it, and requests go on being sent there.',
      },
      contradicts: {
        zh: '{pods} 显示就绪，而它的就绪探针 GET {path} 现在得到的是：{found}。要么刚刚坏掉，要么 kubelet 得到的应答不同。',
        en: '{pods}: Ready, while what the readiness probe GET {path} gets now is: {found}. Either this is moments old, or the kubelet gets another answer.',
      },
      unready: {
        zh: '{pods} 未就绪，而它的就绪探针 GET {path} 现在返回 {status}（{ms} ms，kubelet 最多等 {timeout} s）：kubelet 到 Pod 不通，或探针条件过严。',
        en: '{pods}: not ready, while the readiness probe GET {path} is answered with {status} now ({ms} ms; the kubelet waits {timeout} s): the kubelet does not get through, or the probe is too strict.',
      },
      unasked: unreported.unasked,
    },
  },
  reachable: {
    title: { zh: 'API Server 能访问到各个 Pod', en: 'The API servers reach the pods' },
    severity: 'warning',
    effect: 'none',
    messages: {
      some: {
        zh: 'API Server 到 {pods} 的 {port} 端口不通或极慢，而它在 Pod 内部正常应答，其他 Pod 也能访问：节点间网络不通，或该 Pod 刚才卡住过。',
        en: 'The API server does not get through to port {port} of {pods}, which is answered within the pod, while other pods can be reached: the network between the nodes, or it was stuck for a moment.',
      },
      all: {
        zh: 'API Server 访问不到任何一个 Pod，而它们在 Pod 内部都正常应答：多半是 NetworkPolicy 只放行了调用方，不据此判断。',
        en: 'The API server gets through to none of the pods, and all answer within: most likely a NetworkPolicy admits clients alone. Nothing is made of it.',
      },
      unasked: unreported.unasked,
    },
  },
  'has-health-endpoint': {
    title: { zh: '服务有健康检查接口', en: 'The service has a health endpoint' },
    severity: 'info',
    messages: {
      none: {
        zh: '{pods} 的 HTTP 正常，但没有找到健康检查接口（{path} 返回 {status}）：只做了通用检查。可在 skiffctl.yaml 中给出 http-service.path。',
        en: 'HTTP of {pods} is alive and no health endpoint was found ({path} answers {status}): only generic checks were possible. skiffctl.yaml can name one (http-service.path).',
      },
      unasked: unreported.unasked,
    },
  },
  'as-expected': {
    title: { zh: '应答符合站点的期望', en: 'It answers what the site expects' },
    severity: 'warning',
    messages: {
      status: {
        zh: '{pods} 对 GET {path} 返回 {status}，skiffctl.yaml 期望 {expected}。',
        en: '{pods}: GET {path} is answered with {status}; skiffctl.yaml expects {expected}.',
      },
      value: {
        zh: '{pods} 的 GET {path} 应答中 {key} 是 {found}，skiffctl.yaml 期望 {expected}。',
        en: '{pods}: in the answer to GET {path}, {key} is {found}; skiffctl.yaml expects {expected}.',
      },
      unset: { zh: 'skiffctl.yaml 没有给出期望值。', en: 'skiffctl.yaml expects nothing of it.' },
      unasked: unreported.unasked,
    },
  },
  'page-loads': {
    title: { zh: '网页能打开', en: 'Its page loads' },
    severity: 'critical',
    messages: {
      missing: { zh: '{pods} 的首页返回 {status}，用户打不开页面。', en: '/ of {pods} answers {status}: nobody gets the page.' },
      silent: { zh: '{pods} 的首页没有应答。', en: '/ of {pods} is not answered.' },
      bare: {
        zh: '{pods} 的首页没有引用任何自己的脚本或样式：不是前端页面（可能是 nginx 默认页，或前端包没有部署）。',
        en: 'The page of {pods} names no script or style sheet of its own: it is not the console (a default page, or the bundle was not deployed).',
      },
      'asset-missing': {
        zh: '{pods} 的首页能打开，但它引用的 {asset} 返回 {status}：用户看到的是白屏。',
        en: 'The page of {pods} comes, and {asset}, which it needs, answers {status}: people see a blank page.',
      },
      slow: { zh: '{pods} 应答太慢，没有再问下去，见 http-service/prompt。', en: '{pods}: too slow to be asked for more; see http-service/prompt.' },
      'no-page': { zh: '它不提供网页。', en: 'It serves no page.' },
      'not-html': { zh: '{pods} 的首页不是 HTML，无法判断页面。', en: '/ of {pods} is no HTML, so that there is no page to judge.' },
      unasked: unreported.unasked,
    },
  },
  'passes-on': {
    title: { zh: '转发的请求有应答', en: 'What it passes on is answered' },
    severity: 'warning',
    messages: {
      failing: {
        zh: '{pods} 把 {path} 转发给 {to}，得到 {status}：后端没有应答。',
        en: '{pods} passes {path} on to {to} and gets {status}: the component behind it does not answer.',
      },
      silent: {
        zh: '{pods} 把 {path} 转发给 {to}，一直没有应答：后端卡死或不通。',
        en: '{pods} passes {path} on to {to} and nothing comes back: the component behind it hangs or cannot be reached.',
      },
      slow: { zh: '{pods} 应答太慢，没有再问下去，见 http-service/prompt。', en: '{pods}: too slow to be asked for more; see http-service/prompt.' },
      absent: { zh: '它转发到的组件没有在运行，见各自的 presence 与 workload。', en: 'What it passes on to does not run; see presence and workload there.' },
      nothing: { zh: '没有已知的转发路径。', en: 'No path is known that it passes on.' },
      unasked: unreported.unasked,
    },
  },
  'service-port-listens': {
    title: { zh: 'Service 指向的端口有程序监听', en: 'Its Services lead to where it listens' },
    severity: 'critical',
    messages: {
      wrong: {
        zh: 'Service {service} 的端口 {port} 指向 {target}，而 {pod} 的 {target} 端口没有程序监听（它在 {served} 上正常应答）：Service 的 targetPort 写错。',
        en: 'Port {port} of Service {service} leads to {target}, where nobody listens in {pod}, which answers on {served}: the targetPort is wrong.',
      },
      'no-services': { zh: '没有可以核对的 Service 端口。', en: 'There is no port of a Service to compare with.' },
      unasked: unreported.unasked,
    },
  },
  'each-service-port-listens': {
    title: { zh: 'Service 的每个端口都有程序监听', en: 'Every port of its Services leads to where it listens' },
    severity: 'warning',
    messages: {
      wrong: {
        zh: 'Service {service} 的端口 {port} 指向 {target}，而 {pod} 的 {target} 端口没有程序监听；其他端口正常。',
        en: 'Port {port} of Service {service} leads to {target}, where nobody listens in {pod}; there are other ports that work.',
      },
      'see-service-port-listens': { zh: '见 http-service/service-port-listens。', en: 'See http-service/service-port-listens.' },
      'no-services': { zh: '没有可以核对的 Service 端口。', en: 'There is no port of a Service to compare with.' },
      unasked: unreported.unasked,
    },
  },
  'log-clear': {
    title: { zh: '日志里没有已知的故障原因', en: 'Its log names no known cause of trouble' },
    severity: 'warning',
    effect: 'none',
    messages: {
      database: { zh: '{pod} 的日志显示数据库不可用或连接被拒：{line}', en: 'The log of {pod} says that its database is not reached: {line}' },
      pool: {
        zh: '{pod} 的日志显示数据库连接池耗尽（数据库慢、连接数不足，或程序没有归还连接）：{line}',
        en: 'The log of {pod} says that its pool of database connections is empty (a slow database, too few connections, or a leak): {line}',
      },
      login: {
        zh: '{pod} 的日志显示登录被拒（账号密码与服务端不一致）：{line}',
        en: 'The log of {pod} says that a login was refused (its password is not that of the server): {line}',
      },
      redis: { zh: '{pod} 的日志显示 Redis 或哨兵不可用：{line}', en: 'The log of {pod} says that Redis or its sentinels are not reached: {line}' },
      search: { zh: '{pod} 的日志显示 Elasticsearch 不可用：{line}', en: 'The log of {pod} says that Elasticsearch is not reached: {line}' },
      etcd: { zh: '{pod} 的日志显示 etcd 不可用：{line}', en: 'The log of {pod} says that etcd is not available: {line}' },
      dns: { zh: '{pod} 的日志显示域名解析失败：{line}', en: 'The log of {pod} says that a name was not resolved: {line}' },
      memory: { zh: '{pod} 的日志显示内存耗尽：{line}', en: 'The log of {pod} says that memory ran out: {line}' },
      certificate: { zh: '{pod} 的日志显示证书校验失败：{line}', en: 'The log of {pod} says that a certificate was not accepted: {line}' },
      start: { zh: '{pod} 的日志显示应用启动失败：{line}', en: 'The log of {pod} says that the application could not start: {line}' },
      unread: { zh: '没有需要看日志的 Pod。', en: 'No pod whose log had to be read.' },
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type HttpServiceRule = keyof typeof rules;
