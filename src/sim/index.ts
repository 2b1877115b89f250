import type { NamespaceInventory } from '../model/component.ts';
import { createAuthority, issueCertificate } from './certificates.ts';
import type { Clock } from './clock.ts';
import { populate } from './content.ts';
import { digest } from './objects.ts';
import { authenticated, MASTERS, type RbacObject } from './rbac.ts';
import { addScale, type Scale } from './scale.ts';
import { type Scenario, scenarios } from './scenarios.ts';
import { type RequestRecord, serve } from './server.ts';
import { ClusterState } from './state.ts';
import { parseVersion } from './version.ts';

export { CANARIES, SIMULATED_CREDENTIALS } from './canaries.ts';
export { type Clock, fixedClock } from './clock.ts';
export type { Fault, FaultAction } from './faults.ts';
export { HOSTILE_TEXT } from './faults.ts';
export type { BackendAnswer, BackendRequest, BrokenListener, ByteBackend, HttpBackend, Listener } from './listeners.ts';
export type { RbacObject } from './rbac.ts';
export type { Scenario } from './scenarios.ts';
export { scenarios } from './scenarios.ts';
export type { RequestRecord } from './server.ts';
export type { ClusterState, SimulatedComponent } from './state.ts';

export interface SimulationOptions {
  /** What runs in the cluster: every component that is not optional. */
  readonly inventory: readonly NamespaceInventory[];
  /** For example `1.16`, `1.20.2`, `1.32`. Default: the scenario's, else 1.20.2. */
  readonly kubernetesVersion?: string;
  /** The cluster's clock. Default: the real time. Certificates are always valid by the real time, for the client checks them by it. */
  readonly now?: Clock;
  /** Added to the clock in the `Date` header, in ms. */
  readonly dateSkewMs?: number;
  /** The user of the kubeconfig. Default: a member of system:masters; with `rbac` or a scenario that restricts rights, a plain user `skiff-viewer`. */
  readonly user?: { readonly name: string; readonly groups?: readonly string[] };
  /** Roles and bindings, evaluated beside those that every cluster has. */
  readonly rbac?: readonly RbacObject[];
  /** `foreign-ca`: signed by another CA than the kubeconfig's. `expired`: out of date. `wrong-host`: made out to another name. Default `valid`. */
  readonly tls?: 'valid' | 'foreign-ca' | 'expired' | 'wrong-host';
  /** How long the proxies try an address that does not answer, in ms. Default 30 000, as kube-apiserver does. */
  readonly dialTimeoutMs?: number;
  /** Foreign namespaces, pods and nodes beside the inventory. */
  readonly scale?: Scale;
  /** TCP port on 127.0.0.1. Default: a free one. */
  readonly port?: number;
}

/** A running simulation. */
export interface Simulation {
  /** For example `https://127.0.0.1:40123`. */
  readonly url: string;
  /** PEM of the CA that a client is to trust. */
  readonly certificateAuthority: string;
  /** Bearer token of the kubeconfig's user. */
  readonly token: string;
  /** A kubeconfig as JSON text, which is YAML too. */
  readonly kubeconfig: string;
  /** Every request so far, in the order of arrival. */
  readonly requests: readonly RequestRecord[];
  /** The cluster itself. Change it while the server runs; call `state.reconcile()` after changing pods or Services. */
  readonly state: ClusterState;
  /** A kubeconfig for another identity, which this makes known to the server. */
  kubeconfigFor(user: string, groups?: readonly string[]): string;
  /** Ends the server and every connection. Nothing is left that keeps the process alive. */
  close(): Promise<void>;
}

const DAY = 86_400_000;

/**
 * Starts a simulated control cluster behind a real HTTPS server on 127.0.0.1. `scenario` is one of `scenarios` or its id.
 * Throws for an unknown scenario, an unknown Kubernetes version, and a component that the scenario needs and the inventory lacks.
 */
export async function startSimulation(scenario: Scenario | string, options: SimulationOptions): Promise<Simulation> {
  const chosen = typeof scenario === 'string' ? scenarios.find((candidate) => candidate.id === scenario) : scenario;
  if (!chosen) throw new Error(`unknown scenario "${String(scenario)}"; there are ${scenarios.map((candidate) => candidate.id).join(', ')}`);
  const version = parseVersion(options.kubernetesVersion ?? chosen.kubernetesVersion ?? '1.20.2');
  const restricted = options.rbac !== undefined || chosen.rbac !== undefined;
  const user = options.user ?? (restricted ? { name: 'skiff-viewer', groups: [] } : { name: 'kubernetes-admin', groups: [MASTERS] });
  const state = new ClusterState(version, options.now ?? (() => new Date()), authenticated(user.name, user.groups), options.dialTimeoutMs ?? 30_000);
  state.dateSkewMs = options.dateSkewMs ?? 0;
  state.rbac.push(...(options.rbac ?? []), ...(chosen.rbac ?? []));
  populate(state, options.inventory, chosen.also);
  if (options.scale) addScale(state, options.scale);
  chosen.apply(state);

  const { authority, server } = certificates(options.tls ?? chosen.tls ?? 'valid');
  const running = await serve(state, server, options.port ?? 0);
  const url = `https://127.0.0.1:${running.port}`;
  const kubeconfigFor = (name: string, groups: readonly string[] = []): string => {
    const token = tokenOf(name);
    state.identities.set(token, authenticated(name, groups));
    return kubeconfig(url, authority, name, token);
  };
  return {
    url,
    certificateAuthority: authority,
    token: tokenOf(state.client.name),
    kubeconfig: kubeconfigFor(state.client.name, state.client.groups),
    requests: running.requests,
    state,
    kubeconfigFor,
    close: () => running.close(),
  };
}

/** Marked as a canary, so that a leak of the token itself is found too. */
function tokenOf(user: string): string {
  return `canary-token-${digest(`token of ${user}`, 32)}`;
}

function certificates(tls: 'valid' | 'foreign-ca' | 'expired' | 'wrong-host'): {
  readonly authority: string;
  readonly server: { readonly certificate: string; readonly key: string };
} {
  const now = Date.now();
  const [notBefore, notAfter] = [new Date(now - 30 * DAY), new Date(now + 365 * DAY)];
  const authority = createAuthority('kubernetes', notBefore, notAfter);
  const signer = tls === 'foreign-ca' ? createAuthority('kubernetes', notBefore, notAfter) : authority;
  const names =
    tls === 'wrong-host' ? ['kubernetes.elsewhere.example', '10.96.0.1'] : ['127.0.0.1', 'localhost', 'kubernetes', 'kubernetes.default.svc', '10.96.0.1'];
  const server = issueCertificate(signer, {
    commonName: 'kube-apiserver',
    names,
    notBefore,
    notAfter: tls === 'expired' ? new Date(now - DAY) : notAfter,
  });
  return { authority: authority.certificate, server };
}

function kubeconfig(server: string, authority: string, user: string, token: string): string {
  const name = 'skiff-simulation';
  return `${JSON.stringify(
    {
      apiVersion: 'v1',
      kind: 'Config',
      'current-context': name,
      clusters: [{ name, cluster: { server, 'certificate-authority-data': Buffer.from(authority).toString('base64') } }],
      contexts: [{ name, context: { cluster: name, user } }],
      users: [{ name: user, user: { token } }],
    },
    undefined,
    2,
  )}\n`;
}
