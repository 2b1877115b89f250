import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** The OAP server of Apache SkyWalking: whether it answers, and what it says of its health. */
export default defineCheck({
  meta: {
    id: 'skywalking',
    title: { zh: 'SkyWalking OAP 服务器', en: 'SkyWalking OAP server' },
    description: {
      zh: '读取每个 OAP 的 /healthcheck：200 健康，503 不健康（多为存储），404 表示没有启用 health-checker 模块。',
      en: 'Reads /healthcheck of each OAP server: 200 is healthy, 503 is not (its storage as a rule), 404 says that the health-checker module is not configured.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
