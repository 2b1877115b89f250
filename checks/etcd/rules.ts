import type { RuleMeta } from '../../src/model/check.ts';

/** Why nothing is looked at at all. */
const notHere = {
  'no-pods': { zh: '组件没有 Pod，见 workload。', en: 'It has no pods; see workload.' },
  'no-etcd': {
    zh: '该组件不是 etcd：镜像、启动命令和端口都没有 etcd 的迹象，2379 端口上也没有 etcd 应答。',
    en: 'This component is no etcd: no image, command line or port of its pods says so, and no etcd answers on 2379.',
  },
} as const;

/** The same, and when there is nobody to ask. */
const unasked = {
  ...notHere,
  'none-answers': { zh: '没有成员应答，见 etcd/members-answer。', en: 'No member answers; see etcd/members-answer.' },
} as const;

const seeMajority = { zh: '法定人数已丢失，见 etcd/has-majority。', en: 'The majority is lost; see etcd/has-majority.' } as const;
const seeMembers = { zh: '有成员无应答，见 etcd/members-answer。', en: 'A member does not answer; see etcd/members-answer.' } as const;
const oneWitness = { zh: '只有一个成员可供查看，无从比较。', en: 'Only one member can be looked at: there is nothing to compare.' } as const;
const notTold = { zh: '这个版本的 etcd 不提供该数据。', en: 'An etcd of this version does not tell.' } as const;

const speed = {
  'not-sampled': {
    zh: '启动以来有过慢的（{members} 的 p99 为 {lifetime}），但没有第二次查看，无法判断现在（见选项 sampleSeconds）。',
    en: 'Some have been slow since the start (99 % within {lifetime} on {members}), and without a second look nobody knows about now; see the option sampleSeconds.',
  },
  idle: {
    zh: '启动以来有过慢的（{members} 的 p99 为 {lifetime}），但两次查看的 {seconds} 秒之间没有写入，无法判断现在。',
    en: 'Some have been slow since the start (99 % within {lifetime} on {members}), and nothing was written in the {seconds} s between two looks.',
  },
  'not-told': notTold,
} as const;

export const rules = {
  'members-answer': {
    title: { zh: '每个成员都应答', en: 'Every member answers' },
    severity: 'warning',
    messages: {
      refused: {
        zh: '{pod} 无应答：{port} 端口无人监听（{detail}）。{total} 个成员中 {up} 个应答，法定人数为 {quorum}。',
        en: '{pod} does not answer: nobody listens on port {port} ({detail}). {up} of {total} members answer, {quorum} are needed.',
      },
      silent: {
        zh: '{pod} 卡住：{port} 端口接受连接，但 {seconds} 秒内没有回应。{total} 个成员中 {up} 个应答，法定人数为 {quorum}。',
        en: '{pod} hangs: port {port} accepts and says nothing within {seconds} s. {up} of {total} members answer, {quorum} are needed.',
      },
      closed: {
        zh: '{pod} 的 {port} 端口接受连接后立即断开（{detail}）。{total} 个成员中 {up} 个应答，法定人数为 {quorum}。',
        en: '{pod} accepts on port {port} and closes at once ({detail}). {up} of {total} members answer, {quorum} are needed.',
      },
      foreign: {
        zh: '{pod} 的 {port} 端口上应答的不是 etcd：{detail}。{total} 个成员中 {up} 个应答，法定人数为 {quorum}。',
        en: 'What answers on port {port} of {pod} is no etcd: {detail}. {up} of {total} members answer, {quorum} are needed.',
      },
      'not-running': {
        zh: '{pod} 没有在运行（{detail}）。{total} 个成员中 {up} 个应答，法定人数为 {quorum}。',
        en: '{pod} does not run ({detail}). {up} of {total} members answer, {quorum} are needed.',
      },
      'node-lost': {
        zh: '{pod} 无应答，它所在的节点 {node} 未就绪（{detail}）。{total} 个成员中 {up} 个应答，法定人数为 {quorum}。',
        en: '{pod} does not answer, and its node {node} is not ready ({detail}). {up} of {total} members answer, {quorum} are needed.',
      },
      disconnected: {
        zh: '{pod} 我们访问不到，应答的成员（{witnesses}）也都与它断开了连接。{total} 个成员中 {up} 个应答，法定人数为 {quorum}。',
        en: '{pod} is out of our reach, and the members that answer ({witnesses}) have no connection to it either. {up} of {total} members answer, {quorum} are needed.',
      },
      ...notHere,
    },
  },
  'members-healthy': {
    title: { zh: '应答的成员都自认健康', en: 'Every member that answers calls itself healthy' },
    severity: 'warning',
    messages: {
      isolated: {
        zh: '{pod} 在应答但不知道主是谁，而 {others} 知道：它与其他成员失联。',
        en: '{pod} answers but knows no leader, while {others} do: it is cut off from its peers.',
      },
      unhealthy: { zh: '{pod} 自报不健康：{reason}。', en: '{pod} calls itself unhealthy: {reason}.' },
      'see-majority': seeMajority,
      'see-leader': { zh: '集群没有主，见 etcd/has-leader。', en: 'The cluster has no leader; see etcd/has-leader.' },
      'see-alarm': {
        zh: '因告警而不健康，见 etcd/no-space-alarm 与 etcd/no-corruption-alarm。',
        en: 'An alarm makes it so; see etcd/no-space-alarm and etcd/no-corruption-alarm.',
      },
      ...unasked,
    },
  },
  'has-majority': {
    title: { zh: '多数成员在线', en: 'A majority of the members is up' },
    severity: 'critical',
    messages: {
      lost: {
        zh: '法定人数丢失：{total} 个成员中只有 {up} 个应答，至少需要 {quorum} 个。所有写入和线性一致读都失败。缺失：{missing}。应答者称：{said}。',
        en: 'The quorum is lost: {up} of {total} members answer and {quorum} are needed. Writes and linearizable reads fail. Missing: {missing}. Those that answer say: {said}.',
      },
      ...notHere,
    },
  },
  'has-leader': {
    title: { zh: '集群有主', en: 'The cluster has a leader' },
    severity: 'critical',
    messages: {
      none: {
        zh: '没有主：{total} 个成员中 {up} 个应答，却都不知道主是谁，选举没有结果。写入全部失败。',
        en: 'Nobody leads: {up} of {total} members answer and none knows a leader, so elections come to nothing. No write succeeds.',
      },
      'see-majority': seeMajority,
      ...unasked,
    },
  },
  'one-leader': {
    title: { zh: '各成员认定的主一致', en: 'All members name the same leader' },
    severity: 'critical',
    messages: {
      differ: {
        zh: '各成员对谁是主说法不一：{claims}。成员之间的网络可能被分割。',
        en: 'The members do not agree who leads: {claims}. The network between them may be split.',
      },
      single: oneWitness,
      'see-majority': seeMajority,
      'no-leader': { zh: '没有成员知道主是谁，见 etcd/has-leader。', en: 'No member knows a leader; see etcd/has-leader.' },
      ...unasked,
    },
  },
  'one-cluster': {
    title: { zh: '各成员属于同一个集群', en: 'All members belong to one cluster' },
    severity: 'critical',
    messages: {
      differ: {
        zh: '这些 Pod 属于 {count} 个不同的 etcd 集群（{clusters}）：数据各自为政，客户端连到不同 Pod 会读到不同内容。',
        en: 'The pods belong to {count} different etcd clusters ({clusters}): each has data of its own, and clients read what the pod has that they happen to reach.',
      },
      single: oneWitness,
      ...unasked,
    },
  },
  'version-decided': {
    title: { zh: '集群版本已商定', en: 'The cluster has agreed on its version' },
    severity: 'critical',
    messages: {
      undecided: {
        zh: '集群版本为 not_decided（{members}）：成员从未凑齐过法定人数，集群没有建成。',
        en: 'The version of the cluster is not_decided ({members}): its members have never been a majority, so the cluster was never formed.',
      },
      ...unasked,
    },
  },
  'failure-tolerance': {
    title: { zh: '再坏一个成员也不影响服务', en: 'One more member may fail' },
    severity: 'warning',
    messages: {
      none: {
        zh: '{total} 个成员中 {healthy} 个健康，正好等于法定人数 {quorum}：再坏一个就无法写入。',
        en: '{healthy} of {total} members are healthy and {quorum} are needed: one more failure stops all writes.',
      },
      single: { zh: '只有一个成员，本来就没有冗余。', en: 'There is but one member, which has no redundancy by design.' },
      'see-majority': seeMajority,
      'see-members': seeMembers,
      'see-leader': { zh: '集群没有主，见 etcd/has-leader。', en: 'The cluster has no leader; see etcd/has-leader.' },
      'see-healthy': { zh: '有成员失联，见 etcd/members-healthy。', en: 'A member is cut off; see etcd/members-healthy.' },
      ...unasked,
    },
  },
  'members-match-pods': {
    title: { zh: '成员列表与 Pod 一一对应', en: 'Members and pods match' },
    severity: 'warning',
    messages: {
      ghost: {
        zh: '成员 {member}（{addresses}）在列表中，却不在该组件的任何 Pod 里：它计入法定人数（{quorum}）却不投票。',
        en: 'Member {member} ({addresses}) is in the list and runs in no pod of the component: it counts for the quorum of {quorum} and does not vote.',
      },
      stranger: {
        zh: '{pod} 里的 etcd（成员 {member}）不在其他成员的列表中：它已被移出集群，或属于另一个集群。',
        en: 'The etcd in {pod} (member {member}) is not in the list of the others: it was removed, or belongs to another cluster.',
      },
      ambiguous: {
        zh: '有 Pod 没有应答，且名称和地址与列表中的成员对不上，无法判断。',
        en: 'Pods that do not answer match no member by name or address, so nobody can tell which is which.',
      },
      ...unasked,
    },
  },
  'members-started': {
    title: { zh: '加入的成员都启动过', en: 'Every member that was added has started' },
    severity: 'warning',
    messages: {
      unstarted: {
        zh: '成员 {member}（{addresses}）已加入但从未启动：它已计入法定人数（{quorum}），扩容只做了一半。',
        en: 'Member {member} ({addresses}) was added and has never started: it counts for the quorum of {quorum} already.',
      },
      ...unasked,
    },
  },
  'learners-promoted': {
    title: { zh: '没有滞留的 learner', en: 'No learner is left behind' },
    severity: 'warning',
    messages: {
      stuck: {
        zh: '{member} 至少 {age} 以来一直是 learner，不参与投票。',
        en: '{member} has been a learner for at least {age} and does not vote.',
      },
      young: { zh: '{members} 是 learner，刚启动不久，或启动时间未知。', en: '{members} is a learner that has started of late, or nobody knows when.' },
      ...unasked,
    },
  },
  'odd-members': {
    title: { zh: '成员数为奇数且不少于三个', en: 'There are three members or another odd number' },
    severity: 'info',
    messages: {
      even: {
        zh: '有投票权的成员为 {total} 个（偶数）：容错能力与 {fewer} 个相同，法定人数却更高。',
        en: '{total} members vote, an even number: no more of them may fail than of {fewer}, and the quorum is higher.',
      },
      single: { zh: '只有一个成员：它停止，服务就停止。', en: 'There is one member: when it stops, all stops.' },
      ...unasked,
    },
  },
  'member-lists-agree': {
    title: { zh: '各成员的成员列表一致', en: 'All members list the same members' },
    severity: 'warning',
    messages: {
      differ: { zh: '各成员的成员列表不一致：{lists}。', en: 'The members list different members: {lists}.' },
      single: oneWitness,
      ...unasked,
    },
  },
  'peers-connected': {
    title: { zh: '应答的成员之间都有连接', en: 'Members that are up are connected with each other' },
    severity: 'warning',
    messages: {
      cut: {
        zh: '都在应答的成员之间却没有连接：{pairs}。检查 2380 端口的网络和成员证书。',
        en: 'Members that are up have no connection to each other: {pairs}. Look at the network on port 2380 and at the certificates of the peers.',
      },
      single: oneWitness,
      'not-told': notTold,
      ...unasked,
    },
  },
  'no-space-alarm': {
    title: { zh: '没有空间告警（NOSPACE）', en: 'No alarm NOSPACE is raised' },
    severity: 'critical',
    messages: {
      raised: {
        zh: 'NOSPACE 告警（{members}）：配额已用尽，etcd 拒绝一切写入，只能读和删。数据库 {size}，配额 {quota}。',
        en: 'Alarm NOSPACE ({members}): the quota was used up and etcd refuses every write, only reading and deleting work. The database has {size} of {quota}.',
      },
      hidden: {
        zh: 'NOSPACE 告警（{members}）：etcd 拒绝一切写入，而 /health 仍说正常（3.3 之前的版本不看告警）。数据库 {size}，配额 {quota}。',
        en: 'Alarm NOSPACE ({members}): etcd refuses every write, although /health says true, as it does before 3.3. The database has {size} of {quota}.',
      },
      ...unasked,
    },
  },
  'no-corruption-alarm': {
    title: { zh: '没有数据损坏告警（CORRUPT）', en: 'No alarm CORRUPT is raised' },
    severity: 'critical',
    messages: {
      raised: {
        zh: 'CORRUPT 告警（{members}）：成员之间数据不一致，etcd 停止了服务。',
        en: 'Alarm CORRUPT ({members}): the data of members differ, and etcd has stopped serving.',
      },
      ...unasked,
    },
  },
  'revisions-agree': {
    title: { zh: '应用到同一位置的成员版本号相同', en: 'Members at the same index have the same revision' },
    severity: 'critical',
    messages: {
      differ: {
        zh: '成员应用到了同一条日志（{index}），版本号却不同：{revisions}。数据已不一致，而请求不会报错。',
        en: 'Members have applied the same entries (up to {index}) and have different revisions: {revisions}. Their data differ, and no request fails for it.',
      },
      moving: { zh: '写入频繁，没有两个成员处于同一位置，无从比较。', en: 'No two members were seen at the same index, so there is nothing to compare.' },
      single: oneWitness,
      'not-told': notTold,
      ...unasked,
    },
  },
  'followers-current': {
    title: { zh: '各成员跟得上已提交的日志', en: 'Every member keeps up with what is committed' },
    severity: 'warning',
    messages: {
      behind: {
        zh: '{pod} 比已提交的日志落后 {lag} 条（已应用 {applied}，已提交 {committed}）。',
        en: '{pod} is {lag} entries behind what is committed (applied {applied} of {committed}).',
      },
      'not-told': notTold,
      ...unasked,
    },
  },
  'space-left': {
    title: { zh: '数据库离配额有余量', en: 'The database is well below its quota' },
    severity: 'warning',
    messages: {
      low: {
        zh: '{pod} 的数据库 {size}，占配额 {quota} 的 {percent}%（实际使用 {inUse}）。用满后 etcd 拒绝一切写入。',
        en: 'The database of {pod} has {size}, {percent} % of its quota of {quota} ({inUse} in use). When it is full, etcd refuses every write.',
      },
      'see-exhausted': { zh: '见 etcd/space-not-exhausted。', en: 'See etcd/space-not-exhausted.' },
      'see-alarm': { zh: '空间告警已触发，见 etcd/no-space-alarm。', en: 'The alarm is raised already; see etcd/no-space-alarm.' },
      'no-quota': { zh: '没有设置配额（--quota-backend-bytes 为负数）。', en: 'It has no quota: --quota-backend-bytes is negative.' },
      ...unasked,
    },
  },
  'space-not-exhausted': {
    title: { zh: '数据库没有逼近配额', en: 'The database is not about to reach its quota' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      full: {
        zh: '{pod} 的数据库 {size}，已占配额 {quota} 的 {percent}%（实际使用 {inUse}），即将拒绝一切写入。',
        en: 'The database of {pod} has {size}, {percent} % of its quota of {quota} ({inUse} in use): etcd is about to refuse every write.',
      },
      'see-alarm': { zh: '空间告警已触发，见 etcd/no-space-alarm。', en: 'The alarm is raised already; see etcd/no-space-alarm.' },
      'no-quota': { zh: '没有设置配额（--quota-backend-bytes 为负数）。', en: 'It has no quota: --quota-backend-bytes is negative.' },
      ...unasked,
    },
  },
  'not-fragmented': {
    title: { zh: '数据库碎片不多', en: 'The database is not fragmented' },
    severity: 'warning',
    effect: 'none',
    messages: {
      fragmented: {
        zh: '{pod} 的数据库文件 {size}，实际使用 {inUse}（{percent}%），其余是碎片。',
        en: 'Of the {size} in the database of {pod} {inUse} are in use ({percent} %); the rest is fragments.',
      },
      'not-told': notTold,
      ...unasked,
    },
  },
  'proposals-pass': {
    title: { zh: '提案没有堆积', en: 'Proposals do not pile up' },
    severity: 'warning',
    messages: {
      pending: {
        zh: '{pod} 有 {pending} 个提案在等待提交：写入过多，或提交太慢。',
        en: '{pod} has {pending} proposals that wait to be committed: too many writes, or commits that are too slow.',
      },
      'not-told': notTold,
      ...unasked,
    },
  },
  'leader-stable': {
    title: { zh: '主很少更换', en: 'The leader seldom changes' },
    severity: 'info',
    messages: {
      changes: {
        zh: '{pod} 启动 {age} 以来主换过 {changes} 次，平均每小时 {rate} 次；这是累计值，不代表现在。',
        en: 'In the {age} since {pod} started the leader has changed {changes} times, {rate} times an hour; that is a sum and says nothing about now.',
      },
      'not-told': notTold,
      ...unasked,
    },
  },
  'fsync-in-time': {
    title: { zh: 'WAL 落盘及时', en: 'The WAL is written to disk in time' },
    severity: 'warning',
    messages: {
      slow: {
        zh: '{pod} 的 WAL 落盘在 {seconds} 秒内 p99 为 {time}（{count} 次中 {slow} 次偏慢），超过 {limit}；启动以来为 {lifetime}。',
        en: '{pod} wrote 99 % of its WAL within {time} in the last {seconds} s ({slow} of {count} slow), more than {limit}; since its start it was {lifetime}.',
      },
      'see-stalled': { zh: '见 etcd/fsync-not-stalled。', en: 'See etcd/fsync-not-stalled.' },
      ...speed,
      ...unasked,
    },
  },
  'fsync-not-stalled': {
    title: { zh: 'WAL 落盘没有拖住集群', en: 'Writing the WAL does not hold up the cluster' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      stalled: {
        zh: '{pod} 的 WAL 落盘在 {seconds} 秒内 p99 为 {time}（{count} 次中 {slow} 次偏慢），超过 {limit}，足以引发反复选主；启动以来为 {lifetime}。',
        en: '{pod} wrote 99 % of its WAL within {time} in the last {seconds} s ({slow} of {count} slow), more than {limit}, which makes leaders change; since its start it was {lifetime}.',
      },
      ...speed,
      ...unasked,
    },
  },
  'commit-in-time': {
    title: { zh: '数据库提交及时', en: 'The database is committed in time' },
    severity: 'warning',
    messages: {
      slow: {
        zh: '{pod} 的数据库提交在 {seconds} 秒内 p99 为 {time}（{count} 次中 {slow} 次偏慢），超过 {limit}；启动以来为 {lifetime}。',
        en: '{pod} made 99 % of its commits within {time} in the last {seconds} s ({slow} of {count} slow), more than {limit}; since its start it was {lifetime}.',
      },
      ...speed,
      ...unasked,
    },
  },
  'peer-round-trip': {
    title: { zh: '成员之间往返时间短', en: 'Members reach each other quickly' },
    severity: 'info',
    messages: {
      slow: {
        zh: '{pod} 到 {peer} 的往返时间自启动以来 p99 为 {time}（{count} 次），超过 {limit}；这是累计值，不代表现在。',
        en: 'Since {pod} started, 99 % of its round trips to {peer} took up to {time} ({count} measured), more than {limit}; that says nothing about now.',
      },
      young: { zh: '往返测量还不够多，无法判断。', en: 'Too few round trips have been measured to judge.' },
      single: { zh: '只有一个成员，没有对端。', en: 'There is but one member, without peers.' },
      ...unasked,
    },
  },
  'files-left': {
    title: { zh: '文件描述符充足', en: 'There are file descriptors left' },
    severity: 'warning',
    messages: {
      few: {
        zh: '{pod} 打开了 {open} 个文件，占上限 {most} 的 {percent}%。用尽后不再接受新连接，也无法写 WAL。',
        en: '{pod} has {open} files open, {percent} % of its limit of {most}. Without any left it takes no connection and writes no WAL.',
      },
      'not-told': notTold,
      ...unasked,
    },
  },
  'versions-close': {
    title: { zh: '成员版本相近', en: 'The members have close versions' },
    severity: 'warning',
    messages: {
      apart: {
        zh: '成员版本相差过大：{versions}。升级可能只做了一半。',
        en: 'The versions of the members are too far apart: {versions}. An upgrade may have stopped half-way.',
      },
      single: oneWitness,
      ...unasked,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type EtcdRule = keyof typeof rules;
