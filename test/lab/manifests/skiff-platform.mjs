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
  standIn,
  statefulSetWithVolumes,
  tcpProbe,
  throughExporter,
  tlsSecret,
} from './building-blocks.mjs';

const NAMESPACE = 'skiff-platform';
const at = (name, port) => `${serviceName(name, NAMESPACE)}:${port}`;
const DATABASE = { name: 'db', tcp: at('etcd-mysql-master', 3306) };

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
    ...statefulSetWithVolumes(NAMESPACE, 'etcd-mysql', 2, podSpec([main], { volumes: [SCRIPTS], gracePeriod: 20 })),
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
const ALERTS = {
  groups: [
    {
      name: 'lab',
      rules: [
        { alert: 'TargetDown', expr: 'up == 0', for: '30s', labels: { severity: 'warning' } },
        { alert: 'MysqlDown', expr: 'mysql_up == 0', labels: { severity: 'critical' } },
      ],
    },
  ],
};

export default [
  ...mysql(),
  ...mysqlExporter('mysqld-exporter', 0),
  ...mysqlExporter('mysqld-exporter-slave', 1),
  ...redisSet(NAMESPACE, 'platform-redis', 'skiff-redis'),
  ...redisExporter(NAMESPACE, 'platform-redis-exporter', `redis://platform-redis-0.${at('platform-redis', 6379)}`, fromSecret('platform-redis', 'password')),
  ...standIn(NAMESPACE, 'front', 2, [8080]),
  ...standIn(NAMESPACE, 'audit', 1, [8080], { env: { DEPENDS: [DATABASE] } }),
  ...standIn(NAMESPACE, 'platform-user-auth', 2, [8080], {
    env: { DEPENDS: [DATABASE, { name: 'redis', tcp: `platform-redis-0.${at('platform-redis', 6379)}` }] },
  }),
  ...ingress(),
  ...alertmanager(),
  ...prometheus(
    NAMESPACE,
    'prometheus-platform',
    [
      ['mysqld', [at('mysqld-exporter', 9104), at('mysqld-exporter-slave', 9104)]],
      ['platform-redis', redisTargets('platform-redis', NAMESPACE), throughExporter(at('platform-redis-exporter', 9121))],
      ['front', [at('front', 8080)]],
      ['platform-user-auth', [at('platform-user-auth', 8080)]],
    ],
    { alertmanager: at('alertmanager', 9093), rules: ALERTS },
  ),
  ...prometheus(NAMESPACE, 'prometheus-nms', [['node-exporter', onEveryNode(9100)]]),
  ...prometheus(NAMESPACE, 'prometheus', [
    ['kube-proxy', onEveryNode(10249)],
    ['coredns', [`${serviceName('kube-dns', 'kube-system')}:9153`]],
    ['ingress-nginx', onEveryNode(10254)],
    ['node-exporter', onEveryNode(9100)],
  ]),
];
