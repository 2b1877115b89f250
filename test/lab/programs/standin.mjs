// STAND-IN for a component whose program is not public. What it is comes from its environment:
//   NAME, PORTS=8080,9090
//   TLS_DIR       its ports speak TLS with tls.crt and tls.key of this directory
//   ROUTES        {"/path": {"status": 200, "body": …, "headers": {…}}}
//   KIND          spring    answers /actuator/health with what its SPRING_ variables and ETCD_ENDPOINTS name, asked live; 503 when one of these is DOWN
//                 static    pages and files of a web server
//                 webhook, extender
//   without a KIND it is a server of Go that only says that it lives
import { ask } from './ask.mjs';
import { EXPOSITION, exposition, send, serve } from './serve.mjs';

const { env } = process;
const fromJson = (text, otherwise) => (text ? JSON.parse(text) : otherwise);
const NAME = env.NAME ?? 'standin';
const ROUTES = fromJson(env.ROUTES, {});
const started = Date.now();
let requests = 0;

// --- Spring Boot 2 --------------------------------------------------------------------------------------------------------------------------

/** The components of its health, by the variables that a Spring Boot of 2.x reads. */
function dependencies() {
  const found = [];
  const [, mysql] = /^jdbc:mysql:\/\/([^:/]+)/.exec(env.SPRING_DATASOURCE_URL ?? '') ?? [];
  if (mysql) found.push({ name: 'db', mysql, user: env.SPRING_DATASOURCE_USERNAME, password: env.SPRING_DATASOURCE_PASSWORD });
  if (env.SPRING_REDIS_SENTINEL_NODES) {
    found.push({ name: 'redis', sentinels: env.SPRING_REDIS_SENTINEL_NODES.split(','), password: env.SPRING_REDIS_PASSWORD });
  }
  if (env.ETCD_ENDPOINTS) found.push({ name: 'etcd', url: `${env.ETCD_ENDPOINTS}/health` });
  return found;
}
const DEPENDS = dependencies();
const ACTUATOR = { 'content-type': 'application/vnd.spring-boot.actuator.v3+json' };
/** How Spring words it. */
const EXCEPTIONS = {
  mysql: 'org.springframework.jdbc.CannotGetJdbcConnectionException: Failed to obtain JDBC Connection; nested exception is java.sql.SQLException: ',
  redis: 'org.springframework.data.redis.RedisConnectionFailureException: Unable to connect to Redis; nested exception is ',
  sentinels:
    'org.springframework.data.redis.RedisConnectionFailureException: Cannot get Jedis connection; nested exception is redis.clients.jedis.exceptions.JedisConnectionException: ',
};
const kindOf = (server) => Object.keys(EXCEPTIONS).find((kind) => server[kind]);
const details = (server, said) => {
  if (server.mysql) return { database: 'MySQL', validationQuery: 'isValid()' };
  return server.url ? {} : { version: said };
};

async function springComponent(server) {
  try {
    return [server.name, { status: 'UP', details: details(server, await ask(server)) }];
  } catch (error) {
    const kind = kindOf(server);
    return [server.name, { status: 'DOWN', details: { error: `${kind ? EXCEPTIONS[kind] : 'java.io.IOException: '}${error.message}` } }];
  }
}

async function springHealth(response) {
  const asked = await Promise.all(DEPENDS.map(springComponent));
  const down = asked.some(([, { status }]) => status === 'DOWN');
  const disk = { status: 'UP', details: { total: 107_374_182_400, free: 53_687_091_200, threshold: 10_485_760, exists: true } };
  const components = Object.fromEntries([...asked, ['diskSpace', disk], ['ping', { status: 'UP' }]].sort(([a], [b]) => a.localeCompare(b)));
  send(response, down ? 503 : 200, { status: down ? 'DOWN' : 'UP', components, groups: ['liveness', 'readiness'] }, ACTUATOR);
}

const heap = () => process.memoryUsage();
const springMetrics = () => [
  ['jvm_memory_used_bytes', 'gauge', heap().heapUsed, { area: 'heap', id: 'PS Old Gen' }],
  ['jvm_memory_max_bytes', 'gauge', 536_870_912, { area: 'heap', id: 'PS Old Gen' }],
  ['jvm_threads_live_threads', 'gauge', 24],
  ['hikaricp_connections_pending', 'gauge', 0, { pool: 'HikariPool-1' }],
  ['hikaricp_connections_active', 'gauge', 1, { pool: 'HikariPool-1' }],
  ['hikaricp_connections_max', 'gauge', 10, { pool: 'HikariPool-1' }],
  ['process_uptime_seconds', 'gauge', (Date.now() - started) / 1000],
  ['http_server_requests_seconds_count', 'counter', requests, { exception: 'None', method: 'GET', outcome: 'SUCCESS', status: '200', uri: '/**' }],
];

function spring({ path, response }) {
  if (path === '/actuator/health') return springHealth(response);
  // The groups of a Boot of 2.3 and later look at nothing but the process.
  if (path === '/actuator/health/readiness' || path === '/actuator/health/liveness') return send(response, 200, { status: 'UP' }, ACTUATOR);
  if (path === '/actuator/prometheus') return send(response, 200, exposition(springMetrics()), EXPOSITION);
  send(response, 404, { timestamp: new Date().toISOString(), status: 404, error: 'Not Found', message: '', path });
}

// --- the others -----------------------------------------------------------------------------------------------------------------------------

const HTML = { 'content-type': 'text/html' };
const NOT_FOUND = '<html>\r\n<head><title>404 Not Found</title></head>\r\n<body>\r\n<center><h1>404 Not Found</h1></center>\r\n</body>\r\n</html>\r\n';
const staticFiles = ({ response }) => send(response, 404, NOT_FOUND, HTML);

function webhook({ method, path, body, response }) {
  if (method !== 'POST') return alive({ path, response });
  const { apiVersion, request } = JSON.parse(body);
  send(response, 200, { apiVersion, kind: 'AdmissionReview', response: { uid: request.uid, allowed: true } });
}

function extender({ method, path, body, response }) {
  if (method !== 'POST') return alive({ path, response });
  const { NodeNames, nodenames = NodeNames ?? [] } = JSON.parse(body);
  if (path.endsWith('/filter')) return send(response, 200, { nodenames, failedNodes: {}, error: '' });
  send(
    response,
    200,
    nodenames.map((host) => ({ host, score: 0 })),
  );
}

const goMetrics = () => [
  ['up_seconds', 'gauge', (Date.now() - started) / 1000, { app: NAME }],
  ['http_requests_total', 'counter', requests, { app: NAME }],
  ['process_resident_memory_bytes', 'gauge', heap().rss],
];
function alive({ path, response }) {
  if (path === '/metrics') return send(response, 200, exposition(goMetrics()), EXPOSITION);
  if (path === '/health' || path === '/healthz') return send(response, 200, 'ok');
  send(response, 404, '404 page not found\n');
}

const KINDS = { spring, static: staticFiles, webhook, extender };
const kind = KINDS[env.KIND] ?? alive;

function handle(request) {
  requests++;
  const route = ROUTES[request.path];
  if (route) return send(request.response, route.status ?? 200, route.body ?? '', route.headers);
  return kind(request);
}

serve(NAME, (env.PORTS ?? '8080').split(','), handle, env.TLS_DIR);
