import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Duplex } from 'node:stream';
import { createSecureContext, TLSSocket } from 'node:tls';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Certificate, createAuthority, issueCertificate } from './certificates.ts';
import { type BackendPod, type HttpBackend, httpAnswer, type Listener } from './listeners.ts';
import { digest } from './objects.ts';
import { brokenKubelet } from './proxy.ts';
import type { Reply } from './reply.ts';
import type { RequestInfo } from './request-info.ts';
import type { ClusterState } from './state.ts';
import { badRequest, failure, objectNotFound } from './status.ts';

const PROTOCOL = 'v4.channel.k8s.io';

export interface PortForwards {
  /** The HTTP answer to an upgrade that does not happen, or undefined when it may. */
  refusal(info: RequestInfo, request: IncomingMessage): Reply | undefined;
  accept(info: RequestInfo, request: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): void;
}

/**
 * The kubelet's end of a port-forward over WebSocket: per port a data channel 2i and an error channel 2i+1, each beginning with the port number
 * in two bytes, little-endian. Texts and codes as kube-apiserver v1.20.2 with containerd 1.6 sends them.
 */
export function portForwardServer(state: ClusterState): PortForwards {
  const sockets = new WebSocketServer({ noServer: true, perMessageDeflate: false, handleProtocols: () => PROTOCOL });
  const streams = new Set<Duplex>();
  const servers: Server[] = [];
  let certificate: Certificate | undefined;

  function refusal(info: RequestInfo, request: IncomingMessage): Reply | undefined {
    if (info.subresource !== 'portforward' || info.resource !== 'pods') return { status: 404, headers: {}, body: '404 page not found\n' };
    const pod = state.objects.get('pods', info.name, info.namespace);
    if (!pod) return objectNotFound('pods', '', info.name);
    const ports = info.query.getAll('ports');
    const wrong = ports.find((port) => !/^\d+$/.test(port));
    if (wrong !== undefined) return badRequest(`cannot convert to []int32: strconv.ParseUint: parsing "${wrong}": invalid syntax`);
    if ((pod.spec?.nodeName ?? '') === '') return badRequest(`pod ${info.name} does not have a host assigned`);
    const kubelet = brokenKubelet(state, pod.spec?.nodeName ?? '');
    if (kubelet) return failure({ code: 500, message: `error dialing backend: ${kubelet.text}` });
    // From here on the kubelet answers, in plain text.
    if (ports.length === 0) return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: 'query parameter "port" is required' };
    const outOfRange = ports.find((port) => Number(port) < 1);
    if (outOfRange !== undefined) return { status: 400, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `port "${outOfRange}" must be > 0` };
    const offered = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((name) => name.trim());
    return offered.includes(PROTOCOL) ? undefined : { status: 403, headers: {}, body: '' };
  }

  function accept(info: RequestInfo, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    sockets.handleUpgrade(request, socket, head, (webSocket) => {
      const ports = info.query.getAll('ports').map(Number);
      serve(webSocket, info, ports);
    });
  }

  function serve(webSocket: WebSocket, info: RequestInfo, ports: readonly number[]): void {
    const pod = state.objects.get('pods', info.name, info.namespace);
    if (!pod) {
      webSocket.close(1000);
      return;
    }
    const backendPod = state.backendPod(pod);
    let open = ports.length;
    const finished = (): void => {
      open -= 1;
      if (open === 0) webSocket.close(1000);
    };
    const channels = new Map<number, Duplex>();
    ports.forEach((port, index) => {
      const header = (channel: number): Buffer => Buffer.from([channel, port & 0xff, port >> 8]);
      webSocket.send(header(2 * index));
      webSocket.send(header(2 * index + 1));
      const listener = state.listenerOf(pod, port);
      const failed = (text: string): void => {
        webSocket.send(Buffer.concat([Buffer.from([2 * index + 1]), Buffer.from(text)]), finished);
      };
      if (listener === 'timeout') return;
      if (listener === 'reset') {
        webSocket.send(Buffer.alloc(0), finished);
        return;
      }
      const unbound = typeof listener !== 'string' && listener.bind === 'pod-ip';
      if (listener === 'refused' || listener === 'no-route' || unbound) {
        failed(refusedText(port, backendPod, pod.spec?.hostNetwork === true));
        return;
      }
      const [outside, inside] = pair();
      channels.set(2 * index, outside);
      streams.add(outside).add(inside);
      outside.on('data', (bytes: Buffer) => {
        outside.pause();
        webSocket.send(Buffer.concat([Buffer.from([2 * index]), bytes]), () => outside.resume());
      });
      outside.on('end', finished);
      outside.on('error', finished);
      inside.on('error', () => outside.destroy());
      speak(listener, inside, backendPod);
    });
    webSocket.on('message', (data: Buffer) => {
      const stream = channels.get(data[0] ?? -1);
      // Nothing more is taken from the client until the backend has taken this.
      if (stream && !stream.write(data.subarray(1))) {
        webSocket.pause();
        stream.once('drain', () => webSocket.resume());
      }
    });
    const ended = (): void => {
      for (const stream of channels.values()) stream.end();
    };
    webSocket.on('close', ended);
    webSocket.on('error', ended);
  }

  function speak(listener: Listener, stream: Duplex, pod: BackendPod): void {
    if (typeof listener === 'string') {
      // `not-http` takes what it is sent and hangs up.
      stream.once('data', () => stream.end());
      return;
    }
    if ('bytes' in listener) {
      listener.bytes(stream, pod, state);
      return;
    }
    const server = httpServer(listener.http, pod);
    if (listener.tls !== true) {
      server.emit('connection', stream);
      return;
    }
    certificate ??= backendCertificate();
    const secure = new TLSSocket(stream, {
      isServer: true,
      secureContext: createSecureContext({ cert: certificate.certificate, key: certificate.key }),
    });
    secure.on('error', () => stream.destroy());
    server.emit('connection', secure);
  }

  function httpServer(backend: HttpBackend, pod: BackendPod): Server {
    const server = createServer((request: IncomingMessage, response: ServerResponse) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const [path = '/', query = ''] = (request.url ?? '/').split('?');
        const body = Buffer.concat(pieces).toString();
        const answer = httpAnswer(backend, {
          method: request.method ?? 'GET',
          path,
          query: new URLSearchParams(query),
          headers: request.headers,
          body,
          pod,
          state,
        });
        if (typeof answer === 'string') {
          request.socket.destroy();
          return;
        }
        const say = (): void => {
          if (request.socket.destroyed) return;
          response.sendDate = false;
          response.writeHead(answer.status, { ...answer.headers, date: state.now().toUTCString(), 'content-length': Buffer.byteLength(answer.body) });
          response.end(answer.body);
        };
        // Whoever waits longer than the simulation lives gets nothing.
        if (answer.delayMs > 0) setTimeout(say, answer.delayMs).unref();
        else say();
      });
    });
    servers.push(server);
    return server;
  }

  function close(): void {
    for (const client of sockets.clients) client.terminate();
    for (const stream of streams) stream.destroy();
    for (const server of servers) server.close();
    sockets.close();
  }

  return { refusal, accept, close };
}

function backendCertificate(): Certificate {
  const notBefore = new Date(Date.now() - 86_400_000);
  const notAfter = new Date(Date.now() + 365 * 86_400_000);
  const authority = createAuthority('kubernetes', notBefore, notAfter);
  return issueCertificate(authority, { commonName: 'backend', names: ['localhost', '127.0.0.1'], notBefore, notAfter });
}

/** What containerd 1.6 says when nobody listens. The sandbox id is made up, its place is real. */
function refusedText(port: number, pod: BackendPod, hostNetwork: boolean): string {
  const sandbox = digest(`${pod.namespace}/${pod.name}`, 64);
  const network = hostNetwork ? 'host' : `/var/run/netns/cni-${digest(pod.name, 8)}-${digest(pod.namespace, 4)}`;
  return (
    `error forwarding port ${port} to pod ${sandbox}, uid : failed to execute portforward in network namespace "${network}": ` +
    `failed to connect to localhost:${port} inside namespace "${sandbox}", IPv4: dial tcp4 127.0.0.1:${port}: connect: connection refused ` +
    'IPv6 dial tcp6: address localhost: no suitable address found '
  );
}

/** Two ends of one connection: what is written to one is read from the other, each side waiting for the other to take it. */
function pair(): readonly [Duplex, Duplex] {
  const ends: Duplex[] = [];
  const waiting: ((() => void) | undefined)[] = [undefined, undefined];
  for (const own of [0, 1]) {
    const other = 1 - own;
    ends.push(
      new Duplex({
        read: () => {
          const release = waiting[other];
          waiting[other] = undefined;
          release?.();
        },
        write: (bytes: Buffer, _encoding, done) => {
          if (ends[other]?.push(bytes) === false) waiting[own] = () => done();
          else done();
        },
        final: (done) => {
          ends[other]?.push(null);
          done();
        },
      }),
    );
  }
  const [first, second] = ends;
  if (!first || !second) throw new Error('simulation: a connection has two ends');
  return [first, second];
}
