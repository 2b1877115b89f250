import type { ComponentDefinition, NamespaceInventory } from '../model/component.ts';
import type { Pod } from '../model/kubernetes.ts';
import { type Blueprint, blueprintOf } from './blueprint.ts';
import { ANNOTATION_TOKEN, ARGUMENT_KEY, CONFIG_MAP_PASSWORD, ENV_PASSWORD, SECRET_VALUE, URL_PASSWORD } from './canaries.ts';
import { addChangeObjects } from './change.ts';
import { addLocks } from './locks.ts';
import { digest, type Mutable, minutesBefore, type StoredObject, timestamp } from './objects.ts';
import { NODES, type PodPlan, podSpecOf, runningPod } from './pods.ts';
import type { ClusterState, SimulatedComponent } from './state.ts';
import type { KubernetesVersion } from './version.ts';

/** How long the cluster has been standing when the simulation begins, in minutes: 30 days. */
const CLUSTER_AGE = 43_200;
/** How long the pods have been running, in minutes: 5 days. */
const POD_AGE = 7_200;

/** Components that the inventory calls optional and that stand in nearly every control cluster all the same. */
const USUAL = new Set(['kube-system/etcd']);
/** The same, made after all others, so that those stay on the nodes that they are on. */
const USUAL_BESIDE = ['skiff-logseer/elasticsearch'];

/**
 * Fills the state with a healthy control cluster: every component of the inventory that is not optional, those optional ones that are usual or asked for (by
 * `<namespace>/<id>`), and what Kubernetes itself brings.
 */
export function populate(state: ClusterState, inventory: readonly NamespaceInventory[], also: readonly string[] = []): void {
  const created = timestamp(minutesBefore(state.startedAt, CLUSTER_AGE));
  addNamespaces(state, inventory, created);
  const beside = new Set([...USUAL_BESIDE, ...also]);
  for (const [index] of NODES.entries()) addNode(state, index, created);
  const all = inventory.flatMap((group) =>
    group.components
      .filter((definition) => definition.withoutWorkload !== true)
      .map((definition) => ({ definition, namespace: group.namespace, blueprint: blueprintOf(definition) })),
  );
  const among = (ids: ReadonlySet<string>) => all.filter(({ definition, namespace }) => ids.has(`${namespace}/${definition.id}`));
  const usual = all.filter(({ definition, namespace }) => definition.optional !== true || USUAL.has(`${namespace}/${definition.id}`));
  const wanted = [...usual, ...among(beside)];
  for (const { definition, namespace, blueprint } of wanted) {
    const component = componentOf(definition, namespace, blueprint, wanted);
    state.components.set(`${namespace}/${definition.id}`, component);
  }
  addCluster(state, created);
  for (const { definition, namespace, blueprint } of wanted) addComponent(state, state.component(`${namespace}/${definition.id}`), blueprint, created);
  addLocks(state);
  addChangeObjects(state, created);
  state.reconcile();
  for (const { definition, namespace } of wanted) backdate(state, state.component(`${namespace}/${definition.id}`));
}

interface Wanted {
  readonly definition: ComponentDefinition;
  readonly namespace: string;
  readonly blueprint: Blueprint;
}

function componentOf(definition: ComponentDefinition, namespace: string, blueprint: Blueprint, all: readonly Wanted[]): SimulatedComponent {
  const dependsOn: string[] = [];
  for (const { component } of definition.dependsOn ?? []) {
    const near = all.find((each) => each.namespace === namespace && each.definition.id === component);
    const found = near ?? all.find((each) => each.definition.id === component || `${each.namespace}/${each.definition.id}` === component);
    if (found) dependsOn.push(`${found.namespace}/${found.definition.id}`);
  }
  const objectName = blueprint.objectName ?? definition.id;
  return {
    definition,
    namespace,
    objectName,
    kind: blueprint.kind,
    container: blueprint.container ?? objectName,
    image: blueprint.image ?? `hub.skiff.example/skiff/${definition.recognise?.images?.[0] ?? definition.id}:v2.3.1`,
    ports: [...blueprint.listeners.keys()],
    dependsOn,
    listeners: blueprint.listeners,
  };
}

function addNamespaces(state: ClusterState, inventory: readonly NamespaceInventory[], creationTimestamp: string): void {
  const names = new Set(['default', 'kube-node-lease', 'kube-public', 'kube-system', ...inventory.map((group) => group.namespace)]);
  for (const name of names) {
    // Every namespace carries its name as a label since 1.21.
    const labels = state.version.minor >= 21 ? { labels: { 'kubernetes.io/metadata.name': name } } : {};
    state.objects.put('namespaces', { metadata: { name, creationTimestamp, ...labels }, spec: { finalizers: ['kubernetes'] }, status: { phase: 'Active' } });
    if (state.version.minor >= 20) {
      state.objects.put('configmaps', {
        metadata: { name: 'kube-root-ca.crt', namespace: name, creationTimestamp },
        data: { 'ca.crt': '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n' },
      });
    }
  }
}

function addNode(state: ClusterState, index: number, creationTimestamp: string): void {
  const node = NODES[index];
  if (!node) return;
  const since = timestamp(minutesBefore(state.startedAt, CLUSTER_AGE - 2));
  const role = state.version.minor >= 24 ? 'node-role.kubernetes.io/control-plane' : 'node-role.kubernetes.io/master';
  const condition = (type: string, status: string, reason: string, message: string): unknown => ({
    type,
    status,
    lastHeartbeatTime: since,
    lastTransitionTime: since,
    reason,
    message,
  });
  state.objects.put(
    'nodes',
    {
      metadata: {
        name: node.name,
        creationTimestamp,
        labels: {
          'beta.kubernetes.io/arch': 'amd64',
          'beta.kubernetes.io/os': 'linux',
          'kubernetes.io/arch': 'amd64',
          'kubernetes.io/hostname': node.name,
          'kubernetes.io/os': 'linux',
          [role]: '',
          'skiff.netease.com/role': 'manager',
        },
        annotations: { 'node.alpha.kubernetes.io/ttl': '0', 'volumes.kubernetes.io/controller-managed-attach-detach': 'true' },
      },
      spec: { podCIDR: `10.244.${index + 1}.0/24` },
      status: {
        capacity: { cpu: '16', 'ephemeral-storage': '209715200Ki', memory: '65808492Ki', pods: '110' },
        allocatable: { cpu: '16', 'ephemeral-storage': '193273528320', memory: '65706092Ki', pods: '110' },
        conditions: [
          condition('MemoryPressure', 'False', 'KubeletHasSufficientMemory', 'kubelet has sufficient memory available'),
          condition('DiskPressure', 'False', 'KubeletHasNoDiskPressure', 'kubelet has no disk pressure'),
          condition('PIDPressure', 'False', 'KubeletHasSufficientPID', 'kubelet has sufficient PID available'),
          condition('Ready', 'True', 'KubeletReady', 'kubelet is posting ready status'),
        ],
        addresses: [
          { type: 'InternalIP', address: node.ip },
          { type: 'Hostname', address: node.name },
        ],
        daemonEndpoints: { kubeletEndpoint: { Port: 10250 } },
        nodeInfo: {
          machineID: digest(node.name, 32),
          systemUUID: digest(node.name, 32),
          bootID: digest(`${node.name} boot`, 32),
          kernelVersion: '4.19.0-17-amd64',
          osImage: 'Debian GNU/Linux 10 (buster)',
          containerRuntimeVersion: state.version.minor >= 24 ? 'containerd://1.7.24' : 'docker://19.3.15',
          kubeletVersion: state.version.gitVersion,
          kubeProxyVersion: state.version.gitVersion,
          operatingSystem: 'linux',
          architecture: 'amd64',
        },
      },
    },
    (object, now) => {
      const period = statusPeriodMs(state.version);
      const posted = timestamp(new Date(Math.floor(now.getTime() / period) * period));
      const { status } = object as StoredObject & { status: { conditions: { lastHeartbeatTime: string }[] } };
      for (const each of status.conditions) each.lastHeartbeatTime = posted;
    },
  );
}

/** What is there without any component: the Service of the API servers, the storage class, a Secret that nobody is to read. */
function addCluster(state: ClusterState, creationTimestamp: string): void {
  const metadata = { name: 'kubernetes', namespace: 'default', creationTimestamp };
  state.objects.put('services', {
    metadata: { ...metadata, labels: { component: 'apiserver', provider: 'kubernetes' } },
    spec: { clusterIP: '10.96.0.1', ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }], sessionAffinity: 'None', type: 'ClusterIP' },
    status: { loadBalancer: {} },
  });
  state.objects.put('endpoints', {
    metadata: { ...metadata },
    subsets: [{ addresses: NODES.map((node) => ({ ip: node.ip })), ports: [{ name: 'https', port: 6443, protocol: 'TCP' }] }],
  });
  state.objects.put('storageclasses', {
    metadata: { name: 'localstorage', creationTimestamp },
    provisioner: 'skiff.netease.com/localstorage',
    reclaimPolicy: 'Retain',
    volumeBindingMode: 'WaitForFirstConsumer',
  });
  for (const namespace of state.objects.list('namespaces').map((each) => each.metadata.name)) {
    state.objects.put('secrets', {
      metadata: { name: 'platform-credentials', namespace, creationTimestamp },
      type: 'Opaque',
      data: { password: Buffer.from(SECRET_VALUE).toString('base64') },
    });
  }
}

function addComponent(state: ClusterState, component: SimulatedComponent, blueprint: Blueprint, creationTimestamp: string): void {
  const { namespace, objectName } = component;
  const labels = { app: objectName, ...blueprint.labels };
  addConfigMap(state, component, creationTimestamp);
  const podLabels = { ...labels };
  const spec = podSpecOf(component, blueprint, environment(state, component, blueprint));
  const template = { metadata: { creationTimestamp: null, labels: podLabels, annotations: { 'skiff.netease.com/config-hash': digest(objectName, 12) } }, spec };
  const applied = JSON.stringify({ apiVersion: 'apps/v1', kind: component.kind, metadata: { name: objectName, namespace }, spec: { template } });
  const metadata = {
    name: objectName,
    namespace,
    generation: 1,
    creationTimestamp,
    labels,
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `${applied}\n`, 'skiff.netease.com/registry-token': ANNOTATION_TOKEN },
  };
  const plan = (index: number, extra: Partial<PodPlan> = {}): PodPlan => ({
    component,
    blueprint,
    spec,
    labels: podLabels,
    index,
    node: (indexOfComponent(state, component) + index) % NODES.length,
    startedAt: minutesBefore(state.startedAt, POD_AGE - index),
    ready: blueprint.ready === undefined || index < blueprint.ready,
    ...extra,
  });
  const indexes = Array.from({ length: blueprint.replicas }, (_, index) => index);
  if (component.kind === 'Deployment') {
    const hash = digest(`${namespace}/${objectName} template 1`, 10);
    const selector = { matchLabels: { app: objectName } };
    state.objects.put('deployments', {
      metadata: { ...metadata, annotations: { 'deployment.kubernetes.io/revision': '1', ...metadata.annotations } },
      spec: {
        replicas: blueprint.replicas,
        selector,
        template,
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
        revisionHistoryLimit: 10,
        progressDeadlineSeconds: 600,
      },
      status: {
        conditions: [
          {
            type: 'Available',
            status: 'True',
            lastUpdateTime: creationTimestamp,
            lastTransitionTime: creationTimestamp,
            reason: 'MinimumReplicasAvailable',
            message: 'Deployment has minimum availability.',
          },
          {
            type: 'Progressing',
            status: 'True',
            lastUpdateTime: creationTimestamp,
            lastTransitionTime: creationTimestamp,
            reason: 'NewReplicaSetAvailable',
            message: `ReplicaSet "${objectName}-${hash}" has successfully progressed.`,
          },
        ],
      },
    });
    addReplicaSet(state, component, hash, 1, blueprint.replicas, template, creationTimestamp);
    for (const index of indexes)
      putPod(state, plan(index, { owner: { kind: 'ReplicaSet', name: `${objectName}-${hash}` }, extraLabels: { 'pod-template-hash': hash } }));
  } else if (component.kind === 'StatefulSet') {
    const revision = `${objectName}-${digest(objectName, 10)}`;
    state.objects.put('statefulsets', {
      metadata,
      spec: {
        replicas: blueprint.replicas,
        selector: { matchLabels: { app: objectName } },
        template,
        serviceName: objectName,
        podManagementPolicy: 'OrderedReady',
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { partition: 0 } },
        revisionHistoryLimit: 10,
      },
    });
    for (const index of indexes) {
      if (blueprint.claim) addClaim(state, component, index, creationTimestamp);
      putPod(
        state,
        plan(index, {
          owner: { kind: 'StatefulSet', name: objectName },
          extraLabels: { 'controller-revision-hash': revision, 'statefulset.kubernetes.io/pod-name': `${objectName}-${index}` },
        }),
      );
    }
  } else if (component.kind === 'DaemonSet') {
    state.objects.put('daemonsets', {
      metadata,
      spec: {
        selector: { matchLabels: { app: objectName } },
        template,
        updateStrategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1 } },
        revisionHistoryLimit: 10,
      },
    });
    for (const index of indexes)
      putPod(
        state,
        plan(index, {
          node: index,
          owner: { kind: 'DaemonSet', name: objectName },
          extraLabels: { 'controller-revision-hash': digest(objectName, 10), 'pod-template-generation': '1' },
        }),
      );
  } else {
    for (const index of indexes) putPod(state, plan(index, { node: index, owner: { kind: 'Node', name: NODES[index]?.name ?? '' } }));
  }
  if (blueprint.service !== false && blueprint.listeners.size > 0) addService(state, component, blueprint, creationTimestamp);
}

function indexOfComponent(state: ClusterState, component: SimulatedComponent): number {
  return [...state.components.values()].indexOf(component);
}

/** How often a kubelet posts a status that has not changed: every five minutes since its Lease tells that it is alive (1.14), every ten seconds before. */
export function statusPeriodMs({ minor }: KubernetesVersion): number {
  return minor >= 14 ? 300_000 : 10_000;
}

/** Stores a pod and the log of its container. */
export function putPod(state: ClusterState, plan: PodPlan): Mutable<Pod> {
  const pod = runningPod(plan, state.version, state.addresses);
  const { namespace = '', name } = pod.metadata;
  const { container, objectName } = plan.component;
  state.logs.set(`${namespace}/${name}/${container}`, {
    current: [`${plan.startedAt.toISOString()} INFO ${objectName} started`, `${state.startedAt.toISOString()} INFO ${objectName} ready`],
  });
  return state.objects.put('pods', pod);
}

export function addReplicaSet(
  state: ClusterState,
  component: SimulatedComponent,
  hash: string,
  revision: number,
  replicas: number,
  template: unknown,
  creationTimestamp: string,
): void {
  const { namespace, objectName } = component;
  state.objects.put('replicasets', {
    metadata: {
      name: `${objectName}-${hash}`,
      namespace,
      generation: 1,
      creationTimestamp,
      labels: { app: objectName, 'pod-template-hash': hash },
      annotations: { 'deployment.kubernetes.io/desired-replicas': String(replicas), 'deployment.kubernetes.io/revision': String(revision) },
      ownerReferences: [{ kind: 'Deployment', name: objectName, controller: true }],
    },
    spec: { replicas, selector: { matchLabels: { app: objectName, 'pod-template-hash': hash } }, template },
  });
}

function addClaim(state: ClusterState, component: SimulatedComponent, index: number, creationTimestamp: string): void {
  const { namespace, objectName } = component;
  state.objects.put('persistentvolumeclaims', {
    metadata: {
      name: `data-${objectName}-${index}`,
      namespace,
      creationTimestamp,
      labels: { app: objectName },
      annotations: { 'pv.kubernetes.io/bind-completed': 'yes', 'pv.kubernetes.io/bound-by-controller': 'yes' },
      finalizers: ['kubernetes.io/pvc-protection'],
    },
    spec: {
      accessModes: ['ReadWriteOnce'],
      resources: { requests: { storage: '50Gi' } },
      storageClassName: 'localstorage',
      volumeMode: 'Filesystem',
      volumeName: `local-${namespace}-${objectName}-${index}`,
    },
    status: { phase: 'Bound', accessModes: ['ReadWriteOnce'], capacity: { storage: '50Gi' } },
  });
}

function addService(state: ClusterState, component: SimulatedComponent, blueprint: Blueprint, creationTimestamp: string): void {
  const { namespace, objectName } = component;
  const own = typeof blueprint.service === 'object' ? blueprint.service : undefined;
  const hidden = new Set(blueprint.undeclared ?? []);
  const declared = component.ports.filter((port) => !hidden.has(port));
  const ports = own
    ? [
        { name: 'dns', port: 53, protocol: 'UDP', targetPort: 53 },
        { name: 'dns-tcp', port: 53, protocol: 'TCP', targetPort: 53 },
        { name: 'metrics', port: 9153, protocol: 'TCP', targetPort: 9153 },
      ]
    : declared.map((port) => ({ ...(declared.length > 1 ? { name: `p-${port}` } : {}), port, protocol: 'TCP', targetPort: port }));
  const address = Number.parseInt(digest(`${namespace}/${objectName}`, 4), 16);
  const headless = blueprint.service === 'headless';
  state.objects.put('services', {
    metadata: { name: own?.name ?? objectName, namespace, creationTimestamp, labels: { app: objectName, ...own?.selector } },
    spec: {
      clusterIP: headless ? 'None' : (own?.clusterIP ?? `10.96.${address >> 8 || 1}.${address & 0xff}`),
      ports,
      selector: own?.selector ?? { app: objectName },
      sessionAffinity: 'None',
      type: 'ClusterIP',
      ...(headless ? { publishNotReadyAddresses: true } : {}),
    },
    status: { loadBalancer: {} },
  });
}

/** Addresses of what a component depends on, with passwords where real ones have them. */
function environment(state: ClusterState, component: SimulatedComponent, blueprint: Blueprint): readonly { readonly name: string; readonly value: string }[] {
  const own = Object.entries(blueprint.env ?? {}).map(([name, value]) => ({ name, value }));
  const env: { name: string; value: string }[] = [{ name: 'SERVICE_PASSWORD', value: ENV_PASSWORD }, ...own];
  for (const id of component.dependsOn) {
    const dependency = state.components.get(id);
    const port = dependency?.ports[0];
    if (!dependency || port === undefined || dependency.kind === 'StaticPod' || dependency.objectName === 'coredns') continue;
    const host = `${dependency.objectName}.${dependency.namespace}.svc.cluster.local`;
    const prefix = dependency.objectName.toUpperCase().replaceAll('-', '_');
    // What a redis_exporter is told to watch.
    if (component.objectName === `${dependency.objectName}-exporter` && /redis/.test(dependency.objectName))
      env.push({ name: 'REDIS_ADDR', value: `redis://${host}:${port}` });
    if (port === 3306)
      env.push({ name: 'SPRING_DATASOURCE_URL', value: `jdbc:mysql://${host}:${port}/${component.objectName.replaceAll('-', '_')}?useSSL=false` });
    else if (port === 6379) env.push({ name: `${prefix}_URL`, value: `redis://default:${URL_PASSWORD}@${host}:${port}/0` });
    else if (port === 5432) env.push({ name: `${prefix}_DSN`, value: `postgres://harbor:${URL_PASSWORD}@${host}:${port}/registry?sslmode=disable` });
    else env.push({ name: `${prefix}_ADDRESS`, value: `${host}:${port}` });
  }
  return env;
}

function addConfigMap(state: ClusterState, component: SimulatedComponent, creationTimestamp: string): void {
  const { namespace, objectName } = component;
  if (component.kind === 'StaticPod') return;
  const upstreams = component.dependsOn
    .map((id) => state.components.get(id))
    .filter((each) => each !== undefined && each.kind !== 'StaticPod' && each.objectName !== 'coredns' && each.ports.length > 0)
    .map((each) => `  - ${each?.objectName}.${each?.namespace}:${each?.ports[0]}\n`)
    .join('');
  state.objects.put('configmaps', {
    metadata: { name: `${objectName}-config`, namespace, creationTimestamp, labels: { app: objectName } },
    data:
      objectName === 'coredns'
        ? {
            Corefile:
              '.:53 {\n    errors\n    health\n    ready\n    kubernetes cluster.local in-addr.arpa ip6.arpa {\n       pods insecure\n       fallthrough in-addr.arpa ip6.arpa\n    }\n    prometheus :9153\n    forward . /etc/resolv.conf\n    cache 30\n    loop\n    reload\n    loadbalance\n}\n',
          }
        : {
            'application.yml': `server:\n  name: ${objectName}\nadmin:\n  password: ${CONFIG_MAP_PASSWORD}\n  signing-key: ${ARGUMENT_KEY}\n${upstreams === '' ? '' : `upstreams:\n${upstreams}`}`,
          },
  });
}

/** What reconcile stamped with the time of the start happened long before it. */
function backdate(state: ClusterState, component: SimulatedComponent): void {
  if (component.kind !== 'Deployment') return;
  const deployment = state.objects.must('deployments', component.objectName, component.namespace);
  const at = timestamp(minutesBefore(state.startedAt, CLUSTER_AGE - 5));
  for (const condition of deployment.status?.conditions ?? []) {
    condition.lastTransitionTime = at;
    condition.lastUpdateTime = at;
  }
}
