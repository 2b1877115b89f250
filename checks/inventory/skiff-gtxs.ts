import { defineComponent, type NamespaceInventory } from '../../src/model/component.ts';
import { documented, inferred, upstream } from './edges.ts';

const skiffGtxs: NamespaceInventory = {
  namespace: 'skiff-gtxs',
  title: { zh: 'GTXS 分布式事务', en: 'GTXS distributed transactions' },
  components: [
    defineComponent({
      id: 'etcd-gtxs',
      title: { zh: 'GTXS 使用的 etcd', en: 'etcd of GTXS' },
      owner: 'middleware',
      recognise: { images: ['etcd'], ports: [2379] },
      technologies: { workload: {}, service: {}, etcd: {}, failover: { needs: 'majority' }, backup: { names: ['etcd', 'gtxs'] } },
      dependsOn: [upstream('coredns')],
      source: '管控集群核心 / skiff-gtxs / etcd-gtxs',
    }),
    defineComponent({
      id: 'gtxs-server',
      title: { zh: 'GTXS 服务端（定时补偿异常事务的 Job 选主）', en: 'GTXS server, elects the job that compensates failed transactions' },
      owner: 'product',
      recognise: { names: ['gtxs'], images: ['gtxs-server'] },
      technologies: { workload: {}, service: {}, 'http-service': {} },
      dependsOn: [documented('etcd-gtxs'), inferred('etcd-mysql'), upstream('coredns')],
      source: '管控集群核心 / skiff-gtxs / gtxs-server',
    }),
    defineComponent({
      id: 'skiff-gtxs-agent',
      title: { zh: 'gtxs-agent 下载服务', en: 'Download of the gtxs agent' },
      owner: 'product',
      recognise: { names: ['gtxs-agent'] },
      technologies: { workload: {}, service: {}, 'http-service': {} },
      source: '管控集群核心 / skiff-gtxs / skiff-gtxs-agent',
    }),
  ],
};

export default skiffGtxs;
