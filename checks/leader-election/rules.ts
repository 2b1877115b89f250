import type { OptionMeta, RuleMeta } from '../../src/model/check.ts';

export interface LeaderElectionOptions {
  /** Names of the lock objects; `*` at the beginning or end stands for anything. */
  locks: readonly string[];
  /** The namespace that holds them: the component's own when empty, or kube-system. */
  namespace: string;
  lateDurations: number;
  lostDurations: number;
  lostSeconds: number;
  clockSkewSeconds: number;
}

export const options: { readonly [K in keyof LeaderElectionOptions]: OptionMeta<LeaderElectionOptions[K]> } = {
  locks: {
    default: [],
    description: {
      zh: '锁对象的名称，首尾可用 * 通配；通常由组件清单给出。',
      en: 'Names of the lock objects, with * at either end for anything; the inventory gives them.',
    },
    source: 'components.md §3',
  },
  namespace: {
    default: '',
    description: {
      zh: '锁所在的命名空间：留空为组件自己的命名空间，也可以是 kube-system。',
      en: "Namespace of the locks: empty for the component's own, or kube-system.",
    },
    source: 'components.md §3',
  },
  lateDurations: {
    default: 2,
    description: { zh: '多少个租约时长没有续约算迟到。', en: 'Lease durations without a renewal after which a lock is late.' },
    source: 'components.md §3 and §11: more than 2 durations; a healthy leader renews every 2 s of its 15 s',
  },
  lostDurations: {
    default: 4,
    description: { zh: '多少个租约时长没有续约算没有主。', en: 'Lease durations without a renewal after which nobody leads.' },
    source: 'components.md §3 and §11: more than 4 durations',
  },
  lostSeconds: {
    default: 60,
    unit: 's',
    description: { zh: '无论租约多短，至少这么久没有续约才算没有主。', en: 'However short the lease, nobody leads only after at least this long.' },
    source: 'components.md §3: at least 60 s, so that a failover in progress is none',
  },
  clockSkewSeconds: {
    default: 5,
    unit: 's',
    description: { zh: '续约时间最多可以超前集群时间多少。', en: 'How far a renewal may be ahead of the time of the cluster.' },
    source: 'components.md §3: 5 s',
  },
};

const notJudged = {
  single: { zh: '只有一个副本运行，也没有锁：不需要选主。', en: 'A single replica runs and there is no lock: it has nothing to elect.' },
  'switched-off': { zh: '唯一的副本以 --leader-elect=false 启动，不参与选主。', en: 'The only replica was started with --leader-elect=false.' },
  'no-pods': { zh: '组件没有运行中的 Pod，见 workload。', en: 'None of its pods runs; see workload.' },
  'not-found': {
    zh: '在 {namespace} 中没有找到名为 {names} 的锁：该组件可能不选主，或锁的名称不同（可用选项 locks 指定）。',
    en: 'No lock called {names} exists in {namespace}: it may not elect a leader, or call its lock otherwise (option locks).',
  },
  ahead: { zh: '续约时间在未来，无法判断，见 leader-election/clock。', en: 'Its renewals lie in the future and cannot be judged; see leader-election/clock.' },
  'see-leader': { zh: '已判定没有主，见 leader-election/has-leader。', en: 'Nobody leads; see leader-election/has-leader.' },
} as const;

export const rules = {
  'has-leader': {
    title: { zh: '选主组件有一个在任的主', en: 'A leader is in office' },
    severity: 'critical',
    messages: {
      expired: {
        zh: '没有主：锁 {lock} 已 {age} 没有续约（租约 {duration} 秒），最后的持有者是 {holder}，{pods} 个运行中的副本都没有接任。',
        en: 'Nobody leads: {lock} was last renewed {age} ago (lease of {duration} s) by {holder}, and none of {pods} running replicas has taken over.',
      },
      released: {
        zh: '没有主：锁 {lock} 在 {age} 前被释放，{pods} 个运行中的副本都没有接任。',
        en: 'Nobody leads: {lock} was released {age} ago, and none of {pods} running replicas has taken it.',
      },
      'never-elected': {
        zh: '没有主：{pods} 个副本在运行，但 {namespace} 中不存在锁 {names}，从未选出过主，或选主被关闭。',
        en: 'Nobody leads: {pods} replicas run, but {namespace} has no lock called {names}: none was ever elected, or election is switched off.',
      },
      single: notJudged.single,
      'switched-off': notJudged['switched-off'],
      'no-pods': notJudged['no-pods'],
      'not-found': notJudged['not-found'],
      ahead: notJudged.ahead,
    },
  },
  'renewed-in-time': {
    title: { zh: '主按时续约', en: 'The leader renews its lock in time' },
    severity: 'warning',
    messages: {
      late: {
        zh: '锁 {lock}（持有者 {holder}）已 {age} 没有续约，租约只有 {duration} 秒：正在切换主，或主与 API Server、etcd 之间过慢。',
        en: '{lock}, held by {holder}, was last renewed {age} ago with a lease of {duration} s: the leader is changing, or it reaches the API server or etcd too slowly.',
      },
      vacant: {
        zh: '锁 {lock} 在 {age} 前被释放，还没有副本接任。',
        en: '{lock} was released {age} ago and no replica has taken it yet.',
      },
      single: notJudged.single,
      'switched-off': notJudged['switched-off'],
      'no-pods': notJudged['no-pods'],
      'not-found': notJudged['not-found'],
      ahead: notJudged.ahead,
      'see-leader': notJudged['see-leader'],
    },
  },
  clock: {
    title: { zh: '持锁者的时钟没有超前', en: "The leader's clock is not ahead" },
    severity: 'warning',
    effect: 'none',
    messages: {
      ahead: {
        zh: '锁 {lock} 的续约时间比集群时间超前 {seconds} 秒：{holder} 所在主机的时钟不准，它失效后其他副本会迟迟不接任。',
        en: '{lock} was renewed {seconds} s in the future: the clock where {holder} runs is wrong, and the others would take over late.',
      },
      'no-lock': { zh: '没有锁可以查看。', en: 'There is no lock to look at.' },
    },
  },
  'holder-known': {
    title: { zh: '持锁者是该组件正在运行的 Pod', en: 'The lock is held by a running pod of the component' },
    severity: 'info',
    messages: {
      unmatched: {
        zh: '锁 {lock} 由 {holder} 持有，与 {pods} 个运行中的 Pod 及其节点都对不上：主机名与节点名不同，或持有者在集群之外。',
        en: '{lock} is held by {holder}, which matches none of {pods} running pods nor their nodes: host and node names differ, or a process elsewhere holds it.',
      },
      opaque: { zh: '持锁者的标识 {holder} 不含 Pod 或主机名，无法对应。', en: 'The identity {holder} names neither a pod nor a host.' },
      'no-holder': { zh: '没有在任的持锁者。', en: 'Nobody holds a lock at present.' },
    },
  },
  'no-stale-locks': {
    title: { zh: '没有残留的旧锁', en: 'No stale lock lies beside the live one' },
    severity: 'info',
    messages: {
      stale: {
        zh: '{live} 在正常续约，而 {stale} 已 {age} 没有续约：多为升级或改名后的残留；若它属于另一组副本，那组副本没有主。',
        en: '{live} is renewed while {stale} has not been for {age}: usually left over from an upgrade or another name. If it belongs to another group, that group has no leader.',
      },
      'no-live-lock': { zh: '没有正常续约的锁可供对照。', en: 'No live lock is there to compare with.' },
    },
  },
} as const satisfies Record<string, RuleMeta>;
