import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';
import { topology } from './topology.ts';

/** The sentinels of a Redis set: whether they could fail it over, and whether what they say is true. */
export default defineCheck({
  meta: {
    id: 'redis-sentinel',
    title: { zh: 'Redis 哨兵', en: 'Redis Sentinel' },
    description: {
      zh: '逐个询问每个哨兵（PING、INFO、MASTERS、SLAVES、SENTINELS、CKQUORUM），并与 Redis 实例自己的说法对照：法定人数与多数是否可达、各哨兵说的主是否一致且确实是主、切换能否完成、有无残留记录和 TILT。主下线只是哨兵转述，根因在 Redis。',
      en: 'Asks each sentinel by itself (PING, INFO, MASTERS, SLAVES, SENTINELS, CKQUORUM) and compares with what the Redis servers say: whether quorum and majority are reachable, whether they name one master that is one, whether a failover would end, stale entries, TILT. That a master is down they merely report: its cause is the Redis.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'services', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
  topology,
});
