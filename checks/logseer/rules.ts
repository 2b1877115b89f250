import type { RuleMeta } from '../../src/model/check.ts';

const noPods = { zh: '没有 logseer 的 Pod，见 workload。', en: 'There is no pod of logseer; see workload.' } as const;
const notTold = {
  zh: '在 logseer 的 ConfigMap 和环境变量里没有找到 Elasticsearch 地址（如 esHosts）：可能写在 Secret 或镜像里。',
  en: 'Neither ConfigMaps nor environment of logseer tell where its Elasticsearch is (esHosts): it may stand in a Secret or in the image.',
} as const;
const outside = {
  zh: '{addresses} 在集群之外，无法经 API Server 询问，请到那边去看。',
  en: '{addresses} is outside of this cluster and cannot be asked through the API server: look at it there.',
} as const;
const elsewhere = {
  zh: '{addresses} 在另一个命名空间，不属于这里查看的范围；若它是已知组件，会单独检查。',
  en: '{addresses} is in another namespace, which is not looked at from here; as a component it is looked at by itself.',
} as const;
const seeFinds = { zh: '地址本身不存在，见 logseer/finds-elasticsearch。', en: 'The address itself does not exist; see logseer/finds-elasticsearch.' } as const;
const unasked = { 'no-pods': noPods, 'not-told': notTold, outside, elsewhere } as const;

export const rules = {
  'finds-elasticsearch': {
    title: { zh: '配置的 Elasticsearch 地址存在', en: 'The Elasticsearch that it is configured with exists' },
    severity: 'critical',
    messages: {
      missing: {
        zh: '{source} 里的 Elasticsearch 地址 {addresses} 不存在：没有名为 {services} 的 Service，日志查不出来。',
        en: '{addresses}, the Elasticsearch in {source}, does not exist: there is no Service {services}, and no logs can be shown.',
      },
      'wrong-port': {
        zh: '{source} 里的 Elasticsearch 地址 {addresses} 端口不对：Service {services} 只有端口 {ports}。',
        en: '{addresses}, the Elasticsearch in {source}, has the wrong port: the Service {services} has {ports}.',
      },
      ...unasked,
    },
  },
  'elasticsearch-serves': {
    title: { zh: 'logseer 的 Elasticsearch 可用', en: 'The Elasticsearch of logseer serves' },
    severity: 'critical',
    messages: {
      'no-endpoints': {
        zh: 'logseer 没有 Elasticsearch 可用：{addresses} 的 Service 没有就绪的后端，日志页面查不出任何内容。',
        en: 'Logseer is without an Elasticsearch: nobody is ready behind {addresses}, and its pages show no logs.',
      },
      'no-answer': {
        zh: 'logseer 的 Elasticsearch {addresses} 没有正常应答（{detail}），日志查不出来。',
        en: '{addresses}, the Elasticsearch of logseer, does not answer ({detail}): no logs can be shown.',
      },
      'no-master': {
        zh: 'logseer 的 Elasticsearch {addresses} 没有主节点，查询和写入都不可靠。',
        en: '{addresses}, the Elasticsearch of logseer, has no master: logs are neither stored nor reliably found.',
      },
      'see-finds-elasticsearch': seeFinds,
      ...unasked,
    },
  },
  'all-addresses-work': {
    title: { zh: '配置的每个 Elasticsearch 地址都可用', en: 'Every configured address of Elasticsearch works' },
    severity: 'warning',
    messages: {
      some: {
        zh: '{addresses} 不可用（{working}/{all} 个地址可用）：落到它们上面的请求会失败或变慢。',
        en: '{addresses} does not work ({working} of {all} addresses do): requests that go there fail or are slow.',
      },
      single: { zh: '只配置了一个地址。', en: 'A single address is configured.' },
      'see-elasticsearch-serves': {
        zh: '一个可用的地址都没有，见 logseer/elasticsearch-serves。',
        en: 'None of them works; see logseer/elasticsearch-serves.',
      },
      ...unasked,
    },
  },
  'version-fits': {
    title: { zh: 'Elasticsearch 版本与配置一致', en: 'The version of Elasticsearch is the configured one' },
    severity: 'info',
    messages: {
      differs: {
        zh: '{source} 里写的 Elasticsearch 大版本是 {expected}，实际是 {version}：升级后忘了改配置，或连错了集群。',
        en: '{source} says that Elasticsearch is of major version {expected}, and it is {version}: left behind by an upgrade, or the wrong cluster.',
      },
      'no-version': { zh: '配置或 Elasticsearch 没有给出版本。', en: 'The configuration or Elasticsearch does not tell a version.' },
      'no-pods': noPods,
    },
  },
} as const satisfies Record<string, RuleMeta>;
