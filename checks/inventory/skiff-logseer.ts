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
      technologies: { workload: {}, service: {} },
      source: '管控集群核心 / skiff-logseer / logagent-download',
    }),
    defineComponent({
      id: 'logseer',
      title: { zh: '日志服务端（轻舟面板上的日志服务）', en: 'Log server behind the log pages of the console' },
      owner: 'product',
      recognise: { images: ['logseer'] },
      technologies: { workload: {}, service: {} },
      dependsOn: [inferred('elasticsearch'), upstream('coredns')],
      source: '管控集群核心 / skiff-logseer / logseer',
    }),
  ],
};

export default skiffLogseer;
