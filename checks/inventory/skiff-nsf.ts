import type { NamespaceInventory } from '../../src/model/component.ts';

/** Named as a module only; nsf-meta is listed under skiff-ncs and recognised here when it runs here. */
const skiffNsf: NamespaceInventory = {
  namespace: 'skiff-nsf',
  title: { zh: 'NSF 微服务框架', en: 'NSF microservice framework' },
  components: [],
};

export default skiffNsf;
