import type { ByteStream, HttpReader, KubeReader, ObjectRef } from '../model/check.ts';
import type { ConnectionProblem } from '../model/problem.ts';
import { ProbeError, problemOf } from '../model/problem.ts';
import type { Cost } from '../model/report.ts';
import { ApiReader, readSecret, statusMessage } from './api-reader.ts';
import { Connection, type ConnectionOptions, type RawAnswer } from './connection.ts';
import { ProxyReader } from './http-reader.ts';
import { type ClusterAccess, type ConnectionFlags, resolveAccess } from './kubeconfig.ts';

/** A control cluster that answered: everything through which a run looks at it. */
export interface Cluster {
  readonly name: string;
  readonly server: string;
  readonly kubernetesVersion: string;
  readonly kube: KubeReader;
  readonly http: Omit<HttpReader, 'forwarded'>;
  /** Readers that ask the cluster everything anew, as the second look does. */
  afresh(): Pick<Cluster, 'kube' | 'http'>;
  /** The values of a Secret, or undefined when there is none. Only for credentials that the operator has named; no probe can call it. */
  secret(ref: ObjectRef, signal: AbortSignal): Promise<Readonly<Record<string, string>> | undefined>;
  portForward(pod: ObjectRef, port: number, signal: AbortSignal): Promise<ByteStream>;
  /** The cluster's time, by its Date headers. */
  now(): Date;
  cost(probes: number, wallMs: number): Cost;
  close(): Promise<void>;
}

export type Opened =
  | { readonly ok: true; readonly cluster: Cluster }
  | { readonly ok: false; readonly name: string; readonly problem: ConnectionProblem; readonly cost: Cost };

export interface OpenOptions extends ConnectionOptions {
  readonly flags: ConnectionFlags;
  /** Other addresses of the control plane (`https://10.0.0.11:6443`), asked when the kubeconfig's does not answer. */
  readonly controlPlane: readonly string[];
  /** Directory of the pod's service account, where this is a pod. Default: where the kubelet puts it. */
  readonly serviceAccount?: string;
}

/**
 * Connects: reads the kubeconfig, asks `/version`, and tells apart why that did not work. Never throws for what a cluster or a network can do; a
 * kubeconfig that cannot be used is a problem of kind `config`.
 */
export async function openCluster(options: OpenOptions, signal: AbortSignal): Promise<Opened> {
  let connection: Connection;
  try {
    connection = new Connection(resolveAccess(options.flags, options.env, options.serviceAccount), options);
  } catch (error) {
    const { message } = problemOf(error);
    return {
      ok: false,
      name: '',
      problem: { kind: 'config', message, server: '', others: [] },
      cost: { apiRequests: 0, apiBytes: 0, lists: 0, peakQps: 0, probes: 0, wallMs: 0 },
    };
  }
  const { access } = connection;
  const name = access.context === '' ? access.clusterName : access.context;
  const started = performance.now();
  const first = await firstAnswer(connection, signal);
  if ('kind' in first) {
    // Only a connection that did not come about says something about the address; credentials are the same everywhere.
    const elsewhere = ['refused', 'timeout', 'reset', 'dns', 'tls'].includes(first.kind) ? await askOthers(access, options, signal) : [];
    const cost = connection.meter.cost(0, Math.round(performance.now() - started));
    await connection.close();
    return { ok: false, name, problem: { ...first, others: elsewhere }, cost };
  }
  return { ok: true, cluster: clusterOf(connection, name, first, signal) };
}

function clusterOf(connection: Connection, name: string, { version, answer }: FirstAnswer, signal: AbortSignal): Cluster {
  return {
    name,
    server: connection.access.server,
    kubernetesVersion: version,
    kube: new ApiReader(connection, signal),
    http: new ProxyReader(connection, signal, { '/version': answer }),
    afresh: () => ({ kube: new ApiReader(connection, signal), http: new ProxyReader(connection, signal, {}) }),
    secret: (ref, secretSignal) => readSecret(connection, ref, secretSignal),
    async portForward(pod, port, probeSignal) {
      const { credential, access, userAgent, proxy } = await connection.handshake();
      await connection.meter.admit(false, probeSignal);
      const { openPortForward } = await import('./port-forward.ts');
      return openPortForward({ access, credential, userAgent, pod, port, signal: probeSignal, ...(proxy === undefined ? {} : { proxy }) });
    },
    now: () => connection.now(),
    cost: (probes, wallMs) => connection.meter.cost(probes, wallMs),
    close: () => connection.close(),
  };
}

interface FirstAnswer {
  readonly version: string;
  readonly answer: RawAnswer;
}

/** The Kubernetes version, or why there is none. */
async function firstAnswer(connection: Connection, signal: AbortSignal): Promise<FirstAnswer | Omit<ConnectionProblem, 'others'>> {
  const { server } = connection.access;
  try {
    const answer = await connection.get('/version', { signal, maxBytes: 65_536 });
    const said = statusMessage(answer.body) ?? '';
    if (answer.status === 401) return { kind: 'unauthorized', server, message: `401 ${said}` };
    if (answer.status === 403) return { kind: 'forbidden', server, message: `403 ${said}` };
    const version = gitVersion(answer.body);
    if (answer.status === 200 && version !== undefined) return { version, answer };
    if (answer.status >= 500 || answer.status === 429) return { kind: 'server-error', server, message: `${answer.status} ${said}` };
    return { kind: 'not-kubernetes', server, message: `GET /version: ${answer.status} ${said}`.slice(0, 200) };
  } catch (error) {
    // A mistake of ours must not pass for a network that is broken.
    if (!(error instanceof ProbeError)) throw error;
    const problem = problemOf(error);
    const code = causeCode(error);
    return { kind: kindOf(problem.reason), server, message: problem.message, ...(code === undefined ? {} : { code }) };
  }
}

function kindOf(reason: string): ConnectionProblem['kind'] {
  switch (reason) {
    case 'Refused':
      return 'refused';
    case 'Timeout':
    case 'DeadlineExceeded':
      return 'timeout';
    case 'NameNotResolved':
      return 'dns';
    case 'TlsError':
      return 'tls';
    case 'Unauthorized':
      return 'unauthorized';
    case 'PrerequisiteFailed':
      return 'config';
    default:
      return 'reset';
  }
}

function causeCode(error: Error): string | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 6 && current instanceof Error; depth += 1) {
    const { code } = current as NodeJS.ErrnoException;
    if (typeof code === 'string') return code;
    current = current.cause;
  }
  return undefined;
}

function gitVersion(body: string): string | undefined {
  try {
    const parsed = JSON.parse(body) as { gitVersion?: unknown };
    return typeof parsed.gitVersion === 'string' ? parsed.gitVersion : undefined;
  } catch {
    return undefined;
  }
}

async function askOthers(access: ClusterAccess, options: OpenOptions, signal: AbortSignal): Promise<ConnectionProblem['others']> {
  return Promise.all(
    options.controlPlane
      .filter((server) => server !== access.server)
      .slice(0, 9)
      .map(async (server) => {
        const other = new Connection({ ...access, server }, options);
        try {
          const answer = await firstAnswer(other, signal);
          return 'kind' in answer ? { server, reachable: false, message: answer.message } : { server, reachable: true, message: answer.version };
        } finally {
          await other.close();
        }
      }),
  );
}
