import type { KubeReader, ObjectRef } from '../../src/model/check.ts';
import type { MysqlConversation, Opened, ServerSilence } from '../../src/model/conversation.ts';
import type { Container, Endpoints, Pod, Service } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { serverVersion } from './mysql.ts';
import { exporterContainer } from './mysqld-exporter.ts';
import { isReady, namespacesOf, ownedBy } from './pods.ts';
import { oneLine } from './text.ts';

/** The first word of a server, or what was there instead of one. */
export type GreetingFacts =
  | { readonly kind: 'handshake'; readonly version: string }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: ServerSilence; readonly message: string };

export function greetingOf(opened: Opened<MysqlConversation>): GreetingFacts {
  if (opened.kind !== 'talking') return { kind: opened.kind, message: opened.message };
  const { greeting } = opened.conversation;
  return greeting.kind === 'handshake'
    ? { kind: 'handshake', version: serverVersion(greeting.version) }
    : { kind: 'error', code: greeting.code, message: oneLine(greeting.message) };
}

/** Runs a look-up whose failure is no blind spot yet, because something else may make up for it. */
export async function attempt<T>(read: () => Promise<T>): Promise<{ readonly value: T } | { readonly problem: ProbeError }> {
  try {
    return { value: await read() };
  } catch (error) {
    if (!(error instanceof ProbeError)) throw error;
    return { problem: error };
  }
}

export function declaresPort(container: Container, port: number): boolean {
  return (container.ports ?? []).some(({ containerPort }) => containerPort === port);
}

/** The container that declares MySQL's port, else the one whose image says MySQL; never the exporter beside it. */
export function mysqlContainer(pod: Pod, port: number): Container | undefined {
  const exporter = exporterContainer(pod);
  const containers = (pod.spec?.containers ?? []).filter((container) => container !== exporter);
  return (
    containers.find((container) => declaresPort(container, port)) ??
    containers.find(({ image = '' }) => /(?:^|\/)(?:mysql|mariadb|percona)[\w-]*(?::|@|$)/i.test(image))
  );
}

/** Why a container does not run, in the kubelet's words: there is nobody to ask. Undefined while it runs. */
export function stoppedBy(pod: Pod, container: Container | undefined): string | undefined {
  const { phase = '', containerStatuses = [] } = pod.status ?? {};
  const status = containerStatuses.find(({ name }) => name === container?.name) ?? (containerStatuses.length === 1 ? containerStatuses[0] : undefined);
  if (status?.state?.waiting !== undefined) return status.state.waiting.reason ?? 'Waiting';
  if (status?.state?.terminated !== undefined) return status.state.terminated.reason ?? 'Terminated';
  return phase === 'Running' || phase === '' ? undefined : phase;
}

/** When a node falls silent the node controller takes the pod's readiness and leaves what the kubelet last said of the containers. */
export function isLost(pod: Pod): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  return !isReady(pod) && statuses.length > 0 && statuses.every(({ ready, state }) => ready === true && state?.running !== undefined);
}

/** A Service that leads to MySQL, with what is behind it: names of instances, and addresses of what is none. */
export interface LeadingService {
  readonly service: Service;
  readonly ready: readonly string[];
  readonly notReady: readonly string[];
}

/** Those of the Services that lead to MySQL. Throws ProbeError when they cannot be listed. */
export async function leadingServices(
  kube: KubeReader,
  refs: readonly ObjectRef[],
  instances: readonly { readonly name: string; readonly ip: string }[],
  port: number,
): Promise<readonly LeadingService[]> {
  const read = await Promise.all(
    namespacesOf(refs).map(async (namespace) => {
      const [services, endpoints] = await Promise.all([kube.list('services', namespace), kube.list('endpoints', namespace)]);
      return ownedBy(refs, namespace, services).map((service) => ({
        service,
        endpoints: endpoints.find(({ metadata }) => metadata.name === service.metadata.name),
      }));
    }),
  );
  return read.flat().flatMap(({ service, endpoints }) => (leadsToPort(service, endpoints, port) ? [{ service, ...behind(endpoints, instances) }] : []));
}

/** By its own ports or those of its Endpoints: a Service of the etcd or the exporter in the same pods is none. */
function leadsToPort({ spec }: Service, endpoints: Endpoints | undefined, port: number): boolean {
  const own = (spec?.ports ?? []).some(({ targetPort, port: front }) => Number(targetPort ?? front) === port || /mysql/i.test(String(targetPort)));
  return own || (endpoints?.subsets ?? []).some(({ ports }) => (ports ?? []).some((each) => each.port === port));
}

function behind(
  endpoints: Endpoints | undefined,
  instances: readonly { readonly name: string; readonly ip: string }[],
): Pick<LeadingService, 'ready' | 'notReady'> {
  const names = (which: 'addresses' | 'notReadyAddresses'): readonly string[] => {
    const addresses = (endpoints?.subsets ?? []).flatMap((subset) => subset[which] ?? []);
    return [
      ...new Set(addresses.flatMap(({ ip, targetRef }) => instances.find(({ name, ip: own }) => (targetRef?.name ?? '') === name || own === ip)?.name ?? ip)),
    ];
  };
  return { ready: names('addresses'), notReady: names('notReadyAddresses') };
}
