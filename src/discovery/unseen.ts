import type { Discovery, NamespaceInventory } from '../model/component.ts';
import type { Problem } from '../model/problem.ts';
import type { DiscoverySettings } from './settings.ts';

/** The inventory of a cluster that could not be read: every component named, none of them seen, each with the reason. */
export function unseenInventory(inventory: readonly NamespaceInventory[], settings: DiscoverySettings, problem: Problem): Discovery {
  const components = inventory.flatMap(({ namespace, components: definitions }) =>
    definitions.flatMap((definition) => {
      const given = { ...settings.components[definition.id], ...settings.components[`${namespace}/${definition.id}`] };
      const home = given.namespace ?? settings.modules[namespace]?.[0] ?? namespace;
      if (given.ignore === true || (settings.namespaces !== undefined && !settings.namespaces.includes(home))) return [];
      return [
        {
          component: `${home}/${definition.id}`,
          id: definition.id,
          namespace: home,
          title: definition.title,
          owner: definition.owner,
          core: given.core ?? definition.core ?? false,
          optional: given.optional ?? definition.optional ?? false,
          presence: 'unseen' as const,
          problem,
          documented: true,
          technologies: definition.technologies,
          workloads: [],
          pods: [],
          services: [],
          dependsOn: [],
          peers: {},
        },
      ];
    }),
  );
  return { components, namespaces: [], blindSpots: [] };
}
