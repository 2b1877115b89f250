import type { KubeReader, ObjectRef, ProbeContext, Target } from '../../src/model/check.ts';
import type { EndpointAddress, Endpoints, Pod, Service } from '../../src/model/kubernetes.ts';
import { condition, isFinished, isReady, namespacesOf } from '../shared/pods.ts';
import type { ServiceFacts, ServiceObservation } from './observation.ts';
import { canPublish, fit, matches, portProblems, selectorOf, selectorText, type Template, wantsUnready } from './selection.ts';

/** Contradictions of one Service that are looked at twice and told; more say nothing new. */
const MOST_TOLD = 5;

/**
 * Compares the component's Services with the pods of their namespaces and with their Endpoints. The three were not read at one moment, so what
 * contradicts is read once more by itself before it counts.
 */
export async function probe(context: ProbeContext<object>): Promise<ServiceObservation> {
  const { kube, target } = context;
  // Without the right to list Services discovery finds none: that must not look like a component that has none.
  if (target.services.length === 0) await kube.list('services', target.namespace);
  const facts: ServiceFacts[] = [];
  for (const namespace of namespacesOf(target.services)) {
    const services = ofTarget(target.services, namespace, await kube.list('services', namespace));
    for (const service of services) facts.push(await serviceFacts(kube, target, namespace, service));
  }
  return { services: facts };
}

function ofTarget(refs: readonly ObjectRef[], namespace: string, services: readonly Service[]): readonly Service[] {
  return services.filter((service) => refs.some((ref) => ref.namespace === namespace && ref.name === service.metadata.name));
}

const NOTHING: Pick<ServiceFacts, 'pods' | 'eligible' | 'published' | 'unsetLabels' | 'missing' | 'unwithdrawn' | 'orphaned'> = {
  pods: 0,
  eligible: 0,
  published: 0,
  unsetLabels: '',
  missing: [],
  unwithdrawn: [],
  orphaned: [],
};

async function serviceFacts(kube: KubeReader, target: Target, namespace: string, service: Service): Promise<ServiceFacts> {
  const selector = selectorOf(service);
  const external = service.spec?.type === 'ExternalName';
  const selecting = !external && Object.keys(selector).length > 0;
  const selected = selecting ? (await kube.list('pods', namespace)).filter((pod) => matches(selector, pod.metadata.labels) && !isFinished(pod)) : [];
  const lasting = selected.filter((pod) => pod.metadata.deletionTimestamp === undefined);
  const base: ServiceFacts = {
    ...NOTHING,
    ...portProblems(service, selected),
    namespace,
    name: service.metadata.name,
    kind: external ? 'external' : selecting ? 'selecting' : 'manual',
    headless: service.spec?.clusterIP === 'None',
    selector: selectorText(selector),
    pods: lasting.length,
  };
  if (!selecting) return base;
  const endpoints = (await kube.list('endpoints', namespace)).find((each) => each.metadata.name === service.metadata.name);
  const fitting = lasting.length === 0 ? fit(selector, await templatesIn(kube, target, namespace), selected.length > 0) : {};
  return { ...base, ...fitting, ...(await comparison(kube, service, selected, endpoints)) };
}

async function templatesIn(kube: KubeReader, target: Target, namespace: string): Promise<readonly Template[]> {
  const [deployments, statefulSets, daemonSets] = await Promise.all([
    kube.list('deployments', namespace),
    kube.list('statefulsets', namespace),
    kube.list('daemonsets', namespace),
  ]);
  const ofComponent = (kind: Template['kind'], name: string): boolean =>
    target.workloads.some((workload) => workload.kind === kind && workload.namespace === namespace && workload.name === name);
  const template = (
    kind: Template['kind'],
    { metadata, spec }: { readonly metadata: { readonly name: string }; readonly spec?: { readonly template?: Template['template'] } },
    desired: number,
  ): Template => ({ kind, name: metadata.name, template: spec?.template, desired, ofComponent: ofComponent(kind, metadata.name) });
  return [
    ...deployments.map((each) => template('Deployment', each, each.spec?.replicas ?? 1)),
    ...statefulSets.map((each) => template('StatefulSet', each, each.spec?.replicas ?? 1)),
    ...daemonSets.map((each) => template('DaemonSet', each, each.status?.desiredNumberScheduled ?? 0)),
  ];
}

type Comparison = Pick<ServiceFacts, 'eligible' | 'published' | 'missing' | 'unwithdrawn' | 'orphaned'>;

/** Pods against Endpoints as they were listed; what contradicts is asked for again and compared anew. */
async function comparison(kube: KubeReader, service: Service, selected: readonly Pod[], endpoints: Endpoints | undefined): Promise<Comparison> {
  const first = compare(service, selected, endpoints);
  const suspects = [...first.missing, ...first.unwithdrawn, ...first.orphaned].map(({ pod }) => pod);
  if (suspects.length === 0) return first;
  const { name, namespace = '' } = service.metadata;
  const looked = await Promise.all(suspects.map(async (pod) => [pod, await kube.get('pods', pod, namespace)] as const));
  const again = new Map(looked);
  const latest = await kube.get('endpoints', name, namespace);
  const present = [...again.values()].filter(
    (pod) => pod !== undefined && matches(selectorOf(service), pod.metadata.labels) && !isFinished(pod),
  ) as readonly Pod[];
  const second = compare(service, [...selected.filter((pod) => !again.has(pod.metadata.name)), ...present], latest);
  const stillSo = <T extends { readonly pod: string }>(list: readonly T[]): readonly T[] => list.filter(({ pod }) => again.has(pod));
  return { ...second, missing: stillSo(second.missing), unwithdrawn: stillSo(second.unwithdrawn), orphaned: stillSo(second.orphaned) };
}

function compare(service: Service, selected: readonly Pod[], endpoints: Endpoints | undefined): Comparison {
  const addresses = endpoints?.subsets?.flatMap((subset) => subset.addresses ?? []) ?? [];
  const listed = (pod: Pod): boolean => addresses.some((address) => isOf(address, pod));
  // A pod that is being deleted is withdrawn at once, and nobody misses it.
  const settled = selected.filter((pod) => pod.metadata.deletionTimestamp === undefined && (pod.status?.podIP ?? '') !== '');
  const eligible = settled.filter((pod) => (wantsUnready(service) || isReady(pod)) && canPublish(service, pod));
  const missing = isTruncated(endpoints) ? [] : eligible.filter((pod) => !listed(pod));
  const unwithdrawn = wantsUnready(service) ? [] : settled.filter((pod) => !isReady(pod) && listed(pod));
  const orphaned = addresses.flatMap((address) => {
    const pod = address.targetRef?.kind === 'Pod' ? (address.targetRef.name ?? '') : '';
    return pod === '' || selected.some((each) => each.metadata.name === pod) ? [] : [{ pod, address: address.ip }];
  });
  const contradiction = (pod: Pod) => ({ pod: pod.metadata.name, node: pod.spec?.nodeName ?? '', since: sinceOf(service, pod) });
  return {
    eligible: eligible.length,
    published: eligible.filter(listed).length,
    missing: missing.slice(0, MOST_TOLD).map(contradiction),
    unwithdrawn: unwithdrawn.slice(0, MOST_TOLD).map(contradiction),
    orphaned: orphaned.slice(0, MOST_TOLD),
  };
}

/** An address names its pod, or, in Endpoints written by others, has the pod's address. */
function isOf(address: EndpointAddress, pod: Pod): boolean {
  return address.targetRef?.kind === 'Pod' ? address.targetRef.name === pod.metadata.name : address.ip === pod.status?.podIP;
}

/** Endpoints hold at most 1000 addresses; the controller says so when it left some out. */
function isTruncated(endpoints: Endpoints | undefined): boolean {
  return endpoints?.metadata.annotations?.['endpoints.kubernetes.io/over-capacity'] === 'truncated';
}

/** Since when a pod is ready or not, and selected: a Service that is younger than its pods has not had more time than its own age. */
function sinceOf(service: Service, pod: Pod): string {
  const changed = condition(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? pod.metadata.creationTimestamp ?? '';
  const created = service.metadata.creationTimestamp ?? '';
  return changed !== '' && (created === '' || Date.parse(changed) >= Date.parse(created)) ? changed : created;
}
