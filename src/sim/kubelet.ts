import type { BackendAnswer, BackendRequest } from './listeners.ts';
import { timestamp } from './objects.ts';
import type { ClusterState } from './state.ts';

const GIB = 2 ** 30;
const CLAIM_GIB = 50;

const USED = new WeakMap<ClusterState, Map<string, number>>();

/** How much of a claimed volume is used, in GiB of its 50, by `<namespace>/<claim>`. */
export function claimsUsed(state: ClusterState): Map<string, number> {
  const known = USED.get(state) ?? new Map<string, number>();
  USED.set(state, known);
  return known;
}

/** The kubelet's own HTTPS server on port 10250, as far as a diagnosis reads it. */
export function kubelet(request: BackendRequest, node: string): BackendAnswer {
  switch (request.path) {
    case '/healthz':
      return request.query.has('verbose')
        ? { headers: { 'x-content-type-options': 'nosniff' }, body: '[+]ping ok\n[+]log ok\n[+]syncloop ok\nhealthz check passed\n' }
        : { headers: { 'x-content-type-options': 'nosniff' }, body: 'ok' };
    case '/configz':
      return { body: { kubeletconfig: CONFIGURATION } };
    case '/stats/summary':
      return { body: summary(request, node) };
    default:
      return { status: 404, headers: { 'x-content-type-options': 'nosniff' }, body: '404 page not found\n' };
  }
}

const CONFIGURATION = {
  enableServer: true,
  staticPodPath: '/etc/kubernetes/manifests',
  address: '0.0.0.0',
  port: 10250,
  rotateCertificates: true,
  authentication: { x509: { clientCAFile: '/etc/kubernetes/pki/ca.crt' }, webhook: { enabled: true, cacheTTL: '2m0s' }, anonymous: { enabled: false } },
  authorization: { mode: 'Webhook' },
  healthzPort: 10248,
  healthzBindAddress: '127.0.0.1',
  clusterDomain: 'cluster.local',
  clusterDNS: ['10.96.0.10'],
  nodeStatusUpdateFrequency: '10s',
  nodeStatusReportFrequency: '5m0s',
  nodeLeaseDurationSeconds: 40,
  cgroupDriver: 'systemd',
  maxPods: 110,
  resolvConf: '/etc/resolv.conf',
  evictionHard: { 'imagefs.available': '15%', 'memory.available': '100Mi', 'nodefs.available': '10%', 'nodefs.inodesFree': '5%' },
};

function fileSystem(time: string, usedGiB: number, capacityGiB: number): Readonly<Record<string, unknown>> {
  return {
    time,
    availableBytes: (capacityGiB - usedGiB) * GIB,
    capacityBytes: capacityGiB * GIB,
    usedBytes: usedGiB * GIB,
    inodesFree: 6_000_000,
    inodes: 6_553_600,
    inodesUsed: 553_600,
  };
}

function summary(request: BackendRequest, node: string): Readonly<Record<string, unknown>> {
  const { state } = request;
  const time = timestamp(state.now());
  const startTime = timestamp(state.startedAt);
  const pods = state.objects
    .list('pods')
    .filter((pod) => pod.spec?.nodeName === node && pod.status?.phase === 'Running')
    .map((pod) => ({
      podRef: { name: pod.metadata.name, namespace: pod.metadata.namespace, uid: pod.metadata.uid },
      startTime: pod.status?.startTime,
      containers: [],
      cpu: { time, usageNanoCores: 12_000_000, usageCoreNanoSeconds: 900_000_000_000 },
      memory: { time, usageBytes: GIB / 4, workingSetBytes: GIB / 8, rssBytes: GIB / 8, pageFaults: 0, majorPageFaults: 0 },
      volume: (pod.spec?.volumes ?? [])
        .filter((volume) => volume.persistentVolumeClaim)
        .map((volume) => ({
          ...fileSystem(time, claimsUsed(state).get(`${pod.metadata.namespace ?? ''}/${volume.persistentVolumeClaim?.claimName ?? ''}`) ?? 12, CLAIM_GIB),
          name: volume.name,
          pvcRef: { name: volume.persistentVolumeClaim?.claimName, namespace: pod.metadata.namespace },
        })),
    }));
  return {
    node: {
      nodeName: node,
      startTime,
      cpu: { time, usageNanoCores: 900_000_000, usageCoreNanoSeconds: 1_500_000_000_000 },
      memory: { time, availableBytes: 9 * GIB, usageBytes: 8 * GIB, workingSetBytes: 7 * GIB, rssBytes: 6 * GIB, pageFaults: 0, majorPageFaults: 0 },
      fs: fileSystem(time, 60, 200),
      runtime: { imageFs: fileSystem(time, 40, 200) },
      rlimit: { time, maxpid: 32_768, curproc: 900 },
    },
    pods,
  };
}
