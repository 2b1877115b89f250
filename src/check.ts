/**
 * `skiffctl/check`: everything that the author of a check or of a component needs, and nothing that reaches a cluster. What a probe may use comes
 * to it in its context. The same names serve skiffctl's own checks and those of a site; docs/writing-checks.md is the guide.
 *
 * A check is a folder with `check.ts`, whose default export is `defineCheck({ meta, probe, evaluate })`, and a runbook in each language. A component
 * is a line of an inventory, `defineComponent({ … })`, that says where to look and which checks look at it.
 *
 * - `defineCheck`, `Check`, `CheckMeta`, `RuleMeta`, `OptionMeta`, `Access`, `Text`, `Json`: what a check is made of.
 * - `ProbeContext`, `Target`, `KubeReader`, `HttpReader`, `ByteStream`, `ProbeError`: what a probe gets, and what it may throw.
 * - `RedisConversation`, `MysqlConversation`, `PostgresConversation`: servers asked in their own language. `Topology`: who is what among them.
 * - `EvaluateContext`, `Verdict`, `Subject`, `CauseEvidence`: what `evaluate` gets and says.
 * - `defineComponent`, `NamespaceInventory`, `Dependency`: where to look.
 * - `Pod`, `Service`, `Node`, `ResourceTypes` …: Kubernetes objects as the reader returns them.
 */

export type {
  Access,
  AccessScope,
  AccessVerb,
  AnyCheck,
  ByteStream,
  CauseEvidence,
  Check,
  CheckMeta,
  Effect,
  EvaluateContext,
  ForwardedOptions,
  HttpOptions,
  HttpOutcome,
  HttpReader,
  KubeReader,
  ObjectRef,
  OptionMeta,
  Peer,
  Presence,
  ProbeContext,
  RuleMeta,
  Severity,
  Subject,
  Target,
  TargetDependency,
  UnreachableCause,
  Verdict,
  WorkloadKind,
  WorkloadRef,
} from './model/check.ts';
export { defineCheck } from './model/check.ts';
export type { ComponentDefinition, Dependency, EdgeConfidence, NamespaceInventory, Owner, Recognition } from './model/component.ts';
export { defineComponent } from './model/component.ts';
export type {
  ConversationOptions,
  Login,
  MysqlConversation,
  MysqlGreeting,
  Opened,
  PostgresConversation,
  PostgresGreeting,
  RedisConversation,
  RedisError,
  RedisReply,
  ServerSilence,
  SqlRow,
} from './model/conversation.ts';
export type { Json, JsonOf } from './model/json.ts';
export type {
  Condition,
  ConfigMap,
  Container,
  ContainerProbe,
  ContainerState,
  ContainerStatus,
  CronJob,
  DaemonSet,
  Deployment,
  EndpointAddress,
  Endpoints,
  EnvVar,
  HttpGetAction,
  Job,
  KubeEvent,
  KubeObject,
  LabelSelector,
  Lease,
  Namespace,
  Node,
  ObjectMeta,
  OwnerReference,
  PersistentVolumeClaim,
  Pod,
  PodSpec,
  PodTemplate,
  ResourceName,
  ResourceTypes,
  Service,
  ServicePort,
  StatefulSet,
  StorageClass,
} from './model/kubernetes.ts';
export type { Problem, ProblemReason } from './model/problem.ts';
export { ProbeError } from './model/problem.ts';
export type { Language, Text } from './model/text.ts';
export type { Topology, TopologyMember } from './model/topology.ts';
