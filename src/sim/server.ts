import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { constants, createGzip } from 'node:zlib';
import type { Certificate } from './certificates.ts';
import { takeFault, withFault } from './faults.ts';
import { portForwardServer } from './port-forward-server.ts';
import { proxied, wait } from './proxy.ts';
import { ANONYMOUS, type Attributes, authenticated, authorize, forbiddenText, type Identity } from './rbac.ts';
import { type Answer, isSilence, type Reply } from './reply.ts';
import { type RequestInfo, requestInfo } from './request-info.ts';
import { discovery } from './routes/discovery.ts';
import { health, versionDocument } from './routes/health.ts';
import { apiServerMetrics } from './routes/metrics.ts';
import { readObjects } from './routes/objects.ts';
import { selfReview } from './routes/reviews.ts';
import type { ClusterState } from './state.ts';
import { failure, methodNotAllowed, unauthorized } from './status.ts';

/** One request as an audit log would have it. */
export interface RequestRecord {
  readonly method: string;
  /** Path and query as they were sent. */
  readonly path: string;
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
  readonly userAgent: string;
  /** Name of the user the request was made as; empty when the credentials were refused. */
  user: string;
  /** HTTP status of the answer; 101 for a port-forward, 0 as long as there is none. */
  status: number;
}

export interface RunningServer {
  readonly port: number;
  readonly requests: RequestRecord[];
  close(): Promise<void>;
}

/** Largest request body that is read, in bytes; nothing that skiffctl sends comes near. */
const MAX_REQUEST_BYTES = 1_048_576;

/** The API server compresses what is longer than this, in bytes, when the client accepts it. */
const GZIP_FROM_BYTES = 128 * 1024;

/** Serves the cluster on 127.0.0.1. */
export async function serve(state: ClusterState, certificate: Certificate, port: number): Promise<RunningServer> {
  const requests: RequestRecord[] = [];
  const closing = new AbortController();
  const sockets = new Set<Duplex>();
  const server = createSecureServer({ cert: certificate.certificate, key: certificate.key, allowHTTP1: true });
  const forwards = portForwardServer(state);

  server.on('secureConnection', (socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    // A client that goes away is no error of the server.
    socket.on('error', () => socket.destroy());
  });
  server.on('tlsClientError', () => undefined);
  server.on('sessionError', () => undefined);
  server.on('request', (request, response) => {
    // Both protocols' objects share all that is used here; their declared types do not.
    void respond(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    void upgrade(request, socket, head);
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const record = recorded(request);
    requests.push(record);
    request.on('error', () => undefined);
    response.on('error', () => undefined);
    let reply: Reply;
    try {
      reply = await answer(request, record);
    } catch (error) {
      reply = failure({
        code: 500,
        message: `simulation: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
        reason: 'InternalError',
      });
    }
    if (closing.signal.aborted) return;
    if (isSilence(reply)) {
      if (reply.silence === 'reset') request.socket.destroy();
      return;
    }
    record.status = reply.status;
    await write(reply, request, response);
  }

  async function answer(request: IncomingMessage, record: RequestRecord): Promise<Reply> {
    const body = request.method === 'GET' || request.method === 'HEAD' ? '' : await readBody(request);
    const fault = takeFault(state.faults, request.url ?? '/');
    if (fault?.kind === 'delay') await wait(fault.ms, closing.signal);
    // What hides the answer altogether also keeps the request from being worked on.
    if (fault && (fault.kind === 'hang' || fault.kind === 'reset')) return { silence: fault.kind };
    const reply = await route(request, body, record);
    return fault ? withFault(reply, fault) : reply;
  }

  async function route(request: IncomingMessage, body: string, record: RequestRecord): Promise<Reply> {
    const info = requestInfo(request.method ?? 'GET', request.url ?? '/');
    const admitted = admit(request, info, record);
    if ('reply' in admitted) return admitted.reply;
    if (info.isResource) {
      if (info.group === 'authorization.k8s.io' && info.method === 'POST' && info.resource.startsWith('selfsubject')) {
        return selfReview(info.resource, body, admitted.identity, state);
      }
      if (info.method !== 'GET' || info.verb === 'watch') return methodNotAllowed();
      if (info.subresource === 'proxy' && ['pods', 'services', 'nodes'].includes(info.resource) && info.group === '') {
        return proxied({ info, headers: request.headers, signal: closing.signal }, state);
      }
      if (info.subresource === 'portforward') return failure({ code: 400, message: 'Upgrade request required', reason: 'BadRequest' });
      return readObjects(info, request.headers.accept ?? '', state);
    }
    const document = nonResource(info);
    if (!document) return notFoundIndex();
    return info.method === 'GET' || info.method === 'HEAD' ? document : methodNotAllowed();
  }

  function nonResource(info: RequestInfo): Reply | undefined {
    if (info.path === '/version' || info.path === '/version/') return versionDocument(state);
    if (info.path === '/metrics') return apiServerMetrics(state);
    return health(info.path, info.query, state) ?? discovery(info.path, state.version, '10.0.0.11:6443');
  }

  /** Authentication, impersonation and authorization, in that order. */
  function admit(request: IncomingMessage, info: RequestInfo, record: RequestRecord): { readonly reply: Reply } | { readonly identity: Identity } {
    let identity = authenticate(request.headers.authorization);
    if (!identity) return { reply: unauthorized() };
    const impersonated = request.headers['impersonate-user'];
    if (typeof impersonated === 'string') {
      const attributes = { verb: 'impersonate', isResource: true, group: '', resource: 'users', subresource: '', namespace: '', name: impersonated, path: '' };
      if (!authorize(identity, attributes, state.rbac).allowed) return { reply: forbidden(identity, attributes) };
      const groups = request.headers['impersonate-group'];
      identity = authenticated(impersonated, groups === undefined ? [] : Array.isArray(groups) ? groups : groups.split(', '));
    }
    record.user = identity.name;
    if (!authorize(identity, info, state.rbac).allowed) return { reply: forbidden(identity, info) };
    return { identity };
  }

  function authenticate(authorization: string | undefined): Identity | undefined {
    if (authorization === undefined) return ANONYMOUS;
    return state.identities.get(authorization.replace(/^Bearer /i, ''));
  }

  async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const record = recorded(request);
    requests.push(record);
    socket.on('error', () => socket.destroy());
    const fault = takeFault(state.faults, request.url ?? '/');
    if (fault?.kind === 'hang') return;
    if (fault?.kind === 'reset') {
      socket.destroy();
      return;
    }
    if (fault?.kind === 'delay') await wait(fault.ms, closing.signal);
    const info = requestInfo(request.method ?? 'GET', request.url ?? '/');
    const admitted = admit(request, info, record);
    const refusal = 'reply' in admitted ? admitted.reply : forwards.refusal(info, request);
    if (refusal && fault === undefined) {
      refuseUpgrade(refusal, record, socket);
      return;
    }
    const faulty = fault && fault.kind !== 'delay' ? withFault(refusal ?? { status: 500, headers: {}, body: '' }, fault) : refusal;
    if (faulty) {
      refuseUpgrade(faulty, record, socket);
      return;
    }
    record.status = 101;
    forwards.accept(info, request, socket, head);
  }

  function refuseUpgrade(reply: Reply, record: RequestRecord, socket: Duplex): void {
    if (isSilence(reply)) {
      if (reply.silence === 'reset') socket.destroy();
      return;
    }
    record.status = reply.status;
    const body = typeof reply.body === 'string' || Buffer.isBuffer(reply.body) ? Buffer.from(reply.body) : Buffer.from([...reply.body].join(''));
    const headers = { ...commonHeaders(reply), 'content-length': String(body.length), connection: 'close' };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.end(Buffer.concat([Buffer.from(`HTTP/1.1 ${reply.status} Refused\r\n${lines.join('')}\r\n`), body]));
  }

  function commonHeaders(reply: Answer): Record<string, string> {
    const date = new Date(state.now().getTime() + state.dateSkewMs);
    return {
      'audit-id': createHash('sha256').update(String(requests.length)).digest('hex').slice(0, 32),
      'cache-control': 'no-cache, private',
      ...reply.headers,
      date: date.toUTCString(),
    };
  }

  async function write(reply: Answer, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = commonHeaders(reply);
    response.sendDate = false;
    if (typeof reply.body === 'string' || Buffer.isBuffer(reply.body)) {
      const body = Buffer.from(reply.body);
      response.writeHead(reply.status, { ...headers, 'content-length': body.length });
      if (reply.cutAfterBytes !== undefined) {
        // Both the half and the end of the connection have to reach the client in this order.
        response.write(body.subarray(0, reply.cutAfterBytes), () => setImmediate(() => request.socket.destroy()));
        return;
      }
      response.end(request.method === 'HEAD' ? undefined : body);
      return;
    }
    await writePieces(reply.body, reply, headers, request, response);
  }

  async function writePieces(
    pieces: Iterable<string>,
    reply: Answer,
    headers: Record<string, string>,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const iterator = pieces[Symbol.iterator]();
    let start = '';
    let next = iterator.next();
    while (next.done !== true && start.length < GZIP_FROM_BYTES) {
      start += next.value;
      next = iterator.next();
    }
    if (next.done === true) {
      const body = Buffer.from(start);
      if (body.length < GZIP_FROM_BYTES) {
        response.writeHead(reply.status, { ...headers, 'content-length': body.length });
        response.end(body);
        return;
      }
    }
    const compress = String(request.headers['accept-encoding'] ?? '').includes('gzip');
    response.writeHead(reply.status, compress ? { ...headers, 'content-encoding': 'gzip', vary: 'Accept-Encoding' } : headers);
    const gzip = compress ? createGzip({ level: constants.Z_BEST_SPEED }) : undefined;
    gzip?.pipe(response);
    const sink = gzip ?? response;
    if (!sink.write(start)) await drained(sink, response);
    while (next.done !== true && !response.destroyed && !closing.signal.aborted) {
      if (!sink.write(next.value)) await drained(sink, response);
      next = iterator.next();
    }
    sink.end();
  }

  async function close(): Promise<void> {
    closing.abort();
    forwards.close();
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return { port: (server.address() as AddressInfo).port, requests, close };
}

function recorded(request: IncomingMessage): RequestRecord {
  const { verb, group, resource, subresource, namespace, name } = requestInfo(request.method ?? 'GET', request.url ?? '/');
  return {
    method: request.method ?? 'GET',
    path: request.url ?? '/',
    verb,
    group,
    resource,
    subresource,
    namespace,
    name,
    userAgent: request.headers['user-agent'] ?? '',
    user: '',
    status: 0,
  };
}

function forbidden(identity: Identity, attributes: Attributes): Reply {
  const { message, details } = forbiddenText(identity.name, attributes);
  return failure({ code: 403, message, reason: 'Forbidden', details, headers: { 'x-content-type-options': 'nosniff' } });
}

/** For a path that is nothing at all the API server lists what there is. */
function notFoundIndex(): Reply {
  const paths = ['/api', '/api/v1', '/apis', '/apis/', '/healthz', '/healthz/etcd', '/healthz/log', '/healthz/ping', '/metrics', '/openapi/v2', '/version'];
  return { status: 404, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ paths }, undefined, 2) };
}

async function readBody(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of request) {
    const bytes = piece as Buffer;
    length += bytes.length;
    if (length > MAX_REQUEST_BYTES) break;
    pieces.push(bytes);
  }
  return Buffer.concat(pieces).toString();
}

/** Until there is room again, or nobody left to write to. */
async function drained(sink: NodeJS.EventEmitter, response: ServerResponse): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      sink.off('drain', done);
      response.off('close', done);
      resolve();
    };
    sink.once('drain', done);
    response.once('close', done);
  });
}
