import type { BackendAnswer, ByteBackend, HttpBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import type { ClusterState } from '../state.ts';
import { harborCore, unauthorizedRegistry } from './harbor.ts';

/** The parts of Harbor 1.7 around its core. */

const NOT_FOUND: BackendAnswer = { status: 404, body: '404 page not found\n' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const HTML = { 'content-type': 'text/html' };

/** What may be wrong with a part although its pods run. */
export interface FaultyParts {
  /** The words of the registry's own check of its storage: it then answers every request with 503. */
  registryStorage?: string;
  /** For how many seconds the worker pool of the job service has had no heartbeat. */
  poolSilentSeconds?: number;
}

const FAULTY = new WeakMap<ClusterState, FaultyParts>();

/** Faults of this simulation's Harbor, to be set by scenarios. */
export function faultyParts(state: ClusterState): FaultyParts {
  const known = FAULTY.get(state) ?? {};
  FAULTY.set(state, known);
  return known;
}

function isServing(state: ClusterState, id: string): boolean {
  return !state.hasComponent(id) || state.podsOf(id).some(isReady);
}

/** docker-registry 2.x. What its health check finds is said on every path, and spelt out by its debug server alone. */
export const registry: HttpBackend = ({ path, state }) => {
  if (faultyParts(state).registryStorage !== undefined) {
    const error = { code: 'UNAVAILABLE', message: 'service unavailable', detail: 'health check failed: please see /debug/health' };
    return { status: 503, headers: JSON_TYPE, body: `${JSON.stringify({ errors: [error] })}\n` };
  }
  if (path === '/') return { headers: { 'cache-control': 'no-cache' }, body: '' };
  return path.startsWith('/v2/') ? unauthorizedRegistry(state) : NOT_FOUND;
};

export const registryDebug: HttpBackend = ({ path, state }) => {
  if (path !== '/debug/health') return NOT_FOUND;
  const { registryStorage } = faultyParts(state);
  return registryStorage === undefined
    ? { headers: JSON_TYPE, body: '{}' }
    : { status: 503, headers: JSON_TYPE, body: JSON.stringify({ storagedriver_filesystem: registryStorage }) };
};

function hasDatabase(state: ClusterState): boolean {
  return isServing(state, 'stolon-proxy') && !state.harbor.unusable.has('database');
}

/** Clair 2: its health page says nothing but its status, which is that of a ping to its database. */
export const clair: HttpBackend = ({ path, state }) => {
  if (path !== '/health') return NOT_FOUND;
  return { status: hasDatabase(state) ? 200 : 500, headers: { server: 'clair' }, body: '' };
};

export const clairApi: HttpBackend = ({ path, state }) => {
  if (path !== '/v1/namespaces') return NOT_FOUND;
  if (!hasDatabase(state))
    return { status: 500, headers: { ...JSON_TYPE, server: 'clair' }, body: { Error: { Message: 'database: an error occured when querying the backend' } } };
  return { headers: { ...JSON_TYPE, server: 'clair' }, body: { Namespaces: [{ Name: 'debian:9', VersionFormat: 'dpkg' }] } };
};

export const chartmuseum: HttpBackend = ({ path }) =>
  path === '/health' ? { headers: JSON_TYPE, body: '{"healthy":true}' } : { status: 404, headers: JSON_TYPE, body: '{"error":"not found"}' };

const PAGE =
  '<!doctype html>\n<html>\n<head>\n    <meta charset="utf-8">\n    <title>Harbor</title>\n    <base href="/">\n    <meta name="viewport" content="width=device-width, initial-scale=1">\n    <link rel="icon" type="image/x-icon" href="favicon.ico?v=2">\n<link rel="stylesheet" href="styles.css"></head>\n<body>\n    <harbor-app>Loading...</harbor-app>\n<script type="text/javascript" src="runtime.js"></script><script type="text/javascript" src="main.js"></script></body>\n</html>\n';

/** A program of one page: nginx gives it out for whatever path a browser has. */
export const harborPortal: HttpBackend = { headers: HTML, body: PAGE };

/** The paths that nginx passes on to the core. All others are the portal's. */
const TO_CORE = ['/api/', '/c/', '/chartrepo/', '/service/', '/v2/'];

function errorPage(status: number, title: string): BackendAnswer {
  const body = `<html>\r\n<head><title>${status} ${title}</title></head>\r\n<body bgcolor="white">\r\n<center><h1>${status} ${title}</h1></center>\r\n<hr><center>nginx/1.15.3</center>\r\n</body>\r\n</html>\r\n`;
  return { status, headers: { 'content-type': 'text/html', server: 'nginx/1.15.3' }, body };
}

/** nginx in front of the core and the portal. It speaks of an upstream that is not there in a page of its own. */
export const harborProxy: HttpBackend = (request) => {
  const { path, state } = request;
  if (path.startsWith('/v1/') || path === '/service/notifications') return errorPage(404, 'Not Found');
  const toCore = TO_CORE.some((prefix) => path.startsWith(prefix));
  if (!isServing(state, toCore ? 'harbor-core' : 'harbor-portal')) return errorPage(502, 'Bad Gateway');
  return toCore && typeof harborCore === 'function' ? harborCore(request) : harborPortal;
};

/** Its pools are known by their heartbeats in Redis; without Redis it knows of none. */
export const jobservice: HttpBackend = ({ path, state }) => {
  if (path !== '/api/v1/stats') return NOT_FOUND;
  if (!isServing(state, 'redis-harbor-haproxy') || state.harbor.unusable.has('redis'))
    return {
      status: 500,
      body: '{"code":10004,"message":"check stats of server failed with error","details":"dial tcp 10.96.12.7:6379: connect: connection refused"}',
    };
  const silent = faultyParts(state).poolSilentSeconds ?? 0;
  const now = Math.floor(state.now().getTime() / 1000);
  return {
    body: {
      worker_pools: [
        {
          worker_pool_id: 'b1d6a0f2c7',
          started_at: now - 86_400,
          heartbeat_at: now - silent,
          job_names: ['DEMO', 'IMAGE_DELETE', 'IMAGE_GC', 'IMAGE_REPLICATE', 'IMAGE_SCAN', 'IMAGE_SCAN_ALL', 'IMAGE_TRANSFER'],
          concurrency: 10,
          status: silent > 10 ? 'Dead' : 'Healthy',
        },
      ],
    },
  };
};

/** The daemon of rsync 3.1 speaks first. It has nothing to say to who does not answer in its language. */
export const rsyncDaemon: ByteBackend = (stream) => {
  stream.write('@RSYNCD: 31.0\n');
  stream.once('data', () => stream.end('@ERROR: protocol startup error\n'));
};
