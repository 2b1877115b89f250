/**
 * Faults that a test puts into the lab and takes out again. A fault that is in leaves a note in /run/skifflab/faults, and a guard process repairs
 * it when its time is up, even when the test that put it in is gone by then. Repairs need nothing from the injection: they restore what the lab's
 * own manifests say, so each can be run at any time and any number of times.
 *
 * By hand: node test/lab/faults.ts list | inject ID | settled ID | repair ID | repair-all | record ID DIRECTORY
 */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  API_PORT,
  CommandFailed,
  command,
  connection,
  healthy,
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
  RUN,
  read,
  STATE,
  until,
} from './cluster.ts';

export interface Fault {
  readonly id: string;
  readonly title: string;
  /** The kubeconfig to look at the cluster with while the fault is in: for faults of the way to the API server it is part of the fault. */
  readonly kubeconfig: string;
  /** The API server that still answers while the fault is in, for a test that wants to look behind it. */
  readonly through: NodeName;
  /** After this many seconds the guard repairs the fault by itself. */
  readonly limitSeconds: number;
  /** The namespaces whose objects show the fault. */
  readonly namespaces: readonly string[];
  /** Puts the fault in. When that fails half way, it repairs what it did and throws. */
  inject(): Promise<void>;
  /** Takes the fault out. Safe to repeat, and safe when the fault was never in. */
  repair(): Promise<void>;
  /**
   * While the fault is in: waits until the API shows it. After the repair: waits until the lab is healthy again. Bounded. Returns the ms it took.
   */
  settled(): Promise<number>;
}

interface Recipe {
  readonly id: string;
  readonly title: string;
  readonly kubeconfig?: string;
  readonly through?: NodeName;
  readonly limitSeconds?: number;
  readonly namespaces: readonly string[];
  readonly inject: () => Promise<void>;
  readonly repair: () => Promise<void>;
  /** What is still missing until the fault shows, or undefined when it shows. */
  readonly missing: () => Promise<Missing>;
  readonly showsWithinSeconds?: number;
  readonly healsWithinSeconds?: number;
}

const NOTES = `${RUN}/faults`;
interface Note {
  readonly since: string;
  readonly guard?: number;
}
const noteOf = (id: string): string => `${NOTES}/${id}.json`;
const readNote = (id: string): Note | undefined => (existsSync(noteOf(id)) ? (JSON.parse(readFileSync(noteOf(id), 'utf8')) as Note) : undefined);

/** The ids of the faults that are in now, or were when their test died. */
export function faultsThatAreIn(): string[] {
  if (!existsSync(NOTES)) return [];
  return readdirSync(NOTES).flatMap((name) => (name.endsWith('.json') ? [name.slice(0, -'.json'.length)] : []));
}

function startGuard(id: string, seconds: number, since: string): number | undefined {
  const args = [fileURLToPath(import.meta.url), 'guard', id, String(seconds), since];
  const guard = spawn(process.execPath, args, { detached: true, stdio: 'ignore' });
  guard.unref();
  return guard.pid;
}

/** Ends a guard, after making sure that the process with this id still is one. */
function endGuard(id: string, pid: number | undefined): void {
  if (pid === undefined || pid === process.pid) return;
  try {
    if (readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`faults.ts\0guard\0${id}\0`)) process.kill(pid, 'SIGKILL');
  } catch {
    // it is gone already
  }
}

function fault(recipe: Recipe): Fault {
  const { id, title, namespaces } = recipe;
  const limitSeconds = recipe.limitSeconds ?? 240;
  const repair = async () => {
    await recipe.repair();
    endGuard(id, readNote(id)?.guard);
    rmSync(noteOf(id), { force: true });
  };
  return {
    id,
    title,
    namespaces,
    limitSeconds,
    kubeconfig: recipe.kubeconfig ?? kubeconfigs.doctor,
    through: recipe.through ?? 'node1',
    repair,
    async inject() {
      const others = faultsThatAreIn();
      if (others.length > 0) throw new Error(`fault ${others.join(', ')} is in already: one at a time`);
      const since = new Date().toISOString();
      mkdirSync(NOTES, { recursive: true });
      writeFileSync(noteOf(id), JSON.stringify({ since }));
      const guard = startGuard(id, limitSeconds, since);
      writeFileSync(noteOf(id), JSON.stringify({ since, guard }));
      try {
        await recipe.inject();
      } catch (error) {
        await repair().catch((second: unknown) => {
          throw new AggregateError([error, second], `fault ${id} could neither be injected nor repaired`, { cause: error });
        });
        throw error;
      }
    },
    settled: () =>
      existsSync(noteOf(id)) ? until(`fault ${id} to show`, recipe.showsWithinSeconds ?? 90, recipe.missing) : healthy(recipe.healsWithinSeconds ?? 180),
  };
}

/** Puts a fault in, waits until it shows, runs the body, takes the fault out and waits until the lab is healthy, whatever happened. */
export async function withFault<T>(wanted: Fault, body: () => Promise<T>): Promise<T> {
  try {
    await wanted.inject();
    await wanted.settled();
    return await body();
  } finally {
    await wanted.repair();
    await wanted.settled();
  }
}

// The API objects as far as this file reads them.

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}
interface Pod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly deletionTimestamp?: string };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly {
      readonly restartCount: number;
      readonly state?: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
    }[];
  };
}
interface Deployment {
  readonly status?: { readonly availableReplicas?: number; readonly replicas?: number };
}
interface Declared {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly spec: { readonly selector?: unknown };
}
interface List<T> {
  readonly items: readonly T[];
}

/** A component's pods, without those that are being deleted: their objects stay until the kubelet's collector comes by, for up to a minute. */
async function pods(namespace: string, app: string): Promise<readonly Pod[]> {
  const { items } = await read<List<Pod>>(`/api/v1/namespaces/${namespace}/pods?labelSelector=app%3D${app}`);
  return items.filter((pod) => pod.metadata.deletionTimestamp === undefined);
}

const waiting = (pod: Pod) => pod.status?.containerStatuses?.map((container) => container.state?.waiting?.reason).find((reason) => reason !== undefined);

/** An object as the lab's manifests have it. */
function declared(kind: string, namespace: string, name: string): Declared {
  for (const file of readdirSync(`${STATE}/manifests`).filter((each) => each.endsWith('.json'))) {
    const { items } = JSON.parse(readFileSync(`${STATE}/manifests/${file}`, 'utf8')) as List<Declared>;
    const found = items.find((item) => item.kind === kind && item.metadata.namespace === namespace && item.metadata.name === name);
    if (found !== undefined) return found;
  }
  throw new Error(`the lab's manifests have no ${kind} ${namespace}/${name}`);
}

/** Writes a Deployment back as it is declared. Replacing, not applying: applying leaves what somebody else has added. */
async function restoreDeployment(namespace: string, name: string): Promise<void> {
  await kubectl(['replace', '--save-config', '-f', '-'], { input: JSON.stringify(declared('Deployment', namespace, name)) });
}

/** A Service keeps the address that the server chose and that no manifest has, so only what selects is written back. */
async function restoreSelector(namespace: string, name: string): Promise<void> {
  const { selector } = declared('Service', namespace, name).spec;
  const change = [{ op: 'replace', path: '/spec/selector', value: selector }];
  await kubectl(['-n', namespace, 'patch', 'service', name, '--type=json', '-p', JSON.stringify(change)]);
}

const patch = (kind: string, namespace: string, name: string, change: object) =>
  kubectl(['-n', namespace, 'patch', kind, name, '--type=strategic', '-p', JSON.stringify(change)]);

/** A change of a Deployment's container, which its own controller rolls out. */
const changedContainer = (namespace: string, name: string, change: object) =>
  patch('deployment', namespace, name, { spec: { template: { spec: { containers: [{ name, ...change }] } } } });

export const deploymentScaledToZero = (namespace = 'skiff-apm', name = 'apm-webserver'): Fault =>
  fault({
    id: 'deployment-scaled-to-zero',
    title: `Deployment ${namespace}/${name} is scaled to zero`,
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

/** Every fault with its usual subject. */
export const faults: readonly Fault[] = [
  deploymentScaledToZero(),
  crashLoop(),
  imagePull(),
  unschedulablePod(),
  serviceSelectorMatchesNothing(),
  kubeletStopped(),
  kubeletHangs(),
  oneApiServerDown(),
  apiServerKilled(),
  schedulerWithoutLeader(),
  apiServerFirewalled(),
  apiServerForeignCertificate(),
  unauthorized(),
  forbidden(),
];

const faultById = (id: string | undefined): Fault => {
  const found = faults.find((each) => each.id === id);
  if (found === undefined) throw new Error(`no fault "${id ?? ''}": ${faults.map((each) => each.id).join(', ')}`);
  return found;
};

/** Repairs what a test that died has left behind. Returns the ids. */
export async function repairLeftovers(): Promise<string[]> {
  const left = faultsThatAreIn();
  for (const id of left) await faultById(id).repair();
  return left;
}

/** Saves the API's answers that show the present state of the cluster, one JSON file each: what fixtures are made from. */
export async function record(wanted: Fault, directory: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  const save = async (name: string, path: string) => {
    const answer = await kubectl(['get', '--raw', path], { through: wanted.through }).catch((error: unknown) => String(error));
    let text = answer;
    try {
      text = JSON.stringify(JSON.parse(answer), null, 1);
    } catch {
      // not JSON: kept as it came
    }
    writeFileSync(`${directory}/${name}.json`, `${text}\n`);
  };
  await save('nodes', '/api/v1/nodes');
  await save('leases.kube-system', '/apis/coordination.k8s.io/v1/namespaces/kube-system/leases');
  await save('leases.kube-node-lease', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases');
  await save('endpoints.default', '/api/v1/namespaces/default/endpoints');
  await save('componentstatuses', '/api/v1/componentstatuses');
  for (const namespace of new Set(['kube-system', ...wanted.namespaces])) {
    for (const kind of ['pods', 'services', 'endpoints', 'events']) await save(`${kind}.${namespace}`, `/api/v1/namespaces/${namespace}/${kind}`);
    for (const kind of ['deployments', 'statefulsets', 'daemonsets', 'replicasets']) {
      await save(`${kind}.${namespace}`, `/apis/apps/v1/namespaces/${namespace}/${kind}`);
    }
  }
  // How the way to the API server looks from outside, with the kubeconfig that belongs to the fault.
  const outside = await kubectl(['get', '--raw', '/api/v1/namespaces/kube-system/pods?limit=1'], {
    kubeconfig: wanted.kubeconfig,
    timeoutMs: 8000,
  }).catch((error: unknown) => (error instanceof CommandFailed ? error.message : String(error)));
  writeFileSync(`${directory}/outside.txt`, `${outside.slice(0, 4000)}\n`);
}

async function main([verb, id, ...rest]: readonly string[]): Promise<void> {
  const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
  switch (verb) {
    case 'list':
      for (const each of faults) console.log(`${each.id.padEnd(34)}${each.title}`);
      return;
    case 'inject':
      return faultById(id).inject();
    case 'repair':
      return faultById(id).repair();
    case 'settled':
      console.log(seconds(await faultById(id).settled()));
      return;
    case 'repair-all':
      for (const left of await repairLeftovers()) console.log(`repaired ${left}`);
      return;
    case 'record': {
      const wanted = faultById(id);
      const directory = rest[0] ?? '/tmp';
      try {
        await wanted.inject();
        console.log(`${wanted.id}: shows after ${seconds(await wanted.settled())}`);
        await record(wanted, directory);
      } finally {
        await wanted.repair();
        console.log(`${wanted.id}: healthy again after ${seconds(await wanted.settled())}`);
      }
      return;
    }
    case 'guard': {
      const [limit, since] = rest;
      await new Promise((resolve) => setTimeout(resolve, Number(limit) * 1000));
      // The note has another time when the fault was repaired and put in again: that one has a guard of its own.
      if (id !== undefined && readNote(id)?.since === since) await faultById(id).repair();
      return;
    }
    default:
      throw new Error('node test/lab/faults.ts list | inject ID | settled ID | repair ID | repair-all | record ID DIRECTORY');
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main(process.argv.slice(2));
