import type { BackendAnswer, BackendRequest, HttpBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import { isSilence, type Reply } from '../reply.ts';
import { health } from '../routes/health.ts';

const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** What most health endpoints say. */
export const OK: HttpBackend = { body: 'ok', headers: { 'x-content-type-options': 'nosniff' } };

const NOT_FOUND: BackendAnswer = { status: 404, body: '404 page not found\n' };

/** Prometheus text for `/metrics`, `ok` for everything else. */
export function metrics(...samples: readonly string[]): HttpBackend {
  const body = `${[...samples, 'process_start_time_seconds 1.6146e+09', 'process_open_fds 42', 'process_max_fds 1048576'].join('\n')}\n`;
  return ({ path }) => (path === '/metrics' ? { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body } : { body: 'ok' });
}

/** A Spring Boot 2 service: health with the state of what it depends on, as far as that is part of the simulation. */
export const spring: HttpBackend = (request) => springAnswer(request, '/actuator/health');

/** The same with the paths of the user authentication beside it. */
export const authSpring: HttpBackend = (request) =>
  request.path.startsWith('/authority') ? { status: 401, body: { code: 'Unauthorized' } } : springAnswer(request, '/actuator/health');

const DATABASES = ['etcd-mysql'];
const CACHES = ['platform-redis', 'apm-redis'];

function springAnswer(request: BackendRequest, healthPath: string): BackendAnswer {
  if (request.path === '/healthcheck') return { body: 'ok' };
  if (request.path === '/actuator/prometheus')
    return {
      headers: { 'content-type': 'text/plain; version=0.0.4' },
      body: 'jvm_threads_live_threads 84\nhikaricp_connections_active 3\nhikaricp_connections_max 20\n',
    };
  if (request.path === healthPath || request.path === '/health' || request.path.startsWith(`${healthPath}/`)) {
    const components: Record<string, unknown> = {};
    for (const dependency of dependenciesOf(request)) {
      const id = dependency.split('/')[1] ?? '';
      const name = DATABASES.includes(id) ? 'db' : CACHES.includes(id) ? 'redis' : undefined;
      if (name !== undefined) components[name] = { status: isServing(request, id) ? 'UP' : 'DOWN' };
    }
    components['diskSpace'] = { status: 'UP' };
    const up = Object.values(components).every((component) => (component as { status: string }).status === 'UP');
    return {
      status: up ? 200 : 503,
      headers: { 'content-type': 'application/vnd.spring-boot.actuator.v3+json' },
      body: { status: up ? 'UP' : 'DOWN', components },
    };
  }
  return { status: 404, headers: { 'content-type': 'application/json' }, body: { status: 404, error: 'Not Found', path: request.path } };
}

function dependenciesOf(request: BackendRequest): readonly string[] {
  return request.state.components.get(`${request.pod.namespace}/${request.pod.component}`)?.dependsOn ?? [];
}

function isServing(request: BackendRequest, id: string): boolean {
  return request.state.hasComponent(id) && request.state.podsOf(id).some(isReady);
}

/** One API server among several: its own health, seen from inside. */
export const kubeApiServer: HttpBackend = (request) => {
  const answer: Reply | undefined = health(request.path, request.query, request.state);
  if (answer && !isSilence(answer) && typeof answer.body === 'string') return { status: answer.status, headers: answer.headers, body: answer.body };
  return {
    status: 403,
    body: {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: `forbidden: User "system:anonymous" cannot get path "${request.path}"`,
      reason: 'Forbidden',
      details: {},
      code: 403,
    },
  };
};

export const kubeProxyHealth: HttpBackend = ({ path, state }) => {
  const now = state.now().toISOString().replace('T', ' ').replace('Z', ' +0000 UTC m=+725.7');
  // Two Go times in JSON of their own making: not RFC 3339.
  return path === '/healthz'
    ? { headers: { 'content-type': 'application/json', 'x-content-type-options': 'nosniff' }, body: `{"lastUpdated": "${now}","currentTime": "${now}"}` }
    : NOT_FOUND;
};

export const coreDns: HttpBackend = metrics(
  'coredns_dns_request_count_total{family="1",proto="udp",server="dns://:53",type="A",zone="."} 92144',
  'coredns_dns_response_rcode_count_total{rcode="NOERROR",server="dns://:53",zone="."} 92000',
  'coredns_dns_response_rcode_count_total{rcode="SERVFAIL",server="dns://:53",zone="."} 3',
  'coredns_panic_count_total 0',
);

/** The health port of ingress-nginx. `GET /stop` ends old controllers: whoever sends it has made a mistake, and the test that looks at the log sees it. */
export const ingressController: HttpBackend = (request) => {
  if (request.path === '/healthz') return { body: 'ok' };
  if (request.path === '/metrics')
    return { body: 'nginx_ingress_controller_config_last_reload_successful 1\nnginx_ingress_controller_success 41\nnginx_ingress_controller_errors 0\n' };
  if (request.path === '/build') return { body: { name: 'NGINX', release: '0.32.0' } };
  return NOT_FOUND;
};

export const redisExporter: HttpBackend = metrics('redis_up 1', 'redis_exporter_last_scrape_error{err=""} 0', 'redis_connected_clients 24');

export const mysqldExporter: HttpBackend = (request) => {
  const up = isServing(request, 'etcd-mysql') ? 1 : 0;
  return {
    headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' },
    body: `mysql_up ${up}\n${up === 1 ? 'mysql_global_status_threads_connected 63\nmysql_global_variables_max_connections 1000\n' : ''}`,
  };
};

export const portalPage: HttpBackend = ({ path }) =>
  path === '/' || path.endsWith('.html')
    ? { headers: HTML, body: '<!DOCTYPE html><html><head><title>Skiff</title></head><body><div id="app"></div></body></html>\n' }
    : { status: 404, headers: HTML, body: '<html><body>404</body></html>' };

/** Prometheus 2.26. */
export const prometheus: HttpBackend = (request) => {
  const data = (value: unknown): BackendAnswer => ({ body: { status: 'success', data: value } });
  switch (request.path) {
    case '/-/healthy':
      return { body: 'Prometheus is Healthy.\n' };
    case '/-/ready':
      return { body: 'Prometheus is Ready.\n' };
    case '/api/v1/targets':
      return data({
        activeTargets: [
          {
            labels: { job: 'node-exporter', instance: '10.0.0.11:9100' },
            scrapePool: 'node-exporter',
            scrapeUrl: 'http://10.0.0.11:9100/metrics',
            lastError: '',
            lastScrape: request.state.now().toISOString(),
            lastScrapeDuration: 0.02,
            health: 'up',
          },
        ],
        droppedTargets: [],
      });
    case '/api/v1/rules':
      return data({
        groups: [
          {
            name: 'platform',
            file: '/etc/prometheus/rules.yml',
            interval: 30,
            rules: [{ type: 'alerting', name: 'InstanceDown', state: 'inactive', health: 'ok', alerts: [] }],
          },
        ],
      });
    case '/api/v1/alerts':
      return data({ alerts: [] });
    case '/api/v1/alertmanagers':
      return data({ activeAlertmanagers: [], droppedAlertmanagers: [] });
    case '/api/v1/status/runtimeinfo':
      return data({
        startTime: request.state.startedAt.toISOString(),
        reloadConfigSuccess: true,
        lastConfigTime: request.state.startedAt.toISOString(),
        corruptionCount: 0,
        goroutineCount: 84,
        storageRetention: '15d',
      });
    case '/api/v1/status/tsdb':
      return data({ headStats: { numSeries: 48_211, chunkCount: 190_000 }, seriesCountByMetricName: [] });
    case '/api/v1/status/buildinfo':
      return data({ version: '2.26.0', revision: '3cafc58827d1ebd1a67749f88be4218f0bab3d8d', goVersion: 'go1.16.2' });
    case '/api/v1/query':
      return data({ resultType: 'vector', result: [] });
    case '/metrics':
      return { body: 'prometheus_config_last_reload_successful 1\nprometheus_tsdb_head_series 48211\n' };
    default:
      return NOT_FOUND;
  }
};

/** Harbor 1.7: no aggregate health, `/api/ping` is a JSON string, `/v2/` wants a token. */
export const harborCore: HttpBackend = (request) => {
  switch (request.path) {
    case '/':
      return { headers: HTML, body: '<!doctype html><html><head><title>Harbor</title></head></html>' };
    case '/api/ping':
      return { headers: { 'content-type': 'application/json; charset=utf-8' }, body: '"Pong"' };
    case '/api/systeminfo':
      return {
        body: {
          with_notary: false,
          with_clair: true,
          with_admiral: false,
          admiral_endpoint: 'NA',
          auth_mode: 'db_auth',
          registry_url: 'hub.skiff.example',
          harbor_version: 'v1.7.5-fd33c5ee',
          read_only: false,
          with_chartmuseum: true,
        },
      };
    case '/api/projects':
      return { body: [] };
    case '/v2/':
      return unauthorizedRegistry();
    case '/service/token':
      return { body: { token: 'simulated', access_token: '', expires_in: 1800, issued_at: request.state.now().toISOString() } };
    default:
      return { status: 404, body: '404 page not found\n' };
  }
};

function unauthorizedRegistry(): BackendAnswer {
  return {
    status: 401,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'docker-distribution-api-version': 'registry/2.0',
      'www-authenticate': 'Bearer realm="https://hub.skiff.example/service/token",service="harbor-registry"',
    },
    body: '{"errors":[{"code":"UNAUTHORIZED","message":"authentication required","detail":null}]}\n',
  };
}

export const registry: HttpBackend = ({ path }) => (path === '/' ? { body: '' } : path === '/v2/' ? unauthorizedRegistry() : NOT_FOUND);

export const adminserver: HttpBackend = ({ path }) =>
  path === '/api/ping' ? { headers: { 'content-type': 'application/json' }, body: '"Pong"' } : { status: 401 };

export const clair: HttpBackend = ({ path }) => (path === '/health' ? { body: '' } : NOT_FOUND);

export const jobservice: HttpBackend = ({ path, state }) => {
  const heartbeat = Math.floor(state.now().getTime() / 1000);
  if (path !== '/api/v1/stats') return NOT_FOUND;
  return {
    body: {
      worker_pools: [
        {
          worker_pool_id: 'b1d6a0f2c7',
          started_at: heartbeat - 86_400,
          heartbeat_at: heartbeat,
          job_names: ['GARBAGE_COLLECTION', 'REPLICATION'],
          concurrency: 10,
          status: 'Healthy',
        },
      ],
    },
  };
};

export const haproxy: HttpBackend = {
  headers: { 'content-type': 'text/plain' },
  body: '# pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,\nredis,harbor-redis-0,0,0,2,9,,410,1,1,,0,,0,0,0,0,UP,\nredis,BACKEND,0,0,2,9,200,410,1,1,0,0,,0,0,0,0,UP,\n',
};

/** etcd 3.4 over HTTP: health, version, metrics and the two questions of its JSON gateway that may be asked. Numbers of 64 bits are strings. */
export const etcdHttp: HttpBackend = (request) => {
  const { state, pod } = request;
  const members = memberNames(request);
  const ids = members.map((_, index) => String(10_276_657_743_932_975_437n + BigInt(index)));
  const own = Math.max(0, members.indexOf(pod.name));
  const leader = ids[0] ?? '0';
  const header = { cluster_id: '14841639068965178418', member_id: ids[own], raft_term: '7' };
  switch (request.path) {
    case '/health':
      return state.failingHealthChecks.has('etcd') && pod.component === 'etcd'
        ? { status: 503, headers: { 'content-type': 'application/json' }, body: '{"health":"false"}' }
        : { headers: { 'content-type': 'application/json' }, body: '{"health":"true"}' };
    case '/version':
      return { body: '{"etcdserver":"3.4.13","etcdcluster":"3.4.0"}' };
    case '/metrics':
      return {
        body: `etcd_server_has_leader 1\netcd_server_is_leader ${own === 0 ? 1 : 0}\netcd_server_leader_changes_seen_total 2\netcd_mvcc_db_total_size_in_bytes 2.5e+07\netcd_mvcc_db_total_size_in_use_in_bytes 1.9e+07\netcd_server_quota_backend_bytes 2.147483648e+09\n`,
      };
    case '/v3/maintenance/status':
      return {
        body: { header, version: '3.4.13', dbSize: '25165824', leader, raftIndex: '41987', raftTerm: '7', raftAppliedIndex: '41987', dbSizeInUse: '19922944' },
      };
    case '/v3/cluster/member/list':
      return {
        body: {
          header,
          members: members.map((name, index) => ({ ID: ids[index], name, peerURLs: [`http://${name}:2380`], clientURLs: [`http://${name}:2379`] })),
        },
      };
    case '/v3/maintenance/alarm':
      return { body: { header } };
    default:
      return NOT_FOUND;
  }
};

function memberNames(request: BackendRequest): readonly string[] {
  const id = request.pod.component;
  return id === '' ? [request.pod.name] : request.state.podsOf(`${request.pod.namespace}/${id}`).map((pod) => pod.metadata.name);
}
