import type { KubeReader, ProbeContext, Target, WorkloadRef } from '../../src/model/check.ts';
import type { ContainerStatus, CronJob, DaemonSet, Deployment, KubeEvent, Pod, StatefulSet } from '../../src/model/kubernetes.ts';
import { isControlPlane } from '../shared/nodes.ts';
import { condition, isFinished, isReady, namespacesOf, ownedBy, workloadOf } from '../shared/pods.ts';
import { oneLine } from '../shared/text.ts';
import type { ContainerFacts, EventFacts, PodFacts, WorkloadFacts, WorkloadObservation } from './observation.ts';
import { cannotPull } from './shortfall.ts';

/** More pods or events of one component say nothing new. */
const MOST = 20;

/** Reads the component's workloads and pods. Events and claims are asked for only when a pod is in trouble, so that a healthy cluster costs less. */
export async function probe(context: ProbeContext<object>): Promise<WorkloadObservation> {
  const { kube, target } = context;
  const pods = await podsOf(kube, target);
  const workloads: WorkloadFacts[] = [];
  for (const ref of target.workloads) {
    const facts = await factsOf(
      kube,
      ref,
      pods.filter((pod) => workloadOf(pod, target) === ref),
    );
    if (facts !== undefined) workloads.push(facts);
  }
  // What ran badly before and is well now is judged by its own status: no event explains it, and reading none keeps it from becoming unknown.
  const trouble = workloads.filter(
    (workload) => workload.pods < workload.desired || workload.troubled.some((pod) => !pod.ready || pod.deletedAt !== undefined),
  );
  const events = trouble.length === 0 ? [] : ((await context.look(['available', 'replicas', 'scheduled'], () => eventsAbout(kube, trouble))) ?? []);
  const claims = trouble.some((workload) => workload.troubled.some((pod) => pod.claims.length > 0))
    ? ((await context.look('claims-bound', () => unboundClaims(kube, trouble))) ?? [])
    : [];
  const unpulled = workloads.some((workload) => workload.troubled.some((pod) => pod.containers.some(cannotPull)));
  const registries = unpulled ? target.imageRegistries : undefined;
  return { optional: target.optional, workloads, events, unboundClaims: claims, ...(registries === undefined ? {} : { imageRegistries: registries }) };
}

async function podsOf(kube: KubeReader, target: Target): Promise<readonly Pod[]> {
  const lists = await Promise.all(namespacesOf(target.workloads).map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))));
  return lists.flat();
}

async function factsOf(kube: KubeReader, ref: WorkloadRef, pods: readonly Pod[]): Promise<WorkloadFacts | undefined> {
  const { kind, namespace, name } = ref;
  switch (kind) {
    case 'Deployment': {
      const deployment = (await kube.list('deployments', namespace)).find((candidate) => candidate.metadata.name === name);
      return deployment && deploymentFacts(ref, deployment, pods);
    }
    case 'StatefulSet': {
      const set = (await kube.list('statefulsets', namespace)).find((candidate) => candidate.metadata.name === name);
      return set && statefulSetFacts(ref, set, pods);
    }
    case 'DaemonSet': {
      const set = (await kube.list('daemonsets', namespace)).find((candidate) => candidate.metadata.name === name);
      return set && daemonSetFacts(ref, set, pods);
    }
    case 'CronJob': {
      const cron = (await kube.list('cronjobs', namespace)).find((candidate) => candidate.metadata.name === name);
      return cron && cronJobFacts(kube, ref, cron, pods);
    }
    case 'StaticPod':
      return { ...common(ref, pods), desired: await wantedStaticPods(kube, pods), createdAt: pods[0]?.metadata.creationTimestamp ?? '' };
    case 'Pod':
      return { ...common(ref, pods), desired: pods.filter((pod) => !isFinished(pod)).length, createdAt: pods[0]?.metadata.creationTimestamp ?? '' };
  }
}

/**
 * A static pod has no object that says how many there should be. Those of the control plane belong on every control-plane node, so one that is gone
 * from one of them is missed; others are taken as they are.
 */
async function wantedStaticPods(kube: KubeReader, pods: readonly Pod[]): Promise<number> {
  const masters = (await kube.list('nodes')).filter(isControlPlane).map((node) => node.metadata.name);
  const onMasters = pods.every((pod) => masters.includes(pod.spec?.nodeName ?? ''));
  return onMasters ? Math.max(masters.length, pods.length) : pods.length;
}

type Common = Omit<WorkloadFacts, 'desired' | 'createdAt'>;

function common(ref: WorkloadRef, all: readonly Pod[]): Common {
  const pods = all.filter((pod) => !isFinished(pod));
  const available = pods.filter((pod) => isReady(pod) && pod.metadata.deletionTimestamp === undefined);
  return {
    kind: ref.kind,
    namespace: ref.namespace,
    name: ref.name,
    available: available.length,
    pods: pods.length,
    nodes: [...new Set(available.flatMap((pod) => pod.spec?.nodeName ?? []))].sort(),
    rollingOut: false,
    unobservedGeneration: false,
    suspended: false,
    troubled: pods.map(podFacts).filter(isTroubled).slice(0, MOST),
    tombstones: ref.kind === 'CronJob' ? 0 : all.filter((pod) => pod.status?.phase === 'Failed').length,
  };
}

function deploymentFacts(ref: WorkloadRef, deployment: Deployment, pods: readonly Pod[]): WorkloadFacts {
  const { spec, status, metadata } = deployment;
  const desired = spec?.replicas ?? 1;
  const progressing = condition(status?.conditions, 'Progressing');
  const updating =
    (status?.updatedReplicas ?? 0) < desired || (status?.replicas ?? 0) > desired || (metadata.generation ?? 0) > (status?.observedGeneration ?? 0);
  return {
    ...common(ref, pods),
    desired,
    createdAt: metadata.creationTimestamp ?? '',
    rollingOut: desired > 0 && updating && progressing?.status !== 'False',
    unobservedGeneration: (metadata.generation ?? 0) > (status?.observedGeneration ?? 0),
    ...(progressing?.status === 'False' ? { stuck: stuckFacts(progressing) } : {}),
  };
}

function stuckFacts(progressing: {
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}): NonNullable<WorkloadFacts['stuck']> {
  const { reason = '', message = '', lastTransitionTime } = progressing;
  return { reason, message, ...(lastTransitionTime === undefined ? {} : { since: lastTransitionTime }) };
}

function statefulSetFacts(ref: WorkloadRef, set: StatefulSet, pods: readonly Pod[]): WorkloadFacts {
  const { spec, status, metadata } = set;
  const desired = spec?.replicas ?? 1;
  const updating =
    spec?.updateStrategy?.type !== 'OnDelete' &&
    status?.updateRevision !== undefined &&
    status.updateRevision !== status.currentRevision &&
    (status.updatedReplicas ?? 0) < desired;
  return {
    ...common(ref, pods),
    desired,
    createdAt: metadata.creationTimestamp ?? '',
    rollingOut: desired > 0 && updating,
    unobservedGeneration: (metadata.generation ?? 0) > (status?.observedGeneration ?? 0),
  };
}

function daemonSetFacts(ref: WorkloadRef, set: DaemonSet, pods: readonly Pod[]): WorkloadFacts {
  const { spec, status, metadata } = set;
  // The controller's own count: nodes that are tainted, cordoned or do not match are not missing pods.
  const desired = status?.desiredNumberScheduled ?? 0;
  return {
    ...common(ref, pods),
    desired,
    createdAt: metadata.creationTimestamp ?? '',
    rollingOut: spec?.updateStrategy?.type !== 'OnDelete' && desired > 0 && (status?.updatedNumberScheduled ?? desired) < desired,
    unobservedGeneration: (metadata.generation ?? 0) > (status?.observedGeneration ?? 0),
  };
}

async function cronJobFacts(kube: KubeReader, ref: WorkloadRef, cron: CronJob, pods: readonly Pod[]): Promise<WorkloadFacts> {
  const jobs = (await kube.list('jobs', ref.namespace)).filter((job) =>
    job.metadata.ownerReferences?.some((owner) => owner.kind === 'CronJob' && owner.name === ref.name),
  );
  const ended = jobs.map((job) => ({
    name: job.metadata.name,
    failed: condition(job.status?.conditions, 'Failed'),
    completed: condition(job.status?.conditions, 'Complete'),
  }));
  const lastSucceededAt =
    ended
      .flatMap(({ completed }) => (completed?.status === 'True' ? (completed.lastTransitionTime ?? []) : []))
      .sort()
      .at(-1) ?? cron.status?.lastSuccessfulTime;
  const failedJobs = ended
    .flatMap(({ name, failed }) => (failed?.status === 'True' ? [{ name, reason: failed.reason ?? '', at: failed.lastTransitionTime ?? '' }] : []))
    .toSorted((a, b) => b.at.localeCompare(a.at))
    .slice(0, MOST);
  return {
    ...common(ref, pods),
    desired: 0,
    createdAt: cron.metadata.creationTimestamp ?? '',
    suspended: cron.spec?.suspend === true,
    cron: {
      schedule: cron.spec?.schedule ?? '',
      failedJobs,
      ...(cron.status?.lastScheduleTime === undefined ? {} : { lastScheduledAt: cron.status.lastScheduleTime }),
      ...(lastSucceededAt === undefined ? {} : { lastSucceededAt }),
    },
  };
}

function podFacts(pod: Pod): PodFacts {
  const { metadata, spec, status } = pod;
  const ready = condition(status?.conditions, 'Ready');
  const scheduled = condition(status?.conditions, 'PodScheduled');
  const unscheduled = spec?.nodeName !== undefined ? '' : scheduled?.status === 'False' ? (scheduled.message ?? scheduled.reason ?? '?') : undefined;
  return {
    name: metadata.name,
    node: spec?.nodeName ?? '',
    phase: status?.phase ?? 'Unknown',
    reason: status?.reason ?? '',
    ready: ready?.status === 'True',
    schedulerName: spec?.schedulerName ?? 'default-scheduler',
    createdAt: metadata.creationTimestamp ?? '',
    claims: (spec?.volumes ?? []).flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []),
    containers: [
      ...(status?.initContainerStatuses ?? []).map((container) => containerFacts(container, true)),
      ...(status?.containerStatuses ?? []).map((container) => containerFacts(container, false)),
    ],
    ...(unscheduled === undefined ? {} : { unscheduled }),
    ...(ready?.lastTransitionTime === undefined ? {} : { readySince: ready.lastTransitionTime }),
    ...(metadata.deletionTimestamp === undefined ? {} : { deletedAt: metadata.deletionTimestamp }),
  };
}

function containerFacts(status: ContainerStatus, init: boolean): ContainerFacts {
  const { waiting, terminated, running } = status.state ?? {};
  const last = status.lastState?.terminated;
  return {
    name: status.name,
    init,
    ready: status.ready === true,
    restarts: status.restartCount ?? 0,
    image: status.image ?? '',
    ...(waiting === undefined ? {} : { waiting: { reason: waiting.reason ?? '', message: waiting.message ?? '' } }),
    ...(terminated === undefined
      ? {}
      : {
          terminated: {
            reason: terminated.reason ?? '',
            exitCode: terminated.exitCode ?? 0,
            finishedAt: terminated.finishedAt ?? '',
            ...lastWords(terminated.message),
          },
        }),
    ...(last === undefined
      ? {}
      : {
          lastRun: {
            reason: last.reason ?? '',
            exitCode: last.exitCode ?? 0,
            startedAt: last.startedAt ?? '',
            finishedAt: last.finishedAt ?? '',
            ...lastWords(last.message),
          },
        }),
    ...(running?.startedAt === undefined ? {} : { runningSince: running.startedAt }),
  };
}

/** The last line that is not empty: a log ends with why it ended. */
function lastWords(message: string | undefined): { readonly said?: string } {
  const line = (message ?? '').split('\n').findLast((each) => each.trim() !== '');
  return line === undefined ? {} : { said: oneLine(line) };
}

/** Not ready, being deleted, or with a container that has ended before: only these can break a rule. */
function isTroubled(pod: PodFacts): boolean {
  return !pod.ready || pod.deletedAt !== undefined || pod.containers.some((container) => container.lastRun !== undefined);
}

async function eventsAbout(kube: KubeReader, workloads: readonly WorkloadFacts[]): Promise<readonly EventFacts[]> {
  const pods = new Set(workloads.flatMap((workload) => workload.troubled.map((pod) => `${workload.namespace}/${pod.name}`)));
  const isOurs = (namespace: string, kind: string, name: string): boolean =>
    pods.has(`${namespace}/${name}`) ||
    workloads.some(
      (workload) =>
        workload.namespace === namespace &&
        (name === workload.name || (kind === 'ReplicaSet' && name.startsWith(`${workload.name}-`) && !name.slice(workload.name.length + 1).includes('-'))),
    );
  const lists = await Promise.all([...new Set(workloads.map((workload) => workload.namespace))].map((namespace) => kube.list('events', namespace)));
  return lists
    .flat()
    .filter((event) => event.type === 'Warning' && isOurs(event.metadata.namespace ?? '', event.involvedObject?.kind ?? '', event.involvedObject?.name ?? ''))
    .map(eventFacts)
    .toSorted((a, b) => b.lastAt.localeCompare(a.lastAt) || a.name.localeCompare(b.name))
    .slice(0, MOST);
}

function eventFacts(event: KubeEvent): EventFacts {
  const message = event.message ?? '';
  return {
    kind: event.involvedObject?.kind ?? '',
    name: event.involvedObject?.name ?? '',
    reason: event.reason ?? '',
    message: message.length > 500 ? `${message.slice(0, 499)}…` : message,
    count: event.series?.count ?? event.count ?? 1,
    lastAt: event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp ?? event.metadata.creationTimestamp ?? '',
  };
}

async function unboundClaims(kube: KubeReader, workloads: readonly WorkloadFacts[]): Promise<WorkloadObservation['unboundClaims']> {
  const wanted = new Set(workloads.flatMap((workload) => workload.troubled.flatMap((pod) => pod.claims.map((claim) => `${workload.namespace}/${claim}`))));
  const lists = await Promise.all(
    [...new Set(workloads.map((workload) => workload.namespace))].map((namespace) => kube.list('persistentvolumeclaims', namespace)),
  );
  return lists
    .flat()
    .filter((claim) => wanted.has(`${claim.metadata.namespace ?? ''}/${claim.metadata.name}`) && claim.status?.phase !== 'Bound')
    .map((claim) => ({
      namespace: claim.metadata.namespace ?? '',
      name: claim.metadata.name,
      phase: claim.status?.phase ?? 'Unknown',
      storageClass: claim.spec?.storageClassName ?? '',
    }));
}
