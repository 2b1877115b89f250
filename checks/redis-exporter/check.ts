import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The exporter of a Redis or of its sentinels: whether it answers, and whether it sees the server that it watches. */
export default defineCheck({
  meta: {
    id: 'redis-exporter',
    title: { zh: 'Redis 指标采集器', en: 'Redis exporter' },
    description: {
      zh: '采集器是否应答、返回的是否 Redis 指标、redis_up 是否为 1，并直接 PING 被监控的服务器作为第二证人：服务器在应答而采集器看不到，是采集器自己的故障；服务器也不应答，只是后果。',
      en: 'Whether it answers with metrics of Redis and redis_up is 1, with a PING to the watched server as a second witness: a server that answers and is not seen is the fault of the exporter, one that does not answer is merely reported by it.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options: {},
    rules,
  },
  probe,
  evaluate,
});
