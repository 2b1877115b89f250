import { UsageError } from '../config/problem.ts';
import type { Discovery } from '../model/component.ts';
import { selected } from '../run/plan.ts';

/**
 * The components that a command's arguments name, and everything that they depend on: a fault of harbor-core is not understood without its database.
 * Empty when nothing was named, which means all. Throws UsageError for a name that fits nothing.
 */
export function chooseComponents(discovery: Discovery, names: readonly string[]): readonly string[] {
  if (names.length === 0) return [];
  const { components } = discovery;
  for (const name of names) {
    if (!components.some((component) => selected(component, [name]))) {
      const near = components
        .map((component) => component.component)
        .filter((id) => id.includes(name.replace(/^.*\//, '')) || name.includes(id.replace(/^.*\//, '')));
      throw new UsageError(
        `There is no component or namespace "${name}". ${near.length > 0 ? `Did you mean ${near.slice(0, 3).join(', ')}?` : 'skiffctl list shows them all.'}`,
      );
    }
  }
  const chosen = new Set(components.filter((component) => selected(component, names)).map((component) => component.component));
  for (const id of chosen) for (const { component } of components.find((each) => each.component === id)?.dependsOn ?? []) chosen.add(component);
  return [...chosen];
}
