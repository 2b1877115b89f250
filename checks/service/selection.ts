import type { Container, Pod, PodTemplate, Service, ServicePort } from '../../src/model/kubernetes.ts';
import type { PortFacts, ServiceFacts } from './observation.ts';

export type Selector = Readonly<Record<string, string>>;

/** A workload as far as a selector is concerned. */
export interface Template {
  readonly name: string;
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly template: PodTemplate | undefined;
  readonly desired: number;
  readonly ofComponent: boolean;
}

/** The StatefulSet controller gives this label to each pod; no template has it. */
const POD_NAME_LABEL = 'statefulset.kubernetes.io/pod-name';

export function selectorOf(service: Service): Selector {
  return service.spec?.selector ?? {};
}

export function selectorText(selector: Selector): string {
  return Object.entries(selector)
    .map(([key, value]) => `${key}=${value}`)
    .join(',');
}

export function matches(selector: Selector, labels: Readonly<Record<string, string>> | undefined): boolean {
  return Object.entries(selector).every(([key, value]) => labels?.[key] === value);
}

/** Whether a Service wants pods among its endpoints that are not ready; the annotation is what it was called before 1.11. */
export function wantsUnready(service: Service): boolean {
  return service.spec?.publishNotReadyAddresses === true || service.metadata.annotations?.['service.alpha.kubernetes.io/tolerate-unready-endpoints'] === 'true';
}

/** What a selector fits that matches no pod which is to stay. `hadPods`: it still matches some that are being deleted, so it was right. */
export function fit(
  selector: Selector,
  templates: readonly Template[],
  hadPods: boolean,
): { readonly fits: NonNullable<ServiceFacts['fits']>; readonly unsetLabels: string } {
  const whole = templates.filter((each) => matches(withoutPodName(selector, each), each.template?.metadata?.labels));
  if (whole.length > 0) return { fits: whole.some((each) => each.desired > 0) ? 'template' : 'zero', unsetLabels: '' };
  if (hadPods) return { fits: 'template', unsetLabels: '' };
  const partly = templates.find((each) => each.ofComponent && agrees(selector, each.template?.metadata?.labels ?? {}));
  if (partly === undefined) return { fits: 'nothing', unsetLabels: '' };
  const labels = partly.template?.metadata?.labels ?? {};
  return { fits: 'labels', unsetLabels: selectorText(Object.fromEntries(Object.entries(selector).filter(([key]) => !(key in labels)))) };
}

function withoutPodName(selector: Selector, { kind, name }: Template): Selector {
  const pod = selector[POD_NAME_LABEL];
  if (kind !== 'StatefulSet' || pod === undefined || pod.replace(/-\d+$/, '') !== name) return selector;
  return Object.fromEntries(Object.entries(selector).filter(([key]) => key !== POD_NAME_LABEL));
}

/** True when the template sets some of the labels as wanted and none otherwise: the rest is given to pods at run time, such as a role. */
function agrees(selector: Selector, labels: Readonly<Record<string, string>>): boolean {
  const set = Object.entries(selector).filter(([key]) => key in labels);
  return set.length > 0 && set.every(([key, value]) => labels[key] === value);
}

/** Sidecars that start as init containers serve ports, too. */
function containersOf(pod: Pod): readonly Container[] {
  return [...(pod.spec?.containers ?? []), ...(pod.spec?.initContainers ?? [])];
}

/** As the endpoints controller looks a port up: by name and protocol; a number is taken as it is. */
export function resolves(port: ServicePort, pod: Pod): boolean {
  const { targetPort, protocol = 'TCP' } = port;
  if (typeof targetPort !== 'string') return true;
  return containersOf(pod).some((container) =>
    container.ports?.some((candidate) => candidate.name === targetPort && (candidate.protocol ?? 'TCP') === protocol),
  );
}

/** Headless Services may have no port at all; their pods are published without one. */
export function canPublish(service: Service, pod: Pod): boolean {
  const ports = service.spec?.ports ?? [];
  return ports.length === 0 || ports.some((port) => resolves(port, pod));
}

export function portProblems(service: Service, pods: readonly Pod[]): Pick<ServiceFacts, 'danglingPorts' | 'undeclaredPorts' | 'portNames' | 'portless'> {
  const ports = service.spec?.ports ?? [];
  const declared = pods.flatMap((pod) => containersOf(pod).flatMap((container) => container.ports ?? []));
  const dangling = pods.length === 0 ? [] : ports.filter((port) => !pods.some((pod) => resolves(port, pod)));
  const undeclared = declared.length === 0 ? [] : ports.filter((port) => isUndeclared(port, declared));
  return {
    danglingPorts: dangling.map(portFacts),
    undeclaredPorts: undeclared.map(portFacts),
    portNames: [...new Set(declared.flatMap((port) => port.name ?? []))].sort().slice(0, 20),
    portless: ports.length > 0 && dangling.length === ports.length,
  };
}

function isUndeclared(port: ServicePort, declared: readonly { readonly containerPort: number }[]): boolean {
  const number = port.targetPort ?? port.port;
  return typeof number === 'number' && !declared.some((candidate) => candidate.containerPort === number);
}

function portFacts(port: ServicePort): PortFacts {
  return { name: port.name ?? '', port: port.port, target: String(port.targetPort ?? port.port) };
}
