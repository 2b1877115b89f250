/** Faults of the cluster itself, of a workload's objects, and of the way to the API server. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  API_PORT,
  CommandFailed,
  command,
  connection,
  holdersOf,
  kubeconfigs,
  kubectl,
  labFile,
  MASTER_VIP,
  type Missing,
  NODES,
  type NodeName,
  nodeAddress,
  nodeIptables,
  OPS_ADDRESS,
  onNode,
  read,
  STATE,
} from '../cluster.ts';
import { type Area, type Fault, fault, NOTES } from './fault.ts';
import { type Condition, changedContainer, type Deployment, patch, pods, restoreDeployment, restoreSelector, waiting } from './objects.ts';

const CLUSTER: readonly Area[] = ['cluster'];

export const deploymentScaledToZero = (namespace = 'skiff-apm', name = 'apm-webserver'): Fault =>
  fault({
    id: 'deployment-scaled-to-zero',
    title: `Deployment ${namespace}/${name} is scaled to zero`,
    areas: [`${namespace}/${name}`],
    namespaces: [namespace],
    inject: async () => void (await kubectl(['-n', namespace, 'scale', 'deployment', name, '--replicas=0'])),
    repair: () => restoreDeployment(namespace, name),
    missing: async () => {
      const { status } = await read<Deployment>(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
      const left = (await pods(namespace, name)).length;
      return (status?.availableReplicas ?? 0) === 0 && left === 0 ? undefined : `${left} pods are left`;
    },
  });

export const crashLoop = (namespace = 'skiff-platform', name = 'audit'): Fault =>
  fault({
    id: 'crash-loop',
    title: `The container of ${namespace}/${name} ends at once, over and over`,
    areas: [`${namespace}/${name}`],
    namespaces: [namespace],
    inject: async () => {
      const script = 'echo "FATAL: cannot open database connection: dial tcp: connection refused" >&2; exit 1';
      await changedContainer(namespace, name, { command: ['sh', '-c', script] });
    },
    repair: () => restoreDeployment(namespace, name),
    missing: async () => {
      const found = await pods(namespace, name);
      const crashing = found.some((pod) => waiting(pod) === 'CrashLoopBackOff' && (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) >= 2);
      return crashing ? undefined : `containers wait for ${found.map(waiting).join(', ')}`;
    },
    showsWithinSeconds: 120,
  });

export const imagePull = (namespace = 'skiff-ncs', name = 'harbor-portal'): Fault =>
  fault({
    id: 'image-pull',
    title: `The image of ${namespace}/${name} cannot be pulled`,
    areas: [`${namespace}/${name}`],
    namespaces: [namespace],
    // A name of the lab's own zone, which no DNS server outside is ever asked for.
    inject: async () => void (await changedContainer(namespace, name, { image: `registry.skiff.lab.internal/skiff/${name}:v2.9.1` })),
    repair: () => restoreDeployment(namespace, name),
    missing: async () => {
      const found = await pods(namespace, name);
      return found.some((pod) => waiting(pod) === 'ImagePullBackOff') ? undefined : `containers wait for ${found.map(waiting).join(', ')}`;
    },
    showsWithinSeconds: 120,
  });

export const unschedulablePod = (namespace = 'skiff-ncs', name = 'ncs-webconsole'): Fault =>
  fault({
    id: 'unschedulable-pod',
    title: `The pod of ${namespace}/${name} asks for a node that does not exist`,
    areas: [`${namespace}/${name}`],
    namespaces: [namespace],
    inject: async () => {
      const wish = { spec: { template: { spec: { nodeSelector: { 'skiff.netease.com/disk': 'ssd' } } } } };
      await patch('deployment', namespace, name, wish);
    },
    repair: () => restoreDeployment(namespace, name),
    missing: async () => {
      const found = await pods(namespace, name);
      const conditions = found.flatMap((pod) => pod.status?.conditions ?? []);
      return conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable') && found.length === 1
        ? undefined
        : `${found.length} pods, none of them is called unschedulable alone`;
    },
  });

export const serviceSelectorMatchesNothing = (namespace = 'skiff-platform', name = 'platform-user-auth'): Fault =>
  fault({
    id: 'service-selector-matches-nothing',
    title: `The selector of Service ${namespace}/${name} matches no pod`,
    areas: [`${namespace}/${name}`],
    namespaces: [namespace],
    inject: async () => void (await patch('service', namespace, name, { spec: { selector: { app: `${name}-v2` } } })),
    repair: () => restoreSelector(namespace, name),
    missing: async () => {
      const { subsets } = await read<{ subsets?: readonly unknown[] }>(`/api/v1/namespaces/${namespace}/endpoints/${name}`);
      return (subsets ?? []).length === 0 ? undefined : 'the Service still has endpoints';
    },
  });

const nodeIsUnknown = async (node: NodeName, through: NodeName): Promise<Missing> => {
  const { status } = await read<{ status?: { conditions?: readonly Condition[] } }>(`/api/v1/nodes/${node}`, { through });
  const ready = status?.conditions?.find(({ type }) => type === 'Ready');
  return ready?.status === 'Unknown' ? undefined : `${node} is Ready ${ready?.status ?? '?'}`;
};

/** Starts the kubelet unless it runs, with the flags that it always has. */
const startKubelet = async (node: NodeName) => {
  await onNode(node, ['pkill', '-CONT', '-x', 'kubelet']).catch(() => {}); // pkill ends with 1 when there is none
  await command(labFile('node/kubelet.sh'), [node]);
};

// The pods of a lost node are evicted after 300 s; that would be another, larger fault.
const BEFORE_EVICTION = 240;

export const kubeletStopped = (node: NodeName = 'node3'): Fault =>
  fault({
    id: 'kubelet-stopped',
    title: `The kubelet of ${node} does not run`,
    areas: CLUSTER,
    namespaces: ['kube-system', 'skiff-apm'],
    limitSeconds: BEFORE_EVICTION,
    inject: async () => void (await onNode(node, ['pkill', '-KILL', '-x', 'kubelet'])),
    repair: () => startKubelet(node),
    missing: () => nodeIsUnknown(node, 'node1'),
  });

export const kubeletHangs = (node: NodeName = 'node2'): Fault =>
  fault({
    id: 'kubelet-hangs',
    title: `The kubelet of ${node} hangs: its port accepts, nothing answers`,
    areas: CLUSTER,
    namespaces: ['kube-system', 'skiff-apm'],
    limitSeconds: BEFORE_EVICTION,
    inject: async () => void (await onNode(node, ['pkill', '-STOP', '-x', 'kubelet'])),
    repair: () => startKubelet(node),
    missing: () => nodeIsUnknown(node, 'node1'),
  });

/** A static pod ends when its manifest goes and starts when it comes back. The manifest waits beside the directory that the kubelet watches. */
const manifestOf = (node: NodeName, component: string) => ({
  here: `/etc/kubernetes/manifests/${component}.json`,
  away: `/etc/kubernetes/${component}.json.away`,
  move: (from: string, to: string) => onNode(node, ['mv', '-f', from, to]),
});
const removeStaticPod = async (node: NodeName, component: string) => {
  const { here, away, move } = manifestOf(node, component);
  await move(here, away);
};
const bringStaticPodBack = async (node: NodeName, component: string) => {
  const { here, away, move } = manifestOf(node, component);
  if (existsSync(`${STATE}/nodes/${node}/etc-kubernetes/${component}.json.away`)) await move(away, here);
};

export const oneApiServerDown = (node: NodeName = 'node2'): Fault =>
  fault({
    id: 'one-apiserver-down',
    title: `The API server of ${node} is down; the kubeconfig points to another one`,
    areas: CLUSTER,
    namespaces: ['kube-system', 'default'],
    limitSeconds: BEFORE_EVICTION,
    inject: () => removeStaticPod(node, 'kube-apiserver'),
    repair: () => bringStaticPodBack(node, 'kube-apiserver'),
    missing: async () => {
      const tcp = await connection(nodeAddress(node), API_PORT);
      if (tcp !== 'refused') return `a connection to ${nodeAddress(node)} is ${tcp}`;
      // A master's kubelet talks to its own API server: the node is lost with it.
      return nodeIsUnknown(node, 'node1');
    },
    showsWithinSeconds: 120,
  });

export const apiServerKilled = (): Fault =>
  fault({
    id: 'apiserver-killed',
    title: 'The API server that the kubeconfig points to is down (node1); the VIP moves to another one',
    areas: CLUSTER,
    namespaces: ['kube-system', 'default'],
    through: 'node2',
    limitSeconds: BEFORE_EVICTION,
    inject: () => removeStaticPod('node1', 'kube-apiserver'),
    repair: () => bringStaticPodBack('node1', 'kube-apiserver'),
    missing: async () => {
      const tcp = await connection(nodeAddress('node1'), API_PORT);
      if (tcp !== 'refused') return `a connection to ${nodeAddress('node1')} is ${tcp}`;
      const holders = await holdersOf(MASTER_VIP);
      return holders.length === 1 && holders[0] !== 'node1' ? undefined : `the VIP is held by ${holders.join(' and ') || 'nobody'}`;
    },
    showsWithinSeconds: 120,
  });

interface Lease {
  readonly spec?: { readonly renewTime?: string; readonly leaseDurationSeconds?: number };
}

export const schedulerWithoutLeader = (): Fault =>
  fault({
    id: 'scheduler-without-leader',
    title: 'All three kube-schedulers hang: their pods are Ready, their lock is stale',
    areas: CLUSTER,
    namespaces: ['kube-system'],
    // After about 200 s their liveness probes fail for good and the kubelets start them anew.
    limitSeconds: 170,
    inject: async () => void (await Promise.all(NODES.map((node) => onNode(node, ['pkill', '-STOP', '-x', 'kube-scheduler'])))),
    // A scheduler that was replaced meanwhile does not mind being told to go on.
    repair: async () => {
      await Promise.all(NODES.map((node) => onNode(node, ['pkill', '-CONT', '-x', 'kube-scheduler']).catch(ignoreNoProcess)));
    },
    missing: async () => {
      const { spec } = await read<Lease>('/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-scheduler');
      const age = (Date.now() - Date.parse(spec?.renewTime ?? '')) / 1000;
      return age > (spec?.leaseDurationSeconds ?? 15) ? undefined : `the lease was renewed ${age.toFixed(0)} s ago`;
    },
  });

/** pkill ends with 1 when no process has the name. */
function ignoreNoProcess(error: unknown): string {
  if (error instanceof CommandFailed && error.stderr === '') return '';
  throw error;
}

const FIREWALL = ['INPUT', '-s', OPS_ADDRESS, '-p', 'tcp', '--dport', String(API_PORT), '-m', 'comment', '--comment', 'skiff lab fault', '-j', 'DROP'];

export const apiServerFirewalled = (node: NodeName = 'node1'): Fault =>
  fault({
    id: 'apiserver-firewalled',
    title: `${node} drops every packet from the operator's laptop to the API server`,
    areas: CLUSTER,
    namespaces: ['kube-system'],
    through: 'node2',
    inject: async () => void (await nodeIptables(node, ['-I', ...FIREWALL])),
    repair: async () => {
      // -C asks whether the rule is there: deleting until it is gone also undoes an injection that ran twice
      for (let i = 0; i < 10; i++) {
        try {
          await nodeIptables(node, ['-C', ...FIREWALL]);
        } catch {
          return;
        }
        await nodeIptables(node, ['-D', ...FIREWALL]);
      }
    },
    missing: async () => {
      const tcp = await connection(nodeAddress(node), API_PORT);
      return tcp === 'no answer' ? undefined : `a connection to ${nodeAddress(node)} is ${tcp}`;
    },
  });

const FOREIGN = { directory: `${NOTES}/foreign-certificate`, port: 16443, pid: `${NOTES}/foreign-certificate/pid` };

function endForeignListener(): void {
  try {
    const pid = Number(readFileSync(FOREIGN.pid, 'utf8'));
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`s_server\0-accept\0${OPS_ADDRESS}:${FOREIGN.port}`)) process.kill(pid, 'SIGKILL');
  } catch {
    // there is none
  }
}

export const apiServerForeignCertificate = (): Fault =>
  fault({
    id: 'apiserver-foreign-certificate',
    title: 'At the address in the kubeconfig answers a server whose certificate another CA has signed',
    areas: CLUSTER,
    namespaces: [],
    kubeconfig: `${FOREIGN.directory}/kubeconfig`,
    inject: async () => {
      const file = (name: string) => `${FOREIGN.directory}/${name}`;
      mkdirSync(FOREIGN.directory, { recursive: true, mode: 0o700 });
      const subject = ['-subj', '/CN=kube-apiserver', '-addext', `subjectAltName=IP:${OPS_ADDRESS}`];
      const ca = ['-CA', `${STATE}/pki/front-proxy-ca.crt`, '-CAkey', `${STATE}/pki/front-proxy-ca.key`];
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('tls.key')];
      await command('openssl', ['req', '-x509', ...ca, ...key, ...subject, '-days', '2', '-out', file('tls.crt')]);
      const listen = ['s_server', '-accept', `${OPS_ADDRESS}:${FOREIGN.port}`, '-cert', file('tls.crt'), '-key', file('tls.key'), '-www', '-quiet'];
      const server = spawn('openssl', listen, { detached: true, stdio: 'ignore' });
      server.unref();
      writeFileSync(FOREIGN.pid, String(server.pid));
      const config = readFileSync(kubeconfigs.doctor, 'utf8').replace(/https:\/\/[0-9.]+:6443/, `https://${OPS_ADDRESS}:${FOREIGN.port}`);
      writeFileSync(file('kubeconfig'), config, { mode: 0o600 });
    },
    repair: async () => {
      endForeignListener();
      rmSync(FOREIGN.directory, { recursive: true, force: true });
    },
    missing: async () => {
      const tcp = await connection(OPS_ADDRESS, FOREIGN.port);
      return tcp === 'accepted' ? undefined : `a connection to the listener is ${tcp}`;
    },
  });

/** What the API server answers to a harmless read with a kubeconfig. */
async function refusal(kubeconfig: string): Promise<string> {
  try {
    await kubectl(['get', '--raw', '/api/v1/namespaces/kube-system/pods?limit=1'], { kubeconfig });
    return 'allowed';
  } catch (error) {
    return error instanceof CommandFailed ? error.stderr.trim() : String(error);
  }
}

export const unauthorized = (): Fault =>
  fault({
    id: 'unauthorized',
    title: 'The API server does not know the certificate in the kubeconfig',
    areas: CLUSTER,
    namespaces: [],
    kubeconfig: kubeconfigs.stranger,
    inject: async () => {},
    repair: async () => {},
    missing: async () => {
      const answer = await refusal(kubeconfigs.stranger);
      return /must be logged in|Unauthorized/.test(answer) ? undefined : answer;
    },
  });

const NOBODY = { user: 'skiff-nobody', directory: `${NOTES}/forbidden` };

export const forbidden = (): Fault =>
  fault({
    id: 'forbidden',
    title: 'The API server knows the person in the kubeconfig, who may not do anything',
    areas: CLUSTER,
    namespaces: [],
    kubeconfig: `${NOBODY.directory}/kubeconfig`,
    inject: async () => {
      const file = (name: string) => `${NOBODY.directory}/${name}`;
      mkdirSync(NOBODY.directory, { recursive: true, mode: 0o700 });
      const ca = ['-CA', `${STATE}/pki/ca.crt`, '-CAkey', `${STATE}/pki/ca.key`];
      const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file('key')];
      const usage = ['-addext', 'extendedKeyUsage=clientAuth', '-addext', 'basicConstraints=critical,CA:FALSE'];
      await command('openssl', ['req', '-x509', ...ca, ...key, '-subj', `/CN=${NOBODY.user}`, ...usage, '-days', '2', '-out', file('crt')]);
      const config = JSON.parse(readFileSync(kubeconfigs.doctor, 'utf8')) as { users: { user: Record<string, string> }[] };
      for (const { user } of config.users) {
        user['client-certificate-data'] = readFileSync(file('crt')).toString('base64');
        user['client-key-data'] = readFileSync(file('key')).toString('base64');
      }
      writeFileSync(file('kubeconfig'), JSON.stringify(config), { mode: 0o600 });
    },
    repair: async () => rmSync(NOBODY.directory, { recursive: true, force: true }),
    missing: async () => {
      const answer = await refusal(`${NOBODY.directory}/kubeconfig`);
      return answer.includes('forbidden') ? undefined : answer;
    },
  });
