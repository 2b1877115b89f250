// skiff-platform: the platform's database, login, front end, and what watches them.
import {
  ABOUT_THE_POD,
  configMap,
  configMapVolume,
  container,
  DATA_MOUNT,
  deployment,
  fromSecret,
  httpProbe,
  mount,
  NODES,
  nodeIp,
  podSpec,
  programFile,
  prometheus,
  redisExporter,
  redisSet,
  redisTargets,
  resources,
  SCRATCH,
  SCRIPTS,
  SCRIPTS_MOUNT,
  secret,
  service,
  serviceName,
  springService,
  standIn,
  statefulSetWithVolumes,
  staticFiles,
  tcpProbe,
  throughExporter,
  tlsSecret,
  usesMysql,
  usesRedis,
} from './building-blocks.mjs';

const NAMESPACE = 'skiff-platform';
const at = (name, port) => `${serviceName(name, NAMESPACE)}:${port}`;

// MariaDB: etcd-mysql-0 is the primary, etcd-mysql-1 its replica.
const mysql = () => {
  const main = container('mysql', ['/bin/sh', '/scripts/mysql.sh'], {
    env: { ...ABOUT_THE_POD, MYSQL_ROOT_PASSWORD: fromSecret('etcd-mysql', 'root-password') },
    ports: [3306],
    readiness: tcpProbe(3306),
    liveness: tcpProbe(3306),
    mounts: [SCRIPTS_MOUNT, DATA_MOUNT],
    resources: resources('30m', '96Mi', '512Mi'),
  });
  return [
    secret(NAMESPACE, 'etcd-mysql', { 'root-password': 'skiff-root' }),
    ...statefulSetWithVolumes(NAMESPACE, 'etcd-mysql', 2, podSpec([main], { volumes: [SCRIPTS], gracePeriod: 20 }), { files: [programFile('mysql.sh')] }),
    service(NAMESPACE, 'etcd-mysql', [3306], { headless: true }),
    service(NAMESPACE, 'etcd-mysql-master', [3306], {
      app: 'etcd-mysql',
      selector: { 'statefulset.kubernetes.io/pod-name': 'etcd-mysql-0' },
    }),
  ];
};

const mysqlExporter = (name, replica) => {
  const command = [
    'prometheus-mysqld-exporter',
    '--web.listen-address=0.0.0.0:9104',
    '--no-collect.info_schema.innodb_cmp',
    '--no-collect.info_schema.innodb_cmpmem',
  ];
  const main = container('mysqld-exporter', command, {
    env: { DATA_SOURCE_NAME: `exporter:exporter@(etcd-mysql-${replica}.${at('etcd-mysql', 3306)})/` },
    ports: [9104],
    readiness: httpProbe(9104, '/'),
    resources: resources('5m', '16Mi', '64Mi'),
  });
  return [deployment(NAMESPACE, name, 1, podSpec([main])), service(NAMESPACE, name, [9104])];
};

const alertmanager = () => {
  const command = [
    'prometheus-alertmanager',
    '--config.file=/etc/am/alertmanager.yml',
    '--storage.path=/data',
    '--web.listen-address=0.0.0.0:9093',
    '--cluster.listen-address=',
  ];
  const main = container('alertmanager', command, {
    ports: [9093],
    readiness: httpProbe(9093, '/-/ready'),
    mounts: [DATA_MOUNT, mount('config', '/etc/am')],
    resources: resources('5m', '24Mi', '128Mi'),
  });
  return [
    configMap(NAMESPACE, 'alertmanager-config', {
      'alertmanager.yml': JSON.stringify({ route: { receiver: 'none' }, receivers: [{ name: 'none' }] }),
    }),
    deployment(NAMESPACE, 'alertmanager', 1, podSpec([main], { volumes: [SCRATCH, configMapVolume('config', 'alertmanager-config')] })),
    service(NAMESPACE, 'alertmanager', [9093]),
  ];
};

const ingress = () => [
  tlsSecret(NAMESPACE, 'skiff-lab-tls', 'ingress'),
  {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name: 'front', namespace: NAMESPACE },
    spec: {
      ingressClassName: 'nginx',
      tls: [{ hosts: ['skiff.lab.internal'], secretName: 'skiff-lab-tls' }],
      rules: [
        {
          host: 'skiff.lab.internal',
          http: { paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'front', port: { number: 8080 } } } }] },
        },
      ],
    },
  },
];

const onEveryNode = (port) => NODES.map((node) => `${nodeIp(node)}:${port}`);
const inKubeSystem = (name, port) => `${serviceName(name, 'kube-system')}:${port}`;
const PAGE = `<!doctype html>
<html><head><title>Skiff</title><script src="/static/app.js"></script></head><body><div id="app"></div></body></html>
`;
const SCRIPT = { body: 'document.getElementById("app").textContent = "Skiff";\n', headers: { 'content-type': 'application/javascript' } };
const SPRING = { metrics_path: '/actuator/prometheus' };

export default [
  ...mysql(),
  ...mysqlExporter('mysqld-exporter', 0),
  ...mysqlExporter('mysqld-exporter-slave', 1),
  ...redisSet(NAMESPACE, 'platform-redis', 'skiff-redis'),
  ...redisExporter(NAMESPACE, 'platform-redis-exporter', `redis://platform-redis-0.${at('platform-redis', 6379)}`, fromSecret('platform-redis', 'password')),
  ...staticFiles(NAMESPACE, 'front', 2, 8080, [], { page: PAGE, routes: { '/static/app.js': SCRIPT } }),
  // Of Go, like its public relative: its health says nothing of its database.
  ...standIn(NAMESPACE, 'audit', 1, [8888], {
    env: { MYSQL_ADDRESS: at('etcd-mysql-master', 3306), ROUTES: { '/api/v1/cube/healthz': { body: 'healthy' } } },
    path: '/api/v1/cube/healthz',
    servicePorts: [[8080, 8888]],
  }),
  ...springService(NAMESPACE, 'platform-user-auth', 2, 8080, {
    env: { ...usesMysql('platform'), ...usesRedis(NAMESPACE, 'platform-redis', fromSecret('platform-redis', 'password')) },
  }),
  ...ingress(),
  ...alertmanager(),
  ...prometheus(
    NAMESPACE,
    'prometheus-platform',
    [
      ['mysqld', [at('mysqld-exporter', 9104), at('mysqld-exporter-slave', 9104)]],
      ['platform-redis', redisTargets('platform-redis', NAMESPACE), throughExporter(at('platform-redis-exporter', 9121))],
      ['platform-user-auth', [at('platform-user-auth', 8080)], SPRING],
    ],
    { alerts: [{ alert: 'MysqlDown', expr: 'mysql_up == 0', labels: { severity: 'critical' } }] },
  ),
  ...prometheus(NAMESPACE, 'prometheus-nms', [['node-exporter', onEveryNode(9100)]]),
  ...prometheus(NAMESPACE, 'prometheus', [
    ['kube-proxy', onEveryNode(10249)],
    ['coredns', [inKubeSystem('kube-dns', 9153)]],
    ['ingress-nginx', onEveryNode(10254)],
    ['node-exporter', onEveryNode(9100)],
    ['skiff-platform-healthcheck-client', [inKubeSystem('skiff-platform-healthcheck-client', 8080)]],
  ]),
];
