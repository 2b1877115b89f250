import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** logseer and the Elasticsearch that its own configuration names: whether that exists, and whether it serves. Its own HTTP is another check's. */
export default defineCheck({
  meta: {
    id: 'logseer',
    title: { zh: 'logseer 与它的 Elasticsearch', en: 'Logseer and its Elasticsearch' },
    description: {
      zh: '从 logseer 自己的 ConfigMap 和环境变量里读出 Elasticsearch 地址（esHosts 等），弄清它是哪个 Service、后面有没有人、Elasticsearch 是否应答且有主。地址写错是 logseer 自己的问题，Elasticsearch 不可用则指向 Elasticsearch。集群之外的地址无法经 API Server 询问，如实跳过。',
      en: 'Reads from ConfigMaps and environment of logseer where its Elasticsearch is (esHosts and the like), whose Service that is, whether somebody is behind it, answers and has a master. A wrong address is its own matter; an Elasticsearch that does not serve is pointed at. An address outside of the cluster cannot be asked through the API server and is skipped.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'configmaps', verbs: ['list'], scope: 'component' },
      { resource: 'services', verbs: ['list'], scope: 'component' },
      { resource: 'endpoints', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options: {},
    rules,
  },
  probe,
  evaluate,
});
