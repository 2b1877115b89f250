import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { options } from './options.ts';
import { probe } from './probe.ts';
import { rules } from './rules.ts';

/** What synchronises image data: as far as its log and the end of its runs tell. */
export default defineCheck({
  meta: {
    id: 'harbor-rsync',
    title: { zh: 'Harbor 镜像数据同步', en: 'Synchronisation of Harbor image data' },
    description: {
      zh: '这个程序没有公开文档，只看得到三件事：日志末尾或任务退出码说明的最近一次 rsync 是否成功、上一次成功距今多久、声明了 873 端口时 rsync 服务是否应答。同步了哪些镜像、两边是否一致，这里不知道。',
      en: 'Its program has no public documents, and three things alone can be seen: whether the last rsync succeeded, by the end of its log or the exit code of its job; how long ago the last success was; and whether the rsync daemon answers where port 873 is declared. Which images were copied, and whether both sides are equal, is not known here.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'pods', subresource: 'log', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options,
    rules,
  },
  probe,
  evaluate,
});
