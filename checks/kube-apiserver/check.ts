import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The API server: whether it can be reached at all, what it says of its own health, and whether every control-plane node has one that serves. */
export default defineCheck({
  meta: {
    id: 'kube-apiserver',
    title: { zh: 'API Server', en: 'API server' },
    description: {
      zh: '能否连上 API Server（拒绝、超时、证书、认证、授权），它自报的健康状况，以及每个控制平面节点上的实例。',
      en: 'Whether the API server can be reached (refused, timeout, TLS, credentials, rights), the health that it reports, and each instance by itself.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'endpoints', verbs: ['get'], scope: { namespace: 'default' }, names: ['kubernetes'] },
    ],
    options: {},
    rules,
  },
  probe,
  evaluate,
});
