import type { BackendAnswer, HttpBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import type { ClusterState } from '../state.ts';

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };
const NOT_FOUND: BackendAnswer = { status: 404, body: '404 page not found\n' };

/** Host that clients of the simulated Harbor are to use. */
export const HARBOR_HOST = 'hub.skiff.example';
const TOKEN_PATH = '/service/token';

/** A version of Harbor that the simulation can be. */
export type HarborVersion = '1.7.5' | '1.10.4' | '2.3.1';

/** What Harbor is in the simulation, and what is wrong with it beyond its pods. */
export interface SimulatedHarbor {
  version: HarborVersion;
  /** Parts that the cores cannot use although their pods run, by the names of the aggregate health (`database`, `redis` …), with Harbor's words for it. */
  readonly unusable: Map<string, string>;
  /** Where clients are sent for tokens. */
  realm: string;
  readOnly: boolean;
  /** How many days the vulnerability data are old. */
  vulnerabilityDays: number;
  /** Added to the clock of the cores, in seconds. */
  clockSkewSeconds: number;
}

export function healthyHarbor(): SimulatedHarbor {
  return {
    version: '1.7.5',
    unusable: new Map(),
    realm: `https://${HARBOR_HOST}${TOKEN_PATH}`,
    readOnly: false,
    vulnerabilityDays: 1,
    clockSkewSeconds: 0,
  };
}

/** Each part by the name that the aggregate health gives it: the component that it is here, and what a core says when that does not answer. */
const PARTS: readonly (readonly [string, string, string])[] = [
  ['chartmuseum', 'harbor-chartmuseum', 'failed to check health: Get http://harbor-chartmuseum:9999/health: dial tcp: connect: connection refused'],
  ['clair', 'harbor-clair', 'failed to check health: Get http://harbor-clair:6061/health: dial tcp: connect: connection refused'],
  ['core', 'harbor-core', ''],
  ['database', 'stolon-proxy', 'failed to run SQL "SELECT 1": dial tcp 10.96.31.7:5432: connect: connection refused'],
  ['jobservice', 'harbor-jobservice', 'failed to check health: Get http://harbor-jobservice:8080/api/v1/stats: dial tcp: connect: connection refused'],
  ['portal', 'harbor-portal', 'failed to check health: Get http://harbor-portal: dial tcp: connect: connection refused'],
  ['redis', 'redis-harbor-haproxy', 'failed to establish connection with Redis: dial tcp: connect: connection refused'],
  ['registry', 'harbor-registry', 'failed to check health: Get http://harbor-registry:5000/: dial tcp: connect: connection refused'],
];

/** Why a core cannot use a part; undefined when it can. */
function troubleWith(part: string, state: ClusterState): string | undefined {
  const [, id = '', words = ''] = PARTS.find(([name]) => name === part) ?? [];
  const isServing = part === 'core' || !state.hasComponent(id) || state.podsOf(id).some(isReady);
  return state.harbor.unusable.get(part) ?? (isServing ? undefined : words);
}

/** Up to 1.7 the adminserver keeps the configuration, in the database; later the cores read it there themselves. */
function isConfigured(state: ClusterState): boolean {
  const { version } = state.harbor;
  const kept = version !== '1.7.5' || !state.hasComponent('harbor-adminserver') || state.podsOf('harbor-adminserver').some(isReady);
  return kept && troubleWith('database', state) === undefined;
}

/** A core of the version that the state says: 1.7 has no aggregate health, 2.x has everything below `/api/v2.0`. */
export const harborCore: HttpBackend = (request) => {
  const { state, path, query } = request;
  const { version } = state.harbor;
  if (path === '/') return { headers: HTML, body: '<!doctype html><html><head><title>Harbor</title></head></html>' };
  if (path === '/v2/') return version === '2.3.1' || troubleWith('registry', state) === undefined ? unauthorizedRegistry(state) : { status: 502, body: '' };
  if (path === TOKEN_PATH) return tokenFor(query, state);
  const root = version === '2.3.1' ? '/api/v2.0' : '/api';
  switch (path) {
    case `${root}/ping`:
      return version === '2.3.1' ? { body: 'Pong' } : { headers: JSON_TYPE, body: '"Pong"' };
    case `${root}/systeminfo`:
      return isConfigured(state) ? { body: systemInfo(state) } : broken(state);
    case `${root}/systeminfo/volumes`:
      return { status: 401, headers: JSON_TYPE, body: { errors: [{ code: 'UNAUTHORIZED', message: 'UnAuthorized' }] } };
    case `${root}/projects`:
      return troubleWith('database', state) === undefined ? { body: [] } : broken(state);
    case `${root}/health`:
      return version === '1.7.5' ? NOT_FOUND : { body: aggregateHealth(state) };
    default:
      return NOT_FOUND;
  }
};

/** An error of the server: a bare text in 1.x, an envelope in 2.x. */
function broken({ harbor }: ClusterState): BackendAnswer {
  return harbor.version === '2.3.1'
    ? { status: 500, headers: JSON_TYPE, body: { errors: [{ code: 'UNKNOWN', message: 'unknown: internal server error' }] } }
    : { status: 500, body: 'Unexpected error' };
}

function systemInfo({ harbor, now }: ClusterState): unknown {
  const { version, readOnly, vulnerabilityDays } = harbor;
  // From 2.x on whoever has not logged in is told no more than this.
  if (version === '2.3.1') return { auth_mode: 'db_auth', self_registration: false, harbor_version: 'v2.3.1-84d3d3ca' };
  return {
    with_notary: false,
    with_clair: true,
    with_admiral: false,
    admiral_endpoint: 'NA',
    auth_mode: 'db_auth',
    registry_url: HARBOR_HOST,
    project_creation_restriction: 'adminonly',
    self_registration: false,
    has_ca_root: false,
    harbor_version: version === '1.7.5' ? 'v1.7.5-fd33c5ee' : 'v1.10.4-7ba3c1f8',
    clair_vulnerability_status: { overall_last_update: Math.floor(now().getTime() / 1000) - vulnerabilityDays * 86_400, details: [] },
    registry_storage_provider_name: 'filesystem',
    read_only: readOnly,
    with_chartmuseum: true,
  };
}

function aggregateHealth(state: ClusterState): unknown {
  const components = PARTS.filter(([name]) => name !== 'clair' || state.harbor.version !== '2.3.1').map(([name]) => {
    const error = troubleWith(name, state);
    return error === undefined ? { name, status: 'healthy' } : { name, status: 'unhealthy', error };
  });
  const healthy = components.every(({ status }) => status === 'healthy');
  return { status: healthy ? 'healthy' : 'unhealthy', components };
}

/** Without a scope an anonymous client gets nothing; with one, a token that allows nothing. */
function tokenFor(query: URLSearchParams, state: ClusterState): BackendAnswer {
  if (query.get('service') !== 'harbor-registry') return { status: 400, body: `Unable to handle service: ${query.get('service') ?? ''}` };
  if (!query.has('scope')) return { status: 401, body: '' };
  if (!isConfigured(state)) return { status: 500, body: '' };
  const iat = Math.floor(state.now().getTime() / 1000) + state.harbor.clockSkewSeconds;
  const part = (value: unknown): string => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const claims = { iss: 'harbor-token-issuer', sub: '', aud: 'harbor-registry', exp: iat + 1800, nbf: iat, iat, jti: 'simulated', access: [] };
  const token = `${part({ typ: 'JWT', alg: 'RS256', kid: 'SIMU:LATE' })}.${part(claims)}.${part('no signature')}`;
  return { body: { token, access_token: '', expires_in: 1800, issued_at: new Date(iat * 1000).toISOString() } };
}

/** What a registry without a token says, through the core and by itself. */
export function unauthorizedRegistry(state?: ClusterState): BackendAnswer {
  const realm = state?.harbor.realm ?? healthyHarbor().realm;
  return {
    status: 401,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'docker-distribution-api-version': 'registry/2.0',
      'www-authenticate': `Bearer realm="${realm}",service="harbor-registry"`,
    },
    body: '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n',
  };
}

/** Everything but ping wants a secret. */
export const adminserver: HttpBackend = ({ path }) =>
  path === '/api/ping' ? { headers: { 'content-type': 'application/json' }, body: '"Pong"' } : { status: 401, body: 'Unauthorized\n' };
