import type { RuleMeta } from '../../src/model/check.ts';
import { answersMessages, eachAnswersMessages, unjudged } from '../shared/harbor-answers.ts';

const trivy = { zh: '运行的是 Trivy，它没有这一项。', en: 'What runs is Trivy, which has none.' } as const;

export const rules = {
  answers: {
    title: { zh: '扫描器正常应答', en: 'The scanner answers' },
    severity: 'warning',
    effect: 'down',
    messages: answersMessages,
  },
  'each-answers': {
    title: { zh: '每个扫描器副本都正常应答', en: 'Every replica of the scanner answers' },
    severity: 'warning',
    messages: eachAnswersMessages,
  },
  'database-answers': {
    title: { zh: 'Clair 能访问它的数据库', en: 'Clair reaches its database' },
    severity: 'warning',
    effect: 'down',
    messages: {
      failing: {
        zh: '{pod} 的健康页返回 500：它 ping 不通自己的 PostgreSQL，扫描全部失败，漏洞库也不再更新。',
        en: 'The health page of {pod} says 500: its ping to its PostgreSQL fails, no image is scanned and the vulnerability data stay as they are.',
      },
      trivy,
      ...unjudged,
    },
  },
  'api-answers': {
    title: { zh: 'Clair 的 API 正常应答', en: 'The API of Clair answers' },
    severity: 'warning',
    messages: {
      closed: {
        zh: '{pod} 的健康端口在应答，API 端口 {port} 却没有应答：harbor-core 无法提交扫描。',
        en: 'The health port of {pod} answers and its API port {port} does not: harbor-core cannot have anything scanned.',
      },
      status: {
        zh: '{pod} 的 API（端口 {port}）返回 HTTP {status}：读不到漏洞库。',
        en: 'The API of {pod} (port {port}) answers with HTTP {status}: it cannot read its vulnerability data.',
      },
      'see-database': { zh: '数据库不可用，见 database-answers。', en: 'Its database does not answer; see database-answers.' },
      trivy,
      ...unjudged,
    },
  },
} as const satisfies Record<string, RuleMeta>;

export type ClairRule = keyof typeof rules;
