export interface ShownCertificate {
  readonly namespace: string;
  readonly pod: string;
  readonly node: string;
  readonly subject: string;
  readonly issuer: string;
  /** RFC 3339. */
  readonly notBefore: string;
  readonly notAfter: string;
}

export interface CertificatesObservation {
  /** How many instances there are. */
  readonly instances: number;
  /** Of those that could be asked. */
  readonly shown: readonly ShownCertificate[];
}
