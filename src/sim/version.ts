/** The Kubernetes version that the simulated API server claims, as far as its behaviour depends on it. */
export interface KubernetesVersion {
  readonly minor: number;
  /** For example `v1.20.2`. */
  readonly gitVersion: string;
}

/** Reads `1.20`, `1.20.2` or `v1.20.2`. Throws on anything else, and below 1.11, which the product never ran on. */
export function parseVersion(version: string): KubernetesVersion {
  const match = /^v?1\.(\d+)(?:\.(\d+))?$/.exec(version);
  if (!match) throw new Error(`Kubernetes version "${version}" is not of the form 1.20 or 1.20.2`);
  const minor = Number(match[1]);
  if (minor < 11) throw new Error(`Kubernetes 1.${minor} is older than anything that is simulated (1.11)`);
  return { minor, gitVersion: `v1.${minor}.${match[2] ?? '0'}` };
}
