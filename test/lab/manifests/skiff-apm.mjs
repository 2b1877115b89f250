// skiff-apm: application monitoring.
import {
  prometheus,
  redisExporter,
  redisSet,
  redisTargets,
  serviceName,
  springService,
  standIn,
  staticFiles,
  tcpProbe,
  throughExporter,
  usesRedis,
} from './building-blocks.mjs';

const NAMESPACE = 'skiff-apm';
const at = (name, port) => `${serviceName(name, NAMESPACE)}:${port}`;
const SPRING = { metrics_path: '/actuator/prometheus' };

export default [
  ...redisSet(NAMESPACE, 'apm-redis'),
  ...redisExporter(NAMESPACE, 'apm-redis-exporter', `redis://apm-redis-0.${at('apm-redis', 6379)}`),
  ...redisExporter(NAMESPACE, 'apm-redis-sentinel-exporter', `redis://apm-redis-sentinel-0.${at('apm-redis-sentinel', 26379)}`),
  ...springService(NAMESPACE, 'apm-webserver', 2, 8080, {
    env: { ...usesRedis(NAMESPACE, 'apm-redis'), PROMETHEUS_URL: `http://${at('prometheus-apm', 9090)}` },
  }),
  // Its probes only connect: it stays ready when it hangs.
  ...springService(NAMESPACE, 'apm-collector', 2, 8080, { env: usesRedis(NAMESPACE, 'apm-redis'), readiness: tcpProbe(8080) }),
  ...standIn(NAMESPACE, 'apm-otel-collector', 1, [13133, 4317, 4318, 8888, 11800], {
    program: 'otel-collector.mjs',
    env: { EXPORT_TO: `http://${at('apm-collector', 8080)}/actuator/health/liveness` },
    path: '/',
  }),
  ...staticFiles(NAMESPACE, 'skiff-agent', 1, 8080, ['skiff-apm-agent.tar.gz']),
  ...prometheus(
    NAMESPACE,
    'prometheus-apm',
    [
      ['apm-redis', redisTargets('apm-redis', NAMESPACE), throughExporter(at('apm-redis-exporter', 9121))],
      ['apm-redis-sentinel', redisTargets('apm-redis-sentinel', NAMESPACE, 26379), throughExporter(at('apm-redis-sentinel-exporter', 9121))],
      ['apm-webserver', [at('apm-webserver', 8080)], SPRING],
      ['apm-collector', [at('apm-collector', 8080)], SPRING],
      ['apm-otel-collector', [at('apm-otel-collector', 8888)]],
    ],
    { alerts: [{ alert: 'RedisDown', expr: 'redis_up == 0', for: '30s', labels: { severity: 'critical' } }] },
  ),
];
