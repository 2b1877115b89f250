import { setTimeout as sleep } from 'node:timers/promises';
import type { Pod } from '../model/kubernetes.ts';
import { kubelet } from './kubelet.ts';
import { type BrokenListener, httpAnswer, type Listener } from './listeners.ts';
import type { Mutable } from './objects.ts';
import type { Reply } from './reply.ts';
import type { RequestInfo } from './request-info.ts';
import type { ClusterState } from './state.ts';
import { badRequest, failure, objectNotFound, serviceUnavailable } from './status.ts';

/** What a proxied request needs beyond its path. */
export interface ProxyRequest {
  readonly info: RequestInfo;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Aborted when the simulation closes: no wait may outlive it. */
  readonly signal: AbortSignal;
}

interface Address {
  readonly scheme: string;
  readonly name: string;
  readonly port: string;
}

/** `name`, `name:port` or `scheme:name:port`; undefined for what the API server calls invalid. With two parts the first is always the name. */
export function splitSchemeNamePort(id: string): Address | undefined {
  const parts = id.split(':');
  const [first = '', second = '', third = ''] = parts;
  if (parts.length === 1) return first === '' ? undefined : { scheme: '', name: first, port: '' };
  if (parts.length === 2) return first === '' ? undefined : { scheme: '', name: first, port: second };
  if (parts.length > 3 || !['', 'http', 'https'].includes(first) || second === '') return undefined;
  return { scheme: first, name: second, port: third };
}

/** `GET …/{pods,services,nodes}/<id>/proxy/<path>`. The texts are those of kube-apiserver v1.20.2 where no other version is named. */
export async function proxied(request: ProxyRequest, state: ClusterState): Promise<Reply> {
  const { info } = request;
  const kind = info.resource.slice(0, -1);
  const address = splitSchemeNamePort(info.name);
  if (!address) return badRequest(`invalid ${kind} request "${info.name}"`);
  const target =
    info.resource === 'pods'
      ? podTarget(address, info, state)
      : info.resource === 'services'
        ? serviceTarget(address, info, state)
        : nodeTarget(address, state);
  if ('status' in target || 'silence' in target) return target;
  // The API server sends the client to the path with a slash, once it knows that the target exists.
  if (info.remainder === undefined) return { status: 301, headers: { location: `${info.path}/` }, body: '' };
  return connect(target, request, state);
}

interface Target {
  readonly scheme: string;
  /** `<ip>:<port>`, as it stands in error texts. */
  readonly hostPort: string;
  readonly listener: Listener;
  readonly pod?: Mutable<Pod>;
  readonly node?: string;
}

function podTarget(address: Address, info: RequestInfo, state: ClusterState): Target | Reply {
  const pod = state.objects.get('pods', address.name, info.namespace);
  if (!pod) return objectNotFound('pods', '', address.name);
  const port = address.port === '' ? firstContainerPort(pod) : address.port;
  const ip = pod.status?.podIP ?? '';
  if (ip === '') return badRequest('address not allowed');
  // A port by its name is not looked up: the API server fails inside and drops the connection.
  if (port !== '' && !/^\d+$/.test(port)) return { silence: 'reset' };
  return podAt(pod, ip, port, address.scheme, state);
}

function firstContainerPort(pod: Mutable<Pod>): string {
  for (const container of pod.spec?.containers ?? []) {
    const port = container.ports?.[0]?.containerPort;
    if (port !== undefined) return String(port);
  }
  return '';
}

function podAt(pod: Mutable<Pod>, ip: string, port: string, scheme: string, state: ClusterState): Target {
  const number = port === '' ? (scheme === 'https' ? 443 : 80) : Number(port);
  const listener = state.listenerOf(pod, number);
  const reachable = typeof listener === 'string' || listener.bind !== 'loopback' ? listener : 'refused';
  return { scheme, hostPort: `${ip}:${number}`, listener: reachable, pod };
}

function serviceTarget(address: Address, info: RequestInfo, state: ClusterState): Target | Reply {
  const service = state.objects.get('services', address.name, info.namespace);
  if (!service) return objectNotFound('services', '', address.name);
  let portName = address.port;
  if (/^\d+$/.test(address.port)) {
    const port = service.spec?.ports?.find((candidate) => candidate.port === Number(address.port));
    if (!port) return serviceUnavailable(`no service port ${address.port} found for service "${address.name}"`);
    portName = port.name ?? '';
  }
  const endpoints = state.objects.get('endpoints', address.name, info.namespace);
  if (!endpoints) return objectNotFound('endpoints', '', address.name);
  const candidates: { readonly pod: Mutable<Pod>; readonly ip: string; readonly port: number }[] = [];
  for (const subset of endpoints.subsets ?? []) {
    const port = subset.ports?.find((candidate) => (candidate.name ?? '') === portName);
    if (!port) continue;
    for (const target of subset.addresses ?? []) {
      // Only an address that a pod of the same namespace confirms; endpoints made by hand are passed over.
      const pod = target.targetRef?.kind === 'Pod' ? state.objects.get('pods', target.targetRef.name ?? '', info.namespace) : undefined;
      if (pod && pod.status?.podIP === target.ip) candidates.push({ pod, ip: target.ip, port: port.port });
    }
  }
  if (candidates.length === 0) return serviceUnavailable(`no endpoints available for service "${info.name}"`);
  // The real server picks at random; here the requests go round, so that a run can be repeated.
  const turn = roundRobin(state, `${info.namespace}/${address.name}`);
  const chosen = candidates[turn % candidates.length];
  if (!chosen) return serviceUnavailable(`no endpoints available for service "${info.name}"`);
  return podAt(chosen.pod, chosen.ip, String(chosen.port), address.scheme, state);
}

const TURNS = new WeakMap<ClusterState, Map<string, number>>();

function roundRobin(state: ClusterState, key: string): number {
  const turns = TURNS.get(state) ?? new Map<string, number>();
  TURNS.set(state, turns);
  const turn = turns.get(key) ?? 0;
  turns.set(key, turn + 1);
  return turn;
}

const KUBELET_PORT = 10250;

function nodeTarget(address: Address, state: ClusterState): Target | Reply {
  const node = state.objects.get('nodes', address.name);
  if (!node) return objectNotFound('nodes', '', address.name);
  if (address.port !== '' && !/^\d+$/.test(address.port)) return { silence: 'reset' };
  const ip = nodeAddress(state, address.name);
  const port = address.port === '' ? KUBELET_PORT : Number(address.port);
  const hostPort = `${ip}:${port}`;
  if (port === KUBELET_PORT) {
    const broken = state.brokenKubelets.get(address.name);
    return { scheme: 'https', hostPort, node: address.name, listener: broken ?? { http: (request) => kubelet(request, address.name), tls: true } };
  }
  if (state.lostNodes.has(address.name)) return { scheme: address.scheme, hostPort, node: address.name, listener: 'no-route' };
  // Another port of the node: what a pod in the host's network listens on there.
  for (const pod of state.objects.list('pods')) {
    if (pod.spec?.nodeName !== address.name || pod.spec.hostNetwork !== true) continue;
    const listener = state.listenerOf(pod, port);
    if (typeof listener !== 'string' && listener.bind !== 'loopback') return { scheme: address.scheme, hostPort, listener, pod };
  }
  return { scheme: address.scheme, hostPort, node: address.name, listener: 'refused' };
}

export function nodeAddress(state: ClusterState, node: string): string {
  const addresses = state.objects.get('nodes', node)?.status?.addresses ?? [];
  return addresses.find((address) => address.type === 'InternalIP')?.address ?? '';
}

/** Why a node's kubelet cannot be talked to, and at what address, or undefined when it can. */
export function brokenKubelet(
  state: ClusterState,
  node: string,
): { readonly address: string; readonly text: string; readonly how: BrokenListener } | undefined {
  const how = state.brokenKubelets.get(node);
  if (how === undefined) return undefined;
  const address = `${nodeAddress(state, node)}:${KUBELET_PORT}`;
  return { address, how, text: dialError(how, address) };
}

/** Go's words for a connection that did not come about. */
export function dialError(how: BrokenListener, hostPort: string): string {
  switch (how) {
    case 'refused':
      return `dial tcp ${hostPort}: connect: connection refused`;
    case 'timeout':
      return `dial tcp ${hostPort}: i/o timeout`;
    case 'no-route':
      return `dial tcp ${hostPort}: connect: no route to host`;
    case 'reset':
      return `read tcp 10.0.0.11:48212->${hostPort}: read: connection reset by peer`;
    case 'not-http':
      return 'EOF';
  }
}

/** The envelope of a proxy's own error changed twice: plain text until 1.15, a Status with code 500 (v1.20.2), 503 with a reason from 1.21 on. */
function unreachable(state: ClusterState, cause: string): Reply {
  const { minor } = state.version;
  if (minor <= 15) return { status: 503, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: `Error trying to reach service: '${cause}'` };
  const message = `error trying to reach service: ${cause}`;
  return minor <= 20 ? failure({ code: 500, message }) : serviceUnavailable(message);
}

async function connect(target: Target, request: ProxyRequest, state: ClusterState): Promise<Reply> {
  const { listener, hostPort } = target;
  if (typeof listener === 'string') return broken(listener, hostPort, request, state);
  if ('bytes' in listener) return unreachable(state, target.scheme === 'https' ? 'net/http: TLS handshake timeout' : 'EOF');
  const tls = listener.tls === true;
  if (target.scheme === 'https' && !tls) return unreachable(state, 'tls: first record does not look like a TLS handshake');
  // Go's own TLS servers tell a client that speaks plain HTTP; everything in Kubernetes is one.
  if (target.scheme !== 'https' && tls) return { status: 400, headers: {}, body: 'Client sent an HTTP request to an HTTPS server.\n' };
  const { info } = request;
  const answer = httpAnswer(listener.http, {
    method: info.method,
    path: decodedPath(info.remainder ?? '/'),
    query: info.query,
    // The API server keeps the credentials of the caller to itself.
    headers: Object.fromEntries(Object.entries(request.headers).filter(([name]) => name !== 'authorization')),
    body: '',
    pod: target.pod ? state.backendPod(target.pod) : { namespace: '', name: '', ip: '', node: target.node ?? '', component: '' },
    state,
  });
  if (typeof answer === 'string') return broken(answer, hostPort, request, state);
  if (answer.delayMs > 0) await wait(answer.delayMs, request.signal);
  return { status: answer.status, headers: answer.headers, body: answer.body };
}

async function broken(how: BrokenListener, hostPort: string, request: ProxyRequest, state: ClusterState): Promise<Reply> {
  if (how === 'timeout') await wait(state.dialTimeoutMs, request.signal);
  return unreachable(state, dialError(how, hostPort));
}

function decodedPath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Waits, or returns at once when the simulation closes. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal });
  } catch {
    // The simulation is closing: the answer goes nowhere any more.
  }
}
