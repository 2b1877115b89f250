import type { ObjectRef } from '../model/check.ts';
import type { Dependency, FoundComponent, NamespaceInventory } from '../model/component.ts';
import type { Node } from '../model/kubernetes.ts';
import type { Text } from '../model/text.ts';
import { type Definition, homesOf, likelyPlaces, namedAfter, ownNamespaces } from './definitions.ts';
import { wordsOf } from './names.ts';
import type { Evidence, Instance } from './recognise.ts';
import type { ComponentSettings, DiscoverySettings } from './settings.ts';
import { type Snapshot, workloadsReadable } from './snapshot.ts';
import { compare, type Workload } from './workloads.ts';

/** The technology of the component that answers us: it is there, whether its pods are seen or not. */
export const ANSWERING_TECHNOLOGY = 'kube-apiserver';
/** Nodes live in no namespace; their components are called `node/<name>`. */
export const NODE_NAMESPACE = 'node';
const MASTER_LABELS = ['node-role.kubernetes.io/master', 'node-role.kubernetes.io/control-plane'];

/** What one discovery works on. */
export interface Scope {
  readonly snapshot: Snapshot;
  readonly settings: DiscoverySettings;
  readonly inventory: readonly NamespaceInventory[];
  readonly definitions: readonly Definition[];
  readonly workloads: ReadonlyMap<string, readonly Workload[]>;
}

/** A component in the making. */
export interface Entry {
  readonly found: Omit<FoundComponent, 'services' | 'dependsOn' | 'peers'>;
  readonly definition: Definition | undefined;
  readonly settings: ComponentSettings;
  readonly workloads: readonly Workload[];
  readonly names: readonly (readonly string[])[];
  readonly ignored: boolean;
  services: readonly ObjectRef[];
  dependsOn: readonly Dependency[];
  peers: FoundComponent['peers'];
}

/**
 * Every component, found or not: those of the inventory in the order of the documents, each namespace followed by what the documents do not name
 * there, then unknown namespaces, what was recorded and is gone, and the nodes.
 */
export function entriesOf(scope: Scope, instances: readonly Instance[], rest: readonly Workload[]): readonly Entry[] {
  return [...componentEntries(scope, instances, rest), ...nodeEntries(scope)];
}

function componentEntries(scope: Scope, instances: readonly Instance[], rest: readonly Workload[]): readonly Entry[] {
  const { inventory, definitions, settings } = scope;
  const known = new Set<string>();
  const entries: Entry[] = [];
  const add = (entry: Entry) => {
    if (known.has(entry.found.component)) return;
    known.add(entry.found.component);
    entries.push(entry);
  };
  const undocumented = [...Map.groupBy(rest, (workload) => workload.namespace)];
  // A namespace that is a module's own comes with that module, not with the one that may share it.
  const inventoryOf = (namespace: string) => {
    const own = inventory.findIndex((each) => ownNamespaces(each, settings).includes(namespace));
    return own >= 0 ? own : inventory.findIndex((each) => homesOf(each, settings).includes(namespace));
  };
  for (const [position, each] of inventory.entries()) {
    for (const definition of definitions.filter((one) => one.inventory === each)) {
      const own = instances.filter((instance) => instance.definition === definition);
      for (const instance of own) add(presentEntry(instance));
      const notFound = own.length === 0 ? notFoundEntry(definition, scope) : undefined;
      if (notFound !== undefined) add(notFound);
    }
    const here = undocumented.filter(([namespace]) => inventoryOf(namespace) === position).sort(([a], [b]) => compare(a, b));
    for (const [namespace, workloads] of here) for (const entry of undocumentedEntries(namespace, workloads, scope)) add(entry);
  }
  const elsewhere = undocumented.filter(([namespace]) => inventoryOf(namespace) < 0).sort(([a], [b]) => compare(a, b));
  for (const [namespace, workloads] of elsewhere) for (const entry of undocumentedEntries(namespace, workloads, scope)) add(entry);
  for (const entry of expectedEntries(scope, known)) add(entry);
  return entries;
}

function fromDefinition(definition: Definition, namespace: string): Omit<Entry['found'], 'presence'> {
  const { component, settings } = definition;
  return {
    component: `${namespace}/${component.id}`,
    id: component.id,
    namespace,
    title: component.title,
    owner: component.owner,
    core: settings.core ?? component.core ?? false,
    optional: settings.optional ?? component.optional ?? false,
    documented: true,
    technologies: component.technologies,
    workloads: [],
    pods: [],
  };
}

function documentedEntry(definition: Definition, found: Entry['found'], workloads: readonly Workload[] = []): Entry {
  return {
    found,
    definition,
    settings: definition.settings,
    workloads,
    names: [...definition.aliases, ...workloads.map((workload) => wordsOf(workload.name))],
    ignored: definition.settings.ignore === true,
    services: [],
    dependsOn: [],
    peers: {},
  };
}

function presentEntry(instance: Instance): Entry {
  const { definition, namespace, workloads } = instance;
  const note = noteOf(definition, namespace, workloads, instance.evidence);
  const found: Entry['found'] = {
    ...fromDefinition(definition, namespace),
    presence: 'present',
    ...(note === undefined ? {} : { note }),
    workloads: workloads.flatMap((workload) => workload.refs),
    pods: podsOf(workloads),
  };
  return documentedEntry(definition, found, workloads);
}

function podsOf(workloads: readonly Workload[]): readonly ObjectRef[] {
  return workloads.flatMap((workload) => workload.pods.map((pod) => ({ namespace: workload.namespace, name: pod.metadata.name })));
}

function noteOf(definition: Definition, namespace: string, workloads: readonly Workload[], evidence: Evidence): Text | undefined {
  const parts: Text[] = [];
  const { id } = definition.component;
  if (namespace !== definition.inventory.namespace) {
    const listed = definition.inventory.namespace;
    parts.push({ zh: `文档列在 ${listed}，实际在 ${namespace}`, en: `documented in ${listed}, found in ${namespace}` });
  }
  const names = [...new Set(workloads.map((workload) => workload.name))];
  if (names.some((name) => name !== id)) parts.push({ zh: `此处名为 ${names.join('、')}`, en: `here it is called ${names.join(', ')}` });
  if (evidence.by === 'label') parts.push({ zh: `按标签 ${evidence.detail} 识别`, en: `recognised by its label ${evidence.detail}` });
  if (evidence.by === 'image') parts.push({ zh: `按镜像 ${evidence.detail} 识别`, en: `recognised by its image ${evidence.detail}` });
  if (parts.length === 0) return undefined;
  return { zh: parts.map((part) => part.zh).join('；'), en: parts.map((part) => part.en).join('; ') };
}

// What was not found: missing, absent or unseen.

function notFoundEntry(definition: Definition, scope: Scope): Entry | undefined {
  const { component, inventory } = definition;
  const { snapshot, settings } = scope;
  const places = likelyPlaces(definition, snapshot.namespaceNames ?? scope.inventory.flatMap((each) => homesOf(each, settings)));
  if (!places.every((name) => isSelected(name, scope))) return undefined;
  const recorded = settings.expected.find((id) => definitionFor(id, scope) === definition);
  const base = fromDefinition(definition, recorded?.split('/')[0] ?? definition.settings.namespace ?? inventory.namespace);
  if (component.withoutWorkload === true) return documentedEntry(definition, { ...base, presence: 'present' });
  if (ANSWERING_TECHNOLOGY in component.technologies && answered(snapshot)) {
    const note: Text = { zh: '没有看到它的 Pod，但它正在应答', en: 'its pods are not to be seen, but it answers' };
    const technologies = { [ANSWERING_TECHNOLOGY]: component.technologies[ANSWERING_TECHNOLOGY] ?? {} };
    return documentedEntry(definition, { ...base, presence: 'present', note, technologies });
  }
  const couldHold = snapshot.objects.filter((each) => definition.own.includes(each.name) || places.includes(each.name));
  if (couldHold.some((each) => !workloadsReadable(each))) return documentedEntry(definition, { ...base, presence: 'unseen' });
  // apigw-portal belongs to skiff-apigw alone; the other components listed there come with whichever namespace they share.
  const module = namedAfter(definition, inventory.namespace) ? definition.own : definition.homes;
  const installed = module.some((name) => (scope.workloads.get(name) ?? []).length > 0);
  const missing = recorded !== undefined || (installed && !base.optional);
  return documentedEntry(definition, { ...base, presence: missing ? 'missing' : 'absent' });
}

function answered(snapshot: Snapshot): boolean {
  if (snapshot.namespaceNames !== undefined || snapshot.nodes !== undefined) return true;
  return snapshot.objects.some((each) => Object.values(each).some(Array.isArray));
}

function isSelected(namespace: string, scope: Scope): boolean {
  return scope.settings.namespaces?.includes(namespace) ?? true;
}

/** The definition that a full component id speaks of: the one at home there, else the only one of that name. */
function definitionFor(fullId: string, scope: Scope): Definition | undefined {
  const [namespace = '', id = ''] = fullId.split('/');
  const named = scope.definitions.filter((definition) => definition.component.id === id);
  const atHome = named.find((definition) => definition.homes.includes(namespace) || definition.inventory.namespace === namespace);
  return atHome ?? (named.length === 1 ? named[0] : undefined);
}

/** Components that the site recorded and that no definition speaks for: what was discovered then and is gone now. Nodes are added with the nodes. */
function expectedEntries(scope: Scope, known: ReadonlySet<string>): readonly Entry[] {
  return scope.settings.expected.flatMap((fullId) => {
    const [namespace = '', id = ''] = fullId.split('/');
    if (id === '' || namespace === NODE_NAMESPACE || known.has(fullId) || definitionFor(fullId, scope) !== undefined) return [];
    if (!isSelected(namespace, scope)) return [];
    const objects = scope.snapshot.objects.find((each) => each.name === namespace);
    const presence = objects !== undefined && !workloadsReadable(objects) ? 'unseen' : 'missing';
    return [undocumentedEntry(namespace, id, [], presence, scope)];
  });
}

// Workloads that the documents do not name.

/** Nobody knows what it speaks: over HTTP it is asked only where its own probe is, as the kubelet asks it anyway. */
const WHERE_THE_KUBELET_ASKS: FoundComponent['technologies'] = { 'http-service': { guess: false } };

function undocumentedEntries(namespace: string, workloads: readonly Workload[], scope: Scope): readonly Entry[] {
  const byName = [...Map.groupBy(workloads, (workload) => workload.name)].sort(([a], [b]) => compare(a, b));
  return byName.map(([name, same]) => undocumentedEntry(namespace, name, same, 'present', scope));
}

function undocumentedEntry(namespace: string, name: string, workloads: readonly Workload[], presence: 'present' | 'missing' | 'unseen', scope: Scope): Entry {
  const component = `${namespace}/${name}`;
  const settings: ComponentSettings = { ...scope.settings.components[name], ...scope.settings.components[component] };
  return {
    found: {
      component,
      id: name,
      namespace,
      title: { zh: `${name}（文档未提及）`, en: `${name} (not in the documents)` },
      // What a site adds to kube-system, such as its network, belongs to the cluster.
      owner: namespace === 'kube-system' ? 'cluster' : 'product',
      core: settings.core ?? false,
      optional: settings.optional ?? true,
      presence,
      documented: false,
      technologies: { workload: {}, service: {}, ...(namespace === 'kube-system' ? {} : WHERE_THE_KUBELET_ASKS) },
      workloads: workloads.flatMap((workload) => workload.refs),
      pods: podsOf(workloads),
    },
    definition: undefined,
    settings,
    workloads,
    names: [wordsOf(name)],
    ignored: settings.ignore === true,
    services: [],
    dependsOn: [],
    peers: {},
  };
}

// Nodes.

function nodeEntries(scope: Scope): readonly Entry[] {
  const nodes = scope.snapshot.nodes;
  const here = new Map((nodes ?? []).map((node) => [node.metadata.name, node]));
  const recorded = scope.settings.expected.flatMap((id) => (id.startsWith(`${NODE_NAMESPACE}/`) ? [id.slice(NODE_NAMESPACE.length + 1)] : []));
  const names = [...new Set([...here.keys(), ...recorded])].sort(compare);
  return names.map((name) => nodeEntry(name, here.get(name), nodes !== undefined, scope));
}

function nodeEntry(name: string, node: Node | undefined, readable: boolean, scope: Scope): Entry {
  const component = `${NODE_NAMESPACE}/${name}`;
  const settings = scope.settings.components[component] ?? {};
  const master = MASTER_LABELS.some((label) => label in (node?.metadata.labels ?? {}));
  return {
    found: {
      component,
      id: name,
      namespace: NODE_NAMESPACE,
      title: master ? { zh: `管控节点 ${name}`, en: `Master node ${name}` } : { zh: `节点 ${name}`, en: `Node ${name}` },
      owner: 'infrastructure',
      core: settings.core ?? master,
      optional: settings.optional ?? false,
      presence: node !== undefined ? 'present' : readable ? 'missing' : 'unseen',
      documented: true,
      technologies: { node: {} },
      workloads: [],
      pods: [],
    },
    definition: undefined,
    settings,
    workloads: [],
    names: [],
    ignored: settings.ignore === true,
    services: [],
    dependsOn: [],
    peers: {},
  };
}
