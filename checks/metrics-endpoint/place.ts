import type { Container, Pod, Service } from '../../src/model/kubernetes.ts';
import type { MetricsEndpointOptions } from './options.ts';

/** Where the metrics of a pod are. */
export interface Place {
  readonly port: number;
  readonly path: string;
  readonly scheme: 'http' | 'https';
}

const METRICS_PATH = '/metrics';

/** By what the operator says, what is written for Prometheus to find, what Kubernetes probes, what is declared, in this order. */
export function placeOf(pod: Pod, services: readonly Service[], options: MetricsEndpointOptions): Place {
  const containers = pod.spec?.containers ?? [];
  const notes = [pod, ...services].map(({ metadata }) => metadata.annotations ?? {});
  const note = (key: string): string | undefined => notes.map((each) => each[`prometheus.io/${key}`]).find((value) => value !== undefined && value !== '');
  const probe = containers
    .flatMap(({ readinessProbe, livenessProbe, ports }) => [readinessProbe, livenessProbe].map((each) => ({ get: each?.httpGet, ports })))
    .find(({ get }) => /metrics/.test(get?.path ?? ''));
  const probePort = probe === undefined ? undefined : portNumber(probe.get?.port, probe.ports);
  const declared = containers.flatMap(({ ports = [] }) => ports);
  const named = declared.find(({ name }) => /metric|prom/.test(name ?? ''))?.containerPort;
  const noted = Number(note('port'));
  const path = options.path || note('path') || (probe?.get?.path ?? METRICS_PATH);
  return {
    port:
      options.port > 0 ? options.port : isPort(noted) ? noted : (probePort ?? named ?? targetPort(services, containers) ?? declared[0]?.containerPort ?? 8080),
    path: /^\/[\w.~/?=&-]*$/.test(path) ? path : METRICS_PATH,
    scheme: note('scheme') === 'https' || (probePort !== undefined && probe?.get?.scheme === 'HTTPS') ? 'https' : 'http',
  };
}

function portNumber(port: number | string | undefined, ports: Container['ports']): number | undefined {
  return typeof port === 'number' ? port : ports?.find(({ name }) => name === port)?.containerPort;
}

/** The container port behind the Service's port for metrics, or behind its only one. */
function targetPort(services: readonly Service[], containers: readonly Container[]): number | undefined {
  const ports = services.flatMap(({ spec }) => spec?.ports ?? []);
  const port = ports.find(({ name }) => /metric|prom/.test(name ?? '')) ?? (ports.length === 1 ? ports[0] : undefined);
  if (port === undefined) return undefined;
  return portNumber(
    port.targetPort ?? port.port,
    containers.flatMap((container) => container.ports ?? []),
  );
}

function isPort(value: number): boolean {
  return Number.isInteger(value) && value > 0 && value < 65_536;
}
