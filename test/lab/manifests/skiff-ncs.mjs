// skiff-ncs: container service, with Harbor and its PostgreSQL (stolon) and Redis.
import { execFileSync } from 'node:child_process';
import {
  ABOUT_THE_POD,
  configMap,
  configMapVolume,
  container,
  DATA_MOUNT,
  DNS_IP,
  deployment,
  fromSecret,
  httpProbe,
  mount,
  podSpec,
  prometheus,
  redisSet,
  resources,
  SCRIPTS,
  SCRIPTS_MOUNT,
  secret,
  service,
  serviceName,
  standIn,
  statefulSetWithVolumes,
  tcpProbe,
} from './building-blocks.mjs';

const NAMESPACE = 'skiff-ncs';
const at = (name, port) => `${serviceName(name, NAMESPACE)}:${port}`;
const http = (name, port, path) => `http://${at(name, port)}${path}`;
const routes = (ROUTES) => ({ env: { ROUTES } });

const harborRegistry = () => {
  const main = container('registry', ['docker-registry', 'serve', '/etc/registry/config.yml'], {
    ports: [5000, 5001],
    readiness: httpProbe(5000, '/'),
    mounts: [DATA_MOUNT, mount('config', '/etc/registry')],
    resources: resources('10m', '24Mi', '128Mi'),
  });
  const configuration = {
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: '/data/registry' }, delete: { enabled: true } },
    http: { addr: ':5000', debug: { addr: ':5001', prometheus: { enabled: true, path: '/metrics' } } },
    health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
  };
  return [
    configMap(NAMESPACE, 'harbor-registry-config', { 'config.yml': JSON.stringify(configuration) }),
    ...statefulSetWithVolumes(NAMESPACE, 'harbor-registry', 1, podSpec([main], { volumes: [configMapVolume('config', 'harbor-registry-config')] })),
    service(NAMESPACE, 'harbor-registry', [5000, 5001]),
  ];
};

// Its /api/health really asks the other parts.
const harborCore = () =>
  standIn(NAMESPACE, 'harbor-core', 2, [8080], {
    env: {
      ROUTES: {
        '/api/ping': { body: 'Pong' },
        '/api/v2.0/ping': { body: 'Pong' },
        '/api/systeminfo': {
          body: {
            with_notary: false,
            with_clair: true,
            with_chartmuseum: true,
            registry_url: 'harbor.skiff.lab.internal',
            auth_mode: 'db_auth',
            harbor_version: 'v1.10.4-lab',
          },
        },
      },
      CHECKS: [
        { name: 'core', url: 'http://127.0.0.1:8080/api/ping' },
        { name: 'database', tcp: at('stolon-proxy', 5432) },
        { name: 'redis', tcp: at('redis-harbor-haproxy', 6379) },
        { name: 'jobservice', url: http('harbor-jobservice', 8080, '/api/v1/stats') },
        { name: 'portal', url: http('harbor-portal', 8080, '/') },
        { name: 'registry', url: http('harbor-registry', 5000, '/') },
        { name: 'registryctl', url: http('harbor-registry', 5001, '/debug/health') },
        { name: 'chartmuseum', url: http('harbor-chartmuseum', 9999, '/health') },
        { name: 'clair', url: http('harbor-clair', 6061, '/health') },
      ],
    },
  });

const HARBOR_PROXY_CONFIGURATION = `daemon off;
worker_processes 1;
pid /tmp/nginx.pid;
error_log /dev/stderr warn;
events { worker_connections 256; }
http {
  access_log off;
  client_body_temp_path /tmp/cb;
  proxy_temp_path /tmp/pt;
  fastcgi_temp_path /tmp/ft;
  uwsgi_temp_path /tmp/ut;
  scgi_temp_path /tmp/st;
  resolver ${DNS_IP} valid=5s ipv6=off;
  server {
    listen 8080;
    set $core ${http('harbor-core', 8080, '')};
    set $portal ${http('harbor-portal', 8080, '')};
    set $reg ${http('harbor-registry', 5000, '')};
    location /api/ { proxy_pass $core; }
    location /v2/ { proxy_pass $reg; }
    location = /health { return 200 "ok"; }
    location / { proxy_pass $portal; }
  }
}
`;
const harborProxy = () => {
  const main = container('nginx', ['nginx', '-c', '/conf/nginx.conf'], {
    ports: [8080],
    readiness: httpProbe(8080),
    mounts: [mount('conf', '/conf')],
    resources: resources('5m', '16Mi', '64Mi'),
  });
  return [
    configMap(NAMESPACE, 'harbor-proxy-conf', { 'nginx.conf': HARBOR_PROXY_CONFIGURATION }),
    deployment(NAMESPACE, 'harbor-proxy', 1, podSpec([main], { volumes: [configMapVolume('conf', 'harbor-proxy-conf')] })),
    service(NAMESPACE, 'harbor-proxy', [[80, 8080]]),
  ];
};

// Leads to the master of harbor-redis: the one server that calls itself so.
const HARBOR_REDIS_PROXY_CONFIGURATION = `global
  maxconn 256
  nbthread 1
defaults
  timeout connect 3s
  timeout client 1h
  timeout server 1h
  timeout check 2s
resolvers cluster
  nameserver dns ${DNS_IP}:53
  accepted_payload_size 4096
  timeout resolve 1s
  timeout retry 1s
  hold valid 5s
frontend redis
  mode tcp
  bind :6379
  default_backend harbor-redis
backend harbor-redis
  mode tcp
  option tcp-check
  tcp-check connect
  tcp-check send "info replication\\r\\n"
  tcp-check expect string role:master
  tcp-check send "quit\\r\\n"
  tcp-check expect string +OK
  default-server check inter 2s fall 2 rise 1 on-marked-down shutdown-sessions resolvers cluster resolve-prefer ipv4 init-addr none
${[0, 1, 2].map((i) => `  server harbor-redis-${i} harbor-redis-${i}.${at('harbor-redis', 6379)}`).join('\n')}
frontend stats
  mode http
  timeout client 10s
  bind :8404
  monitor-uri /health
  http-request use-service prometheus-exporter if { path /metrics }
  stats enable
  stats uri /stats
`;
const harborRedisProxy = () => {
  const name = 'redis-harbor-haproxy';
  const main = container('haproxy', ['haproxy', '-f', '/conf/haproxy.cfg', '-db'], {
    ports: [6379, 8404],
    readiness: httpProbe(8404),
    mounts: [mount('conf', '/conf')],
    resources: resources('5m', '16Mi', '64Mi'),
  });
  return [
    configMap(NAMESPACE, `${name}-conf`, { 'haproxy.cfg': HARBOR_REDIS_PROXY_CONFIGURATION }),
    deployment(NAMESPACE, name, 1, podSpec([main], { volumes: [configMapVolume('conf', `${name}-conf`)] })),
    service(NAMESPACE, name, [6379, 8404]),
  ];
};

const workerPool = {
  worker_pool_id: 'lab',
  started_at: 1,
  heartbeat_at: 1,
  job_names: ['REPLICATION', 'IMAGE_GC'],
  concurrency: 10,
  status: 'Healthy',
};
const harbor = () => [
  ...redisSet(NAMESPACE, 'harbor-redis'),
  ...harborRegistry(),
  ...standIn(NAMESPACE, 'harbor-adminserver', 1, [8080], routes({ '/api/ping': { body: '"Pong"' }, '/api/v1/ping': { body: '"Pong"' } })),
  ...standIn(NAMESPACE, 'harbor-chartmuseum', 1, [9999], routes({ '/health': { body: { healthy: true } } })),
  ...standIn(NAMESPACE, 'harbor-clair', 1, [6061, 6060], routes({ '/health': { body: '' } })),
  ...standIn(NAMESPACE, 'harbor-jobservice', 1, [8080], routes({ '/api/v1/stats': { body: { worker_pools: [workerPool] } } })),
  ...standIn(NAMESPACE, 'harbor-portal', 1, [8080]),
  ...standIn(NAMESPACE, 'harbor-rsync', 1, [8080]),
  ...harborRedisProxy(),
  ...harborCore(),
  ...harborProxy(),
];

const MANAGED = ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', 'etcd', 'coredns'];
const ncs = () => [
  ...standIn(NAMESPACE, 'ncs', 2, [8080]),
  ...standIn(NAMESPACE, 'ncs-webconsole', 1, [8080]),
  ...standIn(NAMESPACE, 'ncs-cloud-shell', 1, [8080]),
  ...standIn(
    NAMESPACE,
    'ncs-manager',
    1,
    [8080, 9090],
    routes({
      '/metrics': {
        headers: { 'content-type': 'text/plain; version=0.0.4' },
        body: `${MANAGED.map((component) => `ncs_component_healthy{cluster="management",component="${component}"} 1`).join('\n')}\n`,
      },
    }),
  ),
];

// PostgreSQL is real; stolon's own three programs are stand-ins that take the same flags.
const STOLON_CLUSTER = 'kube-stolon';
const STOLON_METRICS = 8080;
const STOLON_SPEC = {
  sleepInterval: '5s',
  requestTimeout: '10s',
  failInterval: '20s',
  synchronousReplication: true,
  minSynchronousStandbys: 1,
  maxSynchronousStandbys: 1,
  initMode: 'new',
  additionalWalSenders: null,
  pgParameters: { max_connections: '100' },
  pgHBA: null,
};
const stolon = () => {
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  const member = (role, flags, options) =>
    container(
      `stolon-${role}`,
      [
        ...['node', '--max-old-space-size=48', `/scripts/stolon-${role}.mjs`, `--cluster-name=${STOLON_CLUSTER}`, '--store-backend=kubernetes'],
        ...['--kube-resource-kind=configmap', `--metrics-listen-address=0.0.0.0:${STOLON_METRICS}`, ...flags],
      ],
      { ...options, env: { ...ABOUT_THE_POD, ...options.env } },
    );
  const keeper = member('keeper', [], {
    env: { STKEEPER_PG_SU_USERNAME: 'stolon', STKEEPER_PG_SU_PASSWORD: fromSecret('stolon', 'password') },
    ports: [5432, STOLON_METRICS],
    readiness: tcpProbe(5432),
    mounts: [SCRIPTS_MOUNT, DATA_MOUNT],
    resources: resources('20m', '80Mi', '320Mi'),
  });
  const sentinel = member('sentinel', [`--initial-cluster-spec=${JSON.stringify(STOLON_SPEC)}`], {
    ports: [STOLON_METRICS],
    mounts: [SCRIPTS_MOUNT],
    resources: resources('10m', '40Mi'),
  });
  const proxy = member('proxy', ['--listen-address=0.0.0.0', '--port=5432'], {
    ports: [5432, STOLON_METRICS],
    readiness: tcpProbe(5432),
    mounts: [SCRIPTS_MOUNT],
    resources: resources('10m', '40Mi'),
  });
  const pod = (main, more) => podSpec([main], { serviceAccount: 'stolon', volumes: [SCRIPTS], ...more });
  const about = (component) => ({ labels: { component, 'stolon-cluster': STOLON_CLUSTER }, real: false });
  return [
    secret(NAMESPACE, 'stolon', { password: 'stolon' }),
    // PostgreSQL refuses root. No fsGroup: the kubelet would open the data directory to the group, which PostgreSQL refuses as well.
    ...statefulSetWithVolumes(NAMESPACE, 'stolon-keeper', 2, pod(keeper, { gracePeriod: 10, securityContext: { runAsUser: uid, runAsGroup: gid } }), {
      owner: uid,
      ...about('stolon-keeper'),
    }),
    service(NAMESPACE, 'stolon-keeper', [5432, STOLON_METRICS], { headless: true }),
    deployment(NAMESPACE, 'stolon-sentinel', 2, pod(sentinel), about('stolon-sentinel')),
    service(NAMESPACE, 'stolon-sentinel', [STOLON_METRICS]),
    deployment(NAMESPACE, 'stolon-proxy', 2, pod(proxy), about('stolon-proxy')),
    service(NAMESPACE, 'stolon-proxy', [5432, STOLON_METRICS]),
  ];
};

export default [
  ...harbor(),
  ...ncs(),
  ...stolon(),
  ...prometheus(NAMESPACE, 'prometheus-ncs', [
    ['ncs-manager', [at('ncs-manager', 8080)]],
    ['ncs', [at('ncs', 8080)]],
    ['harbor-registry', [at('harbor-registry', 5001)]],
    ['harbor-core', [at('harbor-core', 8080)]],
    ['redis-harbor-haproxy', [at('redis-harbor-haproxy', 8404)]],
    ['stolon-keeper', [0, 1].map((i) => `stolon-keeper-${i}.${at('stolon-keeper', STOLON_METRICS)}`)],
    ...['stolon-sentinel', 'stolon-proxy'].map((name) => [name, [at(name, STOLON_METRICS)]]),
  ]),
  ...standIn(NAMESPACE, 'skiff-agent', 1, [8080]),
];
