import type { LogLine } from '../shared/harbor-log.ts';
import type { PartFacts } from '../shared/harbor-parts.ts';
import type { VolumeUse } from '../shared/harbor-volumes.ts';

/** The demand for a login at `/v2/`. `open`: it asks for none. */
export interface LoginFacts {
  /** `bearer`, `basic` …, or `open`. */
  readonly scheme: string;
  readonly realm: string;
  readonly service: string;
}

/**
 * The registry's own health check. `healthy`: its debug server says so. `failing`: that says what fails. `withheld`: the registry refuses every request
 * for it, and the debug server does not tell more. `untold`: there is no such server to ask, or it does not answer. `dark`: the probe has said why.
 */
export interface OwnHealth {
  readonly kind: 'healthy' | 'failing' | 'withheld' | 'untold' | 'dark';
  /** `storagedriver_filesystem: …`; empty for the others. */
  readonly detail: string;
}

/** Kinds of errors in the log that tell of storage or cache. */
export type ErrorKind = 'full' | 'read-only' | 'denied' | 'broken' | 'object-store' | 'redis';

/** What one registry pod brought. */
export interface RegistryFacts extends PartFacts {
  /** Absent when `/v2/` did not answer as a registry does. */
  readonly login?: LoginFacts;
  readonly health: OwnHealth;
  /** Absent when its log could not be read. */
  readonly errors?: Readonly<Partial<Record<ErrorKind, LogLine>>>;
  readonly claims: readonly string[];
  /** Absent when its kubelet could not be asked, or was not, for want of a claim. */
  readonly volumes?: readonly VolumeUse[];
}

export interface RegistryObservation {
  readonly registries: readonly RegistryFacts[];
  /** The registryctl containers beside them. */
  readonly controllers: readonly PartFacts[];
  /** From the ConfigMaps that the pods mount; `unread` when they could not be read, absent without one that holds a registry's configuration. */
  readonly configuration?: RegistryConfiguration | 'unread';
  /** True when something synchronises the storage of registries. */
  readonly synchronised: boolean;
  /** Images of the pods of the registry and of its peers, each once. */
  readonly images: readonly string[];
  /** Components that its Redis is reached through. */
  readonly redis: readonly string[];
}

export interface RegistryConfiguration {
  /** `filesystem`, `s3`, `swift` …; empty when it does not tell. */
  readonly driver: string;
  /** Maintenance mode in which nothing can be pushed. */
  readonly readOnly: boolean;
  /** 0 without one. */
  readonly debugPort: number;
}
