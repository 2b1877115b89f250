/** Faults of Harbor: of the real registry, and of the stand-ins around it, which really ask each other and their stores. */
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CommandFailed, kubectl, type Missing, onNode, STATE, until } from '../cluster.ts';
import { type Area, type Fault, fault } from './fault.ts';
import { each, notAnswered } from './http.ts';
import { changedContainer, crashing, declared, notCrashing, patch, pods, restore, restoreDeployment, waiting } from './objects.ts';
import { servers } from './servers.ts';

const NAMESPACE = 'skiff-ncs';
const area = (part: string): Area => `${NAMESPACE}/harbor-${part}`;
const CORE = area('core');
const REGISTRY = 'harbor-registry';
/** Where the volume of the one registry is: see the manifests. */
const HOME = { node: 'node1', volume: '/var/lib/skiff/harbor-registry-0' } as const;

const replaceRegistry = () => kubectl(['-n', NAMESPACE, 'delete', 'pod', `${REGISTRY}-0`, '--wait=false', '--ignore-not-found']);

/** Whether the registry asks for a token as it is declared to; what it says otherwise. */
async function notChallenging(): Promise<Missing> {
  const found = await pods(NAMESPACE, REGISTRY);
  if (found.length !== 1) return `${REGISTRY} is being replaced`;
  return notAnswered(NAMESPACE, REGISTRY, 5000, '/v2/', ({ status, headers }) => status === 401 && headers.includes(`realm="${declaredRealm()}"`));
}
const configuration = () => JSON.parse(declared('ConfigMap', NAMESPACE, `${REGISTRY}-config`).data?.['config.yml'] ?? '{}') as RegistryConfiguration;
const declaredRealm = () => configuration().auth.token.realm;
interface RegistryConfiguration {
  readonly auth: { readonly token: { readonly realm: string; readonly service: string; readonly issuer: string } };
}

// --- the registry ---------------------------------------------------------------------------------------------------------------------------

export const registryStorageUnreadable = (): Fault =>
  fault({
    id: 'registry-answers-503',
    title: 'The registry of Harbor cannot read its storage and answers everything with 503; its process is well',
    areas: [area('registry')],
    namespaces: [NAMESPACE],
    // A link to itself: whoever follows it gets an error that is not "does not exist".
    inject: async () => {
      const script = 'cd "$0"; [ ! -d registry ] || [ -L registry ] || mv registry registry.away; ln -sfn registry registry';
      await onNode(HOME.node, ['sh', '-c', script, HOME.volume]);
    },
    repair: async () => {
      const script = 'cd "$0"; [ ! -L registry ] || rm registry; [ ! -d registry.away ] || mv registry.away registry';
      await onNode(HOME.node, ['sh', '-c', script, HOME.volume]);
    },
    missing: () => notAnswered(NAMESPACE, REGISTRY, 5000, '/v2/', ({ status }) => status === 503),
    left: notChallenging,
    showsWithinSeconds: 60,
  });

const base64 = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** How libtrust names a key: 30 bytes of its hash in base32, four letters at a time. */
function keyId(pem: Buffer): string {
  const der = createPublicKey(pem).export({ type: 'spki', format: 'der' });
  const bits = [...createHash('sha256').update(der).digest().subarray(0, 30)].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = (bits.match(/.{5}/g) ?? []).map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)]);
  return (letters.join('').match(/.{4}/g) ?? []).join(':');
}
/** What core would give somebody who may push. */
function tokenToPush(repository: string): string {
  const key = readFileSync(`${STATE}/pki/registry-token.key`);
  const { service, issuer } = configuration().auth.token;
  const now = Math.floor(Date.now() / 1000);
  const access = [{ type: 'repository', name: repository, actions: ['push', 'pull'] }];
  const claims = { iss: issuer, sub: 'lab', aud: service, iat: now, nbf: now - 10, exp: now + 300, jti: String(now), access };
  const signed = `${base64({ typ: 'JWT', alg: 'RS256', kid: keyId(key) })}.${base64(claims)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), createPrivateKey(key)).toString('base64url')}`;
}

/** Begins to push an image: the status of the registry's answer. */
async function pushed(): Promise<string> {
  const [registry] = await servers(NAMESPACE, REGISTRY, 1);
  if (registry === undefined) throw new Error(`${REGISTRY} has no pod`);
  const url = `http://${registry.address}:5000/v2/library/lab-fault/blobs/uploads/`;
  const post = [
    'curl',
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '--max-time',
    '5',
    '-X',
    'POST',
    '-H',
    `Authorization: Bearer ${tokenToPush('library/lab-fault')}`,
    url,
  ];
  return onNode(registry.node, post);
}

export const harborStorageFull = (): Fault =>
  fault({
    id: 'harbor-storage-full',
    title: 'The volume of the registry is full: pushes end with 500 and "no space left on device", pulls go on',
    areas: [area('registry')],
    namespaces: [NAMESPACE],
    inject: async () => {
      // A small file system in the place of the volume, and not a byte left on it. On a directory of its own: one that is mounted over the volume itself would
      // show in the pod that is there, and go when that pod's mounts go.
      const script = `set -e; [ -e "$0.away" ] || mv "$0" "$0.away"; mkdir -p "$0"; mountpoint -q "$0" || mount -t tmpfs -o size=8m,mode=777 tmpfs "$0"
        dd if=/dev/zero of="$0/ballast" bs=64k 2>/dev/null || true`;
      await onNode(HOME.node, ['sh', '-c', script, HOME.volume]);
      await replaceRegistry();
    },
    repair: async () => {
      const script = 'while mountpoint -q "$0"; do umount -l "$0"; done; if [ -d "$0.away" ]; then rmdir "$0" && mv "$0.away" "$0"; fi';
      await onNode(HOME.node, ['sh', '-c', script, HOME.volume]);
      await replaceRegistry();
    },
    missing: async () => {
      const [pod, another] = await pods(NAMESPACE, REGISTRY);
      if (pod === undefined || another !== undefined) return `${REGISTRY} is being replaced`;
      const status = await pushed();
      if (!status.startsWith('5')) return `a push is answered with ${status}`;
      const log = await kubectl(['-n', NAMESPACE, 'logs', pod.metadata.name, '-c', 'registry', '--tail=50']);
      return log.includes('no space left on device') ? undefined : 'the log does not say that there is no space left';
    },
    left: async () => {
      const pending = await notChallenging();
      if (pending !== undefined) return pending;
      const status = await pushed();
      return status === '202' ? undefined : `a push is answered with ${status}`;
    },
  });

export const harborWrongTokenRealm = (): Fault =>
  fault({
    id: 'harbor-wrong-token-realm',
    title: 'The registry sends its clients for a token to an address that Harbor no longer has',
    areas: [area('registry')],
    namespaces: [NAMESPACE],
    inject: async () => {
      const { auth, ...others } = configuration();
      const changed = { ...others, auth: { token: { ...auth.token, realm: 'http://harbor-old.skiff.lab.internal/service/token' } } };
      await patch('configmap', NAMESPACE, `${REGISTRY}-config`, { data: { 'config.yml': JSON.stringify(changed) } });
      await replaceRegistry();
    },
    repair: async () => {
      await restore('ConfigMap', NAMESPACE, `${REGISTRY}-config`);
      await replaceRegistry();
    },
    missing: async () => {
      if ((await pods(NAMESPACE, REGISTRY)).length !== 1) return `${REGISTRY} is being replaced`;
      return notAnswered(NAMESPACE, REGISTRY, 5000, '/v2/', ({ status, headers }) => status === 401 && headers.includes('harbor-old'));
    },
    left: notChallenging,
  });

// --- core and what it needs -----------------------------------------------------------------------------------------------------------------

const systemInfoIs = (status: number): Promise<Missing> => notAnswered(NAMESPACE, 'harbor-core', 8080, '/api/systeminfo', (answer) => answer.status === status);

export const harborAdminserverDown = (): Fault =>
  fault({
    id: 'harbor-adminserver-down',
    title: 'harbor-adminserver ends over and over: the cores live and cannot read their configuration',
    areas: [area('adminserver')],
    namespaces: [NAMESPACE],
    inject: async () => void (await crashing(NAMESPACE, 'harbor-adminserver', 'FATAL: failed to initialise the configuration driver')),
    repair: () => restoreDeployment(NAMESPACE, 'harbor-adminserver'),
    missing: async () => (await systemInfoIs(500)) ?? notCrashing(NAMESPACE, 'harbor-adminserver'),
    left: () => systemInfoIs(200),
    showsWithinSeconds: 180,
  });

type Version = '1.10' | '2.5';
const HEALTH_OF: Readonly<Record<Version, string>> = { '1.10': '/api/health', '2.5': '/api/v2.0/health' };
const PING_OF: Readonly<Record<Version, string>> = { '1.10': '/api/ping', '2.5': '/api/v2.0/ping' };

/** Makes the cores those of another version, whose probes ask its own path. */
const runAs = (version: Version, env: Readonly<Record<string, string>> = {}) => {
  const httpGet = { path: PING_OF[version] };
  const variables = Object.entries({ HARBOR_VERSION: version, ...env }).map(([name, value]) => ({ name, value }));
  return changedContainer(NAMESPACE, 'harbor-core', { env: variables, readinessProbe: { httpGet }, livenessProbe: { httpGet } });
};
interface Health {
  readonly status?: string;
  readonly components?: readonly { readonly name: string; readonly status: string; readonly error?: string }[];
}
/** Both cores have the health API of this version, answer 200, and call exactly these unhealthy. */
async function notUnhealthy(version: Version, parts: readonly string[]): Promise<Missing> {
  const found = await each(NAMESPACE, 'harbor-core', 8080, HEALTH_OF[version]);
  if (found.length !== 2) return `${found.length} cores`;
  for (const { status, body } of found) {
    if (status !== 200) return `a core answers ${status}`;
    const { components = [] } = JSON.parse(body) as Health;
    const unhealthy = components.filter((component) => component.status !== 'healthy');
    if (String(unhealthy.map(({ name }) => name)) !== String(parts))
      return `a core calls unhealthy: ${unhealthy.map(({ name, error }) => `${name} ${error}`).join(', ') || 'nothing'}`;
  }
  return undefined;
}

export const harborRunsAs = (version: Version): Fault =>
  fault({
    id: `harbor-runs-as-${version}`,
    title: `No fault: the cores are those of Harbor ${version}, which tell of the health of the whole`,
    areas: [CORE],
    namespaces: [NAMESPACE],
    inject: async () => void (await runAs(version)),
    repair: () => restoreDeployment(NAMESPACE, 'harbor-core'),
    missing: () => notUnhealthy(version, []),
    left: () => systemInfoIs(200),
  });

export const harborDatabaseUnhealthy = (version: Version): Fault =>
  fault({
    id: `harbor-database-unhealthy-${version}`,
    title: `The cores, those of Harbor ${version}, have a wrong password for their database: their health API says so with a 200`,
    areas: [CORE],
    namespaces: [NAMESPACE],
    inject: async () => void (await runAs(version, { DATABASE_PASSWORD: 'wrong' })),
    repair: () => restoreDeployment(NAMESPACE, 'harbor-core'),
    missing: () => notUnhealthy(version, ['database']),
    left: () => systemInfoIs(200),
  });

/** What /tmp/fault.json of programs/harbor.mjs holds while this fault is in. */
const STOPPED = JSON.stringify({ heartbeat: 'stopped' });
async function inJobservice(script: string): Promise<void> {
  for (const { metadata } of await pods(NAMESPACE, 'harbor-jobservice')) await kubectl(['-n', NAMESPACE, 'exec', metadata.name, '--', 'sh', '-c', script]);
}
const poolIs = (wanted: string): Promise<Missing> =>
  notAnswered(NAMESPACE, 'harbor-jobservice', 8080, '/api/v1/stats', ({ status, body }) => status === 200 && body.includes(`"status":"${wanted}"`));

export const harborJobservicePoolDead = (): Fault =>
  fault({
    id: 'harbor-jobservice-pool-dead',
    title: 'The workers of harbor-jobservice give no sign of life any more; its API answers',
    areas: [area('jobservice')],
    namespaces: [NAMESPACE],
    inject: () => inJobservice(`echo '${STOPPED}' >/tmp/fault.json`),
    repair: () => inJobservice('rm -f /tmp/fault.json'),
    missing: () => poolIs('Dead'),
    left: () => poolIs('Healthy'),
  });

// --- Harbor and those who pull from it -------------------------------------------------------------------------------------------------------

const PULLER = { namespace: 'skiff-gtxs', name: 'skiff-gtxs-agent' } as const;
/** The nodes' way to Harbor: the ingress, harbor-proxy, core, the registry. */
const IMAGE = `harbor.skiff.lab.internal/skiff/${PULLER.name}:v1.2.0`;

export const harborDownAndPodsCannotPull = (): Fault =>
  fault({
    id: 'harbor-down-and-pods-cannot-pull',
    title: `The cores of Harbor end over and over, and ${PULLER.namespace}/${PULLER.name} cannot pull its image from it`,
    areas: [CORE, `${PULLER.namespace}/${PULLER.name}`],
    namespaces: [NAMESPACE, PULLER.namespace],
    inject: async () => {
      await crashing(NAMESPACE, 'harbor-core', 'FATAL: failed to load configurations: token key pair is missing');
      // Before the ingress has noticed, the registry would say that there is no such image.
      await until('Harbor to be down', 60, () => notAtTheIngress(502));
      await changedContainer(PULLER.namespace, PULLER.name, { image: IMAGE });
    },
    repair: async () => {
      await restoreDeployment(NAMESPACE, 'harbor-core');
      await restoreDeployment(PULLER.namespace, PULLER.name);
    },
    missing: async () => {
      const [pod, another] = await pods(PULLER.namespace, PULLER.name);
      if (pod === undefined || another !== undefined) return `${PULLER.name} is being replaced`;
      if (waiting(pod) !== 'ImagePullBackOff') return `${PULLER.name} waits for ${waiting(pod) ?? 'nothing'}`;
      return notCrashing(NAMESPACE, 'harbor-core');
    },
    left: async () => (await systemInfoIs(200)) ?? notAtTheIngress(401),
    showsWithinSeconds: 180,
  });

/** What Harbor's clients get, from the node itself. */
async function notAtTheIngress(wanted: number): Promise<Missing> {
  const asked = [
    'curl',
    '-s',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '--max-time',
    '5',
    '--cacert',
    '/etc/kubernetes/pki/ca.crt',
    'https://harbor.skiff.lab.internal/v2/',
  ];
  try {
    const status = await onNode('node2', asked);
    return Number(status) === wanted ? undefined : `Harbor answers ${status} at the ingress`;
  } catch (error) {
    if (error instanceof CommandFailed) return error.message;
    throw error;
  }
}
