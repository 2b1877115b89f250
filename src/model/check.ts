import type { ImageRegistry } from './component.ts';
import type { ConversationOptions, MysqlConversation, Opened, PostgresConversation, RedisConversation } from './conversation.ts';
import type { Json, JsonOf } from './json.ts';
import type { ResourceName, ResourceTypes } from './kubernetes.ts';
import type { Problem } from './problem.ts';
import type { Text } from './text.ts';
import type { Topology } from './topology.ts';

export type Severity = 'critical' | 'warning' | 'info';

/** What a failed rule does to its component: `down` no longer serves, `degraded` serves with less redundancy or quality, `none` neither. */
export type Effect = 'down' | 'degraded' | 'none';

/** A Kubernetes object, or a thing named like one, that a finding speaks of. */
export interface Subject {
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** Static facts about one rule. Documentation, RBAC, JUnit cases and alerts are made from them; an id, once released, never changes its meaning. */
export interface RuleMeta {
  /** The healthy state as a fact: "A majority of etcd members is healthy". */
  readonly title: Text;
  /** Fixed: critical fails the run, warning warns, info only tells. Two thresholds are two rules. */
  readonly severity: Severity;
  /** What failing it means for the component's state. Default: critical → down, warning → degraded, info → none. */
  readonly effect?: Effect;
  /** Message id → text with {placeholders}, for `fail` and `skip` verdicts. */
  readonly messages: Readonly<Record<string, Text>>;
}

export interface OptionMeta<V> {
  readonly default: V;
  /** What it changes, and where the default comes from. */
  readonly description: Text;
  /** For example `ms`, `s`, `percent`, `bytes`. */
  readonly unit?: string;
  /** What an operator may give beside the type of the default; skiffctl.yaml is refused with anything else. */
  readonly accepts?: OptionLimits;
  readonly source: string;
}

/** Limits of an option's values: of the number, of the text, of each item of a list and each value of a mapping. */
export interface OptionLimits {
  readonly oneOf?: readonly (string | number)[];
  readonly least?: number;
  readonly most?: number;
  /** A regular expression for texts, and one for the keys of a mapping. */
  readonly pattern?: string;
  readonly keys?: string;
}

export type AccessVerb = 'get' | 'list';

/** Where a read happens: in the namespaces of the component and its peers, in one fixed namespace, or cluster-wide. */
export type AccessScope = 'component' | 'cluster' | { readonly namespace: string };

/**
 * One thing that a probe reads. What is declared is exactly what may be read: the reader refuses anything else, and a test fails when something
 * declared is never read.
 */
export interface Access {
  readonly resource: ResourceName;
  readonly subresource?: 'proxy' | 'portforward' | 'log';
  readonly verbs: readonly AccessVerb[];
  readonly scope: AccessScope;
  /** Names of the objects for `get`, where they are known beforehand; becomes resourceNames of the role. */
  readonly names?: readonly string[];
}

export interface CheckMeta<Rules extends Record<string, RuleMeta> = Record<string, RuleMeta>, Options extends object = object> {
  /** Kebab case, equal to the name of the check's folder. It is also the name of the technology in the inventory. */
  readonly id: string;
  readonly title: Text;
  readonly description: Text;
  readonly reads: readonly Access[];
  /** Paths of the API server that it reads beside those of health and version, which every authenticated user may read: `/metrics`. */
  readonly paths?: readonly string[];
  readonly options: { readonly [K in keyof Options]: OptionMeta<Options[K]> };
  readonly rules: Rules;
  /** Longest time for one probe of this check, in ms. Default: the run's probe timeout. */
  readonly timeoutMs?: number;
  /** True when it looks no deeper than the component's Kubernetes objects. The report says so of components that have nothing deeper. */
  readonly shallow?: boolean;
  /** `change`: it matters only before a change. `skiffctl gate` looks with it, `skiffctl doctor` does not. Default: it always matters. */
  readonly purpose?: 'change';
  /** Ids of checks: it looks at every component that one of these looks at, without being named in the inventory. */
  readonly beside?: readonly string[];
}

export type WorkloadKind = 'Deployment' | 'StatefulSet' | 'DaemonSet' | 'CronJob' | 'StaticPod' | 'Pod';

export interface ObjectRef {
  readonly namespace: string;
  readonly name: string;
}
export interface WorkloadRef extends ObjectRef {
  readonly kind: WorkloadKind;
}

/**
 * `present`: found. `missing`: its namespace's module is installed and it is not optional. `absent`: not installed here. `unseen`: what would show it
 * could not be read.
 */
export type Presence = 'present' | 'missing' | 'absent' | 'unseen';

/** A component that another one has to be looked at together with, as a Redis with its sentinels. */
export interface Peer {
  readonly component: string;
  readonly presence: Presence;
  readonly pods: readonly ObjectRef[];
  readonly services: readonly ObjectRef[];
}

/** What the component of a probe needs: enough to say which of them the component itself complains about. */
export interface TargetDependency {
  /** Full id. */
  readonly component: string;
  /** Ids of the technologies that it is made of, for example `redis`. */
  readonly technologies: readonly string[];
  readonly partial: boolean;
}

/** The component that a probe is to look at, as discovery found it. Plain JSON. */
export interface Target {
  /** `<namespace>/<inventory id>`, for example `skiff-apm/apm-redis`; `node/<name>` for a node. */
  readonly component: string;
  readonly namespace: string;
  readonly core: boolean;
  readonly optional: boolean;
  readonly presence: Presence;
  /** Why it is `unseen`. */
  readonly problem?: Problem;
  readonly workloads: readonly WorkloadRef[];
  readonly pods: readonly ObjectRef[];
  readonly services: readonly ObjectRef[];
  /** Role, as the inventory names it (`redis`, `sentinel`, `exporter` …) → the components that play it here. */
  readonly peers: Readonly<Record<string, readonly Peer[]>>;
  /** Declared and observed, in the order of the diagnosis. Nothing may be read of them: a component that is read together with this one is a peer. */
  readonly dependencies: readonly TargetDependency[];
  /** The registries that run in this cluster, by the hosts that images are named after; absent when none is known. */
  readonly imageRegistries?: readonly ImageRegistry[];
}

/** The certificate that a server has shown, unchecked: who it is made out to is for the check to judge. */
export interface ServerCertificate {
  /** Common name; empty when there is none. */
  readonly subject: string;
  readonly issuer: string;
  /** DNS names and IP addresses, at most fifty. */
  readonly names: readonly string[];
  /** RFC 3339. */
  readonly notBefore: string;
  readonly notAfter: string;
}

/** How a request to something behind the API server's proxy ended, when it was not answered by it. Facts about the target, not about us. */
export type UnreachableCause = 'refused' | 'timeout' | 'no-route' | 'reset' | 'tls' | 'not-http' | 'no-endpoints' | 'other';

export type HttpOutcome =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      /** Text, at most the size limit of the call; `truncated` says that there was more. */
      readonly body: string;
      readonly truncated: boolean;
      readonly elapsedMs: number;
      /** Only of HTTPS through a port-forward: the API server's proxies show none. */
      readonly certificate?: ServerCertificate;
    }
  | { readonly kind: 'unreachable'; readonly cause: UnreachableCause; readonly message: string; readonly elapsedMs: number };

export interface HttpOptions {
  /** Default `http`. */
  readonly scheme?: 'http' | 'https';
  readonly timeoutMs?: number;
  /** Longest body that is kept, in bytes. Default 1 MiB. */
  readonly maxBytes?: number;
}

export interface ForwardedOptions extends HttpOptions {
  /** JSON to POST. Only etcd's gateway knows POSTs that read (status, member list, `{"action":"GET"}` of alarm): anything else is refused. */
  readonly post?: string;
}

/**
 * Reads through the API server. There are no verbs that write. Everything is bounded in time and size, and each list is read once per run and
 * shared. Throws ProbeError when the API server refuses or cannot be read: let it pass, or wrap the call in `look`.
 */
export interface KubeReader {
  /** All objects of a kind in a namespace (or of a cluster-scoped kind, without one). */
  list<R extends ResourceName>(resource: R, namespace?: string): Promise<readonly ResourceTypes[R][]>;
  /** One object, or undefined when the API server says that there is none. */
  get<R extends ResourceName>(resource: R, name: string, namespace?: string): Promise<ResourceTypes[R] | undefined>;
  /** The last lines of a container's log. */
  logs(pod: ObjectRef, options: { readonly container?: string; readonly tailLines: number; readonly previous?: boolean }): Promise<string>;
}

/** HTTP GET through the API server: to a pod, a service or a node behind its proxy, or to the API server itself. */
export interface HttpReader {
  pod(pod: ObjectRef, port: number, path: string, options?: HttpOptions): Promise<HttpOutcome>;
  service(service: ObjectRef, port: number | string, path: string, options?: HttpOptions): Promise<HttpOutcome>;
  node(node: string, path: string, options?: HttpOptions): Promise<HttpOutcome>;
  /**
   * HTTP to a port inside a pod, through a port-forward: for listeners on the loopback interface, which the proxy cannot reach, and for the few requests
   * of a protocol that are POSTs although they read. Throws ProbeError where the way to the pod is not open; nobody listening there is an outcome.
   */
  forwarded(pod: ObjectRef, port: number, path: string, options?: ForwardedOptions): Promise<HttpOutcome>;
  /** A path of the API server that is no resource: `/readyz?verbose`, `/version`. */
  apiServer(path: string, options?: HttpOptions): Promise<HttpOutcome>;
}

/** Bytes to and from a port inside a pod, through the API server's port-forward. */
export interface ByteStream extends AsyncIterable<Uint8Array> {
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
}

export interface ProbeContext<Options extends object, Rule extends string = string> {
  readonly target: Target;
  readonly options: Readonly<Options>;
  readonly kube: KubeReader;
  readonly http: HttpReader;
  portForward(pod: ObjectRef, port: number): Promise<ByteStream>;
  /** Speaks to a Redis server or a Sentinel in a pod. Throws ProbeError when the way to the pod is not open, as the two below. */
  redis(pod: ObjectRef, port: number, options?: ConversationOptions): Promise<Opened<RedisConversation>>;
  mysql(pod: ObjectRef, port: number, options?: ConversationOptions): Promise<Opened<MysqlConversation>>;
  postgres(pod: ObjectRef, port: number, options?: ConversationOptions): Promise<Opened<PostgresConversation>>;
  /** The cluster's time at this moment, by its Date headers. The `now` of `evaluate` is that of the run's beginning, before anything was read. */
  now(): Date;
  /** Aborted when the probe's time is over. */
  readonly signal: AbortSignal;
  /**
   * Runs one look-up that these rules need. When it cannot be done, the rules become `unknown` with the reason (for this subject, when one is
   * given) and the probe goes on with `undefined`: `evaluate` then says nothing about them.
   */
  look<T>(rules: Rule | readonly Rule[], read: () => Promise<T>, subject?: Subject): Promise<T | undefined>;
}

export interface EvaluateContext<Options extends object> {
  readonly options: Readonly<Options>;
  /** The cluster's time, from the API server's Date header. */
  readonly now: Date;
}

/** '{healthy} of {total}' → 'healthy' | 'total' */
export type Placeholders<S extends string> = S extends `${string}{${infer Name}}${infer Rest}` ? Name | Placeholders<Rest> : never;
type Data<T extends Text> = [Placeholders<T['en']>] extends [never]
  ? { readonly data?: never }
  : { readonly data: { readonly [K in Placeholders<T['en']>]: string | number } };

interface About {
  readonly subject?: Subject;
  readonly observed?: Json;
  readonly expected?: Json;
}

type WithMessage<Rule extends string, Outcome extends string, Messages extends Readonly<Record<string, Text>>, Extra> = {
  [Id in keyof Messages & string]: About & Extra & { readonly rule: Rule; readonly verdict: Outcome; readonly messageId: Id } & Data<Messages[Id]>;
}[keyof Messages & string];

/** What the evidence of a failed rule tells about its cause. */
export interface CauseEvidence {
  /** Components that the evidence itself points at, for example the node that a lost pod was on. They explain this finding when they are faulty. */
  readonly because?: readonly string[];
  /** True when the evidence shows that the cause is here (a bad image name, a selector that matches nothing): never folded under a dependency. */
  readonly own?: boolean;
  /** Since when, RFC 3339, when the evidence tells. */
  readonly since?: string;
}

/** What a check may say of a rule. `unknown` is missing on purpose: only the runner says it, from what the probe could not do. */
export type Verdict<Rules extends Record<string, RuleMeta> = Record<string, RuleMeta>> = {
  [Rule in keyof Rules & string]:
    | (About & { readonly rule: Rule; readonly verdict: 'pass' })
    | WithMessage<Rule, 'fail', Rules[Rule]['messages'], CauseEvidence>
    | WithMessage<Rule, 'skip', Rules[Rule]['messages'], unknown>;
}[keyof Rules & string];

export interface Check<Observation = unknown, Rules extends Record<string, RuleMeta> = Record<string, RuleMeta>, Options extends object = object> {
  readonly meta: CheckMeta<Rules, Options>;
  /** The only part with I/O. Brings back plain, small JSON; throws when nothing could be looked at. */
  probe(context: ProbeContext<Options, keyof Rules & string>): Promise<JsonOf<Observation>>;
  /** Pure and synchronous: the same observation, options and time give the same verdicts. */
  evaluate(observation: Observation, context: EvaluateContext<Options>): readonly Verdict<Rules>[];
  /** For stores with several servers: who is what, drawn from the same observation. Pure. Undefined when nothing is known. */
  topology?(observation: Observation, context: EvaluateContext<Options>): Topology | undefined;
}

/** A registry holds checks of every shape; the runner only ever pairs a check with its own observation. */
// oxlint-disable-next-line no-explicit-any
export type AnyCheck = Check<any, any, any>;

/** Ties the types of a check together: rules to messages, messages to data, probe to evaluate. Returns its argument. */
export function defineCheck<Observation, const Rules extends Record<string, RuleMeta>, Options extends object>(
  check: Check<Observation, Rules, Options>,
): Check<Observation, Rules, Options> {
  return check;
}

/** A rule that could not be looked at, and why. Made by the runner from `look` and from what a probe threw. */
export interface BlindSpot {
  readonly rules: readonly string[];
  readonly problem: Problem;
  readonly subject?: Subject;
}
