import type { HttpOutcome, ProbeContext } from '../../src/model/check.ts';
import type { Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { challengeOf, detailOf } from '../shared/harbor.ts';
import { lastErrors } from '../shared/harbor-log.ts';
import {
  askPart,
  claimsOf,
  declares,
  dependenciesOf,
  type HttpAnswer,
  type PartFacts,
  type PartPod,
  partPods,
  podSubject,
  REDIS,
} from '../shared/harbor-parts.ts';
import { volumesOf } from '../shared/harbor-volumes.ts';
import { namespacesOf, ownedBy } from '../shared/pods.ts';
import { oneLine } from '../shared/text.ts';
import { configurationOf } from './configuration.ts';
import type { ErrorKind, LoginFacts, OwnHealth, RegistryConfiguration, RegistryFacts, RegistryObservation } from './observation.ts';
import type { RegistryOptions } from './options.ts';
import type { RegistryRule } from './rules.ts';

type Context = ProbeContext<RegistryOptions, RegistryRule>;

/** Rules that need an answer of the registry itself. */
const BY_ANSWER = ['answers', 'each-answers', 'asks-for-login', 'logins-agree', 'images-from-elsewhere'] as const satisfies readonly RegistryRule[];
/** More pods say nothing new. */
const MOST = 20;

const ERRORS: Readonly<Record<ErrorKind, RegExp>> = {
  full: /no space left on device|disk quota exceeded|QuotaExceeded|StorageFull/i,
  'read-only': /read-only file system/i,
  denied: /: permission denied$|: operation not permitted$/i,
  broken: /input\/output error|stale (?:NFS )?file handle|transport endpoint is not connected|too many levels of symbolic links/i,
  'object-store':
    /\b(?:s3aws|swift|oss|gcs|azure|cos)\b.*(?:AccessDenied|InvalidAccessKeyId|SignatureDoesNotMatch|NoSuchBucket|RequestTimeTooSkewed|no such host|connection refused|i\/o timeout|x509)/i,
  redis: /redis: error connecting|error connecting to redis/i,
};

/** Asks every registry for its root and its API, and looks at what stands behind it: its own health check, its log, its volume, its configuration. */
export async function probe(context: Context): Promise<RegistryObservation> {
  const { kube, target, options, look } = context;
  const { port, controllerPort } = options;
  const pods = (await partPods(kube, target.pods, { ports: [port], named: /registry(?!ctl)/ })).slice(0, MOST);
  const beside = (await partPods(kube, target.pods, { ports: [controllerPort], named: /registryctl/ })).filter(isController).slice(0, MOST);
  const configuration = await look(['storage-healthy', 'storage-shared', 'accepts-pushes'], () => configurationFor(context, pods));
  const debugPort = configuration?.debugPort || undefined;
  const [registries, controllers, images] = await Promise.all([
    Promise.all(pods.map((pod) => registryOf(context, pod, debugPort))),
    Promise.all(beside.map(async (pod) => (await askPart(context, ['controller-answers'], pod, '/api/health', isOk)).facts)),
    imagesOf(context),
  ]);
  const synchronised = (target.peers['rsync'] ?? []).some(({ presence, pods: theirs }) => presence === 'present' && theirs.length > 0);
  const read = configuration === undefined ? 'unread' : configuration.found;
  return { registries, controllers, ...(read === undefined ? {} : { configuration: read }), synchronised, images, redis: dependenciesOf(target, REDIS) };
}

function isController({ container, image }: PartPod): boolean {
  return /registryctl/.test(`${container} ${image}`);
}

interface Read {
  readonly found?: RegistryConfiguration;
  readonly debugPort: number;
}

async function configurationFor({ kube }: Context, pods: readonly PartPod[]): Promise<Read> {
  const mounted = new Set(pods.flatMap(({ pod }) => (pod.spec?.volumes ?? []).flatMap(({ configMap }) => configMap?.name ?? [])));
  if (mounted.size === 0) return { debugPort: 0 };
  const maps = (await Promise.all(namespacesOf(pods).map((namespace) => kube.list('configmaps', namespace)))).flat();
  const texts = maps.filter(({ metadata }) => mounted.has(metadata.name)).flatMap(({ data }) => Object.values(data ?? {}));
  const found = texts.map((text) => configurationOf(text.slice(0, 100_000))).find((each) => each !== undefined);
  return found === undefined ? { debugPort: 0 } : { found, debugPort: found.debugPort };
}

async function registryOf(context: Context, pod: PartPod, configuredPort: number | undefined): Promise<RegistryFacts> {
  const claims = claimsOf(pod.pod);
  const [asked, errors, volumes] = await Promise.all([answerOf(context, pod), errorsOf(context, pod), roomOf(context, pod, claims)]);
  const { facts, login, refuses } = asked;
  const health = await healthOf(context, pod, configuredPort, refuses);
  return {
    ...facts,
    ...(login === undefined ? {} : { login }),
    health,
    ...(errors === undefined ? {} : { errors }),
    claims,
    ...(volumes === undefined ? {} : { volumes }),
  };
}

/** The root first: where that does not answer, neither does the API. */
async function answerOf(context: Context, pod: PartPod): Promise<{ readonly facts: PartFacts; readonly login?: LoginFacts; readonly refuses: boolean }> {
  const root = await askPart(context, BY_ANSWER, pod, '/', isOk);
  const refuses = root.answer !== undefined && isUnhealthy(root.answer);
  if (root.facts.state !== 'answers') return { facts: worded(root), refuses };
  const api = await askPart(context, BY_ANSWER, pod, '/v2/', isRegistry);
  if (api.answer === undefined || api.facts.state !== 'answers') return { facts: worded(api), refuses: api.answer !== undefined && isUnhealthy(api.answer) };
  const { scheme, realm, service } = challengeOf(api.answer.headers['www-authenticate']);
  return { facts: root.facts, login: { scheme: api.answer.status === 200 ? 'open' : scheme, realm, service }, refuses: false };
}

function worded({ facts, answer }: { readonly facts: PartFacts; readonly answer?: HttpAnswer }): PartFacts {
  if (answer === undefined || facts.state !== 'status') return facts;
  return {
    ...facts,
    detail: isUnhealthy(answer) ? 'service unavailable, its own health check fails' : detailOf(answer.status, answer.body).replace(/^HTTP \d+(?:: )?/, ''),
  };
}

function isOk({ status }: HttpAnswer): 'answers' | 'status' {
  return status === 200 ? 'answers' : 'status';
}

/** A registry tells its API's version whether or not it lets in. */
function isRegistry({ status, headers }: HttpAnswer): 'answers' | 'status' | 'other' {
  if (status !== 200 && status !== 401) return 'status';
  return (headers['docker-distribution-api-version'] ?? '').startsWith('registry/2') ? 'answers' : 'other';
}

/** A registry whose health check fails says this to every request, on whatever path. */
function isUnhealthy({ status, body }: HttpAnswer): boolean {
  return status === 503 && body.includes('UNAVAILABLE') && body.includes('health check failed');
}

/** Its debug server listens on the loopback interface as a rule, and only where it was told to. */
async function healthOf(context: Context, pod: PartPod, configuredPort: number | undefined, refuses: boolean): Promise<OwnHealth> {
  const without: OwnHealth = { kind: refuses ? 'withheld' : 'untold', detail: '' };
  const { debugPort } = context.options;
  const port = configuredPort ?? (declares(pod, debugPort) ? debugPort : undefined);
  if (port === undefined || pod.state === 'not-running') return without;
  const outcome = await context.look('storage-healthy', () => debugAnswer(context, pod, port), podSubject(pod));
  if (outcome === undefined) return { kind: 'dark', detail: '' };
  if (outcome.kind === 'unreachable') return without;
  if (outcome.status === 200) return { kind: 'healthy', detail: '' };
  const failing = failingChecks(outcome.body);
  return outcome.status === 503 && failing !== '' ? { kind: 'failing', detail: failing } : without;
}

function debugAnswer({ http }: Context, pod: PartPod, port: number): Promise<HttpOutcome> {
  const { namespace, name, node, state } = pod;
  if (state === 'node-lost')
    throw new ProbeError({ reason: 'PrerequisiteFailed', message: `${namespace}/${name} cannot be asked: its node ${node} does not report.` });
  return http.forwarded({ namespace, name }, port, '/debug/health', { timeoutMs: 4000, maxBytes: 64 * 1024 });
}

/** `{"storagedriver_filesystem":"filesystem: stat /storage: …"}` */
function failingChecks(body: string): string {
  try {
    const told: unknown = JSON.parse(body);
    if (typeof told !== 'object' || told === null || Array.isArray(told)) return '';
    return oneLine(
      Object.entries(told)
        .flatMap(([name, text]: readonly [string, unknown]) => (typeof text === 'string' ? [`${name}: ${text}`] : []))
        .join('; '),
    );
  } catch {
    return '';
  }
}

async function errorsOf({ kube, look, options }: Context, pod: PartPod): Promise<RegistryFacts['errors']> {
  if (pod.state === 'not-running') return {};
  const { namespace, name, container } = pod;
  const log = await look(
    ['storage-works', 'cache-reachable'],
    () => kube.logs({ namespace, name }, { container, tailLines: options.logLines }),
    podSubject(pod),
  );
  return log === undefined ? undefined : lastErrors(log, ERRORS);
}

async function roomOf({ http, look }: Context, pod: PartPod, claims: readonly string[]): Promise<RegistryFacts['volumes']> {
  if (claims.length === 0 || pod.state === 'not-running') return undefined;
  return look(
    ['volume-not-full', 'volume-has-room'],
    async () => {
      if (pod.state === 'node-lost') throw new ProbeError({ reason: 'PrerequisiteFailed', message: `The kubelet of ${pod.node} does not report.` });
      return (await volumesOf(http, pod.node, pod)).filter(({ claim }) => claims.includes(claim));
    },
    podSubject(pod),
  );
}

/** Of everything without which Harbor gives out no image. */
async function imagesOf({ kube, target }: Context): Promise<readonly string[]> {
  const refs = [...target.pods, ...['core', 'proxy'].flatMap((role) => (target.peers[role] ?? []).flatMap(({ pods }) => pods))];
  const pods: readonly Pod[] = (
    await Promise.all(namespacesOf(refs).map(async (namespace) => ownedBy(refs, namespace, await kube.list('pods', namespace))))
  ).flat();
  return [...new Set(pods.flatMap(({ spec }) => (spec?.containers ?? []).flatMap(({ image }) => image ?? [])))].slice(0, MOST);
}
