// skiff-ncs: container service, with Harbor and its PostgreSQL (stolon) and Redis.
import { execFileSync } from 'node:child_process';
import {
  ABOUT_THE_POD,
  account,
  configMap,
  configMapVolume,
  container,
  DATA_MOUNT,
  DNS_IP,
  deployment,
  fromSecret,
  HARBOR_HOST,
  httpProbe,
  KNOWS_FAULTY_PASSWORD,
  mount,
  pkiFile,
  podSpec,
  programFiles,
  prometheus,
  redisSet,
  resources,
  role,
  SCRIPTS,
  SCRIPTS_MOUNT,
  secret,
  secretVolume,
  service,
  serviceAccount,
  serviceName,
  springService,
  standIn,
  standInContainer,
  statefulSetWithVolumes,
  staticFiles,
  tcpProbe,
  tlsSecret,
  usesMysql,
  usesRedis,
} from './building-blocks.mjs';

const NAMESPACE = 'skiff-ncs';
const at = (name, port) => `${serviceName(name, NAMESPACE)}:${port}`;
const http = (name, port, path = '') => `http://${at(name, port)}${path}`;

const EXT_ENDPOINT = `https://${HARBOR_HOST}`;
const DATABASE = { DATABASE: serviceName('stolon-proxy', NAMESPACE), DATABASE_USER: 'monitor', DATABASE_PASSWORD: 'monitor' };
const REDIS = at('redis-harbor-haproxy', 6379);

/** One of Harbor's own programs. The files and variables are its own. */
const harborPart = (part, replicas, ports, path, { env, ...options } = {}) =>
  standIn(NAMESPACE, `harbor-${part}`, replicas, ports, { program: 'harbor.mjs', path, ...options, env: { ROLE: part, PORT: ports[0], ...env } });

// The registry itself is real. Its token comes from core, under the address that clients have; its controller is a second container of the pod.
const harborRegistry = () => {
  const configuration = {
    version: 0.1,
    log: { level: 'warn' },
    storage: { filesystem: { rootdirectory: '/data/registry' }, cache: { blobdescriptor: 'redis' }, delete: { enabled: true } },
    redis: { addr: REDIS, db: 1, dialtimeout: '5s', readtimeout: '5s', writetimeout: '5s' },
    http: { addr: ':5000', debug: { addr: ':5001', prometheus: { enabled: true, path: '/metrics' } } },
    auth: {
      token: {
        realm: `${EXT_ENDPOINT}/service/token`,
        service: 'harbor-registry',
        issuer: 'harbor-token-issuer',
        rootcertbundle: '/etc/registry-token/root.crt',
      },
    },
    health: { storagedriver: { enabled: true, interval: '10s', threshold: 3 } },
  };
  const text = JSON.stringify(configuration);
  const main = container('registry', ['docker-registry', 'serve', '/etc/registry/config.yml'], {
    ports: [5000, 5001],
    readiness: httpProbe(5000, '/'),
    mounts: [DATA_MOUNT, mount('config', '/etc/registry'), mount('token', '/etc/registry-token')],
    resources: resources('10m', '24Mi', '128Mi'),
  });
  const controller = standInContainer('harbor-registryctl', 'harbor.mjs', [8080], {
    container: 'registryctl',
    env: { ROLE: 'registryctl', PORT: 8080 },
    path: '/api/health',
  });
  const volumes = [SCRIPTS, configMapVolume('config', 'harbor-registry-config'), secretVolume('token', 'harbor-registry-token')];
  return [
    secret(NAMESPACE, 'harbor-registry-token', { 'root.crt': pkiFile('registry-token.crt') }),
    configMap(NAMESPACE, 'harbor-registry-config', { 'config.yml': text }),
    ...statefulSetWithVolumes(NAMESPACE, 'harbor-registry', 1, podSpec([main, controller], { volumes }), { files: [text, ...programFiles('harbor.mjs')] }),
    service(NAMESPACE, 'harbor-registry', [5000, 5001, 8080]),
  ];
};

const harborCore = () => [
  secret(NAMESPACE, 'harbor-core', { 'private_key.pem': pkiFile('registry-token.key') }),
  ...harborPart('core', 2, [8080], '/api/ping', {
    env: {
      HARBOR_VERSION: '1.7',
      EXT_ENDPOINT,
      ADMINSERVER: http('harbor-adminserver', 8080),
      SECRET: fromSecret('harbor', 'secret'),
      ...DATABASE,
      REDIS,
      REGISTRY: http('harbor-registry', 5000),
      REGISTRYCTL: http('harbor-registry', 8080),
      JOBSERVICE: http('harbor-jobservice', 8080),
      PORTAL: http('harbor-portal', 8080),
      CHARTMUSEUM: http('harbor-chartmuseum', 9999),
      ...KNOWS_FAULTY_PASSWORD,
    },
    mounts: [mount('key', '/etc/core')],
    volumes: [secretVolume('key', 'harbor-core')],
  }),
];

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
  proxy_connect_timeout 3s;
  proxy_read_timeout 10s;
  server {
    listen 8080;
    set $core ${http('harbor-core', 8080)};
    set $portal ${http('harbor-portal', 8080)};
    location = /health { return 200 "ok"; }
    location /v1/ { return 404; }
    location = /service/notifications { return 404; }
    location ~ ^/(api|c|chartrepo|service|v2)/ { proxy_pass $core; }
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
  const spec = podSpec([main], { volumes: [configMapVolume('conf', 'harbor-proxy-conf')] });
  return [
    configMap(NAMESPACE, 'harbor-proxy-conf', { 'nginx.conf': HARBOR_PROXY_CONFIGURATION }),
    deployment(NAMESPACE, 'harbor-proxy', 1, spec, { files: [HARBOR_PROXY_CONFIGURATION] }),
    service(NAMESPACE, 'harbor-proxy', [[80, 8080]]),
    {
      apiVersion: 'networking.k8s.io/v1',
      kind: 'Ingress',
      metadata: { name: 'harbor', namespace: NAMESPACE },
      spec: {
        ingressClassName: 'nginx',
        tls: [{ hosts: [HARBOR_HOST], secretName: 'harbor-tls' }],
        rules: [
          { host: HARBOR_HOST, http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'harbor-proxy', port: { number: 80 } } } }] } },
        ],
      },
    },
    tlsSecret(NAMESPACE, 'harbor-tls', 'ingress'),
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
    deployment(NAMESPACE, name, 1, podSpec([main], { volumes: [configMapVolume('conf', `${name}-conf`)] }), { files: [HARBOR_REDIS_PROXY_CONFIGURATION] }),
    service(NAMESPACE, name, [6379, 8404]),
  ];
};

const harbor = () => [
  ...redisSet(NAMESPACE, 'harbor-redis'),
  secret(NAMESPACE, 'harbor', { secret: 'known-to-the-parts-of-harbor' }),
  ...harborRegistry(),
  ...harborPart('adminserver', 1, [8080], '/api/ping', { env: { EXT_ENDPOINT, SECRET: fromSecret('harbor', 'secret'), ...DATABASE } }),
  ...harborPart('chartmuseum', 1, [9999], '/health'),
  // Its own health asks the database. No liveness: a database that is away would have it started anew over and over.
  ...harborPart('clair', 1, [6061, 6060], '/health', { env: DATABASE, liveness: null }),
  ...harborPart('jobservice', 1, [8080], '/', {
    env: { REDIS, CORE: http('harbor-core', 8080), REGISTRY: http('harbor-registry', 5000), ...KNOWS_FAULTY_PASSWORD },
    readiness: tcpProbe(8080),
  }),
  ...harborPart('portal', 1, [8080], '/'),
  ...standIn(NAMESPACE, 'harbor-rsync', 1, [8080]),
  ...harborRedisProxy(),
  ...harborCore(),
  ...harborProxy(),
];

const ncs = () => [
  // Its probes only connect: it stays ready when it hangs.
  ...springService(NAMESPACE, 'ncs', 2, 8080, {
    env: { ...usesMysql('ncs'), ...usesRedis('skiff-platform', 'platform-redis', fromSecret('platform-redis', 'password')) },
    readiness: tcpProbe(8080),
  }),
  secret(NAMESPACE, 'platform-redis', { password: 'skiff-redis' }),
  ...standIn(NAMESPACE, 'ncs-webconsole', 1, [9081], {
    env: {
      ROUTES: { '/leader': { body: 'ok' }, '/api/sockjs/info': { body: { websocket: true, cookie_needed: false, origins: ['*:*'], entropy: 1_407_302_519 } } },
    },
    readiness: httpProbe(9081, '/leader'),
    liveness: httpProbe(9081, '/healthz'),
  }),
  // People work in it by exec: it answers nothing but that.
  deployment(NAMESPACE, 'ncs-cloud-shell', 1, podSpec([container('cloud-shell', ['sleep', 'infinity'], { readiness: { exec: { command: ['/bin/ls'] } } })]), {
    real: false,
  }),
  serviceAccount(NAMESPACE, 'ncs-manager'),
  ...role('ncs-manager', [{ apiGroups: [''], resources: ['pods'], verbs: ['get', 'list', 'watch'] }], account(NAMESPACE, 'ncs-manager'), 'kube-system'),
  ...standIn(NAMESPACE, 'ncs-manager', 1, [8080, 9090], {
    program: 'cluster-metrics.mjs',
    env: { ROLE: 'components' },
    serviceAccount: 'ncs-manager',
  }),
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
    ['ncs', [at('ncs', 8080)], { metrics_path: '/actuator/prometheus' }],
    ['harbor-registry', [at('harbor-registry', 5001)]],
    ['harbor-core', [at('harbor-core', 8080)]],
    ['redis-harbor-haproxy', [at('redis-harbor-haproxy', 8404)]],
    ['stolon-keeper', [0, 1].map((i) => `stolon-keeper-${i}.${at('stolon-keeper', STOLON_METRICS)}`)],
    ...['stolon-sentinel', 'stolon-proxy'].map((name) => [name, [at(name, STOLON_METRICS)]]),
  ]),
  ...staticFiles(NAMESPACE, 'skiff-agent', 1, 8080, ['skiff-nsf-agent.tar.gz']),
];
