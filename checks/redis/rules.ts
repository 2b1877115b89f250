import type { RuleMeta } from '../../src/model/check.ts';

const notJudged = {
  'no-instance': { zh: '没有运行中的实例，见 workload。', en: 'No instance runs; see workload.' },
  cluster: {
    zh: '实例以 Redis Cluster 模式运行，这里的主从规则不适用。',
    en: 'The instances form a Redis Cluster, which rules of masters and replicas do not fit.',
  },
  'no-master': { zh: '没有可用的主节点，见 redis/has-master。', en: 'There is no master; see redis/has-master.' },
  'no-replica': { zh: '没有从节点。', en: 'There is no replica.' },
  standalone: { zh: '单实例部署，没有哨兵，无需从节点。', en: 'A single instance without sentinels: it has no replica by design.' },
} as const;

/** What every rule may answer with. */
const always = { 'no-instance': notJudged['no-instance'], cluster: notJudged.cluster } as const;
/** What a rule that hears every instance says of one that serves nobody. */
const each = {
  ...always,
  unheard: { zh: '{pod} 不提供服务，无从判断，见 redis/instances-answer。', en: '{pod} does not serve and cannot be judged; see redis/instances-answer.' },
} as const;

export const rules = {
  'has-master': {
    title: { zh: '主从集合中有主节点在服务', en: 'A master serves the set' },
    severity: 'critical',
    messages: {
      'none-left': {
        zh: '没有主节点：能应答的 {replicas} 个实例全是从节点，跟随 {followed}，断开已 {age}，没有完成切换。写入全部失败。',
        en: 'There is no master: all {replicas} instances that answer are replicas of {followed}, cut off for {age}, and none has taken over. Nothing can be written.',
      },
      'dead-address': {
        zh: '没有主节点：{replicas} 个从节点都在跟随 {address}，这个地址已不属于任何 Pod，断开已 {age}，多为 Pod 重建换了 IP 而没有切换。写入全部失败。',
        en: 'There is no master: {replicas} replicas follow {address}, which belongs to no pod any more, and have been cut off for {age}. A pod was recreated with another address and nobody took over. Nothing can be written.',
      },
      outside: {
        zh: '集合内没有主节点：{replicas} 个实例全是从节点，主节点 {address} 在集合之外。向本集合的写入会返回 READONLY。',
        en: 'The set has no master of its own: all {replicas} instances replicate from {address} outside of it. Who writes here gets READONLY.',
      },
      hangs: {
        zh: '主节点 {pod} 没有响应（{answer}），{followers} 个从节点仍在跟随它，没有完成切换。写入全部失败。',
        en: 'The master {pod} does not answer ({answer}). {followers} replicas still follow it, and none has taken over. Nothing can be written.',
      },
      gone: {
        zh: '主节点 {pod} 已不在运行，{followers} 个从节点断开已 {age}，没有完成切换。写入全部失败。',
        en: 'The master {pod} does not run. {followers} replicas have been cut off for {age}, and none has taken over. Nothing can be written.',
      },
      'none-serves': { zh: '{instances} 个实例没有一个在服务：{answers}。', en: 'None of {instances} instances serves: {answers}.' },
      'failing-over': {
        zh: '暂时没有主节点，未超过切换时限，见 redis/settled。',
        en: 'There is no master at this moment, for less time than a failover may take; see redis/settled.',
      },
      loading: { zh: '主节点 {pod} 正在加载数据，见 redis/loaded。', en: 'The master {pod} is loading its data; see redis/loaded.' },
      ...always,
    },
  },
  'one-master': {
    title: { zh: '没有两个实例同时为主', en: 'No two instances are masters at once' },
    severity: 'critical',
    messages: {
      split: {
        zh: '{count} 个实例同时为主：{masters}。发生脑裂，写到其中一方的数据会丢失。',
        en: '{count} instances are masters at once: {masters}. What is written to all but one of them will be lost.',
      },
      unrelated: {
        zh: '{count} 个实例各自为主，彼此之间没有复制：{masters}。经同一个 Service 访问时，读写会落到不同的数据上。',
        en: '{count} instances are masters of their own and nothing replicates between them: {masters}. Clients of one Service see different data.',
      },
      joining: {
        zh: '多个实例为主，但其中有刚启动的，角色还未确定，见 redis/settled。',
        en: 'Several say that they are the master, but some have only just started; see redis/settled.',
      },
      'no-master': notJudged['no-master'],
      ...always,
    },
  },
  settled: {
    title: { zh: '没有正在进行的主从切换', en: 'No failover is under way' },
    severity: 'warning',
    messages: {
      'failing-over': {
        zh: '{age} 前失去主节点，切换时限 {limit} 秒内：可能正在切换，期间写入失败。',
        en: 'The master was lost {age} ago; a failover may take {limit} s. Nothing can be written meanwhile.',
      },
      joining: {
        zh: '{pods} 刚启动不到 {limit} 秒，自称为主且没有从节点：通常几秒内就会被哨兵改为从节点。',
        en: '{pods} started less than {limit} s ago and say that they are the master, without replicas: sentinels usually correct that within seconds.',
      },
      manual: { zh: '主节点 {pod} 正在执行手工切换（{state}）。', en: 'A failover by hand runs on the master {pod} ({state}).' },
      'no-master': notJudged['no-master'],
      ...always,
    },
  },
  'instances-answer': {
    title: { zh: '每个实例都能应答', en: 'Every instance answers' },
    severity: 'warning',
    messages: {
      silent: {
        zh: '{pod} 接受连接但不应答：进程卡死（阻塞、被暂停或磁盘 I/O 挂起）。',
        en: '{pod} accepts connections and says nothing: its process hangs (blocked, stopped, or stuck on its disk).',
      },
      refused: { zh: '{pod} 的 {port} 端口没有监听，而同组其他实例正常。', en: 'Nobody listens on port {port} of {pod}, while others of the set do.' },
      closed: {
        zh: '{pod} 接受连接后立即关闭，而同组其他实例正常。',
        en: '{pod} accepts connections and closes them at once, while others of the set answer.',
      },
      garbled: { zh: '{pod} 的 {port} 端口应答的不是 Redis 协议。', en: 'What answers on port {port} of {pod} does not speak the protocol of Redis.' },
      busy: {
        zh: '{pod} 正被一个超时的脚本或函数占住，拒绝其他所有命令：{error}',
        en: '{pod} has been running one script for too long and refuses everything else: {error}',
      },
      denied: {
        zh: '{pod} 处于保护模式，拒绝来自其他机器的连接：{error}',
        en: '{pod} is in protected mode and refuses whoever is not on its own machine: {error}',
      },
      full: {
        zh: '从节点 {pod} 的连接数已达 maxclients，拒绝新连接。',
        en: 'The replica {pod} has as many clients as maxclients allows and turns new ones away.',
      },
      error: { zh: '{pod} 对 PING 返回错误：{error}', en: '{pod} answers PING with an error: {error}' },
      unready: { zh: '{pod} 未就绪且没有监听，见 workload。', en: '{pod} is not ready and listens to nobody; see workload.' },
      'not-running': { zh: '{pod} 没有运行，见 workload。', en: '{pod} does not run; see workload.' },
      'node-lost': { zh: '{pod} 所在节点 {node} 失联，无法询问，见 node。', en: '{pod} is on {node}, which does not report; see node.' },
      ...always,
    },
  },
  'admits-clients': {
    title: { zh: '主节点接受新连接', en: 'The master takes new clients' },
    severity: 'critical',
    messages: {
      full: {
        zh: '{pod} 的连接数已达 maxclients，新连接一律被拒绝：{error}',
        en: '{pod} has as many clients as maxclients allows; whoever connects is turned away: {error}',
      },
      ...always,
    },
  },
  loaded: {
    title: { zh: '没有实例正在加载数据', en: 'No instance is still loading its data' },
    severity: 'warning',
    messages: {
      loading: {
        zh: '{pod} 重启后正在加载数据（已完成 {percent}，预计还需 {eta}），期间对所有命令返回 LOADING。',
        en: '{pod} has restarted and is loading its data ({percent} done, {eta} to go); until then everybody gets LOADING.',
      },
      ...each,
    },
  },
  'accepts-writes': {
    title: { zh: '主节点接受写入', en: 'The master accepts writes' },
    severity: 'critical',
    messages: {
      'rdb-failed': {
        zh: '主节点 {pod} 无法保存 RDB，因而拒绝写入：{error}',
        en: 'The master {pod} cannot save its RDB and therefore refuses writes: {error}',
      },
      'aof-failed': {
        zh: '主节点 {pod} 写 AOF 失败，因而拒绝写入：{error}',
        en: 'The master {pod} cannot write its append-only file and therefore refuses writes: {error}',
      },
      'out-of-memory': {
        zh: '主节点 {pod} 内存已满（{used} / {max}），淘汰策略为 {policy}，写入返回 OOM。',
        en: 'The memory of the master {pod} is full ({used} of {max}) with the policy {policy}: writes are answered with OOM.',
      },
      'few-replicas': {
        zh: '主节点 {pod} 只有 {good} 个合格的从节点，少于 min-replicas-to-write 要求的 {wanted} 个，写入返回 NOREPLICAS。',
        en: 'The master {pod} has {good} good replicas, fewer than the {wanted} of min-replicas-to-write: writes are answered with NOREPLICAS.',
      },
      'no-master': notJudged['no-master'],
      ...always,
    },
  },
  persisted: {
    title: { zh: '最近一次落盘成功', en: 'The last save to disk succeeded' },
    severity: 'warning',
    messages: {
      bgsave: {
        zh: '{pod} 最近一次后台保存 RDB 失败；目前仍接受写入，但重启会丢数据，从节点全量同步也可能失败。',
        en: 'The last background save of {pod} failed. It still accepts writes, but a restart loses data, and full copies to replicas may fail as well.',
      },
      'aof-write': { zh: '{pod} 最近一次写 AOF 失败。', en: 'The last write of {pod} to its append-only file failed.' },
      'aof-rewrite': {
        zh: '{pod} 最近一次 AOF 重写失败：AOF 会一直增长，重启加载变慢。',
        en: 'The last rewrite of the append-only file of {pod} failed: the file grows, and a restart takes longer.',
      },
      'see-writes': { zh: '{pod} 已因落盘失败拒绝写入，见 redis/accepts-writes。', en: '{pod} refuses writes for it already; see redis/accepts-writes.' },
      ...each,
    },
  },
  'saved-recently': {
    title: { zh: '需要落盘的数据最近保存过', en: 'What is to be saved was saved recently' },
    severity: 'warning',
    messages: {
      stale: {
        zh: '{pod} 已 {age} 没有保存 RDB，期间有 {changes} 次改动，而保存策略是 save {save}。',
        en: '{pod} has not saved its RDB for {age} although {changes} changes wait and its setting is save {save}.',
      },
      ...each,
    },
  },
  'memory-spare': {
    title: { zh: '主节点内存有余量', en: 'The master has memory to spare' },
    severity: 'warning',
    messages: {
      near: {
        zh: '{pod} 内存已用 {percent}%（{used} / {max}），淘汰策略为 {policy}，用满后写入会失败。',
        en: '{pod} uses {percent} % of its memory ({used} of {max}) with the policy {policy}: once it is full, writes fail.',
      },
      'see-writes': { zh: '内存已满，见 redis/accepts-writes。', en: 'It is full; see redis/accepts-writes.' },
      'no-master': notJudged['no-master'],
      ...always,
    },
  },
  'keeps-keys': {
    title: { zh: '主节点没有因内存不足淘汰键', en: 'The master evicts no keys for want of memory' },
    severity: 'info',
    messages: {
      evicting: {
        zh: '{pod} 内存已用 {percent}%，按 {policy} 淘汰键，启动以来已淘汰 {evicted} 个。作为缓存属正常；存会话或队列则会丢数据。',
        en: '{pod} uses {percent} % of its memory and evicts keys by {policy}, {evicted} since its start. Right for a cache; sessions and queues lose data.',
      },
      'no-master': notJudged['no-master'],
      ...always,
    },
  },
  'clients-spare': {
    title: { zh: '连接数有余量', en: 'There is room for more clients' },
    severity: 'warning',
    messages: {
      near: {
        zh: '{pod} 已有 {connected} 个连接，上限 maxclients 为 {max}（{percent}%）。',
        en: '{pod} has {connected} clients of the {max} that maxclients allows ({percent} %).',
      },
      ...each,
    },
  },
  'clients-not-rejected': {
    title: { zh: '没有拒绝过连接', en: 'No client has been turned away' },
    severity: 'info',
    messages: {
      rejected: {
        zh: '{pod} 启动 {age} 以来拒绝过 {rejected} 个连接；这是累计值，不代表现在。',
        en: '{pod} has turned {rejected} connections away since its start {age} ago; that need not be of today.',
      },
      ...each,
    },
  },
  'replicas-linked': {
    title: { zh: '从节点与主节点保持连接', en: 'Every replica is linked to its master' },
    severity: 'warning',
    messages: {
      down: {
        zh: '从节点 {pod} 与主节点 {followed} 断开已 {age}，数据停在那一刻。',
        en: 'The replica {pod} has been cut off from its master {followed} for {age}: its data stands still.',
      },
      dark: {
        zh: '从节点 {pod} 与主节点 {followed} 断开已 {age}，且不提供旧数据，读请求返回 MASTERDOWN。',
        en: 'The replica {pod} has been cut off from its master {followed} for {age} and serves no stale data: who reads there gets MASTERDOWN.',
      },
      'dead-address': {
        zh: '从节点 {pod} 在跟随 {address}，这个地址不属于任何 Pod，断开已 {age}。',
        en: 'The replica {pod} follows {address}, which belongs to no pod, and has been cut off for {age}.',
      },
      young: {
        zh: '从节点 {pod} 刚断开 {age}，或正在同步，未超过 {limit} 秒。',
        en: 'The replica {pod} has been cut off for {age} only, or is being synchronised; {limit} s are allowed.',
      },
      'no-master': notJudged['no-master'],
      'no-replica': notJudged['no-replica'],
      ...each,
    },
  },
  'replicas-follow-set': {
    title: { zh: '从节点跟随本集合的主节点', en: 'Every replica follows a master of its own set' },
    severity: 'warning',
    messages: {
      outside: {
        zh: '从节点 {pod} 正在从集合之外的 {address} 复制，而本集合的主节点是 {master}：它的数据是另一份。',
        en: 'The replica {pod} replicates from {address} outside of the set, whose master is {master}: its data is not this set’s.',
      },
      'no-master': notJudged['no-master'],
      'no-replica': notJudged['no-replica'],
      ...each,
    },
  },
  'replicas-in-step': {
    title: { zh: '从节点跟得上主节点', en: 'Replicas keep up with their master' },
    severity: 'warning',
    messages: {
      bytes: { zh: '从节点 {pod} 落后主节点 {bytes}，上限 {limit}。', en: 'The replica {pod} is {bytes} behind its master; {limit} are allowed.' },
      seconds: {
        zh: '主节点已 {seconds} 秒没有收到从节点 {pod} 的确认，上限 {limit} 秒。',
        en: 'The master has not heard of its replica {pod} for {seconds} s; {limit} s are allowed.',
      },
      'no-master': notJudged['no-master'],
      'no-replica': notJudged['no-replica'],
      ...each,
    },
  },
  'replicas-counted': {
    title: { zh: '主节点看到的从节点与从节点自己所说一致', en: 'The master counts the replicas that say they follow it' },
    severity: 'warning',
    messages: {
      fewer: {
        zh: '{followers} 个实例自称是 {master} 的从节点且连接正常，{master} 却只看到 {listed} 个：{replicas}。',
        en: '{followers} instances say that they are linked replicas of {master}, which counts only {listed}: {replicas}.',
      },
      'no-master': notJudged['no-master'],
      'no-replica': notJudged['no-replica'],
      ...always,
    },
  },
  'has-replica': {
    title: { zh: '有从节点可以接替主节点', en: 'A replica stands ready to take over' },
    severity: 'warning',
    messages: {
      alone: {
        zh: '主节点 {master} 没有任何在线的从节点（集合共 {instances} 个实例）：它一旦故障，没有实例可以接替，数据可能丢失。',
        en: 'The master {master} has no replica online, in a set of {instances}: when it fails nobody can take over, and data may be lost.',
      },
      'never-promoted': {
        zh: '所有从节点的 replica-priority 都是 0，哨兵不会把任何一个提升为主。',
        en: 'All replicas have the priority 0: no sentinel will ever promote one.',
      },
      'being-made': { zh: '从节点正在同步或刚断开，稍后再看。', en: 'Replicas are being synchronised, or were cut off only just now.' },
      standalone: notJudged.standalone,
      'no-master': notJudged['no-master'],
      ...always,
    },
  },
  'syncs-finish': {
    title: { zh: '全量同步能够完成', en: 'Full copies to replicas finish' },
    severity: 'warning',
    messages: {
      slow: {
        zh: '从节点 {pod} 的全量同步已持续 {age}（剩余 {left}），超过 {limit} 秒。',
        en: 'The full copy to the replica {pod} has taken {age} ({left} to go); {limit} s are allowed.',
      },
      loop: {
        zh: '主节点 {pod} 正在做全量同步，启动 {age} 以来已做 {syncs} 次：从节点反复全量同步，多为缓冲区或 backlog 太小。',
        en: 'The master {pod} is handing out a full copy, its {syncs}th since its start {age} ago: replicas begin anew over and over, usually for want of buffers or backlog.',
      },
      'no-replica': notJudged['no-replica'],
      'no-master': notJudged['no-master'],
      ...each,
    },
  },
  'same-password': {
    title: { zh: '各实例的密码设置一致', en: 'All instances agree about the password' },
    severity: 'warning',
    messages: {
      'some-open': {
        zh: '{open} 不需要密码，而 {closed} 需要：切换之后客户端或复制会失败。',
        en: '{open} ask for no password while {closed} do: after a failover clients or replication fail.',
      },
      differs: {
        zh: '同一个密码 {accepted} 接受而 {rejected} 不接受：各实例密码不同，切换之后客户端或复制会失败。',
        en: 'One password is accepted by {accepted} and refused by {rejected}: after a failover clients or replication fail.',
      },
      ...always,
    },
  },
  'same-version': {
    title: { zh: '各实例版本一致', en: 'All instances run one version' },
    severity: 'info',
    messages: {
      mixed: { zh: '集合内版本不一致：{versions}。', en: 'The set runs several versions: {versions}.' },
      ...each,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type RedisRule = keyof typeof rules;
