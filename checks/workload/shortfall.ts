import { registryHostOf } from '../shared/images.ts';
import { oneLine } from '../shared/text.ts';
import { secondsSince, shortDuration } from '../shared/time.ts';
import type { ContainerFacts, EventFacts, PodFacts, WorkloadFacts, WorkloadObservation } from './observation.ts';
import type { WorkloadOptions } from './rules.ts';

/** The kubelet's words for a container that cannot be made, as opposed to one that was made and ended. */
const CANNOT_CREATE: ReadonlySet<string> = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'PreCreateHookError',
  'PostStartHookError',
  'PreStartHookError',
  'StartError',
]);
const CANNOT_PULL: ReadonlySet<string> = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
]);
/** What a registry that answers says of an image that it does not give us: the rights are wrong, or what it decides about them by. */
const REFUSED = /does not exist|unauthorized|denied|no basic auth/i;
/** What it says of one that it does not have, and what the runtime says of a name that is none: only the name is wrong. */
const ABSENT = /not found|manifest unknown|invalid reference/i;
/** Who serves images where no configuration tells. */
const LIKELY_REGISTRY = ['skiff-ncs/harbor-proxy', 'skiff-ncs/harbor-registry', 'skiff-ncs/harbor-core'];

type ShortfallId = 'crash-loop' | 'image' | 'config' | 'unschedulable' | 'unscheduled' | 'volume' | 'sandbox' | 'not-ready' | 'starting' | 'not-created';

/** Why a workload has fewer available replicas than it wants: the message that says it, its data, and what the evidence points at. */
export interface Shortfall {
  readonly messageId: ShortfallId;
  readonly data: Readonly<Record<string, string | number>>;
  readonly because: readonly string[];
  /** The cause is in the workload itself. */
  readonly own: boolean;
  readonly since?: string;
}

export const isCrashing = (container: ContainerFacts): boolean => container.waiting?.reason === 'CrashLoopBackOff';
export const cannotPull = (container: ContainerFacts): boolean => CANNOT_PULL.has(container.waiting?.reason ?? '');
export const cannotCreate = (container: ContainerFacts): boolean => CANNOT_CREATE.has(container.waiting?.reason ?? '');

/** How a container last ended, in the runtime's and its own words: `exit 137, OOMKilled`, `exit 1: cannot open database connection`. */
export function lastEnd(container: ContainerFacts): string {
  const end = container.lastRun ?? container.terminated;
  if (end === undefined) return container.waiting?.message ?? '?';
  return `exit ${end.exitCode}${end.reason === '' || end.reason === 'Error' ? '' : `, ${end.reason}`}${end.said === undefined ? '' : `: ${end.said}`}`;
}

/**
 * The image's own fault, or the registry's: only the first is the workload's own. Where the registry runs in this cluster, an image that it refuses may be its
 * fault as well, a token that cannot be had for one; the workload stays the cause as long as nothing is wrong with the registry.
 */
export function pullProblem(
  container: ContainerFacts,
  { events, imageRegistries }: WorkloadObservation,
  pod: PodFacts,
): { readonly detail: string; readonly own: boolean; readonly because: readonly string[] } {
  const said = events.find(
    (event) => event.name === pod.name && /Failed to pull image|Error: ErrImage/.test(event.message) && event.message.includes('pull image'),
  )?.message;
  const whole = said ?? container.waiting?.message ?? container.waiting?.reason ?? '?';
  const detail = oneLine(pullReason(whole));
  const { reason } = container.waiting ?? {};
  if (reason === 'InvalidImageName' || reason === 'ErrImageNeverPull') return { detail, own: true, because: [] };
  const host = registryHostOf(container.image);
  const serving = imageRegistries?.filter((registry) => registry.host === host).flatMap(({ components }) => components);
  if (REFUSED.test(whole)) return { detail, own: serving === undefined || serving.length === 0, because: serving ?? [] };
  if (ABSENT.test(whole)) return { detail, own: true, because: [] };
  return { detail, own: false, because: serving ?? LIKELY_REGISTRY };
}

/** A runtime wraps the reason in one sentence for each of its layers, and each repeats the image; what went wrong is at the end. */
function pullReason(message: string): string {
  const layers = /(?:[Ff]ailed to (?:pull|resolve|do|copy)[^":]*(?:"[^"]*")?: |rpc error: code = \w+ desc = |Error response from daemon: )/g;
  const reason = message.replaceAll(layers, '').trim();
  return reason === '' ? message : reason;
}

/** What the scheduler's own words blame: an extender that it names. */
export function schedulingSuspects(message: string): readonly string[] {
  const suspects: string[] = [];
  if (/extender/i.test(message)) {
    if (/localstorage/i.test(message)) suspects.push('kube-system/localstorage-scheduler-extender');
    else if (/paas/i.test(message)) suspects.push('kube-system/paas-scheduler-extender');
    else suspects.push('kube-system/localstorage-scheduler-extender', 'kube-system/paas-scheduler-extender');
  }
  return suspects;
}

/** True when nothing has happened to a pod long enough to say that its scheduler is not working. */
export function isUnnoticed(pod: PodFacts, options: Readonly<WorkloadOptions>, now: Date): boolean {
  return pod.unscheduled === undefined && pod.node === '' && (secondsSince(pod.createdAt, now) ?? 0) > options.unnoticedSeconds;
}

/** Explains a shortfall by its most telling pod. Call it only for a workload that has fewer available replicas than it wants. */
export function explainShortfall(workload: WorkloadFacts, observation: WorkloadObservation, options: Readonly<WorkloadOptions>, now: Date): Shortfall {
  const { events } = observation;
  const base = { workload: `${workload.kind} ${workload.name}`, available: workload.available, desired: workload.desired };
  // A pod on its way out explains a shortfall only where none that stays does.
  const staying = workload.troubled.filter((pod) => !pod.ready && pod.deletedAt === undefined);
  const pods = staying.length > 0 ? staying : workload.troubled.filter((pod) => pod.deletedAt !== undefined);
  const find = (test: (container: ContainerFacts) => boolean): { readonly pod: PodFacts; readonly container: ContainerFacts } | undefined => {
    for (const pod of pods) for (const container of pod.containers) if (test(container)) return { pod, container };
    return undefined;
  };
  const lost = pods.map((pod) => pod.node).filter((node) => node !== '');
  const nodes = [...new Set(lost)].map((node) => `node/${node}`);

  const unpullable = find(cannotPull);
  if (unpullable) {
    const { detail, own, because } = pullProblem(unpullable.container, observation, unpullable.pod);
    return { messageId: 'image', data: { ...base, pod: unpullable.pod.name, image: unpullable.container.image, detail }, because, own };
  }
  const uncreatable = find(cannotCreate);
  if (uncreatable) {
    const detail = oneLine(`${uncreatable.container.waiting?.reason ?? ''}: ${uncreatable.container.waiting?.message ?? ''}`);
    return { messageId: 'config', data: { ...base, pod: uncreatable.pod.name, container: uncreatable.container.name, detail }, because: [], own: true };
  }
  const crashing = find(isCrashing);
  if (crashing) {
    return {
      messageId: 'crash-loop',
      data: { ...base, pod: crashing.pod.name, container: crashing.container.name, detail: lastEnd(crashing.container) },
      because: [],
      own: false,
      ...sinceOf(crashing.pod),
    };
  }
  const pending = pods.find((pod) => pod.node === '');
  if (pending !== undefined) return pendingShortfall(pending, base, observation, workload, options, now);
  const stuckVolume = events.find(
    (event) => /^Failed(Mount|AttachVolume|MapVolume)$/.test(event.reason) && pods.some((pod) => pod.name === event.name && !pod.ready),
  );
  const mounting = pods.find((pod) => pod.name === stuckVolume?.name && pod.containers.every((container) => container.runningSince === undefined));
  if (stuckVolume !== undefined && mounting !== undefined) {
    return {
      messageId: 'volume',
      data: { ...base, pod: mounting.name, detail: oneLine(stuckVolume.message) },
      because: [`node/${mounting.node}`],
      own: false,
      ...sinceOf(mounting),
    };
  }
  const sandbox = events.find((event) => /^(FailedCreatePodSandBox|FailedPodSandBoxStatus)$/.test(event.reason) && pods.some((pod) => pod.name === event.name));
  const unstarted = pods.find((pod) => pod.name === sandbox?.name);
  if (sandbox !== undefined && unstarted !== undefined) {
    return {
      messageId: 'sandbox',
      data: { ...base, pod: unstarted.name, node: unstarted.node, detail: oneLine(sandbox.message) },
      because: [`node/${unstarted.node}`, 'kube-system/container-runtime'],
      own: false,
      ...sinceOf(unstarted),
    };
  }
  const [pod] = pods.toSorted((a, b) => (a.readySince ?? a.createdAt).localeCompare(b.readySince ?? b.createdAt));
  if (pod !== undefined) return notReady(pod, base, events, nodes, now);
  return notCreated(base, workload, events);
}

function pendingShortfall(
  pod: PodFacts,
  base: Readonly<Record<string, string | number>>,
  observation: WorkloadObservation,
  workload: WorkloadFacts,
  options: Readonly<WorkloadOptions>,
  now: Date,
): Shortfall {
  const since = pod.createdAt === '' ? {} : { since: pod.createdAt };
  if (pod.unscheduled !== undefined && pod.unscheduled !== '') {
    const claim = observation.unboundClaims.find((candidate) => candidate.namespace === workload.namespace && pod.claims.includes(candidate.name));
    const event = observation.events.find((candidate) => candidate.name === pod.name && candidate.reason === 'FailedScheduling');
    const suspects = schedulingSuspects(`${pod.unscheduled} ${event?.message ?? ''}`);
    const because = claim === undefined ? suspects : [...suspects, 'kube-system/localstorage-provisioner'];
    return { messageId: 'unschedulable', data: { ...base, pod: pod.name, detail: oneLine(pod.unscheduled) }, because, own: because.length === 0, ...since };
  }
  const age = shortDuration(secondsSince(pod.createdAt, now) ?? 0);
  if (!isUnnoticed(pod, options, now)) return { messageId: 'starting', data: { ...base, pod: pod.name, age }, because: [], own: false, ...since };
  return {
    messageId: 'unscheduled',
    data: { ...base, pod: pod.name, age, scheduler: pod.schedulerName },
    because: ['kube-system/kube-scheduler'],
    own: false,
    ...since,
  };
}

function notReady(
  pod: PodFacts,
  base: Readonly<Record<string, string | number>>,
  events: readonly EventFacts[],
  nodes: readonly string[],
  now: Date,
): Shortfall {
  const since = pod.readySince ?? pod.createdAt;
  const age = shortDuration(secondsSince(since, now) ?? 0);
  const unready = pod.containers.find((container) => !container.ready && !container.init);
  const said = events.find((event) => event.name === pod.name && event.reason === 'Unhealthy') ?? events.find((event) => event.name === pod.name);
  if (said === undefined && pod.containers.every((container) => container.runningSince === undefined && container.terminated === undefined)) {
    return {
      messageId: 'starting',
      data: { ...base, pod: pod.name, age: shortDuration(secondsSince(pod.createdAt, now) ?? 0) },
      because: nodes,
      own: false,
      since,
    };
  }
  const detail = oneLine(said?.message ?? (pod.reason === '' ? (unready?.terminated ? `exit ${unready.terminated.exitCode}` : pod.phase) : pod.reason));
  return { messageId: 'not-ready', data: { ...base, pod: pod.name, node: pod.node, age, detail }, because: nodes, own: false, since };
}

function notCreated(base: Readonly<Record<string, string | number>>, workload: WorkloadFacts, events: readonly EventFacts[]): Shortfall {
  const refused = events.find((event) => event.reason === 'FailedCreate');
  const detail = oneLine(refused?.message ?? '—');
  const webhook = /failed calling webhook/.test(detail);
  const because = refused === undefined ? ['kube-system/kube-controller-manager'] : webhook ? ['kube-system/localstorage-webhook'] : [];
  // A quota, a missing service account or a refused security context names itself; a silent controller or a webhook does not.
  return { messageId: 'not-created', data: { ...base, pods: workload.pods, detail }, because, own: refused !== undefined && !webhook };
}

function sinceOf(pod: PodFacts): { readonly since?: string } {
  return pod.readySince === undefined ? {} : { since: pod.readySince };
}
