import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The adminserver of a Harbor up to 1.7: it keeps the configuration, and core cannot start without it. */
export default defineCheck({
  meta: {
    id: 'harbor-adminserver',
    title: { zh: 'Harbor adminserver', en: 'Harbor adminserver' },
    description: {
      zh: '逐个 Pod 请求 /api/ping；没有应答时再看 core 的版本，1.8 起不再需要 adminserver。',
      en: 'Asks /api/ping of each pod; where one does not answer, the version of core tells whether it is needed, which it is not from 1.8 on.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
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
