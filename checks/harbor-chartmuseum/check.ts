import { defineCheck, type ProbeContext, type RuleMeta } from '../../src/model/check.ts';
import { answersMessages, answerVerdicts, eachAnswersMessages } from '../shared/harbor-answers.ts';
import { askPart, type HttpAnswer, type PartFacts, partPods } from '../shared/harbor-parts.ts';

interface Options {
  port: number;
}

const rules = {
  answers: {
    title: { zh: 'Chart 仓库正常应答', en: 'The chart store answers' },
    severity: 'warning',
    effect: 'down',
    messages: answersMessages,
  },
  'each-answers': {
    title: { zh: '每个 Chart 仓库副本都正常应答', en: 'Every replica of the chart store answers' },
    severity: 'warning',
    messages: eachAnswersMessages,
  },
} as const satisfies Record<string, RuleMeta>;

/** ChartMuseum in Harbor: whether it says that it is healthy. Its health page does not touch its storage. */
export default defineCheck({
  meta: {
    id: 'harbor-chartmuseum',
    title: { zh: 'Harbor Helm Chart 仓库', en: 'Harbor Helm chart store' },
    description: {
      zh: '向每个副本询问 /health 是否为 healthy。这个页面不访问存储，因此存储故障要看日志，这里看不到。',
      en: 'Asks each replica whether /health says healthy. That page does not touch the storage, whose faults are not seen here but in the log.',
    },
    reads: [
      { resource: 'pods', verbs: ['list'], scope: 'component' },
      { resource: 'nodes', verbs: ['list'], scope: 'cluster' },
      { resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' },
      { resource: 'pods', subresource: 'portforward', verbs: ['get'], scope: 'component' },
    ],
    options: {
      port: {
        default: 9999,
        description: {
          zh: 'ChartMuseum 的端口；容器只声明了别的端口时以声明为准。',
          en: 'The port of ChartMuseum; one that its container declares instead comes first.',
        },
        source: 'Harbor, chartserver configuration: PORT 9999; components.md §7',
      },
    },
    rules,
  },

  async probe(context: ProbeContext<Options, keyof typeof rules>): Promise<{ readonly replicas: readonly PartFacts[] }> {
    const pods = await partPods(context.kube, context.target.pods, { ports: [context.options.port, 8080], named: /chartmuseum|chartserver/ });
    const asked = await Promise.all(pods.slice(0, 20).map((pod) => askPart(context, ['answers', 'each-answers'], pod, '/health', judge)));
    return { replicas: asked.map(({ facts }) => facts) };
  },

  evaluate: ({ replicas }) => answerVerdicts(replicas),
});

function judge({ status, body }: HttpAnswer): 'answers' | 'status' | 'other' {
  if (status !== 200) return 'status';
  try {
    const told: unknown = JSON.parse(body);
    return typeof told === 'object' && told !== null && 'healthy' in told && told.healthy === true ? 'answers' : 'other';
  } catch {
    return 'other';
  }
}
