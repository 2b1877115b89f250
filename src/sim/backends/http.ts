import type { BackendAnswer, BackendRequest, HttpBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import { isSilence, type Reply } from '../reply.ts';
import { health } from '../routes/health.ts';
import { exporterSamples, mysqlInstance } from './mysql.ts';

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

/** redis_exporter 1.45 beside the Redis, or the sentinels, that its name says. */
export const redisExporter: HttpBackend = (request) => {
  if (request.path !== '/metrics') return { body: 'ok' };
  const watched = request.pod.component.replace(/-exporter$/, '');
  const up = !request.state.hasComponent(watched) || isServing(request, watched);
  const failure = 'dial tcp: i/o timeout';
  const ofSentinel = [
    'redis_sentinel_masters 1',
    'redis_sentinel_tilt 0',
    'redis_instance_info{redis_mode="sentinel",redis_version="5.0.9",role="",tcp_port="26379"} 1',
  ];
  const ofRedis = [
    'redis_connected_clients 24',
    'redis_connected_slaves 2',
    'redis_instance_info{redis_mode="standalone",redis_version="5.0.9",role="master",tcp_port="6379"} 1',
  ];
  const told = up ? (watched.endsWith('-sentinel') ? ofSentinel : ofRedis) : [];
  const body = [
    'redis_exporter_build_info{golang_version="go1.19.8",version="1.45.0"} 1',
    `redis_exporter_last_scrape_error{err="${up ? '' : failure}"} ${up ? 0 : 1}`,
    `redis_up ${up ? 1 : 0}`,
    ...told,
  ];
  return { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: `${body.join('\n')}\n` };
};

/** mysqld_exporter 0.15: on /metrics it tells of the first instance, on /probe of any. */
export const mysqldExporter: HttpBackend = ({ path, query, state }) => {
  if (path !== '/metrics' && path !== '/probe') return { headers: HTML, body: '<html><head><title>MySQLd Exporter</title></head></html>' };
  const target = (query.get('target') ?? '').replace(/:\d+$/, '');
  if (path === '/probe' && target === '') return { status: 400, body: 'target is required\n' };
  const pods = state.hasComponent('etcd-mysql') ? state.podsOf('etcd-mysql') : [];
  const pod = path === '/metrics' ? pods[0] : pods.find(({ status }) => status?.podIP === target);
  const told = pod !== undefined && isReady(pod) ? exporterSamples(mysqlInstance(state.backendPod(pod), state)) : ['mysql_up 0'];
  const own = path === '/metrics' ? ['mysqld_exporter_build_info{branch="HEAD",goversion="go1.21.5",revision="20a5e8c3",version="0.15.1"} 1'] : [];
  return { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: `${[...told, ...own].join('\n')}\n` };
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

const STATS_COLUMNS =
  'pxname,svname,qcur,qmax,scur,smax,slim,stot,bin,bout,dreq,dresp,ereq,econ,eresp,wretr,wredis,status,weight,act,bck,chkfail,chkdown,lastchg,downtime,qlimit,pid,iid,sid,throttle,lbtot,tracked,type,rate,rate_lim,rate_max,check_status,check_code,check_duration,hrsp_1xx,hrsp_2xx,hrsp_3xx,hrsp_4xx,hrsp_5xx,hrsp_other,hanafail,req_rate,req_rate_max,req_tot,cli_abrt,srv_abrt,comp_in,comp_out,comp_byp,comp_rsp,lastsess,last_chk,last_agt,qtime,ctime,rtime,ttime,agent_status,agent_code,agent_duration,check_desc,agent_desc,check_rise,check_fall,check_health,agent_rise,agent_fall,agent_health,addr,cookie,mode,algo,conn_rate,conn_rate_max,conn_tot,intercepted,dcon,dses,'.split(
    ',',
  );

/** HAProxy 1.9: its statistics as CSV. Of the servers behind it only the master passes the check; of the others it waits in vain for the right word. */
export const haproxy: HttpBackend = ({ path, pod, state }) => {
  if (path === '/stats') return { headers: { 'content-type': 'text/html' }, body: '<html><title>Statistics Report for HAProxy</title></html>' };
  if (path !== '/stats;csv')
    return { status: 503, headers: { 'content-type': 'text/html' }, body: '<html><body><h1>503 Service Unavailable</h1></body></html>' };
  const servers = state.podsOf(`${pod.namespace}/harbor-redis`);
  const master = servers.find(isReady);
  const row = (fields: Readonly<Record<string, string>>): string => STATS_COLUMNS.map((column) => fields[column] ?? '').join(',');
  const tcp = { mode: 'tcp', weight: '1', act: '1', bck: '0', lastchg: '2592000' };
  const rows = [
    row({ pxname: 'redis', svname: 'FRONTEND', status: 'OPEN', mode: 'tcp' }),
    ...servers.map((server) => {
      const check =
        server === master
          ? { status: 'UP', check_status: 'L7OK', last_chk: '(tcp-check)' }
          : { status: 'DOWN', check_status: 'L7TOUT', last_chk: " at step 3 of tcp-check (expect string 'role:master')" };
      return row({ ...tcp, pxname: 'harbor-redis', svname: server.metadata.name, ...check });
    }),
    row({ ...tcp, pxname: 'harbor-redis', svname: 'BACKEND', status: master === undefined ? 'DOWN' : 'UP' }),
    row({ pxname: 'stats', svname: 'FRONTEND', status: 'OPEN', mode: 'http' }),
  ];
  return { headers: { 'content-type': 'text/plain' }, body: `# ${STATS_COLUMNS.join(',')}\n${rows.join('\n')}\n\n` };
};
