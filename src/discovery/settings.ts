/** What a site says of one component. Everything is optional; what is not said stays as the inventory has it. */
export interface ComponentSettings {
  /** Names of its workloads. They are compared exactly and win over everything else. */
  readonly names?: readonly string[];
  /** The namespace it lives in, instead of the documented one. */
  readonly namespace?: string;
  readonly optional?: boolean;
  readonly core?: boolean;
  /** True: neither it nor its workloads appear anywhere. */
  readonly ignore?: boolean;
  /** Ids of components, instead of the declared dependencies. Edges observed in its configuration are still added. */
  readonly dependsOn?: readonly string[];
}

/** What a site says about where its components are. */
export interface DiscoverySettings {
  /** Documented namespace → the namespaces that hold it here. */
  readonly modules: Readonly<Record<string, readonly string[]>>;
  /** Component id, full (`skiff-ncs/harbor-core`) or short (`harbor-core`); what is said of the full id wins. */
  readonly components: Readonly<Record<string, ComponentSettings>>;
  /** Full component ids that were here when the site's inventory was recorded. One that is gone is missing, even an optional one. */
  readonly expected: readonly string[];
  /** Read only these namespaces; components of others do not appear. Nodes always do. */
  readonly namespaces?: readonly string[];
}

/** A site that says nothing. */
export const DEFAULT_DISCOVERY_SETTINGS: DiscoverySettings = { modules: {}, components: {}, expected: [] };
