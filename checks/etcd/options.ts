import type { OptionMeta } from '../../src/model/check.ts';

export interface EtcdOptions {
  answerSeconds: number;
  sampleSeconds: number;
  quotaLowPercent: number;
  quotaFullPercent: number;
  inUsePercent: number;
  fragmentedBytes: number;
  lagEntries: number;
  pendingProposals: number;
  leaderChanges: number;
  leaderChangesPerHour: number;
  fsyncSlowSeconds: number;
  fsyncStalledSeconds: number;
  commitSlowSeconds: number;
  slowWrites: number;
  roundTripSeconds: number;
  roundTripSamples: number;
  filesPercent: number;
  minorVersions: number;
  learnerMinutes: number;
}

export const options: { readonly [K in keyof EtcdOptions]: OptionMeta<EtcdOptions[K]> } = {
  answerSeconds: {
    default: 3,
    unit: 's',
    description: { zh: '成员多久不回应算卡住。', en: 'How long a member may take to answer before it hangs.' },
    source:
      'own choice: a healthy member answers within milliseconds, one before 3.5 that has lost its quorum after 1 s (etcd, /health); a silent one is asked on two ways, which stays well within the time of a probe',
  },
  sampleSeconds: {
    default: 5,
    unit: 's',
    description: {
      zh: '两次查看之间的间隔。只有第一次查看发现可疑之处（没有主、主不一致、版本号不一致、落后过多、启动以来有过慢写）才会看第二次，正常集群不会因此变慢；0 表示从不看第二次。',
      en: 'Time from a first look to a second one. The second is only made when the first gives reason for it (no leader, two leaders, revisions that differ, a lag, slow writes since the start), so a healthy cluster does not wait; 0 never looks twice.',
    },
    source:
      'own choice: two election timeouts of 2.5 s, and with the questions before and after it a run stays under 10 s. Ten seconds, as components.md §6.1 has it, would be most of such a run',
  },
  quotaLowPercent: {
    default: 80,
    unit: 'percent',
    description: { zh: '数据库达到配额的百分之多少时告警。', en: 'From how much of its quota on a database is nearly full.' },
    source: 'components.md §12 E06: 80 %',
  },
  quotaFullPercent: {
    default: 95,
    unit: 'percent',
    description: { zh: '数据库达到配额的百分之多少时为严重。', en: 'From how much of its quota on a database is as good as full.' },
    source: 'etcd mixin, etcdDatabaseQuotaLowSpace: 95 %',
  },
  inUsePercent: {
    default: 50,
    unit: 'percent',
    description: { zh: '文件中实际使用的部分低于百分之多少算碎片过多。', en: 'A file of which less than this is in use is fragmented.' },
    source: 'etcd mixin, etcdDatabaseHighFragmentationRatio: 50 %',
  },
  fragmentedBytes: {
    default: 104_857_600,
    unit: 'bytes',
    description: { zh: '文件至少多大才判断碎片。', en: 'Smallest file that is looked at for fragmentation.' },
    source: 'components.md §12 E07: 100 MiB; the etcd mixin takes the same figure for what is in use',
  },
  lagEntries: {
    default: 5000,
    description: { zh: '成员已应用的日志比已提交的少多少条算落后。', en: 'How many committed entries a member may not have applied yet.' },
    source: 'etcd, maxGapBetweenApplyAndCommitIndex: from 5000 on a member refuses requests; components.md §12 E16',
  },
  pendingProposals: {
    default: 100,
    description: { zh: '等待提交的提案超过多少个算堆积。', en: 'More proposals than this that wait to be committed pile up.' },
    source: 'own choice: at a usual commit of 10 ms, 100 waiting ones are 10,000 writes a second; etcd documentation, Metrics, gives no figure',
  },
  leaderChanges: {
    default: 4,
    description: { zh: '启动以来换主至少多少次才提示。', en: 'How often the leader has to have changed since a member started before it is told.' },
    source: 'etcd mixin, etcdHighNumberOfLeaderChanges: 4 changes (in 15 minutes, which one look cannot count)',
  },
  leaderChangesPerHour: {
    default: 1,
    description: { zh: '平均每小时换主超过多少次才提示。', en: 'How often an hour, on average, the leader has to have changed before it is told.' },
    source: 'own choice: a healthy etcd changes its leader when a member is restarted, which nobody does every hour',
  },
  fsyncSlowSeconds: {
    default: 0.5,
    unit: 's',
    description: { zh: 'WAL 落盘耗时的 p99 超过多少算慢。', en: 'Above this 99th percentile writing the WAL to disk is slow.' },
    source: 'etcd mixin, etcdHighFsyncDurations: 0.5 s',
  },
  fsyncStalledSeconds: {
    default: 1,
    unit: 's',
    description: { zh: 'WAL 落盘耗时的 p99 超过多少为严重。', en: 'Above this 99th percentile the disk holds up the cluster.' },
    source: 'etcd mixin, etcdHighFsyncDurations: 1 s; it is the default election timeout as well',
  },
  commitSlowSeconds: {
    default: 0.25,
    unit: 's',
    description: { zh: '后端提交耗时的 p99 超过多少算慢。', en: 'Above this 99th percentile committing to the database is slow.' },
    source: 'etcd mixin, etcdHighCommitDurations: 0.25 s',
  },
  slowWrites: {
    default: 2,
    description: { zh: '两次查看之间至少有多少次慢写才算慢。', en: 'How many slow writes there have to be between the two looks.' },
    source: 'own choice: one slow write is a hiccup, and a disk that takes seconds for each has no time for more within five',
  },
  roundTripSeconds: {
    default: 0.15,
    unit: 's',
    description: { zh: '成员之间往返时间的 p99 超过多少才提示。', en: 'Above this 99th percentile the way to a peer is told to be long.' },
    source: 'etcd mixin, etcdMemberCommunicationSlow: 0.15 s',
  },
  roundTripSamples: {
    default: 100,
    description: { zh: '至少有多少次往返测量才判断。', en: 'How many measured round trips are needed to judge by.' },
    source: 'own choice: fewer than 100 have no 99th percentile but their slowest; etcd measures each peer about twice a minute',
  },
  filesPercent: {
    default: 80,
    unit: 'percent',
    description: { zh: '打开的文件数达到上限的百分之多少时告警。', en: 'From how much of its limit of open files on a member warns.' },
    source: 'components.md §12 E29: 80 %',
  },
  minorVersions: {
    default: 1,
    description: { zh: '成员之间最多允许相差几个次版本。', en: 'How many minor versions the members may be apart.' },
    source: 'etcd documentation, Upgrading: members may be one minor version apart during an upgrade',
  },
  learnerMinutes: {
    default: 30,
    unit: 'min',
    description: { zh: 'learner 运行多久后仍未提升算滞留。', en: 'After how long a member that is still a learner is forgotten.' },
    source: 'own choice: even a database of 8 GiB is copied within minutes; whoever adds a learner promotes it the same day',
  },
};
