import { defineCheck } from '../../src/model/check.ts';
import { evaluate } from './evaluate.ts';
import { probe } from './probe.ts';
import { options, rules } from './rules.ts';

/** Whether each pod of the component answers on its health path. */
export default defineCheck({
  meta: {
    id: 'example',
    title: { zh: 'Example', en: 'Example' },
    description: { zh: '逐个询问组件的每个 Pod，看健康检查路径是否应答。', en: 'Asks each pod of the component by itself whether its health path answers.' },
    // Exactly what the probe reads: rights, documentation and the reader's own refusals are made from it.
    reads: [{ resource: 'pods', subresource: 'proxy', verbs: ['get'], scope: 'component' }],
    options,
    rules,
  },
  probe,
  evaluate,
});
