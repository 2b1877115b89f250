import type { PartFacts, PartState } from '../shared/harbor-parts.ts';

export interface ScannerFacts extends PartFacts {
  readonly scanner: 'clair' | 'trivy';
  /** True when its health page says that its database does not answer. Only Clair has one. */
  readonly databaseFails: boolean;
  /** Clair's API; absent where it was not asked. */
  readonly api?: { readonly port: number; readonly state: PartState; readonly status: number };
}

export interface ScannerObservation {
  readonly replicas: readonly ScannerFacts[];
  /** Components that its database is reached through. */
  readonly databases: readonly string[];
}
