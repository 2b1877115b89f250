// STAND-IN for Harbor's own programs: ROLE=core | adminserver | jobservice | registryctl | chartmuseum | clair | portal. What one of them needs of another or
// of a database it really asks for, at every question. HARBOR_VERSION of core is 1.7 (no health API, configuration in adminserver), 1.10 (/api/health) or
// 2.5 (/api/v2.0/health). The other variables are where the others are; see the manifests.
// /tmp/fault.json {"heartbeat": "stopped"}: the workers of jobservice are dead while its API lives.
import { createHash, createPrivateKey, createPublicKey, randomUUID, sign } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import { ask, redisSession } from './ask.mjs';
import { EXPOSITION, exposition, faults, send, serve } from './serve.mjs';

const { env } = process;
const HTML = { 'content-type': 'text/html; charset=utf-8' };
const DATABASE = { postgres: env.DATABASE, user: env.DATABASE_USER, password: env.DATABASE_PASSWORD };
const started = Date.now();
const seconds = () => Math.floor(Date.now() / 1000);
let requests = 0;

/** Whether a question finds an answer. */
const answers = (server) =>
  ask(server).then(
    () => true,
    () => false,
  );
const metrics = (response, more = []) =>
  send(
    response,
    200,
    exposition([
      ['process_start_time_seconds', 'gauge', started / 1000],
      ['process_resident_memory_bytes', 'gauge', process.memoryUsage().rss],
      ['http_requests_total', 'counter', requests],
      ...more,
    ]),
    EXPOSITION,
  );

// --- core -----------------------------------------------------------------------------------------------------------------------------------

const VERSION = env.HARBOR_VERSION ?? '1.7';
const RELEASES = { 1.7: 'v1.7.5-lab', '1.10': 'v1.10.4-lab', 2.5: 'v2.5.6-lab' };
const API = VERSION.startsWith('2.') ? '/api/v2.0' : '/api';
const HAS_ADMINSERVER = VERSION === '1.7';
const configuration = () => ask({ url: `${env.ADMINSERVER}/api/configs`, headers: { authorization: `Harbor-Secret ${env.SECRET}` } });

async function systemInfo() {
  if (HAS_ADMINSERVER) await configuration();
  const about = { auth_mode: 'db_auth', registry_url: new URL(env.EXT_ENDPOINT).host, external_url: env.EXT_ENDPOINT, has_ca_root: false };
  if (VERSION.startsWith('2.')) return { ...about, harbor_version: RELEASES[VERSION], self_registration: false, read_only: false };
  const { external_url: _, ...old } = about;
  const scanned = (await answers(DATABASE)) ? seconds() - 43_200 : 0;
  return {
    ...old,
    with_notary: false,
    with_clair: true,
    with_chartmuseum: true,
    with_admiral: false,
    admiral_endpoint: 'NA',
    project_creation_restriction: 'everyone',
    self_registration: false,
    harbor_version: RELEASES[VERSION],
    next_scan_all: 0,
    clair_vulnerability_status: { overall_last_update: scanned, details: [] },
    registry_storage_provider_name: 'filesystem',
    read_only: false,
  };
}

/** What core polls from Harbor 1.8 on, and how it says that it did not get it. */
const POLLED = () => [
  ['core', { url: `http://127.0.0.1:${env.PORT}${API}/ping` }],
  ['database', DATABASE, 'failed to run SQL "SELECT 1"'],
  ['jobservice', { url: `${env.JOBSERVICE}/api/v1/stats` }],
  ['portal', { url: `${env.PORTAL}/` }],
  ['redis', { redis: env.REDIS }, 'failed to establish connection with Redis'],
  ['registry', { url: `${env.REGISTRY}/` }],
  ['registryctl', { url: `${env.REGISTRYCTL}/api/health` }],
  ['chartmuseum', { url: `${env.CHARTMUSEUM}/health` }],
];
let polled;
async function poll() {
  polled = await Promise.all(
    POLLED().map(async ([name, server, complaint]) => {
      try {
        await ask(server);
        return { name, status: 'healthy' };
      } catch (error) {
        return { name, status: 'unhealthy', error: complaint ? `${complaint}: ${error.message}` : `failed to check health: ${error.message}` };
      }
    }),
  );
}
function health(response) {
  const components = polled ?? POLLED().map(([name]) => ({ name, status: 'unhealthy', error: 'unknown status' }));
  // The status of the answer is 200 in any case: what is wrong is in the body.
  send(response, 200, { status: components.every(({ status }) => status === 'healthy') ? 'healthy' : 'unhealthy', components });
}

const KEY = '/etc/core/private_key.pem';
const base64 = (value) => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
/** How libtrust names a key: 30 bytes of its hash in base32, four letters at a time. */
function keyId(key) {
  const hash = createHash('sha256')
    .update(createPublicKey(key).export({ type: 'spki', format: 'der' }))
    .digest()
    .subarray(0, 30);
  const bits = [...hash].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const letters = bits.match(/.{5}/g).map((five) => 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'[Number.parseInt(five, 2)]);
  return letters.join('').match(/.{4}/g).join(':');
}
const EXPIRES_IN = 1800;
async function token(query, response) {
  if (HAS_ADMINSERVER) await configuration();
  await ask(DATABASE);
  const key = createPrivateKey(readFileSync(KEY));
  const now = seconds();
  // A stranger is given what a public project gives: to pull.
  const access = query.getAll('scope').flatMap((scope) => {
    const [, type, name, wanted] = /^(\w+):(.+):([\w,*]+)$/.exec(scope) ?? [];
    const actions = wanted?.split(',').filter((action) => action === 'pull' && name.startsWith('library/'));
    return actions?.length ? [{ type, name, actions }] : [];
  });
  const claims = { iss: 'harbor-token-issuer', sub: '', aud: query.get('service') ?? '', exp: now + EXPIRES_IN, nbf: now, iat: now, jti: randomUUID(), access };
  const signed = `${base64({ typ: 'JWT', alg: 'RS256', kid: keyId(key) })}.${base64(claims)}`;
  send(response, 200, {
    token: `${signed}.${sign('sha256', Buffer.from(signed), key).toString('base64url')}`,
    expires_in: EXPIRES_IN,
    issued_at: new Date(now * 1000).toISOString().replace('.000', ''),
  });
}

/** What core does with /v2/: it leads to the registry, whose own answers come back. */
function toRegistry({ method, path, query, headers, body, response }) {
  return new Promise((resolve) => {
    const { authorization } = headers;
    const options = { method, timeout: 5000, headers: { ...(authorization ? { authorization } : {}), host: headers.host } };
    const request = http.request(`${env.REGISTRY}${path}${query.size > 0 ? `?${query}` : ''}`, options, (answer) => {
      response.writeHead(answer.statusCode, answer.headers);
      answer.pipe(response);
      answer.on('close', resolve);
    });
    request.on('timeout', () => request.destroy(new Error('timeout')));
    request.on('error', () => {
      send(response, 502, '');
      resolve();
    });
    request.end(body);
  });
}

const NOT_FOUND = '<!DOCTYPE html>\n<html><head><title>Harbor</title></head><body><h1>404</h1><p>page not found</p></body></html>\n';
const PATHS_OF_CORE = {
  [`${API}/ping`]: ({ response }) =>
    VERSION.startsWith('2.') ? send(response, 200, 'Pong') : send(response, 200, '"Pong"', { 'content-type': 'application/json' }),
  [`${API}/systeminfo`]: ({ response }) =>
    systemInfo().then(
      (info) => send(response, 200, info),
      () => send(response, 500, 'Unexpected error'),
    ),
  [`${API}/systeminfo/volumes`]: ({ response }) => send(response, 401, 'Unauthorized\n'),
  [`${API}/projects`]: async ({ response }) => {
    await ask(DATABASE);
    const projects = [{ project_id: 1, name: 'library', owner_id: 1, metadata: { public: 'true' }, repo_count: 0, chart_count: 0 }];
    send(response, 200, projects, { 'x-total-count': '1' });
  },
  ...(VERSION === '1.7' ? {} : { [`${API}/health`]: ({ response }) => health(response) }),
  ...(VERSION.startsWith('2.') ? { '/api/version': ({ response }) => send(response, 200, { version: 'v2.0' }) } : {}),
  '/api/chartrepo/health': async ({ response }) => send(response, 200, await ask({ url: `${env.CHARTMUSEUM}/health` }), { 'content-type': 'application/json' }),
  '/service/token': ({ query, response }) => token(query, response),
  '/metrics': ({ response }) => metrics(response),
};
function core(request) {
  const handle = PATHS_OF_CORE[request.path];
  if (handle) return handle(request);
  if (request.path === '/v2' || request.path.startsWith('/v2/')) return toRegistry(request);
  return send(request.response, 404, NOT_FOUND, HTML);
}

// --- jobservice -----------------------------------------------------------------------------------------------------------------------------

const POOL = '{harbor_job_service_namespace}:worker_pools:9c2f1f0a63c8e4b7';
const DATABASE_OF_JOBS = ['SELECT', '2'];
const BEAT_MS = 5000;
const DEAD_AFTER_SECONDS = 20;
async function beat() {
  if (faults().heartbeat === 'stopped') return;
  // The workers' sign of life is in Redis: a Redis that takes no writes is a pool that is dead.
  await redisSession(env.REDIS, '', [DATABASE_OF_JOBS, ['HSET', POOL, 'heartbeat_at', String(seconds()), 'started_at', String(Math.floor(started / 1000))]]);
}
async function stats(response) {
  const read = async (field) => Number(await redisSession(env.REDIS, '', [DATABASE_OF_JOBS, ['HGET', POOL, field]]));
  const pool = {
    worker_pool_id: '9c2f1f0a63c8e4b7',
    started_at: await read('started_at'),
    heartbeat_at: await read('heartbeat_at'),
    job_names: ['GARBAGE_COLLECTION', 'IMAGE_REPLICATE', 'IMAGE_SCAN', 'IMAGE_SCAN_ALL'],
    concurrency: 10,
  };
  send(response, 200, { worker_pools: [{ ...pool, status: seconds() - pool.heartbeat_at > DEAD_AFTER_SECONDS ? 'Dead' : 'Healthy' }] });
}
function jobservice({ path, response }) {
  if (path === '/api/v1/stats') return stats(response);
  if (path === '/metrics') return metrics(response);
  return send(response, 404, '404 page not found\n');
}

// --- the others -----------------------------------------------------------------------------------------------------------------------------

async function adminserver({ path, headers, response }) {
  if (path === '/api/ping') return send(response, 200, '"Pong"', { 'content-type': 'application/json' });
  if (path !== '/api/configs') return send(response, 404, '404 page not found\n');
  if (headers.authorization !== `Harbor-Secret ${env.SECRET}`) return send(response, 401, 'Unauthorized\n');
  await ask(DATABASE);
  send(response, 200, { ext_endpoint: env.EXT_ENDPOINT, auth_mode: 'db_auth', token_expiration: EXPIRES_IN / 60, read_only: false });
}

async function clair({ path, response }) {
  if (path === '/v1/namespaces') return send(response, 200, { Namespaces: [{ Name: 'debian:9', VersionFormat: 'dpkg' }] });
  if (path !== '/health') return send(response, 404, '404 page not found\n');
  send(response, (await answers(DATABASE)) ? 200 : 500, '');
}

const plain =
  (known) =>
  ({ path, response }) => {
    const [body, headers] = known[path] ?? [];
    return body === undefined ? send(response, 404, '404 page not found\n') : send(response, 200, body, headers);
  };
const PAGE = '<!doctype html>\n<html><head><title>Harbor</title><base href="/"></head><body><harbor-app>Loading...</harbor-app></body></html>\n';

const ROLES = {
  core,
  adminserver,
  jobservice,
  clair,
  chartmuseum: plain({ '/health': [{ healthy: true }], '/': ['<!DOCTYPE html><html><title>ChartMuseum</title></html>\n', HTML] }),
  // The health of the controller says nothing of the registry's.
  registryctl: plain({ '/api/health': [{}] }),
  portal: plain({ '/': [PAGE, HTML], '/index.html': [PAGE, HTML] }),
};
const role = ROLES[env.ROLE];
if (role === undefined) throw new Error(`ROLE is none of ${Object.keys(ROLES).join(', ')}`);
if (env.ROLE === 'core' && !existsSync(KEY)) throw new Error(`${KEY} is missing`);
serve(`harbor-${env.ROLE}`, env.PORTS.split(','), (request) => {
  requests++;
  return role(request);
});
const complaining = (work) => () => work().catch((error) => console.error(new Date().toISOString(), 'ERROR', error.message));
const every = (ms, work) => {
  complaining(work)();
  setInterval(complaining(work), ms);
};
if (env.ROLE === 'core' && VERSION !== '1.7') setTimeout(() => every(10_000, poll), 5000);
if (env.ROLE === 'jobservice') every(BEAT_MS, beat);
