import type { ObjectRef, Presence, WorkloadRef } from './check.ts';
import type { Problem } from './problem.ts';
import type { Text } from './text.ts';

/** Who mends it. */
export type Owner = 'cluster' | 'middleware' | 'product' | 'infrastructure';

/**
 * How sure an edge is: `observed` in the component's own configuration, `documented` in the vendor's documents, `upstream` in the upstream
 * project's, `inferred` from public relatives or experience.
 */
export type EdgeConfidence = 'observed' | 'documented' | 'upstream' | 'inferred';

export interface Dependency {
  /** Id of a component of the inventory. `<namespace>/<id>` where the id alone is not unique. */
  readonly component: string;
  readonly confidence: EdgeConfidence;
  /** True when the component itself works on without it and only what it passes on or collects is missing: it explains none of its faults. */
  readonly partial?: boolean;
}

/** How a component is recognised among the workloads of a namespace. Names are compared by their words, misspellings of the documents folded. */
export interface Recognition {
  /** Names it goes by, beside its id. */
  readonly names?: readonly string[];
  /** Last part of an image name, for example `harbor-core`. */
  readonly images?: readonly string[];
  /** Exact labels, for example `k8s-app=kube-dns`. */
  readonly labels?: readonly string[];
  /** Container ports that, together with the image, tell it apart. */
  readonly ports?: readonly number[];
}

/** One line of the inventory: a thing the documents name, where it lives, what it depends on, and which technologies look at it. */
export interface ComponentDefinition {
  /** Kebab case, unique in its namespace. */
  readonly id: string;
  /** What it is for, in a few words. */
  readonly title: Text;
  readonly owner: Owner;
  /** Core components decide the grades F and D: without them the platform does not work. */
  readonly core?: boolean;
  /** True when a healthy site may lack it. */
  readonly optional?: boolean;
  readonly recognise?: Recognition;
  /** Technology id → the options that this component gives it. */
  readonly technologies: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly dependsOn?: readonly Dependency[];
  /**
   * Role → ids of components that its technologies look at together with it: the sentinels of a Redis, the Redis behind a proxy, the exporter that is a
   * second witness. No dependency by itself.
   */
  readonly peers?: Readonly<Record<string, readonly string[]>>;
  /**
   * The name of the setting, in the configuration of the components of its namespace, that holds the address at which it serves container images:
   * `EXT_ENDPOINT` of Harbor.
   */
  readonly imagesAt?: string;
  /** It passes requests on to, or collects from, the addresses in its configuration, as an ingress or a Prometheus does: those edges are partial. */
  readonly relays?: boolean;
  /** It has no workload of its own in the cluster and is seen through its technologies alone, as the kubelet is. */
  readonly withoutWorkload?: boolean;
  /** Where the documents name it. */
  readonly source: string;
}

/** The components of one namespace, as the documents list them. */
export interface NamespaceInventory {
  /** The documents' name. A site may use another: see `modules` in skiffctl.yaml. */
  readonly namespace: string;
  readonly title: Text;
  /** Other namespaces that hold these components at some sites. */
  readonly alsoIn?: readonly string[];
  readonly components: readonly ComponentDefinition[];
}

/** Ties the types of an inventory line together. Returns its argument. */
export function defineComponent(component: ComponentDefinition): ComponentDefinition {
  return component;
}

/** A component as discovery found it (or did not) on this cluster. Plain JSON, part of a recording. */
export interface FoundComponent {
  /** `<namespace>/<inventory id>`; `node/<name>` for a node. */
  readonly component: string;
  readonly id: string;
  readonly namespace: string;
  readonly title: Text;
  readonly owner: Owner;
  readonly core: boolean;
  readonly optional: boolean;
  readonly presence: Presence;
  /** Why it is `unseen`. */
  readonly problem?: Problem;
  /** How it was recognised, or that it was found outside of its documented namespace, in one line for a person. */
  readonly note?: Text;
  /** False for workloads of the inventory's namespaces that the documents do not name; they are looked at all the same. */
  readonly documented: boolean;
  readonly technologies: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly workloads: readonly WorkloadRef[];
  readonly pods: readonly ObjectRef[];
  readonly services: readonly ObjectRef[];
  /** Full component ids, each once; an observed edge wins over a declared one. */
  readonly dependsOn: readonly Dependency[];
  /** Role → full component ids. */
  readonly peers: Readonly<Record<string, readonly string[]>>;
}

/** A registry that runs in this cluster. */
export interface ImageRegistry {
  /** As images are named after it: `hub.example`, `hub.example:8443`. */
  readonly host: string;
  /** Full ids of the components that serve it, in the order of the inventory. */
  readonly components: readonly string[];
}

/** Everything that discovery found out about the cluster. */
export interface Discovery {
  readonly components: readonly FoundComponent[];
  readonly namespaces: readonly { readonly name: string; readonly module: string; readonly present: boolean }[];
  /** Absent in recordings of older versions, and where no component tells of an address. */
  readonly imageRegistries?: readonly ImageRegistry[];
  /** What discovery itself could not read. */
  readonly blindSpots: readonly { readonly message: Text; readonly problem: Problem; readonly namespace?: string }[];
}
