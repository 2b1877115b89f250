import { statusPeriodMs } from './content.ts';
import type { BulkObject } from './object-store.ts';
import { digest, managedFieldsOf, minutesBefore, orderedMeta, type StoredObject, timestamp } from './objects.ts';
import type { ClusterState } from './state.ts';

/** How much more than the control plane there is in the cluster. Everything made for it exists only as a template until it is asked for. */
export interface Scale {
  /** Namespaces that belong to nobody the inventory knows. */
  readonly foreignNamespaces?: number;
  /** Pods in the foreign namespaces, spread evenly. */
  readonly foreignPods?: number;
  /** Healthy pods without an owner's trouble in every namespace of the inventory. */
  readonly podsPerInventoryNamespace?: number;
  /** Nodes beyond the three masters. */
  readonly nodes?: number;
}

const MARK = '\u0001';

/** Adds foreign namespaces, pods and nodes. A pod is about 8 KB of JSON, managedFields included; none of it is kept. */
export function addScale(state: ClusterState, scale: Scale): void {
  const nodes = Array.from({ length: scale.nodes ?? 0 }, (_, index) => `worker-${String(index).padStart(4, '0')}`);
  state.objects.putBulk(
    'nodes',
    nodes.map((name, index) => nodeOf(state, name, index)),
  );
  state.objects.putBulk(
    'leases',
    nodes.map((name) => leaseOf(state, name)),
  );
  const foreign = Array.from({ length: scale.foreignNamespaces ?? 0 }, (_, index) => `tenant-${String(index).padStart(4, '0')}`);
  state.objects.putBulk(
    'namespaces',
    foreign.map((name) => namespaceOf(state, name)),
  );
  const podTemplate = template(state);
  const hosts = nodes.length > 0 ? nodes : ['node1', 'node2', 'node3'];
  const pods: BulkObject[] = [];
  const total = scale.foreignPods ?? 0;
  for (let index = 0; index < total; index += 1) {
    pods.push(podOf(podTemplate, foreign[index % Math.max(1, foreign.length)] ?? 'default', index, hosts[index % hosts.length] ?? ''));
  }
  const home = new Set([...state.components.values()].map((component) => component.namespace));
  for (const namespace of home) {
    for (let index = 0; index < (scale.podsPerInventoryNamespace ?? 0); index += 1)
      pods.push(podOf(podTemplate, namespace, index, hosts[index % hosts.length] ?? ''));
  }
  state.objects.putBulk('pods', pods);
}

/** Pieces of a pod's JSON between which name, namespace, node and uid are set in: MARK + letter in the template. */
interface Template {
  readonly pieces: readonly string[];
  readonly slots: readonly string[];
}

/** A pod of the inventory, made nameless. */
function template(state: ClusterState): Template {
  const created = timestamp(minutesBefore(state.startedAt, 2_880));
  const environment = Array.from({ length: 36 }, (_, index) => ({ name: `SETTING_${index}`, value: `value-${index}-${digest(String(index), 40)}` }));
  const pod: StoredObject = {
    metadata: {
      name: `${MARK}n${MARK}`,
      generateName: 'filler-',
      namespace: `${MARK}s${MARK}`,
      uid: `${MARK}u${MARK}`,
      resourceVersion: '1001',
      creationTimestamp: created,
      labels: { app: 'filler', 'pod-template-hash': digest('filler', 10) },
      ownerReferences: [{ kind: 'ReplicaSet', name: `filler-${digest('filler', 10)}`, controller: true }],
    },
    spec: {
      containers: [
        {
          name: 'filler',
          image: 'hub.skiff.example/tenant/filler:v1',
          env: environment,
          ports: [{ containerPort: 8080, protocol: 'TCP' }],
          resources: { requests: { cpu: '10m', memory: '32Mi' } },
          readinessProbe: {
            httpGet: { path: '/health', port: 8080, scheme: 'HTTP' },
            timeoutSeconds: 5,
            periodSeconds: 10,
            successThreshold: 1,
            failureThreshold: 3,
          },
        },
      ],
      nodeName: `${MARK}h${MARK}`,
      restartPolicy: 'Always',
      schedulerName: 'default-scheduler',
    },
    status: {
      phase: 'Running',
      conditions: ['Initialized', 'Ready', 'ContainersReady', 'PodScheduled'].map((type) => ({
        type,
        status: 'True',
        lastProbeTime: null,
        lastTransitionTime: created,
      })),
      hostIP: '10.0.9.9',
      podIP: '10.250.0.9',
      startTime: created,
      containerStatuses: [
        {
          name: 'filler',
          state: { running: { startedAt: created } },
          lastState: {},
          ready: true,
          restartCount: 0,
          image: 'hub.skiff.example/tenant/filler:v1',
          started: true,
        },
      ],
      qosClass: 'Burstable',
    },
  };
  pod.metadata.managedFields = managedFieldsOf('pods', pod);
  const { metadata, ...rest } = pod;
  const text = JSON.stringify({ metadata: orderedMeta(metadata, state.version.minor >= 18), ...rest });
  // JSON escapes the control character, so that is what stands in the text.
  const parts = text.split(/\\u0001(\w)\\u0001/);
  return { pieces: parts.filter((_, index) => index % 2 === 0), slots: parts.filter((_, index) => index % 2 === 1) };
}

function podOf({ pieces, slots }: Template, namespace: string, index: number, node: string): BulkObject {
  const name = `filler-${digest('filler', 10)}-${String(index).padStart(5, '0')}`;
  return {
    name,
    namespace,
    labels: { app: 'filler' },
    fields: { 'spec.nodeName': node, 'status.phase': 'Running' },
    render: () => {
      let text = pieces[0] ?? '';
      for (const [position, slot] of slots.entries()) {
        const value = slot === 'n' ? name : slot === 's' ? namespace : slot === 'h' ? node : digest(`${namespace}/${name}`, 32);
        text += value + (pieces[position + 1] ?? '');
      }
      return text;
    },
  };
}

function nodeOf(state: ClusterState, name: string, index: number): BulkObject {
  const created = timestamp(minutesBefore(state.startedAt, 40_000));
  const render = (): string => {
    const period = statusPeriodMs(state.version);
    const beat = timestamp(new Date(Math.floor(state.now().getTime() / period) * period));
    const condition = (type: string, status: string, reason: string, message: string): unknown => ({
      type,
      status,
      lastHeartbeatTime: beat,
      lastTransitionTime: created,
      reason,
      message,
    });
    return JSON.stringify({
      metadata: {
        name,
        uid: digest(name, 32),
        resourceVersion: '1001',
        creationTimestamp: created,
        labels: { 'kubernetes.io/hostname': name, 'kubernetes.io/os': 'linux', 'skiff.netease.com/role': 'worker' },
      },
      spec: {},
      status: {
        capacity: { cpu: '32', memory: '131616984Ki', pods: '110' },
        allocatable: { cpu: '32', memory: '131514584Ki', pods: '110' },
        conditions: [
          condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
          condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
          condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
          condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
        ],
        addresses: [{ type: 'InternalIP', address: `10.1.${index >> 8}.${index & 0xff}` }],
        nodeInfo: {
          kubeletVersion: state.version.gitVersion,
          kubeProxyVersion: state.version.gitVersion,
          containerRuntimeVersion: 'docker://19.3.15',
          osImage: 'Debian GNU/Linux 10 (buster)',
          kernelVersion: '4.19.0-17-amd64',
        },
      },
    });
  };
  return { name, namespace: undefined, labels: { 'kubernetes.io/hostname': name }, fields: { 'spec.unschedulable': 'false' }, render };
}

function leaseOf(state: ClusterState, name: string): BulkObject {
  const render = (): string => {
    const renewTime = new Date(Math.floor(state.now().getTime() / 10_000) * 10_000).toISOString().replace('Z', '000Z');
    return JSON.stringify({
      metadata: { name, namespace: 'kube-node-lease', uid: digest(`lease ${name}`, 32), resourceVersion: '1001' },
      spec: { holderIdentity: name, leaseDurationSeconds: 40, renewTime },
    });
  };
  return { name, namespace: 'kube-node-lease', labels: {}, fields: {}, render };
}

function namespaceOf(state: ClusterState, name: string): BulkObject {
  const created = timestamp(minutesBefore(state.startedAt, 30_000));
  const render = (): string =>
    JSON.stringify({
      metadata: { name, uid: digest(name, 32), resourceVersion: '1001', creationTimestamp: created },
      spec: { finalizers: ['kubernetes'] },
      status: { phase: 'Active' },
    });
  return { name, namespace: undefined, labels: {}, fields: { 'status.phase': 'Active' }, render };
}
