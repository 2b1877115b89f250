import { type Definition, namedAfter } from './definitions.ts';
import { fitName, type NameFit, otherRoles, wordsOf } from './names.ts';
import type { Workload } from './workloads.ts';

/** What a workload was recognised by. */
export interface Evidence {
  readonly by: 'configured' | 'name' | 'label' | 'image';
  /** The label or image, when that was it. */
  readonly detail?: string;
}

/** The workloads of a component in one namespace. */
export interface Instance {
  readonly definition: Definition;
  readonly namespace: string;
  readonly workloads: readonly Workload[];
  readonly evidence: Evidence;
}

export interface Recognised {
  readonly instances: readonly Instance[];
  /** Workloads that are no component of the inventory. */
  readonly rest: readonly Workload[];
}

/** Labels whose values are names. */
const NAME_LABELS = ['app', 'k8s-app', 'name', 'component', 'app.kubernetes.io/name', 'app.kubernetes.io/component', 'app.kubernetes.io/instance'];
const FIT_ORDER: Readonly<Record<NameFit, number>> = { exact: 3, words: 2, neutral: 1, affixed: 0 };

interface Candidate {
  readonly definition: Definition;
  readonly evidence: Evidence;
  /** Compared from left to right, more is better. */
  readonly rank: readonly number[];
}

/**
 * Gives every workload to at most one component. Strong evidence comes first (the site's own names, the component's name, its labels) and at
 * home; what is left may only fill a gap: the same name in another namespace, a name with a release's affix, an image.
 */
export function recognise(workloads: ReadonlyMap<string, readonly Workload[]>, definitions: readonly Definition[]): Recognised {
  const taken = new Map<Workload, Candidate>();
  const all = [...workloads.values()].flat();
  const free = () => all.filter((workload) => !taken.has(workload));
  const found = (definition: Definition) => [...taken.values()].some((candidate) => candidate.definition === definition);
  const foundIn = (definition: Definition, namespace: string) =>
    [...taken].some(([workload, candidate]) => candidate.definition === definition && workload.namespace === namespace);
  const isHome = (definition: Definition, workload: Workload) => definition.homes.includes(workload.namespace);

  for (const workload of all) {
    const best = bestOf(definitions.filter((definition) => isHome(definition, workload)).flatMap((definition) => strong(workload, definition)));
    if (best !== undefined) taken.set(workload, best);
  }

  takeElsewhere(
    free(),
    definitions.filter((definition) => !found(definition)),
    namedElsewhere,
    taken,
  );

  const affixed = free().flatMap((workload) => {
    const open = definitions.filter((definition) => isHome(definition, workload) && !foundIn(definition, workload.namespace));
    const best = bestOf(open.flatMap((definition) => withAffix(workload, definition)));
    return best === undefined ? [] : [[workload, best] as const];
  });
  for (const [workload, best] of affixed) taken.set(workload, best);

  takeElsewhere(
    free(),
    definitions.filter((definition) => !found(definition) && definition.id.length > 1),
    withAffix,
    taken,
  );
  takeByImage(
    free(),
    definitions.filter((definition) => !found(definition)),
    taken,
  );

  return { instances: instancesOf(taken, definitions, all), rest: free() };
}

function bestOf(candidates: readonly Candidate[]): Candidate | undefined {
  return candidates.reduce<Candidate | undefined>((best, next) => (best === undefined || higher(next.rank, best.rank) ? next : best), undefined);
}

function higher(a: readonly number[], b: readonly number[]): boolean {
  for (const [index, value] of a.entries()) {
    const other = b[index] ?? 0;
    if (value !== other) return value > other;
  }
  return false;
}

/** What speaks for a workload being a component in a namespace of the component's own. */
function strong(workload: Workload, definition: Definition): readonly Candidate[] {
  if (definition.settings.names?.includes(workload.name)) return [{ definition, evidence: { by: 'configured' }, rank: [3] }];
  const candidates: Candidate[] = [];
  const words = wordsOf(workload.name);
  const neutral = new Set(wordsOf(workload.namespace));
  for (const alias of definition.aliases) {
    const fit = fitName(words, alias, { neutral });
    if (fit !== undefined && fit !== 'affixed') candidates.push({ definition, evidence: { by: 'name' }, rank: [2, alias.length, FIT_ORDER[fit]] });
  }
  const label = labelOf(workload, definition);
  if (label !== undefined && !playsAnotherRole(workload, definition, 'label')) {
    candidates.push({ definition, evidence: { by: 'label', detail: label }, rank: [1, definition.id.length] });
  }
  return candidates;
}

function labelOf(workload: Workload, definition: Definition): string | undefined {
  const declared = (definition.component.recognise?.labels ?? []).find((label) => {
    const at = label.indexOf('=');
    return workload.labels[label.slice(0, at)] === label.slice(at + 1);
  });
  if (declared !== undefined) return declared;
  // One word is not enough: charts label everything they bring with the chart's name, the alertmanager with `app=prometheus`.
  const named = NAME_LABELS.find((key) => {
    const value = wordsOf(workload.labels[key] ?? '');
    return value.length > 1 && definition.aliases.some((alias) => fitName(value, alias) === 'exact');
  });
  return named === undefined ? undefined : `${named}=${workload.labels[named]}`;
}

/** The name says that it is something beside the component. An image and a port together tell a store whatever it is called. */
function playsAnotherRole(workload: Workload, definition: Definition, by: 'label' | 'image'): boolean {
  return otherRoles(wordsOf(workload.name), new Set(definition.aliases.flat()), { storesCount: by === 'label' }).length > 0;
}

/** In a namespace that is not its own a component is recognised by its name, and by a single word only when it is its id. */
function namedElsewhere(workload: Workload, definition: Definition): readonly Candidate[] {
  if (definition.settings.names?.includes(workload.name)) return [{ definition, evidence: { by: 'configured' }, rank: [9] }];
  const words = wordsOf(workload.name);
  return definition.aliases.flatMap((alias, index) => {
    const fit = fitName(words, alias);
    const enough = alias.length > 1 ? fit !== undefined && fit !== 'affixed' : index === 0 && fit === 'exact';
    return enough && fit !== undefined ? [{ definition, evidence: { by: 'name' } as const, rank: [alias.length, FIT_ORDER[fit]] }] : [];
  });
}

/** The id with other words around it: the name of a release. A single word may only have such words before it. */
function withAffix(workload: Workload, definition: Definition): readonly Candidate[] {
  const words = wordsOf(workload.name);
  const fit = fitName(words, definition.id);
  const enough = fit === 'affixed' && (definition.id.length > 1 || words.at(-1) === definition.id[0]);
  return enough ? [{ definition, evidence: { by: 'name' }, rank: [definition.id.length] }] : [];
}

/** Components that are nowhere at home are looked for elsewhere. Each is taken to be in one namespace, one named after it first. */
function takeElsewhere(
  workloads: readonly Workload[],
  missing: readonly Definition[],
  match: (workload: Workload, definition: Definition) => readonly Candidate[],
  taken: Map<Workload, Candidate>,
): void {
  const wanted = workloads.flatMap((workload) => {
    const away = missing.filter((definition) => definition.settings.namespace === undefined && !definition.homes.includes(workload.namespace));
    const best = bestOf(away.flatMap((definition) => match(workload, definition)));
    return best === undefined ? [] : [{ workload, best }];
  });
  for (const definition of missing) {
    const own = wanted.filter((each) => each.best.definition === definition);
    const place = (own.find((each) => namedAfter(definition, each.workload.namespace)) ?? own[0])?.workload.namespace;
    for (const each of own) if (each.workload.namespace === place) taken.set(each.workload, each.best);
  }
}

/** An image (with the port, where one is given) decides only when exactly one workload and exactly one component are left for it. */
function takeByImage(workloads: readonly Workload[], missing: readonly Definition[], taken: Map<Workload, Candidate>): void {
  const pairs = workloads.flatMap((workload) =>
    missing.flatMap((definition) => {
      const { images = [], ports } = definition.component.recognise ?? {};
      const image = definition.homes.includes(workload.namespace) ? images.find((each) => workload.images.includes(each)) : undefined;
      const rightPort = ports === undefined || ports.some((port) => workload.ports.includes(port));
      return image !== undefined && rightPort && !playsAnotherRole(workload, definition, 'image') ? [{ workload, definition, image }] : [];
    }),
  );
  for (const pair of pairs) {
    const rivals = pairs.filter((each) => each.workload === pair.workload || each.definition === pair.definition);
    if (rivals.length === 1) taken.set(pair.workload, { definition: pair.definition, evidence: { by: 'image', detail: pair.image }, rank: [] });
  }
}

function instancesOf(taken: ReadonlyMap<Workload, Candidate>, definitions: readonly Definition[], all: readonly Workload[]): readonly Instance[] {
  return definitions.flatMap((definition) => {
    const own = all.flatMap((workload) => {
      const candidate = taken.get(workload);
      return candidate?.definition === definition ? [{ workload, candidate }] : [];
    });
    const byNamespace = [...Map.groupBy(own, (each) => each.workload.namespace)];
    const home = (namespace: string) => {
      const at = definition.homes.indexOf(namespace);
      return at < 0 ? definition.homes.length : at;
    };
    byNamespace.sort(([a], [b]) => home(a) - home(b) || (a < b ? -1 : 1));
    return byNamespace.map(([namespace, members]) => {
      const best = members.reduce((a, b) => (higher(b.candidate.rank, a.candidate.rank) ? b : a));
      return { definition, namespace, workloads: members.map((each) => each.workload), evidence: best.candidate.evidence };
    });
  });
}
