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
  httpProbe,
  mount,
  podSpec,
  prometheus,
  redisSet,
  resources,
  SCRIPTS,
  SCRIPTS_MOUNT,
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
  ...standIn(NAMESPACE, 'redis-harbor-haproxy', 1, [8404], {
    env: { KIND: 'tcp-proxy', PROXY_PORT: '6379', TARGET: `harbor-redis-0.${at('harbor-redis', 6379)}` },
    servicePorts: [6379, 8404],
  }),
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

// Real PostgreSQL: keeper 0 is the master, keeper 1 its streaming standby. The sentinel stands in and promotes nobody.
const stolon = () => {
  const id = (flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }));
  const [uid, gid] = [id('-u'), id('-g')];
  const labels = (component) => ({ labels: { component, 'stolon-cluster': 'kube-stolon' } });
  const keeper = container('stolon-keeper', ['/bin/sh', '/scripts/keeper.sh'], {
    env: ABOUT_THE_POD,
    ports: [5432],
    readiness: tcpProbe(5432),
    mounts: [SCRIPTS_MOUNT, DATA_MOUNT],
    resources: resources('20m', '48Mi', '256Mi'),
  });
  const sentinel = container('stolon-sentinel', ['node', '--max-old-space-size=48', '/scripts/stolon-sentinel.mjs'], {
    env: { ...ABOUT_THE_POD, CLUSTER: 'kube-stolon' },
    mounts: [SCRIPTS_MOUNT],
    resources: resources('10m', '40Mi'),
  });
  return [
    // PostgreSQL refuses root. No fsGroup: the kubelet would open the data directory to the group, which PostgreSQL refuses as well.
    ...statefulSetWithVolumes(NAMESPACE, 'stolon-keeper', 2, podSpec([keeper], { volumes: [SCRIPTS], securityContext: { runAsUser: uid, runAsGroup: gid } }), {
      owner: uid,
      ...labels('stolon-keeper'),
    }),
    service(NAMESPACE, 'stolon-keeper', [5432], { headless: true }),
    deployment(NAMESPACE, 'stolon-sentinel', 2, podSpec([sentinel], { serviceAccount: 'stolon', volumes: [SCRIPTS] }), {
      ...labels('stolon-sentinel'),
      real: false,
    }),
    ...standIn(NAMESPACE, 'stolon-proxy', 2, [8080], {
      env: { KIND: 'tcp-proxy', PROXY_PORT: '5432', TARGET: `stolon-keeper-0.${at('stolon-keeper', 5432)}` },
      servicePorts: [5432, 8080],
      ...labels('stolon-proxy'),
    }),
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
  ]),
  ...standIn(NAMESPACE, 'skiff-agent', 1, [8080]),
];
