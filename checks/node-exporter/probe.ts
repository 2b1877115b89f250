import type { HttpOutcome, ObjectRef, ProbeContext, Subject } from '../../src/model/check.ts';
import type { Node, Pod } from '../../src/model/kubernetes.ts';
import { ProbeError } from '../../src/model/problem.ts';
import { isNodeReady } from '../shared/nodes.ts';
import { condition, isFinished, namespacesOf, ownedBy } from '../shared/pods.ts';
import { reach, silenceOf } from '../shared/prometheus-reach.ts';
import { flagValue } from '../shared/prometheus-server.ts';
import { type ServerPod, serverPods } from '../shared/redis.ts';
import { oneLine } from '../shared/text.ts';
import { hostOf } from './host.ts';
import type { ExporterFacts, NodeExporterObservation } from './observation.ts';
import type { NodeExporterOptions } from './options.ts';
import type { NodeExporterRule } from './rules.ts';

type Context = ProbeContext<NodeExporterOptions, NodeExporterRule>;

const PORT = 9100;
const TIMEOUT_MS = 6000;
/** A node with hundreds of disks, network interfaces and mounts has some 2 MB. */
const MAX_BYTES = 4 * 1024 * 1024;

const OF_METRICS: readonly NodeExporterRule[] = [
  'serves-node-metrics',
  'collectors-work',
  'space-left',
  'space-spare',
  'inodes-left',
  'filesystems-writable',
  'memory-left',
  'connections-left',
  'files-left',
  'clock-agrees',
  'clock-synchronised',
];

/** Asks the exporter of every node. */
export async function probe(context: Context): Promise<NodeExporterObservation> {
  const { kube, target } = context;
  const pods = await serverPods(kube, target.pods, PORT, /node-exporter|metrics/);
  // Without a pod it has to be known that there is none: a list that may not be read shows no gap.
  const namespaces = target.pods.length === 0 ? [target.namespace] : namespacesOf(target.pods);
  const lists = await Promise.all(namespaces.map(async (namespace) => ownedBy(target.pods, namespace, await kube.list('pods', namespace))));
  const objects = lists.flat();
  const asked = await Promise.all(
    pods.map((pod) =>
      ask(
        context,
        pod,
        objects.find(({ metadata }) => metadata.name === pod.name && metadata.namespace === pod.namespace),
      ),
    ),
  );
  const coverage = await context.look('on-every-node', () => coverageOf(context, objects));
  return {
    exporters: withClocks(asked),
    ...(coverage?.wanted === undefined ? {} : { wanted: coverage.wanted }),
    uncovered: coverage?.uncovered ?? [],
    pressure: coverage?.pressure ?? {},
  };
}

interface Asked {
  readonly facts: ExporterFacts;
  /** By how much the node's clock is ahead of our own, which counts from anywhere, and how far that may be wrong. Seconds. */
  readonly ahead?: number;
  readonly uncertain?: number;
}

async function ask(context: Context, pod: ServerPod, object: Pod | undefined): Promise<Asked> {
  const { namespace, name, node } = pod;
  const container = object?.spec?.containers?.find((each) => /node-?exporter/.test(`${each.name} ${each.image ?? ''} ${each.command?.join(' ') ?? ''}`));
  const port = Number(/:(\d{1,5})$/.exec(flagValue(container, 'web.listen-address') ?? '')?.[1] ?? pod.port);
  const base = { namespace, name, node, port, status: 0, detail: '' };
  if (pod.state === 'not-running') return { facts: { ...base, state: 'not-running' } };
  const subject: Subject = { kind: 'Pod', namespace, name };
  const told = flagValue(container, 'web.telemetry-path') ?? '/metrics';
  const path = /^\/[\w/.-]*$/.test(told) ? told : '/metrics';
  const ref: ObjectRef = { namespace, name };
  const reached = await context.look(
    ['answers', ...OF_METRICS],
    async () => {
      if (pod.state === 'node-lost')
        throw new ProbeError({ reason: 'PrerequisiteFailed', message: `${namespace}/${name} cannot be asked: its node ${node} does not report.` });
      const found = await reach(context.http, ref, port, path, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES });
      return { ...found, at: performance.now() };
    },
    subject,
  );
  if (reached === undefined) return { facts: { ...base, state: 'dark' } };
  const { outcome, outside, at } = reached;
  if (outcome.kind === 'unreachable') return { facts: { ...base, state: silenceOf(outcome), detail: oneLine(outcome.message) } };
  const { status, body } = outcome;
  if (status === 401 || status === 403) {
    const message = `${namespace}/${name}:${port}${path} answers ${status}: it asks for a login.`;
    await context.look(OF_METRICS, () => Promise.reject(new ProbeError({ reason: 'NoCredentials', message, status })), subject);
    return { facts: { ...base, state: 'locked', status } };
  }
  if (status < 200 || status > 299) return { facts: { ...base, state: 'status', status, detail: oneLine(body.slice(0, 200)) } };
  const read = hostOf(body);
  if (read === undefined) return { facts: { ...base, state: 'other', status, detail: oneLine(body.slice(0, 120)) } };
  // A proxy in the same pod may lead to it from outside, with a login and TLS.
  const guarded = outside !== '' && (object?.spec?.containers?.length ?? 1) > 1;
  const facts: ExporterFacts = { ...base, status, state: outside === '' || guarded ? 'metrics' : 'loopback', detail: outside, host: read.host };
  return read.time === undefined ? { facts } : { facts, ...clockOf(outcome, read.time, at) };
}

/** The node told its time somewhere between our question and its answer. */
function clockOf({ elapsedMs }: HttpOutcome, time: number, at: number): Pick<Asked, 'ahead' | 'uncertain'> {
  return { ahead: time - (at - elapsedMs / 2) / 1000, uncertain: elapsedMs / 2000 };
}

/** With three clocks or more the middle one is taken for right. */
function withClocks(asked: readonly Asked[]): readonly ExporterFacts[] {
  const known = asked.flatMap(({ ahead }) => (ahead === undefined ? [] : [ahead])).sort((a, b) => a - b);
  const middle = known.length < 3 ? undefined : ((known[Math.floor((known.length - 1) / 2)] ?? 0) + (known[Math.ceil((known.length - 1) / 2)] ?? 0)) / 2;
  return asked.map(({ facts, ahead, uncertain = 0 }) => {
    if (facts.host === undefined || ahead === undefined || middle === undefined) return facts;
    return { ...facts, host: { ...facts.host, clock: { ahead: rounded(ahead - middle), uncertain: rounded(uncertain) } } };
  });
}

function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100;
}

/** Ready nodes without an exporter, and how many nodes its DaemonSets want to be on. */
async function coverageOf({ kube, target }: Context, pods: readonly Pod[]) {
  const sets = target.workloads.filter(({ kind }) => kind === 'DaemonSet');
  const [nodes, ...lists] = await Promise.all([
    kube.list('nodes'),
    ...(sets.length === 0 ? [target.namespace] : namespacesOf(sets)).map(async (namespace) =>
      ownedBy(sets, namespace, await kube.list('daemonsets', namespace)),
    ),
  ]);
  const daemonSets = lists.flat();
  const covered = new Set(pods.filter((pod) => !isFinished(pod)).map((pod) => pod.spec?.nodeName ?? ''));
  const wanted = daemonSets.reduce((sum, set) => sum + (set.status?.desiredNumberScheduled ?? 0), 0);
  const pressed = nodes.map((node) => [node.metadata.name, pressureOf(node)] as const).filter(([, pressure]) => pressure.length > 0);
  return {
    ...(daemonSets.length === 0 ? {} : { wanted }),
    uncovered: nodes
      .filter((node) => isNodeReady(node) && !covered.has(node.metadata.name) && node.metadata.labels?.['type'] !== 'virtual-kubelet')
      .map((node) => ({
        node: node.metadata.name,
        tainted: (node.spec?.taints ?? []).some(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute'),
      })),
    pressure: Object.fromEntries(pressed),
  };
}

function pressureOf(node: Node): readonly string[] {
  return ['DiskPressure', 'MemoryPressure'].filter((type) => condition(node.status?.conditions, type)?.status === 'True');
}
