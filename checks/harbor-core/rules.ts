import type { RuleMeta } from '../../src/model/check.ts';

/** Why nothing can be asked. */
const unasked = {
  'no-pods': { zh: '组件没有 Pod，见 workload。', en: 'It has no pods; see workload.' },
  'none-answers': { zh: '没有 core 应答，见 harbor-core/serves。', en: 'No core answers; see harbor-core/serves.' },
} as const;

const starting = { zh: 'core 刚启动，各部件还没有检查结果。', en: 'The cores have just started and have no results yet.' } as const;
const notServed = {
  zh: '应答的 core 没有 {path}（404）：与任何已发布的 Harbor 都不符，无从判断。',
  en: 'What answers does not know {path} (404), unlike any published Harbor: there is nothing to judge.',
} as const;
const notTold = {
  zh: '{version} 不向未登录者提供该数据。',
  en: 'A Harbor {version} does not tell this without a login.',
} as const;
const noAggregate = {
  zh: 'Harbor 1.8 之前没有汇总健康接口，由各部件自己的检查说明。',
  en: 'A Harbor before 1.8 does not tell of its parts; their own checks do.',
} as const;
const noToken = { zh: '没有拿到令牌，见 harbor-core/token-issued。', en: 'No token was issued; see harbor-core/token-issued.' } as const;
const noExternal = {
  zh: '不知道 Harbor 的对外地址：配置里没有 EXT_ENDPOINT，systeminfo 也没有 registry_url。',
  en: 'The external address of Harbor is not known: no EXT_ENDPOINT in its configuration, no registry_url in systeminfo.',
} as const;
const noRealm = { zh: '没有拿到令牌地址，见 harbor-core/registry-protected。', en: 'No token address was given; see harbor-core/registry-protected.' } as const;

export const rules = {
  serves: {
    title: { zh: '至少一个 core 应答', en: 'At least one core answers' },
    severity: 'critical',
    messages: {
      none: {
        zh: '{total} 个 core 都不应答（{detail}）：登录、拉取和推送全部失败。',
        en: 'None of {total} cores answers ({detail}): logins, pulls and pushes all fail.',
      },
      'not-running': { zh: '没有运行中的 core，见 workload。', en: 'No core runs; see workload.' },
      starting: { zh: 'core 刚启动，还没有监听端口。', en: 'The cores have just started and do not listen yet.' },
      'no-pods': unasked['no-pods'],
    },
  },
  answers: {
    title: { zh: '每个 core 都应答', en: 'Every core answers' },
    severity: 'warning',
    messages: {
      refused: { zh: '{pod} 没有监听 {port} 端口（{detail}）。', en: 'Nobody listens on port {port} of {pod} ({detail}).' },
      silent: {
        zh: '{pod} 卡住：{port} 端口接受连接，但 {seconds} 秒内没有应答。',
        en: '{pod} hangs: port {port} accepts and says nothing within {seconds} s.',
      },
      closed: { zh: '{pod} 的 {port} 端口接受连接后断开（{detail}）。', en: '{pod} accepts on port {port} and closes ({detail}).' },
      failing: { zh: '{pod} 对所有请求都返回错误：{detail}。', en: '{pod} answers everything with an error: {detail}.' },
      foreign: { zh: '{pod} 的 {port} 端口上应答的不是 Harbor core：{detail}。', en: 'What answers on port {port} of {pod} is no Harbor core: {detail}.' },
      starting: { zh: '{pod} 刚启动，还没有监听端口。', en: '{pod} has just started and does not listen yet.' },
      'not-running': { zh: '{pod} 没有运行，见 workload。', en: '{pod} does not run; see workload.' },
      'node-lost': { zh: '{pod} 所在节点 {node} 失联，无法询问，见 node。', en: '{pod} is on {node}, which does not report; see node.' },
      'no-pods': unasked['no-pods'],
    },
  },
  'configuration-read': {
    title: { zh: 'core 能读到自己的配置', en: 'The cores read their configuration' },
    severity: 'critical',
    messages: {
      adminserver: {
        zh: '{pods} 进程正常（ping 返回 Pong），但 systeminfo 失败（{detail}）：1.7 的配置由 adminserver 保存，core 读不到，登录和拉取都会出错。',
        en: 'Ping of {pods} answers and systeminfo fails ({detail}): in 1.7 the adminserver keeps the configuration, and without it logins and pulls fail.',
      },
      database: {
        zh: '{pods} 进程正常，但 systeminfo 失败（{detail}）：配置在数据库里，core 读不到。',
        en: 'Ping of {pods} answers and systeminfo fails ({detail}): the configuration is in the database and cannot be read.',
      },
      'not-served': notServed,
      ...unasked,
    },
  },
  'database-reachable': {
    title: { zh: 'core 能访问数据库', en: 'The cores reach their database' },
    severity: 'critical',
    messages: {
      reported: { zh: '{pods} 报告数据库不健康：{error}。', en: 'By the account of {pods} the database is unhealthy: {error}.' },
      projects: {
        zh: '{pods} 列不出公开项目（{detail}）：该请求要查数据库。',
        en: 'The public projects cannot be listed through {pods} ({detail}), which asks the database.',
      },
      starting,
      'not-served': notServed,
      ...unasked,
    },
  },
  'redis-reachable': {
    title: { zh: 'core 能访问 Redis', en: 'The cores reach their Redis' },
    severity: 'critical',
    messages: {
      reported: {
        zh: '{pods} 报告 Redis 不健康：{error}。会话存不下来，登录会失败。',
        en: 'By the account of {pods} Redis is unhealthy: {error}. Sessions cannot be kept and logins fail.',
      },
      starting,
      unlisted: { zh: 'core 的汇总健康里没有 Redis。', en: 'The cores do not name Redis among their parts.' },
      'not-told': noAggregate,
      ...unasked,
    },
  },
  'registry-reachable': {
    title: { zh: 'core 能访问 registry', en: 'The cores reach the registry' },
    severity: 'critical',
    messages: {
      reported: {
        zh: '{pods} 报告 registry 不健康：{error}。镜像拉取和推送失败。',
        en: 'By the account of {pods} the registry is unhealthy: {error}. Images can be neither pulled nor pushed.',
      },
      status: {
        zh: '经 {pods} 访问 /v2/ 失败（{detail}）：镜像拉取和推送都走这里。',
        en: '/v2/ fails through {pods} ({detail}), and every pull and push goes there.',
      },
      starting,
      'not-served': notServed,
      ...unasked,
    },
  },
  'parts-healthy': {
    title: { zh: 'Harbor 的其余部件健康', en: 'The other parts of Harbor are healthy' },
    severity: 'warning',
    messages: {
      reported: { zh: '{pods} 报告 {part} 不健康：{error}。', en: 'By the account of {pods} {part} is unhealthy: {error}.' },
      starting,
      'not-told': noAggregate,
      ...unasked,
    },
  },
  'health-consistent': {
    title: { zh: 'Harbor 报告的健康状态与实际一致', en: 'The health that Harbor tells is what is seen' },
    severity: 'warning',
    messages: {
      overall: {
        zh: '{pod} 的汇总状态为 {status}，而其中不健康的部件是：{parts}。',
        en: '{pod} sums its health up as {status}, and its unhealthy parts are: {parts}.',
      },
      contradicts: {
        zh: '{pod} 报告 {part} 健康，但需要它的请求失败（{detail}）。',
        en: '{pod} calls {part} healthy, and fails at what needs it ({detail}).',
      },
      'answers-itself': {
        zh: 'core 报告 {part} 不健康，而 {pod} 自己应答正常（{detail}）：问题在两者之间的网络、Service 或 DNS，或在 core 的配置地址上。',
        en: 'The cores call {part} unhealthy, and {pod} answers by itself ({detail}): what is wrong lies between them, in network, Service, DNS or the address that core is given.',
      },
      'not-told': noAggregate,
      ...unasked,
    },
  },
  'cores-agree': {
    title: { zh: '各个 core 说法一致', en: 'The cores agree' },
    severity: 'warning',
    messages: {
      differ: {
        zh: '各个 core 说法不一（{differences}）：请求落到哪个 Pod，结果就不同。',
        en: 'The cores differ ({differences}): what a client gets depends on the pod that it meets.',
      },
      alone: { zh: '可以比较的 core 不足两个。', en: 'Fewer than two cores can be compared.' },
      ...unasked,
    },
  },
  'registry-protected': {
    title: { zh: 'registry 要求令牌', en: 'The registry wants a token' },
    severity: 'warning',
    messages: {
      open: {
        zh: '经 {pods} 不带令牌访问 /v2/ 返回 200：registry 没有启用认证，谁都能读写镜像。',
        en: '/v2/ through {pods} answers 200 without a token: authentication of the registry is off, and anybody may read and write images.',
      },
      'no-token': {
        zh: '经 {pods} 访问 /v2/ 返回 401，但没有给出 Bearer 令牌地址（{scheme}）：docker 客户端不知道去哪里取令牌。',
        en: '/v2/ through {pods} answers 401 without the address of a Bearer token ({scheme}): docker clients do not know where to get one.',
      },
      unreachable: { zh: '经 core 访问不到 registry，见 harbor-core/registry-reachable。', en: '/v2/ fails; see harbor-core/registry-reachable.' },
      'not-served': notServed,
      ...unasked,
    },
  },
  'token-realm-right': {
    title: { zh: '令牌地址是 Harbor 的对外地址', en: 'Clients are sent to the external address for tokens' },
    severity: 'critical',
    messages: {
      host: {
        zh: '{pods} 让客户端去 {realm} 取令牌，而 Harbor 的对外地址是 {external}（{source}）：docker login、拉取和推送都会失败。',
        en: 'Clients of {pods} are sent to {realm} for tokens, and the external address of Harbor is {external} ({source}): docker login, pull and push fail.',
      },
      scheme: {
        zh: '{pods} 让客户端去 {realm} 取令牌，而 Harbor 的对外地址是 {external}（{source}）：协议不同，登录会失败或反复要求登录。',
        en: 'Clients of {pods} are sent to {realm} for tokens, and the external address of Harbor is {external} ({source}): with the other scheme logins fail or never end.',
      },
      'no-external': noExternal,
      'no-realm': noRealm,
      ...unasked,
    },
  },
  'token-issued': {
    title: { zh: 'core 能签发令牌', en: 'The cores issue tokens' },
    severity: 'critical',
    messages: {
      status: {
        zh: '{pods} 签发不了令牌（{detail}）：读不到签名私钥或配置，所有拉取和推送都会失败。',
        en: 'No token is issued by {pods} ({detail}): the signing key or the configuration cannot be read, and every pull and push fails.',
      },
      garbled: { zh: '{pods} 的令牌服务返回的不是签名令牌。', en: 'The token service of {pods} does not answer with a signed token.' },
      'not-served': notServed,
      ...unasked,
    },
  },
  'tokens-in-time': {
    title: { zh: '令牌在集群时间内有效', en: 'Tokens are valid at the time of the cluster' },
    severity: 'critical',
    messages: {
      ahead: {
        zh: '{pod} 的时钟快 {seconds} 秒：它签发的令牌尚未生效，registry 一律返回 401。',
        en: 'The clock of {pod} is {seconds} s ahead: the registry takes its tokens for not yet valid and answers 401.',
      },
      expired: {
        zh: '{pod} 的时钟慢 {seconds} 秒：它签发的令牌已经过期，registry 一律返回 401。',
        en: 'The clock of {pod} is {seconds} s behind: its tokens have expired when they are issued, and the registry answers 401.',
      },
      'no-token': noToken,
      ...unasked,
    },
  },
  'clock-close': {
    title: { zh: 'core 的时钟与集群一致', en: 'The clocks of the cores are right' },
    severity: 'warning',
    messages: {
      ahead: { zh: '{pod} 的时钟比集群时间快 {seconds} 秒。', en: 'The clock of {pod} is {seconds} s ahead of the cluster.' },
      behind: { zh: '{pod} 的时钟比集群时间慢 {seconds} 秒。', en: 'The clock of {pod} is {seconds} s behind the cluster.' },
      'no-token': noToken,
      ...unasked,
    },
  },
  writable: {
    title: { zh: 'Harbor 可写', en: 'Harbor takes images' },
    severity: 'warning',
    messages: {
      'read-only': {
        zh: 'Harbor 处于只读模式（{pods}）：可以拉取，不能推送、删除和建项目。垃圾回收期间会短暂如此。',
        en: 'Harbor is read-only ({pods}): images can be pulled, not pushed or deleted. A garbage collection makes it so for a while.',
      },
      'not-told': notTold,
      unread: { zh: '读不到配置，见 harbor-core/configuration-read。', en: 'The configuration is not read; see harbor-core/configuration-read.' },
      ...unasked,
    },
  },
  'vulnerability-data-fresh': {
    title: { zh: '漏洞库是新的', en: 'The vulnerability data are fresh' },
    severity: 'warning',
    messages: {
      stale: {
        zh: '漏洞库 {age} 没有更新：扫描结果会漏掉新的漏洞。',
        en: 'The vulnerability data have not been updated for {age}: scans miss what is new.',
      },
      never: {
        zh: '漏洞库从未更新成功，或 core 读不到 Clair 的数据库：扫描没有结果。',
        en: 'The vulnerability data have never been updated, or the core cannot read the database of Clair: scans find nothing.',
      },
      'no-scanner': { zh: '没有启用 Clair。', en: 'Clair is not in use.' },
      'not-told': notTold,
      unread: { zh: '读不到配置，见 harbor-core/configuration-read。', en: 'The configuration is not read; see harbor-core/configuration-read.' },
      ...unasked,
    },
  },
  'storage-not-full': {
    title: { zh: '镜像存储没有写满', en: 'The image store is not full' },
    severity: 'critical',
    messages: {
      full: {
        zh: '镜像存储只剩 {percent}%（{free}，共 {total}）：推送失败。',
        en: '{percent} % of the image store are left ({free} of {total}): pushes fail.',
      },
      'not-told': { zh: '存储用量只告诉管理员，见 harbor-registry 的数据卷。', en: 'Only an administrator is told; see the volume of harbor-registry.' },
      ...unasked,
    },
  },
  'storage-has-spare': {
    title: { zh: '镜像存储有余量', en: 'The image store has room to spare' },
    severity: 'warning',
    messages: {
      low: { zh: '镜像存储只剩 {percent}%（{free}，共 {total}）。', en: '{percent} % of the image store are left ({free} of {total}).' },
      full: { zh: '镜像存储已满，见 harbor-core/storage-not-full。', en: 'The image store is full; see harbor-core/storage-not-full.' },
      'not-told': { zh: '存储用量只告诉管理员，见 harbor-registry 的数据卷。', en: 'Only an administrator is told; see the volume of harbor-registry.' },
      ...unasked,
    },
  },
} as const satisfies Readonly<Record<string, RuleMeta>>;

export type HarborCoreRule = keyof typeof rules;
