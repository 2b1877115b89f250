import type { NamespaceInventory } from '../../src/model/component.ts';

/** The documents name the module apm, but list its components under skiff-apigw: they are found here through that inventory's `alsoIn`. */
const skiffApm: NamespaceInventory = {
  namespace: 'skiff-apm',
  title: { zh: 'APM 应用性能监控', en: 'Application performance monitoring' },
  components: [],
};

export default skiffApm;
