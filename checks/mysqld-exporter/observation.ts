import type { ServerFacts } from '../shared/mysql.ts';
import type { GreetingFacts } from '../shared/mysql-instances.ts';

/**
 * How an exporter answered. `scrape`: with metrics of MySQL. `other`: with something else. `status`: with an error. `waits`: its landing page comes and its
 * metrics do not, as when it waits for its MySQL. `silent`: nothing comes. `refused`: nobody listens.
 */
export type ExporterAnswer = 'scrape' | 'other' | 'status' | 'waits' | 'silent' | 'refused';

export interface ExporterFacts {
  readonly namespace: string;
  readonly name: string;
  readonly port: number;
  readonly answer: ExporterAnswer;
  /** HTTP status; 0 when there was none. */
  readonly status: number;
  readonly detail: string;
  /** mysql_up; absent when it does not say. */
  readonly up?: boolean;
  /** True when it does see an instance that it is asked about by address, as exporters from 0.15 on can. */
  readonly seesOnRequest?: boolean;
  readonly exporterVersion?: string;
  readonly serverVersion?: string;
  /** Collectors that fail. */
  readonly failing: readonly string[];
  /** The host in its configuration; `local` for its own pod, `hidden` when it is in a Secret or a file. */
  readonly host: string;
  /** The instances that the host leads to; absent when it is hidden. */
  readonly leadsTo?: readonly string[];
  readonly facts: ServerFacts;
}

/** An instance of MySQL, in its own words. */
export interface ServerWitness {
  readonly name: string;
  /** The pod is Ready: a refused port-forward is then no proof that nobody listens. */
  readonly ready: boolean;
  /** Absent when it was not asked or could not be; `stopped` or `lost` when there is nobody to ask. */
  readonly greeting?: GreetingFacts | { readonly kind: 'stopped' | 'lost' };
  /** After a login. */
  readonly facts?: ServerFacts;
}

export interface MysqldExporterObservation {
  readonly exporters: readonly ExporterFacts[];
  /** Pods of the component that run and could not be asked: each is a blind spot already. */
  readonly unasked: number;
  /** The component of the MySQL; empty when the inventory knows none. */
  readonly mysql: string;
  readonly servers: readonly ServerWitness[];
}
