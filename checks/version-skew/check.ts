import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** Whether the versions that run go together with the version that the change leads to, by Kubernetes' version skew policy. */
export default defineCheck({
  meta: {
    id: 'version-skew',
    title: { zh: '版本兼容', en: 'Version skew' },
    description: {
      zh: '目标版本是否跳过次版本，API Server、控制器、kubelet、kube-proxy 与 etcd 的版本是否与目标兼容。',
      en: 'Whether the target skips a minor version, and whether API servers, controllers, kubelets, kube-proxies and etcd go together with it.',
    },
    reads: [
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
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
