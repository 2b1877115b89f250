// Writes the static pods of the three control-plane nodes as kubeadm does (labels, annotations, paths), the schedulers' configuration and the
// audit policy.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostPath, KUBERNETES, NODES, nodeIp, STATE } from './building-blocks.mjs';

const PKI = '/etc/kubernetes/pki';
const ETCD_PKI = `${PKI}/etcd`;

const directory = (name, path) => hostPath(name, path, 'DirectoryOrCreate');
const BINARIES = hostPath('k8s-bin', KUBERNETES, 'Directory');
const CERTIFICATES = directory('k8s-certs', PKI);
const kubeconfig = (file) => hostPath('kubeconfig', `/etc/kubernetes/${file}`, 'File');

/** options: command, probe { host, port, path, scheme }, volumes, writable (names of volumes), annotations */
const staticPod = (name, { command, probe, volumes, writable = [], annotations }) => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    name,
    namespace: 'kube-system',
    labels: { component: name, tier: 'control-plane' },
    annotations: { 'skiff.lab/real': 'true', ...annotations },
  },
  spec: {
    hostNetwork: true,
    priorityClassName: 'system-node-critical',
    dnsPolicy: 'ClusterFirst',
    containers: [
      {
        name,
        image: 'docker.io/lab/base:1',
        imagePullPolicy: 'Never',
        command,
        resources: { requests: { cpu: '50m' } },
        livenessProbe: {
          httpGet: { host: '127.0.0.1', path: '/healthz', scheme: 'HTTPS', ...probe },
          initialDelaySeconds: 20,
          timeoutSeconds: 15,
          periodSeconds: 10,
          failureThreshold: 8,
        },
        volumeMounts: [hostPath('usr', '/usr', 'Directory'), ...volumes].map((volume) => ({
          name: volume.name,
          mountPath: volume.hostPath.path,
          readOnly: !writable.includes(volume.name),
        })),
      },
    ],
    volumes: [hostPath('usr', '/usr', 'Directory'), ...volumes],
  },
});

const etcd = (node) =>
  staticPod('etcd', {
    command: [
      'etcd',
      `--name=${node}`,
      '--data-dir=/var/lib/etcd/data',
      `--listen-client-urls=https://127.0.0.1:2379,https://${nodeIp(node)}:2379`,
      `--advertise-client-urls=https://${nodeIp(node)}:2379`,
      `--listen-peer-urls=https://${nodeIp(node)}:2380`,
      `--initial-advertise-peer-urls=https://${nodeIp(node)}:2380`,
      `--initial-cluster=${NODES.map((each) => `${each}=https://${nodeIp(each)}:2380`).join(',')}`,
      '--initial-cluster-token=skiff',
      '--initial-cluster-state=new',
      `--cert-file=${ETCD_PKI}/server.crt`,
      `--key-file=${ETCD_PKI}/server.key`,
      `--trusted-ca-file=${ETCD_PKI}/ca.crt`,
      '--client-cert-auth=true',
      `--peer-cert-file=${ETCD_PKI}/server.crt`,
      `--peer-key-file=${ETCD_PKI}/server.key`,
      `--peer-trusted-ca-file=${ETCD_PKI}/ca.crt`,
      '--peer-client-cert-auth=true',
      '--listen-metrics-urls=http://127.0.0.1:2381',
      '--snapshot-count=10000',
      '--heartbeat-interval=250',
      '--election-timeout=2500',
      '--auto-compaction-mode=periodic',
      '--auto-compaction-retention=10m',
      '--logger=zap',
    ],
    probe: { port: 2381, scheme: 'HTTP', path: '/health' },
    volumes: [directory('etcd-certs', ETCD_PKI), directory('etcd-data', '/var/lib/etcd')],
    writable: ['etcd-data'],
  });

const apiServer = (node, auditPolicy) =>
  staticPod('kube-apiserver', {
    annotations: {
      'kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint': `${nodeIp(node)}:6443`,
      // A kubelet does not restart a static pod because a file that it mounts has changed: another annotation is another pod.
      'skiff.lab/audit-policy': createHash('sha256').update(auditPolicy).digest('hex').slice(0, 12),
    },
    command: [
      `${KUBERNETES}/kube-apiserver`,
      `--advertise-address=${nodeIp(node)}`,
      '--bind-address=0.0.0.0',
      '--secure-port=6443',
      '--allow-privileged=true',
      '--authorization-mode=Node,RBAC',
      '--anonymous-auth=true',
      `--client-ca-file=${PKI}/ca.crt`,
      '--enable-admission-plugins=NodeRestriction',
      '--enable-bootstrap-token-auth=false',
      `--etcd-cafile=${ETCD_PKI}/ca.crt`,
      `--etcd-certfile=${PKI}/apiserver-etcd-client.crt`,
      `--etcd-keyfile=${PKI}/apiserver-etcd-client.key`,
      `--etcd-servers=${[node, ...NODES.filter((each) => each !== node)].map((each) => `https://${nodeIp(each)}:2379`).join(',')}`,
      '--insecure-port=0',
      `--kubelet-client-certificate=${PKI}/apiserver-kubelet-client.crt`,
      `--kubelet-client-key=${PKI}/apiserver-kubelet-client.key`,
      `--kubelet-certificate-authority=${PKI}/ca.crt`,
      '--kubelet-preferred-address-types=InternalIP,Hostname',
      `--proxy-client-cert-file=${PKI}/front-proxy-client.crt`,
      `--proxy-client-key-file=${PKI}/front-proxy-client.key`,
      '--requestheader-allowed-names=front-proxy-client',
      `--requestheader-client-ca-file=${PKI}/front-proxy-ca.crt`,
      '--requestheader-extra-headers-prefix=X-Remote-Extra-',
      '--requestheader-group-headers=X-Remote-Group',
      '--requestheader-username-headers=X-Remote-User',
      '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
      `--service-account-key-file=${PKI}/sa.pub`,
      `--service-account-signing-key-file=${PKI}/sa.key`,
      '--service-cluster-ip-range=10.96.0.0/16',
      `--tls-cert-file=${PKI}/apiserver.crt`,
      `--tls-private-key-file=${PKI}/apiserver.key`,
      '--audit-policy-file=/etc/kubernetes/audit-policy.json',
      '--audit-log-path=/var/log/kubernetes/audit.log',
      '--audit-log-format=json',
      '--audit-log-maxsize=200',
      '--audit-log-maxbackup=3',
      '--event-ttl=3h',
      '--profiling=false',
    ],
    probe: { host: nodeIp(node), port: 6443, path: '/livez' },
    volumes: [BINARIES, CERTIFICATES, directory('audit', '/var/log/kubernetes'), hostPath('audit-policy', '/etc/kubernetes/audit-policy.json', 'File')],
    writable: ['audit'],
  });

const controllerManager = () =>
  staticPod('kube-controller-manager', {
    command: [
      `${KUBERNETES}/kube-controller-manager`,
      '--kubeconfig=/etc/kubernetes/controller-manager.conf',
      '--authentication-kubeconfig=/etc/kubernetes/controller-manager.conf',
      '--authorization-kubeconfig=/etc/kubernetes/controller-manager.conf',
      '--bind-address=127.0.0.1',
      `--client-ca-file=${PKI}/ca.crt`,
      `--requestheader-client-ca-file=${PKI}/front-proxy-ca.crt`,
      '--leader-elect=true',
      // The lock is kept in a Lease and in the annotation of an Endpoints object: both kinds of reader find it.
      '--leader-elect-resource-lock=endpointsleases',
      '--controllers=*,bootstrapsigner,tokencleaner',
      '--use-service-account-credentials=true',
      `--root-ca-file=${PKI}/ca.crt`,
      `--service-account-private-key-file=${PKI}/sa.key`,
      `--cluster-signing-cert-file=${PKI}/ca.crt`,
      `--cluster-signing-key-file=${PKI}/ca.key`,
      '--cluster-cidr=10.244.0.0/16',
      '--allocate-node-cidrs=false',
      '--service-cluster-ip-range=10.96.0.0/16',
      '--port=0',
      '--node-monitor-grace-period=40s',
    ],
    probe: { port: 10257 },
    volumes: [BINARIES, CERTIFICATES, kubeconfig('controller-manager.conf')],
  });

const scheduler = () =>
  staticPod('kube-scheduler', {
    command: [
      `${KUBERNETES}/kube-scheduler`,
      '--config=/etc/kubernetes/scheduler-config.json',
      '--authentication-kubeconfig=/etc/kubernetes/scheduler.conf',
      '--authorization-kubeconfig=/etc/kubernetes/scheduler.conf',
      '--bind-address=127.0.0.1',
      '--port=0',
    ],
    probe: { port: 10259 },
    volumes: [BINARIES, kubeconfig('scheduler.conf'), hostPath('config', '/etc/kubernetes/scheduler-config.json', 'File')],
  });

// Reached by the address of their Services, as in a Skiff cluster. The control plane must come up without them: the first may be ignored, the second
// is asked only for pods that want local storage, or it could not be scheduled itself.
const extender = (urlPrefix, ignorable, more) => ({
  urlPrefix,
  filterVerb: 'filter',
  prioritizeVerb: 'prioritize',
  weight: 1,
  enableHTTPS: false,
  httpTimeout: '5s',
  nodeCacheCapable: true,
  ignorable,
  ...more,
});
const SCHEDULER_CONFIGURATION = {
  apiVersion: 'kubescheduler.config.k8s.io/v1beta1',
  kind: 'KubeSchedulerConfiguration',
  clientConnection: { kubeconfig: '/etc/kubernetes/scheduler.conf' },
  leaderElection: {
    leaderElect: true,
    resourceLock: 'endpointsleases',
    resourceName: 'kube-scheduler',
    resourceNamespace: 'kube-system',
  },
  profiles: [{ schedulerName: 'default-scheduler' }],
  extenders: [
    extender('http://10.96.0.21:8881/paas', true),
    extender('http://10.96.0.22:8882/localstorage', false, {
      managedResources: [{ name: 'skiff.netease.com/localstorage', ignoredByScheduler: true }],
    }),
  ],
};

// What people and tools do is written down, reads without bodies; the machinery's own traffic is not. The service accounts of tests (../service-account.ts)
// are tools.
const AUDIT_POLICY = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived'],
  rules: [
    { level: 'Metadata', userGroups: ['system:serviceaccounts:skiffctl-test'] },
    { level: 'None', userGroups: ['system:nodes', 'system:serviceaccounts'] },
    {
      level: 'None',
      users: [
        ...['system:kube-controller-manager', 'system:kube-scheduler', 'system:kube-proxy', 'system:apiserver'],
        ...['kube-apiserver-kubelet-client', 'system:anonymous'],
      ],
    },
    { level: 'Metadata', verbs: ['get', 'list', 'watch'] },
    { level: 'Metadata', resources: [{ group: '', resources: ['secrets', 'serviceaccounts/token'] }] },
    { level: 'RequestResponse' },
  ],
};

/** Leaves a file that has not changed alone, and never shows half a file: the kubelet watches. */
function write(node, name, content) {
  const home = `${STATE}/nodes/${node}/etc-kubernetes`;
  const text = JSON.stringify(content, null, 1);
  if (existsSync(`${home}/${name}`) && readFileSync(`${home}/${name}`, 'utf8') === text) return;
  writeFileSync(`${home}/.new`, text);
  renameSync(`${home}/.new`, `${home}/${name}`);
}

for (const node of NODES) {
  mkdirSync(`${STATE}/nodes/${node}/etc-kubernetes/manifests`, { recursive: true });
  write(node, 'audit-policy.json', AUDIT_POLICY);
  write(node, 'scheduler-config.json', SCHEDULER_CONFIGURATION);
  write(node, 'manifests/etcd.json', etcd(node));
  write(node, 'manifests/kube-apiserver.json', apiServer(node, JSON.stringify(AUDIT_POLICY)));
  write(node, 'manifests/kube-controller-manager.json', controllerManager());
  write(node, 'manifests/kube-scheduler.json', scheduler());
}
