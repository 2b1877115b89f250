import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** How long the serving certificates of the API servers last. */
export default defineCheck({
  meta: {
    id: 'certificates',
    title: { zh: '证书有效期', en: 'Certificates' },
    description: {
      zh: '各 API Server 出示的服务端证书是否有效、变更期间是否会到期；不读取任何 Secret。',
      en: 'Whether the serving certificate that each API server shows is valid and lasts through the change. No Secret is read.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
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
