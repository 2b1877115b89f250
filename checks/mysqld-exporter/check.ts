import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** The exporter of MySQL: whether it sees its server, and whether what it says can be believed. */
export default defineCheck({
  meta: {
    id: 'mysqld-exporter',
    title: { zh: 'MySQL 导出器', en: 'Exporter of MySQL' },
    description: {
      zh: '导出器是否返回 MySQL 的指标、能否登录、采集是否完整，以及它所说与 MySQL 自身是否一致。mysql_up 为 0 时同时询问 MySQL：能握手就是导出器自身的问题，否则只是后果。',
      en: 'Whether the exporter answers with metrics of MySQL, logs in, collects everything, and agrees with MySQL itself. When it says mysql_up 0 its MySQL is asked as well: if that greets, the fault is the exporter’s own, and else it only reports.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'services', verbs: ['list'], scope: 'component' },
      { resource: 'endpoints', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
