import type { RuleMeta } from '../../src/model/check.ts';
import { cluster, noneServes, noReplica, notJudged, noWriteService, single } from './skips.ts';

/** Who takes the writes. */
export const writingRules = {
  'has-primary': {
    title: { zh: '有可写的实例', en: 'An instance takes writes' },
    severity: 'critical',
    messages: {
      'read-only': {
        zh: '没有主库：应答的 {count} 个实例（{pods}）全部只读（read_only=1），所有写入报错 1290。',
        en: 'There is no primary: all {count} instances that answer ({pods}) are read-only, and every write fails with error 1290.',
      },
      'primary-read-only': {
        zh: '承担写入的 {primary} 只读（read_only=1），应答的 {count} 个实例无一可写：所有写入报错 1290。',
        en: '{primary}, where the writes go, is read-only, and so are all {count} instances that answer: every write fails with error 1290.',
      },
      'see-greets': {
        zh: '承担写入的实例 {pods} 不可用，见 mysql/greets 与 mysql/accepts-connections。',
        en: '{pods}, where the writes go, cannot be used; see mysql/greets and mysql/accepts-connections.',
      },
      ...notJudged,
      ...noneServes,
    },
  },
  'one-primary': {
    title: { zh: '只有一个实例独立接受写入', en: 'Only one instance takes writes of its own' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      split: {
        zh: '脑裂：{pods} 都可写，且互相没有复制关系：写入分散在各实例上，数据已经或即将不一致。',
        en: 'Split brain: {pods} all take writes and do not replicate from each other, so their data drifts apart.',
      },
      circular: {
        zh: '双主：{pods} 互相复制且都可写（read_only=0），同一行的并发写入会冲突。',
        en: 'Two primaries: {pods} replicate from each other and all take writes, so that writes of the same row collide.',
      },
      ...notJudged,
      ...single,
      ...cluster,
      ...noneServes,
    },
  },
  'replicas-read-only': {
    title: { zh: '从库只读', en: 'Replicas are read-only' },
    severity: 'warning',
    effect: 'none',
    messages: {
      writable: {
        zh: '{pod} 从 {source} 复制，却没有设为只读（read_only=0）：误写会使它与主库不一致，复制随之中断。',
        en: '{pod} replicates from {source} and is not read-only: a write by mistake makes it differ and stops its replication.',
      },
      ...notJudged,
      ...noReplica,
    },
  },
  'writes-reach-primary': {
    title: { zh: '写入用的 Service 指向可写的实例', en: 'The Service for writes leads to an instance that takes them' },
    severity: 'critical',
    messages: {
      'read-only': {
        zh: 'Service {service} 承担写入，却指向只读的 {pods}：写入全部报错 1290。',
        en: 'Service {service} is there for writes and leads to {pods}, which is read-only: every write fails with error 1290.',
      },
      replica: {
        zh: 'Service {service} 承担写入，却指向从 {source} 复制的 {pods}：写进从库的数据主库没有，切换或重建时会丢失。',
        en: 'Service {service} is there for writes and leads to {pods}, which replicates from {source}: what is written there is nowhere else and will be lost.',
      },
      'no-endpoints': {
        zh: 'Service {service} 没有就绪的端点，见 service/has-endpoints。',
        en: 'Service {service} has no ready endpoints; see service/has-endpoints.',
      },
      elsewhere: { zh: 'Service {service} 的端点不是该组件的 MySQL 实例。', en: 'The endpoints of Service {service} are no instances of this MySQL.' },
      'see-greets': {
        zh: 'Service {service} 指向的实例不可用，见 mysql/greets。',
        en: 'The instance behind Service {service} cannot be used; see mysql/greets.',
      },
      'see-has-primary': { zh: '没有可写的实例，见 mysql/has-primary。', en: 'No instance takes writes; see mysql/has-primary.' },
      ...notJudged,
      ...noWriteService,
    },
  },
  'writes-reach-only-primary': {
    title: { zh: '写入用的 Service 只指向可写的实例', en: 'The Service for writes leads to nothing but instances that take them' },
    severity: 'critical',
    effect: 'degraded',
    messages: {
      mixed: {
        zh: 'Service {service} 承担写入，除可写的 {primary} 外还指向只读或从库 {pods}：一部分写入失败或写进从库。',
        en: 'Service {service} is there for writes and leads to {pods} beside the writable {primary}: some of the writes fail or go into a replica.',
      },
      'see-writes': {
        zh: 'Service 没有指向任何可写的实例，见 mysql/writes-reach-primary。',
        en: 'No Service leads to a writable instance; see mysql/writes-reach-primary.',
      },
      ...notJudged,
      ...noWriteService,
    },
  },
} as const satisfies Record<string, RuleMeta>;
