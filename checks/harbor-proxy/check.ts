import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The nginx in front of Harbor: whether it serves, and whether it leads to the core and to the pages. */
export default defineCheck({
  meta: {
    id: 'harbor-proxy',
    title: { zh: 'Harbor 入口代理（nginx）', en: 'Harbor entry proxy (nginx)' },
    description: {
      zh: '经每个 nginx 请求 /、/api/ping 与 /v2/。出现 502、504 时再直接询问 harbor-core 与 harbor-portal：它们不应答，代理只是后果；它们应答，则是代理自己的上游地址过期或不通。证书的有效期看不到：API Server 的代理不交出证书。',
      en: "Asks for /, /api/ping and /v2/ through each nginx. Where that brings 502 or 504 harbor-core and harbor-portal are asked themselves: if they are silent, the proxy merely tells of it; if they answer, the proxy has a stale address or no way there. How long its certificate is valid is not seen: the API server's proxy does not hand it over.",
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'log', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
