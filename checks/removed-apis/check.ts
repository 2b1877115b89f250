import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** Whether anything still uses an API version that the target no longer serves. */
export default defineCheck({
  meta: {
    id: 'removed-apis',
    title: { zh: '目标版本移除的 API', en: 'Removed APIs' },
    description: {
      zh: '是否仍有客户端请求、或有对象与清单通过目标版本不再提供的 API 版本写入。',
      en: 'Whether clients still ask for, or objects and manifests are still written through, API versions that the target no longer serves.',
    },
    reads: [
      { resource: 'ingresses', verbs: ['list'], scope: 'cluster' },
      { resource: 'poddisruptionbudgets', verbs: ['list'], scope: 'cluster' },
      { resource: 'cronjobs', verbs: ['list'], scope: 'cluster' },
      { resource: 'horizontalpodautoscalers', verbs: ['list'], scope: 'cluster' },
      { resource: 'validatingwebhookconfigurations', verbs: ['list'], scope: 'cluster' },
      { resource: 'mutatingwebhookconfigurations', verbs: ['list'], scope: 'cluster' },
      { resource: 'customresourcedefinitions', verbs: ['list'], scope: 'cluster' },
      { resource: 'priorityclasses', verbs: ['list'], scope: 'cluster' },
      { resource: 'storageclasses', verbs: ['list'], scope: 'cluster' },
      { resource: 'deployments', verbs: ['list'], scope: 'cluster' },
      { resource: 'statefulsets', verbs: ['list'], scope: 'cluster' },
      { resource: 'daemonsets', verbs: ['list'], scope: 'cluster' },
      { resource: 'podsecuritypolicies', verbs: ['list'], scope: 'cluster' },
    ],
    paths: ['/metrics'],
    options,
    rules,
    shallow: true,
    purpose: 'change',
    beside: ['kube-apiserver'],
  },
  probe,
  evaluate,
});
