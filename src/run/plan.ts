import type { AnyCheck, Peer, Target } from '../model/check.ts';
import type { Discovery, FoundComponent } from '../model/component.ts';
import type { Change } from '../model/recording.ts';
import type { ProbeTask } from './probe.ts';

/** Which part of the inventory a run looks at, and how. */
export interface Selection {
  /** Component ids, inventory ids, namespaces or `*` patterns; empty means everything. */
  readonly components: readonly string[];
  /** Check id → options of the operator, for every component. */
  readonly checkOptions: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Component (full or inventory id) → check id → options. */
  readonly componentOptions: Readonly<Record<string, Readonly<Record<string, Readonly<Record<string, unknown>>>>>>;
  /** Set for a look before a change, which takes the checks that matter only then. */
  readonly change?: Change;
}

export const EVERYTHING: Selection = { components: [], checkOptions: {}, componentOptions: {} };

/** The check that every component gets, whether it was found or not. */
export const PRESENCE = 'presence';

/** The probes of a run, in the order of the inventory. Checks that a component names and that do not exist are left to the caller to report. */
export function planProbes(discovery: Discovery, checks: ReadonlyMap<string, AnyCheck>, selection: Selection): readonly ProbeTask[] {
  const tasks: ProbeTask[] = [];
  for (const component of discovery.components) {
    if (!selected(component, selection.components)) continue;
    // What is not there has nothing to probe but its absence.
    const technologies = component.presence === 'present' ? technologiesOf(component.technologies, checks, selection.change !== undefined) : {};
    for (const [id, given] of Object.entries({ [PRESENCE]: {}, ...technologies })) {
      const check = checks.get(id);
      if (check === undefined) continue;
      const options = { ...defaults(check), ...given, ...operatorOptions(component, id, selection), ...changeOptions(check, selection.change) };
      tasks.push({ check, target: targetOf(component, discovery), options });
    }
  }
  return tasks;
}

/** What looks at a component: what the inventory names, then what looks at it beside that; without what matters only before a change, unless there is one. */
export function technologiesOf(
  named: FoundComponent['technologies'],
  checks: ReadonlyMap<string, AnyCheck>,
  beforeChange: boolean,
): FoundComponent['technologies'] {
  const beside = [...checks.values()].filter(({ meta }) => meta.beside?.some((id) => id in named) === true && !(meta.id in named));
  const all = [...Object.entries(named), ...beside.map(({ meta }) => [meta.id, {}] as const)];
  return Object.fromEntries(all.filter(([id]) => beforeChange || checks.get(id)?.meta.purpose !== 'change'));
}

/** A check that judges by what the change leads to has an option `targetVersion`. */
function changeOptions(check: AnyCheck, change: Change | undefined): Readonly<Record<string, unknown>> {
  return change !== undefined && 'targetVersion' in check.meta.options ? { targetVersion: change.targetVersion } : {};
}

/** True when a component is named by a selection: by its full id, its inventory id, its namespace, or a pattern with `*` over any of them. */
export function selected(component: Pick<FoundComponent, 'component' | 'id' | 'namespace'>, patterns: readonly string[]): boolean {
  return patterns.length === 0 || patterns.some((pattern) => [component.component, component.id, component.namespace].some((name) => matches(pattern, name)));
}

function matches(pattern: string, name: string): boolean {
  if (!pattern.includes('*')) return pattern === name;
  return new RegExp(`^${pattern.split('*').map(escapeText).join('.*')}$`).test(name);
}

// RegExp.escape is newer than the oldest Node that is supported.
function escapeText(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function targetOf(component: FoundComponent, discovery: Discovery): Target {
  const { component: id, namespace, core, optional, presence, problem, workloads, pods, services } = component;
  const peers = Object.fromEntries(Object.entries(component.peers).map(([role, ids]) => [role, ids.flatMap((peer) => peerOf(peer, discovery))]));
  const dependencies = component.dependsOn.map((edge) => ({
    component: edge.component,
    technologies: Object.keys(discovery.components.find((each) => each.component === edge.component)?.technologies ?? {}),
    partial: edge.partial ?? false,
  }));
  return {
    component: id,
    namespace,
    core,
    optional,
    presence,
    workloads,
    pods,
    services,
    peers,
    dependencies,
    ...(discovery.imageRegistries === undefined ? {} : { imageRegistries: discovery.imageRegistries }),
    ...(problem === undefined ? {} : { problem }),
  };
}

function peerOf(id: string, discovery: Discovery): readonly Peer[] {
  const found = discovery.components.find((component) => component.component === id);
  return found === undefined ? [] : [{ component: id, presence: found.presence, pods: found.pods, services: found.services }];
}

function defaults(check: AnyCheck): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(check.meta.options as Record<string, { readonly default: unknown }>).map(([name, option]) => [name, option.default]),
  );
}

function operatorOptions(component: FoundComponent, check: string, selection: Selection): Readonly<Record<string, unknown>> {
  return {
    ...selection.checkOptions[check],
    ...selection.componentOptions[component.id]?.[check],
    ...selection.componentOptions[component.component]?.[check],
  };
}
