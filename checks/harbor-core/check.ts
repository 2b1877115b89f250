import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';
import { topology } from './topology.ts';

/** Harbor by what its cores say: configuration, health of the parts, registry, tokens. Which of it there is depends on the version, which is found out first. */
export default defineCheck({
  meta: {
    id: 'harbor-core',
    title: { zh: 'Harbor core', en: 'Harbor core' },
    description: {
      zh: '先辨认版本（1.7 及以前、1.8–1.10、2.x），再逐个 Pod 询问 core：配置、汇总健康（看内容而非状态码）、公开项目（数据库）、/v2/ 的令牌地址与对外地址是否一致、匿名令牌（签名私钥与时钟）、只读模式、漏洞库与存储。',
      en: 'Finds out the version first (up to 1.7, 1.8 to 1.10, 2.x) and asks each core by itself: configuration, aggregate health (what it says, not its status code), public projects (the database), /v2/ and whether it sends clients to the external address for tokens, an anonymous token (signing key and clock), read-only mode, vulnerability data and storage.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'configmaps', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
    timeoutMs: 30_000,
  },
  probe,
  evaluate,
  topology,
});
