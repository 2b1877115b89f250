import type { KubeReader, ObjectRef } from '../model/check.ts';
import { RESOURCES, type ResourceName, type ResourceTypes } from '../model/kubernetes.ts';
import { ProbeError, type ProblemReason } from '../model/problem.ts';
import type { Connection, RawAnswer } from './connection.ts';
import { continueToken, withoutManagedFields } from './list-body.ts';
import { project } from './projection.ts';

/** Objects per page. 250 to 500 was the fastest on a real API server; see docs/performance.md. */
const PAGE = 500;
/** Most pages of one list: 20,000 objects in one namespace are no control cluster. More is an error, never a silent cut. */
const MAX_PAGES = 40;

/**
 * Kinds of which a namespace holds few: asked from the API server's watch cache (`resourceVersion=0`), which spares etcd and still answers while etcd
 * has no quorum. Old servers ignore `limit` with it, so pods and events, which can be many, are paged instead.
 */
const FROM_WATCH_CACHE: ReadonlySet<ResourceName> = new Set<ResourceName>([
  'namespaces',
  'nodes',
  'deployments',
  'statefulsets',
  'daemonsets',
  'services',
  'endpoints',
  'configmaps',
  'persistentvolumeclaims',
  'storageclasses',
  'cronjobs',
  'leases',
  'poddisruptionbudgets',
  'validatingwebhookconfigurations',
  'mutatingwebhookconfigurations',
  'ingresses',
  'horizontalpodautoscalers',
  'podsecuritypolicies',
  'customresourcedefinitions',
  'priorityclasses',
]);

/** Asks for the metadata alone, in the form of 1.15 and later, then in that of 1.11; a server that knows neither sends the whole objects. */
const METADATA_LIST = ['v1', 'v1beta1'].map((version) => `application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=${version}`).join(', ');

/** A page on its way: its answer, and, as soon as its first part tells, the token of the next one. */
interface Page {
  readonly answer: Promise<RawAnswer>;
  readonly next: Promise<string | undefined>;
}

interface ApiList<R extends ResourceName> {
  readonly items?: readonly ResourceTypes[R][] | null;
}

/** Reads objects from one API server. Each list and object is asked once and shared by all who ask; a failure is shared, too. */
export class ApiReader implements KubeReader {
  readonly #connection: Connection;
  readonly #signal: AbortSignal;
  readonly #reads = new Map<string, Promise<unknown>>();

  constructor(connection: Connection, signal: AbortSignal) {
    this.#connection = connection;
    this.#signal = signal;
  }

  list<R extends ResourceName>(resource: R, namespace?: string): Promise<readonly ResourceTypes[R][]> {
    return this.#once(`list ${resource} ${namespace ?? ''}`, () => this.#list(resource, namespace));
  }

  get<R extends ResourceName>(resource: R, name: string, namespace?: string): Promise<ResourceTypes[R] | undefined> {
    return this.#once(`get ${resource} ${namespace ?? ''}/${name}`, async () => {
      const path = `${await this.#path(resource, namespace)}/${encodeURIComponent(name)}`;
      const answer = await this.#connection.get(path, { signal: this.#signal });
      const what = `get ${resource} ${name}${namespace === undefined ? '' : ` in ${namespace}`}`;
      if (answer.status === 404) return undefined;
      return project(resource, parseObject<ResourceTypes[R]>(expectOk(answer, what), what));
    });
  }

  logs(pod: ObjectRef, options: { readonly container?: string; readonly tailLines: number; readonly previous?: boolean }): Promise<string> {
    const query = new URLSearchParams({ tailLines: String(options.tailLines), limitBytes: '262144' });
    if (options.container !== undefined) query.set('container', options.container);
    if (options.previous) query.set('previous', 'true');
    const path = `/api/v1/namespaces/${pod.namespace}/pods/${pod.name}/log?${query}`;
    return this.#once(
      `logs ${path}`,
      async () => expectOk(await this.#connection.get(path, { signal: this.#signal }), `get pods/log ${pod.name} in ${pod.namespace}`).body,
    );
  }

  #once<T>(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#reads.get(key) as Promise<T> | undefined;
    if (known !== undefined) return known;
    const flight = read();
    flight.catch(() => {}); // whoever asked sees it; nobody asking any more is no crash
    this.#reads.set(key, flight);
    return flight;
  }

  async #list<R extends ResourceName>(resource: R, namespace: string | undefined): Promise<readonly ResourceTypes[R][]> {
    const base = await this.#path(resource, namespace);
    const what = `list ${resource}${namespace === undefined ? '' : ` in ${namespace}`}`;
    const { metadataOnly = false, writers = false } = RESOURCES[resource];
    const cached = FROM_WATCH_CACHE.has(resource) ? '&resourceVersion=0' : '';
    // Normal events are not evidence of a fault and are by far the most.
    const selector = resource === 'events' ? `&fieldSelector=${encodeURIComponent('type=Warning')}` : '';
    const ask = (token: string | undefined): Page => {
      const head = Promise.withResolvers<string | undefined>();
      const answer = this.#connection.get(`${base}?limit=${PAGE}${token === undefined ? cached : `&continue=${encodeURIComponent(token)}`}${selector}`, {
        signal: this.#signal,
        isList: true,
        ...(metadataOnly ? { accept: `${METADATA_LIST}, application/json` } : {}),
        onHead: (text) => head.resolve(continueToken(text)),
      });
      answer.then(
        () => head.resolve(undefined),
        () => head.resolve(undefined),
      ); // a failure is awaited below; until then it is not unhandled
      return { answer, next: head.promise };
    };
    const items: ResourceTypes[R][] = [];
    let page: Page | undefined = ask(undefined);
    for (let pages = 1; page !== undefined; pages += 1) {
      // The next page is on its way while the rest of this one arrives and is parsed; never more than one, for their memory.
      const early: string | undefined = await page.next;
      const following: Page | undefined = early === undefined || pages >= MAX_PAGES ? undefined : ask(early);
      const answer: RawAnswer = expectOk(await page.answer, what);
      if (answer.truncated)
        throw new ProbeError({ reason: 'InvalidResponse', message: `Cannot ${what}: the answer is larger than ${answer.body.length} bytes.` });
      const token = continueToken(answer.body);
      if (token !== undefined && pages >= MAX_PAGES) {
        throw new ProbeError({ reason: 'InvalidResponse', message: `Cannot ${what}: there are more than ${PAGE * MAX_PAGES}, which no control cluster has.` });
      }
      page = token === undefined ? undefined : (following ?? ask(token));
      for (const item of parseItems<R>(answer, what, writers)) items.push(project(resource, item));
    }
    return items;
  }

  async #path(resource: ResourceName, namespace: string | undefined): Promise<string> {
    const { group, namespaced } = RESOURCES[resource];
    const version = await this.#version(resource);
    const root = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    return `${root}${namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''}/${resource}`;
  }

  /** The newest version of a resource's group in which this server serves it. Asked only where there is a choice. */
  async #version(resource: ResourceName): Promise<string> {
    const { group, versions } = RESOURCES[resource];
    const [only] = versions;
    if (versions.length === 1 && only !== undefined) return only;
    for (const version of versions) if ((await this.#served(group, version)).has(resource)) return version;
    throw new ProbeError({
      reason: 'NotServed',
      message: `This API server does not serve ${resource} in any of ${versions.map((version) => `${group}/${version}`).join(', ')}.`,
    });
  }

  #served(group: string, version: string): Promise<ReadonlySet<string>> {
    return this.#once(`discovery ${group}/${version}`, async () => {
      const answer = await this.#connection.get(`/apis/${group}/${version}`, { signal: this.#signal });
      if (answer.status === 404) return new Set<string>();
      const what = `get /apis/${group}/${version}`;
      const { resources } = parseObject<{ readonly resources?: readonly { readonly name?: string }[] }>(expectOk(answer, what), what);
      return new Set((resources ?? []).map((resource) => resource.name ?? ''));
    });
  }
}

/** The answer, when it is a 200; else ProbeError that says what was asked and what came back. */
/** The decoded values of one Secret; undefined when there is none. Throws ProbeError, `Forbidden` with what it needs. */
export async function readSecret(
  connection: Connection,
  { namespace, name }: ObjectRef,
  signal: AbortSignal,
): Promise<Readonly<Record<string, string>> | undefined> {
  const what = `get secrets ${name} in ${namespace}`;
  const answer = await connection.get(`/api/v1/namespaces/${encodeURIComponent(namespace)}/secrets/${encodeURIComponent(name)}`, { signal });
  if (answer.status === 404) return undefined;
  const { data } = parseObject<{ readonly data?: Readonly<Record<string, unknown>> }>(expectOk(answer, what), what);
  return Object.fromEntries(Object.entries(data ?? {}).map(([key, value]) => [key, Buffer.from(String(value), 'base64').toString('utf8')]));
}

export function expectOk(answer: RawAnswer, what: string): RawAnswer {
  if (answer.status === 200) return answer;
  const { reason, needs } = refusal(answer.status, what);
  const message = statusMessage(answer.body);
  throw new ProbeError({
    reason,
    message: `Cannot ${what}: ${answer.status}${message === undefined ? '' : ` ${message}`}`,
    status: answer.status,
    ...(needs === undefined ? {} : { needs }),
  });
}

function refusal(status: number, what: string): { readonly reason: ProblemReason; readonly needs?: string } {
  if (status === 401) return { reason: 'Unauthorized' };
  if (status === 403) return { reason: 'Forbidden', needs: what };
  if (status === 404) return { reason: 'NotFound' };
  if (status === 429 || status >= 500) return { reason: 'ServerError' };
  return { reason: 'InvalidResponse' };
}

/** The message of a Kubernetes Status body, cut to one line of at most 300 characters. */
export function statusMessage(body: string): string | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed === 'object' && parsed !== null && 'message' in parsed && typeof parsed.message === 'string') return oneLine(parsed.message);
  } catch {
    // no Status: the text itself is the message
  }
  const text = oneLine(body);
  return text === '' ? undefined : text;
}

function oneLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}

/** Without managedFields where that leaves JSON, whole where it does not: cutting text is a matter of speed, never of what is read. */
function parseLean(body: string): unknown {
  const lean = withoutManagedFields(body);
  try {
    return JSON.parse(lean);
  } catch (error) {
    if (lean === body) throw error;
    return JSON.parse(body);
  }
}

function parseObject<T>(answer: RawAnswer, what: string, withWriters = false): T {
  try {
    const parsed: unknown = withWriters ? JSON.parse(answer.body) : parseLean(answer.body);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) return parsed as T;
  } catch (error) {
    throw new ProbeError(
      {
        reason: 'InvalidResponse',
        message: `Cannot ${what}: the answer is no JSON (${answer.body.length} characters, ${answer.headers['content-type'] ?? 'no content type'}).`,
      },
      { cause: error },
    );
  }
  throw new ProbeError({ reason: 'InvalidResponse', message: `Cannot ${what}: the answer is no JSON object.` });
}

function parseItems<R extends ResourceName>(answer: RawAnswer, what: string, withWriters: boolean): readonly ResourceTypes[R][] {
  const { items } = parseObject<ApiList<R>>(answer, what, withWriters);
  if (items === null || items === undefined) {
    // Go writes an empty list as null; a list without the member at all is something else that answered.
    if (/"items"\s*:\s*null/.test(answer.body)) return [];
    throw new ProbeError({ reason: 'InvalidResponse', message: `Cannot ${what}: the answer has no items.` });
  }
  if (!Array.isArray(items) || items.some((item: unknown) => !isObject(item))) {
    throw new ProbeError({ reason: 'InvalidResponse', message: `Cannot ${what}: the answer's items are no objects with a name.` });
  }
  return items;
}

function isObject(item: unknown): boolean {
  if (typeof item !== 'object' || item === null || !('metadata' in item)) return false;
  const { metadata } = item;
  return typeof metadata === 'object' && metadata !== null && 'name' in metadata && typeof metadata.name === 'string';
}
