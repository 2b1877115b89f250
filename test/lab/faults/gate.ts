/** What keeps a cluster from being upgraded while nothing is broken yet: faults for the command that says whether it may be. */
import { kubectl, type Missing, NODES, type NodeName, read } from '../cluster.ts';
import { type Fault, fault } from './fault.ts';
import { type Condition, crashing, declared, notCrashing, patch, pods, restore, restoreDeployment } from './objects.ts';

const apply = (object: object): Promise<string> => kubectl(['apply', '-f', '-'], { input: JSON.stringify(object) });

export const corednsSingleReplica = (): Fault =>
  fault({
    id: 'coredns-single-replica',
    title: 'coredns has one replica',
    areas: ['kube-system/coredns'],
    namespaces: ['kube-system'],
    inject: async () => void (await kubectl(['-n', 'kube-system', 'scale', 'deployment', 'coredns', '--replicas=1'])),
    repair: () => restoreDeployment('kube-system', 'coredns'),
    missing: async () => {
      const found = await pods('kube-system', 'coredns');
      return found.length === 1 ? undefined : `${found.length} pods`;
    },
  });

const GUARDED = { namespace: 'skiff-platform', name: 'platform-user-auth' } as const;
interface Budget {
  readonly status?: { readonly disruptionsAllowed?: number; readonly expectedPods?: number };
}
export const pdbAllowsNothing = (): Fault =>
  fault({
    id: 'pdb-allows-nothing',
    title: `A PodDisruptionBudget of ${GUARDED.name} wants all of its pods: no node with one of them can be drained`,
    areas: [`${GUARDED.namespace}/${GUARDED.name}`],
    namespaces: [GUARDED.namespace],
    inject: async () => {
      const spec = { minAvailable: 2, selector: { matchLabels: { app: GUARDED.name } } };
      await apply({ apiVersion: 'policy/v1beta1', kind: 'PodDisruptionBudget', metadata: { namespace: GUARDED.namespace, name: GUARDED.name }, spec });
    },
    repair: async () => void (await kubectl(['-n', GUARDED.namespace, 'delete', 'poddisruptionbudget', GUARDED.name, '--ignore-not-found'])),
    missing: async () => {
      const { status } = await read<Budget>(`/apis/policy/v1beta1/namespaces/${GUARDED.namespace}/poddisruptionbudgets/${GUARDED.name}`);
      return status?.expectedPods === 2 && status.disruptionsAllowed === 0 ? undefined : `it allows ${status?.disruptionsAllowed ?? 'an unknown number'}`;
    },
  });

const WEBHOOK = { namespace: 'kube-system', name: 'localstorage-webhook' } as const;
/** What the API server says to a new claim that is only tried. */
async function claimRefused(): Promise<string | undefined> {
  const spec = { accessModes: ['ReadWriteOnce'], storageClassName: 'localstorage', resources: { requests: { storage: '1Mi' } } };
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { namespace: 'skiff-cicd', name: 'lab-fault' }, spec };
  try {
    await kubectl(['create', '--dry-run=server', '-f', '-'], { input: JSON.stringify(claim) });
    return undefined;
  } catch (error) {
    return String(error);
  }
}
export const webhookDead = (): Fault =>
  fault({
    id: 'webhook-dead',
    title: `${WEBHOOK.name} ends over and over, and nothing that it has to be asked for is taken any more`,
    areas: [`${WEBHOOK.namespace}/${WEBHOOK.name}`],
    namespaces: [WEBHOOK.namespace],
    inject: async () => void (await crashing(WEBHOOK.namespace, WEBHOOK.name, 'panic: open /tls/tls.crt: no such file or directory')),
    repair: () => restoreDeployment(WEBHOOK.namespace, WEBHOOK.name),
    missing: async () => {
      const refused = await claimRefused();
      if (refused === undefined) return 'a claim is taken';
      return refused.includes('failed calling webhook') ? notCrashing(WEBHOOK.namespace, WEBHOOK.name) : refused;
    },
    left: async () => claimRefused(),
    showsWithinSeconds: 180,
  });

const OLD = { namespace: 'skiff-cicd', name: 'old-entry' } as const;
/** As somebody's chart has it still. 1.22 takes it no more. */
const OLD_INGRESS = {
  apiVersion: 'networking.k8s.io/v1beta1',
  kind: 'Ingress',
  metadata: { annotations: {}, ...OLD },
  spec: { rules: [{ host: 'cicd.skiff.lab.internal', http: { paths: [{ path: '/', backend: { serviceName: 'cicd-server', servicePort: 8080 } }] } }] },
};
const INGRESSES = `/apis/networking.k8s.io/v1/namespaces/${OLD.namespace}/ingresses`;
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
export const removedApiInUse = (): Fault =>
  fault({
    id: 'removed-api-in-use',
    title: 'An Ingress was applied last as networking.k8s.io/v1beta1, which 1.22 does not have any more',
    areas: [`${OLD.namespace}/${OLD.name}`],
    namespaces: [OLD.namespace],
    // Through the new version with the mark of the old one: the API servers count requests for old versions, and forget them only when they start anew.
    inject: async () => {
      const backend = { service: { name: 'cicd-server', port: { number: 8080 } } };
      const rules = [{ host: 'cicd.skiff.lab.internal', http: { paths: [{ path: '/', pathType: 'Prefix', backend }] } }];
      const metadata = { ...OLD, annotations: { [LAST_APPLIED]: `${JSON.stringify(OLD_INGRESS)}\n` } };
      const object = { apiVersion: 'networking.k8s.io/v1', kind: 'Ingress', metadata, spec: { ingressClassName: 'nginx', rules } };
      // Raw: kubectl would write what was applied last itself.
      await kubectl(['create', '--raw', INGRESSES, '-f', '-'], { input: JSON.stringify(object) });
    },
    repair: async () => void (await kubectl(['-n', OLD.namespace, 'delete', 'ingress', OLD.name, '--ignore-not-found'])),
    missing: async () => {
      const { metadata } = await read<{ metadata: { annotations?: Readonly<Record<string, string>> } }>(`${INGRESSES}/${OLD.name}`);
      return metadata.annotations?.[LAST_APPLIED]?.includes('v1beta1') === true ? undefined : 'the Ingress does not say how it was applied';
    },
  });

const VIP = { namespace: 'kube-system', name: 'keepalived-ingress', left: 'node1' } as const;
export const vipOneHolderLeft = (): Fault =>
  fault({
    id: 'vip-one-holder-left',
    title: `${VIP.name} runs on ${VIP.left} alone: nobody would take its address over`,
    areas: [`${VIP.namespace}/${VIP.name}`],
    namespaces: [VIP.namespace],
    inject: async () => {
      await patch('daemonset', VIP.namespace, VIP.name, { spec: { template: { spec: { nodeSelector: { 'kubernetes.io/hostname': VIP.left } } } } });
    },
    repair: () => restore('DaemonSet', VIP.namespace, VIP.name),
    missing: () => notRunningOn([VIP.left]),
    left: () => notRunningOn(NODES),
  });
async function notRunningOn(wanted: readonly NodeName[]): Promise<Missing> {
  const found = (await pods(VIP.namespace, VIP.name)).filter((pod) => isReady(pod.status?.conditions));
  const on = found.flatMap(({ spec }) => spec.nodeName ?? []).sort();
  return String(on) === String(wanted) ? undefined : `${VIP.name} runs on ${on.join(', ') || 'no node'}`;
}
const isReady = (conditions: readonly Condition[] = []) => conditions.some(({ type, status }) => type === 'Ready' && status === 'True');

/** In no namespace of the product: what takes the room is nobody's component. */
const BALLAST = { namespace: 'default', name: 'ballast' } as const;
/** Of the memory of a node what its pods do not ask for already is taken but for this. */
const ROOM_MIB = 256;
const PER_NODE = 3;

interface NodeObject {
  readonly metadata: { readonly name: NodeName };
  readonly status: { readonly allocatable: { readonly memory: string } };
}
interface PodRequests {
  readonly metadata: { readonly namespace: string; readonly name: string };
  readonly spec: {
    readonly nodeName?: NodeName;
    readonly containers: readonly { readonly resources?: { readonly requests?: { readonly memory?: string } } }[];
  };
}
const mib = (quantity = '0'): number => {
  const [, number = '0', unit = ''] = /^(\d+)(\w*)$/.exec(quantity) ?? [];
  return Number(number) * ({ Ki: 1 / 1024, Mi: 1, Gi: 1024 }[unit] ?? 1 / (1024 * 1024));
};
/** The memory in MiB that a node could still promise, for the node that has the least. */
async function leastRoom(): Promise<number> {
  const [{ items: nodes }, { items: all }] = await Promise.all([
    read<{ items: readonly NodeObject[] }>('/api/v1/nodes'),
    read<{ items: readonly PodRequests[] }>('/api/v1/pods?fieldSelector=status.phase%3DRunning'),
  ]);
  const rooms = nodes.map(({ metadata, status }) => {
    const promised = all
      .filter(({ spec }) => spec.nodeName === metadata.name)
      .flatMap(({ spec }) => spec.containers.map(({ resources }) => mib(resources?.requests?.memory)));
    return mib(status.allocatable.memory) - promised.reduce((sum, each) => sum + each, 0);
  });
  return Math.floor(Math.min(...rooms));
}

export const nodeWithoutHeadroom = (): Fault =>
  fault({
    id: 'node-without-headroom',
    title: 'Pods that do nothing ask for all memory: those of a node that is drained find no place on the others',
    areas: ['default/ballast'],
    namespaces: [BALLAST.namespace],
    inject: async () => {
      const { image, volumeMounts, volumes } = sleeper();
      const size = Math.floor(((await leastRoom()) - ROOM_MIB) / PER_NODE);
      const labels = { app: BALLAST.name };
      const container = {
        name: 'sleep',
        image,
        imagePullPolicy: 'IfNotPresent',
        command: ['sleep', 'infinity'],
        volumeMounts,
        resources: { requests: { memory: `${size}Mi` } },
      };
      const topologySpreadConstraints = [
        { maxSkew: 1, topologyKey: 'kubernetes.io/hostname', whenUnsatisfiable: 'DoNotSchedule', labelSelector: { matchLabels: labels } },
      ];
      const spec = { terminationGracePeriodSeconds: 0, automountServiceAccountToken: false, topologySpreadConstraints, containers: [container], volumes };
      const template = { metadata: { labels }, spec };
      await apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: BALLAST,
        spec: { replicas: PER_NODE * NODES.length, selector: { matchLabels: labels }, template },
      });
    },
    repair: async () => void (await kubectl(['-n', BALLAST.namespace, 'delete', 'deployment', BALLAST.name, '--ignore-not-found'])),
    missing: async () => {
      const found = await pods(BALLAST.namespace, BALLAST.name);
      const ready = found.filter((pod) => isReady(pod.status?.conditions));
      return ready.length === PER_NODE * NODES.length ? undefined : `${ready.length} of them run`;
    },
    left: async () => {
      const found = await pods(BALLAST.namespace, BALLAST.name);
      return found.length === 0 ? undefined : `${found.length} of them are left`;
    },
  });

interface Template {
  readonly template: {
    readonly spec: {
      readonly containers: readonly { readonly image: string; readonly volumeMounts: readonly object[] }[];
      readonly volumes: readonly object[];
    };
  };
}
/** The pods' image is empty and takes its programs from the node: what another workload has mounted for that. */
function sleeper() {
  const { template } = declared('Deployment', 'skiff-ncs', 'ncs-cloud-shell').spec as unknown as Template;
  const [container] = template.spec.containers;
  if (container === undefined) throw new Error('ncs-cloud-shell has no container');
  return { image: container.image, volumeMounts: container.volumeMounts, volumes: template.spec.volumes };
}
