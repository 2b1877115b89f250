import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** The scanner of Harbor: Clair, or Trivy's adapter where a newer Harbor runs under the name. */
export default defineCheck({
  meta: {
    id: 'harbor-clair',
    title: { zh: 'Harbor 镜像漏洞扫描', en: 'Harbor vulnerability scanner' },
    description: {
      zh: '询问 Clair 的健康端口（它会 ping 自己的数据库）和 API；镜像是 Trivy 适配器时询问 /probe/healthy。漏洞库是否更新由 harbor-core 说明，扫描本身不会触发。',
      en: "Asks Clair's health port, which pings its database, and its API; or /probe/healthy where the image is Trivy's adapter. How old the vulnerability data are is told by harbor-core; nothing is scanned.",
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
