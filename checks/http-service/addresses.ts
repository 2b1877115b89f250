import type { Container, ContainerProbe, HttpGetAction, Pod, Service } from '../../src/model/kubernetes.ts';
import type { Address, PodFacts } from './observation.ts';
import type { HttpServiceOptions } from './options.ts';

/** Containers that stand beside the one that serves: their probes say nothing about it. */
const BESIDE = /istio|envoy|filebeat|fluent|logagent|loggie|exporter/i;
const LOOPBACK = /^(?:127\.|localhost$|::1$|\[::1\]$)/;
/** Where Tomcat and Spring Boot listen unless told otherwise. */
const USUAL_PORT = 8080;

/** Where to ask, and what the vendor asks. */
export interface Way {
  /** The container that serves, as far as that can be told. */
  readonly container: string;
  /** Absent when there is no port to ask at. */
  readonly address?: Address;
  /** The vendor's probe goes to the loopback interface of the host. */
  readonly loopback: boolean;
  readonly readiness: PodFacts['readiness'];
  readonly headers: boolean;
  readonly timeoutSeconds: number;
}

/**
 * Where a pod's HTTP is: what the site says, else the vendor's own probe (readiness before liveness), else the port of a probe that only connects, else where
 * a Service leads, else the first port that a container declares. A pod without any of these that has an exec probe has no HTTP.
 */
export function wayTo(pod: Pod, services: readonly Service[], options: HttpServiceOptions): Way {
  const containers = [...(pod.spec?.containers ?? [])].sort((a, b) => Number(BESIDE.test(a.name)) - Number(BESIDE.test(b.name)));
  const found = probed(containers, 'http') ?? probed(containers, 'tcp');
  const container = found?.container ?? containers[0];
  const readiness = kindOf(container?.readinessProbe);
  const http = found?.probe.httpGet;
  const base = {
    container: container?.name ?? '',
    loopback: http?.host !== undefined && LOOPBACK.test(http.host),
    readiness,
    headers: (http?.httpHeaders ?? []).length > 0,
    timeoutSeconds: found?.probe.timeoutSeconds ?? 1,
  };
  const vendor = found === undefined ? undefined : vendorAddress(found, containers);
  const isSaid = http !== undefined || options.guess;
  const own = isSaid ? (vendor ?? declaredAddress(containers, services, readiness)) : undefined;
  const { port, path, scheme } = options;
  if (port === 0 && path === '' && scheme === '') return { ...base, ...(own === undefined ? {} : { address: own }) };
  const wanted = port > 0 ? port : (own?.port ?? USUAL_PORT);
  const same = wanted === own?.port;
  const address: Address = {
    port: wanted,
    path: path === '' && same ? own.path : path,
    scheme: scheme === 'https' || (scheme === '' && same && own.scheme === 'https') ? 'https' : 'http',
    source: 'site',
  };
  return { ...base, loopback: same && base.loopback, address };
}

interface Probed {
  readonly container: Container;
  readonly probe: ContainerProbe;
  readonly source: 'readiness' | 'liveness' | 'tcp';
}

/** The first container's probe of a kind; a readiness probe of any container before a liveness probe. */
function probed(containers: readonly Container[], kind: 'http' | 'tcp'): Probed | undefined {
  for (const source of ['readiness', 'liveness'] as const) {
    for (const container of containers) {
      const probe = source === 'readiness' ? container.readinessProbe : container.livenessProbe;
      if (probe !== undefined && kindOf(probe) === kind) return { container, probe, source: kind === 'tcp' ? 'tcp' : source };
    }
  }
  return undefined;
}

function kindOf(probe: ContainerProbe | undefined): PodFacts['readiness'] {
  if (probe?.httpGet !== undefined && probe.httpGet !== null) return isOfPod(probe.httpGet) ? 'http' : 'none';
  if (probe?.tcpSocket !== undefined && probe.tcpSocket !== null) return 'tcp';
  return probe?.exec === undefined || probe.exec === null ? 'none' : 'exec';
}

/** A probe may be sent to another host altogether, which says nothing about the pod. */
function isOfPod({ host }: HttpGetAction): boolean {
  return host === undefined || host === '' || LOOPBACK.test(host);
}

function vendorAddress({ container, probe, source }: Probed, containers: readonly Container[]): Address | undefined {
  const { httpGet, tcpSocket } = probe;
  const port = portNumber(httpGet?.port ?? tcpSocket?.port, container, containers);
  if (port === undefined) return undefined;
  const path = source === 'tcp' ? '' : rooted(httpGet?.path ?? '/');
  return { port, path, scheme: httpGet?.scheme?.toUpperCase() === 'HTTPS' ? 'https' : 'http', source };
}

function rooted(path: string): string {
  return path.startsWith('/') ? path : `/${path}`;
}

/** A port by its name is one of the same container, else, as sidecars have it, one of another. */
function portNumber(port: number | string | undefined, container: Container, containers: readonly Container[]): number | undefined {
  if (port === undefined) return undefined;
  if (typeof port === 'number') return port;
  if (/^\d+$/.test(port)) return Number(port);
  return [container, ...containers].flatMap((each) => each.ports ?? []).find(({ name }) => name === port)?.containerPort;
}

function declaredAddress(containers: readonly Container[], services: readonly Service[], readiness: PodFacts['readiness']): Address | undefined {
  const [main] = containers;
  if (main === undefined) return undefined;
  const declared = containers.flatMap((each) => each.ports ?? []).filter(({ protocol = 'TCP' }) => protocol === 'TCP');
  const led = services
    .flatMap(({ spec }) => spec?.ports ?? [])
    .flatMap((port) => portNumber(port.targetPort ?? port.port, main, containers) ?? [])
    // A Service may lead to a port that nobody listens on: what the container declares is worth more.
    .toSorted((a, b) => Number(isDeclared(b, declared)) - Number(isDeclared(a, declared)))[0];
  const at = (port: number, source: Address['source']): Address => ({ port, path: '', scheme: port === 443 || port === 8443 ? 'https' : 'http', source });
  if (led !== undefined) return at(led, 'service');
  const [first] = declared;
  if (first !== undefined) return at(first.containerPort, 'declared');
  return readiness === 'exec' ? undefined : at(USUAL_PORT, 'usual');
}

function isDeclared(port: number, declared: readonly { readonly containerPort: number }[]): boolean {
  return declared.some(({ containerPort }) => containerPort === port);
}

/** The ports that the containers of a pod say they listen on. */
export function declaredPorts(pod: Pod): readonly number[] {
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])].flatMap(({ ports }) => (ports ?? []).map(({ containerPort }) => containerPort));
}
