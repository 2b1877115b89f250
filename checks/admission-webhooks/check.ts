import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** Whether a webhook would stop a change: one that has to answer and has nobody to, or takes more than it should. */
export default defineCheck({
  meta: {
    id: 'admission-webhooks',
    title: { zh: '准入 webhook', en: 'Admission webhooks' },
    description: {
      zh: '失败即拒绝的 webhook 是否有就绪的后端、是否管辖所有资源或自己的 Pod，超时与 CA 证书的有效期。',
      en: 'Whether webhooks that have to answer have a ready backend, whether they take everything or their own pods, their timeouts and CA bundles.',
    },
    reads: [
      { resource: 'validatingwebhookconfigurations', verbs: ['list'], scope: 'cluster' },
      { resource: 'mutatingwebhookconfigurations', verbs: ['list'], scope: 'cluster' },
      { resource: 'namespaces', verbs: ['list'], scope: 'cluster' },
      { resource: 'services', verbs: ['get'], scope: 'cluster' },
      { resource: 'endpoints', verbs: ['get'], scope: 'cluster' },
    ],
    options,
    rules,
    shallow: true,
    purpose: 'change',
    beside: ['kube-apiserver'],
  },
  probe,
  evaluate,
});
