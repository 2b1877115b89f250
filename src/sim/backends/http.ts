import type { BackendAnswer, HttpBackend } from '../listeners.ts';
import { isReady } from '../reconcile.ts';
import { isSilence, type Reply } from '../reply.ts';
import { health, versionDocument } from '../routes/health.ts';
import { exporterSamples, mysqlInstance } from './mysql.ts';
import { metrics } from './prometheus.ts';
import { serversUp } from './redis.ts';
import { isServing } from './services.ts';

export { portalPage } from './services.ts';

const HTML = { 'content-type': 'text/html; charset=utf-8' };

/** What most health endpoints say. */
export const OK: HttpBackend = { body: 'ok', headers: { 'x-content-type-options': 'nosniff' } };

const NOT_FOUND: BackendAnswer = { status: 404, body: '404 page not found\n' };

/** One API server among several: its own health, seen from inside. */
export const kubeApiServer: HttpBackend = (request) => {
  const answer: Reply | undefined = request.path === '/version' ? versionDocument(request.state) : health(request.path, request.query, request.state);
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
  // One that hangs, or that something else stands in for, is down for it too.
  const speaks = pod !== undefined && isReady(pod) && state.listenerOf(pod, 3306) === state.component('etcd-mysql').listeners.get(3306);
  const told = speaks ? exporterSamples(mysqlInstance(state.backendPod(pod), state)) : ['mysql_up 0'];
  const own = path === '/metrics' ? ['mysqld_exporter_build_info{branch="HEAD",goversion="go1.21.5",revision="20a5e8c3",version="0.15.1"} 1'] : [];
  return { headers: { 'content-type': 'text/plain; version=0.0.4; charset=utf-8' }, body: `${[...told, ...own].join('\n')}\n` };
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
  const up = new Set(serversUp(pod, state).map(({ name }) => name));
  const row = (fields: Readonly<Record<string, string>>): string => STATS_COLUMNS.map((column) => fields[column] ?? '').join(',');
  const tcp = { mode: 'tcp', weight: '1', act: '1', bck: '0', lastchg: '2592000' };
  const rows = [
    row({ pxname: 'redis', svname: 'FRONTEND', status: 'OPEN', mode: 'tcp' }),
    ...servers.map((server) => {
      const check = up.has(server.metadata.name)
        ? { status: 'UP', check_status: 'L7OK', last_chk: '(tcp-check)' }
        : { status: 'DOWN', check_status: 'L7TOUT', last_chk: " at step 3 of tcp-check (expect string 'role:master')" };
      return row({ ...tcp, pxname: 'harbor-redis', svname: server.metadata.name, ...check });
    }),
    row({ ...tcp, pxname: 'harbor-redis', svname: 'BACKEND', status: up.size === 0 ? 'DOWN' : 'UP' }),
    row({ pxname: 'stats', svname: 'FRONTEND', status: 'OPEN', mode: 'http' }),
  ];
  return { headers: { 'content-type': 'text/plain' }, body: `# ${STATS_COLUMNS.join(',')}\n${rows.join('\n')}\n\n` };
};
