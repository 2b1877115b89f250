import type { HttpOptions, HttpOutcome, HttpReader, ObjectRef } from '../model/check.ts';
import { ProbeError } from '../model/problem.ts';
import { statusMessage } from './api-reader.ts';
import { type Connection, type RawAnswer, unreachableCause } from './connection.ts';

/** Longest body that is kept of what a component answers, in bytes. Health and status bodies are far smaller; metrics ask for more. */
const MAX_BODY = 1024 * 1024;

/** HTTP through the API server. It tells the component's own answer from one of the proxy in front of it. */
export class ProxyReader implements Omit<HttpReader, 'forwarded'> {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  /** The API server's own paths, each asked once and shared, as the lists are. */
  readonly #own = new Map<string, Promise<RawAnswer>>();
  readonly #nodes = new Map<string, Promise<HttpOutcome>>();

  /** `known`: answers of the API server that are at hand already, by path. */
  constructor(connection: Connection, signal: AbortSignal, known: Readonly<Record<string, RawAnswer>> = {}) {
    this.#connection = connection;
    this.#signal = signal;
    for (const [path, answer] of Object.entries(known)) this.#own.set(path, Promise.resolve(answer));
  }

  pod(pod: ObjectRef, port: number, path: string, options: HttpOptions = {}): Promise<HttpOutcome> {
    const id = options.scheme === 'https' ? `https:${pod.name}:${port}` : `${pod.name}:${port}`;
    return this.#proxied(`/api/v1/namespaces/${pod.namespace}/pods/${id}/proxy${rooted(path)}`, `get pods/proxy in ${pod.namespace}`, options);
  }

  service(service: ObjectRef, port: number | string, path: string, options: HttpOptions = {}): Promise<HttpOutcome> {
    const id = options.scheme === 'https' ? `https:${service.name}:${port}` : `${service.name}:${port}`;
    return this.#proxied(`/api/v1/namespaces/${service.namespace}/services/${id}/proxy${rooted(path)}`, `get services/proxy in ${service.namespace}`, options);
  }

  node(node: string, path: string, options: HttpOptions = {}): Promise<HttpOutcome> {
    // Several components look at one node; its kubelet is asked once.
    const key = `${node} ${path}`;
    const flight = this.#nodes.get(key) ?? this.#proxied(`/api/v1/nodes/${node}/proxy${rooted(path)}`, 'get nodes/proxy', options);
    this.#nodes.set(key, flight);
    return flight;
  }

  async apiServer(path: string, options: HttpOptions = {}): Promise<HttpOutcome> {
    const flight = this.#own.get(path) ?? this.#get(path, options);
    this.#own.set(path, flight);
    const answer = await flight;
    if (answer.status === 401)
      throw new ProbeError({ reason: 'Unauthorized', message: `GET ${path}: 401 ${statusMessage(answer.body) ?? ''}`.trim(), status: 401 });
    if (answer.status === 403) throw forbidden(answer, path, `get ${path.split('?')[0] ?? path}`);
    return { kind: 'answer', ...answer };
  }

  async #proxied(path: string, needs: string, options: HttpOptions): Promise<HttpOutcome> {
    const answer = await this.#get(path, options);
    const status = kubernetesStatus(answer);
    if (status === undefined) return { kind: 'answer', ...answer };
    // The front API server has let us in already, so a 401 is the backend's own, and so is a 403 that is not about the proxy subresource.
    if (answer.status === 403 && /\/proxy"/.test(status)) throw forbidden(answer, path, needs);
    if (answer.status === 401 || answer.status === 403) return { kind: 'answer', ...answer };
    return { kind: 'unreachable', cause: unreachableCause(status), message: status, elapsedMs: answer.elapsedMs };
  }

  #get(path: string, options: HttpOptions): Promise<RawAnswer> {
    return this.#connection.get(path, {
      signal: this.#signal,
      maxBytes: options.maxBytes ?? MAX_BODY,
      ...(options.timeoutMs === undefined ? {} : { timeoutMs: options.timeoutMs }),
    });
  }
}

/**
 * The message of an error that the API server itself wrote, or undefined when the backend answered. Since 1.12 it is a Status object; older servers
 * write `Error trying to reach service: '…'` as plain text. A backend that is itself a Kubernetes API server or a kubelet writes Status objects, too; the caller tells them apart.
 */
function kubernetesStatus(answer: RawAnswer): string | undefined {
  if (answer.status < 400) return undefined;
  const plain = /^\s*Error trying to reach service: '?(.*?)'?\s*$/is.exec(answer.body);
  if (plain) return plain[1] ?? '';
  if (!(answer.headers['content-type'] ?? '').includes('json')) return undefined;
  try {
    const parsed = JSON.parse(answer.body) as { kind?: unknown; apiVersion?: unknown; message?: unknown };
    if (parsed.kind === 'Status' && parsed.apiVersion === 'v1') return typeof parsed.message === 'string' ? parsed.message : `HTTP ${answer.status}`;
  } catch {
    // not the API server's words
  }
  return undefined;
}

function forbidden(answer: RawAnswer, path: string, needs: string): ProbeError {
  return new ProbeError({ reason: 'Forbidden', message: `GET ${path}: 403 ${statusMessage(answer.body) ?? ''}`.trim(), needs, status: 403 });
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}
