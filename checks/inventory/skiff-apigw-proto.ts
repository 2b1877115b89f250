import type { NamespaceInventory } from '../../src/model/component.ts';

/** Named as a module only. Whatever runs there is looked at as a discovered component. */
const skiffApigwProto: NamespaceInventory = {
  namespace: 'skiff-apigw-proto',
  title: { zh: 'API 网关数据面（apigw-proto）', en: 'API gateway data plane (apigw-proto)' },
  alsoIn: ['apigw-proto'],
  components: [],
};

export default skiffApigwProto;
