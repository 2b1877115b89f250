import type { HttpReader, KubeReader, ProbeContext } from '../../src/model/check.ts';
import { type KubeObject, RESOURCES, type ResourceName } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { minorVersion } from '../shared/heartbeat.ts';
import { samples } from '../shared/metrics.ts';
import type { RemovedApisObservation, RequestedApi, WrittenApi } from './observation.ts';
import { REMOVALS } from './removals.ts';
import type { RemovedApisOptions } from './rules.ts';

/** Kinds whose objects are few and that releases have removed versions of. */
const KINDS = [
  'ingresses',
  'poddisruptionbudgets',
  'cronjobs',
  'horizontalpodautoscalers',
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'customresourcedefinitions',
  'priorityclasses',
  'storageclasses',
] as const satisfies readonly ResourceName[];
/** Workloads lost their old versions with 1.16; they are many, and their manifests tell. */
const UNTIL_16 = ['deployments', 'statefulsets', 'daemonsets'] as const satisfies readonly ResourceName[];
const WITHOUT_SUCCESSOR = ['podsecuritypolicies'] as const satisfies readonly ResourceName[];

/** A control cluster's metrics are some 3 MB; those of a large cluster several times that. */
const METRICS = { timeoutMs: 10_000, maxBytes: 32 * 1024 * 1024 } as const;
const MOST = 5;

/** Which API versions are asked for, and through which ones objects were written. */
export async function probe(context: ProbeContext<RemovedApisOptions>): Promise<RemovedApisObservation> {
  const { kube, http } = context;
  const current = await versionOf(http);
  const minor = minorVersion(current) ?? Number.POSITIVE_INFINITY;
  const [requested, ...written] = await Promise.all([
    context.look('not-requested', () => requestedApis(http, minor)),
    ...[...KINDS, ...(minor <= 16 ? UNTIL_16 : [])].map((resource) =>
      context.look(['not-written', 'manifests-served'], async () => writtenApis(resource, await all(kube, resource)), apiOf(resource)),
    ),
  ]);
  const dropped = await Promise.all(
    WITHOUT_SUCCESSOR.map((resource) => context.look('kinds-stay', async () => ({ resource, objects: await all(kube, resource) }), apiOf(resource))),
  );
  return {
    current,
    ...(requested === undefined ? {} : { requested }),
    written: written.flatMap((each) => each ?? []),
    withoutSuccessor: dropped.flatMap((each) =>
      each === undefined || each.objects.length === 0
        ? []
        : [{ kind: RESOURCES[each.resource].kind, objects: each.objects.slice(0, MOST).map(nameOf), count: each.objects.length }],
    ),
  };
}

function apiOf(resource: ResourceName): { readonly kind: string; readonly name: string } {
  return { kind: 'API', name: resource };
}

async function versionOf(http: HttpReader): Promise<string> {
  const outcome = await http.apiServer('/version');
  const version = outcome.kind === 'answer' ? /"gitVersion"\s*:\s*"([^"]{1,60})"/.exec(outcome.body)?.[1] : undefined;
  if (version === undefined) throw new ProbeError({ reason: 'InvalidResponse', message: 'The API server does not tell its version at /version.' });
  return version;
}

/** None, without a fault, of a kind that this API server does not serve (any more). */
async function all(kube: KubeReader, resource: ResourceName): Promise<readonly KubeObject[]> {
  try {
    return await kube.list(resource);
  } catch (error) {
    if (error instanceof ProbeError && (error.problem.reason === 'NotServed' || error.problem.reason === 'NotFound')) return [];
    throw error;
  }
}

async function requestedApis(http: HttpReader, minor: number): Promise<readonly RequestedApi[] | 'unknown'> {
  if (minor < FIRST_WITH_METRIC) return 'unknown';
  const outcome = await http.apiServer('/metrics', METRICS);
  if (outcome.kind !== 'answer' || outcome.status !== 200 || outcome.truncated) {
    const detail = outcome.kind === 'answer' ? `HTTP ${outcome.status}${outcome.truncated ? ', longer than what is read' : ''}` : outcome.message;
    throw new ProbeError({ reason: 'InvalidResponse', message: `The metrics of the API server cannot be read: ${detail}`, needs: 'get /metrics' });
  }
  return samples(onlyLines(outcome.body, METRIC), (name) => name === METRIC)
    .filter(({ value }) => value > 0)
    .map(({ labels: { group = '', version = '', resource = '' } }) => ({ apiVersion: group === '' ? version : `${group}/${version}`, resource }))
    .filter(({ apiVersion, resource }) => REMOVALS.some((removal) => removal.apiVersion === apiVersion && removal.resources.includes(resource)));
}

const METRIC = 'apiserver_requested_deprecated_apis';
/** The minor of Kubernetes 1 that has it. */
const FIRST_WITH_METRIC = 19;

/** What parses samples stops after some thousands, and the metrics of an API server are more. */
function onlyLines(text: string, beginning: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith(beginning))
    .join('\n');
}

interface Witness {
  readonly apiVersion: string;
  readonly object: string;
  readonly writer: string;
  readonly at?: string;
}

function writtenApis(resource: ResourceName, objects: readonly KubeObject[]): readonly WrittenApi[] {
  const { kind } = RESOURCES[resource];
  const removed = new Set(REMOVALS.filter(({ kinds }) => kinds.includes(kind)).map(({ apiVersion }) => apiVersion));
  const witnesses = objects.flatMap((object): readonly Witness[] => {
    const { appliedVersion, managedFields = [] } = object.metadata;
    const name = nameOf(object);
    const applied = appliedVersion === undefined ? [] : [{ apiVersion: appliedVersion, object: name, writer: 'kubectl apply' }];
    const managed = managedFields.flatMap(({ apiVersion = '', manager = '?', time }) => [
      { apiVersion, object: name, writer: manager, ...(time === undefined ? {} : { at: time }) },
    ]);
    return [...applied, ...managed].filter(({ apiVersion }) => removed.has(apiVersion));
  });
  return [...Map.groupBy(witnesses, ({ apiVersion }) => apiVersion)].map(([apiVersion, same]) => {
    const names = [...new Set(same.map(({ object }) => object))];
    const lastAt = same
      .flatMap(({ at }) => at ?? [])
      .toSorted()
      .at(-1);
    return {
      apiVersion,
      kind,
      objects: names.slice(0, MOST),
      count: names.length,
      writers: [...new Set(same.map(({ writer }) => writer))].slice(0, MOST),
      ...(lastAt === undefined ? {} : { lastAt }),
    };
  });
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}
