import { addBudget, addWebhook, bundle, writer } from './change.ts';
import { crashLoop, notReady } from './failures.ts';
import { timestamp } from './objects.ts';
import type { Scenario } from './scenarios.ts';
import type { ClusterState } from './state.ts';

const DAY = 86_400_000;

const noMargin: Scenario = {
  id: 'etcd-no-margin',
  title: { zh: 'etcd 没有余量', en: 'etcd without margin' },
  description: {
    zh: 'etcd-gtxs 三个成员中一个反复退出：仍可读写，但再少一个就失去多数。',
    en: 'One of three members of etcd-gtxs keeps ending: it still serves, and without one more it has no majority.',
  },
  apply: (state) => {
    const pod = state.podsOf('etcd-gtxs').at(-1);
    if (!pod) throw new Error('simulation: etcd-gtxs has no pods');
    crashLoop(state, pod, { exitCode: 2, restarts: 5, since: 12, log: ['panic: freepages: failed to get all reachable pages'] });
    state.reconcile();
  },
};

const oneCoreDns: Scenario = {
  id: 'single-replica-coredns',
  title: { zh: 'CoreDNS 只有一个副本', en: 'CoreDNS with a single replica' },
  description: {
    zh: 'CoreDNS 被缩到一个副本：一切正常，但排空其节点时全集群无法解析域名。',
    en: 'CoreDNS was scaled to one replica: all is well until its node is drained, and then no name resolves.',
  },
  apply: (state) => {
    const { namespace, objectName } = state.component('coredns');
    const deployment = state.objects.must('deployments', objectName, namespace);
    if (deployment.spec) deployment.spec.replicas = 1;
    for (const pod of state.podsOf('coredns').slice(1)) state.objects.remove('pods', pod.metadata.name, namespace);
    state.reconcile();
  },
};

const budgetBlocks: Scenario = {
  id: 'pdb-blocks',
  title: { zh: 'PDB 不允许驱逐', en: 'A PodDisruptionBudget that allows nothing' },
  description: {
    zh: 'ncs 的 PodDisruptionBudget 要求所有副本始终可用，其节点无法排空。',
    en: 'The PodDisruptionBudget of ncs demands all of its replicas at all times: their nodes cannot be drained.',
  },
  apply: (state) => addBudget(state, 'ncs', 0, timestamp(new Date(state.startedAt.getTime() - 20 * DAY))),
};

const deadWebhook: Scenario = {
  id: 'dead-webhook',
  title: { zh: 'webhook 没有后端', en: 'A dead webhook' },
  description: {
    zh: '已卸载组件遗留的 webhook 配置（失败即拒绝）指向不存在的 Service，其管辖的写入全部被拒绝。',
    en: 'A webhook configuration that an uninstalled product left behind refuses what it does not answer, and its Service is gone.',
  },
  apply: (state) => {
    const now = state.startedAt.getTime();
    const ca = bundle(new Date(now - 400 * DAY), new Date(now + 600 * DAY));
    addWebhook(state, 'volume-policy', { namespace: 'skiff-platform', name: 'volume-policy' }, ca, timestamp(new Date(now - 400 * DAY)));
  },
};

const removedApi: Scenario = {
  id: 'removed-api',
  title: { zh: '仍在使用 1.22 移除的 API', en: 'An API in use that 1.22 removes' },
  description: {
    zh: 'front 的 Ingress 由旧版网关控制器通过 networking.k8s.io/v1beta1 写入，并仍在请求该版本；Kubernetes 1.22 起不再提供。',
    en: 'An old gateway controller writes the Ingress front through networking.k8s.io/v1beta1 and asks for it; Kubernetes 1.22 no longer serves that.',
  },
  apply: (state) => {
    const { namespace } = state.component('front');
    const ingress = state.objects.must('ingresses', 'front', namespace);
    ingress.metadata.managedFields = [writer('nginx-ingress-controller', 'networking.k8s.io/v1beta1', timestamp(new Date(state.startedAt.getTime() - DAY)))];
    state.requestedApis.push({ group: 'networking.k8s.io', version: 'v1beta1', resource: 'ingresses', removedRelease: '1.22' });
  },
};

const oneHolder: Scenario = {
  id: 'vip-one-holder',
  title: { zh: 'VIP 只剩一个持有者', en: 'A VIP with one holder left' },
  description: {
    zh: 'keepalived-master 三个实例中两个未就绪：VIP 仍在，但其节点离开时无人接管。',
    en: 'Two of three instances of keepalived-master are not ready: the VIP is there, and nobody takes it over when its node goes.',
  },
  apply: (state) => {
    for (const pod of state.podsOf('keepalived-master').slice(1)) notReady(state, pod, 25);
    state.reconcile();
  },
};

const noHeadroom: Scenario = {
  id: 'node-without-headroom',
  title: { zh: '节点没有余量', en: 'No room for the pods of a node' },
  description: {
    zh: 'prometheus-0 请求了单个节点大半的内存，其余节点剩余的请求量放不下它：其节点无法排空。',
    en: 'prometheus-0 requests most of the memory of a node, and the others have not as much left: its node cannot be drained.',
  },
  apply: (state) => {
    const [pod] = state.podsOf('skiff-platform/prometheus');
    if (!pod?.spec) throw new Error('simulation: skiff-platform/prometheus has no pods');
    requestMemory(pod.spec, '40Gi');
    for (const node of ['node1', 'node2', 'node3'].filter((name) => name !== pod.spec?.nodeName)) reserve(state, node, '30Gi');
    state.reconcile();
  },
};

/** Room that something on the node has asked for. */
function reserve(state: ClusterState, node: string, memory: string): void {
  const pod = state.podsOf('node-exporter').find((each) => each.spec?.nodeName === node);
  if (pod?.spec) requestMemory(pod.spec, memory);
}

function requestMemory(spec: { containers?: object[] }, memory: string): void {
  for (const container of (spec.containers ?? []) as { resources?: { requests?: Record<string, string> } }[])
    container.resources = { requests: { cpu: '100m', memory } };
}

/** Clusters that serve and that nobody should change as they are. */
export const changeScenarios: readonly Scenario[] = [noMargin, oneCoreDns, budgetBlocks, deadWebhook, removedApi, oneHolder, noHeadroom];
