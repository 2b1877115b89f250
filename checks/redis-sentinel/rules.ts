import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface SentinelOptions {
  settleSeconds: number;
  staleSeconds: number;
  failoverTimeouts: number;
  scriptsQueued: number;
}

export const options: { readonly [K in keyof SentinelOptions]: OptionMeta<SentinelOptions[K]> } = {
  settleSeconds: {
    default: 15,
    unit: 's',
    description: {
      zh: '切换主之后多久之内，哨兵之间、哨兵与 Redis 之间说法不一不算矛盾；启动不到这么久的进程也不参与比较。',
      en: 'How long after a change of the master sentinels and servers may differ; processes that are younger are not compared either.',
    },
    source: 'Redis sentinel.c: hello every 2 s, INFO every 10 s, and 8 s before a replica that calls itself master is put right',
  },
  staleSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: '副本的记录下线多久、且不再对应任何 Pod，才算残留。',
      en: 'How long the entry of a replica must have been down, and belong to no pod, to be called stale.',
    },
    source: 'Default of this check: a replaced pod is back and announces itself within seconds',
  },
  failoverTimeouts: {
    default: 1,
    description: {
      zh: '主被判下线后，超过几个 failover-timeout 还没有换主算切换失败。',
      en: 'Multiples of failover-timeout that the master may be down before its failover counts as failed.',
    },
    source: 'Redis sentinel.c: an attempt ends after failover-timeout, the next begins after twice that time',
  },
  scriptsQueued: {
    default: 16,
    description: { zh: '排队等待执行的通知脚本最多可以有多少个。', en: 'Notification scripts that may wait to be run.' },
    source: 'Redis sentinel.c: 16 scripts run at once, 256 can wait, what comes after is dropped',
  },
};

const noPods = { zh: '没有可询问的哨兵 Pod，见 workload。', en: 'No sentinel pod is there to ask; see workload.' } as const;
/** Why a rule about what the sentinels say cannot be judged. */
const unheard = {
  'none-answers': { zh: '没有哨兵应答，见 redis-sentinel/answers。', en: 'No sentinel answers; see redis-sentinel/answers.' },
} as const;
const unwatched = {
  ...unheard,
  'no-master': { zh: '哨兵没有监控任何主，见 redis-sentinel/watches-a-master。', en: 'They watch no master; see redis-sentinel/watches-a-master.' },
} as const;
const noStore = {
  'no-store': { zh: '不知道被监控的 Redis 是哪些 Pod，无从比较。', en: 'The pods of the watched Redis are not known, so there is nothing to compare.' },
} as const;
const seeMasterUp = {
  'see-master-up': { zh: '主已被判定下线，见 redis-sentinel/master-up。', en: 'The master is held to be down; see redis-sentinel/master-up.' },
} as const;

export const rules = {
  answers: {
    title: { zh: '至少有一个哨兵应答', en: 'A sentinel answers' },
    severity: 'critical',
    messages: {
      none: {
        zh: '{pods} 个哨兵没有一个应答（{details}）：客户端查不到主在哪里，主故障时也不会切换。',
        en: 'None of {pods} sentinels answers ({details}): clients cannot ask where the master is, and nothing fails over.',
      },
      'no-pods': noPods,
    },
  },
  'majority-answers': {
    title: { zh: '多数哨兵应答', en: 'A majority of the sentinels answers' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      lost: {
        zh: '{pods} 个哨兵只有 {answering} 个应答，不足多数（{majority} 个），主故障时无法切换。未应答：{details}。',
        en: 'Only {answering} of {pods} sentinels answer, {majority} are needed: no failover is possible. Without an answer: {details}.',
      },
      'see-answers': { zh: '没有哨兵应答，见 redis-sentinel/answers。', en: 'None answers; see redis-sentinel/answers.' },
      'no-pods': noPods,
    },
  },
  'each-answers': {
    title: { zh: '每个哨兵都应答', en: 'Every sentinel answers' },
    severity: 'warning',
    messages: {
      silent: {
        zh: '哨兵 {pod} 接受连接但不应答：进程卡住了，端口探测看不出来。',
        en: 'Sentinel {pod} accepts connections and says nothing: its process hangs, which no probe of its port notices.',
      },
      refused: { zh: '哨兵 {pod} 的端口没有人监听（{detail}）。', en: 'Nobody listens on the port of sentinel {pod} ({detail}).' },
      garbled: {
        zh: '哨兵 {pod} 说的不是 Redis 协议或立即断开连接（{detail}）。',
        en: 'Sentinel {pod} speaks no Redis protocol, or hangs up at once ({detail}).',
      },
      failing: { zh: '哨兵 {pod} 用错误回应 PING：{detail}。', en: 'Sentinel {pod} answers PING with an error: {detail}.' },
      'not-sentinel': {
        zh: '{pod} 在应答，但不是以哨兵模式运行：{detail}。',
        en: '{pod} answers, but does not run as a sentinel: {detail}.',
      },
      'held-down': {
        zh: '哨兵 {pod} 无法询问，其他哨兵有 {count} 个判定它已下线。',
        en: 'Sentinel {pod} cannot be asked, and {count} of the others hold it down.',
      },
      'not-running': { zh: '{pod} 没有运行，见 workload。', en: '{pod} does not run; see workload.' },
      'see-answers': { zh: '没有哨兵应答，见 redis-sentinel/answers。', en: 'None answers; see redis-sentinel/answers.' },
      'no-pods': noPods,
    },
  },
  'watches-a-master': {
    title: { zh: '哨兵监控着主', en: 'The sentinels watch a master' },
    severity: 'critical',
    messages: {
      nothing: {
        zh: '{count} 个应答的哨兵都没有监控任何主：配置丢失或没有写入，既查不到主，也不会切换。',
        en: 'None of {count} sentinels that answer watches a master: their configuration is lost or was never written. They can neither tell it nor change it.',
      },
      ...unheard,
    },
  },
  'each-watches': {
    title: { zh: '每个哨兵都监控同样的主', en: 'Every sentinel watches the same masters' },
    severity: 'warning',
    messages: {
      missing: {
        zh: '哨兵 {pod} 没有监控 {masters}，其他哨兵在监控：它不参与投票，查询它的客户端得不到主。',
        en: 'Sentinel {pod} does not watch {masters}, which others do: it has no vote, and clients that ask it get no master.',
      },
      ...unwatched,
    },
  },
  'quorum-reachable': {
    title: { zh: '可用哨兵达到法定人数', en: 'Enough sentinels are reachable for the quorum' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      lost: {
        zh: '{master}：法定人数 {quorum}，各哨兵最多只能联系到 {usable} 个（含自己），主故障也无法判定客观下线，不会切换。',
        en: '{master}: the quorum is {quorum}, and no sentinel reaches more than {usable} (itself included). A dead master would not be called down, so nothing fails over.',
      },
      'too-high': {
        zh: '{master}：法定人数 {quorum} 大于哨兵总数 {known}，永远无法判定客观下线，不会切换。',
        en: '{master}: the quorum of {quorum} is more than the {known} sentinels that exist: the master can never be called down, so nothing fails over.',
      },
      ...unwatched,
    },
  },
  'majority-usable': {
    title: { zh: '已知哨兵的多数可用', en: 'A majority of the known sentinels is usable' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      lost: {
        zh: '{master}：已知 {known} 个哨兵，最多只有 {usable} 个可用，授权切换需要 {majority} 个，主故障时切换得不到授权。',
        en: '{master}: of {known} known sentinels at most {usable} are usable and {majority} are needed: a failover would not be authorised.',
      },
      stale: {
        zh: '{master}：哨兵记得 {known} 个哨兵，而 Pod 只有 {pods} 个，其余是残留记录；可用 {usable} 个，达不到授权切换所需的 {majority} 个。',
        en: '{master}: {known} sentinels are remembered while only {pods} pods exist, the rest are stale entries; {usable} are usable and {majority} are needed to authorise a failover.',
      },
      ...unwatched,
    },
  },
  'each-reaches-quorum': {
    title: { zh: '每个哨兵都能联系到法定人数和多数', en: 'Every sentinel reaches quorum and majority' },
    severity: 'warning',
    messages: {
      quorum: {
        zh: '哨兵 {pod} 对 {master} 只能联系到 {usable} 个哨兵，不足法定人数 {quorum}：它被隔离了。',
        en: 'Sentinel {pod} reaches {usable} sentinels for {master}, the quorum is {quorum}: it is cut off.',
      },
      majority: {
        zh: '哨兵 {pod} 对 {master} 已知 {known} 个哨兵，只能联系到 {usable} 个，不足多数：由它发起的切换得不到授权。',
        en: 'Sentinel {pod} reaches {usable} of {known} known sentinels for {master}, no majority: it could not lead a failover.',
      },
      'see-group': { zh: '整组都达不到，见 quorum-reachable 和 majority-usable。', en: 'None does; see quorum-reachable and majority-usable.' },
      ...unwatched,
    },
  },
  'quorum-value': {
    title: { zh: '法定人数的取值合理', en: 'The quorum is set sensibly' },
    severity: 'warning',
    effect: 'none',
    messages: {
      one: {
        zh: '{master}：{sentinels} 个哨兵的法定人数只有 1，一个哨兵网络抖动就会判定主客观下线并发起切换。建议 {advised}。',
        en: '{master}: with {sentinels} sentinels the quorum is 1, so one of them with a bad network calls the master down and starts a failover. Advised: {advised}.',
      },
      high: {
        zh: '{master}：{sentinels} 个哨兵的法定人数为 {quorum}，高于多数 {advised}，失联 {losable} 个就无法判定下线。建议 {advised}。',
        en: '{master}: with {sentinels} sentinels the quorum is {quorum}, above the majority of {advised}: losing {losable} is enough that the master is never called down. Advised: {advised}.',
      },
      ...unwatched,
    },
  },
  'survives-a-loss': {
    title: { zh: '失去一个哨兵后仍能切换', en: 'A failover is still possible with one sentinel less' },
    severity: 'warning',
    messages: {
      few: {
        zh: '只有 {pods} 个哨兵：任何一个失联，剩下的就不足多数，有副本也不会切换。应为分布在不同节点上的 3 个或 5 个。',
        en: 'Only {pods} sentinels exist: when any of them is lost the rest is no majority, and the replicas are of no use. There should be 3 or 5 on different nodes.',
      },
      'no-replicas': { zh: '没有副本，谈不上切换。', en: 'There is no replica to fail over to.' },
      ...unwatched,
    },
  },
  'odd-number': {
    title: { zh: '哨兵个数为奇数', en: 'The number of sentinels is odd' },
    severity: 'info',
    messages: {
      even: {
        zh: '{pods} 个哨兵是偶数，能承受的失联个数与 {fewer} 个时相同，网络对半分区时两边都不足多数。',
        en: '{pods} sentinels are an even number: they survive no more losses than {fewer}, and a network cut in halves leaves no side a majority.',
      },
      few: { zh: '少于 3 个，见 survives-a-loss。', en: 'Fewer than 3; see survives-a-loss.' },
      'no-pods': noPods,
    },
  },
  'same-settings': {
    title: { zh: '各哨兵对同一个主的设置一致', en: 'The sentinels have the same settings' },
    severity: 'info',
    messages: {
      differ: {
        zh: '{master}：{setting} 在各哨兵上不一致（{values}）。这些设置不会互相同步，需要逐个修改。',
        en: '{master}: {setting} differs between the sentinels ({values}). They do not tell each other such settings; each must be changed.',
      },
      ...unwatched,
    },
  },
  'same-master': {
    title: { zh: '所有哨兵说的主是同一个', en: 'All sentinels name the same master' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      behind: {
        zh: '{master}：{behind} 仍说主是 {old}（config-epoch {oldEpoch}），其余哨兵说是 {current}（config-epoch {epoch}）：前者没有跟上切换，询问它的客户端会连错。',
        en: '{master}: {behind} still names {old} (config-epoch {oldEpoch}), the others {current} (config-epoch {epoch}): it missed a failover, and leads its clients to the wrong server.',
      },
      split: {
        zh: '{master}：哨兵说的主不一致，且 config-epoch 相同，无法分辨谁更新：{views}。',
        en: '{master}: the sentinels name different masters with the same config-epoch, so that none is newer: {views}.',
      },
      settling: { zh: '{master} 正在或刚刚切换，稍后才会一致。', en: '{master} is changing or has only just changed; they will agree in a moment.' },
      single: { zh: '只有一个哨兵的说法，无从比较。', en: 'Only one sentinel tells, so there is nothing to compare.' },
      ...unwatched,
    },
  },
  'master-is-pod': {
    title: { zh: '哨兵说的主是这组 Redis 的 Pod', en: 'The master that they name is a pod of the set' },
    severity: 'critical',
    messages: {
      dead: {
        zh: '{master}：哨兵记住的主地址 {address} 不属于任何 Redis Pod（下线已 {age}），而 Redis Pod 在应答：地址已经失效，哨兵自己无法恢复。',
        en: '{master}: the address {address} that the sentinels hold on to belongs to no Redis pod (down for {age}), while Redis pods answer: it is dead, and they cannot recover by themselves.',
      },
      gone: {
        zh: '{master}：哨兵记住的主地址 {address} 不属于任何 Redis Pod（下线已 {age}），也没有 Redis Pod 应答。',
        en: '{master}: the address {address} that the sentinels hold on to belongs to no Redis pod (down for {age}), and no Redis pod answers.',
      },
      foreign: {
        zh: '{master}：哨兵监控的 {address} 现在是 {owner} 的地址，不是这组 Redis 的 Pod：它们在看护别人的实例。',
        en: '{master}: {address}, which the sentinels watch, is now the address of {owner} and of no pod of this set: they guard a server of somebody else.',
      },
      elsewhere: {
        zh: '{master}：哨兵监控的 {address} 不是这组 Redis 的 Pod，而 {claimants} 自称主：两边各说各的。',
        en: '{master}: {address}, which the sentinels watch, is no pod of this set, while {claimants} calls itself master.',
      },
      'failing-over': {
        zh: '{master}：主地址 {address} 已不属于任何 Pod，下线 {age}，尚在切换时限内。',
        en: '{master}: {address} belongs to no pod any more, down for {age}; the time for its failover is not over.',
      },
      unverified: {
        zh: '{master}：地址 {address} 不是 Pod 的地址（可能是对外公布的地址），无法对应到 Pod。',
        en: '{master}: {address} is not the address of a pod (it may be an announced one) and cannot be traced to one.',
      },
      ...noStore,
      ...unwatched,
    },
  },
  'master-says-master': {
    title: { zh: '哨兵说的主自己也说是主', en: 'The master that they name calls itself master' },
    severity: 'critical',
    messages: {
      'is-replica': {
        zh: '{master}：哨兵说主是 {address}，它自己却说是 {upstream} 的副本，这组 Redis 中也没有实例自称主：写入会被拒绝。',
        en: '{master}: the sentinels name {address}, which calls itself a replica of {upstream}, and no server of the set calls itself master: writes are refused.',
      },
      'other-claims': {
        zh: '{master}：哨兵说主是 {address}，它自己却说是 {upstream} 的副本，而 {claimants} 自称主：问哨兵的客户端会连到只读的副本。',
        en: '{master}: the sentinels name {address}, which calls itself a replica of {upstream}, while {claimants} calls itself master: clients that ask them end at a replica.',
      },
      settling: { zh: '{master} 的角色刚刚变化，哨兵每 10 秒才核对一次。', en: 'The role of {master} has only just changed; the sentinels look every 10 s.' },
      'no-answer': {
        zh: '{address} 没有应答，见 redis 与 redis-sentinel/master-up。',
        en: '{address} does not answer; see redis and redis-sentinel/master-up.',
      },
      'not-a-pod': { zh: '它不是这组 Redis 的 Pod，见 redis-sentinel/master-is-pod。', en: 'It is no pod of the set; see redis-sentinel/master-is-pod.' },
      ...noStore,
      ...unwatched,
    },
  },
  'master-up': {
    title: { zh: '哨兵没有判定主下线', en: 'The sentinels hold the master to be up' },
    severity: 'critical',
    messages: {
      'o-down': {
        zh: '{master}：{count}/{total} 个哨兵判定主 {address} 客观下线，已 {age}。',
        en: '{master}: {count} of {total} sentinels hold the master {address} to be objectively down, for {age}.',
      },
      's-down': {
        zh: '{master}：{count}/{total} 个哨兵判定主 {address} 主观下线，已达到法定人数 {quorum}。',
        en: '{master}: {count} of {total} sentinels hold the master {address} to be down, which is the quorum of {quorum}.',
      },
      ...unwatched,
    },
  },
  'master-up-for-each': {
    title: { zh: '每个哨兵都认为主在线', en: 'Every single sentinel holds the master to be up' },
    severity: 'warning',
    messages: {
      some: {
        zh: '{master}：{names} 认为主 {address} 下线，未达到法定人数 {quorum}，其余 {others} 个哨兵认为在线：这些哨兵到主的网络有问题，或主刚刚失联。',
        en: '{master}: {names} holds the master {address} to be down, short of the quorum of {quorum}, while {others} others hold it up: their way to it is broken, or it has only just gone.',
      },
      alone: {
        zh: '{master}：应答的 {names} 认为主 {address} 下线，但达不到法定人数 {quorum}，不会切换。',
        en: '{master}: {names}, all that answer, holds the master {address} to be down, short of the quorum of {quorum}: nothing fails over.',
      },
      ...seeMasterUp,
      ...unwatched,
    },
  },
  'down-master-silent': {
    title: { zh: '被判下线的主确实不应答', en: 'A master that is held to be down does not answer' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      password: {
        zh: '{master}：哨兵判定主 {address} 下线，而它直接应答（自称 {role}）；它对哨兵的 PING 回以错误：哨兵缺少或配错 auth-pass，切换也会因此失败。',
        en: '{master}: the sentinels hold {address} to be down, yet it answers (as {role}). It answers their PING with errors: auth-pass is missing or wrong, and a failover would fail for the same reason.',
      },
      network: {
        zh: '{master}：哨兵判定主 {address} 下线，而它直接应答（自称 {role}）：哨兵到它的网络不通（NetworkPolicy、CNI），或哨兵记住的地址、端口不对。',
        en: '{master}: the sentinels hold {address} to be down, yet it answers (as {role}): the network between them is broken (NetworkPolicy, CNI), or they hold a wrong address or port.',
      },
      restarted: { zh: '{address} 刚刚启动，哨兵很快会重新判定。', en: '{address} has only just started; the sentinels will notice.' },
      'not-a-pod': { zh: '它不是这组 Redis 的 Pod，见 redis-sentinel/master-is-pod。', en: 'It is no pod of the set; see redis-sentinel/master-is-pod.' },
      ...noStore,
      ...unwatched,
    },
  },
  'failover-completes': {
    title: { zh: '没有逾期未完成的切换', en: 'No failover is overdue' },
    severity: 'critical',
    messages: {
      'no-replica': {
        zh: '{master}：主 {address} 下线已 {age}，哨兵不知道任何副本，无法切换。',
        en: '{master}: {address} has been down for {age}, and the sentinels know no replica to promote.',
      },
      'no-good-replica': {
        zh: '{master}：主 {address} 下线已 {age}，{replicas} 个副本都不能提升（{reasons}），切换一再放弃。',
        en: '{master}: {address} has been down for {age}, and none of {replicas} replicas can be promoted ({reasons}): every failover is given up.',
      },
      'no-authority': {
        zh: '{master}：主 {address} 下线已 {age}，可用哨兵不足，切换得不到授权。',
        en: '{master}: {address} has been down for {age}, and too few sentinels are usable to authorise a failover.',
      },
      stuck: {
        zh: '{master}：主 {address} 下线已 {age}，切换停在 {stage} 阶段。',
        en: '{master}: {address} has been down for {age}, and its failover has stopped in the stage {stage}.',
      },
      unexplained: {
        zh: '{master}：主 {address} 下线已 {age}（failover-timeout {timeout}），有可提升的副本，仍未换主：选举失败，或新主没有完成提升。',
        en: '{master}: {address} has been down for {age} (failover-timeout {timeout}) and was not replaced although a replica could be promoted: no leader was elected, or the promotion did not end.',
      },
      'in-time': {
        zh: '{master}：主 {address} 下线 {age}，尚在切换时限内。',
        en: '{master}: {address} has been down for {age}; the time for its failover is not over.',
      },
      ...unwatched,
    },
  },
  'no-failover-running': {
    title: { zh: '没有正在进行的切换', en: 'No failover is in progress' },
    severity: 'info',
    messages: {
      running: {
        zh: '{master}：{by} 正在主持切换，阶段 {stage}。',
        en: '{master}: {by} leads a failover, stage {stage}.',
      },
      ...unwatched,
    },
  },
  'replica-promotable': {
    title: { zh: '有副本可以提升为主', en: 'A replica could be promoted' },
    severity: 'warning',
    messages: {
      none: {
        zh: '{master}：{replicas} 个副本没有一个能提升为主（{reasons}），主一旦故障就没有切换对象。',
        en: '{master}: none of {replicas} replicas could be promoted ({reasons}): when the master fails there is nothing to fail over to.',
      },
      unknown: {
        zh: '{master}：这组 Redis 有 {instances} 个 Pod，哨兵却不知道任何副本，主一旦故障就没有切换对象。',
        en: '{master}: the set has {instances} pods, yet the sentinels know no replica: when the master fails there is nothing to fail over to.',
      },
      alone: { zh: '这组 Redis 没有副本。', en: 'The set has no replica.' },
      ...seeMasterUp,
      ...unwatched,
    },
  },
  'knows-all-replicas': {
    title: { zh: '哨兵知道所有副本', en: 'The sentinels know all replicas' },
    severity: 'info',
    messages: {
      missing: {
        zh: '{master}：{pods} 正从主同步，哨兵却不知道这个副本，切换时不会考虑它。',
        en: '{master}: {pods} replicates from the master, yet the sentinels do not know it and would not consider it in a failover.',
      },
      ...noStore,
      ...unwatched,
    },
  },
  'no-stale-replicas': {
    title: { zh: '没有残留的副本记录', en: 'No stale replica is remembered' },
    severity: 'info',
    messages: {
      stale: {
        zh: '{master}：{count} 个已下线的副本记录不对应任何 Redis Pod（{addresses}），多为 Pod 重建后留下的旧地址。',
        en: '{master}: {count} replicas that are down belong to no Redis pod ({addresses}), usually former addresses of pods.',
      },
      ...noStore,
      ...unwatched,
    },
  },
  'knows-the-others': {
    title: { zh: '每个哨兵都知道其他哨兵', en: 'Every sentinel knows the others' },
    severity: 'warning',
    messages: {
      isolated: {
        zh: '哨兵 {pod} 对 {master} 只知道 {known} 个哨兵（含自己），缺 {missing}：它们收不到彼此经主转发的通告，投票时互不算数。',
        en: 'Sentinel {pod} knows {known} sentinels for {master} (itself included) and not {missing}: their announcements, which go through the master, do not arrive, and they have no vote for each other.',
      },
      single: { zh: '没有其他可比较的哨兵。', en: 'There is no other sentinel to compare with.' },
      ...unwatched,
    },
  },
  'no-stale-sentinels': {
    title: { zh: '没有残留的哨兵记录', en: 'No stale sentinel is remembered' },
    severity: 'warning',
    effect: 'none',
    messages: {
      stale: {
        zh: '{master}：哨兵记得 {known} 个哨兵，Pod 只有 {pods} 个；{count} 个下线的记录不对应任何 Pod（{addresses}），但仍计入多数，积累下去切换将得不到授权。',
        en: '{master}: {known} sentinels are remembered while {pods} pods exist; {count} that are down belong to no pod ({addresses}) and still count for the majority: with more of them no failover is authorised.',
      },
      replacing: {
        zh: '有哨兵 Pod 正在替换或尚未运行，下线的记录可能就是它。',
        en: 'A sentinel pod is being replaced or does not run yet, and the entry that is down may be its own.',
      },
      ...unwatched,
    },
  },
  'only-own-sentinels': {
    title: { zh: '只有这组哨兵自己在监控', en: 'No sentinel from elsewhere takes part' },
    severity: 'info',
    messages: {
      foreign: {
        zh: '{master}：{count} 个在线的哨兵不是这组的 Pod（{addresses}）：若不是有意部署在别处，就是地址被复用后两组哨兵串在了一起。',
        en: '{master}: {count} sentinels that are up are no pods of this group ({addresses}). Unless they are meant to be there, two groups were joined by an address that changed hands.',
      },
      ...unwatched,
    },
  },
  'not-in-tilt': {
    title: { zh: '没有哨兵处于 TILT 模式', en: 'No sentinel is in TILT' },
    severity: 'warning',
    messages: {
      tilt: {
        zh: '哨兵 {pod} 处于 TILT 模式：它察觉时钟跳变或自己停顿超过 2 秒，30 秒内只观察、不参与判定和切换。',
        en: 'Sentinel {pod} is in TILT: its clock jumped or it stood still for more than 2 s. For 30 s it only watches and takes part in no decision.',
      },
      lasting: {
        zh: '哨兵 {pod} 处于 TILT 模式已 {age}，超过 30 秒：时钟反复跳变或进程反复停顿，它不参与判定和切换。',
        en: 'Sentinel {pod} has been in TILT for {age}, longer than 30 s: its clock jumps or it stands still again and again. It takes part in no decision.',
      },
      ...unheard,
    },
  },
  'scripts-keep-up': {
    title: { zh: '通知脚本没有积压', en: 'Notification scripts do not pile up' },
    severity: 'warning',
    effect: 'none',
    messages: {
      queued: {
        zh: '哨兵 {pod} 有 {queued} 个脚本在排队（运行中 {running}）：脚本卡住或一再失败，排到 256 个后新的通知会被丢弃。',
        en: 'Sentinel {pod} has {queued} scripts waiting ({running} run): they hang or fail again and again. Beyond 256 new notifications are dropped.',
      },
      ...unheard,
    },
  },
  'no-simulated-failures': {
    title: { zh: '没有开启故障模拟', en: 'No simulated failure is armed' },
    severity: 'warning',
    effect: 'none',
    messages: {
      armed: {
        zh: '哨兵 {pod} 开启了故障模拟（标志 {flags}）：下一次切换中它会自行退出。演练后未关闭，重启该哨兵即可清除。',
        en: 'Sentinel {pod} has a simulated failure armed (flags {flags}): it would crash in the next failover. Left over from a drill; a restart clears it.',
      },
      ...unheard,
    },
  },
} as const satisfies Record<string, RuleMeta>;
