import type { KubernetesVersion } from './version.ts';

/** One kind as one API version serves it, with the Kubernetes minors that do. */
export interface ServedResource {
  readonly group: string;
  readonly version: string;
  readonly resource: string;
  readonly kind: string;
  readonly namespaced: boolean;
  /** First and last Kubernetes 1.x minor that serves it; open where missing. */
  readonly since?: number;
  readonly until?: number;
  readonly shortNames?: readonly string[];
}

const CLUSTER = { namespaced: false } as const;
const NAMESPACED = { namespaced: true } as const;

/** What is served, oldest version of a group last. Minors by the API deprecation guide of Kubernetes. */
const SERVED: readonly ServedResource[] = [
  { group: '', version: 'v1', resource: 'configmaps', kind: 'ConfigMap', shortNames: ['cm'], ...NAMESPACED },
  { group: '', version: 'v1', resource: 'endpoints', kind: 'Endpoints', shortNames: ['ep'], ...NAMESPACED },
  { group: '', version: 'v1', resource: 'events', kind: 'Event', shortNames: ['ev'], ...NAMESPACED },
  { group: '', version: 'v1', resource: 'namespaces', kind: 'Namespace', shortNames: ['ns'], ...CLUSTER },
  { group: '', version: 'v1', resource: 'nodes', kind: 'Node', shortNames: ['no'], ...CLUSTER },
  { group: '', version: 'v1', resource: 'persistentvolumeclaims', kind: 'PersistentVolumeClaim', shortNames: ['pvc'], ...NAMESPACED },
  { group: '', version: 'v1', resource: 'persistentvolumes', kind: 'PersistentVolume', shortNames: ['pv'], ...CLUSTER },
  { group: '', version: 'v1', resource: 'pods', kind: 'Pod', shortNames: ['po'], ...NAMESPACED },
  { group: '', version: 'v1', resource: 'secrets', kind: 'Secret', ...NAMESPACED },
  { group: '', version: 'v1', resource: 'serviceaccounts', kind: 'ServiceAccount', shortNames: ['sa'], ...NAMESPACED },
  { group: '', version: 'v1', resource: 'services', kind: 'Service', shortNames: ['svc'], ...NAMESPACED },
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'mutatingwebhookconfigurations',
    kind: 'MutatingWebhookConfiguration',
    since: 16,
    ...CLUSTER,
  },
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1',
    resource: 'validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
    since: 16,
    ...CLUSTER,
  },
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1beta1',
    resource: 'mutatingwebhookconfigurations',
    kind: 'MutatingWebhookConfiguration',
    until: 21,
    ...CLUSTER,
  },
  {
    group: 'admissionregistration.k8s.io',
    version: 'v1beta1',
    resource: 'validatingwebhookconfigurations',
    kind: 'ValidatingWebhookConfiguration',
    until: 21,
    ...CLUSTER,
  },
  { group: 'apiregistration.k8s.io', version: 'v1', resource: 'apiservices', kind: 'APIService', ...CLUSTER },
  { group: 'apiextensions.k8s.io', version: 'v1', resource: 'customresourcedefinitions', kind: 'CustomResourceDefinition', since: 16, ...CLUSTER },
  { group: 'apiextensions.k8s.io', version: 'v1beta1', resource: 'customresourcedefinitions', kind: 'CustomResourceDefinition', until: 21, ...CLUSTER },
  { group: 'apps', version: 'v1', resource: 'daemonsets', kind: 'DaemonSet', shortNames: ['ds'], ...NAMESPACED },
  { group: 'apps', version: 'v1', resource: 'deployments', kind: 'Deployment', shortNames: ['deploy'], ...NAMESPACED },
  { group: 'apps', version: 'v1', resource: 'replicasets', kind: 'ReplicaSet', shortNames: ['rs'], ...NAMESPACED },
  { group: 'apps', version: 'v1', resource: 'statefulsets', kind: 'StatefulSet', shortNames: ['sts'], ...NAMESPACED },
  { group: 'apps', version: 'v1beta2', resource: 'daemonsets', kind: 'DaemonSet', until: 15, ...NAMESPACED },
  { group: 'apps', version: 'v1beta2', resource: 'deployments', kind: 'Deployment', until: 15, ...NAMESPACED },
  { group: 'apps', version: 'v1beta2', resource: 'replicasets', kind: 'ReplicaSet', until: 15, ...NAMESPACED },
  { group: 'apps', version: 'v1beta2', resource: 'statefulsets', kind: 'StatefulSet', until: 15, ...NAMESPACED },
  { group: 'authorization.k8s.io', version: 'v1', resource: 'selfsubjectaccessreviews', kind: 'SelfSubjectAccessReview', ...CLUSTER },
  { group: 'authorization.k8s.io', version: 'v1', resource: 'selfsubjectrulesreviews', kind: 'SelfSubjectRulesReview', ...CLUSTER },
  { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers', kind: 'HorizontalPodAutoscaler', shortNames: ['hpa'], ...NAMESPACED },
  { group: 'batch', version: 'v1', resource: 'cronjobs', kind: 'CronJob', since: 21, shortNames: ['cj'], ...NAMESPACED },
  { group: 'batch', version: 'v1', resource: 'jobs', kind: 'Job', ...NAMESPACED },
  { group: 'batch', version: 'v1beta1', resource: 'cronjobs', kind: 'CronJob', until: 24, shortNames: ['cj'], ...NAMESPACED },
  { group: 'coordination.k8s.io', version: 'v1', resource: 'leases', kind: 'Lease', since: 14, ...NAMESPACED },
  { group: 'coordination.k8s.io', version: 'v1beta1', resource: 'leases', kind: 'Lease', since: 12, until: 21, ...NAMESPACED },
  { group: 'discovery.k8s.io', version: 'v1', resource: 'endpointslices', kind: 'EndpointSlice', since: 21, ...NAMESPACED },
  { group: 'discovery.k8s.io', version: 'v1beta1', resource: 'endpointslices', kind: 'EndpointSlice', since: 17, until: 24, ...NAMESPACED },
  { group: 'events.k8s.io', version: 'v1', resource: 'events', kind: 'Event', since: 19, shortNames: ['ev'], ...NAMESPACED },
  { group: 'extensions', version: 'v1beta1', resource: 'ingresses', kind: 'Ingress', until: 21, shortNames: ['ing'], ...NAMESPACED },
  { group: 'networking.k8s.io', version: 'v1', resource: 'ingresses', kind: 'Ingress', since: 19, shortNames: ['ing'], ...NAMESPACED },
  { group: 'networking.k8s.io', version: 'v1', resource: 'networkpolicies', kind: 'NetworkPolicy', shortNames: ['netpol'], ...NAMESPACED },
  { group: 'networking.k8s.io', version: 'v1beta1', resource: 'ingresses', kind: 'Ingress', since: 14, until: 21, shortNames: ['ing'], ...NAMESPACED },
  { group: 'policy', version: 'v1', resource: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', since: 21, shortNames: ['pdb'], ...NAMESPACED },
  { group: 'policy', version: 'v1beta1', resource: 'poddisruptionbudgets', kind: 'PodDisruptionBudget', until: 24, shortNames: ['pdb'], ...NAMESPACED },
  { group: 'policy', version: 'v1beta1', resource: 'podsecuritypolicies', kind: 'PodSecurityPolicy', until: 24, shortNames: ['psp'], ...CLUSTER },
  { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterrolebindings', kind: 'ClusterRoleBinding', ...CLUSTER },
  { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'clusterroles', kind: 'ClusterRole', ...CLUSTER },
  { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'rolebindings', kind: 'RoleBinding', ...NAMESPACED },
  { group: 'rbac.authorization.k8s.io', version: 'v1', resource: 'roles', kind: 'Role', ...NAMESPACED },
  { group: 'scheduling.k8s.io', version: 'v1', resource: 'priorityclasses', kind: 'PriorityClass', since: 14, shortNames: ['pc'], ...CLUSTER },
  { group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses', kind: 'StorageClass', shortNames: ['sc'], ...CLUSTER },
  { group: 'storage.k8s.io', version: 'v1beta1', resource: 'storageclasses', kind: 'StorageClass', until: 21, shortNames: ['sc'], ...CLUSTER },
];

/** Subresources that the API lists in discovery and the simulation answers. */
export const SUBRESOURCES: Readonly<Record<string, readonly { readonly name: string; readonly kind: string; readonly verbs: readonly string[] }[]>> = {
  nodes: [{ name: 'proxy', kind: 'NodeProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] }],
  pods: [
    { name: 'log', kind: 'Pod', verbs: ['get'] },
    { name: 'portforward', kind: 'PodPortForwardOptions', verbs: ['create', 'get'] },
    { name: 'proxy', kind: 'PodProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] },
  ],
  services: [{ name: 'proxy', kind: 'ServiceProxyOptions', verbs: ['create', 'delete', 'get', 'patch', 'update'] }],
};

export function servedBy(version: KubernetesVersion): readonly ServedResource[] {
  return SERVED.filter((entry) => version.minor >= (entry.since ?? 0) && version.minor <= (entry.until ?? Number.POSITIVE_INFINITY));
}

export function findServed(version: KubernetesVersion, group: string, apiVersion: string, resource: string): ServedResource | undefined {
  return servedBy(version).find((entry) => entry.group === group && entry.version === apiVersion && entry.resource === resource);
}

/** The groups that this version serves, each with its versions, the preferred one first. */
export function groupsOf(version: KubernetesVersion): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, string[]>();
  for (const entry of servedBy(version)) {
    const versions = groups.get(entry.group) ?? [];
    if (!versions.includes(entry.version)) versions.push(entry.version);
    groups.set(entry.group, versions);
  }
  return groups;
}
