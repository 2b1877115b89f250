import type { HttpReader, KubeReader, ObjectRef, OptionMeta, Target } from '../../src/model/check.ts';
import type { ConfigMap, Pod } from '../../src/model/kubernetes.ts';
import { ProbeError, type ProblemReason } from '../../src/model/problem.ts';
import { type Sample, samples } from './metrics.ts';
import { condition, isFinished, isReady } from './pods.ts';
import { parseClusterData, type StolonData } from './stolon-data.ts';
import { secondsSince, shortDuration } from './time.ts';

/** The three programs of stolon, as the inventory names them in `peers`. */
export type StolonRole = 'keeper' | 'sentinel' | 'proxy';

export interface StolonOptions {
  /** Name of the stolon cluster; found out from the pods when empty. */
  cluster: string;
  staleSeconds: number;
}

/** Options that all checks of stolon have. */
export const stolonOptions: { readonly [K in keyof StolonOptions]: OptionMeta<StolonOptions[K]> } = {
  cluster: {
    default: '',
    description: {
      zh: 'stolon 集群的名称；留空则从 Pod 的参数、环境变量和 stolon-cluster 标签得出。',
      en: 'Name of the stolon cluster; when empty it is found out from the arguments, the environment and the label stolon-cluster of the pods.',
    },
    source: 'components.md §6.5: the label stolon-cluster and --cluster-name',
  },
  staleSeconds: {
    default: 60,
    unit: 's',
    description: {
      zh: '集群数据多久没有写入就视为没有 sentinel 在工作；sleepInterval 调大时按其 6 倍计。',
      en: 'How long the cluster data may go unwritten before no sentinel counts as working; six times the sleepInterval where that is longer.',
    },
    source: 'stolon, cmd/sentinel: the leader writes every sleepInterval (5 s); a change of leader takes at most the lease of 15 s and two rounds',
  },
};

const ANNOTATION_DATA = 'stolon-clusterdata';
const ANNOTATION_STATUS = 'stolon-status';
const ANNOTATION_LEADER = 'control-plane.alpha.kubernetes.io/leader';
const LABEL_CLUSTER = 'stolon-cluster';
/** The port of upstream's examples, where a pod declares it without saying what it is for. */
const EXAMPLE_METRICS_PORT = 8080;
/** A program that lives answers within milliseconds. Short, because one that hangs must not use up the time of the probe. */
const METRICS_TIMEOUT_MS = 3000;
/** client-go's lease, in s, where a record does not say. */
const LEASE_SECONDS = 15;

/** A pod of stolon, as far as it is judged. Times are RFC 3339, empty when unknown. */
export interface StolonPod {
  readonly namespace: string;
  readonly name: string;
  readonly node: string;
  readonly address: string;
  readonly running: boolean;
  readonly ready: boolean;
  /** Since when it is ready or not. */
  readonly readySince: string;
  readonly startedAt: string;
  /** The uid that the program in it goes by, from its annotation; empty where it wrote none. */
  readonly uid: string;
}

/** The sentinels' lock, as the same ConfigMap holds it. */
export interface StolonLock {
  readonly holder: string;
  readonly renewedAt: string;
  readonly durationSeconds: number;
}

/** Where the cluster data is and what became of it. `elsewhere` is a store that cannot be read through Kubernetes, `unfound` one that nothing points at. */
export type StolonStore =
  | {
      readonly kind: 'data';
      readonly configMap: string;
      readonly data: StolonData;
      readonly bytes: number;
      readonly lock?: StolonLock;
      readonly created: string;
    }
  | { readonly kind: 'gone'; readonly configMap: string; readonly what: 'configmap' | 'annotation' }
  | { readonly kind: 'unreadable'; readonly configMap: string; readonly detail: 'json' | 'shape'; readonly bytes: number }
  | { readonly kind: 'foreign'; readonly configMap: string; readonly version: string }
  | { readonly kind: 'elsewhere'; readonly backend: string; readonly endpoints: string }
  | { readonly kind: 'unfound'; readonly configMap: string };

/**
 * The pods of a role, the target's own or those of its peers, without the ones that have ended. Pods that are being deleted count among the keepers alone: the
 * data goes on speaking of a keeper whose node is lost, and no other pod takes its place.
 */
export async function podsOfRole(kube: KubeReader, target: Target, role: StolonRole, own: StolonRole): Promise<readonly Pod[]> {
  const refs = role === own ? target.pods : (target.peers[role] ?? []).flatMap((peer) => peer.pods);
  // Without a pod of one's own they are asked for all the same: that they may not be listed is a reason, that there are none is another.
  const namespaces = [...new Set([...refs.map((ref) => ref.namespace), ...(role === own ? [target.namespace] : [])])];
  const lists = await Promise.all(namespaces.map((namespace) => kube.list('pods', namespace)));
  const counts = (pod: Pod): boolean => !isFinished(pod) && (role === 'keeper' || pod.metadata.deletionTimestamp === undefined);
  return lists.flat().filter((pod) => counts(pod) && refs.some((ref) => isSame(ref, pod)));
}

export function isSame(ref: ObjectRef, pod: Pod): boolean {
  return ref.name === pod.metadata.name && ref.namespace === pod.metadata.namespace;
}

export function refOf(pod: Pod): ObjectRef {
  return { namespace: pod.metadata.namespace ?? '', name: pod.metadata.name };
}

export function podFacts(pod: Pod): StolonPod {
  const started = (pod.status?.containerStatuses ?? []).flatMap((status) => status.state?.running?.startedAt ?? []).sort();
  return {
    ...refOf(pod),
    node: pod.spec?.nodeName ?? '',
    address: pod.status?.podIP ?? '',
    running: isRunning(pod),
    ready: isReady(pod),
    readySince: condition(pod.status?.conditions, 'Ready')?.lastTransitionTime ?? '',
    startedAt: started.at(-1) ?? pod.status?.startTime ?? '',
    uid: statusUid(pod),
  };
}

export function isRunning(pod: Pod): boolean {
  const statuses = pod.status?.containerStatuses ?? [];
  return pod.status?.phase === 'Running' && pod.metadata.deletionTimestamp === undefined && statuses.every((status) => status.state?.running !== undefined);
}

/** Keepers write `uid`, sentinels and proxies `UID`. */
function statusUid(pod: Pod): string {
  const fields = jsonFields(pod.metadata.annotations?.[ANNOTATION_STATUS]);
  const uid = fields['uid'] ?? fields['UID'];
  return typeof uid === 'string' ? uid.slice(0, 128) : '';
}

function jsonFields(text: string | undefined): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

const PREFIXES = ['STKEEPER', 'STSENTINEL', 'STPROXY'] as const;

/**
 * What a pod sets for a flag of stolon's programs, by the flag (in the command, its arguments or a script among them) or by the environment variable of the
 * same name (`STPROXY_PORT` for `--port`). Undefined when it is not set, or set to what the pod does not show.
 */
export function settingOf(pod: Pod, flag: string): string | undefined {
  const name = flag.toUpperCase().replaceAll('-', '_');
  for (const container of pod.spec?.containers ?? []) {
    const env = new Map((container.env ?? []).map((each) => [each.name, each.value]));
    const words = [...(container.command ?? []), ...(container.args ?? [])].flatMap((text) => text.split(/\s+/));
    const given = PREFIXES.map((prefix) => `${prefix}_${name}`);
    const value =
      afterFlag(words, `--${flag}`) ??
      given.map((key) => afterFlag(words, key)).find((each) => each !== undefined) ??
      given.map((key) => env.get(key)).find(Boolean);
    const shown = value === undefined ? undefined : expanded(value, env);
    if (shown !== undefined) return shown;
  }
  return undefined;
}

function afterFlag(words: readonly string[], flag: string): string | undefined {
  const at = words.findIndex((word) => word === flag || word.startsWith(`${flag}=`));
  const word = words[at];
  if (word === undefined) return undefined;
  return unquoted(word === flag ? (words[at + 1] ?? '') : word.slice(flag.length + 1));
}

function unquoted(text: string): string {
  return text.replaceAll(/^["']|["']$/g, '');
}

/** A value that names a variable (`$(POD_IP)`, `${NAME}`, `$NAME`) is that variable's; one that the pod does not show is unknown. */
function expanded(value: string, env: ReadonlyMap<string, string | undefined>): string | undefined {
  const variable = /^\$(?:\((\w+)\)|\{(\w+)\}|(\w+))$/.exec(value);
  if (variable !== null) return env.get(variable[1] ?? variable[2] ?? variable[3] ?? '');
  return value.includes('$') || value === '' ? undefined : value;
}

/** The port of a setting such as `0.0.0.0:8080`. */
function portOf(address: string | undefined): number | undefined {
  const port = Number(/:(\d+)$/.exec(address ?? '')?.[1]);
  return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
}

/**
 * The name of the stolon cluster that the pods belong to. Throws ProbeError when nothing says it, or when they belong to several.
 */
export function clusterOf(pods: readonly Pod[], given: string): string {
  if (given !== '') return given;
  const names = new Set(pods.flatMap((pod) => settingOf(pod, 'cluster-name') ?? pod.metadata.labels?.[LABEL_CLUSTER] ?? []));
  const [name] = names;
  if (name !== undefined && names.size === 1) return name;
  const which = names.size === 0 ? 'No pod says which stolon cluster it belongs to' : `The pods belong to several stolon clusters (${[...names].join(', ')})`;
  throw new ProbeError({ reason: 'PrerequisiteFailed', message: `${which}.`, needs: 'the option cluster' });
}

/**
 * Reads the cluster data where stolon keeps it in Kubernetes: in the namespace of its pods. Throws ProbeError when the ConfigMap may not be read. It is read by
 * itself and not from the list that all checks share: that one is as old as the run, and data that is seconds old would look abandoned.
 */
export async function readStore(kube: KubeReader, target: Target, pods: readonly Pod[], given: string): Promise<StolonStore> {
  const cluster = clusterOf(pods, given);
  const namespace = pods[0]?.metadata.namespace ?? target.namespace;
  const backend = pods.map((pod) => settingOf(pod, 'store-backend')).find((each) => each !== undefined);
  if (backend !== undefined && backend !== 'kubernetes') {
    const endpoints = pods.map((pod) => settingOf(pod, 'store-endpoints')).find((each) => each !== undefined);
    return { kind: 'elsewhere', backend, endpoints: endpoints ?? '' };
  }
  const name = `stolon-cluster-${cluster}`;
  const configMap = `${namespace}/${name}`;
  const found = await kube.get('configmaps', name, namespace);
  if (found !== undefined) return storeIn(found, configMap);
  // Only the Kubernetes store makes the programs annotate their pods: without any sign of it the data may as well lie in an etcd that nothing names.
  const isKubernetes =
    backend !== undefined ||
    pods.some((pod) => pod.metadata.annotations?.[ANNOTATION_STATUS] !== undefined || settingOf(pod, 'kube-resource-kind') !== undefined);
  return isKubernetes ? { kind: 'gone', configMap, what: 'configmap' } : { kind: 'unfound', configMap };
}

function storeIn({ metadata }: ConfigMap, configMap: string): StolonStore {
  const text = metadata.annotations?.[ANNOTATION_DATA];
  if (text === undefined || text === '') return { kind: 'gone', configMap, what: 'annotation' };
  const bytes = text.length;
  const parsed = parseClusterData(text);
  if (parsed.kind === 'none') return { kind: 'gone', configMap, what: 'annotation' };
  if (parsed.kind === 'unreadable') return { kind: 'unreadable', configMap, detail: parsed.detail, bytes };
  if (parsed.kind === 'foreign') return { kind: 'foreign', configMap, version: parsed.version };
  const lock = lockIn(metadata.annotations?.[ANNOTATION_LEADER]);
  return { kind: 'data', configMap, data: parsed.data, bytes, created: metadata.creationTimestamp ?? '', ...(lock === undefined ? {} : { lock }) };
}

function lockIn(text: string | undefined): StolonLock | undefined {
  const record = jsonFields(text);
  const { holderIdentity: holder, renewTime: renewedAt, leaseDurationSeconds: duration } = record;
  if (typeof renewedAt !== 'string' || Number.isNaN(Date.parse(renewedAt))) return undefined;
  return {
    holder: typeof holder === 'string' ? holder.slice(0, 256) : '',
    renewedAt: renewedAt.slice(0, 64),
    durationSeconds: typeof duration === 'number' ? duration : LEASE_SECONDS,
  };
}

/** When the leading sentinel last wrote the cluster data; empty when that cannot be told. It writes down when it last saw each healthy keeper, too. */
export function writtenAt({ changeTime, keepers }: StolonData): string {
  return (
    [changeTime, ...keepers.map((keeper) => keeper.lastHealthyTime)].filter((time) => time !== '').toSorted((a, b) => Date.parse(b) - Date.parse(a))[0] ?? ''
  );
}

/** Seconds since the leading sentinel last wrote the cluster data; infinite when that cannot be told. */
export function dataAge(data: StolonData, readAt: string): number {
  return secondsSince(writtenAt(data), new Date(readAt)) ?? Infinity;
}

/** Seconds without a write after which nobody keeps the data true. */
export function staleAfter(data: StolonData, { staleSeconds }: Pick<StolonOptions, 'staleSeconds'>): number {
  return Math.max(staleSeconds, 6 * data.sleepInterval);
}

/**
 * The cluster data, when it can be believed. Throws ProbeError when it is not there or no sentinel keeps it true any more: what it says of a keeper is then
 * no news of that keeper.
 */
export async function believable(store: StolonStore, readAt: string, options: Pick<StolonOptions, 'staleSeconds'>): Promise<StolonData> {
  switch (store.kind) {
    case 'data': {
      const age = dataAge(store.data, readAt);
      if (age <= staleAfter(store.data, options)) return store.data;
      const since = Number.isFinite(age) ? `for ${shortDuration(age)}` : 'at all';
      throw prerequisite(`No sentinel has written the cluster data in ConfigMap ${store.configMap} ${since}: what it says of the keepers is no news.`);
    }
    case 'gone':
      throw prerequisite(
        `There is no cluster data: ${store.what === 'configmap' ? 'the ConfigMap' : 'the annotation of ConfigMap'} ${store.configMap} is gone.`,
      );
    case 'unreadable':
      throw prerequisite(`The cluster data in ConfigMap ${store.configMap} cannot be read.`);
    case 'foreign':
      throw prerequisite(`The cluster data in ConfigMap ${store.configMap} has format ${store.version}.`);
    case 'elsewhere':
    case 'unfound':
      throw outOfSight(store);
  }
}

/** Cluster data that no right to Kubernetes shows. */
export function outOfSight(store: Extract<StolonStore, { readonly kind: 'elsewhere' | 'unfound' }>): ProbeError {
  if (store.kind === 'unfound') {
    return prerequisite(`There is no ConfigMap ${store.configMap}, and no pod says where else the cluster data is.`);
  }
  const where = store.endpoints === '' ? store.backend : `${store.backend} at ${store.endpoints}`;
  return prerequisite(`The cluster data is kept in ${where}, which skiffctl does not read.`);
}

function prerequisite(message: string): ProbeError {
  return new ProbeError({ reason: 'PrerequisiteFailed', message });
}

const REASONS: Readonly<Record<string, ProblemReason>> = { refused: 'Refused', timeout: 'Timeout', reset: 'Reset', tls: 'TlsError' };

/**
 * The metrics of stolon's program in a pod; undefined where it exposes none, as is the default. Throws ProbeError when it is told to expose them and they
 * cannot be read.
 */
export async function metricsOf(http: HttpReader, pod: Pod): Promise<readonly Sample[] | undefined> {
  const address = settingOf(pod, 'metrics-listen-address');
  if (/^(?:127\.|localhost:|\[?::1)/.test(address ?? '')) return undefined;
  const told = portOf(address);
  const port = told ?? likelyMetricsPort(pod);
  if (port === undefined || !isRunning(pod)) return undefined;
  const outcome = await http.pod(refOf(pod), port, '/metrics', { timeoutMs: METRICS_TIMEOUT_MS });
  const found = outcome.kind === 'answer' && outcome.status === 200 ? samples(outcome.body, (name) => name.startsWith('stolon_')) : [];
  if (found.length > 0) return found;
  if (told === undefined) return undefined;
  const what = `The metrics of ${pod.metadata.name}:${port}`;
  if (outcome.kind === 'unreachable') throw new ProbeError({ reason: REASONS[outcome.cause] ?? 'InvalidResponse', message: `${what}: ${outcome.message}` });
  throw new ProbeError({ reason: 'InvalidResponse', message: `${what}: HTTP ${outcome.status} without a metric of stolon.` });
}

function likelyMetricsPort(pod: Pod): number | undefined {
  const annotated = Number(pod.metadata.annotations?.['prometheus.io/port']);
  if (Number.isInteger(annotated) && annotated > 0 && annotated < 65_536) return annotated;
  const declared = (pod.spec?.containers ?? []).flatMap((container) => container.ports ?? []);
  return declared.some(({ containerPort }) => containerPort === EXAMPLE_METRICS_PORT) ? EXAMPLE_METRICS_PORT : undefined;
}

/** The pod of a keeper: by the uid in its annotation, by its address, else by its ordinal, which upstream's example makes the uid from. */
export function podOfKeeper<P extends StolonPod>(data: StolonData, keeper: string, pods: readonly P[]): P | undefined {
  const address = data.databases.find((database) => database.keeper === keeper)?.address ?? '';
  return (
    pods.find((pod) => pod.uid !== '' && pod.uid === keeper) ??
    pods.find((pod) => pod.uid === '' && address !== '' && pod.address === address) ??
    pods.find((pod) => pod.uid === '' && `keeper${/-(\d+)$/.exec(pod.name)?.[1] ?? '?'}` === keeper)
  );
}

/** The database that is elected, when the data has it. */
export function masterOf(data: StolonData): StolonData['databases'][number] | undefined {
  return data.databases.find((database) => database.uid === data.master);
}

/** Bytes for a person: `0 B`, `1.2 MiB`. */
export function bytesText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = Math.max(0, bytes);
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit] ?? ''}`;
}
