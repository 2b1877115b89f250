/** One webhook of a configuration. */
export interface WebhookFacts {
  readonly name: string;
  /** True when a request is refused that the webhook does not answer. */
  readonly fails: boolean;
  readonly timeoutSeconds: number;
  /** Absent for one that is called by URL. `ready` addresses behind the Service; absent when there is no such Service. */
  readonly service?: { readonly namespace: string; readonly name: string; readonly exists: boolean; readonly ready: number };
  readonly url?: string;
  /** True when its rules take every resource of every group. */
  readonly takesEverything: boolean;
  /** True when it is asked about the pods of its own backend. */
  readonly takesItsOwnPods: boolean;
  /** `none`: there is no bundle. `garbled`: it is none. */
  readonly bundle: 'none' | 'garbled' | 'present';
  /** When the certificate of the bundle that holds longest ends, RFC 3339. */
  readonly bundleEnds?: string;
}

export interface ConfigurationFacts {
  readonly kind: 'ValidatingWebhookConfiguration' | 'MutatingWebhookConfiguration';
  readonly name: string;
  readonly webhooks: readonly WebhookFacts[];
}

export interface AdmissionWebhooksObservation {
  readonly configurations: readonly ConfigurationFacts[];
  /** False where the Services or Endpoints behind them could not be read, which is a blind spot of its own. */
  readonly backendsRead: boolean;
}
