import { defineComponent, type NamespaceInventory } from '../../src/model/component.ts';
import { inferred, upstream } from './edges.ts';

const skiffLogseer: NamespaceInventory = {
  namespace: 'skiff-logseer',
  title: { zh: '日志服务', en: 'Log service' },
  components: [
    defineComponent({
      id: 'logagent-download',
      title: { zh: '主机节点日志采集 agent 的下载服务', en: 'Download of the log agent for nodes' },
      owner: 'product',
      recognise: { names: ['logagent-downloads'] },
      technologies: { workload: {}, service: {}, 'http-service': {} },
      source: '管控集群核心 / skiff-logseer / logagent-download',
    }),
    defineComponent({
      id: 'logseer',
      title: { zh: '日志服务端（轻舟面板上的日志服务）', en: 'Log server behind the log pages of the console' },
      owner: 'product',
      recognise: { images: ['logseer'] },
      technologies: { workload: {}, service: {}, 'http-service': { path: '/' }, logseer: {} },
      peers: { elasticsearch: ['skiff-logseer/elasticsearch', 'kube-system/elasticsearch'] },
      dependsOn: [inferred('skiff-logseer/elasticsearch'), upstream('coredns')],
      source: '管控集群核心 / skiff-logseer / logseer',
    }),
    defineComponent({
      id: 'elasticsearch',
      title: { zh: '日志服务的 Elasticsearch', en: 'Elasticsearch of the log service' },
      owner: 'middleware',
      // Logseer needs one; a site may have it outside of the cluster or in another namespace.
      optional: true,
      recognise: {
        names: ['logseer-elasticsearch', 'logseer-es', 'elasticsearch-master', 'elasticsearch-data'],
        images: ['elasticsearch', 'elasticsearch-oss'],
        ports: [9200],
      },
      technologies: { workload: {}, service: {}, elasticsearch: {} },
      dependsOn: [upstream('coredns')],
      source: '推断：logseer 的公开同源项目以 Elasticsearch 存储日志 / components.md §9.1',
    }),
    defineComponent({
      id: 'logagent',
      title: { zh: '节点日志采集 agent', en: 'Log agent of the nodes' },
      owner: 'product',
      optional: true,
      recognise: { names: ['skiff-logagent', 'filebeat', 'fluent-bit', 'loggie'], images: ['filebeat', 'fluent-bit', 'loggie'] },
      technologies: { workload: {}, fluentd: {} },
      dependsOn: [inferred('skiff-logseer/elasticsearch')],
      source: '推断：logagent-download 提供下载的 agent，公开同源项目用 filebeat 或 loggie / components.md §6.8、§9.1',
    }),
  ],
};

export default skiffLogseer;
