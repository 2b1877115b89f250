import type { RuleMeta } from '../../src/model/check.ts';

const notJudged = {
  'no-proxy': { zh: '没有运行中的 HAProxy，见 workload。', en: 'No HAProxy runs; see workload.' },
  unserved: { zh: '经 HAProxy 访问不到 Redis，见 haproxy/answers。', en: 'No Redis answers through it; see haproxy/answers.' },
  'no-instance': { zh: '没有找到后端的 Redis 实例，无从对照。', en: 'The Redis instances behind it were not found, so that there is nothing to compare with.' },
} as const;

export const rules = {
  answers: {
    title: { zh: '经 HAProxy 能访问 Redis', en: 'Redis answers through HAProxy' },
    severity: 'critical',
    messages: {
      'no-server': {
        zh: '{pod} 接受 {port} 端口的连接后立即关闭：没有可用的后端，客户端全部失败。',
        en: '{pod} accepts connections to port {port} and closes them at once: it has no server to lead to, and every client fails.',
      },
      closed: {
        zh: '{pod} 接受 {port} 端口的连接后立即关闭，而它认为 {servers} 可用：后端拒绝连接，或 HAProxy 的检查结果不实。',
        en: '{pod} accepts connections to port {port} and closes them at once although it has {servers} up: that server refuses them, or its check proves nothing.',
      },
      silent: {
        zh: '经 {pod} 的 {port} 端口发出 PING 没有应答：HAProxy 卡死，或它连到的 Redis 卡死。',
        en: 'PING through port {port} of {pod} is not answered: HAProxy hangs, or the Redis that it leads to does.',
      },
      refused: { zh: '{pod} 没有监听 {port} 端口，而配置要求监听。', en: 'Nobody listens on port {port} of {pod}, which its configuration wants open.' },
      garbled: { zh: '{pod} 的 {port} 端口应答的不是 Redis 协议。', en: 'What answers on port {port} of {pod} does not speak the protocol of Redis.' },
      error: { zh: '经 {pod} 发出 PING 返回错误：{error}', en: 'PING through {pod} is answered with an error: {error}' },
      unready: { zh: '{pod} 未就绪且不提供服务，见 workload。', en: '{pod} is not ready and does not serve; see workload.' },
      'not-running': { zh: '{pod} 没有运行，见 workload。', en: '{pod} does not run; see workload.' },
      'node-lost': { zh: '{pod} 所在节点 {node} 失联，无法询问，见 node。', en: '{pod} is on {node}, which does not report; see node.' },
      'no-proxy': notJudged['no-proxy'],
    },
  },
  'leads-to-master': {
    title: { zh: 'HAProxy 指向主节点', en: 'HAProxy leads to a master' },
    severity: 'critical',
    messages: {
      replica: {
        zh: '{pod} 指向从节点 {instance}：经它写入返回 READONLY。各实例自报的主节点：{masters}。',
        en: '{pod} leads to the replica {instance}: who writes through it gets READONLY. Masters by their own account: {masters}.',
      },
      unserved: notJudged.unserved,
      'no-proxy': notJudged['no-proxy'],
    },
  },
  'leads-to-own-set': {
    title: { zh: 'HAProxy 指向本集合的实例', en: 'HAProxy leads to an instance of its own set' },
    severity: 'critical',
    messages: {
      stranger: {
        zh: '{pod} 指向的 Redis（run_id {run}）不是本集合任何一个 Pod：读写落到了另一套数据上。',
        en: 'The Redis that {pod} leads to (run id {run}) is none of the pods of its set: clients read and write other data.',
      },
      unserved: notJudged.unserved,
      'no-instance': notJudged['no-instance'],
      'no-proxy': notJudged['no-proxy'],
    },
  },
  'proxies-agree': {
    title: { zh: '各 HAProxy 指向同一个实例', en: 'All HAProxies lead to one instance' },
    severity: 'critical',
    messages: {
      differ: {
        zh: '各 HAProxy 指向不同的实例：{targets}。客户端的读写会落到不同的数据上。',
        en: 'The HAProxies lead to different instances: {targets}. Clients read and write different data.',
      },
      unserved: notJudged.unserved,
      'no-proxy': notJudged['no-proxy'],
    },
  },
  'has-server': {
    title: { zh: 'HAProxy 有可用的后端', en: 'HAProxy has a server that is up' },
    severity: 'critical',
    messages: {
      none: {
        zh: '{pod} 的后端没有一个可用：{servers}。',
        en: 'No server of {pod} is up: {servers}.',
      },
      empty: { zh: '{pod} 的后端里没有配置任何服务器。', en: 'The backend of {pod} has no servers at all.' },
      'no-proxy': notJudged['no-proxy'],
    },
  },
  'one-server': {
    title: { zh: 'HAProxy 只认一个后端为主', en: 'HAProxy takes only one server for the master' },
    severity: 'critical',
    messages: {
      several: {
        zh: '{pod} 认为 {servers} 同时可用，会把连接分给它们；而各实例自报的主节点只有 {masters}：健康检查没有按主节点角色判断，或检查结果已过时。',
        en: '{pod} has {servers} up at once and shares connections among them, while the instances show only {masters} as the master: its checks do not look for the master, or their results are old.',
      },
      split: {
        zh: '{pod} 认为 {servers} 同时为主，各实例也确有多个主节点（{masters}）：客户端的写入会分散到它们上面。',
        en: '{pod} has {servers} up at once, and the instances do show several masters ({masters}): the writes of clients are scattered among them.',
      },
      'just-started': { zh: '后端状态刚刚变化，检查尚未完成。', en: 'Servers went up or down only just now; their checks are not done yet.' },
      'no-proxy': notJudged['no-proxy'],
    },
  },
  'servers-exist': {
    title: { zh: '后端地址都指向现有的实例', en: 'Every server of HAProxy exists' },
    severity: 'warning',
    messages: {
      gone: {
        zh: '{pod} 的后端 {server} 指向 {host}，既不是本集合的 Pod，也不是现有的 Service；状态为 {status}。',
        en: 'The server {server} of {pod} leads to {host}, which is neither a pod of the set nor a Service; it is {status}.',
      },
      unresolved: {
        zh: '{pod} 的后端 {server}（{host}）解析不出地址，被置为 {status}：检查 DNS 与配置里的 resolvers。',
        en: '{pod} cannot resolve the name of its server {server} ({host}) and has set it to {status}: look at DNS and at the resolvers of its configuration.',
      },
      'no-instance': notJudged['no-instance'],
      'no-proxy': notJudged['no-proxy'],
    },
  },
  'sees-roles': {
    title: { zh: 'HAProxy 的判断与实例自报的角色一致', en: 'HAProxy and the instances agree about the roles' },
    severity: 'warning',
    messages: {
      'up-replica': {
        zh: '{pod} 认为 {server} 可用，而 {instance} 自报为从节点。',
        en: '{pod} has {server} up, while {instance} says that it is a replica.',
      },
      'down-master': {
        zh: '{pod} 认为 {server} 不可用（{check}），而 {instance} 自报为主节点且应答正常：健康检查配置有误（如缺少密码、匹配内容不对），或它与实例之间网络不通。',
        en: '{pod} has {server} down ({check}), while {instance} answers and says that it is the master: its check is wrong (no password, the wrong word), or the network between them is broken.',
      },
      'just-changed': { zh: '后端状态刚刚变化，检查尚未完成。', en: 'Servers went up or down only just now; their checks are not done yet.' },
      'no-instance': notJudged['no-instance'],
      'no-proxy': notJudged['no-proxy'],
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type HaproxyRule = keyof typeof rules;
