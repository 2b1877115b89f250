import type { WorkloadKind, WorkloadRef } from '../model/check.ts';
import type { ObjectMeta, OwnerReference, Pod, PodSpec, PodTemplate } from '../model/kubernetes.ts';
import type { NamespaceObjects } from './snapshot.ts';

/** Something that runs in a namespace, whatever its kind, with its pods. */
export interface Workload {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  /** Without what Kubernetes adds: the hash of a ReplicaSet, the node of a static pod. */
  readonly name: string;
  /** Usually one. Pods of a controller that is not read here (a ReplicationController, an operator's own kind) are listed one by one. */
  readonly refs: readonly WorkloadRef[];
  /** Its own labels and those of its pods. */
  readonly labels: Readonly<Record<string, string>>;
  /** The labels that its pods have, or would have. */
  readonly podLabels: Readonly<Record<string, string>>;
  /** Last parts of its images, without tag or digest. */
  readonly images: readonly string[];
  readonly ports: readonly number[];
  readonly pods: readonly Pod[];
  /** What its pods are made from: the template, or the pods themselves where there is none. */
  readonly specs: readonly PodSpec[];
}

interface Draft {
  readonly kind: WorkloadKind;
  readonly name: string;
  readonly ownLabels: Readonly<Record<string, string>>;
  readonly template: PodTemplate | undefined;
  readonly pods: Pod[];
}

/** The workloads of a namespace, by name and kind, each pod under the one that owns it. Pods of one-off Jobs and finished bare pods are left out. */
export function workloadsOf(objects: NamespaceObjects): readonly Workload[] {
  const drafts = new Map<string, Draft>();
  const add = (kind: WorkloadKind, metadata: ObjectMeta, template: PodTemplate | undefined) =>
    drafts.set(`${kind}/${metadata.name}`, { kind, name: metadata.name, ownLabels: metadata.labels ?? {}, template, pods: [] });
  for (const each of objects.deployments ?? []) add('Deployment', each.metadata, each.spec?.template);
  for (const each of objects.statefulsets ?? []) add('StatefulSet', each.metadata, each.spec?.template);
  for (const each of objects.daemonsets ?? []) add('DaemonSet', each.metadata, each.spec?.template);
  for (const each of objects.cronjobs ?? []) add('CronJob', each.metadata, each.spec?.jobTemplate?.spec?.template);
  for (const pod of objects.pods ?? []) {
    const owner = ownerOf(pod, objects);
    if (owner === undefined) continue;
    const key = `${owner.kind}/${owner.name}`;
    let draft = drafts.get(key);
    if (draft === undefined) {
      draft = { kind: owner.kind, name: owner.name, ownLabels: {}, template: undefined, pods: [] };
      drafts.set(key, draft);
    }
    draft.pods.push(pod);
  }
  return [...drafts.values()].map((draft) => finish(draft, objects.name)).sort((a, b) => compare(a.name, b.name) || compare(a.kind, b.kind));
}

/** The workload that a pod belongs to, or undefined when it is to be left out. */
function ownerOf(pod: Pod, objects: NamespaceObjects): { readonly kind: WorkloadKind; readonly name: string } | undefined {
  const owners = pod.metadata.ownerReferences ?? [];
  const owner = owners.find((each) => each.controller === true) ?? owners[0];
  const name = owner?.name ?? '';
  switch (owner?.kind) {
    case 'ReplicaSet': {
      const deployment = withoutHash(name, pod);
      return owned('Deployment', deployment, objects.deployments, pod) ?? leftBehind(pod, deployment);
    }
    case 'StatefulSet':
      return owned('StatefulSet', name, objects.statefulsets, pod) ?? leftBehind(pod, name);
    case 'DaemonSet':
      return owned('DaemonSet', name, objects.daemonsets, pod) ?? leftBehind(pod, name);
    case 'Job':
      return cronJobOf(name, objects);
    case 'Node': {
      const suffix = `-${pod.spec?.nodeName ?? name}`;
      const own = pod.metadata.name;
      return { kind: 'StaticPod', name: own.endsWith(suffix) ? own.slice(0, -suffix.length) : own };
    }
    default:
      return bareOwner(pod, owner);
  }
}

/** The controller, when it is there, or when its kind could not be read and the pod is the only witness. */
function owned(kind: WorkloadKind, name: string, known: readonly { readonly metadata: ObjectMeta }[] | undefined, pod: Pod) {
  if (known === undefined) return pod.metadata.deletionTimestamp === undefined ? { kind, name } : undefined;
  return known.some((each) => each.metadata.name === name) ? { kind, name } : undefined;
}

/** A pod whose controller is gone: a pod of its own as long as it is not on its way out as well. */
function leftBehind(pod: Pod, name: string): { readonly kind: 'Pod'; readonly name: string } | undefined {
  return pod.metadata.deletionTimestamp === undefined && !finished(pod) ? { kind: 'Pod', name } : undefined;
}

function bareOwner(pod: Pod, owner: OwnerReference | undefined): { readonly kind: 'Pod'; readonly name: string } | undefined {
  if (owner?.name !== undefined) return { kind: 'Pod', name: owner.name };
  // Nobody runs a finished bare pod again: it is what somebody left behind, such as a debugging session.
  return finished(pod) ? undefined : { kind: 'Pod', name: pod.metadata.name };
}

function finished(pod: Pod): boolean {
  return pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed';
}

function withoutHash(replicaSet: string, pod: Pod): string {
  const hash = pod.metadata.labels?.['pod-template-hash'];
  if (hash !== undefined && replicaSet.endsWith(`-${hash}`)) return replicaSet.slice(0, -hash.length - 1);
  return replicaSet.replace(/-[a-z0-9]+$/, '');
}

function cronJobOf(job: string, objects: NamespaceObjects): { readonly kind: 'CronJob'; readonly name: string } | undefined {
  if (objects.cronjobs === undefined) {
    const name = /^(.+)-\d{8,}$/.exec(job)?.[1];
    return name === undefined ? undefined : { kind: 'CronJob', name };
  }
  const names = objects.cronjobs.map((each) => each.metadata.name).filter((name) => job.startsWith(`${name}-`));
  const longest = names.sort((a, b) => b.length - a.length)[0];
  return longest === undefined ? undefined : { kind: 'CronJob', name: longest };
}

function finish(draft: Draft, namespace: string): Workload {
  const pods = [...draft.pods].sort((a, b) => compare(a.metadata.name, b.metadata.name));
  const specs = draft.template?.spec === undefined ? pods.flatMap((pod) => (pod.spec === undefined ? [] : [pod.spec])) : [draft.template.spec];
  const podLabels = draft.template?.metadata?.labels ?? pods[0]?.metadata.labels ?? {};
  const containers = specs.flatMap((spec) => spec.containers ?? []);
  return {
    kind: draft.kind,
    namespace,
    name: draft.name,
    refs:
      draft.kind === 'Pod'
        ? pods.map((pod) => ({ kind: 'Pod', namespace, name: pod.metadata.name }) as const)
        : [{ kind: draft.kind, namespace, name: draft.name }],
    labels: { ...draft.ownLabels, ...podLabels },
    podLabels,
    images: [...new Set(containers.flatMap((container) => (container.image === undefined ? [] : [lastPart(container.image)])))],
    ports: [...new Set(containers.flatMap((container) => (container.ports ?? []).map((port) => port.containerPort)))],
    pods,
    specs,
  };
}

/** `registry:5000/goharbor/harbor-core:v1.7.5@sha256:…` → `harbor-core` */
function lastPart(image: string): string {
  const path = image.split('@')[0] ?? '';
  return (path.split('/').at(-1) ?? '').split(':')[0] ?? '';
}

/** Code unit order, the same in every locale. */
export function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
