import type { BackendAnswer, BackendRequest, HttpBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';

/** The platform's own services: Spring Boot applications, consoles, downloads. What they say of what they depend on is what the simulation has. */

const HTML = { 'content-type': 'text/html; charset=utf-8' };
const ACTUATOR = { 'content-type': 'application/vnd.spring-boot.actuator.v3+json' };

/** True when some pod of a component is ready and something answers on its main port. */
export function isServing({ state }: Pick<BackendRequest, 'state'>, id: string): boolean {
  if (!state.hasComponent(id)) return false;
  const [port] = state.component(id).ports;
  return state.podsOf(id).some((pod) => isReady(pod) && (port === undefined || typeof state.listenerOf(pod, port) !== 'string'));
}

interface Part {
  readonly status: 'UP' | 'DOWN';
  readonly details?: Readonly<Record<string, unknown>>;
}

/** What a part of a health report says when what it asks does not answer, in the words of the JDBC driver, Jedis and the etcd client. */
const ERRORS: Readonly<Record<string, string>> = {
  db: 'org.springframework.jdbc.CannotGetJdbcConnectionException: Failed to obtain JDBC Connection; nested exception is com.mysql.jdbc.exceptions.jdbc4.CommunicationsException: Communications link failure',
  redis:
    'org.springframework.data.redis.RedisConnectionFailureException: Cannot get Jedis connection; nested exception is redis.clients.jedis.exceptions.JedisConnectionException: Could not get a resource from the pool',
  etcd: 'java.io.IOException: io.grpc.StatusRuntimeException: UNAVAILABLE: io exception',
};

/** Technologies of a dependency → the part of the health report that asks it. */
const PARTS: readonly (readonly [string, keyof typeof ERRORS])[] = [
  ['mysql', 'db'],
  ['stolon-proxy', 'db'],
  ['redis', 'redis'],
  ['redis-sentinel', 'redis'],
  ['etcd', 'etcd'],
];

function partsOf(request: BackendRequest): Readonly<Record<string, Part>> {
  const { state, pod } = request;
  const parts: Record<string, Part> = {};
  for (const id of state.components.get(`${pod.namespace}/${pod.component}`)?.dependsOn ?? []) {
    const technologies = state.components.get(id)?.definition.technologies ?? {};
    const [, name] = PARTS.find(([technology]) => technology in technologies) ?? [];
    if (name === undefined || parts[name]?.status === 'DOWN') continue;
    parts[name] = isServing(request, id) ? { status: 'UP' } : { status: 'DOWN', details: { error: ERRORS[name] } };
  }
  const disk = { total: 107_374_182_400, free: 53_687_091_200, threshold: 10_485_760, exists: true };
  return { ...parts, diskSpace: { status: 'UP', details: disk } };
}

/** A Spring Boot 2 service. */
export const spring: HttpBackend = springAnswer;

/** The same with the paths of the user authentication beside it. */
export const authSpring: HttpBackend = (request) =>
  request.path.startsWith('/authority')
    ? { status: 401, headers: { 'content-type': 'application/json' }, body: { code: 'Unauthorized' } }
    : springAnswer(request);

/** The same with the path that the portal of the API gateway has for the kubelet. */
export const portalSpring: HttpBackend = (request) =>
  request.path !== '/healthcheck' ? springAnswer(request) : isUp(partsOf(request)) ? { body: 'ok' } : springError(503, 'Service Unavailable', request);

function springAnswer(request: BackendRequest): BackendAnswer {
  const { path } = request;
  if (path === '/actuator/prometheus') {
    return {
      headers: { 'content-type': 'text/plain; version=0.0.4' },
      body: 'jvm_threads_live_threads 84\nhikaricp_connections_active 3\nhikaricp_connections_max 20\n',
    };
  }
  if (path !== '/actuator/health' && path !== '/health' && !path.startsWith('/actuator/health/')) return springError(404, 'Not Found', request);
  const components = partsOf(request);
  const up = isUp(components);
  return { status: up ? 200 : 503, headers: ACTUATOR, body: { status: up ? 'UP' : 'DOWN', components } };
}

function isUp(parts: Readonly<Record<string, Part>>): boolean {
  return Object.values(parts).every(({ status }) => status === 'UP');
}

function springError(status: number, error: string, { path, state }: BackendRequest): BackendAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: { timestamp: state.now().toISOString(), status, error, path } };
}

/** The web shell: one leads and answers its readiness probe, the others say 400. */
export const webconsole: HttpBackend = ({ path, pod, state }) => {
  const self = state.objects.get('pods', pod.name, pod.namespace);
  if (path === '/leader') return self !== undefined && isReady(self) ? { body: 'ok' } : { status: 400, body: 'not leader' };
  if (path === '/api/sockjs/info') return { body: { websocket: true, cookie_needed: false, origins: ['*:*'], entropy: 3_212_417_241 } };
  return path === '/healthz' ? { body: 'healthy' } : { status: 404, body: '404 page not found\n' };
};

const NGINX = { server: 'nginx/1.19.10' };
const PAGE =
  '<!DOCTYPE html><html><head><title>Skiff</title><link rel="icon" href="/favicon.ico"></head><body><div id="app"></div><script src="/static/js/app.3f2a91c0.js"></script></body></html>\n';

/** A page of a web server, with the script that fills it. */
export const portalPage: HttpBackend = ({ path }) => {
  if (path === '/' || path.endsWith('.html')) return { headers: { ...HTML, ...NGINX }, body: PAGE };
  if (path === '/static/js/app.3f2a91c0.js') return { headers: { 'content-type': 'application/javascript', ...NGINX }, body: 'window.skiff={};\n' };
  return { status: 404, headers: { ...HTML, ...NGINX }, body: '<html><body>404</body></html>' };
};

/** What the console passes on, by the beginning of the path. */
const BEHIND_THE_CONSOLE: Readonly<Record<string, string>> = { authority: 'platform-user-auth', ncs: 'ncs', audit: 'audit' };

/** How long nginx waits for a backend that hangs, in ms (`proxy_read_timeout`). */
const GATEWAY_TIMEOUT_MS = 60_000;

function isHanging({ state }: BackendRequest, id: string): boolean {
  const [port = 8080] = state.component(id).ports;
  return state.podsOf(id).every((pod) => {
    const listener = state.listenerOf(pod, port);
    return typeof listener === 'object' && 'http' in listener && typeof listener.http === 'object' && (listener.http.delayMs ?? 0) >= GATEWAY_TIMEOUT_MS;
  });
}

/** The console: its page, and what it passes on to the components behind it. */
export const front: HttpBackend = (request) => {
  const backend = BEHIND_THE_CONSOLE[request.path.split('/')[1] ?? ''];
  if (backend === undefined) return typeof portalPage === 'function' ? portalPage(request) : portalPage;
  if (!isServing(request, backend)) return { status: 502, headers: { ...HTML, ...NGINX }, body: '<html><head><title>502 Bad Gateway</title></head></html>' };
  if (isHanging(request, backend)) return { status: 504, headers: { ...HTML, ...NGINX }, delayMs: GATEWAY_TIMEOUT_MS };
  return { status: 401, headers: { 'content-type': 'application/json', ...NGINX }, body: { code: 'Unauthorized' } };
};
