import type { Text } from '../model/text.ts';
import { blueprintOf } from './blueprint.ts';
import { addReplicaSet, putPod } from './content.ts';
import { addEvent, crashLoop, imagePullFailure, loseNode, notReady, unassign, unschedulable, withoutApiServer } from './failures.ts';
import { HOSTILE_TEXT } from './faults.ts';
import { expireLock } from './locks.ts';
import { digest, minutesBefore, timestamp } from './objects.ts';
import type { RbacObject } from './rbac.ts';
import { setCondition } from './reconcile.ts';
import type { ClusterState } from './state.ts';

/** A state of the cluster that can be shown, tested against and measured. */
export interface Scenario {
  readonly id: string;
  readonly title: Text;
  readonly description: Text;
  /** The version that belongs to it; the caller's choice goes first. */
  readonly kubernetesVersion?: string;
  /** Rights of the kubeconfig's user `skiff-viewer`. */
  readonly rbac?: readonly RbacObject[];
  readonly tls?: 'foreign-ca' | 'expired' | 'wrong-host';
  /** Changes the healthy cluster. Throws when a component is missing that it is about. */
  apply(state: ClusterState): void;
}

const healthy: Scenario = {
  id: 'healthy',
  title: { zh: '健康', en: 'Healthy' },
  description: { zh: '一切正常的管控集群。', en: 'A control cluster with nothing wrong.' },
  apply: () => undefined,
};

const scaledToZero: Scenario = {
  id: 'scaled-to-zero',
  title: { zh: '审计被缩容到 0', en: 'Audit scaled to zero' },
  description: { zh: 'audit 的 Deployment 副本数被改为 0，Service 没有后端。', en: 'Somebody set the replicas of audit to 0; its Service has no backend.' },
  apply: (state) => {
    const { namespace, objectName } = state.component('audit');
    const deployment = state.objects.must('deployments', objectName, namespace);
    const pods = state.podsOf('audit');
    deployment.metadata.generation = 2;
    if (deployment.spec) deployment.spec.replicas = 0;
    const set = pods[0]?.metadata.ownerReferences?.[0]?.name ?? '';
    addEvent(state, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled down replica set ${set} to 0`,
      about: { kind: 'Deployment', name: objectName, namespace },
      component: 'deployment-controller',
      from: 22,
      to: 22,
    });
    for (const pod of pods) {
      const { name } = pod.metadata;
      addEvent(state, {
        type: 'Normal',
        reason: 'Killing',
        message: `Stopping container ${objectName}`,
        about: { kind: 'Pod', name, namespace, fieldPath: `spec.containers{${objectName}}` },
        component: 'kubelet',
        host: pod.spec?.nodeName ?? '',
        from: 22,
        to: 22,
      });
      state.objects.remove('pods', name, namespace);
    }
    state.reconcile();
  },
};

const crashing: Scenario = {
  id: 'crash-loop',
  title: { zh: 'NCS 反复崩溃', en: 'NCS crash loop' },
  description: {
    zh: '新配置缺少一项，ncs 的所有副本启动即退出。',
    en: 'A setting is missing from the new configuration: every replica of ncs ends as soon as it starts.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('ncs')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 12,
        since: 38,
        log: [
          'INFO  Starting NcsApplication v2.3.1',
          'ERROR Application run failed: Could not resolve placeholder \'ncs.region.default\' in value "${ncs.region.default}"',
        ],
      });
    }
    state.reconcile();
  },
};

const imageMissing: Scenario = {
  id: 'image-pull-failure',
  title: { zh: 'Harbor core 镜像拉取失败', en: 'Harbor core image cannot be pulled' },
  description: {
    zh: 'harbor-core 的镜像标签在仓库中不存在，两个副本都起不来。',
    en: 'The image tag of harbor-core does not exist; none of its replicas starts.',
  },
  apply: (state) => {
    const image = 'goharbor/harbor-core:v1.7.6-hotfix';
    const { namespace, objectName } = state.component('harbor-core');
    const deployment = state.objects.must('deployments', objectName, namespace);
    for (const container of deployment.spec?.template?.spec?.containers ?? []) container.image = image;
    for (const pod of state.podsOf('harbor-core')) imagePullFailure(state, pod, image, 26);
    state.reconcile();
  },
};

const noRoom: Scenario = {
  id: 'unschedulable',
  title: { zh: 'OTel 采集器无法调度', en: 'OTel collector cannot be scheduled' },
  description: { zh: 'apm-otel-collector 请求的内存没有节点能满足。', en: 'No node has the memory that apm-otel-collector asks for.' },
  apply: (state) => {
    for (const pod of state.podsOf('apm-otel-collector')) unschedulable(state, pod, 'Insufficient memory', 41);
    state.reconcile();
  },
};

const wrongSelector: Scenario = {
  id: 'selector-matches-nothing',
  title: { zh: '鉴权服务选择器写错', en: 'User auth Service selects nothing' },
  description: {
    zh: 'platform-user-auth 的 Service 选择器与 Pod 标签不符：Pod 就绪而没有后端。',
    en: 'The selector of the Service platform-user-auth matches no pod: its pods are ready and nobody reaches them.',
  },
  apply: (state) => {
    const { namespace, objectName } = state.component('platform-user-auth');
    const service = state.objects.must('services', objectName, namespace);
    if (service.spec) service.spec.selector = { app: `${objectName}-v2` };
    state.reconcile();
  },
};

const nodeDown: Scenario = {
  id: 'node-down',
  title: { zh: '节点 node2 失联', en: 'Node node2 is down' },
  description: {
    zh: 'node2 的 kubelet 停止上报，上面的 Pod 失去就绪，组件只剩其余副本。',
    en: 'The kubelet of node2 stopped reporting; its pods are not ready and what has replicas lives on the others.',
  },
  apply: (state) => {
    loseNode(state, 'node2', 3);
    state.reconcile();
  },
};

const apiServerDown: Scenario = {
  id: 'one-apiserver-down',
  title: { zh: '三个 API Server 挂一个', en: 'One of three API servers down' },
  description: {
    zh: 'node3 上的 kube-apiserver 反复退出，default/kubernetes 只剩两个地址。',
    en: 'kube-apiserver on node3 keeps ending; default/kubernetes has two addresses left.',
  },
  apply: (state) => {
    const pod = state.podsOf('kube-apiserver').find((each) => each.spec?.nodeName === 'node3');
    if (!pod) throw new Error('simulation: there is no API server on node3');
    crashLoop(state, pod, {
      exitCode: 1,
      restarts: 9,
      since: 24,
      log: ['Error: error creating self-signed certificates: open /var/run/kubernetes/apiserver.crt: no space left on device'],
    });
    withoutApiServer(state, 'node3');
    state.reconcile();
  },
};

const noScheduler: Scenario = {
  id: 'scheduler-without-leader',
  title: { zh: '调度器没有主', en: 'Scheduler without a leader' },
  description: {
    zh: 'kube-scheduler 的锁 25 分钟没有续期，新 Pod 一直 Pending 且没有任何事件。',
    en: 'The lock of kube-scheduler has not been renewed for 25 minutes; new pods stay Pending without a single event.',
  },
  apply: (state) => {
    expireLock(state, 'kube-scheduler', 'kube-system', 25);
    for (const id of ['front', 'audit']) growByOne(state, id, 18);
    state.reconcile();
  },
};

/** Scales a Deployment up by a pod that nobody schedules. */
function growByOne(state: ClusterState, id: string, since: number): void {
  const component = state.component(id);
  const { namespace, objectName } = component;
  const deployment = state.objects.must('deployments', objectName, namespace);
  const [pattern] = state.podsOf(id);
  const owner = pattern?.metadata.ownerReferences?.[0]?.name ?? '';
  const hash = owner.slice(objectName.length + 1);
  const replicas = (deployment.spec?.replicas ?? 1) + 1;
  deployment.metadata.generation = (deployment.metadata.generation ?? 1) + 1;
  if (deployment.spec) deployment.spec.replicas = replicas;
  const blueprint = blueprintOf(component.definition);
  const pod = putPod(state, {
    component,
    blueprint,
    spec: deployment.spec?.template?.spec ?? {},
    labels: { ...deployment.spec?.template?.metadata?.labels },
    index: replicas - 1,
    node: 0,
    startedAt: minutesBefore(state.startedAt, since),
    ready: false,
    owner: { kind: 'ReplicaSet', name: owner },
    extraLabels: { 'pod-template-hash': hash },
  });
  unassign(state, pod, since);
  addEvent(state, {
    type: 'Normal',
    reason: 'SuccessfulCreate',
    message: `Created pod: ${pod.metadata.name}`,
    about: { kind: 'ReplicaSet', name: owner, namespace },
    component: 'replicaset-controller',
    from: since,
    to: since,
  });
}

const databaseDown: Scenario = {
  id: 'platform-database-down',
  title: { zh: '平台数据库宕机', en: 'Platform database down' },
  description: {
    zh: 'etcd-mysql 数据盘写满而反复退出；依赖它的服务（鉴权、NCS、审计等）跟着不就绪。',
    en: 'etcd-mysql ends again and again with its volume full; what depends on it (user auth, NCS, audit and others) is not ready either.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('etcd-mysql')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 8,
        since: 19,
        log: [
          '[ERROR] InnoDB: Write to file ./ibdata1 failed at offset 12582912, 16384 bytes should have been written',
          '[ERROR] InnoDB: Error number 28 means "No space left on device"',
          '[ERROR] Aborting',
        ],
      });
    }
    const database = `${state.component('etcd-mysql').namespace}/etcd-mysql`;
    for (const component of state.components.values()) {
      // Its exporter serves on and says so in its metrics.
      if (!component.dependsOn.includes(database) || component.definition.id === 'mysqld-exporter') continue;
      for (const pod of state.podsOf(`${component.namespace}/${component.definition.id}`)) {
        if (pod.status?.containerStatuses?.[0]?.ready === true) notReady(state, pod, 17);
      }
    }
    state.reconcile();
  },
};

const dnsDown: Scenario = {
  id: 'coredns-down',
  title: { zh: '集群 DNS 宕机', en: 'Cluster DNS down' },
  description: {
    zh: 'CoreDNS 检测到转发环路而反复退出，kube-dns 没有后端。',
    en: 'CoreDNS found a forwarding loop and keeps ending; kube-dns has no backend.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('coredns')) {
      crashLoop(state, pod, {
        exitCode: 1,
        restarts: 14,
        since: 52,
        log: [
          '[FATAL] plugin/loop: Loop (127.0.0.1:55953 -> :53) detected for zone ".", see https://coredns.io/plugins/loop#troubleshooting. Query: "HINFO 4547991504243258144.3688648895315093531."',
        ],
      });
    }
    state.reconcile();
  },
};

/** Reads one namespace, and not the nodes, not the proxies, not the other namespaces. */
const RESTRICTED: readonly RbacObject[] = [
  {
    kind: 'Role',
    metadata: { name: 'skiff:viewer', namespace: 'skiff-platform' },
    rules: [{ verbs: ['get', 'list'], apiGroups: ['', 'apps'], resources: ['pods', 'services', 'endpoints', 'events', 'deployments', 'statefulsets'] }],
  },
  {
    kind: 'RoleBinding',
    metadata: { name: 'skiff:viewer', namespace: 'skiff-platform' },
    roleRef: { kind: 'Role', name: 'skiff:viewer' },
    subjects: [{ kind: 'User', name: 'skiff-viewer' }],
  },
];

const rbacDenied: Scenario = {
  id: 'rbac-denied',
  title: { zh: '权限不足', en: 'Rights missing' },
  description: {
    zh: '集群健康，但当前用户只能读 skiff-platform 的一部分资源。',
    en: 'The cluster is healthy, but the user may only read some resources of skiff-platform.',
  },
  rbac: RESTRICTED,
  apply: () => undefined,
};

const rollout: Scenario = {
  id: 'rollout-in-progress',
  title: { zh: '滚动升级中（健康）', en: 'Rollout in progress (healthy)' },
  description: {
    zh: 'apigw-portal 正在升级：新副本启动中，旧副本照常服务。',
    en: 'apigw-portal is being upgraded: a new replica starts while the old ones serve.',
  },
  apply: (state) => {
    const component = state.component('apigw-portal');
    const { namespace, objectName, container } = component;
    const deployment = state.objects.must('deployments', objectName, namespace);
    const hash = digest(`${namespace}/${objectName} template 2`, 10);
    const at = timestamp(minutesBefore(state.startedAt, 0.4));
    const set = `${objectName}-${hash}`;
    deployment.metadata.generation = 2;
    deployment.metadata.annotations = { ...deployment.metadata.annotations, 'deployment.kubernetes.io/revision': '2' };
    addReplicaSet(state, component, hash, 2, 1, deployment.spec?.template, at);
    const pod = putPod(state, {
      component,
      blueprint: blueprintOf(component.definition),
      spec: deployment.spec?.template?.spec ?? {},
      labels: { ...deployment.spec?.template?.metadata?.labels },
      index: 0,
      node: 2,
      startedAt: minutesBefore(state.startedAt, 0.4),
      ready: false,
      owner: { kind: 'ReplicaSet', name: set },
      extraLabels: { 'pod-template-hash': hash },
    });
    // Its container runs and has not answered its first readiness probe.
    const status = pod.status?.containerStatuses?.[0];
    if (status) status.ready = false;
    addEvent(state, {
      type: 'Normal',
      reason: 'ScalingReplicaSet',
      message: `Scaled up replica set ${set} to 1`,
      about: { kind: 'Deployment', name: objectName, namespace },
      component: 'deployment-controller',
      from: 0.4,
      to: 0.4,
    });
    addEvent(state, {
      type: 'Normal',
      reason: 'Started',
      message: `Started container ${container}`,
      about: { kind: 'Pod', name: pod.metadata.name, namespace, fieldPath: `spec.containers{${container}}` },
      component: 'kubelet',
      host: pod.spec?.nodeName ?? '',
      from: 0.3,
      to: 0.3,
    });
    state.reconcile();
    setCondition(
      deployment.status?.conditions ?? [],
      { type: 'Progressing', status: 'True', lastUpdateTime: at, reason: 'ReplicaSetUpdated', message: `ReplicaSet "${set}" is progressing.` },
      at,
    );
  },
};

const oldKubernetes: Scenario = {
  id: 'old-kubernetes',
  title: { zh: '旧版本 Kubernetes（健康）', en: 'Old Kubernetes (healthy)' },
  description: {
    zh: 'Kubernetes 1.16：选主锁在 Endpoints 上，CronJob 为 batch/v1beta1。',
    en: 'Kubernetes 1.16: leader locks on Endpoints, CronJobs in batch/v1beta1.',
  },
  kubernetesVersion: '1.16.15',
  apply: () => undefined,
};

const newKubernetes: Scenario = {
  id: 'new-kubernetes',
  title: { zh: '新版本 Kubernetes（健康）', en: 'New Kubernetes (healthy)' },
  description: {
    zh: 'Kubernetes 1.32：选主锁为 Lease，EndpointSlice 为 discovery.k8s.io/v1。',
    en: 'Kubernetes 1.32: leader locks are Leases, EndpointSlices in discovery.k8s.io/v1.',
  },
  kubernetesVersion: '1.32.3',
  apply: () => undefined,
};

const apiHung: Scenario = {
  id: 'api-hung',
  title: { zh: 'API Server 无响应', en: 'API server hangs' },
  description: { zh: 'API Server 接受连接，但对任何请求都不回答。', en: 'The API server takes connections and answers no request.' },
  apply: (state) => {
    state.faults.push({ path: /^/, action: { kind: 'hang' } });
  },
};

const etcdDown: Scenario = {
  id: 'etcd-down',
  title: { zh: '控制平面 etcd 失去多数', en: 'etcd of the control plane without a majority' },
  description: {
    zh: '三个 etcd 成员只剩一个，/readyz 的 etcd 检查失败，没有缓存的读请求返回 500。',
    en: 'One of three etcd members is left: the etcd check of /readyz fails and reads that are not cached answer 500.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('kube-system/etcd').slice(1)) {
      crashLoop(state, pod, { exitCode: 2, restarts: 6, since: 11, log: ['panic: freepages: failed to get all reachable pages'] });
    }
    state.failingHealthChecks.add('etcd');
    // Events have no watch cache: they are the first to show it.
    state.faults.push({ path: /^\/api\/v1\/(?:namespaces\/[^/]+\/)?events/, action: { kind: 'status', code: 500, message: 'etcdserver: request timed out' } });
    state.reconcile();
  },
};

const hostile: Scenario = {
  id: 'hostile-texts',
  title: { zh: '恶意文本', en: 'Hostile texts' },
  description: {
    zh: 'audit 的状态和事件里有终端控制序列、标记和方向控制字符。',
    en: 'Status and events of audit carry escape sequences, markup and characters that turn the direction of writing.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('audit')) {
      crashLoop(state, pod, { exitCode: 1, restarts: 7, since: 15, log: [`ERROR ${HOSTILE_TEXT}`] });
      const waiting = pod.status?.containerStatuses?.[0]?.state?.waiting;
      if (waiting) waiting.message = `${waiting.message ?? ''} ${HOSTILE_TEXT}`;
      if (pod.status) pod.status.message = HOSTILE_TEXT;
      const { name, namespace = '' } = pod.metadata;
      addEvent(state, {
        type: 'Warning',
        reason: 'BackOff',
        message: HOSTILE_TEXT,
        about: { kind: 'Pod', name, namespace },
        component: 'kubelet',
        host: 'node1',
        from: 9,
        to: 1,
        count: 9,
      });
    }
    state.reconcile();
  },
};

const expiredCertificate: Scenario = {
  id: 'apiserver-certificate-expired',
  title: { zh: 'API Server 证书过期', en: 'API server certificate expired' },
  description: {
    zh: 'API Server 的服务端证书昨天过期，客户端拒绝连接。',
    en: 'The serving certificate of the API server expired yesterday; clients refuse the connection.',
  },
  tls: 'expired',
  apply: () => undefined,
};

/** Every scenario: the healthy cluster first, then what may break, then healthy clusters in odd shapes. */
export const scenarios: readonly Scenario[] = [
  healthy,
  scaledToZero,
  crashing,
  imageMissing,
  noRoom,
  wrongSelector,
  nodeDown,
  apiServerDown,
  noScheduler,
  databaseDown,
  dnsDown,
  etcdDown,
  rbacDenied,
  apiHung,
  expiredCertificate,
  hostile,
  rollout,
  oldKubernetes,
  newKubernetes,
];
