import type { NamespaceInventory } from '../../src/model/component.ts';

/** Named as a module only. Whatever runs there is looked at as a discovered component. */
const skiffCicd: NamespaceInventory = {
  namespace: 'skiff-cicd',
  title: { zh: 'CI/CD 流水线', en: 'CI/CD pipelines' },
  components: [],
};

export default skiffCicd;
