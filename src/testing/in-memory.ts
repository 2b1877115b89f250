import { project } from '../cluster/projection.ts';
import type { ByteStream, HttpOptions, HttpOutcome, HttpReader, KubeReader, ObjectRef, ServerCertificate, UnreachableCause } from '../model/check.ts';
import { RESOURCES, type ResourceName, type ResourceTypes } from '../model/kubernetes.ts';
import { ProbeError, type ProblemReason } from '../model/problem.ts';
import { deepFreeze } from './plain-json.ts';

/** The objects of a cluster in memory, by resource, as `kubectl get … -o json` lists them. A resource that is left out must not be read. */
export type Objects = { readonly [R in ResourceName]?: readonly ResourceTypes[R][] };

/** Why a read does not work: the reason of its problem, or `never` for one that does not answer at all. */
export type Failure = ProblemReason | 'never';

/** A request that a probe makes over HTTP, as the routes name it. */
export interface HttpRequest {
  readonly via: 'pod' | 'service' | 'node' | 'apiserver' | 'forward';
  /** Only a forwarded request can be a POST. */
  readonly method?: 'POST';
  readonly namespace?: string;
  readonly name?: string;
  readonly port?: number | string;
  readonly scheme: 'http' | 'https';
  readonly path: string;
}

/** What is behind a route: an answer, a proxy that cannot reach it, or a failure of the read itself. */
export type HttpReply =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>>; readonly certificate?: ServerCertificate }
  | { readonly unreachable: UnreachableCause; readonly message?: string }
  | Failure;

/**
 * Answers by request:
 *
 * - `pod skiff-ncs/harbor-core-0:8080 /api/ping`
 * - `pod https:kube-system/kube-apiserver-node1:6443 /readyz`
 * - `service skiff-ncs/harbor-core:http /api/ping`
 * - `node node1 /healthz`
 * - `apiserver /readyz?verbose`
 * - `forward skiff-gtxs/etcd-gtxs-0:2379 /health`, `forward skiff-gtxs/etcd-gtxs-0:2379 POST /v3/maintenance/status`
 *
 * or a function from request to reply; undefined means that nothing was said about it, which fails the test.
 */
export type HttpRoutes = Readonly<Record<string, HttpReply>> | ((request: HttpRequest) => HttpReply | undefined);

/** The far end of a port-forward: what it says first, and what it says to each write. `ends` closes the stream after that. */
export interface StreamScript {
  readonly greeting?: string | Uint8Array;
  readonly reply?: (written: Uint8Array) => string | Uint8Array | undefined;
  readonly ends?: boolean;
}

/** Keeps what was asked for and not provided, and what was provided and not asked for. */
export class Ledger {
  readonly #unmatched = new Set<string>();
  readonly #provided: ReadonlySet<string>;
  readonly #used = new Set<string>();

  constructor(provided: readonly string[]) {
    this.#provided = new Set(provided);
  }

  use(key: string): void {
    this.#used.add(key);
  }

  /** Throws: whoever asks for what the test does not provide gets no answer that looks like a cluster's. */
  miss(what: string): never {
    this.#unmatched.add(what);
    throw new Error(`The test provides nothing for: ${what}`);
  }

  get unmatched(): readonly string[] {
    return [...this.#unmatched];
  }

  get unused(): readonly string[] {
    return [...this.#provided].filter((key) => !this.#used.has(key));
  }
}

/** Texts of the problems that the real readers make, closely enough for a probe that looks at nothing but their reason. */
const SAYS: Readonly<Partial<Record<ProblemReason, string>>> = {
  Forbidden: '403 forbidden: User "doctor" may not do this',
  Unauthorized: '401 Unauthorized',
  NotFound: '404 not found',
  NotServed: 'this API server does not serve it',
  Timeout: 'no complete answer within 10.0 s',
  Refused: 'connect ECONNREFUSED',
  Reset: 'read ECONNRESET',
  ServerError: '500 etcdserver: request timed out',
  InvalidResponse: 'the answer is no JSON (12 characters, text/plain)',
};
const STATUS: Readonly<Partial<Record<ProblemReason, number>>> = { Forbidden: 403, Unauthorized: 401, NotFound: 404, ServerError: 500 };

function problem(reason: ProblemReason, what: string): ProbeError {
  const status = STATUS[reason];
  return new ProbeError({
    reason,
    message: `Cannot ${what}: ${SAYS[reason] ?? reason}.`,
    ...(reason === 'Forbidden' ? { needs: what } : {}),
    ...(status === undefined ? {} : { status }),
  });
}

export async function failed(failure: Failure, what: string): Promise<never> {
  if (failure === 'never') return new Promise<never>(() => {});
  throw problem(failure, what);
}

/**
 * A KubeReader over objects in memory. As the real one it cuts pods down to the fields of their type, lists nothing but the warnings among events,
 * knows no object by `undefined`, and shares what it returns, so that a probe which changes it throws. `failures` are reads that do not work:
 * `list pods`, or in one namespace `list pods skiff-ncs`; `get endpoints default/kubernetes`; `logs skiff-ncs/ncs-0`.
 */
export function inMemoryKube(
  objects: Objects,
  failures: Readonly<Record<string, Failure>> = {},
  logs: Readonly<Record<string, string>> = {},
): { readonly kube: KubeReader; readonly ledger: Ledger } {
  const ledger = new Ledger([...Object.keys(failures), ...Object.keys(logs)]);
  const known = new Map<ResourceName, readonly unknown[]>();
  function all<R extends ResourceName>(resource: R, what: string): readonly ResourceTypes[R][] {
    const given = objects[resource] as readonly ResourceTypes[R][] | undefined;
    if (given === undefined) return ledger.miss(what);
    const kept = known.get(resource) ?? given.map((object) => deepFreeze(project(resource, structuredClone(object))));
    known.set(resource, kept);
    return kept as readonly ResourceTypes[R][];
  }
  function failure(...keys: readonly string[]): Failure | undefined {
    const key = keys.find((candidate) => candidate in failures);
    if (key === undefined) return undefined;
    ledger.use(key);
    return failures[key];
  }
  const within = (resource: ResourceName, namespace: string | undefined) => (object: { readonly metadata: { readonly namespace?: string } }) =>
    !RESOURCES[resource].namespaced || namespace === undefined || object.metadata.namespace === namespace;
  const kube: KubeReader = {
    async list(resource, namespace) {
      const what = `list ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`;
      const broken = failure(`list ${resource} ${namespace ?? ''}`, `list ${resource}`);
      if (broken !== undefined) return failed(broken, what);
      const found = all(resource, what).filter(within(resource, namespace));
      return Object.freeze(resource === 'events' ? found.filter((event) => 'type' in event && event.type === 'Warning') : found);
    },
    async get(resource, name, namespace) {
      const full = namespace === undefined ? name : `${namespace}/${name}`;
      const what = `get ${resource} ${name}${namespace === undefined ? '' : ` in ${namespace}`}`;
      const broken = failure(`get ${resource} ${full}`, `get ${resource}`);
      if (broken !== undefined) return failed(broken, what);
      return all(resource, what).find((object) => object.metadata.name === name && within(resource, namespace)(object));
    },
    async logs(pod, { container, tailLines, previous }) {
      const name = `${pod.namespace}/${pod.name}`;
      const what = `get pods/log ${pod.name} in ${pod.namespace}`;
      const broken = failure(`logs ${name}`, 'logs');
      if (broken !== undefined) return failed(broken, what);
      const suffix = previous ? ' previous' : '';
      const key = [`${name}/${container ?? ''}${suffix}`, `${name}${suffix}`].find((candidate) => candidate in logs);
      if (key === undefined) return ledger.miss(`${what}${container === undefined ? '' : ` -c ${container}`}${suffix}`);
      ledger.use(key);
      return (logs[key] ?? '').split('\n').slice(-tailLines).join('\n');
    },
  };
  return { kube, ledger };
}

/** Answers one request of any kind. */
export type HttpAsk = (request: HttpRequest, needs: string, options?: HttpOptions) => Promise<HttpOutcome>;

/** An HttpReader over replies in memory. It cuts bodies at the caller's limit, as the real one does. */
export function inMemoryHttp(routes: HttpRoutes): { readonly http: Omit<HttpReader, 'forwarded'>; readonly ask: HttpAsk; readonly ledger: Ledger } {
  const ledger = new Ledger(typeof routes === 'function' ? [] : Object.keys(routes));
  async function ask(request: HttpRequest, needs: string, options: HttpOptions = {}): Promise<HttpOutcome> {
    const key = routeOf(request);
    const reply = typeof routes === 'function' ? routes(request) : routes[key];
    if (reply === undefined) return ledger.miss(key);
    ledger.use(key);
    if (typeof reply === 'string') return failed(reply, needs);
    if ('unreachable' in reply) return { kind: 'unreachable', cause: reply.unreachable, message: reply.message ?? MESSAGES[reply.unreachable], elapsedMs: 1 };
    const bytes = Buffer.from(reply.body ?? '');
    const limit = options.maxBytes ?? 1024 * 1024;
    return {
      kind: 'answer',
      status: reply.status,
      headers: reply.headers ?? {},
      body: bytes.subarray(0, limit).toString('utf8'),
      truncated: bytes.length > limit,
      elapsedMs: 1,
      ...(reply.certificate === undefined ? {} : { certificate: reply.certificate }),
    };
  }
  const http: Omit<HttpReader, 'forwarded'> = {
    pod: (pod, port, path, options) => ask({ via: 'pod', ...pod, port, ...how(path, options) }, `get pods/proxy in ${pod.namespace}`, options),
    service: (service, port, path, options) =>
      ask({ via: 'service', ...service, port, ...how(path, options) }, `get services/proxy in ${service.namespace}`, options),
    node: (name, path, options) => ask({ via: 'node', name, ...how(path, options) }, 'get nodes/proxy', options),
    apiServer: (path, options) => ask({ via: 'apiserver', ...how(path, options) }, `get ${path.split('?')[0] ?? path}`, options),
  };
  return { http, ask, ledger };
}

/** The texts in which Go and the API server's proxy say each cause. */
const MESSAGES: Readonly<Record<UnreachableCause, string>> = {
  refused: 'error trying to reach service: dial tcp 10.244.1.7:8080: connect: connection refused',
  timeout: 'error trying to reach service: dial tcp 10.244.1.7:8080: i/o timeout',
  'no-route': 'error trying to reach service: dial tcp 10.244.1.7:8080: connect: no route to host',
  reset: 'error trying to reach service: EOF',
  tls: 'error trying to reach service: x509: certificate signed by unknown authority',
  'not-http': 'error trying to reach service: net/http: HTTP/1.x transport connection broken: malformed HTTP response',
  'no-endpoints': 'no endpoints available for service',
  other: 'error trying to reach service',
};

function how(path: string, options: HttpOptions | undefined): Pick<HttpRequest, 'scheme' | 'path'> {
  return { scheme: options?.scheme ?? 'http', path: path.startsWith('/') ? path : `/${path}` };
}

function routeOf({ via, namespace, name, port, scheme, method, path }: HttpRequest): string {
  if (via === 'apiserver') return `apiserver ${path}`;
  if (via === 'node') return `node ${name ?? ''} ${path}`;
  return `${via} ${scheme === 'https' ? 'https:' : ''}${namespace ?? ''}/${name ?? ''}:${port ?? ''} ${method === undefined ? '' : `${method} `}${path}`;
}

/** Port-forwards in memory, by `<namespace>/<pod>:<port>`. */
export function inMemoryStreams(scripts: Readonly<Record<string, StreamScript | Failure>>): {
  portForward(pod: ObjectRef, port: number, signal: AbortSignal): Promise<ByteStream>;
  readonly ledger: Ledger;
} {
  const ledger = new Ledger(Object.keys(scripts));
  return {
    ledger,
    async portForward(pod, port, signal) {
      const key = `${pod.namespace}/${pod.name}:${port}`;
      const script = scripts[key];
      if (script === undefined) return ledger.miss(`port-forward ${key}`);
      ledger.use(key);
      if (typeof script === 'string') return failed(script, `get pods/portforward in ${pod.namespace}`);
      return scriptedStream(script, signal);
    },
  };
}

function scriptedStream(script: StreamScript, signal: AbortSignal): ByteStream {
  const queue: Uint8Array[] = [];
  let closed = false;
  let wake = (): void => {};
  const push = (bytes: string | Uint8Array | undefined): void => {
    if (bytes !== undefined) queue.push(typeof bytes === 'string' ? new TextEncoder().encode(bytes) : bytes);
    if (script.ends && (bytes !== undefined || script.reply === undefined)) closed = true;
    wake();
  };
  if (script.greeting !== undefined || script.reply === undefined) push(script.greeting);
  signal.addEventListener('abort', () => {
    closed = true;
    wake();
  });
  return {
    async write(bytes) {
      if (closed) throw new ProbeError({ reason: 'Reset', message: 'The stream is closed.' });
      push(script.reply?.(bytes));
    },
    close() {
      closed = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) yield next;
        else if (closed) return;
        else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
      }
    },
  };
}
