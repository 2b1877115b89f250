// skiff-gtxs: distributed transactions, on an etcd of its own.
import {
  ABOUT_THE_POD,
  container,
  DATA_MOUNT,
  podSpec,
  service,
  serviceName,
  springService,
  statefulSetWithVolumes,
  staticFiles,
  tcpProbe,
  usesMysql,
} from './building-blocks.mjs';

const NAMESPACE = 'skiff-gtxs';
const member = (pod) => `${pod}.${serviceName('etcd-gtxs', NAMESPACE)}`;

const etcd = () => {
  const self = member('$(POD_NAME)');
  const command = [
    'etcd',
    '--name=$(POD_NAME)',
    '--data-dir=/data/etcd',
    '--listen-client-urls=http://0.0.0.0:2379',
    `--advertise-client-urls=http://${self}:2379`,
    '--listen-peer-urls=http://0.0.0.0:2380',
    `--initial-advertise-peer-urls=http://${self}:2380`,
    `--initial-cluster=${[0, 1, 2].map((i) => `etcd-gtxs-${i}=http://${member(`etcd-gtxs-${i}`)}:2380`).join(',')}`,
    '--initial-cluster-token=gtxs',
    '--initial-cluster-state=new',
    // Small, so that a test can fill it.
    '--quota-backend-bytes=16777216',
    '--heartbeat-interval=250',
    '--election-timeout=2500',
    '--logger=zap',
    '--log-level=warn',
  ];
  const localStorage = { 'skiff.netease.com/localstorage': '1' };
  return container('etcd', command, {
    env: ABOUT_THE_POD,
    ports: [2379, 2380],
    readiness: tcpProbe(2379),
    liveness: tcpProbe(2379),
    mounts: [DATA_MOUNT],
    // Asks for local storage, so that the scheduler really calls the extender for it.
    resources: { requests: { cpu: '20m', memory: '32Mi', ...localStorage }, limits: { memory: '256Mi', ...localStorage } },
  });
};

export default [
  ...statefulSetWithVolumes(NAMESPACE, 'etcd-gtxs', 3, podSpec([etcd()])),
  service(NAMESPACE, 'etcd-gtxs', [2379, 2380], { headless: true }),
  service(NAMESPACE, 'etcd-gtxs-client', [2379], { app: 'etcd-gtxs' }),
  ...springService(NAMESPACE, 'gtxs-server', 2, 8080, {
    env: { ...usesMysql('gtxs'), ETCD_ENDPOINTS: `http://${serviceName('etcd-gtxs-client', NAMESPACE)}:2379` },
  }),
  ...staticFiles(NAMESPACE, 'skiff-gtxs-agent', 1, 8080, ['skiff-gtxs-agent.tar.gz']),
];
