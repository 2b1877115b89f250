import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** The component's Services: whether their selectors, ports and Endpoints lead to its pods. */
export default defineCheck({
  meta: {
    id: 'service',
    title: { zh: 'Service', en: 'Service' },
    description: {
      zh: '组件的 Service 能否选中 Pod、是否有可用端点、Endpoints 与 Pod 就绪状态是否一致、引用的端口名是否存在。Pod 未就绪导致没有端点属于后果，由 workload 说明。',
      en: "Whether the component's Services select pods, have endpoints that agree with the pods' readiness, and lead to ports that exist. Endpoints that lack because pods are not ready are workload's matter.",
    },
    reads: [
      { resource: 'services', verbs: ['list'], scope: 'component' },
      { resource: 'endpoints', verbs: ['list', 'get'], scope: 'component' },
      { resource: 'pods', verbs: ['list', 'get'], scope: 'component' },
      { resource: 'deployments', verbs: ['list'], scope: 'component' },
      { resource: 'statefulsets', verbs: ['list'], scope: 'component' },
      { resource: 'daemonsets', verbs: ['list'], scope: 'component' },
    ],
    options,
    rules,
    shallow: true,
  },
  probe,
  evaluate,
});
