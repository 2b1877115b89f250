import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** Whether a node can be drained: room for its pods elsewhere, nobody else at work on it, and disk for the images that a change brings. */
export default defineCheck({
  meta: {
    id: 'drain-capacity',
    title: { zh: '节点排空余量', en: 'Room for a drain' },
    description: {
      zh: '排空该节点后其 Pod 按请求量在其他节点是否放得下，节点是否已停止调度，磁盘是否放得下新镜像。',
      en: 'Whether the pods of a node have room elsewhere by their requests when it is drained, whether it is cordoned, and whether its disk takes new images.',
    },
    reads: [
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', verbs: ['list'], scope: 'cluster' },
      { resource: 'nodes', subresource: 'proxy', verbs: ['get'], scope: 'cluster' },
    ],
    options,
    rules,
    shallow: true,
    purpose: 'change',
    beside: ['node'],
  },
  probe,
  evaluate,
});
