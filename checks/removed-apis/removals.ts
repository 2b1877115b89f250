/** One version of an API that a release of Kubernetes 1 no longer serves. */
export interface Removal {
  readonly apiVersion: string;
  readonly kinds: readonly string[];
  /** As requests name them. */
  readonly resources: readonly string[];
  /** First minor of Kubernetes 1 that does not serve it. */
  readonly removedIn: number;
  /** What to use instead; absent when the kind is gone altogether. */
  readonly instead?: string;
  /**
   * True when Kubernetes itself asks for it in the releases before: its garbage collector watches everything that is served in the only or preferred version
   * of its group, and an API server its own flow control. That it was requested then proves nothing.
   */
  readonly askedByKubernetes?: true;
}

/** Source: Kubernetes documentation, Deprecated API Migration Guide; for 1.16 the announcement "Deprecated APIs Removed In 1.16". */
export const REMOVALS: readonly Removal[] = [
  removal('extensions/v1beta1', ['Deployment', 'DaemonSet', 'ReplicaSet'], 16, 'apps/v1'),
  removal('extensions/v1beta1', ['NetworkPolicy'], 16, 'networking.k8s.io/v1'),
  removal('extensions/v1beta1', ['PodSecurityPolicy'], 16, 'policy/v1beta1'),
  removal('apps/v1beta1', ['Deployment', 'StatefulSet'], 16, 'apps/v1'),
  removal('apps/v1beta2', ['Deployment', 'DaemonSet', 'ReplicaSet', 'StatefulSet'], 16, 'apps/v1'),
  { ...removal('extensions/v1beta1', ['Ingress'], 22, 'networking.k8s.io/v1'), askedByKubernetes: true },
  removal('networking.k8s.io/v1beta1', ['Ingress', 'IngressClass'], 22, 'networking.k8s.io/v1'),
  removal('admissionregistration.k8s.io/v1beta1', ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'], 22, 'admissionregistration.k8s.io/v1'),
  removal('apiextensions.k8s.io/v1beta1', ['CustomResourceDefinition'], 22, 'apiextensions.k8s.io/v1'),
  removal('apiregistration.k8s.io/v1beta1', ['APIService'], 22, 'apiregistration.k8s.io/v1'),
  removal('authentication.k8s.io/v1beta1', ['TokenReview'], 22, 'authentication.k8s.io/v1'),
  removal('authorization.k8s.io/v1beta1', ['LocalSubjectAccessReview', 'SelfSubjectAccessReview', 'SubjectAccessReview'], 22, 'authorization.k8s.io/v1'),
  removal('certificates.k8s.io/v1beta1', ['CertificateSigningRequest'], 22, 'certificates.k8s.io/v1'),
  removal('coordination.k8s.io/v1beta1', ['Lease'], 22, 'coordination.k8s.io/v1'),
  removal('rbac.authorization.k8s.io/v1beta1', ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'], 22, 'rbac.authorization.k8s.io/v1'),
  removal('scheduling.k8s.io/v1beta1', ['PriorityClass'], 22, 'scheduling.k8s.io/v1'),
  removal('storage.k8s.io/v1beta1', ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment'], 22, 'storage.k8s.io/v1'),
  removal('batch/v1beta1', ['CronJob'], 25, 'batch/v1'),
  removal('discovery.k8s.io/v1beta1', ['EndpointSlice'], 25, 'discovery.k8s.io/v1'),
  removal('events.k8s.io/v1beta1', ['Event'], 25, 'events.k8s.io/v1'),
  removal('autoscaling/v2beta1', ['HorizontalPodAutoscaler'], 25, 'autoscaling/v2'),
  removal('policy/v1beta1', ['PodDisruptionBudget'], 25, 'policy/v1'),
  { ...removal('policy/v1beta1', ['PodSecurityPolicy'], 25), askedByKubernetes: true },
  removal('node.k8s.io/v1beta1', ['RuntimeClass'], 25, 'node.k8s.io/v1'),
  {
    ...removal('flowcontrol.apiserver.k8s.io/v1beta1', ['FlowSchema', 'PriorityLevelConfiguration'], 26, 'flowcontrol.apiserver.k8s.io/v1beta3'),
    askedByKubernetes: true,
  },
  removal('autoscaling/v2beta2', ['HorizontalPodAutoscaler'], 26, 'autoscaling/v2'),
  removal('storage.k8s.io/v1beta1', ['CSIStorageCapacity'], 27, 'storage.k8s.io/v1'),
  {
    ...removal('flowcontrol.apiserver.k8s.io/v1beta2', ['FlowSchema', 'PriorityLevelConfiguration'], 29, 'flowcontrol.apiserver.k8s.io/v1'),
    askedByKubernetes: true,
  },
  {
    ...removal('flowcontrol.apiserver.k8s.io/v1beta3', ['FlowSchema', 'PriorityLevelConfiguration'], 32, 'flowcontrol.apiserver.k8s.io/v1'),
    askedByKubernetes: true,
  },
];

/** The newest release that the table knows of: what later ones remove is not in it. */
export const KNOWN_UNTIL = 36;

function removal(apiVersion: string, kinds: readonly string[], removedIn: number, instead?: string): Removal {
  return { apiVersion, kinds, resources: kinds.map(pluralOf), removedIn, ...(instead === undefined ? {} : { instead }) };
}

function pluralOf(kind: string): string {
  const word = kind.toLowerCase();
  if (word.endsWith('y')) return `${word.slice(0, -1)}ies`;
  return word.endsWith('ss') ? `${word}es` : `${word}s`;
}
