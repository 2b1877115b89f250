import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The exporters of the nodes: whether each node has one that works, and the figures that a node's conditions do not show. */
export default defineCheck({
  meta: {
    id: 'node-exporter',
    title: { zh: '节点指标采集器', en: 'Node exporter' },
    description: {
      zh: '逐个节点查看 node-exporter：是否应答、采集项是否正常、有没有节点缺失；并用它的数据补充节点状况看不到的内容：磁盘空间与 inode 余量、只读文件系统、内存、连接跟踪表、文件句柄、时钟偏差。',
      en: 'The exporter of each node: whether it answers, its collectors work and no node lacks one. Its figures add what the conditions of a node do not show: room and inodes, read-only file systems, memory, tracked connections, file handles, clocks.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'daemonsets', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
    timeoutMs: 20_000,
  },
  probe,
  evaluate,
});
