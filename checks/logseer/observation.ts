/**
 * What an address of Elasticsearch in logseer's configuration leads to. `serves`: an Elasticsearch with a master, or one that wants a login and is alive.
 * `missing`: there is no such Service. `wrong-port`: the Service has no such port. `no-endpoints`: nobody is behind the Service. `refused`, `silent`, `closed`,
 * `foreign`: whoever is behind it does not answer, or not as an Elasticsearch. `no-master`: it answers and has no master. `outside`: it is not in this cluster.
 * `elsewhere`: it is in a namespace that is not looked at from here. `dark`: nobody can say, of which the probe has told.
 */
export type AddressState =
  | 'serves'
  | 'missing'
  | 'wrong-port'
  | 'no-endpoints'
  | 'refused'
  | 'silent'
  | 'closed'
  | 'foreign'
  | 'no-master'
  | 'outside'
  | 'elsewhere'
  | 'dark';

export interface AddressFacts {
  /** Host and port, without scheme and login. */
  readonly address: string;
  readonly state: AddressState;
  /** `<namespace>/<name>` of the Service that it means; empty when it is none. */
  readonly service: string;
  readonly detail: string;
  /** Of the Elasticsearch behind it, for example `7.17.9`; empty when it is not known. */
  readonly version: string;
  /** The components whose Service it is. */
  readonly components: readonly string[];
}

export interface LogseerObservation {
  readonly pods: number;
  /** In the order of the configuration. */
  readonly addresses: readonly AddressFacts[];
  /** Where the addresses were found: `ConfigMap logseer-config` or `env ES_HOST`; empty when nowhere. */
  readonly source: string;
  /** Major version that it was told to expect; absent when it was not told. */
  readonly expectedMajor?: number;
  /** Components among its dependencies that are an Elasticsearch. */
  readonly suspects: readonly string[];
}
