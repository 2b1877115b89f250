export interface PortFacts {
  readonly name: string;
  readonly port: number;
  readonly target: string;
}

/** A pod, or an address of one, about which the Endpoints and the pods contradict each other. */
export interface Contradiction {
  readonly pod: string;
  readonly node: string;
  /** Since when the pod is as it is, RFC 3339; empty when that is not known. */
  readonly since: string;
}

export interface ServiceFacts {
  readonly namespace: string;
  readonly name: string;
  /** `selecting`: it has a selector; `manual`: its Endpoints are somebody else's; `external`: ExternalName. */
  readonly kind: 'selecting' | 'manual' | 'external';
  readonly headless: boolean;
  /** `app=ncs,tier=web` */
  readonly selector: string;
  /** Selected pods that have not ended and are not being deleted. */
  readonly pods: number;
  /** Of these, the ones that belong among the endpoints: ready, or all of them where the Service wants them all. */
  readonly eligible: number;
  /** Of the eligible ones, those that are among the endpoints. */
  readonly published: number;
  /**
   * When no pod is selected: what the selector fits. `template`: a workload that wants pods; `zero`: one that is scaled to zero; `labels`: a workload of
   * the component but for labels that its template does not set; `nothing`.
   */
  readonly fits?: 'template' | 'zero' | 'labels' | 'nothing';
  /** The labels that no template sets, for `labels`. */
  readonly unsetLabels: string;
  /** Eligible pods that are not among the endpoints; at most 5, each looked at twice. */
  readonly missing: readonly Contradiction[];
  /** Pods that are not ready and still among the ready endpoints; at most 5, each looked at twice. */
  readonly unwithdrawn: readonly Contradiction[];
  /** Addresses among the endpoints whose pod does not exist; at most 5, each looked at twice. */
  readonly orphaned: readonly { readonly pod: string; readonly address: string }[];
  /** Ports by name that no selected pod has. */
  readonly danglingPorts: readonly PortFacts[];
  /** Ports by number that the selected pods do not declare, though they declare others. */
  readonly undeclaredPorts: readonly PortFacts[];
  /** Names that the selected pods' ports do have. */
  readonly portNames: readonly string[];
  /** True when no port of it can be resolved. */
  readonly portless: boolean;
}

export interface ServiceObservation {
  readonly services: readonly ServiceFacts[];
}
