import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';
import { topology } from './topology.ts';

/** An etcd: whether its members answer, are a majority, follow one leader, and have room and speed enough. */
export default defineCheck({
  meta: {
    id: 'etcd',
    title: { zh: 'etcd 键值存储', en: 'Key-value store etcd' },
    description: {
      zh: '逐个询问 etcd 成员：是否应答、是否凑够法定人数、是否认同一个主、有无告警、空间与写盘速度、版本与成员列表。只读：/health、/version、/metrics 以及 status、member list、alarm GET；从不求哈希、压缩、碎片整理或解除告警。',
      en: 'Asks each member of an etcd by itself: whether it answers, whether there is a majority with one leader, about alarms, room, the speed of writing, versions and the member list. It only reads: /health, /version, /metrics, status, member list, alarm GET; never a hash, a compaction, a defragmentation or a disarm.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
  topology,
});
