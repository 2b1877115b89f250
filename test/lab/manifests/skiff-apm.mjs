// skiff-apm: application monitoring.
import { prometheus, redisExporter, redisSet, redisTargets, serviceName, standIn, throughExporter } from './building-blocks.mjs';

const NAMESPACE = 'skiff-apm';
const at = (name, port) => `${serviceName(name, NAMESPACE)}:${port}`;

export default [
  ...redisSet(NAMESPACE, 'apm-redis'),
  ...redisExporter(NAMESPACE, 'apm-redis-exporter', `redis://apm-redis-0.${at('apm-redis', 6379)}`),
  ...redisExporter(NAMESPACE, 'apm-redis-sentinel-exporter', `redis://apm-redis-sentinel-0.${at('apm-redis-sentinel', 26379)}`),
  ...standIn(NAMESPACE, 'apm-webserver', 2, [8080], { env: { DEPENDS: [{ name: 'redis', tcp: `apm-redis-0.${at('apm-redis', 6379)}` }] } }),
  ...standIn(NAMESPACE, 'apm-collector', 2, [8080, 11800]),
  ...standIn(NAMESPACE, 'apm-otel-collector', 1, [13133, 4318, 8888]),
  ...standIn(NAMESPACE, 'skiff-agent', 1, [8080]),
  ...prometheus(NAMESPACE, 'prometheus-apm', [
    ['apm-redis', redisTargets('apm-redis', NAMESPACE), throughExporter(at('apm-redis-exporter', 9121))],
    ['apm-redis-sentinel', redisTargets('apm-redis-sentinel', NAMESPACE, 26379), throughExporter(at('apm-redis-sentinel-exporter', 9121))],
    ['apm-webserver', [at('apm-webserver', 8080)]],
    ['apm-collector', [at('apm-collector', 8080)]],
    ['apm-otel-collector', [at('apm-otel-collector', 8888)]],
  ]),
];
