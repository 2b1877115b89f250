/**
 * The parts of Kubernetes objects that skiffctl reads, as they come in JSON from any API server from 1.11 on. Everything is optional that a
 * server may leave out; nothing here is a promise that the server kept.
 */
export interface OwnerReference {
  readonly kind?: string;
  readonly name?: string;
  readonly controller?: boolean;
}

/** Who wrote fields of an object, through which version of its API, and when last. */
export interface ManagedFields {
  readonly manager?: string;
  readonly operation?: string;
  readonly apiVersion?: string;
  readonly time?: string;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid?: string;
  readonly generation?: number;
  readonly creationTimestamp?: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
  /** Without the fields themselves, and only of kinds whose `writers` are kept. */
  readonly managedFields?: readonly ManagedFields[];
  /** The apiVersion of the manifest that `kubectl apply` was last given. Taken from the annotation, which is not kept. */
  readonly appliedVersion?: string;
}

export interface KubeObject {
  readonly metadata: ObjectMeta;
}

export interface Condition {
  readonly type?: string;
  readonly status?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
  readonly lastHeartbeatTime?: string;
  readonly lastUpdateTime?: string;
}

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>>;
  readonly matchExpressions?: readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] }[];
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly configMapKeyRef?: { readonly name?: string; readonly key?: string } };
}

export interface HttpGetAction {
  readonly path?: string;
  readonly port?: number | string;
  readonly scheme?: string;
  readonly host?: string;
  readonly httpHeaders?: readonly { readonly name?: string }[];
}

export interface ContainerProbe {
  readonly httpGet?: HttpGetAction;
  readonly tcpSocket?: { readonly port?: number | string };
  readonly exec?: { readonly command?: readonly string[] };
  readonly timeoutSeconds?: number;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly { readonly configMapRef?: { readonly name?: string } }[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number; readonly protocol?: string }[];
  readonly readinessProbe?: ContainerProbe;
  readonly livenessProbe?: ContainerProbe;
  readonly resources?: { readonly requests?: Readonly<Record<string, string>> };
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: {
    readonly exitCode?: number;
    readonly signal?: number;
    readonly reason?: string;
    readonly message?: string;
    readonly startedAt?: string;
    readonly finishedAt?: string;
  };
}

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly image?: string;
  readonly imageID?: string;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

export interface PodSpec {
  readonly nodeName?: string;
  readonly hostNetwork?: boolean;
  readonly schedulerName?: string;
  readonly nodeSelector?: Readonly<Record<string, string>>;
  /** Without those that every pod gets. */
  readonly tolerations?: readonly Toleration[];
  /** What its sandbox needs beside its containers. */
  readonly overhead?: Readonly<Record<string, string>>;
  readonly containers?: readonly Container[];
  readonly initContainers?: readonly Container[];
  readonly volumes?: readonly {
    readonly name: string;
    readonly configMap?: { readonly name?: string };
    readonly persistentVolumeClaim?: { readonly claimName?: string };
  }[];
}

export interface Pod extends KubeObject {
  readonly spec?: PodSpec;
  readonly status?: {
    readonly phase?: string;
    readonly reason?: string;
    readonly message?: string;
    readonly podIP?: string;
    readonly hostIP?: string;
    readonly startTime?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

export interface PodTemplate {
  readonly metadata?: { readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: PodSpec;
}

export interface Deployment extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly selector?: LabelSelector;
    readonly template?: PodTemplate;
    readonly progressDeadlineSeconds?: number;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

export interface StatefulSet extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly serviceName?: string;
    readonly selector?: LabelSelector;
    readonly template?: PodTemplate;
    readonly updateStrategy?: { readonly type?: string };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly currentReplicas?: number;
    readonly updatedReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
  };
}

export interface DaemonSet extends KubeObject {
  readonly spec?: {
    readonly selector?: LabelSelector;
    readonly template?: PodTemplate;
    readonly updateStrategy?: { readonly type?: string };
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly desiredNumberScheduled?: number;
    readonly currentNumberScheduled?: number;
    readonly numberReady?: number;
    readonly numberAvailable?: number;
    readonly numberUnavailable?: number;
    readonly numberMisscheduled?: number;
    readonly updatedNumberScheduled?: number;
  };
}

export interface Job extends KubeObject {
  readonly spec?: { readonly suspend?: boolean; readonly completions?: number; readonly backoffLimit?: number };
  readonly status?: {
    readonly active?: number;
    readonly succeeded?: number;
    readonly failed?: number;
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly conditions?: readonly Condition[];
  };
}

export interface CronJob extends KubeObject {
  readonly spec?: { readonly suspend?: boolean; readonly schedule?: string; readonly jobTemplate?: { readonly spec?: { readonly template?: PodTemplate } } };
  readonly status?: { readonly lastScheduleTime?: string; readonly lastSuccessfulTime?: string; readonly active?: readonly { readonly name?: string }[] };
}

export interface ServicePort {
  readonly name?: string;
  readonly port: number;
  readonly protocol?: string;
  readonly targetPort?: number | string;
  readonly nodePort?: number;
}

export interface Service extends KubeObject {
  readonly spec?: {
    readonly type?: string;
    readonly clusterIP?: string;
    readonly externalName?: string;
    readonly selector?: Readonly<Record<string, string>>;
    readonly ports?: readonly ServicePort[];
    readonly publishNotReadyAddresses?: boolean;
  };
}

export interface EndpointAddress {
  readonly ip: string;
  readonly nodeName?: string;
  readonly targetRef?: { readonly kind?: string; readonly name?: string; readonly namespace?: string };
}

export interface Endpoints extends KubeObject {
  readonly subsets?: readonly {
    readonly addresses?: readonly EndpointAddress[];
    readonly notReadyAddresses?: readonly EndpointAddress[];
    readonly ports?: readonly { readonly name?: string; readonly port: number; readonly protocol?: string }[];
  }[];
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>>;
}

export interface KubeEvent extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string };
  readonly involvedObject?: { readonly kind?: string; readonly name?: string; readonly namespace?: string; readonly fieldPath?: string };
}

export interface PersistentVolumeClaim extends KubeObject {
  readonly spec?: { readonly storageClassName?: string; readonly volumeName?: string };
  readonly status?: { readonly phase?: string };
}

export interface StorageClass extends KubeObject {
  readonly provisioner?: string;
  readonly volumeBindingMode?: string;
}

export interface Lease extends KubeObject {
  readonly spec?: {
    readonly holderIdentity?: string;
    readonly leaseDurationSeconds?: number;
    readonly acquireTime?: string;
    readonly renewTime?: string;
    readonly leaseTransitions?: number;
  };
}

export interface Node extends KubeObject {
  readonly spec?: {
    readonly unschedulable?: boolean;
    readonly taints?: readonly { readonly key: string; readonly value?: string; readonly effect?: string; readonly timeAdded?: string }[];
  };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly addresses?: readonly { readonly type?: string; readonly address?: string }[];
    readonly capacity?: Readonly<Record<string, string>>;
    readonly allocatable?: Readonly<Record<string, string>>;
    readonly nodeInfo?: {
      readonly kubeletVersion?: string;
      readonly kubeProxyVersion?: string;
      readonly containerRuntimeVersion?: string;
      readonly osImage?: string;
      readonly kernelVersion?: string;
    };
  };
}

export interface PodDisruptionBudget extends KubeObject {
  readonly spec?: { readonly minAvailable?: number | string; readonly maxUnavailable?: number | string; readonly selector?: LabelSelector };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly disruptionsAllowed?: number;
    readonly currentHealthy?: number;
    readonly desiredHealthy?: number;
    readonly expectedPods?: number;
  };
}

export interface AdmissionWebhook {
  readonly name?: string;
  readonly failurePolicy?: string;
  readonly timeoutSeconds?: number;
  readonly namespaceSelector?: LabelSelector;
  readonly objectSelector?: LabelSelector;
  readonly clientConfig?: {
    readonly url?: string;
    readonly caBundle?: string;
    readonly service?: { readonly namespace?: string; readonly name?: string; readonly port?: number };
  };
  readonly rules?: readonly {
    readonly apiGroups?: readonly string[];
    readonly apiVersions?: readonly string[];
    readonly operations?: readonly string[];
    readonly resources?: readonly string[];
  }[];
}

export interface WebhookConfiguration extends KubeObject {
  readonly webhooks?: readonly AdmissionWebhook[];
}

export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: string };
}

/** Every resource that skiffctl can read, and the type of its objects. */
export interface ResourceTypes {
  namespaces: Namespace;
  nodes: Node;
  pods: Pod;
  deployments: Deployment;
  statefulsets: StatefulSet;
  daemonsets: DaemonSet;
  jobs: Job;
  cronjobs: CronJob;
  services: Service;
  endpoints: Endpoints;
  configmaps: ConfigMap;
  events: KubeEvent;
  persistentvolumeclaims: PersistentVolumeClaim;
  storageclasses: StorageClass;
  leases: Lease;
  poddisruptionbudgets: PodDisruptionBudget;
  validatingwebhookconfigurations: WebhookConfiguration;
  mutatingwebhookconfigurations: WebhookConfiguration;
  ingresses: KubeObject;
  horizontalpodautoscalers: KubeObject;
  podsecuritypolicies: KubeObject;
  customresourcedefinitions: KubeObject;
  priorityclasses: KubeObject;
}
export type ResourceName = keyof ResourceTypes;

export interface ResourceKind {
  readonly group: string;
  /** Newest first; the first one that the API server serves is used. */
  readonly versions: readonly string[];
  readonly kind: string;
  readonly namespaced: boolean;
  /** Set where it is read who wrote its objects through which version: `managedFields` are kept then. */
  readonly writers?: true;
  /** Nothing but the metadata of its objects is asked for. */
  readonly metadataOnly?: true;
}

const METADATA = { writers: true, metadataOnly: true } as const;

/** Where each resource lives, by Kubernetes version (1.11 to 1.3x). */
export const RESOURCES: { readonly [R in ResourceName]: ResourceKind } = {
  namespaces: { group: '', versions: ['v1'], kind: 'Namespace', namespaced: false },
  nodes: { group: '', versions: ['v1'], kind: 'Node', namespaced: false },
  pods: { group: '', versions: ['v1'], kind: 'Pod', namespaced: true },
  deployments: { group: 'apps', versions: ['v1', 'v1beta2'], kind: 'Deployment', namespaced: true },
  statefulsets: { group: 'apps', versions: ['v1', 'v1beta2'], kind: 'StatefulSet', namespaced: true },
  daemonsets: { group: 'apps', versions: ['v1', 'v1beta2'], kind: 'DaemonSet', namespaced: true },
  jobs: { group: 'batch', versions: ['v1'], kind: 'Job', namespaced: true },
  cronjobs: { group: 'batch', versions: ['v1', 'v1beta1'], kind: 'CronJob', namespaced: true, writers: true },
  services: { group: '', versions: ['v1'], kind: 'Service', namespaced: true },
  endpoints: { group: '', versions: ['v1'], kind: 'Endpoints', namespaced: true },
  configmaps: { group: '', versions: ['v1'], kind: 'ConfigMap', namespaced: true },
  events: { group: '', versions: ['v1'], kind: 'Event', namespaced: true },
  persistentvolumeclaims: { group: '', versions: ['v1'], kind: 'PersistentVolumeClaim', namespaced: true },
  storageclasses: { group: 'storage.k8s.io', versions: ['v1', 'v1beta1'], kind: 'StorageClass', namespaced: false, writers: true },
  leases: { group: 'coordination.k8s.io', versions: ['v1', 'v1beta1'], kind: 'Lease', namespaced: true },
  poddisruptionbudgets: { group: 'policy', versions: ['v1', 'v1beta1'], kind: 'PodDisruptionBudget', namespaced: true, writers: true },
  validatingwebhookconfigurations: {
    group: 'admissionregistration.k8s.io',
    versions: ['v1', 'v1beta1'],
    kind: 'ValidatingWebhookConfiguration',
    namespaced: false,
    writers: true,
  },
  mutatingwebhookconfigurations: {
    group: 'admissionregistration.k8s.io',
    versions: ['v1', 'v1beta1'],
    kind: 'MutatingWebhookConfiguration',
    namespaced: false,
    writers: true,
  },
  ingresses: { group: 'networking.k8s.io', versions: ['v1', 'v1beta1'], kind: 'Ingress', namespaced: true, ...METADATA },
  horizontalpodautoscalers: { group: 'autoscaling', versions: ['v1'], kind: 'HorizontalPodAutoscaler', namespaced: true, ...METADATA },
  podsecuritypolicies: { group: 'policy', versions: ['v1beta1'], kind: 'PodSecurityPolicy', namespaced: false, ...METADATA },
  customresourcedefinitions: { group: 'apiextensions.k8s.io', versions: ['v1', 'v1beta1'], kind: 'CustomResourceDefinition', namespaced: false, ...METADATA },
  priorityclasses: { group: 'scheduling.k8s.io', versions: ['v1', 'v1beta1'], kind: 'PriorityClass', namespaced: false, ...METADATA },
};
