// STAND-IN for a component whose program is not public. What it is comes from its environment:
//   NAME, PORTS=8080,9090
//   TLS_DIR       its ports speak TLS with tls.crt and tls.key of this directory
//   ROUTES        {"/path": {"status": 200, "body": …, "headers": {…}}}
//   CHECKS        [{"name": "registry", "url": "http://…"}, {"name": "database", "tcp": "host:port"}]: it answers /api/health and /api/v2.0/health as
//                 Harbor does, and really asks these
//   DEPENDS       the same list: it answers /actuator/health as Spring does, 503 when one of them is down
//   KIND          webhook | extender
// A file /tmp/fault.json {"/path" or "*": {status, body, delayMs}} overrides the answers while it is there.
import { existsSync, readFileSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';

const { env } = process;
const fromJson = (text, otherwise) => (text ? JSON.parse(text) : otherwise);
const NAME = env.NAME ?? 'standin';
const ROUTES = fromJson(env.ROUTES, {});
const CHECKS = fromJson(env.CHECKS);
const DEPENDS = fromJson(env.DEPENDS, []);
const started = Date.now();
let requests = 0;

const TIMED_OUT = 'context deadline exceeded (Client.Timeout exceeded while awaiting headers)';
const ask = ({ name, url, tcp }) =>
  new Promise((resolve) => {
    const timer = setTimeout(() => end(TIMED_OUT), 2500);
    const end = (error) => {
      clearTimeout(timer);
      resolve(error ? { name, status: 'unhealthy', error: String(error.message ?? error) } : { name, status: 'healthy' });
    };
    if (tcp) {
      const [host, port] = tcp.split(':');
      const socket = net.connect(Number(port), host, () => {
        socket.destroy();
        end();
      });
      socket.on('error', end);
    } else {
      const onResponse = (response) => {
        response.resume();
        end(response.statusCode < 400 ? undefined : `got unexpected status code ${response.statusCode}`);
      };
      http.get(url, onResponse).on('error', end);
    }
  });

const send = (response, status, body, headers = {}) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.end(text);
};

async function harborHealth(response) {
  const components = await Promise.all(CHECKS.map(ask));
  send(response, 200, { status: components.every(({ status }) => status === 'healthy') ? 'healthy' : 'unhealthy', components });
}

async function springHealth(response) {
  const answers = await Promise.all(DEPENDS.map(ask));
  const down = answers.some(({ status }) => status !== 'healthy');
  const components = Object.fromEntries(answers.map(({ name, error }) => [name, error ? { status: 'DOWN', details: { error } } : { status: 'UP' }]));
  send(
    response,
    down ? 503 : 200,
    { status: down ? 'DOWN' : 'UP', components: { ...components, ping: { status: 'UP' } } },
    { 'content-type': 'application/vnd.spring-boot.actuator.v3+json' },
  );
}

function webhook(response, body) {
  const { apiVersion, request } = JSON.parse(body);
  send(response, 200, { apiVersion, kind: 'AdmissionReview', response: { uid: request.uid, allowed: true } });
}

function extender(response, path, body) {
  const { NodeNames, nodenames = NodeNames ?? [] } = JSON.parse(body);
  if (path.endsWith('/filter')) return send(response, 200, { nodenames, failedNodes: {}, error: '' });
  send(
    response,
    200,
    nodenames.map((host) => ({ host, score: 0 })),
  );
}

const metrics = () => `# HELP up_seconds seconds since start
# TYPE up_seconds gauge
up_seconds{app="${NAME}"} ${(Date.now() - started) / 1000}
# TYPE http_requests_total counter
http_requests_total{app="${NAME}"} ${requests}
# TYPE process_resident_memory_bytes gauge
process_resident_memory_bytes ${process.memoryUsage().rss}
`;

const FAULT = '/tmp/fault.json';
const HARBOR_HEALTH = ['/api/health', '/api/v2.0/health'];
const SPRING_HEALTH = ['/actuator/health', '/actuator/health/readiness'];
const PLAIN_HEALTH = ['/health', '/healthz', '/ready', '/-/healthy', '/livez', '/readyz', '/'];

async function handle(request, response) {
  requests++;
  let body = '';
  for await (const chunk of request) body += chunk;
  const path = request.url.split('?')[0];
  const faults = existsSync(FAULT) ? fromJson(readFileSync(FAULT, 'utf8'), {}) : {};
  const fault = faults[path] ?? faults['*'];
  if (fault?.delayMs) await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
  if (fault?.status) return send(response, fault.status, fault.body ?? 'injected');
  const route = ROUTES[path];
  if (route) return send(response, route.status ?? 200, route.body ?? '', route.headers);
  if (CHECKS && HARBOR_HEALTH.includes(path)) return harborHealth(response);
  if (SPRING_HEALTH.includes(path)) return springHealth(response);
  if (env.KIND === 'webhook' && request.method === 'POST') return webhook(response, body);
  if (env.KIND === 'extender' && request.method === 'POST') return extender(response, path, body);
  if (path === '/metrics') return send(response, 200, metrics(), { 'content-type': 'text/plain; version=0.0.4' });
  if (PLAIN_HEALTH.includes(path)) return send(response, 200, path === '/health' ? { status: 'UP' } : 'ok');
  send(response, 404, { timestamp: new Date().toISOString(), status: 404, error: 'Not Found', path });
}

const tls = env.TLS_DIR && { cert: readFileSync(`${env.TLS_DIR}/tls.crt`), key: readFileSync(`${env.TLS_DIR}/tls.key`) };
const listener = (request, response) => void handle(request, response);
for (const port of (env.PORTS ?? '8080').split(',')) {
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  server.listen(Number(port), '0.0.0.0', () => console.log(`${new Date().toISOString()} INFO ${NAME} stand-in listens on ${port}`));
}
for (const signal of ['SIGTERM', 'SIGINT']) process.on(signal, () => process.exit(0));
