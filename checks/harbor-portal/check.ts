import { defineCheck, type ProbeContext, type RuleMeta } from '../../src/model/check.ts';
import { answersMessages, answerVerdicts, eachAnswersMessages } from '../shared/harbor-answers.ts';
import { askPart, type HttpAnswer, type PartFacts, partPods } from '../shared/harbor-parts.ts';

interface Options {
  port: number;
}

const rules = {
  answers: {
    title: { zh: '界面可以打开', en: 'The pages are served' },
    severity: 'warning',
    effect: 'down',
    messages: answersMessages,
  },
  'each-answers': {
    title: { zh: '每个界面副本都能打开', en: 'Every replica serves the pages' },
    severity: 'warning',
    messages: eachAnswersMessages,
  },
} as const satisfies Record<string, RuleMeta>;

/** The portal of Harbor: whether it gives out its own page. */
export default defineCheck({
  meta: {
    id: 'harbor-portal',
    title: { zh: 'Harbor 界面', en: 'Harbor web pages' },
    description: {
      zh: '向每个副本请求首页，看返回的是不是界面自己的 HTML。页面能打开不等于功能可用：数据由 harbor-core 提供。',
      en: 'Asks each replica for the first page, and whether that is a page of its own. What the page shows comes from harbor-core and is not looked at here.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options: {
      port: {
        default: 80,
        description: {
          zh: '界面的端口；新版本是 8080，以容器声明的为准。',
          en: 'The port of the pages; newer versions have 8080, and what the container declares comes first.',
        },
        source: 'Harbor, portal nginx configuration; components.md §7: 80, newer 8080',
      },
    },
    rules,
  },

  async probe(context: ProbeContext<Options, keyof typeof rules>): Promise<{ readonly replicas: readonly PartFacts[] }> {
    const pods = await partPods(context.kube, context.target.pods, { ports: [context.options.port, 8080, 8443], named: /portal/ });
    const asked = await Promise.all(pods.slice(0, 20).map((pod) => askPart(context, ['answers', 'each-answers'], pod, '/', judge)));
    return { replicas: asked.map(({ facts }) => facts) };
  },

  evaluate: ({ replicas }) => answerVerdicts(replicas),
});

/**
 * Sites put their own name and colours on the page, so it is known by what it needs to work: the element that the program fills, or a script. The page that
 * nginx brings along has neither.
 */
function judge({ status, headers, body }: HttpAnswer): 'answers' | 'status' | 'other' {
  if (status !== 200) return 'status';
  return (headers['content-type'] ?? '').includes('text/html') && /<harbor-app|<script\b/i.test(body) ? 'answers' : 'other';
}
