import type { TargetDependency } from '../../src/model/check.ts';
import { NODE, type TargetName } from './prometheus-api.ts';

/**
 * The components that a target's names belong to: dependencies whose id is the name or the beginning of it (a pod's name is its workload's with a suffix),
 * and the node that it is on. Ids where nothing else is known: a name of another namespace, or an unknown address, points at nobody.
 *
 * `nodes`: name or internal address of a node → its name.
 */
export function componentsOf(
  names: readonly TargetName[],
  dependencies: readonly Pick<TargetDependency, 'component'>[],
  nodes: ReadonlyMap<string, string>,
): readonly string[] {
  const found = names.flatMap(({ name, namespace }): readonly string[] => {
    if (namespace === NODE) return [`node/${name}`];
    const node = namespace === undefined ? nodes.get(name) : undefined;
    if (node !== undefined) return [`node/${node}`];
    const matching = dependencies
      .map(({ component }) => component)
      .filter((component) => {
        const [home = '', id = ''] = component.split('/');
        return (namespace === undefined || namespace === home) && belongsTo(name, id);
      });
    // `redis-exporter-0` is of `redis-exporter` and not of `redis`.
    const longest = matching.toSorted((a, b) => b.length - a.length)[0];
    return longest === undefined ? [] : [longest];
  });
  return [...new Set(found)];
}

/** With what Kubernetes adds to a workload's name: an ordinal, five characters, a hash and five characters. */
function belongsTo(name: string, id: string): boolean {
  return name === id || (name.startsWith(id) && /^-(?:\d{1,4}|[a-z0-9]{5}|[a-z0-9]{6,10}-[a-z0-9]{5})$/.test(name.slice(id.length)));
}
