import type { RuleMeta } from '../../src/model/check.ts';
import { noneServes, noReplica, notJudged, single } from './skips.ts';

/** How the instances follow each other, and how a cluster of them stands. */
export const replicationRules = {
  'receives-changes': {
    title: { zh: '从库在接收主库的变更', en: 'Replicas receive the changes of their source' },
    severity: 'warning',
    messages: {
      stopped: {
        zh: '{pod} 的 IO 线程已停止且没有错误：被 STOP SLAVE/REPLICA 停下，不再从 {source} 接收变更。',
        en: 'The IO thread of {pod} was stopped by hand: it no longer receives changes from {source}.',
      },
      idle: {
        zh: '据导出器所说，{pod} 的 IO 线程没有在接收 {source} 的变更，也没有错误号：被停下，或正在重连。',
        en: 'Its exporter says that the IO thread of {pod} receives nothing from {source}, without an error: it was stopped, or is about to connect.',
      },
      'source-down': {
        zh: '{pod} 收不到变更：复制源 {source} 不可用，见 mysql/greets。',
        en: '{pod} receives nothing: {source}, which it replicates from, cannot be used; see mysql/greets.',
      },
      purged: {
        zh: '{pod} 需要的 binlog 在 {source} 上已不存在（错误 1236），无法续传，只能重建：{error}',
        en: '{pod} needs binary logs that {source} no longer has (error 1236); it cannot go on and must be rebuilt: {error}',
      },
      connecting: {
        zh: '{pod} 连不上 {source}，IO 线程在反复重试（错误 {errno}）：{error}',
        en: '{pod} cannot connect to {source} and keeps trying (error {errno}): {error}',
      },
      failed: {
        zh: '{pod} 的 IO 线程出错停止，不再从 {source} 接收变更（错误 {errno}）：{error}',
        en: 'The IO thread of {pod} ended with error {errno} and receives nothing from {source}: {error}',
      },
      ...notJudged,
      ...noReplica,
    },
  },
  'applies-changes': {
    title: { zh: '从库在回放收到的变更', en: 'Replicas apply the changes that they receive' },
    severity: 'warning',
    messages: {
      stopped: {
        zh: '{pod} 的 SQL 线程已停止且没有错误：被 STOP SLAVE/REPLICA 停下，收到的变更不再回放。',
        en: 'The SQL thread of {pod} was stopped by hand: what it receives is not applied.',
      },
      conflict: {
        zh: '{pod} 的数据已与 {source} 不一致，回放因错误 {errno} 停止：{error}',
        en: 'The data of {pod} differs from that of {source}; applying stopped with error {errno}: {error}',
      },
      failed: { zh: '{pod} 的 SQL 线程出错停止（错误 {errno}）：{error}', en: 'The SQL thread of {pod} ended with error {errno}: {error}' },
      ...notJudged,
      ...noReplica,
    },
  },
  'replica-lag': {
    title: { zh: '从库延迟在限度内', en: 'Replicas keep up with their source' },
    severity: 'warning',
    messages: {
      late: { zh: '{pod} 落后 {source} {behind} 秒（限度 {limit} 秒）。', en: '{pod} is {behind} s behind {source}; {limit} s are acceptable.' },
      unknown: {
        zh: '{pod} 的两个复制线程都在运行，延迟却是 NULL：它自己也不知道落后多少。',
        en: 'Both replication threads of {pod} run and its delay is NULL: it does not know how far behind it is.',
      },
      'see-threads': {
        zh: '没有正常复制的从库，见 mysql/receives-changes 与 mysql/applies-changes。',
        en: 'No replica replicates; see mysql/receives-changes and mysql/applies-changes.',
      },
      ...notJudged,
      ...noReplica,
    },
  },
  'follows-instance': {
    title: { zh: '从库的复制源是本组的实例', en: 'Replicas follow an instance of this MySQL' },
    severity: 'warning',
    messages: {
      dead: {
        zh: '{pod} 的复制源 {source} 不是本组的任何实例，且连接不通：源已不存在或地址过期。',
        en: '{pod} replicates from {source}, which is no instance of this MySQL and cannot be reached: it is gone, or the address is stale.',
      },
      self: { zh: '{pod} 的复制源 {source} 就是它自己。', en: '{pod} replicates from {source}, which is itself.' },
      outside: { zh: '{pod} 从组件外的 {source} 复制，连接正常。', en: '{pod} replicates from {source} outside of this component, and that works.' },
      ...notJudged,
      ...noReplica,
    },
  },
  'server-ids-differ': {
    title: { zh: '各实例的 server_id 不同', en: 'Each instance has a server_id of its own' },
    severity: 'warning',
    messages: {
      same: {
        zh: '{pods} 的 server_id 都是 {id}：源会把它们当作同一个从库互相踢掉，同号的事件会被忽略。',
        en: '{pods} all have server_id {id}: a source takes them for one replica, and events with the own id are passed over.',
      },
      'no-replication': {
        zh: '应答的实例之间没有复制，server_id 相同也无妨。',
        en: 'Nothing is replicated between the instances that answer, so that equal ids do no harm.',
      },
      ...notJudged,
      ...single,
      ...noneServes,
    },
  },
  'cluster-has-quorum': {
    title: { zh: 'Galera/组复制集群有多数派', en: 'The cluster of the instances has a quorum' },
    severity: 'critical',
    messages: {
      galera: {
        zh: '没有 Galera 节点处于 Primary 且就绪（{pods}）：整个集群拒绝查询。',
        en: 'No node of Galera is ready in a primary component ({pods}): the whole cluster refuses queries.',
      },
      group: {
        zh: '组复制失去多数派：{count} 个成员中只有 {reachable} 个在线（{members}），写入全部挂起。',
        en: 'Group replication has no majority: {reachable} of {count} members are reachable ({members}), and writes wait for ever.',
      },
      'no-cluster': { zh: '没有使用 Galera 或组复制。', en: 'Neither Galera nor group replication is in use.' },
      ...notJudged,
      ...noneServes,
    },
  },
  'cluster-members-healthy': {
    title: { zh: 'Galera/组复制的每个成员都正常', en: 'Every member of the cluster is well' },
    severity: 'warning',
    messages: {
      galera: {
        zh: '{pod} 不是正常的 Galera 节点：{state}。',
        en: '{pod} is no healthy node of Galera: {state}.',
      },
      'flow-control': {
        zh: '{pod} 的写入有 {percent}% 的时间被流控暂停：有节点跟不上。',
        en: 'Flow control stopped the writes of {pod} for {percent} % of the time: a node cannot keep up.',
      },
      group: { zh: '组复制成员 {member} 的状态是 {state}。', en: 'Member {member} of the group is {state}.' },
      'see-quorum': { zh: '集群没有多数派，见 mysql/cluster-has-quorum。', en: 'The cluster has no quorum; see mysql/cluster-has-quorum.' },
      'no-cluster': { zh: '没有使用 Galera 或组复制。', en: 'Neither Galera nor group replication is in use.' },
      ...notJudged,
      ...noneServes,
    },
  },
} as const satisfies Record<string, RuleMeta>;
