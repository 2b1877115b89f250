import { defineComponent, type NamespaceInventory } from '../../src/model/component.ts';
import { documented, inferred, upstream } from './edges.ts';

/** The documents list the apm components here although apm is a module of its own; most sites run them in skiff-apm. */
const skiffApigw: NamespaceInventory = {
  namespace: 'skiff-apigw',
  title: { zh: 'API 网关与 APM', en: 'API gateway and application performance monitoring' },
  alsoIn: ['skiff-apm'],
  components: [
    defineComponent({
      id: 'apigw-portal',
      title: { zh: 'API 网关可视化界面', en: 'Console of the API gateway' },
      owner: 'product',
      recognise: { names: ['apigw-gportal'], images: ['apigw-portal'] },
      technologies: { workload: {}, service: {} },
      dependsOn: [
        inferred('etcd-mysql'),
        inferred('platform-redis'),
        inferred('platform-user-auth'),
        inferred('audit'),
        inferred('nsf-meta'),
        inferred('skiff-platform/prometheus'),
        upstream('coredns'),
      ],
      source: '管控集群核心 / skiff-apigw / apigw-portal',
    }),
    defineComponent({
      id: 'apm-collector',
      title: { zh: 'APM 数据采集端（Java）', en: 'APM data collector (Java)' },
      owner: 'product',
      recognise: { images: ['apm-collector'] },
      technologies: { workload: {}, service: {} },
      dependsOn: [inferred('apm-redis'), upstream('coredns')],
      source: '管控集群核心 / skiff-apigw / apm-collector',
    }),
    defineComponent({
      id: 'apm-otel-collector',
      title: { zh: 'APM 开源数据转换服务（SkyWalking、OpenTelemetry）', en: 'Converter of open-source trace data (SkyWalking, OpenTelemetry) for APM' },
      owner: 'product',
      recognise: { names: ['otel-collector'], images: ['apm-otel-collector', 'opentelemetry-collector', 'opentelemetry-collector-contrib'] },
      technologies: { workload: {}, service: {} },
      dependsOn: [documented('apm-collector'), upstream('coredns')],
      source: '管控集群核心 / skiff-apigw / apm-otel-collector',
    }),
    defineComponent({
      id: 'apm-webserver',
      title: { zh: 'APM 接口服务', en: 'APM query API for the console' },
      owner: 'product',
      recognise: { images: ['apm-webserver'] },
      technologies: { workload: {}, service: {} },
      dependsOn: [documented('apm-redis'), documented('prometheus-apm'), inferred('apm-redis-sentinel'), upstream('coredns')],
      source: '管控集群核心 / skiff-apigw / apm-webserver',
    }),
    defineComponent({
      id: 'apm-redis',
      title: { zh: 'APM 使用的 Redis', en: 'Redis of APM' },
      owner: 'middleware',
      recognise: { images: ['redis'], ports: [6379] },
      technologies: { workload: {}, service: {} },
      source: '管控集群核心 / skiff-apigw / apm-redis',
    }),
    defineComponent({
      id: 'apm-redis-exporter',
      title: { zh: 'APM Redis 指标采集', en: 'Metrics exporter of the APM Redis' },
      owner: 'middleware',
      technologies: { workload: {}, service: {} },
      dependsOn: [documented('apm-redis'), upstream('coredns')],
      source: '管控集群核心 / skiff-apigw / apm-redis-exporter',
    }),
    defineComponent({
      id: 'apm-redis-sentinel',
      title: { zh: 'APM Redis 的哨兵', en: 'Sentinels of the APM Redis' },
      owner: 'middleware',
      recognise: { images: ['redis', 'redis-sentinel'], ports: [26379] },
      technologies: { workload: {}, service: {} },
      // One way only: a Redis goes on serving without its sentinels, while sentinels without a master have nothing to tell.
      dependsOn: [upstream('apm-redis')],
      source: '管控集群核心 / skiff-apigw / apm-redis-sentinel',
    }),
    defineComponent({
      id: 'apm-redis-sentinel-exporter',
      title: { zh: 'APM Redis 哨兵指标采集', en: 'Metrics exporter of the APM Redis sentinels' },
      owner: 'middleware',
      technologies: { workload: {}, service: {} },
      dependsOn: [documented('apm-redis-sentinel'), upstream('coredns')],
      source: '管控集群核心 / skiff-apigw / apm-redis-sentinel-expoter',
    }),
    defineComponent({
      id: 'prometheus-apm',
      relays: true,
      title: { zh: 'APM 的 Prometheus', en: 'Prometheus of APM' },
      owner: 'middleware',
      technologies: { workload: {}, service: {} },
      dependsOn: [upstream('kube-apiserver'), upstream('coredns')],
      source: '管控集群核心 / skiff-apigw / prometheus-apm',
    }),
    defineComponent({
      id: 'skiff-agent',
      title: { zh: 'APM agent 下载服务', en: 'Download of the APM agent' },
      owner: 'product',
      recognise: { names: ['skiff-apm-agent'] },
      technologies: { workload: {}, service: {} },
      source: '管控集群核心 / skiff-apigw / skiff-agent',
    }),
  ],
};

export default skiffApigw;
