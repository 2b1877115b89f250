import { defineCheck } from '../../src/model/check.ts';
import { ProbeError } from '../../src/model/problem.ts';

interface PresenceObservation {
  readonly presence: 'present' | 'missing' | 'absent';
  readonly namespace: string;
}

/** Whether a component that the documents name is installed. Discovery found out; this says what it means. */
export default defineCheck({
  meta: {
    id: 'presence',
    title: { zh: '组件是否安装', en: 'Installed components' },
    description: {
      zh: '文档（或 skiffctl.yaml）中列出的组件是否存在于集群中。',
      en: 'Whether the components that the documents, or skiffctl.yaml, name are there.',
    },
    reads: [],
    options: {},
    shallow: true,
    rules: {
      installed: {
        title: { zh: '组件已安装', en: 'The component is installed' },
        severity: 'critical',
        messages: {
          missing: {
            zh: '{namespace} 中找不到该组件的任何工作负载，而该命名空间的其他组件已安装。',
            en: 'No workload of it exists in {namespace}, although that namespace holds others of its module.',
          },
          absent: { zh: '该模块未安装在此集群中，或该组件为可选。', en: 'Not installed here: its module is absent or the component is optional.' },
        },
      },
    },
  },
  async probe({ target }): Promise<PresenceObservation> {
    const { presence, namespace, problem } = target;
    if (presence === 'unseen') throw new ProbeError(problem ?? { reason: 'PrerequisiteFailed', message: `The namespace ${namespace} could not be read.` });
    return { presence, namespace };
  },
  evaluate({ presence, namespace }: PresenceObservation) {
    if (presence === 'present') return [{ rule: 'installed', verdict: 'pass' }];
    if (presence === 'missing') return [{ rule: 'installed', verdict: 'fail', messageId: 'missing', data: { namespace }, own: true }];
    return [{ rule: 'installed', verdict: 'skip', messageId: 'absent' }];
  },
});
