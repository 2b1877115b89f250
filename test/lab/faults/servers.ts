/** The servers in the pods, seen from the nodes: their addresses, their processes, their files. */
import { CommandFailed, kubectl, type NodeName, onNode } from '../cluster.ts';
import { type Pod, pods } from './objects.ts';

export interface Server {
  readonly pod: string;
  readonly namespace: string;
  readonly uid: string;
  readonly node: NodeName;
  readonly address: string;
  /** The id of its first container; none while that is being made. */
  readonly container: string | undefined;
}

function server({ metadata, spec, status }: Pod): Server {
  const { name: pod, namespace, uid } = metadata;
  const { nodeName: node } = spec;
  const address = status?.podIP;
  if (node === undefined || address === undefined) throw new Error(`pod ${namespace}/${pod} has no node or no address yet`);
  return { pod, namespace, uid, node, address, container: status?.containerStatuses?.[0]?.containerID?.replace('containerd://', '') };
}

/** A workload's pods by their names, those of a StatefulSet in the order of their numbers. Throws when there are not as many as wanted. */
export async function servers(namespace: string, app: string, wanted: number): Promise<readonly Server[]> {
  const found = (await pods(namespace, app)).map(server).sort((a, b) => a.pod.localeCompare(b.pod));
  if (found.length !== wanted) throw new Error(`${namespace}/${app} has ${found.length} of ${wanted} pods`);
  return found;
}

/** Deletes pods, for their controller to make new ones. */
export async function replacePods(namespace: string, labels: string): Promise<void> {
  await kubectl(['-n', namespace, 'delete', 'pod', '-l', labels, '--wait=false']);
}

/**
 * Sends a signal to the first process of the pod's container, from the node: to a stop signal from inside its namespace the first process is deaf.
 * Returns whether there was such a process.
 */
export async function signal({ node, container }: Server, name: 'STOP' | 'CONT' | 'KILL' | 'HUP'): Promise<boolean> {
  const tasks = await onNode(node, ['ctr', '-n', 'k8s.io', 'task', 'ls']);
  const pid = tasks.split('\n').flatMap((line) => {
    const [id, number] = line.split(/\s+/);
    return id !== undefined && id === container && Number(number) > 0 ? [Number(number)] : [];
  })[0];
  if (pid === undefined) return false;
  await onNode(node, ['kill', `-${name}`, String(pid)]);
  return true;
}

/** Stops processes in their tracks: their ports accept, and they say nothing. */
export async function hang(wanted: readonly Server[]): Promise<void> {
  for (const each of wanted) if (!(await signal(each, 'STOP'))) throw new Error(`${each.pod} has no process to stop`);
}
export async function goOn(wanted: readonly Server[]): Promise<void> {
  await Promise.all(wanted.map((each) => signal(each, 'CONT')));
}

/**
 * What a client program prints that runs on the server's node, or undefined when it does not come to an end within `seconds` or the server cannot be
 * reached. Other failures of the program are thrown.
 */
export async function answer(
  { node }: Server,
  program: readonly string[],
  options: { readonly seconds?: number; readonly input?: string; readonly silent?: RegExp } = {},
): Promise<string | undefined> {
  const { seconds = 3, input, silent } = options;
  try {
    const printed = await onNode(node, ['timeout', '-k', '1', String(seconds), ...program], { ...(input === undefined ? {} : { input }) });
    return printed.trim();
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    // How timeout ends when the time was up, and when the program did not want to end.
    if (/ ended with (124|137|SIGKILL)$/m.test(error.message) || silent?.test(error.stderr) === true) return undefined;
    throw error;
  }
}

/** The directory on the node that a pod has mounted from an emptyDir. */
export const emptyDir = ({ uid }: Server, volume: string): string => `/var/lib/kubelet/pods/${uid}/volumes/kubernetes.io~empty-dir/${volume}`;
